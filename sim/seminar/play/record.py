"""The events of a role play, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, assert_never

from pydantic import Field

from sim.ground.schema import Whole
from sim.seminar.record.events import LimitChanged, Removed, SeminarEvent, Step
from sim.seminar.record.fields import Digest, Millis, Number, Short
from sim.seminar.record.room import Recorded, Room

MAX_LINE = 200
"""Characters of an instruction or a note."""
STAGES = ("instruct", "play", "debrief")
"""The stages of a role play, in order."""

Stage = Literal["instruct", "play", "debrief"]
Part = Literal["adviser", "desk", "press"]
"""Who writes a note: the adviser's advice, the desk's precedent, the press's line."""
TableNumber = Annotated[Whole, Field(ge=1, le=12)]
Place = Annotated[Whole, Field(ge=0, le=1_000)]
"""The place of a question among those of its table, from 0."""
Line = Annotated[str, Field(min_length=1, max_length=MAX_LINE)]


class PlayBegan(Step):
    """A stage of the role play began, and the one before it ended."""

    kind: Literal["play_began"] = "play_began"
    stage: Stage
    tables: TableNumber | None = None
    """How many tables there are, as the first stage begins."""
    deadline_ms: Millis | None = None

    @property
    def begins(self) -> tuple[str, int | None]:
        """The stage, and when it ends."""
        return self.stage, self.deadline_ms


class Seated(SeminarEvent):
    """A student was given a place in a team."""

    kind: Literal["seated"] = "seated"
    student: Number
    table: TableNumber
    party: Short


class Instructed(SeminarEvent):
    """A team wrote its instructions to itself; the last line counts."""

    kind: Literal["instructed"] = "instructed"
    student: Number
    table: TableNumber
    party: Short
    text: Line


class Asked(SeminarEvent):
    """The world of a table came to a question."""

    kind: Literal["asked"] = "asked"
    table: TableNumber
    number: Place
    party: Short
    channel: Short
    decision: Short
    at: Short
    """The instant of the question, as a date-time."""
    deadline_ms: Millis | None = None


class Voted(SeminarEvent):
    """A member of the team voted, or changed the vote. The last one counts."""

    kind: Literal["voted"] = "voted"
    student: Number
    table: TableNumber
    number: Place
    yes: bool


class Noted(SeminarEvent):
    """A member of the team wrote to the others beside a question; the last line counts."""

    kind: Literal["noted"] = "noted"
    student: Number
    table: TableNumber
    number: Place
    part: Part
    text: Line


class LineHidden(SeminarEvent):
    """The teacher hid a line: a note, or a team's instructions."""

    kind: Literal["line_hidden"] = "line_hidden"
    student: Number
    table: TableNumber
    number: Place | None = None
    """The question of the note; None for instructions."""
    part: Part | None = None


class Decided(SeminarEvent):
    """A team's vote was closed."""

    kind: Literal["decided"] = "decided"
    table: TableNumber
    number: Place
    answer: bool | None
    """None leaves it to the doctrine."""
    how: Literal["vote", "minister", "doctrine"]
    yes: Place
    no: Place


class TableEnded(SeminarEvent):
    """The world of a table came to its end; what was not asked any more its doctrines answered."""

    kind: Literal["table_ended"] = "table_ended"
    table: TableNumber
    log_sha256: Digest
    """The digest of its log, as the teacher takes it home."""


EVENTS = (PlayBegan, Seated, Instructed, Asked, Voted, Noted, LineHidden, Decided, TableEnded)


@dataclass(frozen=True)
class Seat:
    """A place in a team."""

    table: int
    party: str


@dataclass(frozen=True)
class Put:
    """A question that was put to a table."""

    question: Asked
    votes: Mapping[int, bool] = field(default_factory=dict)
    """By student."""
    notes: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """By part and student."""
    decided: Decided | None = None

    @property
    def seat(self) -> Seat:
        """The team that is asked."""
        return Seat(self.question.table, self.question.party)


@dataclass(frozen=True)
class TableState:
    """How far a table has come."""

    number: int
    put: tuple[Put, ...] = ()
    ended: TableEnded | None = None
    deadline_ms: int | None = None
    """When the present vote closes; None for no limit, or while the clock is paused."""
    left_ms: int | None = None
    """The time left for it, while the clock is paused."""
    asked_ms: int = 0
    """When the last question was put."""

    @property
    def answers(self) -> tuple[bool | None, ...]:
        """The answers so far."""
        return tuple(p.decided.answer for p in self.put if p.decided is not None)

    @property
    def open(self) -> Put | None:
        """The question that the table is at."""
        return self.put[-1] if self.put and self.put[-1].decided is None else None

    @property
    def waits(self) -> bool:
        """Whether its world is to be run up to the next question."""
        return self.ended is None and self.open is None


LineKey = tuple[int, int | None, str | None, int]
"""A line that can be hidden: table, question, part and student."""


