"""Outcomes: questions with a structured answer, one row a type.

A type is a model of what users write, what the executors count for it in each world, and how that
count reads as a value. A type that is added here without its row cannot be imported.
`docs/extending.md` shows how.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, PlainSerializer

from sim.ground.dates import DAY_S
from sim.ground.language import _, ngettext
from sim.ground.schema import ChannelId, EdtfDate, Line, Party, Strict, Whole
from sim.ground.states import state_name
from sim.log.log import STATES, State
from sim.log.names import kind_name
from sim.log.rulebook import OBSERVER


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _short(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else [*values]


class StateOutcome(Strict):
    """Fields common to outcomes about a state."""

    title: Line | None = None
    """How a table calls it."""
    channel: ChannelId | None = None
    """The channel; it may be left out where there is only one."""
    state: Annotated[tuple[State, ...], BeforeValidator(_listed), Field(min_length=1)]
    """The state, or several of which any counts."""
    viewpoint: str = "observer"
    """`observer` or a party."""


class StateAt(StateOutcome):
    """Whether the channel is in the state at the end of a day."""

    type: Literal["state_at"]
    date: EdtfDate | None = None
    """The day; the last of the run where it is left out."""


class StateBy(StateOutcome):
    """Whether the channel has been in the state at any time in a period."""

    type: Literal["state_by"]
    start: EdtfDate | None = Field(default=None, alias="from")
    """The first day; the day after the as-of date where it is left out."""
    date: EdtfDate | None = None
    """The day; the last of the run where it is left out."""


class ShareOfDays(StateOutcome):
    """The share of time that the channel is in the state, in [0, 1]."""

    type: Literal["share_of_days"]
    start: EdtfDate | None = Field(default=None, alias="from")
    """The first day; the day after the as-of date where it is left out."""
    until: EdtfDate | None = None
    """The last day; the last of the run where it is left out."""


class FirstTime(StateOutcome):
    """The days until the channel first enters the state, if it does. Where it is in the state at
    the start, the first time that it enters it anew counts."""

    type: Literal["first_time"]
    start: EdtfDate | None = Field(default=None, alias="from")
    """The day from which it is counted; the day after the as-of date where it is left out."""


class EventBy(Strict):
    """Whether an event of a kind, or of one of several, happens in a period."""

    type: Literal["event_by"]
    start: EdtfDate | None = Field(default=None, alias="from")
    """The first day; the day after the as-of date where it is left out."""
    title: Line | None = None
    channel: ChannelId | None = None
    """The channel; any where it is left out."""
    kind: Annotated[
        tuple[str, ...],
        BeforeValidator(_listed),
        PlainSerializer(_short),
        Field(min_length=1),
    ]
    """The kind of event, or several, of which all count together."""
    by: Party | None = None
    """Who began it; anyone where it is left out."""
    at_least: Whole = Field(default=1, ge=1, le=10_000)
    """How many such events it takes, or people."""
    count: Literal["events", "people"] = "events"
    """What is counted: events, or the people of events about detainees."""
    date: EdtfDate | None = None
    """The day; the last of the run where it is left out."""


Outcome = Annotated[
    StateAt | StateBy | ShareOfDays | FirstTime | EventBy, Field(discriminator="type")
]
"""A question with a structured answer."""

Measure = Literal["state_at", "state_by", "share_of_days", "first_time", "event_by"]
"""What the executors count in one world, in a window from `lo` to before `hi`: whether the state
holds at the last second; whether it holds at some time; the seconds in it; the seconds until it is
first entered, -1 for never, and where it holds at the start this less `HELD`; whether so many
events happen."""
MEASURES: tuple[Measure, ...] = get_args(Measure)
"""A measure's code in arrays is its place here."""
HELD = 1 << 40
"""What is taken off the seconds of a first time in a world where the state holds at the start: one
number says both, and no window is as long."""

Form = Literal["yes_or_no", "share", "days"]
"""What a value is: 1 or 0; a share of days in [0, 1]; days, not a number where it never comes."""

Counts = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class OutcomeRule:
    """What one type of outcome is."""

    model: type[Strict]
    measure: Measure
    form: Form
    value: Callable[[Counts, float], Values]
    """From the counts of many worlds, [N], and the window's seconds to their values, [N]."""
    words: Callable[[Any, str, str], str]
    """Says what is asked, given the outcome, the as-of date and the last day."""


