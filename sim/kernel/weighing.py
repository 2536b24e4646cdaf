"""How likely a stretch of history is, by the model, with its coded events at given instants.

The factual world is walked through: what was decided and how it was told, what was passed by at
forums, and, between events, the opportunities that nobody took. The sum is the log-likelihood that
`docs/learning.md` derives, at the doctrines' own weights and with every refusal reported; what lies
before and after the stretch does not count. An agreement counts how many of the days until its
meeting the model allows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_part, compiled_rule, exp, log, probability
from sim.kernel import memory as k
from sim.kernel.deciding import ACCEPTS, TELLS, available, likelihood
from sim.kernel.drift import DECISION_COUNT, FEATURE_COUNT, inclination, inclined_row
from sim.kernel.facts import IS_TOLD, apply_fact, ending, meeting_instant, sort_facts
from sim.kernel.features import perceived, write_features
from sim.kernel.folding import SLOT_OF, reset, settle
from sim.kernel.forums import orders
from sim.kernel.memory import Arrays, at
from sim.model.coded import HELD
from sim.model.compiled_scenario import DECIDED, MET, NO_TIME, Floats, Ints
from sim.model.situation import AGREED
from sim.rules import quadrature
from sim.rules.contact import NOTHING
from sim.rules.quadrature import MAX_PIECE_DAYS, MIN_PIECE_S
from sim.rules.telling import AS_IS

step_days = compiled_rule(quadrature.step_days)
NODE = math.sqrt(0.6)
OUTER, INNER = quadrature.SHARES[0], quadrature.SHARES[1]
LOST = 1e-3
"""Opportunities by which a burst may be misjudged within one piece."""
SHORT_DAYS, CALM = 2.0, 0.4
"""A piece has one node where it is no longer than this, in days and in mean delays of bursts."""
IMPOSSIBLE = -1_000.0
"""In the place of the logarithm of a probability of nothing: dates with fewer such events are
likelier, and a chain finds its way to them."""
FRESH, FRESH_DAYS = 0.1, 10.0
"""A shock above the first keeps pieces shorter than the second."""


class Guide(NamedTuple):
    """What a walk looks at: the channels of some pairs of parties, and room for what it notes."""

    asked: Ints
    """[C] 1 for each channel that counts."""
    concerns: Ints
    """[F] 1 for each event that concerns those pairs; others are passed over."""
    stream_start: Ints
    """[C + 1] where each channel's streams of routine opportunities begin in `stream`."""
    stream: Ints
    row_start: Ints
    """[S + 1] where the rows of attention of each stream begin in `row`."""
    row: Ints
    level: Floats
    """[A] opportunities per day of all bursts of a row, at `level_s`."""
    level_s: Ints
    """[A]"""
    forum: Ints
    """Streams of side 0 at the forums of the past, on those channels."""
    passed: Ints
    """Of each of those, 1 where the log holds no approach."""
    brought: Ints
    """[F] 1 for a decision that some stream can bring at all."""
    free: Ints
    """[F] 1 for each date of the block."""
    lead: Ints
    """[F] 1 for an agreement whose meeting may lie as far ahead as the model has it."""
    feature: Floats
    """[2 * features] what each side perceives."""


@compiled_part
def likelihood_between(v: Arrays, g: Guide, x: Ints, from_s: int, to_s: int) -> float:
    """Return the log-likelihood of what lies in [from_s, to_s), with coded events at instants `x`
    [F]; IMPOSSIBLE for each that the model cannot bring about there."""
    i, before, total = v.ints, v.ints[k.BEFORE], 0.0
    for f in range(before):
        i[at(v, k.T_INSTANT, 1, f)] = i[at(v, k.T_WHEN, 1, f)] = x[f]
    i[k.ROW] += 1  # a forum's marks are by row
    reset(v)
    for row in range(len(g.level)):
        g.level[row] = 0.0
    for s in range(i[k.STREAMS]):
        for n in range(2):
            v.floats[at(v, k.X_ASKED, 2, s) + n] = 0.0
    sort_facts(v, 0, before)
    for n in range(before):
        total += agreed(v, g, n, x)
    last = int(i[k.BEGIN])
    for n in range(before):
        f = int(i[at(v, k.T_ORDER, 1, n)])
        if not g.concerns[f]:
            continue
        at_s = int(x[f])
        total -= passed_over(v, g, last, min(at_s, to_s), from_s)
        if at_s >= to_s:
            last = to_s
            break
        if at_s >= from_s:
            total += shown(v, g, f, int(x[f]))
        apply_fact(v, n)
        open_bursts(v, g, f, at_s)
        last = max(last, at_s)
    total -= passed_over(v, g, last, to_s, from_s)
    for n in range(len(g.forum)):
        s = int(g.forum[n])
        stream = at(v, k.T_STREAM, k.S_WIDTH, s)
        late = i[stream + k.S_LATE]
        if g.passed[n] and from_s <= late and late < to_s:
            first, second = orders(v, s, NO_TIME)
            total += log(max(0.5 * (first + second), 1e-300))
    return total


