"""Hypothesis strategies for dates, events and logs, as plain data that the models accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sim.ground.dates import parse
from sim.log.accounts import AGENDAS, ContactKind
from sim.log.events import KINDS, OF_PEOPLE, Event
from sim.log.events import ON_CHANNEL as NEEDS_CHANNEL
from sim.log.log import STATES, Log
from sim.log.log_rules import people_rules

CHANNELS = {
    "usa-rus/ministers": ("USA", "RUS"),
    "usa-rus/defence": ("RUS", "USA"),
    "chn-usa/leaders": ("CHN", "USA"),
}
ON_CHANNEL = tuple(kind for kind in KINDS if kind in NEEDS_CHANNEL)
OWN_AGENDA, OWN_PARTY = "fishing", "M01"
FIRST, LAST = date(2018, 1, 1), date(2024, 12, 31)

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
letters = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters=TURNING)
prose = st.text(letters | st.sampled_from("\n\t"), min_size=1, max_size=40)
"""Prose of any script; what YAML cannot hold unescaped is among it."""
titles = st.text(letters.filter(lambda c: c not in "\u2028\u2029"), min_size=1, max_size=40)
"""Text of one line."""

days = st.dates(FIRST, LAST)


def examples(number: int) -> settings:
    """Ask for so many examples in the default profile, and for as many times more in another as
    that profile asks for."""
    usual = settings.get_profile("default").max_examples
    return settings(max_examples=number * settings().max_examples // usual)


@cache
def _among(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def among(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """One of some values. A strategy is made once: to make one costs more than to draw by it."""
    return _among(tuple(values))


@cache
def _some(values: tuple[Any, ...], least: int, most: int | None) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True)


def some(values: Sequence[Any], least: int = 0, most: int | None = None) -> st.SearchStrategy[Any]:
    """Some of the values, none twice."""
    return _some(tuple(values), least, most)


@st.composite
def instants(draw: st.DrawFn) -> str:
    """A date-time in UTC."""
    second = draw(st.integers(0, 86_399))
    moment = datetime.combine(draw(days), datetime.min.time()) + timedelta(seconds=second)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


plain_dates = st.one_of(
    days.map(date.isoformat),
    days.map(lambda d: d.strftime("%Y-%m")),
    days.map(lambda d: d.strftime("%Y")),
    instants(),
)
doubts = st.sampled_from(["", "", "~", "?", "%"])


@st.composite
def edtf_dates(draw: st.DrawFn) -> str:
    """A date of every form that `sim.ground.dates` reads."""
    first = draw(plain_dates)
    if draw(st.integers(0, 3)) or "T" in first:
        return first + draw(doubts)
    last = draw(days.map(date.isoformat))
    if parse(last).hi_s < parse(first).hi_s or parse(last).lo_s < parse(first).lo_s:
        return first
    return f"{first}{draw(doubts)}/{last}{draw(doubts)}"


agendas = st.one_of(
    st.just([]),
    st.just(["detainees"]),
    st.lists(st.sampled_from([*AGENDAS, OWN_AGENDA]), max_size=3),
)


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, Any]:
    """One party's telling: a denial, another kind, another agenda, or words alone."""
    told: dict[str, Any] = {}
    if draw(st.booleans()):
        told["denial"] = True
    else:
        if draw(st.booleans()):
            told["kind"] = draw(among(get_args(ContactKind)))
        if draw(st.booleans()):
            told["agenda"] = draw(agendas)
    if draw(st.booleans()):
        told["summary"] = draw(prose)
    return told


any_title, any_prose, any_date = st.none() | titles, st.none() | prose, st.none() | edtf_dates()
counts, minutes = st.none() | st.integers(1, 30), st.none() | st.floats(0.5, 500)
mediators = st.none() | st.just([OWN_PARTY])
persons = st.lists(st.sampled_from(["one", "two"]), min_size=1, max_size=2)


