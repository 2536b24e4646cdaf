"""Projections: what a viewpoint makes of a log. Pure folds; nothing is drawn.

The observer, each party and the public fold the same log and may get different states, because an
event carries each side's account of it, and says who knew.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sim.ground.dates import DAY_S, parse, seconds
from sim.log.events import ON_CHANNEL, Event
from sim.log.kinds import KIND_RULES, Why
from sim.log.knowing import PUBLIC, is_open_to_all, known_from
from sim.log.log import Log, State
from sim.log.order import canonical_times, in_order
from sim.log.redated import cut_short
from sim.log.rulebook import OBSERVER, Rulebook, Standing, read
from sim.rules.contact import DEAD, NEVER


@dataclass(frozen=True)
class Interval:
    """A stretch of time in which a channel is in one state, from one viewpoint."""

    channel: str
    viewpoint: str
    state: State | None
    """The state; None where it is not known."""
    start_s: int
    end_s: int
    """Exclusive."""
    event: str | None
    """The event that began the state; None at the start and after a lapse."""
    lapsed: bool
    why: Why | None = None
    """Why the state holds; None where it is not known."""


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
    events = tuple(cut_short(e, end_s) for e in log.events if parse(e.date).hi_s <= end_s)
    return log.model_copy(update={"events": events})


def viewpoints(log: Log, channel: str) -> tuple[str, ...]:
    """List the viewpoints on a channel: the observer, its parties in order, and the public where
    not everybody knew of each event on its day."""
    known = (OBSERVER, *sorted(log.channels[channel].parties))
    on_it = (e for e in log.events if channel in (e.channel, *e.also_on))
    return known if all(map(is_open_to_all, on_it)) else (*known, PUBLIC)


def sees(log: Log, viewpoint: str) -> list[str]:
    """List the channels that a viewpoint has a view of.

    Raises:
        ValueError: no channel of the log has that viewpoint.
    """
    channels = sorted(log.channels)
    if viewpoint in (OBSERVER, PUBLIC):
        return channels
    found = [c for c in channels if viewpoint in log.channels[c].parties]
    if not found:
        raise ValueError(f"the viewpoint must be one of {', '.join(every_viewpoint(log))}")
    return found


def every_viewpoint(log: Log) -> list[str]:
    """List the viewpoints that a log can be folded from."""
    return sorted({OBSERVER, PUBLIC, *(p for c in log.channels.values() for p in c.parties)})


if any(rule.effect for kind, rule in KIND_RULES.items() if kind not in ON_CHANNEL):
    raise TypeError("a kind of event that moves a channel must name it: see `Course.moving`")


@dataclass(frozen=True)
class Course:
    """The events of a log as every fold of it meets them: found once, for all its channels."""

    times: Mapping[str, int]
    """Each event's instant."""
    events: Sequence[Event]
    """All events, in order."""
    moving: Mapping[str, Sequence[Event]]
    """By channel the events that can move it, in order: those of the world move none."""
    first_s: int
    """The first instant of the first event; 0 where there is none."""
    open_to_all: bool
    """Whether everybody knew of each event on its day."""

    def reach(self, channel: str) -> list[Event]:
        """List the events on a channel and those of the world, in order."""
        return [e for e in self.events if e.channel is None or channel in (e.channel, *e.also_on)]


def course_of(log: Log, times: dict[str, int] | None = None) -> Course:
    """Order a log's events for its folds. `times` holds each event's instant; the canonical ones
    where it is None."""
    times = canonical_times(log.events) if times is None else times
    events = in_order(log.events, times)
    moving: dict[str, list[Event]] = {channel: [] for channel in log.channels}
    for event in events:
        for channel in (event.channel, *event.also_on):
            if channel in moving:
                moving[channel].append(event)
    first = min((_earliest(e, times) for e in events), default=0)
    return Course(times, events, moving, first, all(map(is_open_to_all, events)))


def _earliest(event: Event, times: Mapping[str, int]) -> int:
    return min(times[event.id], parse(event.date).lo_s)


def known_events(
    log: Log, events: Iterable[Event], viewpoint: str, course: Course, end_s: int | None = None
) -> list[tuple[int, int, Event]]:
    """List the events that a viewpoint knows of before an instant, in the order in which it comes
    to know of them, each after that instant and its place in the order of the log."""
    found = []
    for n, event in enumerate(events):
        since = known_from(event, viewpoint, course.times[event.id], by_run=log.by_run)
        if since is not None and (end_s is None or since < end_s):
            found.append((since, n, event))
    return sorted(found, key=lambda known: known[:2])


