"""What is done to every chunk of an ensemble, wherever: here, in a process, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario
from sim.model.players import Player
from sim.model.replication import replicate
from sim.model.tally import Tally, blank, count

T = TypeVar("T")
Chunk = tuple[int, int]
"""The first replication of a chunk, and how many it holds."""

Progress = Callable[[int, int], None]
"""Called with the replications done so far and in all."""


class Work(Generic[T]):
    """What every chunk of an ensemble has in common; it can be sent to another process."""

    executor: str

    def work(self, first: int, number: int) -> T:
        """Run replications `first` to `first + number`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Job(Work[Tally]):
    """The tally of an ensemble, chunk by chunk."""

    program: CompiledScenario
    seed: int
    executor: str
    every_raster: bool = False
    """Whether the raster holds all replications, and not the first alone."""

    def work(self, first: int, number: int) -> Tally:
        """Run replications `first` to `first + number`.

        Raises:
            InputError: the model holds the history of a what-if impossible.
        """
        if self.executor == "kernel":
            every = self.every_raster
            return kernel.run(self.program, self.seed, first, number, every_raster=every)[0]
        return simulate(self.program, self.seed, first, number, every_raster=self.every_raster)


def simulate(
    program: CompiledScenario,
    seed: int,
    first: int,
    number: int,
    players: Mapping[str, Player] | None = None,
    answers: dict[int, list[bool | None]] | None = None,
    *,
    every_raster: bool = False,
) -> Tally:
    """Run replications `first` to `first + number` through the reference, one after the other.

    What players answer in each replication goes to `answers`.
    """
    tally = blank(program, number, first, every_raster=every_raster)
    for row in range(number):
        world = replicate(program, seed, first + row, players)
        count(program, world.situation, tally, row)
        if answers is not None:
            answers[first + row] = world.answered_by_players
    return tally
