"""The draws of weights over which an answer's range is taken: from a fit, or from priors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from sim.learning.priors import (
    Parameters,
    at_normal,
    inclination_parameters,
    normals,
    parameters_under,
)
from sim.model.compiled_scenario import CompiledScenario, Floats, ints
from sim.model.fit_draw import Source
from sim.rules.features import BIAS, FEATURES
from sim.scenario.doctrine import DECISIONS
from sim.scenario.scenario import Scenario


def source_of(scenario: Scenario) -> Source:
    """Say where the draws of a scenario's weights come from."""
    return "priors" if scenario.fit is None else "fit"


def draws_among(scenario: Scenario, program: CompiledScenario, asked: int) -> int:
    """Return how many draws there are, where so many are asked for: of a fit no more than its."""
    return asked if scenario.fit is None else min(asked, len(program.doctrines.weights))


def with_draws(
    scenario: Scenario, program: CompiledScenario, seed: int, draws: int
) -> CompiledScenario:
    """Return the program of a scenario with so many draws of the weights, in place of its own: of
    its fit where it has one, spread evenly over the fit's and at most as many, else of the priors
    of its doctrines.

    Raises:
        InputError: a prior leaves nothing on the side of 0 that its sign allows.
    """
    if scenario.fit is not None:
        weights, number = program.doctrines.weights, draws_among(scenario, program, draws)
        chosen = np.linspace(0, len(weights) - 1, number).round().astype(np.int64)
        return replace(program, doctrines=replace(program.doctrines, weights=weights[chosen]))
    apart, row = with_own_rows(program)
    weights = np.repeat(apart.doctrines.weights, draws, axis=0)
    for (party, doctrine), n in row.items():
        name = program.doctrines.names[doctrine]
        law = parameters_under(scenario, program.parties[party], party, name)
        block = law.block - party * len(DECISIONS)
        weights[:, n, block, law.feature] = draws_of_law(law, seed, draws)
    law = inclination_parameters(scenario, program.parties)
    pair, decision = law.feature - len(FEATURES), law.block % len(DECISIONS)
    weights[:, pair, decision, BIAS] = draws_of_law(law, seed, draws)
    return replace(apart, doctrines=replace(apart.doctrines, weights=weights))


def with_own_rows(program: CompiledScenario) -> tuple[CompiledScenario, dict[tuple[int, int], int]]:
    """Return a program in which each party has a row of weights of its own for each doctrine that
    it follows at some time, after the doctrines; and these rows, by party and doctrine."""
    own = program.doctrines
    first = [*enumerate(own.initial.tolist())]
    who = np.repeat(own.switch_party, np.diff(own.choice_start))
    later = [*zip(who.tolist(), own.choice_doctrine.tolist(), strict=True)]
    pairs = sorted({*first, *later})
    row = {pair: len(own.names) + n for n, pair in enumerate(pairs)}
    doctrines = replace(
        own,
        names=(*own.names, *(f"{program.parties[p]}: {own.names[d]}" for p, d in pairs)),
        weights=np.concatenate([own.weights, own.weights[:, [d for _, d in pairs]]], axis=1),
        initial=ints(row[pair] for pair in first),
        choice_doctrine=ints(row[pair] for pair in later),
    )
    return replace(program, doctrines=doctrines), row


def draws_of_law(law: Parameters, seed: int, draws: int) -> Floats:
    """Return draws [draws, P] of weights from their prior, keyed by the weight's name.

    So a weight's draws depend on no other weight; one that all parties share has no party in its
    key. Under another doctrine the same quantile is
    drawn: two doctrines are compared, and not two draws.
    """
    z = np.zeros((draws, len(law)))
    for p, name in enumerate(law.names):
        named = name.partition(".")[2] if law.shared[p] else name
        z[:, p] = normals(seed, f"weights/{named}", 0, draws)
    return at_normal(law.law, z)


def quantiles_of(law: Parameters, levels: Floats) -> Floats:
    """Return the quantiles [levels, P] of the prior of each weight."""
    return at_normal(law.law, np.repeat(ndtri(levels)[:, None], len(law), axis=1))
