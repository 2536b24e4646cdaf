"""The kernel's abduction: the noise that history implies, as in `sim.model.abduction`.

The factual world is a memory of its own. It is walked through once a replication, and what was
inferred is left in the memory of the changed world: the opportunities that were not taken in order
of time, with the uniform of the first decision; and for each fact that was decided, whose
opportunity it was and all its uniforms.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_part, uniforms
from sim.kernel import memory as k
from sim.kernel.clock import build, clear, draw_next, enter, enter_streams, schedule
from sim.kernel.deciding import ACCEPTS, TELLS, available, likelihood
from sim.kernel.facts import apply_fact, ending, fact_draws, meeting_instant, sort_facts
from sim.kernel.folding import reset
from sim.kernel.memory import Arrays, Memory, at
from sim.log.log import STATES
from sim.model.abduction import CHOOSING, DECIDING
from sim.model.coded import HELD, TELLING
from sim.model.deciding import BLOCKS
from sim.model.program import DECIDED, MET, NO_TIME, Outcomes, Program, ints
from sim.model.situation import AGREED, AS_IS
from sim.model.walk import of
from sim.scenario.acts import ACTS

FINE, IMPOSSIBLE, NO_ROOM = range(3)
"""How an inference ended: as it should, at an impossible event, or short of memory."""


def factual(program: Program) -> Memory:
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
            (), none, none, none, ints((), len(STATES)), none, none, none, none, none
        ),
    )
    memory = Memory(world, 0, 0)
    memory.world.ints[k.SINCE] = past.start_s
    return memory


def room(program: Program) -> int:
    """Return for how many opportunities of the past there should be room: more than ever come."""
    past, streams = of(program), program.streams
    acts, days = streams.kind < len(ACTS), (program.as_of_s - past.start_s) / DAY_S
    expected = float(streams.rate[acts].sum()) * days
    return int(expected + 10.0 * math.sqrt(expected)) + len(streams.names) + 20


@compiled_part
def infer(v: Arrays, w: Arrays) -> int:
    """Walk through the factual world `v` and leave the noise in the changed one, `w`, where the
    instants of facts are known."""
    i, kept = v.ints, 0
    begin_factual(v, w)
    while i[k.NEXT_FACT] < i[k.BEFORE] and next_instant(v) < i[k.BEGIN]:
        code = follow(v, w)
        if code != FINE:
            return int(code)
    clear(v)
    enter(v, k.FACTS, next_instant(v))
    enter_streams(v, False)  # a stream that sleeps in history may be awake in the changed world
    build(v)
    root, bits, first = i[k.T_TREE] + 1, int(i[k.BITS]), i[k.FIRST_STREAM]
    while i[root] != k.NEVER:
        key = int(i[root])
        rank, at_s = key & ((1 << bits) - 1), i[k.BEGIN] + (key >> bits)
        if rank == k.FACTS:
            code = follow(v, w)
            if code != FINE:
                return int(code)
            schedule(v, rank, next_instant(v))
            continue
        s, after_s = rank - first, int(i[k.UNTIL])
        stream = at(v, k.T_STREAM, k.S_WIDTH, s)
        n, do = int(i[stream + k.S_INDEX]), float(v.floats[at(v, k.X_PACE, k.PACES, s) + k.CHANCE])
        if i[stream + k.S_FORUM] < 0:
            i[stream + k.S_INDEX] = n + 1
            after_s = draw_next(v, s)
        schedule(v, rank, after_s)
        do = untaken(v, s, n, at_s, do)
        if do < 0.0:
            continue
        if kept == w.ints[k.KEPT_ROWS]:
            return NO_ROOM
        row = at(w, k.T_KEPT, k.N_WIDTH, kept)
        w.ints[row + k.N_KEY], w.ints[row + k.N_INDEX] = key, n
        w.floats[w.ints[k.X_KEPT] + kept] = do
        kept += 1
    row = at(w, k.T_KEPT, k.N_WIDTH, kept)
    w.ints[row + k.N_KEY] = int(i[k.AS_OF] - i[k.BEGIN]) << bits  # the as-of date, of rank 0
    w.ints[row + k.N_WIDTH + k.N_KEY] = k.NEVER
    return FINE


@compiled_part
def begin_factual(v: Arrays, w: Arrays) -> None:
    """Begin a replication of the factual world."""
    for head in (k.SEED, k.REPLICATION, k.ROW):
        v.ints[head] = w.ints[head]
    for f in range(v.ints[k.FACT_COUNT]):
        v.ints[v.ints[k.T_INSTANT] + f] = w.ints[w.ints[k.T_INSTANT] + f]
    reset(v)
    sort_facts(v, 0, v.ints[k.BEFORE])
    sort_facts(v, v.ints[k.BEFORE], v.ints[k.FACT_COUNT])
    v.ints[k.NEXT_FACT] = 0


@compiled_part
def next_instant(v: Arrays) -> int:
    """Return when the next fact of history happens."""
    i, n = v.ints, v.ints[k.NEXT_FACT]
    if n >= i[k.BEFORE]:
        return int(i[k.UNTIL])
    return int(i[i[k.T_INSTANT] + i[i[k.T_ORDER] + n]])


@compiled_part
def untaken(v: Arrays, s: int, n: int, at_s: int, do: float) -> float:
    """Return the uniform of an opportunity that was not taken; -1 where there cannot have been it.

    One that would have been taken is dropped, at a forum redrawn.
    """
    i, stream = v.ints, at(v, k.T_STREAM, k.S_WIDTH, s)
    if not available(v, s, at_s):
        return do
    act, channel, side = i[stream + k.S_KIND], i[stream + k.S_CHANNEL], i[stream + k.S_SIDE]
    likely = likelihood(v, act, channel, side, at_s)
    if not do < likely:
        return do
    if i[stream + k.S_FORUM] < 0:
        return -1.0  # points of a Poisson process above and below the line are independent
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    again, _ = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), n * BLOCKS + 3)
    return likely + again * (1.0 - likely)


@compiled_part
def follow(v: Arrays, w: Arrays) -> int:
    """Explain the next fact of history, and let it happen in the factual world."""
    i, n = v.ints, v.ints[k.NEXT_FACT]
    f = int(i[i[k.T_ORDER] + n])
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
    answer, at_s = i[past + k.P_ANSWER], int(i[i[k.T_INSTANT] + f])
    first = i[k.T_CANDIDATE] + i[past + k.P_CANDIDATES]
    count = i[past + k.P_WIDTH + k.P_CANDIDATES] - i[past + k.P_CANDIDATES]
    total = 0.0
    for n in range(count):
        total += weigh(v, i[first + n], at_s, answer, at(v, k.X_WEIGHED, 3, n))
    if not total > 0.0:  # also where it is not a number
        return False
    choice, lead = fact_draws(v, f, CHOOSING)
    chosen, left = 0, choice * total
    while chosen < count - 1 and left >= x[at(v, k.X_WEIGHED, 3, chosen)]:
        left -= x[at(v, k.X_WEIGHED, 3, chosen)]
        chosen += 1
    weighed, s = at(v, k.X_WEIGHED, 3, chosen), i[first + chosen]
    does, accepts = float(x[weighed + 1]), float(x[weighed + 2])
    draw, accept = fact_draws(v, f, DECIDING)
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
    w.ints[w.ints[k.T_CHOSEN] + f] = s
    if forum >= 0:  # a forum gives one opportunity: it was this one
        w.ints[w.ints[k.T_USED] + s] = i[k.ROW] + 1
        i[at(v, k.T_SPOKEN, i[k.CHANNELS], forum) + channel] = i[k.ROW] + 1
    return True


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
    rate = float(x[at(v, k.X_PACE, k.PACES, s) + k.RATE]) if i[stream + k.S_FORUM] < 0 else 1.0
    weight = rate * does * taken
    x[weighed], x[weighed + 1], x[weighed + 2] = weight, does, accepts
    return weight


@compiled_part
def tellings(v: Arrays, f: int, channel: int) -> tuple[float, float]:
    """Infer the uniforms by which each side told a contact."""
    i, past = v.ints, at(v, k.T_PAST, k.P_WIDTH, f)
    a, b = fact_draws(v, f, TELLING)
    contact = i[past + k.P_ANSWER] == 1 or i[past + k.P_ROLE] == MET
    if not contact or i[at(v, k.T_FACT, k.F_WIDTH, f) + k.F_KIND] == AGREED:
        return a, b
    at_s = int(i[i[k.T_INSTANT] + f])
    tells = likelihood(v, TELLS, channel, 0, at_s)
    a = a * tells if i[past + k.P_TOLD] == AS_IS else tells + a * (1.0 - tells)
    tells = likelihood(v, TELLS, channel, 1, at_s)
    b = b * tells if i[past + k.P_TOLD + 1] == AS_IS else tells + b * (1.0 - tells)
    return a, b
