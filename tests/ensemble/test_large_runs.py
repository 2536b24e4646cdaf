"""Runs that are larger than usual: to an interval width, with every event kept, over a cluster."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import numpy as np
import polars as pl
import pytest
from micro import program, scenario

from sim.ensemble import cluster
from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ground.errors import InputError, RunError
from sim.log.events import KINDS
from sim.model.compiling import compile_scenario
from sim.model.replication import replicate
from sim.report.runfolder import load_run
from sim.report.runs import run
from sim.scenario.resolve import load_scenario
from sim.study.running import looks, width

pytestmark = pytest.mark.usefixtures("drawn_never")

ROOT = Path(__file__).parents[2]
NEW_DELHI = ROOT / "scenarios" / "new-delhi.yaml"


# ---------------------------------------------------------------------------------- interval width


def test_looks_double_up_to_the_cap() -> None:
    assert list(looks(5000)) == [1000, 2000, 4000, 5000]
    assert list(looks(1000)) == [1000]
    assert list(looks(10)) == [10]


def test_a_run_stops_at_the_first_look_that_is_narrow_enough() -> None:
    whole = load_scenario(NEW_DELHI)
    found = run(whole, interval_width=0.05)
    assert width(whole, found.program, found.tally) <= 0.05
    assert found.replications in (2000, 4000)
    before = run(whole, replications=found.replications // 2)
    assert width(whole, before.program, before.tally) > 0.05
    alone = run(whole, replications=found.replications, workers=1)
    assert np.array_equal(alone.tally.values, found.tally.values)
    assert np.array_equal(alone.tally.occupancy, found.tally.occupancy)


def test_a_cap_that_comes_first_is_told() -> None:
    found = run(load_scenario(NEW_DELHI), interval_width=0.001, replications=1500)
    assert found.replications == 1500
    assert found.notes == ["stopped at 1,500 replications before every interval was so narrow"]


def test_a_precision_must_be_a_share() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        run(load_scenario(NEW_DELHI), interval_width=2.0)


# ---------------------------------------------------------------------------------- events


@pytest.mark.slow
def test_every_event_is_kept_in_blocks(tmp_path: Path) -> None:
    whole = load_scenario(NEW_DELHI)
    stray = tmp_path / "kernel" / "events" / "00000000-00000006.parquet"
    found = run(whole, replications=1200, events=True, out=tmp_path / "kernel")
    assert load_run(tmp_path / "kernel").events
    names = sorted(p.name for p in (tmp_path / "kernel" / "events").iterdir())
    assert names == ["00000000-00000999.parquet", "00001000-00001199.parquet"]
    frame = pl.read_parquet(tmp_path / "kernel" / "events" / "*.parquet")
    assert frame["replication"].n_unique() == 1200
    for r in (0, 7, 1100):
        happened = replicate(found.program, found.seed, r).situation.happenings
        rows = frame.filter(pl.col("replication") == r)
        assert rows["kind"].to_list() == [KINDS[h.kind] for h in happened]
        at = [int(t.timestamp()) for t in rows["time"]]
        assert at == [h.at_s for h in happened]
        conflict = rows["kind"].is_in(["escalation", "deescalation"])
        assert rows["severity"].is_not_null().to_list() == conflict.to_list()
    assert not stray.exists()


@pytest.mark.slow
def test_the_events_are_the_same_through_either_executor(tmp_path: Path) -> None:
    small = load_scenario(NEW_DELHI)
    for executor in ("kernel", "reference"):
        run(small, replications=30, events=True, executor=executor, out=tmp_path / executor)
    files = [next((tmp_path / e / "events").iterdir()) for e in ("kernel", "reference")]
    assert files[0].read_bytes() == files[1].read_bytes()
    run(small, replications=30, seed=99, events=True, out=tmp_path / "other")
    assert next((tmp_path / "other" / "events").iterdir()).read_bytes() != files[0].read_bytes()


def test_events_need_a_folder() -> None:
    with pytest.raises(InputError, match="needs a folder"):
        run(scenario(), replications=5, events=True)


# ---------------------------------------------------------------------------------- cluster


@pytest.fixture(scope="module")
def local() -> Iterator[object]:
    """Start a cluster of two processes, quiet and without a dashboard."""
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    made = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    )
    with made:
        yield made


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_gives_the_same_even_when_a_worker_dies(local: object) -> None:
    address = local.scheduler_address  # type: ignore[attr-defined]
    compiled = compile_scenario(load_scenario(NEW_DELHI))
    here = ensemble(compiled, Settings(2000, 1))
    there = ensemble(compiled, Settings(2000, 1, cluster=address))
    assert np.array_equal(here.values, there.values)
    assert np.array_equal(here.occupancy, there.occupancy)
    assert not np.array_equal(ensemble(compiled, Settings(2000, 2)).occupancy, there.occupancy)
    victim = next(iter(local.workers.values()))  # type: ignore[attr-defined]
    killer = Timer(0.2, os.kill, (victim.pid, signal.SIGKILL))
    killer.start()
    again = ensemble(compiled, Settings(20_000, 1, cluster=address))
    killer.join()
    assert np.array_equal(again.occupancy, ensemble(compiled, Settings(20_000, 1)).occupancy)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_that_nobody_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    with pytest.raises(RunError, match=r"--cluster tcp://127\.0\.0\.1:9: cannot be reached"):
        ensemble(program(), Settings(10, 1, cluster="tcp://127.0.0.1:9"))


@pytest.mark.slow
def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match=r"pip install 'backchannel\[cluster\]'"):
        ensemble(program(), Settings(10, 1, cluster="tcp://127.0.0.1:9"))
