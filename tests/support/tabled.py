"""A role play without a network: tables whose clock is set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lessons import SALT, TEACHER, lesson, seat

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.record import place_of
from sim.seminar.lesson.session import Session
from sim.seminar.play.controller import Controller
from sim.seminar.play.part import PLAY as PLAYED
from sim.seminar.play.record import Seat
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR

PLAY: dict[str, Any] = {
    "parties": ["FRA", "ITA"],
    "from": "2021-02-01",
    "tables": 3,
    "questions": 6,
    "spread": False,
    "apart_days": 0,
    "an_hour": 60,
    "below": 0.1,
    "minutes": {"instruct": 2},
}


def play_plan(rounds: Sequence[Any] = (), **changes: Any) -> Plan:
    """Return the plan of the small lesson as a role play."""
    return plan_of(load_scenario(lesson(rounds=list(rounds), play={**PLAY, **changes})))


class Table:
    """A session with students, whose clock is set by hand."""

    def __init__(self, folder: Path, students: int = 6, plan: Plan | None = None) -> None:
        self.plan = plan or play_plan()
        self.session = Session(self.plan, Store(folder / "record.sqlite", SEMINAR))
        assert self.plan.play is not None
        self.controller = Controller(self.session.record, self.plan.play, lambda table: None)
        self.now = 1_000
        if self.session.room.opened is None:
            self.session.start(0, "ABC234", TEACHER)
            for n in range(1, students + 1):
                self.session.join(self.now, f"Student {n}", ("north", "south")[n % 2], seat(n))

    def advance(self, tables: int | None = None) -> None:
        self.now += 1_000
        self.session.advance(self.now, place_of(self.session.room), SALT, tables)

    def deal(self) -> None:
        """Bring every table to its next question, or to its end."""
        while (table := self.controller.waiting()) is not None:
            self.controller.put(self.now, table, self.controller.come_to(table))

    def begin(self, tables: int = 1) -> None:
        self.advance(tables)
        self.advance()
        self.deal()

    @property
    def state(self) -> Any:
        return PLAYED.of(self.session.room)

    def team(self, table: int = 1) -> tuple[int, ...]:
        question = self.state.tables[table].open.question
        return tuple(self.state.team(Seat(table, question.party)))

    def vote(self, *answers: bool, table: int = 1) -> None:
        """Let the members of the team that is asked vote, in their order."""
        number = self.state.tables[table].open.question.number
        for member, yes in zip(self.team(table), answers, strict=False):
            self.controller.vote(self.now, member, number, yes)

    def to_the_end(self, answer: bool = False) -> None:
        while any(t.ended is None for t in self.state.tables.values()):
            for number, table in self.state.tables.items():
                if table.open is not None:
                    self.vote(answer, answer, answer, table=number)
            self.deal()
