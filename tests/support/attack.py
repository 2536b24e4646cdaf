"""What a student may try, and must not get: each attack is one request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sim.seminar.lesson.plan import RoundPlan
from sim.seminar.web.person import Person, Reply


@dataclass(frozen=True)
class Attack:
    """One thing that is tried."""

    name: str
    deed: Callable[[], Reply]
    harmless: bool = False
    """Whether a page may come back; it must then show nothing that is hidden."""


def attacks(base: str, student: Person, round_: RoundPlan) -> Iterator[Attack]:
    """List attacks by a student in a round, and by a stranger."""
    stranger = Person(base, "stranger")
    seat = student.cookie.partition("=")[0]
    forged = Person(base, "forger", cookie=f"{seat}={'A' * 32}")
    teacher_too = f"{student.cookie}; {seat.replace('seat', 'teacher')}={'A' * 32}"
    teacher = Person(base, "forger", cookie=teacher_too)
    form = {"round": str(round_.number), "vote": "1", "reason": "x"}
    for n, question in enumerate(round_.questions):
        for place in range(len(question.options)):
            form[f"p.{question.id}.{place}"] = str(100 // len(question.options) + n)
    for path in ("/teacher", "/teacher/part", "/teacher/export/record.jsonl"):
        yield Attack(f"a student opens {path}", partial(student.get, path))
        yield Attack(f"a forged teacher opens {path}", partial(teacher.get, path))
    for name in ("scores.csv", "record.jsonl?names=1", "../record.sqlite", "record.sqlite"):
        yield Attack(f"a student exports {name}", partial(student.get, f"/teacher/export/{name}"))
    for act in ("advance", "pause", "resume", "extend", "unlimited", "remove", "hide"):
        told = {"seen": f"{round_.number}-vote", "minutes": "5", "student": "2"}
        told |= {"round": "0", "vote": "1"}
        yield Attack(f"a student does {act}", partial(student.post, f"/teacher/{act}", told))
    for path in ("/what-if", "/what-if/part", "/what-if/board", "/what-if/export/1.yaml"):
        yield Attack(f"a student opens {path}", partial(student.get, path))
        yield Attack(f"a stranger opens {path}", partial(stranger.get, path))
    for act, told in {
        "slide": {"s0": "1"},
        "remove": {"event": "x"},
        "insert": {"kind": "contact_cut", "date": "2022-01-01"},
        "reset": {},
        "keep": {"name": "mine"},
        "everybody": {"may": "1"},
        "why": {"outcome": "r1q1"},
    }.items():
        yield Attack(
            f"a student asks what if, {act}", partial(student.post, f"/what-if/{act}", told)
        )
    for path in ("/alone", "/alone/0", "/alone/0/log"):
        yield Attack(f"a student opens {path}", partial(student.get, path))
        yield Attack(f"a stranger opens {path}", partial(stranger.get, path))
    begun = {"party": "USA", "game": "0", "number": "0", "answer": "yes"}
    for act in ("begin", "answer"):
        yield Attack(f"a student does alone, {act}", partial(student.post, f"/alone/{act}", begun))
    yield Attack("a student listens to what-ifs", partial(student.get, "/events?page=what-if"))
    yield Attack("a stranger answers", partial(stranger.post, "/answer", form))
    yield Attack("a forged seat answers", partial(forged.post, "/answer", form))
    for path in ("/room", "/board", "/log", "/room/part", "/events?page=room", "/code.svg"):
        yield Attack(f"a stranger opens {path}", partial(stranger.get, path))
    yield Attack("a student listens as the teacher", partial(student.get, "/events?page=teacher"))
    yield Attack("the wrong code", partial(stranger.post, "/join", {"code": "AAAAAA", "name": "x"}))
    yield Attack("no code", partial(stranger.post, "/join", {"name": "x"}))
    for name, changed in {
        "another round": {"round": "19"},
        "a negative round": {"round": "-1"},
        "another vote": {"vote": "7"},
        "an empty reason": {"reason": ""},
        "a long reason": {"reason": "x" * 281},
        "control characters": {"reason": "\x1b[2J"},
        "a mark of direction": {"reason": "abc\u202edef"},
        "a question that is not asked": {"p.r9q9.0": "50", "p.r9q9.1": "50"},
        "a fraction": {f"p.{round_.questions[0].id}.0": "33.3"},
        "a probability of 0": {f"p.{round_.questions[0].id}.0": "0"},
        "a probability of 100": {f"p.{round_.questions[0].id}.0": "100"},
        "a place beyond the options": {f"p.{round_.questions[0].id}.99": "1"},
    }.items():
        yield Attack(name, partial(student.post, "/answer", {**form, **changed}))
    origin = {"Origin": "http://evil.example"}
    yield Attack("a form of another page", partial(student.post, "/answer", form, origin))
    host = {"Host": "evil.example"}
    yield Attack("another host", partial(student.request, "GET", "/room", None, host))
    big = {"reason": "x" * 20_000}
    yield Attack("a body that is too large", partial(student.post, "/answer", big))
    many = {f"x{n}": "1" for n in range(200)}
    yield Attack("too many fields", partial(student.post, "/answer", many))
    yield Attack("no form", partial(_raw, student, b"\xff\xfe\x00"))
    for path in (
        "/static/../room.py",
        "/static/%2e%2e/app.py",
        "/record.sqlite",
        "/log/../teacher",
    ):
        yield Attack(f"a path, {path}", partial(student.get, path))
    for query in ("at=99999", "at=-1", "day=2999-12-31", "day=%00", "at=1&at=999", "day=x"):
        yield Attack(f"the log at {query}", partial(student.get, f"/log?{query}"), harmless=True)


def _raw(person: Person, body: bytes) -> Reply:
    headers = {"Origin": person.base, "Content-Type": "application/x-www-form-urlencoded"}
    return person.request("POST", "/answer", body, headers)
