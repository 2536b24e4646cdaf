"""How pages look: letters that can be read from the back row, words that are whole, nothing wider
than its window, with the longest names and reasons that fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from lessons import percents, plan
from playwright.sync_api import Browser, Page, expect
from rooms import press, served, student_of, teacher_of

from sim.seminar.lesson.record import LESSON
from sim.seminar.web.person import Person
from sim.seminar.web.serve import Opened

pytestmark = pytest.mark.browser

SIZES: dict[str, Any] = {
    "board": {"viewport": {"width": 1600, "height": 900}},
    "teacher": {"viewport": {"width": 1200, "height": 800}},
    "room": {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True},
    "log": {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True},
}
LEAST_PX = {"board": 19, "teacher": 13, "room": 12, "log": 12}
"""The smallest letters of each page, in pixels; the projector's page is read from far away."""
GROUPS = ["Donaudampfschifffahrtsgesellschaftskapitänsgruppe " * 2, "south"]
STEPS = ("read", "vote", "discuss", "again", "sealed", "revealed")

SMALLEST = """() => {
  let least = 99, words = "";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const near = walk.currentNode.parentElement, box = near.getBoundingClientRect();
    const unseen = !box.width || near.closest(".unseen, .skip, option, title");
    if (unseen || !walk.currentNode.textContent.trim()) continue;
    const svg = near.closest("svg");
    const scale = svg && svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const size = svg
      ? near.getAttribute("font-size") * scale
      : parseFloat(getComputedStyle(near).fontSize);
    if (size < least) { least = size; words = walk.currentNode.textContent.trim().slice(0, 40); }
  }
  return [least, words];
}"""
"""The size of the smallest letters that are seen, charts with their scale, and what they say."""
BROKEN = """() => {
  const found = [];
  for (const cell of document.querySelectorAll("th, td:not(.wordy), button, .steps li")) {
    if (cell.matches(".wordy")) continue;
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      if (walk.currentNode.parentElement.closest(".unseen")) continue;
      for (const word of walk.currentNode.textContent.matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(walk.currentNode, word.index);
        range.setEnd(walk.currentNode, word.index + word[0].length);
        if (range.getClientRects().length > 1) found.push(word[0]);
      }
    }
  }
  return found;
}"""
"""Words that are broken over two lines where a cell is too narrow."""
UNFOLD = "document.querySelectorAll('details').forEach((folded) => { folded.open = true; })"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module", name="window")
def _window() -> Iterator[Browser]:
    """The browser of this module."""
    with browser.window() as opened:
        yield opened


def page_of(window: Browser, opened: Opened, person: Person, **options: Any) -> Page:
    """Open a browser that holds a person's seat."""
    context = window.new_context(**options)
    name, _, value = person.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": opened.room.address}])
    return context.new_page()


def answer_all(opened: Opened, people: list[Person], vote: int) -> None:
    session = opened.room.session
    for n, person in enumerate(people):
        given = {q: list(p) for q, p in percents(session, 20 + n).items()}
        reason = f"{n} " + ("x" * 278 if n % 2 else "Neither side rings first. " * 10)
        assert person.answer(LESSON.of(session.room).round, vote, given, reason[:280])


def test_pages_can_be_read_with_the_longest_names_and_reasons(
    window: Browser, tmp_path: Path
) -> None:
    title = "Round about the winter of discontent and what both of the ministers could still know"
    made = plan(groups=GROUPS, title=f"Two capitals. {title}")
    with served(tmp_path, made) as opened:
        teacher = teacher_of(opened)
        people = [student_of(opened, c * 40, GROUPS[0]) for c in "WMwmi"]
        people += [student_of(opened, f"Student {n}", "south") for n in range(10)]
        owners = {"board": teacher, "teacher": teacher, "room": people[0], "log": people[0]}
        pages = {n: page_of(window, opened, owners[n], **SIZES[n]) for n in SIZES}
        wrong: list[object] = []
        for step in ("", *STEPS, "over"):
            if step == "over":
                while not opened.room.session.room.ended:
                    seen = opened.room.session.room
                    teacher.post(
                        "/teacher/advance", {"seen": f"{LESSON.of(seen).round}-{seen.phase}"}
                    )
            elif step:
                press(teacher, opened, step)
            if step in ("vote", "again"):
                answer_all(opened, people, 1 if step == "vote" else 2)
            for name, page in pages.items():
                if name == "log" and step not in ("read", "revealed", "over"):
                    continue  # it is as it was
                page.goto(f"{opened.room.address}/{name}")
                page.evaluate(UNFOLD)  # what is folded is as wide as nobody sees it
                least, words = page.evaluate(SMALLEST)
                if least < LEAST_PX[name]:
                    wrong.append((step, name, "small", round(least, 1), words))
                if broken := page.evaluate(BROKEN):
                    wrong.append((step, name, "broken", broken[:5]))
                if page.evaluate(WIDER) > 0:
                    wrong.append((step, name, "wide"))
        assert wrong == []
        for page in pages.values():
            page.context.close()


def test_control_small_letters_and_broken_words_are_found(window: Browser) -> None:
    page = window.new_page()
    page.set_content(
        "<p style='font-size: 9px'>tiny</p><table style='width: 40px; table-layout: fixed'>"
        "<td style='overflow-wrap: anywhere'>Connected</table>"
        "<svg width='100' viewBox='0 0 400 100'><text font-size='16'>less</text></svg>"
    )
    assert page.evaluate(SMALLEST) == [4, "less"]
    assert page.evaluate(BROKEN) == ["Connected"]
    page.close()


def test_pages_can_be_enlarged_to_twice_their_size(window: Browser, tmp_path: Path) -> None:
    """At 200 % a window has half as many pixels: nothing is cut off, and letters do not shrink. A
    phone's is 320 wide then, the narrowest that pages must bear."""
    with served(tmp_path) as opened:
        teacher, ana = teacher_of(opened), student_of(opened)
        press(teacher, opened, "vote")
        owners = {"board": teacher, "teacher": teacher, "room": ana, "log": ana}
        for name, options in SIZES.items():
            view = options["viewport"]
            wide, high = max(320, view["width"] // 2), view["height"] // 2
            half = {"viewport": {"width": wide, "height": high}, "device_scale_factor": 2}
            page = page_of(window, opened, owners[name], **half)
            page.goto(f"{opened.room.address}/{name}")
            assert page.evaluate(WIDER) <= 0, name
            least, words = page.evaluate(SMALLEST)
            if name != "board":  # charts shrink with the window, and have a table
                assert 2 * least >= LEAST_PX[name], (name, words)
            expect(page.locator("h1")).to_be_visible()
            page.context.close()
