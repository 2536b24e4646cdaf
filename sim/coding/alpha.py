"""Krippendorff's alpha, and its interval by bootstrap.

Alpha is 1 - observed / expected disagreement: 1 where coders agree in all, 0 where they agree as
often as values that were dealt at random would (Krippendorff 2019, Content Analysis, 4th ed.,
chapter 12). The interval comes of drawing units again, with replacement (Zapf, Castell, Morawietz
and Karch 2016, BMC Medical Research Methodology 16:93).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.coding.values import Metric
from sim.ground.draws import compiled, one_of, stream_key

RESAMPLES = 1_000
STREAM = "coding.bootstrap"
_CHUNK = 100

Numbers: TypeAlias = "NDArray[np.float64]"


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha of one field, with its 95 % interval."""

    alpha: float | None
    """None where it is not defined: fewer than two values that could be paired, or all the same."""
    low: float | None
    """None where nothing differs, or where most samples of the units hold no two values."""
    high: float | None


NOTHING = Alpha(None, None, None)


def alpha(table: Numbers, metric: Metric, seed: int) -> Alpha:
    """Measure how far coders agree in one field.

    `table` is [units, coders], not a number where a coder says nothing. The values of a nominal
    field are any numbers that tell them apart.
    """
    said = ~np.isnan(table)
    kept = said.sum(axis=1) >= 2  # what one coder alone says cannot be compared
    table, said = table[kept], said[kept]
    values, codes = np.unique(table[said], return_inverse=True)
    if len(values) < 2:
        return NOTHING
    counts = np.zeros((len(table), len(values)))
    np.add.at(counts, (np.nonzero(said)[0], codes), 1.0)
    once = np.ones((1, len(table)))
    found, observed = _alphas(counts, values, metric, once)
    if observed[0] == 0.0:
        return Alpha(1.0, None, None)
    drawn = np.concatenate(
        [_alphas(counts, values, metric, weights)[0] for weights in _resampled(len(table), seed)]
    )
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) < RESAMPLES / 2:
        return Alpha(float(found[0]), None, None)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Alpha(float(found[0]), float(low), float(high))


def _alphas(
    counts: Numbers, values: Numbers, metric: Metric, weights: Numbers
) -> tuple[Numbers, Numbers]:
    """Return alpha under each weighting of the units, [samples], and the observed disagreement.

    `counts` is [units, values], `weights` [samples, units]. Ordinal is interval on the middles of
    the ranks, which gives Krippendorff's metric of ordinal values.
    """
    totals = weights @ counts
    n = totals.sum(axis=1)
    if metric == "nominal":
        apart = counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1)
        observed = weights @ (apart / (counts.sum(axis=1) - 1))
        expected = n**2 - (totals**2).sum(axis=1)
    elif metric == "interval":
        values = values - values.mean()  # far from nought, squares lose their last digits
        observed = weights @ _spread(counts, values)
        expected = 2 * (n * (totals @ values**2) - (totals @ values) ** 2)
    else:
        observed, expected = np.zeros(len(weights)), np.zeros(len(weights))
        for s, total in enumerate(totals):
            ranks = np.cumsum(total) - total / 2
            ranks -= ranks.mean()
            observed[s] = weights[s] @ _spread(counts, ranks)
            expected[s] = 2 * (n[s] * (total @ ranks**2) - (total @ ranks) ** 2)
    varied = (totals > 0).sum(axis=1) > 1
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(varied, 1.0 - (n - 1) * observed / expected, np.nan)
    return found, observed


def _spread(counts: Numbers, values: Numbers) -> Numbers:
    """Return each unit's sum of squared differences between its values, over those of a coder."""
    number = counts.sum(axis=1)
    squares = number * (counts @ values**2) - (counts @ values) ** 2
    return np.asarray(2 * np.maximum(squares, 0.0) / (number - 1))


def _resampled(units: int, seed: int) -> list[Numbers]:
    """Draw how often each unit is in each sample: chunks of [samples, units]."""
    lo, hi = stream_key(STREAM)
    weights = np.zeros((RESAMPLES, units))
    _draw(weights, seed, lo, hi)
    return [weights[at : at + _CHUNK] for at in range(0, RESAMPLES, _CHUNK)]


@compiled
def _draw(weights: Numbers, seed: int, lo: int, hi: int) -> None:
    samples, units = weights.shape
    for s in range(samples):
        for n in range(units):
            weights[s, one_of(units, seed, lo, hi, s, n)] += 1.0
