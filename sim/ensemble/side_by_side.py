"""Several programs over the same noise, chunk by chunk: their tallies, and where their worlds
differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.chunks import spans
from sim.ensemble.ensemble import chunk_size
from sim.ensemble.settings import Settings
from sim.ensemble.work import Job, Work
from sim.ensemble.workers import in_chunks
from sim.log.log import STATES
from sim.model.compiled_scenario import CompiledScenario, Ints
from sim.model.tally import MAX_RASTER_CELLS, Sums, Tally, blank, shown_rows

Flips: TypeAlias = dict[str, Ints]
"""By channel, [G, 4]: in how many worlds just one of two programs has the channel in the state, by
instant of the grid and state."""


@dataclass(frozen=True)
class SideBySide(Work[tuple[list[Tally], list[Flips]]]):
    """The tallies of several programs, and the flips of all but the first against the first."""

    programs: tuple[CompiledScenario, ...]
    seed: int
    executor: str

    def work(self, first: int, number: int) -> tuple[list[Tally], list[Flips]]:
        """Run replications `first` to `first + number` of every program.

        Raises:
            InputError: the model holds the history of a what-if impossible.
        """
        whole = [
            Job(p, self.seed, self.executor, every_raster=True).work(first, number)
            for p in self.programs
        ]
        base, names = whole[0], self.programs[0].channels.names
        flips = [
            {
                name: _flips(base.raster[:, names.index(name)], tally.raster[:, c])
                for c, name in enumerate(program.channels.names)
                if name in names
            }
            for program, tally in zip(self.programs[1:], whole[1:], strict=True)
        ]
        kept = [
            replace(tally, raster=tally.raster[: shown_rows(program, number, first)])
            for program, tally in zip(self.programs, whole, strict=True)
        ]
        return kept, flips


def _flips(a: NDArray[np.int8], b: NDArray[np.int8]) -> Ints:
    """Count in how many rows just one of two rasters, [N, G], has each state: [G, 4]."""
    unlike = (a != b).any(axis=1)
    a, b = a[unlike], b[unlike]
    return np.stack([((a == s) != (b == s)).sum(axis=0) for s in range(len(STATES))], axis=1)


def side_by_side(
    programs: Sequence[CompiledScenario], how: Settings
) -> tuple[list[Tally], list[Flips]]:
    """Run programs that share a grid over the same noise; return the tally of each, as
    `sim.ensemble.ensemble` does, and the flips of all but the first against the first.

    Raises:
        InputError: the model holds the history of a what-if impossible.
        RunError: a worker died.
    """
    cells = max(len(p.channels.names) * len(p.grid_s) for p in programs)
    fitting = max(1, MAX_RASTER_CELLS // cells)
    size = min(fitting, *(chunk_size(p, how.executor) for p in programs))
    sums = [Sums(blank(p, how.replications)) for p in programs]
    total: list[Flips] = [{} for _ in programs[1:]]
    job = SideBySide(tuple(programs), how.seed, how.executor)
    how.tell(0)
    for first, (tallies, flips) in in_chunks(job, [*spans(how.replications, size)], how):
        for sum_, tally in zip(sums, tallies, strict=True):
            sum_.add(first, tally)
        for all_, some in zip(total, flips, strict=True):
            for name, counts in some.items():
                all_[name] = all_.get(name, 0) + counts
        how.tell(sums[0].done)
    return [s.total for s in sums], total
