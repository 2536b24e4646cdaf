"""The spreads of the intercepts from pair to pair: the mode of their evidence, and how sure it is.

Each log s is thought to be that of a half-Normal law of 1.5 logits before the records; its density
in log s is 0 at s = 0, so no spread is taken for nothing (Chung et al. 2013, "A nondegenerate
penalized likelihood estimator for variance parameters in multilevel models", Psychometrika 78). The
mode is found act by act, by Newton's method on differences of the evidence.
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


@dataclass(frozen=True)
class Spread:
    """The spreads of the intercepts."""

    log_spread: Floats
    """[A] mode."""
    error: Floats
    """[A] standard deviation of log s, by Laplace's approximation; 0 where it is not learned."""
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


def spreads(pool: Pool, start: Spread | None = None) -> Spread:
    """Return the spreads under which the records are likeliest, from `start` on.

    Raises:
        RunError: no mode was found.
    """
    own = [pool.weights[k][0] for k in pool.own]
    learned = [a for a, n in enumerate(shown_in(pool, own)) if n >= FEWEST]
    at = np.full(len(own), np.log(USUAL))
    if start is not None:
        at[learned] = start.log_spread[learned]
    here = settle(pool, at, None if start is None else start.settled)
    error = np.zeros(len(own))

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
            error[a] = 1.0 / np.sqrt(-bend) if bend < 0.0 else 1.0
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
    return Spread(at, error, here, value(here, at))
