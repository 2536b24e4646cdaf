"""Gamma rates: calls and meetings at an even rate, of the pair's own record or of all pairs.

A pair's rate has a Gamma(a, b) law, b in days. After n events in T days it is Gamma(a + n, b + T),
so the number N in d days ahead is negative binomial (Gelman et al. 2013, "Bayesian Data Analysis",
section 2.6):

    P(N = k) = C(a + n + k - 1, k) q^(a + n) (1 - q)^k,   q = (b + T) / (b + T + d)

The own rate has a = 1/2 and b = 365 days for every pair: half an event in a year. The pooled one
has the a and b that make the counts of all pairs likeliest, each count n in T days being negative
binomial with q = b / (b + T): empirical Bayes of type II (Robbins 1956; Carlin and Louis 2000,
"Bayes and Empirical Bayes Methods", section 3.3). So a pair with a short record is drawn to the
others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import nbinom

from sim.hindcast.rivals.persistence import yes
from sim.hindcast.seen import CONTACT, COUNT, MOST, Law, Seen
from sim.model.compiled_scenario import Floats

SHAPE, DAYS = 0.5, 365.0
"""The Gamma law of a rate before anything is seen: half an event in a year."""
FEWEST = 2
"""Pairs that a pooled rate takes."""
SHAPES = (0.02, 500.0)
"""Bounds of the shape that is fitted: that of pairs that do not differ at all is infinite."""


def own_rate(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast contact at the rate that the pair's own record has."""
    return ahead_of(seen, SHAPE, DAYS, days)


def pooled_rates(pairs: Sequence[Seen], days: list[int]) -> list[list[Law]] | None:
    """Forecast contact at each pair's rate, drawn to those of all pairs; None of a single pair."""
    if len(pairs) < FEWEST:
        return None
    counts = np.array([p.talks.sum() for p in pairs], dtype=np.float64)
    spans = np.array([len(p) for p in pairs], dtype=np.float64)
    shape, per_days = pooled_law(counts, spans)
    return [ahead_of(pair, shape, per_days, days) for pair in pairs]


def ahead_of(seen: Seen, shape: float, per_days: float, days: list[int]) -> list[Law]:
    """Return what a Gamma law, and the record of a pair, say of each number of days ahead."""
    shape, per_days, found = shape + float(seen.talks.sum()), per_days + len(seen), []
    for d in days:
        law = nbinom(shape, per_days / (per_days + d))
        found.append(counting(law.pmf(np.arange(MOST))))
    return found


def counting(below: Floats) -> Law:
    """Return a law of counts, and of any contact, given the probabilities of 0 to `MOST` - 1."""
    below = np.clip(below, 0.0, 1.0)
    rest = max(0.0, 1.0 - float(below.sum()))
    law = np.concatenate([below, [rest]])
    return {CONTACT: yes(float(1.0 - law[0] / law.sum())), COUNT: law / law.sum()}


def pooled_law(counts: Floats, spans: Floats) -> tuple[float, float]:
    """Return the shape and the days of the Gamma law that makes counts in spans of days likeliest.

    Where no pair had an event, it is that of the own rate.
    """
    if counts.sum() == 0:
        return SHAPE, DAYS
    mean = counts.sum() / spans.sum()

    def lost(x: Floats) -> float:
        shape, per_days = np.exp(x[0]), np.exp(x[0] - x[1])
        q = per_days / (per_days + spans)
        each = gammaln(shape + counts) - gammaln(shape) + shape * np.log(q)
        return -float((each + counts * np.log1p(-q)).sum())

    bounds = [tuple(np.log(SHAPES)), (np.log(mean) - 5.0, np.log(mean) + 5.0)]
    start = np.array([0.0, np.log(mean)])
    shape, rate = np.exp(least(lost, start, bounds))
    return float(shape), float(shape / rate)


def least(
    lost: Callable[[Floats], float], start: Floats, bounds: list[tuple[float, float]]
) -> Floats:
    """Return where a function of a few numbers is least, by the simplex of Nelder and Mead (1965):
    it adds up nothing by a library whose sums depend on cores."""
    how = {"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2_000, "maxfev": 2_000}
    return np.asarray(minimize(lost, start, method="Nelder-Mead", bounds=bounds, options=how).x)
