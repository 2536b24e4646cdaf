"""The kernel's candidates: which opportunities of a stream are worth weighing.

An opportunity's instant and its uniform follow from its key. A bound of the probability that holds
until the next event at the pair therefore tells most of them beforehand that they are refused, and
only the others, the candidates, take part in the tournament. `docs/design.md` has the proof.
"""

from __future__ import annotations

import math

import numpy as np

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_part, log, uniforms
from sim.kernel import memory as k
from sim.kernel.clock import place_key
from sim.kernel.memory import Arrays, at
from sim.log.log import STATES, SUPPORTS
from sim.model.bursts import BLOCKS
from sim.model.situation import ALIVE, CUT_OFF, SLOT
from sim.scenario.acts import ACT_RULES, CONDITIONS
from sim.scenario.doctrine import DECISIONS, FEATURES, MAX_COUNTED

ALWAYS, NO_MEETING, MEETING, SOMEONE_HELD, OWN_HELD_BY, NOT_CUT, UNSPOKEN = range(len(CONDITIONS))
WHEN = np.array([CONDITIONS.index(rule.when) for rule in ACT_RULES])
"""[acts] when there is anything to decide; a condition that is added fails to unpack here."""
STATE_OF, SLOT_OF = np.array(ALIVE), np.array(SLOT)
SUPPORT_COUNT = len(SUPPORTS)
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


@compiled_part
def ceiling(w: Arrays, s: int) -> float:
    """Return what the logit of a stream's act stays below until the next event at the pair, without
    what silence speaks for it; minus infinity where there is nothing to decide until then.

    What weighs for the act is taken as it was when it was last touched, since it has only decayed;
    what weighs against it as nothing; of the states to which silence may let the channel fall, the
    one that weighs most.
    """
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    act, channel, side = i[stream + k.S_KIND], i[stream + k.S_CHANNEL], i[stream + k.S_SIDE]
    c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    seen, pending, when = c + k.C_SEEN + k.SEEN * (1 + side), i[c + k.C_PENDING], WHEN[act]
    dyad, party, state = i[c + k.C_DYAD], i[c + k.C_PARTY + side], i[seen + k.SEEN_STATE]
    held = at(w, k.T_DYAD, k.D_WIDTH, dyad) + k.D_HELD
    own, other = i[held + side], i[held + 1 - side]
    if (
        (when == NO_MEETING and pending != 0)
        or (when == MEETING and pending == 0)
        or (when == SOMEONE_HELD and own + other == 0)
        or (when == OWN_HELD_BY and own == 0)
        or (when == NOT_CUT and state == CUT_OFF)
    ):
        return -math.inf
    logs = at(w, k.X_STOCK, k.MEMORIES, dyad) + k.LOGS
    row = at(w, k.X_WEIGHT, FEATURE_COUNT, i[i[k.T_DOCTRINE] + party] * DECISION_COUNT + act)
    best = float(x[row + FIRST_STATE + state])
    if state != CUT_OFF:
        ends = i[seen + k.SEEN_UNTIL + SLOT_OF[state]]
        best = max(best, float(x[row + FIRST_STATE + CUT_OFF]))
        for slot in range(SUPPORT_COUNT):
            if i[seen + k.SEEN_UNTIL + slot] > ends:
                best = max(best, float(x[row + FIRST_STATE + STATE_OF[slot]]))
    logit = float(x[row]) + best + ROUNDING
    logit += max(0.0, x[row + GRIEVANCE]) * x[logs + k.GRIEVANCE_SLOT + side]
    logit += max(0.0, x[row + GOODWILL]) * x[logs + k.GOODWILL_SLOT + side]
    logit += max(0.0, x[row + WAR]) * x[logs + k.WAR_SLOT]
    logit += max(0.0, x[row + SHOCK]) * x[logs + k.SHOCK_SLOT + side]
    logit += x[row + OWN_HELD] * float(min(own, MAX_COUNTED))
    logit += x[row + OTHER_HELD] * float(min(other, MAX_COUNTED))
    logit += x[row + TREATY] * float(i[held + k.D_SUSPENDED - k.D_HELD])
    logit += x[row + PENDING] * float(pending)
    return float(logit)


@compiled_part
def longing(w: Arrays, s: int) -> float:
    """Return what silence weighs for a stream's act; 0 where it weighs nothing or against it."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    c = at(w, k.T_CHANNEL, k.C_WIDTH, i[stream + k.S_CHANNEL])
    doctrine = i[i[k.T_DOCTRINE] + i[c + k.C_PARTY + i[stream + k.S_SIDE]]]
    decision = doctrine * DECISION_COUNT + i[stream + k.S_KIND]
    return max(0.0, float(w.floats[at(w, k.X_WEIGHT, FEATURE_COUNT, decision) + SILENCE]))


@compiled_part
def last_contact(w: Arrays, s: int) -> int:
    """Return since when a stream's party has had no contact."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    c = at(w, k.T_CHANNEL, k.C_WIDTH, i[stream + k.S_CHANNEL])
    return int(i[c + k.C_SEEN + k.SEEN * (1 + i[stream + k.S_SIDE]) + k.SEEN_CONTACT])


