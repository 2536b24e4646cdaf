"""Plain loops beside the libraries that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from sim.hindcast.linear import carried, solved


def test_an_equation_is_solved() -> None:
    rng = np.random.default_rng(1)
    root = rng.normal(size=(30, 30))
    matrix, right = root @ root.T + np.eye(30), rng.normal(size=30)
    assert solved(matrix, right) == pytest.approx(np.linalg.solve(matrix, right), rel=1e-8)


@pytest.mark.parametrize("days", [0.0, 1.0, 31.0, 365.0, 3_650.0])
def test_a_chain_is_carried_as_by_the_matrix_exponential(days: float) -> None:
    rates = np.random.default_rng(2).uniform(0, 0.2, size=(4, 4))
    np.fill_diagonal(rates, 0.0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    for start in range(4):
        assert carried(rates, start, days) == pytest.approx(expm(rates * days)[start], abs=1e-10)
    assert carried(np.zeros((4, 4)), 2, days).tolist() == [0, 0, 1, 0]
