"""An event inside the kernel."""

from __future__ import annotations

from typing import NamedTuple


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
