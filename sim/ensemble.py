"""Ensembles: many replications, in chunks, over workers. The result depends on neither."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from threading import Thread

from sim.chunks import ChunkStore, spans
from sim.errors import InputError, Problem, RunError, did_you_mean
from sim.players import Player
from sim.program import Program
from sim.replicating import replicate
from sim.tally import Sums, Tally, blank, count

EXECUTORS = ("kernel", "world")
CHUNKS = {"kernel": 1000, "world": 50}
"""Replications of one chunk, by executor."""

Progress = Callable[[int, int], None]
"""Called with the replications done so far and in all."""


@dataclass(frozen=True)
class Job:
    """What every chunk of an ensemble has in common; it can be sent to another process."""

    program: Program
    seed: int
    executor: str

    def work(self, first: int, number: int) -> Tally:
        """Run replications `first` to `first + number`.

        Raises:
            InputError: the model holds the history of a what-if impossible.
        """
        if self.executor == "kernel" and self.program.past is None:
            from sim import kernel

            return kernel.run(self.program, self.seed, first, number)[0]
        return simulate(self.program, self.seed, first, number)


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


def executor_for(name: str | None, players: Mapping[str, Player] | None = None) -> str:
    """Choose the executor: the kernel unless another is named or somebody plays.

    Raises:
        InputError: there is no such executor, or the kernel was asked for with players.
    """
    if name not in (None, *EXECUTORS):
        rule = f"must be one of {', '.join(EXECUTORS)}{did_you_mean(str(name), EXECUTORS)}"
        raise InputError([Problem("executor", 0, "", rule, str(name))])
    if players and name == "kernel":
        rule = "must be world where somebody plays: the kernel knows doctrines only"
        raise InputError([Problem("executor", 0, "", rule, name)])
    return "world" if players else name or "kernel"


def ensemble(
    program: Program,
    seed: int,
    replications: int,
    *,
    executor: str | None = None,
    workers: int | None = None,
    chunk: int | None = None,
    store: ChunkStore | None = None,
    players: Mapping[str, Player] | None = None,
    progress: Progress | None = None,
    have: Tally | None = None,
) -> Tally:
    """Run an ensemble and return its tally; the same for any number of workers and chunk size.

    Finished chunks go to `store` and are taken from it. `have` is the tally of the ensemble's first
    replications, where they are done. Players other than doctrines run in this process, since they
    may hold what cannot be sent to another.

    Raises:
        RunError: a worker died, or the disk is full.
        KeyboardInterrupt: the user stopped the run; finished chunks are kept.
    """
    chosen = executor_for(executor, players)
    begin = have.replications if have is not None else 0
    sums = Sums(blank(program, replications))
    if have is not None:
        sums.add(0, have)
    todo: list[tuple[int, int]] = []
    for first, number in spans(replications, chunk or CHUNKS[chosen], begin):
        kept = store.load(first, number) if store is not None else None
        if kept is None:
            todo.append((first, number))
        else:
            sums.add(first, kept)

    def finished(first: int, tally: Tally) -> None:
        if store is not None:
            store.save(first, tally)
        sums.add(first, tally)
        if progress is not None:
            progress(sums.done, replications)

    if progress is not None:
        progress(sums.done, replications)
    job = Job(program, seed, chosen)
    workers = min(workers or os.cpu_count() or 1, len(todo))
    if players:
        for first, number in todo:
            finished(first, simulate(program, seed, first, number, players))
    elif workers <= 1:
        for first, number in todo:
            finished(first, job.work(first, number))
    else:
        for first, tally in _in_pool(job, todo, workers):
            finished(first, tally)
    return sums.total


def _in_pool(job: Job, todo: list[tuple[int, int]], workers: int) -> Iterator[tuple[int, Tally]]:
    """Run chunks in threads (the kernel) or processes and yield each as it ends."""
    pool: Executor
    if job.executor == "kernel":
        pool, work = ThreadPoolExecutor(workers), job.work
    else:
        pool, work = ProcessPoolExecutor(workers, get_context("spawn"), _start, (job,)), _work
    pending: dict[Future[Tally], int] = {}
    waiting = iter(todo)
    try:
        for first, number in waiting:
            pending[pool.submit(work, first, number)] = first
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


_job: Job | None = None
"""What a worker process runs; set once when it starts."""


def _start(job: Job) -> None:
    global _job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    Thread(target=_leave_with_parent, daemon=True).start()
    _job = job


def _leave_with_parent() -> None:
    """End this worker when the run that started it is killed: it would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(first: int, number: int) -> Tally:
    if _job is None:
        raise RuntimeError("the worker was not started")
    return _job.work(first, number)
