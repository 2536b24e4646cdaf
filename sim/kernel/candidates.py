"""The kernel's candidates: which opportunities of a stream are worth weighing.

An opportunity's instant and its uniform follow from its key. A bound of the probability that holds
until the next event at the pair therefore tells most of them beforehand that they are refused, and
only the others, the candidates, take part in the tournament. `docs/design.md` has the proof.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_inline, compiled_part, log, uniforms_here
from sim.kernel import memory as k
from sim.kernel.clock import place_key
from sim.kernel.memory import Arrays, at
from sim.log.log import STATES
from sim.model.bursts import BLOCKS
from sim.model.situation import ALIVE, CUT_OFF, SLOT
from sim.scenario.acts import ACT_RULES, CONDITIONS
from sim.scenario.doctrine import DECISIONS, FEATURES, MAX_COUNTED

ALWAYS, NO_MEETING, MEETING, SOMEONE_HELD, OWN_HELD_BY, NOT_CUT, UNSPOKEN = range(len(CONDITIONS))
WHEN = np.array([CONDITIONS.index(rule.when) for rule in ACT_RULES])
"""[acts] when there is anything to decide; a condition that is added fails to unpack here."""
STATE_OF, SLOT_OF = np.array(ALIVE), np.array(SLOT)
DECISION_COUNT, FEATURE_COUNT = len(DECISIONS), len(FEATURES)
FIRST_STATE = FEATURES.index(STATES[0])
GRIEVANCE, GOODWILL = FEATURES.index("grievance"), FEATURES.index("goodwill")
WAR, SHOCK = FEATURES.index("war"), FEATURES.index("shock")
OWN_HELD, OTHER_HELD = FEATURES.index("own_held"), FEATURES.index("other_held")
TREATY, PENDING = FEATURES.index("treaty_suspended"), FEATURES.index("meeting_pending")
SILENCE = FEATURES.index("silence")
"""Places of the weights in a row of a doctrine."""
LEAST, MOST, STEPS = -50, 8, 8
"""The logits between which a bound is looked up, and its steps in one; below the least no uniform
is low enough, and above the most every opportunity is weighed."""
REACHES = 1.0 / (1.0 + np.exp(-(LEAST + np.arange((MOST - LEAST) * STEPS + 2) / STEPS)))
"""What a logit up to each step can reach at most."""
EVERY = 2.0
"""A bound above every uniform."""
MONTHS = np.log(1.0 + np.arange(1, 2_000))
"""What `silence` is worth after so many months begun, at most."""
ROUNDING = 1e-9
"""More than all rounding in the sum of a logit."""


@compiled_part
def reached(logit: float) -> float:
    """Return what no probability of at most such a logit exceeds."""
    if not logit < float(MOST):
        return EVERY
    step = int((max(logit, float(LEAST)) - float(LEAST)) * float(STEPS))
    return float(REACHES[step + 1])


class Standing(NamedTuple):
    """What the bounds of all acts of one side on a channel come of."""

    weights: int
    """Where the rows of its doctrine begin."""
    state: int
    falls: tuple[int, int, int, int]
    """To which states silence may let the channel fall before the run ends; else its own state."""
    grievance: float
    goodwill: float
    war: float
    shock: float
    own: int
    other: int
    suspended: int
    pending: int
    contact_s: int


@compiled_inline
def standing(w: Arrays, channel: int, side: int) -> Standing:
    """Return what a side's bounds come of until the next event at the pair.

    Memories are taken as they were when they were last touched, since they have only decayed.
    """
    i, x, c = w.ints, w.floats, at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    dyad, seen = i[c + k.C_DYAD], c + k.C_SEEN + k.SEEN * (1 + side)
    d, logs = at(w, k.T_DYAD, k.D_WIDTH, dyad), at(w, k.X_STOCK, k.MEMORIES, dyad) + k.LOGS
    state, expiry = int(i[seen + k.SEEN_STATE]), seen + k.SEEN_UNTIL
    ends = i[expiry + SLOT_OF[state]] if state != CUT_OFF else k.NEVER
    lapses = ends < i[k.UNTIL]
    doctrine = i[i[k.T_DOCTRINE] + i[c + k.C_PARTY + side]]
    return Standing(
        at(w, k.X_WEIGHT, FEATURE_COUNT, doctrine * DECISION_COUNT),
        state,
        (
            CUT_OFF if lapses else state,
            int(STATE_OF[0]) if lapses and i[expiry] > ends else state,
            int(STATE_OF[1]) if lapses and i[expiry + 1] > ends else state,
            int(STATE_OF[2]) if lapses and i[expiry + 2] > ends else state,
        ),
        float(x[logs + k.GRIEVANCE_SLOT + side]),
        float(x[logs + k.GOODWILL_SLOT + side]),
        float(x[logs + k.WAR_SLOT]),
        float(x[logs + k.SHOCK_SLOT + side]),
        int(i[d + k.D_HELD + side]),
        int(i[d + k.D_HELD + 1 - side]),
        int(i[d + k.D_SUSPENDED]),
        int(i[c + k.C_PENDING]),
        int(i[seen + k.SEEN_CONTACT]),
    )


@compiled_inline
def idle(act: int, p: Standing) -> bool:
    """Whether there is nothing to decide about an act until the next event at the pair."""
    when = WHEN[act]
    if when == NO_MEETING:
        return p.pending != 0
    if when == MEETING:
        return p.pending == 0
    if when == SOMEONE_HELD:
        return p.own + p.other == 0
    if when == OWN_HELD_BY:
        return p.own == 0
    return bool(when == NOT_CUT and p.state == CUT_OFF)


@compiled_inline
def ceiling(w: Arrays, act: int, p: Standing) -> float:
    """Return what the logit of an act stays below until the next event at the pair, without what
    silence speaks for it.

    What weighs for the act is taken as it was, what weighs against it as nothing; of the states
    that the channel may be in, the one that weighs most.
    """
    x, row = w.floats, p.weights + FEATURE_COUNT * act
    best = x[row + FIRST_STATE + p.state]
    for state in p.falls:
        best = max(best, x[row + FIRST_STATE + state])
    logit = x[row] + best + ROUNDING
    logit += max(0.0, x[row + GRIEVANCE]) * p.grievance + max(0.0, x[row + GOODWILL]) * p.goodwill
    logit += max(0.0, x[row + WAR]) * p.war + max(0.0, x[row + SHOCK]) * p.shock
    logit += x[row + OWN_HELD] * float(min(p.own, MAX_COUNTED))
    logit += x[row + OTHER_HELD] * float(min(p.other, MAX_COUNTED))
    logit += x[row + TREATY] * float(p.suspended) + x[row + PENDING] * float(p.pending)
    return float(logit)


@compiled_part
def after_silence(logit: float, weight: float, silence_s: int) -> float:
    """Return the bound of a logit, with the months of silence begun, and what it reaches."""
    if weight > 0.0:
        month = max(0, silence_s) // (30 * DAY_S)
        if month >= len(MONTHS):
            return EVERY
        logit += weight * MONTHS[month]
    return reached(logit)


@compiled_inline
def bound(w: Arrays, s: int, p: Standing) -> bool:
    """Find a stream's bound anew; say whether it may have risen since the stream looked ahead."""
    i, x = w.ints, w.floats
    pace, stream = at(w, k.X_PACE, k.PACES, s), at(w, k.T_STREAM, k.S_WIDTH, s)
    act = int(i[stream + k.S_KIND])
    logit = -math.inf if idle(act, p) else ceiling(w, act, p)
    longing = max(0.0, x[p.weights + FEATURE_COUNT * act + SILENCE])
    rises = logit > x[pace + k.LOOKED] or longing > x[pace + k.LONGING]
    rises = rises or p.contact_s < i[stream + k.S_CONTACT]
    x[pace + k.CEILING], x[pace + k.LONGING] = logit, longing
    i[stream + k.S_CONTACT] = p.contact_s
    return bool(rises)


