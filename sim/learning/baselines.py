"""Forecasts of a channel's state that know no model: what a fit has to beat.

Each is made of the observer's states up to a day, and gives probabilities of the four states some
days after an origin.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from sim.ground.dates import DAY_S
from sim.log.log import STATES
from sim.model.compiled_scenario import Floats

Path = tuple[tuple[int, int], ...]
"""The states of a channel: (since, state), in order."""

NOT_KNOWN = -1
"""In the place of a state that the log does not know; nothing is counted or scored there."""

STAYS = 0.94
"""Probability that persistence gives to the state of the origin; the others share the rest, since
one that is certain and wrong cannot be scored."""
SHAPE, DAYS = 0.5, 365.0
"""The Gamma prior of each rate of the Markov chain: half a move in a year spent in a state."""
HALF = 0.5
"""What the base rate adds to the months of each state (Jeffreys)."""


def state_at(path: Path, at_s: int) -> int:
    """Return the state at an instant."""
    found = path[0][1]
    for since_s, state in path:
        if since_s > at_s:
            break
        found = state
    return found


def spent(path: Path, start_s: int, end_s: int) -> tuple[Floats, Floats]:
    """Return the moves [4, 4] between states in a span of time, and the days [4] in each."""
    moves, days = np.zeros((len(STATES), len(STATES))), np.zeros(len(STATES))
    ends = [*(since for since, _ in path[1:]), end_s]
    for n, ((since_s, state), until_s) in enumerate(zip(path, ends, strict=True)):
        if state == NOT_KNOWN:
            continue
        lo, hi = max(since_s, start_s), min(until_s, end_s)
        days[state] += max(0, hi - lo) / DAY_S
        moved = n + 1 < len(path) and path[n + 1][1] != NOT_KNOWN
        if moved and start_s <= until_s < end_s:
            moves[state, path[n + 1][1]] += 1.0
    return moves, days


@dataclass(frozen=True)
class Baselines:
    """Three forecasts of one channel."""

    rates: Floats
    """[4, 4] generator of the Markov chain, per day."""
    base: Floats
    """[4] base rate of each state."""
    may: NDArray[np.bool_]
    """[4] whether the channel may be in a state."""

    def persistence(self, now: int) -> Floats:
        """Return probabilities [4] that the state of the origin stays."""
        found = np.where(self.may, (1.0 - STAYS) / (int(self.may.sum()) - 1), 0.0)
        found[now] = STAYS
        return found

    def chain(self, now: int, days: float) -> Floats:
        """Return probabilities [4] of the Markov chain, some days after a state."""
        return np.asarray(expm(self.rates * days)[now])


def baselines_of(
    path: Path,
    start_s: int,
    end_s: int,
    ends_s: list[int],
    states: Collection[str] = STATES,
) -> Baselines:
    """Fit the baselines to a channel's states between two instants; `ends_s` are the ends of the
    months between them, `states` those that it may be in.

    The chain's rates are posterior means under a Gamma prior: (moves + `SHAPE`) / (days + `DAYS`).
    """
    may = np.array([state in states for state in STATES])
    moves, days = spent(path, start_s, end_s)
    rates = np.where(may & may[:, None], (moves + SHAPE) / (days + DAYS)[:, None], 0.0)
    np.fill_diagonal(rates, 0.0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    known = [s for s in (state_at(path, t) for t in ends_s) if s != NOT_KNOWN]
    counts = np.bincount(np.array(known, dtype=np.int64), minlength=len(STATES)) + HALF * may
    return Baselines(rates, counts / counts.sum(), may)
