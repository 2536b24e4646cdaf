"""How far two viewpoints differ on one channel."""

from __future__ import annotations

from collections.abc import Iterable

from sim.log.projection import Interval


def disagreement(first: Iterable[Interval], second: Iterable[Interval]) -> float:
    """Return the share of time, in [0, 1], in which two timelines of a channel differ in state.

    Both must know the state in some common time; only that counts.

    Raises:
        ValueError: the timelines have no time in common.
    """
    a, b = list(first), list(second)
    differing = common = i = j = 0
    while i < len(a) and j < len(b):  # both are in order of time, so one walk along them is enough
        x, y = a[i], b[j]
        both = max(0, min(x.end_s, y.end_s) - max(x.start_s, y.start_s))
        if x.state is not None and y.state is not None:
            common += both
            differing += both if x.state != y.state else 0
        i, j = (i + 1, j) if x.end_s <= y.end_s else (i, j + 1)
    if not common:
        raise ValueError("the timelines have no time in common")
    return differing / common
