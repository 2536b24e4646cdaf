"""How the expected number of events is summed over a stretch of time in which nothing happens.

Gauss and Legendre's rule of three nodes on pieces that are short where something moves (Abramowitz
and Stegun 1964, table 25.4).
"""

from __future__ import annotations

import math

NODES = (-math.sqrt(0.6), 0.0, math.sqrt(0.6))
SHARES = (5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0)
"""Nodes in [-1, 1] and the share of a piece that each stands for."""
MAX_PIECE_DAYS = 30.0
MIN_PIECE_S = 60


def step_days(left: float, tau_days: float, lost: float) -> float:
    """Return how long a piece may be for a burst of which so many opportunities are left, if it may
    misjudge them by `lost`. Three nodes misjudge the integral of exp(-x) over a piece of length g
    by some g^7 / 2,016,000."""
    return float((lost * 2_016_000.0 / max(left, 1e-30)) ** (1.0 / 7.0) * tau_days)
