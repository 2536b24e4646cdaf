"""The days on which the states of codings differ."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sim.ground.dates import DAY_S, day, parse
from sim.log.log import Log, State
from sim.log.projection import Interval, course_of, timeline, viewpoints


@dataclass(frozen=True)
class Stretch:
    """Days in a row on whose evenings the codings have a channel in the same states."""

    channel: str
    viewpoint: str
    first: str
    last: str
    days: int
    states: tuple[State | None, ...]
    """Each coding's state; None where it is not known."""

    @property
    def differs(self) -> bool:
        """Whether the codings do not all have the same state."""
        return len(set(self.states)) > 1

    @property
    def known(self) -> bool:
        """Whether every coding knows the state."""
        return None not in self.states


def stretches(
    logs: Mapping[str, Log], channel: str, viewpoint: str, start_s: int | None, end_s: int | None
) -> list[Stretch]:
    """Compare the states of a channel, from the day on which all codings have begun.

    The last day is that of the last event that one of them has, or the day before `end_s`.
    """
    courses = [course_of(log) for log in logs.values()]
    if end_s is None:
        last = [c.times[e.id] for c in courses for e in c.reach(channel)]
        end_s = max(last, default=0) // DAY_S * DAY_S + DAY_S
    lines = [
        timeline(log, channel, viewpoint, end_s=end_s, course=course)
        for log, course in zip(logs.values(), courses, strict=True)
    ]
    if not all(lines):
        return []
    begun = [line[0].start_s // DAY_S for line in lines]
    first = max([*begun, *([] if start_s is None else [start_s // DAY_S])])
    end = end_s // DAY_S
    bounds = sorted({first, end, *(i.start_s // DAY_S for line in lines for i in line)})
    found: list[Stretch] = []
    for at, following in pairwise(bounds):
        if at < first or following > end:
            continue
        states = tuple(_evening(line, at) for line in lines)
        begins = day(at * DAY_S).isoformat()
        before = found[-1] if found else None
        days = following - at
        if before is not None and before.states == states:
            found.pop()
            begins, days = before.first, days + before.days
        ends = day((following - 1) * DAY_S).isoformat()
        found.append(Stretch(channel, viewpoint, begins, ends, days, states))
    return found


def _evening(line: list[Interval], at: int) -> State | None:
    """Return the state at the last second of a day, counted from 1970."""
    last = (at + 1) * DAY_S - 1
    place = bisect(line, last, key=lambda interval: interval.start_s) - 1
    return line[place].state if place >= 0 else None


def shared_viewpoints(logs: Mapping[str, Log], channel: str) -> list[str]:
    """List the viewpoints on a channel that all codings have."""
    first, *rest = (viewpoints(log, channel) for log in logs.values())
    return [v for v in first if all(v in known for known in rest)]


def days_compared(found: Iterable[Stretch], channel: str) -> tuple[int, int]:
    """Return the first instant of the days on which a channel is compared, and the one after the
    last; the same where there is none."""
    known = [(parse(s.first).lo_s, parse(s.last).hi_s) for s in found if s.channel == channel]
    return (min(a for a, _ in known), max(b for _, b in known)) if known else (0, 0)
