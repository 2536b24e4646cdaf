"""Work in chunks: in this process, in threads, in processes, or on a cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
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
from typing import Any, Generic, TypeVar

from sim.ground.errors import RunError
from sim.model.abduction import Inferred
from sim.model.players import Player
from sim.model.program import Program
from sim.model.replication import replicate
from sim.model.tally import Tally, blank, count

T = TypeVar("T")
Span = tuple[int, int]
"""The first replication of a chunk, and how many it holds."""


class Work(Generic[T]):
    """What every chunk of an ensemble has in common; it can be sent to another process."""

    executor: str

    def work(self, first: int, number: int) -> T:
        """Run replications `first` to `first + number`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Job(Work[Tally]):
    """The tally of an ensemble, chunk by chunk."""

    program: Program
    seed: int
    executor: str

    def work(self, first: int, number: int) -> Tally:
        """Run replications `first` to `first + number`.

        Raises:
            InputError: the model holds the history of a what-if impossible.
        """
        if self.executor == "kernel":
            from sim.kernel import run as kernel

            return kernel.run(self.program, self.seed, first, number)[0]
        return simulate(self.program, self.seed, first, number)


def simulate(
    program: Program,
    seed: int,
    first: int,
    number: int,
    players: Mapping[str, Player] | None = None,
    noise: Sequence[Sequence[Inferred]] | None = None,
) -> Tally:
    """Run replications `first` to `first + number` through `world`, one after the other.

    `noise` holds what was inferred for each replication of a what-if, if it was before.
    """
    tally = blank(program, number, first)
    for row in range(number):
        known = None if noise is None else noise[first + row]
        world = replicate(program, seed, first + row, players, noise=known)
        count(program, world.situation, tally, row)
    return tally


def in_chunks(
    job: Work[T], todo: list[Span], *, workers: int | None = None, cluster: str | None = None
) -> Iterator[tuple[int, T]]:
    """Run chunks and yield (first replication, result) of each as it ends, in any order.

    Raises:
        RunError: a worker died, or the cluster cannot be reached.
    """
    workers = min(workers or os.cpu_count() or 1, len(todo))
    if cluster is not None:
        from sim.ensemble.cluster import on_cluster

        yield from on_cluster(job, todo, cluster)
    elif workers <= 1:
        for first, number in todo:
            yield first, job.work(first, number)
    else:
        yield from _in_pool(job, todo, workers)


def _in_pool(job: Work[T], todo: list[Span], workers: int) -> Iterator[tuple[int, T]]:
    """Run chunks in threads (the kernel) or processes and yield each as it ends."""
    pool: Executor
    if job.executor == "kernel":
        pool, work = ThreadPoolExecutor(workers), job.work
    else:
        pool, work = ProcessPoolExecutor(workers, get_context("spawn"), _start, (job,)), _work
    pending: dict[Future[T], int] = {}
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


def _finished(pending: dict[Future[T], int]) -> Iterator[tuple[int, T]]:
    ready, _ = wait(pending, return_when=FIRST_COMPLETED)
    for future in ready:
        yield pending.pop(future), future.result()


_job: Work[Any] | None = None
"""What a worker process runs; set once when it starts."""


def _start(job: Work[Any]) -> None:
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


def _work(first: int, number: int) -> Any:
    if _job is None:
        raise RuntimeError("the worker was not started")
    return _job.work(first, number)
