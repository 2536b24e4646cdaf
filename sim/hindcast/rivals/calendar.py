"""The lapse calendar: the state if nobody talks again, with a fitted chance that somebody does.

What contact up to the origin keeps alive is known, and so is the day on which silence ends it. With
d days ahead and c(t) the state that the calendar of day t gives for t + d,

    P(state = c) = (m + 1/2) / (n + 1)

where n counts the months of the past whose t + d the origin sees, and m those in which c(t) came
(Jeffreys's prior). What is left goes to the other states in proportion to their months where the
calendar was wrong, half a month added to each. The rule of lapses is that of `sim.rules.contact`.
"""

from __future__ import annotations

import numpy as np

from sim.hindcast.seen import MONTH_DAYS, STATE, Law, Seen, by_answer, share
from sim.learning.paths import NOT_KNOWN
from sim.log.log import STATES
from sim.model.compiled_scenario import Floats


def lapse_calendar(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast the state by the calendar of lapses."""
    return [{STATE: _state(seen, ahead)} for ahead in days]


def _state(seen: Seen, days: int) -> Floats:
    said, places = seen.calendar(days), seen.places(days)
    came = seen.state[places + days]
    known = came != NOT_KNOWN
    right = known & (came == said[: len(places)])
    wrong = np.bincount(came[known & ~right], minlength=len(STATES)) / MONTH_DAYS + 0.5
    wrong = np.where(seen.may, wrong, 0.0)
    return by_answer(staying(int(said[-1]), share(right[known]), wrong))


def staying(state: int, chance: float, others: Floats) -> Floats:
    """Return a law of states, by code, in which one has a chance, and the others share the rest in
    proportion to weights."""
    rest = np.where(np.arange(len(others)) == state, 0.0, others)
    found = (1.0 - chance) * rest / rest.sum()
    found[state] = chance
    return np.asarray(found)
