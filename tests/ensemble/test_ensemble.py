"""Ensembles: any number of workers, any chunk size, one result; and what stops them."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import Listener, doctrine, program

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ensemble.work import simulate
from sim.ground.errors import RunError
from sim.model.compiled_scenario import CompiledScenario
from sim.model.tally import Tally


def lively() -> CompiledScenario:
    doctrines = {
        p: doctrine(call=0.0, accept_call=0.0, cut=0.0, acknowledge=0.0) for p in ("can", "usa")
    }
    outcomes = {"open": {"type": "share_of_days", "state": "open"}}
    return program(doctrines, rates_per_day={"call": 0.3, "cut": 0.1}, outcomes=outcomes)


def equal(first: Tally, second: Tally) -> bool:
    pairs = [(getattr(first, f.name), getattr(second, f.name)) for f in fields(Tally)]
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in pairs)


@pytest.mark.parametrize(
    ("executor", "workers", "chunk"),
    [
        ("reference", 1, 1),
        ("reference", 1, 7),
        ("reference", 2, 3),
        ("reference", 8, 11),
        ("kernel", 1, 1),
        ("kernel", 2, 3),
        ("kernel", 3, 5),
    ],
)
def test_neither_workers_nor_chunks_change_a_result(
    executor: str, workers: int, chunk: int
) -> None:
    compiled = lively()
    whole = simulate(compiled, 3, 0, 11)
    found = ensemble(compiled, Settings(11, 3, executor=executor, workers=workers), chunk=chunk)
    assert equal(found, whole)


def test_seeds_and_replications_do() -> None:
    compiled = lively()
    first = ensemble(compiled, Settings(11, 3, workers=1))
    other = ensemble(compiled, Settings(11, 4, workers=1))
    assert not np.array_equal(first.values, other.values)
    assert len(set(first.values[:, 0].tolist())) == 11  # no two replications are alike
    longer = ensemble(compiled, Settings(15, 3, workers=1))
    assert np.array_equal(longer.values[:11], first.values)


def test_progress_is_told_from_the_start_to_the_end(tmp_path: Path) -> None:
    compiled, told = lively(), list[tuple[int, int]]()

    def progress(done: int, whole: int) -> None:
        told.append((done, whole))

    store = ChunkStore(tmp_path, compiled, 3)
    ensemble(compiled, Settings(10, 3, workers=1, progress=progress), chunk=4, store=store)
    assert told == [(0, 10), (4, 10), (8, 10), (10, 10)]
    told.clear()
    ensemble(compiled, Settings(10, 3, workers=1, progress=progress), chunk=4, store=store)
    assert told == [(10, 10)]


def test_players_answer_in_this_process() -> None:
    compiled, listener = lively(), Listener()
    found = ensemble(
        compiled,
        Settings(4, 3, executor="reference", workers=2, players={"CAN": listener}),
        chunk=2,
    )
    assert len(listener.heard) > 10
    assert equal(found, ensemble(compiled, Settings(4, 3, workers=1)))
    deaf = ensemble(
        compiled,
        Settings(4, 3, executor="reference", workers=2, players={"CAN": Listener(answer=False)}),
        chunk=2,
    )
    assert not equal(found, deaf)


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path) -> None:
    compiled = lively()
    store = ChunkStore(tmp_path, compiled, 3)

    def impatient(done: int, _: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensemble(compiled, Settings(10, 3, workers=2, progress=impatient), chunk=2, store=store)
    kept = len(list(tmp_path.glob("*.chunk")))
    assert 2 <= kept < 5
    whole = ensemble(compiled, Settings(10, 3, workers=1), chunk=2, store=store)
    assert equal(whole, ensemble(compiled, Settings(10, 3, workers=1)))


def dies(first: int, number: int, *_: Any) -> Tally:
    """Stand in for a worker that the system kills."""
    os._exit(9)


@pytest.mark.slow
def test_a_worker_that_dies_is_reported_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sim.ensemble.workers._work", dies)
    with pytest.raises(RunError, match="a worker process died"):
        ensemble(lively(), Settings(10, 3, executor="reference", workers=2), chunk=2)
