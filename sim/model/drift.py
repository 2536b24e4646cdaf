"""The drift of inclinations in one replication of the readable executor."""

from __future__ import annotations

from sim.ground.draws import uniforms
from sim.model.compiled_scenario import CompiledScenario
from sim.rules.drift import step_of, walked


class Walks:
    """How far each inclination has gone, in logits. Each walk is drawn as far as it is asked for;
    its draws depend on nothing but its name, the seed and the replication."""

    def __init__(self, program: CompiledScenario, seed: int, replication: int) -> None:
        self.drift, self.as_of_s = program.drift, program.as_of_s
        self.seed, self.replication = seed, replication
        self.ways: list[list[float]] = [[0.0] for _ in program.drift.kept]

    def at(self, row: int, decision: int, at_s: int) -> float:
        """Return how far an inclination has gone by an instant; 0 up to the as-of date."""
        walk = int(self.drift.walk[row, decision])
        if walk < 0:
            return 0.0
        step, way = step_of(at_s - self.as_of_s, self.drift.steps), self.ways[walk]
        kept, scatter = float(self.drift.kept[walk]), float(self.drift.scatter[walk])
        lo, hi = self.drift.key[walk].tolist()
        while len(way) <= step:
            chance, _ = uniforms(self.seed, lo, hi, self.replication, len(way))
            way.append(walked(way[-1], kept, scatter, chance))
        return way[step]
