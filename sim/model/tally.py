"""The tally: what an ensemble keeps of its replications, in whole numbers, so that adding up is
exact and neither chunks nor workers can change a result."""

from __future__ import annotations

import io
import zipfile
from bisect import bisect_right
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from sim.log.events import KINDS
from sim.log.log import STATES
from sim.model.compiled_scenario import VIEWS, CompiledScenario, Ints
from sim.model.situation import Situation
from sim.scenario.outcomes import HELD, MEASURES

MAX_RASTER_ROWS = 400
MAX_RASTER_CELLS = 20_000_000


@dataclass(frozen=True)
class Tally:
    """The sums over N replications of a program with C channels, G grid instants, Q outcomes."""

    values: Ints
    """[N, Q] one row a replication: 0 or 1 for yes-or-no outcomes, seconds in the state for
    `share_of_days`, seconds from its start for `first_time` and -1 where it never came, less `HELD`
    where the state holds at the start."""
    occupancy: Ints
    """[C, 3, G, 4] replications by channel, view, instant and state."""
    moves: Ints
    """[C, 3, 4, 4] changes of state while observed, from and to."""
    exposure_s: Ints
    """[C, 3, 4] seconds spent in each state while observed."""
    events: Ints
    """[kinds] events while observed."""
    raster: NDArray[np.int8]
    """[rows, C, G] the observer's states, of the first replications only."""

    @property
    def replications(self) -> int:
        """How many replications it holds."""
        return len(self.values)


def raster_rows(program: CompiledScenario) -> int:
    """Return how many replications a raster shows at most."""
    cells = len(program.channels.names) * len(program.grid_s)
    return max(1, min(MAX_RASTER_ROWS, MAX_RASTER_CELLS // cells))


def shown_rows(program: CompiledScenario, replications: int, first: int) -> int:
    """Return how many of replications `first` and on a raster shows."""
    return max(0, min(replications, raster_rows(program) - first))


def blank(
    program: CompiledScenario, replications: int, first: int = 0, *, every_raster: bool = False
) -> Tally:
    """Return a tally of zeros for replications `first` and on; with `every_raster` its raster has
    room for all of them."""
    c, g = len(program.channels.names), len(program.grid_s)
    rows = replications if every_raster else shown_rows(program, replications, first)
    return Tally(
        values=np.zeros((replications, len(program.outcomes.names)), dtype=np.int64),
        occupancy=np.zeros((c, VIEWS, g, len(STATES)), dtype=np.int64),
        moves=np.zeros((c, VIEWS, len(STATES), len(STATES)), dtype=np.int64),
        exposure_s=np.zeros((c, VIEWS, len(STATES)), dtype=np.int64),
        events=np.zeros(len(KINDS), dtype=np.int64),
        raster=np.zeros((rows, c, g), dtype=np.int8),
    )


def to_npz(tally: Tally) -> bytes:
    """Write a tally as the bytes of an `.npz` file."""
    content = io.BytesIO()
    np.savez(content, **{f.name: getattr(tally, f.name) for f in fields(Tally)})
    return content.getvalue()


def from_npz(content: bytes, like: Tally) -> Tally | None:
    """Read what `to_npz` wrote; None where it is damaged, or not of the shapes of `like`."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            for f in fields(Tally):  # a few bytes may unpack to more than there is memory
                if arrays.zip.getinfo(f"{f.name}.npy").file_size > _packed(getattr(like, f.name)):
                    return None
            found = Tally(**{f.name: arrays[f.name] for f in fields(Tally)})
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile):
        return None
    shapes = ((getattr(found, f.name).shape, getattr(like, f.name).shape) for f in fields(Tally))
    return found if all(a == b for a, b in shapes) else None


def _packed(array: Any) -> int:
    """Return how many bytes an array takes in a file at most, its head included."""
    return int(np.asarray(array).nbytes) + 10_000


class Sums:
    """Adds up the tallies of chunks as they come, in any order, in the memory of one tally."""

    def __init__(self, total: Tally) -> None:
        """`total` is the `blank` tally of all replications; it is written to."""
        self.total = total
        self.done = 0
        """Replications added so far."""

    def add(self, first: int, tally: Tally) -> None:
        """Add the tally of replications `first` and on."""
        total, rows = self.total, len(tally.raster)
        total.values[first : first + tally.replications] = tally.values
        total.raster[first : first + rows] = tally.raster
        for name in ("occupancy", "moves", "exposure_s", "events"):
            sum_ = getattr(total, name)
            sum_ += getattr(tally, name)
        self.done += tally.replications


def count(program: CompiledScenario, situation: Situation, tally: Tally, row: int) -> None:
    """Add one finished replication, the `row`-th of the tally."""
    start, until = program.observe_s, program.until_s
    for c, views in enumerate(situation.path):
        for v, path in enumerate(views):
            times = [t for t, _, _ in path]
            places = [max(0, bisect_right(times, g) - 1) for g in program.grid_s.tolist()]
            states = np.array([path[p][1] for p in places])
            tally.occupancy[c, v, np.arange(len(states)), states] += 1
            if v == 0 and row < len(tally.raster):
                tally.raster[row, c] = states
            ends = [*times[1:], until]
            for n, (t, state, _) in enumerate(path):
                tally.exposure_s[c, v, state] += max(0, ends[n] - max(t, start))
                if n > 0 and t >= start:
                    tally.moves[c, v, path[n - 1][1], state] += 1
    for happening in situation.happenings:
        if happening.at_s >= start:
            tally.events[happening.kind] += 1
    for q in range(len(program.outcomes.names)):
        tally.values[row, q] = outcome_value(program, situation, q)


def outcome_value(program: CompiledScenario, situation: Situation, q: int) -> int:
    """Return the value of the q-th outcome in one replication; see `Tally.values`."""
    asked = program.outcomes
    measure, lo, hi = MEASURES[asked.type[q]], int(asked.lo_s[q]), int(asked.hi_s[q])
    channel = int(asked.channel[q])
    counts: list[int] = asked.states[q].tolist()
    if measure == "event_by":
        found = sum(
            h.persons if asked.people[q] else 1
            for h in situation.happenings
            if asked.kinds[q, h.kind]
            and lo <= h.at_s < hi
            and (channel < 0 or channel in situation.channels_of(h))
            and (asked.by[q] < 0 or h.by == asked.by[q])
        )
        return int(found >= asked.at_least[q])
    path = situation.path[channel][int(asked.view[q])]
    times = [t for t, _, _ in path]

    def state_at(instant: int) -> int:
        return path[max(0, bisect_right(times, instant) - 1)][1]

    held = counts[state_at(lo - 1)]
    entered = (t for (_, a, _), (t, b, _) in pairwise(path) if t >= lo and counts[b] > counts[a])
    first_s = next((t - lo for t in entered), -1)

    match measure:
        case "state_at":
            return counts[state_at(hi - 1)]
        case "share_of_days":
            ends = [*times[1:], program.until_s]
            spans = zip(path, ends, strict=True)
            return sum(max(0, min(e, hi) - max(t, lo)) for (t, s, _), e in spans if counts[s])
        case "first_time":
            return first_s - HELD if held else first_s
        case "state_by":
            return int(held or 0 <= first_s < hi - lo)
        case _:
            assert_never(measure)
