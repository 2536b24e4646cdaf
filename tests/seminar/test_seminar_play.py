"""The role play: teams, votes, worlds, and what a team sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hostile import attacked
from hypothesis import given
from hypothesis import strategies as st
from lessons import SALT, TEACHER, lesson, seat
from tabled import PLAY, Table, play_plan

from sim.ground.errors import InputError
from sim.log.file import load
from sim.seminar.lesson.block import lesson_of, load_scenario
from sim.seminar.lesson.horizon import horizon, is_over
from sim.seminar.lesson.record import place_of
from sim.seminar.lesson.session import Session
from sim.seminar.pages.debrief import Debriefs
from sim.seminar.pages.decisions import decisions_table, world_text
from sim.seminar.pages.play import PlayPresenter
from sim.seminar.pages.presenter import Presenter, Viewer
from sim.seminar.pages.views import Views
from sim.seminar.play.part import PLAY as PLAYED
from sim.seminar.play.record import Asked, Put, Seat, TableEnded, TableState
from sim.seminar.play.rules import played
from sim.seminar.play.schema import RolePlay
from sim.seminar.play.teams import PARTS, decided, most_tables, parts_of, seating
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Recorded
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR

# ---------------------------------------------------------------------------------- teams


@given(st.integers(0, 80), st.integers(1, 12), st.integers(1, 4))
def test_teams_are_of_like_size_and_have_every_part(students: int, tables: int, sides: int) -> None:
    parties = ["AUT", "BEL", "CAN", "DNK"][:sides]
    play = RolePlay(parties=tuple(parties), tables=tables)
    number = most_tables(students, play)
    assert 1 <= number <= tables
    seats = seating({n: f"Student {n}" for n in range(1, students + 1)}, number, parties)
    sizes = [
        [n for n, s in seats.items() if s == Seat(t, p)]
        for t in range(1, number + 1)
        for p in parties
    ]
    assert max(map(len, sizes)) - min(map(len, sizes)) <= 1
    assert number == 1 or min(map(len, sizes)) >= 2
    for team in filter(None, sizes):
        dealt = [part for member in team for part in parts_of(team, member)]
        assert {*dealt} == {*PARTS}
        assert dealt.count("minister") == 1


@pytest.mark.parametrize(
    ("votes", "answer", "how"),
    [
        ({1: True, 2: True, 3: False}, True, "vote"),
        ({1: True, 2: False, 3: False}, False, "vote"),
        ({1: True, 2: False}, True, "minister"),
        ({1: False, 2: True}, False, "minister"),
        ({2: True, 3: False}, None, "doctrine"),
        ({}, None, "doctrine"),
        ({9: True}, None, "doctrine"),  # no member of the team
    ],
)
def test_a_vote_is_counted(votes: dict[int, bool], answer: bool | None, how: str) -> None:
    question = Asked(table=1, number=0, party="FRA", channel="c", decision="call", at="x")
    found = decided(TableState(1), Put(question, votes), (1, 2, 3))
    assert (found.answer, found.how) == (answer, how)


# ---------------------------------------------------------------------------------- the lesson


def test_who_answers_nothing_gets_history_back(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    worlds = table.plan.play.worlds  # type: ignore[union-attr]
    coded = {e.id for e in table.plan.log.events}
    told = [e.id for e in worlds.history().events]
    assert {*told} >= coded
    assert not [id_ for id_ in told if id_.startswith("sim.")]


def test_control_an_answer_leaves_history(tmp_path: Path) -> None:
    plan = play_plan(below=0.0, questions=200, until="2021-12-31").play
    assert plan is not None
    history = {e.id for e in plan.worlds.history().events}
    left = [
        {e.id for e in plan.worlds.log_of((None,) * n + (True,)).events} != history
        for n in range(len(plan.worlds.at(()).asked), 12)
    ]
    assert any(left)


def test_tables_that_answer_alike_have_one_world(tmp_path: Path) -> None:
    table = Table(tmp_path, 12)
    table.begin(3)
    table.to_the_end()
    ended = {t.ended.log_sha256 for t in table.state.tables.values()}
    assert len(ended) == 1


def test_a_play_goes_from_the_teams_to_the_debrief(tmp_path: Path) -> None:
    table = Table(tmp_path)
    session = table.session
    assert not is_over(table.plan, session.room)
    table.advance(1)
    assert place_of(session.room) == "play-instruct"
    assert session.room.deadline_ms == table.now + 120_000
    table.controller.instruct(table.now, 1, "  Keep   the line open. ")
    assert table.state.instructions[Seat(1, "FRA")].text == "Keep the line open."
    table.advance()
    assert session.room.deadline_ms == table.now + 6 * 60_000
    with pytest.raises(Refused, match="The play has begun"):
        table.controller.instruct(table.now, 1, "Too late.")
    table.deal()
    asked = table.state.tables[1].open.question
    assert table.state.tables[1].deadline_ms == table.now + 60_000
    assert horizon(table.plan, session.room) == table.plan.play.start_s  # type: ignore[union-attr]
    table.vote(True, True)
    assert table.state.tables[1].open.question == asked  # one has not voted
    table.vote(False, False, False)  # the last vote counts
    decided = table.state.tables[1].put[0].decided
    assert (decided.answer, decided.how, decided.yes, decided.no) == (False, "vote", 0, 3)
    table.advance()
    assert place_of(session.room) == "play-debrief"
    table.deal()
    assert isinstance(table.state.tables[1].ended, TableEnded)
    assert is_over(table.plan, session.room)
    table.advance()
    assert session.room.ended
    assert SEMINAR.room_of(session.store.read()) == session.room


def test_what_a_doctrine_answered_is_compared_with_its_opposite() -> None:
    plan = play_plan().play
    assert plan is not None
    turns, log_of = Debriefs(plan).turns, plan.worlds.log_of
    assert log_of((None,)) == log_of((False,)) != log_of((True,))  # the doctrine does not propose
    (said,) = turns((None,))
    assert "left to the doctrine. With yes: calls: 2" in said
    assert log_of((True, None)) == log_of((True, True)) != log_of((True, False))  # and it accepts
    said = turns((True, None))[-1]
    assert "left to the doctrine. With no: calls: 1" in said


def test_a_limit_closes_a_vote_and_the_last_limit_the_play(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    first = table.team()
    table.controller.vote(table.now, first[1], 0, True)
    assert not table.controller.tick(table.now + 59_999)
    assert table.controller.overdue(table.now + 60_000)
    with pytest.raises(Refused, match="This question is over"):
        table.controller.vote(table.now + 60_000, first[0], 0, True)
    assert table.controller.tick(table.now + 60_000)
    assert table.state.tables[1].put[0].decided.how == "vote"
    table.now += 60_000
    table.deal()
    assert table.controller.tick(table.now + 60_000)
    assert table.state.tables[1].put[1].decided.how == "doctrine"  # nobody voted
    assert table.session.tick(table.session.room.deadline_ms, SALT)  # type: ignore[arg-type]
    assert table.state.stage == "debrief"


def test_the_minister_closes_a_vote(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    minister, adviser, _ = table.team()
    with pytest.raises(Refused, match="Only the minister"):
        table.controller.close(table.now, adviser, 0)
    with pytest.raises(Refused, match="Vote first"):
        table.controller.close(table.now, minister, 0)
    table.controller.vote(table.now, minister, 0, True)
    table.controller.close(table.now, minister, 0)
    assert table.state.tables[1].put[0].decided.answer is True


def test_what_is_refused_leaves_the_record_as_it_is(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    team = table.team()
    other = next(n for n in table.state.seats if n not in team)
    before = table.session.room
    for deed, words in (
        (lambda: table.controller.vote(table.now, other, 0, True), "This question is over"),
        (lambda: table.controller.vote(table.now, 99, 0, True), "no place in a team"),
        (lambda: table.controller.vote(table.now, team[0], 1, True), "This question is over"),
        (lambda: table.controller.note(table.now, team[0], 0, "adviser", "x"), "not your part"),
        (lambda: table.controller.note(table.now, team[0], 0, "minister", "x"), "not your part"),
        (lambda: table.controller.note(table.now, team[1], 0, "adviser", " "), "Write one line"),
        (lambda: table.controller.note(table.now, team[1], 0, "adviser", "x" * 201), "too long"),
        (
            lambda: table.controller.note(table.now, team[1], 0, "adviser", "\u202e"),
            "cannot be shown",
        ),
        (lambda: table.controller.hide(table.now, (1, 0, "adviser", team[1])), "no such line"),
        (lambda: table.controller.hide(table.now, (9, None, None, 1)), "no such line"),
    ):
        with pytest.raises(Refused, match=words):
            deed()
    assert table.session.room is before


def test_tables_are_bounded_by_the_class(tmp_path: Path) -> None:
    table = Table(tmp_path, 8)
    for number in (0, 3):
        with pytest.raises(Refused, match="Give 1 to 2 tables"):
            table.advance(number)
    table.advance()
    assert len(table.state.tables) == 2


def test_who_comes_late_sits_where_the_teacher_says(tmp_path: Path) -> None:
    """A student of one team who joins from a second device gets no place by that: it could be one
    in the other team."""
    table = Table(tmp_path, 5)
    table.begin()
    late = table.session.join(table.now, "Student 1", "north", seat(77)).number
    before = table.session.room
    assert late not in table.state.seats
    put = table.state.tables[1].open.question.number
    for deed, words in (
        (lambda: table.controller.vote(table.now, late, put, True), "no place in a team"),
        (lambda: table.controller.seat(table.now, 99, Seat(1, "FRA")), "no such student"),
        (lambda: table.controller.seat(table.now, 1, Seat(1, "ITA")), "has a place already"),
        (lambda: table.controller.seat(table.now, late, Seat(2, "FRA")), "no such team"),
        (lambda: table.controller.seat(table.now, late, Seat(1, "USA")), "no such team"),
    ):
        with pytest.raises(Refused, match=words):
            deed()
    assert table.session.room is before
    table.controller.seat(table.now, late, Seat(1, "FRA"))
    assert table.state.team(Seat(1, "FRA"))[-1] == late
    table.session.remove(table.now, 1)
    assert 1 not in table.state.seats
    table.advance()  # the debrief
    after = table.session.join(table.now, "Later", "north", seat(78))
    with pytest.raises(Refused, match="given a place now"):
        table.controller.seat(table.now, after.number, Seat(1, "ITA"))


@pytest.mark.parametrize("stage", ["instruct", "play"])
def test_no_second_device_of_a_team_sees_what_the_other_side_sees(
    tmp_path: Path, stage: str
) -> None:
    """However many seats somebody takes, all pages that come back tell of no team."""
    table = Table(tmp_path, 6)
    table.advance(1)
    if stage == "play":
        table.advance()
        table.deal()
    presenter = Presenter(table.plan)
    for n in range(4):
        student = table.session.join(table.now, "Student 1", "north", seat(80 + n))
        shown = presenter.values(table.session.room, Viewer("room", student))["play"]
        assert shown["team"] is None
        assert "waiting" not in shown
    shown = presenter.values(table.session.room, Viewer("teacher"))["play"]
    assert [s.name for s in shown["waiting"]] == [f"Student 1 ({n})" for n in (2, 3, 4, 5)]
    assert shown["teams"] == [(1, "FRA", 3), (1, "ITA", 3)]
    one = table.session.room.students[1]  # control: who is seated sees a team
    assert presenter.values(table.session.room, Viewer("room", one))["play"]["team"]


def test_a_team_that_has_left_is_played_by_the_doctrine(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    for member in table.team():
        table.session.remove(table.now, member)
    assert table.controller.tick(table.now)
    assert table.state.tables[1].put[0].decided.how == "doctrine"


def test_pausing_stops_every_clock(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    session = table.session
    session.pause(table.now + 10_000)
    assert table.state.tables[1].deadline_ms is None
    assert table.state.tables[1].left_ms == 50_000
    session.extend(table.now + 11_000, 2)
    assert table.state.tables[1].left_ms == 170_000
    table.vote(False, False, False)
    assert table.controller.waiting() is None  # nothing is dealt while the clock is paused
    session.take_up(table.now + 100_000)
    assert table.controller.waiting() is not None
    table.deal()
    session.extend(table.now, 1)
    assert table.state.tables[1].deadline_ms == table.now + 120_000
    session.without_limit(table.now)
    assert table.state.tables[1].deadline_ms is None
    table.vote(False, False, False)
    table.deal()
    assert table.state.tables[1].deadline_ms is None


def test_a_stop_takes_no_time_from_a_vote(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    table.controller.vote(table.now, table.team()[0], 0, True)
    before = table.state.tables[1]
    table.session.store.close()
    again = Table(tmp_path)
    again.session.start(table.now + 3_600_000, "ABC234", TEACHER)
    after = again.state.tables[1]
    assert after.left_ms == before.deadline_ms - table.now
    assert after.put == before.put


# ---------------------------------------------------------------------------------- the record


def test_a_record_of_other_worlds_is_refused(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    asked = table.state.tables[1].open.question
    table.vote(True, True, True)
    wrong = asked.model_copy(update={"number": 1, "at": "2021-03-01T00:00:00Z"})
    table.session.record.add(table.now, wrong)
    table.session.store.close()
    with pytest.raises(InputError, match="table 1, question 2: is not the question"):
        Session(table.plan, Store(tmp_path / "record.sqlite", SEMINAR))


def test_an_event_that_does_not_follow_is_refused(tmp_path: Path) -> None:
    asked = Asked(table=4, number=0, party="FRA", channel="c", decision="call", at="x")
    room = Table(tmp_path).session.room
    with pytest.raises(ValueError, match="there is no table 4"):
        SEMINAR.apply(room, Recorded(room.position + 1, 5, asked))


def test_what_is_taken_home(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.begin()
    table.to_the_end()
    plan = table.plan.play
    assert plan is not None
    rows = decisions_table(plan, table.state).splitlines()
    assert rows[0].startswith("table,question,date,party,channel,decision,answer,how")
    by_team = [row for row in rows[1:] if ",office," not in row]
    assert len(by_team) == len(table.state.tables[1].answers)
    game = plan.worlds.ended(table.state.tables[1].answers)
    by_office = [row.split(",")[5:7] for row in rows if ",office," in row]
    fell = zip(game.passed, game.passed_answers, strict=True)
    wanted = [[q.decision, "yes" if y else "no"] for q, y in fell if q.at_s < plan.end_s]
    assert sorted(by_office) == sorted(wanted)
    (tmp_path / "world.jsonl").write_text(world_text(plan, table.state.tables[1]))
    again = load(tmp_path / "world.jsonl")
    assert again.events == plan.worlds.log(table.state.tables[1]).events


# ---------------------------------------------------------------------------------- what is seen


def test_a_team_reads_its_own_log_up_to_now(tmp_path: Path) -> None:
    plan = play_plan()
    assert plan.play is not None
    views = Views(plan.play, {})
    for party, sees in (("FRA", False), ("ITA", True)):
        told = views.past((), party)
        text = repr(told)
        assert ("It was a wrong number" in text) is sees
        seen: list[Any] = [*told.past.views, *told.past.strips]
        assert {one.viewpoint for one in seen} == {party}
        assert len(told.past.events) == len(plan.play.worlds.at(()).log(party).events)
        assert "Rome ends all contact" not in text  # that comes later
    begun = views.past(None, "ITA").past
    assert begun.last == "2021-01-31"
    assert [e.title for e in begun.events] == ["Call held"]
    retold = Views(plan.play, {"first-call": "They speak."})
    assert "They speak." in repr(retold.past((), "ITA"))
    assert "about fishing" not in repr(retold.past((), "ITA"))


# ---------------------------------------------------------------------------------- bad lessons


@pytest.mark.parametrize(
    ("play", "words"),
    [
        (
            {"parties": ["FRA", "DEU"]},
            r"seminar\.play\.parties\[1\]: must be a party of the scenario",
        ),
        ({"parties": ["FRA", "FRA"]}, r"seminar\.play\.parties\[1\]: stands here twice"),
        ({"from": "2020-06-01"}, r"seminar\.play\.from: must not lie before 2021-01-01, where"),
        ({"from": "2022-06-01"}, r"seminar\.play\.from: must not lie after the day that follows"),
        ({"until": "2021-01-15"}, r"seminar\.play\.until: must lie after the first day"),
        ({"until": "2024-01-15"}, r"seminar\.play\.until: must not lie after the last day of"),
        ({"outcomes": ["cuts"]}, r"seminar\.play\.outcomes\[0\]: must name an outcome of"),
        (
            {"outcomes": ["share"]},
            r"seminar\.play\.outcomes\[0\]: must be of a type with yes or no",
        ),
        ({"below": 1}, r"seminar\.play\.below: .*less than 1"),
        ({"always": ["shout"]}, r"seminar\.play\.always\[0\]"),
        ({"tables": 99}, r"seminar\.play\.tables"),
    ],
)
def test_a_bad_role_play_is_refused(play: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_scenario(lesson(play={**PLAY, **play}))


def test_a_lesson_without_parts_is_refused() -> None:
    with pytest.raises(InputError, match="must hold rounds, a role play, or both"):
        load_scenario(lesson(rounds=[]))


def test_a_play_may_lie_after_the_history_or_end_within_it() -> None:
    scenario = load_scenario(lesson(play={"parties": ["FRA"]}))
    assert scenario.seminar is not None
    play = lesson_of(scenario).play
    assert play is not None
    assert played(scenario, play).changes == ()
    ends = play.model_copy(update={"start": "2021-02-01", "until": "2021-04-30"})
    within = played(scenario, ends)
    assert (within.as_of, within.until) == ("2021-04-30", "2021-05-01")
    assert within.history is not None
    assert [e.id for e in within.history.events] == ["first-call", "the-cut"]


# ---------------------------------------------------------------------------------- rehearsal


@pytest.mark.slow
def test_a_rehearsal_plays_it_and_loses_nothing() -> None:
    found = attacked(play_plan(), 6)
    assert found.failures == []
    assert "Role play: 6 questions answered" in "\n".join(found.lines())


def test_control_a_rehearsal_sees_what_another_team_is_shown(monkeypatch: Any) -> None:
    shown = PlayPresenter._progress

    def leaking(self: PlayPresenter, room: Any, table: Any) -> dict[str, Any]:
        told = shown(self, room, table)
        written = [i.text for i in PLAYED.of(room).instructions.values()]
        return {**told, "teams": [*told["teams"], written]}

    monkeypatch.setattr(PlayPresenter, "_progress", leaking)
    assert any("what another team wrote" in f for f in attacked(play_plan(), 6).failures)
