"""Why: but-for shares by hand, the sets that reverse an outcome, and where two worlds part."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from micro import ALWAYS, CHANNEL, NEVER, doctrine, scenario
from pasts import detained, event, told

from sim.ground.errors import InputError
from sim.ground.intervals import wilson
from sim.model.compiling import compile_scenario
from sim.model.replication import replicate
from sim.scenario.scenario import Scenario
from sim.study import explaining
from sim.study.asking import removable, without
from sim.study.but_for import ButFor, Why
from sim.study.explaining import why
from sim.study.first_difference import FirstDifference

AT_END = {"cut": {"type": "state_at", "state": "cut_off", "date": "2021-02-11"}}
QUIET = dict.fromkeys(("meet", "call", "raise_detainees", "cancel", "cut", "swap"), 0.0)


def raid(id_: str, day: str, severity: float = 1.0) -> dict[str, Any]:
    more = {"by": "USA", "severity": severity, "label": "raid", "channel": None}
    return event(id_, "escalation", day, **more)


def sure(*raids: dict[str, Any], needed: float, **parts: Any) -> Scenario:
    """Canada cuts contact for sure once its grievance exceeds what it needs, and never before, nor
    twice.

    The grievance of a raid of severity 1 is 1 and does not fade; the feature is log(1 + grievance).
    """
    weights = {"bias": -15.0, "grievance": 18.0, "cut_off": NEVER}
    whole = {
        "doctrines": {"can": doctrine(cut=weights), "usa": doctrine()},
        "stocks": {"grievance": {"half_life_days": 100_000, "raised_by": {"escalation": needed}}},
        "rates_per_day": QUIET | {"cut": 50, "call": 0.001},
        "outcomes": AT_END,
        "show_from": "2021-02-09",
        "complete_from": "2021-02-09",
        "as_of": "2021-02-11",
        "until": "2021-02-13",
    }
    cut = event("the-cut", "contact_cut", "2021-02-10T12:00:00Z", by="CAN")
    return told(*raids, cut, **(whole | parts))


RAIDS = (raid("first", "2021-02-10T10:00:00Z"), raid("second", "2021-02-10T11:00:00Z"))


def shares(found: Why) -> dict[tuple[str, ...], float]:
    return {b.events: b.share for b in found.events}


# ---------------------------------------------------------------------------------- but for


def crisis(**parts: Any) -> Scenario:
    """One raid, one cut that follows from it for sure, and a word that weighs nothing."""
    return sure(RAIDS[0], event("word", "call_held", "2021-02-09", by="USA"), needed=6.0, **parts)


def test_but_for_shares_of_what_is_sure() -> None:
    """Without the raid nobody cuts; without the cut another opportunity is taken the same day."""
    found = why(crisis(), replications=40, workers=1)
    assert found.share == 1.0
    assert shares(found) == {("first",): 1.0, ("the-cut",): 0.0, ("word",): 0.0}
    assert [b.events for b in found.reversals] == [("first",)]
    assert (found.tried, found.exact, found.replications) == (3, True, 40)
    by = {b.events: b for b in found.events}
    assert (by["first",].low, by["first",].high) == wilson(40, 40)
    assert (by["word",].low, by["word",].high) == wilson(0, 40)
    assert all(b.made == 0.0 for b in found.events)


def test_a_removed_decision_may_be_taken_again() -> None:
    """Of the cut, which follows from the raid for sure; nobody decides a raid."""
    found = {b.events: b for b in why(crisis(), replications=40, workers=1).events}
    assert found["the-cut",].again == 1.0
    assert found["first",].again is None
    assert found["word",].again is not None
    assert found["word",].again < 0.2


def test_control_where_the_reason_goes_it_is_not_taken_again() -> None:
    """The cut has no second occasion: its opportunities are rare."""
    rare = crisis(rates_per_day=QUIET | {"cut": 0.001, "call": 0.001})
    found = {b.events: b for b in why(rare, replications=40, workers=1).events}
    assert found["the-cut",].again is not None
    assert found["the-cut",].again < 0.2


@pytest.mark.parametrize(
    ("share", "number", "certain"), [(1.0, 40, True), (0.5002, 100_000, False), (0.6, 40, False)]
)
def test_a_reversal_is_certain_where_its_interval_is(
    share: float, number: int, certain: bool
) -> None:
    low, high = wilson(round(share * number), number)
    found = ButFor(("a",), "A", "2022", share, low, high, 0.0, ())
    assert found.certain is certain


def test_shares_are_of_the_worlds_in_which_it_came_about() -> None:
    """By hand from the two ensembles: failed of those that had it, made of those that had not."""
    whole = told(
        event("cut", "contact_cut", "2021-01-20", by="USA"),
        doctrines={"can": doctrine(call=0.0), "usa": doctrine(accept_call=0.0, cut=-1.0)},
        rates_per_day=QUIET | {"call": 0.05, "cut": 0.05},
        outcomes={"open": {"type": "state_at", "state": "open"}},
        show_from="2021-01-20",
    )
    found = why(whole, replications=200, workers=1)
    before, after = (compile_scenario(s, retrace=True) for s in (whole, without(whole, ["cut"])))
    came = [
        [replicate(p, found.seed, r).situation.seen[0][0].state == 0 for r in range(200)]
        for p in (before, after)
    ]
    had = [b for a, b in zip(*came, strict=True) if a]
    had_not = [b for a, b in zip(*came, strict=True) if not a]
    (cut,) = found.events
    assert found.share == len(had) / 200
    assert cut.share == had.count(False) / len(had)
    assert cut.made == had_not.count(True) / len(had_not)
    assert cut.made > 0
    assert (cut.low, cut.high) == wilson(had.count(False), len(had))


def test_what_goes_along_is_named_with_the_event() -> None:
    whole = told(
        detained("arrest", "2021-01-05"),
        detained("sentence", "2021-01-10", "sentenced"),
        detained("free", "2021-01-20", "released"),
        event("praise", "statement", "2021-01-21", causes=["free"]),
        outcomes={"free": {"type": "event_by", "kind": "released", "from": "2021-01-01"}},
        show_from="2021-01-01",
    )
    found = why(whole, replications=5, workers=1)
    along = {b.events: b.along for b in found.events}
    assert along == {
        ("arrest",): ("sentence", "free", "praise"),
        ("sentence",): (),
        ("free",): ("praise",),
    }
    assert shares(found) == {("arrest",): 1.0, ("free",): 1.0, ("sentence",): 0.0}


def test_events_are_asked_for_by_weight_and_labelled() -> None:
    found = why(crisis(), replications=5, label=lambda e: e.id.upper())
    assert [b.share for b in found.events] == sorted((b.share for b in found.events), reverse=True)
    assert {b.label for b in found.events} == {"FIRST", "THE-CUT", "WORD"}
    assert {b.date for b in found.events} >= {"2021-02-09"}


def test_it_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    why(crisis(), replications=2, executor="reference", progress=lambda *at: seen.append(at))
    assert seen == [(0, 14), (6, 14), (6, 6)]  # worlds; one event alone reverses it


# ---------------------------------------------------------------------------------- sets


def enough(**parts: Any) -> Scenario:
    return sure(*RAIDS, needed=6.0, **parts)


def test_two_causes_each_enough_reverse_only_together() -> None:
    found = why(enough(), replications=30, workers=1)
    assert set(shares(found).values()) == {0.0}
    assert [(b.events, b.share) for b in found.reversals] == [(("first", "second"), 1.0)]
    assert found.tried == 3 + 3
    assert found.exact


def test_control_where_one_is_enough_no_pair_is_tried() -> None:
    found = why(crisis(), replications=10, workers=1)
    assert {len(b.events) for b in found.reversals} == {1}
    assert found.tried == len(found.events)


def test_three_causes_each_enough_reverse_only_together() -> None:
    third = raid("third", "2021-02-10T11:30:00Z")
    found = why(sure(*RAIDS, third, needed=6.0), replications=10, workers=1)
    assert [b.events for b in found.reversals] == [("first", "second", "third")]
    assert found.tried == 4 + 6 + 4


def test_what_never_comes_about_has_no_causes() -> None:
    asked = {"open": {"type": "state_at", "state": "prisoner_only", "date": "2021-02-11"}}
    found = why(enough(outcomes=asked), replications=10, workers=1)
    assert (found.share, found.reversals, found.differences) == (0.0, (), ())
    assert all((b.share, b.low, b.high) == (0.0, 0.0, 1.0) for b in found.events)


def test_beyond_the_bound_the_likeliest_sets_are_tried_and_it_is_said() -> None:
    found = why(enough(), replications=5, workers=1, sets=4)
    assert (found.tried, found.exact) == (4, False)


def test_beyond_the_bound_of_events_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "MAX_EVENTS", 2)
    found = why(enough(), replications=5, workers=1)
    assert {b.events for b in found.events} == {("first",), ("second",)}
    assert not found.exact


# ---------------------------------------------------------------------------------- the first step


def test_where_two_worlds_part_is_by_hand() -> None:
    """Without the raid the cut is not made: p falls from 1 to a probability of next to nothing."""
    found = why(crisis(), replications=10, workers=1, samples=2)
    assert [d.replication for d in found.differences] == [0, 1]
    for d in found.differences:
        assert (d.removed, d.event, d.where) == (("first",), "contact_cut", "history")
        assert (d.decision, d.party, d.at) == ("cut", "CAN", "2021-02-10T12:00:00Z")
        assert d.base == pytest.approx(1.0)
        assert d.changed is not None
        assert d.changed < 1e-6
        assert 0 < d.uniform < 1
        assert d.margin == d.uniform - d.changed
    assert why(crisis(), replications=10, samples=0).differences == ()


def test_a_margin_is_the_distance_on_the_side_where_it_did_not_happen() -> None:
    d = FirstDifference(
        0, ("x",), "2021-01-01", "call_held", "history", "call", "USA", 0.3, 0.5, 0.1
    )
    assert d.margin == pytest.approx(0.2)
    assert replace(d, where="what-if").margin == pytest.approx(0.2)
    assert replace(d, where="what-if", base=0.25).margin == pytest.approx(0.05)
    assert replace(d, changed=None).margin is None


def test_an_answer_that_falls_otherwise_is_the_parting() -> None:
    """Somebody asks either way; the raid decides what the other says to it."""
    whole = sure(
        RAIDS[0],
        needed=6.0,
        doctrines={
            "can": doctrine(accept_call={"bias": 20.0, "grievance": -50.0}),
            "usa": doctrine(call=ALWAYS),
        },
        rates_per_day=QUIET | {"cut": 1e-9, "call": 1.0},
        outcomes={"refused": {"type": "event_by", "kind": "contact_refused", "from": "2021-02-09"}},
    )
    events = [
        RAIDS[0],
        event("no", "contact_refused", "2021-02-11", by="CAN"),
    ]
    log = told(*events, rates_per_day=QUIET).history
    whole = whole.model_copy(update={"history": log, "complete_from": "2021-02-10"})
    found = why(whole, replications=5, workers=1)
    assert shares(found)["first",] == 1.0
    parted = {(d.decision, d.party, d.event, d.where) for d in found.differences}
    assert parted == {("accept_call", "CAN", "call_held", "what-if")}


# ---------------------------------------------------------------------------------- what is asked


def test_what_can_be_removed() -> None:
    whole = told(
        event("early", "call_held", "2020-12-20"),
        event("call", "call_held", "2021-01-20"),
        event("other", "call_held", "2021-01-21", channel="can-usa/defence"),
        event("words", "statement", "2021-01-22"),
        event("seen", "copresence", "2021-01-23"),
        event("gone", "contact_cut", "2021-01-24"),
        event("later", "call_held", "2021-03-20"),
        raid("raid", "2021-01-10"),
        channels={CHANNEL: {"initial": "open"}, "can-usa/defence": {"initial": "open"}},
        changes=[{"remove": "gone"}],
    )
    assert [e.id for e in removable(whole)] == ["raid", "call", "other"]
    narrow = whole.model_copy(update={"channels": {CHANNEL: whole.channels[CHANNEL]}})
    assert [e.id for e in removable(narrow)] == ["raid", "call"]
    open_ended = whole.model_copy(update={"complete_from": None})
    assert removable(open_ended)[0].id == "early"


def refusal(whole: Scenario, outcome: str | None = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        why(whole, outcome, replications=2)
    return [str(p) for p in caught.value.problems]


def test_what_cannot_be_asked_is_refused() -> None:
    asked = AT_END | {"share": {"type": "share_of_days", "state": "open"}}
    whole = crisis(outcomes=asked)
    assert refusal(whole, "cuts") == [
        "--outcome: must be one of cut; did you mean 'cut'? (got cuts)"
    ]
    assert refusal(whole, "share") == ["--outcome: must be one of cut (got share)"]
    assert refusal(crisis(outcomes={"share": asked["share"]})) == [
        "A small scenario: outcomes: a why needs an outcome of type state_at, state_by or event_by"
    ]
    rule = "history: there is no event of history to ask about: a why needs a coded history"
    assert refusal(scenario(outcomes={"x": {"type": "state_at", "state": "open"}})) == [
        f"A small scenario: {rule}"
    ]


def test_the_first_outcome_is_asked_unless_another_is_named() -> None:
    more = {"b": AT_END["cut"], "a": AT_END["cut"] | {"state": "open"}}
    assert why(crisis(outcomes=more), replications=2).outcome == "a"
    assert why(crisis(outcomes=more), "b", replications=2).outcome == "b"


def test_it_is_plain_data_and_depends_on_neither_executor_nor_workers() -> None:
    one = why(enough(), replications=20, executor="reference", workers=1)
    two = why(enough(), replications=20, executor="kernel", workers=2)
    assert one == two
    assert json.loads(json.dumps(one.plain()))["exact"] is True
    assert isinstance(one.events[0], ButFor)