@dataclass(frozen=True)
class PlayState:
    """What the events of a role play add up to."""

    stage: str = ""
    """The last stage that began; "" before the first."""
    tables: Mapping[int, TableState] = field(default_factory=dict)
    seats: Mapping[int, Seat] = field(default_factory=dict)
    """By student; those who were removed are left out."""
    instructions: Mapping[Seat, Instructed] = field(default_factory=dict)
    hidden: frozenset[LineKey] = frozenset()

    def team(self, seat: Seat) -> tuple[int, ...]:
        """Return the members of a team, in the order of their numbers."""
        return tuple(sorted(n for n, s in self.seats.items() if s == seat))

    def instructions_of(self, seat: Seat) -> str:
        """Return the instructions of a team; "" where there are none, or the teacher hid them."""
        written = self.instructions.get(seat)
        if written is None or (seat.table, None, None, written.student) in self.hidden:
            return ""
        return written.text

    def hides(self, put: Put, part: str, student: int) -> bool:
        """Whether the teacher hid a note beside a question."""
        asked = put.question
        return (asked.table, asked.number, part, student) in self.hidden

    def without(self, student: int) -> PlayState:
        """Return the state after a student left: open votes no longer count them."""

        def left(put: Put) -> Put:
            if put.decided is not None:
                return put
            return replace(put, votes={n: v for n, v in put.votes.items() if n != student})

        tables = {n: replace(t, put=tuple(map(left, t.put))) for n, t in self.tables.items()}
        seats = {n: s for n, s in self.seats.items() if n != student}
        return replace(self, seats=seats, tables=tables)

    def clock(
        self, before: tuple[int | None, int | None], now: tuple[int | None, int | None]
    ) -> PlayState:
        """Return the state after the limit of the whole play changed: the limit of each question is
        paused, taken up, extended or turned off with it. Both are (deadline, time left)."""

        def moved(table: TableState) -> TableState:
            (deadline, left), (then, rest) = before, now
            if then is None and rest is None:
                return replace(table, deadline_ms=None, left_ms=None)
            was, own = left, table.left_ms
            if deadline is not None:
                was, own = deadline, table.deadline_ms
            if was is None or own is None:
                return table
            if rest is not None:
                return replace(table, deadline_ms=None, left_ms=max(1_000, own + rest - was))
            assert then is not None
            return replace(table, deadline_ms=own + then - was, left_ms=None)

        return replace(self, tables={n: moved(t) for n, t in self.tables.items()})


def after(state: PlayState, room: Room, recorded: Recorded) -> PlayState:
    """Return the state after an event; the room is the one before it.

    Raises:
        ValueError: it names a table or a question that is not there.
    """
    event = recorded.event
    match event:
        case Removed():
            return state.without(event.student)
        case LimitChanged():
            now = (event.deadline_ms, event.left_ms)
            return state.clock((room.deadline_ms, room.left_ms), now)
        case PlayBegan():
            tables = state.tables
            if event.tables is not None:
                tables = {n: TableState(n) for n in range(1, event.tables + 1)}
            quiet = {n: replace(t, deadline_ms=None, left_ms=None) for n, t in tables.items()}
            return replace(state, stage=event.stage, tables=quiet)
        case Seated():
            seats = {**state.seats, event.student: Seat(event.table, event.party)}
            return replace(state, seats=seats)
        case Instructed():
            seat = Seat(event.table, event.party)
            return replace(state, instructions={**state.instructions, seat: event})
        case LineHidden():
            line = (event.table, event.number, event.part, event.student)
            return replace(state, hidden=state.hidden | {line})
        case Asked() | Voted() | Noted() | Decided() | TableEnded():
            table = state.tables.get(event.table)
            if table is None:
                raise ValueError(f"there is no table {event.table}")
            changed = _applied(table, event)
            if isinstance(event, Asked):
                changed = replace(changed, asked_ms=recorded.at_ms)
            return replace(state, tables={**state.tables, event.table: changed})
    return state


def _applied(table: TableState, event: Asked | Voted | Noted | Decided | TableEnded) -> TableState:
    if not isinstance(event, TableEnded):
        new = isinstance(event, Asked)
        if (event.number != len(table.put)) if new else (event.number >= len(table.put)):
            raise ValueError(f"table {table.number} has no question {event.number + 1}")
    match event:
        case Asked():
            asked = (*table.put, Put(event))
            return replace(table, put=asked, deadline_ms=event.deadline_ms, left_ms=None)
        case TableEnded():
            return replace(table, ended=event, deadline_ms=None, left_ms=None)
    put = table.put[event.number]
    match event:
        case Voted():
            put = replace(put, votes={**put.votes, event.student: event.yes})
        case Noted():
            put = replace(put, notes={**put.notes, (event.part, event.student): event.text})
        case Decided():
            put = replace(put, decided=event)
            table = replace(table, deadline_ms=None, left_ms=None)
        case _:
            assert_never(event)
    return replace(table, put=(*table.put[: event.number], put, *table.put[event.number + 1 :]))
