"""A role play in a real browser, from the door to the debrief: a team of three and one of two, a
teacher and a projector."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from plays import play_plan, table_of
from playwright.sync_api import Browser, Page, expect
from rooms import until
from test_seminar_browser import HOSTILE, Class, findings, lesson, too_wide

from sim.seminar.play.record import Decided
from sim.seminar.web.room import OpenRoom

pytestmark = pytest.mark.browser

NAMES = ["Ana", "Ben", "Chi", "Dee", HOSTILE]
"""In turn of FRA and of ITA: the minister, the adviser and the desk of FRA, and two for ITA."""
KEEP = "Keep the line open, <b>but</b> not at any price."


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The milliseconds by which the room's clock is ahead."""
    ahead, now = [0], OpenRoom.now_ms
    monkeypatch.setattr(OpenRoom, "now_ms", staticmethod(lambda: now() + ahead[0]))
    return ahead


class Table:
    """The class at its table."""

    def __init__(self, room: Class) -> None:
        self.room = room
        self.teams = {"FRA": room.students[0::2], "ITA": room.students[1::2]}
        self.unsound: list[str] = []

    def asked(self, number: int, party: str) -> list[Page]:
        """Wait until a team is asked a question; return its members."""
        team = self.teams[party]
        for page in team:
            expect(page.locator(f"#yes-{number}")).to_be_visible()
        return team

    def look(self, what: str, **pages: Page) -> None:
        """Hold that pages are sound."""
        for name, page in pages.items():
            self.unsound += [f"{name}, {what}: {f}" for f in findings(page)]
            if too_wide(page) > 0:
                self.unsound.append(f"{name}, {what}: too wide")

    def decided(self, number: int) -> Decided:
        """Wait until a question is decided; return how."""
        room = self.room.opened

        def found() -> Decided | None:
            put = table_of(room).put
            return put[number].decided if number < len(put) else None

        assert until(found)
        how = found()
        assert how is not None
        return how


def cast(page: Page, number: int, answer: str) -> None:
    """Vote, and wait until the page says that it is stored."""
    page.click(f"#{answer}-{number}")
    expect(page.locator("main")).to_contain_text(
        re.compile("Your vote is stored|nothing to decide now|What we decided")
    )


def unlimited(room: Class) -> None:
    """Turn the limit off at the next question, and wait for its reminder."""
    until(lambda: len(table_of(room.opened).put) > 5 and table_of(room.opened).open)
    room.teacher.click("#unlimited")
    team = Table(room).asked(5, table_of(room.opened).put[5].question.party)
    for page in (team[0], room.teacher):
        note = page.locator(".reminder")
        expect(note).to_have_count(1)
        expect(note).to_be_hidden()
        page.evaluate("document.querySelector('.reminder').dataset.asked -= 200_000")
        expect(note).to_be_visible()
        expect(note).to_contain_text("No answer for 3 minutes.")
        if page is not room.teacher:  # a screen reader hears it once
            expect(page.locator("#said")).to_contain_text("No answer for 3 minutes.")


