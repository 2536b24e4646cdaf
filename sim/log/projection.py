"""Projections: what a viewpoint makes of a log. Pure folds; nothing is drawn.

The observer and each party fold the same log and may get different states, because an event
carries each side's account of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sim.ground.dates import DAY_S, parse, seconds
from sim.log.events import ON_CHANNEL, Event
from sim.log.kinds import KIND_RULES
from sim.log.log import Log, State
from sim.log.order import canonical_times, in_order
from sim.log.rulebook import OBSERVER, Rulebook, Standing, read
from sim.rules.contact import NEVER


@dataclass(frozen=True)
class Interval:
    """A stretch of time in which a channel is in one state, from one viewpoint."""

    channel: str
    viewpoint: str
    state: State
    start_s: int
    end_s: int
    """Exclusive."""
    event: str | None
    """The event that began the state; None at the start and after a lapse."""
    lapsed: bool


def instant_of(at: str | int | date | datetime) -> int:
    """Return the last second that `at` covers: a date counts to its end.

    Raises:
        ValueError: a text that is no EDTF date.
    """
    if isinstance(at, int):
        return at
    if isinstance(at, datetime):
        return seconds(at)
    return parse(str(at)).hi_s - 1


def known_until(log: Log, end_s: int) -> Log:
    """Return the part of a log that lies wholly before an instant."""
    events = tuple(e for e in log.events if parse(e.date).hi_s <= end_s)
    return log.model_copy(update={"events": events})


def viewpoints(log: Log, channel: str) -> tuple[str, ...]:
    """List the viewpoints on a channel: the observer, then its parties in order."""
    return (OBSERVER, *sorted(log.channels[channel].parties))


def starts(log: Log, times: dict[str, int]) -> dict[str, int]:
    """Return the instant from which each channel's initial state counts."""
    first = min((min(times[e.id], parse(e.date).lo_s) for e in log.events), default=0)
    return {
        id_: parse(channel.since).lo_s if channel.since else first - first % DAY_S
        for id_, channel in log.channels.items()
    }


if any(rule.effect for kind, rule in KIND_RULES.items() if kind not in ON_CHANNEL):
    raise TypeError("a kind of event that moves a channel must name it: see `Course.moving`")


@dataclass(frozen=True)
class Course:
    """The events of a log as every fold of it meets them: found once, for all its channels."""

    times: Mapping[str, int]
    """Each event's instant."""
    starts: Mapping[str, int]
    """The instant from which each channel's initial state counts."""
    events: Sequence[Event]
    """All events, in order."""
    moving: Mapping[str, Sequence[Event]]
    """By channel the events that can move it, in order: those of the world move none."""


def course_of(log: Log, times: dict[str, int] | None = None) -> Course:
    """Order a log's events for its folds. `times` holds each event's instant; the canonical ones
    where it is None."""
    times = canonical_times(log.events) if times is None else times
    events = in_order(log.events, times)
    moving: dict[str, list[Event]] = {channel: [] for channel in log.channels}
    for event in events:
        if event.channel in moving:
            moving[event.channel].append(event)
    return Course(times, starts(log, times), events, moving)


def rules_of(log: Log, channel: str) -> Rulebook:
    """Return the rules by which a log moves a channel."""
    setup = log.channels[channel]
    complete = setup.complete_from
    return Rulebook(setup.lapse_days, NEVER if complete is None else parse(complete).lo_s)


def standings(
    log: Log,
    channel: str,
    viewpoint: str = OBSERVER,
    *,
    course: Course | None = None,
) -> list[tuple[int, Event | None, Standing]]:
    """Fold one channel from one viewpoint.

    Returns (instant, event, standing after it) for the start and then for every event of the
    channel, in order. `course` spares the sorting to who folds several channels.
    """
    course = course or course_of(log)
    reach = [e for e in course.events if e.channel in (channel, None)]
    return _folded(log, channel, viewpoint, course, reach)


def _folded(
    log: Log, channel: str, viewpoint: str, course: Course, events: Iterable[Event]
) -> list[tuple[int, Event | None, Standing]]:
    rules, start, times = rules_of(log, channel), course.starts[channel], course.times
    standing = rules.begin(log.channels[channel].initial, start)
    steps: list[tuple[int, Event | None, Standing]] = [(start, None, standing)]
    for event in events:
        standing = rules.apply(standing, event.id, read(event, viewpoint), times[event.id])
        steps.append((times[event.id], event, standing))
    return steps


