"""Running a scenario again over draws of its weights: the second run, over the same noise."""

from __future__ import annotations

from dataclasses import replace

from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.learning.drawn_weights import draws_among, source_of, with_draws
from sim.model.compiled_scenario import CompiledScenario, Floats
from sim.model.fit_draw import draws_of
from sim.results.outcomes import every_value
from sim.results.over_weights import Drawn
from sim.scenario.scenario import Scenario

EACH = 10
"""Worlds of each draw, in the mean. What few worlds add to the spread is taken out."""


def drawn_worlds(scenario: Scenario, program: CompiledScenario, how: Settings) -> Drawn | None:
    """Run a scenario over draws of its weights; None where none are asked for.

    The replications are the first ones of the plain run, so dates, opportunities and uniforms are
    the same, and only weights differ.

    Raises:
        InputError: a prior leaves nothing on the side of 0 that its sign allows, or the model holds
            the history of a what-if impossible.
        RunError: a worker died.
    """
    if not how.draws:
        return None
    over = with_draws(scenario, program, how.seed, how.draws)
    over = replace(over, grid_s=over.grid_s[:1])  # nobody asks where the worlds were when
    tally = ensemble(over, replace(how, replications=how.draws * EACH))
    values = every_value(scenario, program, tally)
    return as_drawn(scenario, program, how.seed, how.draws, values)


def as_drawn(
    scenario: Scenario, program: CompiledScenario, seed: int, asked: int, values: Floats
) -> Drawn:
    """Say of the values [worlds, Q] of worlds with drawn weights which draw each has."""
    draws = draws_among(scenario, program, asked)
    draw = draws_of(draws, seed, len(values))
    return Drawn(values, draw, draws, source_of(scenario), asked)
