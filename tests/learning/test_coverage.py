"""What a source cannot show is not asked: the score has mean nought over logs without it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from learned import Likelihood, lived
from micro import CHANNEL, doctrine, scenario
from pasts import event, told

from sim.ground.dates import parse
from sim.ground.errors import InputError
from sim.hindcast.hindcasting import SIMULATOR, hindcast
from sim.hindcast.plan import pairs_of, planned
from sim.hindcast.seen import CONTACT, COUNT
from sim.kernel import run as kernel
from sim.learning.decision_points import TOLD
from sim.learning.design import design_of
from sim.learning.predicting import is_reported, shares_held
from sim.log.coverage import Covered
from sim.log.events import KIND_CODE, Event
from sim.model.compiled_scenario import STREAM_KINDS, CompiledScenario
from sim.model.compiling import compile_scenario
from sim.rules.features import FEATURES
from sim.scenario.scenario import Observation, Scenario
from sim.study.verifying import verify

FOR_EVER = dict.fromkeys(("open", "open_at_most", "prisoner_only", "corridor"))
MEETINGS = (Covered(kinds=("meeting_agreed", "meeting_held", "meeting_cancelled")),)
OWN_CALLS = (
    Covered(kinds=("call_held",), side="USA"),
    Covered(kinds=("contact_refused",), side="CAN"),
)
"""Calls that Washington began, and what the other said to it."""


def talking(**biases: float) -> dict[str, Any]:
    """A doctrine that calls, meets and calls off, by what meetings it remembers."""
    return doctrine(
        call=biases.get("call", 0.0),
        accept_call=0.4,
        meet={"bias": biases.get("meet", 0.2), "goodwill": 0.8},
        accept_meet={"bias": 0.3, "grievance": -0.8},
        cancel=-1.0,
    )


def world(*, calls_alone: bool = False) -> Scenario:
    """A channel that nothing lapses on, where only meetings leave a memory: so what a source of
    meetings cannot show leaves no trace in what it shows."""
    raised = {"goodwill": {"meeting_held": 1.0}, "grievance": {"meeting_cancelled": 1.0}}
    return scenario(
        {"can": talking(meet=-0.2), "usa": talking(call=0.5)},
        until="2021-08-31",
        channels={CHANNEL: {"initial": "open", "lapse_days": FOR_EVER}},
        rates_per_day={"call": 0.1} | ({} if calls_alone else {"meet": 0.1, "cancel": 0.05}),
        stocks={k: {"half_life_days": 60, "raised_by": v} for k, v in raised.items()},
    )


def without(history: Scenario, gone: Callable[[Event], bool], coverage: object) -> Scenario:
    """A history from which events are deleted, with or without a word on what its source shows."""
    log = history.history
    assert log is not None
    lost = {e.id for e in log.events if gone(e)}
    kept = tuple(
        e.model_copy(update={"causes": tuple(c for c in e.causes if c not in lost)})
        for e in log.events
        if e.id not in lost
    )
    channel = log.channels[CHANNEL].model_copy(update={"coverage": coverage})
    made = log.model_copy(update={"events": kept, "channels": {CHANNEL: channel}})
    return history.model_copy(update={"history": made})


def no_meeting(event: Event) -> bool:
    return not event.kind.startswith("meeting")


def no_own_call(event: Event) -> bool:
    shown = {"call_held": "USA", "contact_refused": "CAN"}
    return event.by is None or shown.get(event.kind) != event.by


def scores(
    whole: Scenario, worlds: int, gone: Callable[[Event], bool], coverage: object
) -> np.ndarray:
    """z of the mean score for each weight that had any; one that is always the same is far off."""
    program, found = compile_scenario(whole), []
    for n in range(worlds):
        at = Likelihood(without(lived(whole, 21, n, program), gone, coverage))
        found.append(at.both(at.parameters.shipped)[1])
    each = np.array(found)
    asked = np.abs(each).max(axis=0) > 1e-6
    spread = np.maximum(each.std(axis=0, ddof=1), 1e-6)
    return np.asarray((each.mean(axis=0) / spread * math.sqrt(worlds))[asked])


SOURCES = {
    "meetings": (world, no_meeting, MEETINGS),
    "own calls": (lambda: world(calls_alone=True), no_own_call, OWN_CALLS),
}


@pytest.mark.parametrize("source", SOURCES)
def test_the_score_has_mean_nought_where_a_source_shows_some_kinds(source: str) -> None:
    """Fixed seeds, so this is no gamble: z is to look like a standard Normal."""
    make, gone, coverage = SOURCES[source]
    z = scores(make(), 40, gone, coverage)
    assert math.sqrt(float((z**2).mean())) < 1.4
    assert np.abs(z).max() < 3.0


@pytest.mark.parametrize("source", SOURCES)
def test_control_without_a_word_on_coverage_it_has_not(source: str) -> None:
    make, gone, _ = SOURCES[source]
    assert math.sqrt(float((scores(make(), 12, gone, None) ** 2).mean())) > 3.0


# ------------------------------------------------------------------------- what is asked


def shown_by(history: Scenario, *rows: Covered, **parts: Any) -> Scenario:
    """A history whose source shows some kinds."""
    return without(history, lambda _: False, rows or None).model_copy(update=parts)


def calls(date: str = "2021-02-03", **parts: Any) -> Scenario:
    """A call in two months; either side calls with even odds and accepts half."""
    half = doctrine(call=0.0, accept_call=0.0, meet=0.0, accept_meet=0.0, acknowledge=2.0)
    one = event("call", "call_held", date, by="CAN")
    return told(one, doctrines={"can": half, "usa": half}, **parts)


def weighed(history: Scenario, reporting: float = 1.0) -> float:
    at = Likelihood(history, reporting)
    return at(at.parameters.shipped)


def test_what_is_shown_has_the_closed_form() -> None:
    """One call in 59 days by streams of 0.1 a day, each of which is accepted half of the time: a
    source shows those of both sides, of one, or a share of them, and refusals or none."""
    bare = {"rates_per_day": {"meet": 0.0}}
    called, refused = Covered(kinds=("call_held",)), Covered(kinds=("contact_refused",))
    came, all_ = math.log(0.1 * 0.5 * 0.5), 59 * 0.1 * 0.5
    silent = shown_by(calls(**bare), called)
    assert weighed(silent) == pytest.approx(came - 2 * all_ * 0.5, abs=1e-9)
    assert weighed(silent, 0.3) == weighed(silent)  # no refusal could be told
    both = shown_by(calls(**bare), called, refused)
    assert weighed(both) == pytest.approx(came - 2 * all_, abs=1e-9)
    own = shown_by(calls(**bare), called.model_copy(update={"side": "CAN"}))
    assert weighed(own) == pytest.approx(came - all_ * 0.5, abs=1e-9)
    some = shown_by(calls(**bare), called, observation=Observation(reported={"call_held": 0.2}))
    assert weighed(some) == pytest.approx(came + math.log(0.2) - 0.2 * all_, abs=1e-9)
    late = shown_by(calls(**bare), called, Covered(kinds=("escalation",), since="2021-01-31"))
    late = late.model_copy(update={"complete_from": None})
    assert weighed(late) == pytest.approx(came - 2 * 29 * 0.1 * 0.25, abs=1e-9)


def test_an_imprecise_date_says_as_much_as_a_day_where_nothing_changes() -> None:
    """Dates are drawn as if all were told, up to a constant; what weighs them is what is told."""
    bare = {"rates_per_day": {"meet": 0.0}}
    called = Covered(kinds=("call_held",))
    span = shown_by(calls("2021-02-01/2021-02-10", **bare), called)
    assert design_of(span).dated
    day, dated = (Likelihood(h) for h in (shown_by(calls(**bare), called), span))
    gained = []
    for at in (day, dated):
        (before, slope), (after, _) = (at.both(at.parameters.shipped + n) for n in (0.0, 0.3))
        gained.append([after - before, *slope])
    assert gained[1] == pytest.approx(gained[0], abs=1e-6)
    more = Covered(kinds=("call_held", "contact_refused", "statement"))
    all_told = Likelihood(shown_by(calls("2021-02-01/2021-02-10", **bare), more))
    assert dated.rows.drawn.tolist() == all_told.rows.drawn.tolist()
    assert dated.rows.drawn.any()


def acts(program: CompiledScenario) -> set[str]:
    return {STREAM_KINDS[k] for k in program.streams.kind}


def test_what_cannot_be_shown_is_not_asked_and_silence_is_none() -> None:
    history = calls(channels={CHANNEL: {"initial": "open"}})
    design = design_of(shown_by(history, Covered(kinds=("call_held",))))
    assert acts(design.program) == {"call", "raise_detainees"}  # a call is what both bring
    assert not any(s.kind == TOLD and s.told for s in design.shown)
    silence, state = FEATURES.index("silence"), FEATURES.index("open")
    assert {q.features[silence] for q in design.questions} == {0.0}
    assert {q.features[state] for q in design.questions} == {1.0}
    told_all = design_of(shown_by(history, Covered(kinds=("call_held", "statement"))))
    assert any(s.kind == TOLD and s.told for s in told_all.shown)
    # the control: without a word on coverage all of it is asked, and silence grows
    whole = design_of(history)
    assert {"call", "meet", "cut"} <= acts(whole.program)
    assert any(s.kind == TOLD and s.told for s in whole.shown)
    assert max(q.features[silence] for q in whole.questions) > 0.5


def test_a_source_that_shows_no_act_on_all_days_is_refused() -> None:
    for row in (Covered(kinds=("statement",)), Covered(kinds=("call_held",), until="2021-02-10")):
        with pytest.raises(InputError, match="must show an act of a party on all days"):
            design_of(shown_by(calls(), row))


def test_an_event_that_the_source_cannot_show_is_given() -> None:
    """Somebody else's note of a meeting is a fact, and nobody's decision."""
    history = calls()
    assert history.history is not None
    (call,) = history.history.events
    held = call.model_copy(update={"id": "held", "kind": "meeting_held", "date": "2021-02-10"})
    log = history.history.model_copy(update={"events": (call, held)})
    noted = shown_by(history.model_copy(update={"history": log}), Covered(kinds=("call_held",)))
    design = design_of(noted)
    assert [design.program.facts.ids[s.fact] for s in design.shown if s.told] == ["call"]


def test_a_run_of_its_own_has_all_acts_and_counts_silence_from_the_as_of_date() -> None:
    program = compile_scenario(shown_by(calls(), Covered(kinds=("call_held",))))
    assert {"call", "meet", "cut"} <= acts(program)
    assert program.channels.contact_s.tolist() == [program.as_of_s]
    assert program.channels.complete_s.tolist() == [program.as_of_s]
    whole = compile_scenario(calls())
    assert whole.channels.contact_s.tolist() == whole.channels.since_s.tolist()


def test_both_executors_agree_where_silence_is_none() -> None:
    history = shown_by(calls(), Covered(kinds=("call_held",)))
    for shown in (False, True):
        program = compile_scenario(history, shown=shown)
        assert isinstance(verify(program, 1, 20), int)


def test_a_world_beside_a_record_holds_what_the_source_shows() -> None:
    half = Observation(reported={"call_held": 0.5})
    given = shown_by(calls(), Covered(kinds=("call_held",)), observation=half)
    program = compile_scenario(given.model_copy(update={"until": "2022-02-28"}), shown=True)
    _, events = kernel.run(program, 1, 0, 40, events=True)
    assert events is not None
    held = is_reported(events, shares_held(program, 1.0), 1)
    called = (events.kind == KIND_CODE["call_held"]) & (events.fact < 0)
    assert 0.4 < held[called].mean() < 0.6
    assert not held[events.kind == KIND_CODE["contact_refused"]].any()
    assert held[(events.kind != KIND_CODE["contact_refused"]) & ~called & (events.fact < 0)].all()


# ------------------------------------------------------------------------- the score


def test_a_hindcast_scores_what_the_source_shows() -> None:
    """A source of calls alone is scored on calls; no state of it is."""
    dates = [f"2021-{n:02d}-{d:02d}" for n in range(1, 13) for d in (3, 20)]
    listed = [
        event(f"e{n}", "call_held" if n % 2 else "meeting_held", date, by="CAN")
        for n, date in enumerate(dates)
    ]
    rare = doctrine(call=-1.0, accept_call=1.0, meet=-1.0, accept_meet=1.0)
    span = {"as_of": "2021-12-31", "until": "2022-01-31", "complete_from": None}
    record = told(*listed, doctrines={"can": rare, "usa": rare}, **span)
    row = Covered(kinds=("call_held",), since="2021-01-01", until="2021-11-30")
    named = {"calls": shown_by(record, row)}
    (pair,) = pairs_of(named)
    assert (pair.start_s, pair.end_s) == (parse("2021-01-01").lo_s, parse("2021-11-30").hi_s)
    plan = planned([pair], first="2021-06-30", horizons=(1, 3), worlds=100)
    found = hindcast(named, plan, workers=1)
    assert {g.question for g in found.given} == {CONTACT, COUNT}
    counts = [g for g in found.given if g.question == COUNT and g.forecaster == SIMULATOR]
    assert [g.came for g in counts if g.months == 1] == [1] * 5
    assert {g.came for g in counts if g.months == 3} == {3}
    # the control: a source of both is scored on both
    both = {
        "both": shown_by(record, row.model_copy(update={"kinds": ("call_held", "meeting_held")}))
    }
    more = hindcast(both, plan, workers=1).given
    assert {g.came for g in more if g.question == COUNT and g.months == 1} == {2}
