"""Running to an interval width: where it stops hangs on nothing but the draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import doctrine, scenario
from typed import listing

from sim.ensemble import ensemble as ensembles
from sim.ensemble.settings import EXECUTORS
from sim.ground.errors import InputError, RunError
from sim.report.runfolder import load_run
from sim.report.runs import run
from sim.results.outcomes import answers
from sim.scenario.scenario import Scenario
from sim.study import running as runs
from sim.study.running import looks, width

pytestmark = pytest.mark.usefixtures("drawn_never")

EVEN = {p: doctrine(call=0.0, accept_call=0.0, cut=-1.0) for p in ("can", "usa")}
ASKED: dict[str, Any] = {
    "open": {"type": "state_at", "state": "open"},
    "share": {"type": "share_of_days", "state": "open"},
}


def small(outcomes: dict[str, Any] | None = None) -> Scenario:
    rates = {"call": 0.1, "cut": 0.1}
    asked = ASKED if outcomes is None else outcomes
    return scenario(EVEN, rates_per_day=rates, outcomes=asked)


@pytest.fixture(autouse=True)
def _early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look first after 100 replications."""
    monkeypatch.setattr(runs, "FIRST", 100)


@pytest.mark.parametrize(
    ("cap", "expected"),
    [(1, [1]), (99, [99]), (100, [100]), (101, [100, 101]), (800, [100, 200, 400, 800])],
)
def test_looks(cap: int, expected: list[int]) -> None:
    assert list(looks(cap)) == expected


def test_the_width_is_that_of_the_widest_interval() -> None:
    found = run(small(), replications=50)
    spans = [a.high - a.low for a in answers(found.scenario, found.program, found.tally)]
    assert width(found.scenario, found.program, found.tally) == max(spans) > min(spans) > 0
    none = run(small({}), replications=50)
    assert width(none.scenario, none.program, none.tally) == 0.0


@pytest.mark.parametrize("executor", EXECUTORS)
def test_it_stops_at_the_first_look_that_is_narrow_enough(executor: str) -> None:
    widths = {
        n: width(r.scenario, r.program, r.tally)
        for n in (100, 200, 400)
        for r in [run(small(), replications=n)]
    }
    wanted = (widths[100] + widths[200]) / 2
    notes: list[str] = []
    found = run(small(), interval_width=wanted, executor=executor, note=notes.append, workers=1)
    assert (found.replications, found.notes) == (200, [])
    assert notes == [f"widest interval {widths[n]:.4f} after {n}" for n in (100, 200)]
    assert run(small(), interval_width=widths[100]).replications == 100  # just so wide is enough
    assert run(small(), interval_width=widths[100] - 1e-9).replications == 200


def test_it_is_the_run_of_as_many_replications(monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(small(), interval_width=0.1, workers=1)
    plain = run(small(), replications=found.replications)
    monkeypatch.setitem(ensembles.CHUNKS, "kernel", 37)
    chunked = run(small(), interval_width=0.1, workers=2)
    for other in (plain, chunked):
        assert np.array_equal(other.tally.values, found.tally.values)
        assert np.array_equal(other.tally.occupancy, found.tally.occupancy)
        assert np.array_equal(other.tally.raster, found.tally.raster)


def test_the_cap_is_told_in_the_notes() -> None:
    found = run(small(), interval_width=0.001, replications=150)
    assert found.replications == 150
    assert found.notes == ["stopped at 150 replications before every interval was so narrow"]
    assert run(small(), interval_width=0.5, replications=150).notes == []


def test_without_outcomes_the_first_look_is_enough() -> None:
    assert run(small({}), interval_width=0.01).replications == 100


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 2.0])
def test_a_precision_is_a_share(share: float) -> None:
    with pytest.raises(InputError) as caught:
        run(small(), interval_width=share)
    assert [str(p) for p in caught.value.problems] == [
        f"interval_width: must lie between 0 and 1 (got {share})"
    ]


@pytest.mark.slow
def test_a_folder_remembers_its_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(small(), interval_width=0.1, out=tmp_path)
    kept = listing(tmp_path)
    assert load_run(tmp_path).interval_width == 0.1

    def unwanted(*_: object, **__: object) -> Any:
        raise AssertionError("a finished run was run again")

    monkeypatch.setattr(runs, "ensemble", unwanted)
    assert run(small(), interval_width=0.1, out=tmp_path).replications == found.replications
    for other in ({"interval_width": 0.05}, {"replications": found.replications}):
        with pytest.raises(RunError, match="choose another --out"):
            run(small(), out=tmp_path, **other)
    assert listing(tmp_path) == kept


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ensembles.CHUNKS, "kernel", 100)
    run(small(), interval_width=0.06, out=tmp_path / "whole", workers=1)
    calls = 0

    def stopped(*_: object) -> float:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return 1.0

    monkeypatch.setattr(runs, "width", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(small(), interval_width=0.06, out=tmp_path / "stopped", workers=1)
    assert len(list((tmp_path / "stopped" / "chunks").iterdir())) == 2
    monkeypatch.setattr(runs, "width", width)
    run(small(), interval_width=0.06, out=tmp_path / "stopped", workers=1)
    assert listing(tmp_path / "stopped") == listing(tmp_path / "whole")


@pytest.mark.slow
def test_one_that_stopped_at_its_cap_answers_for_no_larger_one(tmp_path: Path) -> None:
    small = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"
    first = run(small, replications=40, interval_width=0.01, out=tmp_path)
    assert first.notes == ["stopped at 40 replications before every interval was so narrow"]
    assert run(small, replications=40, interval_width=0.01, out=tmp_path).notes == first.notes
    with pytest.raises(RunError, match=r"holds this scenario with .* to an interval width of 0.01"):
        run(small, replications=60, interval_width=0.01, out=tmp_path)
