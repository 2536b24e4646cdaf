"""Where a likelihood looks between events: the moments of a quadrature, and what each stands for.

The expected number of events of a stream is the integral of its intensity times a probability. It
is taken by Gauss and Legendre's rule of three nodes on pieces that are short where something moves:
a burst dies down, or a fresh memory fades.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sim.ground.dates import DAY_S
from sim.rules.quadrature import MAX_PIECE_DAYS, MIN_PIECE_S, NODES, SHARES, step_days

MAX_TURN = 1.5
"""By how many logits the memories may move a decision within one piece."""
LOST = 2.0e-6
"""Opportunities by which a burst may be misjudged within one piece."""


@dataclass(frozen=True, slots=True)
class Open:
    """A burst that is open."""

    opened_s: int
    m: float
    tau_days: float

    def intensity(self, at: float) -> float:
        """Return its opportunities per day at an instant, in seconds, after it opened."""
        age_days = (at - self.opened_s) / DAY_S
        return self.m / self.tau_days * math.exp(-age_days / self.tau_days)

    def step_s(self, at_s: int) -> float:
        """Return how long a piece may be from an instant on, for this burst."""
        age = (at_s - self.opened_s) / DAY_S / self.tau_days
        return float(step_days(self.m * math.exp(-age), self.tau_days, LOST) * DAY_S)


def pieces(
    lo_s: int,
    hi_s: int,
    cuts: Sequence[int],
    bursts: Sequence[Open],
    turn: Callable[[int, int], float],
) -> Iterator[tuple[int, int]]:
    """Cut a stretch in which nothing happens into pieces, in seconds.

    `cuts` are instants at which something jumps; `turn` gives the logits by which a decision moves
    between two instants.
    """
    ends = [*sorted({c for c in cuts if lo_s < c < hi_s}), hi_s]
    start = lo_s
    for end in ends:
        while start < end:
            step = min([MAX_PIECE_DAYS * DAY_S, *(b.step_s(start) for b in bursts)])
            stop = start + max(MIN_PIECE_S, int(step))
            stop = end if stop + MIN_PIECE_S >= end else stop
            while stop - start > MIN_PIECE_S and turn(start, stop) > MAX_TURN:
                stop = start + max(MIN_PIECE_S, (stop - start) // 2)
            yield start, stop
            start = stop


def nodes(
    pieces_: Sequence[tuple[int, int]], rate: float, bursts: Sequence[Open]
) -> Iterator[tuple[int, float]]:
    """Yield the moments of pieces: (instant, opportunities that it stands for)."""
    for start, stop in pieces_:
        days, middle = (stop - start) / DAY_S, (start + stop) / 2.0
        for node, share in zip(NODES, SHARES, strict=True):
            at = middle + node * (stop - start) / 2.0
            at_s = min(max(int(at), start), stop - 1)
            # a burst's own fall is taken where the node lies, not at the whole second before it;
            # and the sum is a loop, since Python's own differs between its versions
            rates = rate
            for b in bursts:
                rates += b.intensity(at)
            yield at_s, share * days * rates