def project(
    log: Log,
    viewpoint: str = OBSERVER,
    at: str | int | date | datetime | None = None,
) -> dict[str, Standing]:
    """Return the standing of every channel from a viewpoint at the end of a day.

    Before a channel's start, which `since` or the first event gives, its state is not known: None.
    `at` is an EDTF date (its end counts), a date, a datetime, or seconds since 1970; None means
    after the last event. Party viewpoints get the channels that the party has a part in.

    Raises:
        ValueError: a viewpoint that no channel of the log has, or an impossible date.
    """
    course = course_of(log)
    at_s = max(course.times.values(), default=0) if at is None else instant_of(at)
    seen = {c: v for c in log.channels for v in viewpoints(log, c) if v == viewpoint}
    if not seen:
        known = sorted({v for c in log.channels for v in viewpoints(log, c)})
        raise ValueError(f"the viewpoint must be one of {', '.join(known)}")
    found = {}
    for channel in sorted(seen):
        steps = _folded(log, channel, viewpoint, course, course.moving[channel])
        before = [s for t, _, s in steps if t <= at_s]
        if before and at_s >= steps[0][0]:
            found[channel] = rules_of(log, channel).settle(before[-1], at_s)
        else:
            found[channel] = replace(steps[0][2], state=None)
    return found


def timeline(
    log: Log,
    channel: str,
    viewpoint: str = OBSERVER,
    *,
    end_s: int | None = None,
    course: Course | None = None,
) -> list[Interval]:
    """Return the states of a channel from a viewpoint as contiguous intervals, lapses included.

    The last interval ends at `end_s`, by default a day after the last event. `course` spares the
    sorting to who folds several channels.
    """
    rules, course = rules_of(log, channel), course or course_of(log)
    steps = _folded(log, channel, viewpoint, course, course.moving[channel])
    if end_s is None:
        reach = (course.times[e.id] for e in course.events if e.channel in (channel, None))
        end_s = max([steps[0][0], *reach]) + DAY_S
    changes: list[Standing] = []
    for i, (t, _, standing) in enumerate(steps):
        if t >= end_s and changes:
            break
        if not changes or changes[-1] != standing:
            changes.append(standing)
        following = steps[i + 1][0] if i + 1 < len(steps) else end_s
        while (ends := rules.expiry(standing)) is not None and ends <= min(following, end_s - 1):
            standing = rules.settle(standing, ends)
            changes.append(standing)
    return _joined(channel, viewpoint, changes, end_s)


def _joined(channel: str, viewpoint: str, changes: Iterable[Standing], end: int) -> list[Interval]:
    """Join standings of the same state, and drop states that held for no time."""
    begun: list[Standing] = []
    for standing in changes:
        while begun and begun[-1].since_s >= standing.since_s and begun[-1] != standing:
            begun.pop()
        if not begun or begun[-1].state != standing.state:
            begun.append(standing)
    ends = [s.since_s for s in begun[1:]] + [end]
    return [
        Interval(channel, viewpoint, s.state, s.since_s, e, s.event, s.lapsed)
        for s, e in zip(begun, ends, strict=True)
        if e > s.since_s and s.state is not None
    ]


def disagreement(first: Iterable[Interval], second: Iterable[Interval]) -> float:
    """Return the share of time, in [0, 1], in which two timelines of a channel differ in state.

    Both must cover some common time; only that counts.

    Raises:
        ValueError: the timelines have no time in common.
    """
    a, b = list(first), list(second)
    if not a or not b:
        raise ValueError("the timelines have no time in common")
    lo = max(a[0].start_s, b[0].start_s)
    hi = min(a[-1].end_s, b[-1].end_s)
    if hi <= lo:
        raise ValueError("the timelines have no time in common")
    differing = i = j = 0
    while i < len(a) and j < len(b):  # both are in order of time, so one walk along them is enough
        x, y = a[i], b[j]
        if x.state != y.state:
            differing += max(0, min(x.end_s, y.end_s, hi) - max(x.start_s, y.start_s, lo))
        i, j = (i + 1, j) if x.end_s <= y.end_s else (i, j + 1)
    return differing / (hi - lo)
