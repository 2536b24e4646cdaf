"""Ensembles: many replications, in chunks, over workers. The result depends on neither."""

from __future__ import annotations

from collections.abc import Iterator

from sim.ensemble.chunks import ChunkStore, spans
from sim.ensemble.settings import Settings
from sim.ensemble.work import Job, simulate
from sim.ensemble.workers import in_chunks
from sim.model.compiled_scenario import CompiledScenario
from sim.model.expected import opportunities
from sim.model.tally import Sums, Tally, blank

CHUNKS = {"kernel": 1000, "reference": 50}
"""Replications of one chunk at most, by executor."""
CHUNK_OPPORTUNITIES = 50_000_000
"""Opportunities of one chunk of the kernel, some seconds of work: where worlds are large there are
fewer in a chunk, so that all workers have work and a killed run loses little."""


def chunk_size(program: CompiledScenario, executor: str) -> int:
    """Return how many replications a chunk holds."""
    fitting = int(CHUNK_OPPORTUNITIES / max(1.0, opportunities(program)))
    return min(CHUNKS[executor], max(1, fitting))


def ensemble(
    program: CompiledScenario,
    how: Settings,
    *,
    chunk: int | None = None,
    store: ChunkStore | None = None,
    have: Tally | None = None,
    answers: dict[int, list[bool | None]] | None = None,
) -> Tally:
    """Run an ensemble and return its tally; the same for any number of workers and chunk size.

    Finished chunks go to `store` and are taken from it. `have` is the tally of the ensemble's first
    replications, where they are done. Players other than doctrines run in this process, since they
    may hold what cannot be sent to another. What they answer goes to `answers`, by replication.

    Raises:
        RunError: a worker died, the cluster cannot be reached, or the disk is full.
        KeyboardInterrupt: the user stopped the run; finished chunks are kept.
    """
    begin = have.replications if have is not None else 0
    sums = Sums(blank(program, how.replications))
    if have is not None:
        sums.add(0, have)
    todo: list[tuple[int, int]] = []
    for first, number in spans(how.replications, chunk or chunk_size(program, how.executor), begin):
        kept = store.load(first, number) if store is not None else None
        if kept is None:
            todo.append((first, number))
        else:
            sums.add(first, kept)

    ran: Iterator[tuple[int, Tally]]
    if how.players:
        who = how.players
        ran = ((first, simulate(program, how.seed, first, n, who, answers)) for first, n in todo)
    else:
        ran = in_chunks(Job(program, how.seed, how.executor), todo, how)
    how.tell(sums.done)
    for first, tally in ran:
        if store is not None:
            store.save(first, tally)
        sums.add(first, tally)
        how.tell(sums.done)
    return sums.total
