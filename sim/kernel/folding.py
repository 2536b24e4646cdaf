"""The kernel's folding: what `sim.model.situation` and `sim.model.tally` do, on flat memory.

Nothing is drawn here. The order of floating-point operations is that of `sim.model.situation`: the
two executors must agree to the last bit. The tally is kept up as states end, so that no path is
stored.
"""

from __future__ import annotations

import numpy as np

from sim.ground.draws import compiled_inline, compiled_part, compiled_rule, log, one_of
from sim.kernel import memory as k
from sim.kernel.bursts import attend
from sim.kernel.features import memory
from sim.kernel.kernel_event import KernelEvent, also_of, is_on
from sim.kernel.memory import Arrays, at, spot
from sim.kernel.tallying import enter, leave, on_grid, seen_at
from sim.log.events import KINDS
from sim.log.kinds import LESS
from sim.log.log import SUPPORTS
from sim.model.compiled_scenario import VIEWS
from sim.model.fit_draw import DRAWN
from sim.model.situation import (
    ALIVE,
    CUT_OFF,
    DEESCALATION,
    DETAINED,
    GOODWILL,
    RELEASED,
    RESUMED,
    SHOCK,
    SLOT,
    SUSPENDED,
    WAR,
)
from sim.rules import contact, features, telling
from sim.rules.contact import CUT, DEAD, NO_EFFECT, NOTHING, TALK

kind_kept, kept_until = compiled_rule(contact.kind_kept), compiled_rule(contact.kept_until)
effect_on, last_contact = (
    compiled_rule(contact.effect_on),
    compiled_rule(contact.last_contact),
)
lapsed, widest = compiled_rule(contact.lapsed), compiled_rule(contact.widest)
kind_told, left_of = compiled_rule(telling.kind_told), compiled_rule(features.left_of)
confined_told = compiled_rule(telling.confined_told)

KIND_COUNT = len(KINDS)
SUPPORT_COUNT = len(SUPPORTS)
STATE_OF, SLOT_OF = np.array(ALIVE), np.array(SLOT)
LESS_THAN = np.array(LESS)
"""What a side calls an event that it plays down."""


@compiled_part
def note_change(w: Arrays, dyad: int) -> None:
    """Note that what its parties may decide by has changed at a pair: its bounds no longer hold."""
    i, mark = w.ints, at(w, k.T_CHANGED, 1, w.ints[k.DYADS] + dyad)
    if i[mark] == 0:
        i[mark] = 1
        i[at(w, k.T_CHANGED, 1, i[k.CHANGED])] = dyad
        i[k.CHANGED] += 1


@compiled_part
def reset(w: Arrays) -> None:
    """Put a world back to before the first event."""
    i, x = w.ints, w.floats
    for channel in range(i[k.CHANNELS]):
        c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
        initial, since = i[c + k.C_INITIAL], i[c + k.C_SINCE]
        i[c + k.C_PENDING] = 0
        for view in range(VIEWS):
            seen = seen_at(w, channel, view)
            i[seen + k.SEEN_STATE], i[seen + k.SEEN_FROM] = initial, k.ALWAYS
            i[seen + k.SEEN_SINCE] = since
            i[seen + k.SEEN_CONTACT] = i[c + k.C_CONTACT]
            for slot in range(SUPPORT_COUNT):
                i[seen + k.SEEN_UNTIL + slot] = i[c + k.C_UNTIL + slot]
            # An example with weekly points: open from the start, cut off in the fifth week. "Open"
            # has +1 at week 0 and -1 at week 5, "cut off" +1 at week 5; the running sum gives each
            # week's state.
            # occupancy is kept as differences along the grid, and summed once at the end
            cell = k.STATE_COUNT * (VIEWS * channel + view) * i[k.GRID_SIZE]
            i[at(w, k.T_OCCUPANCY, 1, cell + initial)] += 1
    for dyad in range(i[k.DYADS]):
        d, stocks = at(w, k.T_DYAD, k.D_WIDTH, dyad), at(w, k.X_STOCK, k.MEMORIES, dyad)
        i[d + k.D_SUSPENDED] = i[d + k.D_SUSPENDED_FIRST]
        for side in range(2):
            i[d + k.D_HELD + side] = i[d + k.D_HELD_FIRST + side]
        note_change(w, dyad)
        for n in range(k.MEMORIES):
            x[stocks + n] = 0.0
    for party in range(i[k.PARTIES]):
        i[at(w, k.T_DOCTRINE, 1, party)] = i[at(w, k.T_INITIAL, 1, party)]
    seed, replication = int(i[k.SEED]), int(i[k.REPLICATION])
    draw = one_of(int(i[k.DRAWS]), seed, DRAWN[0], DRAWN[1], replication, 0)
    i[k.WEIGHTS] = i[k.X_WEIGHT] + draw * i[k.DRAW_SIZE]
    i[k.PLACE], i[k.NEXT_SWITCH], i[k.NEXT_FACT], i[k.PASSED] = 0, 0, i[k.BEFORE], 0
    i[k.BURSTS] = i[k.OPENED] = i[k.WAITING] = i[k.WAITED] = i[k.LOOKING] = 0
    i[k.NEXT_BURST] = k.NEVER
    values = at(w, k.T_VALUES, i[k.OUTCOMES], i[k.ROW])
    for q in range(i[k.OUTCOMES]):
        type_ = i[at(w, k.T_OUTCOME, k.Q_WIDTH, q) + k.Q_TYPE]
        i[values + q] = -1 if type_ == k.FIRST_TIME or type_ == k.STATE_BY else 0


