"""Positions of what-ifs: their sliders, their changes, their scenarios, and branches of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import CHANNEL, lesson, opened, plan

from sim.kernel.run import run
from sim.model.compiling import compile_scenario
from sim.scenario.scenario import Change
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.record.refusal import Refused
from sim.seminar.what_if.from_lesson import InRecord, base_of
from sim.seminar.what_if.inserting import INSERTED, MOST_PEOPLE, Insertion, insertions, treaties_of
from sim.seminar.what_if.position import (
    Position,
    branch_of,
    in_words,
    position_of,
    position_text,
    scenario_at_position,
    shipped_position,
    stepped,
)
from sim.seminar.what_if.record import BRANCHES, MAX_CHANGES
from sim.seminar.what_if.shipped import Base
from sim.seminar.what_if.sliders import reason_of, with_own_doctrines
from sim.seminar.what_if.whole import SEMINAR

NAME = "No invasion: “quoted”, and a # mark"
ARTICLE = Path(__file__).parents[2] / "scenarios" / "seminar-article.yaml"
SLIDERS: list[dict[str, Any]] = [
    {
        "title": "Talks",
        "path": "doctrines.transactional.act.call.bias",
        "from": -6,
        "to": 0,
        "step": 0.1,
    },
    {
        "title": "Both",
        "paths": ["rates_per_day.call", "rates_per_day.meet"],
        "from": -0.01,
        "to": 0.1,
        "step": 0.01,
        "reason": "It was counted.",
    },
]
BASE = base_of(plan())
OWN = base_of(plan(what_if={"sliders": SLIDERS}))
START = shipped_position(BASE)


def values_at(base: Base, position: Position) -> list[float]:
    data = scenario_at_position(base, position).model_dump()
    call, rates = data["doctrines"]["transactional"]["act"]["call"], data["rates_per_day"]
    return [call["bias"], rates["call"], rates["meet"]]


def insertion(kind: str, date: str, **asked: Any) -> dict[str, Any]:
    """Write one event that a form inserts."""
    return insertions(BASE, Insertion(kind, date, **asked))[0]


def test_a_slider_gives_the_number_or_what_is_added_to_each() -> None:
    start = shipped_position(OWN)
    bias, call, meet = values_at(OWN, start)
    assert start.values == (bias, 0.0)
    assert values_at(OWN, start.slid(OWN, {0: -1.0})) == [-1.0, call, meet]
    found = values_at(OWN, start.slid(OWN, {1: 0.05}))
    assert found == pytest.approx([bias, call + 0.05, meet + 0.05])


def test_a_slider_says_why_it_ships_so() -> None:
    assert reason_of(OWN.scenario, OWN.sliders[1]) == "It was counted."
    assert "Contact is a tool" in reason_of(OWN.scenario, OWN.sliders[0])
    assert "Contact is a tool" in reason_of(BASE.scenario, BASE.sliders[0])


def test_the_sliders_on_offer_move_one_party_and_not_the_other() -> None:
    assert [s.title for s in BASE.sliders[:3]] == [
        "How readily FRA seeks contact",
        "How readily FRA accepts contact",
        "How readily FRA cuts contact or calls a meeting off",
    ]
    moved = scenario_at_position(BASE, START.slid(BASE, {0: 1.0}))
    before = BASE.scenario.doctrines
    assert {n for n in before if moved.doctrines[n] != before[n]} == {"transactional-fra"}


def test_an_own_doctrine_changes_no_world() -> None:
    scenario = load_scenario(lesson())
    split = with_own_doctrines(scenario, ["FRA", "ITA"])
    other = scenario_at_position(BASE, START.slid(BASE, {0: 1.0}))
    tallies = [run(compile_scenario(s), 1, 0, 100)[0] for s in (scenario, split)]
    assert (tallies[0].values == tallies[1].values).all()
    assert (tallies[0].occupancy == tallies[1].occupancy).all()
    changed = run(compile_scenario(other), 1, 0, 100)[0]  # the control: a moved slider does
    assert (changed.events != tallies[0].events).any()


def test_what_the_rounds_asked_is_asked_of_every_world() -> None:
    assert BASE.asked == {"r1q1": "yes", "r1q2": "yes", "r2q1": "yes"}
    scenario = scenario_at_position(BASE, START)
    tally = run(compile_scenario(scenario), 1, 0, 50)[0]
    for q, name in enumerate(scenario.outcomes):
        if name in BASE.asked:
            assert set(tally.values[:, q]) == {1}, name
    changed = scenario_at_position(BASE, START.changed(BASE, {"remove": "the-cut"}))
    tally = run(compile_scenario(changed), 1, 0, 50)[0]  # the control: without the event it differs
    assert 0 in set(tally.values[:, list(changed.outcomes).index("r1q2")])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"remove": "no-such"}, "must name an event of the history"),
        ({"move": {"event": "the-cut", "to": "2031-01-01"}}, "must not lie after until 2022-12-31"),
        ({"move": {"event": "the-cut", "to": "yesterday"}}, "must be an EDTF date"),
        ({"remove": "a", "move": {"event": "b", "to": "2021-01-01"}}, "exactly one"),
        ({}, "exactly one"),
        (insertion("call_held", "2021-12-31/2022-01-01"), "wholly before or wholly"),
        (insertion("call_held", "2021-02-01", by="USA"), "must be one of FRA, ITA"),
        (insertion("call_held", "2021-02-01", channel="fra-ita/leaders"), "must name a channel"),
        (insertion("call_held", "<b>"), "must be an EDTF date"),
    ],
)
def test_what_the_scenario_refuses_is_refused_in_its_words(
    told: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        START.changed(BASE, told)


@pytest.mark.parametrize("kind", INSERTED)
@pytest.mark.parametrize("by", ["", "FRA"])
@pytest.mark.parametrize("date", ["2021-04-01", "2022-06-01"])
def test_each_kind_of_the_form_can_be_inserted(kind: str, by: str, date: str) -> None:
    wish = Insertion(kind, date, by, holder="FRA ITA", pair="FRA ITA", people=2)
    found = START
    for change in insertions(BASE, wish):
        found = found.changed(BASE, change)
    run(compile_scenario(scenario_at_position(BASE, found)), 1, 0, 5)
    assert all(w.startswith("Inserted: ") for w in in_words(BASE, found))


def test_an_exchange_is_two_releases_of_one_exchange() -> None:
    wish = Insertion("exchange", "2021-04-01", pair="FRA ITA", people=2)
    events = [c["insert"] for c in insertions(BASE, wish)]
    assert [(e["held_by"], e["national_of"], e["unnamed"]) for e in events] == [
        ("FRA", "ITA", 2),
        ("ITA", "FRA", 2),
    ]
    assert len({e["exchange"] for e in events}) == 1
    found = START.changed(BASE, {"insert": events[0]}).changed(BASE, {"insert": events[1]})
    assert in_words(BASE, found)[0] == "Inserted: FRA lets 2 people of ITA go on 2021-04-01"


def test_an_escalation_has_its_severity() -> None:
    grave, light = (
        START.changed(BASE, insertion("escalation", "2021-04-01", by="ITA", severity=s))
        for s in (0.9, 0.2)
    )
    assert in_words(BASE, grave)[0] == "Inserted: Escalation of severity 0.9 on 2021-04-01"
    tallies = [
        run(compile_scenario(scenario_at_position(BASE, p)), 1, 0, 200)[0] for p in (grave, light)
    ]
    assert (tallies[0].events != tallies[1].events).any()
    same = insertion("escalation", "2021-04-01", by="ITA", severity=0.2)
    assert len(grave.changed(BASE, same).changes) == 1  # it takes the place of the other


@pytest.mark.parametrize(
    ("kind", "asked", "words"),
    [
        ("detained", {}, "cannot be inserted here"),
        ("released", {"holder": "FRA FRA"}, "Choose from the list"),
        ("released", {"holder": "USA FRA"}, "Choose from the list"),
        ("exchange", {"pair": ""}, "Choose from the list"),
        ("released", {"holder": "FRA ITA", "people": 0}, "Give 1 to 1,000 people"),
        ("released", {"holder": "FRA ITA", "people": MOST_PEOPLE + 1}, "Give 1 to 1,000 people"),
        ("treaty_resumed", {"treaty": "another"}, "Choose from the list"),
    ],
)
def test_what_no_form_offers_is_not_inserted(kind: str, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        insertion(kind, "2021-04-01", **asked)


@pytest.mark.parametrize("severity", [0.0, -1.0, 1.5])
def test_a_severity_obeys_the_rule_of_logs(severity: float) -> None:
    with pytest.raises(Refused, match="severity"):
        START.changed(BASE, insertion("escalation", "2021-04-01", severity=severity))


def test_the_treaties_are_those_that_history_names() -> None:
    assert treaties_of(BASE.scenario) == ["the treaty"]
    assert treaties_of(load_scenario(ARTICLE)) == ["New START"]


def test_a_change_takes_the_place_of_one_of_the_same_event() -> None:
    found = START.changed(BASE, {"remove": "the-cut"})
    found = found.changed(BASE, {"move": {"event": "the-cut", "to": "2021-04-01"}})
    assert in_words(BASE, found) == ["Moved: Contact cut (ITA) from 2021-03-01 to 2021-04-01"]
    assert found.without(BASE, 0) == START
    with pytest.raises(Refused, match="no such change"):
        found.without(BASE, 1)


def test_a_position_holds_so_many_changes() -> None:
    found = START
    for day in range(1, MAX_CHANGES + 1):
        found = found.changed(BASE, insertion("call_held", f"2021-04-{day:02}"))
    with pytest.raises(Refused, match="30 changes"):
        found.changed(BASE, insertion("call_held", "2021-05-01"))


@given(st.integers(-3, 12), st.floats(allow_nan=False, width=32))
def test_a_slider_stays_in_its_range_and_on_its_steps(place: int, value: float) -> None:
    try:
        found = START.slid(BASE, {place: value})
    except Refused:
        assert not (0 <= place < len(BASE.sliders) and -2 <= value <= 2)
        return
    assert abs(found.values[place] - value) <= 0.05 + 1e-9
    assert round(found.values[place] * 10, 6).is_integer()
    scenario_at_position(BASE, found)


def test_a_slider_can_go_back_to_where_it_ships() -> None:
    slider = OWN.sliders[0]
    shipped = OWN.shipped[0]
    assert stepped(slider, shipped + 0.001, shipped) == shipped
    assert stepped(slider, slider.to, shipped) <= slider.to
    moved = shipped_position(OWN).slid(OWN, {0: -1.0}).slid(OWN, {0: shipped})
    assert scenario_at_position(OWN, moved) == OWN.scenario


def test_a_branch_keeps_its_position_in_a_record() -> None:
    position = START.slid(BASE, {0: 0.7}).changed(BASE, {"remove": "the-cut"})
    position = position.changed(BASE, insertion("call_held", "2021-04-01", by="FRA"))
    branch = branch_of(position, BASE, 3, "A line kept open", 2)
    assert branch.values == {"How readily FRA seeks contact": 0.7}
    again = SEMINAR.recorded_of(1, 0, branch.written()).event
    assert again == branch
    assert position_of(BASE, branch) == position
    other = branch.model_copy(update={"seed": 9})  # the control: another seed is another position
    assert position_of(BASE, other) != position


def test_an_exported_branch_is_a_scenario_with_the_same_worlds() -> None:
    base = base_of(plan_of(load_scenario(ARTICLE)))
    position = shipped_position(base).slid(base, {0: 1.0, 3: 0.02})
    position = position.changed(base, {"remove": "invasion"})
    branch = branch_of(position, base, 1, NAME, None)
    text = position_text(base, position_of(base, branch), NAME, InRecord.origin)
    found = load_scenario(text=text)
    assert found.title == f"A lesson on ten minutes in New Delhi: {NAME}"
    assert "Removed: Invasion of 2022-02-24; Moscow is readier to talk: 1" in (found.reasons or "")
    here = scenario_at_position(base, position)
    assert found.outcome_order == here.outcome_order
    one, two = (run(compile_scenario(s), position.seed, 0, 20)[0] for s in (found, here))
    assert (one.values == two.values).all()
    shipped = scenario_at_position(base, shipped_position(base))
    other = run(compile_scenario(shipped), position.seed, 0, 20)[0]  # the control
    assert (other.values != one.values).any()


def test_a_branch_of_an_edited_lesson_is_refused_and_stays(tmp_path: Path) -> None:
    branch = branch_of(START.slid(BASE, {0: 1.0}), BASE, 1, "Mine", None)
    with pytest.raises(Refused, match="no slider “How readily FRA seeks contact” any more"):
        position_of(OWN, branch)
    gone = branch_of(START, BASE, 2, "Gone", None)
    gone = gone.model_copy(update={"changes": (Change(remove="rewritten"),)})
    with pytest.raises(Refused, match="must name an event of the history"):
        position_of(BASE, gone)
    session = opened(tmp_path)
    session.record.add(1, branch)
    assert BRANCHES.of(session.room).kept == {1: branch}
    session.store.close()


def test_a_lesson_without_sliders_of_its_own_is_offered_some() -> None:
    assert base_of(plan(what_if={"sliders": []})).offered
    assert not OWN.offered
    assert BASE.channel == CHANNEL
