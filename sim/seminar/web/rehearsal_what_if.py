"""The part of a rehearsal that comes after the rounds: what-ifs over real HTTP."""

from __future__ import annotations

import time

from sim.ground.errors import BackchannelError
from sim.scenario.resolve import load_scenario
from sim.seminar.web.person import Person
from sim.seminar.web.serve import Opened
from sim.seminar.what_if.drawing import FIRST, MOST
from sim.seminar.what_if.record import BRANCHES

PATIENCE_S = 60.0
NAME = "Rehearsed"


class WhatIfRehearsal:
    """Moves a slider, removes an event, and keeps, returns to, compares and exports a branch."""

    def __init__(self, opened: Opened, teacher: Person, student: Person) -> None:
        self.opened, self.teacher, self.student = opened, teacher, student
        self.failures: list[str] = []
        self.lines: list[str] = []
        """What it found, in sentences."""

    def play(self) -> None:
        """Play it, and say what was found."""
        if not (self.teacher.get("/what-if").ok and self.student.get("/what-if/part").ok):
            self.failures.append("the what-ifs could not be opened when all was revealed")
            return
        sharing = self.opened.room.what_if.sharing
        slider = sharing.base.sliders[0]
        moved = {"s0": f"{slider.to:g}"}
        begun = time.perf_counter()
        self._do("slide", moved)
        drawn = [sharing.drawer.wait(sharing.now.position, n, PATIENCE_S) for n in (FIRST,)]
        first = time.perf_counter() - begun
        drawn.append(sharing.drawer.wait(sharing.now.position, MOST, PATIENCE_S))
        whole = time.perf_counter() - begun
        if not all(drawn):
            self.failures.append("the worlds of a what-if were not drawn in a minute")
        if sharing.base.events:
            self._do("remove", {"event": sharing.base.events[-1].id})
        self._do("everybody", {"may": "1"})
        if not self.student.post("/what-if/reset", {}).ok:
            self.failures.append("a student could not move the position that everybody may move")
        self._do("everybody", {"may": "0"})
        self._branch(moved)
        self.lines.append(
            f"What if: after a move {FIRST:,} worlds were drawn in {1000 * first:.0f} ms and "
            f"{MOST:,} in {1000 * whole:.0f} ms. A branch was kept, returned to, laid beside the "
            "scenario and exported."
        )

    def _do(self, act: str, form: dict[str, str]) -> None:
        if not self.teacher.post(f"/what-if/{act}", form).ok:
            self.failures.append(f"the teacher could not do “{act}” in the what-ifs")

    def _branch(self, moved: dict[str, str]) -> None:
        """Keep a branch, leave it, return to it, and read its export."""
        sharing = self.opened.room.what_if.sharing
        self._do("slide", moved)
        if sharing.base.events:
            self._do("remove", {"event": sharing.base.events[-1].id})
        kept = sharing.now.position
        self._do("keep", {"name": NAME})
        self._do("reset", {})
        number = str(BRANCHES.of(sharing.session.room).last)
        self._do("go", {"branch": number})
        if sharing.now.position.key != kept.key:
            self.failures.append("the branch that was returned to is not the one that was kept")
        self._do("beside", {"left": "0", "right": number})
        for person in (self.student, self.teacher):
            if NAME not in person.get("/what-if/part").body:
                self.failures.append(f"the branch is not on the page of {person.name}")
        text = self.teacher.get(f"/what-if/export/{number}.yaml").body
        try:
            scenario = load_scenario(text=text)
        except BackchannelError as error:
            self.failures.append(f"the exported branch is no valid scenario: {error}")
        else:
            if scenario.changes != kept.changes:
                self.failures.append("the exported branch does not hold the changes that were kept")
