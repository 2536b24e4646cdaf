"""Who sits where: tables, teams, and the parts within a team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.seminar.play.record import Decided, PlayState, Put, Seat, TableState
from sim.seminar.play.schema import RolePlay
from sim.seminar.record.names import person_of
from sim.seminar.record.room import Room

MINISTER, ADVISER, DESK, PRESS = "minister", "adviser", "desk", "press"
PARTS = (MINISTER, ADVISER, DESK, PRESS)
"""The parts of a team, in the order in which they are given."""


def most_tables(students: int, play: RolePlay) -> int:
    """Return how many tables a class has: as many as the lesson allows, with at least two students
    a team, and at least one."""
    return max(1, min(play.tables, students // (2 * len(play.parties))))


def seating(names: Mapping[int, str], tables: int, parties: Sequence[str]) -> dict[int, Seat]:
    """Spread students, by number, over the teams, each in turn to one of the smallest. Those whose
    names look alike sit together: they may be one person with two devices."""
    together: dict[str, list[int]] = {}
    for number in sorted(names):
        together.setdefault(person_of(names[number]), []).append(number)
    teams: dict[Seat, list[int]] = {seat: [] for seat in teams_of(tables, parties)}
    for numbers in together.values():
        min(teams.values(), key=len).extend(numbers)
    seated = {number: seat for seat, numbers in teams.items() for number in numbers}
    return dict(sorted(seated.items()))


def own_team(room: Room, state: PlayState, student: int) -> Seat | None:
    """Return the team of those who are seated and whose names look like a student's; None where
    nobody's does."""
    wanted = person_of(room.students[student].name)
    alike = (s for n, s in state.seats.items() if person_of(room.students[n].name) == wanted)
    return next(alike, None)


def teams_of(tables: int, parties: Sequence[str]) -> list[Seat]:
    """List the teams of all tables."""
    return [Seat(table, party) for table in range(1, tables + 1) for party in parties]


def parts_of(team: Sequence[int], student: int) -> tuple[str, ...]:
    """Return the parts that a member has. In a small team some have several; from the fifth member
    on there are more desks and more press."""
    place, size = team.index(student), len(team)
    if place >= len(PARTS):
        return (PARTS[2 + place % 2],)
    return tuple(part for n, part in enumerate(PARTS) if n % min(size, len(PARTS)) == place)


def decided(table: TableState, put: Put, team: Sequence[int]) -> Decided:
    """Return the event by which a vote is closed: the majority decides, the minister where the
    votes are equal, and the doctrine where nobody voted, or where the votes are equal and the
    minister has none."""
    votes = {n: put.votes[n] for n in team if n in put.votes}
    yes = sum(votes.values())
    no = len(votes) - yes
    answer, how = (yes > no, "vote") if yes != no else (None, "doctrine")
    if yes == no and team and team[0] in votes:
        answer, how = votes[team[0]], "minister"
    told = {"table": table.number, "number": put.question.number, "answer": answer, "how": how}
    return Decided.model_validate({**told, "yes": yes, "no": no})


def closing(state: PlayState) -> list[Decided]:
    """Return the events by which the votes that are open are closed: what was voted counts, and
    what nobody voted on is left out."""
    return [
        decided(table, put, state.team(put.seat))
        for table in state.tables.values()
        if (put := table.open) is not None and put.votes
    ]
