"""The kernel's bursts: what an event opens, and when its opportunities come.

The bursts of one world wait in a heap by their next opportunity: by instant, by the rank of its
stream, and then in the order in which they opened. `sim.model.bursts` has the formulas.
"""

from __future__ import annotations

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_inline, compiled_part, log, philox, uniforms
from sim.kernel import memory as k
from sim.kernel.kernel_event import KernelEvent
from sim.kernel.memory import Arrays, at
from sim.model.bursts import BLOCKS, BOTH, INITIATOR, MAX_POINTS, MOST_TAUS
from sim.model.situation import RELEASED

MASK = 0xFFFFFFFF


@compiled_inline
def attend(w: Arrays, e: KernelEvent) -> None:
    """Open the bursts of an event that has happened."""
    i, f = w.ints, e.fact
    again = i[k.AGAIN]
    if f < 0 and again >= 0 and i[at(w, k.T_FACT, k.F_WIDTH, again) + k.F_KIND] == e.kind:
        f = int(again)  # however told: an event of this kind comes of the same opener
    if f >= 0:
        fact = at(w, k.T_FACT, k.F_WIDTH, f)
        for b in range(i[fact + k.F_OPENS], i[fact + k.F_WIDTH + k.F_OPENS]):
            open_coded(w, b, e.at_s)
    elif e.channel >= 0:
        first = at(w, k.T_ROW_START, 1, e.kind * i[k.CHANNELS] + e.channel)
        for n in range(i[first], i[first + 1]):
            open_simulated(w, i[at(w, k.T_ROW_OF, 1, n)], e)
    elif e.national >= 0:
        open_pair(w, i[at(w, k.T_PAIR, i[k.PARTIES], e.national) + e.holder], e)
    else:
        group = at(w, k.T_REACH_START, 1, e.by + 1)
        for n in range(i[group], i[group + 1]):
            open_pair(w, i[at(w, k.T_REACH, 1, n)], e)


@compiled_part
def open_pair(w: Arrays, dyad: int, e: KernelEvent) -> None:
    """Open the bursts of an event without a channel at a pair of parties."""
    i = w.ints
    first = at(w, k.T_PAIR_ROW_START, 1, e.kind * i[k.DYADS] + dyad)
    for n in range(i[first], i[first + 1]):
        open_simulated(w, i[at(w, k.T_PAIR_ROW, 1, n)], e)


@compiled_part
def open_simulated(w: Arrays, row: int, e: KernelEvent) -> None:
    """Open a burst of a simulated event, where its row asks that side."""
    i, place = w.ints, at(w, k.T_ROW, k.R_WIDTH, row)
    by, toward = e.holder if e.national >= 0 else e.by, i[place + k.R_TOWARD]
    party = i[at(w, k.T_STREAM, k.S_WIDTH, i[place + k.R_STREAM]) + k.S_BY]
    if toward != BOTH and (party == by) != (toward == INITIATOR):
        return
    lo, hi, number, apart = int(i[k.KEY_LO]), int(i[k.KEY_HI]), int(i[k.NUMBER]), 0
    if i[k.AGAIN] >= 0:
        fact = at(w, k.T_FACT, k.F_WIDTH, i[k.AGAIN])
        lo, hi, number = int(i[fact + k.F_WORD_LO]), int(i[fact + k.F_WORD_HI]), 0
    if e.kind == RELEASED:
        apart = int(i[at(w, k.T_PARTY_WORD, 1, e.national)])
    row_lo, row_hi = int(i[place + k.R_KEY_LO]), int(i[place + k.R_KEY_HI])
    lo, hi, _, _ = philox(lo, hi, number & MASK, row_lo, row_hi, apart)
    enter_burst(w, row, e.at_s, lo, hi, 0, -1)


