"""Who looks at a page, and the marks by which a page knows that it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sim.seminar.lesson.record import LESSON, VOTES, place_of
from sim.seminar.play.part import PLAY
from sim.seminar.record.room import Room, Student


@dataclass(frozen=True)
class Viewer:
    """Who looks: a student, the projector or the teacher."""

    page: str
    """`room`, `board`, `teacher`, `what-if` or `what-if/board`."""
    student: Student | None = None


def mark_of(room: Room, viewer: Viewer) -> str:
    """Name the step, and after it all of a page that is not a count. Where it changes, the page is
    changed in place, and where the step changes, drawn anew."""
    if viewer.page == "teacher":
        return f"{place_of(room)}/{room.position}"
    clock = "paused" if room.left_ms is not None else room.deadline_ms or "none"
    held, play = LESSON.of(room), PLAY.of(room)
    parts = [place_of(room), clock, len(held.hidden), len(held.forecasts), len(held.revealed)]
    if play.stage:
        if viewer.student is not None and play.stage != "debrief":
            return "/".join(map(str, [*parts, team_mark(room, viewer.student.number)]))
        tables = play.tables.values()
        parts += [sum(len(t.answers) for t in tables), sum(t.ended is not None for t in tables)]
        parts += [len(play.hidden), room.last_number, len(play.seats)]
    if room.phase not in VOTES:
        parts.append(room.last_number - len(room.students))  # the removed leave the charts
    return "/".join(map(str, parts))


def team_mark(room: Room, student: int) -> str:
    """Name what changes a team's page, as a digest from which nobody reads the votes: what only the
    teachers know keeps a member from trying all of them."""
    state = PLAY.of(room)
    seat = state.seats.get(student)
    table = state.tables.get(seat.table) if seat is not None else None
    if seat is None or table is None:
        return "none"
    own = [p for p in table.put if p.seat == seat]
    notes = [sorted(p.notes.items()) for p in own]
    votes = sorted(own[-1].votes.items()) if own else []
    written = state.instructions.get(seat)
    parts = [table.number, seat.party, len(own), len(table.answers), table.ended is not None]
    parts += [state.team(seat), votes, notes, written and written.text, len(state.hidden)]
    return sha256(f"{sorted(room.teachers)} {parts}".encode()).hexdigest()[:16]
