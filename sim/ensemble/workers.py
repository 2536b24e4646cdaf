"""Work in chunks: in this process, in threads, in processes, or on a cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

from sim.ensemble.cluster import on_cluster
from sim.ensemble.settings import Settings
from sim.ensemble.work import Chunk, Work
from sim.ground.errors import RunError

T = TypeVar("T")


def in_chunks(job: Work[T], todo: list[Chunk], how: Settings) -> Iterator[tuple[int, T]]:
    """Run chunks and yield (first replication, result) of each as it ends, in any order.

    Raises:
        RunError: a worker died, or the cluster cannot be reached.
    """
    workers = min(how.workers or os.cpu_count() or 1, len(todo))
    if how.cluster is not None:
        yield from on_cluster(job, todo, how.cluster)
    elif workers <= 1:
        for first, number in todo:
            yield first, job.work(first, number)
    else:
        yield from _in_pool(job, todo, workers)


def _in_pool(job: Work[T], todo: list[Chunk], workers: int) -> Iterator[tuple[int, T]]:
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
