"""How answers differ from draw to draw, without the noise of few worlds."""

from __future__ import annotations

import numpy as np
import pytest

from sim.learning.between import between
from sim.results.over_weights import over_change, over_weights

DRAWS, EACH = 200, 10


def worlds(chances: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Simulate yes or no in worlds whose draw has these chances [draws]."""
    random = np.random.default_rng(seed)
    draw = random.integers(len(chances), size=EACH * len(chances))
    return (random.uniform(size=len(draw)) < chances[draw]).astype(np.float64), draw


def test_the_spread_over_draws_is_without_the_chance_of_worlds() -> None:
    random = np.random.default_rng(3)
    drawn = np.repeat(np.arange(400), 25)
    expected = random.normal(0.0, 0.3, 400)
    values = expected[drawn] + random.normal(0.0, 1.0, len(drawn))
    assert between(values, drawn).variance == pytest.approx(0.09, abs=0.025)
    assert between(values - expected[drawn], drawn).variance < 0.005  # the control
    by_hand = np.array([0.0, 2.0, 4.0, 6.0])  # means 1 and 5: 8 between, less 2 within over 2
    assert between(by_hand, np.array([0, 0, 1, 1])).variance == pytest.approx(8.0 - 1.0)
    assert np.isnan(between(values[:3], np.arange(3)).variance)


@pytest.mark.parametrize(("middle", "spread"), [(-1.0, 0.7), (0.0, 1.2), (2.0, 0.7)])
def test_nine_of_ten_draws_lie_in_the_range_of_few_worlds_each(
    middle: float, spread: float
) -> None:
    """Means of ten worlds each would make the range much too wide: the control."""
    shares = 1.0 / (1.0 + np.exp(-np.random.default_rng(0).normal(middle, spread, 100_000)))
    truth = np.quantile(shares, [0.05, 0.95])
    ranges, raw = [], []
    for seed in range(40):
        random = np.random.default_rng([7, seed])
        chances = 1.0 / (1.0 + np.exp(-random.normal(middle, spread, DRAWS)))
        values, draw = worlds(chances, seed)
        found = over_weights(values, draw, "priors")
        assert found is not None
        ranges.append((found.low, found.high))
        raw.append(np.quantile(between(values, draw).mean, [0.05, 0.95]))
    off = np.abs(np.mean(ranges, axis=0) - truth).max()
    assert off < 0.025
    assert np.abs(np.mean(raw, axis=0) - truth).max() > 3 * off  # the control


def test_draws_that_do_not_differ_have_no_range() -> None:
    widths = []
    for seed in range(30):
        values, draw = worlds(np.full(DRAWS, 0.3), seed)
        found = over_weights(values, draw, "priors")
        assert found is not None
        widths.append(found.high - found.low)
    assert np.median(widths) < 0.06
    raw = np.quantile(between(values, draw).mean, [0.05, 0.95])
    assert raw[1] - raw[0] > 0.4  # the control


def test_a_range_says_over_how_many_draws_and_where_it_comes_from() -> None:
    values, draw = worlds(np.linspace(0.1, 0.9, DRAWS), 1)
    found = over_weights(values, draw, "fit")
    assert found is not None
    assert (found.draws, found.source) == (len(np.unique(draw)), "fit")
    assert found.mean == pytest.approx(0.5, abs=0.03)
    assert found.spread == pytest.approx(0.8 / np.sqrt(12.0), abs=0.03)
    assert over_weights(values[:1], draw[:1], "fit") is None


def test_the_sign_of_a_change_is_counted_over_draws() -> None:
    random = np.random.default_rng(5)
    draw = np.repeat(np.arange(DRAWS), 50)
    expected = np.where(np.arange(DRAWS) < 150, 0.5, -0.5)
    values = expected[draw] + random.normal(0.0, 0.5, len(draw))
    up, down = (over_change(values, draw, "priors", sign) for sign in (0.2, -0.2))
    assert up is not None
    assert down is not None
    assert (up.same_sign, down.same_sign) == (150, 50)
