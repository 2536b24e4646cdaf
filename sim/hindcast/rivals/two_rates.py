"""Two rates and the lapse rule: contact comes at one rate while the channel is open, and at another
while it is not; how long it stays open follows from the rule of lapses.

Both rates are (n + 1/2) / (T + 365 days), n calls and meetings in T days of that kind. Days are the
steps: the channel has r days left to be open, r falls by one a day, and a day with contact, of
probability 1 - exp(-rate), makes it min(max(r, 0) + a, L), a and L being the days that contact adds
and the most that it reaches ahead. The law of (r, number of contacts) is carried forward exactly.
Where r is 0 the state is what other contact still supports, by the calendar, else cut off. A cut is
not foreseen. It is the simulator's rule of states with the least that could be said of conduct.
"""

from __future__ import annotations

import numpy as np

from sim.ground.dates import DAY_S
from sim.hindcast.rivals.rates import DAYS, SHAPE, counting
from sim.hindcast.seen import CUT_OFF, MOST, OPEN, STATE, SUPPORTED, Law, Seen, by_answer
from sim.log.log import STATES
from sim.model.compiled_scenario import Floats

LONGEST = 1_000
"""Days that the channel may have left, at most: what stands for ever has so many."""


def two_rates(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast contact at two rates, and the state by the rule of lapses."""
    rates = [_rate(seen, is_open=False), _rate(seen, is_open=True)]
    lasts = int(min(seen.lasts_days, LONGEST))
    adds = int(min(seen.adds_days, lasts))
    left_s = int(seen.ends_s[-1, 0]) - int(seen.at_s[-1])
    left = min(lasts, max(0, -(-left_s // DAY_S)))
    law = np.zeros((lasts + 1, MOST + 1))
    law[left, 0] = 1.0
    lapses = seen.adds_days < np.inf
    wanted, found = {*days}, {}
    for day in range(1, max(days) + 1):
        law = _next(law, rates, adds, lapses=lapses)
        if day in wanted:
            found[day] = counting(law.sum(axis=0)[:MOST]) | {STATE: _state(seen, law, day)}
    return [found[d] for d in days]


def _rate(seen: Seen, *, is_open: bool) -> float:
    """Return the rate of contact a day, by the state at the end of the day before."""
    kind = (seen.state[:-1] == OPEN) == is_open
    return float((seen.talks[1:][kind].sum() + SHAPE) / (kind.sum() + DAYS))


def _next(law: Floats, rates: list[float], adds: int, *, lapses: bool) -> Floats:
    """Carry the law [days left, contacts] forward by a day."""
    lasts = len(law) - 1
    chance = np.full((lasts + 1, 1), 1.0 - np.exp(-rates[1]))
    chance[0] = 1.0 - np.exp(-rates[0])
    talked, after = _older(law * chance, lapses=lapses), _older(law * (1.0 - chance), lapses=lapses)
    more = np.zeros_like(law)
    more[:, 1:] = talked[:, :-1]
    more[:, -1] += talked[:, -1]  # the last count is "so many, or more"
    room = lasts - adds
    after[adds:] += more[: room + 1]
    after[lasts] += more[room + 1 :].sum(axis=0)
    return after


def _older(law: Floats, *, lapses: bool) -> Floats:
    """Take a day off what is left."""
    if not lapses:
        return law
    found = np.zeros_like(law)
    found[:-1] = law[1:]
    found[0] += law[0]
    return found


def _state(seen: Seen, law: Floats, days: int) -> Floats:
    """Return the law of the state, in the order of the answers."""
    at_s, rest = int(seen.at_s[-1]) + days * DAY_S - 1, CUT_OFF
    for kind in reversed(range(1, len(SUPPORTED))):
        if at_s < seen.ends_s[-1, kind]:
            rest = SUPPORTED[kind]
    by_code, closed = np.zeros(len(STATES)), float(law[0].sum())
    by_code[OPEN] = 1.0 - closed
    by_code[rest] = closed
    return by_answer(by_code)
