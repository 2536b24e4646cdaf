"""A small lesson for the tests of the seminar, and the room it is held in."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.record import LESSON as HELD
from sim.seminar.lesson.record import Forecasted
from sim.seminar.lesson.session import Session
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR

CHANNEL = "fra-ita/ministers"

LESSON: dict[str, Any] = {
    "schema": 1,
    "title": "A small lesson",
    "question": "What comes next?",
    "as_of": "2021-12-31",
    "until": "2022-12-31",
    "parties": {"FRA": {"doctrine": "transactional"}, "ITA": {"doctrine": "transactional"}},
    "history": {
        "schema": 4,
        "title": "A small log",
        "channels": {
            CHANNEL: {"parties": ["FRA", "ITA"], "initial": "open", "complete_from": "2021-01-01"}
        },
        "sources": {
            "paper": {"title": "What a newspaper wrote later", "date": "2021-12-01"},
            "early": {"title": "What a newspaper wrote at once", "date": "2021-01-10"},
        },
        "events": [
            {
                "id": "first-call",
                "date": "2021-01-10",
                "kind": "call_held",
                "channel": CHANNEL,
                "summary": "The two ministers speak by telephone about fishing.",
                "source": {"document": "early", "paragraph": 2},
                "accounts": {"ITA": {"denial": True, "summary": "It was a wrong number."}},
            },
            {
                "id": "the-cut",
                "date": "2021-03-01",
                "kind": "contact_cut",
                "channel": CHANNEL,
                "by": "ITA",
                "summary": "Rome ends all contact over a trawler.",
                "source": {"document": "paper"},
                "doubt": "The day is not certain.",
            },
            {
                "id": "second-call",
                "date": "2021-06-01",
                "kind": "call_held",
                "channel": CHANNEL,
                "by": "FRA",
                "summary": "Paris rings Rome again after a quarter of a year.",
                "source": {"document": "paper"},
            },
        ],
    },
    "outcomes": {
        "cut": {"type": "event_by", "kind": "contact_cut", "title": "One of them cuts contact"},
        "open": {"type": "state_by", "state": "open", "title": "The channel is open"},
        "open-then": {"type": "state_at", "state": "open"},
        "share": {"type": "share_of_days", "state": "open"},
    },
    "seminar": {
        "title": "Two capitals",
        "minutes": {"vote": 4, "discuss": None, "again": 2},
        "groups": ["north", "south"],
        "roles": {
            "paris": {"title": "the desk in Paris", "viewpoint": "FRA", "brief": "Look at Paris."},
            "press": {"title": "the press"},
        },
        "retold": {"first-call": "The ministers speak."},
        "rounds": [
            {
                "title": "Winter",
                "cut": "2021-02-15",
                "by": "2021-03-31",
                "questions": [
                    {"ask": "next_state"},
                    {"ask": "outcome", "outcome": "cut", "by": "2021-03-10"},
                ],
            },
            {
                "title": "Spring",
                "cut": "2021-05-01",
                "by": "2021-06-30",
                "minutes": {"vote": None},
                "questions": [{"ask": "next_state", "viewpoint": "FRA"}],
            },
        ],
    },
}

DAYS: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "rounds": [
        {
            "opens": "2026-11-30T08:00",
            "closes": "2026-12-02T18:00",
            "again_closes": "2026-12-04T18:00",
            "reveals": "2026-12-04T20:00",
        },
        {"closes": "2026-12-09T18:00"},
    ],
}
"""The dates of the lesson where it is homework."""
SALT = "5" * 64
TEACHER = "7" * 64


def lesson(**changes: Any) -> dict[str, Any]:
    """Return a copy of the lesson, its `seminar` block updated."""
    data = deepcopy(LESSON)
    data["seminar"].update(changes)
    return data


def plan(**changes: Any) -> Plan:
    """Return the plan of the lesson."""
    return plan_of(load_scenario(lesson(**changes)))


def seat(n: int) -> str:
    """Return the digest of a made-up secret."""
    return f"{n:064x}"


def opened(folder: Path, students: int = 0, **changes: Any) -> Session:
    """Return an open session with students who have joined, one a second."""
    session = Session(plan(**changes), Store(folder / "record.sqlite", SEMINAR))
    session.start(0, "ABC234", TEACHER)
    for n in range(1, students + 1):
        group = ("north", "south")[n % 2] if session.plan.lesson.groups else None
        session.join(1_000 * n, f"Student {n}", group, seat(n))
    return session


def forecasted(session: Session) -> None:
    """Give the room a forecast of every round, without running anything."""
    for round_ in session.plan.rounds:
        even = {
            q.id: tuple(1 / len(q.options) for _ in q.options)
            for q in round_.questions
            if not q.own
        }
        session.forecasted(
            10_000,
            Forecasted(
                round=round_.number, probabilities=even, worlds=2_000, seed=1, weights="FRA: x"
            ),
        )


def go_to(session: Session, phase: str, now_ms: int = 100_000) -> None:
    """Press the teacher's button until a phase is reached."""
    from sim.seminar.lesson.record import place_of

    for _ in range(20):
        session.advance(now_ms, place_of(session.room), SALT)
        if session.room.phase == phase or (phase == "over" and session.room.ended):
            return
    raise AssertionError(f"the lesson never reaches {phase}")


def percents(session: Session, first: int = 40) -> dict[str, tuple[int, ...]]:
    """Return an answer to the present round, `first` percent on the first option of each."""
    found: dict[str, tuple[int, ...]] = {}
    for question in session.plan.rounds[HELD.of(session.room).round].questions:
        if len(question.options) == 2:
            found[question.id] = (first, 100 - first)
        else:
            others = len(question.options) - 1
            rest = (100 - first) // others
            last = 100 - first - (others - 1) * rest
            found[question.id] = (first, *[rest] * (others - 1), last)
    return found
