"""Morris's screening and Sobol's shares, on functions whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.compiled_scenario import Floats
from sim.study.screening import effects, sobol_points, sobol_shares, trajectories


def straight(points: Floats) -> Floats:
    """Return 3 x - 2 y, and z does nothing."""
    return 3.0 * points[:, 0] - 2.0 * points[:, 1]


def test_effects_of_a_line_are_its_slopes_and_it_has_no_bend() -> None:
    points = trajectories(3, 6, 1)
    assert points.shape == (24, 3)
    found = effects(points, straight(points), 1)
    assert found.mean == pytest.approx([3.0, -2.0, 0.0])
    assert found.size == pytest.approx([3.0, 2.0, 0.0])
    assert found.bend == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    bent = effects(points, points[:, 0] * points[:, 1], 1)  # the control
    assert bent.bend[0] > 0.1


def test_one_number_moves_at_a_time() -> None:
    walks = trajectories(5, 4, 2).reshape(4, 6, 5)
    moved = (np.abs(np.diff(walks, axis=1)) > 1e-9).sum(axis=2)
    assert (moved == 1).all()


def test_the_seed_gives_the_points_and_nothing_else_does() -> None:
    assert np.array_equal(trajectories(4, 3, 7), trajectories(4, 3, 7))
    assert not np.array_equal(trajectories(4, 3, 7), trajectories(4, 3, 8))
    assert np.array_equal(sobol_points(3, 8, 0), sobol_points(3, 8, 0))
    np.random.seed(1)  # whether anybody reads the global state
    before = trajectories(4, 3, 7)
    np.random.seed(2)
    assert np.array_equal(before, trajectories(4, 3, 7))


def test_shares_are_those_of_the_variance() -> None:
    """Var(3 x - 2 y) is (9 + 4) / 12; a product has a share that neither factor has alone."""
    points = sobol_points(3, 256, 1)
    found = sobol_shares(3, straight(points), 1)
    assert found.alone == pytest.approx([9 / 13, 4 / 13, 0.0], abs=0.03)
    assert found.total == pytest.approx([9 / 13, 4 / 13, 0.0], abs=0.03)
    product = sobol_shares(3, (points[:, 0] - 0.5) * (points[:, 1] - 0.5), 1)  # the control
    assert product.alone == pytest.approx([0.0, 0.0, 0.0], abs=0.05)
    assert product.total[:2] == pytest.approx([1.0, 1.0], abs=0.15)
    assert np.isnan(sobol_shares(3, np.ones(len(points)), 1).alone).all()
