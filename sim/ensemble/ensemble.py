"""Ensembles: many replications, in chunks, over workers. The result depends on neither."""

from __future__ import annotations

from collections.abc import Mapping

from sim.ensemble.chunks import ChunkStore, spans
from sim.ensemble.work import Job, Progress, simulate
from sim.ensemble.workers import in_chunks
from sim.ground.errors import InputError, Problem, did_you_mean
from sim.model.expected import opportunities
from sim.model.players import Player
from sim.model.program import Program
from sim.model.tally import Sums, Tally, blank

EXECUTORS = ("kernel", "world")
CHUNKS = {"kernel": 1000, "world": 50}
"""Replications of one chunk at most, by executor."""
CHUNK_OPPORTUNITIES = 50_000_000
"""Opportunities of one chunk of the kernel, some seconds of work: where worlds are large there are
fewer in a chunk, so that all workers have work and a killed run loses little."""


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


def chunk_size(program: Program, executor: str) -> int:
    """Return how many replications a chunk holds."""
    fitting = int(CHUNK_OPPORTUNITIES / max(1.0, opportunities(program)))
    return min(CHUNKS[executor], max(1, fitting))


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
    cluster: str | None = None,
    answers: dict[int, list[bool | None]] | None = None,
) -> Tally:
    """Run an ensemble and return its tally; the same for any number of workers and chunk size.

    Finished chunks go to `store` and are taken from it. `have` is the tally of the ensemble's first
    replications, where they are done. Players other than doctrines run in this process, since they
    may hold what cannot be sent to another. `cluster` is the address of a Dask scheduler whose
    workers are to do the work. What players answer goes to `answers`, by replication.

    Raises:
        RunError: a worker died, the cluster cannot be reached, or the disk is full.
        KeyboardInterrupt: the user stopped the run; finished chunks are kept.
    """
    chosen = executor_for(executor, players)
    begin = have.replications if have is not None else 0
    sums = Sums(blank(program, replications))
    if have is not None:
        sums.add(0, have)
    todo: list[tuple[int, int]] = []
    for first, number in spans(replications, chunk or chunk_size(program, chosen), begin):
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
    if players:
        for first, number in todo:
            finished(first, simulate(program, seed, first, number, players, answers))
    else:
        job = Job(program, seed, chosen)
        for first, tally in in_chunks(job, todo, workers=workers, cluster=cluster):
            finished(first, tally)
    return sums.total
