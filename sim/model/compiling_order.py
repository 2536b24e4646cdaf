"""Which coded events keep their order, however imprecise their dates are.

A meeting is pending from its agreement until it is held, called off or cut off. Were such events
drawn each by itself, a meeting might be drawn into the time of another's, and could not be held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.ground.dates import parse
from sim.log.events import KIND_CODE, Event
from sim.log.order import canonical_times, causal_order, in_order
from sim.model.coded import SETTLES


def settling(events: Iterable[Event]) -> list[Event]:
    """List the events after which another meeting, or none, is pending on their channel, in the
    order that they keep on it."""
    listed = list(events)
    ordered = in_order(listed, canonical_times(listed))
    return [e for e in ordered if e.channel is not None and KIND_CODE[e.kind] in SETTLES]


def kept_after(events: Iterable[Event]) -> dict[str, str]:
    """Return what keeps its order: of two events that settle a meeting on one channel, one after
    the other, and whose dates leave the order open, the later to the earlier one, by id."""
    found, last = dict[str, str](), dict[str | None, Event]()
    for event in settling(events):
        before = last.get(event.channel)
        if before is not None and parse(before.date).hi_s > parse(event.date).lo_s:
            found[event.id] = before.id
        last[event.channel] = event
    return found


def in_sequence(events: Mapping[str, Event]) -> dict[str, Event]:
    """Return the events, by id, as if each were caused by the one that it is kept after."""
    found = dict(events)
    for id_, before in kept_after(events.values()).items():
        causes = (*events[id_].causes, before)
        found[id_] = events[id_].model_copy(update={"causes": causes})
    return found


def ends_of(events: Mapping[str, Event]) -> dict[str, int]:
    """Return, of events in sequence, the first second after each: after its instant where its date
    is exact and nothing pushes it to later on that day, else after its date."""
    found: dict[str, int] = {}
    for id_ in causal_order(events):
        span = parse(events[id_].date)
        pushed = max([span.midpoint_s + 1, *(found[c] for c in events[id_].causes if c in found)])
        found[id_] = min(pushed, span.hi_s) if span.is_exact else span.hi_s
    return found
