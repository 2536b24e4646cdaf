"""A state that a scenario or a log leaves out never holds, in no executor, fold or forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from learned import Likelihood, lived, setting
from micro import CHANNEL, kinds, play, scenario
from pasts import event, told
from put_back import unlike_history
from pydantic import ValidationError

from sim.hindcast.hindcasting import hindcast
from sim.hindcast.plan import pairs_of, planned
from sim.hindcast.seen import STATE
from sim.learning.arrays import prior_of
from sim.learning.design import design_of
from sim.learning.mode import find_mode
from sim.log.log import STATES, Channel, LapseDays
from sim.log.projection import timeline
from sim.log.rulebook import Reading, Rulebook, Standing
from sim.model.chronicle import chronicle
from sim.model.compiling import compile_scenario
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of
from sim.study.verifying import verify

BOTH = ("prisoner_only", "corridor")
LEFT = {"leave_out": [*BOTH]}


def seen_in(whole: Scenario, worlds: int = 6) -> set[str]:
    """The states that any view is ever in."""
    compiled, found = compile_scenario(whole), set[str]()
    for r in range(worlds):
        paths = play(compiled, replication=r).path
        found |= {STATES[state] for views in paths for path in views for _, state, _ in path}
    return found


def test_no_view_is_ever_in_a_state_that_is_left_out() -> None:
    assert seen_in(setting(**LEFT)) == {"open", "cut_off"}
    assert seen_in(setting(leave_out=["corridor"])) == {"open", "cut_off", "prisoner_only"}


def test_control_they_are_where_nothing_is_left_out() -> None:
    """Talks in passing and calls about detainees are as many as ever."""
    assert seen_in(setting()) == {*STATES}
    happened = kinds(play(compile_scenario(setting(**LEFT))))
    assert {"corridor_talk", "call_held"} <= {*happened}


def test_both_executors_leave_it_out() -> None:
    assert isinstance(verify(compile_scenario(setting(**LEFT)), 3, 20), int)
    assert isinstance(verify(compile_scenario(lived(setting(**LEFT), 3), retrace=True), 3, 10), int)


def test_1_the_log_of_a_run_has_the_states_that_the_run_had() -> None:
    whole = setting(**LEFT)
    compiled = compile_scenario(whole)
    found = play(compiled)
    log = chronicle(whole, compiled, found.happenings, {})
    assert log.channels[CHANNEL].leave_out == BOTH
    for view, viewpoint in enumerate(("observer", "CAN", "USA")):
        path = [(at, STATES[s]) for at, s, _ in found.path[0][view]]
        spans = timeline(log, CHANNEL, viewpoint, end_s=compiled.until_s)
        assert [(i.start_s, i.state) for i in spans] == path
    kept = log.channels[CHANNEL].model_copy(update={"leave_out": ()})
    plain = log.model_copy(update={"channels": {CHANNEL: kept}})
    spans = timeline(plain, CHANNEL, end_s=compiled.until_s)  # the control
    assert {i.state for i in spans} > {"open", "cut_off"}


def test_4_history_is_given_back_without_them() -> None:
    assert unlike_history(lived(setting(**LEFT), 5), 5, 6) == 0


def test_contact_of_that_kind_breaks_the_silence_and_keeps_nothing_alive() -> None:
    for complete_s in (0, 10**9):
        rules = Rulebook(LapseDays(corridor=None), complete_s, leave_out=BOTH)
        shut = Standing("cut_off", 0, 0)
        for reading in (Reading("corridor_talk", False), Reading("call_held", True)):
            after = rules.apply(shut, "e", reading, 1_000)
            assert (after.state, after.contact_s, after.since_s) == ("cut_off", 1_000, 0)
    after = Rulebook(LapseDays(), 0).apply(shut, "e", Reading("call_held", True), 1_000)
    assert after.state == "prisoner_only"  # the control


def test_it_is_what_the_log_and_the_scenario_leave_out() -> None:
    coded = told(event("e", "call_held", "2021-02-01"), leave_out=["corridor"])
    assert coded.history is not None
    one = coded.history.channels[CHANNEL].model_copy(update={"leave_out": ("prisoner_only",)})
    log = coded.history.model_copy(update={"channels": {CHANNEL: one}})
    both = coded.model_copy(update={"history": log})
    assert channels_of(both)[CHANNEL].leave_out == BOTH
    assert channels_of(coded)[CHANNEL].states == ("open", "cut_off", "prisoner_only")


def test_a_channel_does_not_begin_in_a_state_that_is_left_out() -> None:
    with pytest.raises(ValidationError, match="initial must not be left out: corridor"):
        Channel(parties=("CAN", "USA"), initial="corridor", leave_out=("corridor",))
    parts: dict[str, Any] = {"channels": {CHANNEL: {"initial": "corridor"}}}
    whole = scenario(**parts).model_copy(update={"leave_out": ("corridor",)})
    rules = [(path, rule) for path, rule, _ in broken_rules(whole)]
    assert rules == [(("leave_out",), f"must not hold the initial state of {CHANNEL}")]


# ---------------------------------------------------------------------------------------- learning


def test_weights_of_a_state_that_is_left_out_are_not_learned() -> None:
    for parts, there in ((LEFT, False), ({}, True)):
        history = lived(setting(until="2021-03-31", **parts), 3)
        at = Likelihood(history)
        assert any(".corridor" in name for name in at.parameters.names) == there
        mode = find_mode(at.rows, prior_of(at.parameters))
        assert np.isfinite(mode.weights).all()
        assert len(mode.weights) == len(at.parameters)
        states = {state for path in design_of(history).states for _, state in path}
        assert there or states <= {0, 1}


@pytest.mark.parametrize("left_out", [True, False])
def test_no_forecast_gives_it_a_chance(left_out: bool) -> None:
    whole = lived(setting(until="2021-06-30", **(LEFT if left_out else {})), 3)
    given = {"whole": whole}
    plan = planned(pairs_of(given), first="2021-03-31", horizons=(1,), worlds=20, seed=1)
    laws = [g.law for g in hindcast(given, plan, workers=1).given if g.question == STATE]
    assert len(laws) > 10
    for law in laws:
        assert sum(law) == pytest.approx(1.0)
        assert (law[1:3] == (0.0, 0.0)) == left_out
