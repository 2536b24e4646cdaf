"""A lesson over days in a room that is served: its pages, the way back to a seat, the calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from lessons import DAYS, lesson, plan
from rooms import Hand, served, student_of, teacher_of, until
from test_seminar_days import AGAIN, CLOSES, DAY, HOUR, MINUTE, OPENS, REVEALS, SECOND

from sim.seminar.lesson.record import LESSON, place_of
from sim.seminar.pages.days import left
from sim.seminar.web.person import Person
from sim.seminar.web.rehearsal import rehearse
from sim.seminar.web.secret import spaced
from sim.seminar.web.serve import Opened

Room = tuple[Opened, Hand]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room an hour before its first round opens."""
    clock = Hand(OPENS - HOUR)
    with served(tmp_path, plan(days=DAYS), clock=clock) as opened:
        yield opened, clock


def reach(room: Room, at_ms: int, place: str) -> None:
    """Move the clock, and wait until the lesson has come to a place."""
    room[1].now_ms = at_ms
    assert until(lambda: place_of(room[0].room.session.room) == place), place


def answer(person: Person, round_: int = 0, vote: int = 1, first: int = 40) -> bool:
    given = {f"r{round_ + 1}q1": [first, 10, 10, 80 - first]}
    if round_ == 0:
        given["r1q2"] = [30, 70]
    return person.answer(round_, vote, given, f"Reason of {person.name}, {round_} {vote}.")


def heading(person: Person, path: str = "/room") -> str:
    found = re.search(r"<h1>(.*?)</h1>", person.get(path).body)
    assert found is not None
    return found[1]


# ------------------------------------------------------------------------------------- the pages


def test_a_homework_goes_on_without_a_teacher(room: Room) -> None:
    opened, _ = room
    people = [student_of(opened, f"S{n}") for n in range(6)]
    ana = people[0]
    page = ana.get("/room").body
    assert "Round 1 opens on 30 November 2026, 08:00 (Europe/Berlin)." in page
    assert "<span data-left>1 hour</span>" in page
    reach(room, OPENS, "0-vote")
    page = ana.get("/room").body
    assert "The first vote closes on 2 December 2026, 18:00 (Europe/Berlin)." in page
    assert "<span data-left>2 days 10 hours</span>" in page
    assert all(answer(p) for p in people)
    assert "Reason of S1" not in ana.get("/room").body
    reach(room, CLOSES, "0-again")
    page = ana.get("/room").body
    assert "The second vote closes on 4 December 2026, 18:00" in page
    assert "Reason of S1, 0 1." in page  # what the class answered is there while it votes again
    assert 'class="chart"' in page
    assert answer(ana, vote=2, first=60)
    reach(room, AGAIN, "0-sealed")
    assert not answer(people[1], vote=2)
    (seal,) = [s.sha256 for s in LESSON.of(opened.room.session.room).seals.values()]
    page = ana.get("/room").body
    assert seal in page
    assert "You see what happened on 4 December 2026, 20:00" in page
    assert "Rome ends all contact" not in page
    reach(room, REVEALS, "1-vote")
    assert heading(ana) == "First vote"
    assert '<a href="/room/1">round 1, Winter</a>' in ana.get("/room").body
    page = ana.get("/room/1").body
    assert "<h1>What happened</h1>" in page
    assert "Rome ends all contact over a trawler." in page
    assert 'data-page=""' in page  # the page of the past does not change with the present
    assert "Paris rings Rome again" not in page
    assert ana.get("/room/2").status == 404
    teacher = teacher_of(opened)
    assert '<a href="/board/1"' in teacher.get("/teacher").body
    board = teacher.get("/board/1").body  # to be looked at together, when the class meets
    assert "<h1>What happened</h1>" in board
    assert "Rome ends all contact over a trawler." in board
    assert 'data-page=""' in board
    assert teacher.get("/board/2").status == 404
    reach(room, SECOND, "1-sealed")
    reach(room, SECOND + HOUR, "1-revealed")
    assert heading(ana) == "What happened"


