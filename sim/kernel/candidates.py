"""The kernel's candidates: which opportunities of a stream are worth weighing.

An opportunity's instant and its uniform follow from its key alone. So a bound tells of most of them
beforehand that they are refused, and only the others, the candidates, take part in the tournament.
Where an event raises a bound, its streams go back to the opportunities that are still to come.
"""

from __future__ import annotations

import math

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_inline, compiled_part, log, uniforms_here
from sim.kernel import memory as k
from sim.kernel.bounds import after_silence, bound, grounds
from sim.kernel.clock import place_key
from sim.kernel.memory import Arrays, at, spot
from sim.kernel.pages import read_page, write_page
from sim.model.bursts import BLOCKS
from sim.scenario.acts import ACTS

ACT_COUNT = len(ACTS)


@compiled_part
def begin_past(w: Arrays) -> None:
    """Let streams bring what they bring in the past of a what-if, from their next entry on."""
    i = w.ints
    i[k.SINCE], i[k.END], i[k.NAMED] = i[k.BEGIN], i[k.AS_OF], k.S_PAST_LO


@compiled_part
def begin_run(w: Arrays) -> None:
    """Let streams bring what they bring in the run, from their next entry on."""
    i = w.ints
    i[k.SINCE], i[k.END], i[k.NAMED] = i[k.AS_OF], i[k.UNTIL], k.S_KEY_LO


@compiled_part
def in_past(w: Arrays) -> bool:
    """Whether streams bring what they bring in the past of a what-if."""
    return bool(w.ints[k.NAMED] == k.S_PAST_LO)


@compiled_part
def draw_ahead(w: Arrays, s: int) -> None:
    """Draw the next opportunities of a stream: when each comes, and the uniform it carries.

    Those of the past may have been drawn already.
    """
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    i[stream + k.S_INDEX] += k.AHEAD
    if i[stream + k.S_PAGE] >= 0:
        read_page(w, s)
        return
    draw(w, s)
    if in_past(w):
        write_page(w, s)


@compiled_inline
def draw(w: Arrays, s: int) -> None:
    """Draw a stream's opportunities from its present number on."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    pace, n = at(w, k.X_PACE, k.PACES, s), int(i[stream + k.S_INDEX])
    first = at(w, k.X_AHEAD, k.AHEAD, s)
    chances, gaps = x[first : first + k.AHEAD], x[k.GAPS : k.GAPS + k.AHEAD]
    lo, hi = int(i[stream + i[k.NAMED]]), int(i[stream + i[k.NAMED] + 1])
    seed, replication = int(i[k.SEED]), int(i[k.REPLICATION])
    for m in range(k.AHEAD):
        # the waiting time and the uniform of the decision are one draw
        gaps[m], chances[m] = uniforms_here(seed, lo, hi, replication, (n + m) * BLOCKS)
    days, rate, run_s = float(x[pace + k.DAYS]), float(x[pace + k.RATE]), i[k.END] - i[k.SINCE]
    ahead_s, bits, rank = i[k.SINCE] - i[k.BEGIN], int(i[k.BITS]), i[k.FIRST_STREAM] + s
    keys = at(w, k.T_AHEAD, k.AHEAD, s)
    for m in range(k.AHEAD):
        # days are summed as the reference sums them, from the start: seconds round otherwise
        days += -log(gaps[m]) / rate
        passed_s = days * float(DAY_S)
        # compared as a float: it may exceed any whole number
        if passed_s >= float(run_s):
            i[keys + m] = i[keys + k.AHEAD - 1] = k.NEVER
            chances[m] = -1.0  # nothing is looked for beyond
            return
        i[keys + m] = int(ahead_s + int(passed_s)) << bits | rank
    x[pace + k.DAYS] = days


@compiled_part
def look_ahead(w: Arrays, s: int) -> None:
    """Let a stream wait for its next candidate; if there is nothing to decide it sleeps.

    The last of what is drawn counts as a candidate: what comes of it is drawn when it has passed,
    so that nothing that is still to come is lost."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    pace, rank = at(w, k.X_PACE, k.PACES, s), i[k.FIRST_STREAM] + s
    keys, chances = at(w, k.T_AHEAD, k.AHEAD, s), at(w, k.X_AHEAD, k.AHEAD, s)
    logit = float(x[pace + k.CEILING])
    x[pace + k.LOOKED] = logit
    if logit == -math.inf:
        place_key(w, rank, k.NEVER)
        return
    m = int(i[stream + k.S_PLACE])
    while m == k.AHEAD or i[spot(keys + m)] < i[k.PASSED]:
        if m == k.AHEAD:
            draw_ahead(w, s)
            m = -1
        m += 1
    i[stream + k.S_PLACE] = m
    if logit < math.inf:
        weight, bits = float(x[pace + k.SILENT]), int(i[k.BITS])
        since = i[stream + k.S_CONTACT] - i[k.BEGIN]
        ahead_s = min(i[k.END] - i[k.BEGIN], i[keys + k.AHEAD - 1] >> bits)
        most = after_silence(logit, weight, ahead_s - since)
        # An example: sixteen calls are drawn, and the bound says that no probability exceeds 0.119
        # until the next event. Their uniforms are 0.61, 0.35, 0.08, ...: the third is the
        # candidate, and only it is put in the tournament. If an event raises the bound to 0.4
        # before the second has come, `refresh` looks again from there, and the second is weighed:
        # nothing is lost.
        while m < k.AHEAD - 1:
            do = x[spot(chances + m)]
            # what silence weighs at the end of the drawn ones bounds what it weighs before
            if do < most and (
                weight == 0.0
                or do < after_silence(logit, weight, (i[spot(keys + m)] >> bits) - since)
            ):
                break
            m += 1
    i[stream + k.S_NEXT] = m
    # a bound that has risen seldom brings another candidate
    key = int(i[spot(keys + m)])
    if i[at(w, k.T_TREE, 1, (1 << int(i[k.BITS])) + rank)] != key:
        place_key(w, rank, key)


