"""Events: one model a kind, frozen, and strict about what belongs to which."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import events

from sim.log.accounts import ContactKind
from sim.log.events import EVENT, KIND_CODE, KINDS, Event

COMMON = {
    "id", "date", "channel", "also_on", "by", "via", "stand_in", "who", "agenda", "place", "forum",
    "minutes", "minutes_are", "accounts", "known_to", "public", "coded_date", "decided_by",
    "causes", "source", "coder", "short", "summary", "doubt", "kind",
}  # fmt: skip
OWN = {
    "meeting_agreed": {"meeting_date"},
    "detained": {"persons", "unnamed", "held_by", "national_of", "form"},
    "sentenced": {"persons", "unnamed", "held_by", "national_of", "form", "years"},
    "swap_proposed": {"persons"},
    "swap_refused": {"persons"},
    "released": {"persons", "unnamed", "held_by", "national_of", "form", "exchange"},
    "treaty_suspended": {"treaty"},
    "treaty_resumed": {"treaty"},
    "escalation": {"severity", "label"},
    "deescalation": {"severity", "label"},
    "message_delivered": {"form"},
    "contact_requested": {"asks_for"},
    "request_unanswered": {"since"},
    "meeting_postponed": {"meeting_date"},
    "agreement_reached": {"title", "form"},
    "talks_held": {"to", "contacts"},
}
OPTIONAL = {"years", "unnamed", "form", "exchange", "asks_for", "since", "contacts"}
NEEDS_CHANNEL = {
    "meeting_agreed", "meeting_held", "call_held", "corridor_talk", "copresence",
    "contact_refused", "meeting_cancelled", "contact_cut", "contact_restored",
    "message_delivered", "contact_requested", "request_unanswered", "meeting_postponed",
    "channel_opened", "channel_closed", "talks_held",
}  # fmt: skip
MODELS = get_args(get_args(Event)[0])


def model_of(kind: str) -> Any:
    return next(m for m in MODELS if get_args(m.model_fields["kind"].annotation) == (kind,))


def least(kind: str) -> dict[str, Any]:
    """The least that an event of a kind needs."""
    values = {
        "meeting_date": "2022-02-01", "persons": ["one"], "held_by": "RUS", "national_of": "USA",
        "treaty": "New START", "severity": 0.5, "label": "fighting", "channel": "usa-rus/m",
        "title": "A communique", "to": "2022-12-31",
    }  # fmt: skip
    wanted = {"channel"} if kind in NEEDS_CHANNEL else set[str]()
    wanted |= OWN.get(kind, set()) - OPTIONAL - ({"persons"} if "swap" in kind else set())
    wanted -= {"meeting_date"} if kind == "meeting_postponed" else set()
    return {"id": "a", "date": "2022", "kind": kind} | {name: values[name] for name in wanted}


def test_every_kind_has_one_model_and_one_code() -> None:
    assert {get_args(m.model_fields["kind"].annotation) for m in MODELS} == {(k,) for k in KINDS}
    assert len(MODELS) == len(KINDS) == len(set(KINDS))
    assert [KIND_CODE[k] for k in KINDS] == list(range(len(KINDS)))
    assert set(get_args(ContactKind)) < set(KINDS)


def test_the_codes_of_kinds_are_golden() -> None:
    """They stand in arrays and in Parquet files that others have written."""
    some = ("meeting_agreed", "contact_cut", "released", "statement", "talks_held")
    assert [KIND_CODE[k] for k in some] == [0, 7, 13, 18, 26]


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_of_each_kind(kind: str) -> None:
    assert set(model_of(kind).model_fields) == COMMON | OWN.get(kind, set())


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_event_loads_and_needs_all_it_has(kind: str) -> None:
    event = EVENT.validate_python(least(kind))
    assert event.kind == kind
    assert type(event) is model_of(kind)
    for name in least(kind):
        with pytest.raises(ValidationError):
            EVENT.validate_python({k: v for k, v in least(kind).items() if k != name})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_its_nearest_codes_or_says_that_there_is_none(kind: str) -> None:
    text = model_of(kind).__doc__
    assert "CAMEO" in text
    assert "PLOVER" in text


@given(st.data())
def test_events_round_trip_through_plain_data(data: st.DataObject) -> None:
    plain = data.draw(events("a", "2022-01-01", [], ["usa-rus/ministers"]))
    event = EVENT.validate_python(plain)
    assert EVENT.validate_python(event.plain()) == event
    assert EVENT.validate_json(EVENT.dump_json(event)) == event


def test_events_are_frozen() -> None:
    event = EVENT.validate_python(least("statement"))
    with pytest.raises(ValidationError, match="frozen"):
        event.date = "2023"


@pytest.mark.parametrize(
    ("kind", "field", "value", "ok"),
    [
        ("escalation", "severity", 1, True),
        ("escalation", "severity", 0, False),
        ("escalation", "severity", 1.01, False),
        ("escalation", "severity", True, False),
        ("escalation", "severity", "0.5", False),
        ("escalation", "severity", float("nan"), False),
        ("call_held", "minutes", 0.5, True),
        ("call_held", "minutes", 0, False),
        ("call_held", "minutes", float("inf"), False),
        ("sentenced", "years", 16, True),
        ("sentenced", "years", -1, False),
        ("detained", "national_of", "RUS", False),
        ("detained", "persons", [], False),
        ("statement", "by", "NO", False),
        ("statement", "by", "NOR", True),
        ("statement", "id", "a\n", False),
        ("statement", "id", "a" * 81, False),
        ("statement", "summary", "", False),
        ("statement", "summary", "x" * 2_001, False),
        ("statement", "summary", "two\nlines\tand a tab", True),
        ("statement", "summary", "a bell\a", False),
        ("statement", "channel", "usa-usa/m", False),
        ("statement", "channel", "usa-xxx/m", True),  # its log may declare XXX
        ("statement", "channel", "usa-xx/m", False),
        ("statement", "channel", "usa-rus/m\n", False),
        ("statement", "date", 2022, True),
        ("statement", "date", True, False),
        ("statement", "date", 2022.0, False),
        ("statement", "source", {"document": "x", "paragraph": 3}, True),
        ("statement", "source", {"document": "x", "paragraph": True}, False),
        ("statement", "source", {"document": "x", "paragraph": 0}, False),
        ("statement", "accounts", {"RUS": {"denial": True}}, True),
        ("statement", "accounts", {"RUS": {"denial": True, "kind": "call_held"}}, False),
        ("statement", "accounts", {"RUS": {"denial": True, "agenda": ["war"]}}, False),
        ("statement", "accounts", {"RUS": {"kind": "contact_cut"}}, False),
        ("statement", "severity", 0.5, False),
    ],
)
def test_values(kind: str, field: str, value: object, ok: bool) -> None:
    data = least(kind) | {field: value}
    if ok:
        EVENT.validate_python(data)
    else:
        with pytest.raises(ValidationError):
            EVENT.validate_python(data)


def test_a_paragraph_may_be_one_or_several() -> None:
    for written, read in ((3, (3,)), ([3, 4], (3, 4)), ([], ())):
        source = {"document": "x", "paragraph": written}
        event = EVENT.validate_python(least("statement") | {"source": source})
        assert event.source is not None
        assert event.source.paragraph == read
