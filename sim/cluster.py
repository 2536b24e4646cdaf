"""Chunks on a Dask cluster, for runs larger than one machine: an extra. Owns distributed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from sim.errors import RunError

if TYPE_CHECKING:
    from sim.working import Span, Work

T = TypeVar("T")
PATIENCE_S = 15
"""Seconds to wait for a scheduler to answer, and for a first worker to join it."""
RETRIES = 5
"""How often a chunk is tried again whose worker died."""


def on_cluster(job: Work[T], todo: list[Span], address: str) -> Iterator[tuple[int, T]]:
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
    try:
        client: Any = Client(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(f"--cluster {address}: cannot be reached: {reason}") from None
    try:
        with client:
            client.wait_for_workers(1, timeout=PATIENCE_S)
            yield from _gathered(client, job, todo)
    except TimeoutError:
        raise RunError(f"--cluster {address}: the scheduler has no workers") from None
    except KilledWorker:
        rule = f"a chunk's workers died {RETRIES} times; what is finished is kept"
        raise RunError(f"--cluster {address}: {rule}: run the same command to go on") from None
    except OSError as error:
        rule = "was lost; what is finished is kept: run the same command to go on"
        raise RunError(f"--cluster {address}: {rule} ({error})") from None


def _gathered(client: Any, job: Work[T], todo: list[Span]) -> Iterator[tuple[int, T]]:
    """Keep a few chunks a worker under way, so that results do not pile up."""
    from distributed import as_completed

    shared = client.scatter(job, broadcast=True)
    spans, firsts = iter(todo), dict[str, int]()

    def submit(number: int) -> list[Any]:
        futures = []
        for _, (first, size) in zip(range(number), spans, strict=False):
            future = client.submit(_chunk, shared, first, size, pure=False, retries=RETRIES)
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


def _chunk(job: Work[T], first: int, number: int) -> T:
    return job.work(first, number)
