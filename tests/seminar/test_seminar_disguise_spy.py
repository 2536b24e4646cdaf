"""A lesson in disguise: a spy reads every byte that a student can get, and finds nothing true."""

from __future__ import annotations

import http.client
import re
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from lessons import DAYS, percents
from plays import advance, play_on
from rooms import Hand, served, student_of, teacher_of, until
from spoken import MOMENTS
from worn import TRUE, seen, worn_lesson

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.disguised import Disguised, DisguisedGame
from sim.seminar.lesson.disguising import Disguising
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.record import LESSON, place_of
from sim.seminar.pages.shown import Faces, Shown
from sim.seminar.play.part import PLAY
from sim.seminar.web.filling import STATIC
from sim.seminar.web.person import Person
from sim.seminar.web.serve import Opened

PATHS = (
    *("/", "/?code=X", "/room", "/room/part", "/board", "/board/part", "/teacher", "/code.svg"),
    *("/teacher/part", "/teacher/enter", "/what-if", "/what-if/board", "/what-if/part", "/nothing"),
    *(f"/log{q}" for q in ("", "?at=1", "?at=2", "?at=99", "?day=1981-03-01", "?day=x")),
    *(f"/log{q}" for q in ("?table=1", "?table=1&at=1", "?day=2100-01-01", "?day=1800-01-01")),
    *("/seat", "/room/1", "/room/2", "/room/1/part", "/deadlines.ics"),
    *("/alone", "/alone/0", "/alone/0/log", "/what-if/export/0", "/what-if/export/now"),
    *(f"/teacher/export/{n}" for n in ("record.jsonl", "scores.csv", "decisions.csv", "x")),
    *("/events?page=teacher", "/events?page=what-if", "/static/nothing.js"),
)
FILES = [f"/static/{path.name}" for path in sorted(STATIC.iterdir())]
"""What is the same at any time: it is asked for once."""
FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/join", {"code": "WRONG", "name": "x"}),
    ("/answer", {"round": "7", "vote": "1", "reason": "x"}),
    ("/answer", {"round": "0", "vote": "1", "reason": "x", "p.r1q1.0": "200"}),
    ("/play/vote", {"number": "77", "answer": "yes"}),
    ("/play/note", {"number": "77", "part": "press", "text": "x"}),
    ("/play/seat", {"team": "1 BOR", "student": "1"}),
    ("/teacher/advance", {"seen": "x"}),
    ("/alone/begin", {"party": "ARC"}),
    ("/what-if/remove", {"event": "event-1"}),
    ("/what-if/insert", {"kind": "call_held", "channel": "x"}),
    ("/teacher/enter", {"key": "x"}),
)
FOLDED = re.compile(r'<details class="numbers" id="who">.*?</details>', re.DOTALL)
"""The table of true names on the teacher's page, which stays folded."""


class Spy:
    """Somebody who keeps every byte: headers, bodies and streams."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.kept: list[tuple[str, str]] = []
        self.heard: list[bytearray] = []
        self.open: list[http.client.HTTPConnection] = []
        self.files = FILES

    def ask(self, what: str, form: dict[str, str] | None = None, stranger: bool = False) -> None:
        """Send a request, as the student or as a stranger, and keep what comes."""
        at = urlsplit(self.person.base)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
        headers = {"Origin": self.person.base, "Connection": "close"}
        headers |= {} if stranger else {"Cookie": self.person.cookie}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        connection.request("GET" if form is None else "POST", what, body, headers)
        answer = connection.getresponse()
        text = f"{answer.status} {answer.reason} {answer.getheaders()}"
        if not (answer.getheader("content-type") or "").startswith("text/event-stream"):
            text += answer.read().decode(errors="replace")
        connection.close()
        self.kept.append((what, text))

    def listen(self, page: str) -> None:
        """Keep what a stream tells for as long as it is open."""
        at, heard = urlsplit(self.person.base), bytearray()
        stream = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
        stream.request("GET", f"/events?page={page}", headers={"Cookie": self.person.cookie})
        answer = stream.getresponse()

        def read() -> None:
            with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
                while line := answer.readline():
                    heard.extend(line)

        self.open.append(stream)
        self.heard.append(heard)
        Thread(target=read, daemon=True).start()

    def look(self) -> None:
        """Get all that can be got."""
        for path in (*PATHS, *self.files):
            self.ask(path)
        self.files = []
        for path in ("/", "/room", "/log", "/board", "/nothing"):
            self.ask(path, stranger=True)
        for path, form in FORMS:
            self.ask(path, form)

    def found(self) -> list[str]:
        """Say what true words came since it was asked last, and from where."""
        streams = [("a stream", bytes(h).decode(errors="replace")) for h in self.heard]
        kept, self.kept = self.kept, []
        return [f"{w} in {what}" for what, text in [*kept, *streams] for w in seen(text)]

    def hang_up(self) -> None:
        """End the streams."""
        for stream in self.open:
            with suppress(OSError):
                if stream.sock is not None:
                    stream.sock.shutdown(socket.SHUT_RDWR)
            stream.close()


def teachers(teacher: Person) -> list[str]:
    """Return the true words on the teacher's page, but for those in the folded table."""
    page = teacher.get("/teacher").body
    assert FOLDED.search(page)
    return seen(FOLDED.sub("", page))


