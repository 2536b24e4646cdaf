"""The spreads of the intercepts from pair to pair: the mode of their evidence, and how sure it is.

Each log s is thought to be that of a half-Normal law of 1.5 logits before the records; its density
in log s is 0 at s = 0, so no spread is taken for nothing (Chung et al. 2013, "A nondegenerate
penalized likelihood estimator for variance parameters in multilevel models", Psychometrika 78). The
mode is found act by act, by Newton's method on differences of the evidence. How sure a
spread is says its law on a grid around the mode, where the others stay: it leans to the left, and a
Normal law at the mode is too narrow (with ten pairs, 9 in 10 of it held 3 in 4 true ones).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sim.model.compiled_scenario import Floats
from sim.pooling.settling import Pool, Settled, settle

USUAL = 1.5
"""The spread of intercepts where records say nothing of it, in logits."""
FEWEST = 3
"""Pairs whose records hold an act, below which its spread is the usual one."""
STEP, STILL, LONGEST, SWEEPS = 0.1, 0.02, 1.0, 30
"""Of log s: the step of differences, the step at which all stops, the longest, and how often each
act is looked at."""


GRID = np.arange(-5.6, 4.01, 0.8)
"""Where the law of log s is looked at, in standard deviations at the mode; between two of these
its logarithm is a straight line."""
BETWEEN = 10
"""Parts of each such line."""
WIDEST = 0.8
"""The standard deviation of log s at the mode at most, for the grid."""


@dataclass(frozen=True)
class Marginal:
    """The law of one log s."""

    points: Floats
    share: Floats
    """Of each point; 1 in all."""

    def mean_square(self) -> float:
        """Return the mean of s^2: what the intercept of a pair that was never seen varies by."""
        return float((self.share * np.exp(2.0 * self.points)).sum())

    def below(self, log_spread: float) -> float:
        """Return the share below a value."""
        return float(np.interp(log_spread, self.points, np.cumsum(self.share) - self.share / 2.0))

    def quantile(self, share: float) -> float:
        """Return the spread s below which a share lies."""
        return float(np.exp(np.interp(share, np.cumsum(self.share), self.points)))


@dataclass(frozen=True)
class Spread:
    """The spreads of the intercepts."""

    log_spread: Floats
    """[A] mode."""
    law: tuple[Marginal | None, ...]
    """[A] of each; None where it is not learned."""
    settled: Settled
    """All else at the mode."""
    log_evidence: float
    """Of the records, in nats: over the common weights and the intercepts by Laplace's
    approximation, at the mode of the spreads."""


def prior_of_spread(log_spread: Floats) -> float:
    """Return the logarithm of the density of log s, up to a constant."""
    s = np.exp(log_spread)
    return float((log_spread - 0.5 * (s / USUAL) ** 2).sum())


def shown_in(pool: Pool, decisions: Collection[int]) -> list[int]:
    """Count the records that hold each decision."""
    return [sum(d in record.came for record in pool.records) for d in decisions]


def spreads(pool: Pool) -> Spread:
    """Return the spreads under which the records are likeliest.

    Raises:
        RunError: no mode was found.
    """
    own = [pool.weights[k][0] for k in pool.own]
    learned = [a for a, n in enumerate(shown_in(pool, own)) if n >= FEWEST]
    at = np.full(len(own), np.log(USUAL))
    here = settle(pool, at)
    error = np.full(len(own), WIDEST)

    def value(settled: Settled, log_spread: Floats) -> float:
        return settled.log_evidence + prior_of_spread(log_spread)

    for _ in range(SWEEPS):
        farthest = 0.0
        for a in learned:
            side = np.where(np.arange(len(own)) == a, STEP, 0.0)
            now = value(here, at)
            up, down = (value(settle(pool, at + d, here), at + d) for d in (side, -side))
            slope, bend = (up - down) / (2.0 * STEP), (up - 2.0 * now + down) / STEP**2
            step = -slope / bend if bend < 0.0 else float(np.sign(slope)) * LONGEST / 2.0
            step = float(np.clip(step, -LONGEST, LONGEST))
            error[a] = min(WIDEST, 1.0 / np.sqrt(-bend)) if bend < 0.0 else WIDEST
            while abs(step) > STILL / 10.0:
                tried = at + side * (step / STEP)
                there = settle(pool, tried, here)
                if value(there, tried) >= now - 1e-9 * abs(now):
                    at, here = tried, there
                    break
                step /= 2.0
            farthest = max(farthest, abs(step))
        if farthest < STILL:
            break
    laws: list[Marginal | None] = [None] * len(own)
    for a in learned:
        coarse = error[a] * GRID
        moved = [at + np.where(np.arange(len(own)) == a, d, 0.0) for d in coarse]
        density = np.array([value(settle(pool, there, here), there) for there in moved])
        fine = np.linspace(coarse[0], coarse[-1], (len(GRID) - 1) * BETWEEN + 1)
        share = np.exp(np.interp(fine, coarse, density) - density.max())
        laws[a] = Marginal(at[a] + fine, share / share.sum())
    return Spread(at, tuple(laws), here, value(here, at))
