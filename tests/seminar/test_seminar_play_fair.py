"""One student sits in one team, a question without a limit is remembered, and nobody knows the seed
of a lesson before its debrief."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lessons import SALT, TEACHER, seat
from plays import advance, class_of, comes_to, play_on
from plays import play_plan as small_plan
from rooms import served, teacher_of, until
from tabled import Table, play_plan

from sim.ground.errors import InputError
from sim.log.file import to_jsonl
from sim.seminar.lesson.record import place_of
from sim.seminar.lesson.session import Session
from sim.seminar.pages.presenter import Presenter
from sim.seminar.pages.viewer import Viewer
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import Seat
from sim.seminar.play.teams import seating
from sim.seminar.play.worlds import seed_from
from sim.seminar.record.names import person_of
from sim.seminar.record.refusal import Refused
from sim.seminar.record.store import Store
from sim.seminar.web.filling import filled
from sim.seminar.what_if.whole import SEMINAR

# ---------------------------------------------------------------------------------- one team


@pytest.mark.parametrize(
    ("one", "two"),
    [("Ana", "Ana (2)"), ("Ana (3)", "Ana (2)"), ("Ana", "аna (2)"), ("x" * 40, f"{'x' * 36} (2)")],
)
def test_two_devices_of_one_name_are_one_person(one: str, two: str) -> None:
    assert person_of(one) == person_of(two)


def test_control_two_names_are_two_persons() -> None:
    assert len({person_of(n) for n in ("Ana", "Anna", "Ana B", "Student 1", "Student 2")}) == 5


def test_students_of_one_name_sit_together() -> None:
    names = {1: "Ana", 2: "Ben", 3: "Ana (2)", 4: "Cem", 5: "Dea", 6: "Ben (2)"}
    seats = seating(names, 1, ("FRA", "ITA"))
    assert seats[1] == seats[3]
    assert seats[2] == seats[6]
    sizes = [sum(s.party == p for s in seats.values()) for p in ("FRA", "ITA")]
    assert sizes == [3, 3]


def test_the_teams_are_seated_when_heads_and_students_are_as_many(tmp_path: Path) -> None:
    table = Table(tmp_path, 6)
    room = table.session.room
    with pytest.raises(Refused, match="6 students have joined, and you see 5"):
        table.session.advance(1, place_of(room), SALT, 1, heads=5)
    assert table.session.room is room
    table.session.advance(1, place_of(room), SALT, 1, heads=6)
    assert table.state.stage == "instruct"


def test_the_teacher_is_asked_for_the_heads(tmp_path: Path) -> None:
    with served(tmp_path, small_plan()) as opened:
        teacher, _ = teacher_of(opened), class_of(opened, "ABCD")
        assert 'name="heads"' in teacher.get("/teacher").body
        form = {"seen": place_of(opened.room.session.room), "tables": "1"}
        refused = teacher.post("/teacher/advance", form | {"heads": "3"})
        assert refused.status == 422
        assert "4 students have joined, and you see 3" in refused.body
        assert teacher.post("/teacher/advance", form | {"heads": "4"}).status == 303


def test_a_second_device_that_comes_late_gets_no_place_in_the_other_team(tmp_path: Path) -> None:
    table = Table(tmp_path, 6)
    table.begin()
    own = table.state.seats[1]
    other = next(s for s in table.state.seats.values() if s != own)
    late = table.session.join(table.now, "Student 1", "north", seat(77)).number
    new = table.session.join(table.now, "Somebody", "north", seat(78)).number
    shown = Presenter(table.plan).values(table.session.room, Viewer("teacher"))["play"]
    assert shown["only"] == {late: (own.table, own.party), new: None}
    with pytest.raises(Refused, match=f"sits at table 1, for {own.party}: only that team"):
        table.controller.seat(table.now, late, other)
    table.controller.seat(table.now, late, own)
    table.controller.seat(table.now, new, other)
    assert (table.state.seats[late], table.state.seats[new]) == (own, other)


def test_a_name_whose_seat_was_removed_may_sit_anywhere(tmp_path: Path) -> None:
    table = Table(tmp_path, 6)
    table.begin()
    other = Seat(1, "ITA") if table.state.seats[1].party == "FRA" else Seat(1, "FRA")
    table.session.remove(table.now, 1)
    again = table.session.join(table.now, "Student 1", "north", seat(79)).number
    table.controller.seat(table.now, again, other)
    assert table.state.seats[again] == other


# ---------------------------------------------------------------------------------- a reminder


def pages(table: Table, now_ms: int) -> list[str]:
    """Return the pages of the team that is asked, and the teacher's, at some time."""
    presenter, room = Presenter(table.session.plan), table.session.room
    member = room.students[table.team()[0]]
    found = []
    for viewer in (Viewer("room", member), Viewer("teacher")):
        told = presenter.values(room, viewer) | {"now_ms": now_ms, "connected": set(), "given": {}}
        body = filled(
            f"{viewer.page}.html", 200, **told, problem="", address="", part=False, trouble=""
        ).body
        found.append(bytes(body).decode())
    return found


