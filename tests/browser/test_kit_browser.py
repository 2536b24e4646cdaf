"""The pages of a kit as somebody sees, shows and prints them."""

from __future__ import annotations

from pathlib import Path

import browser
import pytest
from kits import ARTICLE, LESSONS, kit, shipped
from lessons import lesson
from playwright.sync_api import Browser, Request
from slides import LETTERS, all_files, hold_cards, hold_slides, shown

from sim.seminar.kit import printing, whole
from sim.seminar.kit.contents import INDEX, PRINTED, SLIDES
from sim.seminar.kit.writing import write_kit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", LESSONS)
def test_slides_and_cards_fit(path: Path, window: Browser, tmp_path: Path) -> None:
    """Of the other lessons `test_kit` asks it."""
    made = shipped(path)[1]
    hold_slides(window, all_files(made, tmp_path))
    hold_cards(window, made, tmp_path)


def test_control_a_slide_that_is_too_full_is_seen(window: Browser, tmp_path: Path) -> None:
    full = all_files(kit(lesson(after="A line.\n" * 150))[1], tmp_path) / SLIDES
    assert min(s["least"] for s in shown(window, full, 1280, 720).evaluate(LETTERS)) < 20
    text = full.read_text("utf-8")
    full.write_text(text.replace("style.setProperty", "style.getPropertyValue"), encoding="utf-8")
    assert max(s["over"] for s in shown(window, full, 1280, 720).evaluate(LETTERS)) > 0


def test_one_goes_on_and_back_with_keys(window: Browser, tmp_path: Path) -> None:
    file = all_files(kit(lesson())[1], tmp_path) / SLIDES
    page = shown(window, file, 1920, 1080)
    number = page.locator(".slide").count()

    def at() -> list[str]:
        return [s.get_attribute("id") or "" for s in page.locator(".slide:visible").all()]

    assert at() == ["s1"]
    steps = [("ArrowRight", 2), ("Space", 3), ("PageDown", 4), ("ArrowLeft", 3), ("End", number)]
    steps += [("ArrowRight", number), ("Home", 1), ("PageUp", 1)]
    for key, place in steps:
        page.keyboard.press(key)
        assert at() == [f"s{place}"], key
    page.click("#on")
    assert at() == ["s2"]
    box = page.locator("#s2").bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (1920, 1080)
    page.reload()
    assert at() == ["s2"]  # the place is kept


def test_slides_are_printed_one_on_a_page(tmp_path: Path) -> None:
    _, made = kit(lesson())
    slides = made.files[SLIDES].decode()
    command = printing.browser()
    assert command is not None
    pdf = printing.printed(slides, command)
    assert pdf is not None
    assert browser.sheets(pdf) == slides.count('<section class="slide')
    assert browser.sizes(pdf) == {(960, 540)}


def test_no_page_asks_for_anything_or_runs_over_its_edge(window: Browser, tmp_path: Path) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith("file:"):
            asked.append(request.url)

    made = shipped(ARTICLE)[1]
    all_files(made, tmp_path)
    page = window.new_context(viewport={"width": 390, "height": 800}).new_page()
    page.on("request", note)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for name in made.files:
        if name.endswith(".html"):
            page.goto((tmp_path / name).as_uri())
            assert page.evaluate(wide) <= 0, name
    assert asked == []
    page.set_content('<img src="http://localhost:9/x.png">')  # control
    assert asked == ["http://localhost:9/x.png"]


def test_the_pdf_is_in_the_folder_and_on_the_first_page(tmp_path: Path) -> None:
    plan, _ = kit(lesson())
    made = whole.kit_of(plan, printing.browser(), 20)
    write_kit(made, plan.scenario, tmp_path / "kit")
    assert (tmp_path / "kit" / PRINTED).read_bytes().startswith(b"%PDF")
    assert PRINTED in (tmp_path / "kit" / INDEX).read_text("utf-8")
    assert whole.WITHOUT_PDF not in made.notes
