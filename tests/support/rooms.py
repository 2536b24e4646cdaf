"""A room that is really served, for the tests of the seminar's pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

from lessons import forecasted, plan

from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.record import place_of
from sim.seminar.web.person import Person
from sim.seminar.web.room import USUAL, Limits
from sim.seminar.web.serve import Opened, open_room, server_of
from sim.seminar.what_if.whole import take_up


@contextmanager
def served(
    folder: Path,
    made: Plan | None = None,
    port: int = 0,
    limits: Limits = USUAL,
    **more: Any,
) -> Iterator[Opened]:
    """Serve a room from a folder until the block ends; `more` is as `open_room` takes it."""
    session = take_up(made or plan(), folder)
    forecasted(session)
    opened = open_room(session, "127.0.0.1", port, limits=limits, **more)
    server = server_of(opened)
    thread = Thread(target=server.run, kwargs={"sockets": [opened.listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            sleep(0.01)
        yield opened
    finally:
        server.should_exit = True
        thread.join(15)
        opened.room.close()
        opened.listening.close()
        session.store.close()


class Hand:
    """A clock that a test moves by hand."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


def teacher_of(opened: Opened) -> Person:
    """Return the teacher, come in."""
    teacher = Person(opened.room.address, "teacher")
    teacher.enter(opened.key)
    return teacher


def student_of(opened: Opened, name: str = "Ana", group: str = "north") -> Person:
    """Return a student who has joined."""
    student = Person(opened.room.address, name)
    assert student.join(opened.code, group)
    return student


def press(teacher: Person, opened: Opened, phase: str) -> None:
    """Press the teacher's button until a phase is reached."""
    for _ in range(20):
        seen = place_of(opened.room.session.room)
        assert teacher.post("/teacher/advance", {"seen": seen}).status == 303
        if opened.room.session.room.phase == phase:
            return
    raise AssertionError(f"the lesson never reaches {phase}")


def until(found: Callable[[], object], patience_s: float = 15) -> bool:
    """Wait until something is so; return whether it ever was."""
    for _ in range(int(patience_s / 0.05)):
        if found():
            return True
        sleep(0.05)
    return False
