"""The kernel's clock: what may happen next, and when the opportunities of a stream arrive.

Everything that may happen next is a leaf of a tournament: a binary tree in which each node holds
the least key below it, so that the next event is at the root and a change costs the logarithm of
the number of streams. A key holds an instant and a rank, which orders what falls on one instant.

An opportunity to cancel is none unless a meeting is pending, and mostly none is. So the streams of
cancel sleep until one is: what they would have brought meanwhile is skipped, not brought in vain.
"""

from __future__ import annotations

from sim.ground.dates import DAY_S
from sim.ground.draws import compiled_inline, compiled_part, log, uniforms
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at
from sim.model.bursts import BLOCKS


@compiled_part
def schedule(w: Arrays, rank: int, at_s: int) -> None:
    """Set when a source brings something next; nothing from the end of the run on."""
    i, tree, bits = w.ints, int(w.ints[k.T_TREE]), int(w.ints[k.BITS])
    n = (1 << bits) + rank
    key = k.NEVER if at_s >= i[k.UNTIL] else int(at_s - i[k.BEGIN]) << bits | rank
    i[tree + n] = key
    # only the way to the root can change: each node is the less of its two children
    while n > 1:
        key = min(key, int(i[tree + (n ^ 1)]))
        n >>= 1
        i[tree + n] = key


@compiled_part
def clear(w: Arrays) -> None:
    """Forget everything that may happen next."""
    i = w.ints
    for n in range(2 << i[k.BITS]):
        i[i[k.T_TREE] + n] = k.NEVER


@compiled_part
def enter(w: Arrays, rank: int, at_s: int) -> None:
    """Set when a source brings something first; the tree above it is built afterwards."""
    i, bits = w.ints, int(w.ints[k.BITS])
    # what lies before the start has been followed as history, not waited for
    if i[k.BEGIN] <= at_s and at_s < i[k.UNTIL]:
        i[i[k.T_TREE] + (1 << bits) + rank] = int(at_s - i[k.BEGIN]) << bits | rank


@compiled_part
def build(w: Arrays) -> None:
    """Build the tree above its leaves."""
    i, tree = w.ints, w.ints[k.T_TREE]
    for n in range((1 << i[k.BITS]) - 1, 0, -1):
        i[tree + n] = min(i[tree + 2 * n], i[tree + 2 * n + 1])


@compiled_inline
def draw_next(w: Arrays, s: int) -> int:
    """Draw when a Poisson stream brings its next opportunity, and the uniform it carries."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    seed, replication, n = int(i[k.SEED]), int(i[k.REPLICATION]), int(i[stream + k.S_INDEX])
    pace = at(w, k.X_PACE, k.PACES, s)
    # the waiting time and the uniform of the decision are one draw: an opportunity costs one call
    gap, x[pace + k.CHANCE] = uniforms(seed, lo, hi, replication, n * BLOCKS)
    # days are summed as the reference sums them, from the start: a sum of seconds rounds otherwise
    days = float(x[pace + k.DAYS]) + -log(gap) / float(x[pace + k.RATE])
    x[pace + k.DAYS] = days
    ahead_s, run_s = days * float(DAY_S), i[k.UNTIL] - i[k.SINCE]
    # compared as a float: it may exceed any whole number
    return int(i[k.SINCE] + (int(ahead_s) if ahead_s < float(run_s) else run_s))


@compiled_part
def side_ahead(w: Arrays, s: int) -> float:
    """Return the coin of a forum and a channel: below one half, side 0 has the first moment."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    lo, hi = int(i[stream + k.S_COIN_LO]), int(i[stream + k.S_COIN_HI])
    coin, _ = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), 0)
    return coin


@compiled_part
def forum_moment(w: Arrays, s: int) -> int:
    """Return when a side has its chance at a forum."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    first = 0 if side_ahead(w, s) < 0.5 else 1
    return int(i[stream + (k.S_EARLY if i[stream + k.S_SIDE] == first else k.S_LATE)])


@compiled_part
def draw_first(w: Arrays, s: int) -> int:
    """Draw a stream's first opportunity."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    forum, pace = i[stream + k.S_FORUM], at(w, k.X_PACE, k.PACES, s)
    x[pace + k.DAYS], i[stream + k.S_INDEX] = 0.0, 0
    if forum < 0:
        return draw_next(w, s) if x[pace + k.RATE] > 0.0 else int(i[k.UNTIL])
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    # a forum has its moment by schedule, so the first of the pair is not used
    _, x[pace + k.CHANCE] = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), 0)
    at_s = forum_moment(w, s)
    return at_s if at_s >= i[k.SINCE] else int(i[k.UNTIL])


@compiled_part
def asleep(w: Arrays, s: int) -> bool:
    """Whether a stream could bring nothing but opportunities to cancel no meeting."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    if i[stream + k.S_KIND] != k.CANCEL:
        return False
    return bool(i[at(w, k.T_CHANNEL, k.C_WIDTH, i[stream + k.S_CHANNEL]) + k.C_PENDING] == 0)


@compiled_part
def enter_streams(w: Arrays, sleep: bool) -> None:
    """Set when each stream brings something first, but for those that may sleep and do."""
    i = w.ints
    for s in range(i[k.STREAMS]):
        if sleep and asleep(w, s):
            w.floats[at(w, k.X_PACE, k.PACES, s) + k.DAYS] = 0.0
            i[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_INDEX] = 0
        else:
            enter(w, i[k.FIRST_STREAM] + s, draw_first(w, s))


@compiled_part
def await_meeting(w: Arrays, channel: int, at_s: int) -> None:
    """Set when a pending meeting is due, and wake the streams that may cancel it."""
    i, bits = w.ints, int(w.ints[k.BITS])
    schedule(w, k.MEETINGS + channel, at_s)
    for side in range(2):
        s = i[at(w, k.T_CHANNEL, k.C_WIDTH, channel) + k.C_CANCEL + side]
        # a stream that is awake keeps its place: waking it again would draw the same moment twice
        if s < 0 or i[i[k.T_TREE] + (1 << bits) + i[k.FIRST_STREAM] + s] != k.NEVER:
            continue
        stream, rank = at(w, k.T_STREAM, k.S_WIDTH, s), i[k.FIRST_STREAM] + s
        next_s = draw_next(w, s)
        # what passed while it slept is skipped; what falls on this instant comes by its rank
        while next_s < i[k.UNTIL] and int(next_s - i[k.BEGIN]) << bits | rank < i[k.NOW]:
            i[stream + k.S_INDEX] += 1
            next_s = draw_next(w, s)
        schedule(w, rank, next_s)
