"""The kernel's pages: what streams draw of the past is drawn once for all worlds of a replication.

The factual world and every changed one bring the same opportunities in the past. A page holds one
stream's next ones, as many as are drawn at once; the pages of a stream follow one another. Where
there is no more room, a world draws for itself.
"""

from __future__ import annotations

from sim.ground.draws import compiled_part
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at


@compiled_part
def forget_pages(w: Arrays) -> None:
    """Forget all pages: another replication begins."""
    i = w.ints
    i[k.PAGES] = 0
    for s in range(i[k.STREAMS]):
        i[at(w, k.T_STREAM, k.S_WIDTH, s) + k.S_FIRST_PAGE] = -1


@compiled_part
def write_page(w: Arrays, s: int) -> None:
    """Keep what a stream has just drawn as its next page, if there is room."""
    i, x, stream, n = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s), int(w.ints[k.PAGES])
    if n == i[k.PAGE_ROWS]:
        return
    i[k.PAGES] = n + 1
    page, drawn = at(w, k.T_PAGE, k.PAGE, n), at(w, k.X_PAGE, k.PAGE, n)
    keys, chances = at(w, k.T_AHEAD, k.AHEAD, s), at(w, k.X_AHEAD, k.AHEAD, s)
    # An example: `sim why` runs 50 changed worlds over one history. Washington's calls of the past
    # are the same in all: 16 of them and their uniforms are drawn once, and 50 worlds read them.
    for m in range(k.AHEAD):
        i[page + m], x[drawn + m] = i[keys + m], x[chances + m]
    x[drawn + k.AHEAD] = x[at(w, k.X_PACE, k.PACES, s) + k.DAYS]
    i[page + k.AHEAD] = -1
    if i[stream + k.S_FIRST_PAGE] < 0:
        i[stream + k.S_FIRST_PAGE] = n
    else:
        i[at(w, k.T_PAGE, k.PAGE, i[stream + k.S_LAST_PAGE]) + k.AHEAD] = n
    i[stream + k.S_LAST_PAGE] = n


@compiled_part
def read_page(w: Arrays, s: int) -> None:
    """Take what a stream's next page holds as drawn."""
    i, x, stream = w.ints, w.floats, at(w, k.T_STREAM, k.S_WIDTH, s)
    page = at(w, k.T_PAGE, k.PAGE, i[stream + k.S_PAGE])
    drawn = at(w, k.X_PAGE, k.PAGE, i[stream + k.S_PAGE])
    keys, chances = at(w, k.T_AHEAD, k.AHEAD, s), at(w, k.X_AHEAD, k.AHEAD, s)
    for m in range(k.AHEAD):
        i[keys + m], x[chances + m] = i[page + m], x[drawn + m]
    x[at(w, k.X_PACE, k.PACES, s) + k.DAYS] = x[drawn + k.AHEAD]
    i[stream + k.S_PAGE] = i[page + k.AHEAD]


@compiled_part
def copy_pages(v: Arrays, w: Arrays) -> None:
    """Hand the pages of one world over to another."""
    w.ints[k.PAGES] = v.ints[k.PAGES]
    here, there = at(v, k.T_PAGE, k.PAGE, 0), at(w, k.T_PAGE, k.PAGE, 0)
    drawn, kept = at(v, k.X_PAGE, k.PAGE, 0), at(w, k.X_PAGE, k.PAGE, 0)
    for m in range(k.PAGE * v.ints[k.PAGES]):
        w.ints[there + m], w.floats[kept + m] = v.ints[here + m], v.floats[drawn + m]
    for s in range(v.ints[k.STREAMS]):
        mine, others = at(v, k.T_STREAM, k.S_WIDTH, s), at(w, k.T_STREAM, k.S_WIDTH, s)
        for place in (k.S_FIRST_PAGE, k.S_LAST_PAGE):
            w.ints[others + place] = v.ints[mine + place]
