"""Bursts of attention: when the opportunities come that an event opens.

A burst is a Poisson process of intensity m / tau exp(-t / tau), t days after its opener. The sums
of its points' exponential waits are mapped through the inverse of the integrated intensity
m (1 - exp(-t / tau)) (Cinlar 1975, "Introduction to stochastic processes", chapter 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.ground.dates import DAY_S
from sim.ground.draws import exp, log, philox
from sim.model.compiled_scenario import Attention
from sim.scenario.attention import TOWARD

INITIATOR, OTHER, BOTH = range(len(TOWARD))
BLOCKS = 4
"""Pairs of uniforms that one opportunity carries; its index in the counter is n * BLOCKS + block.
Block 0 holds (gap, do it?), 1 (accepted?, lead or severity), 2 (told how by side 0, by side 1),
3 (redrawn: do it?, nothing)."""
MAX_POINTS = 62
"""Points that a burst has at most: at the largest m allowed, 20, more come once in 10^13 bursts."""
MOST_TAUS = 37
"""After so many mean delays a burst is over: a double holds no greater share of it."""

Origin = tuple[int, int, int, int]
"""What an event came of: the words of the stream or the coded event, the number of the opportunity
in it, and a word that tells apart what one opportunity brings."""
NOWHERE: Origin = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Point:
    """One opportunity of a burst."""

    at_s: int
    index: int
    do: float


def is_asked(toward: int, party: int, by: int) -> bool:
    """Whether a row asks a party about what `by` brought about; -1 where nobody is known to."""
    return toward == BOTH or (party == by) == (toward == INITIATOR)


PLAIN = getattr(philox, "py_func", philox)
"""Philox as plain Python: loading the compiled one takes longer than a few words are worth."""


def burst_words(
    lo: int, hi: int, number: int, apart: int, row_lo: int, row_hi: int
) -> tuple[int, int]:
    """Return the words that a burst's uniforms are drawn from, by those of its opener and its row:
    one call of Philox, so that both executors can hash alike."""
    first, second, _, _ = PLAIN(lo, hi, number & 0xFFFFFFFF, row_lo, row_hi, apart)
    return first, second


def points(
    attention: Attention, row: int, opened_s: int, draw: Callable[[int], tuple[float, float]]
) -> Iterator[Point]:
    """Yield the opportunities of a burst in order of time; `draw` gives the pair of uniforms of an
    index. None falls on the opener's own second."""
    m, tau_days = float(attention.m[row]), float(attention.tau_days[row])
    total = 0.0
    for n in range(MAX_POINTS):
        gap, do = draw(n * BLOCKS)
        total += -log(gap)
        left = 1.0 - total / m
        if left <= 0.0:
            return
        days = -tau_days * log(left)
        yield Point(opened_s + 1 + int(days * float(DAY_S)), n, do)


def intensity(attention: Attention, row: int, age_s: int) -> float:
    """Return a burst's intensity in opportunities per day, so many seconds after its opener."""
    m, tau_days = float(attention.m[row]), float(attention.tau_days[row])
    return m / tau_days * float(exp(-(age_s / float(DAY_S)) / tau_days))
