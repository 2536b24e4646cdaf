"""What-ifs in a real browser: a teacher, a projector and a student, each with their own screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fewer import MOST
from playwright.sync_api import Browser, Page, expect
from rooms import press, teacher_of
from test_seminar_browser import Class, findings, lesson, too_wide

pytestmark = pytest.mark.browser

SIZES = {"teacher": (1280, 800), "board": (1920, 1080), "student": (390, 844)}
ALL = f'[data-worlds="{MOST}"]'


def reach(room: Class) -> dict[str, Page]:
    """Play the lesson to its end by requests, and open the pages of the what-ifs."""
    teacher = teacher_of(room.opened)
    for phase in ("revealed", "read", "revealed"):
        press(teacher, room.opened, phase)
    expect(room.students[0].locator("h1")).to_have_text("What happened")
    room.students[0].click("text=What if it had gone otherwise?")
    room.teacher.goto(f"{room.base}/teacher")
    room.teacher.click("text=What if it had gone otherwise?")
    room.board.goto(f"{room.base}/what-if/board")
    pages = {"teacher": room.teacher, "board": room.board, "student": room.students[0]}
    for name, (width, height) in SIZES.items():
        pages[name].set_viewport_size({"width": width, "height": height})
        expect(pages[name].locator("h1")).to_have_text("What if …")
    return pages


def pull(page: Page, slider: str, value: float) -> None:
    """Move a slider as a finger does, and let it go."""
    page.locator(slider).fill(str(value))


def test_a_class_asks_what_if(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana", "Bükü"]) as room:
        pages = reach(room)
        teacher, board, student = pages.values()
        unsound: list[str] = []

        def look(step: str) -> None:
            for name, page in pages.items():
                unsound.extend(f"{name}, {step}: {f}" for f in findings(page))
                assert too_wide(page) <= 0, (name, step)

        expect(student.locator(ALL)).to_have_count(1)
        expect(student.locator("#s0")).to_be_disabled()
        look("as it ships")
        pull(teacher, "#s0", 1.23)
        for page in (board, student):
            expect(page.locator("#drawn-table")).to_contain_text("FRA seeks contact: 1.2")
        expect(student.locator("output").first).to_have_text("+1.2")
        teacher.click("#events summary")
        teacher.click("#remove-the-cut")
        for page in (board, student):
            expect(page.locator("#drawn-table")).to_contain_text("Removed: Contact cut (ITA)")
        expect(teacher.locator("#undo-0")).to_be_visible()
        expect(teacher.locator("#move-second-call")).to_be_visible()  # the list stays open
        teacher.click("#inserting summary")
        teacher.fill("#date", "2031-01-01")
        teacher.evaluate("document.querySelector('#date').max = ''")
        teacher.click("#insert")
        expect(teacher.locator("#problem")).to_contain_text("must not lie after until 2022-12-31")
        look("an event removed")
        teacher.fill("#name", "No trawler")
        teacher.click("#keep")
        expect(teacher.locator("#go-1")).to_be_visible()
        expect(teacher.locator("#name")).to_have_value("")
        teacher.click("#reset")
        expect(student.locator("#drawn-table")).to_contain_text("Nothing is changed")
        teacher.click("#beside")
        for page in pages.values():
            expect(page.locator("#drawn-chart svg")).to_have_count(2)
            expect(page.locator("#drawn-chart h2").nth(1)).to_have_text("No trawler")
        look("side by side")
        teacher.click("#go-1")
        expect(student.locator("#drawn-chart svg")).to_have_count(1)
        expect(teacher.locator("#s0")).to_have_value("1.2")
        teacher.select_option("#outcome", "r1q2")
        teacher.click("#why")
        expect(student.locator(".why")).to_contain_text("Without “Contact cut (ITA)”")
        look("what mattered most")
        assert unsound == []


def test_a_slider_is_not_pulled_from_under_a_finger(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana"]) as room:
        pages = reach(room)
        teacher, _, student = pages.values()
        teacher.click("#everybody")
        expect(student.locator("#s0")).to_be_enabled()
        expect(student.locator(ALL)).to_have_count(1)
        held: Any = student.locator("#s0")
        box = held.bounding_box()
        assert box is not None
        student.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        student.mouse.down()
        student.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2, steps=9)
        expect(teacher.locator("output").first).to_have_text("+1")
        pull(teacher, "#s0", -2)
        pull(teacher, "#s1", 1.5)
        expect(student.locator("output").nth(1)).to_have_text("+1.5")  # the message is here
        expect(student.locator("output").first).to_have_text("+1")  # and the held one stays
        student.mouse.up()
        pull(teacher, "#s2", 0.5)
        expect(student.locator("output").first).to_have_text("−2")  # the control: let go, it moves


def test_it_works_without_scripts(window: Browser, tmp_path: Path) -> None:
    with lesson(window, tmp_path, ["Ana"]) as room:
        reach(room)
        plain = room.page(java_script_enabled=False)
        plain.goto(f"{room.base}/teacher/enter?key={room.opened.key}")
        plain.goto(f"{room.base}/what-if")
        plain.fill("#s0", "2")
        plain.click("#draw")
        expect(plain.locator("#drawn-table")).to_contain_text("FRA seeks contact: 2")
        plain.click("#events summary")
        plain.click("#remove-the-cut")
        expect(plain.locator("#drawn-table")).to_contain_text("Removed: Contact cut (ITA)")
