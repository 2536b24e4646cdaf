"""Chunks on a Dask cluster: what comes back, and what is said when it cannot."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster
from micro import doctrine, scenario
from pasts import event, told
from typed import listing

from sim.ensemble import cluster
from sim.ensemble.ensemble import ensemble
from sim.ensemble.eventfile import write_events
from sim.ensemble.settings import Settings
from sim.ground.errors import InputError, RunError
from sim.model.compiling import compile_scenario

pytestmark = [
    pytest.mark.slow,
    # distributed's own, as its processes and sockets end
    pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:tornado"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
EVEN = {p: doctrine(call=0.0, accept_call=0.0, cut=-1.0) for p in ("can", "usa")}


def quiet(workers: int) -> Any:
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    )


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """A cluster of one process on this machine."""
    with quiet(1) as made:
        yield made


def test_files_of_events_are_the_same_bytes(local: Any, tmp_path: Path) -> None:
    program = compile_scenario(scenario(EVEN, rates_per_day={"call": 0.1, "cut": 0.1}))
    address = local.scheduler_address
    write_events(program, tmp_path / "there", Settings(1200, 3, cluster=address))
    write_events(program, tmp_path / "here", Settings(1200, 3, workers=1))
    assert len(listing(tmp_path / "here")) == 2
    assert listing(tmp_path / "here") == listing(tmp_path / "there")


def test_an_impossible_history_is_told_from_there_too(local: Any) -> None:
    whole = told(
        event("e", "meeting_cancelled", "2021-01-20"),
        doctrines=EVEN,
    )
    program = compile_scenario(whole, retrace=True)
    for executor in ("reference", "kernel"):
        with pytest.raises(InputError, match="no meeting was agreed at that moment"):
            ensemble(program, Settings(5, 1, executor=executor, cluster=local.scheduler_address))


def test_a_scheduler_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    program = compile_scenario(scenario(EVEN))
    with quiet(0) as empty:
        address = empty.scheduler_address
        with pytest.raises(RunError) as caught:
            ensemble(program, Settings(5, 1, cluster=address))
    assert str(caught.value) == f"--cluster {address}: the scheduler has no workers"


@pytest.mark.parametrize("address", ["nowhere", "tcp://127.0.0.1:9", "ftp://127.0.0.1:9"])
def test_an_address_that_leads_nowhere_is_told(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    with pytest.raises(RunError) as caught:
        ensemble(compile_scenario(scenario(EVEN)), Settings(5, 1, cluster=address))
    assert str(caught.value).startswith(f"--cluster {address}: cannot be reached: ")
    assert "\n" not in str(caught.value)


def test_a_worker_with_other_code_is_refused(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    program = compile_scenario(scenario(EVEN, rates_per_day={"call": 0.1}))
    monkeypatch.setattr(cluster, "code_digest", lambda: "another")
    with pytest.raises(RunError, match=r"a worker has other code .*install the same on both"):
        ensemble(program, Settings(10, 1, cluster=local.scheduler_address))


def test_a_port_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(RunError, match="cannot be reached"):
            ensemble(compile_scenario(scenario(EVEN)), Settings(10, 1, cluster=address))


@pytest.mark.parametrize("address", ["tls://127.0.0.1:1", f"tcp://127.0.0.1:{10**20}", "ucx://x:1"])
def test_an_address_that_is_none_is_a_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    with pytest.raises(RunError, match="cannot be reached"):
        ensemble(compile_scenario(scenario(EVEN)), Settings(10, 1, cluster=address))


def test_dasks_own_logs_are_silent_while_it_works(caplog: pytest.LogCaptureFixture) -> None:
    names = ("distributed.client.x", "tornado.x", "asyncio.x", "mine")
    logs = [logging.getLogger(name) for name in names]
    assert [log.disabled for log in logs] == [False] * 4  # the control: before, each may speak
    spoken = cluster._silenced()
    assert [log.disabled for log in logs] == [True, True, True, False]
    logs[0].error("lost")
    assert caplog.messages == []
    for logger in spoken:
        logger.disabled = False
    assert [log.disabled for log in logs] == [False] * 4


def started(*words: str) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", *words, "--no-dashboard"]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_scheduler_that_is_killed_is_told_in_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(place))
    scheduler = started("distributed.cli.dask_scheduler", *words)
    worker = started(
        "distributed.cli.dask_worker", "--scheduler-file", str(place), "--no-nanny", "--nthreads=1"
    )
    try:
        for _ in range(600):
            if place.is_file() and place.read_text().endswith("}"):
                break
            time.sleep(0.1)
        address = json.loads(place.read_text())["address"]
        small = Path(__file__).parents[1] / "support/valid/small.yaml"
        line = ["run", str(small), "-n", "4000", "--executor", "reference", "--cluster", address]
        code = f"import sys; sys.argv = {['sim', *line, '--out', 'run']!r}\n"
        code += "from sim.cli.app import main; main()"
        run = subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        for _ in range(1200):
            if list(tmp_path.glob("run/chunks/*.chunk")) or run.poll() is not None:
                break
            time.sleep(0.1)
        scheduler.kill()
        _, said = run.communicate(timeout=120)
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    assert run.returncode == 1, said
    assert len(said.splitlines()) == 1
    assert said.startswith(f"--cluster {address}: was lost; what is finished is kept: run the same")
