"""Pages of studies in a real browser: what stands on the first screen, on a laptop and a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import browser
import pytest
from learned import lived, setting
from playwright.sync_api import Browser, Page, expect
from test_seminar_browser import findings, too_wide

import sim

pytestmark = pytest.mark.browser

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SIZES = {"laptop": (1280, 800), "phone": (390, 844)}
CALL = {"rates_per_day.call": [0.02, 0.1]}
NARROW_AND_DARK = (
    *("color-contrast", "scrollable-region-focusable", "target-size", "link-in-text-block"),
    *("svg-img-alt", "role-img-alt", "td-headers-attr", "th-has-data-cells"),
)
"""What a narrow window or dark colours can break: figures and tables are others there."""
KINDS = ("run", "policy", "comparison", "why", "sweep", "fit")


@pytest.fixture(scope="module", name="pages")
def _pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each kind of study."""
    browser.chromium()
    delhi, april = SCENARIOS / "new-delhi.yaml", SCENARIOS / "whatif-call-in-april.yaml"
    few: dict[str, Any] = {"replications": 40}
    found = {
        "run": sim.run(delhi, **few),
        "policy": sim.run(SCENARIOS / "three-capitals.yaml", **few),
        "comparison": sim.compare(april, **few),
        "why": sim.why(SCENARIOS / "whatif-nothing.yaml", "cut-by-may", samples=1, sets=20, **few),
        "sweep": sim.sweep(sim.load_scenario(delhi, over={"sweep": CALL}), **few),
        "fit": sim.learn(lived(setting(until="2021-03-31"), seed=3), workers=1),
    }
    folder = tmp_path_factory.mktemp("pages")
    save: Any = sim.save
    return {name: save(what, folder / name) / "report.html" for name, what in found.items()}


def opened(window: Browser, page: Path, size: str) -> Page:
    width, height = SIZES[size]
    shown = window.new_page(viewport={"width": width, "height": height})
    shown.goto(page.as_uri())
    return shown


def top_of(page: Page, what: str) -> float:
    found = page.locator(what).first.bounding_box()
    assert found is not None, what
    return float(found["y"])


def hold_first_screen(page: Page, kind: str, high: int) -> None:
    """Hold that the first screen has the answer and the main figure."""
    assert top_of(page, ".answer p") < 0.4 * high
    drawing = page.locator("figure.first svg:visible")
    expect(drawing).to_have_count(1)
    place = drawing.bounding_box()
    assert place is not None
    assert place["y"] < 0.5 * high
    if kind in ("run", "policy"):  # one fan; the rows of the others are as many as there are
        assert place["y"] + place["height"] <= high
    assert top_of(page, "figure.first") < top_of(page, "table:visible")


def hold_colours(page: Page, ground: str) -> None:
    """Hold that the page and the paper of its figures have one ground."""
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    paper = "getComputedStyle(document.querySelector('figure.first path')).fill"
    assert page.evaluate(paper) == ground


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_sound_on_a_laptop_and_in_the_dark_on_a_phone(
    window: Browser, pages: dict[str, Path], kind: str
) -> None:
    """It asks for nothing, is never wider than its window, and begins with what was asked."""
    page = window.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    width, high = SIZES["laptop"]
    page.set_viewport_size({"width": width, "height": high})
    page.goto(pages[kind].as_uri())
    hold_first_screen(page, kind, high)
    hold_colours(page, "rgb(255, 255, 255)")
    assert too_wide(page) <= 0
    assert findings(page) == []
    width, high = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": high})
    page.emulate_media(color_scheme="dark")
    hold_first_screen(page, kind, high)
    hold_colours(page, "rgb(20, 23, 27)")
    assert too_wide(page) <= 0
    assert findings(page, *NARROW_AND_DARK) == []
    assert [url for url in asked if not url.startswith("data:")] == [pages[kind].as_uri()]
    script = page.evaluate("[...document.scripts].reduce((n, s) => n + s.text.length, 0)")
    assert 0 < script < 100_000


def test_a_figure_on_a_phone_is_drawn_for_a_phone(window: Browser, pages: dict[str, Path]) -> None:
    """Its letters are as large as those of the page, and nothing is scrolled sideways."""
    least = "Math.min(...[...document.querySelectorAll('figure svg text')].filter((t) => "
    least += "t.checkVisibility()).map((t) => t.getBoundingClientRect().height))"
    page = opened(window, pages["run"], "laptop")
    laptop = page.evaluate(least)
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate(least) > 0.85 * laptop > 8
    page.add_style_tag(  # the control: the laptop's figure on a phone
        content=".narrow {display: none !important} .wide {display: block !important}"
    )
    assert page.evaluate(least) < 5


def test_a_pointer_reads_the_day_and_the_shares(window: Browser, pages: dict[str, Path]) -> None:
    page = opened(window, pages["run"], "laptop")
    place = page.locator('figure.first [id$="-followed"] path').first.bounding_box()
    assert place is not None
    told = page.locator("figure.first .told")
    expect(told).to_be_hidden()
    page.mouse.move(place["x"] + place["width"], place["y"] + place["height"] / 2)
    expect(told).to_contain_text("1 Mar 2025: open")
    expect(told).to_contain_text("cut off")
    page.mouse.move(5, 5)
    expect(told).to_be_hidden()
    page.locator("figure.first").focus()
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("27 Feb 2025: open")


def test_tables_sort_by_a_click(window: Browser, pages: dict[str, Path]) -> None:
    page = opened(window, pages["run"], "laptop")
    numbers = "[...document.querySelectorAll('#answers tbody tr')].map((r) => "
    numbers += "parseFloat(r.cells[1].textContent.replace('<', '')))"
    before = page.evaluate(numbers)
    page.get_by_role("button", name="Estimate").click()
    after = page.evaluate(numbers)
    assert after == sorted(before) != before
    head = page.locator("#answers th", has_text="Estimate")
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="Estimate").click()
    assert page.evaluate(numbers) == sorted(before, reverse=True)


def test_what_is_folded_is_printed(window: Browser, pages: dict[str, Path]) -> None:
    page = opened(window, pages["run"], "laptop")
    seed = page.get_by_text("SHA-256", exact=False).first
    expect(seed).to_be_hidden()
    page.emulate_media(media="print")
    expect(seed).to_be_visible()
