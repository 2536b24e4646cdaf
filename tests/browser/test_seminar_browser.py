"""The seminar in a real browser: a whole lesson, lost connections, tabs, phones, keyboards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

import browser
import pytest
from axe_playwright_python.sync_playwright import Axe
from lessons import percents, plan
from playwright.sync_api import Browser, BrowserContext, Page, expect
from rooms import press, served, student_of, teacher_of, until

from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.record import LESSON
from sim.seminar.web.serve import Opened

pytestmark = pytest.mark.browser

PHONE: Any = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True}
PROJECTOR: Any = {"viewport": {"width": 1600, "height": 900}}
HOSTILE = '<img src=x onerror="document.title=1">'


class Class:
    """A teacher, a projector and students, each in a browser of their own."""

    def __init__(self, window: Browser, opened: Opened, students: list[str]) -> None:
        self.window, self.opened, self.base = window, opened, opened.room.address
        self.complaints: list[str] = []
        """What browsers complained of: an error of a script, or something that the page forbids."""
        self.contexts: list[BrowserContext] = []
        self.teacher = self.page()
        self.teacher.goto(f"{self.base}/teacher/enter?key={opened.key}")
        self.students = [self.joins(name) for name in students[:1]]
        self.students += [self.student(name) for name in students[1:]]

    @cached_property
    def board(self) -> Page:
        """The projector, on from the first look at it."""
        page = self.teacher.context.new_page()
        page.set_viewport_size(PROJECTOR["viewport"])
        page.goto(f"{self.base}/board")
        return page

    def page(self, **options: Any) -> Page:
        """Open a browser of its own."""
        context = self.window.new_context(**options)
        context.set_default_timeout(browser.PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console", lambda m: self.complaints.append(m.text) if "Security" in m.text else None
        )
        return page

    def student(self, name: str) -> Page:
        """Return the phone of a student who has sent what the door's page sends."""
        page = self.page(**PHONE)
        key, _, value = student_of(self.opened, name).cookie.partition("=")
        page.context.add_cookies([{"name": key, "value": value, "url": self.base}])
        page.goto(f"{self.base}/room")
        return page

    def joins(self, name: str) -> Page:
        """Let a student join from a phone."""
        page = self.page(**PHONE)
        page.goto(f"{self.base}/?code={self.opened.code}")
        page.fill("#name", name)
        if page.locator("#group").count():
            page.select_option("#group", index=1)
        page.click("button.main")
        page.wait_for_selector("h1")
        return page

    def press(self, heading: str) -> None:
        """Press the teacher's button, and wait until it shows a heading."""
        if self.teacher.locator("#heads").count():
            self.teacher.fill("#heads", str(len(self.students)))
        self.teacher.click("#advance")
        expect(self.teacher.locator("h1")).to_have_text(heading)

    def close(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()


@contextmanager
def lesson(
    window: Browser, folder: Path, students: list[str], made: Plan | None = None
) -> Iterator[Class]:
    with served(folder, made) as opened:
        room = Class(window, opened, students)
        try:
            yield room
        finally:
            room.close()
        assert room.complaints == []


def fill(student: Page, first: int, reason: str) -> None:
    """Fill in the form: `first` percent on the first option of each question."""
    expect(student.locator("form#vote")).to_be_visible()  # `all` below waits for nothing
    for fields in student.locator("fieldset").all():
        inputs = fields.locator("input[type=number]").all()
        more = len(inputs) - 1
        rest = (100 - first) // max(1, more)
        values = [first, *[rest] * (more - 1), 100 - first - (more - 1) * rest][: more + 1]
        for field, value in zip(inputs, values, strict=True):
            field.fill(str(value))
    student.fill("#reason", reason)


def vote(student: Page, first: int, reason: str) -> None:
    fill(student, first, reason)
    student.click("form#vote button.main")
    expect(student.locator(".stored")).to_contain_text("Your answer is stored")


AXE = Axe()
WRONG = """(only) => axe.run(only.length ? {runOnly: only} : {resultTypes: ["violations"]}).then(
  (found) => found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`)
)"""


def findings(page: Page, *only: str) -> list[str]:
    """Return what axe finds wrong with a page, of some of its rules or of all."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found: list[str] = page.evaluate(WRONG, only)
    return found


def too_wide(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(script))


def test_a_whole_lesson(window: Browser, tmp_path: Path) -> None:
    """A teacher and two students go through it; every page, at each step, is sound; in the second
    round where it may differ from the first. Three more vote, enough for a mean."""
    with lesson(window, tmp_path, ["Ana", HOSTILE]) as room:
        ana, hostile = room.students
        more = [student_of(room.opened, name) for name in ("Bükü", "Di", "Ed")]
        pages = {"room": ana, "board": room.board, "teacher": room.teacher}
        unsound, seen = list[str](), set[str]()

        def look(step: str, *, anew: bool = False) -> None:
            expect(ana.locator("h1")).to_have_text(step)
            expect(room.board.locator("h1")).to_have_text(step)
            if step in seen and not anew:
                return
            seen.add(step)
            for name, page in pages.items():
                unsound.extend(f"{name}, {step}: {f}" for f in findings(page))
                assert too_wide(page) <= 0, (name, step)

        expect(room.board.locator("[data-live=joined]").first).to_have_text("5")
        expect(room.teacher.locator("tbody tr")).to_have_count(5)
        expect(room.teacher.locator("tbody tr").nth(1)).to_contain_text(HOSTILE)
        for number, second in ((1, True), (2, False)):
            room.press("Read the log")
            look("Read the log")
            room.press("First vote")
            for n, student in enumerate(room.students):
                expect(student.locator("form#vote")).to_be_visible()
                vote(student, 30 + 10 * n, f"Reason {n} of round {number}, <b>plain</b>.")
            for person in more:
                given = {q: list(p) for q, p in percents(room.opened.room.session).items()}
                assert person.answer(number - 1, 1, given, f"Reason of {person.name}.")
            expect(room.board.locator("[data-live=answered]")).to_have_text("5")
            expect(room.board.locator("body")).not_to_contain_text("Reason 1")
            look("First vote")
            room.press("Discuss")
            expect(ana.locator(".reasons li")).to_have_count(5)
            expect(ana.locator(".chart").first).to_be_visible()
            expect(ana.locator(".reasons")).to_contain_text(
                f"Reason 0 of round {number}, <b>plain</b>."
            )
            look("Discuss")
            room.press("Second vote")
            if second:
                expect(ana.locator("#reason")).to_have_value(
                    f"Reason 0 of round {number}, <b>plain</b>."
                )
                vote(ana, 90, "I have changed my mind.")
            look("Second vote", anew=True)
            room.press("Sealed")
            expect(room.board.locator(".seal code")).to_have_count(1)
            look("Sealed")
            room.press("What happened")
            expect(ana.locator(".came").first).to_contain_text(
                "Rome ends all contact" if number == 1 else "Paris rings Rome"
            )
            expect(ana.locator(".stored")).to_contain_text("only you see it")
            look("What happened", anew=True)
        room.press("The lesson is over")
        look("The lesson is over")
        ana.goto(f"{room.base}/log")
        unsound += [f"log: {f}" for f in findings(ana)]
        assert too_wide(ana) <= 0
        stranger = room.page(**PHONE)
        stranger.goto(room.base)
        unsound += [f"door: {f}" for f in findings(stranger)]
        stranger.goto(f"{room.base}/teacher")
        unsound += [f"enter: {f}" for f in findings(stranger)]
        assert unsound == []
        assert hostile.title() != "1"
        assert [
            len(LESSON.of(room.opened.room.session.room).cast(n, v)) for n in (0, 1) for v in (1, 2)
        ] == [
            5,
            1,
            5,
            0,
        ]


def test_control_axe_finds_what_is_wrong(window: Browser) -> None:
    page = window.new_page()
    page.set_content('<html lang="en"><title>x</title><main><h1>x</h1><input><img src="x"></main>')
    assert {f.partition(":")[0] for f in findings(page)} >= {"label", "image-alt"}
    page.set_content("<p style='width: 9000px'>x")
    assert too_wide(page) > 0
    page.close()


@contextmanager
def answering(room: Class, students: int = 12, a_second: float = 10.0) -> Iterator[None]:
    """Let a class answer all the time, so many times a second."""
    people = [student_of(room.opened, f"S{n}") for n in range(students)]
    press(teacher_of(room.opened), room.opened, "vote")
    expect(room.teacher.locator("h1")).to_have_text("First vote")
    form = {"round": "0", "vote": "1"}
    for question, given in percents(room.opened.room.session).items():
        form |= {f"p.{question}.{n}": str(p) for n, p in enumerate(given)}
    over = Event()

    def answer() -> None:
        for n in count():
            if over.wait(1 / a_second):
                return
            people[n % students].post("/answer", {**form, "reason": f"Reason {n}."})

    thread = Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def presses(room: Class, number: int) -> int:
    """Press the teacher's button for more time, for a tenth of a second each; return how many
    presses did something before the first that did nothing."""
    session, page = room.opened.room.session, room.teacher
    for n in range(number):
        before = session.room.deadline_ms
        expect(page.locator("#two-more")).to_be_visible()
        box = page.evaluate("document.querySelector('#two-more').getBoundingClientRect().toJSON()")
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.evaluate("document.documentElement.dataset.pressed = 1")
        page.mouse.down()
        page.wait_for_timeout(100)
        page.mouse.up()
        if not until(lambda was=before: session.room.deadline_ms != was, 3):
            return n
        expect(page.locator("html[data-pressed]")).to_have_count(0)  # the page is loaded anew
        page.wait_for_timeout(100 + 17 * n % 200)  # at any moment between two changes of the page
    return number


def test_no_press_of_the_teacher_is_lost_while_the_class_votes(
    window: Browser, tmp_path: Path
) -> None:
    with lesson(window, tmp_path, []) as room, answering(room):
        assert presses(room, 12) == 12


def test_control_presses_are_lost_where_the_page_is_replaced(
    window: Browser, tmp_path: Path
) -> None:
    replacing = (
        "const patch = {released: async () => {}, "
        "into: (old, fresh) => old.replaceChildren(...fresh.childNodes)};"
    )
    with lesson(window, tmp_path, []) as room:
        room.teacher.route("**/static/patch.js", lambda route: route.fulfill(body=replacing))
        with answering(room):
            assert presses(room, 60) < 60


def test_a_page_that_changes_leaves_alone_what_is_opened_typed_and_pressed(
    window: Browser, tmp_path: Path
) -> None:
    with lesson(window, tmp_path, []) as room, answering(room):
        page, mark = room.teacher, "document.querySelector('[data-mark]').dataset.mark"
        page.click("text=Remove many at once")
        page.fill("#first", "3")
        page.evaluate(
            "before = ['#first', '#advance', '#remove-3'].map(document.querySelector, document)"
        )
        now = page.evaluate(mark)
        expect(page.locator(f"[data-mark='{now}']")).to_have_count(0)
        expect(page.locator("#first")).to_be_focused()
        expect(page.locator("#first")).to_have_value("3")
        assert page.evaluate("before.every((element) => element.isConnected)")
        expect(page.locator("tbody").first).to_contain_text("stored")  # control: it has changed
        page.hover("#remove-3")
        page.mouse.down()
        session = room.opened.room.session
        session.remove(room.opened.room.now_ms(), 2)  # the row moves up when the press is over
        page.wait_for_timeout(600)
        expect(page.locator("#remove-2")).to_have_count(1)
        page.mouse.up()
        assert until(lambda: 3 not in session.room.students)
        assert {1, 4} <= session.room.students.keys()


def test_who_is_removed_is_shown_the_door(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana"]) as room:
        (ana,) = room.students
        expect(room.teacher.locator(".counts")).to_contain_text("1 connected")
        room.teacher.click("#remove-1")
        expect(ana.locator("#code")).to_be_visible()


def test_a_lost_connection_comes_back_with_the_present_state(
    window: Browser, tmp_path: Path
) -> None:
    with lesson(window, tmp_path, ["Ana"]) as room:
        (ana,) = room.students
        room.press("Read the log")
        room.press("First vote")
        expect(ana.locator("form#vote")).to_be_visible()
        fill(ana, 55, "Half typed")
        ana.context.set_offline(True)
        expect(ana.locator("#offline")).to_be_visible()
        room.teacher.click("#pause")  # meanwhile something changes
        expect(room.teacher.locator(".clock")).to_have_text("The clock is paused.")
        ana.context.set_offline(False)
        expect(ana.locator("#offline")).to_be_hidden()
        expect(ana.locator(".clock")).to_have_text("The clock is paused.")
        expect(ana.locator("#reason")).to_have_value("Half typed")  # what was typed is still there
        ana.click("form#vote button.main")
        expect(ana.locator(".stored")).to_be_visible()
        ana.context.set_offline(True)
        room.press("Discuss")
        room.press("Second vote")
        ana.context.set_offline(False)
        expect(ana.locator("h1")).to_have_text("Second vote")


def test_a_connection_that_dies_without_a_word_is_called_again(
    window: Browser, tmp_path: Path
) -> None:
    with lesson(window, tmp_path, []) as room:
        page = room.page(**PHONE)
        page.clock.install()
        page.goto(f"{room.base}/?code={room.opened.code}")
        page.fill("#name", "Ana")
        page.select_option("#group", "north")
        page.click("button.main")
        hub = room.opened.room.hub
        expect(room.teacher.locator("body")).to_contain_text("1 connected")
        before = {x for x in hub._listeners if x.viewer.student is not None}
        page.clock.fast_forward(10_000)
        page.clock.run_for(3_000)
        page.wait_for_timeout(300)
        assert before == {x for x in hub._listeners if x.viewer.student is not None}
        page.clock.fast_forward(20_000)
        page.clock.run_for(3_000)
        for _ in range(100):
            page.wait_for_timeout(50)
            now = {x for x in hub._listeners if x.viewer.student is not None}
            if now and not now & before:
                return
        raise AssertionError("the page did not call again")


def test_what_is_new_is_said_to_who_cannot_see_it(window: Browser, tmp_path: Path) -> None:
    """A screen reader speaks what is put into the page's status: steps, and what came of a form."""
    with lesson(window, tmp_path, ["Ana"]) as room:
        (ana,) = room.students
        said = ana.locator("#said[role=status][aria-live=polite]")
        expect(said).to_have_text("")
        room.press("Read the log")
        expect(said).to_have_text("Read the log")
        room.press("First vote")
        expect(said).to_have_text("First vote")
        fill(ana, 40, "One of them is wrong.")
        ana.locator("fieldset input").first.fill("41")
        ana.click("form#vote button.main")
        expect(said).to_contain_text("the numbers must add up to 100")
        vote(ana, 40, "Now they fit.")
        expect(said).to_contain_text("Your answer is stored")


def test_a_killed_server_that_comes_back(window: Browser, tmp_path: Path) -> None:
    """The page waits, says so, and goes on where the record is."""
    page = window.new_page(**PHONE)
    with served(tmp_path) as opened:
        port = opened.listening.getsockname()[1]
        page.goto(f"{opened.room.address}/?code={opened.code}")
        page.fill("#name", "Ana")
        page.select_option("#group", "north")
        page.click("button.main")
        expect(page.locator("h1")).to_have_text("The room is open")
    expect(page.locator("#offline")).to_be_visible()
    with served(tmp_path, port=port) as opened:
        expect(page.locator("#offline")).to_be_hidden()
        session = opened.room.session
        session.advance(opened.room.now_ms(), "-1-before", "5" * 64)
        page.reload()
        expect(page.locator("h1")).to_have_text("Read the log")
    page.close()


def test_a_change_that_is_not_stored_says_so(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana"]) as room:
        (ana,) = room.students
        room.press("Read the log")
        room.press("First vote")
        vote(ana, 40, "At first.")
        expect(ana.locator("#said")).to_contain_text("stored")  # the script is at work
        ana.fill("#reason", "And then.")
        expect(ana.locator("form#vote")).to_be_visible()
        expect(ana.locator(".stored")).to_have_count(0)
        expect(ana.locator(".problem")).to_contain_text("not stored yet")
        ana.click("form#vote button.main")
        expect(ana.locator(".stored")).to_contain_text("Your answer is stored")


def test_two_tabs_are_one_student(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana"]) as room:
        (ana,) = room.students
        tab = ana.context.new_page()
        tab.goto(room.base)
        expect(tab.locator("header")).to_contain_text("Ana")
        room.press("Read the log")
        room.press("First vote")
        vote(ana, 40, "The first tab.")
        expect(tab.locator("form#vote")).to_be_visible()
        vote(tab, 60, "The other tab.")
        ana.reload()
        expect(ana.locator("#reason")).to_have_value("The other tab.")
        assert len(LESSON.of(room.opened.room.session.room).cast(0, 1)) == 1


def test_the_keyboard_alone_is_enough(window: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        page = window.new_page()
        page.goto(f"{opened.room.address}/teacher/enter?key={opened.key}")
        for heading in ("Read the log", "First vote"):
            reach(page, "#advance")
            page.keyboard.press("Enter")
            expect(page.locator("h1")).to_have_text(heading)
        student = window.new_context().new_page()
        student.goto(opened.room.address)
        reach(student, "#code")
        student.keyboard.type(opened.code)
        student.keyboard.press("Tab")
        student.keyboard.type("Ana")
        student.keyboard.press("Tab")
        student.keyboard.type("n")  # the group that begins so
        student.keyboard.press("Tab")
        student.keyboard.press("Enter")
        expect(student.locator("form#vote")).to_be_visible()
        for value in ("40", "20", "20", "20", "50"):
            student.keyboard.press("Tab")
            while student.evaluate("document.activeElement.type") != "number":
                student.keyboard.press("Tab")
            student.keyboard.type(value)
        student.keyboard.press("Tab")
        student.keyboard.type("By keyboard.")
        student.keyboard.press("Tab")
        student.keyboard.press("Enter")
        expect(student.locator(".stored")).to_be_visible()
        student.context.close()
        page.close()


def reach(page: Page, target: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(60):
        if page.evaluate(f"document.activeElement.matches('{target}')"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached")


def test_the_log_goes_back_and_forward(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana"]) as room:
        (ana,) = room.students
        press(teacher_of(room.opened), room.opened, "revealed")
        ana.goto(f"{room.base}/log")
        expect(ana.locator("h1")).to_have_text("The log up to 2021-03-31")
        expect(ana.locator(".newest")).to_contain_text("Contact cut (ITA)")
        ana.click("#back")
        expect(ana.locator(".newest")).to_contain_text("Call held")
        expect(ana.locator("body")).not_to_contain_text("Rome ends all contact")
        ana.click("#forward")
        expect(ana.locator(".newest")).to_contain_text("Rome ends all contact")
        ana.fill("#day", "2021-02-01")
        ana.click("nav button")
        expect(ana.locator("h1")).to_have_text("The log up to 2021-02-01")


def test_without_scripts_the_forms_work(window: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        context = window.new_context(java_script_enabled=False, **PHONE)
        page = context.new_page()
        page.goto(f"{opened.room.address}/?code={opened.code}")
        page.fill("#name", "Ana")
        page.select_option("#group", "north")
        page.click("button.main")
        session = opened.room.session
        for seen in ("-1-before", "0-read"):
            session.advance(opened.room.now_ms(), seen, "5" * 64)
        page.reload()
        assert {*percents(session)} == {"r1q1", "r1q2"}
        vote(page, 40, "No script.")
        context.close()


def test_a_lesson_without_groups_and_roles(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana"], plan(groups=[], roles={})) as room:
        (ana,) = room.students
        expect(ana.locator("h1")).to_have_text("The room is open")
