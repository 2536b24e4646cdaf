"""The kernel's bounds: what no probability of an act exceeds until the next event at the pair.

A bound costs neither an exponential nor a logarithm. It is found from the weights in force, for all
acts of one side on a channel together. `docs/design.md` has the proof that no bit depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.ground.draws import compiled_inline, compiled_part, compiled_rule
from sim.kernel import memory as k
from sim.kernel.drift import (
    DECISION_COUNT,
    FEATURE_COUNT,
    highest_inclination,
    inclined_row,
)
from sim.kernel.features import Link, Sum, chained, perceived
from sim.kernel.memory import Arrays, at, spot
from sim.log.log import STATES
from sim.model.situation import ALIVE, SLOT
from sim.rules import conditions, contact
from sim.rules.features import (
    FEATURE_RULES,
    FEATURES,
    LAPSED,
    MONTH_S,
    Perceived,
    of_silence,
)
from sim.scenario.acts import ACT_RULES

lapsed, may_decide = compiled_rule(contact.lapsed), compiled_rule(conditions.available)

WHEN = np.array([rule.condition for rule in ACT_RULES])
"""[acts] when there is anything to decide: a code of `sim.rules.conditions`."""
STATE_OF, SLOT_OF = np.array(ALIVE), np.array([*SLOT, contact.NOTHING])
"""The states that contact keeps alive, and their places by how a channel stands."""
FIRST_STATE, SILENCE = FEATURES.index(STATES[0]), FEATURES.index("silence")
"""Places of weights in a row of a doctrine."""
LEAST, MOST, STEPS = -50, 8, 8
"""The logits between which a bound is looked up, and its steps in one; below the least no uniform
is low enough, and above the most every opportunity is weighed."""
REACHES = 1.0 / (1.0 + np.exp(-(LEAST + np.arange((MOST - LEAST) * STEPS + 2) / STEPS)))
"""What a logit up to each step can reach at most."""
EVERY = 2.0
"""A bound above every uniform."""
MONTHS = np.array([of_silence(n * MONTH_S) for n in range(1, 2_000)])
"""What `silence` is worth after so many months begun, at most."""
ROUNDING = 1e-9
"""More than all rounding in the sum of a logit."""


@compiled_part
def reached(logit: float) -> float:
    """Return what no probability of at most such a logit exceeds."""
    if not logit < float(MOST):
        return EVERY
    # A logit of -2.1 lies in step 383 of the table, which ends at -2.0: the probability, 0.109, is
    # at most 0.119. Every uniform of 0.119 or more is refused without an exponential.
    step = int((max(logit, float(LEAST)) - float(LEAST)) * float(STEPS))
    return float(REACHES[step + 1])


LEVELED = [n for n, r in enumerate(FEATURE_RULES) if r.bound not in ("state", "silence")]
"""The features that have a level until the next event at the pair. What the state weighs, and how
silence grows, is found apart."""
MEMORY_SLOT = {
    "grievance": k.GRIEVANCE_SLOT,
    "goodwill": k.GOODWILL_SLOT,
    "war": k.WAR_SLOT,
    "shock": k.SHOCK_SLOT,
}
"""Where the logarithm of each memory stands; war has no sides."""


Levels = Callable[[Arrays, int, int, Perceived], tuple[float, ...]]


def _levels(places: list[int]) -> Levels:
    """Compile the tuple of the levels of some features, one before those after it."""
    if not places:

        @compiled_inline
        def none(w: Arrays, logs: int, side: int, p: Perceived) -> tuple[()]:
            return ()

        return none
    rule, rest = FEATURE_RULES[places[0]], _levels(places[1:])
    value, slot = compiled_rule(rule.value), MEMORY_SLOT.get(rule.name, 0)
    sides = 0 if slot == k.WAR_SLOT else 1
    most = rule.bound if isinstance(rule.bound, float) else 0.0

    def as_it_is(w: Arrays, logs: int, side: int, p: Perceived) -> tuple[float, ...]:
        return (float(value(p)),) + rest(w, logs, side, p)  # noqa: RUF005

    def as_it_was(w: Arrays, logs: int, side: int, p: Perceived) -> tuple[float, ...]:
        # taken as it was when it was last touched: it has only decayed
        return (float(w.floats[spot(logs + slot + sides * side)]),) + rest(w, logs, side, p)  # noqa: RUF005

    def at_most(w: Arrays, logs: int, side: int, p: Perceived) -> tuple[float, ...]:
        return (most,) + rest(w, logs, side, p)  # noqa: RUF005

    kinds = {"steady": as_it_is, "memory": as_it_was}
    return compiled_inline(kinds.get(str(rule.bound), at_most))


levels_of = _levels(LEVELED)


class Grounds(NamedTuple):
    """What the bounds of all acts of one side on a channel come of."""

    weights: int
    """Where the rows of its doctrine begin."""
    seen: Perceived
    """What the side perceives, at any instant until the next event."""
    lapses: bool
    """Whether silence may let the channel fall to another state before the run ends ..."""
    ends_s: int
    """... and when it does: it falls to a state that is alive longer, or is cut off ..."""
    until: int
    """... and where it stands until when each is."""
    levels: tuple[float, ...]
    """What each of `LEVELED` is worth: a steady one as it is, others at most."""
    inclined: int
    """The row of its inclination towards the other; -1 for none."""


@compiled_inline
def grounds(w: Arrays, channel: int, side: int) -> Grounds:
    """Return what a side's bounds come of until the next event at the pair."""
    i, c = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    until = spot(c + k.C_SEEN + k.SEEN * (1 + side)) + k.SEEN_UNTIL
    seen = perceived(w, channel, side, 0)
    kind = SLOT_OF[seen.standing]
    ends = i[spot(until + kind)]
    lapses = lapsed(kind, ends, i[k.UNTIL] - 1)
    doctrine = i[at(w, k.T_DOCTRINE, 1, i[spot(c + k.C_PARTY + side)])]
    logs = at(w, k.X_STOCK, k.MEMORIES, i[c + k.C_DYAD]) + k.LOGS
    return Grounds(
        at(w, k.WEIGHTS, FEATURE_COUNT, doctrine * DECISION_COUNT),
        seen,
        lapses,
        int(ends),
        until,
        levels_of(w, logs, side, seen),
        inclined_row(w, i[c + k.C_DYAD], side),
    )


