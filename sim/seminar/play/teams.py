"""Who sits where: tables, teams, and the parts within a team."""

from __future__ import annotations

from collections.abc import Sequence

from sim.seminar.play.record import Decided, PlayState, Put, Seat, TableState
from sim.seminar.play.schema import RolePlay

MINISTER, ADVISER, DESK, PRESS = "minister", "adviser", "desk", "press"
PARTS = (MINISTER, ADVISER, DESK, PRESS)
"""The parts of a team, in the order in which they are given."""


def most_tables(students: int, play: RolePlay) -> int:
    """Return how many tables a class has: as many as the lesson allows, with at least two students
    a team, and at least one."""
    return max(1, min(play.tables, students // (2 * len(play.parties))))


def seating(students: Sequence[int], tables: int, parties: Sequence[str]) -> dict[int, Seat]:
    """Spread students over the teams, so that no team has two members more than another."""
    teams = teams_of(tables, parties)
    return {number: teams[n % len(teams)] for n, number in enumerate(sorted(students))}


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
        decided(table, put, state.team(Seat(table.number, put.question.party)))
        for table in state.tables.values()
        if (put := table.open) is not None and put.votes
    ]
