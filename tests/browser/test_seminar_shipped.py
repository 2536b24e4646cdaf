"""Every lesson that ships with rounds and a role play, played through once.

Eight students and a teacher go through all rounds and the role play, and send what their pages
would. Meanwhile a phone of each government, the projector and the teacher's page are looked at in a
browser. The lessons differ only in what they say: one of them is looked at in every step, with all
steps of its first round, and in every run of the browser tests. Of the others, which are slow, what
is their own is looked at; of a lesson in disguise, which differs from its twin in names and dates,
a page of each kind. Between looks no page is open: what is live, `test_seminar_browser` asks.
"""

from __future__ import annotations

from pathlib import Path

import browser
import pytest
from lessons import percents
from plays import advance, moved, table_of, vote
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from rooms import served, student_of, teacher_of, until
from test_seminar_browser import too_wide
from test_seminar_sizes import BACK_ROW, SMALL, high, of

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import Seat
from sim.seminar.web.room import Limits
from sim.seminar.web.serve import Opened

pytestmark = pytest.mark.browser

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BY_DEFAULT = "seminar-washington-beijing"
LESSONS = ("seminar-channel", BY_DEFAULT, "seminar-koreas")
SHIPPED = [
    pytest.param(name, id=name, marks=() if name == BY_DEFAULT else pytest.mark.slow)
    for lesson in LESSONS
    for name in (lesson, f"{lesson}-disguised")
]
NOWHERE = "about:blank"
PATIENT = {"seminar": {"play": {"an_hour": 4}}}
"""A quarter of an hour for each question: a slow machine decides none."""
BRIEF = {"seminar": {"play": {"an_hour": 4, "questions": 4}}}
"""So many questions are enough to see names and dates."""
QUICK = Limits(often=(100, 100.0))
"""No student answers so often: nobody thinks here."""
SCREEN = 844
"""The height of a phone's window in pixels; no page is higher than five of them."""


