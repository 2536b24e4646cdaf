"""How answers differ from one draw of the weights to another, without the noise of few worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.compiled_scenario import Floats, Ints


@dataclass(frozen=True)
class Between:
    """An answer by draws, of which D are met, by the analysis of variance of one way (Searle,
    Casella and McCulloch 1992, "Variance components", section 3.6)."""

    size: Floats
    """[D] worlds of each draw that is met."""
    mean: Floats
    """[D] their mean value."""
    noise: float
    """The variance of a value from world to world with the same draw; not a number where no draw
    has two worlds."""
    variance: float
    """The variance of the expected value from draw to draw, not below 0; not a number where no draw
    has two worlds, or there is one draw."""

    def shrunk(self) -> Floats:
        """Return the means [D], drawn together so that they vary as the expected values do.

        A mean of few worlds varies by their noise too. Each is moved towards the mean of all by the
        root of its reliability: less than the best guess of each alone, whose spread is too small
        (constrained empirical Bayes: Louis 1984, "Estimating a population of parameter values using
        Bayes and empirical Bayes methods", JASA 79; Ghosh 1992, "Constrained Bayes estimation with
        applications", JASA 87).
        """
        middle = self.mean.mean()
        if not self.variance > 0.0:
            return np.full(len(self.mean), middle)
        kept = np.sqrt(self.variance / (self.variance + self.noise / self.size))
        found: Floats = middle + kept * (self.mean - middle)
        return found


def between(values: Floats, drawn: Ints) -> Between:
    """Take the values [N] of worlds apart by the draw [N] that each has."""
    _, group = np.unique(drawn, return_inverse=True)
    size = np.bincount(group).astype(np.float64)
    number, groups = len(values), len(size)
    mean = np.bincount(group, values) / size
    if groups < 2 or number <= groups:
        return Between(size, mean, float("nan"), float("nan"))
    noise = float(((values - mean[group]) ** 2).sum() / (number - groups))
    apart = (size * (mean - values.mean()) ** 2).sum() / (groups - 1)
    each = (number - (size**2).sum() / number) / (groups - 1)
    return Between(size, mean, noise, max(0.0, float((apart - noise) / each)))
