"""Calibration: what came as a function of what was said, by isotonic regression, with bands.

CORP (Dimitriadis, Gneiting and Jordan 2021, "Stable reliability diagrams for probabilistic
classifiers", PNAS 118): outcomes are regressed on forecasts by pooling adjacent violators, which
has no bins to choose. The mean squared error S then falls into miscalibration, discrimination and
uncertainty, S = MCB - DSC + UNC, with R the error of the recalibrated forecasts and UNC that of the
mean: MCB = S - R and DSC = UNC - R. The consistency bands hold, at each forecast, 9 in 10
regressions of outcomes that are drawn from the forecasts themselves. They take outcomes to be
independent, and those of neighbouring origins are not, so they are too narrow for long horizons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from sim.hindcast.bootstrap import INSIDE
from sim.hindcast.chance import even_draws
from sim.model.compiled_scenario import Floats

DRAWN = 500
"""Regressions of drawn outcomes."""


@dataclass(frozen=True)
class Reliability:
    """How one forecaster's chances of a yes compare with what came; N of them, in order."""

    said: Floats
    """[N] chances, lowest first."""
    came: Floats
    """[N] 1 where it came."""
    fitted: Floats
    """[N] the chance that the regression gives."""
    low: Floats
    high: Floats
    """[N] the consistency band."""

    @property
    def uncertainty(self) -> float:
        """The mean squared error of always saying the mean."""
        return float(self.came.mean() * (1.0 - self.came.mean()))

    @property
    def miscalibration(self) -> float:
        """How much the mean squared error falls by recalibration."""
        return _error(self.said, self.came) - _error(self.fitted, self.came)

    @property
    def discrimination(self) -> float:
        """By how much recalibrated forecasts beat the mean."""
        return self.uncertainty - _error(self.fitted, self.came)


def _error(said: Floats, came: Floats) -> float:
    return float(((said - came) ** 2).mean())


def reliability_of(said: Floats, came: Floats, seed: int) -> Reliability:
    """Compare chances with what came."""
    order = np.argsort(said, kind="stable")
    said, came = said[order], came[order]
    happened = even_draws(DRAWN, len(said), "hindcast/consistency", seed) < said
    drawn = np.array([_regressed(said, row) for row in happened])
    low, high = np.quantile(drawn, INSIDE, axis=0)
    return Reliability(said, came, _regressed(said, came), low, high)


def _regressed(said: Floats, came: Floats) -> Floats:
    """Return the isotonic regression of what came on what was said, in order; equal forecasts get
    equal chances."""
    _, place, number = np.unique(said, return_inverse=True, return_counts=True)
    mean = np.bincount(place, came.astype(np.float64)) / number
    return np.asarray(isotonic_regression(mean, weights=number).x[place])
