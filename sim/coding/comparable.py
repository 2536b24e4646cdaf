"""What of several logs can be compared: the channels that all have, and the events on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.ground.dates import parse
from sim.ground.errors import InputError, Problem
from sim.log.events import Event
from sim.log.log import Log
from sim.log.order import canonical_times

MAX_EVENTS = 2_000
"""Events of one coding that are matched: the cost of every pair is held in memory."""
MAX_CODINGS = 10


@dataclass(frozen=True)
class Part:
    """What is compared."""

    channels: tuple[str, ...]
    parties: dict[str, tuple[str, str]]
    """The parties of each channel."""
    events: dict[str, list[Event]]
    """By coding the events of these channels and of the world, within the days asked."""
    start_s: int | None
    end_s: int | None


def comparable(logs: Mapping[str, Log], since: str | None, until: str | None) -> Part:
    """Choose what is compared.

    Raises:
        InputError: every reason why the logs cannot be compared.
    """
    if not 2 <= len(logs) <= MAX_CODINGS:
        rule = f"must be 2 to {MAX_CODINGS} codings of one source"
        raise InputError([Problem("agree", 0, "", rule, str(len(logs)))])
    problems: list[Problem] = []
    start_s, end_s = (
        _day(option, day, problems) for option, day in (("--from", since), ("--until", until))
    )
    if start_s is not None and end_s is not None and end_s <= start_s:
        problems.append(Problem("--until", 0, "", "must not lie before --from", str(until)))
    first, *others = logs
    shared = {*logs[first].channels}
    for name in others:
        here = {*logs[name].channels}
        if not here & {*logs[first].channels}:
            rule = f"has no channel in common with {first}, which has {_few(logs[first].channels)}"
            problems.append(Problem(name, 0, "channels", rule, _few(here)))
        shared &= here
    if not problems and not shared:
        rule = "there is no channel that all of the codings have"
        problems.append(Problem("agree", 0, "channels", rule))
    events: dict[str, list[Event]] = {}
    for name, log in logs.items():
        times = canonical_times(log.events)
        events[name] = [
            e
            for e in log.events
            if _on(e, shared)
            and (start_s is None or times[e.id] >= start_s)
            and (end_s is None or times[e.id] < end_s)
        ]
        if len(events[name]) > MAX_EVENTS:
            rule = f"must be at most {MAX_EVENTS:,} to be matched; --from and --until choose days"
            problems.append(Problem(name, 0, "events", rule, f"{len(events[name]):,}"))
    if problems:
        raise InputError(problems)
    channels = tuple(sorted(shared))
    parties = {c: logs[first].channels[c].parties for c in channels}
    return Part(channels, parties, events, start_s, end_s)


def _day(option: str, day: str | None, problems: list[Problem]) -> int | None:
    """Return the first second of the first day, or the one after the last."""
    if day is None:
        return None
    try:
        span = parse(day)
    except ValueError as error:
        problems.append(Problem(option, 0, "", str(error), day))
        return None
    return span.lo_s if option == "--from" else span.hi_s


def _on(event: Event, channels: set[str]) -> bool:
    return event.channel is None or not channels.isdisjoint((event.channel, *event.also_on))


def _few(channels: Iterable[str]) -> str:
    names = sorted(channels)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
