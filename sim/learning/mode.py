"""The mode of the posterior and its curvature there, by Newton's method in loops of its own.

All is in z, in which the prior is standard Normal. The Hessian is the central difference of the
gradient. Where it is not positive definite, multiples of the prior's own are added until it is
(Levenberg 1944, "A method for the solution of certain non-linear problems in least squares").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.ground.errors import RunError
from sim.learning.arrays import scratch_of
from sim.learning.compiled_calls import (
    covariance,
    curvature,
    log_posterior,
    newton_step,
    to_weights,
)
from sim.learning.rows import Prior, Rows
from sim.model.compiled_scenario import Floats, Ints

STILL = 1e-7
"""Largest slope at which the mode is found."""
MAX_STEPS = 100


@dataclass(frozen=True)
class Mode:
    """The mode of a posterior of P weights, and Laplace's approximation there."""

    z: Floats
    """[P] the mode in z."""
    weights: Floats
    """[P] the weights there."""
    stretch: Floats
    """[P] derivative of each weight by its z."""
    of: Ints
    """[P] whose z that is."""
    factor: Floats
    """[P, P] lower Cholesky factor of the negative Hessian in z."""
    log_posterior: float
    """At the mode, up to the same constant as `posterior_at`."""

    @property
    def log_evidence(self) -> float:
        """Laplace's approximation of the logarithm of the probability of the record, in nats: the
        prior is standard Normal in z, so its constant cancels against that of the posterior."""
        return self.log_posterior - float(np.log(np.diag(self.factor)).sum())

    def covariance(self) -> Floats:
        """Return the covariance of the weights [P, P] by Laplace's approximation."""
        inverse, whole = np.zeros_like(self.factor), np.zeros_like(self.factor)
        covariance(self.factor, inverse, whole)
        whole = whole[np.ix_(self.of, self.of)]
        return whole * self.stretch[:, None] * self.stretch[None, :]


def find_mode(rows: Rows, prior: Prior) -> Mode:
    """Return the mode of the posterior, from the centre of the prior on.

    Raises:
        RunError: no mode was found.
    """
    size = len(prior.centre)
    scratch, z = scratch_of(rows), np.zeros(size)
    gradient, up, down = np.zeros(size), np.zeros(size), np.zeros(size)
    hessian, factor = np.zeros((size, size)), np.zeros((size, size))
    value = log_posterior(rows, prior, scratch, z, gradient)
    for _ in range(MAX_STEPS):
        curvature(rows, prior, scratch, z, up, down, hessian)
        if float(np.abs(gradient).max()) < STILL and newton_step(
            hessian, 0.0, factor, gradient.copy()
        ):
            weights, stretch = np.zeros(size), np.zeros(size)
            to_weights(prior, z, weights, stretch)
            return Mode(z, weights, stretch, prior.of, factor, value)
        damping = 0.0
        while True:
            step = gradient.copy()
            if newton_step(hessian, damping, factor, step):
                tried, slope = z + step, np.zeros(size)
                found = log_posterior(rows, prior, scratch, tried, slope)
                if found >= value - 1e-9 * abs(value):
                    z, value, gradient = tried, found, slope
                    break
            damping = 2.0 * damping + 0.1
            if damping > 1e12:
                raise RunError("learning: no mode of the posterior was found; try narrower priors")
    raise RunError("learning: the mode of the posterior was not reached; try narrower priors")
