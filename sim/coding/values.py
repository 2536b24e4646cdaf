"""What an event says, field by field, as values that two codings can be compared by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from sim.ground.dates import DAY_S, parse
from sim.log.accounts import Account
from sim.log.events import MODELS, Event, Occurrence
from sim.log.kinds import KIND_RULES
from sim.log.log import Channel

Value: TypeAlias = "str | float | bool | tuple[str, ...] | None"
"""What a coder wrote in a field: several things in the order of their names; None for nothing."""
Metric = Literal["nominal", "ordinal", "interval"]
"""How far apart two values are: alike or not, by rank, or by number."""

OWN = frozenset(
    ("id", "coded_date", "source", "coder", "decided_by", "short", "summary", "doubt", "accounts")
)
"""Fields in which coders are free, or which are compared in parts of their own."""
DATES = ("date", "meeting_date", "to", "since", "public")
"""Fields that hold a date; they are compared as written, and measured by the middle."""
METRICS: dict[str, Metric] = {
    **dict.fromkeys(DATES, "interval"),
    "minutes": "interval",
    "years": "interval",
    "contacts": "interval",
    "unnamed": "interval",
    "severity": "ordinal",
}
"""Fields that are numbers or ranks; all others are nominal."""
CONFINED, PARAGRAPH = "confined to detainees", "paragraph"
"""Fields of the comparison's own: whether a contact was about detainees alone, which is what its
effect depends on, and the paragraph in which the event was read, where it is given."""

_EVERY: tuple[type[Occurrence], ...] = (Occurrence, *MODELS)
FIELDS: tuple[str, ...] = tuple(
    dict.fromkeys(f for model in _EVERY for f in model.model_fields if f not in OWN)
)
"""The fields of events that are compared, in order. A field that is added is compared too."""


def account_of(party: str) -> str:
    """Return the name of the field that holds a party's telling."""
    return f"account of {party}"


def values_of(
    event: Event, channels: Mapping[str, Channel], names: Mapping[str, str]
) -> dict[str, Value]:
    """Return the value of each field that an event has, set or not.

    `names` gives the ids in `causes` the names by which all codings know the events.
    """
    found: dict[str, Value] = {}
    for field in FIELDS:
        if field not in type(event).model_fields:
            continue
        found[field] = _plain(getattr(event, field))
    if event.minutes is None:
        del found["minutes_are"]
    found["causes"] = tuple(sorted(names.get(id_, id_) for id_ in event.causes))
    if KIND_RULES[event.kind].effect == "contact":
        found[CONFINED] = set(event.agenda) == {"detainees"}
    if event.source is not None and event.source.paragraph:
        found[PARAGRAPH] = tuple(str(n) for n in sorted(event.source.paragraph))
    if event.channel is not None and event.channel in channels:
        for party in sorted(channels[event.channel].parties):
            found[account_of(party)] = _told(event, event.accounts.get(party))
    return found


def default_of(field: str) -> Value:
    """Return what a field holds where a coder says nothing; None where it must be written."""
    for model in _EVERY:
        known = model.model_fields.get(field)
        if known is not None:
            return None if known.is_required() else _plain(known.get_default())
    return False if field == CONFINED else None


def number_of(field: str, value: Value) -> float | None:
    """Return the number by which a value of a field that is measured counts: of a date the middle,
    in days; None where there is none."""
    if value is None:
        return None
    if field in DATES:
        return parse(str(value)).midpoint_s / DAY_S
    assert isinstance(value, int | float)
    return float(value)


def shown_value(value: Value) -> str:
    """Write a value for a reader, as the log has it."""
    if value is None or value == ():
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, int | float) else value


def _plain(value: object) -> Value:
    if isinstance(value, tuple):
        return tuple(sorted(str(v) for v in value))
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"no value of a field: {value!r}")


def _told(event: Event, account: Account | None) -> str | None:
    """Say in a few words what a party's telling does; its wording is the coder's own."""
    if account is None:
        return None
    if account.denial:
        return "denies it"
    kind, agenda = account.kind, account.agenda
    said = [] if kind in (None, event.kind) else [f"calls it {kind}"]
    if agenda is not None and {*agenda} != {*event.agenda}:
        said.append(f"about {', '.join(sorted(agenda)) or 'nothing'}")
    return ", ".join(said) or "confirms it"
