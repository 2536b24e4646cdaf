"""Chunks on a Dask cluster, for runs larger than one machine: an extra. Owns distributed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Thread
from typing import Any, TypeVar

from sim.ensemble.work import Chunk, Work
from sim.ground.errors import BackchannelError, RunError
from sim.ground.version import code_digest, program_version

T = TypeVar("T")
PATIENCE_S = 15
"""Seconds to wait for a scheduler to answer, and for a first worker to join it."""
NOISY = ("distributed", "tornado", "asyncio")
"""How the names of the logs begin that Dask writes."""
RETRIES = 5
"""How often a chunk is tried again whose worker died."""


def on_cluster(job: Work[T], todo: list[Chunk], address: str) -> Iterator[tuple[int, T]]:
    """Run chunks on the workers of the scheduler at `address` and yield each as it ends.

    A worker that dies costs the time of its chunks: others run them again, and a chunk is the same
    wherever it is run.

    Raises:
        RunError: the extra is not installed, nobody answers, or a chunk failed again and again.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        rule = "needs the extra `cluster`: pip install 'backchannel[cluster]'"
        raise RunError(f"--cluster: {rule}") from None
    client = _connected(Client, address)
    spoken = _silenced()
    try:
        with client:
            client.wait_for_workers(1, timeout=PATIENCE_S)
            yield from _gathered(client, job, todo)
        for logger in spoken:  # after a loss they stay silent: what is left of it ends later
            logger.disabled = False
    except BackchannelError:
        raise
    except TimeoutError:
        raise RunError(f"--cluster {address}: the scheduler has no workers") from None
    except KilledWorker:
        rule = f"a chunk's workers died {RETRIES} times; what is finished is kept"
        raise RunError(f"--cluster {address}: {rule}: run the same command to go on") from None
    except Exception as error:  # what a cluster raises has no common name
        rule = "was lost; what is finished is kept: run the same command to go on"
        raise RunError(f"--cluster {address}: {rule} ({_reason(error)})") from None


def _connected(client_of: Any, address: str) -> Any:
    """Return a client of the scheduler at an address.

    It is made in a thread of its own: one that takes a call and never answers is waited for too.

    Raises:
        RunError: nobody answers, or nobody who speaks Dask.
    """
    made: list[Any] = []

    def connect() -> None:
        try:
            made.append(client_of(address, timeout=PATIENCE_S, set_as_default=False))
        except Exception as error:
            made.append(error)

    thread = Thread(target=connect, daemon=True)
    thread.start()
    thread.join(2 * PATIENCE_S)
    reason = "no answer" if not made else _reason(made[0])
    if not made or isinstance(made[0], Exception):
        raise RunError(f"--cluster {address}: cannot be reached: {reason}")
    return made[0]


def _silenced() -> list[logging.Logger]:
    """Silence Dask's own logs, and return those that spoke: of a cluster that is lost they tell in
    tracebacks what the error says in a sentence."""
    known = [name for name in logging.root.manager.loggerDict if name.startswith(NOISY)]
    spoken = [logger for name in known if not (logger := logging.getLogger(name)).disabled]
    for logger in spoken:
        logger.disabled = True
    return spoken


def _reason(error: object) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _gathered(client: Any, job: Work[T], todo: list[Chunk]) -> Iterator[tuple[int, T]]:
    """Keep a few chunks a worker under way, so that results do not pile up."""
    from distributed import as_completed

    spans, firsts = iter(todo), dict[str, int]()

    def submit(number: int) -> list[Any]:
        futures = []
        for _, (first, size) in zip(range(number), spans, strict=False):
            future = client.submit(
                _chunk, job, first, size, code_digest(), pure=False, retries=RETRIES
            )
            firsts[future.key] = first
            futures.append(future)
        return futures

    under_way = 4 * max(1, sum(client.nthreads().values()))
    running = as_completed(submit(under_way), loop=client.loop)
    for future in running:
        yield firsts.pop(future.key), future.result()
        future.release()
        for following in submit(1):
            running.add(following)


def _chunk(job: Work[T], first: int, number: int, code: str) -> T:
    if code_digest() != code:  # other code may give other numbers, and nobody would know
        rule = f"a worker has other code ({program_version()}) or packages than this machine"
        raise RunError(f"--cluster: {rule}: install the same on both")
    return job.work(first, number)
