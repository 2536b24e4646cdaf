"""The record of a seminar: events in the past tense, and the room that they add up to.

As with a channel's log, applying decides nothing: a record that is read again gives the same room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from sim.ground.files import canonical_json
from sim.ground.schema import Real, Strict, Whole
from sim.scenario.lesson import PHASES
from sim.seminar.fields import Digest, Millis, Number, Short
from sim.seminar.play.record import PlayBegan, PlayEvent, PlayState, apply_play
from sim.seminar.scores import LEAST, MOST
from sim.seminar.what_if.record import BranchDropped, Branches, BranchKept, branches_after

SCHEMA_VERSION = 1
MAX_NAME, MAX_REASON, MAX_STUDENTS = 40, 280, 400

RoundNumber = Annotated[Whole, Field(ge=0, le=100)]
Vote = Literal[1, 2]
Percent = Annotated[Whole, Field(ge=LEAST, le=MOST)]
Phase = Literal["read", "vote", "discuss", "again", "sealed", "revealed"]


class Opened(Strict):
    """The room was opened for a lesson."""

    kind: Literal["opened"] = "opened"
    lesson_sha256: Digest
    """The digest of the lesson and its scenario."""
    title: Short
    version: Short
    """The version of the program."""
    code: Short
    """The room code that students type."""


class Started(Strict):
    """A server took up the room: at the opening, and after each stop."""

    kind: Literal["started"] = "started"
    teacher_sha256: Digest
    """The digest of the teacher's secret that this server was given."""


class Joined(Strict):
    """A student took a seat."""

    kind: Literal["joined"] = "joined"
    student: Number
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    group: Short | None = None
    role: Short | None = None
    seat_sha256: Digest
    """The digest of the secret that the student's browser holds."""


class Removed(Strict):
    """The teacher took a student out of the room; the student's answers no longer count."""

    kind: Literal["removed"] = "removed"
    student: Number


class DoorSet(Strict):
    """The teacher closed the door, so that nobody else can join, or opened it again."""

    kind: Literal["door_set"] = "door_set"
    open: bool


class Began(Strict):
    """A phase of a round began, and the one before it ended."""

    kind: Literal["began"] = "began"
    round: RoundNumber
    phase: Phase
    deadline_ms: Millis | None = None
    """When the phase ends; None for no limit."""


class LimitChanged(Strict):
    """The limit of the present phase was extended, paused, taken up again or turned off."""

    kind: Literal["limit_changed"] = "limit_changed"
    deadline_ms: Millis | None = None
    left_ms: Millis | None = None
    """The time that is left, while the clock is paused."""


class Answered(Strict):
    """A student answered a round, or changed the answer. The last one counts."""

    kind: Literal["answered"] = "answered"
    student: Number
    round: RoundNumber
    vote: Vote
    percents: dict[Short, Annotated[tuple[Percent, ...], Field(min_length=2, max_length=8)]]
    """By question, the probability of each option in percent; they sum to 100."""
    reason: Annotated[str, Field(min_length=1, max_length=MAX_REASON)]

    @model_validator(mode="after")
    def _sums(self) -> Answered:
        for question, percents in self.percents.items():
            if sum(percents) != 100:
                raise ValueError(f"the percents of {question} must sum to 100, not {sum(percents)}")
        return self


class ReasonHidden(Strict):
    """The teacher hid a reason from the pages."""

    kind: Literal["reason_hidden"] = "reason_hidden"
    student: Number
    round: RoundNumber
    vote: Vote


class Forecasted(Strict):
    """The simulator made its own forecast of a round, before anybody saw the round."""

    kind: Literal["forecasted"] = "forecasted"
    round: RoundNumber
    probabilities: dict[Short, tuple[Annotated[Real, Field(gt=0, lt=1)], ...]]
    worlds: Whole
    seed: Whole
    weights: Annotated[str, Field(max_length=2_000)]
    """Whose weights: the doctrines."""


