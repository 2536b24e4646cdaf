"""Events in a few words, as marks and tables name them."""

from __future__ import annotations

from sim.ground.dates import spoken
from sim.ground.language import N_, _
from sim.log.events import Event
from sim.log.names import kind_name

BY = (
    *("contact_refused", "contact_cut", "meeting_cancelled", "statement", "contact_requested"),
    *("request_unanswered", "meeting_postponed", "channel_closed", "message_delivered"),
)
"""Kinds whose label names who did it."""

_PEOPLE = {
    "detained": N_("{people} detained"),
    "exit_ban": N_("{people} barred from leaving"),
    "house_arrest": N_("{people} put under house arrest"),
    "sentenced": N_("{people} sentenced"),
    "released": N_("{people} released"),
}
_TREATY = {
    "treaty_suspended": N_("{treaty} suspended"),
    "treaty_resumed": N_("{treaty} resumed"),
}
_MESSAGE = {"letter": N_("Letter"), "note": N_("Note"), "oral": N_("Oral message")}
_AGREED = {
    "signed": N_("{title} (signed)"),
    "reached": N_("{title} (reached)"),
    "announced": N_("{title} (announced)"),
}


def label(event: Event) -> str:
    """Name an event in a few words, for a mark on a timeline: in the coder's, where it has some."""
    if event.short is not None:
        return event.short
    words = kind_name(event.kind)
    words = words[:1].upper() + words[1:]
    if event.kind in ("escalation", "deescalation"):
        words = event.label.replace("-", " ").replace("_", " ").capitalize()
    elif event.kind in ("detained", "sentenced", "released"):
        people = ", ".join(_person(p) for p in event.persons[:2])
        rest = len(event.persons[2:]) + event.unnamed
        if rest:
            more = _("{people} and {n} more", people=people, n=rest)
            people = more if people else str(rest)
        held = event.form if event.kind == "detained" else event.kind
        words = _(_PEOPLE.get(held) or _PEOPLE[event.kind], people=people)
    elif event.kind in ("treaty_suspended", "treaty_resumed"):
        words = _(_TREATY[event.kind], treaty=event.treaty)
    elif event.kind == "message_delivered":
        words = _(_MESSAGE[event.form])
    elif event.kind == "agreement_reached":
        words = _(_AGREED[event.form], title=event.title)
    elif event.kind == "copresence":
        words = _("No talk")
    elif event.kind == "call_held" and set(event.agenda) == {"detainees"}:
        words = _("Call on detainees")
    if event.kind in BY and event.by:
        words += f" ({event.by})"
    if event.kind in ("meeting_held", "corridor_talk", "copresence"):
        place = (event.place or "").partition(",")[0].partition("(")[0].strip()
        where = place or (event.forum or "").replace("-", " ")
        words += f", {where}" if where else ""
    return _("{event}, by a stand-in", event=words) if event.stand_in else words


def _person(slug: str) -> str:
    """Write a person's slug as a name: `paul-whelan` as Paul Whelan, `usa-detainee-1` as one."""
    first, __, rest = slug.partition("-")
    if rest.startswith(("detainee-", "unnamed-")):  # a run's own names
        named = N_("{party} detainee {number}")
        if rest.startswith("unnamed-"):
            named = N_("{party} unnamed {number}")
        number = rest.partition("-")[2].replace("-", " ")
        return _(named, party=first.upper(), number=number)
    return slug.replace("-", " ").title()


def date_of(event: Event) -> str:
    """Write when an event was, as it was coded: what a run drew is marked as drawn."""
    if event.coded_date is None:
        return spoken(event.date if "T" not in event.date else event.date[:10])
    return f"{spoken(event.coded_date)} (drawn: {event.date[:10]})"
