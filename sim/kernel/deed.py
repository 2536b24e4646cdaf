"""An event inside the kernel."""

from __future__ import annotations

from typing import NamedTuple

from sim.model.eventtable import INT_COLUMNS


class Deed(NamedTuple):
    """An event inside a run; see `sim.model.situation.Happening`."""

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


if ("replication", *(name for name in Deed._fields if name != "severity")) != INT_COLUMNS:
    raise TypeError(f"the log's columns must be those of a Deed, in order: {INT_COLUMNS}")
