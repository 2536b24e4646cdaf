"""Running a scenario again over draws of its weights and its rules, with the same noise; and over
draws of its dates, to say what each has of the variance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.ensemble.ensemble import ensemble
from sim.ensemble.points import Points
from sim.ensemble.settings import Settings
from sim.ensemble.work import Chunk
from sim.ensemble.workers import in_chunks
from sim.learning.drawn_weights import draws_among, source_of, with_draws
from sim.model.compiled_scenario import NO_TIME, CompiledScenario, Floats, Ints, ints
from sim.model.compiling import compile_scenario
from sim.model.dating import fact_instants
from sim.model.fit_draw import draws_of
from sim.results.outcomes import every_value
from sim.results.over_weights import Drawn
from sim.scenario.conventions import drawn_lapses, lapsing
from sim.scenario.scenario import ChannelSetup, Scenario
from sim.scenario.scope import channels_of

EACH = 10
"""Worlds of each draw, in the mean. What few worlds add to the spread is taken out."""
RULES = 20
"""Draws of the rules; each goes with some draws of the weights."""
DATES, EACH_DATES = 40, 25
"""Draws of the dates, and worlds of each."""


def drawn_worlds(scenario: Scenario, program: CompiledScenario, how: Settings) -> Drawn | None:
    """Run a scenario over draws of its weights, and of its rules where they have a range; None
    where none are asked for.

    The replications are the first ones of the plain run, so dates, opportunities and uniforms are
    the same, and only weights and rules differ.

    Raises:
        InputError: a prior leaves nothing on the side of 0 that its sign allows, or the model holds
            the history of a what-if impossible.
        RunError: a worker died.
    """
    if not how.draws:
        return None
    over = _without_grid(with_draws(scenario, program, how.seed, how.draws))
    draws, number, rules = draws_among(scenario, program, how.draws), how.draws * EACH, None
    if scenario.conventions.lapse_days.given():
        values, draw, rules = _over_rules(scenario, over, how, number)
    else:
        tally = ensemble(over, replace(how, replications=number))
        values = every_value(scenario, program, tally.values)
        draw = draws_of(draws, how.seed, number)
    pinned, dates = _over_dates(scenario, program, how)
    return Drawn(values, draw, draws, source_of(scenario), how.draws, rules, pinned, dates)


def _without_grid(program: CompiledScenario) -> CompiledScenario:
    """Return a program that does not note where its worlds are when: nobody asks."""
    return replace(program, grid_s=program.grid_s[:1])


def _over_rules(
    scenario: Scenario, over: CompiledScenario, how: Settings, number: int
) -> tuple[Floats, Ints, Ints]:
    """Run draws of the weights in groups, each with a draw of the rules of its own; return values,
    draws and rules."""
    weights = over.doctrines.weights
    groups = np.array_split(np.arange(len(weights)), min(RULES, len(weights)))
    programs, draw = list[CompiledScenario](), np.zeros(number, dtype=np.int64)
    rules, worlds = np.zeros(number, dtype=np.int64), list[Chunk]()
    for n, group in enumerate(groups):
        compiled = compile_scenario(with_lapses(scenario, how.seed, n))
        own = replace(over.doctrines, weights=weights[group])
        held = replace(compiled, doctrines=own, dates=over.dates)  # dates as they were drawn
        programs.append(_without_grid(held))
        first = number * int(group[0]) // len(weights)
        end = number * (int(group[-1]) + 1) // len(weights)
        worlds.append((first, end - first))
        draw[first:end] = group[0] + draws_of(len(group), how.seed, end)[first:]
        rules[first:end] = n
    return _values(scenario, programs, worlds, how), draw, rules


def with_lapses(scenario: Scenario, seed: int, draw: int) -> Scenario:
    """Return a scenario with a draw of the days of its lapses."""
    drawn = drawn_lapses(scenario.conventions, seed, draw)
    channels = {
        id_: scenario.channels.get(id_, ChannelSetup()).model_copy(
            update={"lapse_days": lapsing(channel.lapse_days, drawn)}
        )
        for id_, channel in channels_of(scenario).items()
    }
    return scenario.model_copy(update={"channels": channels})


def _over_dates(
    scenario: Scenario, program: CompiledScenario, how: Settings
) -> tuple[Floats | None, Ints | None]:
    """Run worlds at the scenario's own weights in groups of one draw of the dates; return values
    and dates, or nothing where every date is exact."""
    if not (program.facts.wish_s == NO_TIME).any():
        return None, None
    programs = [pinned(program, how.seed, n) for n in range(DATES)]
    worlds = [(n * EACH_DATES, EACH_DATES) for n in range(DATES)]
    values = _values(scenario, [_without_grid(p) for p in programs], worlds, how)
    return values, np.repeat(np.arange(DATES), EACH_DATES)


def pinned(program: CompiledScenario, seed: int, replication: int) -> CompiledScenario:
    """Return a program whose facts happen when they do in one replication of it."""
    instants = ints(fact_instants(program, seed, replication))
    even = replace(program.dates, block=np.full_like(program.dates.block, -1))
    return replace(program, facts=replace(program.facts, wish_s=instants), dates=even)


def _values(
    scenario: Scenario, programs: list[CompiledScenario], worlds: list[Chunk], how: Settings
) -> Floats:
    """Run programs, each in its own worlds, and return the values one below the other."""
    job = Points(tuple(programs), tuple(worlds), how.seed)
    found = [np.zeros((0, len(scenario.outcomes)), dtype=np.int64)] * len(programs)
    for n, (counts,) in in_chunks(job, [(n, 1) for n in range(len(programs))], how):
        found[n] = counts
    return every_value(scenario, programs[0], np.concatenate(found))
