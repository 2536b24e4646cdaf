"""The kernel's decisions: what happens at an opportunity, and what a world draws for it.

The uniforms of an opportunity are drawn block by block as the stages of the decision need them. A
caller may give some in their stead: `given` is where four of them begin in `floats`, DRAWN where
none is given. That is how a what-if replays the noise that history implies.
"""

from __future__ import annotations

from math import isnan

import numpy as np

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_part, compiled_rule, probability, uniforms
from sim.kernel import memory as k
from sim.kernel.bounds import WHEN, may_decide, out_of_reach
from sim.kernel.clock import schedule
from sim.kernel.drift import DECISION_COUNT, FEATURE_COUNT, inclination, inclined_row
from sim.kernel.facts import answered, apply_fact, due, emit, expect, log_frees, logged_as
from sim.kernel.features import logit_of, perceived
from sim.kernel.folding import LESS_THAN, apply, settle
from sim.kernel.kernel_event import KernelEvent
from sim.kernel.memory import Arrays, at, spot
from sim.log.events import KIND_CODE
from sim.model.bursts import BLOCKS
from sim.model.coded import HELD
from sim.model.compiled_scenario import STREAM_KINDS
from sim.model.situation import (
    AGREED,
    CUT_OFF,
    DEESCALATION,
    DETAINED,
    ESCALATION,
    RELEASED,
)
from sim.rules import telling
from sim.rules.conditions import MEETING
from sim.rules.telling import AS_IS
from sim.scenario.acts import ACT_RULES, ACTS, ANSWERED, EFFECTS
from sim.scenario.doctrine import DECISIONS

told_as, kind_less = compiled_rule(telling.told_as), compiled_rule(telling.kind_less)

EVENT, CONTACT, AGREEMENT, EXCHANGE, REPLY = range(len(EFFECTS))
EFFECT = np.array([EFFECTS.index(rule.effect) for rule in ACT_RULES])
BRINGS = np.array([KIND_CODE[rule.kind] for rule in ACT_RULES])
DECLINED = np.array([KIND_CODE[rule.refused] if rule.refused else -1 for rule in ACT_RULES])
GRANTED = np.array([KIND_CODE[rule.accepted] if rule.accepted else -1 for rule in ACT_RULES])
CONFINED = np.array([int(rule.confined) for rule in ACT_RULES])
"""The table of acts, [acts] each; an effect that is added fails to unpack here."""
ESCALATES, DETAINS = STREAM_KINDS.index("escalation"), STREAM_KINDS.index("detention")
TELLS = DECISIONS.index("acknowledge")
ACCEPTS = np.array([DECISIONS.index(f"accept_{a}") if a in ANSWERED else -1 for a in ACTS])
"""The decision that answers each act."""


@compiled_part
def likelihood(w: Arrays, decision: int, channel: int, side: int, at_s: int) -> float:
    """Return the probability that a party's doctrine gives for a yes."""
    i, _ = w.ints, settle(w, channel, 1 + side, at_s)
    c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    doctrine = i[at(w, k.T_DOCTRINE, 1, i[spot(c + k.C_PARTY + side)])]
    row = at(w, k.WEIGHTS, FEATURE_COUNT, doctrine * DECISION_COUNT + decision)
    inclined = inclination(w, inclined_row(w, i[c + k.C_DYAD], side), decision, at_s)
    return float(probability(logit_of(w, row, perceived(w, channel, side, at_s), inclined)))


