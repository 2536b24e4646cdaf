"""What is otherwise in a scenario, told to people."""

from __future__ import annotations

from typing import Any

import pytest
from micro import CHANNEL
from pasts import event, told

from sim.ground.dates import parse
from sim.report.pages import sentence
from sim.report.wording import changes_in_words, completeness, differences, not_known
from sim.scenario.scenario import Scenario

CUT = event("cut", "contact_cut", "2021-01-20", by="USA")
CALL = event("call", "call_held", "2021-02-01/2021-02-03", by="CAN")


def whole(*changes: dict[str, Any], **parts: Any) -> Scenario:
    return told(CUT, CALL, changes=list(changes), **parts)


def test_each_form_of_change_is_told_in_the_order_of_days() -> None:
    new = event("new", "call_held", "2021-01-05", by="CAN")
    scenario = whole(
        {"remove": "call"},
        {"move": {"event": "cut", "to": "2021-01-25"}},
        {"insert": new},
        {"set_doctrine": {"party": "USA", "doctrine": "can", "from": "2021-01-02"}},
        {
            "set_doctrine": {
                "party": "CAN",
                "doctrine": "usa",
                "from": "2021-03-02",
                "until": "2021-03-09",
            }
        },
    )
    assert changes_in_words(scenario) == [
        "USA follows the doctrine “Made for a test” from 2021-01-02 on",
        "inserted: Call held (new) on 2021-01-05",
        "moved: Contact cut (USA) (cut) from 2021-01-20 to 2021-01-25",
        "removed: Call held (call) of 2021-02-01 to 2021-02-03",
        "CAN follows the doctrine “Made for a test” from 2021-03-02 until 2021-03-09",
    ]
    assert changes_in_words(whole()) == []


def test_it_is_said_where_governments_start_if_the_log_does_not_know() -> None:
    end_s = parse("2021-12-31").hi_s
    cut, call = whole(), whole(complete_from=None)
    assert not_known(cut, [CHANNEL], end_s) == ""  # the log is complete
    said = not_known(call, [CHANNEL], end_s)
    assert "at first from the channel's initial state." in said
    assert said.count(".") == 1
    assert not_known(call, [CHANNEL], parse("2021-02-10").hi_s) == ""  # the call is fresh


def test_from_when_the_log_is_complete() -> None:
    assert completeness(whole()) == "The log is taken to be complete from 2021-01-01 on."
    said = completeness(whole(complete_from=None))
    assert said.startswith("The log is taken to be complete from 2021-01-20 on, its first day")


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({}, []),
        ({"title": "Other words", "outcomes": {"o": {"type": "state_at", "state": "open"}}}, []),
        ({"until": "2021-04-30"}, ["until: 2021-04-30 instead of 2021-03-31"]),
        ({"rates_per_day": {"call": 0.25}}, ["rates_per_day.call: 0.25 instead of 0.1"]),
        ({"forums": {"summit": {"date": "2021-03-05"}}}, ["forums: added"]),
        ({"parties": {"CAN": {"doctrine": "usa"}, "USA": {"doctrine": "usa"}}},
         ["parties.CAN.doctrine: usa instead of can"]),
    ],
)  # fmt: skip
def test_other_differences_are_told_by_path(parts: dict[str, Any], found: list[str]) -> None:
    assert differences(whole(), whole(**parts)) == found
    back = differences(whole(**parts), whole())
    assert len(back) == len(found)


def test_an_event_more_does_not_move_the_others() -> None:
    early = event("early", "call_held", "2021-01-02", by="USA")
    assert differences(whole(), told(early, CUT, CALL)) == ["history.events.early: added"]
    later = told(CUT | {"date": "2021-01-21"}, CALL)
    assert differences(whole(), later) == [
        "history.events.cut.date: 2021-01-21 instead of 2021-01-20"
    ]


def test_many_differences_are_counted() -> None:
    rates = dict.fromkeys(("meet", "call", "cancel", "cut", "swap"), 0.9)
    found = differences(whole(), whole(rates_per_day=rates), most=2)
    assert found[2:] == ["and 3 more"]
    assert len(differences(whole(), whole(rates_per_day=rates))) == 5


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("denies it", "denies it."),
        ("denies it.", "denies it."),
        ("Why?", "Why?"),
        ("said “no.”", "said “no.”"),
        ("said “no”", "said “no”."),
        ("(in 2021)", "(in 2021)."),
    ],
)
def test_a_sentence_ends_once(text: str, ended: str) -> None:
    assert sentence(text) == ended
