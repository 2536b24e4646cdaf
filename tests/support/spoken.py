"""All pages of a lesson in some language, as a class sees them one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exploring import exploring
from lessons import DAYS, lesson
from plays import advance, class_of, play_lesson, play_on, table_of, team_of
from rooms import Hand, press, served, student_of, teacher_of, until
from worn import worn_lesson

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.record import place_of
from sim.seminar.pages.handout import handout
from sim.seminar.web.live import Live
from sim.seminar.web.person import Person

NAMES = ("Ana", "Bo", "Cem", "Dee", "Eli", "Fay")
REASON = "Zzyx"
Page = tuple[str, str]
"""Where a page is, and its HTML."""


def rounds_in(language: str, **changes: Any) -> dict[str, Any]:
    """Return a lesson with rounds in a language."""
    data = lesson(language=language, **changes)
    data["history"]["channels"]["fra-ita/ministers"]["title"] = "Qwop"
    return data


def pages_of_rounds(folder: Path, language: str) -> Iterator[Page]:
    """Give the pages of a lesson with rounds, from the door to the what-ifs."""
    plan = plan_of(load_scenario(rounds_in(language)))
    with served(folder, plan) as opened:
        teacher = teacher_of(opened)
        stranger = Person(opened.room.address, "nobody")
        for path in ("/", "/room", "/teacher", "/nowhere", "/what-if"):
            yield f"stranger {path}", stranger.get(path).body
        wrong = stranger.post("/join", {"code": "AAAAAA", "name": "x", "group": "north"})
        yield "a wrong code", wrong.body
        people = [student_of(opened, name) for name in NAMES]
        yield "refused", people[0].get("/what-if").body
        for number in (1, 2):
            yield from _everybody(f"before {number}", teacher, people[0])
            for phase in ("read", "vote", "discuss", "again", "sealed", "revealed"):
                press(teacher, opened, phase)
                vote = {"vote": 1, "again": 2}.get(phase)
                for n, person in enumerate(people if vote else ()):
                    asked = plan.rounds[number - 1].questions
                    given = {
                        q.id: (40 + n, 60 - n) if q.yes_or_no else (40 + n, 30 - n, 20, 10)
                        for q in asked
                    }
                    assert person.answer(number - 1, vote or 0, given, f"{REASON} {n}")
                yield from _everybody(f"{phase} {number}", teacher, people[0])
            bad = {"round": "0", "vote": "1", "reason": "", "p.r1q1.0": "x"}
            yield "a bad answer", people[0].post("/answer", bad).body
        advance(teacher, opened)
        yield from _everybody("over", teacher, people[0])
        yield from _what_ifs(opened, teacher, people[0])


def _everybody(where: str, teacher: Person, student: Person) -> Iterator[Page]:
    for path, person in (("/teacher", teacher), ("/board", teacher), ("/room", student)):
        yield f"{where}: {path}", person.get(path).body
    for path in ("/log", "/log?at=1"):
        yield f"{where}: {path}", student.get(path).body


def _what_ifs(opened: Any, teacher: Person, student: Person) -> Iterator[Page]:
    teacher.get("/what-if")
    teacher.post("/what-if/remove", {"event": "the-cut"})
    inserted = {"kind": "escalation", "date": "2021-05-01", "by": "FRA", "severity": "0.3"}
    teacher.post("/what-if/insert", inserted)
    teacher.post("/what-if/slide", {"s0": "1"})
    yield "a slider too far", teacher.post("/what-if/slide", {"s0": "99"}).body
    live = opened.room.what_if
    _drawn(live)
    teacher.post("/what-if/keep", {"name": REASON})
    teacher.post("/what-if/why", {"outcome": "cut"})
    assert until(lambda: not live.sharing.explainer.running, 60)
    live.renew()
    for path, person in (("/what-if", teacher), ("/what-if", student), ("/what-if/board", teacher)):
        yield f"over: {path}", person.get(path).body


def _drawn(live: Live) -> None:
    """Wait until worlds of the present position are drawn, and fill the pages with them."""
    drawer = live.sharing.drawer
    assert until(lambda: drawer.drawn(live.sharing.now.position), 90)
    assert until(lambda: drawer.drawn(live.sharing.start), 90)
    live.renew()


def pages_of_play(folder: Path, language: str) -> Iterator[Page]:
    """Give the pages of a role play, from the door to a game alone."""
    data = play_lesson({"language": language}, tables=1)
    plan = plan_of(load_scenario(data))
    with served(folder, plan) as opened:
        teacher = teacher_of(opened)
        people = class_of(opened, NAMES)
        student = people[1]
        yield from _everybody("before", teacher, student)
        advance(teacher, opened)
        late = student_of(opened, "Gus", "")
        for person in people.values():
            yield "instructions", person.get("/room").body
        yield from _everybody("instructions", teacher, late)
        student.post("/play/instruct", {"text": REASON})
        advance(teacher, opened)
        seen = list[Page]()

        def meanwhile(number: int, party: str) -> None:
            for person in team_of(opened, people, party):
                for part in ("adviser", "desk", "press") if number == 0 else ():
                    form = {"number": "0", "part": part, "text": REASON}
                    person.post("/play/note", form)
                for path in ("/room", "/log"):
                    seen.append((f"question {number}: {path}", person.get(path).body))
            seen.append((f"question {number}: teacher", teacher.get("/teacher").body))
            seen.append((f"question {number}: board", teacher.get("/board").body))

        play_on(opened, people, meanwhile=meanwhile)
        yield from seen
        assert table_of(opened).ended is not None
        yield from _everybody("at the end", teacher, student)
        advance(teacher, opened)
        yield from _everybody("debrief", teacher, student)
        yield "a table's log", student.get("/log?table=1").body
        yield "alone", student.get("/alone").body
        student.post("/alone/begin", {"party": "FRA"})
        for number in range(40):
            page = student.get("/alone/0").body
            yield "alone: a game", page
            form = {
                "game": "0",
                "number": str(number),
                "answer": ("yes", "no", "doctrine")[number % 3],
            }
            if 'name="answer"' not in page:
                break
            student.post("/alone/answer", form)
        yield "alone: the log", student.get("/alone/0/log").body
        yield "alone: the menu", student.get("/alone").body


def pages_in_disguise(folder: Path, language: str) -> Iterator[Page]:
    """Give the pages of a lesson whose names and dates are others until it is over."""
    data = worn_lesson()
    data["seminar"]["language"] = language
    with served(folder, plan_of(load_scenario(data))) as opened:
        teacher = teacher_of(opened)
        people = [student_of(opened, name, data["seminar"]["groups"][0]) for name in NAMES]
        for _ in range(30):
            if opened.room.session.room.ended:
                break
            where = f"in disguise {place_of(opened.room.session.room)}"
            yield from _everybody(where, teacher, people[0])
            before = place_of(opened.room.session.room)
            advance(teacher, opened)
            assert before != place_of(opened.room.session.room)
        yield from _everybody("lifted", teacher, people[0])


MOMENTS = ("11-30T07", "11-30T09", "12-02T19", "12-04T19", "12-04T21", "12-09T19")
"""An hour before the homework begins, and one after each of its dates."""


def pages_over_days(folder: Path, language: str) -> Iterator[Page]:
    """Give the pages of a homework over days."""
    zone, clock = ZoneInfo(DAYS["zone"]), Hand(0)
    made = plan_of(load_scenario(lesson(language=language, days=DAYS)))
    at = [datetime.fromisoformat(f"2026-{m}:00").replace(tzinfo=zone) for m in MOMENTS]
    clock.now_ms = round(at[0].timestamp() * 1_000)
    with served(folder, made, clock=clock) as opened:
        teacher = teacher_of(opened)
        people = [student_of(opened, name) for name in NAMES]
        for moment in at:
            before = place_of(opened.room.session.room)
            clock.now_ms = round(moment.timestamp() * 1_000)
            if moment != at[0]:
                assert until(lambda old=before: place_of(opened.room.session.room) != old)
            where = f"over days {place_of(opened.room.session.room)}"
            yield from _everybody(where, teacher, people[0])
            for path in ("/seat", "/room/1"):
                yield f"{where}: {path}", people[0].get(path).body


def other_pages(language: str) -> Iterator[Page]:
    """Give the handout, and the page of one person's what-ifs."""
    yield "handout", handout(load_scenario(rounds_in(language)))
    data = rounds_in(language)
    with exploring(load_scenario(data), language) as made:
        one = Person(made.alone.origins[0], "one")
        yield "explore: no key", one.get("/what-if").body
        one.cookie = one.get(f"/enter?key={made.alone.key}").cookie
        one.get("/what-if")
        _drawn(made.alone.live)
        yield "explore", one.get("/what-if").body
