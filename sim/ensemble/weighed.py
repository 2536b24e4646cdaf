"""Compiling a scenario with the law of its imprecise dates.

The law is that of the history alone, so all scenarios that share a history share it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sim.ground.errors import InputError
from sim.kernel.dating import LEAST_ROUNDS, MOST_ROUNDS, Law, dates_by, law_by
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.scenario.scenario import Scenario
from sim.scenario.scope import history_alone

EVEN = Law((), frozenset())
"""The law by which every imprecise date is drawn evenly."""


def compile_weighed(
    scenario: Scenario,
    *,
    retrace: bool = False,
    dated_as: Scenario | None = None,
    hasty: bool = False,
) -> CompiledScenario:
    """Compile a resolved scenario to plain arrays, with its imprecise dates weighed: by its own
    doctrines and rules, or by those of another scenario of the same history. A `hasty` one places
    dates that belong together by the beginning of their chain, for a first look.

    Raises:
        InputError: as `compile_scenario`.
    """
    program = compile_scenario(scenario, retrace=retrace)
    if scenario.history is None:
        return program
    return replace(program, dates=dates_by(program, law_of(dated_as or scenario, hasty)))


class History:
    """What a scenario says of its history, known by its text."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = history_alone(scenario)
        self.text = self.scenario.model_dump_json()

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.text == other.text


def law_of(scenario: Scenario, hasty: bool = False) -> Law:
    """Return the law of the dates of a scenario's history."""
    return law_given(History(scenario), LEAST_ROUNDS if hasty else MOST_ROUNDS)


@lru_cache(maxsize=64)
def law_given(history: History, most_rounds: int) -> Law:
    """Work out the law of a history's dates; it is kept, since many scenarios share a history."""
    try:
        return law_by(compile_scenario(history.scenario, retrace=True), most_rounds)
    except InputError:  # more than a what-if could hold
        return EVEN