def test_a_question_without_a_limit_has_a_reminder(tmp_path: Path) -> None:
    table = Table(tmp_path, 6)
    table.begin()
    assert not any("data-asked" in page for page in pages(table, table.now))
    table.session.without_limit(table.now)
    limit = 60_000  # an_hour is 60
    for page in pages(table, table.now + limit - 1):
        assert f'data-asked="{table.now}" data-after="{limit}" hidden>' in page
    for page in pages(table, table.now + 3 * limit):
        assert f'data-asked="{table.now}" data-after="{limit}">' in page
        assert "<span data-waited>3</span> minutes" in page
    (team, _) = pages(table, table.now + limit)
    assert "Vote, yes or no." in team
    table.controller.vote(table.now, table.team()[0], 0, True)
    (team, _) = pages(table, table.now + limit)
    assert "You have voted: remind your team." in team


# ---------------------------------------------------------------------------------- the seed


def seeded(folder: Path, seed: int) -> Table:
    """Return a table whose lesson has a seed of its own."""
    plan = play_plan()
    session = Session(plan, Store(folder / "record.sqlite", SEMINAR))
    session.open(0, "ABC234", seed)
    session.store.close()
    table = Table(folder, 0, plan)
    table.session.start(0, "ABC234", TEACHER)
    for n in range(1, 7):
        table.session.join(table.now, f"Student {n}", ("north", "south")[n % 2], seat(n))
    play = table.session.plan.play
    assert play is not None
    table.controller.plan = play
    return table


def test_a_lesson_has_a_seed_of_its_own(tmp_path: Path) -> None:
    table = seeded(tmp_path, 987_654_321)
    play, own = table.session.plan.play, table.plan.play
    assert play is not None
    assert own is not None
    assert play.seed == 987_654_321
    assert play.worlds.history().header["seed"] == 987_654_321
    assert [play.worlds.at(()).question, own.worlds.at(()).question][0] is not None
    assert to_jsonl(play.worlds.log_of((True,))) != to_jsonl(own.worlds.log_of((True,)))
    table.begin()
    table.vote(True, True, True)
    table.deal()
    before = table.state
    table.session.store.close()
    again = Session(play_plan(), Store(tmp_path / "record.sqlite", SEMINAR))  # it goes on
    assert again.plan.play is not None
    assert again.plan.play.seed == 987_654_321
    assert PLAY.of(again.room).tables == before.tables
    again.store.close()


def test_a_record_is_not_taken_for_one_of_another_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the seed the questions of the record are none of the lesson's."""
    table = seeded(tmp_path, 5)
    table.begin()
    table.session.store.close()
    monkeypatch.setattr(Session, "_take_seed", lambda self: None)
    with pytest.raises(InputError, match="is not the question that this version"):
        Session(play_plan(), Store(tmp_path / "record.sqlite", SEMINAR))


def test_nobody_is_told_the_seed_before_the_debrief(tmp_path: Path) -> None:
    seed = 918_273_645
    made = small_plan()
    session = Session(made, Store(tmp_path / "record.sqlite", SEMINAR))
    session.open(0, "ABC234", seed)
    session.store.close()
    with served(tmp_path, made) as opened:
        teacher, people = teacher_of(opened), class_of(opened, "ABCD")
        play = opened.room.session.plan.play
        assert play is not None
        assert play.seed == seed
        said: list[str] = []

        def look(number: int = 0, party: str = "") -> None:
            for path in ("/room", "/room/part", "/board", "/log", "/code.svg"):
                said.extend(person.get(path).body for person in people.values())

        look()
        advance(teacher, opened, tables="1")
        look()
        advance(teacher, opened)
        comes_to(opened, 0)
        play_on(opened, people, meanwhile=look)
        look()
        assert not any(str(seed) in body for body in said)
        advance(teacher, opened)
        assert until(lambda: f"seed {seed}" in people[1].get("/room").body)
        world = teacher.get("/teacher/export/table-1.jsonl").body
        assert re.search(rf'"seed": ?{seed}\b', world)


def test_a_seed_that_asks_nothing_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    made = play_plan().play
    assert made is not None
    monkeypatch.setattr("sim.seminar.play.worlds._asks", lambda plan: plan.seed == 12)
    assert seed_from(made, 10) == 12
    assert seed_from(made, 13) == made.scenario.ensemble.seed