@compiled_part
def open_bursts(v: Arrays, g: Guide, f: int, at_s: int) -> None:
    """Let a coded event open its bursts."""
    i, fact = v.ints, at(v, k.T_FACT, k.F_WIDTH, f)
    for b in range(i[fact + k.F_OPENS], i[fact + k.F_WIDTH + k.F_OPENS]):
        row = i[at(v, k.T_BURST, k.B_WIDTH, b) + k.B_ROW]
        paces = at(v, k.X_ROW, k.R_FLOATS, row)
        fresh = v.floats[paces + k.R_MEAN] / v.floats[paces + k.R_TAU]
        g.level[row] = level_of(v, g, row, at_s) + fresh
        g.level_s[row] = at_s


@compiled_part
def level_of(v: Arrays, g: Guide, row: int, at_s: float) -> float:
    """Return the opportunities per day of all bursts of a row that are open at an instant."""
    level = float(g.level[row])
    if level == 0.0:
        return 0.0
    tau_days = float(v.floats[at(v, k.X_ROW, k.R_FLOATS, row) + k.R_TAU])
    return level * exp(-(at_s - float(g.level_s[row])) / float(DAY_S) / tau_days)


@compiled_part
def rate_of(v: Arrays, g: Guide, s: int, at_s: float) -> float:
    """Return the opportunities per day of a stream at an instant, bursts included."""
    rate = float(v.floats[at(v, k.X_PACE, k.PACES, s) + k.RATE])
    for n in range(g.row_start[s], g.row_start[s + 1]):
        rate += level_of(v, g, g.row[n], at_s)
    return rate


# ------------------------------------------------------------------------------ between events


@compiled_part
def passed_over(v: Arrays, g: Guide, lo_s: int, hi_s: int, from_s: int) -> float:
    """Return how many events were expected in a stretch in which nothing happens; and note with
    what probability each side walked up at forums."""
    i, total = v.ints, 0.0
    while lo_s < hi_s:
        stop = hi_s
        for n in range(len(g.forum)):
            s = int(g.forum[n])
            stream = at(v, k.T_STREAM, k.S_WIDTH, s)
            for late in range(2):
                at_s = int(i[stream + k.S_EARLY + late])
                if at_s == lo_s:
                    walked_up(v, s, at_s, late)
                    walked_up(v, int(i[stream + k.S_PARTNER]), at_s, late)
                elif lo_s < at_s and at_s < stop:
                    stop = at_s
        if stop > from_s:
            for channel in range(i[k.CHANNELS]):
                if g.asked[channel]:
                    total += expected(v, g, channel, max(lo_s, from_s), stop)
        lo_s = stop
    return total


@compiled_part
def walked_up(v: Arrays, s: int, at_s: int, late: int) -> None:
    """Note with what probability a side walks up at one of its moments."""
    i, stream, likely = v.ints, at(v, k.T_STREAM, k.S_WIDTH, s), 0.0
    if available(v, s, at_s):
        act, channel = i[stream + k.S_KIND], i[stream + k.S_CHANNEL]
        likely = likelihood(v, act, channel, i[stream + k.S_SIDE], at_s)
    v.floats[at(v, k.X_ASKED, 2, s) + late] = likely


