"""Running a scenario in memory: the order for a run, compiled once, and its execution, if asked
until the answers are precise enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ensemble.weighed import compile_weighed
from sim.ground.errors import InputError, Problem
from sim.model.compiled_scenario import CompiledScenario
from sim.model.tally import Tally
from sim.results.outcomes import answers
from sim.scenario.scenario import Scenario
from sim.study.run import Run
from sim.study.weighing import drawn_worlds

FIRST = 1000
"""Replications at the first look."""


@dataclass(frozen=True)
class Order:
    """A run as it was ordered, compiled."""

    scenario: Scenario
    program: CompiledScenario
    how: Settings


def ordered(scenario: Scenario, how: Settings) -> Order:
    """Compile the scenario of a run.

    Raises:
        InputError: it has a sweep, or would hold too many opportunities.
    """
    if scenario.sweep:
        rule = "a scenario with a sweep is many runs: `sim.sweep` makes them"
        raise InputError([Problem(scenario.title, 0, "sweep", rule)])
    return Order(scenario, compile_weighed(scenario), how)


def carried_out(order: Order, store: ChunkStore | None = None) -> Run:
    """Run an order; finished chunks go to `store` and are taken from it.

    Raises:
        InputError: the model holds the history of a what-if impossible.
        RunError: a worker died, the cluster cannot be reached, or the disk is full.
    """
    program, how, interval_width = order.program, order.how, order.how.interval_width
    tally = None
    given: dict[int, list[bool | None]] = {}
    for target in (how.replications,) if interval_width is None else looks(how.replications):
        so_far = replace(how, replications=target)
        tally = ensemble(program, so_far, store=store, have=tally, answers=given)
        if interval_width is not None:
            widest = width(order.scenario, program, tally)
            if how.note is not None:
                how.note(f"widest interval {widest:.4f} after {target:,}")
            if widest <= interval_width:
                break
    assert tally is not None
    run = Run(order.scenario, program, how.seed, tally, how.executor, how.players, interval_width)
    run.drawn = drawn_worlds(order.scenario, program, _after(how, tally.replications))
    run.answers_given = given
    note_cap(run)
    return run


def _after(how: Settings, done: int) -> Settings:
    """Return how worlds are run that come after some: progress counts both."""
    told = how.progress
    if told is None:
        return how
    return replace(how, progress=lambda now, total: told(done + now, done + total))


def note_cap(run: Run) -> None:
    """Note that a run stopped at its cap, if it did."""
    wanted = run.interval_width
    if wanted is not None and width(run.scenario, run.program, run.tally) > wanted:
        run.notes.append(
            f"stopped at {run.replications:,} replications before every interval was so narrow"
        )


def looks(cap: int) -> Iterator[int]:
    """Yield after how many replications to look: each time twice as many, and at the cap.

    The looks are fixed, so that where a run stops depends on nothing but its draws. An interval
    that is looked at repeatedly covers a little less than its 95 %.
    """
    number = FIRST
    while number < cap:
        yield number
        number *= 2
    yield cap


def width(scenario: Scenario, program: CompiledScenario, tally: Tally) -> float:
    """Return the width of the widest 95 % interval, as a share; 0 without outcomes."""
    found = answers(scenario, program, tally)
    return max((a.high - a.low for a in found), default=0.0)
