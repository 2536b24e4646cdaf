"""Linear algebra in plain loops, for sums that depend on no library and on no number of cores."""

from __future__ import annotations

import numpy as np

from sim.model.compiled_scenario import Floats

ENOUGH = 1e-14
"""What may be left of a series."""


def solved(matrix: Floats, right: Floats) -> Floats:
    """Return x with matrix x = right, by Gauss's elimination; the matrix is positive definite, so
    no rows need to be exchanged."""
    rows = np.concatenate([matrix, right[:, None]], axis=1)
    size = len(rows)
    for n in range(size):
        rows[n] /= rows[n, n]
        rows[n + 1 :] -= rows[n + 1 :, n : n + 1] * rows[n]
    x = rows[:, -1].copy()
    for n in range(size - 1, 0, -1):
        x[:n] -= rows[:n, n] * x[n]
    return np.asarray(x)


def carried(rates: Floats, start: int, days: float) -> Floats:
    """Return the law of a Markov chain some days after a state, its rates a day given: a row of the
    matrix exponential, by uniformisation (Jensen 1953), which adds up nothing below 0."""
    fastest = float(-rates.diagonal().min())
    if fastest * days == 0.0:
        return np.asarray(np.eye(len(rates))[start])
    step = np.eye(len(rates)) + rates / fastest
    mean, law = fastest * days, np.eye(len(rates))[start]
    found, weight, total, n = np.zeros(len(rates)), -mean, 0.0, 0
    while total < 1.0 - ENOUGH and n < mean + 20.0 * np.sqrt(mean) + 50:
        found, total = found + np.exp(weight) * law, total + float(np.exp(weight))
        law, n = (law[:, None] * step).sum(axis=0), n + 1
        weight += np.log(mean / n)
    return np.asarray(found / found.sum())
