"""Ensembles: many replications, in chunks, over worker processes. The result depends on neither."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread

from sim.chunks import ChunkStore, spans
from sim.errors import RunError
from sim.players import Player
from sim.program import Program
from sim.replicating import replicate
from sim.tally import Tally, blank, count, merge

CHUNK = 50
"""Replications of one chunk through `world`."""

Progress = Callable[[int, int], None]
"""Called with the replications done so far and in all."""


def simulate(
    program: Program,
    seed: int,
    first: int,
    number: int,
    players: Mapping[str, Player] | None = None,
) -> Tally:
    """Run replications `first` to `first + number` through `world`, one after the other."""
    tally = blank(program, number, first)
    for row in range(number):
        count(program, replicate(program, seed, first + row, players).situation, tally, row)
    return tally


def ensemble(
    program: Program,
    seed: int,
    replications: int,
    *,
    workers: int | None = None,
    chunk: int = CHUNK,
    store: ChunkStore | None = None,
    players: Mapping[str, Player] | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Run an ensemble and return its tally; the same for any number of workers and chunk size.

    Finished chunks go to `store` and are taken from it. Players other than doctrines run in this
    process, since they may hold what cannot be sent to another.

    Raises:
        RunError: a worker died, or the disk is full.
        KeyboardInterrupt: the user stopped the run; finished chunks are kept.
    """
    done: dict[int, Tally] = {}
    todo: list[tuple[int, int]] = []
    for first, number in spans(replications, chunk):
        kept = store.load(first, number) if store is not None else None
        if kept is None:
            todo.append((first, number))
        else:
            done[first] = kept

    def finished(first: int, tally: Tally) -> None:
        if store is not None:
            store.save(first, tally)
        done[first] = tally
        if progress is not None:
            progress(sum(t.replications for t in done.values()), replications)

    if progress is not None:
        progress(sum(t.replications for t in done.values()), replications)
    workers = min(workers or os.cpu_count() or 1, len(todo))
    if workers <= 1 or players:
        for first, number in todo:
            finished(first, simulate(program, seed, first, number, players))
    else:
        for first, tally in _in_processes(program, seed, todo, workers):
            finished(first, tally)
    return merge(done[first] for first in sorted(done))


def _in_processes(
    program: Program, seed: int, todo: list[tuple[int, int]], workers: int
) -> Iterator[tuple[int, Tally]]:
    """Run chunks in worker processes and yield each as it ends."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (program, seed))
    pending: dict[Future[Tally], int] = {}
    waiting = iter(todo)
    try:
        for first, number in waiting:
            pending[pool.submit(_work, first, number)] = first
            if len(pending) < 2 * workers:
                continue
            yield from _finished(pending)
        while pending:
            yield from _finished(pending)
    except BrokenProcessPool:
        rule = "a worker process died; what is finished is kept: run the same command to go on"
        raise RunError(rule) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(pending: dict[Future[Tally], int]) -> Iterator[tuple[int, Tally]]:
    ready, _ = wait(pending, return_when=FIRST_COMPLETED)
    for future in ready:
        yield pending.pop(future), future.result()


_job: tuple[Program, int] | None = None
"""What a worker process runs; set once when it starts."""


def _start(program: Program, seed: int) -> None:
    global _job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    Thread(target=_leave_with_parent, daemon=True).start()
    _job = (program, seed)


def _leave_with_parent() -> None:
    """End this worker when the run that started it is killed: it would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(first: int, number: int) -> Tally:
    if _job is None:
        raise RuntimeError("the worker was not started")
    return simulate(*_job, first, number)
