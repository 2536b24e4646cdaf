"""A log as one party reads it."""

from __future__ import annotations

from sim.log.events import EVENT, Event
from sim.log.knowing import on_its_day, without
from sim.log.log import Log
from sim.log.rulebook import read


def as_read_by(event: Event, party: str) -> Event:
    """Return an event as a party reads it: of the kind and agenda of its own account, without the
    other's. Folding it from the party's viewpoint moves what the event itself moves there."""
    reading, own = read(event, party), event.accounts.get(party)
    if reading is None:  # its own denial stays: the party knows what it denies
        return event.model_copy(update={"accounts": {party: own}})
    if reading.kind == event.kind and not event.accounts:
        return event
    record = event.plain() | {"kind": reading.kind, "id": event.id, "date": event.date}
    record.pop("accounts", None)
    if own is not None and own.agenda is not None:
        record["agenda"] = list(own.agenda)
    return EVENT.validate_python(record)


def told_to(log: Log, party: str) -> Log:
    """Return the part of a log that a party knows of: the events of its own channels, but for those
    that it did not know of on their day, and of the world, each as the party reads it.

    Raises:
        ValueError: the party has no part in any channel.
    """
    channels = {id_: c for id_, c in log.channels.items() if party in c.parties}
    if not channels:
        raise ValueError(f"{party} has no part in any channel")
    every = {id_ for e in log.events for id_ in (e.id, *e.causes)}
    own = [e for e in log.events if e.channel in (None, *channels) and on_its_day(e, party)]
    known = without(log, every - {e.id for e in own})
    events = tuple(as_read_by(e, party) for e in known.events)
    return log.model_copy(update={"channels": channels, "events": events, "header": {}})
