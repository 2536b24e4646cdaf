"""A lesson over days whose server is killed in the middle of votes and at their deadlines: what was
acknowledged is there, and nothing that came after a deadline is."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Thread

import pytest
from apart import Loaded
from rooms import until
from test_seminar_days import AGAIN, CLOSES, HOUR, OPENS, REVEALS

from sim.seminar.lesson.record import LESSON, Answered, Began, Sealed, place_of, seal_of
from sim.seminar.record.room import Room
from sim.seminar.record.store import Store
from sim.seminar.web.person import Person
from sim.seminar.what_if.whole import SEMINAR

pytestmark = pytest.mark.slow

SERVER = """
import sys
from pathlib import Path
from lessons import DAYS, forecasted, plan
from sim.seminar.web.room import Limits
from sim.seminar.web.serve import open_room, serve
from sim.seminar.what_if.whole import take_up

session = take_up(plan(days=DAYS), Path(sys.argv[1]))
forecasted(session)
clock, quick = Path(sys.argv[2]), Limits(often=(1_000, 1_000))
opened = open_room(session, "127.0.0.1", 0, limits=quick, clock=lambda: int(clock.read_text()))
serve(opened, lambda: print(opened.room.address, opened.code, flush=True))
"""
"""A server whose clock is a file."""
HASTY = """
import asyncio
from sim.seminar.web.room import OpenRoom
done, kept = OpenRoom.done, set()
async def early(self, deed):
    if getattr(getattr(deed, "func", None), "__name__", "") != "answer":
        return await done(self, deed)
    async def later():
        await asyncio.sleep(1)
        await done(self, deed)
    kept.add(asyncio.get_running_loop().create_task(later()))
OpenRoom.done = early
"""
"""A server that says that an answer is stored before it is."""
LAX = """
from sim.seminar.lesson.session import Session
tick, answer = Session.tick, Session.answer
def lax(self, *args):
    self._now = lambda now_ms: 0
    try:
        answer(self, *args)
    finally:
        del self._now
Session.answer = lax
Session.tick = lambda self, *args: self.room.phase != "vote" and tick(self, *args)
"""
"""A server that takes answers as long as it has not sealed."""


class Killed:
    """A class that answers a server of its own again and again, and what was acknowledged."""

    def __init__(self, loaded: Loaded, folder: Path, before: str = "") -> None:
        self.loaded, self.folder, self.before = loaded, folder, before
        self.people = [Person("", f"S{n}") for n in range(1, 6)]
        self.acknowledged: dict[tuple[int, int], int] = {}
        """By student and vote, the number of the last answer that was acknowledged."""
        self.late: list[int] = []
        self.over, self.vote = Event(), 1
        self.threads: list[Thread] = []
        self.set(OPENS)
        self.start()
        assert all(p.join(self.code, "north") for p in self.people)
        for number, person in enumerate(self.people, 1):
            self.threads.append(Thread(target=self._answer, args=(number, person)))
            self.threads[-1].start()

    def set(self, now_ms: int) -> None:
        """Set the server's clock."""
        new = self.folder / "clock.new"
        new.write_text(str(now_ms))
        os.replace(new, self.folder / "clock")  # noqa: PTH105 - at once, while it is read
        self.now_ms = now_ms

    def start(self) -> None:
        """Start the server on what is on the disk."""
        line = self.folder / "room", self.folder / "clock"
        self.server = self.loaded.run(self.before + SERVER, *line)
        base, self.code = self.server.stdout.readline().split()
        for person in self.people:
            person.base = base

    def kill(self) -> None:
        """Kill the server."""
        self.server.kill()

    def _answer(self, number: int, person: Person) -> None:
        """Store one answer after another."""
        n = 1
        while not self.over.wait(0.02) and n < 90:
            vote, now_ms = self.vote, self.now_ms
            form = {"round": "0", "vote": str(vote), "reason": f"Answer {n}."}
            form |= {f"p.r1q1.{m}": p for m, p in enumerate(("40", "20", "20", "20"))}
            form |= {"p.r1q2.0": str(1 + n), "p.r1q2.1": str(99 - n)}
            if person.post("/answer", form).status == 303:
                self.acknowledged[number, vote] = n
                if now_ms >= (CLOSES, AGAIN)[vote - 1]:
                    self.late.append(n)
                n += 1

    def more(self, answers: int) -> None:
        """Wait until so many more answers are acknowledged, and one of everybody in this vote."""
        begun, all_ = sum(self.acknowledged.values()), {(n, self.vote) for n in range(1, 6)}
        assert until(
            lambda: (
                sum(self.acknowledged.values()) >= begun + answers
                and all_ <= self.acknowledged.keys()
            ),
            30,
        )

    def room(self) -> Room:
        """Fold what is on the disk."""
        store = Store(self.folder / "room" / "record.sqlite", SEMINAR)
        self.record = store.read()
        store.close()
        return SEMINAR.room_of(self.record)

    def stop(self) -> None:
        """End all."""
        self.over.set()
        for thread in self.threads:
            thread.join()
        if not self.server.ended:
            self.kill()

    def lost(self) -> list[tuple[int, int]]:
        """List the students and votes of which an acknowledged answer is not on the disk."""
        lesson = LESSON.of(self.room())
        kept = {
            (student, vote): int(answer.reason.split()[1].rstrip("."))
            for vote in (1, 2)
            for student, answer in lesson.cast(0, vote).items()
        }
        return [at for at, n in self.acknowledged.items() if kept.get(at, 0) < n]


