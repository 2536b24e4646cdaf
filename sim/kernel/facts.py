"""The kernel's facts: when coded events happen, and what one leaves when it does."""

from __future__ import annotations

import numpy as np

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_part, uniforms
from sim.kernel import memory as k
from sim.kernel.bursts import attend, sooner
from sim.kernel.folding import apply, note_change
from sim.kernel.kernel_event import KernelEvent
from sim.kernel.memory import Arrays, at
from sim.log.events import KINDS
from sim.log.kinds import TOLD
from sim.model.coded import DATE, MEETING, TELLING
from sim.model.compiled_scenario import NO_TIME
from sim.model.deciding import APPROACHES
from sim.model.situation import AGREED
from sim.rules.telling import AS_IS

IS_TOLD = np.array([kind in TOLD for kind in KINDS])
"""[kinds] whether each side gives its account of it."""


@compiled_part
def date_facts(w: Arrays) -> None:
    """Find the instant of every fact."""
    i, seed, replication = w.ints, int(w.ints[k.SEED]), int(w.ints[k.REPLICATION])
    start = at(w, k.T_INSTANT, 1, 0)
    for f in range(i[k.FACT_COUNT]):
        fact = at(w, k.T_FACT, k.F_WIDTH, f)
        lo, hi, wish = i[fact + k.F_LO], i[fact + k.F_HI], i[fact + k.F_WISH]
        # the causes of a fact stand before it, so their instants are known
        for n in range(i[fact + k.F_CAUSES], i[fact + k.F_WIDTH + k.F_CAUSES]):
            lo = max(lo, i[start + i[at(w, k.T_CAUSE, 1, n)]])
        if i[fact + k.F_BLOCK] >= 0:
            wish = weighed_instant(w, i[fact + k.F_BLOCK], i[fact + k.F_MEMBER])
        elif wish == NO_TIME:
            key_lo, key_hi = int(i[fact + k.F_KEY_LO]), int(i[fact + k.F_KEY_HI])
            chance, _ = uniforms(seed, key_lo, key_hi, replication, DATE)
            wish = lo + int(chance * float(hi - lo))
        i[start + f] = i[at(w, k.T_WHEN, 1, f)] = min(max(wish, lo), hi - 1)


@compiled_part
def weighed_instant(w: Arrays, block: int, member: int) -> int:
    """Return the instant of a date in the placement of its block that a replication has."""
    i, x, row = w.ints, w.floats, at(w, k.T_BLOCK, k.Z_WIDTH, block)
    first, end = i[row + k.Z_ROWS], i[row + k.Z_WIDTH + k.Z_ROWS]
    lo, hi = int(i[row + k.Z_KEY_LO]), int(i[row + k.Z_KEY_HI])
    u, _ = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), DATE)
    chosen, last, share = first, end - 1, i[k.X_SHARE]
    while chosen < last:
        middle = (chosen + last) // 2
        if u < x[share + middle]:
            last = middle
        else:
            chosen = middle + 1
    below = x[share + chosen - 1] if chosen > first else 0.0
    within = (u - below) / (x[share + chosen] - below)
    n = i[row + k.Z_PLACES] + (chosen - first) * i[row + k.Z_MEMBERS] + member
    place = at(w, k.T_PLACED, 2, n)
    return int(i[place] + min(int(within * float(i[place + 1])), i[place + 1] - 1))


