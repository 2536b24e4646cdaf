"""The resolved scenario: defaults, bounds, and a form that survives being written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sim.log.events import KINDS
from sim.scenario.acts import ACTS, RULE_OF
from sim.scenario.outcomes import StateAt
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Change, Ensemble, Rates, Scenario, Stocks, WorldStream

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 3


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_a_scenario_survives_being_written_down(path: Path) -> None:
    scenario = load_scenario(path)
    text = scenario.model_dump_json(by_alias=True)
    assert Scenario.model_validate_json(text) == scenario
    assert Scenario.model_validate(json.loads(text)) == scenario


def test_a_lost_field_is_noticed() -> None:
    """The control."""
    scenario = load_scenario(SCENARIOS[0])
    data = json.loads(scenario.model_dump_json(by_alias=True))
    data["ensemble"]["seed"] += 1
    assert Scenario.model_validate(data) != scenario


def test_every_act_but_the_approach_has_a_rate() -> None:
    assert {*Rates.model_fields, "approach"} == set(ACTS)
    assert Rates().of("approach") == 0.0
    usual = {act for act in ACTS if Rates().of(act) > 0}
    needed = {act for act in ACTS if act != "approach" and not RULE_OF[act].optional}
    assert usual == needed | {"restore"}  # optional, and asked about all the same
    assert Rates(cut=0).of("cut") == 0.0


def test_default_stocks_name_kinds_of_events() -> None:
    stocks = Stocks()
    for stock in (stocks.grievance, stocks.goodwill, stocks.war):
        assert set(stock.raised_by) <= set(KINDS)


@pytest.mark.parametrize(
    ("data", "given"),
    [
        ({}, 0),
        ({"remove": "a"}, 1),
        ({"remove": "a", "insert": None}, 1),
        ({"remove": "a", "move": {"event": "b", "to": "2022"}}, 2),
        ({"set_doctrine": {"party": "USA", "doctrine": "x", "from": "2022"}, "remove": "a"}, 2),
    ],
)
def test_a_change_is_one_intervention(data: dict[str, Any], given: int) -> None:
    if given == 1:
        Change.model_validate(data)
    else:
        with pytest.raises(
            ValidationError, match="exactly one of set_doctrine, insert, remove, move"
        ):
            Change.model_validate(data)


def test_a_state_may_be_one_or_several() -> None:
    one = StateAt.model_validate({"type": "state_at", "state": "open"})
    assert one.state == ("open",)
    assert StateAt.model_validate({"type": "state_at", "state": ["open", "corridor"]}).state == (
        "open",
        "corridor",
    )


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "detention"},
        {"kind": "detention", "held_by": "RUS"},
        {"kind": "escalation", "held_by": "RUS"},
        {"kind": "escalation", "severity": [0.5, 0.4]},
        {"kind": "escalation", "rate_per_day": -0.1},
        {"kind": "escalation", "rate_per_day": 51},
        {"kind": "call_held"},
    ],
)
def test_broken_streams(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WorldStream.model_validate({"rate_per_day": 0.1} | data)
    WorldStream.model_validate({"rate_per_day": 0.1, "kind": "escalation"})


@pytest.mark.parametrize("seed", [-1, 2**63, True, "1", 1.0, float("inf")])
def test_broken_seeds(seed: object) -> None:
    with pytest.raises(ValidationError):
        Ensemble.model_validate({"seed": seed})
    assert Ensemble(seed=2**63 - 1).seed == 2**63 - 1


def test_the_schema_describes_every_part() -> None:
    """Every model has a sentence, so that editors can show it."""
    schema = Scenario.model_json_schema(by_alias=True)
    bare = [name for name, part in schema["$defs"].items() if not part.get("description")]
    assert bare == []
    assert schema["additionalProperties"] is False
    assert all(p.get("additionalProperties") is False for p in schema["$defs"].values())
