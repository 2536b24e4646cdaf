"""Intervals of shares, means and medians: the error that comes of finitely many worlds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
"""The normal distribution's 97.5 % point."""


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), clipped to [0, 1]."""
    low, high = wilson_band(np.array([successes], dtype=np.float64), trials, z)
    return float(low[0]), float(high[0])


def wilson_band(
    successes: NDArray[np.float64], trials: int, z: float = Z95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the score intervals of shares (Wilson 1927), clipped to [0, 1].

    `successes` is an array of counts of any shape, and so are the two bounds.
    """
    p, z2 = successes / trials, z * z
    centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * np.sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials))
    # rounding must not leave a share of none above 0, or of all below 1
    low = np.where(successes == 0, 0.0, np.maximum(0.0, centre - half))
    high = np.where(successes == trials, 1.0, np.minimum(1.0, centre + half))
    return low, high


def mean_interval(values: NDArray[np.float64], z: float = Z95) -> tuple[float, float, float]:
    """Return the mean of shares in [0, 1] with its normal interval, clipped to [0, 1].

    Equal values say nothing of their spread: then up to 3 in N may lie elsewhere (the rule of
    three, Hanley and Lippman-Hand 1983), as far away as a share can.
    """
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0, 1.0
    variance = math.fsum((values - mean) ** 2) / (len(values) - 1)
    if variance == 0.0:
        elsewhere = min(1.0, 3.0 / len(values))
        return mean, mean * (1.0 - elsewhere), mean + elsewhere * (1.0 - mean)
    half = z * math.sqrt(variance / len(values))
    return mean, max(0.0, mean - half), min(1.0, mean + half)


def median_interval(
    days: NDArray[np.float64], z: float = Z95
) -> tuple[float | None, float | None, float | None]:
    """Return the median and its 95 % interval by order statistics; infinity stands for never.

    The interval's ranks come from the binomial law (Conover 1999, section 3.2). A bound that falls
    on "never" is None.
    """
    ordered, n = np.sort(days), len(days)
    half = z * math.sqrt(n) / 2

    def at(rank: float) -> float | None:
        value = float(ordered[min(n - 1, max(0, int(rank)))])
        return value if math.isfinite(value) else None

    low, high = math.ceil(n / 2 - half) - 1, math.ceil(n / 2 + half) - 1
    return at((n - 1) / 2), at(low), at(high)
