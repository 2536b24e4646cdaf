"""The role play of a rehearsal: scripted teams write instructions and vote at every question."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sim.seminar.play.pace import pace_lines, pace_of
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import PlayState, Put, Seat, TableState
from sim.seminar.play.worlds import PlayPlan
from sim.seminar.record.room import Room
from sim.seminar.web.person import Person

PATIENCE_S = 20.0
VOTE = '<span class="mine">'
SAY: tuple[Callable[[int, int], bool], ...] = (
    lambda number, member: number % 2 == 0,
    lambda number, member: (number + member) % 3 == 0,
    lambda number, member: False,
    lambda number, member: True,
)
"""How the members of a table vote, by its number: tables that answer in several ways."""


@dataclass
class PlayFound:
    """What the role play of a rehearsal found."""

    questions: int = 0
    votes: int = 0
    waits_ms: list[float] = field(default_factory=list)
    """How long a table waited for its next question."""
    tables: list[str] = field(default_factory=list)
    """How the questions of each table fell."""

    def lines(self, plan: PlayPlan) -> list[str]:
        """Say what a teacher wants to know."""
        if not self.questions:
            return []
        waits = sorted(self.waits_ms) or [0.0]
        minutes = plan.spec.play_s / 60
        return [
            f"Role play: {self.questions} questions answered, {self.votes} votes. By its pace "
            f"it takes up to {minutes:.0f} minutes, and the time for the debrief.",
            *self.tables,
            *pace_lines(plan, plan.spec.tables),
            f"A table's next question came after {waits[len(waits) // 2]:.0f} ms in half of the "
            f"cases, and after {waits[-1]:.0f} ms at most.",
        ]


class PlayRehearsal:
    """Scripted teams in a room."""

    def __init__(
        self,
        plan: PlayPlan,
        room: Callable[[], Room],
        people: list[Person],
        fail: Callable[[str], None],
    ) -> None:
        self.plan, self.room, self.fail = plan, room, fail
        self.people = {p.name: p for p in people}
        self.found = PlayFound()
        self.written: dict[Seat, list[str]] = {}
        """Words that only a team may read: each line that it writes holds words of its own."""
        self.cast: dict[tuple[int, int, int], bool] = {}
        """The last vote that was acknowledged, by table, question and student."""

    # ------------------------------------------------------------------------------ stages

    def instruct(self) -> None:
        """Let every team write its instructions."""
        state = PLAY.of(self.room())
        for seat in {*state.seats.values()}:
            words = f"zq-instructions-{seat.table}-{self.plan.spec.parties.index(seat.party)}"
            first = self.person(state.team(seat)[0])
            if not first.post("/play/instruct", {"text": words}).ok:
                self.fail(f"the instructions of {seat.party} at table {seat.table} were refused")
            self.written[seat] = [words]

    def play(self) -> None:
        """Answer every question of every table."""
        since: dict[int, float] = {}
        last = time.monotonic()
        while any(t.ended is None for t in PLAY.of(self.room()).tables.values()):
            state = PLAY.of(self.room())
            asked = [t for t in state.tables.values() if t.open is not None]
            for table in asked:
                if table.number in since:
                    self.found.waits_ms.append(1000 * (time.monotonic() - since[table.number]))
                self.answer(state, table)
                since[table.number] = last = time.monotonic()
            if time.monotonic() - last > PATIENCE_S:
                self.fail("a table did not come to its next question")
                return
            time.sleep(0.005)

    def check(self, room: Room) -> None:
        """Hold a record against the votes that were acknowledged."""
        for (table, number, student), yes in self.cast.items():
            put = PLAY.of(room).tables[table].put[number]
            if put.votes.get(student) is not yes:
                self.fail(f"lost: a vote at table {table}, question {number + 1}")
        self.found.tables = [
            f"  Table {number}: {pace_of(self.plan, table.answers).words()}"
            for number, table in PLAY.of(room).tables.items()
        ]

    def debrief(self) -> None:
        """Wait for the debrief of every table, and check that everybody can read it."""
        begun = time.monotonic()
        while any(t.ended is None for t in PLAY.of(self.room()).tables.values()):
            if time.monotonic() - begun > PATIENCE_S:
                self.fail("a table was not run to its end")
                return
            time.sleep(0.02)
        for person in [*self.people.values()][:5]:
            body = person.get("/room").body
            for number in PLAY.of(self.room()).tables:
                if f'href="/log?table={number}"' not in body:
                    self.fail(f"the debrief of table {number} is missing on a page")

    # ------------------------------------------------------------------------------ a question

    def person(self, student: int) -> Person:
        """Return a student."""
        return self.people[self.room().students[student].name]

    def answer(self, state: PlayState, table: TableState) -> None:
        """Answer the question of a table."""
        put = table.open
        assert put is not None
        number, seat = put.question.number, put.seat
        team = state.team(seat)
        self.found.questions += 1
        if len(team) > 1 and number % 4 == 0:
            words = f"zq-advice-{seat.table}-{self.plan.spec.parties.index(seat.party)}-{number}"
            form = {"number": str(number), "part": "adviser", "text": words}
            if self.person(team[1]).post("/play/note", form).ok:
                self.written.setdefault(seat, []).append(words)
            else:
                self.fail(f"a note of {seat.party} at table {seat.table} was refused")
        for n, student in enumerate(team):
            last = n == len(team) - 1
            yes = SAY[table.number % len(SAY)](number, n)
            self.vote(student, put, yes=yes, shown=not last)

    def vote(self, student: int, put: Put, *, yes: bool, shown: bool) -> None:
        """Vote, and count it as acknowledged where the page says so; the last vote closes the
        question, and its page is the next one."""
        person, number = self.person(student), put.question.number
        form = {"number": str(number), "answer": "yes" if yes else "no"}
        reply = person.post_patiently("/play/vote", form)
        if reply.status != 303 or (shown and VOTE not in person.get("/room").body):
            self.fail(f"{person.name}: a vote was refused")
            return
        self.found.votes += 1
        self.cast[put.question.table, number, student] = yes