def test_a_play_from_the_door_to_the_debrief(
    window: Browser, tmp_path: Path, clock: list[int]
) -> None:
    with lesson(window, tmp_path, NAMES, play_plan(tables=1, an_hour=240)) as room:
        table = Table(room)
        ana, dee = room.students[0], room.students[3]
        screens = {"teacher": room.teacher, "board": room.board}
        expect(ana.locator("h1")).to_have_text("The room is open")

        room.press("Teams and instructions")
        for party, team in table.teams.items():
            expect(team[0].locator(".role")).to_contain_text(f"You decide for {party}, at table 1")
            for page, part in zip(team, ("minister", "adviser", "desk"), strict=False):
                expect(page.locator(".parts")).to_contain_text(f"You are the {part}")
        adviser, desk = table.teams["FRA"][1:]
        desk.fill("#instructions", "Half a line")
        ana.fill("#instructions", KEEP)
        ana.click("text=Store our instructions")
        for page in (ana, adviser, desk):  # the others' pages change by themselves
            expect(page.locator(".stored")).to_have_text(f"Stored: “{KEEP}”")
        expect(desk.locator("#instructions")).to_have_value("Half a line")
        expect(dee.locator("main")).not_to_contain_text("Keep the line")
        table.look("instructions", minister=ana, **screens)

        room.press("The teams decide")
        table.asked(0, "FRA")
        expect(dee.locator(".asked-now")).to_contain_text("There is nothing to decide now")
        expect(adviser.locator(".note")).to_contain_text("For the adviser only")
        expect(ana.locator("main")).not_to_contain_text("in such a moment")
        desk.fill("#desk-0", "They once")
        desk.focus("#desk-0")
        cast(ana, 0, "yes")
        expect(desk.locator(".asked-now")).to_contain_text("1 of 3 have voted.")
        adviser.fill("#adviser-0", "I <b>would</b> wait.")
        adviser.click("#send-adviser-0")
        expect(desk.locator(".reasons")).to_contain_text("Chi")  # control: the page did change
        expect(desk.locator("#desk-0")).to_have_value("They once")
        expect(desk.locator("#desk-0")).to_be_focused()
        cast(adviser, 0, "no")
        expect(ana.locator(".asked-now")).to_contain_text("So far 1 yes and 1 no.")
        expect(desk.locator(".asked-now")).not_to_contain_text("So far")
        table.look("a question", minister=ana, adviser=adviser, other=dee, **screens)
        expect(adviser.locator("#close-0")).to_have_count(0)
        ana.click("#close-0")
        found = table.decided(0)
        assert (found.how, found.answer, found.yes, found.no) == ("minister", True, 1, 1)
        expect(ana.locator("tbody")).to_contain_text("yes, by the minister, at 1 vote to 1")
        expect(dee.locator("main")).not_to_contain_text("by the minister")

        for page in table.asked(1, "ITA"):
            cast(page, 1, "yes")
        assert table.decided(1).how == "vote"

        table.asked(2, "FRA")
        late = room.student("Late")
        expect(late.locator("main")).to_contain_text("You have no place in a team yet")
        table.look("who comes late", late=late, teacher=room.teacher)
        room.teacher.click("text=Late joins table 1, FRA (3)")
        expect(late.locator("main")).to_contain_text("You decide for FRA, at table 1.")
        expect(room.board.locator("tbody")).to_contain_text("Late")
        table.teams["FRA"].append(late)
        table.asked(2, "FRA")
        cast(late, 2, "no")
        expect(ana.locator(".asked-now")).to_contain_text("1 of 4 have voted.")
        clock[0] += 16_000  # the limit of a question is 15 seconds
        assert table.decided(2).how == "vote"
        expect(late.locator("tbody")).to_contain_text("no, by 1 vote to 0")

        table.asked(3, "ITA")
        clock[0] += 16_000
        assert table.decided(3).how == "doctrine"
        expect(dee.locator("tbody")).to_contain_text("left to the doctrine, nobody voted")

        until(lambda: table_of(room.opened).open)
        put = table_of(room.opened).open
        assert put is not None
        team = table.asked(4, put.question.party)
        room.teacher.click("#pause")
        expect(team[0].locator(".asked-now .clock")).to_have_text("The clock is paused.")
        team[0].evaluate("document.querySelector('.yesno [name=number]').value = 0")
        team[0].click("#yes-4")
        expect(team[0].locator(".problem")).to_have_text(
            "This question is over. Your vote was not stored."
        )
        expect(team[0].locator("#said")).to_contain_text("This question is over.")
        assert not put.votes
        table.look("a problem", minister=team[0])
        room.teacher.click("#resume")
        expect(team[0].locator("[data-left]")).to_be_visible()
        for number in (4, 5):
            until(lambda n=number: len(table_of(room.opened).put) > n)
            team = table.asked(number, table_of(room.opened).put[number].question.party)
            press = next(page for page in team if page.locator(f"#press-{number}").count())
            press.fill(f"#press-{number}", f"We say number {number}.")
            press.click(f"#send-press-{number}")
            expect(team[1].locator(".reasons")).to_contain_text(f"We say number {number}.")
            for page in team:
                cast(page, number, "yes")
            if number == 4:
                unlimited(room)
        for page in (ana, dee):
            expect(page.locator(".asked-now")).to_contain_text("Your table has come to the end")
        table.look("the end", minister=ana)

        room.press("Debrief")
        for page in (ana, room.board, room.teacher):
            expect(page.locator("main")).to_contain_text("What came of it")
            expect(page.locator("thead").first).to_contain_text("History")
            expect(page.locator("#table-1")).to_contain_text(f"Told itself: “{KEEP}”")
            expect(page.locator("#table-1")).to_contain_text("In public: “We say number 5.”")
            expect(page.locator("#table-1")).to_contain_text("Yes, by the minister, at 1 vote to 1")
        table.look("debrief", minister=ana, **screens)
        expect(room.teacher.locator("#table-1")).to_have_attribute("open", "")
        room.teacher.click("#table-1 summary")
        late.close()  # what the teacher has closed stays so when the page changes
        expect(room.teacher.locator(".counts")).to_contain_text("5 connected")
        expect(room.teacher.locator("#table-1")).not_to_have_attribute("open", "")
        room.teacher.click("#advance")
        expect(room.board.locator("h1")).to_have_text("The lesson is over")
        expect(ana.locator("h1")).to_have_text("The lesson is over")
        expect(ana.locator("#table-1")).to_contain_text("Told itself")  # it stays
        ana.goto(f"{room.base}/log?table=1")
        expect(ana.locator("main")).to_contain_text("This is the whole world of table 1")
        table.look("the log", log=ana)
        ana.goto(f"{room.base}/room")
        ana.click("#did-1-FRA > summary")
        ana.click("#table-1 >> text=Play on from here >> nth=1")
        expect(ana.locator("h1")).to_have_text("You decide for FRA")
        expect(ana.locator(".kicker")).to_contain_text("of table 1 on")
        ana.click("text=What the doctrine")
        table.look("alone", alone=ana)
        ana.goto(f"{room.base}/alone/0/log")
        table.look("the log of a game", alone=ana)
        ana.click("text=Back to your game")
        for number in range(60):
            if "has come to the end" in ana.locator("main").inner_text():
                break
            ana.click(f"#no-{number}")
            ana.wait_for_selector(f"#no-{number + 1}, .chart.paths")
        expect(ana.locator("thead").first).to_contain_text("Table 1")
        expect(ana.locator("thead").first).to_contain_text("You")
        table.look("the end of a game", alone=ana)
        ana.click("text=All your games")
        expect(ana.locator("main")).to_contain_text("Game 1, for FRA")
        table.look("games", alone=ana)
        assert table.unsound == []
        assert all(page.title() != "1" for page in room.students)
