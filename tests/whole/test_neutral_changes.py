"""Invariant 14: a change that changes nothing is neutral, and what needs the event stays.

An event is removed and inserted again, or moved to its own date. Both give history back: every
event, every state, every memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from generated_past import what_ifs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from put_back import account, possible

from sim.log.events import Event
from sim.model.compiling import compile_scenario
from sim.model.compiling_needs import needs_of, swept_along
from sim.model.compiling_past import PastBuilder
from sim.model.replication import replicate
from sim.scenario.resolve import load_scenario
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Change, Scenario
from sim.study.asking import removable
from sim.study.verifying import verify

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "scenarios" / "whatif-record.yaml"


def neutral(whole: Scenario, id_: str, form: str) -> Scenario:
    """The scenario with a change that takes an event away and puts it back where it was."""
    assert whole.history is not None
    event = next(e for e in whole.history.events if e.id == id_)
    changes = [Change(remove=id_), Change(insert=event)]
    if form == "move":
        changes = [Change.model_validate({"move": {"event": id_, "to": event.date}})]
    return whole.model_copy(update={"changes": tuple(changes)})


def differences(whole: Scenario, other: Scenario, seed: int, replications: int) -> int:
    ours, theirs = (compile_scenario(s, retrace=True) for s in (whole, other))
    worlds = (
        [replicate(p, seed, r).situation for r in range(replications)] for p in (ours, theirs)
    )
    return sum(account(ours, a) != account(theirs, b) for a, b in zip(*worlds, strict=True))


# About one draw in four has an event to put back and a history that the model allows: no fault.
@pytest.mark.slow
@settings(suppress_health_check=[*settings().suppress_health_check, HealthCheck.filter_too_much])
@given(
    what_ifs(), st.integers(0, 2**63 - 1), st.sampled_from(["move", "again"]), st.integers(0, 99)
)
def test_14_what_is_put_back_changes_nothing(
    whole: Scenario, seed: int, form: str, which: int
) -> None:
    whole = whole.model_copy(update={"changes": ()})
    program = compile_scenario(whole, retrace=True)
    coded = {e.id for e in whole.history.events} if whole.history else set()
    choice = [id_ for id_ in program.facts.ids if id_ in coded]
    assume(choice and possible(program, seed, 2))
    other = neutral(whole, choice[which % len(choice)], form)
    assume(not [*broken_rules(other)])
    assert swept_along(other) == []
    assert differences(whole, other, seed, 2) == 0
    assert isinstance(verify(compile_scenario(other, retrace=True), seed, 2), int)


@pytest.fixture(scope="module")
def record() -> Scenario:
    whole = load_scenario(RECORD)
    return whole.model_copy(update={"changes": ()})


@pytest.mark.slow
@pytest.mark.parametrize("form", ["move", "again"])
def test_14_every_event_of_the_record_is_put_back(record: Scenario, form: str) -> None:
    choice = [e.id for e in removable(record)]
    assert len(choice) > 15
    for id_ in choice:
        other = neutral(record, id_, form)
        assert swept_along(other) == [], id_
        assert differences(record, other, 3, 1) == 0, id_


def arrest(whole: Scenario) -> str:
    """An arrest that a later release of the record needs."""
    swept = ((e.id, swept_along(only_removed(whole, e.id))) for e in removable(whole))
    return next(id_ for id_, along in swept if along)


def only_removed(whole: Scenario, id_: str) -> Scenario:
    return whole.model_copy(update={"changes": (Change(remove=id_),)})


def test_14_both_executors_put_it_back_alike(record: Scenario) -> None:
    for form in ("move", "again"):
        program = compile_scenario(neutral(record, arrest(record), form))
        assert isinstance(verify(program, 5, 4), int)


def test_14_control_removed_alone_it_takes_along_what_needs_it(record: Scenario) -> None:
    other = only_removed(record, arrest(record))
    assert swept_along(other) != []
    assert differences(record, other, 3, 5) == 5


def test_14_control_without_stand_ins_the_exchange_goes(
    record: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was before an event that is put back stood for itself."""

    def alone(self: PastBuilder, event: Event, history: Sequence[Event]) -> list[list[int]]:
        return [[self.place[n]] for n in sorted(needs_of(event, history)) if n in self.place]

    monkeypatch.setattr(PastBuilder, "need_groups", alone)
    other = neutral(record, arrest(record), "move")
    assert differences(record, other, 3, 5) == 5
