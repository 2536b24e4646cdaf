"""Days of a channel as rivals see them, made by the rule of lapses from days of contact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.ground.dates import DAY_S
from sim.hindcast.seen import CUT_OFF, OPEN, Seen
from sim.rules.contact import DEAD

ADDS, LASTS = 60, 180


def lived(talks: NDArray[np.int64]) -> Seen:
    """Return the days of a channel that only general contact keeps open; contact comes at noon."""
    ends, open_until = np.full((len(talks), 3), DEAD), float(DEAD)
    at_s = (np.arange(len(talks)) + 1) * DAY_S
    for day, number in enumerate(talks.tolist()):
        noon = at_s[day] - DAY_S // 2
        for _ in range(number):
            reach = min(max(open_until, noon) + ADDS * DAY_S, noon + LASTS * DAY_S)
            open_until = max(open_until, reach)
        ends[day, 0] = int(open_until)
    state = np.where(at_s - 1 < ends[:, 0], OPEN, CUT_OFF)
    return Seen(at_s, state, ends, np.asarray(talks), float(ADDS), float(LASTS))


def stated(state: NDArray[np.int64]) -> Seen:
    """Return the days of a channel whose states are given, without any contact."""
    size = len(state)
    at_s = (np.arange(size) + 1) * DAY_S
    return Seen(at_s, state, np.full((size, 3), DEAD), np.zeros(size, dtype=np.int64), 60.0, 180.0)
