"""Many what-ifs over one noise: set after set of facts is removed from the past, in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sim.ensemble.chunks import spans
from sim.ensemble.ensemble import CHUNKS
from sim.ensemble.settings import Settings
from sim.ensemble.work import Work
from sim.ensemble.workers import in_chunks
from sim.kernel import run as kernel
from sim.model.abduction import infer
from sim.model.compiled_scenario import CompiledScenario, Ints
from sim.model.expected import opportunities
from sim.model.replication import replicate
from sim.model.tally import outcome_value
from sim.model.walk import of

CHUNK_OPPORTUNITIES = {"kernel": 5_000_000, "reference": 150_000}
"""Opportunities of a chunk's worlds, by executor: less than a second of work. So what takes less is
one chunk, for which no worker is started, and nobody waits long to hear how far it is."""
CHUNK_VALUES = 2_000_000
"""Values that a chunk brings at most, 16 MB."""


@dataclass(frozen=True)
class Without(Work[Ints]):
    """What the worlds of a what-if come to without one set of facts after another."""

    program: CompiledScenario
    removed: Ints
    """[sets, facts] 1 for a fact that a set takes out of the past."""
    seed: int
    executor: str

    def work(self, first: int, number: int) -> Ints:
        """Return the values of replications `first` to `first + number` without each set, as in
        `Tally.values`: [number, sets, outcomes].

        Raises:
            InputError: the model holds the history impossible.
        """
        if self.executor == "kernel":
            return kernel.run_without(self.program, self.removed, self.seed, first, number)
        return self._simulate(first, number)

    def _simulate(self, first: int, number: int) -> Ints:
        """Do the same through the reference; noise is inferred once a replication."""
        past, outcomes = of(self.program), range(len(self.program.outcomes.names))
        values = np.zeros((number, len(self.removed), len(outcomes)), dtype=np.int64)
        for n in range(number):
            noise = infer(self.program, self.seed, first + n)
            for m, row in enumerate(self.removed):
                program = replace(self.program, past=replace(past, removed=row))
                situation = replicate(program, self.seed, first + n, noise=noise).situation
                values[n, m] = [outcome_value(program, situation, q) for q in outcomes]
        return values

    @property
    def chunk(self) -> int:
        """How many replications a chunk holds."""
        worlds = CHUNK_OPPORTUNITIES[self.executor] / max(1.0, opportunities(self.program))
        worlds = min(worlds, CHUNK_VALUES / len(self.program.outcomes.names))
        return min(CHUNKS["kernel"], max(1, int(worlds / len(self.removed))))

    def values(self, how: Settings) -> Iterator[tuple[int, Ints]]:
        """Run all replications and yield (first replication, values) of each chunk as it ends, in
        any order.

        Raises:
            InputError: the model holds the history impossible.
            RunError: a worker died.
        """
        yield from in_chunks(self, [*spans(how.replications, self.chunk)], how)
