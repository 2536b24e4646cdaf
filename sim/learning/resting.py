"""What an answer over a fit rests on: the record, the prior, or both.

The prior, or the likelihood, is raised to a power a little above and a little below 1, and the
draws are weighed anew; how far the answer's distribution moves is its sensitivity (Kallioinen,
Paananen, Buerkner and Vehtari 2024, "Detecting and diagnosing prior and likelihood sensitivity with
power-scaling", Statistics and Computing 34). `docs/learning.md` says how to read it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.learning.arviz import array_stats
from sim.model.compiled_scenario import Floats, Ints
from sim.scenario.fit import SavedFit

Word = Literal["data", "mixed", "prior", "neither", "unclear"]
THRESHOLD = 0.05
"""A sensitivity from which on an answer depends on what is scaled (Kallioinen et al. 2024)."""
POWERS = (0.99, 1.01)
LEAST_DRAWS = 100
"""Draws that a run must meet, at least, for its answers to be weighed anew."""
TURNS = 8
"""Wrong pairings of answers and draws, from which what chance does is measured."""
MIN_ERRORS = 2.5
"""Standard errors of its correlation with the answer from which on a weight's prior is scaled."""


@dataclass(frozen=True)
class PowerScaling:
    """What an answer rests on. Numbers are not a number where there are too few worlds to tell."""

    prior_sensitivity: float
    likelihood_sensitivity: float
    chance_sensitivity: float
    """What either would be by chance alone, for so many draws and worlds; it is taken out."""
    rests_on: Word

    def plain(self) -> dict[str, float | str | None]:
        """Return it as plain data, null for what is not a number."""
        return {
            name: None if isinstance(value, float) and np.isnan(value) else value
            for name, value in asdict(self).items()
        }


def rests(values: Floats, drawn: Ints, fit: SavedFit) -> PowerScaling:
    """Say what an answer rests on whose value in each world is `values` [N], with the draw `drawn`
    [N] of a fit for weights.

    Scaled is the answer as a function of the weights: the mean of the worlds of each draw. Of the
    prior, the parts of those weights are scaled that the answer goes with: the others would add
    nothing but noise.
    """
    met = np.unique(drawn)
    if len(met) < LEAST_DRAWS or np.ptp(values) == 0.0:
        return PowerScaling(np.nan, np.nan, np.nan, "unclear")
    answer = (np.bincount(drawn, values)[met]) / np.bincount(drawn)[met]
    parts = fit.log_prior_parts[met]
    of_prior = parts[:, goes_with(answer, fit.weights[met])].sum(axis=1)
    prior, noise = _beyond_chance(answer, of_prior)
    likelihood, other = _beyond_chance(answer, fit.log_likelihoods[met])
    word = word_for(prior, noise, likelihood, other)
    return PowerScaling(prior, likelihood, max(noise, other), word)


def goes_with(answer: Floats, weights: Floats) -> NDArray[np.bool_]:
    """Return which weights [draws, P] an answer [draws] goes with, by its correlations; [P]."""
    centred = weights - weights.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0) * ((answer - answer.mean()) ** 2).sum())
    product = centred.T @ (answer - answer.mean())
    found: NDArray[np.bool_] = np.abs(product) > MIN_ERRORS / np.sqrt(len(answer)) * size
    return found


def word_for(prior: float, prior_noise: float, likelihood: float, likelihood_noise: float) -> Word:
    """Return the word for two sensitivities, each with what it would be by chance alone. Within
    half of that around the threshold nothing is said."""
    for found, noise in ((prior, prior_noise), (likelihood, likelihood_noise)):
        if abs(found - THRESHOLD) < noise / 2.0:
            return "unclear"
    if likelihood >= THRESHOLD:
        return "mixed" if prior >= THRESHOLD else "data"
    return "prior" if prior >= THRESHOLD else "neither"


def _beyond_chance(answer: Floats, densities: Floats) -> tuple[float, float]:
    """Return the sensitivity of an answer to a density beyond what chance alone would show, and
    that: the sensitivity where answers are paired with the densities of other draws."""
    whole = len(densities)
    if np.ptp(densities) == 0.0:  # no weight's prior goes with the answer
        return 0.0, 0.0
    turned = [np.roll(densities, (n + 1) * whole // (TURNS + 1)) for n in range(TURNS)]
    noise = float(np.mean([sensitivity(answer, other) ** 2 for other in turned]))
    beyond = max(0.0, sensitivity(answer, densities) ** 2 - noise)
    return float(np.sqrt(beyond)), float(np.sqrt(noise))


def sensitivity(answer: Floats, densities: Floats) -> float:
    """Return how far the distribution of an answer [draws] moves, per doubling of the power to
    which a density is raised whose logarithm is `densities` [draws], in nats.

    The distance is the cumulative Jensen-Shannon one, from 0 to 1. Weights are smoothed as Vehtari
    et al. say (2024, "Pareto smoothed importance sampling", JMLR 25).
    """
    stats = array_stats()
    logs = [stats.power_scale_lw(densities, alpha=power) for power in POWERS]
    weights = [np.exp(x - x.max())[None] for x in logs]
    # chains mean nothing for a distance: all draws count as one
    return float(stats.power_scale_sense(answer[None], *weights, *POWERS))
