"""The room: who is in it, which step it is at, and the state of each part of the seminar.

As with a channel's log, applying decides nothing: a record that is read again gives the same room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from sim.seminar.record.events import (
    DoorSet,
    Ended,
    Joined,
    LimitChanged,
    Opened,
    Removed,
    SeminarEvent,
    Started,
    Step,
)

S = TypeVar("S")


@dataclass(frozen=True)
class Recorded:
    """An event at its place in the record."""

    position: int
    """From 1."""
    at_ms: int
    event: SeminarEvent


@dataclass(frozen=True)
class Student:
    """A student who has a seat."""

    number: int
    name: str
    group: str | None
    role: str | None


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
    phase: str = ""
    """The present step: a phase of a round, or a stage of a role play."""
    deadline_ms: int | None = None
    left_ms: int | None = None
    """The time left, while the clock is paused."""
    ended: bool = False
    states: Mapping[str, Any] = field(default_factory=dict)
    """The state of each part, by its name; `Part.of` reads it."""


@dataclass(frozen=True)
class Part(Generic[S]):
    """A part of a seminar: its own events, and what they add up to."""

    name: str
    events: tuple[type[SeminarEvent], ...]
    start: S
    """Its state before the first event."""
    apply: Callable[[S, Room, Recorded], S]
    """Returns its state after an event of any part; the room is the one before it. It raises
    ValueError where the event cannot be applied."""
    broken: Callable[[Room, SeminarEvent], str | None]
    """Says what an event, of any part, does not find in the room before it."""
    missing: Callable[[Room, SeminarEvent | None], str | None] = lambda room, event: None
    """Says what must come next where another event does, or none."""

    def of(self, room: Room) -> S:
        """Return the state of this part of a room."""
        found: S = room.states.get(self.name, self.start)
        return found


def after(room: Room, recorded: Recorded) -> Room:
    """Return the room after an event, but for the states of the parts."""
    event = recorded.event
    room = replace(room, position=recorded.position, at_ms=recorded.at_ms)
    match event:
        case Opened():
            return replace(room, opened=event)
        case Started():
            digest = event.teacher_sha256
            return replace(room, teachers=room.teachers | {digest}, secret=room.secret or digest)
        case Joined():
            student = Student(event.student, event.name, event.group, event.role)
            students = {**room.students, event.student: student}
            seats = {**room.seats, event.seat_sha256: event.student}
            last = max(room.last_number, event.student)
            return replace(room, students=students, seats=seats, last_number=last)
        case Removed():
            students = {n: s for n, s in room.students.items() if n != event.student}
            seats = {d: n for d, n in room.seats.items() if n != event.student}
            return replace(room, students=students, seats=seats)
        case DoorSet():
            return replace(room, door_open=event.open)
        case Step():
            phase, deadline_ms = event.begins
            return replace(room, phase=phase, deadline_ms=deadline_ms, left_ms=None)
        case LimitChanged():
            return replace(room, deadline_ms=event.deadline_ms, left_ms=event.left_ms)
        case Ended():
            return replace(room, ended=True, deadline_ms=None, left_ms=None)
    return room


def broken(room: Room, event: SeminarEvent) -> str | None:
    """Return what an event does not find in a room; None for nothing."""
    match event:
        case Opened() if room.opened is not None:
            return "opens the room a second time"
        case Joined() | Step() | Ended() if room.ended:
            return "the lesson is over"
        case Joined() if event.student <= room.last_number:
            return f"gives the number {event.student} a second time"
        case Removed():
            return no_student(room, event.student)
    return None


def no_student(room: Room, student: int) -> str | None:
    """Say that there is no such student; None where there is."""
    return None if student in room.students else f"there is no student {student}"
