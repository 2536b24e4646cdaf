"""The kernel's changed world: the same noise, another choice, as in `sim.model.counterfactual`."""

from __future__ import annotations

from sim.ground.draws import compiled_part
from sim.kernel import memory as k
from sim.kernel.abduction import FINE, NO_ROOM
from sim.kernel.candidates import begin_past, begin_run, enter_streams, in_past, refresh
from sim.kernel.clock import come_next, schedule
from sim.kernel.deciding import contact, opportunity, plain
from sim.kernel.drift import draw_drift
from sim.kernel.facts import apply_fact, due, next_fact, sort_facts, take_fact
from sim.kernel.folding import apply, finish, note_change, reset
from sim.kernel.forums import await_moments
from sim.kernel.kernel_event import KernelEvent
from sim.kernel.memory import Arrays, at
from sim.kernel.replication import NOBODY, arrive, bring_burst, leave_past, open_run, step
from sim.model.coded import HELD
from sim.model.compiled_scenario import DECIDED, MET, PASSED_BY
from sim.model.situation import RELEASED
from sim.rules.telling import AS_IS


@compiled_part
def run_changed(w: Arrays) -> int:
    """Run the changed world over the noise that was inferred for it, and add it to the sums; say
    how that ended. Nothing of the noise is used up: other choices may be made over it."""
    i = w.ints
    reset(w)
    draw_drift(w)
    sort_facts(w, 0, i[k.FACT_COUNT])
    for f in range(i[k.FACT_COUNT]):
        i[at(w, k.T_OCCURRED, 1, f)], i[at(w, k.T_WHEN, 1, f)] = 0, i[at(w, k.T_INSTANT, 1, f)]
        i[at(w, k.T_FREED, k.L_WIDTH, f) + k.L_NUMBER] = -1
    i[k.NEXT_FACT] = 0
    while next_fact(w) < i[k.BEGIN]:
        refresh(w)
        revisit(w, take_fact(w))
    begin_run(w)
    open_run(w)
    await_closings(w)
    await_moments(w)
    schedule(w, k.END_OF_PAST, int(i[k.AS_OF]))
    begin_past(w)
    enter_streams(w)
    bits, first, last = int(i[k.BITS]), i[k.FIRST_STREAM], i[k.FIRST_FORUM]
    while True:
        if i[k.CHANGED]:
            refresh(w)
        key, of_burst = come_next(w)
        if key == k.NEVER:
            break
        rank, at_s, do = key & ((1 << bits) - 1), i[k.BEGIN] + (key >> bits), NOBODY
        if of_burst:
            do = bring_burst(w)
        elif rank == k.END_OF_PAST:
            leave_past(w)
            begin_run(w)
            enter_streams(w)
            schedule(w, rank, int(i[k.UNTIL]))
        elif rank == k.FACTS:
            revisit(w, take_fact(w))
            schedule(w, rank, next_fact(w))
        elif rank < first or rank >= last:
            step(w, rank, at_s)
        else:
            do = arrive(w, rank - first)
            if in_past(w) and is_dropped(w, rank - first):
                do = NOBODY
        if do < NOBODY:
            opportunity(w, rank - first, at_s, do, k.NONE_GIVEN)
    finish(w)
    return NO_ROOM if i[k.FULL] else FINE


@compiled_part
def is_dropped(w: Arrays, s: int) -> bool:
    """Whether history rules out the opportunity of a stream that has just come."""
    i = w.ints
    d = i[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_DROPPED]
    while d >= 0:
        row = at(w, k.T_DROPPED, k.N_WIDTH, d)
        if i[row + k.N_INDEX] == i[k.NUMBER]:
            return True
        d = i[row + k.N_NEXT]
    return False


@compiled_part
def await_closings(w: Arrays) -> None:
    """Set when forums of the past end: not before the logged approach had its chance."""
    i, bits = w.ints, int(w.ints[k.BITS])
    for f in range(i[k.BEFORE]):
        past = at(w, k.T_PAST, k.P_WIDTH, f)
        forum = i[at(w, k.T_FACT, k.F_WIDTH, f) + k.F_FORUM]
        rank = i[k.FIRST_FORUM] + forum
        if i[past + k.P_ROLE] != DECIDED or forum < 0:
            continue
        row = at(w, k.T_FORUM, k.M_WIDTH, forum)
        if i[row + k.M_LO] >= i[k.AS_OF]:
            continue
        at_s = max(i[row + k.M_HI] - 1, i[at(w, k.T_INSTANT, 1, f)])
        key = i[at(w, k.T_TREE, 1, (1 << bits) + rank)]
        if key != k.NEVER:
            at_s = max(at_s, i[k.BEGIN] + (key >> bits))
        schedule(w, rank, at_s)