@compiled_part
def sort_facts(w: Arrays, first: int, end: int) -> None:
    """Put facts in order of time, and of place at one instant: a heap sort, which needs no room."""
    i, order, size = w.ints, at(w, k.T_ORDER, 1, first), end - first
    for n in range(size):
        i[order + n] = first + n
    for n in range(size // 2 - 1, -1, -1):
        sink(w, order, n, size)
    for n in range(size - 1, 0, -1):
        i[order], i[order + n] = i[order + n], i[order]
        sink(w, order, 0, n)
    for n in range(first, end):
        i[at(w, k.T_PLACE, 1, i[at(w, k.T_ORDER, 1, n)])] = n


@compiled_part
def sink(w: Arrays, heap: int, n: int, size: int) -> None:
    """Let a fact sink in a heap, whose root is the last in time, below those that come later."""
    i = w.ints
    while 2 * n + 1 < size:
        child = 2 * n + 1
        if child + 1 < size and earlier(w, i[heap + child], i[heap + child + 1]):
            child += 1
        if not earlier(w, i[heap + n], i[heap + child]):
            return
        i[heap + n], i[heap + child] = i[heap + child], i[heap + n]
        n = child


@compiled_part
def earlier(w: Arrays, f: int, g: int) -> bool:
    """Whether a fact comes before another."""
    i = w.ints
    a, b = i[at(w, k.T_INSTANT, 1, f)], i[at(w, k.T_INSTANT, 1, g)]
    if a != b:
        return bool(a < b)
    first, second = at(w, k.T_FACT, k.F_WIDTH, f), at(w, k.T_FACT, k.F_WIDTH, g)
    return bool(i[first + k.F_RANK] < i[second + k.F_RANK])


@compiled_part
def fact_draws(w: Arrays, f: int, index: int) -> tuple[float, float]:
    """Return two uniforms of a fact."""
    i, fact = w.ints, at(w, k.T_FACT, k.F_WIDTH, f)
    lo, hi = int(i[fact + k.F_KEY_LO]), int(i[fact + k.F_KEY_HI])
    a, b = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), index)
    return a, b


@compiled_part
def ending(w: Arrays, n: int) -> int:
    """Return the fact of history that ended what the n-th in order agreed; -1 where none did."""
    i, order = w.ints, at(w, k.T_ORDER, 1, 0)
    f = i[order + n]
    channel = i[at(w, k.T_FACT, k.F_WIDTH, f) + k.F_CHANNEL]
    for later in range(n + 1 if f < i[k.BEFORE] else 0, i[k.FACT_COUNT]):
        g = i[order + later]
        fact = at(w, k.T_FACT, k.F_WIDTH, g)
        coded_there = g < i[k.BEFORE] and i[fact + k.F_CHANNEL] == channel and earlier(w, f, g)
        kind = i[fact + k.F_KIND]
        settles = kind == AGREED or i[at(w, k.T_KIND, k.K_WIDTH, kind) + k.K_ENDS] == 1
        if coded_there and settles:
            return int(g)
    return -1


@compiled_part
def meeting_instant(w: Arrays, n: int) -> int:
    """Return when the meeting is due that a fact agreed, the n-th in order."""
    i, instants, f = w.ints, at(w, k.T_INSTANT, 1, 0), w.ints[at(w, k.T_ORDER, 1, n)]
    fact = at(w, k.T_FACT, k.F_WIDTH, f)
    lo, hi = i[fact + k.F_MEET_LO], i[fact + k.F_MEET_HI]
    answered = i[fact + k.F_ANSWERED] == 1
    if answered:
        ends = ending(w, n)
        lo = max(lo, i[k.AS_OF] if ends < 0 else i[instants + ends] + 1)
    lo = max(lo, i[instants + f] + 1)
    # an inserted agreement is kept however late; one of history whose date passed is answered for
    if hi <= lo:
        return NO_TIME if answered else int(lo)
    wish = i[fact + k.F_MEET_WISH]
    if wish != NO_TIME:  # noon of a day, or later on that day where the matter ended at noon
        return int(max(wish, lo))
    if i[fact + k.F_LEAD]:
        least_s = int(w.floats[k.LEAD_LEAST] * float(DAY_S))
        most_s = int(w.floats[k.LEAD_MOST] * float(DAY_S))
        early, late = max(lo, i[instants + f] + least_s), min(hi, i[instants + f] + most_s + 1)
        if early < late:
            lo, hi = early, late
    when, _ = fact_draws(w, f, MEETING)
    return int(lo + int(when * float(hi - lo)))


