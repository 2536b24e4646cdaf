"""A rehearsal: the lesson played over real HTTP with scripted students, and then checked.

Some students are late, some lose the connection, and one has two tabs. Afterwards the record on the
disk is held against every answer that was acknowledged, and everything that a student was shown
against what was not to be seen yet. What attacks a room is tried by the program's own tests.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from markupsafe import escape

from sim.ground.dates import parse, spoken
from sim.ground.errors import RunError
from sim.ground.language import _, speaking
from sim.log.events import Event
from sim.seminar.lesson.days import Times
from sim.seminar.lesson.horizon import horizon
from sim.seminar.lesson.plan import Plan, RoundPlan, option_words
from sim.seminar.lesson.record import LESSON, place_of
from sim.seminar.record.store import Store
from sim.seminar.web.found import Found
from sim.seminar.web.person import Person
from sim.seminar.web.rehearsal_play import PlayRehearsal
from sim.seminar.web.rehearsal_what_if import rehearse_what_if
from sim.seminar.web.room import Limits, OpenRoom
from sim.seminar.web.serve import Opened, add_forecasts, open_room, server_of
from sim.seminar.what_if.from_lesson import base_of
from sim.seminar.what_if.whole import RECORD, SEMINAR, take_up
from sim.seminar.what_if.world_queue import warm

EVERY_LATE, EVERY_LOST = 9, 7
"""Every so many students one is late, and one loses the connection."""
PATIENCE_S = 20.0
ONE_COMPUTER = Limits(seats=1_000, streams=1_000, joins=1_000, often=(1_000, 1_000))
"""Scripts are quick, and all come from one computer."""


class FastClock:
    """The clock of a lesson over days in a rehearsal: it goes from one date to the next."""

    def __init__(self, times: Times) -> None:
        first = times.rounds[0]
        opens_ms = first.closes_ms if first.opens_ms is None else first.opens_ms
        self._now_ms = opens_ms - 3_600_000

    def __call__(self) -> int:
        return self._now_ms

    def go_to(self, at_ms: int | None) -> None:
        """Let a date come."""
        self._now_ms = max(self._now_ms, at_ms or 0)


def rehearse(
    plan: Plan, students: int, out: Path | None = None, made: type[Rehearsal] | None = None
) -> Found:
    """Play a lesson with scripted students; return what was found.

    Without `out` the record is thrown away afterwards. `made` is what plays.

    Raises:
        InputError: `out` holds the record of another lesson.
        RunError: `out` holds a record, or the disk refuses.
    """
    with TemporaryDirectory() as temporary:
        folder = out or Path(temporary)
        if (folder / RECORD).exists():
            raise RunError(f"{folder}: holds a record; a rehearsal needs a folder of its own")
        session = take_up(plan, folder)
        clock = None if plan.days is None else FastClock(plan.days)
        add_forecasts(session, clock=clock or OpenRoom.now_ms)
        warm(base_of(plan))
        opened = open_room(session, "127.0.0.1", 0, limits=ONE_COMPUTER, clock=clock)
        server = server_of(opened)
        serving = Thread(target=server.run, kwargs={"sockets": [opened.listening]}, daemon=True)
        serving.start()
        rehearsal = (made or Rehearsal)(plan, opened, students, clock)
        try:
            rehearsal.play()
        finally:
            server.should_exit = True
            serving.join(10)
            opened.room.close()
            opened.listening.close()
            session.store.close()
        rehearsal.check(folder)
        if plan.play is not None and rehearsal.acted is not None:
            rehearsal.found.played = rehearsal.acted.found.lines(plan.play)
        return rehearsal.found


class Rehearsal:
    """Scripted students in a room."""

    acts: type[PlayRehearsal] = PlayRehearsal
    """What plays the role play."""

    def __init__(
        self, plan: Plan, opened: Opened, students: int, clock: FastClock | None = None
    ) -> None:
        """`clock` is moved from date to date where the lesson goes by dates."""
        self.plan, self.opened, self.clock = plan, opened, clock
        self.found = Found(plan, students)
        self.acknowledged: dict[tuple[int, int, str], tuple[dict[str, tuple[int, ...]], str]] = {}
        """The last answer that was acknowledged and its reason, by round, vote and author."""
        self.people: list[Person] = []
        play, room = plan.play, opened.room.session
        self.acted = (
            None if play is None else self.acts(play, lambda: room.room, self.people, self.fail)
        )
        self.reasons: dict[str, str] = {}
        """What students wrote in the vote that is open, and who: nobody else may see it."""

    # ------------------------------------------------------------------------------ the play

    def play(self) -> None:
        """Play every round."""
        base = self.opened.room.address
        teacher = Person(base, "teacher")
        teacher.enter(self.opened.key)
        teacher.listen("teacher")
        board = Person(base, "board", cookie=teacher.cookie)
        board.listen("board")
        number = self.found.students
        self.people = [Person(base, f"Student {n}") for n in range(1, number + 1)]
        late = self.people[EVERY_LATE - 1 :: EVERY_LATE]
        lost = [p for p in self.people[EVERY_LOST - 1 :: EVERY_LOST] if p not in late]
        self.found.late, self.found.lost = len(late), len(lost)
        twin: Person | None = None
        with ThreadPoolExecutor(max_workers=32) as pool:
            self._each(pool, [p for p in self.people if p not in late], self._join)
            for round_ in self.plan.rounds:
                self._note(round_)
                if not self._passes(round_, "read"):
                    self._advance(teacher, "read")
                self._read(pool)
                self._advance(teacher, "vote")
                if twin is None and len(self.people) > 1:
                    second = self.people[1]
                    twin = Person(base, second.name, cookie=second.cookie)
                    twin.listen("room")
                for person in lost:
                    person.hang_up()
                here = [p for p in self.people if p.cookie and p not in lost]
                self._each(pool, here, partial(self.vote, round_, 1))
                if twin is not None:
                    self.vote(round_, 1, twin, "from another tab")
                self.vote_is_open(round_)
                self._scan_all(pool)
                if round_.number == 0:
                    self._each(pool, late, self._join)
                for person in lost:
                    person.listen("room")
                self.reasons.clear()
                if not self._passes(round_, "discuss"):
                    self._advance(teacher, "discuss")
                    self._present(pool, "Discuss")
                if not self._passes(round_, "again"):
                    self._advance(teacher, "again")
                    self._each(pool, self.people, partial(self.vote, round_, 2))
                    self.vote_is_open(round_)
                    self._scan_all(pool)
                    self.reasons.clear()
                self._advance(teacher, "sealed")
                self._present(pool, "Sealed")
                self.votes_are_sealed(round_, teacher)
                self._advance(teacher, "revealed")
                earlier = "/room" if self.clock is None else f"/room/{round_.number + 1}"
                self._present(pool, "What happened", earlier)
            if self.acted is not None:
                self._act(pool, self.acted, teacher, late)
            self._advance(teacher, "over")
            self._present(pool, "The lesson is over")
        self.found.what_if, failed = rehearse_what_if(self.opened, teacher, self.people[0])
        self.found.failures += failed
        for person in [teacher, board, *self.people, *([twin] if twin else [])]:
            person.hang_up()

    def vote_is_open(self, round_: RoundPlan) -> None:
        """Look around while a vote is open and all have voted."""

    def votes_are_sealed(self, round_: RoundPlan, teacher: Person) -> None:
        """Look around when the votes of a round are sealed."""

    def _act(
        self, pool: ThreadPoolExecutor, acted: PlayRehearsal, teacher: Person, late: list[Person]
    ) -> None:
        """Play the role play."""
        self._each(pool, [p for p in late if not p.cookie], self._join)
        self._advance(teacher, "instruct")
        self._present(pool, "Teams and instructions")
        acted.people = {p.name: p for p in self.people}
        acted.instruct()
        self._advance(teacher, "play")
        acted.play()
        self._advance(teacher, "debrief")
        acted.debrief()
        self._present(pool, "Debrief")

    def _each(
        self, pool: ThreadPoolExecutor, people: list[Person], deed: Callable[[Person], object]
    ) -> None:
        for done in [pool.submit(deed, p) for p in people]:
            done.result()

    def _join(self, person: Person) -> None:
        groups = self.plan.lesson.groups
        group = groups[self.people.index(person) % len(groups)] if groups else ""
        if not person.join(self.opened.code, group):
            self.fail(f"{person.name} could not join")
        person.listen("room")

    def vote(self, round_: RoundPlan, vote: int, person: Person, why: str = "") -> None:
        """Answer; only a page that says that it is stored is an acknowledgement."""
        first = [p.name for p in self.people].index(person.name)
        place = len(person.name) + round_.number + vote + first
        reason = f"Reason {place} of {person.name} in vote {vote}, round {round_.number} {why}"
        reason = reason.strip()
        given = {q.id: percents(len(q.options), place) for q in round_.questions}
        self.reasons[reason] = person.name
        if person.answer(round_.number, vote, given, reason):
            told = {q: tuple(p) for q, p in given.items()}
            self.acknowledged[round_.number, vote, person.name] = told, reason
        else:
            self.fail(
                f"{person.name}: an answer in vote {vote} of round {round_.number + 1} was refused"
            )

    def _advance(self, teacher: Person, phase: str) -> None:
        """Press the teacher's button, or let the clock reach the next date, and wait until every
        page that listens has been told."""
        seen = place_of(self.opened.room.session.room)
        if self.clock is not None and phase in seen:
            return  # a round that opens at the reveal of the one before
        listening = [p for p in self.people if p.listening]
        for person in listening:
            person.forget()
        begun = time.perf_counter()
        if self.clock is not None and phase != "over":
            self.clock.go_to(self.opened.room.session.room.deadline_ms)
            phase = "" if phase == "revealed" else phase  # the next round may open at once
        elif not teacher.post("/teacher/advance", {"seen": seen}).ok:
            self.fail(f"the teacher could not go on to {phase}")
        for person in listening:
            told = person.told_of(phase, PATIENCE_S)
            if told is None:
                self.fail(f"{person.name} was not told of {phase}")
            else:
                self.found.pushes_ms.append(1000 * (told - begun))

    def _passes(self, round_: RoundPlan, phase: str) -> bool:
        """Whether a phase takes no time."""
        return self.plan.days is not None and self.plan.days.passes(round_.number, phase)

    def _present(self, pool: ThreadPoolExecutor, heading: str, path: str = "/room") -> None:
        """Check that every student's page shows the present step."""
        with speaking(self.opened.room.spoken):
            heading = _(heading)

        def look(person: Person) -> None:
            if f"<h1>{heading}</h1>" not in self._look(path, person):
                self.fail(f"the page of {person.name} does not show “{heading}”")

        self._each(pool, [p for p in self.people if p.cookie], look)

    # ------------------------------------------------------------------------------ leaks

    def _hidden(self) -> list[str]:
        """List texts that no student may be shown at this moment."""
        room = self.opened.room.session.room
        until_s = horizon(self.plan, room)
        later, seen = list[str](), set[str]()
        shown = self.opened.room.shown()
        disguised = [] if shown.worn is None else shown.worn.words.true_words()
        for event in self.plan.log.events:
            if parse(event.date).hi_s > until_s:
                later += _texts(event)
            else:
                seen |= {*_texts(event)}
        later += [str(escape(text)) for text in self.plan.lesson.all_notes()]
        if self.plan.lesson.after is not None and not room.ended:
            later.append(str(escape(self.plan.lesson.after)))
        for round_ in self.plan.rounds:
            if round_.number not in LESSON.of(room).revealed:
                later += [q.source for q in round_.questions if len(q.source) > 12]
        # two events may be told alike
        return [*disguised, *(text for text in later if text not in seen)]

    def _look(self, path: str, person: Person) -> str:
        answer = person.get(path)
        self.found.pages += 1
        self.scan(person, path, answer.body)
        return answer.body

    def scan(self, person: Person, where: str, body: str) -> None:
        """Check that a page shows nothing that is hidden from a person."""
        for text in self._hidden():
            if text in body:
                self.fail(f"{where} shows what comes later: {text[:60]}")
        for reason, author in [*self.reasons.items()]:
            if author != person.name and reason in body:
                self.fail(f"{where} shows the answer of another student: {reason[:60]}")

    def _read(self, pool: ThreadPoolExecutor) -> None:
        readers = [p for p in self.people if p.cookie][:10]
        for path in ("/log", "/log?at=1", "/log?at=9999", "/log?day=2099-01-01", "/room/part"):
            self._each(pool, readers, partial(self._look, path))

    def _scan_all(self, pool: ThreadPoolExecutor) -> None:
        self._each(pool, [p for p in self.people if p.cookie], partial(self._look, "/room"))

    # ------------------------------------------------------------------------------ the check

    def check(self, folder: Path) -> None:
        """Hold the record on the disk against every acknowledgement."""
        store = Store(folder / RECORD, SEMINAR)
        try:
            room = SEMINAR.room_of(store.read())
        finally:
            store.close()
        if self.acted is not None:
            self.acted.check(room)
        names = {s.name: n for n, s in room.students.items()}
        for (number, vote, name), said in sorted(self.acknowledged.items()):
            kept = LESSON.of(room).cast(number, vote).get(names.get(name, -1))
            if kept is None or (dict(kept.percents), kept.reason) != said:
                self.fail(f"lost: the answer of {name}, round {number + 1}, vote {vote}")
        self.found.stored = sum(len(cast) for cast in LESSON.of(room).answers.values())
        self.found.acknowledged = len(self.acknowledged)
        if self.found.stored != len(self.acknowledged):
            self.fail("the record holds answers that nobody was told of")
        if len(room.students) != self.found.students:
            self.fail(f"{len(room.students)} students in the record, not {self.found.students}")
        self.found.record_bytes = (folder / RECORD).stat().st_size

    def _note(self, round_: RoundPlan) -> None:
        room = self.opened.room.session.room
        self.found.rounds.append(
            f"Round {round_.number + 1}, {round_.title}: the log up to {spoken(round_.cut)}"
        )
        for question in round_.questions:
            words = option_words(question)
            if question.own:
                self.found.rounds.append(
                    f"  {question.text} The right answer is “{words[question.truth]}”. The "
                    "simulator does not answer this question."
                )
                continue
            given = (
                LESSON.of(room).forecasts[round_.number].probabilities[question.id][question.truth]
            )
            self.found.rounds.append(
                f"  {question.text} It came out as “{words[question.truth]}”; the simulator gives "
                f"that {100 * given:.0f} %."
            )

    def fail(self, words: str) -> None:
        self.found.failures.append(words)


def _texts(event: Event) -> list[str]:
    """List texts by which an event is known again in a page."""
    return [t for t in (event.summary, f'"{event.id}"') if t and len(t) > 12]


def percents(options: int, place: int) -> list[int]:
    """Make up percents that sum to 100."""
    if options == 2:
        yes = 5 + (17 * place) % 91
        return [yes, 100 - yes]
    first = 10 + (13 * place) % 60
    rest = (100 - first) // (options - 1)
    return [first, *([rest] * (options - 2)), 100 - first - rest * (options - 2)]
