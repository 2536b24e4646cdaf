"""Who knows of an event, and since when.

What happened and what was known are two things. A viewpoint folds an event from the instant on at
which it knows of it, and as of the event's own date: a secret contact of last year that comes out
today is as old as it is.
"""

from __future__ import annotations

from sim.ground.dates import parse
from sim.log.events import Event
from sim.log.log import Log
from sim.log.rulebook import OBSERVER

PUBLIC = "public"
"""The viewpoint of a reader who knows what was public by then."""


def on_its_day(event: Event, party: str) -> bool:
    """Whether a party of an event's channel knew of it on its day."""
    return event.known_to is None or party in event.known_to


def public_from(event: Event) -> int | None:
    """Return the instant from which an event is public for certain: noon of an exact day, else the
    end of the date. None where it never became public."""
    if event.public is None:
        if event.known_to is not None:
            return None
        return parse(event.date).midpoint_s
    span = parse(event.public)
    return span.midpoint_s if span.is_exact else span.hi_s - 1


def known_from(event: Event, viewpoint: str, at_s: int, *, by_run: bool = False) -> int | None:
    """Return the instant from which a viewpoint knows of an event that happened at `at_s`; None for
    never. In a run a party that did not know on the day does not learn later."""
    if viewpoint == OBSERVER or (viewpoint != PUBLIC and on_its_day(event, viewpoint)):
        return at_s
    if viewpoint != PUBLIC and (by_run or event.public is None):
        return None
    if is_open_to_all(event) and event.counts_from == event.date:
        return at_s
    since = public_from(event)
    return None if since is None else max(at_s, since)


def is_open_to_all(event: Event) -> bool:
    """Whether everybody knew of an event on its day."""
    return event.known_to is None and event.public is None


def without(log: Log, gone: set[str]) -> Log:
    """Return a log without some events, and without any word of them."""
    events = tuple(
        e.model_copy(update={"causes": tuple(c for c in e.causes if c not in gone)})
        if gone & {*e.causes}
        else e
        for e in log.events
        if e.id not in gone
    )
    return log.model_copy(update={"events": events})


def not_public_by(log: Log, end_s: int) -> set[str]:
    """Return the ids of events that were not public before an instant, though they had happened."""
    return {
        e.id
        for e in log.events
        if not is_open_to_all(e) and ((since := public_from(e)) is None or since >= end_s)
    }
