"""How much a mean difference of scores may owe to luck: two bootstraps, of origins and of pairs.

Neighbouring origins see nearly the same past and future, so whole stretches of them are drawn, on a
circle (Politis and Romano 1992, "A circular block-resampling procedure for stationary data"). A
stretch is as long as the horizon, or as the cube root of the number of origins where that is
longer. Pairs are drawn one by one: they are taken to be a sample of pairs that have nothing to do
with each other, which events of the world contradict. Neither knows of more than the path that
history took.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from sim.hindcast.chance import even_draws
from sim.model.compiled_scenario import Floats, Ints

RESAMPLES = 2_000
INSIDE = (0.05, 0.95)
"""The quantiles that an interval reaches to: 9 in 10."""
FEWEST = 5
"""Origins, or pairs, below which no interval is given."""
STRETCHES = 2
"""Stretches that the origins must have room for: of a single one all resamples are alike."""


def block_length(origins: int, horizon: int) -> int:
    """Return how many origins a stretch holds, a horizon being so many origins long."""
    return min(origins, max(horizon, round(math.cbrt(origins))))


@cache
def _drawn(what: str, count: int, length: int, seed: int) -> Ints:
    """Return which of so many each resample holds: [resamples, count]."""
    blocks = -(-count // length)
    u = even_draws(RESAMPLES, blocks, f"hindcast/bootstrap/{what}", seed)
    starts = np.minimum(count - 1, (u * count).astype(np.int64))
    places = (starts[:, :, None] + np.arange(length)) % count
    return np.asarray(places.reshape(RESAMPLES, -1)[:, :count])


def over_origins(means: Floats, horizon: int, seed: int) -> tuple[float, float] | None:
    """Return where 9 in 10 means of resampled origins lie; `means` is one an origin, in order."""
    length = block_length(len(means), horizon)
    if len(means) < max(FEWEST, STRETCHES * length):
        return None
    return _interval(means, _drawn("origins", len(means), length, seed))


def over_pairs(means: Floats, seed: int) -> tuple[float, float] | None:
    """Return where 9 in 10 means of resampled pairs lie; `means` is one a pair."""
    if len(means) < FEWEST:
        return None
    return _interval(means, _drawn("pairs", len(means), 1, seed))


def _interval(means: Floats, drawn: Ints) -> tuple[float, float]:
    low, high = np.quantile(means[drawn].mean(axis=1), INSIDE)
    return float(low), float(high)
