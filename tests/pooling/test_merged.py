"""Merged questions have the likelihood that they had apart; what Laplace misses is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from learned import lived, setting
from numpy.typing import NDArray
from pools import made, records

from sim.learning.arrays import rows_of, scratch_of
from sim.learning.compiled_calls import log_likelihood
from sim.learning.design import design_of
from sim.learning.priors import parameters_of
from sim.pooling.merged import merged
from sim.pooling.missed import missed, of_pair
from sim.pooling.pooled import ALL, NONE, pool_of
from sim.pooling.records import Record
from sim.pooling.settling import Pool, settle
from sim.pooling.spreads import BOUNDS, spreads

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def held() -> list[Record]:
    """The records of five pairs."""
    return records(made(3, pairs=5)[1])


@pytest.mark.parametrize("reporting", [1.0, 0.5])
def test_merged_questions_have_the_same_likelihood(reporting: float) -> None:
    history = lived(setting(until="2021-03-31"), 5)
    design = design_of(history, among_many=True)
    parameters = parameters_of(design.scenario, design.program)
    rows = rows_of(design, parameters, reporting)
    few = merged(rows)
    weights = np.random.default_rng(1).normal(size=len(parameters))

    def at(some: object) -> tuple[float, Floats]:
        gradient = np.zeros(len(weights))
        return log_likelihood(some, scratch_of(some), weights, gradient), gradient  # type: ignore[arg-type]

    value, gradient = at(rows)
    assert at(few)[0] == pytest.approx(value, abs=1e-9)
    assert at(few)[1] == pytest.approx(gradient, abs=1e-9)
    lost = few._replace(weight=few.weight * 0.99)  # the control
    assert at(lost)[0] != pytest.approx(value, abs=1e-3)


def test_without_slopes_a_record_comes_to_a_handful_of_moments(held: list[Record]) -> None:
    for record in pool_of(held, NONE).records:
        assert len(record.rows.act) <= 4
    assert all(len(record.rows.act) > 10 for record in pool_of(held, ALL).records)  # the control


def alone(pool: Pool) -> Pool:
    """A pool of which only the intercept of calls is a pair's own, of its quietest pair."""
    quiet = min(pool.records, key=lambda r: r.decisions)
    return replace(pool, records=(quiet,))


def test_what_laplace_misses_is_the_integral_over_the_intercepts(held: list[Record]) -> None:
    pool = alone(pool_of(held, NONE))
    log_spread = np.full(len(pool.own), np.log(1.5))
    found = settle(pool, log_spread)
    (record,) = pool.records
    common, own, _ = pool.places(record)
    step = 0.1
    grid = np.arange(-9.0, 9.0, step)

    def density(u: Floats) -> float:
        weights = found.common[common]
        weights[own] += u
        return record.likelihood(weights)[0] - 0.5 * float(((u / 1.5) ** 2).sum())

    top = density(found.own[0])
    assert len(own) == 2
    whole = sum(np.exp(density(np.array([u, v])) - top) for u in grid for v in grid) * step**2
    laplace = np.log(2.0 * np.pi) - float(np.log(np.diag(found.blocks[0])).sum())
    told = of_pair(pool, 0, log_spread, found)
    assert told == missed(pool, log_spread, found)
    assert laplace + told == pytest.approx(np.log(whole), abs=0.02)
    assert abs(laplace - np.log(whole)) > 0.04  # the control: without what it misses


def test_the_law_of_a_spread_is_followed_until_nothing_is_left(held: list[Record]) -> None:
    found = spreads(pool_of(held, NONE))
    for law, mode in zip(found.law, found.log_spread, strict=True):
        assert law is not None
        for end, place in ((0, law.points[0]), (-1, law.points[-1])):
            assert law.share[end] < 1e-3 * law.share.max() or not BOUNDS[0] < place < BOUNDS[1]
        # it leans: more of it lies far to the left than as far to the right
        assert law.below(mode - 1.0) > 1.0 - law.below(mode + 1.0)
    # what is not sure of the spreads makes the common weights less sure, and never surer than sure
    assert (found.variance > 0.0).all()
    moved = found.variance / np.diag(found.settled.covariance())
    assert np.abs(moved - 1.0).max() > 0.02
