"""A rehearsal in which students attack: what they may not do, and what they may not be shown."""

from __future__ import annotations

from collections.abc import Iterator

from attack import attacks

from sim.seminar.lesson.plan import Plan, RoundPlan
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import PlayState, Put, Seat, TableState
from sim.seminar.web.found import Found
from sim.seminar.web.person import Person
from sim.seminar.web.rehearsal import Rehearsal, percents, rehearse
from sim.seminar.web.rehearsal_play import PlayRehearsal

PATHS = ("/room", "/room/part", "/board", "/log", "/log?at=1", "/log?table=1")
"""What a spy opens."""


def attacked(plan: Plan, students: int) -> Found:
    """Rehearse a lesson while students attack."""
    return rehearse(plan, students, made=Attacked)


class Spying(PlayRehearsal):
    """Teams of which some look for what another team wrote, and vote where they may not.

    Every line that a team writes holds words of its own. None of them may reach the other side
    before the debrief, nor what the other side is asked.
    """

    def instruct(self) -> None:
        super().instruct()
        self._spy(PLAY.of(self.room()))

    def answer(self, state: PlayState, table: TableState) -> None:
        put = table.open
        assert put is not None
        number, seat = put.question.number, Seat(table.number, put.question.party)
        if number % 4 == 1:
            self._strangers_vote(state, put, seat)
        if number % 4 == 2:
            self._spy(state)
        super().answer(state, table)
        team = state.team(seat)
        if number % 4 == 3 and team:
            form = {"number": str(number), "answer": "yes"}
            if self.person(team[0]).post("/play/vote", form).ok:
                self.fail("a vote on a question that is over was stored")

    def _strangers_vote(self, state: PlayState, put: Put, seat: Seat) -> None:
        """Let somebody of another team vote on a question."""
        for student, other in state.seats.items():
            if other != seat:
                form = {"number": str(put.question.number), "answer": "yes"}
                open_ = state.tables[other.table].open
                own = open_ is not None and open_.question.party == other.party
                if not own and self.person(student).post("/play/vote", form).ok:
                    self.fail("a vote of another team was stored")
                return

    def _spy(self, state: PlayState) -> None:
        """Look for another team's words from one seat of each team."""
        for seat in {*state.seats.values()}:
            spy = self.person(state.team(seat)[-1])
            others = [w for s, words in self.written.items() if s != seat for w in words]
            for path in PATHS:
                body = spy.get(path).body
                for words in others:
                    if words in body:
                        self.fail(f"{path} shows {seat.party} what another team wrote")


class Attacked(Rehearsal):
    """Students of whom the first attacks."""

    acts = Spying
    attempts = 0

    def vote(self, round_: RoundPlan, vote: int, person: Person, why: str = "") -> None:
        """Answer, at first with numbers that do not add up."""
        given = {q.id: percents(len(q.options), 1) for q in round_.questions}
        wrong = {q: [99] * len(p) for q, p in given.items() if len(p) > 2}
        tries = wrong and person is self.people[0]
        if tries and person.answer(round_.number, vote, given | wrong, "Too much."):
            self.fail(f"{person.name}: numbers that do not add up to 100 were stored")
        super().vote(round_, vote, person, why)

    def vote_is_open(self, round_: RoundPlan) -> None:
        """Try what a student must not be able to do."""
        hostile = self.people[0]
        before = self.opened.room.session.room.position
        for attack in attacks(self.opened.room.address, hostile, round_):
            self.found.pages += 1
            Attacked.attempts += 1
            answer = attack.deed()
            if answer.ok and not attack.harmless:
                self.fail(f"an attack got through: {attack.name}")
            self.scan(hostile, attack.name, answer.body)
            if self.opened.key in answer.body:
                self.fail(f"an attack was shown the teacher's key: {attack.name}")
        if self.opened.room.session.room.position != before:
            self.fail("an attack changed the record")

    def votes_are_sealed(self, round_: RoundPlan, teacher: Person) -> None:
        """Answer too late, and ask “what if” too early."""
        self.found.failures += still_closed(teacher, self.people[0])
        given = {q.id: percents(len(q.options), 1) for q in round_.questions}
        if self.people[-1].answer(round_.number, 2, given, "too late"):
            self.fail("an answer after the seal was stored")


def still_closed(*people: Person) -> Iterator[str]:
    """Yield what went wrong where nobody may ask “what if” yet, not even the teacher."""
    for person in people:
        for path in ("/what-if", "/what-if/part", "/what-if/board", "/events?page=what-if"):
            if person.get(path).ok:
                yield f"{person.name} could open {path} before the last round was revealed"
        if person.post("/what-if/slide", {"s0": "0"}).ok:
            yield f"{person.name} could move a slider before the last round was revealed"
