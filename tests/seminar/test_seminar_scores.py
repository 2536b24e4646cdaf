"""Scores of forecasts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.seminar.lesson.scores import calibration, kept_off_zero, mean, pooled, score


def test_scores_by_hand() -> None:
    certain = score((0.99, 0.01), 0)
    assert certain.brier == pytest.approx(2 * 0.01**2)
    assert certain.log == pytest.approx(-math.log(0.99))
    wrong = score((0.7, 0.1, 0.1, 0.1), 2)
    assert wrong.brier == pytest.approx(0.49 + 0.01 + 0.81 + 0.01)
    assert wrong.log == pytest.approx(math.log(10))
    with pytest.raises(ValueError, match="sum to"):
        score((0.5, 0.4), 0)
    with pytest.raises(ValueError, match="no chance"):
        score((1.0, 0.0), 1)


weights = st.lists(st.integers(1, 97), min_size=4, max_size=4)


@given(weights, weights)
def test_both_scores_are_proper(belief: list[int], said: list[int]) -> None:
    """Who believes p does best in expectation by saying p."""
    p = np.array(belief) / sum(belief)
    q = np.array(said) / sum(said)

    def expected(forecast: np.ndarray, which: str) -> float:
        scores = [getattr(score(tuple(forecast), n), which) for n in range(4)]
        return float(p @ scores)

    for which in ("log", "brier"):
        assert expected(p, which) <= expected(q, which) + 1e-12


def test_control_a_score_that_is_not_proper_is_caught() -> None:
    """The distance itself, not squared, rewards going to the edge: the test above would see it."""
    p, edge = np.array([0.7, 0.3]), (0.99, 0.01)

    def linear(forecast: tuple[float, ...], truth: int) -> float:
        return sum(abs(f - (n == truth)) for n, f in enumerate(forecast))

    honest = p @ [linear((0.7, 0.3), n) for n in range(2)]
    assert p @ [linear(edge, n) for n in range(2)] < honest


@given(weights)
def test_at_least_one_percent_goes_to_each_option(belief: list[int]) -> None:
    p = kept_off_zero([b / sum(belief) for b in belief])
    assert sum(p) == pytest.approx(1)
    assert min(p) >= 0.01
    assert max(p) <= 0.97
    assert kept_off_zero((1.0, 0.0)) == (0.99, 0.01)


def test_pooling_and_means() -> None:
    assert pooled([(0.2, 0.8), (0.6, 0.4)]) == pytest.approx((0.4, 0.6))
    assert pooled([]) is None
    both = mean([score((0.5, 0.5), 0), score((0.9, 0.1), 0)])
    assert both.brier == pytest.approx((0.5 + 0.02) / 2)


def test_a_pooled_forecast_is_never_worse_than_its_members_on_average() -> None:
    """Both scores are convex (Jensen's inequality)."""
    members = [(0.1, 0.9), (0.5, 0.5), (0.95, 0.05)]
    pool = pooled(members)
    assert pool is not None
    for truth in (0, 1):
        average = mean(score(m, truth) for m in members)
        assert score(pool, truth).log <= average.log
        assert score(pool, truth).brier <= average.brier


def test_calibration_counts_what_came_true() -> None:
    told = [(0.05, False), (0.1, False), (0.11, True), (0.99, True), (1.0, True)]
    bins = calibration(told)
    assert [(b.lo, b.hi, b.count) for b in bins] == [(0, 10, 1), (10, 20, 2), (90, 100, 2)]
    assert bins[1].share == 0.5
    assert bins[1].mean == pytest.approx(0.105)
    assert calibration([(0.3, True)])[0].lo == 30  # floats do not fall into the bin below