@compiled_part
def out_of_reach(w: Arrays, s: int, at_s: int, do: float) -> bool:
    """Whether a uniform surely lies above the probability of a stream's act, by its bound."""
    i, x, pace = w.ints, w.floats, at(w, k.X_PACE, k.PACES, s)
    stream = at(w, k.T_STREAM, k.S_WIDTH, s)
    if i[stream + k.S_FORUM] >= 0:  # it asks once, so no bound is kept for it
        bound(w, s, standing(w, int(i[stream + k.S_CHANNEL]), int(i[stream + k.S_SIDE])))
    silence_s = at_s - i[stream + k.S_CONTACT]
    return bool(do >= after_silence(x[pace + k.CEILING], x[pace + k.LONGING], silence_s))


@compiled_part
def draw_ahead(w: Arrays, s: int) -> None:
    """Draw the next opportunities of a stream: when each comes, and the uniform it carries."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    pace, n = at(w, k.X_PACE, k.PACES, s), int(i[stream + k.S_INDEX]) + k.AHEAD
    i[stream + k.S_INDEX] = n
    first = at(w, k.X_AHEAD, k.AHEAD, s)
    chances, gaps = x[first : first + k.AHEAD], x[k.GAPS : k.GAPS + k.AHEAD]
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    seed, replication = int(i[k.SEED]), int(i[k.REPLICATION])
    for m in range(k.AHEAD):
        # the waiting time and the uniform of the decision are one draw
        gaps[m], chances[m] = uniforms_here(seed, lo, hi, replication, (n + m) * BLOCKS)
    days, rate, run_s = float(x[pace + k.DAYS]), float(x[pace + k.RATE]), i[k.UNTIL] - i[k.SINCE]
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
def look_ahead(w: Arrays, s: int, each: bool) -> None:
    """Let a stream wait for its next candidate, or for each opportunity; if there is nothing to
    decide it sleeps. The last of what is drawn counts as a candidate: what comes of it is drawn
    when it has passed, so that nothing that is still to come is lost."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    pace, rank = at(w, k.X_PACE, k.PACES, s), i[k.FIRST_STREAM] + s
    keys, chances = at(w, k.T_AHEAD, k.AHEAD, s), at(w, k.X_AHEAD, k.AHEAD, s)
    logit = math.inf if each else float(x[pace + k.CEILING])
    x[pace + k.LOOKED] = logit
    if logit == -math.inf:
        place_key(w, rank, k.NEVER)
        return
    m = int(i[stream + k.S_PLACE])
    while m == k.AHEAD or i[keys + m] < i[k.PASSED]:
        if m == k.AHEAD:
            draw_ahead(w, s)
            m = -1
        m += 1
    i[stream + k.S_PLACE] = m
    if logit < math.inf:
        weight, bits = float(x[pace + k.LONGING]), int(i[k.BITS])
        since = i[stream + k.S_CONTACT] - i[k.BEGIN]
        ahead_s = min(i[k.UNTIL] - i[k.BEGIN], i[keys + k.AHEAD - 1] >> bits)
        most = after_silence(logit, weight, ahead_s - since)
        while m < k.AHEAD - 1:
            do = x[chances + m]
            # what silence weighs at the end of the drawn ones bounds what it weighs before
            if do < most and (
                weight == 0.0 or do < after_silence(logit, weight, (i[keys + m] >> bits) - since)
            ):
                break
            m += 1
    i[stream + k.S_NEXT] = m
    place_key(w, rank, i[keys + m])


