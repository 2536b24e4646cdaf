"""Invariant 14: a change that changes nothing is neutral, and what needs the event stays.

An event is removed and inserted again, or moved to its own date. Both give history back: every
event, every state, every memory. Here of the record that ships; `test_whatif_invariants` asks it of
generated histories.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from put_back import account, differences, neutral

from sim.log.events import Event
from sim.model.compiling import compile_scenario
from sim.model.compiling_needs import needs_of, swept_along
from sim.model.compiling_past import PastBuilder
from sim.model.replication import replicate
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Change, Scenario
from sim.study.asking import removable
from sim.study.verifying import verify

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "scenarios" / "whatif-record.yaml"


@pytest.fixture(scope="module")
def record() -> Scenario:
    whole = load_scenario(RECORD)
    return whole.model_copy(update={"changes": ()})


def happened(whole: Scenario) -> list[object]:
    """All that one world of a retraced past brings about."""
    program = compile_scenario(whole, retrace=True)
    return account(program, replicate(program, 3, 0).situation)


@pytest.fixture(scope="module")
def history(record: Scenario) -> list[object]:
    return happened(record)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["move", "again"])
def test_14_every_event_of_the_record_is_put_back(
    record: Scenario, history: list[object], form: str
) -> None:
    choice = [e.id for e in removable(record)]
    assert len(choice) > 15
    for id_ in choice:
        other = neutral(record, id_, form)
        assert swept_along(other) == [], id_
        assert happened(other) == history, id_


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
