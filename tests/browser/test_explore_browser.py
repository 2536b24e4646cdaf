"""`sim explore` in a real browser: as wide as a desk and as a phone, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import browser
import pytest
from exploring import exploring
from fewer import MOST
from lessons import lesson
from playwright.sync_api import Browser, Page, expect
from test_seminar_browser import findings, too_wide

from sim.seminar.lesson.block import load_scenario
from sim.seminar.web.explore import Explored
from sim.seminar.what_if import finding

pytestmark = pytest.mark.browser

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
ALL = f'[data-worlds="{MOST}"]'


@pytest.fixture(name="explored")
def _explored() -> Iterator[Explored]:
    """A small scenario that somebody explores."""
    with exploring(load_scenario(lesson())) as made:
        yield made


def opened(window: Browser, explored: Explored, complaints: list[str]) -> Page:
    """Open the page by its first address, and note what the browser complains of."""
    page = window.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(explored.alone.address(explored.alone.key))
    expect(page.locator("h1")).to_have_text("What if …")
    return page


def test_one_person_asks_what_if(window: Browser, explored: Explored, tmp_path: Path) -> None:
    complaints: list[str] = []
    page = opened(window, explored, complaints)

    def look(step: str) -> None:
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            complaints.extend(f"{step} on a {size}: {f}" for f in findings(page))
            assert too_wide(page) <= 0, (step, size)

    expect(page.locator("#s0")).to_be_visible()
    expect(page.locator(ALL)).to_have_count(1)
    look("as it ships")
    page.locator("#s0").fill("1.5")
    expect(page.locator("#drawn-table")).to_contain_text("FRA seeks contact: 1.5")
    page.locator("#s0").fill("0")  # it is remembered, and not drawn again
    expect(page.locator("#drawn-table")).to_contain_text("Nothing is changed")
    page.locator("#s0").fill("1.5")
    page.click("#inserting summary")
    asked = {"call_held": "#by", "escalation": "#severity", "released": "#holder"}
    asked |= {"exchange": "#pair", "treaty_resumed": "#treaty"}
    for kind, field in asked.items():
        page.select_option("#kind", kind)
        expect(page.locator(field)).to_be_visible()
        expect(page.locator("#severity")).to_be_visible(visible=kind == "escalation")
    page.select_option("#kind", "exchange")
    page.fill("#date", "2021-04-01")
    page.fill("#people", "2")
    look("inserting")
    page.click("#insert")
    expect(page.locator("#undo-1")).to_be_visible()
    expect(page.locator("#drawn-table")).to_contain_text("FRA lets 2 people of ITA go")
    expect(page.locator("#pair")).to_be_visible()  # the form stays as it was
    page.click("#beside")
    expect(page.locator("#drawn-chart svg")).to_have_count(2)
    page.locator("#s1").fill("-1")
    expect(page.locator("#drawn-chart")).to_contain_text("FRA accepts contact: -1")
    expect(page.locator(ALL)).to_have_count(2)
    look("side by side")
    with page.expect_download() as download:
        page.click("text=Export this position as a scenario")
    path = tmp_path / "what-if.yaml"
    download.value.save_as(path)
    assert len(load_scenario(path).changes) == 2
    assert complaints == []


def test_the_numbers_that_matter_most_are_found(
    window: Browser, explored: Explored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "WORLDS", 20)  # the ranking is not looked at
    complaints: list[str] = []
    page = opened(window, explored, complaints)
    page.select_option("#found-for", "cut")
    page.click("#find")
    expect(page.locator("#finding")).to_contain_text("Looking")
    expect(page.locator("#others")).to_be_visible(timeout=4 * browser.PATIENCE_MS)
    expect(page.locator("#finding")).to_contain_text("matter most for “One of them cuts contact”")
    expect(page.locator("#s0")).not_to_be_visible()
    page.locator("#sliders input[type=range]").first.press("ArrowRight")
    expect(page.locator("#drawn-table")).to_contain_text("normal value")
    complaints += findings(page)
    assert complaints == []


def test_it_works_without_scripts(window: Browser, explored: Explored) -> None:
    page = window.new_context(java_script_enabled=False).new_page()
    page.goto(explored.alone.address(explored.alone.key))
    page.fill("#s0", "2")
    page.click("#draw")
    page.click("#inserting summary")
    page.select_option("#kind", "escalation")
    page.fill("#date", "2021-04-01")
    page.click("#insert")
    expect(page.locator(".changed").first).to_contain_text("Escalation of severity 0.3")


def test_strangers_are_told_where_the_address_stands(window: Browser, explored: Explored) -> None:
    page = window.new_context().new_page()
    page.goto(explored.alone.origins[0])
    expect(page.locator(".problem")).to_contain_text("stands in the terminal")
    assert findings(page) == []
