"""The fast executor: many replications of a program, compiled with numba.

It is `sim.world` over again, on flat memory: `sim.kernel_decide` decides, `sim.kernel_fold`
applies, and here time passes. Everything that may happen next is a leaf of a tournament: a binary
tree in which each node holds the least key below it, so that the next event is at the root and a
change costs the logarithm of the number of streams. A key holds an instant and a rank, which
orders what falls on one instant. Without numba the same code runs as plain Python, slowly, with
the same results.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from sim import deciding, draws, kernel_decide, kernel_fold, situation
from sim import kernel_tables as k
from sim.dates import DAY_S
from sim.deciding import BLOCKS, CANCELLED, COPRESENCE, CUT, DATE, HELD, MEETING, TELLING
from sim.doctrine import DECISIONS, FEATURES
from sim.draws import compiled, compiled_part, log, uniforms
from sim.events import KINDS
from sim.eventtable import Events
from sim.kernel_decide import expect, hold_meeting, opportunity, plain, schedule
from sim.kernel_fold import Deed, apply, finish, seen_at
from sim.kernel_tables import Memory, World, at
from sim.program import NO_TIME, STREAM_KINDS, Program
from sim.situation import AGREED, AS_IS
from sim.tally import Tally


@compiled_part
def reset(w: World) -> None:
    """Put a world back to before the first event."""
    i, x = w.ints, w.floats
    for channel in range(i[k.CHANNELS]):
        c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
        initial, since = i[c + k.C_INITIAL], i[c + k.C_SINCE]
        i[c + k.C_PENDING] = 0
        for view in range(3):
            seen = seen_at(w, channel, view)
            i[seen + k.SEEN_STATE], i[seen + k.SEEN_FROM] = initial, k.ALWAYS
            i[seen + k.SEEN_SINCE] = i[seen + k.SEEN_CONTACT] = since
            i[i[k.T_OCCUPANCY] + 4 * (3 * channel + view) * i[k.GRID_SIZE] + initial] += 1
    for dyad in range(i[k.DYADS]):
        d, stocks = at(w, k.T_DYAD, k.D_WIDTH, dyad), at(w, k.X_STOCK, k.STOCKS, dyad)
        for n in range(3):
            i[d + k.D_HELD + n] = i[d + k.D_INITIAL + n]  # the treaty follows the two counts
        for n in range(k.STOCKS):
            x[stocks + n] = 0.0
    for party in range(i[k.PARTIES]):
        i[i[k.T_DOCTRINE] + party] = i[i[k.T_INITIAL] + party]
    i[k.PLACE], i[k.NEXT_SWITCH], i[k.NEXT_FACT] = 0, 0, i[k.BEFORE]
    values = at(w, k.T_VALUES, i[k.OUTCOMES], i[k.ROW])
    for q in range(i[k.OUTCOMES]):
        type_ = i[at(w, k.T_OUTCOME, k.Q_WIDTH, q) + k.Q_TYPE]
        i[values + q] = -1 if type_ == k.FIRST_TIME or type_ == k.STATE_BY else 0


@compiled_part
def date_facts(w: World) -> None:
    """Find the instant of every fact, and the order in which they happen."""
    i, seed, replication = w.ints, int(w.ints[k.SEED]), int(w.ints[k.REPLICATION])
    before, size, start = i[k.BEFORE], i[k.FACT_COUNT], i[k.T_INSTANT]
    for f in range(size):
        fact = at(w, k.T_FACT, k.F_WIDTH, f)
        lo, hi, wish = i[fact + k.F_LO], i[fact + k.F_HI], i[fact + k.F_WISH]
        for n in range(i[fact + k.F_CAUSES], i[fact + k.F_WIDTH + k.F_CAUSES]):
            lo = max(lo, i[start + i[i[k.T_CAUSE] + n]])
        if wish == NO_TIME:
            key_lo, key_hi = int(i[fact + k.F_KEY_LO]), int(i[fact + k.F_KEY_HI])
            chance, _ = uniforms(seed, key_lo, key_hi, replication, DATE)
            wish = lo + int(chance * float(hi - lo))
        i[start + f] = min(max(wish, lo), hi - 1)
    sort_facts(w, 0, before)
    sort_facts(w, before, size)


@compiled_part
def sort_facts(w: World, first: int, end: int) -> None:
    """Put facts in order of time, and of place at one instant: a heap sort, which needs no room."""
    i, order, size = w.ints, int(w.ints[k.T_ORDER]) + first, end - first
    for n in range(size):
        i[order + n] = first + n
    for n in range(size // 2 - 1, -1, -1):
        sink(w, order, n, size)
    for n in range(size - 1, 0, -1):
        i[order], i[order + n] = i[order + n], i[order]
        sink(w, order, 0, n)


@compiled_part
def sink(w: World, heap: int, n: int, size: int) -> None:
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
def earlier(w: World, f: int, g: int) -> bool:
    """Whether a fact comes before another."""
    a, b = w.ints[w.ints[k.T_INSTANT] + f], w.ints[w.ints[k.T_INSTANT] + g]
    return bool(a < b or (a == b and f < g))


@compiled_part
def meeting_instant(w: World, f: int, n: int) -> int:
    """Return when the meeting is due that a fact agreed, the n-th in order; see `sim.deciding`."""
    i, instants, fact = w.ints, w.ints[k.T_INSTANT], at(w, k.T_FACT, k.F_WIDTH, f)
    lo, hi = i[fact + k.F_MEET_LO], i[fact + k.F_MEET_HI]
    if f < i[k.BEFORE]:
        after_s = i[k.AS_OF]
        for later in range(n + 1, i[k.BEFORE]):
            g = i[i[k.T_ORDER] + later]
            other = at(w, k.T_FACT, k.F_WIDTH, g)
            same = i[other + k.F_CHANNEL] == i[fact + k.F_CHANNEL]
            if same and i[other + k.F_KIND] in (HELD, CANCELLED, CUT, AGREED):
                after_s = i[instants + g] + 1
                break
        lo = max(lo, after_s)
    lo = max(lo, i[instants + f] + 1)
    if hi <= lo:
        return int(lo) if f >= i[k.BEFORE] else NO_TIME
    key_lo, key_hi = int(i[fact + k.F_KEY_LO]), int(i[fact + k.F_KEY_HI])
    when, _ = uniforms(int(i[k.SEED]), key_lo, key_hi, int(i[k.REPLICATION]), MEETING)
    return int(lo + int(when * float(hi - lo)))


@compiled_part
def apply_fact(w: World, n: int) -> int:
    """Let a coded event happen, the n-th in order; return the channel if it agreed a meeting."""
    i, f = w.ints, w.ints[w.ints[k.T_ORDER] + n]
    fact, at_s, meeting_s = at(w, k.T_FACT, k.F_WIDTH, f), i[i[k.T_INSTANT] + f], -1
    kind, channel, by = i[fact + k.F_KIND], i[fact + k.F_CHANNEL], i[fact + k.F_BY]
    if kind == AGREED:
        meeting_s = meeting_instant(w, f, n)
    deed = Deed(
        at_s, kind, channel, by, i[fact + k.F_CONFINED], AS_IS, AS_IS,
        float(w.floats[i[k.X_SEVERITY] + f]), i[fact + k.F_PERSONS], i[fact + k.F_NATIONAL],
        i[fact + k.F_HOLDER], meeting_s, -1, -1, -1, f,
    )  # fmt: skip
    place = apply(w, deed)
    if kind != AGREED:
        return -1
    key_lo, key_hi = int(i[fact + k.F_KEY_LO]), int(i[fact + k.F_KEY_HI])
    a, b = uniforms(int(i[k.SEED]), key_lo, key_hi, int(i[k.REPLICATION]), TELLING)
    expect(w, channel, meeting_s, a, b, place, by)
    return int(channel)


@compiled_part
def draw_next(w: World, s: int) -> int:
    """Draw when a Poisson stream brings its next opportunity, and the uniform it carries."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    seed, replication, n = int(i[k.SEED]), int(i[k.REPLICATION]), int(i[stream + k.S_INDEX])
    pace = at(w, k.X_PACE, k.PACES, s)
    gap, x[pace + k.CHANCE] = uniforms(seed, lo, hi, replication, n * BLOCKS)
    days = float(x[pace + k.DAYS]) + -log(gap) / float(x[pace + k.RATE])
    x[pace + k.DAYS] = days
    ahead_s, run_s = days * float(DAY_S), i[k.UNTIL] - i[k.AS_OF]
    # compared as a float: it may exceed any whole number
    return int(i[k.AS_OF] + (int(ahead_s) if ahead_s < float(run_s) else run_s))