@compiled_part
def expect(
    w: Arrays, channel: int, at_s: int, tell_a: float, tell_b: float, cause: int, by: int, fact: int
) -> None:
    """Put a meeting in the place of the one that is pending."""
    i, c, told_at = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel), at(w, k.X_TOLD, 2, channel)
    i[c + k.C_PENDING], i[c + k.C_AT], i[c + k.C_CAUSE], i[c + k.C_BY] = 1, at_s, cause, by
    i[c + k.C_FACT] = fact
    note_change(w, i[c + k.C_DYAD])
    i[c + k.C_ORIGIN_LO], i[c + k.C_ORIGIN_HI] = i[k.KEY_LO], i[k.KEY_HI]
    i[c + k.C_ORIGIN_NUMBER] = i[k.NUMBER]
    if fact >= 0 or i[k.AGAIN] >= 0:
        row = at(w, k.T_FACT, k.F_WIDTH, fact if fact >= 0 else i[k.AGAIN])
        i[c + k.C_ORIGIN_LO], i[c + k.C_ORIGIN_HI] = i[row + k.F_WORD_LO], i[row + k.F_WORD_HI]
        i[c + k.C_ORIGIN_NUMBER] = 0
    w.floats[told_at], w.floats[told_at + 1] = tell_a, tell_b


@compiled_part
def due(w: Arrays, channel: int) -> int:
    """Return when to hold the meeting that is pending; the end of the run where the log holds it,
    or where its date passed."""
    i, c = w.ints, at(w, k.T_CHANNEL, k.C_WIDTH, channel)
    f, at_s = i[c + k.C_FACT], i[c + k.C_AT]
    # the log brings its own meetings, on their logged dates
    if at_s == NO_TIME or (f >= 0 and i[at(w, k.T_PAST, k.P_WIDTH, f) + k.P_HELD]):
        return int(i[k.UNTIL])
    return int(at_s)


@compiled_part
def coded(w: Arrays, f: int, meeting_s: int) -> KernelEvent:
    """Return a coded event as it was."""
    i, fact = w.ints, at(w, k.T_FACT, k.F_WIDTH, f)
    return KernelEvent(
        i[at(w, k.T_WHEN, 1, f)], i[fact + k.F_KIND], i[fact + k.F_CHANNEL], i[fact + k.F_BY],
        i[fact + k.F_CONFINED], AS_IS, AS_IS, float(w.floats[i[k.X_SEVERITY] + f]),
        i[fact + k.F_PERSONS], i[fact + k.F_NATIONAL], i[fact + k.F_HOLDER], meeting_s,
        -1, -1, -1, f,
    )  # fmt: skip


@compiled_part
def apply_fact(w: Arrays, n: int) -> int:
    """Let a coded event happen, the n-th in order; return the channel if it agreed a meeting.

    An agreement that the log does not hold is no event, but leaves its meeting pending. On a
    channel that is not simulated an event only opens bursts on others.
    """
    i, f = w.ints, w.ints[at(w, k.T_ORDER, 1, n)]
    fact, place = at(w, k.T_FACT, k.F_WIDTH, f), -1
    if i[fact + k.F_ELSEWHERE]:
        attend(w, coded(w, f, -1))
        return -1
    if i[fact + k.F_FORUM] >= 0 and i[fact + k.F_KIND] in APPROACHES:  # it uses the forum up
        spoken = at(w, k.T_SPOKEN, i[k.CHANNELS], i[fact + k.F_FORUM])
        i[spoken + i[fact + k.F_CHANNEL]] = i[k.ROW] + 1
    if i[fact + k.F_MEET_LO] == NO_TIME:
        apply(w, coded(w, f, -1))
        return -1
    channel, meeting_s = int(i[fact + k.F_CHANNEL]), meeting_instant(w, n)
    if meeting_s != NO_TIME:  # a decision that shifts keeps the distance to its meeting
        meeting_s += i[at(w, k.T_WHEN, 1, f)] - i[at(w, k.T_INSTANT, 1, f)]
    if i[at(w, k.T_PAST, k.P_WIDTH, f) + k.P_LATENT] == 0:
        place = apply(w, coded(w, f, meeting_s))
    a, b = fact_draws(w, f, TELLING)
    expect(w, channel, meeting_s, a, b, place, i[fact + k.F_BY], f)
    return channel


