"""The kernel's abduction: the noise that history implies, as in `sim.model.abduction`.

The factual world is a memory of its own. It is walked through once a replication, and what was
inferred is left in the memory of the changed world: which opportunities history rules out, since
they would have been taken; for each side at a forum its moment and the uniform that it carries; and
for each fact that was decided, whose opportunity it was and all its uniforms.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_part, exp
from sim.kernel import memory as k
from sim.kernel.bounds import out_of_reach
from sim.kernel.bursts import pass_on
from sim.kernel.candidates import begin_past, enter_streams, pass_candidate, refresh
from sim.kernel.clock import build, clear, come_next, enter, schedule
from sim.kernel.deciding import ACCEPTS, EFFECT, EXCHANGE, TELLS, available, likelihood
from sim.kernel.facts import (
    apply_fact,
    date_facts,
    earlier,
    ending,
    fact_draws,
    meeting_instant,
    sort_facts,
)
from sim.kernel.folding import reset
from sim.kernel.forums import enter_past_forums, orders, pass_moment, toss_coins
from sim.kernel.layout import Memory
from sim.kernel.memory import Arrays, at
from sim.kernel.pages import copy_pages, forget_pages
from sim.log.log import STATES
from sim.model.abduction import CHOOSING, DECIDING, UNKNOWN
from sim.model.coded import HELD, TELLING
from sim.model.compiled_scenario import DECIDED, MET, NO_TIME, CompiledScenario, Outcomes, ints
from sim.model.situation import AGREED
from sim.model.walk import of
from sim.rules.telling import AS_IS
from sim.scenario.acts import ACTS

FINE, IMPOSSIBLE, NO_ROOM = range(3)
"""How a replication ended: as it should, at an impossible event, or short of memory."""
SOME_DROPPED = 256
"""Opportunities that history rules out in one replication: room for the first try."""


def factual(program: CompiledScenario) -> Memory:
    """Lay out the factual world: it ends at the as-of date, and nothing is asked of it.

    Its streams are those of the past, and the world's own bring nothing: history has its events.
    """
    past, streams = of(program), program.streams
    acts = streams.kind < len(ACTS)
    none = ints(())
    world = replace(
        program,
        until_s=program.as_of_s,
        observe_s=program.as_of_s,
        grid_s=program.grid_s[:1],
        streams=replace(streams, key=past.key, rate=np.where(acts, streams.rate, 0.0)),
        outcomes=Outcomes(
            (), none, none, none, ints((), len(STATES)), none, none, none, none, none, none
        ),
    )
    return Memory(world, 0, 0)


@compiled_part
def infer(v: Arrays, w: Arrays) -> int:
    """Find the instants of facts, walk through the factual world `v`, and leave the noise in the
    changed one, `w`; say how that ended."""
    i = v.ints
    date_facts(w)
    begin_factual(v, w)
    while i[k.NEXT_FACT] < i[k.BEFORE] and next_instant(v) < i[k.BEGIN]:
        code = follow(v, w)
        if code != FINE:
            return int(code)
    clear(v)
    enter(v, k.FACTS, next_instant(v))
    enter_past_forums(v)
    build(v)
    enter_streams(v)
    bits, first = int(i[k.BITS]), i[k.FIRST_STREAM]
    while True:
        if i[k.CHANGED]:
            refresh(v)
        key, of_burst = come_next(v)
        if key == k.NEVER:
            break
        rank, at_s = key & ((1 << bits) - 1), i[k.BEGIN] + (key >> bits)
        if of_burst:
            examine(v, w)
        elif rank == k.FACTS:
            code = follow(v, w)
            if code != FINE:
                return int(code)
            schedule(v, rank, next_instant(v))
        elif i[at(v, k.T_STREAM, k.S_WIDTH, rank - first) + k.S_FORUM] >= 0:
            pass_moment(v, rank - first, at_s, asked(v, rank - first, at_s))
        else:
            n, do = pass_candidate(v, rank - first)
            if taken(v, rank - first, at_s, do) and not drop(w, rank - first, n):
                return NO_ROOM
    toss_coins(v, w)
    copy_pages(v, w)
    return FINE


@compiled_part
def drop(w: Arrays, s: int, n: int) -> bool:
    """Note that history rules out an opportunity: it would have been taken, and was not. Say if
    there is room. Points of a Poisson process above and below a line are independent."""
    # Calls that would have been made, and calls that would not, are two Poisson processes that know
    # nothing of each other (thinning). History says all of the first, so the drawn ones of it go;
    # of the second it says nothing, so they stay as they were drawn.
    drops = w.ints[k.DROPS]
    if drops == w.ints[k.DROP_ROWS]:
        return False
    row, first = at(w, k.T_DROPPED, k.N_WIDTH, drops), at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_DROPPED
    w.ints[row + k.N_INDEX], w.ints[row + k.N_NEXT] = n, w.ints[first]
    w.ints[first], w.ints[k.DROPS] = drops, drops + 1
    return True


@compiled_part
def begin_factual(v: Arrays, w: Arrays) -> None:
    """Begin a replication of the factual world."""
    w.ints[k.DROPS] = 0
    for s in range(w.ints[k.STREAMS]):
        w.ints[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_DROPPED] = -1
    for head in (k.SEED, k.REPLICATION, k.ROW):
        v.ints[head] = w.ints[head]
    for f in range(v.ints[k.FACT_COUNT]):
        instant = w.ints[at(w, k.T_INSTANT, 1, f)]
        v.ints[at(v, k.T_INSTANT, 1, f)] = v.ints[at(v, k.T_WHEN, 1, f)] = instant
    for b in range(v.ints[at(v, k.T_FACT, k.F_WIDTH, v.ints[k.FACT_COUNT]) + k.F_OPENS]):
        burst = at(w, k.T_BURST, k.B_WIDTH, b)
        w.ints[burst + k.B_DROPPED], w.ints[burst + k.B_FIRST] = 0, -1
    reset(v)
    begin_past(v)
    forget_pages(v)
    sort_facts(v, 0, v.ints[k.BEFORE])
    sort_facts(v, v.ints[k.BEFORE], v.ints[k.FACT_COUNT])
    v.ints[k.NEXT_FACT] = 0


@compiled_part
def examine(v: Arrays, w: Arrays) -> None:
    """Drop the point that a burst brings next, where it would have been taken in history."""
    i, slot, bits = v.ints, int(v.ints[at(v, k.T_HEAP, 1, 0)]), int(v.ints[k.BITS])
    place = at(v, k.T_SLOT, k.W_WIDTH, slot)
    key, n = int(i[place + k.W_KEY]), int(i[place + k.W_NUMBER])
    do = float(v.floats[at(v, k.X_SLOT, k.W_FLOATS, slot) + k.W_CHANCE])
    b = i[place + k.W_BURST]
    pass_on(v)
    s, at_s = (key & ((1 << bits) - 1)) - i[k.FIRST_STREAM], i[k.BEGIN] + (key >> bits)
    if taken(v, s, at_s, do):
        w.ints[at(w, k.T_BURST, k.B_WIDTH, b) + k.B_DROPPED] |= 1 << n


@compiled_part
def next_instant(v: Arrays) -> int:
    """Return when the next fact of history happens."""
    i, n = v.ints, v.ints[k.NEXT_FACT]
    if n >= i[k.BEFORE]:
        return int(i[k.UNTIL])
    return int(i[at(v, k.T_INSTANT, 1, i[at(v, k.T_ORDER, 1, n)])])


@compiled_part
def taken(v: Arrays, s: int, at_s: int, do: float) -> bool:
    """Whether an opportunity with such a uniform was taken in history."""
    return not out_of_reach(v, s, at_s, do) and do < asked(v, s, at_s)


@compiled_part
def asked(v: Arrays, s: int, at_s: int) -> float:
    """Return the probability that an opportunity was taken; 0 where there was nothing to decide."""
    i, stream = v.ints, at(v, k.T_STREAM, k.S_WIDTH, s)
    if not available(v, s, at_s):
        return 0.0
    act, channel, side = i[stream + k.S_KIND], i[stream + k.S_CHANNEL], i[stream + k.S_SIDE]
    return likelihood(v, act, channel, side, at_s)


@compiled_part
def follow(v: Arrays, w: Arrays) -> int:
    """Explain the next fact of history, and let it happen in the factual world."""
    i, n = v.ints, v.ints[k.NEXT_FACT]
    f = int(i[at(v, k.T_ORDER, 1, n)])
    role = i[at(v, k.T_PAST, k.P_WIDTH, f) + k.P_ROLE]
    fact = at(v, k.T_FACT, k.F_WIDTH, f)
    if role == DECIDED:
        if not explain(v, w, f):
            return IMPOSSIBLE
        if i[fact + k.F_KIND] == AGREED:
            ends = ending(v, n)
            held = ends >= 0 and i[at(v, k.T_FACT, k.F_WIDTH, ends) + k.F_KIND] == HELD
            if not held and meeting_instant(v, n) == NO_TIME:
                return IMPOSSIBLE
    elif role == MET:
        given = at(w, k.X_GIVEN, k.G_WIDTH, f) + k.G_TELL
        a, b = tellings(v, f, i[fact + k.F_CHANNEL])
        w.floats[given], w.floats[given + 1] = a, b
    apply_fact(v, n)
    i[k.NEXT_FACT] = n + 1
    return FINE


@compiled_part
def explain(v: Arrays, w: Arrays, f: int) -> bool:
    """Infer whose opportunity a logged decision was, and its uniforms; say if that is possible."""
    i, x, past = v.ints, v.floats, at(v, k.T_PAST, k.P_WIDTH, f)
    answer, at_s = i[past + k.P_ANSWER], int(i[at(v, k.T_INSTANT, 1, f)])
    first = i[k.T_CANDIDATE] + i[past + k.P_CANDIDATES]
    count = i[past + k.P_WIDTH + k.P_CANDIDATES] - i[past + k.P_CANDIDATES]
    total, every = 0.0, count
    for n in range(count):
        weighed = at(v, k.X_WEIGHED, k.WEIGHED, n)
        total += weigh(v, i[first + n], at_s, answer, weighed)
        x[weighed + k.O_CANDIDATE], x[weighed + k.O_BURST] = n, -1.0
    for n in range(i[past + k.P_SOURCES], i[past + k.P_WIDTH + k.P_SOURCES]):
        source = at(v, k.T_SOURCE, k.SOURCE, n)
        b, place = i[source + k.SOURCE_BURST], i[source + k.SOURCE_CANDIDATE]
        rate = intensity(v, b, f, at_s)
        if rate >= 0.0:
            weighed, same = (
                at(v, k.X_WEIGHED, k.WEIGHED, every),
                at(v, k.X_WEIGHED, k.WEIGHED, place),
            )
            does, accepts, taken = float(x[same + k.O_DOES]), float(x[same + k.O_ACCEPTS]), 1.0
            if answer >= 0:
                taken = accepts if answer == 1 else 1.0 - accepts
            note_origin(v, weighed, rate * does * taken, does, accepts)
            x[weighed + k.O_CANDIDATE], x[weighed + k.O_BURST] = place, b
            total += x[weighed + k.O_WEIGHT]
            every += 1
    if not total > 0.0:  # also where it is not a number
        return False
    # Weights 0.020, 0.009 and 0.004 (a burst): total 0.033. A uniform of 0.8 is 0.0264 of it: more
    # than 0.020, and the 0.0064 that is left is less than 0.009: the second brought it.
    choice, lead = fact_draws(v, f, CHOOSING)
    chosen, left = 0, choice * total
    while chosen < every - 1 and left >= x[at(v, k.X_WEIGHED, k.WEIGHED, chosen) + k.O_WEIGHT]:
        left -= x[at(v, k.X_WEIGHED, k.WEIGHED, chosen) + k.O_WEIGHT]
        chosen += 1
    weighed = at(v, k.X_WEIGHED, k.WEIGHED, chosen)
    b, s = int(x[weighed + k.O_BURST]), i[first + int(x[weighed + k.O_CANDIDATE])]
    does, accepts = float(x[weighed + k.O_DOES]), float(x[weighed + k.O_ACCEPTS])
    if answer == 1 and EFFECT[i[at(v, k.T_STREAM, k.S_WIDTH, s) + k.S_KIND]] == EXCHANGE:
        lead = share(v, f, lead)
    draw, accept = fact_draws(v, f, DECIDING)
    # as in the reference, where a comment has numbers: each uniform is put on its side of the line
    do = draw * does
    if i[k.SHARED] and answer == 1:
        do = draw * does * accepts
    elif i[k.SHARED] and answer == 0:
        do = does * accepts + draw * (does - does * accepts)
    if answer == 1:
        accept = accept * accepts
    elif answer == 0:
        accept = accepts + accept * (1.0 - accepts)
    stream = at(v, k.T_STREAM, k.S_WIDTH, s)
    channel, forum = i[stream + k.S_CHANNEL], i[stream + k.S_FORUM]
    tell_a, tell_b = tellings(v, f, channel)
    given = at(w, k.X_GIVEN, k.G_WIDTH, f)
    w.floats[given + k.G_ACCEPT], w.floats[given + k.G_LEAD] = accept, lead
    w.floats[given + k.G_TELL], w.floats[given + k.G_TELL + 1] = tell_a, tell_b
    w.floats[given + k.G_DO] = do
    w.ints[at(w, k.T_CHOSEN, 1, f)], w.ints[at(w, k.T_BROUGHT, 1, f)] = s, b
    if b >= 0:
        burst = at(w, k.T_BURST, k.B_WIDTH, b) + k.B_FIRST
        w.ints[at(w, k.T_AFTER, 1, f)], w.ints[burst] = w.ints[burst], f
    if forum >= 0:  # a forum gives one opportunity: it was this one
        w.ints[at(w, k.T_USED, 1, s)] = i[k.REPLICATION] + 1
        w.ints[at(w, k.T_MOMENT, 2, s)] = at_s
    return True


@compiled_part
def share(v: Arrays, f: int, chance: float) -> float:
    """Infer the share of those held that an exchange freed; UNKNOWN where no share gives the
    numbers of the log."""
    i, least, most = v.ints, 0.0, 1.0
    c = at(v, k.T_CHANNEL, k.C_WIDTH, i[at(v, k.T_FACT, k.F_WIDTH, f) + k.F_CHANNEL])
    d = at(v, k.T_DYAD, k.D_WIDTH, i[c + k.C_DYAD]) + k.D_HELD
    for side in range(2):
        held, freed = int(i[d + side]), 0
        g = i[at(v, k.T_PAST, k.P_WIDTH, f) + k.P_FREES + side]
        if g >= 0:
            freed = int(i[at(v, k.T_FACT, k.F_WIDTH, g) + k.F_PERSONS])
        if held == 0 and freed == 0:
            continue
        if freed < 1 or freed > held:
            return UNKNOWN
        least, most = max(least, float(freed - 1) / held), min(most, float(freed) / held)
    return least + chance * (most - least) if least < most else UNKNOWN


@compiled_part
def weigh(v: Arrays, s: int, at_s: int, answer: int, weighed: int) -> float:
    """Weigh a stream as the origin of a logged decision: by its rate, times the probability that
    its act was done and answered so. Leave that and the two probabilities at `weighed`."""
    i, x, stream = v.ints, v.floats, at(v, k.T_STREAM, k.S_WIDTH, s)
    act, channel, side = i[stream + k.S_KIND], i[stream + k.S_CHANNEL], i[stream + k.S_SIDE]
    does, accepts, taken = 0.0, 0.0, 1.0
    if available(v, s, at_s):
        does = likelihood(v, act, channel, side, at_s)
        if answer >= 0:
            accepts = likelihood(v, ACCEPTS[act], channel, 1 - side, at_s)
    if answer >= 0:
        taken = accepts if answer == 1 else 1.0 - accepts
    rate = float(x[at(v, k.X_PACE, k.PACES, s) + k.RATE])
    if i[stream + k.S_FORUM] >= 0:
        first, second = orders(v, s, at_s)
        rate = first + second
    weight = rate * does * taken
    note_origin(v, weighed, weight, does, accepts)
    return weight


@compiled_part
def note_origin(v: Arrays, weighed: int, weight: float, does: float, accepts: float) -> None:
    """Note what a possible origin of a logged decision weighs, and its two probabilities."""
    x = v.floats
    x[weighed + k.O_WEIGHT], x[weighed + k.O_DOES], x[weighed + k.O_ACCEPTS] = weight, does, accepts


@compiled_part
def intensity(v: Arrays, b: int, f: int, at_s: int) -> float:
    """Return the intensity of a coded event's burst at fact `f`, per day; -1 where it is not open.

    An opener that history holds before the fact counts as open at its own instant.
    """
    i, burst = v.ints, at(v, k.T_BURST, k.B_WIDTH, b)
    e = i[burst + k.B_OPENER]
    if not earlier(v, e, f):
        return -1.0
    row = at(v, k.X_ROW, k.R_FLOATS, i[burst + k.B_ROW])
    m, tau_days = float(v.floats[row + k.R_MEAN]), float(v.floats[row + k.R_TAU])
    age_s = at_s - i[at(v, k.T_INSTANT, 1, e)]
    return m / tau_days * exp(-(float(age_s) / float(DAY_S)) / tau_days)


@compiled_part
def tellings(v: Arrays, f: int, channel: int) -> tuple[float, float]:
    """Infer the uniforms by which each side told a contact."""
    i, past = v.ints, at(v, k.T_PAST, k.P_WIDTH, f)
    a, b = fact_draws(v, f, TELLING)
    contact = i[past + k.P_ANSWER] == 1 or i[past + k.P_ROLE] == MET
    if not contact or i[at(v, k.T_FACT, k.F_WIDTH, f) + k.F_KIND] == AGREED:
        return a, b
    at_s = int(i[at(v, k.T_INSTANT, 1, f)])
    tells = likelihood(v, TELLS, channel, 0, at_s)
    a = a * tells if i[past + k.P_TOLD] == AS_IS else tells + a * (1.0 - tells)
    tells = likelihood(v, TELLS, channel, 1, at_s)
    b = b * tells if i[past + k.P_TOLD + 1] == AS_IS else tells + b * (1.0 - tells)
    return a, b
