"""Scores of probability forecasts. Lower is better in both, and 0 is best.

The log score is minus the natural logarithm of the probability that was given to what happened
(Good 1952). The Brier score is the sum over the options of the squared distance between the
probability and what happened, 1 or 0 (Brier 1950): from 0 to 2. Both are proper: nobody gains by
saying something else than what they believe.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEAST, MOST = 1, 99
"""The lowest and highest probability that may be entered, in percent, so that a log score is
finite."""


@dataclass(frozen=True)
class Score:
    """How good a forecast was."""

    log: float
    brier: float


@dataclass(frozen=True)
class Bin:
    """Probabilities of about the same size, and how often what they spoke of happened."""

    lo: int
    """In percent."""
    hi: int
    """In percent; inclusive."""
    mean: float
    """The mean probability given."""
    share: float
    """The share of them that came true."""
    count: int


def score(probabilities: Sequence[float], truth: int) -> Score:
    """Score a forecast: the probabilities of the options, and which of them came true.

    Raises:
        ValueError: they do not sum to 1, or give no chance to what happened.
    """
    if abs(sum(probabilities) - 1) > 1e-9:
        raise ValueError(f"the probabilities sum to {sum(probabilities)}, not to 1")
    if not probabilities[truth] > 0:
        raise ValueError("what happened was given no chance: the log score is infinite")
    brier = sum((p - (n == truth)) ** 2 for n, p in enumerate(probabilities))
    return Score(-math.log(probabilities[truth]), brier)


def mean(scores: Iterable[Score]) -> Score:
    """Return the mean of scores, of which there is one at least."""
    listed = list(scores)
    n = len(listed)
    return Score(sum(s.log for s in listed) / n, sum(s.brier for s in listed) / n)


def fallen(before: Score, after: Score) -> Score:
    """Return by how much a forecast got better, in each score; below 0 it got worse."""
    return Score(before.log - after.log, before.brier - after.brier)


def pooled(forecasts: Sequence[Sequence[float]]) -> tuple[float, ...] | None:
    """Return the forecast of a class: the mean of its members'; None of none."""
    if not forecasts:
        return None
    return tuple(sum(column) / len(forecasts) for column in zip(*forecasts, strict=True))


def kept_off_zero(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Give at least 1 % to each option, as students must: 0.01 + (1 - 0.01 k) p for k options."""
    least, k = LEAST / 100, len(probabilities)
    return tuple(least + (1 - least * k) * p for p in probabilities)


BINS = 10
"""Bins of equal width into which probabilities are sorted."""


def bin_of(probability: float) -> int:
    """Return the bin of a probability in [0, 1]."""
    return min(BINS - 1, int(probability * BINS + 1e-9))


def calibration(given: Iterable[tuple[float, bool]]) -> list[Bin]:
    """Sort probabilities into bins, and compare each with how often it came true.

    `given` holds a probability for each option of each answer, in [0, 1], and whether it came true.
    """
    sorted_: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, came in given:
        sorted_[bin_of(p)].append((p, came))
    width = 100 // BINS
    return [
        Bin(
            n * width,
            (n + 1) * width,
            sum(p for p, _ in found) / len(found),
            sum(came for _, came in found) / len(found),
            len(found),
        )
        for n, found in enumerate(sorted_)
        if found
    ]
