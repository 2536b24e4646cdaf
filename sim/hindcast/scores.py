"""Scores of a probability forecast: logarithmic, Brier and ranked probability.

With p the probabilities of the answers in order and j the one that came,

    log   log p_j                                   (Good 1952, "Rational decisions", JRSS B 14)
    Brier sum over answers of (p_k - [k = j])^2     (Brier 1950, Monthly Weather Review 78)
    RPS   sum over answers of (P_k - [k >= j])^2    (Epstein 1969, J. Applied Meteorology 8)

P being p added up. All are proper. The first is higher where it is better, the others lower. Of a
yes or no, Brier's score in this form is twice the squared error, and RPS is the squared error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.model.compiled_scenario import Floats


class Scores(NamedTuple):
    """What one forecast scored, and how sharp it was."""

    log: float
    brier: float
    rps: float
    entropy: float
    """Of the forecast, in nats: 0 for one that is certain."""


def scored(law: Floats, came: int) -> Scores:
    """Score the probabilities of the answers; the `came`-th came."""
    happened = np.arange(len(law)) == came
    error = law - happened
    some = law[law > 0]
    return Scores(
        log=float(np.log(law[came])),
        brier=float((error**2).sum()),
        rps=float((np.cumsum(error)[:-1] ** 2).sum()),
        entropy=float(-(some * np.log(some)).sum()),
    )


def floored(law: Floats, worlds: int, may: NDArray[np.bool_] | None = None) -> Floats:
    """Return a law to which half a world of so many is added for each answer that `may` come, by
    default any, so that none has no chance. It is done to every forecast alike."""
    half = 0.5 * (np.ones(len(law)) if may is None else may)
    return np.asarray((law * worlds + half) / (worlds + half.sum()))