@compiled_part
def open_coded(w: Arrays, b: int, at_s: int) -> None:
    """Open a burst of a coded event: in a what-if without the points that cannot be, and with the
    logged decisions that it brought."""
    i, burst = w.ints, at(w, k.T_BURST, k.B_WIDTH, b)
    origin, dropped = i[burst + k.B_ORIGIN], 0
    if origin >= 0:
        first = at(w, k.T_BURST, k.B_WIDTH, origin)
        dropped, f = int(i[first + k.B_DROPPED]), int(i[first + k.B_FIRST])
        while f >= 0:
            shift_s = at_s - i[at(w, k.T_INSTANT, 1, i[first + k.B_OPENER])]
            expect_again(w, f, shift_s)
            # in history a call followed an arrest by two days; the arrest now falls five days
            # later, so the call falls five days later too, and its two days stay
            if shift_s != 0:  # what follows from a decision shifts with it
                for g in range(i[k.BEFORE]):
                    if i[at(w, k.T_PAST, k.P_WIDTH, g) + k.P_FOLLOWS] == f:
                        expect_again(w, g, shift_s)
            f = int(i[at(w, k.T_AFTER, 1, f)])
    lo, hi = int(i[burst + k.B_WORD_LO]), int(i[burst + k.B_WORD_HI])
    enter_burst(w, i[burst + k.B_ROW], at_s, lo, hi, dropped, origin)


@compiled_part
def expect_again(w: Arrays, f: int, shift_s: int) -> None:
    """Let a coded event happen again, so many seconds later than in history."""
    i, waiting = w.ints, at(w, k.T_WAITING, 1, 0)
    when = i[at(w, k.T_INSTANT, 1, f)] + shift_s
    i[at(w, k.T_WHEN, 1, f)] = when
    if when < i[k.BEGIN]:
        return  # nobody was asked then
    n = i[k.WAITING]
    while n > i[k.WAITED] and sooner(w, f, i[waiting + n - 1]):
        i[waiting + n] = i[waiting + n - 1]
        n -= 1
    i[waiting + n] = f
    i[k.WAITING] += 1


@compiled_part
def sooner(w: Arrays, f: int, g: int) -> bool:
    """Whether a coded event happens before another in this world."""
    i = w.ints
    a, b = i[at(w, k.T_WHEN, 1, f)], i[at(w, k.T_WHEN, 1, g)]
    if a != b:
        return bool(a < b)
    first, second = at(w, k.T_FACT, k.F_WIDTH, f), at(w, k.T_FACT, k.F_WIDTH, g)
    return bool(i[first + k.F_RANK] < i[second + k.F_RANK])


@compiled_part
def enter_burst(w: Arrays, row: int, at_s: int, lo: int, hi: int, dropped: int, burst: int) -> None:
    """Let a burst wait for its first opportunity, if it has one inside the run."""
    i = w.ints
    i[k.OPENED] += 1
    reach_s = float(w.floats[at(w, k.X_ROW, k.R_FLOATS, row) + k.R_TAU]) * float(MOST_TAUS * DAY_S)
    if float(i[k.BEGIN] - at_s - 1) > reach_s:
        return  # it was over before the run begins
    size = i[k.BURSTS]
    if size == i[k.BURST_ROWS]:
        i[k.FULL] = 1
        return
    slot = i[at(w, k.T_HEAP, 1, size)]
    place = at(w, k.T_SLOT, k.W_WIDTH, slot)
    i[place + k.W_TIE], i[place + k.W_ROW], i[place + k.W_AT] = i[k.OPENED], row, at_s
    i[place + k.W_LO], i[place + k.W_HI], i[place + k.W_NUMBER] = lo, hi, -1
    i[place + k.W_DROPPED], i[place + k.W_BURST] = dropped, burst
    w.floats[at(w, k.X_SLOT, k.W_FLOATS, slot) + k.W_TOTAL] = 0.0
    if go_on(w, slot):
        i[k.BURSTS] = size + 1
        rise(w, size)
        look(w)


