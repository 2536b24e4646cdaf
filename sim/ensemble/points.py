"""Many programs, each in some worlds of which only the values are asked: the points of a study."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ensemble.work import Chunk, Work
from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario, Ints


@dataclass(frozen=True)
class Points(Work[list[Ints]]):
    """What the worlds of one program after another come to; a chunk is some of the programs."""

    programs: tuple[CompiledScenario, ...]
    worlds: tuple[Chunk, ...]
    """The first replication of each program, and how many."""
    seed: int
    executor: str = "kernel"

    def work(self, first: int, number: int) -> list[Ints]:
        """Run programs `first` to `first + number`; return the values of each, as in
        `Tally.values`: [replications, outcomes].

        Raises:
            InputError: the model holds the history of a what-if impossible.
        """
        some = slice(first, first + number)
        return [
            kernel.run(program, self.seed, *worlds)[0].values
            for program, worlds in zip(self.programs[some], self.worlds[some], strict=True)
        ]
