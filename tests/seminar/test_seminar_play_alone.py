"""Playing alone: on from an answer of a table, or at home from the first day; tables stay as they
are, and nobody sees what comes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lessons import lesson, seat
from plays import advance, class_of, comes_to, play_on, table_of
from plays import play_plan as small_plan
from rooms import served, student_of, teacher_of, until
from tabled import PLAY as ROLE_PLAY
from tabled import Table, play_plan

import sim
from sim.cli.app import main
from sim.ground.errors import InputError
from sim.ground.yaml import dump_yaml
from sim.log.file import to_jsonl
from sim.log.projection import known_until
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.session import Session
from sim.seminar.pages.export import exports, save_exports
from sim.seminar.play.alone import ALONE, AloneBegan
from sim.seminar.play.alone_controller import MOST_GAMES, AloneController
from sim.seminar.play.alone_worlds import AloneWorlds, Start, start_of
from sim.seminar.play.part import PLAY
from sim.seminar.record.refusal import Refused
from sim.seminar.record.store import Store
from sim.seminar.web.person import Person
from sim.seminar.web.serve import Opened
from sim.seminar.what_if.whole import SEMINAR, take_up
from sim.study.playing import load_play

FAIR = {"spread": True, "apart_days": 3, "questions": 8}


def played(folder: Path, **changes: Any) -> tuple[Table, AloneController]:
    """Return a class at its debrief, and what plays alone."""
    table = Table(folder, 6, play_plan(**{**FAIR, **changes}))
    table.begin()
    table.to_the_end(True)
    table.advance()
    plan = table.plan.play
    assert plan is not None
    return table, AloneController(table.session.record, AloneWorlds(plan))


def to_the_end(alone: AloneController, student: int, game: int, answer: bool | None) -> int:
    """Answer all that is asked; return how much that was."""
    for number in range(100):
        start, found = alone.game(student, game)
        if alone.worlds.question(start, found.answers) is None:
            return number
        alone.answer(9_000, student, game, number, answer)
    raise AssertionError("the game does not end")


# ---------------------------------------------------------------------------------- worlds


def test_a_game_goes_on_from_an_answer_of_a_table(tmp_path: Path) -> None:
    table, alone = played(tmp_path)
    put = table.state.tables[1].put
    before, digest = table.state.tables, table.state.tables[1].ended.log_sha256
    for at, entry in enumerate(put):
        party = entry.question.party
        alone.begin(9_000, 1, party, 1, at)
        start, game = alone.game(1, at)
        question = alone.worlds.question(start, game.answers)
        assert question is not None
        assert (question.party, question.decision) == (party, entry.question.decision)
        assert question.at_s == table.plan.play.worlds.at(start.before).question.at_s
    assert to_the_end(alone, 1, 2, False) >= 3
    start, game = alone.game(1, 2)
    asked = alone.worlds.asked(start, game.answers)
    assert {q.party for q in asked} == {start.party}
    turned, whole = alone.worlds.log(start, game.answers), table.plan.play.worlds.log_of
    kept = whole(table.state.tables[1].answers)
    assert known_until(turned, asked[0].at_s).events == known_until(kept, asked[0].at_s).events
    assert to_jsonl(turned) != to_jsonl(kept)
    assert table.state.tables is before
    assert table.plan.play.worlds.end(table.state.tables[1]).log_sha256 == digest


def test_who_leaves_all_to_the_doctrine_gets_the_history_back() -> None:
    plan = play_plan(**FAIR).play
    assert plan is not None
    worlds, start = AloneWorlds(plan), Start("FRA")
    answers: tuple[bool | None, ...] = ()
    while worlds.question(start, answers) is not None:
        answers = (*answers, None)
    assert len(answers) > 3
    assert worlds.log(start, answers).events == plan.worlds.history().events
    said_yes = worlds.log(start, (True,) * 3)  # control
    assert said_yes.events != plan.worlds.history().events


def test_a_game_has_as_many_questions_as_days_are_left(tmp_path: Path) -> None:
    table, alone = played(tmp_path)
    last = len(table.state.tables[1].put) - 1
    alone.begin(9_000, 1, table.state.tables[1].put[last].question.party, 1, last)
    alone.begin(9_000, 1, "FRA", None, 0)
    late, whole = to_the_end(alone, 1, 0, True), to_the_end(alone, 1, 1, True)
    assert 1 <= late <= whole <= FAIR["questions"]
    assert whole >= 6


def test_a_game_is_saved_with_its_routine(tmp_path: Path) -> None:
    table, alone = played(tmp_path)
    alone.begin(9_000, 1, table.state.tables[1].put[0].question.party, 1, 0)
    to_the_end(alone, 1, 0, True)
    start, found = alone.game(1, 0)
    game = alone.worlds.at(start, found.answers)
    game.save(tmp_path / "game.json")
    again = load_play(tmp_path / "game.json")
    assert again.routine == game.routine
    assert again.asked == game.asked
    assert again.routine.then is not None
    body = json.loads((tmp_path / "game.json").read_text())
    body["routine"]["then"]["parties"] = [7]
    (tmp_path / "broken.json").write_text(json.dumps(body))
    with pytest.raises(InputError):
        sim.load_play(tmp_path / "broken.json")


# ---------------------------------------------------------------------------------- refused


def test_nobody_plays_alone_before_the_debrief(tmp_path: Path) -> None:
    table = Table(tmp_path, 6, play_plan(**FAIR))
    assert table.plan.play is not None
    alone = AloneController(table.session.record, AloneWorlds(table.plan.play))
    for _ in range(3):
        with pytest.raises(Refused, match="when the debrief has begun"):
            alone.begin(9_000, 1, "FRA", None, 0)
        table.advance(1 if not table.state.stage else None)
    alone.begin(9_000, 1, "FRA", None, 0)


def test_what_is_refused_leaves_the_record_as_it_is(tmp_path: Path) -> None:
    table, alone = played(tmp_path)
    party = table.state.tables[1].put[0].question.party
    other = {"FRA": "ITA", "ITA": "FRA"}[party]
    alone.begin(9_000, 1, party, 1, 0)
    before = table.session.room
    for deed, words in (
        (lambda: alone.begin(9_000, 99, party, None, 0), "no seat in this room"),
        (lambda: alone.begin(9_000, 1, "USA", None, 0), "Nobody plays that government"),
        (lambda: alone.begin(9_000, 1, other, 1, 0), "put to the other government"),
        (lambda: alone.begin(9_000, 1, party, 9, 0), "no such answer"),
        (lambda: alone.begin(9_000, 1, party, 1, 999), "no such answer"),
        (lambda: alone.answer(9_000, 2, 0, 0, True), "no such game"),
        (lambda: alone.answer(9_000, 1, 1, 0, True), "no such game"),
        (lambda: alone.answer(9_000, 1, 0, 1, True), "answered already"),
    ):
        with pytest.raises(Refused, match=words):
            deed()
    assert table.session.room is before
    for _ in range(MOST_GAMES - 1):
        alone.begin(9_000, 1, party, 1, 0)
    with pytest.raises(Refused, match="No more are kept"):
        alone.begin(9_000, 1, party, 1, 0)


def test_a_game_of_another_version_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, alone = played(tmp_path)
    alone.begin(9_000, 1, "FRA", None, 0)
    alone.answer(9_000, 1, 0, 0, True)
    games = ALONE.of(table.session.room).of(1)
    monkeypatch.setattr("sim.seminar.play.alone_worlds.instant", lambda at_s: "2021-01-01")
    with pytest.raises(Refused, match="of another version"):
        alone.game(1, 0)
    assert games == ALONE.of(table.session.room).of(1)


EDITS: dict[str, tuple[str, dict[str, Any], str]] = {
    "an answer too many": ("alone_answered", {"number": 5}, "question 6 of game 1 of student 1 is"),
    "a game that is none": ("alone_answered", {"game": 3}, "game 4 of student 1 is not open here"),
    "a student": ("alone_began", {"student": 77}, "there is no student 77"),
    "a table": ("alone_began", {"table": 5}, "table 5 has no question 1 that was answered"),
    "a party": ("alone_began", {"party": "USA"}, "was not put to USA"),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_record_is_refused(tmp_path: Path, what: str) -> None:
    table, alone = played(tmp_path / "held")
    alone.begin(9_000, 1, table.state.tables[1].put[0].question.party, 1, 0)
    alone.answer(9_000, 1, 0, 0, True)
    lines = exports(table.session)["record.jsonl"]().splitlines()
    kind, change, rule = EDITS[what]
    at = next(n for n, line in enumerate(lines) if json.loads(line).get("kind") == kind)
    lines[at] = json.dumps(json.loads(lines[at]) | change)
    path = tmp_path / "record.jsonl"
    path.write_text("\n".join(lines) + "\n")
    from sim.seminar.record.file import load_record

    with pytest.raises(InputError, match=rule):
        load_record(path, SEMINAR)


# ---------------------------------------------------------------------------------- the pages


def ends(person: Person, game: int, answer: str = "yes") -> str:
    """Play a game over HTTP to its end; return its last page."""
    number = 0
    while "has come to the end" not in (body := person.get(f"/alone/{game}").body):
        form = {"game": str(game), "number": str(number), "answer": answer}
        reply = person.post("/alone/answer", form)
        assert reply.status in (303, 429), reply.body
        if reply.status == 303:
            number += 1
        else:
            until(lambda: False, 0.3)
    return body


@pytest.mark.slow
def test_a_student_plays_on_after_the_debrief(tmp_path: Path) -> None:
    made = small_plan()
    with served(tmp_path, made) as opened:
        teacher, people = teacher_of(opened), class_of(opened, "ABCD")
        advance(teacher, opened, tables="1")
        for path in ("/alone", "/alone/0", "/alone/0/log"):
            assert people[1].get(path).status == 403
        advance(teacher, opened)
        comes_to(opened, 0)
        assert people[1].post("/alone/begin", {"party": "FRA"}).status == 403
        play_on(opened, people)
        advance(teacher, opened)
        assert until(lambda: "Play on from here" in people[1].get("/room").body)
        assert "Play on from here" not in teacher.get("/teacher").body
        put = table_of(opened).put[2]
        form = {"table": "1", "at": "2", "party": put.question.party}
        reply = people[1].post("/alone/begin", form)
        assert (reply.status, reply.place) == (303, "/alone/0")
        body = people[1].get("/alone/0").body
        assert "Game 1, from question 3 of table 1 on" in body
        assert "What the doctrine" in body
        assert people[1].get("/alone/0/log").status == 200
        body = ends(people[1], 0, "no")
        assert '<th scope="col">History</th><th scope="col">Table 1</th>' in body
        assert '<th scope="col">You</th>' in body
        assert "Where they first part" in body
        log = people[1].get("/alone/0/log?at=2").body
        assert "both sides&#39; accounts" in log
        assert 'href="/alone/0/log?at=3"' in log
        assert people[2].get("/alone/0").status == 422  # games are one's own
        assert "There is no such game" in people[2].get("/alone/0").body
        stranger = Person(people[1].base, "stranger")
        assert stranger.get("/alone/0").status == 403
        rows = teacher.get("/teacher/export/alone.csv").body.splitlines()
        assert rows[0].startswith("student,game,from_table,from_question,question,date")
        assert all(row.startswith("1,1,1,3,") for row in rows[1:])
        answers = len(ALONE.of(opened.room.session.room).of(1)[0].answered)
        assert len(rows) == 1 + answers
        assert f"alone: 1 game, {answers} answers" in teacher.get("/teacher").body
        advance(teacher, opened)  # the lesson is over, and the games go on
        assert people[3].post("/alone/begin", {"party": "ITA"}).status == 303
        assert (
            people[3].post("/alone/answer", {"game": "0", "number": "0", "answer": "x"}).status
            == 422
        )
    again = take_up(small_plan(), tmp_path)
    assert len(ALONE.of(again.room).of(1)[0].answered) == answers
    written = {path.name for path in save_exports(again, tmp_path / "out")}
    assert "alone.csv" in written
    again.store.close()


@contextmanager
def home(folder: Path, made: Plan) -> Iterator[Opened]:
    """Serve a play that is done at home."""
    session = Session(made, Store(folder / "record.sqlite", SEMINAR))
    session.open(0, "ABC234")
    session.open_home(0)
    session.store.close()
    with served(folder, made) as opened:
        yield opened


def test_at_home_everybody_plays_from_one_link(tmp_path: Path) -> None:
    made = small_plan()
    with home(tmp_path, made) as opened:
        teacher = teacher_of(opened)
        stranger = Person(opened.room.address, "stranger")
        assert f'value="{opened.code}"' in stranger.get(f"/?code={opened.code}").body
        one, two = student_of(opened, "Ana"), student_of(opened, "Ben")
        assert 'href="/alone"' in one.get("/room").body
        assert one.post("/alone/begin", {"party": "FRA"}).place == "/alone/0"
        assert two.post("/alone/begin", {"party": "ITA"}).place == "/alone/0"
        later = "Paris rings Rome again after a quarter of a year."
        first = "".join(one.get(p).body for p in ("/room", "/alone", "/alone/0", "/alone/0/log"))
        assert later not in first
        assert "It was a wrong number" not in first  # what the other side says of it
        assert one.get("/log").status == 403
        assert one.get("/what-if").status == 403
        refused = teacher.post("/teacher/advance", {"seen": ""})
        assert refused.status == 422
        assert 'id="advance"' not in teacher.get("/teacher").body
        body = ends(one, 0)
        assert '<th scope="col">You</th>' in body
        assert "Table 1" not in body
        assert later in one.get("/alone/0/log").body
        assert later not in two.get("/alone/0/log").body  # who has not played to the end
        assert teacher.get("/teacher/export/alone.csv").body.count("\n") > 1


def test_a_class_and_a_play_at_home_do_not_share_a_record(tmp_path: Path) -> None:
    table = Table(tmp_path, 4)
    table.advance(1)
    with pytest.raises(InputError, match="a class has begun in this folder"):
        table.session.open_home(0)
    rounds = Table(tmp_path / "rounds", 4)
    rounds.session.open_home(0)
    rounds.session.open_home(0)
    with pytest.raises(Refused, match="there is no class"):
        rounds.advance()


def test_a_lesson_without_a_role_play_is_not_done_alone(tmp_path: Path) -> None:
    from lessons import plan

    session = Session(plan(), Store(tmp_path / "record.sqlite", SEMINAR))
    session.open(0, "ABC234", 5)
    assert session.room.opened is not None
    assert session.room.opened.seed is None
    with pytest.raises(InputError, match="--home: needs a lesson with a role play"):
        session.open_home(0)


@pytest.mark.parametrize(
    ("block", "more", "rule"),
    [
        ({}, [], "needs a lesson with a role play"),
        ({"rounds": [], "play": ROLE_PLAY}, ["--rehearse", "3"], "cannot be given with --rehearse"),
        ({"rounds": [], "play": ROLE_PLAY}, ["--export"], "cannot be given with --rehearse"),
    ],
)
def test_what_cannot_be_done_at_home_leaves_no_folder(
    block: dict[str, Any],
    more: list[str],
    rule: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scenario, out = tmp_path / "lesson.yaml", tmp_path / "room"
    scenario.write_text(dump_yaml(lesson(**block)), encoding="utf-8")
    command = ["sim", "seminar", str(scenario), "--out", str(out), "--port", "0", "--home", *more]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"--home: {rule}" in capsys.readouterr().err
    assert not out.exists()


def test_games_of_who_was_removed_stay_in_the_record(tmp_path: Path) -> None:
    table, alone = played(tmp_path)
    alone.begin(9_000, 2, "FRA", None, 0)
    table.session.remove(9_000, 2)
    assert [g.began for g in ALONE.of(table.session.room).of(2)] == [
        AloneBegan(student=2, party="FRA")
    ]
    assert start_of(PLAY.of(table.session.room), AloneBegan(student=2, party="FRA")) == Start("FRA")
    again = table.session.join(9_000, "Student 2", "north", seat(90)).number
    with pytest.raises(Refused, match="no such game"):
        alone.game(again, 0)
