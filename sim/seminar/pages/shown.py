"""What pages show at this moment: a lesson as it is, or in disguise until it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.ground.language import N_, _, speaking
from sim.report.caveats import caveats
from sim.seminar.lesson.disguised import Disguised, disguised
from sim.seminar.lesson.horizon import is_over
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.past import Teller
from sim.seminar.pages.presenter import Presenter
from sim.seminar.pages.viewer import Viewer
from sim.seminar.record.room import Room, Student

ELSEWHERE = N_("Nobody has checked the weights for the governments of this lesson.")
"""What is said in disguise of weights that were made for other parties."""


@dataclass(frozen=True)
class Shown:
    """A lesson and its room as all pages show them at one moment."""

    presenter: Presenter
    room: Room
    worn: Disguised | None
    """The disguise; None where there is none, or it is lifted."""

    @property
    def plan(self) -> Plan:
        """The lesson."""
        return self.presenter.plan

    def student(self, student: Student) -> Student:
        """Return a student as the room has them."""
        return self.room.students.get(student.number, student)

    def viewer(self, viewer: Viewer) -> Viewer:
        """Return who looks, as the room has them."""
        student = viewer.student
        return viewer if student is None else replace(viewer, student=self.student(student))

    def words(self, text: str) -> str:
        """Say something of the true lesson as pages may say it."""
        return text if self.worn is None else self.worn.words.text(text)

    def true_party(self, code: str) -> str:
        """Return the party that a page calls so."""
        return code if self.worn is None else self.worn.words.true_code(code)

    def true_group(self, group: str | None) -> str | None:
        """Return the group that a page calls so."""
        return group if self.worn is None else self.worn.true_group(group)


class Faces:
    """The two faces of a lesson: what is true of it, and what is shown until it is over."""

    def __init__(self, plan: Plan) -> None:
        self.presenter = Presenter(plan)
        self.worn = disguised(plan)
        self._worn_presenter = (
            None if self.worn is None else _in_disguise(self.worn, self.presenter)
        )

    def shown(self, room: Room) -> Shown:
        """Return what pages show of a room."""
        plan = self.presenter.plan
        if self.worn is None or self._worn_presenter is None or is_over(plan, room):
            return Shown(self.presenter, room, None)
        return Shown(self._worn_presenter, self.worn.room(room), self.worn)


def _in_disguise(worn: Disguised, true: Presenter) -> Presenter:
    channels = [worn.words.slug(c) for c in true.teller.channels]
    teller = Teller(worn.plan.log, channels, worn.plan.lesson.retold)
    with speaking(worn.words.spoken):  # a caveat names the parties that weights were made for
        care = [_(ELSEWHERE)] if caveats(worn.true.scenario) else []
    return Presenter(worn.plan, teller, care)
