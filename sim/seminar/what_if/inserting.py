"""Events that a form inserts into history: which kinds, what is asked of each, and how a scenario's
file writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from sim.ground.language import N_, _, ngettext, numeral
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of
from sim.seminar.record.refusal import Refused
from sim.seminar.what_if.shipped import Base

Field = Literal["by", "channel", "severity", "holder", "pair", "people", "treaty"]
"""What a form may ask beside the kind and the day."""


@dataclass(frozen=True)
class Kind:
    """A kind of event that can be inserted by a form."""

    words: str
    asks: tuple[Field, ...]


_CONTACT: tuple[Field, ...] = ("by", "channel")
INSERTED = {
    "call_held": Kind(N_("A call"), _CONTACT),
    "meeting_held": Kind(N_("A meeting"), _CONTACT),
    "corridor_talk": Kind(N_("A talk in a corridor"), _CONTACT),
    "contact_refused": Kind(N_("A refusal of contact"), _CONTACT),
    "contact_cut": Kind(N_("A cut of contact"), _CONTACT),
    "contact_restored": Kind(N_("Contact is declared restored"), _CONTACT),
    "escalation": Kind(N_("An escalation"), ("by", "severity")),
    "deescalation": Kind(N_("A de-escalation"), ("by", "severity")),
    "released": Kind(N_("A release of people who are held"), ("holder", "people")),
    "exchange": Kind(N_("An exchange: each side lets people go"), ("pair", "people")),
    "swap_proposed": Kind(N_("A proposal to exchange people"), _CONTACT),
    "swap_refused": Kind(N_("A refusal of an exchange"), _CONTACT),
    "treaty_suspended": Kind(N_("A treaty is suspended"), ("by", "treaty")),
    "treaty_resumed": Kind(N_("A treaty is resumed"), ("by", "treaty")),
}
"""What a form can insert, by its name: kinds of event that need no more than a day and a few words,
and an exchange, which is two releases. Other kinds go into the scenario's file."""
MOST_PEOPLE = 1_000
SEVERITY = 0.3
"""The severity that the form starts with."""


@dataclass(frozen=True)
class Insertion:
    """What a form asks to insert; each kind reads what it needs of it."""

    kind: str
    date: str
    by: str = ""
    channel: str = ""
    severity: float = SEVERITY
    holder: str = ""
    """Who holds the people and whose people they are, as in `pairs_of`."""
    pair: str = ""
    people: int = 1
    treaty: str = ""


def holders_of(scenario: Scenario) -> dict[str, str]:
    """List who may let whose people go, in words, by `HOLDER NATIONAL`."""
    both = {p for a, b in _pairs(scenario) for p in ((a, b), (b, a))}
    return {
        f"{a} {b}": _("{holder} lets people of {national} go", holder=a, national=b)
        for a, b in sorted(both)
    }


def pairs_of(scenario: Scenario) -> dict[str, str]:
    """List the pairs of parties that may exchange people, in words, by `ONE OTHER`."""
    return {f"{a} {b}": _("{one} and {other}", one=a, other=b) for a, b in _pairs(scenario)}


def _pairs(scenario: Scenario) -> list[tuple[str, str]]:
    return sorted({channel.parties for channel in channels_of(scenario).values()})


def treaties_of(scenario: Scenario) -> list[str]:
    """List the treaties that the history names, or else the one of the model."""
    events = scenario.history.events if scenario.history is not None else ()
    named = [e.treaty for e in events if e.kind in ("treaty_suspended", "treaty_resumed")]
    return [*dict.fromkeys(named)] or [scenario.treaty.name]


def insertions(base: Base, wish: Insertion) -> list[dict[str, Any]]:
    """Write what a form asks for as the changes of a scenario's file. The id of an event follows
    from what it is, so that the same event meets the same chance each time.

    Raises:
        Refused: the form cannot insert it.
    """
    if wish.kind not in INSERTED:
        raise Refused(_("This kind of event cannot be inserted here."))
    if not 1 <= wish.people <= MOST_PEOPLE:
        raise Refused(_("Give 1 to {most} people.", most=numeral(f"{MOST_PEOPLE:,}")))
    if wish.kind == "exchange":
        a, b = _chosen(wish.pair, pairs_of(base.scenario)).split()
        exchange = _id("exchange", wish.date, a, b)
        return [_released(wish, *sides, exchange) for sides in ((a, b), (b, a))]
    if wish.kind == "released":
        holder, national = _chosen(wish.holder, holders_of(base.scenario)).split()
        return [_released(wish, holder, national)]
    asks = INSERTED[wish.kind].asks
    told: dict[str, Any] = {"kind": wish.kind, "date": wish.date}
    told |= {"by": wish.by} if wish.by else {}
    where = ""  # what sets it apart from another event of its kind, day and party
    if "channel" in asks:
        told["channel"] = wish.channel or base.channel
        where = told["channel"] if told["channel"] != base.channel else ""
    if "severity" in asks:
        words = N_("De-escalation of severity {severity}")
        if wish.kind == "escalation":
            words = N_("Escalation of severity {severity}")
        told |= {"severity": wish.severity, "label": "inserted"}
        told["short"] = _(words, severity=numeral(f"{wish.severity:g}"))
    if "treaty" in asks:
        treaties = treaties_of(base.scenario)
        told["treaty"] = _chosen(wish.treaty or treaties[0], treaties)
        where = told["treaty"] if told["treaty"] != treaties[0] else ""
    return [{"insert": {"id": _id(wish.kind, wish.date, wish.by, where), **told}}]


def _released(
    wish: Insertion, holder: str, national: str, exchange: str | None = None
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": _id("released", wish.date, holder, national, "exchanged" if exchange else ""),
        "kind": "released",
        "date": wish.date,
        "held_by": holder,
        "national_of": national,
        "unnamed": wish.people,
        "short": ngettext(
            "{holder} lets {n} person of {national} go",
            "{holder} lets {n} people of {national} go",
            wish.people,
            holder=holder,
            national=national,
        ),
    }
    return {"insert": {**told, **({"exchange": exchange} if exchange is not None else {})}}


def _chosen(given: str, known: dict[str, str] | list[str]) -> str:
    if given not in known:
        raise Refused(_("Choose from the list."))
    return given


def _id(*words: str) -> str:
    name = "-".join(["inserted", *(w for w in words if w)]).replace("_", "-").lower()
    return re.sub(r"[^a-z0-9._-]+", "-", name)[:80]
