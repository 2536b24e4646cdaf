"""The position that a class shares: who may move it, and the branches that the teacher keeps.

Moves are in no record: a slider sends ten a second. Branches are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any

from sim.seminar.lesson.horizon import is_over
from sim.seminar.lesson.session import Session
from sim.seminar.record.refusal import Refused
from sim.seminar.record.typed import can_be_shown
from sim.seminar.what_if.explaining import Explainer
from sim.seminar.what_if.position import (
    Position,
    branch_of,
    branch_text,
    position_of,
    shipped_position,
)
from sim.seminar.what_if.record import BRANCHES, MAX_BRANCH_NAME, BranchDropped
from sim.seminar.what_if.shipped import Base, base_of
from sim.seminar.what_if.world_queue import REMEMBERED, Drawer

MAX_BRANCHES = 40
CLOSED = "“What if” opens after the last round, and after a role play."
UNCHANGED = 0
"""Stands for the scenario as it ships, among the numbers of branches."""


@dataclass(frozen=True)
class Shared:
    """What everybody sees at one moment."""

    position: Position
    version: int = 0
    """Rises with every move."""
    by: int | None = None
    """The student who moved last; None for the teacher."""
    everybody: bool = False
    """Whether students may move it too."""
    beside: tuple[int, int] | None = None
    """The numbers of two branches that are laid side by side; `UNCHANGED` for the scenario."""


class Sharing:
    """The what-ifs of one lesson."""

    def __init__(self, session: Session, told: Callable[[], None]) -> None:
        """`told` is called, in another thread, when something new is drawn or found out."""
        self.session = session
        self.base: Base = base_of(session.plan)
        self.start = shipped_position(self.base)
        self.now = Shared(self.start)
        self._trail: deque[Shared] = deque([self.now], maxlen=REMEMBERED)
        """The last moves, the newest first: while a slider is dragged the newest is never drawn."""
        self._lock = RLock()
        self.drawer = Drawer(self.base, told)
        self.explainer = Explainer(self.base, told)
        self._look()

    # ------------------------------------------------------------------------------ moves

    def move(self, by: int | None, to: Callable[[Position], Position]) -> None:
        """Move the shared position, for everybody; two branches that lie side by side are laid
        aside.

        Raises:
            Refused: the room is not there yet, or the student may not, or the scenario refuses it.
        """
        self._check(by)
        with self._lock:
            position = to(self.now.position)
            if position.key != self.now.position.key or self.now.beside is not None:
                version = self.now.version + 1
                self.now = replace(self.now, position=position, version=version, by=by, beside=None)
                self._trail.appendleft(self.now)
                self._look()

    def newest_drawn(self) -> Position:
        """Return the newest position of which something is drawn, or the present one."""
        return self._newest().position

    def drawn_version(self) -> int:
        """Return the version of that position."""
        return self._newest().version

    def _newest(self) -> Shared:
        with self._lock:
            trail = [*self._trail]
        known = (
            s for s in trail if self.drawer.drawn(s.position) or self.drawer.problem(s.position)
        )
        return next(known, trail[0])

    def slide(self, by: int | None, values: Mapping[int, float]) -> None:
        """Move sliders, by their places.

        Raises:
            Refused: as `move`.
        """
        self.move(by, lambda position: position.slid(self.base, values))

    def change(self, by: int | None, told: Mapping[str, Any]) -> None:
        """Change the history once more, as a scenario's file writes it.

        Raises:
            Refused: as `move`.
        """
        self.move(by, lambda position: position.changed(self.base, told))

    def undo(self, by: int | None, place: int) -> None:
        """Take one change of the history back.

        Raises:
            Refused: as `move`.
        """
        self.move(by, lambda position: position.without(self.base, place))

    def reset(self, by: int | None) -> None:
        """Go back to the scenario as it ships.

        Raises:
            Refused: as `move`.
        """
        self.move(by, lambda _: self.start)

    # ------------------------------------------------------------------------------ the teacher

    def let_everybody(self, allowed: bool) -> None:
        """Let students move the position, or the teacher alone."""
        with self._lock:
            self.now = replace(self.now, everybody=allowed)

    def keep(self, now_ms: int, name: str) -> None:
        """Keep the position as a branch.

        Raises:
            Refused: the name will not do, there are too many, or the room is not there yet.
        """
        self._check(None)
        said = " ".join(name.split())
        if not said or len(said) > MAX_BRANCH_NAME or not can_be_shown(said):
            raise Refused(
                f"Give the branch a name of 1 to {MAX_BRANCH_NAME} letters that can be shown."
            )
        shared = self.now

        with self.session.lock:
            room = self.session.room
            if len(BRANCHES.of(room).kept) >= MAX_BRANCHES:
                raise Refused(f"A lesson keeps {MAX_BRANCHES} branches at most. Remove one.")
            if said in {b.name for b in BRANCHES.of(room).kept.values()}:
                raise Refused(f"There is a branch “{said}” already. Give another name.")
            number = 1 + BRANCHES.of(room).last
            kept = branch_of(shared.position, self.base, number, said, shared.by)
            self.session.record.add(now_ms, kept)

    def drop(self, now_ms: int, number: int) -> None:
        """Take a branch off the list.

        Raises:
            Refused: there is no such branch.
        """
        with self.session.lock:
            if number not in BRANCHES.of(self.session.room).kept:
                raise Refused("There is no such branch.")
            self.session.record.add(now_ms, BranchDropped(number=number))
        with self._lock:
            if self.now.beside is not None and number in self.now.beside:
                self.now = replace(self.now, beside=None)
            self._look()

    def go_to(self, number: int) -> None:
        """Return to a branch.

        Raises:
            Refused: there is no such branch, or it does not fit the lesson any more.
        """
        found = self.position_of(number)
        self.move(None, lambda _: found)

    def lay_beside(self, left: int, right: int) -> None:
        """Lay two branches side by side, or a branch and the unchanged scenario.

        Raises:
            Refused: there is no such branch, or the two are one.
        """
        self._check(None)
        if left == right:
            raise Refused("Choose two different ones.")
        for number in (left, right):
            self.position_of(number)
        with self._lock:
            self.now = replace(self.now, beside=(left, right))
            self._look()

    def lay_aside(self) -> None:
        """Show the shared position alone again."""
        with self._lock:
            self.now = replace(self.now, beside=None)
            self._look()

    def position_of(self, number: int) -> Position:
        """Return the position of a branch, or of the unchanged scenario.

        Raises:
            Refused: there is no such branch, or it does not fit the lesson any more.
        """
        if number == UNCHANGED:
            return self.start
        branch = BRANCHES.of(self.session.room).kept.get(number)
        if branch is None:
            raise Refused("There is no such branch.")
        return position_of(self.base, branch)

    def exported(self, number: int) -> str:
        """Write a branch as a scenario.

        Raises:
            Refused: there is no such branch, or it does not fit the lesson any more.
        """
        branch = BRANCHES.of(self.session.room).kept.get(number)
        if branch is None:
            raise Refused("There is no such branch.")
        return branch_text(self.base, branch)

    # ------------------------------------------------------------------------------ inside

    def may_move(self, by: int | None) -> bool:
        """Whether the teacher (None) or a student may move the position now."""
        return by is None or self.now.everybody

    def _check(self, by: int | None) -> None:
        if not is_over(self.session.plan, self.session.room):
            raise Refused(CLOSED)
        if not self.may_move(by):
            raise Refused("The teacher moves the position. Ask the teacher to hand it over.")

    def _look(self) -> None:
        """Draw what is looked at now."""
        shared = self.now
        pair = [self.position_of(n) for n in shared.beside or ()]
        self.drawer.want([*([] if pair else [shared.position]), *pair, self.start])

    def close(self) -> None:
        """Stop drawing and explaining."""
        self.drawer.close()
        self.explainer.close()
