"""The kernel's tallying: what `sim.model.tally` counts, kept up as states end and begin."""

from __future__ import annotations

import numpy as np

from sim.ground.draws import compiled_part
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at, spot
from sim.model.compiled_scenario import VIEWS


@compiled_part
def seen_at(w: Arrays, channel: int, view: int) -> int:
    """Return where a view of a channel begins, for the columns SEEN_*."""
    return spot(at(w, k.T_CHANNEL, k.C_WIDTH, channel) + k.C_SEEN + k.SEEN * view)


@compiled_part
def on_grid(w: Arrays, at_s: int) -> int:
    """Return the place of the first instant of the grid that is not before `at_s`."""
    i = w.ints
    return int(min(i[k.GRID_SIZE], max(0, (at_s - i[k.GRID] + i[k.STEP] - 1) // i[k.STEP])))


@compiled_part
def leave(w: Arrays, channel: int, view: int, at_s: int) -> None:
    """Count the time since a view's last change, which ends at an instant."""
    i, seen = w.ints, seen_at(w, channel, view)
    state, since, start = i[seen + k.SEEN_STATE], i[seen + k.SEEN_SINCE], i[k.OBSERVE]
    spent, from_s = at_s - max(since, start), i[seen + k.SEEN_FROM]
    # a state that began before the observed time counts from its start only
    if spent > 0:
        row = at(w, k.T_EXPOSURE, k.STATE_COUNT, VIEWS * channel + view)
        i[spot(row + state)] += spent
    if view == 0 and i[k.ROW] < i[k.RASTER_ROWS]:
        line = (i[k.ROW] * i[k.CHANNELS] + channel) * i[k.GRID_SIZE]
        # single bytes in a table of words: 400 rows of two years would fill the cache otherwise
        raster = i[i[k.T_RASTER] : i[k.T_RASTER] + i[k.RASTER_SIZE]].view(np.int8)
        raster[line + on_grid(w, from_s) : line + on_grid(w, at_s)] = state
    values = at(w, k.T_VALUES, i[k.OUTCOMES], i[k.ROW])
    first = at(w, k.T_ASKED_START, 1, VIEWS * channel + view)
    for n in range(i[first], i[first + 1]):
        q = i[at(w, k.T_ASKED, 1, n)]
        asked = at(w, k.T_OUTCOME, k.Q_WIDTH, q)
        if i[spot(asked + k.Q_STATES + state)] == 0:
            continue
        type_, lo, hi = i[asked + k.Q_TYPE], i[asked + k.Q_LO], i[asked + k.Q_HI]
        if type_ == k.STATE_AT:
            # asked at the last second of a day, so a state that ends at midnight counts
            if from_s <= hi - 1 and hi - 1 < at_s:
                i[values + q] = 1
        elif type_ == k.SHARE:
            i[values + q] += max(0, min(at_s, hi) - max(since, lo))
        elif type_ == k.FIRST_TIME:
            if from_s < lo and lo <= at_s:
                i[values + q] = k.HELD_NEVER
        elif i[values + q] < 0 and at_s >= lo:
            i[values + q] = max(0, from_s - lo)


@compiled_part
def enter(w: Arrays, channel: int, view: int, at_s: int, before: int, after: int) -> None:
    """Note the first times of a view's states, where a change of state brings one."""
    i = w.ints
    values = at(w, k.T_VALUES, i[k.OUTCOMES], i[k.ROW])
    first = at(w, k.T_ASKED_START, 1, VIEWS * channel + view)
    for n in range(i[first], i[first + 1]):
        q = i[at(w, k.T_ASKED, 1, n)]
        asked = at(w, k.T_OUTCOME, k.Q_WIDTH, q)
        known, states = i[values + q], asked + k.Q_STATES
        if (
            i[asked + k.Q_TYPE] == k.FIRST_TIME
            and (known == -1 or known == k.HELD_NEVER)
            and at_s >= i[asked + k.Q_LO]
            and i[spot(states + after)] > i[spot(states + before)]
        ):
            i[values + q] += 1 + at_s - i[asked + k.Q_LO]