@compiled_part
def refresh(w: Arrays) -> None:
    """Find the bounds anew at the pairs where something has changed; where one has risen, go back
    to the opportunities that are still to come."""
    i = w.ints
    for n in range(i[k.STIRRED]):
        dyad = i[i[k.T_STIRRED] + n]
        i[i[k.T_STIRRED] + i[k.DYADS] + dyad] = 0
        for side in range(i[at(w, k.T_SIDE_START, 1, dyad)], i[at(w, k.T_SIDE_START, 1, dyad + 1)]):
            place = at(w, k.T_SIDE, k.A_WIDTH, side)
            p = standing(w, int(i[place + k.A_CHANNEL]), int(i[place + k.A_SIDE]))
            for m in range(i[place + k.A_FIRST], i[place + k.A_WIDTH + k.A_FIRST]):
                s = int(i[i[k.T_WATCHED] + m])
                if bound(w, s, p) and i[k.LOOKING]:
                    look_ahead(w, s, False)
    i[k.STIRRED] = 0


@compiled_part
def enter_streams(w: Arrays, each: bool) -> None:
    """Set when each stream brings its first candidate, or its first opportunity."""
    i, x = w.ints, w.floats
    refresh(w)
    for s in range(i[k.STREAMS]):
        stream, pace = at(w, k.T_STREAM, k.S_WIDTH, s), at(w, k.X_PACE, k.PACES, s)
        if x[pace + k.RATE] > 0.0:
            x[pace + k.DAYS], i[stream + k.S_INDEX], i[stream + k.S_PLACE] = 0.0, -k.AHEAD, k.AHEAD
            look_ahead(w, s, each)
    i[k.LOOKING] = 0 if each else 1


@compiled_part
def pass_candidate(w: Arrays, s: int, each: bool) -> tuple[int, float]:
    """Let a stream wait for what comes after its candidate; return its number and its uniform."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    m = i[stream + k.S_NEXT]
    n, do = int(i[stream + k.S_INDEX] + m), float(w.floats[at(w, k.X_AHEAD, k.AHEAD, s) + m])
    i[stream + k.S_PLACE] = m + 1
    look_ahead(w, s, each)
    return n, do
