"""The mode of what many records say together, for given spreads of the intercepts.

With theta the common weights and u the intercepts of pair i, the logarithm of the posterior is

    sum over pairs of ( l_i(theta + u_i) - sum of u_i^2 / (2 s^2) ) - sum of (theta - c)^2 / (2 d^2)

where l_i is the likelihood of the pair's own record, s the spreads of the intercepts, and c and d
what is thought of theta before. Newton's method takes the intercepts of each pair out of its block
first, so a step costs as much for each pair more. Laplace's approximation there integrates over
theta and all u, and leaves the evidence of s (as INLA does: Rue, Martino and Chopin 2009,
"Approximate Bayesian inference for latent Gaussian models", JRSS B 71).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from sim.ground.errors import RunError
from sim.learning.compiled_calls import covariance, eliminate, newton_step
from sim.model.compiled_scenario import Floats, Ints
from sim.pooling.records import Record, Weight, is_own

STILL = 1e-9
"""Gain of a whole Newton step, in nats, below which the mode is found."""
MAX_STEPS = 200


@dataclass(frozen=True)
class Pool:
    """What is pooled: records of pairs, and what is thought of K common weights before them."""

    records: tuple[Record, ...] = field(repr=False)
    weights: tuple[Weight, ...]
    """[K] in order."""
    centre: Floats
    """[K]."""
    spread: Floats
    """[K] standard deviation, in logits."""
    workers: int = 1
    """Records that are looked at at once; nothing depends on it."""

    @property
    def own(self) -> list[int]:
        """The places of the A weights of which each pair has its own."""
        return [k for k, weight in enumerate(self.weights) if is_own(weight)]

    @property
    def place(self) -> dict[Weight, int]:
        """Where each weight stands among the K."""
        return {weight: k for k, weight in enumerate(self.weights)}

    def places(self, record: Record) -> tuple[Ints, Ints, Ints]:
        """Return where the weights of a record stand among the common ones [P]; which of its
        weights are its own [n], and where these stand among the A."""
        act, place = {k: a for a, k in enumerate(self.own)}, self.place
        common = [place[weight] for weight in record.weights]
        own = [p for p, k in enumerate(common) if k in act]
        which = [act[common[p]] for p in own]
        return tuple(np.array(x, dtype=np.int64) for x in (common, own, which))  # type: ignore[return-value]


@dataclass(frozen=True)
class Settled:
    """The mode at given spreads, and Laplace's approximation there."""

    common: Floats
    """[K] theta."""
    own: tuple[Floats, ...]
    """The intercepts of each record, less the common ones: [n] each."""
    blocks: tuple[Floats, ...] = field(repr=False)
    """[n, n] lower Cholesky factors of the precisions of the intercepts given theta."""
    log_evidence: float
    """Of the records given the spreads, in nats."""
    factor: Floats
    """[K, K] lower Cholesky factor of the precision of theta."""
    parts: tuple[tuple[Floats, Floats], ...] = field(repr=False)
    """What each record adds to the gradient [P] and the precision [P, P] of theta."""

    def covariance(self) -> Floats:
        """Return the covariance of the common weights [K, K]."""
        return _inverses(self.factor)[1]

    def variance(self, n: int) -> Floats:
        """Return the variances [n] of the intercepts of a record given theta."""
        return np.diag(_inverses(self.blocks[n])[1])

    def axes(self, n: int) -> Floats:
        """Return steps [n, n] of one standard deviation each, along which the intercepts of a
        record vary apart from each other given theta."""
        return _inverses(self.blocks[n])[0].T


def _inverses(factor: Floats) -> tuple[Floats, Floats]:
    """Return the inverse of a lower Cholesky factor, and that of its matrix."""
    inverse, whole = np.zeros_like(factor), np.zeros_like(factor)
    covariance(factor, inverse, whole)
    return inverse, whole


Point = tuple[Floats, list[Floats]]
"""Common weights, and the intercepts of each record."""
Expanded = list[tuple[float, Floats, Floats]]
"""The likelihood of each record at a point, its gradient, and minus its second derivatives."""


def settle(pool: Pool, log_spread: Floats, start: Settled | None = None) -> Settled:
    """Return the mode where the intercepts have spreads exp(log_spread) [A], from `start` on.

    Raises:
        RunError: no mode was found.
    """
    return _Newton(pool, log_spread).settle(start)