@compiled_part
def refresh(w: Arrays) -> None:
    """Find the bounds anew at the pairs where something has changed; where one has risen, go back
    to the opportunities that are still to come."""
    i = w.ints
    for n in range(i[k.CHANGED]):
        dyad = i[at(w, k.T_CHANGED, 1, n)]
        i[at(w, k.T_CHANGED, 1, i[k.DYADS] + dyad)] = 0
        for side in range(i[at(w, k.T_SIDE_START, 1, dyad)], i[at(w, k.T_SIDE_START, 1, dyad + 1)]):
            place = at(w, k.T_SIDE, k.A_WIDTH, side)
            p = grounds(w, int(i[place + k.A_CHANNEL]), int(i[place + k.A_SIDE]))
            for m in range(i[place + k.A_FIRST], i[place + k.A_WIDTH + k.A_FIRST]):
                s = int(i[at(w, k.T_WATCHED, 1, m)])
                if bound(w, s, p) and i[k.LOOKING]:
                    look_ahead(w, s)
    i[k.CHANGED] = 0


@compiled_part
def enter_streams(w: Arrays) -> None:
    """Set when each stream brings its first candidate, from the start of the past or of the run."""
    i, x = w.ints, w.floats
    i[k.LOOKING] = 0
    refresh(w)
    for s in range(i[k.STREAMS]):
        stream, pace = at(w, k.T_STREAM, k.S_WIDTH, s), at(w, k.X_PACE, k.PACES, s)
        # the world's own streams bring nothing in the past: history has its events
        if x[pace + k.RATE] > 0.0 and not (in_past(w) and i[stream + k.S_KIND] >= ACT_COUNT):
            x[pace + k.DAYS], i[stream + k.S_INDEX], i[stream + k.S_PLACE] = 0.0, -k.AHEAD, k.AHEAD
            i[stream + k.S_PAGE] = i[stream + k.S_FIRST_PAGE] if in_past(w) else -1
            look_ahead(w, s)
    i[k.LOOKING] = 1


@compiled_part
def pass_candidate(w: Arrays, s: int) -> tuple[int, float]:
    """Let a stream wait for what comes after its candidate; return its number and its uniform."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    m = i[stream + k.S_NEXT]
    n, do = int(i[stream + k.S_INDEX] + m), float(w.floats[at(w, k.X_AHEAD, 1, k.AHEAD * s + m)])
    i[stream + k.S_PLACE] = m + 1
    look_ahead(w, s)
    return n, do
