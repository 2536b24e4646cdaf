"""Running until the answers are precise enough."""

from __future__ import annotations

from collections.abc import Iterator

from sim.model.compiled_scenario import CompiledScenario
from sim.model.tally import Tally
from sim.results.outcomes import answers
from sim.scenario.scenario import Scenario

FIRST = 1000
"""Replications at the first look."""


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
