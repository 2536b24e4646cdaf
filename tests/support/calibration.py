"""Simulation-based calibration: do draws of the posterior have the law that they should?

Weights are drawn from their prior, a world is simulated with them, and weights are learned from its
log. Over many worlds the rank of the true weight among the draws is even (Talts et al. 2018,
"Validating Bayesian inference algorithms with simulation-based calibration", arXiv:1804.06788).

`python tests/support/calibration.py 200` prints the test and writes the figure of docs/learning.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from learned import Floats, lived, setting, with_weights
from scipy.stats import chi2

from sim import plots
from sim.ground.files import write_safely
from sim.learning.arrays import prior_of, rows_of
from sim.learning.design import design_of
from sim.learning.mode import find_mode
from sim.learning.priors import parameters_of, prior_draws
from sim.learning.sampling import Sampler
from sim.model.compiling import compile_scenario
from sim.scenario.scenario import Scenario

FIGURE = Path(__file__).parents[2] / "docs" / "images" / "calibration.svg"
DRAWS, THIN = 120, 10
"""Draws of each of 4 chains, of which every tenth is kept: 48, nearly independent."""
BINS = 7
"""Of ranks from 0 to 48: 49 values, 7 in each bin."""


def world() -> Scenario:
    """The world that is calibrated: three months, with every act."""
    return setting(until="2021-03-31")


def ranks(worlds: int, first: int = 0, *, exposed: bool = True) -> Floats:
    """Return the ranks [worlds, P] of the true weights among draws of their posterior; without
    `exposed` the likelihood forgets the time in which nothing happened."""
    whole = world()
    program = compile_scenario(whole)
    parameters = parameters_of(whole, program)
    truths = prior_draws(parameters, 5, first + worlds)[first:]
    found = []
    for n, truth in enumerate(truths, first):
        history = lived(whole, 9, n, with_weights(program, parameters, truth))
        design = design_of(history)
        rows = rows_of(design, parameters, 1.0)
        if not exposed:
            rows = rows._replace(weight=np.zeros_like(rows.weight))
        law = prior_of(parameters)
        sampler = Sampler(rows, law, find_mode(rows, law), 1_000 + n, workers=1)
        draws = sampler.draw(DRAWS).weights[:, ::THIN].reshape(-1, len(parameters))
        found.append((draws < truth).sum(axis=0))
    return np.array(found, dtype=np.float64)


def unevenness(found: Floats) -> tuple[float, float]:
    """Return chi-square of all ranks pooled in bins, and its probability if ranks are even.

    Weights of one world are not quite independent of each other, so the probability is a guide.
    """
    kept = 4 * (DRAWS // THIN)
    counts = np.bincount((found.ravel() * BINS // (kept + 1)).astype(int), minlength=BINS)
    expected = counts.sum() / BINS
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return statistic, float(chi2.sf(statistic, BINS - 1))


def main(worlds: int) -> None:
    """Print the test and write the figure."""
    found = ranks(worlds)
    statistic, p = unevenness(found)
    print(f"{worlds} worlds, {found.shape[1]} weights: chi-square {statistic:.1f}, p {p:.3f}")
    kept = 4 * (DRAWS // THIN)
    each = [unevenness(found[:, p : p + 1])[1] for p in range(found.shape[1])]
    print(
        f"by weight: {sum(x < 0.05 for x in each)} of {len(each)} below 0.05, least {min(each):.4f}"
    )
    some = min(worlds, 20)
    broken, _ = unevenness(ranks(some, exposed=False))
    print(f"{some} worlds without the time in which nothing happened: chi-square {broken:.1f}")
    figure = plots.evenness(
        ((found + 0.5) / (kept + 1)).ravel().tolist(),
        title="Ranks of the true weights among draws of their posterior",
        note=f"{worlds} simulated worlds, {found.shape[1]} weights.",
        axis="rank, as a share of the draws",
    )
    write_safely(FIGURE, plots.svg(figure, prefix="calibration-"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
