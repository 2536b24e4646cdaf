"""The likelihood that weighs dates is the one by which weights are learned."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from coarse import told_by_month
from learned import Likelihood, lived, setting

from sim.ground.errors import InputError
from sim.kernel import memory as k
from sim.kernel.abduction import factual
from sim.kernel.dating import guide_of, weigh_cells
from sim.kernel.memory import Arrays
from sim.kernel.weighing import IMPOSSIBLE, Guide
from sim.learning import walking
from sim.model.compiled_scenario import CompiledScenario, Ints
from sim.model.compiling import compile_scenario
from sim.model.dateblocks import Block
from sim.model.dating import fact_instants
from sim.scenario.scenario import Scenario
from sim.scenario.scope import history_alone


def likelihood_between(v: Arrays, g: Guide, x: Ints, from_s: int, to_s: int) -> float:
    """Through the door by which one date is weighed: it is where it is, in a cell of its own."""
    found, cell = np.zeros(1), np.array([[x[0], 1]])
    weigh_cells(v, g, 0, x, x.copy(), np.array([from_s, to_s]), cell, found)
    return float(found[0])


INCLINED = {"CAN": {"USA": {"act": {"call": {"centre": 1.0}, "cut": {"centre": -1.0}}}}}


@cache
def vague(world: int, inclined: bool = False) -> tuple[Scenario, CompiledScenario]:
    """A world of the model as a history whose dates are months, and compiled."""
    parts: dict[str, Any] = {"inclinations": INCLINED} if inclined else {}
    history = told_by_month(lived(setting(until="2021-04-30", **parts), 3, world))
    return history, compile_scenario(history_alone(history), retrace=True)


def weighed(program: CompiledScenario, x: list[int], **parts: Any) -> float:
    """What the kernel's walk gives to instants, without what weights have no part in."""
    nobody = np.zeros(len(program.facts.ids), dtype=np.int64)
    pairs = frozenset(range(len(program.dyad_party)))
    guide = guide_of(program, Block((), pairs), nobody)._replace(**parts)
    v = factual(program).world
    v.ints[k.BURST_ROWS] = 0
    assert program.past is not None
    ends = program.past.start_s, program.as_of_s
    found = likelihood_between(v, guide, np.array(x), *ends)
    return found if found > IMPOSSIBLE / 2.0 else -math.inf


def learned(history: Scenario, x: list[int], monkeypatch: pytest.MonkeyPatch) -> float:
    """What the likelihood of learning gives to instants."""
    monkeypatch.setattr(walking, "windows_of", lambda program: [])
    monkeypatch.setattr(walking, "placed_instants", lambda program, chance: x)
    try:
        likelihood = Likelihood(history)
    except InputError:
        return -math.inf
    return likelihood(likelihood.parameters.shipped)


def both(monkeypatch: pytest.MonkeyPatch, **parts: Any) -> tuple[list[float], list[float]]:
    """What both give to some dates of some histories."""
    ours, theirs = list[float](), list[float]()
    for world in (2, 3):
        history, program = vague(world)
        for r in range(8):
            x = fact_instants(program, 5, r)
            ours.append(weighed(program, x, **parts))
            theirs.append(learned(history, x, monkeypatch))
    return ours, theirs


@pytest.mark.slow
def test_dates_are_weighed_by_the_likelihood_of_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = both(monkeypatch)
    some = [t for t in theirs if t > -math.inf]
    assert len(some) > 5
    assert max(some) - min(some) > 5.0
    assert ours == pytest.approx(theirs, abs=0.02)


def test_inclinations_count_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    history, program = vague(2, True)
    less = replace(program.doctrines, inclined=np.full_like(program.doctrines.inclined, -1))
    ours, without, theirs = list[float](), list[float](), list[float]()
    for r in range(6):
        x = fact_instants(program, 5, r)
        ours.append(weighed(program, x))
        without.append(weighed(replace(program, doctrines=less), x))
        theirs.append(learned(history, x, monkeypatch))
    assert min(theirs) < max(theirs) > -math.inf
    assert ours == pytest.approx(theirs, abs=0.02)
    assert without != pytest.approx(theirs, abs=0.5)  # the control


@pytest.mark.slow
def test_control_without_bursts_the_likelihood_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, program = vague(2)
    none = np.zeros(len(program.streams.names) + 1, dtype=np.int64)
    ours, theirs = both(monkeypatch, row_start=none)
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True) if b > -math.inf) > 1.0


def test_only_the_stretch_counts() -> None:
    """What lies before and after moves nothing but what is remembered."""
    _, program = vague(5)
    assert program.past is not None
    x = fact_instants(program, 5, 0)
    v = factual(program).world
    v.ints[k.BURST_ROWS] = 0
    nobody = np.zeros(len(x), dtype=np.int64)
    guide = guide_of(program, Block((), frozenset({0})), nobody)
    start, end = program.past.start_s, program.as_of_s
    middle = (start + end) // 2
    parts = [
        likelihood_between(v, guide, np.array(x), *s) for s in ((start, middle), (middle, end))
    ]
    assert sum(parts) == pytest.approx(weighed(program, x), abs=0.02)
