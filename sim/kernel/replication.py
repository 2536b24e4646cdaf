"""The kernel's world: one replication, as in `sim.model.reference`.

`clock` says what is next, `deciding` decides, `folding` applies; here time passes.
"""

from __future__ import annotations

from sim.ground.draws import compiled_inline, compiled_part, one_of, uniforms
from sim.kernel import memory as k
from sim.kernel.bursts import pass_on
from sim.kernel.candidates import enter_streams, pass_candidate, refresh
from sim.kernel.clock import build, clear, come_next, enter, enter_forums, schedule
from sim.kernel.deciding import bring_key, hold_meeting, opportunity, plain
from sim.kernel.drift import draw_drift
from sim.kernel.facts import apply_fact, date_facts, due, next_fact, sort_facts, take_fact
from sim.kernel.folding import apply, finish, note_change, reset
from sim.kernel.memory import Arrays, at
from sim.model.coded import COPRESENCE


@compiled_part
def forget_passed(w: Arrays) -> None:
    """Forget, at the as-of date, meetings due before it: the log says if they were held."""
    i = w.ints
    for channel in range(i[k.CHANNELS]):
        c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
        if i[c + k.C_AT] < i[k.AS_OF]:
            i[c + k.C_PENDING] = 0
            note_change(w, i[c + k.C_DYAD])


@compiled_part
def leave_past(w: Arrays) -> None:
    """Come to the as-of date: forget what is past, and hold those whom nobody names."""
    i = w.ints
    forget_passed(w)
    for group in range(i[k.GROUPS]):
        row = at(w, k.T_UNNAMED, k.V_WIDTH, group)
        lo, hi = int(i[row + k.V_KEY_LO]), int(i[row + k.V_KEY_HI])
        seed, replication = int(i[k.SEED]), int(i[k.REPLICATION])
        more = i[row + k.V_LEAST] + one_of(int(i[row + k.V_CHOICES]), seed, lo, hi, replication, 0)
        i[at(w, k.T_DYAD, k.D_WIDTH, i[row + k.V_DYAD]) + k.D_HELD + i[row + k.V_SIDE]] += more
        note_change(w, i[row + k.V_DYAD])


@compiled_part
def open_run(w: Arrays) -> None:
    """Set up everything that may happen next, but for the streams that run on."""
    i = w.ints
    clear(w)
    enter(w, k.SWITCHES, next_switch(w))
    enter(w, k.FACTS, next_fact(w))
    for channel in range(i[k.CHANNELS]):
        if i[at(w, k.T_CHANNEL, k.C_WIDTH, channel) + k.C_PENDING]:
            enter(w, k.MEETINGS + channel, due(w, channel))
    enter_forums(w)
    for forum in range(i[k.FORUMS]):
        row = at(w, k.T_FORUM, k.M_WIDTH, forum)
        if i[row + k.M_LO] >= i[k.AS_OF]:
            enter(w, i[k.FIRST_FORUM] + forum, i[row + k.M_HI] - 1)
    build(w)


@compiled_part
def next_switch(w: Arrays) -> int:
    """Return when a party next takes up another doctrine."""
    i, n = w.ints, w.ints[k.NEXT_SWITCH]
    if n >= i[k.SWITCH_COUNT]:
        return int(i[k.UNTIL])
    return int(max(i[at(w, k.T_SWITCH, k.U_WIDTH, n) + k.U_AT], i[k.BEGIN]))


@compiled_part
def taken_up(w: Arrays, switch: int) -> int:
    """Return the doctrine that a party takes up at a switch: one of several is drawn."""
    i, x = w.ints, w.floats
    chosen, last = i[switch + k.U_CHOICES], i[switch + k.U_WIDTH + k.U_CHOICES] - 1
    if chosen < last:
        lo, hi = int(i[switch + k.U_KEY_LO]), int(i[switch + k.U_KEY_HI])
        chance, _ = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), 0)
        while chosen < last and chance >= x[i[k.X_CHOICE] + chosen]:
            chosen += 1
    return int(i[at(w, k.T_CHOICE, 1, chosen)])


