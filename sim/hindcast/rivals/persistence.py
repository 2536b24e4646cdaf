"""Persistence and base rates, fitted to each horizon.

Persistence gives the present state the share of past days d days after which the state was the
same,

    P(stays) = (months of the same state + 1/2) / (months + 1)

and what is left to the others by their base rates. Of contact it says: as often as in past
stretches of d days that followed one with contact, or one without, as the last d days were. The
base rate is the share of months in each state, and the share of stretches of d days with contact,
with 1/2 added to each answer. Murphy (1992), "Climatology, persistence, and their linear
combination as standards of reference in skill scores", Weather and Forecasting 7, has both as the
least to be beaten.
"""

from __future__ import annotations

import numpy as np

from sim.hindcast.rivals.calendar import staying
from sim.hindcast.seen import CONTACT, MONTH_DAYS, STATE, Law, Seen, by_answer, share
from sim.learning.paths import NOT_KNOWN
from sim.log.log import STATES
from sim.model.compiled_scenario import Floats


def persistence(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast that things stay as they are, as often as they did."""
    return [{STATE: _same(seen, d), CONTACT: _contact_again(seen, d)} for d in days]


def base_rate(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast what was so on average, whatever is so now."""
    months = _months(seen)
    state, found = by_answer(months / months.sum()), []
    for d in days:
        talked = seen.counted(seen.places(d), d) > 0
        found.append({STATE: state, CONTACT: yes(share(talked))})
    return found


def yes(chance: float) -> Floats:
    """Return the law of a yes or no."""
    return np.array([1.0 - chance, chance])


def _months(seen: Seen) -> Floats:
    """Return the months [4] in each state, half a month added to each."""
    known = seen.state[seen.state != NOT_KNOWN]
    return np.asarray(np.bincount(known, minlength=len(STATES)) / MONTH_DAYS + 0.5 * seen.may)


def _same(seen: Seen, days: int) -> Floats:
    places = seen.places(days)
    before, after = seen.state[places], seen.state[places + days]
    known = (before != NOT_KNOWN) & (after != NOT_KNOWN)
    return by_answer(staying(seen.now, share((before == after)[known]), _months(seen)))


def _contact_again(seen: Seen, days: int) -> Floats:
    places = seen.places(days)
    places = places[places >= days - 1]  # whose d days before are seen as well
    before = seen.counted(places - days, days) > 0
    after = seen.counted(places, days) > 0
    so_far = min(days, len(seen))
    now = bool(seen.talks[len(seen) - so_far :].any())
    return yes(share(after[before == now]))
