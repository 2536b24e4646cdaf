"""How large a lesson's pages are: on a projector for the back row, on a phone a few screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lessons import percents
from playwright.sync_api import Browser, Page, expect
from rooms import press, served, student_of, teacher_of

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.web.person import Person
from sim.seminar.web.serve import Opened

pytestmark = pytest.mark.browser

ARTICLE = Path(__file__).parents[2] / "scenarios" / "seminar-article.yaml"
BACK_ROW = 32
"""The smallest letters of the projector's page, in pixels of a screen 1,920 wide."""
SMALL = """(least) => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), at = walker.currentNode.parentElement;
    if (!text || !at.checkVisibility() || at.closest("title, .unseen, .skip")) continue;
    let size = parseFloat(getComputedStyle(at).fontSize);
    const svg = at.closest("svg");
    if (svg) size *= svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    if (size < least - 0.1) found.push(`${text.slice(0, 40)}: ${size.toFixed(1)}`);
  }
  return found;
}"""


def of(window: Browser, person: Person, wide: int, high: int, **options: Any) -> Page:
    """Open a window of a person who has come in."""
    context = window.new_context(viewport={"width": wide, "height": high}, **options)
    name, _, value = person.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": person.base}])
    return context.new_page()


def high(page: Page) -> int:
    """Return how high a page is."""
    return int(page.evaluate("document.documentElement.scrollHeight"))


def answered(opened: Opened, people: list[Person], round_: int) -> None:
    """Let all answer the first vote of a round."""
    for n, person in enumerate(people):
        given = {q: list(p) for q, p in percents(opened.room.session, 20 + 9 * n).items()}
        assert person.answer(round_, 1, given, f"This is the reason of student {n}, a long one.")


def test_the_article_on_a_projector_and_on_a_phone(window: Browser, tmp_path: Path) -> None:
    """Nothing on the projector is small, the reveal fits on one screen, and no page of a phone has
    more than five screens."""
    with served(tmp_path, plan_of(load_scenario(ARTICLE))) as opened:
        teacher = teacher_of(opened)
        people = [student_of(opened, f"S{n}", "") for n in range(6)]
        board = of(window, teacher, 1920, 1080)
        phone = of(window, people[0], 390, 844, is_mobile=True, has_touch=True)
        base = opened.room.address
        found: list[str] = []

        def look(step: str) -> None:
            board.goto(f"{base}/board")
            found.extend(f"{step}: {words}" for words in board.evaluate(SMALL, BACK_ROW))
            for path in ("room", "log"):
                phone.goto(f"{base}/{path}")
                if high(phone) > 5 * 844:
                    found.append(f"{step}: /{path} is {high(phone)} high")

        look("open")
        for round_ in range(3):
            press(teacher, opened, "vote")
            answered(opened, people, round_)
            if round_ == 0:
                look("vote")
                press(teacher, opened, "discuss")
                look("discuss")
                expect(board.locator(".reasons .gave")).to_have_count(6)
            press(teacher, opened, "sealed")
            board.goto(f"{base}/board")
            assert not board.locator("body").inner_text().count("Seal of the answers")
            press(teacher, opened, "revealed")
            look(f"revealed {round_ + 1}")
            assert high(board) <= 1080
            expect(board.locator(".came").first).to_be_visible()
        expect(board.locator(".came").first).to_contain_text("denies that this was a contact")
        expect(phone.locator("h2").first).to_have_text("4 new events, newest first")
        assert found == []
        board.evaluate("document.querySelector('h1').style.fontSize = '20px'")
        assert board.evaluate(SMALL, BACK_ROW) == ["What happened: 20.0"]  # control


def test_a_reveal_is_opened_further_by_a_click(window: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        teacher = teacher_of(opened)
        people = [student_of(opened, f"S{n}") for n in range(6)]
        press(teacher, opened, "vote")
        answered(opened, people, 0)
        press(teacher, opened, "revealed")
        board = of(window, teacher, 1920, 1080)
        board.goto(f"{opened.room.address}/board")
        expect(board.locator("#votes caption").first).to_be_hidden()
        board.click("#votes summary >> nth=0")
        expect(board.locator("#votes caption").first).to_be_visible()
        board.context.close()


def test_percentages_by_buttons_and_one_sentence_about_sums(
    window: Browser, tmp_path: Path
) -> None:
    with served(tmp_path) as opened:
        press(teacher_of(opened), opened, "vote")
        phone = of(window, student_of(opened), 390, 844, is_mobile=True, has_touch=True)
        phone.goto(f"{opened.room.address}/room")
        states = phone.locator("fieldset").first
        said, numbers = states.locator(".sum"), states.locator("input[type=number]")
        expect(said).to_have_text("The numbers must add up to 100. Still missing: 100.")
        for n in range(4):
            for by in ("10", "10", "1", "-1") if n else ("10", "10", "10", "10"):
                states.locator(f"button[data-by='{by}']").nth(n).click()
        assert [numbers.nth(n).input_value() for n in range(4)] == ["40", "20", "20", "20"]
        expect(said).to_have_text("The numbers add up to 100.")
        numbers.nth(1).fill("30")
        expect(said).to_have_text("The numbers must add up to 100. Too many: 10.")
        numbers.nth(1).fill("0")
        expect(said).to_have_text("Each number is from 1 to 99.")
        assert numbers.nth(1).evaluate("x => x.validationMessage") == "Each number is from 1 to 99."
        states.locator("button[data-by='-10']").nth(1).click()
        expect(numbers.nth(1)).to_have_value("1")
        expect(phone.locator("fieldset").nth(1).locator(".sum")).to_have_text(
            "The rest goes to “no”."
        )
        phone.locator("fieldset").nth(1).locator("input").fill("30")
        expect(phone.locator("fieldset").nth(1).locator(".sum")).to_have_text(
            "The rest goes to “no”: 70 %."
        )
        phone.context.close()
