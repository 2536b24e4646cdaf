"""Events in a few words, as marks and tables name them."""

from __future__ import annotations

from sim.ground.dates import spoken
from sim.log.events import Event

BY = (
    *("contact_refused", "contact_cut", "meeting_cancelled", "statement", "contact_requested"),
    *("request_unanswered", "meeting_postponed", "channel_closed"),
)
"""Kinds whose label names who did it."""

_HELD = {"exit_ban": "barred from leaving", "house_arrest": "put under house arrest"}


def label(event: Event) -> str:
    """Name an event in a few words, for a mark on a timeline: in the coder's, where it has some."""
    if event.short is not None:
        return event.short
    words = str(event.kind).replace("_", " ").capitalize()
    if event.kind in ("escalation", "deescalation"):
        words = event.label.replace("-", " ").replace("_", " ").capitalize()
    elif event.kind in ("detained", "sentenced", "released"):
        people = ", ".join(_person(p) for p in event.persons[:2])
        rest = len(event.persons[2:]) + event.unnamed
        more = (f" and {rest} more" if people else str(rest)) if rest else ""
        held = _HELD.get(event.form) if event.kind == "detained" else None
        words = f"{people}{more} {held or event.kind}"
    elif event.kind in ("treaty_suspended", "treaty_resumed"):
        words = f"{event.treaty} {str(event.kind).partition('_')[2]}"
    elif event.kind in BY:
        words += f" ({event.by})" if event.by else ""
    elif event.kind == "message_delivered":
        words = "Oral message" if event.form == "oral" else event.form.capitalize()
        words += f" ({event.by})" if event.by else ""
    elif event.kind == "agreement_reached":
        words = f"{event.title} ({event.form})"
    elif event.kind == "copresence":
        words = "No talk"
    elif event.kind == "call_held" and set(event.agenda) == {"detainees"}:
        words = "Call on detainees"
    if event.kind in ("meeting_held", "corridor_talk", "copresence"):
        place = (event.place or "").partition(",")[0].partition("(")[0].strip()
        where = place or (event.forum or "").replace("-", " ")
        words += f", {where}" if where else ""
    return f"{words}, by a stand-in" if event.stand_in else words


def _person(slug: str) -> str:
    """Write a person's slug as a name: `paul-whelan` as Paul Whelan, `usa-detainee-1` as one."""
    first, _, rest = slug.partition("-")
    if rest.startswith(("detainee-", "unnamed-")):  # a run's own names
        return f"{first.upper()} {rest.replace('-', ' ')}"
    return slug.replace("-", " ").title()


def date_of(event: Event) -> str:
    """Write when an event was, as it was coded: what a run drew is marked as drawn."""
    if event.coded_date is None:
        return spoken(event.date if "T" not in event.date else event.date[:10])
    return f"{spoken(event.coded_date)} (drawn: {event.date[:10]})"
