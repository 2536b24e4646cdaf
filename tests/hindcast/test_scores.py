"""Scores, bootstraps and calibration, each against what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.hindcast.bootstrap import FEWEST, block_length, over_origins, over_pairs
from sim.hindcast.reliability import reliability_of
from sim.hindcast.scores import floored, scored


def test_scores_are_those_of_the_books() -> None:
    found = scored(np.array([0.5, 0.3, 0.2]), 1)
    assert found.log == pytest.approx(np.log(0.3))
    assert found.brier == pytest.approx(0.25 + 0.49 + 0.04)
    assert found.rps == pytest.approx(0.5**2 + 0.2**2)
    assert found.entropy == pytest.approx(-sum(p * np.log(p) for p in (0.5, 0.3, 0.2)))
    near, far = (scored(np.array([0.8, 0.1, 0.1]), 2 - n) for n in (1, 0))
    assert near.rps < far.rps  # near misses cost less
    yes = scored(np.array([0.3, 0.7]), 1)
    assert yes.rps == pytest.approx(0.09)
    assert yes.brier == pytest.approx(0.18)


@pytest.mark.parametrize("score", ["log", "brier", "rps"])
def test_no_other_forecast_does_better_on_average(score: str) -> None:
    true = np.array([0.2, 0.5, 0.3])

    def mean(law: np.ndarray) -> float:
        each = [getattr(scored(law, k), score) for k in range(3)]
        return float((true * each).sum()) * (1 if score == "log" else -1)

    rng = np.random.default_rng(1)
    others = rng.dirichlet(np.ones(3), 200)
    assert all(mean(true) >= mean(law) for law in others)
    # the control: the probability of what came, as it is, rewards who exaggerates
    sure = np.array([0.0, 1.0, 0.0])
    assert (true * sure).sum() > (true * true).sum()


def test_a_floor_leaves_no_answer_without_a_chance() -> None:
    law = floored(np.array([1.0, 0.0, 0.0, 0.0]), 1_000)
    assert law.sum() == pytest.approx(1.0)
    assert law[1] == pytest.approx(0.5 / 1_002)


def test_a_bootstrap_of_independent_pairs_has_the_spread_of_the_mean() -> None:
    rng = np.random.default_rng(2)
    means = rng.normal(0.1, 1.0, 60)
    low, high = over_pairs(means, 1)  # type: ignore[misc]
    expected = 2 * 1.645 * means.std() / np.sqrt(60)
    assert high - low == pytest.approx(expected, rel=0.15)
    assert low < means.mean() < high
    assert over_pairs(means[: FEWEST - 1], 1) is None


def test_a_bootstrap_in_stretches_knows_that_neighbours_are_alike() -> None:
    """Of means over twelve neighbours, with nothing behind them, five stretches say less than they
    claim, but far more than one by one."""
    rng = np.random.default_rng(3)
    stretched = alone = 0
    for seed in range(150):
        noise = rng.normal(size=60 + 11)
        means = np.convolve(noise, np.ones(12) / 12, mode="valid")
        inside = [f for f in (over_origins(means, 12, seed), over_pairs(means, seed)) if f]
        stretched += inside[0][0] <= 0 <= inside[0][1]
        alone += inside[1][0] <= 0 <= inside[1][1]
    assert 0.65 * 150 < stretched < 0.9 * 150
    assert alone < 0.5 * 150  # the control


def test_a_single_stretch_has_no_interval() -> None:
    means = np.random.default_rng(5).normal(0.1, 1.0, 24)
    found = over_origins(means, 12, 1)
    assert found is not None
    assert found[1] - found[0] > 0.05
    assert over_origins(means[:23], 12, 1) is None


def test_stretches_are_as_long_as_the_horizon() -> None:
    assert block_length(37, 1) == 3
    assert block_length(37, 12) == 12
    assert block_length(5, 12) == 5


def test_calibrated_chances_lie_in_the_band() -> None:
    rng = np.random.default_rng(4)
    said = rng.uniform(size=400)
    came = (rng.uniform(size=400) < said).astype(np.float64)
    curve = reliability_of(said, came, 1)
    inside = (curve.low <= curve.fitted) & (curve.fitted <= curve.high)
    assert inside.mean() > 0.8
    assert (np.diff(curve.fitted) >= 0).all()
    score = ((curve.said - curve.came) ** 2).mean()
    parts = curve.miscalibration - curve.discrimination + curve.uncertainty
    assert parts == pytest.approx(score)
    assert curve.miscalibration < 0.02
    bold = reliability_of(np.clip(2 * said - 0.5, 0.01, 0.99), came, 1)  # the control
    assert ((bold.low <= bold.fitted) & (bold.fitted <= bold.high)).mean() < 0.6
    assert bold.miscalibration > 2 * curve.miscalibration


def test_equal_forecasts_are_recalibrated_alike() -> None:
    said, came = np.full(10, 0.3), np.array([1.0] * 4 + [0.0] * 6)
    assert reliability_of(said, came, 1).fitted == pytest.approx(0.4)
