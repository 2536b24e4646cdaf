"""Every lesson that ships with rounds and a role play, played through once in eight browsers.

Eight students on phones, a projector and a teacher go through all rounds, the role play and the
what-ifs. The lessons differ only in what they say, so one of them is played in every run of the
browser tests, and the others in the slow ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import browser
import pytest
from plays import moved, table_of
from playwright.sync_api import Browser, ConsoleMessage, expect
from rooms import served, until
from test_seminar_browser import Class, too_wide, vote
from test_seminar_play_browser import cast
from test_seminar_sizes import BACK_ROW, SMALL, high

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import Seat

pytestmark = pytest.mark.browser

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BY_DEFAULT = "seminar-washington-beijing"
LESSONS = ("seminar-channel", BY_DEFAULT, "seminar-koreas")
SHIPPED = [
    pytest.param(name, id=name, marks=() if name == BY_DEFAULT else pytest.mark.slow)
    for lesson in LESSONS
    for name in (lesson, f"{lesson}-disguised")
]
PATIENT = {"seminar": {"play": {"an_hour": 4}}}
"""A quarter of an hour for each question: a slow machine decides none."""
SCREEN = 844
"""The height of a phone's window in pixels; no page is higher than five of them."""


@pytest.fixture(scope="module", name="window")
def _window() -> Iterator[Browser]:
    """The browser of this module."""
    with browser.window() as opened:
        yield opened


class Looked:
    """What is wrong with the pages of a class."""

    def __init__(self, room: Class) -> None:
        self.room, self.found = room, list[str]()
        for page in (room.teacher, room.board, *room.students):
            page.on("console", self.heard)

    def heard(self, message: ConsoleMessage) -> None:
        """Keep what a browser complains of."""
        if message.type == "error":
            self.found.append(message.text)

    def at(self, step: str, *, log: bool = False) -> None:
        """Look at the pages of all; with `log` at the log of the last student too."""
        room = self.room
        pages = {f"student {n}": page for n, page in enumerate(room.students)}
        for name, page in {**pages, "teacher": room.teacher, "board": room.board}.items():
            if too_wide(page) > 0:
                self.found.append(f"{step}: {name} is too wide")
            if name in pages and high(page) > 5 * SCREEN:
                self.found.append(f"{step}: {name} is {high(page)} high")
        self.found += [f"{step}: {words}" for words in room.board.evaluate(SMALL, BACK_ROW)]
        if log:
            last, back = room.students[-1], room.students[-1].url
            last.goto(f"{room.base}/log")
            if too_wide(last) > 0 or high(last) > 5 * SCREEN:
                self.found.append(f"{step}: the log is {high(last)} high")
            last.goto(back)


def play(room: Class, tables: int) -> int:
    """Answer every question of every table by clicks; return how many there were."""
    assert until(lambda: len(PLAY.of(room.opened.room.session.room).tables) == tables)
    state, questions = PLAY.of(room.opened.room.session.room), 0
    while any(table_of(room.opened, n).ended is None for n in range(1, tables + 1)):
        for number in range(1, tables + 1):
            assert until(lambda n=number: moved(room.opened, n))
            put = table_of(room.opened, number).open
            if put is None:
                continue
            asked, questions = put.question, questions + 1
            answer = "yes" if (asked.number + number) % 2 else "no"
            for student in state.team(Seat(number, asked.party)):
                cast(room.students[student - 1], asked.number, answer)
            assert until(lambda n=number, d=asked.number: table_of(room.opened, n).put[d].decided)
    return questions


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_lesson_is_played_through(name: str, window: Browser, tmp_path: Path) -> None:
    plan = plan_of(load_scenario(SCENARIOS / f"{name}.yaml", over=PATIENT))
    names = [f"Student {n}" for n in range(1, 9)]
    with served(tmp_path, plan) as opened:
        room = Class(window, opened, names)
        room.board.set_viewport_size({"width": 1920, "height": 1080})
        looked = Looked(room)
        looked.at("the door is open")
        for round_ in plan.rounds:
            room.press("Read the log")
            for student in room.students:
                expect(student.locator("h1")).to_have_text("Read the log")
            looked.at(f"{round_.title}, reading", log=True)
            room.press("First vote")
            for n, student in enumerate(room.students):
                vote(student, 10 + 10 * n, f"This is the reason of student {n}, and a long one.")
            room.press("Discuss")
            expect(room.board.locator(".reasons .gave")).to_have_count(8)
            looked.at(f"{round_.title}, discussing")
            room.press("Second vote")
            for n, student in enumerate(room.students):
                vote(student, 20 + 8 * n, f"This is the reason of student {n}, another one.")
            room.press("Sealed")
            room.press("What happened")
            expect(room.board.locator(".came").first).to_be_visible()
            for student in room.students:
                expect(student.locator("h1")).to_have_text("What happened")
            looked.at(f"{round_.title}, revealed", log=True)
            assert high(room.board) <= 1080
        room.press("Teams and instructions")
        for student in room.students:
            expect(student.locator("#instructions")).to_be_visible()
        looked.at("instructions")
        room.press("The teams decide")
        looked.at("the first question")
        assert plan.play is not None
        assert play(room, 2) == 2 * plan.play.spec.questions
        room.press("Debrief")
        for student in room.students:
            expect(student.locator("h1")).to_have_text("Debrief")
        looked.at("the debrief")
        room.press("The lesson is over")
        looked.at("the end")
        what_if(room, looked)
        assert room.complaints + looked.found == []


def what_if(room: Class, looked: Looked) -> None:
    """Move each slider of the lesson to its right end, and see that worlds are drawn."""
    ana = room.students[0]
    ana.click("text=What if it had gone otherwise?")
    room.teacher.goto(f"{room.base}/teacher")
    room.teacher.click("text=What if it had gone otherwise?")
    room.board.goto(f"{room.base}/what-if/board")
    for slider in room.teacher.locator("input[type=range]").all():
        slider.fill(str(slider.get_attribute("max")))
    title = room.teacher.locator("label").first.inner_text().split("\n")[0]
    expect(ana.locator("#drawn-table")).to_contain_text(title)
    looked.at("what if")