@compiled_part
def after_silence(logit: float, weight: float, silence_s: int) -> float:
    """Return the bound of a logit, with the months of silence begun, and what it reaches."""
    if weight > 0.0:
        month = max(0, silence_s) // (30 * DAY_S)
        if month >= len(MONTHS):
            return EVERY
        logit += weight * MONTHS[month]
    return reached(logit)


@compiled_part
def out_of_reach(w: Arrays, s: int, at_s: int, do: float) -> bool:
    """Whether a uniform surely lies above the probability of a stream's act, by its bound."""
    i = w.ints
    forum = i[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_FORUM] >= 0
    # a forum asks once, so its bound is not kept
    logit = ceiling(w, s) if forum else float(w.floats[at(w, k.X_PACE, k.PACES, s) + k.CEILING])
    weight = longing(w, s)
    silence_s = at_s - last_contact(w, s) if weight > 0.0 else 0
    return bool(do >= after_silence(logit, weight, silence_s))


@compiled_part
def draw_ahead(w: Arrays, s: int) -> None:
    """Draw the next opportunities of a stream: when each comes, and the uniform it carries."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    pace, keys = at(w, k.X_PACE, k.PACES, s), at(w, k.T_AHEAD, k.AHEAD, s)
    chances, n = at(w, k.X_AHEAD, k.AHEAD, s), int(i[stream + k.S_INDEX]) + k.AHEAD
    i[stream + k.S_INDEX] = n
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    seed, replication, bits = int(i[k.SEED]), int(i[k.REPLICATION]), int(i[k.BITS])
    days, rate, run_s = float(x[pace + k.DAYS]), float(x[pace + k.RATE]), i[k.UNTIL] - i[k.SINCE]
    ahead_s, rank = i[k.SINCE] - i[k.BEGIN], i[k.FIRST_STREAM] + s
    for m in range(k.AHEAD):
        # the waiting time and the uniform of the decision are one draw
        gap, do = uniforms(seed, lo, hi, replication, (n + m) * BLOCKS)
        # days are summed as the reference sums them, from the start: seconds round otherwise
        days += -log(gap) / rate
        passed_s = days * float(DAY_S)
        # compared as a float: it may exceed any whole number
        if passed_s >= float(run_s):
            i[keys + m] = i[keys + k.AHEAD - 1] = k.NEVER
            x[chances + m] = -1.0  # nothing is looked for beyond
            return
        i[keys + m], x[chances + m] = int(ahead_s + int(passed_s)) << bits | rank, do
    x[pace + k.DAYS] = days


@compiled_part
def look_ahead(w: Arrays, s: int, each: bool) -> None:
    """Let a stream wait for its next candidate, or for each opportunity; if there is nothing to
    decide it sleeps. The last of what is drawn counts as a candidate: what comes of it is drawn
    when it has passed, so that nothing that is still to come is lost."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    pace, keys, chances = (
        at(w, k.X_PACE, k.PACES, s),
        at(w, k.T_AHEAD, k.AHEAD, s),
        at(w, k.X_AHEAD, k.AHEAD, s),
    )
    logit, rank = float(x[pace + k.CEILING]), i[k.FIRST_STREAM] + s
    x[pace + k.LOOKED] = logit
    if logit == -math.inf and not each:
        place_key(w, rank, k.NEVER)
        return
    m = int(i[stream + k.S_PLACE])
    while m == k.AHEAD or i[keys + m] < i[k.PASSED]:
        if m == k.AHEAD:
            draw_ahead(w, s)
            m = -1
        m += 1
    i[stream + k.S_PLACE] = m
    if not each and logit < math.inf:
        weight, bits, begin = longing(w, s), int(i[k.BITS]), i[k.BEGIN]
        since = last_contact(w, s)
        i[stream + k.S_CONTACT] = since
        end_s = min(i[k.UNTIL], begin + (i[keys + k.AHEAD - 1] >> bits))
        most = after_silence(logit, weight, end_s - since)
        while m < k.AHEAD - 1:
            do = x[chances + m]
            if do < most:
                # what silence weighs at the end of the drawn ones bounds what it weighs before
                at_s = begin + (i[keys + m] >> bits)
                if weight == 0.0 or do < after_silence(logit, weight, at_s - since):
                    break
            m += 1
    i[stream + k.S_NEXT] = m
    place_key(w, rank, i[keys + m])


@compiled_part
def refresh(w: Arrays) -> None:
    """Find the bounds anew at the pairs where something has changed; where one has risen, go back
    to the opportunities that are still to come."""
    i, x = w.ints, w.floats
    for n in range(i[k.STIRRED]):
        dyad = i[i[k.T_STIRRED] + n]
        i[i[k.T_STIRRED] + i[k.DYADS] + dyad] = 0
        first = at(w, k.T_WATCHED_START, 1, dyad)
        for m in range(i[first], i[first + 1]):
            s = i[i[k.T_WATCHED] + m]
            pace, logit = at(w, k.X_PACE, k.PACES, s), ceiling(w, s)
            x[pace + k.CEILING] = logit
            if i[k.LOOKING] and (
                logit > x[pace + k.LOOKED]
                or last_contact(w, s) < i[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_CONTACT]
            ):
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
