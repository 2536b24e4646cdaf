"""What can be said at the end of a day of an event whose date lies across it."""

from __future__ import annotations

from sim.ground.dates import day, parse
from sim.log.events import Event
from sim.log.knowing import without
from sim.log.log import Log
from sim.log.order import latest, ordered


def settled_by(log: Log, now_s: int) -> Log:
    """Return a log in which no date lies across an instant.

    An event whose date does is left out, since nobody can say that it had happened; what follows
    from it goes on without that word. But where its effects leave it no room later, it had: its
    date then ends there.
    """
    by_id = {e.id: e for e in log.events}
    across = {e.id for e in log.events if _lies_across(e, now_s)}
    if not across:
        return log
    room = latest(by_id, ordered(by_id))
    left = without(log, {id_ for id_ in across if room.get(id_, now_s + 1) > now_s})
    events = tuple(_before(e, now_s) if e.id in across else e for e in left.events)
    return left.model_copy(update={"events": events})


def _lies_across(event: Event, now_s: int) -> bool:
    span = parse(event.date)
    return span.lo_s < now_s < span.hi_s


def _before(event: Event, now_s: int) -> Event:
    """Return an event that happened before an instant, with a date that ends there."""
    first, last = day(parse(event.date).lo_s), day(now_s - 1)
    return event.model_copy(update={"date": f"{first}/{last}" if first < last else str(first)})