class Class:
    """A teacher and eight students, and what is wrong with their pages."""

    def __init__(self, window: Browser, opened: Opened) -> None:
        self.opened, self.teacher = opened, teacher_of(opened)
        self.people = {n: student_of(opened, f"Student {n}", "") for n in range(1, 9)}
        phone = {"is_mobile": True, "has_touch": True}
        self.phones = [of(window, self.people[n], 390, SCREEN, **phone) for n in (1, 2)]
        self.board = of(window, self.teacher, 1920, 1080)
        self.desk = self.board.context.new_page()
        self.desk.set_viewport_size({"width": 1280, "height": 800})
        self.found: list[str] = []
        for page in self.pages:
            page.set_default_timeout(browser.PATIENCE_MS)
            page.on("pageerror", lambda error: self.found.append(str(error)))
            page.on("console", self.heard)

    @property
    def pages(self) -> tuple[Page, ...]:
        """All windows."""
        return (*self.phones, self.board, self.desk)

    def heard(self, message: ConsoleMessage) -> None:
        """Keep what a browser complains of."""
        if message.type == "error":
            self.found.append(message.text)

    def go(self, **form: str) -> None:
        """Leave all pages, and press the teacher's button once."""
        for page in self.pages:
            if page.url != NOWHERE:
                page.goto(NOWHERE)
        advance(self.teacher, self.opened, **form)

    def open(self, page: Page, path: str) -> Page:
        """Load a page of the room."""
        page.goto(f"{self.opened.room.address}{path}")
        return page

    def phone(self, step: str, path: str = "/room", heading: str = "", *, phones: int = 1) -> None:
        """Look at a page of the students."""
        for n, phone in enumerate(self.phones[:phones], 1):
            self.open(phone, path)
            assert heading in phone.locator("h1").inner_text()
            if too_wide(phone) > 0 or high(phone) > 5 * SCREEN:
                self.found.append(f"{step}: {path} of student {n} is {high(phone)} high")

    def projector(self, step: str) -> None:
        """Look at the projector: nothing on it is small."""
        if too_wide(self.open(self.board, "/board")) > 0:
            self.found.append(f"{step}: the projector's page is too wide")
        self.small(step)

    def small(self, step: str) -> None:
        """Hold that nothing on the projector is small."""
        self.found += [f"{step}: {words}" for words in self.board.evaluate(SMALL, BACK_ROW)]

    def all(self, step: str, heading: str, *paths: str, phones: int = 1) -> None:
        """Look at all pages of a step; `paths` are more pages of the students."""
        self.phone(step, heading=heading, phones=phones)
        for path in paths:
            self.phone(step, path)
        self.projector(step)
        if too_wide(self.open(self.desk, "/teacher")) > 0:
            self.found.append(f"{step}: the teacher's page is too wide")

    def revealed(self, step: str) -> None:
        """Look at what happened."""
        self.phone(step, heading="What happened")
        self.projector(step)
        expect(self.board.locator(".came").first).to_be_visible()
        assert high(self.board) <= 1080

    def answer(self, round_: int, vote_: int, first: int) -> None:
        """Let everybody answer a round."""
        for n, person in self.people.items():
            given = percents(self.opened.room.session, first + 8 * n)
            reason = f"This is the reason of student {n}, and a long one."
            assert person.answer(round_, vote_, given, reason)

    def decide(self) -> int:
        """Answer every question of the table; return how many there were."""
        questions, state = 0, PLAY.of(self.opened.room.session.room)
        while until(lambda: moved(self.opened, 1)) and table_of(self.opened).ended is None:
            put = table_of(self.opened).open
            assert put is not None
            asked, questions = put.question, questions + 1
            for student in state.team(Seat(1, asked.party)):
                answer = "no" if asked.number % 2 else "yes"
                assert vote(self.people[student], asked.number, answer) == 303
        return questions

    def ask_what_if(self) -> None:
        """Move all sliders of the lesson to their right ends, and see that worlds are drawn."""
        self.open(self.desk, "/what-if")
        ends = "(all) => Object.fromEntries(all.map((slider) => [slider.name, slider.max]))"
        form = self.desk.locator("input[type=range]").evaluate_all(ends)
        assert self.teacher.post("/what-if/slide", form).status == 303
        title = self.desk.locator("label").first.inner_text().split("\n")[0]
        ana = self.open(self.phones[0], "/what-if")
        expect(ana.locator("#drawn-table")).to_contain_text(title)
        self.open(self.board, "/what-if/board")
        for page in (ana, self.board, self.desk):
            if too_wide(page) > 0:
                self.found.append(f"what if: {page.url} is too wide")
        self.small("what if")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_lesson_is_played_through(name: str, window: Browser, tmp_path: Path) -> None:
    whole, twin = name == BY_DEFAULT, name.endswith("disguised")
    plan = plan_of(load_scenario(SCENARIOS / f"{name}.yaml", over=BRIEF if twin else PATIENT))
    with served(tmp_path, plan, limits=QUICK) as opened:
        room = Class(window, opened)
        if whole:
            room.all("the door is open", "The room is open")
        for n, round_ in enumerate(plan.rounds):
            looked_at = not twin or round_ is plan.rounds[-1]
            whole_round = whole and n == 0
            room.go()
            if whole_round:
                room.all(f"{round_.title}, reading", "Read the log", "/log")
            elif looked_at:
                room.phone(f"{round_.title}, reading", "/log")
            room.go()
            room.answer(n, 1, 10)
            room.go()
            if whole_round:
                room.all(f"{round_.title}, discussing", "Discuss")
                expect(room.board.locator(".reasons .gave")).to_have_count(8)
            room.go()
            room.answer(n, 2, 20)
            room.go()
            room.go()
            if looked_at:
                room.revealed(f"{round_.title}, revealed")
        room.phone("all rounds are over", "/log")
        room.go(tables="1", heads="8")
        room.all("instructions", "Teams and instructions", phones=2)
        room.go()
        if not twin:
            room.phone("the first question", heading="The teams decide", phones=2)
        if whole:
            room.all("the first question", "The teams decide")
        for page in room.pages:
            page.goto(NOWHERE)
        assert plan.play is not None
        assert room.decide() == plan.play.spec.questions
        room.go()
        room.all("the debrief", "Debrief", phones=1 if twin else 2)
        room.go()
        if whole:
            room.all("the end", "The lesson is over")
        if not twin:
            room.ask_what_if()
        assert room.found == []
