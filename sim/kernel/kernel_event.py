"""An event inside the kernel."""

from __future__ import annotations

from typing import NamedTuple

from sim.ground.draws import compiled_part
from sim.kernel import memory as k
from sim.kernel.memory import Arrays, at
from sim.model.eventtable import INT_COLUMNS


class KernelEvent(NamedTuple):
    """An event inside a run; see `sim.model.situation.SimulatedEvent`."""

    at_s: int
    kind: int
    channel: int
    by: int
    confined: int
    told_a: int
    told_b: int
    severity: float
    persons: int
    national: int
    holder: int
    meeting_s: int
    cause: int
    forum: int
    stream: int
    fact: int


@compiled_part
def also_of(w: Arrays, e: KernelEvent) -> tuple[int, int]:
    """Return from where to where the further channels of an event stand in their table."""
    if e.fact < 0:
        return 0, 0
    fact = at(w, k.T_FACT, k.F_WIDTH, e.fact) + k.F_ALSO
    return int(w.ints[fact]), int(w.ints[fact + k.F_WIDTH])


@compiled_part
def is_on(w: Arrays, e: KernelEvent, channel: int) -> bool:
    """Whether an event happened on a channel."""
    first, end = also_of(w, e)
    for n in range(first, end):
        if w.ints[at(w, k.T_ALSO, 1, n)] == channel:
            return True
    return bool(e.channel == channel)


if ("replication", *(name for name in KernelEvent._fields if name != "severity")) != INT_COLUMNS:
    raise TypeError(f"the log's columns must be those of a KernelEvent, in order: {INT_COLUMNS}")