@compiled_part
def go_on(w: Arrays, slot: int) -> bool:
    """Draw when a burst brings its next opportunity; say if it does."""
    i, x = w.ints, w.floats
    place, drawn = at(w, k.T_SLOT, k.W_WIDTH, slot), at(w, k.X_SLOT, k.W_FLOATS, slot)
    row = at(w, k.X_ROW, k.R_FLOATS, i[place + k.W_ROW])
    m, tau_days = float(x[row + k.R_MEAN]), float(x[row + k.R_TAU])
    lo, hi, total = int(i[place + k.W_LO]), int(i[place + k.W_HI]), float(x[drawn + k.W_TOTAL])
    seed, replication = int(i[k.SEED]), int(i[k.REPLICATION])
    for n in range(i[place + k.W_NUMBER] + 1, MAX_POINTS):
        # An example with m = 2 and tau = 5 days. The first uniform is 0.3: the sum of waits is
        # 1.20, what is left of the burst is 1 - 1.20 / 2 = 0.40, and -5 log 0.40 = 4.6 days is when
        # it comes. The second is 0.4: the sum is 2.12, more than m, so the burst brings nothing
        # more.
        gap, do = uniforms(seed, lo, hi, replication, n * BLOCKS)
        total += -log(gap)
        left = 1.0 - total / m
        if left <= 0.0:
            return False
        days = -tau_days * log(left)
        at_s = i[place + k.W_AT] + 1 + int(days * float(DAY_S))
        if at_s >= i[k.UNTIL]:
            return False
        if at_s >= i[k.BEGIN] and (i[place + k.W_DROPPED] >> n) & 1 == 0:
            stream = i[at(w, k.T_ROW, k.R_WIDTH, i[place + k.W_ROW]) + k.R_STREAM]
            rank = i[k.FIRST_STREAM] + stream
            i[place + k.W_KEY] = int(at_s - i[k.BEGIN]) << int(i[k.BITS]) | rank
            i[place + k.W_NUMBER] = n
            x[drawn + k.W_TOTAL], x[drawn + k.W_CHANCE] = total, do
            return True
    return False


@compiled_part
def look(w: Arrays) -> None:
    """Note the key of the opportunity that a burst brings next; NEVER for none."""
    i, heap = w.ints, at(w, k.T_HEAP, 1, 0)
    some = i[k.BURSTS] > 0
    i[k.NEXT_BURST] = i[at(w, k.T_SLOT, k.W_WIDTH, i[heap]) + k.W_KEY] if some else k.NEVER


@compiled_part
def pass_on(w: Arrays) -> None:
    """Let the burst that is next wait for its next opportunity, or end."""
    i, heap = w.ints, at(w, k.T_HEAP, 1, 0)
    if not go_on(w, i[heap]):
        last = i[k.BURSTS] - 1
        i[heap], i[heap + last] = i[heap + last], i[heap]
        i[k.BURSTS] = last
    fall(w)
    look(w)


@compiled_part
def before(w: Arrays, a: int, b: int) -> bool:
    """Whether the burst in one slot comes before that in another."""
    i = w.ints
    first, second = at(w, k.T_SLOT, k.W_WIDTH, a), at(w, k.T_SLOT, k.W_WIDTH, b)
    if i[first + k.W_KEY] != i[second + k.W_KEY]:
        return bool(i[first + k.W_KEY] < i[second + k.W_KEY])
    return bool(i[first + k.W_TIE] < i[second + k.W_TIE])


@compiled_part
def rise(w: Arrays, n: int) -> None:
    """Let the n-th of the heap rise above those that come later."""
    i, heap = w.ints, at(w, k.T_HEAP, 1, 0)
    while n > 0 and before(w, i[heap + n], i[heap + (n - 1) // 2]):
        above = (n - 1) // 2
        i[heap + n], i[heap + above] = i[heap + above], i[heap + n]
        n = above


@compiled_part
def fall(w: Arrays) -> None:
    """Let the first of the heap fall below those that come sooner."""
    i, heap, n = w.ints, at(w, k.T_HEAP, 1, 0), 0
    while 2 * n + 1 < i[k.BURSTS]:
        child = 2 * n + 1
        if child + 1 < i[k.BURSTS] and before(w, i[heap + child + 1], i[heap + child]):
            child += 1
        if not before(w, i[heap + child], i[heap + n]):
            return
        i[heap + n], i[heap + child] = i[heap + child], i[heap + n]
        n = child
