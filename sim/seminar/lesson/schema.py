"""The lesson: what a seminar does with a scenario, round by round. Data, as a user writes it.

A round shows the history up to its cut date and asks what comes next. Both the cut and the day by
which the answer is known lie inside the coded history, so there is something to reveal. In a role
play teams decide for the parties.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.ground.schema import ChannelId, EdtfDate, Line, Slug, Strict, Text
from sim.seminar.lesson.days import Days
from sim.seminar.lesson.disguise import Disguise
from sim.seminar.lesson.grading import Grading
from sim.seminar.lesson.sliders import WhatIf
from sim.seminar.play.schema import Minute, RolePlay, Title

PHASES = ("read", "vote", "discuss", "again", "sealed", "revealed")
"""The phases of a round, in order. Students answer in `vote` and in `again`."""
TIMED = PHASES[:4]
"""The phases that may have a time limit: the fields of `Minutes`."""


class Minutes(Strict):
    """How long each phase of a round lasts, in minutes; null for no limit. The teacher can pause,
    extend or turn off every limit."""

    read: Minute | None = None
    """Reading the log together, before the first vote opens."""
    vote: Minute | None = 5
    """The first vote, each student alone."""
    discuss: Minute | None = 6
    """The discussion, with the answers and reasons of the first vote in view, without names."""
    again: Minute | None = 3
    """The second vote."""


MOST_ANSWERS = 8
"""Answers of a question of one's own, at most."""
Answer = Annotated[Line, Field(max_length=50)]
"""An answer to a question of one's own."""


class NextState(Strict):
    """Which state the channel enters next. No change by the day counts as the present state."""

    ask: Literal["next_state"]
    channel: ChannelId | None = None
    """The channel; it may be left out where there is only one."""
    viewpoint: str = "observer"
    """`observer` or a party."""
    title: Title | None = None
    """How the pages put the question."""
    by: EdtfDate | None = None
    """The last day that counts; that of the round where it is left out."""


class NamedOutcome(Strict):
    """Whether a yes-or-no outcome of the scenario comes about, from the day after the cut on."""

    ask: Literal["outcome"]
    outcome: Slug
    """Its name under `outcomes`."""
    title: Title | None = None
    """How the pages put the question; the outcome's own title where it is left out."""
    by: EdtfDate | None = None
    """The last day that counts; that of the round where it is left out."""


class OwnQuestion(Strict):
    """A question of one's own: the scenario knows nothing of it, so neither the simulator nor the
    base rate answers it."""

    ask: Literal["own"]
    title: Title
    """How the pages put the question, with the day up to which it counts."""
    answers: tuple[Answer, ...] = Field(min_length=2, max_length=MOST_ANSWERS)
    """The answers, of which exactly one is right."""
    right: Answer
    """The right answer. No page shows it before the reveal."""
    source: Annotated[Line, Field(max_length=300)]
    """Where the right answer stands; it is shown with it."""


Ask = Annotated[NextState | NamedOutcome | OwnQuestion, Field(discriminator="ask")]
"""One question of a round."""


class Round(Strict):
    """One forecast of the class."""

    title: Title
    """What the pages call the round. It is shown before the reveal: it must not say what comes."""
    cut: EdtfDate
    """The last day of the log that is shown."""
    by: EdtfDate
    """The day to whose end the questions look; after the reveal the log is shown up to it."""
    brief: Text | None = None
    """What the class reads before it answers."""
    questions: tuple[Ask, ...] = Field(min_length=1, max_length=6)
    minutes: Minutes | None = None
    """Time limits of this round; those of the lesson where a phase is left out."""
    notes: Text | None = None
    """For the teacher: on the teacher's page of this round, and on no page of students."""


class Role(Strict):
    """A part that students take: a desk, for example. Students get the roles in turn."""

    title: Title
    viewpoint: str = "observer"
    """Whose view of the channel this role sees first: `observer` or a party."""
    brief: Text | None = None
    """What this role looks for, in a few sentences."""


class Lesson(Strict):
    """A lesson of the seminar."""

    title: Title | None = None
    """What the pages call the lesson; the scenario's title where it is left out. It is shown from
    the start: it must not say what comes."""
    language: str = "en"
    """The language of all pages: English, or one of those that the program ships. Its own texts
    stay as they are written."""
    welcome: Text | None = None
    """What students read while the room fills."""
    minutes: Minutes = Minutes()
    """Time limits of every round."""
    groups: tuple[Title, ...] = Field(default=(), max_length=12)
    """Groups that students choose from; the scores compare them."""
    roles: dict[Slug, Role] = Field(default_factory=dict, max_length=12)
    """Parts that students take, given in turn, in the order of their ids."""
    retold: dict[Slug, Text] = Field(default_factory=dict, max_length=500)
    """Events whose summary gives away what comes later, and what the pages say instead until the
    lesson has reached the end of its last round."""
    disguise: Disguise | None = None
    """Other names and dates for all that students see, until the lesson is over."""
    rounds: tuple[Round, ...] = Field(default=(), max_length=20)
    """The rounds, in order of date: a cut must not lie before the end of an earlier round."""
    play: RolePlay | None = None
    """A role play, after the rounds."""
    what_if: WhatIf | None = None
    """What the class may change after the last round; the program offers some sliders where it is
    left out."""
    notes: Text | None = None
    """For the teacher: on the teacher's page, and on no page of students. A room that is open takes
    no notice where notes are changed."""
    after: Text | None = None
    """What everybody reads when the lesson has ended."""
    grading: Grading = Grading()
    """How scores and taking part become points."""
    days: Days | None = None
    """Dates by which the rounds go on by themselves, for homework; the time limits do not count
    then."""

    @model_validator(mode="after")
    def _something(self) -> Lesson:
        if not self.rounds and self.play is None:
            raise ValueError("must hold rounds, a role play, or both")
        return self

    def limit_of(self, round_: Round, phase: str) -> float | None:
        """Return the time limit of a phase of a round in minutes, or None for no limit."""
        own = round_.minutes
        chosen = own if own is not None and phase in own.model_fields_set else self.minutes
        return getattr(chosen, phase, None) if phase in TIMED else None

    def all_notes(self) -> list[str]:
        """List what only the teacher reads."""
        given = [self.notes, *(r.notes for r in self.rounds), self.play and self.play.notes]
        return [text for text in given if text]

    def without_notes(self) -> Lesson:
        """Return what is held in a room: the lesson without what only its teacher reads."""
        rounds = tuple(r.model_copy(update={"notes": None}) for r in self.rounds)
        play = None if self.play is None else self.play.model_copy(update={"notes": None})
        own = {"notes": None, "grading": Grading(), "rounds": rounds, "play": play}
        return self.model_copy(update=own)