@compiled_part
def available(w: Arrays, s: int, at_s: int) -> bool:
    """Whether a party has anything to decide at an opportunity."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    act, channel, side = i[stream + k.S_KIND], i[stream + k.S_CHANNEL], i[stream + k.S_SIDE]
    c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    held = at(w, k.T_DYAD, k.D_WIDTH, i[c + k.C_DYAD]) + k.D_HELD
    pending, own, other = i[c + k.C_PENDING] != 0, i[spot(held + side)], i[spot(held + 1 - side)]
    cut_off = i[settle(w, channel, 1 + side, at_s) + k.SEEN_STATE] == CUT_OFF
    spoken, forum = False, i[stream + k.S_FORUM]
    if forum >= 0:
        # the mark is the row, so that no replication has to wipe the marks of the one before
        mark = at(w, k.T_SPOKEN, i[k.CHANNELS], forum) + channel
        spoken = i[spot(mark)] == i[k.ROW] + 1
    return bool(may_decide(WHEN[act], pending, own, other, cut_off, spoken))


@compiled_part
def stage(w: Arrays, block: int, given: int) -> tuple[float, float]:
    """Return two uniforms of the opportunity that is there: those at `given`, or the ones of its
    block."""
    a, b = float(w.floats[spot(given)]), float(w.floats[spot(given + 1)])
    # a what-if fixes some uniforms; only what it leaves open is drawn
    if a < 0.0 or b < 0.0:
        i, index = w.ints, int(w.ints[k.NUMBER]) * BLOCKS + block
        lo, hi = int(i[k.KEY_LO]), int(i[k.KEY_HI])
        drawn_a, drawn_b = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), index)
        a = drawn_a if a < 0.0 else a
        b = drawn_b if b < 0.0 else b
    return a, b


@compiled_part
def plain(
    at_s: int, kind: int, channel: int, by: int, confined: int, cause: int, forum: int, stream: int
) -> KernelEvent:
    """Return an event that nobody tells otherwise."""
    return KernelEvent(
        at_s, kind, channel, by, confined, AS_IS, AS_IS, 1.0, 0, -1, -1, -1,
        cause, forum, stream, -1,
    )  # fmt: skip


@compiled_part
def told(w: Arrays, e: KernelEvent, side: int, chance: float) -> int:
    """Decide how a side tells a contact: as it was, or played down."""
    tells = chance < likelihood(w, TELLS, e.channel, side, e.at_s)
    return int(told_as(tells, kind_less(LESS_THAN[e.kind], e.confined == 1)))


@compiled_part
def contact(w: Arrays, e: KernelEvent, chance_a: float, chance_b: float) -> None:
    """Let a contact happen, told by each side in its way."""
    told_a, told_b = told(w, e, 0, chance_a), told(w, e, 1, chance_b)
    as_told = KernelEvent(
        e.at_s, e.kind, e.channel, e.by, e.confined, told_a, told_b, e.severity, e.persons,
        e.national, e.holder, e.meeting_s, e.cause, e.forum, e.stream, e.fact,
    )  # fmt: skip
    emit(w, as_told)


@compiled_part
def hold_meeting(w: Arrays, channel: int, at_s: int) -> None:
    """Hold the pending meeting on its date, unless it was called off."""
    i, c, told_at = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel), at(w, k.X_TOLD, 2, channel)
    # the leaf in the tree may be that of a meeting which was called off, or put off, meanwhile
    if i[c + k.C_PENDING] == 0 or i[c + k.C_AT] != at_s:
        return
    # the meeting comes of what agreed it
    lo, hi = int(i[c + k.C_ORIGIN_LO]), int(i[c + k.C_ORIGIN_HI])
    bring_key(w, lo, hi, int(i[c + k.C_ORIGIN_NUMBER]))
    deed = plain(at_s, HELD, channel, i[c + k.C_BY], 0, i[c + k.C_CAUSE], -1, -1)
    contact(w, deed, float(w.floats[told_at]), float(w.floats[told_at + 1]))


@compiled_part
def bring_key(w: Arrays, lo: int, hi: int, number: int) -> None:
    """Note what the next opportunity or event comes of: two words, and a number."""
    i = w.ints
    i[k.KEY_LO], i[k.KEY_HI], i[k.NUMBER] = lo, hi, number


@compiled_part
def opportunity(w: Arrays, s: int, at_s: int, do: float, given: int) -> None:
    """Let happen what an opportunity of a stream brings, with these uniforms. What it comes of has
    been noted."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    kind = i[stream + k.S_KIND]
    if kind >= ESCALATES:
        happen(w, s, at_s, given)
        return
    if not out_of_reach(w, s, at_s, do) and available(w, s, at_s):
        channel, side = i[stream + k.S_CHANNEL], i[stream + k.S_SIDE]
        likely = likelihood(w, kind, channel, side, at_s)
        if do < likely:
            follow(w, s, at_s, do / likely, given)


@compiled_part
def follow(w: Arrays, s: int, at_s: int, rescaled: float, given: int) -> None:
    """Let happen what follows when a party takes an opportunity.

    `rescaled` is what is left of its uniform, which serves both stages under shared coupling.
    """
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    act, side, forum = i[stream + k.S_KIND], i[stream + k.S_SIDE], i[stream + k.S_FORUM]
    channel = i[stream + k.S_CHANNEL]
    c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    mine, theirs = i[c + k.C_PARTY + side], i[c + k.C_PARTY + 1 - side]
    effect, kind, confined = EFFECT[act], BRINGS[act], CONFINED[act]
    if ACCEPTS[act] < 0:
        # what is available only with a meeting is about that meeting
        cause = i[c + k.C_CAUSE] if WHEN[act] == MEETING else -1
        emit(w, plain(at_s, kind, channel, mine, 0, cause, -1, s))
        return
    if forum >= 0:
        # rows are counted from 1, so that nobody has spoken in fresh memory
        i[at(w, k.T_SPOKEN, i[k.CHANNELS], forum) + channel] = i[k.ROW] + 1
    accept, lead = stage(w, 1, given + k.G_ACCEPT)
    if i[k.SHARED]:  # below the probability the uniform is uniform again, so it can serve twice
        accept = rescaled
    accepts = accept < likelihood(w, ACCEPTS[act], channel, 1 - side, at_s)
    if GRANTED[act] >= 0 and not accepts and logged_as(w, DECLINED[act]):
        # the log has the silence, and not the request
        emit(w, plain(at_s, DECLINED[act], channel, theirs, 0, -1, -1, s))
    elif GRANTED[act] >= 0:
        # a proposal is an event of its own, whatever the answer
        proposed = emit(w, plain(at_s, kind, channel, mine, confined, -1, forum, s))
        as_logged = answered(w, accepts)
        if accepts and effect == EXCHANGE:
            if not (as_logged and isnan(lead)):  # else the numbers of the log are no share
                exchange(w, channel, side, s, at_s, proposed, lead)
        elif not as_logged:
            answer = GRANTED[act] if accepts else DECLINED[act]
            apply(w, plain(at_s, answer, channel, theirs, 0, proposed, -1, s))
    elif not accepts:
        emit(w, plain(at_s, DECLINED[act], channel, theirs, confined, -1, forum, s))
    elif effect == AGREEMENT:
        agree(w, s, at_s, lead, given)
    elif effect == EVENT:
        emit(w, plain(at_s, kind, channel, mine, confined, -1, forum, s))
    else:
        a, b = stage(w, 2, given + k.G_TELL)
        contact(w, plain(at_s, kind, channel, mine, confined, -1, forum, s), a, b)


