"""A small role play for the tests of the seminar, and how a class plays it over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from lessons import LESSON
from rooms import student_of, until

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.record import place_of
from sim.seminar.play.part import PLAY as PLAYED
from sim.seminar.play.record import Seat, TableState
from sim.seminar.web.person import Person
from sim.seminar.web.serve import Opened

PLAY: dict[str, Any] = {
    "title": "Four months of fishing",
    "brief": "Two governments, one line between their ministers, and a trawler.",
    "parties": ["FRA", "ITA"],
    "from": "2021-02-01",
    "tables": 2,
    "questions": 6,
    "spread": False,
    "apart_days": 0,
    "below": 0.05,
    "outcomes": ["cut"],
}
"""With seed 2 and yes to everything FRA is asked at 0, 2 and 4, and ITA at 1, 3 and 5."""


def play_lesson(seminar: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return the scenario of a role play, its `play` block updated; what is None is left out."""
    data = deepcopy(LESSON)
    played = {k: v for k, v in {**PLAY, **changes}.items() if v is not None}
    data["seminar"] = {"title": "Two capitals", "play": played, **(seminar or {})}
    data["ensemble"] = {"seed": 2}
    return data


def play_plan(**changes: Any) -> Plan:
    """Return the plan of the role play."""
    return plan_of(load_scenario(play_lesson(**changes)))


def advance(teacher: Person, opened: Opened, **form: str) -> None:
    """Press the teacher's button once."""
    seen = place_of(opened.room.session.room)
    reply = teacher.post("/teacher/advance", {"seen": seen, **form})
    assert reply.status == 303, reply.body


def table_of(opened: Opened, number: int = 1) -> TableState:
    """Return how far a table is."""
    return PLAYED.of(opened.room.session.room).tables[number]


def comes_to(opened: Opened, number: int, table: int = 1) -> None:
    """Wait until a table is at a question, counted from 0."""

    def there() -> bool:
        put = table_of(opened, table).open
        return put is not None and put.question.number == number

    assert until(there), f"table {table} never comes to question {number}"


def team_of(
    opened: Opened, people: Mapping[int, Person], party: str, table: int = 1
) -> list[Person]:
    """Return the members of a team, the minister first."""
    return [people[n] for n in PLAYED.of(opened.room.session.room).team(Seat(table, party))]


def class_of(opened: Opened, names: Sequence[str]) -> dict[int, Person]:
    """Let students join; return them by their numbers."""
    first = 1 + opened.room.session.room.last_number
    return {first + n: student_of(opened, name) for n, name in enumerate(names)}


def vote(person: Person, number: int, answer: str = "yes") -> int:
    """Send a vote; return the status."""
    return person.post("/play/vote", {"number": str(number), "answer": answer}).status


def play_on(
    opened: Opened,
    people: Mapping[int, Person],
    *,
    tables: Sequence[int] = (1,),
    meanwhile: Callable[[int, str], None] = lambda number, party: None,
) -> None:
    """Vote yes to everything, until each of the tables is at its end; before each question is
    answered something else may be done."""
    for table in tables:
        while until(lambda n=table: moved(opened, n)) and table_of(opened, table).ended is None:
            put = table_of(opened, table).open
            assert put is not None, f"table {table} comes to no question"
            number, party = put.question.number, put.question.party
            meanwhile(number, party)
            for person in team_of(opened, people, party, table):
                assert vote(person, number) == 303


def moved(opened: Opened, table: int) -> bool:
    """Whether a table has a question, or is at its end."""
    now = table_of(opened, table)
    return now.open is not None or now.ended is not None