@cache
def told_by(parties: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """What the parties of an event say of it."""
    return st.dictionaries(st.sampled_from(parties), accounts(), max_size=2)


@cache
def decided_by(parties: tuple[str, ...]) -> st.SearchStrategy[dict[str, str] | None]:
    """Who decided an event, if a log says so."""
    who = st.sampled_from(["doctrine", "person"])
    return st.none() | st.dictionaries(st.sampled_from(parties), who)


@cache
def dates(most: int) -> st.SearchStrategy[list[str]]:
    """Some dates."""
    return st.lists(edtf_dates(), max_size=most)


@st.composite
def secrecy(draw: st.DrawFn, parties: list[str]) -> dict[str, Any]:
    """Who knew of an event, and when it became public."""
    told: dict[str, Any] = {}
    if draw(st.booleans()):
        told["known_to"] = draw(some([*parties, OWN_PARTY], 1, 3))
    if draw(st.booleans()):
        told["public"] = draw(among(["2025", "2025-03", "2025-05-06"]))
    return told


@st.composite
def events(
    draw: st.DrawFn, id_: str, day: str, earlier: list[str], channels: list[str]
) -> dict[str, Any]:
    """One event of any kind, on one of the channels or on none."""
    kind = draw(among(KINDS))
    event: dict[str, Any] = {"id": id_, "date": day, "kind": kind}
    channel = draw(among(channels))
    parties = CHANNELS[channel]
    if kind in ON_CHANNEL or draw(st.booleans()):
        event["channel"] = channel
        event["accounts"] = draw(told_by(tuple(sorted(parties))))
    event["by"] = draw(among([*parties, None]))
    event["agenda"] = draw(agendas)
    if kind in OF_PEOPLE:
        holder = draw(st.integers(0, 1))
        event |= {"held_by": parties[holder], "national_of": parties[1 - holder]}
        event["persons"] = draw(persons)
        if draw(st.booleans()):
            event["unnamed"] = draw(st.integers(1, 20))
        event["form"] = draw(among([None, "arrest", "exit_ban", "house_arrest"]))
        if kind == "released":
            event["exchange"] = draw(among([None, "a-swap"]))
    if kind in ("escalation", "deescalation"):
        event |= {"severity": draw(st.floats(0.001, 1)), "label": "fighting"}
    if kind.startswith("treaty"):
        event["treaty"] = draw(titles)
    if kind == "meeting_agreed":
        event["meeting_date"] = "2025-01-31"
    if kind == "meeting_postponed":
        event["meeting_date"] = draw(among([None, "2025-03"]))
    if kind == "agreement_reached":
        event["title"] = draw(titles)
    if kind == "talks_held":
        event["to"] = draw(among(["2025-01", "2025-06-01"]))
        event["contacts"] = draw(counts)
    if kind == "contact_requested":
        event["for"] = draw(among(["meeting", "call", "message", "talks", "any"]))
    if kind == "message_delivered":
        event["form"] = draw(among(["letter", "note", "oral"]))
    if kind == "request_unanswered" and draw(st.booleans()):
        event["since"] = day
    if "channel" in event:
        event |= draw(secrecy(sorted(parties)))
        others = [c for c in channels if {*CHANNELS[c]} == {*parties} and c != channel]
        if others and not kind.startswith("meeting_") and draw(st.booleans()):
            event["also_on"] = others
    event["via"] = draw(mediators)
    event["who"] = draw(any_title)
    event["short"] = draw(any_title)
    event["stand_in"] = draw(st.booleans())
    event["causes"] = (
        [draw(among(earlier)) for _ in range(draw(st.integers(0, 2)))] if earlier else []
    )
    event["summary"] = draw(any_prose)
    event["decided_by"] = draw(decided_by(tuple(parties)))
    year = day[:4]
    if draw(st.booleans()) and year.isdigit() and "/" not in day:
        event["coded_date"] = f"{year}~"
    event["minutes"] = draw(minutes)
    return {key: value for key, value in event.items() if value is not None}


@st.composite
def log_data(draw: st.DrawFn, max_events: int = 10) -> dict[str, Any]:
    """A valid log as plain data: causes come before effects, and every name is known."""
    channels = draw(some(sorted(CHANNELS), 1))
    moments = sorted(draw(dates(max_events)), key=lambda d: parse(d).lo_s)
    order = draw(st.permutations(range(len(moments))))
    ids: list[str] = []
    told = []
    for n, moment in zip(order, moments, strict=True):
        id_ = f"sim.{n}" if n % 3 == 2 else f"e{n}"
        told.append(draw(events(id_, moment, ids, channels)))
        ids = [*ids, id_]
    free_the_held(told)
    setups: dict[str, Any] = {
        c: {"parties": list(CHANNELS[c]), "initial": draw(among(STATES))} for c in channels
    }
    for setup in setups.values():
        if draw(st.booleans()):
            setup["since"] = "2017-12-01"
        if draw(st.booleans()):
            setup["complete_from"] = draw(edtf_dates())
        elif draw(st.booleans()):
            setup["coverage"] = draw(coverages(setup["parties"]))
        if draw(st.booleans()):
            setup["line"] = True
    title = draw(titles)
    return {
        "schema": 4,
        "title": title,
        "parties": {OWN_PARTY: {"title": "A mediator"}},
        "agendas": {OWN_AGENDA: {"title": "Fishing"}},
        "channels": setups,
        "events": told,
    }


@st.composite
def coverages(draw: st.DrawFn, parties: list[str]) -> list[dict[str, Any]]:
    """What the sources of a channel can show, as plain data."""
    kinds = some(KINDS, 1, 3)
    rows = []
    for _ in range(draw(st.integers(1, 2))):
        side, since = draw(among([None, *parties])), draw(any_date)
        row = {"kinds": draw(kinds), "side": side, "since": since}
        rows.append({key: value for key, value in row.items() if value is not None})
    return rows


def free_the_held(told: list[dict[str, Any]]) -> None:
    """Rename people until each is let go by those who hold them, and once."""
    known = TypeAdapter(tuple[Event, ...])
    while broken := list(people_rules(known.validate_python(told))):
        for n, ((_, event, _, place), *_) in enumerate(broken):
            told[event]["persons"][place] = f"other-{event}-{n}"


def logs(max_events: int = 10) -> st.SearchStrategy[Log]:
    """Valid logs."""
    return log_data(max_events).map(Log.model_validate)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["USA", "usa-rus/ministers", "2023-03-02", "2022-13", "observer", "open"]),
)
"""Values of every type that YAML has, and words that mean something in the right place."""

structures = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
"""Anything that YAML can hold."""
