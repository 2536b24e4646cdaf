"""Whether the chains agree: R-hat and effective draws of every weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.learning.arviz import array_stats
from sim.learning.sampling import Draws
from sim.model.compiled_scenario import Floats

MAX_RHAT = 1.01
MIN_EFFECTIVE = 400.0
"""Bounds of Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021, "Rank-normalization, folding,
and localization: an improved R-hat", Bayesian Analysis 16: 100 effective draws for each of 4
chains, in the middle and in the tails."""
MAX_DIVERGED = 0.001
"""Share of trajectories that may lose their energy."""
TAILS = (0.05, 0.95)


@dataclass(frozen=True)
class Diagnostics:
    """What the chains say of themselves; P weights."""

    draws: int
    """Draws of all chains, after the warm-up."""
    rhat: Floats
    """[P] rank-normalised split R-hat."""
    bulk: Floats
    """[P] effective draws in the middle."""
    tail: Floats
    """[P] effective draws in the tails."""
    diverged: int
    accepted: float

    @property
    def worst_rhat(self) -> float:
        return float(self.rhat.max())

    @property
    def least_effective(self) -> float:
        return float(min(self.bulk.min(), self.tail.min()))

    def complaint(self) -> str | None:
        """Say what is wrong with the chains; None where nothing is."""
        # what is not a number fails, too
        if not self.worst_rhat <= MAX_RHAT:
            worst = f"the worst R-hat is {self.worst_rhat:.3f}, and must be at most {MAX_RHAT}"
            return f"the chains do not agree: {worst}"
        if not self.least_effective >= MIN_EFFECTIVE:
            least = f"{self.least_effective:.0f} effective draws"
            return f"a weight has only {least} of the {MIN_EFFECTIVE:.0f} that it must have"
        if self.diverged > MAX_DIVERGED * self.draws:
            return f"{self.diverged} of {self.draws} trajectories lost their energy"
        return None

    def plain(self) -> dict[str, float | int]:
        """Return the worst of each as plain data."""
        return {
            "draws": self.draws,
            "worst_rhat": round(self.worst_rhat, 4),
            "least_effective_bulk": round(float(self.bulk.min()), 1),
            "least_effective_tail": round(float(self.tail.min()), 1),
            "diverged": self.diverged,
            "accepted": round(self.accepted, 4),
        }


def diagnose(draws: Draws) -> Diagnostics:
    """Return the diagnostics of chains."""
    chains, count, _ = draws.weights.shape
    along, stats = {"chain_axis": 0, "draw_axis": 1}, array_stats()
    return Diagnostics(
        chains * count,
        np.asarray(stats.rhat(draws.weights, method="rank", **along)),
        np.asarray(stats.ess(draws.weights, method="bulk", **along)),
        np.asarray(stats.ess(draws.weights, method="tail", prob=TAILS, **along)),
        draws.diverged,
        draws.accepted,
    )