class Sealed(Strict):
    """The answers of a round were closed. The digest is shown at once, the salt at the reveal."""

    kind: Literal["sealed"] = "sealed"
    round: RoundNumber
    sha256: Digest
    salt: Digest


class Revealed(Strict):
    """What happened was shown, with the scores."""

    kind: Literal["revealed"] = "revealed"
    round: RoundNumber


class Ended(Strict):
    """The lesson is over."""

    kind: Literal["ended"] = "ended"


SeminarEvent = Annotated[
    Opened
    | Started
    | Joined
    | Removed
    | DoorSet
    | Began
    | LimitChanged
    | Answered
    | ReasonHidden
    | Forecasted
    | Sealed
    | Revealed
    | Ended
    | PlayEvent
    | BranchKept
    | BranchDropped,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[SeminarEvent] = TypeAdapter(SeminarEvent)


@dataclass(frozen=True)
class Recorded:
    """An event at its place in the record."""

    position: int
    """From 1."""
    at_ms: int
    event: SeminarEvent


def event_of(data: Mapping[str, Any]) -> SeminarEvent:
    """Read an event from plain data.

    Raises:
        ValueError: it breaks a rule; the message says which.
    """
    try:
        return EVENT.validate_python(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise ValueError(f"{where}: {first['msg']}") from None


def plain_event(event: SeminarEvent) -> dict[str, Any]:
    """Return an event as plain data, with its kind and without what is left at its default."""
    return {"kind": event.kind, **event.plain()}


@dataclass(frozen=True)
class Student:
    """A student who has a seat."""

    number: int
    name: str
    group: str | None
    role: str | None
    joined_ms: int


@dataclass(frozen=True)
class Answer:
    """What a student answered in one vote of one round."""

    student: int
    percents: Mapping[str, tuple[int, ...]]
    reason: str
    at_ms: int

    def probabilities(self, question: str) -> tuple[float, ...]:
        """Return the probability of each option of a question, in [0, 1]."""
        return tuple(p / 100 for p in self.percents[question])


Ballot = tuple[int, int]
"""A round and a vote in it."""


@dataclass(frozen=True)
class Room:
    """What a record adds up to."""

    position: int = 0
    """How many events it holds."""
    at_ms: int = 0
    """When the last one was."""
    opened: Opened | None = None
    teachers: frozenset[str] = frozenset()
    """The digests of every teacher's secret."""
    secret: str = ""
    """What orders that tell nothing are made with: the first of these digests. No export has it."""
    last_number: int = 0
    """The last number that a student was given; no number is given twice."""
    students: Mapping[int, Student] = field(default_factory=dict)
    seats: Mapping[str, int] = field(default_factory=dict)
    """From the digest of a seat's secret to its student; those removed are left out."""
    door_open: bool = True
    """Whether anybody else can join."""
    round: int = -1
    """The present round from 0; -1 before the first."""
    phase: str = ""
    deadline_ms: int | None = None
    left_ms: int | None = None
    """The time left, while the clock is paused."""
    answers: Mapping[Ballot, Mapping[int, Answer]] = field(default_factory=dict)
    hidden: frozenset[tuple[int, int, int]] = frozenset()
    """Round, vote and student of each reason that is hidden."""
    forecasts: Mapping[int, Forecasted] = field(default_factory=dict)
    seals: Mapping[int, Sealed] = field(default_factory=dict)
    revealed: frozenset[int] = frozenset()
    play: PlayState = field(default_factory=PlayState)
    ended: bool = False
    branches: Branches = field(default_factory=dict)
    """The branches of what-ifs that the teacher keeps, by number."""
    last_branch: int = 0
    """The last number that a branch was given."""

    def cast(self, round_: int, vote: int) -> Mapping[int, Answer]:
        """Return the answers of one vote, by student."""
        return self.answers.get((round_, vote), {})

    def final(self, round_: int) -> dict[int, Answer]:
        """Return each student's last word of a round: the second vote, or else the first."""
        return {**self.cast(round_, 1), **self.cast(round_, 2)}


def apply(room: Room, recorded: Recorded) -> Room:
    """Return the room after an event.

    Raises:
        ValueError: it does not follow from those before.
    """
    event, at_ms = recorded.event, recorded.at_ms
    room = replace(room, position=recorded.position, at_ms=at_ms)
    match event:
        case Opened():
            return replace(room, opened=event)
        case Started():
            digest = event.teacher_sha256
            return replace(room, teachers=room.teachers | {digest}, secret=room.secret or digest)
        case Joined():
            student = Student(event.student, event.name, event.group, event.role, at_ms)
            students = {**room.students, event.student: student}
            seats = {**room.seats, event.seat_sha256: event.student}
            last = max(room.last_number, event.student)
            return replace(room, students=students, seats=seats, last_number=last)
        case Removed():
            return _without(room, event.student)
        case DoorSet():
            return replace(room, door_open=event.open)
        case Began():
            return replace(
                room,
                round=event.round,
                phase=event.phase,
                deadline_ms=event.deadline_ms,
                left_ms=None,
            )
        case LimitChanged():
            now = (event.deadline_ms, event.left_ms)
            play = room.play.clock((room.deadline_ms, room.left_ms), now)
            return replace(room, deadline_ms=now[0], left_ms=now[1], play=play)
        case Answered():
            ballot = (event.round, event.vote)
            answer = Answer(event.student, event.percents, event.reason, at_ms)
            cast = {**room.answers.get(ballot, {}), event.student: answer}
            return replace(room, answers={**room.answers, ballot: cast})
        case ReasonHidden():
            return replace(room, hidden=room.hidden | {(event.round, event.vote, event.student)})
        case Forecasted():
            return replace(room, forecasts={**room.forecasts, event.round: event})
        case Sealed():
            return replace(room, seals={**room.seals, event.round: event})
        case Revealed():
            return replace(room, revealed=room.revealed | {event.round})
        case Ended():
            return replace(room, ended=True, deadline_ms=None, left_ms=None)
        case PlayBegan():
            return replace(
                room,
                phase=event.stage,
                deadline_ms=event.deadline_ms,
                left_ms=None,
                play=apply_play(room.play, event),
            )
        case BranchKept() | BranchDropped():
            last = max(room.last_branch, event.number)
            kept = branches_after(room.branches, event)
            return replace(room, branches=kept, last_branch=last)
        case _:
            return replace(room, play=apply_play(room.play, event))


def _without(room: Room, student: int) -> Room:
    return replace(
        room,
        students={n: s for n, s in room.students.items() if n != student},
        seats={d: n for d, n in room.seats.items() if n != student},
        play=room.play.without(student),
        answers={
            ballot: {n: a for n, a in cast.items() if n != student}
            for ballot, cast in room.answers.items()
        },
    )


def room_of(record: Iterable[Recorded]) -> Room:
    """Fold a record.

    Raises:
        ValueError: an event does not follow from those before.
    """
    room = Room()
    for recorded in record:
        room = apply(room, recorded)
    return room


def seal_of(room: Room, round_: int, salt: str) -> str:
    """Return the digest of a round's answers: the SHA-256 of the salt and of both votes.

    Who has the exported record can compute it again from the events before the seal.
    """
    told = [
        [vote, number, {q: list(p) for q, p in answer.percents.items()}, answer.reason]
        for vote in (1, 2)
        for number, answer in sorted(room.cast(round_, vote).items())
    ]
    return sha256(f"{salt}{canonical_json(told)}".encode()).hexdigest()


if Phase.__args__ != PHASES:  # type: ignore[attr-defined]
    raise TypeError("Phase must list the phases of sim.scenario.lesson, in order")
