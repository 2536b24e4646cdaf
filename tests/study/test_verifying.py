"""The checks that a user can run: the executors agree, and a placebo changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import CHANNEL, doctrine, scenario
from pasts import event, told

from sim.kernel import run as kernel
from sim.model.compiling import compile_scenario
from sim.model.eventtable import Difference
from sim.model.replication import replicate
from sim.scenario.resolve import load_scenario
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Scenario
from sim.study import verifying
from sim.study.verifying import Placebo, elsewhere, placebos, verify

ROOT = Path(__file__).parents[2]
DOCTRINES = {
    p: doctrine(call=0.0, accept_call=0.0, cut=-1.0, acknowledge=0.5) for p in ("can", "usa")
}
LIVELY: dict[str, Any] = {
    "rates_per_day": {"call": 0.3, "cut": 0.1},
    "forums": {"summit": {"date": "2021-03-10"}},
    "world": {"raids": {"kind": "escalation", "rate_per_day": 0.1, "by": "USA"}},
    "outcomes": {"open": {"type": "state_at", "state": "open"}},
}


def lively() -> Scenario:
    return scenario(DOCTRINES, **LIVELY)


def with_past() -> Scenario:
    return told(
        event("cut", "contact_cut", "2021-01-20", by="USA"),
        event("talk", "corridor_talk", "2021-02-01"),
        doctrines={
            p: doctrine(call=0.0, accept_call=0.0, cut=-1.0, approach=0.0) for p in ("can", "usa")
        },
        **LIVELY,
    )


def test_verify_counts_what_agrees() -> None:
    program = compile_scenario(lively())
    happened = sum(len(replicate(program, 4, r).situation.happenings) for r in range(6))
    assert happened > 50
    assert verify(program, 4, 6) == happened


def test_verify_names_the_first_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    program, whole = compile_scenario(lively()), kernel.run

    def later(*arguments: Any, **options: Any) -> Any:
        tally, events = whole(*arguments, **options)
        assert events is not None
        place = np.flatnonzero(events.replication == 2)[3]
        events.at_s[place] += 1
        return tally, events

    monkeypatch.setattr(kernel, "run", later)
    found = verify(program, 4, 6)
    assert isinstance(found, Difference)
    assert (found.replication, found.place, found.field) == (2, 3, "at_s")
    assert found.right == (found.left or 0) + 1


@pytest.mark.parametrize("whole", [lively(), with_past()], ids=["a forecast", "with a past"])
def test_placebos_change_nothing(whole: Scenario) -> None:
    found = list(placebos(whole, 3, 4))
    assert [p.name for p in found] == [
        "words are added that move nothing",
        "a party is given the doctrine that it has",
        "two governments elsewhere have a channel, a war and detainees",
    ]
    assert [p.difference for p in found] == ["", "", ""]
    assert all(p.events > 20 for p in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["new-delhi", "three-capitals", "whatif-no-july-call"])
def test_placebos_change_nothing_in_what_ships(name: str) -> None:
    whole = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
    found = list(placebos(whole, 3, 2))
    assert len(found) == 3
    assert {p.difference for p in found} == {""}


def test_control_an_intervention_that_matters_is_no_placebo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cut(whole: Scenario) -> Scenario:
        change = {"insert": event("x", "contact_cut", "2021-01-09")}
        data = whole.model_dump(mode="json", by_alias=True) | {"changes": [change]}
        return Scenario.model_validate(data)

    monkeypatch.setattr(verifying, "PLACEBOS", [("a cut", cut)])
    (found,) = placebos(lively(), 3, 4)
    assert isinstance(found, Placebo)
    assert " became " in found.difference


def test_control_lost_events_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(whole: Scenario) -> Scenario:
        return whole.model_copy(update={"until": "2021-01-31", "forums": {}})

    monkeypatch.setattr(verifying, "PLACEBOS", [("a shorter run", short)])
    (found,) = placebos(lively(), 3, 1)
    assert "became" in found.difference


def test_the_governments_elsewhere_are_new_and_break_no_rule() -> None:
    for whole in (lively(), with_past()):
        found = elsewhere(whole)
        assert found is not None
        assert list(broken_rules(found)) == []
        (new,) = set(found.channels) - set(whole.channels)
        assert {new[:3].upper(), new[4:7].upper()} == set(found.parties) - set(whole.parties)
        assert found.outcomes["open"].channel == CHANNEL
        assert found.forums["summit"].channels == (CHANNEL,)
        assert set(found.world) - set(whole.world) == {"placebo-war", "placebo-arrests"}


def test_without_two_free_codes_there_is_no_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "countries", lambda: {"CAN": "", "USA": "", "MEX": ""})
    assert elsewhere(lively()) is None
    assert len(list(placebos(lively(), 3, 1))) == 2