def test_nobody_without_a_seat_gets_a_reveal_or_the_dates(room: Room) -> None:
    opened, _ = room
    stranger = Person(opened.room.address, "stranger")
    for path, status in (
        ("/seat", 403),
        ("/room/1", 403),
        ("/board/1", 403),
        ("/deadlines.ics", 403),
    ):
        assert stranger.get(path).status == status
    assert student_of(opened).get("/room/1").status == 404


def test_the_teacher_sees_who_has_answered_and_moves_dates(room: Room) -> None:
    opened, _ = room
    teacher, ana, ben = teacher_of(opened), student_of(opened), student_of(opened, "Ben")
    reach(room, OPENS, "0-vote")
    assert answer(ana)
    page = teacher.get("/teacher").body
    rows = re.findall(r'<th scope="row" class="wordy">(\w+)</th>.*?<td>(stored|nothing yet)', page)
    assert rows == [("Ana", "stored"), ("Ben", "nothing yet")]
    assert f"{opened.room.address}/?code={opened.code}" in page
    assert "Pause the clock" not in page
    assert "No time limit" not in page
    before = ana.get("/room/part").body
    assert teacher.post("/teacher/extend", {"minutes": "1440"}).status == 303
    assert "closes on 3 December 2026, 18:00" in ana.get("/room").body
    assert re.search(r'data-mark="[^"]*"', before) != re.search(  # so open pages are changed
        r'data-mark="[^"]*"', ana.get("/room/part").body
    )
    assert "until 5 December 2026, 18:00" in ana.get("/seat").body
    for path in ("pause", "unlimited"):
        assert teacher.post(f"/teacher/{path}", {}).status == 422
    assert teacher.post("/teacher/advance", {"seen": "0-vote"}).status == 303
    assert heading(ben) == "Second vote"


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (2 * DAY + 10 * HOUR + 5 * MINUTE, "2 days 10 hours"),
        (DAY, "1 day"),
        (DAY + 59 * MINUTE, "1 day"),
        (25 * HOUR, "1 day 1 hour"),
        (HOUR + MINUTE, "1 hour 1 minute"),
        (5 * MINUTE + 59_999, "5 minutes"),
        (59_999, "less than a minute"),
        (-5, "less than a minute"),
    ],
)
def test_the_time_that_is_left_is_told_by_its_two_largest_units(ms: int, words: str) -> None:
    assert left(ms) == words


# ------------------------------------------------------------------------------- nothing early


def shown_too_early(opened: Opened, people: list[Person], hidden: list[str]) -> list[str]:
    """Where a student can read a text that is hidden at this moment."""
    paths = ["/", "/room", "/room/part", "/board", "/board/part", "/log", "/log?at=99", "/seat"]
    paths += ["/log?day=2099-01-01", "/deadlines.ics", "/teacher", "/what-if", "/grades"]
    paths += [f"/{page}/{n}" for page in ("room", "board") for n in range(5)]
    found = []
    for person in people:
        for path in paths:
            body = person.get(path).body
            found += [f"{path}: {text}" for text in hidden if text in body]
        found += [f"stream: {m}" for _, m in person.marks for text in hidden if text in m]
    return found


EARLY, LATE = "Rome ends all contact", "Paris rings Rome again"
"""What is revealed in the first round, and what in the second."""


def spied_on(room: Room) -> list[str]:
    """Hold the whole lesson; return what anybody could read too early."""
    opened, _ = room
    people = [student_of(opened, f"S{n}") for n in range(2)]
    for person in people:
        person.listen("room")
    found = shown_too_early(opened, people, [EARLY, LATE])
    reach(room, OPENS, "0-vote")
    assert answer(people[1])
    found += shown_too_early(opened, people[:1], [EARLY, LATE, "Reason of S1, 0 1."])
    reach(room, CLOSES, "0-again")
    assert answer(people[1], vote=2)
    found += shown_too_early(opened, people[:1], [EARLY, LATE, "Reason of S1, 0 2."])
    reach(room, AGAIN, "0-sealed")
    found += shown_too_early(opened, people, [EARLY, LATE])
    reach(room, REVEALS, "1-vote")
    assert answer(people[1], round_=1)
    found += shown_too_early(opened, people[:1], [LATE, "Reason of S1, 1 1."])
    reach(room, SECOND, "1-sealed")
    found += shown_too_early(opened, people, [LATE])
    reach(room, SECOND + HOUR, "1-revealed")
    for person in people:
        person.hang_up()
        assert LATE in person.get("/room/2").body  # it can be read at last
    return found


