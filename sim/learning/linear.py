"""Linear algebra in plain loops, compiled: whose sums do not depend on any library or core."""

from __future__ import annotations

import math

from sim.ground.draws import compiled_part
from sim.learning.likelihood import posterior_at
from sim.learning.rows import Prior, Rows, Scratch
from sim.model.compiled_scenario import Floats

STEP = 1e-5
"""Step of the central differences, in z."""


@compiled_part
def factorise(matrix: Floats, factor: Floats) -> bool:
    """Write the lower Cholesky factor of a matrix; say whether it is positive definite."""
    size = len(matrix)
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            row, other = factor[i], factor[j]
            for k in range(j):
                total -= row[k] * other[k]
            if i == j:
                if not total > 0.0:
                    return False
                factor[i, i] = math.sqrt(total)
            else:
                factor[i, j] = total / factor[j, j]
        for j in range(i + 1, size):
            factor[i, j] = 0.0
    return True


@compiled_part
def solve_lower(factor: Floats, x: Floats) -> None:
    """Solve L y = x for a lower triangular L, in place."""
    for i in range(len(x)):
        row, total = factor[i], x[i]
        for k in range(i):
            total -= row[k] * x[k]
        x[i] = total / row[i]


@compiled_part
def solve_upper(factor: Floats, x: Floats) -> None:
    """Solve L' y = x for a lower triangular L, in place."""
    for i in range(len(x) - 1, -1, -1):
        row = factor[i]
        x[i] /= row[i]
        at = x[i]
        for k in range(i):
            x[k] -= row[k] * at


@compiled_part
def curvature_in(
    rows: Rows, prior: Prior, s: Scratch, z: Floats, up: Floats, down: Floats, hessian: Floats
) -> None:
    """Write the negative Hessian of the log-posterior at z; `up` and `down` are memory of [P]."""
    size = len(z)
    for i in range(size):
        at = z[i]
        z[i] = at + STEP
        posterior_at(rows, prior, s, z, up)
        z[i] = at - STEP
        posterior_at(rows, prior, s, z, down)
        z[i] = at
        for j in range(size):
            hessian[i, j] = (down[j] - up[j]) / (2.0 * STEP)
    for i in range(size):
        for j in range(i):
            mean = (hessian[i, j] + hessian[j, i]) / 2.0
            hessian[i, j] = hessian[j, i] = mean


@compiled_part
def newton_step_in(hessian: Floats, damping: float, factor: Floats, step: Floats) -> bool:
    """Solve (hessian + damping) step = step in place; say whether the sum is positive definite."""
    for i in range(len(step)):
        hessian[i, i] += damping
    fine = factorise(hessian, factor)
    for i in range(len(step)):
        hessian[i, i] -= damping
    if fine:
        solve_lower(factor, step)
        solve_upper(factor, step)
    return fine


@compiled_part
def invert_in(factor: Floats, inverse: Floats) -> None:
    """Write the inverse of a lower triangular matrix L, transposed: its rows solve L x = e."""
    for i in range(len(factor)):
        inverse[i, :] = 0.0
        inverse[i, i] = 1.0
        solve_lower(factor, inverse[i])


@compiled_part
def squared_in(rows: Floats, whole: Floats) -> None:
    """Write the products of all pairs of rows of a matrix."""
    for i in range(len(rows)):
        for j in range(i + 1):
            total = 0.0
            for k in range(rows.shape[1]):
                total += rows[i, k] * rows[j, k]
            whole[i, j] = whole[j, i] = total
