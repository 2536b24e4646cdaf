"""A run's page says which inclinations drift, and by what law."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.report import report
from sim.report.wording import drifting

SCENARIO = Path(__file__).parents[2] / "scenarios" / "ankara-drifts.yaml"


def test_a_page_says_in_a_sentence_what_drifts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = sim.load_scenario(SCENARIO)
    (sentence,) = drifting(scenario)
    assert sentence == (
        "After 2023-12-31 inclinations drift (Türkiye towards United States, United States "
        "towards Türkiye), with a half-life of 900 days and a spread of 1 logit in the long run: "
        "so a year ahead is less sure than a month ahead."
    )
    first = report.figures
    monkeypatch.setattr(report, "figures", lambda run: [next(first(run))])  # others take seconds
    (tmp_path / "figures").mkdir()
    report.write_report(sim.run(scenario, replications=20, draws=0), tmp_path)
    assert sentence in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_where_nothing_drifts_nothing_is_said() -> None:
    scenario = sim.load_scenario(SCENARIO)
    towards = scenario.inclinations["USA"]["TUR"].model_copy(update={"drift": None})
    some = {**scenario.inclinations, "USA": {"TUR": towards}}
    (one,) = drifting(scenario.model_copy(update={"inclinations": some}))
    assert "United States towards" not in one
    assert drifting(scenario.model_copy(update={"inclinations": {}})) == []
