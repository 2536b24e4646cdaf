"""The page of several classes in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lessons import forecasted, go_to, opened, percents
from playwright.sync_api import Browser
from test_seminar_browser import findings, too_wide

from sim.seminar.lesson.classes import Held, compare
from sim.seminar.pages.classes import save_classes

pytestmark = pytest.mark.browser


def test_the_page_is_sound_and_never_wider_than_its_window(window: Browser, tmp_path: Path) -> None:
    session = opened(tmp_path, 8)
    forecasted(session)
    go_to(session, "vote")
    for n in range(1, 9):
        session.answer(150_000, n, 0, 1, percents(session, 11 * n), "So.")
    go_to(session, "revealed")
    names = ("Monday", "A class with a name that is as long as names may be in all")
    classes = [Held(name, session.room, disguised=name == "Monday") for name in names]
    compared = compare(session.plan, classes, 1)
    report = save_classes(session.plan, compared, 1, tmp_path / "out")
    page = window.new_page()
    page.goto(report.as_uri())
    page.locator("details").first.locator("summary").click()
    for width, scheme in ((1280, "light"), (390, "dark"), (320, "light")):
        look: Any = scheme
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=look)
        assert findings(page) == []
        assert too_wide(page) <= 0
        place = page.locator("figure.first svg:visible").bounding_box()
        assert place is not None
        assert place["y"] < 500
