"""The position that people share: who may move it, and the branches that are kept.

Moves are in no record: a slider sends ten a second. Branches are, where there is a lesson.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any

from sim.ground.language import _
from sim.seminar.record.refusal import Refused
from sim.seminar.record.typed import can_be_shown
from sim.seminar.what_if.explaining import Explainer
from sim.seminar.what_if.finding import Finder
from sim.seminar.what_if.keeping import Keeping
from sim.seminar.what_if.position import (
    Position,
    branch_of,
    position_of,
    position_text,
    shipped_position,
)
from sim.seminar.what_if.record import MAX_BRANCH_NAME, BranchDropped
from sim.seminar.what_if.shipped import Base, with_found
from sim.seminar.what_if.world_queue import REMEMBERED, Drawer

MAX_BRANCHES = 40
UNCHANGED = 0
"""Stands for the scenario as it ships, among the numbers of branches."""
PRESENT = -1
"""Stands for the position that is moved now, among the numbers of branches."""


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
    """The numbers of two branches that are laid side by side; `UNCHANGED` for the scenario, and
    `PRESENT` for the position that is moved."""


class Sharing:
    """The what-ifs of one scenario."""

    def __init__(self, base: Base, keeping: Keeping, told: Callable[[], None]) -> None:
        """`told` is called, in another thread, when something new is drawn or found out."""
        self.base, self.keeping = base, keeping
        self.start = shipped_position(self.base)
        self.now = Shared(self.start)
        self._trail: deque[Shared] = deque([self.now], maxlen=REMEMBERED)
        """The last moves, the newest first: while a slider is dragged the newest is never drawn."""
        self._lock = RLock()
        self.drawer = Drawer(self.base, told)
        self.explainer = Explainer(self.base, told)
        self.finder = Finder(self.base, told)
        self._look()

    def seen(self) -> tuple[Base, Shared]:
        """Return what is shared now, and the scenario with the sliders that it is about."""
        with self._lock:
            return self.base, self.now

    def take_found(self) -> None:
        """Add the sliders of a screening that is done; those there are stay as they stand, so that
        branches and positions keep what they mean."""
        found = self.finder.taken()
        with self._lock:
            wider = with_found(self.base, found)
            if wider is self.base:
                return
            shipped = shipped_position(wider).values[len(self.base.sliders) :]
            position = self.now.position
            position = replace(position, values=(*position.values, *shipped))
            self.base = self.drawer.base = wider
            self.start = shipped_position(wider)
            self.now = replace(self.now, position=position, version=self.now.version + 1)
            self._trail = deque([self.now], maxlen=REMEMBERED)
            self._look()

    # ------------------------------------------------------------------------------ moves

    def move(self, by: int | None, to: Callable[[Position], Position]) -> None:
        """Move the shared position, for everybody; two branches that lie side by side are laid
        aside, unless the position is one of them.

        Raises:
            Refused: the room is not there yet, or the student may not, or the scenario refuses it.
        """
        self._check(by)
        with self._lock:
            position, beside = to(self.now.position), self.now.beside
            seen = beside is None or PRESENT in beside
            if position.key != self.now.position.key or not seen:
                version, beside = self.now.version + 1, beside if seen else None
                self.now = replace(
                    self.now, position=position, version=version, by=by, beside=beside
                )
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

    def change(self, by: int | None, *told: Mapping[str, Any]) -> None:
        """Change the history once more, or several times at once, as a scenario's file writes it.

        Raises:
            Refused: as `move`; then nothing is changed.
        """

        def to(position: Position) -> Position:
            for change in told:
                position = position.changed(self.base, change)
            return position

        self.move(by, to)

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
                _(
                    "Give the branch a name of 1 to {most} letters that can be shown.",
                    most=MAX_BRANCH_NAME,
                )
            )
        shared = self.now

        with self.keeping.lock:
            branches = self.keeping.branches
            if len(branches.kept) >= MAX_BRANCHES:
                raise Refused(
                    _("There may be {most} branches at most. Remove one.", most=MAX_BRANCHES)
                )
            if said in {b.name for b in branches.kept.values()}:
                raise Refused(
                    _("There is a branch “{name}” already. Give another name.", name=said)
                )
            number = 1 + branches.last
            kept = branch_of(shared.position, self.base, number, said, shared.by)
            self.keeping.add(now_ms, kept)

    def drop(self, now_ms: int, number: int) -> None:
        """Take a branch off the list.

        Raises:
            Refused: there is no such branch.
        """
        with self.keeping.lock:
            if number not in self.keeping.branches.kept:
                raise Refused(_("There is no such branch."))
            self.keeping.add(now_ms, BranchDropped(number=number))
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
        """Lay two branches side by side, or a branch and the unchanged scenario, or one of these
        and the position that is moved.

        Raises:
            Refused: there is no such branch, or the two are one.
        """
        self._check(None)
        if left == right:
            raise Refused(_("Choose two different ones."))
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
        """Return the position of a branch, of the unchanged scenario, or the one that is moved.

        Raises:
            Refused: there is no such branch, or it does not fit the lesson any more.
        """
        if number in (UNCHANGED, PRESENT):
            return self.start if number == UNCHANGED else self.now.position
        branch = self.keeping.branches.kept.get(number)
        if branch is None:
            raise Refused(_("There is no such branch."))
        return position_of(self.base, branch)

    def exported(self, number: int) -> str:
        """Write a branch as a scenario, or the position that is moved.

        Raises:
            Refused: there is no such branch, or it does not fit the lesson any more.
        """
        branch = self.keeping.branches.kept.get(number)
        name = _("what if") if branch is None else branch.name
        return position_text(self.base, self.position_of(number), name, _(self.keeping.origin))

    # ------------------------------------------------------------------------------ inside

    def may_move(self, by: int | None) -> bool:
        """Whether the teacher (None) or a student may move the position now."""
        return by is None or self.now.everybody

    def _check(self, by: int | None) -> None:
        if closed := self.keeping.closed():
            raise Refused(closed)
        if not self.may_move(by):
            raise Refused(_("The teacher moves the position. Ask the teacher to hand it over."))

    def _look(self) -> None:
        """Draw what is looked at now."""
        shared = self.now
        pair = [self.position_of(n) for n in shared.beside or ()]
        self.drawer.want([*([] if pair else [shared.position]), *pair, self.start])

    def close(self) -> None:
        """Stop drawing and explaining."""
        self.drawer.close()
        self.explainer.close()
        self.finder.close()
