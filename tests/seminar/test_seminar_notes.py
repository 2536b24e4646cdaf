"""Notes are the teacher's alone, and `after` is everybody's once the lesson has ended."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from lessons import LESSON, lesson, opened, plan
from plays import PLAY
from rooms import served, student_of, teacher_of

from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.record import place_of
from sim.seminar.pages.handout import handout
from sim.seminar.pages.presenter import Presenter
from sim.seminar.web.rehearsal import rehearse

LESSONS_OWN, WINTER, SPRING, PLAYED = "Anchovy & <b>", "Haddock", "Mullet", "Turbot"
NOTES = ("Anchovy", WINTER, SPRING, PLAYED)
AFTER = "Parsley\nand <i>thyme</i>"
PAGES: tuple[str, ...] = (
    "/room",
    "/room/part",
    "/log",
    "/log?at=1",
    "/log?table=1",
    "/what-if",
    "/what-if/drawn",
    "/alone",
    "/alone/0",
    "/",
    "/what-if/export/0",
    "/what-if/export/-1",
    "/code.svg",
)
TEACHERS = ("/teacher", "/teacher/part", "/teacher/export/record.jsonl", "/board", "/board/part")


def noted() -> dict[str, Any]:
    """A lesson with rounds and a role play, and notes wherever there may be some."""
    data = lesson(notes=LESSONS_OWN, after=AFTER, play=deepcopy(PLAY) | {"from": "2021-07-01"})
    data["ensemble"] = {"seed": 2}
    for part, text in zip(data["seminar"]["rounds"], (WINTER, SPRING), strict=True):
        part["notes"] = f"{text}."
    data["seminar"]["play"] |= {"notes": f"{PLAYED}.", "until": "2021-12-31", "tables": 1}
    return data


def noted_plan() -> Plan:
    return plan_of(load_scenario(noted()))


def walked(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Press the teacher's button to the end, and load at each step whatever can be loaded: what
    came back, by who asked, with the step."""
    seen: dict[str, list[tuple[str, str]]] = {"student": [], "teacher": [], "board": []}
    with served(folder, noted_plan()) as room:
        room.room.often.at_once = room.room.often.a_second = 1e6
        teacher, student = teacher_of(room), student_of(room)
        held = room.room.session
        while True:
            step = "over" if held.room.ended else place_of(held.room)
            for path in (*PAGES, *TEACHERS):
                seen["student"].append((step, f"{path} {student.get(path)}"))
            seen["teacher"].append((step, teacher.get("/teacher").body))
            seen["board"] += [(step, teacher.get(p).body) for p in ("/board", "/what-if/board")]
            if held.room.ended:
                return seen
            form = {"tables": "1", "heads": "1"} if "revealed" in step else {}
            assert teacher.post("/teacher/advance", {"seen": place_of(held.room), **form}).ok


def leaks(seen: dict[str, list[tuple[str, str]]]) -> set[str]:
    """Name the notes that students or the projector got, and `after` where it came too early."""
    given = [*seen["student"], *seen["board"]]
    early = {"after" for step, body in given if "Parsley" in body and step != "over"}
    return early | {word for word in NOTES for _, body in given if word in body}


def test_students_and_the_projector_get_no_note_and_after_only_at_the_end(tmp_path: Path) -> None:
    seen = walked(tmp_path)
    assert leaks(seen) == set()
    for who in seen:  # control: everybody reads what is for the end, as text
        last = [body.replace("\\n", "\n") for step, body in seen[who] if step == "over"]
        assert any("Parsley\nand &lt;i&gt;thyme&lt;/i&gt;" in body for body in last), who


def test_the_teacher_s_page_has_the_notes_of_the_lesson_and_of_the_present_part(
    tmp_path: Path,
) -> None:
    pages = dict(walked(tmp_path)["teacher"])
    assert all("Anchovy &amp; &lt;b&gt;" in page for page in pages.values())
    shown = {step: [w for w in (WINTER, SPRING, PLAYED) if w in pages[step]] for step in pages}
    assert shown["-1-before"] == []
    assert shown["0-read"] == shown["0-revealed"] == [WINTER]
    assert shown["1-discuss"] == [SPRING]
    assert shown["play-instruct"] == shown["play-debrief"] == shown["over"] == [PLAYED]


def test_control_a_page_that_shows_notes_to_everybody_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Presenter.values

    def talkative(self: Presenter, room: Any, viewer: Any) -> dict[str, Any]:
        return honest(self, room, viewer) | {"welcome": LESSONS_OWN, "lesson": AFTER}

    monkeypatch.setattr(Presenter, "values", talkative)
    assert leaks(walked(tmp_path)) == {"Anchovy", "after"}


@pytest.mark.slow
def test_a_rehearsal_catches_notes_that_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(notes="The class will think that Rome is bluffing.")
    honest = Presenter.values

    def talkative(self: Presenter, room: Any, viewer: Any) -> dict[str, Any]:
        return honest(self, room, viewer) | {"lesson": made.lesson.notes}

    monkeypatch.setattr(Presenter, "values", talkative)
    assert any("Rome is bluffing" in f for f in rehearse(made, 3).failures)


def test_a_handout_holds_no_notes() -> None:
    written = handout(load_scenario(noted()))
    assert "Winter" in written  # control: the rounds are in it
    assert [word for word in (*NOTES, "Parsley") if word in written] == []


def test_a_room_goes_on_where_notes_are_changed_and_not_where_the_end_is(tmp_path: Path) -> None:
    assert noted_plan().digest != plan().digest  # control: it has a play, and something at the end
    data = deepcopy(LESSON)
    data["seminar"]["rounds"][0]["notes"] = "New."
    data["seminar"]["notes"] = "Newer."
    assert plan_of(load_scenario(data)).digest == plan().digest
    assert plan(after="New.").digest != plan().digest
    opened(tmp_path, notes="Old.").store.close()
    again = opened(tmp_path, notes="New.")
    assert again.plan.lesson.notes == "New."
    again.store.close()
