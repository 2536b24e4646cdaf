"""A kit's pages in a browser: laid out in a folder, shown, and whether they fit."""

from __future__ import annotations

from pathlib import Path

import browser
from playwright.sync_api import Browser, Page

from sim.seminar.kit.contents import CARDS, SLIDES
from sim.seminar.kit.whole import Kit


def all_files(made: Kit, folder: Path) -> Path:
    for name, content in made.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def shown(window: Browser, file: Path, width: int, height: int) -> Page:
    context = window.new_context(viewport={"width": width, "height": height}, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    return page


LETTERS = """
(() => {
  document.body.classList.remove('shown');  // one hidden has no size
  const all = [...document.querySelectorAll('.slide')];
  return all.map(s => ({
    over: s.scrollHeight - s.clientHeight,
    wide: s.scrollWidth - s.clientWidth,
    least: Math.min(...[...s.querySelectorAll('h1, h2, p, li, th, td, dt, dd, caption')]
      .filter(e => e.textContent.trim())
      .map(e => parseFloat(getComputedStyle(e).fontSize))),
  }));
})()
"""
"""What of each slide runs over its edge, and its smallest letters, at 1,280 pixels."""


def hold_slides(window: Browser, folder: Path) -> None:
    """Hold that slides fit, and can be read from the back row."""
    found = shown(window, folder / SLIDES, 1280, 720).evaluate(LETTERS)
    assert len(found) > 6
    assert [n for n, s in enumerate(found, 1) if s["over"] > 0 or s["wide"] > 0] == []
    assert min(s["least"] for s in found) >= 20  # 30 pixels on a projector of 1,920


def hold_cards(window: Browser, made: Kit, folder: Path) -> None:
    """Hold that cards are printed one on a sheet, on both papers."""
    if CARDS in made.files:
        number = made.files[CARDS].decode().count('<article class="card">')
        for paper in ("A4", "Letter"):
            pdf = shown(window, folder / CARDS, 900, 900).pdf(format=paper)
            assert browser.sheets(pdf) == number, paper
