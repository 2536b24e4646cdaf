"""The second derivatives of the log-likelihood, compiled, and what is done with them.

`curvature` in `sim.learning.linear` takes differences of the gradient, which serves any posterior
of one record. For many records that is too slow: here they are exact, and cost a few gradients.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.ground.draws import compiled_part, exp, log
from sim.learning.likelihood import likelihood_at
from sim.learning.linear import factorise, solve_lower, solve_upper
from sim.learning.rows import Rows, Scratch
from sim.model.compiled_scenario import Floats, Ints


class Bent(NamedTuple):
    """Memory and places for the second derivatives, for Q questions and P weights."""

    owner: Ints
    """[Q] the first weight that decides a question."""
    width: Ints
    """[Q] how many weights decide it."""
    curve: Floats
    """[Q] second derivative of the log-likelihood by the logit of a question."""
    way: Floats
    """[P] gradient of one alternative by the weights."""
    whole: Floats
    """[P] that of the sum of alternatives."""


@compiled_part
def derivatives_at(
    rows: Rows, s: Scratch, bent: Bent, weights: Floats, gradient: Floats, hessian: Floats
) -> float:
    """Return the log-likelihood at weights [P], and write its gradient and minus its second
    derivatives [P, P]; of a design whose imprecise dates are not averaged over."""
    total = likelihood_at(rows, s, weights, gradient)  # `logit` holds probabilities from here on
    size = len(weights)
    hessian[:, :] = 0.0
    bent.curve[:] = 0.0
    for e in range(len(rows.act)):
        a, b = rows.act[e], rows.accept[e]
        does, seen = s.logit[a], rows.told[e]
        moved = rows.weight[e] * does * (1.0 - does)
        if b >= 0:
            accepts, told, refused = s.logit[b], rows.told[e], rows.declined[e]
            seen = told * accepts + refused * (1.0 - accepts)
            slope = (told - refused) * accepts * (1.0 - accepts)
            bent.curve[b] -= rows.weight[e] * does * slope * (1.0 - 2.0 * accepts)
            _cross(rows, bent, a, b, moved * slope, hessian)
        bent.curve[a] -= moved * seen * (1.0 - 2.0 * does)
    for n in range(len(rows.event) - 1):
        _bend_shown(rows, s, bent, n, hessian)
    for p in range(size):
        for o in range(p, -1, -1):
            if rows.first[o] != rows.first[p] or rows.many[o] != rows.many[p]:
                break  # of another decision; one that is never asked begins where the next does
            lo, x, y = rows.first[p], rows.start[p], rows.start[o]
            found = 0.0
            for k in range(rows.many[p]):
                found -= bent.curve[lo + k] * rows.x[x + k] * rows.x[y + k]
            hessian[p, o] += found
            if o != p:
                hessian[o, p] += found
    return total


@compiled_part
def _feature(rows: Rows, p: int, q: int) -> float:
    """Return the value of the feature of a weight in a question that it decides."""
    return float(rows.x[rows.start[p] + q - rows.first[p]])


@compiled_part
def _cross(rows: Rows, bent: Bent, a: int, b: int, bend: float, hessian: Floats) -> None:
    """Add what two questions of different decisions bend together."""
    for p in range(bent.owner[a], bent.owner[a] + bent.width[a]):
        part = bend * _feature(rows, p, a)
        for o in range(bent.owner[b], bent.owner[b] + bent.width[b]):
            both = part * _feature(rows, o, b)
            hessian[p, o] += both
            hessian[o, p] += both


@compiled_part
def _bend_shown(rows: Rows, s: Scratch, bent: Bent, n: int, hessian: Floats) -> None:
    """Add what one thing that is shown bends: of the logarithm of a sum of alternatives it is the
    mean of their own second derivatives, and the covariance of their gradients."""
    lo, hi = rows.event[n], rows.event[n + 1]
    most, share = -math.inf, 0.0
    for a in range(lo, hi):
        most = max(most, s.way[a])
    for a in range(lo, hi):
        share += exp(s.way[a] - most)
    bent.whole[:] = 0.0
    for a in range(lo, hi):
        part = exp(s.way[a] - most) / share
        bent.way[:] = 0.0
        for k in range(rows.alternative[a], rows.alternative[a + 1]):
            q = rows.factor[k]
            likely = s.logit[q]
            bent.curve[q] -= part * likely * (1.0 - likely)
            slope = 1.0 - likely if rows.yes[k] else -likely
            for p in range(bent.owner[q], bent.owner[q] + bent.width[q]):
                bent.way[p] += slope * _feature(rows, p, q)
        if hi - lo > 1:
            _add_square(bent.way, -part, hessian)
            for p in range(len(bent.way)):
                bent.whole[p] += part * bent.way[p]
    if hi - lo > 1:
        _add_square(bent.whole, 1.0, hessian)


@compiled_part
def _add_square(x: Floats, times: float, matrix: Floats) -> None:
    """Add a multiple of the products of all pairs of numbers to a matrix."""
    for p in range(len(x)):
        if x[p] != 0.0:
            for o in range(len(x)):
                matrix[p, o] += times * x[p] * x[o]


@compiled_part
def eliminate_in(
    hessian: Floats,
    gradient: Floats,
    own: Ints,
    pull: Floats,
    precision: Floats,
    damping: float,
    factor: Floats,
    solved: Floats,
    step: Floats,
    rest: Floats,
    left: Floats,
) -> float:
    """Take the own intercepts of one pair out of a Newton step; return the logarithm of the
    determinant of their block, or minus infinity where that is not positive definite.

    `hessian` [P, P] and `gradient` [P] are of the log-likelihood by the weights; the n intercepts
    `own` [n] are added to weights, with the gradient `pull` and the precision `precision` of
    their law. Written are the factor of their block [n, n]; `solved` [P, n], whose rows answer to
    each column of the cross block; `step` [n]; and what is left to the common weights, `rest`
    [P] and `left` [P, P].
    """
    size, many = len(gradient), len(own)
    block = left[:many, :many]
    for i in range(many):
        for j in range(many):
            block[i, j] = hessian[own[i], own[j]]
        block[i, i] += precision[i] + damping
        step[i] = gradient[own[i]] + pull[i]
    if not factorise(block, factor):
        return -math.inf
    solve_lower(factor, step)
    solve_upper(factor, step)
    for p in range(size):
        for i in range(many):
            solved[p, i] = hessian[own[i], p]
        solve_lower(factor, solved[p])
        solve_upper(factor, solved[p])
    for p in range(size):
        total = gradient[p]
        for i in range(many):
            total -= hessian[p, own[i]] * step[i]
        rest[p] = total
        for o in range(size):
            found = hessian[p, o]
            for i in range(many):
                found -= hessian[p, own[i]] * solved[o, i]
            left[p, o] = found
    determinant = 0.0
    for i in range(many):
        determinant += 2.0 * log(factor[i, i])
    return determinant
