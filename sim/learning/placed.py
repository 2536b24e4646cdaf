"""How evenly the placements of imprecise dates count, at the weights that were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.learning.arrays import rows_of, scratch_of
from sim.learning.compiled_calls import log_likelihood
from sim.learning.fitting import Fit, evenly

LOOKED_AT = 40
"""Draws of the weights that are looked at."""


@dataclass(frozen=True)
class Counted:
    """A block of imprecise dates: how many it has, and how many placements."""

    dates: int
    placements: int
    effective: float
    """As many placements that count alike would say as much, on the mean over draws (Kish 1965,
    "Survey sampling", section 11.7)."""


def placements_counted(fit: Fit) -> list[Counted]:
    """Say of each block of a fit's dates how evenly its placements count."""
    design, pooled = fit.design, fit.pooled
    if not design.dated:
        return []
    rows = rows_of(design, fit.whole, fit.reporting)
    scratch, gradient = scratch_of(rows), np.zeros(len(fit.whole))
    found = np.zeros((LOOKED_AT, len(design.dated)))
    for n, draw in enumerate(evenly(LOOKED_AT, len(pooled))):
        log_likelihood(rows, scratch, np.concatenate([pooled[draw], fit.ways]), gradient)
        ends = pairwise(rows.block.tolist())
        found[n] = [1.0 / float((scratch.share[a:b] ** 2).sum()) for a, b in ends]
    effective = found.mean(axis=0).tolist()
    return [
        Counted(block.dates, len(block.placements), e)
        for block, e in zip(design.dated, effective, strict=True)
    ]