class _Newton:
    """Newton's method over common weights and intercepts."""

    def __init__(self, pool: Pool, log_spread: Floats) -> None:
        self.pool = pool
        self.places = [pool.places(record) for record in pool.records]
        self.precision = [np.exp(-2.0 * log_spread[which]) for _, _, which in self.places]
        self.log_spread = [log_spread[which] for _, _, which in self.places]

    def settle(self, start: Settled | None) -> Settled:
        """Return the mode."""
        if start is None:
            point: Point = (self.pool.centre.copy(), [np.zeros(len(o)) for _, o, _ in self.places])
        else:
            point = (start.common, [*start.own])
        expanded = self.expand(point)
        value = self.value(point, expanded)
        for _ in range(MAX_STEPS):
            damping = 0.0
            while True:
                step = self.step(point, expanded, damping)
                if step is not None:
                    if damping == 0.0 and step.gain < STILL:
                        return self.settled(point, value, step)
                    tried: Point = (
                        point[0] + step.common,
                        [u + d for u, d in zip(point[1], step.own, strict=True)],
                    )
                    there = self.expand(tried)
                    found = self.value(tried, there)
                    if found >= value - 1e-12 * abs(value):
                        point, value, expanded = tried, found, there
                        break
                damping = 3.0 * damping + 0.1
                if not damping < 1e9:
                    raise RunError("pooling: no mode was found; the records may be at odds")
        raise RunError("pooling: the mode was not reached; the records may be at odds")

    def expand(self, point: Point) -> Expanded:
        """Return the likelihood of each record around a point."""

        def around(n: int) -> tuple[float, Floats, Floats]:
            common, own, _ = self.places[n]
            weights = point[0][common]
            weights[own] += point[1][n]
            return self.pool.records[n].likelihood(weights)

        every = range(len(self.places))
        if self.pool.workers <= 1:
            return [around(n) for n in every]
        with ThreadPoolExecutor(self.pool.workers) as threads:
            return list(threads.map(around, every))

    def value(self, point: Point, expanded: Expanded) -> float:
        """Return the logarithm of the posterior at a point, up to a constant."""
        z = (point[0] - self.pool.centre) / self.pool.spread
        total = -0.5 * float((z * z).sum())
        for (found, _, _), u, precision in zip(expanded, point[1], self.precision, strict=True):
            total += found - 0.5 * float((u * u * precision).sum())
        return total

    def step(self, point: Point, expanded: Expanded, damping: float) -> _Step | None:
        """Return a Newton step; None where the posterior does not bend down in all directions."""
        size, prior = len(self.pool.weights), 1.0 / self.pool.spread**2
        whole, slope = np.zeros((size, size)), (self.pool.centre - point[0]) * prior
        whole[np.arange(size), np.arange(size)] = prior
        determinant, gain = 0.0, 0.0
        factors, solutions, steps, parts = [], [], [], []
        for n, (_, gradient, hessian) in enumerate(expanded):
            common, own, _ = self.places[n]
            many, each = len(own), len(common)
            factor, solved = np.zeros((many, many)), np.zeros((each, many))
            step, rest, left = np.zeros(many), np.zeros(each), np.zeros((each, each))
            pull = -point[1][n] * self.precision[n]
            found = eliminate(
                *(hessian, gradient, own, pull, self.precision[n], damping),
                *(factor, solved, step, rest, left),
            )
            if found == -np.inf:
                return None
            determinant += float(found)
            gain += 0.5 * float((step * (gradient[own] + pull)).sum())
            whole[np.ix_(common, common)] += left
            slope[common] += rest
            factors.append(factor)
            solutions.append(solved)
            steps.append(step)
            parts.append((rest, left))
        shift, lower = slope.copy(), np.zeros((size, size))
        if not newton_step(whole, damping, lower, shift):
            return None
        gain += 0.5 * float((shift * slope).sum())
        determinant += 2.0 * float(np.log(np.diag(lower)).sum())
        for n, (common, _, _) in enumerate(self.places):
            steps[n] = steps[n] - (solutions[n] * shift[common][:, None]).sum(axis=0)
        return _Step(shift, steps, gain, determinant, lower, factors, parts)

    def settled(self, point: Point, value: float, step: _Step) -> Settled:
        """Return what holds at the mode."""
        evidence = value - 0.5 * step.determinant - float(np.log(self.pool.spread).sum())
        evidence -= sum(float(log_spread.sum()) for log_spread in self.log_spread)
        held = (tuple(step.factors), evidence, step.lower, tuple(step.parts))
        return Settled(point[0], tuple(point[1]), *held)


@dataclass(frozen=True)
class _Step:
    common: Floats
    own: list[Floats]
    gain: float
    """What the step adds to the posterior, by its second derivatives."""
    determinant: float
    lower: Floats
    factors: list[Floats]
    parts: list[tuple[Floats, Floats]]