@compiled_part
def expected(v: Arrays, g: Guide, channel: int, lo_s: int, hi_s: int) -> float:
    """Return how many events are expected on a channel in a stretch in which nothing happens."""
    total = 0.0
    while lo_s < hi_s:
        stop, nodes = piece(v, g, channel, lo_s, hi_s)
        days, middle = float(stop - lo_s) / float(DAY_S), float(lo_s + stop) / 2.0
        half = NODE * float(stop - lo_s) / 2.0
        if nodes == 1:
            total += days * pace(v, g, channel, middle)
        else:
            total += days * OUTER * pace(v, g, channel, middle - half)
            total += days * INNER * pace(v, g, channel, middle)
            total += days * OUTER * pace(v, g, channel, middle + half)
        lo_s = stop
    return total


@compiled_part
def piece(v: Arrays, g: Guide, channel: int, lo_s: int, hi_s: int) -> tuple[int, int]:
    """Return where a piece ends over which a channel's pace is smooth, and how many nodes it
    takes."""
    i, stop = v.ints, hi_s
    fresh, d = False, i[at(v, k.T_CHANNEL, k.C_WIDTH, channel) + k.C_DYAD]
    for side in range(2):
        seen = settle(v, channel, 1 + side, lo_s)
        slot = SLOT_OF[i[seen + k.SEEN_STATE]]
        if slot != NOTHING:
            stop = min(stop, int(i[seen + k.SEEN_UNTIL + slot]))
        shock = at(v, k.X_STOCK, 1, k.MEMORIES * d + k.SHOCK_SLOT + side)
        touched = i[at(v, k.T_DYAD, 1, k.D_WIDTH * d + k.D_TOUCHED + k.SHOCK_SLOT + side)]
        age_s = float(lo_s - touched)
        left = v.floats[shock] * exp(-v.floats[k.DECAY + k.SHOCK_SLOT // 2] * age_s)
        fresh = fresh or left > FRESH
    days, calm = FRESH_DAYS if fresh else MAX_PIECE_DAYS, SHORT_DAYS
    for m in range(g.stream_start[channel], g.stream_start[channel + 1]):
        s = g.stream[m]
        for n in range(g.row_start[s], g.row_start[s + 1]):
            level = level_of(v, g, g.row[n], float(lo_s))
            if level > 0.0:
                tau_days = float(v.floats[at(v, k.X_ROW, k.R_FLOATS, g.row[n]) + k.R_TAU])
                days = min(days, step_days(level * tau_days, tau_days, LOST))
                if level * tau_days > LOST:
                    calm = min(calm, CALM * tau_days)
    stop = min(stop, lo_s + max(MIN_PIECE_S, int(days * float(DAY_S))))
    return stop, 1 if float(stop - lo_s) <= calm * float(DAY_S) else 3


@compiled_part
def pace(v: Arrays, g: Guide, channel: int, at_s: float) -> float:
    """Return how many events per day are expected on a channel at an instant."""
    i, now, total = v.ints, int(at_s), 0.0
    for side in range(2):
        settle(v, channel, 1 + side, now)
        write_features(g.feature, side * FEATURE_COUNT, perceived(v, channel, side, now), 0.0)
    for m in range(g.stream_start[channel], g.stream_start[channel + 1]):
        s = int(g.stream[m])
        if available(v, s, now):
            stream = at(v, k.T_STREAM, k.S_WIDTH, s)
            side, act = i[stream + k.S_SIDE], i[stream + k.S_KIND]
            c = at(v, k.T_CHANNEL, k.C_WIDTH, channel)
            doctrine = i[at(v, k.T_DOCTRINE, 1, i[c + k.C_PARTY + side])]
            row = at(v, k.WEIGHTS, FEATURE_COUNT, doctrine * DECISION_COUNT + act)
            logit = inclination(v, inclined_row(v, i[c + k.C_DYAD], side), act, now)
            mine = side * FEATURE_COUNT
            for n in range(FEATURE_COUNT):
                logit += v.floats[row + n] * g.feature[mine + n]
            total += rate_of(v, g, s, at_s) * probability(logit)
    return total


# ------------------------------------------------------------------------------ events


@compiled_part
def shown(v: Arrays, g: Guide, f: int, at_s: int) -> float:
    """Return the logarithm of how likely a coded event was at an instant."""
    i, fact, past = v.ints, at(v, k.T_FACT, k.F_WIDTH, f), at(v, k.T_PAST, k.P_WIDTH, f)
    channel, role = i[fact + k.F_CHANNEL], i[past + k.P_ROLE]
    if channel < 0 or not g.asked[channel] or (role != DECIDED and role != MET):
        return 0.0
    total, answer, kind = 0.0, i[past + k.P_ANSWER], i[fact + k.F_KIND]
    if role == DECIDED and g.brought[f]:
        likely = decided(v, g, f, at_s, answer)
        if not likely > 0.0:
            return IMPOSSIBLE
        total = log(likely)
    if IS_TOLD[kind] and (answer == 1 or role == MET):
        for side in range(2):
            tells = likelihood(v, TELLS, channel, side, at_s)
            told = tells if i[past + k.P_TOLD + side] == AS_IS else 1.0 - tells
            total += log(max(told, 1e-300))
    return total


@compiled_part
def decided(v: Arrays, g: Guide, f: int, at_s: int, answer: int) -> float:
    """Return the intensity with which a logged decision came, answered as it was."""
    i, past, total = v.ints, at(v, k.T_PAST, k.P_WIDTH, f), 0.0
    for n in range(i[past + k.P_CANDIDATES], i[past + k.P_WIDTH + k.P_CANDIDATES]):
        s = int(i[i[k.T_CANDIDATE] + n])
        if not available(v, s, at_s):
            continue
        stream, taken = at(v, k.T_STREAM, k.S_WIDTH, s), 1.0
        act, channel, side = i[stream + k.S_KIND], i[stream + k.S_CHANNEL], i[stream + k.S_SIDE]
        does = likelihood(v, act, channel, side, at_s)
        if answer >= 0:
            accepts = likelihood(v, ACCEPTS[act], channel, 1 - side, at_s)
            taken = accepts if answer == 1 else 1.0 - accepts
        if i[stream + k.S_FORUM] >= 0:
            first, second = orders(v, s, at_s)
            rate = 0.5 * (first + second)
        else:
            rate = rate_of(v, g, s, float(at_s))
        total += rate * does * taken
    return total


@compiled_part
def agreed(v: Arrays, g: Guide, n: int, x: Ints) -> float:
    """Return, of a decision to meet, the n-th event in order, the logarithm of how many seconds of
    the meeting's date lie as far ahead as the model has it; IMPOSSIBLE where the date passed
    without a word. What no date of the block moves does not count."""
    i, f = v.ints, int(v.ints[at(v, k.T_ORDER, 1, n)])
    fact = at(v, k.T_FACT, k.F_WIDTH, f)
    if i[fact + k.F_KIND] != AGREED or i[at(v, k.T_PAST, k.P_WIDTH, f) + k.P_ROLE] != DECIDED:
        return 0.0
    ends = ending(v, n)
    if not (g.free[f] or (ends >= 0 and g.free[ends])):
        return 0.0
    held = ends >= 0 and i[at(v, k.T_FACT, k.F_WIDTH, ends) + k.F_KIND] == HELD
    if not held and meeting_instant(v, n) == NO_TIME:
        return IMPOSSIBLE
    if not g.lead[f]:
        return 0.0
    lo, hi, wish = i[fact + k.F_MEET_LO], i[fact + k.F_MEET_HI], i[fact + k.F_MEET_WISH]
    if held:
        wish = x[ends]
    if wish != NO_TIME:  # the model holds a meeting at noon of its day
        lo = wish // DAY_S * DAY_S
        hi = lo + DAY_S
    else:
        lo = max(lo, i[k.AS_OF] if ends < 0 else x[ends] + 1)
    least, most = v.floats[k.LEAD_LEAST] * float(DAY_S), v.floats[k.LEAD_MOST] * float(DAY_S)
    early, late = max(float(lo), float(x[f]) + least), min(float(hi), float(x[f]) + most + 1.0)
    return log(late - early) if early < late else IMPOSSIBLE