@compiled_part
def revisit(w: Arrays, n: int) -> None:
    """Let a fact happen again, the n-th in order, if it still does."""
    i, x, f = w.ints, w.floats, int(w.ints[at(w, k.T_ORDER, 1, n)])
    past, at_s = at(w, k.T_PAST, k.P_WIDTH, f), int(i[at(w, k.T_WHEN, 1, f)])
    if i[past + k.P_REMOVED]:
        c = at(w, k.T_CHANNEL, k.C_WIDTH, i[at(w, k.T_FACT, k.F_WIDTH, f) + k.F_CHANNEL])
        if i[past + k.P_ROLE] == MET and i[c + k.C_FACT] == i[past + k.P_AGREED]:
            note_change(w, i[c + k.C_DYAD])
            i[c + k.C_PENDING] = 0  # its date passes and nobody meets
        return
    if i[at(w, k.T_FREED, k.L_WIDTH, f) + k.L_NUMBER] >= 0:
        free(w, n)
        return
    if not has_needs(w, f):
        return
    fact, given = at(w, k.T_FACT, k.F_WIDTH, f), at(w, k.X_GIVEN, k.G_WIDTH, f)
    role, channel, forum = i[past + k.P_ROLE], i[fact + k.F_CHANNEL], i[fact + k.F_FORUM]
    if role == DECIDED:
        i[k.AGAIN] = f
        opportunity(w, i[at(w, k.T_CHOSEN, 1, f)], at_s, x[given + k.G_DO], given)
        i[k.AGAIN] = -1
    elif role == MET:
        c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
        if i[c + k.C_PENDING] and i[c + k.C_FACT] == i[past + k.P_AGREED]:
            held = plain(at_s, HELD, channel, i[c + k.C_BY], 0, i[c + k.C_CAUSE], -1, -1)
            i[k.AGAIN] = f
            contact(w, held, x[given + k.G_TELL], x[given + k.G_TELL + 1])
            i[k.AGAIN] = -1
    elif role != PASSED_BY or not spoken_at(w, forum, channel):
        happen_again(w, n)


@compiled_part
def free(w: Arrays, n: int) -> None:
    """Let a logged release, the n-th in order, happen as the share of its exchange has it: word for
    word where it frees as many, and the log's people are held."""
    i, f = w.ints, int(w.ints[at(w, k.T_ORDER, 1, n)])
    freed, fact = at(w, k.T_FREED, k.L_WIDTH, f), at(w, k.T_FACT, k.F_WIDTH, f)
    number = int(i[freed + k.L_NUMBER])
    if number == i[fact + k.F_PERSONS] and has_needs(w, f):
        happen_again(w, n)
    elif number > 0:
        s = i[at(w, k.T_CHOSEN, 1, i[at(w, k.T_PAST, k.P_WIDTH, f) + k.P_FOLLOWS])]
        channel = i[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_CHANNEL]
        at_s, holder = int(i[at(w, k.T_WHEN, 1, f)]), i[fact + k.F_HOLDER]
        i[k.AGAIN] = f
        deed = KernelEvent(
            at_s, RELEASED, channel, holder, 0, AS_IS, AS_IS, 1.0, number, i[fact + k.F_NATIONAL],
            holder, -1, i[freed + k.L_CAUSE], -1, s, -1,
        )  # fmt: skip
        apply(w, deed)
        i[k.AGAIN] = -1


@compiled_part
def has_needs(w: Arrays, f: int) -> bool:
    """Whether all that a fact needs has happened: an answer to what did not happen, or a release of
    nobody, does not happen either."""
    i, past = w.ints, at(w, k.T_PAST, k.P_WIDTH, f)
    for need in range(i[past + k.P_NEEDS], i[past + k.P_WIDTH + k.P_NEEDS]):
        if not needed_happened(w, need):
            return False
    return True


@compiled_part
def needed_happened(w: Arrays, group: int) -> bool:
    """Whether one of the facts of a need has happened."""
    i, start = w.ints, int(w.ints[k.T_GROUP]) + group
    found = False
    for n in range(i[start], i[start + 1]):
        found = found or i[at(w, k.T_OCCURRED, 1, i[at(w, k.T_NEED, 1, n)])] != 0
    return bool(found)


@compiled_part
def spoken_at(w: Arrays, forum: int, channel: int) -> bool:
    """Whether an approach was made at a forum."""
    i = w.ints
    if forum < 0:
        return False
    return bool(i[at(w, k.T_SPOKEN, i[k.CHANNELS], forum) + channel] == i[k.ROW] + 1)


@compiled_part
def happen_again(w: Arrays, n: int) -> None:
    """Let a fact happen, the n-th in order, that no party's choice in the model brings about."""
    i, f = w.ints, w.ints[at(w, k.T_ORDER, 1, n)]
    i[at(w, k.T_OCCURRED, 1, f)] = 1
    channel = apply_fact(w, n)
    if channel >= 0:
        schedule(w, k.MEETINGS + channel, due(w, channel))
