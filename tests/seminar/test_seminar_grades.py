"""The grade sheet: points by a proper score, and for taking part."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import forecasted, go_to, lesson, opened, percents, plan, seat
from plays import play_plan

from sim.ground.errors import InputError
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.grades import Grade, grades, most_of, total_of
from sim.seminar.lesson.grading import Grading
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.scores import score
from sim.seminar.lesson.session import Session
from sim.seminar.pages.export import exports
from sim.seminar.pages.grades import grades_table, rule_of
from sim.seminar.pages.sheets import heads
from sim.seminar.play.alone import AloneAnswered, AloneBegan, AloneGame, AloneState
from sim.seminar.play.record import Asked, Decided, PlayState, Put, Seat, TableState
from sim.seminar.record.room import Room, Student

USUAL = Grading()


def held(folder: Path) -> Session:
    """Two rounds of which both are revealed: 1 answers all and votes twice, 2 misses the second, 3
    answers nothing."""
    session = opened(folder, 3)
    forecasted(session)
    go_to(session, "vote")
    for n in (1, 2):
        session.answer(150_000, n, 0, 1, percents(session, 30 * n), f"Because of {n}.")
    go_to(session, "again")
    session.answer(160_000, 1, 0, 2, percents(session, 97), "Now I am sure.")
    go_to(session, "vote")
    session.answer(170_000, 1, 1, 1, percents(session, 25), "Who knows.")
    go_to(session, "over")
    return session


def of(session: Session) -> dict[int, Grade]:
    return {g.student.number: g for g in grades(session.plan, session.room)}


# ---------------------------------------------------------------------------------- forecasts


def test_grades_by_hand(tmp_path: Path) -> None:
    session = held(tmp_path)
    found = of(session)
    whole = session.plan
    asked = [(r.number, q) for r in whole.rounds for q in r.questions]
    final = LESSON.of(session.room).final
    even = {2: 0.5, 4: 0.75}
    mine = [
        score(final(r)[1].probabilities(q.id), q.truth).brier / even[len(q.options)]
        for r, q in asked
    ]
    one = found[1]
    assert (one.answered, one.missed, one.rounds, one.twice, one.reasons) == (3, 0, 2, 1, 3)
    assert one.relative == pytest.approx(sum(mine) / 3)
    assert mine[2] == pytest.approx(1, abs=0.01)  # 25 % each but for rounding
    assert one.forecast_points(USUAL) == pytest.approx(60 - 15 * sum(mine) / 3)
    assert one.forecast_error(USUAL) == pytest.approx(15 * stdev(mine) / 3**0.5)
    assert one.part_points(USUAL) == 40
    two = found[2]
    theirs = [
        score(final(0)[2].probabilities(q.id), q.truth).brier / even[len(q.options)]
        for q in whole.rounds[0].questions
    ]
    assert (two.answered, two.missed, two.twice) == (2, 1, 0)
    assert two.relative == pytest.approx((sum(theirs) + 1) / 3)  # a missed one is the even answer
    assert two.error == pytest.approx(stdev(theirs) * 2**0.5 / 3)
    assert two.part == 0.5
    three = found[3]
    assert (three.answered, three.missed, three.relative, three.part) == (0, 3, None, 0)
    assert total_of(three, USUAL) == 0
    assert all(g.few for g in found.values())


def test_nothing_counts_before_its_reveal(tmp_path: Path) -> None:
    session = opened(tmp_path, 1)
    go_to(session, "vote")
    session.answer(150_000, 1, 0, 1, percents(session, 90), "So.")
    for phase in ("discuss", "sealed"):
        go_to(session, phase)
        one = of(session)[1]
        assert (one.answered, one.relative, one.part, total_of(one, USUAL)) == (0, None, None, None)
    go_to(session, "revealed")
    assert of(session)[1].answered == 2  # control


def test_a_reason_that_is_hidden_is_no_part_taken(tmp_path: Path) -> None:
    session = held(tmp_path)
    before = of(session)[2]
    session.hide(900_000, 0, 1, 2)
    after = of(session)[2]
    assert (before.rounds, before.reasons, after.rounds, after.reasons) == (1, 1, 0, 0)
    assert after.relative == before.relative


beliefs = st.lists(st.integers(1, 97), min_size=4, max_size=4)


def expected(belief: list[float], said: list[float], grading: Grading, floor: float) -> float:
    """The points to be expected of one question, floored."""
    even = 1 - 1 / len(belief)
    given = [grading.points(score(said, n).brier / even) for n in range(len(belief))]
    return sum(p * max(floor, points) for p, points in zip(belief, given, strict=True))


@given(beliefs, beliefs, st.floats(0.75, 1.0))
def test_points_are_a_proper_score_and_none_is_below_zero(
    belief: list[int], said: list[int], even: float
) -> None:
    grading = Grading(forecasts=80, even=80 * even)
    p, q = ([x / sum(some) for x in some] for some in (belief, said))
    assert expected(p, p, grading, -1e9) >= expected(p, q, grading, -1e9) - 1e-9
    assert min(grading.points(score(q, n).brier / 0.75) for n in range(4)) >= 0


def test_control_a_floor_would_reward_bold_guesses() -> None:
    """With 20 of 80 points for the even answer and a floor at 0, saying more than one believes
    pays; the rule refuses such a number."""
    low = Grading.model_construct(forecasts=80, even=20, participation=0)
    bold = [k / 100 for k in (97, 1, 1, 1)]
    belief = [0.4, 0.2, 0.2, 0.2]
    assert expected(belief, bold, low, 0) > expected(belief, belief, low, 0)
    assert expected(belief, bold, low, -1e9) < expected(belief, belief, low, -1e9)
    with pytest.raises(ValueError, match="three quarters"):
        Grading(forecasts=80, even=20)


def test_the_even_answer_has_its_points_in_every_question() -> None:
    for k, truth in product((2, 4), (0, 1)):
        even = score([1 / k] * k, truth).brier / (1 - 1 / k)
        assert USUAL.points(even) == pytest.approx(45)
    assert USUAL.points(0) == 60


# ---------------------------------------------------------------------------------- the play


def played(votes: dict[int, list[bool | None]], answers: list[bool]) -> Room:
    """A room after a role play: who voted what on the questions of one team, and how it went."""
    told = {"table": 1, "party": "FRA", "channel": "c", "decision": "act.call", "at": "2021-02-01"}
    put = tuple(
        Put(
            Asked(number=n, **told),  # type: ignore[arg-type]
            {s: v[n] for s, v in votes.items() if v[n] is not None},  # type: ignore[misc]
            decided=Decided(table=1, number=n, answer=yes, how="vote", yes=1, no=0),
        )
        for n, yes in enumerate(answers)
    )
    theirs = Asked(number=len(put), **(told | {"party": "ITA"}))  # type: ignore[arg-type]
    closed = Decided(table=1, number=len(put), answer=True, how="vote", yes=1, no=0)
    put = (*put, Put(theirs, {}, decided=closed), Put(Asked(number=len(put) + 1, **told)))  # type: ignore[arg-type]
    seats = {s: Seat(1, "FRA") for s in votes}
    state = PlayState("debrief", {1: TableState(1, put)}, seats)
    students = {s: Student(s, f"S{s}", None, None) for s in [*votes, 99]}
    return Room(students=students, phase="debrief", states={"play": state})


def test_a_game_gives_points_for_votes_and_none_for_its_outcome() -> None:
    made = play_plan()
    votes: dict[int, list[bool | None]] = {
        1: [True] * 4,
        2: [False] * 4,
        3: [True, True, None, None],
        4: [True, None, None, None],
        5: [None] * 4,
    }
    parts = {}
    for went in (True, False):
        found = {g.student.number: g for g in grades(made, played(votes, [went] * 4))}
        parts[went] = {n: g.part for n, g in found.items()}
        assert all(g.relative is None for g in found.values())
    assert parts[True] == parts[False] == {1: 1, 2: 1, 3: 1, 4: 0.5, 5: 0, 99: 0}
    assert most_of(made) == 40


def test_who_plays_alone_at_home_has_taken_part_with_one_answer() -> None:
    began = AloneBegan(student=1, party="FRA")
    told = AloneAnswered(student=1, game=0, number=0, at="2021-02-01", answer=True)
    games = {1: (AloneGame(began, (told,)),), 2: (AloneGame(replace_student(began, 2)),)}
    students = {n: Student(n, f"S{n}", None, None) for n in (1, 2, 3)}
    room = Room(students=students, states={"alone": AloneState(home=True, games=games)})
    assert {g.student.number: g.part for g in grades(play_plan(), room)} == {1: 1, 2: 0, 3: 0}
    alone = replace(room, states={"alone": AloneState(home=False, games=games)})
    assert {g.part for g in grades(play_plan(), alone)} == {None}  # in a class nobody must


def replace_student(began: AloneBegan, student: int) -> AloneBegan:
    return began.model_copy(update={"student": student})


# ---------------------------------------------------------------------------------- the sheet


def test_the_sheet_has_a_row_a_student_and_says_its_rule(tmp_path: Path) -> None:
    session = held(tmp_path)
    session.remove(900_000, 3)
    for names in (False, True):
        rows = list(csv.DictReader(exports(session, names=names)["grades.csv"]().splitlines()))
        assert [r["student"] for r in rows] == (["Student 1", "Student 2"] if names else ["1", "2"])
        assert [[*row] for row in rows] == [[*heads("seminar/grades.csv")]] * 2
        assert {r["rule"] for r in rows} == {rule_of(session.plan)}
        assert rows[1]["participation_points"] == "20"
        assert rows[1]["few_questions"] == "true"
        total = float(rows[0]["forecast_points"]) + float(rows[0]["participation_points"])
        assert float(rows[0]["total"]) == pytest.approx(total, abs=0.11)
        assert rows[0]["total_of"] == "100"
    words = rule_of(plan(grading={"forecasts": 10, "participation": 2.5}))
    assert "10 points" in words
    assert "7.5 for the even answer" in words
    assert "2.5 points" in words


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.join(1, "=1+1", "north", seat(1))
    assert "'=1+1" in grades_table(session.plan, session.room, names=True)


def test_points_may_be_changed_after_the_lesson() -> None:
    assert plan(grading={"forecasts": 20}).digest == plan().digest
    assert plan(title="Two towns").digest != plan().digest  # control


@pytest.mark.parametrize(
    ("grading", "rule"),
    [
        ({"forecasts": 60, "even": 44}, "even must lie between three quarters of forecasts"),
        ({"forecasts": 60, "even": 61}, "even must lie between three quarters of forecasts"),
        ({"forecasts": 0, "participation": 0}, "must give points for forecasts"),
        ({"forecasts": -1}, "greater than or equal to 0|at least 0|0 or more"),
        ({"participation": 1001}, "1000"),
        ({"bonus": 3}, "unknown|no such|not"),
    ],
)
def test_points_that_cannot_be_are_refused(grading: dict[str, float], rule: str) -> None:
    with pytest.raises(InputError, match=rule) as refused:
        load_scenario(lesson(grading=grading))
    assert "seminar.grading" in str(refused.value)
