"""The part of a rehearsal that comes after the rounds: a what-if over real HTTP."""

from __future__ import annotations

import time

from sim.seminar.web.person import Person
from sim.seminar.web.serve import Opened
from sim.seminar.what_if.world_queue import FIRST, MOST

PATIENCE_S = 60.0


def rehearse_what_if(opened: Opened, teacher: Person, student: Person) -> tuple[str, list[str]]:
    """Move a slider; return how long the worlds took, in a sentence, and what failed."""
    if not (teacher.get("/what-if").ok and student.get("/what-if/part").ok):
        return "", ["the what-ifs could not be opened when all was revealed"]
    sharing = opened.room.what_if.sharing
    begun = time.perf_counter()
    if not teacher.post("/what-if/slide", {"s0": f"{sharing.base.sliders[0].to:g}"}).ok:
        return "", ["the teacher could not move a slider in the what-ifs"]
    took = []
    for worlds in (FIRST, MOST):
        if not sharing.drawer.wait(sharing.now.position, worlds, PATIENCE_S):
            return "", ["the worlds of a what-if were not drawn in a minute"]
        took.append(1000 * (time.perf_counter() - begun))
    said = f"What if: after a move {FIRST:,} worlds were drawn in {took[0]:.0f} ms and "
    return f"{said}{MOST:,} in {took[1]:.0f} ms.", []