def _as_counted(counts: Counts, _: float) -> Values:
    return counts.astype(np.float64)


def _as_share(counts: Counts, window_s: float) -> Values:
    return np.asarray(counts / window_s, dtype=np.float64)


def _as_days(counts: Counts, _: float) -> Values:
    seconds = counts + HELD * held_at_start(counts)
    return np.where(seconds < 0, np.nan, seconds / DAY_S)


def held_at_start(counts: Counts) -> NDArray[np.bool_]:
    """Return in which worlds the state of a first time holds at its own start, from its counts."""
    return np.asarray(counts < -1)


def _states(outcome: StateOutcome) -> str:
    return _(" or ").join(state_name(s) for s in sorted(outcome.state, key=STATES.index))


def _seen(asked: str, outcome: StateOutcome) -> str:
    if outcome.viewpoint == OBSERVER:
        return asked
    return _("{asked} in the eyes of {party}", asked=asked, party=outcome.viewpoint)


def _at(o: StateAt, as_of: str, until: str) -> str:
    return _seen(_("{state} on {day}", state=_states(o), day=o.date or until), o)


def _by(o: StateBy, as_of: str, until: str) -> str:
    told = {"state": _states(o), "last": o.date or until}
    if o.start:
        asked = _("{state} at some time from {first} up to {last}", first=o.start, **told)
    else:
        asked = _("{state} at some time up to {last}", **told)
    return _seen(asked, o)


def _share(o: ShareOfDays, as_of: str, until: str) -> str:
    told = {"state": _states(o), "first": o.start or as_of, "last": o.until or until}
    return _seen(_("share of days {state}, {first} to {last}", **told), o)


def _first(o: FirstTime, as_of: str, until: str) -> str:
    asked = _("first time {state}", state=_states(o))
    if o.start:
        asked = _("first time {state} from {day}", state=_states(o), day=o.start)
    return _seen(asked, o)


def _event(o: EventBy, as_of: str, until: str) -> str:
    what = _(" or ").join(kind_name(kind) for kind in o.kind)
    if o.by:
        what = _("{event} by {party}", event=what, party=o.by)
    if o.count == "people":
        what = ngettext(
            "{event} at least {n} person",
            "{event} at least {n} people",
            o.at_least,
            event=what,
            n=o.at_least,
        )
    elif o.at_least > 1:
        what = _("{event} at least {n} times", event=what, n=o.at_least)
    last = o.date or until
    if o.start:
        return _("{event} from {first} up to {last}", event=what, first=o.start, last=last)
    return _("{event} up to {last}", event=what, last=last)


OUTCOME_RULES: dict[str, OutcomeRule] = {
    "state_at": OutcomeRule(StateAt, "state_at", "yes_or_no", _as_counted, _at),
    "state_by": OutcomeRule(StateBy, "state_by", "yes_or_no", _as_counted, _by),
    "share_of_days": OutcomeRule(ShareOfDays, "share_of_days", "share", _as_share, _share),
    "first_time": OutcomeRule(FirstTime, "first_time", "days", _as_days, _first),
    "event_by": OutcomeRule(EventBy, "event_by", "yes_or_no", _as_counted, _event),
}
"""The rule of every type."""

_MODELS = get_args(get_args(Outcome)[0])
_LISTED = {get_args(m.model_fields["type"].annotation)[0]: m for m in _MODELS}
_ROWS = {name: rule.model for name, rule in OUTCOME_RULES.items()}
if list(_ROWS.items()) != list(_LISTED.items()):
    raise TypeError(
        "OUTCOME_RULES must list every model of Outcome by its type, in order: "
        f"{sorted({*_ROWS} ^ {*_LISTED}) or [*_LISTED]}"
    )


def types_of(*forms: Form) -> list[str]:
    """List the types of outcome whose values have one of these forms."""
    return [name for name, rule in OUTCOME_RULES.items() if rule.form in forms]


def last_day(outcome: Outcome) -> str | None:
    """Return the last day of an outcome's window; None where it is that of the run."""
    return getattr(outcome, "date", None) or getattr(outcome, "until", None)


def describe(outcome: Outcome, as_of: str, until: str) -> str:
    """Say in words what an outcome asks: its title, or what its fields say."""
    if outcome.title:
        return outcome.title
    words = OUTCOME_RULES[outcome.type].words(outcome, as_of, until)
    return words[:1].upper() + words[1:]