def test_nothing_is_shown_before_its_date(room: Room) -> None:
    assert spied_on(room) == []


def test_control_a_page_that_looks_ahead_is_seen(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.seminar.web.pages.horizon", lambda plan, _: plan.rounds[-1].end_s)
    assert any(LATE in told for told in spied_on(room))


# ----------------------------------------------------------------------------------- the way back


def word_of(person: Person) -> str:
    """The word on a student's page."""
    found = re.search(r'<p class="word">([A-Z2-9 ]+)</p>', person.get("/seat").body)
    assert found is not None
    return found[1]


def test_a_student_comes_back_by_a_word_from_another_device(room: Room) -> None:
    opened, _ = room
    ana = student_of(opened)
    reply = Person(opened.room.address, "Ben").post(
        "/join", {"code": opened.code, "name": "Ben", "group": "north"}
    )
    assert reply.place == "/seat"  # who joins is shown the word first
    word = word_of(ana)
    assert re.fullmatch(r"([A-Z2-9]{4} ){3}[A-Z2-9]{4}", word)
    reach(room, OPENS, "0-vote")
    assert answer(ana)
    for typed in (word, word.lower(), word.replace(" ", "-"), f" {word.replace(' ', '')} "):
        phone = Person(opened.room.address, "Ana's phone")
        reply = phone.post("/return", {"word": typed})
        assert (reply.status, reply.place) == (303, "/room")
        phone.cookie = reply.cookie
        assert "Reason of Ana, 0 1." in phone.get("/room").body
    assert phone.answer(0, 1, {"r1q1": [40, 20, 20, 20], "r1q2": [5, 95]}, "By telephone.")
    assert len(opened.room.session.room.students) == 2
    page = Person(opened.room.address, "").get(f"/?back={word.replace(' ', '')}").body
    assert f'value="{word.replace(" ", "")}"' in page  # the link fills in the form, and no more


def test_a_shared_browser_forgets_a_seat_and_takes_another(room: Room) -> None:
    opened, _ = room
    ana, ben = student_of(opened), student_of(opened, "Ben")
    word = word_of(ana).replace(" ", "")
    assert ben.get(f"/?back={word}").status == 200  # the link works where another has a seat
    reply = ben.post("/return", {"word": word})
    ben.cookie = reply.cookie
    assert '<span class="who">Ana' in ben.get("/room").body
    reply = ben.post("/leave", {})
    assert (reply.status, reply.place) == (303, "/")
    assert reply.cookie.endswith('=""')
    ben.cookie = reply.cookie
    assert ben.get("/room").status == 403
    assert '<span class="who">Ana' in ana.get("/room").body  # the other device keeps it


def test_a_word_is_of_a_seat_that_is_held(room: Room) -> None:
    opened, _ = room
    ana, teacher = student_of(opened), teacher_of(opened)
    word = word_of(ana)
    assert teacher.post("/teacher/remove", {"student": "1"}).status == 303
    for typed in (word, "", "A" * 16, word + "A", opened.key):
        reply = Person(opened.room.address, "").post("/return", {"word": typed})
        assert (reply.status, reply.cookie) == (403, "")
        assert "not the word of a seat" in reply.body


def test_a_script_that_tries_words_is_stopped(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, _ = room
    monkeypatch.setattr("sim.seminar.web.guard.MOST_BEYOND", 5)
    word = word_of(student_of(opened))
    script = Person(opened.room.address, "")
    found = [script.post("/return", {"word": "A" * 16}).status for _ in range(60)]
    assert found[0] == 403
    assert found[-1] == 429
    assert script.post("/return", {"word": word}).status == 429
    assert script.post("/join", {"code": opened.code, "name": "X", "group": "north"}).status == 429


def test_a_word_is_in_no_page_but_its_own_and_in_no_export(room: Room) -> None:
    opened, _ = room
    ana, teacher = student_of(opened), teacher_of(opened)
    word = word_of(ana)
    pages = [ana.get(p).body for p in ("/room", "/room/part", "/log", "/board", "/deadlines.ics")]
    paths = ("/teacher", "/teacher/export/record.jsonl?names=1", "/teacher/export/scores.csv")
    pages += [teacher.get(p).body for p in paths]
    assert not any(word in p or word.replace(" ", "") in p for p in pages)
    assert word in ana.get("/seat").body


def test_a_class_in_a_room_has_no_words(tmp_path: Path) -> None:
    with served(tmp_path) as opened:
        ana = student_of(opened)
        for path in ("/seat", "/room/1", "/deadlines.ics"):
            assert ana.get(path).status == 404
        assert "way back" not in ana.get("/room").body
    assert spaced("ABCDEFGH") == "ABCD EFGH"


# ------------------------------------------------------------------------------------ the calendar


def test_the_calendar_holds_each_deadline_with_an_alarm(room: Room) -> None:
    opened, _ = room
    ana, teacher = student_of(opened), teacher_of(opened)
    reply = ana.get("/deadlines.ics")
    assert teacher.get("/deadlines.ics").body == reply.body
    entries = Calendar.from_ical(reply.body).walk("VEVENT")
    assert [(str(e["summary"]), e.decoded("dtstart")) for e in entries] == [
        ("Two capitals: the first vote of round 1 closes", _utc(CLOSES)),
        ("Two capitals: the second vote of round 1 closes", _utc(AGAIN)),
        ("Two capitals: the vote of round 2 closes", _utc(SECOND)),
    ]
    alarms = [e.walk("VALARM") for e in entries]
    assert [a.decoded("trigger") for (a,) in alarms] == [timedelta(days=-1)] * 3
    assert len({str(e["uid"]) for e in entries}) == 3
    reach(room, OPENS, "0-vote")
    assert teacher.post("/teacher/extend", {"minutes": "60"}).status == 303
    later = Calendar.from_ical(ana.get("/deadlines.ics").body).walk("VEVENT")
    moved = [
        e.decoded("dtstart") - e0.decoded("dtstart") for e, e0 in zip(later, entries, strict=True)
    ]
    assert moved == [timedelta(hours=1), timedelta(hours=1), timedelta(0)]
    assert [e["uid"] for e in later] == [e["uid"] for e in entries]
    assert all(a["sequence"] > b["sequence"] for a, b in zip(later, entries, strict=True))
    reach(room, CLOSES + HOUR, "0-again")
    assert len(Calendar.from_ical(ana.get("/deadlines.ics").body).walk("VEVENT")) == 2


def _utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC)


def test_the_calendar_is_text_as_its_standard_has_it_and_gives_nothing_away(
    tmp_path: Path,
) -> None:
    title = "Bałkany, rok; drugi: « nécessité »" + " ja" * 25
    made = plan(days=DAYS, title=title)
    with served(tmp_path, made, clock=Hand(OPENS)) as opened:
        text = student_of(opened).get("/deadlines.ics").body
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    assert r"Bałkany\, rok\; drugi: « nécessité »" in text.replace("\r\n ", "")
    for entry in Calendar.from_ical(text).walk("VEVENT"):
        assert str(entry["summary"]).startswith(title)
    data = lesson()["seminar"]
    for hidden in ("Winter", "Spring", "state", "Rome", *(r["cut"] for r in data["rounds"])):
        assert hidden not in text


# ----------------------------------------------------------------------------------- rehearsals


@pytest.mark.slow
def test_a_rehearsal_plays_homework_in_fast_time(tmp_path: Path) -> None:
    found = rehearse(plan(days=DAYS), 9, tmp_path / "rehearsal")
    assert found.failures == []
    assert (
        found.stored == found.acknowledged == 7 + 9 + 8
    )  # one is late, one is away in first votes
    assert "9 December 2026, 19:00 (Europe/Berlin)" in "\n".join(found.lines())


@pytest.mark.slow
def test_control_a_reveal_that_is_not_shown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the next round opens, the present one is the one that is revealed."""
    reading = lambda room, _: replace(room, phase="read")  # noqa: E731
    monkeypatch.setattr("sim.seminar.web.days.at_reveal", reading)
    found = rehearse(plan(days=DAYS), 3)
    assert any("does not show “What happened”" in f for f in found.failures)
