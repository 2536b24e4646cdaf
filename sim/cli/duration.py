"""How long a run or a why will take, found by running a few of its worlds, so that nobody waits
unwarned."""

from __future__ import annotations

import os
from math import ceil
from time import perf_counter
from typing import Any

from sim.ensemble.ensemble import chunk_size
from sim.ensemble.settings import Settings
from sim.ensemble.without import Without
from sim.ensemble.work import Job, Work
from sim.model.compiled_scenario import CompiledScenario
from sim.model.expected import opportunities
from sim.study.asking import Question
from sim.study.explaining import MAX_SETS, batches
from sim.study.sets import removed_by
from sim.study.weighing import EACH

MANY = {"kernel": 20_000_000, "reference": 1_000_000}
"""Opportunities of a run, by executor, below which nothing is tried: it takes seconds, even if
events come of all."""
LONG_S = 30.0
"""Seconds from which a run is called long."""


def forewarned(program: CompiledScenario, how: Settings) -> str:
    """Return what to say before a run that takes long; empty for others.

    The first worlds are run, for a moment, to see how long one takes here.

    Raises:
        InputError: the model holds the history of a what-if impossible.
    """
    worlds = how.replications + how.draws * EACH
    expected = opportunities(program) * worlds
    if expected < MANY[how.executor]:
        return ""
    each, chunk = _costs(Job(program, how.seed, how.executor), how.replications)
    chunks = ceil(worlds / chunk_size(program, how.executor))
    at_once = min(how.workers or os.cpu_count() or 1, chunks)
    seconds = (each * worlds + chunk * chunks) / at_once
    if seconds < LONG_S:
        return ""
    most = "up to " if how.interval_width is not None else ""
    return (
        f"this run expects {most}{_round(expected)} opportunities and may take {most}about "
        f"{_spoken(seconds)}"
    )


def forewarned_why(asked: Question, how: Settings) -> str:
    """Return what to say before a why that may take long; empty for others.

    A replication of it is one walk through history for each size of its sets, and a world for each
    set. The first ones are tried with history as it was alone, and with single events.

    Raises:
        InputError: the model holds the history impossible.
    """
    sizes = [size for size in batches(len(asked.events), MAX_SETS) if size]
    worlds = (len(sizes) + sum(sizes)) * how.replications
    if opportunities(asked.program) * worlds < MANY[how.executor]:
        return ""
    removed = removed_by(asked, [(event,) for event in asked.events])
    jobs = [Without(asked.program, rows, how.seed, how.executor) for rows in (removed[:1], removed)]
    (alone, _), (each, chunk) = (_costs(job, how.replications) for job in jobs)
    world = max(0.0, each - alone) / (len(removed) - 1)
    chunks = ceil(how.replications / jobs[1].chunk)
    at_once = min(how.workers or os.cpu_count() or 1, chunks)
    seconds = (len(sizes) * alone + sum(sizes) * world) * how.replications + chunk * chunks
    if seconds / at_once < LONG_S:
        return ""
    return (
        f"this why tries up to {sum(sizes):,} sets of events over {how.replications:,} worlds each "
        f"and may take up to about {_spoken(seconds / at_once)}"
    )


def _costs(job: Work[Any], replications: int) -> tuple[float, float]:
    """Return how many seconds a replication takes here, and a chunk beside its replications: the
    first ones are run, for a moment."""
    job.work(0, 0)  # compiles, or loads what is compiled
    empty, tried = _took(job, 0), 1
    took = _took(job, tried)
    while took < 0.1 and tried * 4 <= replications:
        tried *= 4
        took = _took(job, tried)
    return max(0.0, took - empty) / tried, empty


def _took(job: Work[Any], worlds: int) -> float:
    begun = perf_counter()
    job.work(0, worlds)
    return perf_counter() - begun


def _round(number: float) -> str:
    """Write a large number in millions, to two digits."""
    millions = number / 1e6
    digits = 1 if millions < 10 else 0
    return f"{float(f'{millions:.2g}'):,.{digits}f} million"


def _spoken(seconds: float) -> str:
    """Write a duration as people do."""
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= 1.5 * size:
            return f"{round(seconds / size)} {unit}s"
    return f"{round(seconds, -1):.0f} seconds"
