"""What an edited record of a role play is known by: seats, votes and decisions that do not fit."""

from __future__ import annotations

from sim.seminar.play.record import (
    Asked,
    Decided,
    Instructed,
    LineHidden,
    Noted,
    PlayState,
    Seat,
    Seated,
    Voted,
)
from sim.seminar.play.teams import decided
from sim.seminar.record import SeminarEvent


def broken_play(state: PlayState, event: SeminarEvent) -> str | None:
    """Return what an event of a role play breaks, after the events before it; None for nothing."""
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
    team = state.team(Seat(event.table, put.question.party))
    if isinstance(event, Decided):
        return None if event == decided(table, put, team) else f"the votes on {where} say otherwise"
    if event.student not in team:
        return f"student {event.student} is not in the team that {where} is put to"
    return None
