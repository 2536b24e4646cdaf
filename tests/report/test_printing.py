"""A run's page is printed on at most five A4 sheets, the last for what is folded on a screen, and
its answers fit a phone."""

from __future__ import annotations

import re
from pathlib import Path

import browser
import pytest

from sim.report.printing import SHEETS, height_mm, printed, sheets_of
from sim.report.runs import run

SCENARIOS = Path(__file__).parents[2] / "scenarios"
A4 = (595, 842)
MOST = 5
RUNS = ("new-delhi", "learned-article", "whatif-contact-kept", "three-capitals")


def svg(high: float, wide: float = 100.0) -> str:
    return f'<svg viewBox="0 0 {wide} {high}"></svg>'


# ------------------------------------------------------------------------ which figures are printed


def test_figures_are_counted_onto_sheets_and_none_is_split() -> None:
    assert sheets_of([]) == 1
    assert sheets_of([100.0, 100.0]) == 1
    assert sheets_of([150.0, 150.0]) == 2  # the second has no room left on the first
    assert sheets_of([150.0, 150.0, 100.0]) == 2
    assert sheets_of([900.0]) == 1  # too high for any sheet, and it is not split before it begins


def test_a_figure_keeps_its_shape() -> None:
    assert height_mm(svg(200.0)) - height_mm(svg(100.0)) == pytest.approx(146.0)
    with pytest.raises(ValueError, match="needs a viewBox"):
        height_mm("<svg></svg>")


def test_the_fan_of_every_channel_is_printed_before_anything_else() -> None:
    kinds = ("occupancy", "history", "raster")
    figures = [(f"{kind}-{c}", svg(60.0)) for c in "abcdef" for kind in kinds]
    chosen = printed(figures)
    assert {f"occupancy-{c}" for c in "abcdef"} <= chosen
    assert {"history-a", "raster-a"} <= chosen
    assert len(chosen) < len(figures)
    assert sheets_of([height_mm(s) for stem, s in figures if stem in chosen]) <= SHEETS


def test_control_without_a_choice_they_would_take_more() -> None:
    figures = [(f"raster-{c}", svg(60.0)) for c in "abcdefghijklmnopqr"]
    assert sheets_of([height_mm(s) for _, s in figures]) > SHEETS


# ------------------------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of some runs: the one with the most outcomes, without a fit and over one, a
    what-if, and one of several channels."""
    browser.chromium()
    folder = tmp_path_factory.mktemp("printed")
    for name in RUNS:
        few = 400 if name == "learned-article" else 40  # so that its draws are told apart
        run(SCENARIOS / f"{name}.yaml", replications=few, out=folder / name)
    return folder


@pytest.mark.browser
@pytest.mark.parametrize("name", RUNS)
def test_a_runs_page_prints_on_five_sheets(pages: Path, tmp_path: Path, name: str) -> None:
    pdf = browser.printed(pages / name / "report.html", tmp_path)
    assert 1 < browser.sheets(pdf) <= MOST
    assert browser.sizes(pdf) == {A4}


@pytest.mark.browser
def test_control_as_on_the_screen_it_would_take_more(pages: Path, tmp_path: Path) -> None:
    """Without the print style the same page takes more sheets, and they are counted."""
    page = pages / "new-delhi" / "report.html"
    text = page.read_text(encoding="utf-8")
    plain = re.sub(r"@media print \{\n.*?\n  \}\n", "", text, flags=re.DOTALL)
    assert plain != text
    bare = tmp_path / "bare.html"
    bare.write_text(plain, encoding="utf-8")
    assert browser.sheets(browser.printed(bare, tmp_path)) > MOST


HIDDEN = (
    "[...document.querySelectorAll('.scroll')].filter(e => e.checkVisibility() && "
    "e.scrollWidth > e.clientWidth + 1).length"
)
"""How many visible tables are wider than the page."""


@pytest.mark.browser
def test_no_column_is_hidden_on_a_phone(pages: Path, tmp_path: Path) -> None:
    text = (pages / "new-delhi" / "report.html").read_text(encoding="utf-8")
    wide = tmp_path / "wide.html"  # the control: a table that is no stack of cards
    wide.write_text(text.replace('<table class="stack">', "<table>"), encoding="utf-8")
    with browser.window() as window:
        page = window.new_page(viewport={"width": 390, "height": 844})
        for name in ("new-delhi", "learned-article", "whatif-contact-kept"):
            page.goto((pages / name / "report.html").as_uri())
            assert page.evaluate(HIDDEN) == 0, name
        page.goto(wide.as_uri())
        assert page.evaluate(HIDDEN) > 0


ENDS = (pytest.skip.Exception, pytest.fail.Exception)


def test_without_a_browser_a_test_is_left_out_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(ENDS, match="needs Chromium") as found:
        browser.chromium()
    assert found.type is pytest.skip.Exception


def test_without_a_browser_it_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(ENDS, match="needs Chromium") as found:
        browser.chromium()
    assert found.type is pytest.fail.Exception
