"""The events of a room: who is in it, and its clock. Each part of a seminar adds its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.ground.draws import MAX_SEED
from sim.ground.schema import Strict, Whole
from sim.seminar.record.fields import Digest, Millis, Number, Short

SCHEMA_VERSION = 1
MAX_NAME, MAX_STUDENTS = 40, 400


class SeminarEvent(Strict):
    """Something that happened in a seminar."""

    kind: str

    def written(self) -> dict[str, Any]:
        """Return the event as plain data, with its kind and without what is left at its default."""
        return {"kind": self.kind, **self.plain()}


class Step(SeminarEvent):
    """A step of the seminar began, and the one before it ended."""

    @property
    def begins(self) -> tuple[str, int | None]:
        """The name of the step, and when it ends; None for no limit."""
        raise NotImplementedError


class Opened(SeminarEvent):
    """The room was opened for a lesson."""

    kind: Literal["opened"] = "opened"
    lesson_sha256: Digest
    """The digest of the lesson and its scenario."""
    title: Short
    version: Short
    """The version of the program."""
    code: Short
    """The room code that students type."""
    seed: Annotated[Whole, Field(ge=0, le=MAX_SEED)] | None = None
    """The seed of the worlds of a role play; None for the scenario's own."""
    questions_sha256: Digest | None = None
    """The digest of what the rounds ask; lessons that ask the same have the same one."""
    disguised: bool = False
    """Whether the lesson was held in disguise."""


class Started(SeminarEvent):
    """A server took up the room: at the opening, and after each stop."""

    kind: Literal["started"] = "started"
    teacher_sha256: Digest
    """The digest of the teacher's secret that this server was given."""


class Joined(SeminarEvent):
    """A student took a seat."""

    kind: Literal["joined"] = "joined"
    student: Number
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    group: Short | None = None
    role: Short | None = None
    seat_sha256: Digest
    """The digest of the secret that the student's browser holds."""


class Removed(SeminarEvent):
    """The teacher took a student out of the room; the student's answers no longer count."""

    kind: Literal["removed"] = "removed"
    student: Number


class DoorSet(SeminarEvent):
    """The teacher closed the door, so that nobody else can join, or opened it again."""

    kind: Literal["door_set"] = "door_set"
    open: bool


class LimitChanged(SeminarEvent):
    """The limit of the present phase was extended, paused, taken up again or turned off."""

    kind: Literal["limit_changed"] = "limit_changed"
    deadline_ms: Millis | None = None
    left_ms: Millis | None = None
    """The time that is left, while the clock is paused."""


class Ended(SeminarEvent):
    """The lesson is over."""

    kind: Literal["ended"] = "ended"


EVENTS = (Opened, Started, Joined, Removed, DoorSet, LimitChanged, Ended)
