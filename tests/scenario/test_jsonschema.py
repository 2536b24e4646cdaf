"""The JSON Schemas: valid themselves, wide enough for every shipped file, tight enough to help."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sim.cli.new import new_scenario
from sim.ground.yaml import load_yaml
from sim.log.events import KINDS
from sim.log.log import Log
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS
from sim.scenario.jsonschema import DIALECT, Kind, json_schema
from sim.scenario.resolve import load_scenario, shipped_doctrines
from sim.seminar.lesson.block import SEMINAR

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted(
    [*(ROOT / "scenarios").glob("*.yaml"), *(ROOT / "tests" / "support" / "valid").glob("*.yaml")]
)
LOGS = sorted((ROOT / "seeds").glob("*.yaml"))
SMALL = ROOT / "tests" / "support" / "valid" / "small.yaml"


@cache
def validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(json_schema(kind, (SEMINAR,)))


def broken(kind: Kind, data: Any) -> list[str]:
    """What a validator says against data: path and message."""
    found = validator(kind).iter_errors(data)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in found]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["scenario", "log"])
def test_a_schema_is_valid_itself(kind: Kind) -> None:
    schema = json_schema(kind, (SEMINAR,))
    assert schema["$schema"] == DIALECT == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("kind", ["scenario", "log"])
def test_the_schemas_for_editors_are_up_to_date(kind: Kind) -> None:
    kept = ROOT / "docs" / "schema" / f"{kind}.json"
    fresh = json.dumps(json_schema(kind, (SEMINAR,)), indent=2) + "\n"
    assert kept.read_text() == fresh, f"run: sim schema {kind} > docs/schema/{kind}.json"


def test_there_are_files_to_validate() -> None:
    assert len(SCENARIOS) > 10
    assert len(LOGS) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_every_scenario_validates(path: Path) -> None:
    assert broken("scenario", load_yaml(path).data) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", LOGS, ids=lambda p: p.stem)
def test_every_log_validates(path: Path) -> None:
    assert broken("log", load_yaml(path).data) == []


def test_a_new_scenario_validates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = new_scenario("mine")
    assert broken("scenario", load_yaml(path).data) == []
    load_scenario(path)


def test_a_resolved_scenario_validates() -> None:
    resolved = load_scenario(SMALL).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert broken("scenario", resolved) == []


def put(data: Any, path: str, value: Any) -> None:
    *above, last = path.split("/")
    for step in above:
        data = data[int(step) if isinstance(data, list) else step]
    if value is ...:
        del data[last]
    elif isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", ...),
        ("title", ""),
        ("title", 7),
        ("until", ...),
        ("colour", "red"),
        ("parties", {}),
        ("parties/USA/doctrin", "x"),
        ("parties/USA", "transactional"),
        ("channels/can-usa", {}),
        ("channels/can-usa~ministers", {}),
        ("world/quarrels/kind", "war"),
        ("world/quarrels/rate_per_day", -1),
        ("world/quarrels/rate_per_day", "often"),
        ("world/quarrels/severity", [0.1]),
        ("world/quarrels/severity", [0.1, 2]),
        ("outcomes/share/type", "mean"),
        ("outcomes/share/state", "closed"),
        ("outcomes/share/state", []),
        ("outcomes/calls/at_least", 0),
        ("ensemble/replications", 0),
        ("ensemble/seed", 0.5),
        ("rates_per_day", {"calls": 1}),
        ("stocks/grievance/half_life_days", 0),
        ("history/events/0/kind", "quarrel"),
        ("history/events/1/accounts/USA/denial", "yes"),
        ("history/schema", 9),
        ("changes/0", {"lett": {}}),
        ("doctrines", {"mine": {"act": {"call": {"bais": 1}}}}),
        ("doctrines", {"mine": {"title": "No reasons"}}),
    ],
)
def test_a_broken_scenario_does_not_validate(path: str, value: Any) -> None:
    data = load_yaml(SMALL).data
    assert broken("scenario", data) == []
    put(data, path, value)
    assert broken("scenario", data) != []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", ...),
        ("channels", ...),
        ("channels", {}),
        ("events/0/kind", "meeting"),
        ("events/0/id", "Not A Slug"),
        ("events/0/mood", "sour"),
        ("sources/decamp-2023/title", ...),
        ("schema", 1.5),
    ],
)
def test_a_broken_log_does_not_validate(path: str, value: Any) -> None:
    data = load_yaml(ROOT / "seeds" / "blinken-lavrov.yaml").data
    assert broken("log", data) == []
    put(data, path, value)
    assert broken("log", data) != []


@pytest.mark.parametrize(
    "change",
    [
        {"extends": "other.yaml"},
        {"extends": "other.yaml", "forums": {"summit": None}, "title": "Only this differs"},
        {"extends": "other.yaml", "as_of": 2020, "until": "2021-01~/2021-02"},
    ],
)
def test_a_scenario_that_extends_another_need_not_be_whole(change: dict[str, Any]) -> None:
    assert broken("scenario", change) == []
    assert broken("scenario", {k: v for k, v in change.items() if k != "extends"}) != []


def test_shortcuts_that_people_write_validate() -> None:
    data = load_yaml(SMALL).data
    data["history"] = "../somewhere/log.yaml"
    data["doctrines"] = {"mine": {"extends": "transactional", "act": {"call": {"bias": -1}}}}
    data["outcomes"]["first-open"]["state"] = ["open", "corridor"]
    assert broken("scenario", data) == []


def described(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = deepcopy(schema["$defs"][name]["properties"])
    return found


def test_editors_are_told_what_fields_mean() -> None:
    schema = json_schema("scenario", (SEMINAR,))
    assert schema["properties"]["as_of"]["description"].startswith("The last date")
    weights = described(schema, "Weights")
    assert list(weights) == list(FEATURES)
    assert all(w["description"] for w in weights.values())
    assert described(schema, "PartySetup")["doctrine"]["examples"] == shipped_doctrines()
    acts = {f"accept_{a}" for a in described(schema, "AcceptWeights")}
    assert acts | set(described(schema, "ActWeights")) | {"acknowledge"} == set(DECISIONS)


def test_every_kind_of_event_is_in_the_schema() -> None:
    definitions = json_schema("log")["$defs"]
    found = {
        d["properties"]["kind"]["const"]
        for d in definitions.values()
        if "const" in d.get("properties", {}).get("kind", {})
    }
    assert found == set(KINDS)
    assert set(Log.model_fields) - {"schema_version"} <= set(json_schema("log")["properties"])