@compiled_part
def change(w: Arrays, channel: int, view: int, at_s: int, after: int) -> None:
    """Put a view of a channel in another state."""
    leave(w, channel, view, at_s)
    i, seen, g = w.ints, seen_at(w, channel, view), on_grid(w, at_s)
    before = i[seen + k.SEEN_STATE]
    enter(w, channel, view, at_s, before, after)
    if g < i[k.GRID_SIZE]:
        row = (VIEWS * channel + view) * i[k.GRID_SIZE] + g
        cell = at(w, k.T_OCCUPANCY, k.STATE_COUNT, row)
        i[spot(cell + before)] -= 1
        i[spot(cell + after)] += 1
    if at_s >= i[k.OBSERVE]:
        row = k.STATE_COUNT * (VIEWS * channel + view) + before
        i[at(w, k.T_MOVES, 1, k.STATE_COUNT * row + after)] += 1
    i[seen + k.SEEN_STATE] = after
    i[seen + k.SEEN_SINCE] = i[seen + k.SEEN_FROM] = at_s


@compiled_part
def state_of(w: Arrays, seen: int, at_s: int) -> int:
    """Return the state in which contact keeps a view of a channel at an instant."""
    until = seen + k.SEEN_UNTIL
    slot = widest(w.ints[until : until + SUPPORT_COUNT], at_s)
    return CUT_OFF if slot == NOTHING else int(STATE_OF[slot])


@compiled_part
def lapse(w: Arrays, channel: int, view: int, at_s: int) -> None:
    """Let a view of a channel lapse, where silence has ended its state."""
    i, seen = w.ints, seen_at(w, channel, view)
    state = i[seen + k.SEEN_STATE]
    while True:
        ends = i[spot(seen + k.SEEN_UNTIL + SLOT_OF[state])]
        # A talk of 1 March keeps "open" alive for 60 days, one about detainees alone of 10 March
        # keeps "prisoner only" alive for 90. Somebody looks in July: the channel fell to "prisoner
        # only" on 30 April, and was cut off on 8 June. Both are dated then, not in July.
        if not lapsed(SLOT_OF[state], ends, at_s):
            return
        state = state_of(w, seen, ends)  # it falls to what other contacts still keep alive
        change(w, channel, view, ends, state)


@compiled_inline
def settle(w: Arrays, channel: int, view: int, at_s: int) -> int:
    """Let a view of a channel lapse, where it is to; return where it begins."""
    i, seen = w.ints, seen_at(w, channel, view)
    state = i[seen + k.SEEN_STATE]
    if lapsed(SLOT_OF[state], i[spot(seen + k.SEEN_UNTIL + SLOT_OF[state])], at_s):
        lapse(w, channel, view, at_s)
    return seen


@compiled_part
def keep_alive(w: Arrays, channel: int, seen: int, slot: int, to_s: int) -> None:
    """Keep a state alive by a contact that went on until an instant."""
    i, c, end = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel), spot(seen + k.SEEN_UNTIL + slot)
    from_s, lasts_s = max(to_s, i[c + k.C_COMPLETE]), i[spot(c + k.C_LASTS + slot)]
    i[end] = kept_until(slot, i[end], from_s, i[c + k.C_ADDS], lasts_s)


@compiled_part
def stock(w: Arrays, dyad: int, which: int, at_s: int) -> float:
    """Return what is left of a stock at an instant."""
    return float(left_of(memory(w, dyad, which), at_s))


@compiled_part
def add(w: Arrays, dyad: int, which: int, at_s: int, amount: float) -> None:
    """Raise a stock."""
    # a stock that nothing raises keeps its instant: touching it would round it anew
    # A grievance of 2.0 with a half-life of 90 days, raised by 1.0 after 90 days: 1.0 is left, so
    # it is 2.0 again. The value and its instant are stored; what is left is worked out when asked.
    if amount > 0.0:
        touch(w, dyad, which, at_s, stock(w, dyad, which, at_s) + amount)


