"""A role play whose server is killed while teams vote: what was acknowledged is kept, and the
worlds go on as if nothing had happened."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from threading import Event, Thread

import pytest
from apart import Apart, Loaded
from plays import advance, class_of, play_lesson, play_on, play_plan, table_of
from rooms import served, teacher_of, until
from test_seminar_web import told

from sim.seminar.play.record import Asked, TableEnded, Voted
from sim.seminar.record.events import Opened, SeminarEvent
from sim.seminar.record.store import Store
from sim.seminar.web.person import Person
from sim.seminar.what_if.whole import SEMINAR, take_up

pytestmark = pytest.mark.slow

NAMES = [f"S{n}" for n in range(1, 7)]
HASTY = """
import asyncio
from sim.seminar.web.room import OpenRoom
done, kept = OpenRoom.done, set()
async def early(self, deed):
    if getattr(deed.func, "__name__", "") != "vote":
        return await done(self, deed)
    async def later():
        await asyncio.sleep(1)
        await done(self, deed)
    kept.add(asyncio.get_running_loop().create_task(later()))
OpenRoom.done = early
"""
"""A server that says that a vote is stored before it is."""


class Killed:
    """A class that plays on a server of its own, and what was acknowledged."""

    def __init__(self, loaded: Loaded, folder: Path, before: str = "") -> None:
        self.loaded, self.folder = loaded, folder
        self.code = f"{before}\nfrom sim.cli.app import main; main()"
        self.scenario = folder / "play.yaml"
        self.scenario.write_text(json.dumps(play_lesson(an_hour=4)))
        self.teacher = Person("", "teacher")
        self.people = [Person("", name) for name in NAMES]
        self.acknowledged: list[tuple[int, int]] = []
        """Students and questions."""
        self.over = Event()
        self.voting: list[Thread] = []
        self.server = self._start()

    def _start(self) -> Apart:
        line = ["seminar", self.scenario, "--out", self.folder / "room", "--port", "0"]
        server = self.loaded.run(self.code, *line)
        base, self.room_code, self.key = told(server)
        for person in (self.teacher, *self.people):
            person.base = base
        return server

    def begin(self) -> None:
        """Let the class join and vote."""
        assert all(p.join(self.room_code) for p in self.people)
        self.teacher.enter(self.key)
        assert self.teacher.post("/teacher/advance", {"seen": "-1-before", "tables": "1"}).ok
        assert self.teacher.post("/teacher/advance", {"seen": "play-instruct"}).ok
        self.voting = [Thread(target=self._vote, args=at) for at in enumerate(self.people, 1)]
        for thread in self.voting:
            thread.start()

    def _vote(self, number: int, person: Person) -> None:
        """Vote yes to whatever the page asks, until all is over."""
        given: set[str] = set()
        while not self.over.is_set():
            asked = re.search(r'id="yes-(\d+)"', person.get("/room/part").body)
            if asked is None or asked[1] in given:
                time.sleep(0.1)
            elif person.post("/play/vote", {"number": asked[1], "answer": "yes"}).status == 303:
                given.add(asked[1])
                self.acknowledged.append((number, int(asked[1])))

    def kill(self, after: int) -> None:
        """Kill the server as soon as so many votes are acknowledged."""
        assert until(lambda: len(self.acknowledged) >= after, 30)
        self.server.kill()

    def again(self) -> None:
        """Start the server again, and let the clock run."""
        self.server = self._start()
        assert self.teacher.post("/teacher/resume", {}).ok

    def record(self) -> list[SeminarEvent]:
        """Read what is on the disk."""
        store = Store(self.folder / "room" / "record.sqlite", SEMINAR)
        events = [r.event for r in store.read()]
        store.close()
        return events

    def stop(self) -> None:
        """End all."""
        self.over.set()
        for thread in self.voting:
            thread.join()
        if not self.server.ended:
            self.server.kill()

    def lost(self) -> set[tuple[int, int]]:
        """Return the acknowledged votes that the record does not hold."""
        kept = {(e.student, e.number) for e in self.record() if isinstance(e, Voted) and e.yes}
        return {*self.acknowledged} - kept


def undisturbed(folder: Path, seed: int | None) -> tuple[list[Asked], str]:
    """Play in a room that nobody kills; return the questions, and the digest of the world."""
    session = take_up(play_plan(an_hour=4), folder)
    session.open(0, "ABC234", seed)
    session.store.close()
    with served(folder, play_plan(an_hour=4)) as opened:
        teacher, people = teacher_of(opened), class_of(opened, NAMES)
        advance(teacher, opened, tables="1")
        advance(teacher, opened)
        play_on(opened, people)
        table = table_of(opened)
        assert table.ended is not None
        return [p.question for p in table.put], table.ended.log_sha256


def place(asked: Asked) -> tuple[object, ...]:
    return asked.number, asked.party, asked.channel, asked.decision, asked.at


def test_kills_in_the_middle_of_votes_lose_nothing(loaded: Loaded, tmp_path: Path) -> None:
    killed = Killed(loaded, tmp_path)
    try:
        killed.begin()
        for after in (2, 9):
            killed.kill(after)
            killed.again()
        assert until(lambda: any(isinstance(e, TableEnded) for e in killed.record()), 30)
    finally:
        killed.stop()
    assert len(killed.acknowledged) == len({*killed.acknowledged}) >= 16
    assert killed.lost() == set()
    record = killed.record()
    (seed,) = [e.seed for e in record if isinstance(e, Opened)]
    questions, digest = undisturbed(tmp_path / "undisturbed", seed)
    assert [place(e) for e in record if isinstance(e, Asked)] == [place(q) for q in questions]
    assert [e.log_sha256 for e in record if isinstance(e, TableEnded)] == [digest]


def test_control_a_vote_that_is_acknowledged_too_early_is_missed(
    loaded: Loaded, tmp_path: Path
) -> None:
    killed = Killed(loaded, tmp_path, HASTY)
    try:
        killed.begin()
        killed.kill(2)
    finally:
        killed.stop()
    assert killed.lost()
