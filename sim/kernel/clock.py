"""The kernel's clock: what may happen next, and when the opportunities of a stream arrive.

Everything that may happen next is a leaf of a tournament: a binary tree in which each node holds
the least key below it, so that the next event is at the root and a change costs the logarithm of
the number of streams. A key holds an instant and a rank, which orders what falls on one instant.
"""

from __future__ import annotations

from sim.ground.draws import compiled_inline, compiled_part, uniforms
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at, spot


@compiled_part
def schedule(w: Arrays, rank: int, at_s: int) -> None:
    """Set when a source brings something next; nothing from the end of the run on."""
    i = w.ints
    never = at_s >= i[k.UNTIL]
    place_key(w, rank, k.NEVER if never else int(at_s - i[k.BEGIN]) << int(i[k.BITS]) | rank)


@compiled_part
def place_key(w: Arrays, rank: int, key: int) -> None:
    """Set the key of a source: its leaf, and what is least above it."""
    # An example: 37 sources need 6 bits, so the tree has 64 leaves, at 64 to 127. Source 37 brings
    # something 20 days after the start: its key is 1,728,000 seconds, shifted by 6 bits, plus 37.
    # Keys compare as (instant, rank) do, and both are read back by a shift and a mask.
    i, tree = w.ints, at(w, k.T_TREE, 1, 0)
    n = spot((1 << int(i[k.BITS])) + rank)
    i[tree + n] = key
    # only the way to the root can change: each node is the less of its two children
    while n > 1:
        # leaf 101's sibling is 100; their parent is 50, whose sibling is 51: six steps to the root
        key = min(key, int(i[tree + (n ^ 1)]))
        n >>= 1
        i[tree + n] = key


@compiled_inline
def come_next(w: Arrays) -> tuple[int, bool]:
    """Return the key of what comes next, NEVER for nothing, and whether a burst brings it. What
    streams look for from here on lies after it."""
    i = w.ints
    key = int(i[at(w, k.T_TREE, 1, 1)])
    of_burst = bool(i[k.NEXT_BURST] < key)  # at one instant and rank the routine comes first
    if of_burst:
        key = int(i[k.NEXT_BURST])
    i[k.PASSED] = key + of_burst
    return key, of_burst


@compiled_part
def clear(w: Arrays) -> None:
    """Forget everything that may happen next."""
    i = w.ints
    for n in range(2 << i[k.BITS]):
        i[at(w, k.T_TREE, 1, n)] = k.NEVER


@compiled_part
def enter(w: Arrays, rank: int, at_s: int) -> None:
    """Set when a source brings something first; the tree above it is built afterwards."""
    i, bits = w.ints, int(w.ints[k.BITS])
    # what lies before the start has been followed as history, not waited for
    if i[k.BEGIN] <= at_s and at_s < i[k.UNTIL]:
        i[at(w, k.T_TREE, 1, (1 << bits) + rank)] = int(at_s - i[k.BEGIN]) << bits | rank


@compiled_part
def build(w: Arrays) -> None:
    """Build the tree above its leaves."""
    i, tree = w.ints, at(w, k.T_TREE, 1, 0)
    for n in range((1 << i[k.BITS]) - 1, 0, -1):
        i[tree + n] = min(i[tree + 2 * n], i[tree + 2 * n + 1])


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
def draw_chance(w: Arrays, s: int) -> None:
    """Draw the uniform that a side's chance at a forum carries."""
    i, stream = w.ints, at(w, k.T_STREAM, k.S_WIDTH, s)
    lo, hi = int(i[stream + k.S_KEY_LO]), int(i[stream + k.S_KEY_HI])
    # a forum has its moment by schedule, so the first of the pair is not used
    _, do = uniforms(int(i[k.SEED]), lo, hi, int(i[k.REPLICATION]), 0)
    w.floats[at(w, k.X_PACE, k.PACES, s) + k.CHANCE] = do


@compiled_part
def enter_forums(w: Arrays) -> None:
    """Set when each side has its chance at each forum of the run, and its uniform."""
    i = w.ints
    for s in range(i[k.STREAMS]):
        stream = at(w, k.T_STREAM, k.S_WIDTH, s)
        if i[stream + k.S_FORUM] >= 0:
            draw_chance(w, s)
            at_s = forum_moment(w, s)
            enter(w, i[k.FIRST_STREAM] + s, at_s if at_s >= i[k.SINCE] else int(i[k.UNTIL]))
