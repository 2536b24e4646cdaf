"""Many programs over one noise: points of a study at which only what they come to is asked."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ensemble.work import Work
from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario, Ints


@dataclass(frozen=True)
class Points(Work[list[Ints]]):
    """What the worlds of one program after another come to; a chunk is some of the programs."""

    programs: tuple[CompiledScenario, ...]
    seed: int
    replications: int
    executor: str = "kernel"

    def work(self, first: int, number: int) -> list[Ints]:
        """Run programs `first` to `first + number`; return the values of each, as in
        `Tally.values`: [replications, outcomes].

        Raises:
            InputError: the model holds the history of a what-if impossible.
        """
        return [
            kernel.run(program, self.seed, 0, self.replications)[0].values
            for program in self.programs[first : first + number]
        ]