@compiled_inline
def idle(act: int, p: Grounds) -> bool:
    """Whether there is nothing to decide about an act until the next event at the pair."""
    seen = p.seen
    pending, cut_off = seen.meeting_pending != 0, SLOT_OF[seen.standing] == contact.NOTHING
    own, other = seen.own_held, seen.other_held
    if may_decide(WHEN[act], pending, own, other, cut_off, False):
        return False
    # silence may cut the channel off, and give something to decide where there was nothing
    return not (p.lapses and may_decide(WHEN[act], pending, own, other, True, False))


@compiled_inline
def at_least_0(weight: float) -> float:
    """Return a weight; 0 for one below it."""
    return weight if weight > 0.0 else 0.0


def _best_state(rest: Sum) -> Sum:
    """Put the highest weight among those of the states that the channel may be in before a sum."""

    def best_state(w: Arrays, row: int, p: Grounds, total: float) -> float:
        x = w.floats
        # Open now, and silence ends that in 20 days, when what is left is "prisoner only": the
        # bound holds until the next event, so it takes the highest weight of open, prisoner only,
        # lapsed.
        best = x[spot(row + FIRST_STATE + p.seen.standing)]
        if p.lapses:
            best = max(best, x[spot(row + FIRST_STATE + LAPSED)])
            for slot in range(len(STATE_OF)):
                if w.ints[p.until + slot] > p.ends_s:
                    best = max(best, x[spot(row + FIRST_STATE + STATE_OF[slot])])
        return rest(w, row, p, total + best)

    return best_state


def _highest(m: int) -> Link:
    """Return the link of what the m-th of `LEVELED` adds to a logit at most."""
    n = LEVELED[m]
    steady = FEATURE_RULES[n].bound == "steady"

    def link(rest: Sum) -> Sum:
        def as_it_is(w: Arrays, row: int, p: Grounds, total: float) -> float:
            return rest(w, row, p, total + w.floats[row + n] * p.levels[m])

        def at_most(w: Arrays, row: int, p: Grounds, total: float) -> float:
            return rest(w, row, p, total + at_least_0(w.floats[row + n]) * p.levels[m])

        return as_it_is if steady else at_most

    return link


highest = chained([_best_state, *map(_highest, range(len(LEVELED)))])


@compiled_inline
def ceiling(w: Arrays, act: int, p: Grounds) -> float:
    """Return what the logit of an act stays below until the next event at the pair, without what
    silence speaks for it."""
    most = highest_inclination(w, p.inclined, act)
    return float(highest(w, spot(p.weights + FEATURE_COUNT * act), p, most + ROUNDING))


@compiled_part
def after_silence(logit: float, weight: float, silence_s: int) -> float:
    """Return the bound of a logit, with the months of silence begun, and what it reaches."""
    if weight > 0.0:
        # silence weighs log(1 + months), and grows: of 75 days the bound takes 3 whole months, log
        # 4
        month = max(0, silence_s) // MONTH_S
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
    rises = rises or p.seen.contact_s < i[stream + k.S_CONTACT]
    x[pace + k.CEILING], x[pace + k.SILENT] = logit, silent
    i[stream + k.S_CONTACT] = p.seen.contact_s
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
