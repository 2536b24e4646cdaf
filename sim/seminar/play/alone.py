"""Playing alone: a student goes on from an answer of some table, or from the first day, against the
doctrines. Each such game has a record of its own; no table is changed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sim.seminar.play.part import PLAY
from sim.seminar.play.record import Place, TableNumber
from sim.seminar.record.events import SeminarEvent
from sim.seminar.record.fields import Number, Short
from sim.seminar.record.room import Part, Recorded, Room, no_student


class HomeOpened(SeminarEvent):
    """The role play is done alone, by everybody for themselves: there is no class."""

    kind: Literal["home_opened"] = "home_opened"


class AloneBegan(SeminarEvent):
    """A student began a game of their own."""

    kind: Literal["alone_began"] = "alone_began"
    student: Number
    party: Short
    """For whom the student decides."""
    table: TableNumber | None = None
    """The table whose world it is; None for a game from the first day on."""
    at: Place = 0
    """The question of that table which the student answers anew."""


class AloneAnswered(SeminarEvent):
    """A student answered a question of a game of their own."""

    kind: Literal["alone_answered"] = "alone_answered"
    student: Number
    game: Place
    """The place of the game among the student's, from 0."""
    number: Place
    """The place of the question among the student's of that game, from 0."""
    at: Short
    """The instant of the question, as a date-time."""
    answer: bool | None
    """None leaves it to the doctrine."""


@dataclass(frozen=True)
class AloneGame:
    """One game of one student."""

    began: AloneBegan
    answered: tuple[AloneAnswered, ...] = ()

    @property
    def answers(self) -> tuple[bool | None, ...]:
        """The student's answers so far."""
        return tuple(a.answer for a in self.answered)


@dataclass(frozen=True)
class AloneState:
    """What is played alone."""

    home: bool = False
    """Whether there is no class: everybody plays from the first day on."""
    games: Mapping[int, tuple[AloneGame, ...]] = field(default_factory=dict)
    """By student."""

    def of(self, student: int) -> tuple[AloneGame, ...]:
        """Return the games of a student."""
        return self.games.get(student, ())


def _after(state: AloneState, room: Room, recorded: Recorded) -> AloneState:
    match recorded.event:
        case HomeOpened():
            return replace(state, home=True)
        case AloneBegan() as began:
            games = (*state.of(began.student), AloneGame(began))
            return replace(state, games={**state.games, began.student: games})
        case AloneAnswered() as told:
            games = state.of(told.student)
            if told.game >= len(games) or told.number != len(games[told.game].answered):
                where = f"question {told.number + 1} of game {told.game + 1}"
                raise ValueError(f"{where} of student {told.student} is not open here")
            game = games[told.game]
            changed = replace(game, answered=(*game.answered, told))
            games = (*games[: told.game], changed, *games[told.game + 1 :])
            return replace(state, games={**state.games, told.student: games})
    return state


def _broken(room: Room, event: SeminarEvent) -> str | None:
    if isinstance(event, HomeOpened) and PLAY.of(room).stage:
        return "a class plays here"
    if isinstance(event, AloneBegan | AloneAnswered):
        if (missing := no_student(room, event.student)) is not None:
            return missing
        if not may_play_alone(room):
            return "nobody plays alone before the debrief"
    if isinstance(event, AloneBegan) and event.table is not None:
        table = PLAY.of(room).tables.get(event.table)
        if table is None or table.ended is None or event.at >= len(table.answers):
            return f"table {event.table} has no question {event.at + 1} that was answered"
        if table.put[event.at].question.party != event.party:
            return f"question {event.at + 1} of table {event.table} was not put to {event.party}"
    return None


def may_play_alone(room: Room) -> bool:
    """Whether students may play alone: at home, and from the debrief on."""
    return ALONE.of(room).home or PLAY.of(room).stage == "debrief"


ALONE = Part("alone", (HomeOpened, AloneBegan, AloneAnswered), AloneState(), _after, _broken)