@compiled_part
def touch(w: Arrays, dyad: int, which: int, at_s: int, value: float) -> None:
    """Set a stock."""
    place = at(w, k.X_STOCK, 1, k.MEMORIES * dyad + which)
    w.floats[place], w.floats[place + k.LOGS] = value, log(1.0 + value)
    w.ints[at(w, k.T_DYAD, 1, k.D_WIDTH * dyad + k.D_TOUCHED + which)] = at_s
    note_change(w, dyad)


@compiled_part
def read_kind(w: Arrays, e: KernelEvent, view: int) -> int:
    """Return what a view takes an event to be; -1 for a denial."""
    if e.fact >= 0:  # coded events carry their readings, of any account at all
        return int(w.ints[spot(at(w, k.T_FACT, k.F_WIDTH, e.fact) + k.F_READING + view)])
    if view == 0:
        return e.kind
    return int(kind_told(e.kind, LESS_THAN[e.kind], e.told_a if view == 1 else e.told_b))


@compiled_part
def read_confined(w: Arrays, e: KernelEvent, view: int) -> int:
    """Return 1 where a view takes the agenda to be detainees alone."""
    if e.fact >= 0:
        return int(w.ints[spot(at(w, k.T_FACT, k.F_WIDTH, e.fact) + k.F_AGENDA + view)])
    if view == 0:
        return e.confined
    return int(confined_told(e.confined, e.told_a if view == 1 else e.told_b))


@compiled_inline
def move(w: Arrays, e: KernelEvent, channel: int) -> None:
    """Move each view of a channel by what it takes the event to be."""
    i, row, to_s = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel), e.at_s
    if e.fact >= 0:
        to_s = max(to_s, i[at(w, k.T_FACT, k.F_WIDTH, e.fact) + k.F_THROUGH])
    for view in range(VIEWS):
        # a state that silence ended before this event must end first
        seen = settle(w, channel, view, e.at_s)
        read = read_kind(w, e, view)
        if read < 0:
            continue
        effect = effect_on(i[at(w, k.T_KIND, k.K_WIDTH, read) + k.K_EFFECT], i[row + k.C_LINE])
        if effect == NO_EFFECT:
            continue
        note_change(w, i[row + k.C_DYAD])
        if effect == CUT:
            for slot in range(SUPPORT_COUNT):
                i[seen + k.SEEN_UNTIL + slot] = DEAD
        else:
            i[seen + k.SEEN_CONTACT] = last_contact(i[seen + k.SEEN_CONTACT], to_s)
            slot = kind_kept(effect == TALK, read_confined(w, e, view) == 1)
            keep_alive(w, channel, seen, slot, to_s)
        after = state_of(w, seen, e.at_s)
        if after != i[seen + k.SEEN_STATE]:
            change(w, channel, view, e.at_s, after)


@compiled_part
def remember(w: Arrays, e: KernelEvent, dyad: int) -> None:
    """Change the memories of one pair of parties."""
    i, x, at_s, row = w.ints, w.floats, e.at_s, at(w, k.T_DYAD, k.D_WIDTH, dyad)
    treaty = e.kind == SUSPENDED or e.kind == RESUMED
    if treaty and i[row + k.D_BOUND] == 0:
        return  # a treaty concerns those whom it binds
    raises = at(w, k.X_RAISE, 1, 0)
    for side in range(2):
        party = i[row + k.D_PARTY + side]
        read = read_kind(w, e, 1 + side) if e.channel >= 0 else e.kind
        if read < 0 or (e.national >= 0 and e.national != party):
            continue
        raised = spot(raises + read)
        if e.by != party:  # nobody bears a grudge for what they did
            add(w, dyad, k.GRIEVANCE_SLOT + side, at_s, x[raised] * e.severity)
            shock = x[raised + SHOCK * KIND_COUNT] * e.severity
            add(w, dyad, k.SHOCK_SLOT + side, at_s, shock)
        amount = x[raised + GOODWILL * KIND_COUNT] * e.severity
        add(w, dyad, k.GOODWILL_SLOT + side, at_s, amount)
    add(w, dyad, k.WAR_SLOT, at_s, x[spot(raises + WAR * KIND_COUNT + e.kind)] * e.severity)
    if e.kind == DEESCALATION:
        left = stock(w, dyad, k.WAR_SLOT, at_s) * (1.0 - e.severity)
        touch(w, dyad, k.WAR_SLOT, at_s, left)
    elif e.kind == DETAINED or e.kind == RELEASED:
        held = row + k.D_HELD + (0 if i[row + k.D_PARTY] == e.national else 1)
        # a release of somebody whose arrest is not coded must not make a debt
        i[held] = max(0, i[held] + (e.persons if e.kind == DETAINED else -e.persons))
        note_change(w, dyad)
    elif treaty:
        i[row + k.D_SUSPENDED] = 1 if e.kind == SUSPENDED else 0
        note_change(w, dyad)


