"""One function saves what every study found, as its command does."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from learned import lived, setting
from pasts import event, told
from typed import listing

import sim
from sim.ground.tables import header_of
from sim.report.runfolder import Run
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.usefixtures("drawn_never")

OPEN = {"open": {"type": "state_at", "state": "open"}}


def asked(**parts: Any) -> Scenario:
    return told(event("talk", "call_held", "2021-02-01"), outcomes=OPEN, **parts)


FOUND: dict[str, tuple[Callable[[], Any], str]] = {
    "run": (lambda: sim.run(asked(), replications=3), "outcomes.csv"),
    "comparison": (
        lambda: sim.compare(asked(changes=[{"remove": "talk"}]), replications=3),
        "contrasts.csv",
    ),
    "why": (lambda: sim.why(asked(), replications=3), "but-for.csv"),
    "sweep": (
        lambda: sim.sweep(asked(sweep={"rates_per_day.call": [0.1, 0.2]}), replications=3),
        "sweep.csv",
    ),
    "fit": (
        lambda: sim.learn(lived(setting(until="2021-03-31"), seed=3), workers=1),
        "weights.csv",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FOUND)
def test_what_a_study_found_is_saved_with_its_page_and_its_table(kind: str, tmp_path: Path) -> None:
    make, table = FOUND[kind]
    folder = tmp_path / kind
    assert sim.save(make(), str(folder)) == folder
    assert {"report.html", table, "columns.csv"} <= listing(folder).keys()
    words = csv.DictReader((folder / "columns.csv").read_text(encoding="utf-8").splitlines())
    told = {(row["file"], row["column"]) for row in words}
    for path in folder.glob("*.csv"):
        if path.name != "columns.csv":
            names = header_of(path.read_text(encoding="utf-8"))
            assert {(path.name, name) for name in names} <= told


@pytest.mark.slow
def test_a_run_saves_itself_in_the_same_way(tmp_path: Path) -> None:
    made = sim.run(asked(), replications=3)
    assert isinstance(made, sim.Run)
    made.save(tmp_path / "one")
    sim.save(sim.run(asked(), replications=3), tmp_path / "two")
    assert listing(tmp_path / "one") == listing(tmp_path / "two")
    opened = sim.load_run(tmp_path / "one")
    assert isinstance(opened, Run)
    sim.save(opened, tmp_path / "three", report=False)
    assert listing(tmp_path / "one").keys() - listing(tmp_path / "three").keys() >= {"report.html"}


def test_a_run_of_a_comparison_is_saved_too(tmp_path: Path) -> None:
    found = sim.compare(asked(changes=[{"remove": "talk"}]), replications=3)
    folder = sim.save(found.base, tmp_path / "base")
    assert sim.load_run(folder).summary() == found.base.summary()