@compiled_part
def emit(w: Arrays, e: KernelEvent) -> int:
    """Let an event happen; return its place in the run.

    Where a logged decision is taken again, and answered and told as in history, it happens word for
    word as it was logged.
    """
    i, f = w.ints, int(w.ints[k.AGAIN])
    if f < 0 or i[at(w, k.T_FACT, k.F_WIDTH, f) + k.F_KIND] != e.kind:
        return apply(w, e)
    told = at(w, k.T_PAST, k.P_WIDTH, f) + k.P_TOLD
    as_told = i[told] == e.told_a and i[told + 1] == e.told_b
    # told otherwise, it is another event: what needs the logged one must not find it
    if IS_TOLD[e.kind] and not as_told:
        return apply(w, e)
    i[at(w, k.T_OCCURRED, 1, f)] = 1
    return apply(w, coded(w, f, -1))


@compiled_part
def logged_as(w: Arrays, kind: int) -> bool:
    """Whether the opportunity that is there was a logged decision of a kind."""
    f = w.ints[k.AGAIN]
    return bool(f >= 0 and w.ints[at(w, k.T_FACT, k.F_WIDTH, f) + k.F_KIND] == kind)


@compiled_part
def answered(w: Arrays, accepts: bool) -> bool:
    """Whether a logged proposal is answered as in history."""
    i, f = w.ints, w.ints[k.AGAIN]
    if f < 0:
        return False
    same = accepts == (i[at(w, k.T_PAST, k.P_WIDTH, f) + k.P_ANSWER] == 1)
    i[at(w, k.T_OCCURRED, 1, f)] = 1 if same else 0
    return bool(same)


@compiled_part
def log_frees(w: Arrays, side: int, persons: int, proposed: int) -> bool:
    """Whether the log brings the release of a side's people, at its time; note how many it frees,
    and the place of the offer."""
    i, f = w.ints, w.ints[k.AGAIN]
    if f < 0 or i[at(w, k.T_OCCURRED, 1, f)] == 0:
        return False
    g = i[at(w, k.T_PAST, k.P_WIDTH, f) + k.P_FREES + side]
    if g < 0:
        return False
    freed = at(w, k.T_FREED, k.L_WIDTH, g)
    i[freed + k.L_NUMBER], i[freed + k.L_CAUSE] = persons, proposed
    return True


@compiled_part
def stale(w: Arrays, n: int) -> bool:
    """Whether the n-th fact in order does not happen at its own time: a burst brings it, or it
    follows from a decision that has shifted."""
    i, f = w.ints, w.ints[at(w, k.T_ORDER, 1, n)]
    if i[at(w, k.T_BROUGHT, 1, f)] >= 0:
        return True
    g = i[at(w, k.T_PAST, k.P_WIDTH, f) + k.P_FOLLOWS]
    return bool(g >= 0 and i[at(w, k.T_WHEN, 1, g)] != i[at(w, k.T_INSTANT, 1, g)])


@compiled_part
def is_shifted(w: Arrays) -> bool:
    """Whether the fact that comes next is one that waits beside the order of history."""
    i, n = w.ints, w.ints[k.NEXT_FACT]
    if i[k.WAITED] == i[k.WAITING]:
        return False
    first = i[at(w, k.T_WAITING, 1, i[k.WAITED])]
    return bool(n >= i[k.FACT_COUNT] or sooner(w, first, i[at(w, k.T_ORDER, 1, n)]))


@compiled_part
def next_fact(w: Arrays) -> int:
    """Return when the next fact happens."""
    i = w.ints
    while i[k.NEXT_FACT] < i[k.FACT_COUNT] and stale(w, i[k.NEXT_FACT]):
        i[k.NEXT_FACT] += 1
    if is_shifted(w):
        return int(i[at(w, k.T_WHEN, 1, i[at(w, k.T_WAITING, 1, i[k.WAITED])])])
    if i[k.NEXT_FACT] < i[k.FACT_COUNT]:
        return int(i[at(w, k.T_INSTANT, 1, i[at(w, k.T_ORDER, 1, i[k.NEXT_FACT])])])
    return int(i[k.UNTIL])


@compiled_part
def take_fact(w: Arrays) -> int:
    """Return the place in order of the fact that comes next, which then is not next any more."""
    i, n = w.ints, int(w.ints[k.NEXT_FACT])
    if is_shifted(w):
        n = int(i[at(w, k.T_PLACE, 1, i[at(w, k.T_WAITING, 1, i[k.WAITED])])])
        i[k.WAITED] += 1
    else:
        i[k.NEXT_FACT] += 1
    return n