@compiled_inline
def note(w: Arrays, e: KernelEvent) -> None:
    """Count an event, and write it to the log where there is one."""
    i, n = w.ints, w.ints[k.LOGGED]
    if e.at_s >= i[k.OBSERVE]:
        i[at(w, k.T_EVENTS, 1, e.kind)] += 1
    first = at(w, k.T_COUNTED_START, 1, e.kind)
    for c in range(i[first], i[first + 1]):
        q = i[at(w, k.T_COUNTED, 1, c)]
        asked = at(w, k.T_OUTCOME, k.Q_WIDTH, q)
        channel, by = i[asked + k.Q_CHANNEL], i[asked + k.Q_BY]
        if (
            i[asked + k.Q_LO] <= e.at_s
            and e.at_s < i[asked + k.Q_HI]
            and (channel < 0 or is_on(w, e, channel))
            and (by < 0 or by == e.by)
        ):
            number = e.persons if i[asked + k.Q_PEOPLE] else 1
            i[at(w, k.T_VALUES, i[k.OUTCOMES], i[k.ROW]) + q] += number
    if n < i[k.LOG_ROWS]:
        cell, rows = i[k.T_LOG] + n, i[k.LOG_ROWS]
        for value in (  # in the order of INT_COLUMNS
            i[k.REPLICATION], e.at_s, e.kind, e.channel, e.by, e.confined, e.told_a, e.told_b,
            e.persons, e.national, e.holder, e.meeting_s, e.cause, e.forum, e.stream, e.fact,
        ):  # fmt: skip
            i[cell] = value
            cell += rows
        w.floats[i[k.X_LOG] + n] = e.severity
        i[k.LOGGED] = n + 1


@compiled_part
def apply(w: Arrays, e: KernelEvent) -> int:
    """Fold one event; return its place in the run."""
    i, place, only = w.ints, int(w.ints[k.PLACE]), -1
    i[k.PLACE] = place + 1
    note(w, e)
    first_also, end_also = also_of(w, e)
    if e.channel >= 0:
        for n in range(first_also - 1, end_also):
            move(w, e, e.channel if n < first_also else i[at(w, k.T_ALSO, 1, n)])
        only = int(i[at(w, k.T_CHANNEL, k.C_WIDTH, e.channel) + k.C_DYAD])
    if e.national >= 0:
        only = int(i[at(w, k.T_PAIR, i[k.PARTIES], e.national) + e.holder])
    group = at(w, k.T_REACH_START, 1, e.by + 1)
    # an event of the world without a channel reaches every pair of its initiator
    first, last = (0, 1) if only >= 0 else (int(i[group]), int(i[group + 1]))
    for n in range(first, last):
        remember(w, e, only if only >= 0 else int(i[at(w, k.T_REACH, 1, n)]))
    if e.channel >= 0 and i[at(w, k.T_KIND, k.K_WIDTH, e.kind) + k.K_ENDS]:
        for n in range(first_also - 1, end_also):
            channel = e.channel if n < first_also else i[at(w, k.T_ALSO, 1, n)]
            i[at(w, k.T_CHANNEL, k.C_WIDTH, channel) + k.C_PENDING] = 0
        note_change(w, only)
    attend(w, e)
    return place


@compiled_part
def finish(w: Arrays) -> None:
    """End a replication: count what has lasted to the end, and turn counts into answers."""
    i = w.ints
    for channel in range(i[k.CHANNELS]):
        for view in range(VIEWS):
            # a lapse on the last day is part of the run, though nobody looks any more
            settle(w, channel, view, i[k.UNTIL] - 1)
            leave(w, channel, view, i[k.UNTIL])
    values = at(w, k.T_VALUES, i[k.OUTCOMES], i[k.ROW])
    for q in range(i[k.OUTCOMES]):
        asked, value = at(w, k.T_OUTCOME, k.Q_WIDTH, q), i[values + q]
        if i[asked + k.Q_TYPE] == k.STATE_BY:
            inside = value >= 0 and value < i[asked + k.Q_HI] - i[asked + k.Q_LO]
            i[values + q] = 1 if inside else 0
        elif i[asked + k.Q_TYPE] == k.EVENT_BY:
            i[values + q] = 1 if value >= i[asked + k.Q_LEAST] else 0
    i[at(w, k.T_HAPPENED, 1, i[k.ROW])] = i[k.PLACE]
