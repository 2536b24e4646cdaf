"""What Python calls of this room's compiled parts.

What a function closes over is part of the key under which its compiled code is kept. So each entry
names a digest of the files that it is compiled from, and old code is not used again.
"""

from __future__ import annotations

from typing import Any

from sim.ground.draws import compiled, compiled_slowly
from sim.kernel.sources import PACKAGE, sources_digest
from sim.learning.hessian import Bent, derivatives_at, eliminate_in
from sim.learning.hmc_chain import advance_in
from sim.learning.likelihood import likelihood_at, posterior_at, weights_at
from sim.learning.linear import curvature_in, invert_in, newton_step_in, squared_in
from sim.learning.rows import Prior, Rows, Scratch
from sim.model.compiled_scenario import Floats, Ints

COMPILED = (
    "hessian.py",
    "hmc_chain.py",
    "linear.py",
    "likelihood.py",
    "rows.py",
    "compiled_calls.py",
)
"""The files of this room that are compiled; those that they import are found."""


def _compile(sources: int) -> tuple[Any, ...]:
    @compiled
    def log_likelihood(rows: Rows, s: Scratch, weights: Floats, gradient: Floats) -> float:
        _ = sources
        return likelihood_at(rows, s, weights, gradient)

    @compiled
    def log_posterior(rows: Rows, prior: Prior, s: Scratch, z: Floats, gradient: Floats) -> float:
        _ = sources
        return posterior_at(rows, prior, s, z, gradient)

    @compiled
    def to_weights(prior: Prior, z: Floats, weights: Floats, stretch: Floats) -> bool:
        _ = sources
        return weights_at(prior, z, weights, stretch)

    @compiled
    def curvature(
        rows: Rows, prior: Prior, s: Scratch, z: Floats, up: Floats, down: Floats, hessian: Floats
    ) -> None:
        _ = sources
        curvature_in(rows, prior, s, z, up, down, hessian)

    @compiled
    def newton_step(hessian: Floats, damping: float, factor: Floats, step: Floats) -> bool:
        _ = sources
        return newton_step_in(hessian, damping, factor, step)

    @compiled
    def covariance(factor: Floats, inverse: Floats, whole: Floats) -> None:
        _ = sources
        invert_in(factor, inverse)
        squared_in(inverse, whole)

    @compiled
    def derivatives(
        rows: Rows, s: Scratch, bent: Bent, weights: Floats, gradient: Floats, hessian: Floats
    ) -> float:
        _ = sources
        return derivatives_at(rows, s, bent, weights, gradient, hessian)

    @compiled
    def eliminate(
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
        _ = sources
        return eliminate_in(
            *(hessian, gradient, own, pull, precision, damping),
            *(factor, solved, step, rest, left),
        )

    @compiled_slowly("the sampler", 3, 3)
    def advance(
        rows: Rows,
        prior: Prior,
        s: Scratch,
        mode: Floats,
        factor: Floats,
        seed: int,
        chain: int,
        done: int,
        x: Floats,
        state: Floats,
        work: Floats,
        weights: Floats,
        likelihoods: Floats,
        accepted: Floats,
    ) -> int:
        _ = sources
        return advance_in(
            *(rows, prior, s, mode, factor, seed, chain, done),
            *(x, state, work, weights, likelihoods, accepted),
        )

    return (
        *(log_likelihood, log_posterior, to_weights, curvature, newton_step),
        *(covariance, derivatives, eliminate, advance),
    )


def compiled_digest() -> int:
    """Return the digest of what the entries are compiled from."""
    return sources_digest(PACKAGE, [PACKAGE / "learning" / name for name in COMPILED])


_ENTRIES = _compile(compiled_digest())
log_likelihood, log_posterior, to_weights, curvature, newton_step = _ENTRIES[:5]
covariance, derivatives, eliminate, advance = _ENTRIES[5:]
