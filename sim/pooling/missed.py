"""What Laplace's approximation misses of the intercepts of pairs.

A pair with few decisions says by how much it may talk at most, and hardly by how much at least: the
law of its intercept leans, and a Normal law at its mode holds too little. So its integral is taken
by Gauss and Hermite's rule of five nodes along each axis of that Normal law (Liu and Pierce 1994,
"A note on Gauss-Hermite quadrature", Biometrika 81), with the common weights at their mode.
"""

from __future__ import annotations

import math

import numpy as np

from sim.learning.compiled_calls import log_likelihood
from sim.model.compiled_scenario import Floats
from sim.pooling.settling import Pool, Settled

_NEAR, _FAR = math.sqrt(5.0 - math.sqrt(10.0)), math.sqrt(5.0 + math.sqrt(10.0))
NODES = (-_FAR, -_NEAR, _NEAR, _FAR)
"""The nodes but for 0, in standard deviations."""
_OUTER, _INNER = ((7.0 + sign * 2.0 * math.sqrt(10.0)) / 60.0 for sign in (-1.0, 1.0))
SHARES = (_OUTER, _INNER, _INNER, _OUTER)
MIDDLE = 8.0 / 15.0
"""The share of the node at 0."""


def missed(pool: Pool, log_spread: Floats, settled: Settled) -> float:
    """Return the logarithm of what the evidence must be multiplied by, at the mode for given
    spreads."""
    return sum(of_pair(pool, n, log_spread, settled) for n in range(len(pool.records)))


def of_pair(pool: Pool, n: int, log_spread: Floats, settled: Settled) -> float:
    """Return the part of one pair in it."""
    record, total = pool.records[n], 0.0
    common, own, which = pool.places(record)
    precision, u = np.exp(-2.0 * log_spread[which]), settled.own[n]
    scratch, gradient = record.memory[0], np.zeros(len(common))

    def density(v: Floats) -> float:
        weights = settled.common[common]
        weights[own] += v
        found = log_likelihood(record.rows, scratch, weights, gradient)
        return float(found) - 0.5 * float((v * v * precision).sum())

    top = density(u)
    for axis in settled.axes(n):
        beyond = (density(u + z * axis) - top + 0.5 * z * z for z in NODES)
        some = (share * math.exp(x) for share, x in zip(SHARES, beyond, strict=True))
        total += math.log(MIDDLE + sum(some))
    return total
