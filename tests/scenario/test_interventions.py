"""What a scenario asks, from when its changes reach, and from when it is counted."""

from __future__ import annotations

from typing import Any

import pytest
from pasts import event, told

from sim.ground.dates import DAY_S, parse
from sim.scenario.interventions import RUN_TYPES, first_change, observed_from, run_type
from sim.scenario.scope import run_span

CALL = event("call", "call_held", "2021-01-20")
LATER = event("later", "call_held", "2021-02-10")
SILENCE = event("silence", "request_unanswered", "2021-01-25", since="2021-01-15")
KNOWN_LATER = event("new", "request_unanswered", "2021-03-10", since="2021-01-12")


def let(start: str, until: str | None = None) -> dict[str, Any]:
    return {"set_doctrine": {"party": "USA", "doctrine": "can", "from": start, "until": until}}


def insert(date: str) -> dict[str, Any]:
    return {"insert": event("new", "contact_cut", date)}


CASES: dict[str, tuple[list[dict[str, Any]], str, str | None]] = {
    "nothing": ([], "forecast", None),
    "let after the facts": ([let("2021-03-01")], "policy", "2021-03-01"),
    "let on the last day of the facts": ([let("2021-02-28")], "what-if", "2021-02-28"),
    "let that ends before them": ([let("2020-01-01", "2020-01-31")], "what-if", "2020-01-01"),
    "insert after the facts": ([insert("2021-03-02")], "policy", "2021-03-02"),
    "insert inside": ([insert("2021-01-02")], "what-if", "2021-01-02"),
    "insert of a month": ([insert("2021-01")], "what-if", "2021-01-01"),
    "insert of a silence that is known after the facts": (
        [{"insert": KNOWN_LATER}],
        "what-if",
        "2021-01-12",
    ),
    "remove": ([{"remove": "call"}], "what-if", "2021-01-20"),
    "remove a silence": ([{"remove": "silence"}], "what-if", "2021-01-15"),
    "move back": ([{"move": {"event": "call", "to": "2021-01-05"}}], "what-if", "2021-01-05"),
    "move on": ([{"move": {"event": "call", "to": "2021-02-05"}}], "what-if", "2021-01-20"),
    "move beyond the facts": (
        [{"move": {"event": "call", "to": "2021-03-05"}}],
        "what-if",
        "2021-01-20",
    ),
    "the first of several": (
        [insert("2021-03-05"), {"remove": "later"}, let("2021-02-20")],
        "what-if",
        "2021-02-10",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_level_and_first_change(case: str) -> None:
    changes, expected, first = CASES[case]
    whole = told(CALL, SILENCE, LATER, changes=changes)
    assert run_type(whole) == expected
    assert first_change(whole) == (None if first is None else parse(first).lo_s)
    assert expected in RUN_TYPES


@pytest.mark.parametrize("case", CASES)
def test_a_what_if_is_counted_from_its_first_change_and_others_from_the_as_of_date(
    case: str,
) -> None:
    changes, what, first = CASES[case]
    whole = told(CALL, SILENCE, LATER, changes=changes)
    start = run_span(whole)[0]
    assert start == parse("2021-03-01").lo_s
    if what == "what-if":
        assert first is not None
        assert observed_from(whole) == parse(first).lo_s
    else:
        assert observed_from(whole) == start


def test_counting_begins_with_a_day() -> None:
    whole = told(CALL, changes=[insert("2021-01-05T18:30:00Z")])
    assert first_change(whole) == parse("2021-01-05T18:30:00Z").lo_s
    assert observed_from(whole) == parse("2021-01-05").lo_s
    assert observed_from(whole) % DAY_S == 0


@pytest.mark.parametrize("changes", [[], [{"remove": "call"}], [let("2021-03-05")]])
def test_observe_from_is_the_users_to_say(changes: list[dict[str, Any]]) -> None:
    whole = told(CALL, changes=changes, show_from="2020-12-24")
    assert observed_from(whole) == parse("2020-12-24").lo_s


def test_what_is_held_fixed_is_said_for_each_level() -> None:
    assert list(RUN_TYPES) == ["forecast", "policy", "what-if"]
    assert all("counterfactual" not in words for words in RUN_TYPES.values())
    assert "noise" in RUN_TYPES["what-if"]
