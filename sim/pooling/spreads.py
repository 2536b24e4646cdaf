"""The spreads of the intercepts from pair to pair: the mode of their evidence, and their laws.

Each log s is thought to be that of a half-Normal law of 1.5 logits before the records; its density
in log s is 0 at s = 0, so no spread is taken for nothing (Chung et al. 2013, "A nondegenerate
penalized likelihood estimator for variance parameters in multilevel models", Psychometrika 78). The
mode is found act by act, by Newton's method on differences of the evidence. From there the law of
each s is followed to both sides, the others at their modes, until it holds next to nothing more;
the evidence there is corrected for what Laplace's approximation misses of the intercepts. So the
law may lean: with few pairs it has a long tail to the left, which a Normal law does not have.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.model.compiled_scenario import Floats
from sim.pooling.missed import missed
from sim.pooling.settling import Pool, Settled, settle

USUAL = 1.5
"""The spread of intercepts where records say nothing of it, in logits."""
FEWEST = 3
"""Pairs whose records hold an act, below which its spread is the usual one."""
STEP, STILL, LONGEST, SWEEPS = 0.1, 0.02, 1.0, 30
"""Of log s: the step of differences, the step at which all stops, the longest, and how often each
act is looked at."""
STRIDE, LONGER, WIDEST = 0.8, 1.25, 0.8
"""How far the law of log s is followed at a time: the first stride, in standard deviations at the
mode; how much longer each next one is; and the standard deviation at most that is taken for it."""
OVER = 9.0
"""Nats below the top at which a law is followed no farther."""
BOUNDS = (float(np.log(0.02)), float(np.log(10.0)))
"""Of log s: beyond these it is not followed."""
FINE = 601
"""Points of a law; between two at which it was looked at its logarithm is a straight line."""


@dataclass(frozen=True)
class Marginal:
    """The law of one log s, and what goes with it."""

    points: Floats
    share: Floats
    """Of each point; 1 in all."""
    common: Floats
    """[K] by how much the mean of the common weights over this law lies beside that at the mode."""
    stretch: Floats
    """[K] how many times that at the mode their variance over this law is."""

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

    pool: Pool = field(repr=False)
    log_spread: Floats
    """[A] mode."""
    error: Floats
    """[A] standard deviation by the curvature there; 0 where a spread is not learned."""
    settled: Settled
    """All else at the mode."""
    log_evidence: float
    """Of the records, in nats: over the common weights and the intercepts by Laplace's
    approximation, at the mode of the spreads."""

    @cached_property
    def law(self) -> tuple[Marginal | None, ...]:
        """[A] the law of each; None where it is not learned.

        Raises:
            RunError: no mode was found.
        """
        return tuple(
            followed(self, a) if error > 0.0 else None for a, error in enumerate(self.error)
        )

    @property
    def common(self) -> Floats:
        """[K] the mean of the common weights, over the laws of the spreads."""
        moved = [law.common for law in self.law if law is not None]
        return np.asarray(self.settled.common + sum(moved, np.zeros(1)))

    @property
    def variance(self) -> Floats:
        """[K] their variance."""
        found = np.diag(self.settled.covariance()).copy()
        for law in self.law:
            found *= 1.0 if law is None else law.stretch
        return found


def prior_of_spread(log_spread: Floats) -> float:
    """Return the logarithm of the density of log s, up to a constant."""
    s = np.exp(log_spread)
    return float((log_spread - 0.5 * (s / USUAL) ** 2).sum())


def shown_in(pool: Pool, decisions: Collection[int]) -> list[int]:
    """Count the records that hold each decision."""
    return [sum(d in record.came for record in pool.records) for d in decisions]


def value(settled: Settled, log_spread: Floats) -> float:
    """Return the logarithm of the density of the spreads given the records, up to a constant."""
    return settled.log_evidence + prior_of_spread(log_spread)


def spreads(pool: Pool) -> Spread:
    """Return the spreads under which the records are likeliest.

    Raises:
        RunError: no mode was found.
    """
    own = [pool.weights[k][0] for k in pool.own]
    learned = [a for a, n in enumerate(shown_in(pool, own)) if n >= FEWEST]
    at = np.full(len(own), np.log(USUAL))
    here = settle(pool, at)
    error = np.zeros(len(own))
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
    return Spread(pool, at, error, here, value(here, at))


def followed(spread: Spread, a: int) -> Marginal:
    """Follow the law of one log s from the mode to both sides, the others at their modes.

    Raises:
        RunError: no mode was found.
    """
    pool, mode = spread.pool, float(spread.log_spread[a])

    def looked(x: float, start: Settled) -> tuple[float, Settled]:
        at = np.where(np.arange(len(spread.log_spread)) == a, x, spread.log_spread)
        there = settle(pool, at, start)
        return value(there, at) + missed(pool, at, there), there

    top = looked(mode, spread.settled)
    seen = {mode: top}
    for sign in (-1.0, 1.0):
        x, (density, here), stride = mode, top, sign * STRIDE * float(spread.error[a])
        while density > max(d for d, _ in seen.values()) - OVER and BOUNDS[0] < x < BOUNDS[1]:
            x, stride = x + stride, stride * LONGER
            density, here = seen[x] = looked(x, here)
    xs = np.array(sorted(seen))
    height = np.array([seen[x][0] for x in xs])
    fine = np.linspace(xs[0], xs[-1], FINE)
    share = np.exp(np.interp(fine, xs, height) - height.max())
    share /= share.sum()
    shift = np.array([seen[x][1].common - spread.settled.common for x in xs])
    unsure = np.array([np.diag(seen[x][1].covariance()) for x in xs])

    def mean(of: Floats) -> Floats:
        return np.array([(share * np.interp(fine, xs, column)).sum() for column in of.T])

    moved = mean(shift)
    whole = mean(unsure + shift**2) - moved**2
    return Marginal(fine, share, moved, whole / np.diag(spread.settled.covariance()))