@compiled_part
def agree(w: Arrays, s: int, at_s: int, lead: float, given: int) -> None:
    """Agree a meeting, at noon some days ahead; a logged one for its logged date."""
    i, x, stream, f = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s), w.ints[k.AGAIN]
    channel, by = i[stream + k.S_CHANNEL], i[stream + k.S_BY]
    # a logged agreement keeps its own date; it need not be redrawn
    if f >= 0 and i[at(w, k.T_FACT, k.F_WIDTH, f) + k.F_KIND] == AGREED:
        i[at(w, k.T_OCCURRED, 1, f)] = 1
        apply_fact(w, i[at(w, k.T_PLACE, 1, f)])
        schedule(w, k.MEETINGS + channel, due(w, channel))
        return
    least, most = float(x[k.LEAD_LEAST]), float(x[k.LEAD_MOST])
    ahead_s = int((least + lead * (most - least)) * float(DAY_S))
    # meetings fall on noon, as coded days do, so that both compare as days
    meeting_s = (at_s + ahead_s) // DAY_S * DAY_S + DAY_S // 2
    deed = KernelEvent(
        at_s, AGREED, channel, by, 0, AS_IS, AS_IS, 1.0, 0, -1, -1, meeting_s, -1, -1, s, -1
    )
    place = apply(w, deed)
    a, b = stage(w, 2, given + k.G_TELL)
    expect(w, channel, meeting_s, a, b, place, by, -1)
    schedule(w, k.MEETINGS + channel, meeting_s)


@compiled_part
def exchange(
    w: Arrays, channel: int, side: int, s: int, at_s: int, proposed: int, share: float
) -> None:
    """Free the same share of the people held on each side, one at least where anybody is held."""
    i, c = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    held = at(w, k.T_DYAD, k.D_WIDTH, i[c + k.C_DYAD]) + k.D_HELD
    # counted before anybody is let go, since the first release is an event that changes a count
    own, others = int(i[held + side]), int(i[held + 1 - side])
    for n in range(2):
        count = own if n == 0 else others
        freed_side = side if n == 0 else 1 - side
        freed, holder = i[c + k.C_PARTY + freed_side], i[c + k.C_PARTY + 1 - freed_side]
        persons = 1 + int(share * float(count)) if count > 0 else 0
        if log_frees(w, freed_side, persons, proposed) or persons == 0:
            continue
        deed = KernelEvent(
            at_s, RELEASED, channel, holder, 0, AS_IS, AS_IS, 1.0, persons, freed, holder, -1,
            proposed, -1, s, -1,
        )  # fmt: skip
        apply(w, deed)


@compiled_part
def happen(w: Arrays, s: int, at_s: int, given: int) -> None:
    """Let the world bring an event."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    kind, channel, code, severity, persons = i[stream + k.S_KIND], -1, DETAINED, 1.0, 1
    if kind != DETAINS:
        channel, persons = int(i[stream + k.S_CHANNEL]), 0
        code = ESCALATION if kind == ESCALATES else DEESCALATION
        _, grade = stage(w, 1, given + k.G_ACCEPT)
        pace = at(w, k.X_PACE, k.PACES, s)
        least, most = float(x[pace + k.LEAST]), float(x[pace + k.MOST])
        severity = least + grade * (most - least)
    national, holder = i[stream + k.S_NATIONAL], i[stream + k.S_HOLDER]
    deed = KernelEvent(
        at_s, code, channel, i[stream + k.S_BY], 0, AS_IS, AS_IS, severity, persons,
        national, holder, -1, -1, -1, s, -1,
    )  # fmt: skip
    apply(w, deed)
