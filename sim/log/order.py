"""The order in which the events of a log are folded: by instant, and causes before effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from heapq import heapify, heappop, heappush

from sim.ground.dates import parse
from sim.log.events import Event

SIMULATED = "sim."
"""How the id of an event begins that a run wrote; at one instant it comes after coded ones."""


def causal_order(events: Mapping[str, Event]) -> list[str]:
    """Order ids so that causes come before effects, coded events before simulated, then by id.

    Raises:
        ValueError: the causes form a circle; the message names its events.
    """
    order = ordered(events)
    if len(order) < len(events):
        raise ValueError(f"causes form a circle: {', '.join(circles(events, order)[0])}")
    return order


def ordered(events: Mapping[str, Event]) -> list[str]:
    """Order ids as `causal_order` does; those on a circle, or after one, are left out."""
    return list(_ordered(tuple((id_, event.causes) for id_, event in events.items())))


@lru_cache(maxsize=16)  # compiling a scenario asks for the same order twenty times
def _ordered(events: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    effects: dict[str, list[str]] = {id_: [] for id_, _ in events}
    missing: dict[str, int] = {}
    for id_, named in events:
        causes = {c for c in named if c in effects}
        missing[id_] = len(causes)
        for cause in causes:
            effects[cause].append(id_)
    ready = [(id_.startswith(SIMULATED), id_) for id_, n in missing.items() if n == 0]
    heapify(ready)
    order: list[str] = []
    while ready:
        _, id_ = heappop(ready)
        order.append(id_)
        for effect in effects[id_]:
            missing[effect] -= 1
            if missing[effect] == 0:
                heappush(ready, (effect.startswith(SIMULATED), effect))
    return tuple(order)


def circles(events: Mapping[str, Event], order: list[str]) -> list[list[str]]:
    """List circles of causes, each from its first id on, among the events that have no order."""
    left = set(events) - set(order)
    circles: list[list[str]] = []
    walked: set[str] = set()
    for id_ in sorted(left):
        trail: dict[str, None] = {}
        while id_ not in trail and id_ not in walked:
            trail[id_] = None
            id_ = min(c for c in events[id_].causes if c in left)
        walked.update(trail)
        steps = list(trail)
        if id_ in trail:
            circle = steps[steps.index(id_) :]
            first = circle.index(min(circle))
            circles.append(circle[first:] + circle[:first])
    return circles


def latest(events: Mapping[str, Event], order: list[str]) -> dict[str, int]:
    """Return for each event the end (exclusive) of the instants that leave room for its effects."""
    ends = {id_: parse(events[id_].counts_from).hi_s for id_ in order}
    for id_ in reversed(order):
        for cause in events[id_].causes:
            if cause in ends:
                ends[cause] = min(ends[cause], ends[id_])
    return ends


def canonical_times(events: Iterable[Event]) -> dict[str, int]:
    """Give each event its canonical instant, in seconds, keyed by id.

    It is the middle of the span that the date covers (noon for a day), moved inside the span as
    far as causes and effects need it, so that no event comes before its cause.
    """
    by_id = {e.id: e for e in events}
    order = causal_order(by_id)
    ends = latest(by_id, order)
    times: dict[str, int] = {}
    for id_ in order:
        span = parse(by_id[id_].counts_from)
        earliest = max([span.lo_s, *(times[c] for c in by_id[id_].causes if c in times)])
        wish = max(span.midpoint_s, earliest)
        times[id_] = min(wish, max(ends[id_] - 1, earliest))
    return times


def in_order(events: Iterable[Event], times: Mapping[str, int]) -> list[Event]:
    """Sort events by instant; at one instant as `causal_order` does."""
    by_id = {e.id: e for e in events}
    rank = {id_: n for n, id_ in enumerate(causal_order(by_id))}
    return sorted(by_id.values(), key=lambda e: (times[e.id], rank[e.id]))
