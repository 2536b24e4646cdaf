"""The record of what made a run, and the digests by which runs are told apart."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from micro import data, doctrine, scenario

from sim.ground import version as module
from sim.ground.version import RECORDED, packages, program_version
from sim.ground.yaml import parse_yaml
from sim.scenario.provenance import (
    DISTRIBUTION,
    canonical_json,
    provenance,
    scenario_digest,
)
from sim.scenario.resolve import resolve, resolved_text


def test_the_record_holds_what_it_takes_to_run_again() -> None:
    small = scenario()
    made = provenance(small, 7, 100, "reference")
    assert made["seed"] == 7
    assert made["replications"] == 100
    assert made["scenario"] == {"title": small.title, "sha256": scenario_digest(small)}
    assert made["program"] == {"name": DISTRIBUTION, "version": program_version()}
    assert made["python"] == platform.python_version()
    assert made["level"] == "forecast"
    assert json.loads(json.dumps(made)) == made


def test_the_record_holds_no_clock_no_machine_and_no_path() -> None:
    text = json.dumps(provenance(scenario(), 7, 100, "reference"))
    for private in (platform.node(), str(Path.cwd()), str(Path.home()), platform.release()):
        assert private not in text


def test_packages_are_named_with_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(packages()) == set(RECORDED)

    def absent(name: str) -> str:
        if name == "numba":
            raise PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(module, "version", absent)
    monkeypatch.setattr(module, "_version", module._version.__wrapped__)  # not what is kept
    assert packages() == dict.fromkeys([n for n in RECORDED if n != "numba"], "1")


def test_a_digest_does_not_depend_on_how_many_worlds_are_run() -> None:
    first = scenario(ensemble={"replications": 10, "seed": 1})
    assert scenario_digest(first) == scenario_digest(scenario())


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"until": "2021-03-30"},
        {"treaty": {"suspended": True}},
        {"outcomes": {"a": {"type": "state_at", "state": "open"}}},
        {"meeting_lead_days": {"least": 4}},
    ],
)
def test_a_digest_depends_on_everything_else(change: dict[str, object]) -> None:
    assert scenario_digest(scenario(**change)) != scenario_digest(scenario())


def test_a_digest_sees_a_weight() -> None:
    assert scenario_digest(scenario({"can": doctrine(call=0.1)})) != scenario_digest(scenario())


def test_a_digest_survives_being_written_and_read() -> None:
    small = scenario()
    again = resolve(parse_yaml(resolved_text(small), "again.yaml"))
    assert again == small
    assert scenario_digest(again) == scenario_digest(small)


def test_equal_data_has_equal_text() -> None:
    assert canonical_json({"b": 1, "a": [{"d": 2, "c": "é"}]}) == '{"a":[{"c":"é","d":2}],"b":1}'
    assert canonical_json(data()) == canonical_json(dict(reversed(data().items())))