def test_kills_in_votes_and_at_deadlines_lose_nothing(loaded: Loaded, tmp_path: Path) -> None:
    killed = Killed(loaded, tmp_path)
    try:
        killed.more(10)
        killed.kill()  # in the middle of a vote
        killed.start()
        killed.more(10)
        killed.set(CLOSES)  # at the deadline: sealed or not, nobody knows
        killed.kill()
        killed.start()  # after it
        assert place_of(killed.room()) == "0-again"
        killed.vote = 2
        killed.more(10)
        killed.kill()
        killed.set(REVEALS + HOUR)  # the second deadline and the reveal pass while nothing runs
        killed.start()
        room = killed.room()
        assert place_of(room) == "1-vote"
    finally:
        killed.stop()
    assert killed.lost() == []
    assert killed.late == []
    assert len(killed.acknowledged) == 10
    began, deadlines = 0, {1: CLOSES, 2: AGAIN}
    for recorded in killed.record:
        if isinstance(recorded.event, Began):
            began = recorded.position
        if isinstance(recorded.event, Answered):
            assert recorded.at_ms < deadlines[recorded.event.vote]
            assert recorded.position > began
    (seal,) = [r.event for r in killed.record if isinstance(r.event, Sealed)]
    assert seal.sha256 == seal_of(LESSON.of(room), 0, seal.salt)
    due = [(r.event.phase, r.event.due_ms) for r in killed.record if isinstance(r.event, Began)]
    assert due[1:6] == [
        ("vote", OPENS),
        ("discuss", CLOSES),
        ("again", CLOSES),
        ("sealed", AGAIN),
        ("revealed", REVEALS),
    ]


def test_control_an_answer_that_is_acknowledged_too_early_is_missed(
    loaded: Loaded, tmp_path: Path
) -> None:
    killed = Killed(loaded, tmp_path, HASTY)
    try:
        killed.more(10)
        killed.kill()
    finally:
        killed.stop()
    assert killed.lost()


def test_control_an_answer_after_the_deadline_is_seen(loaded: Loaded, tmp_path: Path) -> None:
    killed = Killed(loaded, tmp_path, LAX)
    try:
        killed.more(5)
        killed.set(CLOSES)
        assert until(lambda: killed.late, 10)
    finally:
        killed.stop()
    assert killed.late
