"""The role play of a lesson, as a user writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.ground.schema import EdtfDate, Line, Party, Real, Slug, Strict, Text, Whole
from sim.scenario.acts import Act

Minute = Annotated[Real, Field(ge=0.1, le=600)]
Title = Annotated[Line, Field(max_length=120)]
"""A heading of the pages."""


class PlayMinutes(Strict):
    """How long the parts of a role play last, in minutes; null for no limit."""

    instruct: Minute | None = 5
    """Before the first question, while each team writes its instructions to itself."""


class RolePlay(Strict):
    """A part of a lesson in which teams decide for the parties."""

    title: Title = "Role play"
    brief: Text | None = None
    """What everybody reads before it begins."""
    parties: tuple[Party, ...] = Field(min_length=1, max_length=4)
    """The parties that teams play; doctrines play the others."""
    start: EdtfDate | None = Field(default=None, alias="from")
    """The first day on which the teams decide; the day after the as-of date where it is left out.
    Inside the history, what they do not change happens as it did."""
    until: EdtfDate | None = None
    """The last day of the play; the as-of date where `from` lies in the history, and else the last
    day of the run."""
    tables: Annotated[Whole, Field(ge=1, le=12)] = 1
    """Groups side by side, each with a team for each party and a world of its own, at most: fewer
    where the class is too small for teams of two."""
    questions: Annotated[Whole, Field(ge=1, le=200)] = 20
    """Questions that a table answers at most; doctrines answer what comes after them."""
    spread: bool = True
    """Whether each side gets an equal part of the questions, spread over the days of the play, and
    no more than two before the other is asked; where not, they are asked as they come."""
    apart_days: Annotated[Whole, Field(ge=0, le=60)] = 3
    """The same act is not asked again within so many days; a team's no stands for them."""
    an_hour: Annotated[Real, Field(ge=4, le=240)] = 40
    """Questions an hour: the pace, which gives each question its time limit."""
    below: Annotated[Real, Field(ge=0, lt=1)] = 0.1
    """Routine: a question to which the doctrine says yes with a probability below this is answered
    by the doctrine."""
    always: tuple[Act, ...] = Field(default=("cancel", "cut"), max_length=20)
    """Acts that are never routine where an event has just brought them up."""
    outcomes: tuple[Slug, ...] = Field(default=(), max_length=20)
    """Yes-or-no outcomes of the scenario that the debrief tells of each table."""
    minutes: PlayMinutes = PlayMinutes()
    notes: Text | None = None
    """For the teacher: on the teacher's page of the play, and on no page of students."""

    @property
    def each(self) -> int:
        """The questions of each side at most, where they are spread."""
        return -(-self.questions // len(self.parties))

    @property
    def question_s(self) -> float:
        """The time limit of a question in seconds."""
        return 3_600 / self.an_hour

    @property
    def play_s(self) -> float:
        """The time limit of all questions together in seconds."""
        return self.questions * self.question_s
