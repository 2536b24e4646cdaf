"""Krippendorff's alpha against its book, another program, and a bootstrap of numpy's own."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from sim.coding.alpha import RESAMPLES, _resampled, alpha
from sim.coding.values import Metric

N = np.nan
BOOK = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
).T
"""Four coders and twelve units: Krippendorff 2011, Computing Krippendorff's alpha-reliability."""


@pytest.mark.parametrize(
    ("metric", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_the_example_of_the_book(metric: Metric, value: float) -> None:
    found = alpha(BOOK, metric, 1)
    assert found.alpha == pytest.approx(value, abs=0.0005)
    assert found.low is not None
    assert found.high is not None
    assert found.low < value < found.high


tables = st.integers(2, 4).flatmap(
    lambda coders: st.lists(
        st.lists(st.sampled_from([N, 0, 1, 2, 5, 9]), min_size=coders, max_size=coders),
        min_size=2,
        max_size=12,
    )
)


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
@given(rows=tables)
@examples(40)
def test_another_program_finds_the_same(metric: Metric, rows: list[list[float]]) -> None:
    table = np.array(rows, dtype=np.float64)
    said = ~np.isnan(table)
    paired = table[(said.sum(axis=1) >= 2)[:, None] & said]
    found = alpha(table, metric, 1).alpha
    if len(set(paired)) < 2:
        assert found is None
    else:
        theirs = krippendorff.alpha(table.T, level_of_measurement=metric)
        assert found == pytest.approx(theirs, abs=1e-9)


def test_values_far_from_nought_keep_their_digits() -> None:
    days = np.array([[19_000.0, 19_000.5], [19_001.0, 19_001.0], [19_002.0, 19_002.5]])
    there, here = alpha(days + 1e9, "interval", 1), alpha(days, "interval", 1)
    assert there.alpha == pytest.approx(here.alpha, abs=1e-9)


def test_the_interval_is_that_of_a_bootstrap() -> None:
    dice = np.random.default_rng(4)
    truth = dice.integers(0, 3, 60).astype(float)
    noisy = np.where(dice.random(60) < 0.25, dice.integers(0, 3, 60), truth)
    table = np.column_stack([truth, noisy])
    found = alpha(table, "nominal", 7)
    drawn = [
        krippendorff.alpha(table[dice.integers(0, 60, 60)].T, level_of_measurement="nominal")
        for _ in range(1_000)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.03)
    assert found.high == pytest.approx(high, abs=0.03)
    many = alpha(np.tile(table, (4, 1)), "nominal", 7)
    assert many.low is not None
    assert many.high is not None
    assert many.high - many.low < 0.7 * (high - low)  # control: four times the units, half as wide


def test_the_interval_follows_from_the_seed() -> None:
    assert alpha(BOOK, "nominal", 1) == alpha(BOOK, "nominal", 1)
    assert alpha(BOOK, "nominal", 1) != alpha(BOOK, "nominal", 2)
    samples = np.concatenate(_resampled(12, 1))
    assert samples.shape == (RESAMPLES, 12)
    assert (samples.sum(axis=1) == 12).all()
    assert samples.mean(axis=0) == pytest.approx(np.ones(12), abs=0.15)


def test_where_nothing_can_be_told_nothing_is_said() -> None:
    same = np.array([[1.0, 1.0], [1.0, 1.0]])
    alone = np.array([[1.0, N], [N, 2.0]])
    for table in (same, alone, np.empty((0, 2))):
        assert alpha(table, "nominal", 1).alpha is None
    full = alpha(np.array([[1.0, 1.0], [2.0, 2.0]] * 5), "nominal", 1)
    assert (full.alpha, full.low, full.high) == (1.0, None, None)
