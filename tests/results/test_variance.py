"""Of what the variance of an outcome is made."""

from __future__ import annotations

import numpy as np
import pytest

from sim.results.variance import split

DRAWS, EACH, RULES, DATES = 400, 10, 40, 40


def made(
    weights: float, rules: float, dates: float, chance: float, seed: int
) -> tuple[np.ndarray, ...]:
    """Simulate worlds whose outcome is a sum of these standard deviations."""
    random = np.random.default_rng(seed)
    draw = np.repeat(np.arange(DRAWS), EACH)
    rule = draw // (DRAWS // RULES)
    own = random.normal(0, weights, DRAWS)[draw] + random.normal(0, rules, RULES)[rule]
    noise = np.hypot(chance, dates)
    values = own + random.normal(0, noise, len(draw))
    dated = np.repeat(np.arange(DATES), 25)
    pinned = random.normal(0, dates, DATES)[dated] + random.normal(0, chance, len(dated))
    return values, draw, rule, pinned, dated


@pytest.mark.parametrize(
    ("weights", "rules", "dates", "chance"),
    [(1.0, 0.0, 0.0, 2.0), (1.0, 1.0, 1.0, 1.0), (0.0, 0.5, 1.0, 1.0)],
)
def test_each_part_is_found_by_itself(
    weights: float, rules: float, dates: float, chance: float
) -> None:
    found = []
    for seed in range(20):
        parts = split(*made(weights, rules, dates, chance, seed))
        assert parts is not None
        assert parts.dates is not None
        assert parts.rules is not None
        shares = [parts.weights, parts.rules, parts.dates, parts.chance]
        assert sum(shares) == pytest.approx(1.0)
        found.append(shares)
    sizes = np.array([weights, rules, dates, chance]) ** 2
    assert np.mean(found, axis=0) == pytest.approx(sizes / sizes.sum(), abs=0.05)


def test_parts_that_are_not_drawn_are_left_out() -> None:
    values, draw, *_ = made(1.0, 0.0, 0.0, 1.0, 3)
    parts = split(values, draw, None, None, None)
    assert parts is not None
    assert (parts.rules, parts.dates) == (None, None)
    assert parts.weights + parts.chance == pytest.approx(1.0)
    assert split(np.ones(len(draw)), draw, None, None, None) is None
    rounded = np.ones(len(draw)) + 1e-15 * (draw % 2)
    assert split(rounded, draw, None, None, None) is None
