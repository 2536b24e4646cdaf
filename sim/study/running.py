"""Running a scenario in memory: the order for a run, compiled once, and its execution."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ground.errors import InputError, Problem
from sim.model.compiling import compile_scenario
from sim.model.program import Program
from sim.scenario.scenario import Scenario
from sim.study.precision import looks, width
from sim.study.run import Run


@dataclass(frozen=True)
class Order:
    """A run as it was ordered, compiled."""

    scenario: Scenario
    program: Program
    how: Settings


def ordered(scenario: Scenario, how: Settings) -> Order:
    """Compile the scenario of a run.

    Raises:
        InputError: it has a sweep, or would hold too many opportunities.
    """
    if scenario.sweep:
        rule = "a scenario with a sweep is many runs: `sim.sweep` makes them"
        raise InputError([Problem(scenario.title, 0, "sweep", rule)])
    return Order(scenario, compile_scenario(scenario), how)


def carried_out(order: Order, store: ChunkStore | None = None) -> Run:
    """Run an order; finished chunks go to `store` and are taken from it.

    Raises:
        InputError: the model holds the history of a what-if impossible.
        RunError: a worker died, the cluster cannot be reached, or the disk is full.
    """
    program, how, precision = order.program, order.how, order.how.precision
    tally = None
    answers: dict[int, list[bool | None]] = {}
    for target in (how.replications,) if precision is None else looks(how.replications):
        so_far = replace(how, replications=target)
        tally = ensemble(program, so_far, store=store, have=tally, answers=answers)
        if precision is not None:
            widest = width(order.scenario, program, tally)
            if how.note is not None:
                how.note(f"widest interval {widest:.4f} after {target:,}")
            if widest <= precision:
                break
    assert tally is not None
    run = Run(order.scenario, program, how.seed, tally, how.executor, how.players, precision)
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
