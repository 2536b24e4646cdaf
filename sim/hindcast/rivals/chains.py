"""Markov chains: of the states, in continuous time, and of months with and without contact.

The rate from state i to j is the posterior mean under a Gamma law of half a move in a year,

    q_ij = (moves + 1/2) / (days in i + 365),   P(d) = exp(Q d)

(Kalbfleisch and Lawless 1985, "The analysis of panel data under a Markov assumption", JASA 80, for
the likelihood of paths that are seen whole). Months are stretches of 30 days, counted back from the
origin; p_1 is the share of months with contact among those that follow one with, p_0 among those
that follow one without. That there is none in d days, from a month of kind i, has the probability
(1 - p_i) (1 - p_0)^(d / 30 - 1).
"""

from __future__ import annotations

import numpy as np

from sim.hindcast.linear import carried
from sim.hindcast.rivals.persistence import yes
from sim.hindcast.rivals.rates import DAYS, SHAPE
from sim.hindcast.seen import CONTACT, STATE, Law, Seen, by_answer
from sim.learning.paths import NOT_KNOWN
from sim.log.log import STATES
from sim.model.compiled_scenario import Floats

MONTH = 30
"""Days of a month of the chain."""


def markov_chain(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast by chains that know the present state and whether there was contact of late."""
    rates, (silent, talking) = generator(seen), _months(seen)
    now = talking if seen.talks[-MONTH:].any() else silent
    found = []
    for d in days:
        none = (1.0 - now) * (1.0 - silent) ** max(0.0, d / MONTH - 1.0)
        law = by_answer(carried(rates, seen.now, float(d)))
        found.append({STATE: law, CONTACT: yes(1.0 - none)})
    return found


def generator(seen: Seen) -> Floats:
    """Return the rates [4, 4] between states, a day."""
    before, after = seen.state[:-1], seen.state[1:]
    known = (before != NOT_KNOWN) & (after != NOT_KNOWN)
    moves = np.zeros((len(STATES), len(STATES)))
    np.add.at(moves, (before[known], after[known]), 1.0)
    rates = np.where(seen.may & seen.may[:, None], moves + SHAPE, 0.0)
    np.fill_diagonal(rates, 0.0)
    days = np.bincount(before[known], minlength=len(STATES))
    rates /= (days + DAYS)[:, None]
    np.fill_diagonal(rates, -rates.sum(axis=1))
    return rates


def _months(seen: Seen) -> tuple[float, float]:
    """Return how likely contact is in a month after one without, and after one with."""
    ends = np.arange(len(seen.so_far) - 1, MONTH - 1, -MONTH)
    talked = (seen.so_far[ends] - seen.so_far[ends - MONTH] > 0)[::-1]
    before, after = talked[:-1], talked[1:]

    def chance(kind: bool) -> float:
        alike = before == kind
        return float(((alike & after).sum() + 0.5) / (alike.sum() + 1.0))

    return chance(False), chance(True)