def spy_through(folder: Path, made: Plan) -> None:
    """Hold a whole lesson with six students, the first of whom is a spy."""
    with served(folder, made) as opened:
        opened.room.often.at_once = opened.room.often.a_second = 1e6
        teacher = teacher_of(opened)
        groups = ["north of Klow", "south of Szohod"]
        people = {
            n: student_of(opened, f"S{n}", groups[n % 2] if made.lesson.groups else "")
            for n in range(1, 8)
        }
        spy = Spy(people[1])
        for page in ("room", "board", "teacher", "what-if"):
            spy.listen(page)
        try:
            hold(opened, teacher, people, spy)
        finally:
            spy.hang_up()


def hold(opened: Opened, teacher: Person, people: dict[int, Person], spy: Spy) -> None:
    room = opened.room.session
    spy.look()
    assert spy.found() == []
    while LESSON.of(room.room).round < 1 or room.room.phase != "revealed":
        advance(teacher, opened)
        if room.room.phase in ("vote", "again"):
            for n, person in people.items():
                given = percents(room, 20 + n)
                vote = 1 if room.room.phase == "vote" else 2
                assert person.answer(LESSON.of(room.room).round, vote, given, f"Because {n}")
        spy.look()
        assert spy.found() == []
        assert teachers(teacher) == []
    late = student_of(opened, "Late", "north of Klow")
    advance(teacher, opened, tables="1", heads="8")
    latest = student_of(opened, "Latest", "north of Klow")
    assert teacher.post("/play/seat", {"team": "1 BOR", "student": "9"}).status == 303
    assert PLAY.of(room.room).seats[9].party == "ITA"
    spy.look()
    assert spy.found() == []
    assert latest.get("/room").ok
    assert late.get("/room").ok
    advance(teacher, opened)
    everybody, asked = {**people, 8: late, 9: latest}, []

    def meanwhile(number: int, party: str) -> None:
        asked.append(party)
        for who in everybody.values():
            spy.kept.append(("the page of a team", who.get("/room").body))
            spy.kept.append(("the log of a team", who.get("/log").body))
        spy.look()
        assert spy.found() == []
        assert teachers(teacher) == []

    play_on(opened, everybody, meanwhile=meanwhile)
    assert {*asked} == {"FRA", "ITA"}
    spy.look()
    assert spy.found() == []
    assert all(h for h in spy.heard[:2])
    lift(opened, teacher, spy)


def lift(opened: Opened, teacher: Person, spy: Spy) -> None:
    """At the debrief all is told: who was who, the true dates, and the what-ifs."""
    advance(teacher, opened)
    assert until(lambda: "is being run" not in spy.person.get("/room").body)
    for path in ("/room", "/board", "/log", "/log?table=1", "/what-if", "/alone"):
        spy.ask(path)
    told = dict(spy.kept)
    for path in ("/room", "/board"):
        assert "<strong>Arcadia:</strong> France." in told[path]
        assert "2021-02-15" in told[path]
        assert "1981-02-23" in told[path]
    assert "Aubert" in told["/log"]
    for path in ("/log?table=1", "/what-if", "/alone"):
        assert seen(told[path], ("FRA",)), path
        assert not seen(told[path], ("ARC",)), path
    advance(teacher, opened)
    assert place_of(opened.room.session.room) == "over"


@pytest.fixture(scope="module", name="made")
def _made() -> Plan:
    return plan_of(load_scenario(worn_lesson()))


