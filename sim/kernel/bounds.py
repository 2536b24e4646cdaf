"""The kernel's bounds: what no probability of an act exceeds until the next event at the pair.

A bound costs neither an exponential nor a logarithm. It is found from the weights in force, for all
acts of one side on a channel together. `docs/design.md` has the proof that no bit depends on it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_inline, compiled_part, compiled_rule
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at, spot
from sim.log.log import STATES
from sim.model.situation import ALIVE, CUT_OFF, SLOT
from sim.rules import conditions, contact
from sim.scenario.acts import ACT_RULES
from sim.scenario.doctrine import DECISIONS, FEATURES, MAX_COUNTED

lapsed, may_decide = compiled_rule(contact.lapsed), compiled_rule(conditions.available)

WHEN = np.array([rule.condition for rule in ACT_RULES])
"""[acts] when there is anything to decide: a code of `sim.rules.conditions`."""
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


class Grounds(NamedTuple):
    """What the bounds of all acts of one side on a channel come of."""

    weights: int
    """Where the rows of its doctrine begin."""
    state: int
    lapses: bool
    """Whether silence may let the channel fall to another state before the run ends ..."""
    falls: tuple[int, int, int, int]
    """... and to which; in the place of one that it cannot fall to, its own."""
    grievance: float
    goodwill: float
    war: float
    shock: float
    own: float
    """Nationals held by the other side, up to the most that is counted ..."""
    other: float
    """... and the other's."""
    suspended: float
    pending: float
    contact_s: int


@compiled_inline
def grounds(w: Arrays, channel: int, side: int) -> Grounds:
    """Return what a side's bounds come of until the next event at the pair.

    Memories are taken as they were when they were last touched, since they have only decayed.
    """
    i, x, c = w.ints, w.floats, at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    dyad, seen = i[c + k.C_DYAD], spot(c + k.C_SEEN + k.SEEN * (1 + side))
    held = at(w, k.T_DYAD, k.D_WIDTH, dyad) + k.D_HELD
    logs = at(w, k.X_STOCK, k.MEMORIES, dyad) + k.LOGS
    mine = spot(logs + side)
    state, expiry = int(i[seen + k.SEEN_STATE]), seen + k.SEEN_UNTIL
    ends = i[spot(expiry + SLOT_OF[state])]
    lapses = lapsed(SLOT_OF[state], ends, i[k.UNTIL] - 1)
    doctrine = i[at(w, k.T_DOCTRINE, 1, i[spot(c + k.C_PARTY + side)])]
    return Grounds(
        at(w, k.WEIGHTS, FEATURE_COUNT, doctrine * DECISION_COUNT),
        state,
        lapses,
        (
            CUT_OFF if lapses else state,
            int(STATE_OF[0]) if lapses and i[expiry] > ends else state,
            int(STATE_OF[1]) if lapses and i[expiry + 1] > ends else state,
            int(STATE_OF[2]) if lapses and i[expiry + 2] > ends else state,
        ),
        float(x[mine + k.GRIEVANCE_SLOT]),
        float(x[mine + k.GOODWILL_SLOT]),
        float(x[logs + k.WAR_SLOT]),
        float(x[mine + k.SHOCK_SLOT]),
        float(min(int(i[spot(held + side)]), MAX_COUNTED)),
        float(min(int(i[spot(held + 1 - side)]), MAX_COUNTED)),
        float(i[at(w, k.T_DYAD, k.D_WIDTH, dyad) + k.D_SUSPENDED]),
        float(i[c + k.C_PENDING]),
        int(i[seen + k.SEEN_CONTACT]),
    )


@compiled_inline
def idle(act: int, p: Grounds) -> bool:
    """Whether there is nothing to decide about an act until the next event at the pair."""
    own, other = int(p.own), int(p.other)
    return not may_decide(WHEN[act], p.pending != 0.0, own, other, p.state == CUT_OFF, False)


@compiled_inline
def at_least_0(weight: float) -> float:
    """Return a weight; 0 for one below it."""
    return weight if weight > 0.0 else 0.0


@compiled_inline
def ceiling(w: Arrays, act: int, p: Grounds) -> float:
    """Return what the logit of an act stays below until the next event at the pair, without what
    silence speaks for it.

    What weighs for the act is taken as it was, what weighs against it as nothing; of the states
    that the channel may be in, the one that weighs most.
    """
    x, row = w.floats, spot(p.weights + FEATURE_COUNT * act)
    best = x[spot(row + FIRST_STATE + p.state)]
    if p.lapses:
        for state in p.falls:
            best = max(best, x[spot(row + FIRST_STATE + state)])
    logit = x[row] + best + ROUNDING
    logit += at_least_0(x[row + GRIEVANCE]) * p.grievance
    logit += at_least_0(x[row + GOODWILL]) * p.goodwill
    logit += at_least_0(x[row + WAR]) * p.war
    logit += at_least_0(x[row + SHOCK]) * p.shock
    logit += x[row + OWN_HELD] * p.own
    logit += x[row + OTHER_HELD] * p.other
    logit += x[row + TREATY] * p.suspended
    logit += x[row + PENDING] * p.pending
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
def bound(w: Arrays, s: int, p: Grounds) -> bool:
    """Find a stream's bound anew; say whether it may have risen since the stream looked ahead."""
    i, x = w.ints, w.floats
    pace, stream = at(w, k.X_PACE, k.PACES, s), at(w, k.T_STREAM, k.S_WIDTH, s)
    act = spot(i[stream + k.S_KIND])
    logit = -math.inf if idle(act, p) else ceiling(w, act, p)
    silent = at_least_0(x[spot(p.weights + FEATURE_COUNT * act) + SILENCE])
    rises = logit > x[pace + k.LOOKED] or silent > x[pace + k.SILENT]
    rises = rises or p.contact_s < i[stream + k.S_CONTACT]
    x[pace + k.CEILING], x[pace + k.SILENT] = logit, silent
    i[stream + k.S_CONTACT] = p.contact_s
    return bool(rises)


@compiled_part
def out_of_reach(w: Arrays, s: int, at_s: int, do: float) -> bool:
    """Whether a uniform surely lies above the probability of a stream's act, by its bound."""
    i, x, pace = w.ints, w.floats, at(w, k.X_PACE, k.PACES, s)
    stream = at(w, k.T_STREAM, k.S_WIDTH, s)
    if i[stream + k.S_FORUM] >= 0:  # it asks once, so no bound is kept for it
        bound(w, s, grounds(w, int(i[stream + k.S_CHANNEL]), int(i[stream + k.S_SIDE])))
    silence_s = at_s - i[stream + k.S_CONTACT]
    return bool(do >= after_silence(x[pace + k.CEILING], x[pace + k.SILENT], silence_s))
