"""How long a run will take, found by running a few of its worlds, so that nobody waits unwarned."""

from __future__ import annotations

import os
from math import ceil
from time import perf_counter

from sim.ensemble.ensemble import chunk_size
from sim.ensemble.work import Job
from sim.model.expected import opportunities
from sim.model.program import Program

MANY = {"kernel": 20_000_000, "world": 1_000_000}
"""Opportunities of a run, by executor, below which nothing is tried: it takes seconds, even if
events come of all."""
LONG_S = 30.0
"""Seconds from which a run is called long."""


def forewarned(
    program: Program,
    seed: int,
    replications: int,
    executor: str,
    workers: int | None = None,
    *,
    at_most: bool = False,
) -> str:
    """Return what to say before a run that takes long; empty for others.

    The first worlds are run, for a moment, to see how long one takes here. `at_most`
    says that the run may end after fewer replications.

    Raises:
        InputError: the model holds the history of a what-if impossible.
    """
    expected = opportunities(program) * replications
    if expected < MANY[executor]:
        return ""
    job = Job(program, seed, executor)
    job.work(0, 0)  # compiles, or loads what is compiled
    empty, tried = _took(job, 0), 1
    took = _took(job, tried)
    while took < 0.1 and tried * 4 <= replications:
        tried *= 4
        took = _took(job, tried)
    each, chunks = (took - empty) / tried, ceil(replications / chunk_size(program, executor))
    at_once = min(workers or os.cpu_count() or 1, chunks)
    seconds = (each * replications + empty * chunks) / at_once
    if seconds < LONG_S:
        return ""
    most = "up to " if at_most else ""
    return (
        f"this run expects {most}{_round(expected)} opportunities and may take {most}about "
        f"{_spoken(seconds)}"
    )


def _took(job: Job, worlds: int) -> float:
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