@pytest.mark.slow
def test_a_spy_finds_nothing_true(tmp_path: Path, made: Plan) -> None:
    spy_through(tmp_path, made)


def homework(language: str) -> Plan:
    """The rounds of the lesson over days, in a language."""
    data = worn_lesson()
    data["seminar"] |= {"language": language, "days": DAYS, "welcome": "Paris, le 10 January 2021."}
    del data["seminar"]["play"]
    return plan_of(load_scenario(data))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_spy_finds_nothing_true_in_a_homework_over_days(tmp_path: Path, language: str) -> None:
    """Pages of dates, the calendar and earlier reveals are in disguise too, in either language."""
    zone, clock = ZoneInfo(DAYS["zone"]), Hand(0)
    moments = (*MOMENTS[:-1], "12-09T18")  # before the last reveal, which lifts the disguise
    at = [datetime.fromisoformat(f"2026-{m}:00").replace(tzinfo=zone) for m in moments]
    clock.now_ms = round(at[0].timestamp() * 1_000)
    with served(tmp_path, homework(language), clock=clock) as opened:
        opened.room.often.at_once = opened.room.often.a_second = 1e6
        people = [student_of(opened, f"S{n}", "north of Klow") for n in range(1, 7)]
        spy, room = Spy(people[0]), opened.room.session
        for page in ("room", "board"):
            spy.listen(page)
        try:
            assert "BEGIN:VALARM" in spy.person.get("/deadlines.ics").body
            for moment in at:
                before = place_of(room.room)
                clock.now_ms = round(moment.timestamp() * 1_000)
                if moment != at[0]:
                    assert until(lambda old=before: place_of(room.room) != old)
                for n, person in enumerate(people if room.room.phase in ("vote", "again") else ()):
                    vote = 1 if room.room.phase == "vote" else 2
                    given = percents(room, 20 + n)
                    assert person.answer(LESSON.of(room.room).round, vote, given, f"Because {n}")
                spy.look()
                found = [told for told in spy.found() if not told.startswith("eu ")]  # French: had
                assert found == [], place_of(room.room)
            assert "1981" in spy.person.get("/room/1").body
            clock.now_ms += 3 * 3_600_000
            assert until(lambda: room.room.phase == "revealed")
            spy.ask("/room")
            assert seen(spy.kept[-1][1], ("France",))
        finally:
            spy.hang_up()


LEAKS = (
    "a caveat",
    "a name",
    "a code",
    "an id",
    "dates",
    "a source",
    "the room",
    "a question",
    "the door",
)


@pytest.mark.slow
@pytest.mark.parametrize("leak", LEAKS)
def test_control_what_is_out_of_reach_is_found(
    tmp_path: Path, made: Plan, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    text, slug = Disguising.text, Disguising.slug
    match leak:
        case "a name":
            held = lambda self, t: "Trieste" if "Trieste" in t else text(self, t)  # noqa: E731
            monkeypatch.setattr(Disguising, "text", held)
        case "a code":
            monkeypatch.setattr(Disguising, "code", lambda self, code: code)
            monkeypatch.setattr(Disguised, "room", lambda self, room: room)
        case "an id":
            held = lambda self, s: s if "fra-ita" in s else slug(self, s)  # noqa: E731
            monkeypatch.setattr(Disguising, "slug", held)
        case "dates":
            monkeypatch.setattr(Disguising, "text", Disguising.plain)
        case "a caveat":
            said = "The weights were made for DEU and BOR."
            monkeypatch.setattr("sim.seminar.pages.shown.ELSEWHERE", said)
        case "a source":
            monkeypatch.setattr("sim.seminar.lesson.disguising.SOURCE", "Aubert. Le Matin")
        case "the room":
            monkeypatch.setattr(Disguised, "room", lambda self, room: room)
        case "a question":
            monkeypatch.setattr(DisguisedGame, "_worn", lambda self, question: question)
        case "the door":
            shown = Faces.shown

            def open_(self: Faces, room: Any) -> Shown:
                found = shown(self, room)
                return found if room.phase else replace(found, presenter=self.presenter)

            monkeypatch.setattr(Faces, "shown", open_)
    with pytest.raises((AssertionError, KeyError)):
        spy_through(tmp_path, made)


def test_the_words_to_look_for_are_words_of_the_lesson() -> None:
    written = str(worn_lesson())
    assert [w for w in TRUE if not seen(written, (w,))] == ["Switzerland"]
