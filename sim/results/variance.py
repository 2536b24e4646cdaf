"""Of what the variance of an outcome is made: chance, dates, weights and rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.learning.between import between
from sim.model.compiled_scenario import Floats, Ints

ROUNDING = 1e-12
"""A variance of shares below this is that of rounding."""


@dataclass(frozen=True)
class Split:
    """The shares of the variance of an outcome from world to world, where weights, dates and rules
    are drawn; each is what it does alone, and what several do together counts as chance. They add
    up to 1."""

    chance: float
    dates: float | None
    """None where every date is exact."""
    weights: float
    rules: float | None
    """None where no rule has a range."""


def split(
    values: Floats, draw: Ints, rules: Ints | None, pinned: Floats | None, dates: Ints | None
) -> Split | None:
    """Split the variance of an outcome; None where it does not vary, or cannot be told.

    `values` [N] are worlds with the draw `draw` [N] of weights and, where they are drawn, the rules
    `rules` [N], of which each draw of weights has one. `pinned` [P] are worlds at the scenario's
    own weights and rules with the dates `dates` [P].
    """
    found = between(values, draw)
    if not found.noise + found.variance > ROUNDING:
        return None
    of_rules = of_dates = None
    if rules is not None:  # draws of weights are the cases here, and their means vary by weights
        _, group = np.unique(draw, return_index=True)
        of_rules = min(found.variance, between(found.mean, rules[group]).variance)
    of_weights = found.variance - (of_rules or 0.0)
    if pinned is not None and dates is not None:
        of_dates = min(found.noise, between(pinned, dates).variance)
    whole = found.noise + found.variance
    return Split(
        chance=(found.noise - (of_dates or 0.0)) / whole,
        dates=None if of_dates is None else of_dates / whole,
        weights=of_weights / whole,
        rules=None if of_rules is None else of_rules / whole,
    )