@compiled_part
def close_forum(w: Arrays, forum: int, at_s: int) -> None:
    """Note, as a forum ends, on which channels both were there and nobody spoke."""
    i, table = w.ints, k.T_ATTENDS
    row = at(w, k.T_FORUM, k.M_WIDTH, forum)
    if i[row + k.M_LO] < i[k.AS_OF]:
        table = k.T_PASSES
    attends = at(w, table, i[k.CHANNELS], forum)
    spoken = at(w, k.T_SPOKEN, i[k.CHANNELS], forum)
    for channel in range(i[k.CHANNELS]):
        if i[attends + channel] and i[spoken + channel] != i[k.ROW] + 1:
            word = int(i[at(w, k.T_CHANNEL, k.C_WIDTH, channel) + k.C_WORD])
            bring_key(w, int(i[row + k.M_WORD_LO]), int(i[row + k.M_WORD_HI]), word)
            apply(w, plain(at_s, COPRESENCE, channel, -1, 0, -1, forum, -1))


@compiled_part
def step(w: Arrays, rank: int, at_s: int) -> None:
    """Let happen what a source other than a stream brings at an instant."""
    i = w.ints
    after_s = int(i[k.UNTIL])
    if rank == k.SWITCHES:
        switch = at(w, k.T_SWITCH, k.U_WIDTH, i[k.NEXT_SWITCH])
        party = i[switch + k.U_PARTY]
        i[at(w, k.T_DOCTRINE, 1, party)] = taken_up(w, switch)
        pairs = at(w, k.T_REACH_START, 1, party + 1)
        for n in range(i[pairs], i[pairs + 1]):
            note_change(w, i[at(w, k.T_REACH, 1, n)])
        i[k.NEXT_SWITCH] += 1
        after_s = next_switch(w)
    elif rank == k.FACTS:
        channel = apply_fact(w, take_fact(w))
        if channel >= 0:
            schedule(w, k.MEETINGS + channel, due(w, channel))
        after_s = next_fact(w)
    elif rank < i[k.FIRST_STREAM]:
        hold_meeting(w, rank - k.MEETINGS, at_s)
    else:
        close_forum(w, rank - i[k.FIRST_FORUM], at_s)
    schedule(w, rank, after_s)


NOBODY = 2.0
"""The uniform of what is no opportunity: no probability reaches it."""


@compiled_inline
def arrive(w: Arrays, s: int) -> float:
    """Note what a stream brings now, and when it brings the next; return its uniform."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    if i[stream + k.S_FORUM] < 0:
        # the next one is set before this one is decided, which may raise a bound
        n, do = pass_candidate(w, s)
    else:
        n, do = 0, float(w.floats[at(w, k.X_PACE, k.PACES, s) + k.CHANCE])
        schedule(w, i[k.FIRST_STREAM] + s, int(i[k.UNTIL]))
    bring_key(w, int(i[stream + i[k.NAMED]]), int(i[stream + i[k.NAMED] + 1]), n)
    return do


@compiled_inline
def bring_burst(w: Arrays) -> float:
    """Note what the burst that is next brings, and when it brings its next; return its uniform."""
    i, slot = w.ints, w.ints[at(w, k.T_HEAP, 1, 0)]
    place = at(w, k.T_SLOT, k.W_WIDTH, slot)
    do = float(w.floats[at(w, k.X_SLOT, k.W_FLOATS, slot) + k.W_CHANCE])
    bring_key(w, int(i[place + k.W_LO]), int(i[place + k.W_HI]), int(i[place + k.W_NUMBER]))
    pass_on(w)  # before this one is decided, which may open others
    return do


@compiled_part
def replicate(w: Arrays) -> None:
    """Run one replication and add it to the sums."""
    i = w.ints
    reset(w)
    draw_drift(w)
    date_facts(w)
    sort_facts(w, 0, i[k.BEFORE])
    sort_facts(w, i[k.BEFORE], i[k.FACT_COUNT])
    for n in range(i[k.BEFORE]):
        apply_fact(w, n)
    leave_past(w)
    while i[k.NEXT_FACT] < i[k.FACT_COUNT] and next_fact(w) < i[k.BEGIN]:
        i[k.NEXT_FACT] += 1
    open_run(w)
    enter_streams(w)
    begin, bits, first, last = i[k.BEGIN], int(i[k.BITS]), i[k.FIRST_STREAM], i[k.FIRST_FORUM]
    while True:
        if i[k.CHANGED]:
            refresh(w)
        key, of_burst = come_next(w)
        if key == k.NEVER:
            break
        rank, at_s, do = key & ((1 << bits) - 1), begin + (key >> bits), NOBODY
        if of_burst:
            do = bring_burst(w)
        elif rank < first or rank >= last:
            step(w, rank, at_s)
        else:
            do = arrive(w, rank - first)
        if do < NOBODY:  # one call for both: the compiler then writes it out here
            opportunity(w, rank - first, at_s, do, k.NONE_GIVEN)
    finish(w)