def start_of(log: Log, channel: str, viewpoint: str, course: Course, end_s: int | None) -> int:
    """Return the instant from which a channel's initial state counts, as far as a viewpoint can
    tell before an instant."""
    since = log.channels[channel].since
    if since is not None:
        return parse(since).lo_s
    first = course.first_s
    if viewpoint == PUBLIC or (not course.open_to_all and viewpoint != OBSERVER):
        end_s = end_s if viewpoint == PUBLIC else None
        known = known_events(log, course.events, viewpoint, course, end_s)
        nothing = 0 if end_s is None else end_s - 1  # who knows nothing sees the last day alone
        first = min((_earliest(e, course.times) for _, _, e in known), default=nothing)
    return first - first % DAY_S


def rules_of(log: Log, channel: str, *, witnessed: bool = False) -> Rulebook:
    """Return the rules by which a log moves a channel. By those of what is `witnessed` every
    contact counts from its own day, and silence ends it, whether or not the log is complete."""
    setup = log.channels[channel]
    complete = DEAD if witnessed else complete_s(log, channel)
    return Rulebook(setup.lapse_days, complete, setup.line, setup.leave_out, witnessed)


def complete_s(log: Log, channel: str) -> int:
    """Return from when silence on a channel is evidence; NEVER where the log does not say it, or
    its sources cannot show all contact."""
    setup = log.channels[channel]
    complete = setup.complete_from if setup.tells_silence else None
    return NEVER if complete is None else parse(complete).lo_s


Step = tuple[int, Event | None, Standing]


def standings(
    log: Log, channel: str, viewpoint: str = OBSERVER, *, course: Course | None = None
) -> list[Step]:
    """Fold one channel from one viewpoint as the parties of a run do: where silence is no evidence
    a state goes on.

    Returns (instant, event, standing after it) for the start and then for every event that the
    viewpoint knows of, on the channel or of the world, in order. `course` spares the sorting to who
    folds several channels.
    """
    course = course or course_of(log)
    reach = course.reach(channel)
    return _folded(log, channel, viewpoint, course, reach, rules_of(log, channel))


def _folded(
    log: Log,
    channel: str,
    viewpoint: str,
    course: Course,
    events: Iterable[Event],
    rules: Rulebook,
    end_s: int | None = None,
) -> list[Step]:
    """Fold events as a viewpoint comes to know of them before `end_s`, each as of its own date."""
    start = start_of(log, channel, viewpoint, course, end_s)
    begun = shown = rules.begin(log.channels[channel].initial, start)
    steps: list[Step] = [(start, None, begun)]
    known = known_events(log, events, viewpoint, course, end_s)
    late = any(since > course.times[event.id] for since, _, event in known)
    order: list[tuple[int, Event]] = []
    folded: list[Standing] = []
    for since, n, event in known:
        place = bisect(order, n, key=lambda other: other[0])
        order.insert(place, (n, event))
        del folded[place:]  # what was known already, and happened later, is folded once more
        for _, e in order[place:]:
            before = folded[-1] if folded else begun
            to_s = None if e.last_day is None else parse(e.last_day).hi_s
            at_s = course.times[e.id]
            folded.append(rules.apply(before, e.id, read(e, viewpoint), at_s, to_s))
        shown = _as_known(rules, shown, folded[-1], event, since) if late else folded[-1]
        steps.append((since, event, shown))
    return steps


def _as_known(
    rules: Rulebook, shown: Standing, folded: Standing, event: Event, at_s: int
) -> Standing:
    """Return a standing as somebody has it who learns of an event at an instant: what changes by
    it changes then."""
    before, after = rules.settle(shown, at_s), rules.settle(folded, at_s)
    if after.since_s == at_s:
        return after
    if after.state == before.state:
        return replace(before, contact_s=after.contact_s, until=after.until)
    why = KIND_RULES[event.kind].why if after.state == "cut_off" else "event"
    return replace(after, since_s=at_s, event=event.id, lapsed=False, why=why)


def project(
    log: Log,
    viewpoint: str = OBSERVER,
    at: str | int | date | datetime | None = None,
) -> dict[str, Standing]:
    """Return the standing of every channel from a viewpoint at the end of a day.

    The state is None where it is not known: before a channel's start, which `since` or the first
    event gives, and where nothing keeps it alive and the log is not complete. `at` is an EDTF date
    (its end counts), a date, a datetime, or seconds since 1970; None means after the last event.
    Party viewpoints get the channels that the party has a part in.

    Raises:
        ValueError: a viewpoint that no channel of the log has, or an impossible date.
    """
    course = course_of(log)
    at_s = max(course.times.values(), default=0) if at is None else instant_of(at)
    found = {}
    for channel in sees(log, viewpoint):
        events = course.moving[channel]
        ended = []
        for rules in _both_rules(log, channel):
            steps = _folded(log, channel, viewpoint, course, events, rules, at_s + 1)
            ended.append(rules.settle(steps[-1][2], at_s))
        taken, seen = ended[0], ended[-1]
        has_events = len(steps) > 1 if viewpoint == PUBLIC else bool(events)
        known = taken if log.by_run else _known(log, channel, taken, seen, has_events)
        found[channel] = (
            known if at_s >= steps[0][0] else replace(steps[0][2], state=None, why=None)
        )
    return found


