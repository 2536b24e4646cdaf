"""What a folder, a page and a comparison say of governments that are drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from typed import typed

import sim
from sim.report.governing import governed, government_tables
from sim.report.runfolder import Run
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Change, Scenario, SetDoctrine

pytestmark = pytest.mark.usefixtures("drawn_never")

SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"
WORLDS = 60
GOVERNMENTS = {
    "election": {
        "party": "USA",
        "on": "2021-01-20",
        "title": "An election",
        "take_up": {"conciliatory": 0.5, "isolating": 0.5, "transactional": 0},
        "reasons": "Nobody knows.",
    },
    "surely": {"party": "CAN", "on": "2021-02-01", "take_up": {"isolating": 1}},
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A scenario with two governments, of which one is certain."""
    return load_scenario(SMALL, {"governments": GOVERNMENTS})


@pytest.fixture(scope="module")
def run(scenario: Scenario) -> Run:
    """A run of it."""
    made = sim.run(scenario, replications=WORLDS, draws=0)
    assert isinstance(made, Run)
    return made


def test_worlds_by_government_add_up_to_all(run: Run) -> None:
    chosen = run.values["government/election"]
    assert chosen.unique().sort().to_list() == ["conciliatory", "isolating"]
    assert run.values["government/surely"].unique().to_list() == ["isolating"]
    assert sum(u.worlds for u in run.by_government if u.id == "election") == WORLDS
    for under in run.by_government:
        there = run.values.filter(pl.col(f"government/{under.id}") == under.doctrine)
        assert len(there) == under.worlds
        for answer in under.answers:
            if answer.type in ("state_at", "state_by", "event_by"):
                assert answer.estimate == pytest.approx(there[answer.name].mean())
    first = next(u for u in run.by_government if u.worlds)
    plain = {a.name: a.estimate for a in run.answers}
    assert any(a.estimate != plain[a.name] for a in first.answers), "the control"


def test_a_folder_has_the_table_and_the_column(run: Run, tmp_path: Path) -> None:
    folder = run.save(tmp_path / "run", report=False)
    table = pl.read_csv(folder / "governments.csv")
    assert table["doctrine"].unique().sort().to_list() == ["conciliatory", "isolating"]
    assert "government/election" in pl.read_csv(folder / "worlds.csv").columns
    said = pl.read_csv(folder / "columns.csv").filter(pl.col("column") == "government/election")
    assert "USA takes up on 2021-01-20" in said["meaning"][0]
    told = json.loads((folder / "summary.json").read_text())["by_government"]
    assert [t["worlds"] for t in told if t["doctrine"] == "transactional"] == [0]


def test_a_run_without_governments_has_none_of_it(tmp_path: Path) -> None:
    run = sim.run(SMALL, replications=5, draws=0)
    folder = run.save(tmp_path / "run", report=False)
    assert not (folder / "governments.csv").exists()
    assert "by_government" not in json.loads((folder / "summary.json").read_text())
    assert governed(run) == []
    assert government_tables(run) == []


@pytest.mark.slow
def test_the_page_and_the_terminal_say_it(
    scenario: Scenario, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sentence,) = governed(run)
    assert re.match(
        r"“.+”, by who governs from 2021-01-20 \(USA\): .+ “Conciliatory”, .+ with “Isolating”",
        sentence,
    )
    one, two = government_tables(run)
    assert one.head == "An election: United States, from 2021-01-20"
    assert len(one.governments) == 2, "what no world has is left out"
    assert two.head.startswith("Canada")
    run.save(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert sentence in page
    assert page.count("By who governs") == 1
    assert "The probabilities: Nobody knows." in page
    again, out = str(tmp_path / "run" / "scenario.yaml"), str(tmp_path / "again")
    found = typed(capsys, "run", again, "-n", "5", "--draws", "0", "--out", out)
    assert "by who governs from 2021-01-20" in re.sub(r"\s+", " ", found.out)


def test_worlds_of_a_comparison_have_one_government(scenario: Scenario, tmp_path: Path) -> None:
    let = SetDoctrine.model_validate(
        {"party": "USA", "doctrine": "isolating", "from": "2021-01-20"}
    )
    changes = (*scenario.changes, Change(set_doctrine=let))
    changed = scenario.model_copy(update={"changes": changes})
    found = sim.compare(scenario, changed, replications=WORLDS, draws=0)
    pairs = found.values.partition_by("scenario", maintain_order=True)
    base, other = (p.drop("scenario") for p in pairs)
    assert base["government/election"].to_list() == other["government/election"].to_list()
    same = base["government/election"] == "isolating"
    assert base.filter(same).equals(other.filter(same)), "they do what they would do anyway"
    assert not base.filter(~same).equals(other.filter(~same)), "the control"
    sim.save(found, tmp_path / "both")
    assert "government/election" in pl.read_csv(tmp_path / "both" / "worlds.csv").columns


def test_a_comparison_with_a_scenario_without_the_government(scenario: Scenario) -> None:
    found = sim.compare(scenario, SMALL, replications=8, draws=0)
    assert "government/election" not in found.values.columns
