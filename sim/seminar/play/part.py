"""The role play as a part of a record. An edited one is known by seats, votes and decisions that do
not fit.
"""

from __future__ import annotations

from sim.seminar.play.record import (
    EVENTS,
    STAGES,
    Asked,
    Decided,
    Instructed,
    LineHidden,
    Noted,
    PlayBegan,
    PlayState,
    Seat,
    Seated,
    Voted,
    after,
)
from sim.seminar.play.teams import decided
from sim.seminar.record.events import SeminarEvent
from sim.seminar.record.room import Part, Room, no_student


def _broken(room: Room, event: SeminarEvent) -> str | None:
    state = PLAY.of(room)
    if isinstance(event, PlayBegan) and (event.tables is None) != (event.stage != STAGES[0]):
        return "the tables must be set as the first stage begins"
    if isinstance(event, Seated | Instructed) and event.student not in room.students:
        return no_student(room, event.student)
    if isinstance(event, Seated | Instructed | LineHidden) and event.table not in state.tables:
        return f"there is no table {event.table}"
    if isinstance(event, Instructed) and state.seats.get(event.student) != Seat(
        event.table, event.party
    ):
        return f"student {event.student} is not in the team of {event.party}, table {event.table}"
    if not isinstance(event, Asked | Voted | Noted | Decided):
        return None
    table = state.tables.get(event.table)
    if table is None:
        return None  # applying it says so
    put = table.open
    where = f"question {event.number + 1} of table {event.table}"
    if isinstance(event, Asked):
        return None if table.waits else f"asks {where}, but the one before it is not decided"
    if put is None or put.question.number != event.number:
        return f"{where} is not open here"
    team = state.team(put.seat)
    if isinstance(event, Decided):
        return None if event == decided(table, put, team) else f"the votes on {where} say otherwise"
    if event.student not in team:
        return f"student {event.student} is not in the team that {where} is put to"
    return None


PLAY = Part("play", EVENTS, PlayState(), after, _broken)
