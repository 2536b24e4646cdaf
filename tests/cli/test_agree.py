"""The command `agree`: what it says and writes, and what it refuses."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pasts import detained, event, written
from typed import Type, listing, typed

from sim.ground.yaml import dump_yaml

pytestmark = pytest.mark.usefixtures("drawn_never")

SEEDS = Path(__file__).parents[2] / "seeds"
FIRST, SECOND, RECORD = "blinken-lavrov", "blinken-lavrov-second", "usa-rus-record"


@pytest.fixture
def sim(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Type:
    """Type commands in a folder that holds the logs of the repository."""
    monkeypatch.chdir(tmp_path)
    for name in (FIRST, SECOND, RECORD):
        shutil.copy(SEEDS / f"{name}.yaml", tmp_path)
    return lambda *arguments: typed(capsys, *arguments)


@pytest.mark.slow
def test_two_codings_of_one_source(sim: Type, tmp_path: Path) -> None:
    found = sim("agree", f"{FIRST}.yaml", f"{SECOND}.yaml", "--out", "both")
    assert (found.code, found.err) == (0, "")
    assert "14 of 16 facts are in both codings." in found.out
    assert f"Only {FIRST} has 2." in found.out
    assert "is the same on all of 596 days" in found.out
    assert "2022-02-24/2023-03-01" in found.out  # by value
    assert set(listing(tmp_path / "both")) == {
        "agreement.csv",
        "agreement.json",
        "agreement.md",
        "agreement.tex",
        "datapackage.json",
        "columns.csv",
        "figures/states-usa-rus-ministers.svg",
        "figures/timelines-usa-rus-ministers.svg",
        f"logs/{FIRST}.jsonl",
        f"logs/{SECOND}.jsonl",
        "report.html",
        "study.json",
    }
    page = (tmp_path / "both" / "report.html").read_text()
    assert "g20-fm-2023" in page
    assert "a list of" not in page
    again = sim("agree", f"{FIRST}.yaml", f"{SECOND}.yaml", "--out", "again")
    assert again.code == 0
    assert listing(tmp_path / "again") == listing(tmp_path / "both")


@pytest.mark.slow
def test_the_files_for_programs(sim: Type, tmp_path: Path) -> None:
    found = sim("agree", f"{FIRST}.yaml", f"{RECORD}.yaml", "--until", "2023-03-02", "--json")
    plain = json.loads(found.out)
    (folder,) = (tmp_path / "runs").iterdir()
    assert plain.pop("folder") == f"runs/{folder.name}"
    assert json.loads((folder / "agreement.json").read_text()) == plain
    call = {d["field"]: d["values"] for d in plain["differences"] if d["fact"] == "july-2022-call"}
    assert call["confined to detainees"] == {FIRST: True, RECORD: False}
    assert plain["codings"][RECORD]["left_out"] == 31
    differ = [
        (s["first"], s["last"], s["days"])
        for s in plain["states"]
        if s["viewpoint"] == "observer"
        and None not in s["states"].values()
        and len({*s["states"].values()}) > 1
    ]
    assert ("2022-07-29", "2022-09-26", 60) in differ
    assert sum(days for *_, days in differ) == 181
    rows = list(csv.DictReader((folder / "agreement.csv").read_text().splitlines()))
    assert [r["field"] for r in rows] == [f["field"] for f in plain["fields"]]


@pytest.mark.slow
def test_three_codings(sim: Type) -> None:
    names = (FIRST, SECOND, RECORD)
    found = sim("agree", *(f"{n}.yaml" for n in names), "--until", "2023-03-02", "--json")
    plain = json.loads(found.out)
    assert list(plain["codings"]) == list(names)
    common = [f for f in plain["facts"] if None not in f["ids"].values()]
    assert len(common) == 13
    assert all(set(f["ids"]) == set(names) for f in plain["facts"])


def coded(*more: dict[str, Any], cut: str = "2021-01-20") -> dict[str, Any]:
    """A scenario with its history."""
    return written(
        event("cut", "contact_cut", cut, by="USA"), detained("arrest", "2021-01-22"), *more
    )


def test_a_scenario_over_each_coding(sim: Type, tmp_path: Path) -> None:
    talk = event("talk", "call_held", "2021-02-20", by="USA", agenda=["war"])
    scenario, other = coded(), coded(talk)
    for name, whole in (("one", scenario), ("two", other)):
        (tmp_path / f"{name}.yaml").write_text(dump_yaml(whole["history"]), encoding="utf-8")
    ask = {"open": {"type": "state_at", "state": "open", "title": "Open", "date": "2021-03-31"}}
    scenario |= {"outcomes": ask, "history": "one.yaml"}
    (tmp_path / "asks.yaml").write_text(dump_yaml(scenario), encoding="utf-8")
    found = sim("agree", "one.yaml", "two.yaml", "--scenario", "asks.yaml", "-n", 20, "--json")
    assert found.err == ""
    plain = json.loads(found.out)
    (answer,) = plain["answers"]["outcomes"]
    assert answer["unit"] == "share"
    assert answer["estimates"]["two"] - answer["estimates"]["one"] == answer["spread"] > 0.5
    assert answer["against_first"]["two"]["difference"] == answer["spread"]
    assert {"answers.csv", "scenarios/one.yaml", "scenarios/two.yaml"} <= set(
        listing(tmp_path / plain["folder"])
    )


def test_a_scenario_that_does_not_fit_a_coding(sim: Type, tmp_path: Path) -> None:
    scenario, other = coded(), coded()
    other["history"]["events"][0]["id"] = "ended"
    for name, whole in (("one", scenario), ("two", other)):
        (tmp_path / f"{name}.yaml").write_text(dump_yaml(whole["history"]), encoding="utf-8")
    scenario |= {"history": "one.yaml", "changes": [{"remove": "cut"}]}
    (tmp_path / "asks.yaml").write_text(dump_yaml(scenario), encoding="utf-8")
    found = sim("agree", "one.yaml", "two.yaml", "--scenario", "asks.yaml", "-n", 20)
    assert (found.code, found.out) == (2, "")
    (said,) = found.complaints
    assert said.startswith("asks.yaml:")
    assert ", over two" in said
    assert not (tmp_path / "runs").exists()


def test_a_scenario_whose_lesson_is_wrong(sim: Type, tmp_path: Path) -> None:
    scenario = coded()
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(dump_yaml(scenario["history"]), encoding="utf-8")
    scenario |= {"history": "one.yaml", "seminar": {"rounds": "none"}}
    (tmp_path / "asks.yaml").write_text(dump_yaml(scenario), encoding="utf-8")
    found = sim("agree", "one.yaml", "two.yaml", "--scenario", "asks.yaml", "-n", 20)
    assert (found.code, found.out) == (2, "")
    assert all("seminar.rounds" in said for said in found.complaints)
    assert not (tmp_path / "runs").exists()


def test_bad_input(sim: Type, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("schema: 4\ntitle: x\n", encoding="utf-8")
    found = sim("agree", f"{FIRST}.yaml", "broken.yaml", "missing.yaml")
    assert (found.code, found.out) == (2, "")
    assert any(line.startswith("broken.yaml") for line in found.complaints)
    assert any(line.startswith("missing.yaml") for line in found.complaints)
    (tmp_path / "copy").mkdir()
    shutil.copy(SEEDS / f"{FIRST}.yaml", tmp_path / "copy")
    found = sim("agree", f"{FIRST}.yaml", f"copy/{FIRST}.yaml")
    assert found.complaints == [
        f"copy/{FIRST}.yaml: codings that are compared must have different file names (got {FIRST})"
    ]
    found = sim("agree", f"{FIRST}.yaml")
    assert found.complaints == ["agree: must be 2 to 10 codings of one source (got 1)"]
    assert not (tmp_path / "runs").exists()


def test_a_folder_of_something_else_is_left_alone(
    sim: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sim("agree", f"{FIRST}.yaml", f"{SECOND}.yaml", "--out", "both").code == 0
    before = listing(tmp_path / "both")
    found = sim("agree", f"{FIRST}.yaml", f"{RECORD}.yaml", "--out", "both")
    assert (found.code, found.complaints) == (
        1,
        ["both: holds something else than this agreement; choose another --out"],
    )
    assert listing(tmp_path / "both") == before
    monkeypatch.setattr("sim.study.coded_answers.over_codings", None)  # nothing is run before
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(dump_yaml(coded()["history"]), encoding="utf-8")
    (tmp_path / "asks.yaml").write_text(dump_yaml(coded()), encoding="utf-8")
    found = sim("agree", "one.yaml", "two.yaml", "--scenario", "asks.yaml", "--out", "both")
    assert (found.code, len(found.complaints)) == (1, 1)
    assert listing(tmp_path / "both") == before
