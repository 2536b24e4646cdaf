"""Events on other dates than they were coded with: cut short by what is known, or put off."""

from __future__ import annotations

from sim.ground.dates import day, parse
from sim.log.events import Event, TalksHeld


def cut_short(event: Event, end_s: int) -> Event:
    """Return an event as it is known before an instant: a contact that goes on beyond it ends with
    the day before."""
    if not isinstance(event, TalksHeld) or parse(event.to).hi_s <= end_s:
        return event
    return event.model_copy(update={"to": day(end_s - 1).isoformat()})


def put_off(event: Event, date: str) -> Event:
    """Return an event on another date; a contact of several days takes as many there."""
    if date == event.date:
        return event
    update = {"date": date}
    if isinstance(event, TalksHeld):
        later_s = parse(date).lo_s - parse(event.date).lo_s
        update["to"] = day(parse(event.to).hi_s - 1 + later_s).isoformat()
    if event.counts_from != event.date:
        update["since"] = date
    return event.model_copy(update=update)
