"""Which events keep their order, and that a past whose dates leave it open is given back."""

from __future__ import annotations

from typing import Any

import pytest
from micro import doctrine
from pasts import event, told
from put_back import unlike_history

from sim.ensemble import weighed
from sim.ground.dates import parse
from sim.log.events import EVENT, Event
from sim.model import compiling_facts, compiling_past
from sim.model.compiled_scenario import EXOGENOUS, PASSED_BY
from sim.model.compiling import compile_scenario
from sim.model.compiling_order import ends_of, in_sequence, kept_after
from sim.model.compiling_past import PastBuilder
from sim.model.dating import fact_instants
from sim.scenario.doctrine import DECISIONS
from sim.scenario.scenario import Scenario

EVEN = {p: doctrine(**dict.fromkeys(DECISIONS, 0.0)) for p in ("can", "usa")}
LET = [{"set_doctrine": {"party": "USA", "doctrine": "usa", "from": "2021-01-05"}}]
DEFENCE = "can-usa/defence"


def coded(*events: dict[str, Any]) -> dict[str, Event]:
    return {e["id"]: EVENT.validate_python(e) for e in events}


def met(id_: str, date: str, **more: Any) -> dict[str, Any]:
    return event(id_, "meeting_held", date, **more)


def agreed(id_: str, date: str, of: str, **more: Any) -> dict[str, Any]:
    return event(id_, "meeting_agreed", date, meeting_date=of, **more)


def cut(id_: str, date: str) -> dict[str, Any]:
    return event(id_, "contact_cut", date, by="USA")


CASES: dict[str, tuple[dict[str, str], list[dict[str, Any]]]] = {
    "by the middles of their dates": (
        {"a": "b"},
        [met("a", "2021-01-20"), met("b", "2021-01")],
    ),
    "then by id": ({"b": "a"}, [met("b", "2021-01"), met("a", "2021-01")]),
    "with every kind that settles a meeting": (
        {"b": "a", "c": "b", "d": "c"},
        [
            agreed("a", "2021-01", "2021-02-20"),
            event("b", "meeting_cancelled", "2021-01"),
            cut("c", "2021-01"),
            met("d", "2021-01"),
        ],
    ),
    "but not where dates say it": ({}, [met("a", "2021-01"), met("b", "2021-02")]),
    "nor over channels": ({}, [met("a", "2021-01"), met("b", "2021-01", channel=DEFENCE)]),
    "nor with calls and talks": (
        {},
        [
            met("a", "2021-01"),
            event("b", "call_held", "2021-01"),
            event("c", "corridor_talk", "2021-01"),
            event("d", "contact_refused", "2021-01"),
        ],
    ),
    "after their causes": (
        {"a": "b"},
        [met("a", "2021-01", causes=["b"]), agreed("b", "2021-01", "2021-01")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_settles_a_meeting_keeps_its_order(case: str) -> None:
    expected, events = CASES[case]
    assert kept_after(coded(*events).values()) == expected


@pytest.mark.parametrize("changes", [[], LET])
def test_they_happen_in_this_order_in_each_world(changes: list[Any]) -> None:
    """In a forecast as in a what-if, or the two would differ by their dates."""
    events = [met("c", "2021-01-11"), met("b", "2021-01"), cut("a", "2021-01-10/2021-01-20")]
    program = compile_scenario(told(*events, doctrines=EVEN, changes=changes))
    place = [program.facts.ids.index(i) for i in ("c", "a", "b")]
    drawn = [fact_instants(program, 1, r) for r in range(100)]
    times = [[instants[f] for f in place] for instants in drawn]
    assert all(t == sorted(t) for t in times)
    assert len({t[0] for t in times}) == 1  # an exact day is noon, as before
    assert len({t[1] for t in times}) == len({t[2] for t in times}) == 100
    alone = compile_scenario(told(events[1], doctrines=EVEN))
    first = [fact_instants(alone, 1, r)[0] for r in range(100)]
    assert any(f < t[1] for f, t in zip(first, times, strict=True))  # the control


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([met("a", "2021-01-20")], "2021-01-20T12:00:01Z"),
        ([met("a", "2021-01-20"), met("b", "2021-01")], "2021-01-21"),
        ([met("a", "2021-01-20"), met("b", "2021-01-20")], "2021-01-20T12:00:01Z"),
        ([met("a", "2021-01/2021-02")], "2021-03-01"),
    ],
    ids=["noon", "pushed by what comes before", "not by what has the same noon", "imprecise"],
)
def test_when_an_event_has_ended(events: list[dict[str, Any]], expected: str) -> None:
    assert ends_of(in_sequence(coded(*events)))["a"] == parse(expected).lo_s


FORUM = {"forums": {"f": {"date": "2021-02-10/2021-02-12"}}}
PASTS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "two meetings of one month": ([met("a", "2021-01"), met("b", "2021-01")], {}),
    "one that was agreed, and one of nobody knows when": (
        [
            agreed("agreed", "2021-01-05", "2021-02-12"),
            met("held", "2021-02-05", causes=["agreed"]),
            met("other", "2021-02-04/2021-02-06"),
        ],
        {},
    ),
    "a meeting and a cut": ([met("a", "2021-02"), cut("b", "2021-02")], {}),
    "a meeting that is pushed to later on its day": (
        [met("a", "2021-01/2021-02-10"), met("b", "2021-01-20"), met("c", "2021-02-13")],
        {},
    ),
    "a talk and a copresence of one forum": (
        [event("a", "corridor_talk", "2021-02-10"), event("b", "copresence", "2021-02-12")],
        FORUM,
    ),
    "a copresence and a refusal of one forum": (
        [
            event("a", "copresence", "2021-02-10/2021-02-12"),
            event("b", "contact_refused", "2021-02-10/2021-02-12", forum="f"),
        ],
        FORUM,
    ),
}


def past(case: str) -> Scenario:
    events, parts = PASTS[case]
    return told(*events, doctrines=EVEN, changes=LET, **parts)


@pytest.mark.parametrize("case", PASTS)
def test_4_an_empty_what_if_gives_such_a_past_back(case: str) -> None:
    assert unlike_history(past(case), 7, 30) == 0


@pytest.mark.parametrize("case", PASTS)
def test_4_control_by_the_rule_before_it_does_not(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each date drawn by itself and evenly, and each copresence taken for a forum that passed."""
    monkeypatch.setattr(weighed, "law_of", lambda *_: weighed.EVEN)
    monkeypatch.setattr(compiling_facts, "kept_after", lambda _: {})
    monkeypatch.setattr(compiling_facts, "in_sequence", dict)
    monkeypatch.setattr(compiling_past, "in_sequence", dict)
    monkeypatch.setattr(PastBuilder, "spoken_beside", lambda *_: False)
    assert unlike_history(past(case), 7, 30) > 5


def test_a_copresence_beside_an_approach_stays_without_it() -> None:
    events, parts = PASTS["a talk and a copresence of one forum"]
    whole = told(*events, doctrines=EVEN, changes=[{"remove": "a"}], **parts)
    program = compile_scenario(whole)
    assert program.past is not None
    assert program.past.role[program.facts.ids.index("b")] == EXOGENOUS
    assert not program.past.passes.any()  # or the forum would pass twice
    alone = compile_scenario(told(events[1], doctrines=EVEN, changes=LET, **parts))
    assert alone.past is not None
    assert alone.past.role.tolist() == [PASSED_BY]
