"""What Python calls of this room's compiled parts.

What a function closes over is part of the key under which its compiled code is kept. So each entry
names a digest of the files that it is compiled from, and old code is not used again. An entry is
given what the part is given that its body calls.
"""

from __future__ import annotations

from typing import Any

from sim.ground.draws import compiled, compiled_slowly
from sim.kernel.sources import PACKAGE, sources_digest
from sim.learning.hessian import derivatives_at, eliminate_in
from sim.learning.hmc_chain import advance_in
from sim.learning.likelihood import likelihood_at, posterior_at, weights_at
from sim.learning.linear import curvature_in, invert_in, newton_step_in, squared_in
from sim.model.compiled_scenario import Floats

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
    def log_likelihood(*given: Any) -> float:
        _ = sources
        return likelihood_at(*given)

    @compiled
    def log_posterior(*given: Any) -> float:
        _ = sources
        return posterior_at(*given)

    @compiled
    def to_weights(*given: Any) -> bool:
        _ = sources
        return weights_at(*given)

    @compiled
    def curvature(*given: Any) -> None:
        _ = sources
        curvature_in(*given)

    @compiled
    def newton_step(*given: Any) -> bool:
        _ = sources
        return newton_step_in(*given)

    @compiled
    def covariance(factor: Floats, inverse: Floats, whole: Floats) -> None:
        _ = sources
        invert_in(factor, inverse)
        squared_in(inverse, whole)

    @compiled
    def derivatives(*given: Any) -> float:
        _ = sources
        return derivatives_at(*given)

    @compiled
    def eliminate(*given: Any) -> float:
        _ = sources
        return eliminate_in(*given)

    @compiled_slowly("the sampler", 3, 3)
    def advance(*given: Any) -> int:
        _ = sources
        return advance_in(*given)

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
