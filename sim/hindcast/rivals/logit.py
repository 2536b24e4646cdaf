"""Ridge logit: the state, and whether there is contact, from what stands at the origin.

For each horizon d a multinomial logit (and a binary one for contact) is fitted to the days t of the
past, one a week, whose t + d the origin sees: the weights w maximise

    sum over days of v log P(answer | x_t; w)  -  1/2 sum w^2

v being the days' worth in months (7 / 30.4), and intercepts free but for a hundredth of the penalty
(le Cessie and van Houwelingen 1992, "Ridge estimators in logistic regression", Applied Statistics
41). The features are: the state (three indicators), whether the calendar says "open" at t + d, the
logarithm of 1 + the days since the last contact, and of 1 + the contacts of the last 90 and 365
days, each divided by its own spread over all days.
"""

from __future__ import annotations

import numpy as np

from sim.hindcast.linear import solved
from sim.hindcast.seen import (
    CONTACT,
    CUT_OFF,
    MONTH_DAYS,
    OPEN,
    STATE,
    Law,
    Seen,
    by_answer,
)
from sim.learning.paths import NOT_KNOWN
from sim.log.log import STATES
from sim.model.compiled_scenario import Floats, Ints

WEEK = 7
"""Days between those that are learned from."""
FREE = 0.01
"""Share of the penalty that an intercept has."""
STEPS, CLOSE = 50, 1e-9
"""Newton's steps, at most, and the one that ends them."""


def ridge_logit(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast by logits that are fitted to each horizon."""
    return [_law(seen, d) for d in days]


def _law(seen: Seen, days: int) -> Law:
    places = seen.places(days, WEEK)
    features = _features(seen, days, seen.places(0))
    spread = features[:, 1:].std(axis=0)
    features[:, 1:] /= np.where(spread > 0, spread, 1.0)
    now = features[-1]
    state = seen.state[places + days]
    known = state != NOT_KNOWN
    x = features[places]
    by_code = chances(fitted(x[known], state[known], len(STATES)), now) * seen.may
    by_code /= by_code.sum()
    talked = (seen.counted(places, days) > 0).astype(np.int64)
    return {STATE: by_answer(by_code), CONTACT: chances(fitted(x, talked, 2), now)}


def _features(seen: Seen, days: int, places: Ints) -> Floats:
    """Return what stands at the ends of some days: [days, features], the first one 1."""
    so_far = seen.so_far

    def of_late(span: int) -> Floats:
        return np.asarray(np.log1p(so_far[places + 1] - so_far[np.maximum(0, places + 1 - span)]))

    others = (s for s in range(len(STATES)) if s != CUT_OFF)
    columns = [np.ones(len(places)), *((seen.state[places] == s) * 1.0 for s in others)]
    columns += [(seen.calendar(days) == OPEN) * 1.0, np.log1p(seen.silent_days[places])]
    return np.stack([*columns, of_late(90), of_late(365)], axis=1)


def fitted(x: Floats, answer: Ints, answers: int) -> Floats:
    """Return the weights [answers, features] of a multinomial logit with a ridge, by Newton's
    method: what is maximised is concave, and a step that does not climb is halved."""
    size, worth = x.shape[1], WEEK / MONTH_DAYS
    came, one, other = np.eye(answers)[answer], *np.triu_indices(size)
    squares = x[:, one] * x[:, other]
    penalty = np.tile(np.array([FREE, *[1.0] * (size - 1)]), answers)
    w = np.zeros(answers * size)

    def at(flat: Floats) -> tuple[float, Floats]:
        logit = np.einsum("nf,af->na", x, flat.reshape(answers, size))
        top = logit.max(axis=1, keepdims=True)
        total = np.log(np.exp(logit - top).sum(axis=1, keepdims=True)) + top
        value = worth * (came * (logit - total)).sum() - 0.5 * (penalty * flat * flat).sum()
        return float(value), np.exp(logit - total)

    value, p = at(w)
    for _ in range(STEPS):
        slope = worth * np.einsum("na,nf->af", came - p, x).ravel() - penalty * w
        spread = p[:, :, None] * (np.eye(answers) - p[:, None, :])
        bend = worth * np.einsum("nab,ns->abs", spread, squares)
        curve = np.zeros((answers, size, answers, size))
        curve[:, one, :, other] = curve[:, other, :, one] = np.moveaxis(bend, 2, 0)
        step = solved(curve.reshape(len(w), len(w)) + np.diag(penalty), slope)
        while (tried := at(w + step))[0] < value and np.abs(step).max() > CLOSE:
            step = 0.5 * step
        w, (value, p) = w + step, tried
        if np.abs(step).max() < CLOSE:
            break
    return np.asarray(w.reshape(answers, size))


def chances(weights: Floats, now: Floats) -> Floats:
    """Return the probabilities [answers] of a logit for one row of features."""
    logit = (weights * now).sum(axis=1)
    p = np.exp(logit - logit.max())
    return np.asarray(p / p.sum())