@compiled_part
def draw_first(w: World, s: int) -> int:
    """Draw a stream's first opportunity."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    forum, pace = i[stream + k.S_FORUM], at(w, k.X_PACE, k.PACES, s)
    x[pace + k.DAYS], i[stream + k.S_INDEX] = 0.0, 0
    if forum < 0:
        return draw_next(w, s) if x[pace + k.RATE] > 0.0 else int(i[k.UNTIL])
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    _, x[pace + k.CHANCE] = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), 0)
    return int(i[stream + k.S_AT])


@compiled_part
def enter(w: World, rank: int, at_s: int) -> None:
    """Set when a source brings something first; the tree above it is built afterwards."""
    i, bits = w.ints, int(w.ints[k.BITS])
    if i[k.AS_OF] <= at_s and at_s < i[k.UNTIL]:
        i[i[k.T_TREE] + (1 << bits) + rank] = int(at_s - i[k.AS_OF]) << bits | rank


@compiled_part
def open_run(w: World) -> None:
    """Set up the tournament of everything that may happen next."""
    i, tree, leaves = w.ints, w.ints[k.T_TREE], 1 << int(w.ints[k.BITS])
    for n in range(2 * leaves):
        i[tree + n] = k.NEVER
    enter(w, k.SWITCHES, next_switch(w))
    enter(w, k.FACTS, next_fact(w))
    for channel in range(i[k.CHANNELS]):
        c = at(w, k.T_CHANNEL, k.C_WIDTH, channel)
        if i[c + k.C_PENDING] and i[c + k.C_AT] < i[k.AS_OF]:
            i[c + k.C_PENDING] = 0  # the log says whether it took place
        elif i[c + k.C_PENDING]:
            enter(w, k.MEETINGS + channel, i[c + k.C_AT])
    for s in range(i[k.STREAMS]):
        enter(w, i[k.FIRST_STREAM] + s, draw_first(w, s))
    for forum in range(i[k.FORUMS]):
        row = at(w, k.T_FORUM, 2, forum)
        if i[row] >= i[k.AS_OF]:
            enter(w, i[k.FIRST_FORUM] + forum, i[row + 1] - 1)
    for n in range(leaves - 1, 0, -1):
        i[tree + n] = min(i[tree + 2 * n], i[tree + 2 * n + 1])


@compiled_part
def next_switch(w: World) -> int:
    """Return when a party next takes up another doctrine."""
    i, n = w.ints, w.ints[k.NEXT_SWITCH]
    if n >= i[k.SWITCH_COUNT]:
        return int(i[k.UNTIL])
    return int(max(i[at(w, k.T_SWITCH, 3, n)], i[k.AS_OF]))


@compiled_part
def next_fact(w: World) -> int:
    """Return when the next inserted event happens."""
    i, n = w.ints, w.ints[k.NEXT_FACT]
    while n < i[k.FACT_COUNT]:
        at_s = i[i[k.T_INSTANT] + i[i[k.T_ORDER] + n]]
        if at_s >= i[k.AS_OF]:
            return int(at_s)
        n = i[k.NEXT_FACT] = n + 1
    return int(i[k.UNTIL])


@compiled_part
def close_forum(w: World, forum: int, at_s: int) -> None:
    """Note, as a forum ends, on which channels both were there and nobody spoke."""
    i, attends = w.ints, at(w, k.T_ATTENDS, w.ints[k.CHANNELS], forum)
    spoken = at(w, k.T_SPOKEN, i[k.CHANNELS], forum)
    for channel in range(i[k.CHANNELS]):
        if i[attends + channel] and i[spoken + channel] != i[k.ROW] + 1:
            apply(w, plain(at_s, COPRESENCE, channel, -1, 0, -1, forum, -1))


@compiled_part
def step(w: World, rank: int, at_s: int) -> None:
    """Let happen what a source other than a stream brings at an instant."""
    i = w.ints
    after_s = int(i[k.UNTIL])
    if rank == k.SWITCHES:
        switch = at(w, k.T_SWITCH, 3, i[k.NEXT_SWITCH])
        i[i[k.T_DOCTRINE] + i[switch + 1]] = i[switch + 2]
        i[k.NEXT_SWITCH] += 1
        after_s = next_switch(w)
    elif rank == k.FACTS:
        channel = apply_fact(w, i[k.NEXT_FACT])
        i[k.NEXT_FACT] += 1
        if channel >= 0:
            schedule(w, k.MEETINGS + channel, i[at(w, k.T_CHANNEL, k.C_WIDTH, channel) + k.C_AT])
        after_s = next_fact(w)
    elif rank < i[k.FIRST_STREAM]:
        hold_meeting(w, rank - k.MEETINGS, at_s)
    else:
        close_forum(w, rank - i[k.FIRST_FORUM], at_s)
    schedule(w, rank, after_s)


@compiled_part
def replicate(w: World) -> None:
    """Run one replication and add it to the sums."""
    i, x = w.ints, w.floats
    reset(w)
    date_facts(w)
    for n in range(i[k.BEFORE]):
        apply_fact(w, n)
    open_run(w)
    root, as_of, until = i[k.T_TREE] + 1, i[k.AS_OF], i[k.UNTIL]
    bits, first, last = int(i[k.BITS]), i[k.FIRST_STREAM], i[k.FIRST_FORUM]
    while i[root] != k.NEVER:
        key = int(i[root])
        rank, at_s = key & ((1 << bits) - 1), as_of + (key >> bits)
        if rank < first or rank >= last:
            step(w, rank, at_s)
            continue
        s, after_s = rank - first, until
        stream = at(w, k.T_STREAM, k.S_WIDTH, s)
        n, do = int(i[stream + k.S_INDEX]), float(x[at(w, k.X_PACE, k.PACES, s) + k.CHANCE])
        if i[stream + k.S_FORUM] < 0:
            i[stream + k.S_INDEX] = n + 1
            after_s = draw_next(w, s)
        schedule(w, rank, after_s)
        opportunity(w, s, n, at_s, do, k.NONE_GIVEN)
    finish(w)


_PARTS = (draws, k, situation, deciding, kernel_fold, kernel_decide)
"""What is compiled in beside this file, if only for a constant."""


def _sources() -> int:
    """Return a digest of what is compiled in beside this file."""
    digest = sha256(repr((KINDS, STREAM_KINDS, DECISIONS, FEATURES)).encode())
    for module in _PARTS:
        digest.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")


def _compile(sources: int) -> Any:
    # numba's cache looks at this file alone, but what a function closes over is part of its key:
    # so code that was compiled with other parts is not used again
    @compiled
    def replications(w: World, seed: int, first: int, count: int) -> int:
        w.ints[k.SEED] = seed
        for row in range(count):
            w.ints[k.ROW], w.ints[k.REPLICATION] = row, first + row
            replicate(w)
        return sources

    return replications


_replications = _compile(_sources())


def run(
    program: Program, seed: int, first: int, count: int, *, events: bool = False
) -> tuple[Tally, Events | None]:
    """Run replications `first` to `first + count - 1`; return their sums and, if asked, events.

    The results are to the last bit those of `sim.world.World`. The memory does not grow with the
    number of replications, but for a row of values in each; events are counted in one pass and
    written in a second.
    """
    memory = Memory(program, first, count)
    _replications(memory.world, seed, first, count)
    if events:
        happened = int(memory.table(k.T_HAPPENED).sum())
        memory = Memory(program, first, count, happened)
        _replications(memory.world, seed, first, count)
    return memory.tally(), memory.events() if events else None


def warm() -> bool:
    """Whether the kernel is compiled, in this process or on disk, so that a run starts at once.

    It looks at dates of files and may err after the sources were touched; only a message hangs on
    it.
    """
    if not draws.HAS_NUMBA or _replications.signatures:
        return True
    newest = max(Path(f).stat().st_mtime for f in (__file__, *(str(m.__file__) for m in _PARTS)))
    indices = Path(_replications.stats.cache_path).glob("kernel.*replications*.nbi")
    return any(index.stat().st_mtime > newest for index in indices)
