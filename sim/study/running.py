"""Running a scenario in memory: the order for a run, checked once, and its execution."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.ensemble import ensemble, executor_for
from sim.ensemble.work import Progress
from sim.ground.draws import MAX_SEED
from sim.ground.errors import InputError, Problem, shown
from sim.model.compiling import compile_scenario
from sim.model.players import Player
from sim.model.program import Program
from sim.scenario.resolve import Place, scenario_at
from sim.scenario.scenario import Scenario
from sim.study.precision import CAP, looks, width
from sim.study.run import Run

MOST = 10_000_000
"""Replications of one run: more would not fit into memory."""


@dataclass(frozen=True)
class Order:
    """A run as it was ordered: checked, with defaults filled in, and compiled."""

    scenario: Scenario
    program: Program
    seed: int
    replications: int
    """How many; with a precision, how many at most."""
    executor: str
    workers: int | None = None
    cluster: str | None = None
    players: Mapping[str, Player] | None = None
    precision: float | None = None
    progress: Progress | None = None
    note: Callable[[str], None] | None = None


def ordered(
    scenario: Place,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    executor: str | None = None,
    players: Mapping[str, Player] | None = None,
    progress: Progress | None = None,
    precision: float | None = None,
    cluster: str | None = None,
    note: Callable[[str], None] | None = None,
) -> Order:
    """Check what is asked for, and fill in what the scenario says of it.

    Raises:
        InputError: the scenario breaks rules, or what is asked for does not fit it.
    """
    scenario = scenario_at(scenario)
    if scenario.sweep:
        rule = "a scenario with a sweep is many runs: `sim.sweep` makes them"
        raise InputError([Problem(scenario.title, 0, "sweep", rule)])
    if precision is not None:
        precision = _share("precision", precision)
    if replications is not None:
        replications = _whole("replications", replications, 1, MOST)
    if seed is not None:
        seed = _whole("seed", seed, 0, MAX_SEED)
    if workers is not None:
        workers = _whole("workers", workers, 1, 512)
    cap = CAP if precision is not None else scenario.ensemble.replications
    number = replications or _whole("ensemble.replications", cap, 1, MOST)
    chosen = scenario.ensemble.seed if seed is None else seed
    return Order(
        scenario=scenario,
        program=compile_scenario(scenario),
        seed=chosen,
        replications=number,
        executor=executor_for(executor, players),
        workers=workers,
        cluster=cluster,
        players=players,
        precision=precision,
        progress=progress,
        note=note,
    )


def _whole(name: str, value: object, least: int, most: int) -> int:
    """Return a whole number in Python's own type, or refuse what is none or out of range.

    Raises:
        InputError: it is.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise InputError([Problem(name, 0, "", "must be a whole number", shown(value))])
    if not least <= value <= most:
        raise InputError([Problem(name, 0, "", f"must lie in {least} to {most}", shown(value))])
    return int(value)


def _share(name: str, value: object) -> float:
    """Return a number between 0 and 1 in Python's own type.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, int | float | np.integer | np.floating) or isinstance(value, bool):
        raise InputError([Problem(name, 0, "", "must be a number", shown(value))])
    if not (math.isfinite(value) and 0 < value < 1):
        raise InputError([Problem(name, 0, "", "must lie between 0 and 1", shown(value))])
    return float(value)


def carried_out(order: Order, store: ChunkStore | None = None) -> Run:
    """Run an order; finished chunks go to `store` and are taken from it.

    Raises:
        InputError: the model holds the history of a what-if impossible.
        RunError: a worker died, the cluster cannot be reached, or the disk is full.
    """
    program, precision = order.program, order.precision
    tally = None
    answers: dict[int, list[bool | None]] = {}
    for target in (order.replications,) if precision is None else looks(order.replications):
        tally = ensemble(
            program,
            order.seed,
            target,
            executor=order.executor,
            workers=order.workers,
            store=store,
            players=order.players,
            progress=order.progress,
            have=tally,
            cluster=order.cluster,
            answers=answers,
        )
        if precision is not None:
            widest = width(order.scenario, program, tally)
            if order.note is not None:
                order.note(f"widest interval {widest:.4f} after {target:,}")
            if widest <= precision:
                break
    assert tally is not None
    run = Run(order.scenario, program, order.seed, tally, order.executor, order.players, precision)
    run.answers_given = answers
    note_cap(run)
    return run


def note_cap(run: Run) -> None:
    """Note that a run stopped at its cap, if it did."""
    if run.precision is None or width(run.scenario, run.program, run.tally) <= run.precision:
        return
    run.notes.append(
        f"stopped at {run.replications:,} replications before the precision was reached"
    )