def _both_rules(log: Log, channel: str) -> list[Rulebook]:
    """Return the rules of what is taken to be so, and of what is witnessed. A run's log, which
    holds all of its world, needs the first alone."""
    rules = [rules_of(log, channel)]
    return rules if log.by_run else [*rules, rules_of(log, channel, witnessed=True)]


def _known(log: Log, channel: str, taken: Standing, seen: Standing, has_events: bool) -> Standing:
    """Return what is known of a channel by what is taken to be so and what is witnessed.

    A state that contact keeps alive is known, and so is an end that is coded. What silence has
    ended is cut off where the log is complete, and not known elsewhere. Of a channel without events
    nothing is known, but a standing line stands without any, whoever looks: were it not known to
    who knows of no event, that would tell that there is one.
    """
    unknown = replace(seen, state=None, event=None, lapsed=False, why=None)
    complete = complete_s(log, channel)
    begins = log.channels[channel]
    stands = begins.line or begins.initial == "cut_off"
    if not has_events and complete == NEVER and not stands:
        return unknown
    if seen.state != "cut_off" or not seen.lapsed or seen.since_s >= complete:
        return seen
    return taken if taken.state == "cut_off" else unknown


def timeline(
    log: Log,
    channel: str,
    viewpoint: str = OBSERVER,
    *,
    end_s: int | None = None,
    course: Course | None = None,
) -> list[Interval]:
    """Return the states of a channel from a viewpoint as contiguous intervals, lapses included.

    The state is None where it is not known. The last interval ends at `end_s`, by default a day
    after the last event that the viewpoint comes to know of. `course` spares the sorting to who
    folds several channels.
    """
    course = course or course_of(log)
    if end_s is None:
        known = known_events(log, course.reach(channel), viewpoint, course)
        start = start_of(log, channel, viewpoint, course, None)
        end_s = max([start, *(since for since, _, _ in known)]) + DAY_S
    folds = []
    for rules in _both_rules(log, channel):
        events = course.moving[channel]
        steps = _folded(log, channel, viewpoint, course, events, rules, end_s)
        folds.append(_begun(_changes(rules, steps, end_s)))
    found = folds[0]
    if not log.by_run:
        taken, seen = folds
        has_events = len(steps) > 1 if viewpoint == PUBLIC else bool(events)
        bounds = sorted({s.since_s for s in (*taken, *seen)})
        found = [
            replace(_known(log, channel, a, b, has_events), since_s=at_s)
            for at_s in bounds
            for a, b in ((_at(taken, at_s), _at(seen, at_s)),)
        ]
    return _joined(channel, viewpoint, found, end_s)


def known_only(intervals: Iterable[Interval]) -> list[Interval]:
    """Leave out the time in which the state is not known; a state that is the same before and after
    it is one."""
    found: list[Interval] = []
    for interval in intervals:
        if interval.state is None:
            continue
        if found and found[-1].state == interval.state:
            found[-1] = replace(found[-1], end_s=interval.end_s)
        else:
            found.append(interval)
    return found


def _changes(rules: Rulebook, steps: Sequence[Step], end_s: int) -> list[Standing]:
    """List the standings of a fold up to an instant, lapses included."""
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
    return changes


def _begun(changes: Iterable[Standing]) -> list[Standing]:
    """List standings by when they began, without those that held for no time."""
    begun: list[Standing] = []
    for standing in changes:
        while begun and begun[-1].since_s >= standing.since_s and begun[-1] != standing:
            begun.pop()
        begun.append(standing)
    return begun


def _at(begun: Sequence[Standing], at_s: int) -> Standing:
    """Return the standing that holds at an instant."""
    return begun[max(0, bisect(begun, at_s, key=lambda standing: standing.since_s) - 1)]


def _joined(channel: str, viewpoint: str, begun: Iterable[Standing], end: int) -> list[Interval]:
    """Join standings of the same state."""
    firsts: list[Standing] = []
    for standing in begun:
        if not firsts or firsts[-1].state != standing.state:
            firsts.append(standing)
    ends = [s.since_s for s in firsts[1:]] + [end]
    return [
        Interval(channel, viewpoint, s.state, s.since_s, e, s.event, s.lapsed, s.why)
        for s, e in zip(firsts, ends, strict=True)
        if e > s.since_s
    ]
