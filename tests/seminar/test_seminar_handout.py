"""The handout: one file that tells a log, and needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import browser
import pytest
from lessons import lesson
from playwright.sync_api import expect

from sim.ground.errors import InputError
from sim.seminar.lesson.block import load_scenario
from sim.seminar.pages.handout import handout
from sim.seminar.web.filling import STATIC

ROOT = Path(__file__).parents[2]


def elsewhere(page: str) -> list[str]:
    """What a page would fetch from somewhere else."""
    return re.findall(r'(?:src|href)="(?!#)[^"]*"|url\((?!#)[^)]*\)|@import', page)


def test_it_tells_every_event_and_fetches_nothing() -> None:
    page = handout(load_scenario(lesson()))
    assert elsewhere(page) == []
    for text in (
        "The two ministers speak by telephone about fishing.",  # not what the lesson retells
        "denies that this was a contact; It was a wrong number.",
        "Rome ends all contact over a trawler.",
        "The day is not certain.",
        "What a newspaper wrote later",
        "Which state will the channel be in next",
        "What happened",
    ):
        assert text in page, text
    assert page.count('class="event"') == 3
    assert page.count("<figure>") == 2
    assert page == handout(load_scenario(lesson()))  # the same bytes


def test_control_a_page_that_fetches_is_noticed() -> None:
    assert elsewhere('<img src="http://x/y.png">') != []
    assert elsewhere((STATIC.parent / "templates" / "base.html").read_text()) != []


def test_a_scenario_without_a_lesson_has_a_handout_too() -> None:
    page = handout(load_scenario(ROOT / "scenarios" / "new-delhi.yaml"))
    assert "Questions of the lesson" not in page
    assert "July 2022" in page or "2022-07" in page


def test_texts_are_text() -> None:
    data = lesson()
    data["history"]["events"][0]["summary"] = "</script><script>alert(1)</script>"
    data["seminar"]["title"] = "<b>x</b>"
    page = handout(load_scenario(data))
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_without_a_history_there_is_no_handout() -> None:
    data = lesson()
    del data["seminar"]
    data["history"]["events"] = []
    with pytest.raises(InputError, match="is required for a handout"):
        handout(load_scenario(data))


@pytest.mark.browser
def test_one_goes_back_and_forward_without_a_network(tmp_path: Path) -> None:
    file = tmp_path / "handout.html"
    file.write_text(handout(load_scenario(lesson())), encoding="utf-8")
    with browser.window() as opened:
        context = opened.new_context(viewport={"width": 390, "height": 800}, offline=True)
        page = context.new_page()
        page.goto(file.as_uri())
        expect(page.locator("#at")).to_have_text("3 of 3, 2021-06-01")
        expect(page.locator(".newest")).to_contain_text("Paris rings Rome")
        page.click("#back")
        expect(page.locator("#at")).to_have_text("2 of 3, 2021-03-01")
        shown = page.locator(".states:visible")
        expect(shown).to_have_count(1)
        expect(shown).to_contain_text("observer: cut off since 2021-03-01")
        expect(page.get_by_text("Paris rings Rome")).to_be_hidden()
        page.click("#back")
        expect(page.locator("#back")).to_be_disabled()
        page.click("#on")
        expect(page.locator(".newest")).to_contain_text("Rome ends all contact")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
