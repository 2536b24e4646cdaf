"""The pages of a lesson over days: a student's on a phone, the teacher's on a laptop."""

from __future__ import annotations

from pathlib import Path

import pytest
from lessons import DAYS
from playwright.sync_api import Browser, Page, expect
from rooms import Hand, served, student_of, teacher_of, until
from test_seminar_browser import findings
from test_seminar_sizes import ARTICLE, answered, high, of

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.record import place_of
from sim.seminar.pages.days import left

pytestmark = pytest.mark.browser

HOMEWORK = {
    "seminar": {"days": {**DAYS, "rounds": [*DAYS["rounds"], {"closes": "2026-12-20T18:00"}]}}
}
MINUTE = 60_000


def watched(page: Page, complaints: list[str]) -> Page:
    """Note what a page complains of."""
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def test_a_homework_on_a_phone_and_on_a_laptop(window: Browser, tmp_path: Path) -> None:
    made = plan_of(load_scenario(ARTICLE, HOMEWORK))
    assert made.days is not None
    first, second, _ = made.days.rounds
    assert first.opens_ms is not None
    assert first.again_ms is not None
    clock, complaints = Hand(first.opens_ms - 90 * MINUTE), list[str]()
    with served(tmp_path, made, clock=clock) as opened:
        people = [student_of(opened, f"S{n}", "") for n in range(6)]
        base = opened.room.address
        options = {"is_mobile": True, "has_touch": True}
        phone = watched(of(window, people[0], 390, 844, **options), complaints)
        laptop = watched(of(window, teacher_of(opened), 1280, 900), complaints)

        seen = set[str]()

        def look(words: str) -> None:
            expect(phone.locator("#main")).to_contain_text(words)
            assert high(phone) <= 5 * 844, words
            place = place_of(opened.room.session.room)
            for page in (phone,) if place in seen else (phone, laptop):  # it has changed since
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, words
                assert findings(page) == [], words
            seen.add(place)

        def come(at_ms: int, place: str) -> None:
            clock.now_ms = at_ms
            assert until(lambda: place_of(opened.room.session.room) == place), place

        laptop.goto(f"{base}/teacher")
        phone.goto(f"{base}/seat")
        look("Your way back")
        phone.goto(f"{base}/room")
        look(
            "Round 1 opens on 30 November 2026, 08:00 (Europe/Berlin). Time left: 1 hour 30 minutes"
        )
        come(first.opens_ms, "0-vote")  # no page is loaded again: it changes by itself
        look(
            "The first vote closes on 2 December 2026, 18:00 (Europe/Berlin). Time left: 2 days 10"
        )
        laptop.get_by_role("button", name="1 hour more").click()
        look("closes on 2 December 2026, 19:00 (Europe/Berlin). Time left: 2 days 11 hours")
        answered(opened, people, 0)
        come(first.closes_ms + 60 * MINUTE, "0-again")
        look("What the class answered in the first vote")
        phone.get_by_text("The reasons of the class").click()
        look("This is the reason of student 3")
        come(first.again_ms + 60 * MINUTE, "0-sealed")
        look("The answers are sealed.")
        come(first.reveals_ms + 60 * MINUTE, "1-vote")
        look("What happened: round 1, A meeting is agreed")
        phone.get_by_role("link", name="round 1, A meeting is agreed").click()
        look("Contact cut (USA)")
        come(second.closes_ms, "1-sealed")
        look("Contact cut (USA)")  # the page of the past stays
        phone.get_by_role("link", name="Back to the lesson").click()
        look("You see what happened on")
        assert complaints == []


def test_the_time_that_is_left_is_the_server_s_on_a_phone_elsewhere(
    window: Browser, tmp_path: Path
) -> None:
    """The script says what the server says, by the server's clock and in the lesson's zone."""
    made = plan_of(load_scenario(ARTICLE, HOMEWORK))
    assert made.days is not None
    closes_ms = made.days.rounds[0].closes_ms
    clock = Hand((made.days.rounds[0].opens_ms or 0) + 1)
    with served(tmp_path, made, clock=clock) as opened:
        assert until(lambda: place_of(opened.room.session.room) == "0-vote")
        person = student_of(opened, "Ana", "")
        page = of(window, person, 390, 844, timezone_id="Asia/Kolkata")
        page.clock.install(time=closes_ms / 1000 + 5e6)  # a phone whose clock is far ahead
        page.goto(f"{opened.room.address}/room")
        shown = page.locator("[data-left]")
        expect(page.locator(".until")).to_contain_text("2 December 2026, 18:00 (Europe/Berlin)")
        for minutes in (3000, 1441, 1440, 1439, 61, 60, 59, 2, 1, 0):
            clock.now_ms = closes_ms - minutes * MINUTE - 500
            student_of(opened, f"S{minutes}", "")  # who joins lets all pages be told the time
            page.clock.run_for(1_000)
            expect(shown).to_have_text(left(minutes * MINUTE))
