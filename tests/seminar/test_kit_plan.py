"""The plan by the minute: its sums are right, and what it leaves out does not fit."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kits import ARTICLE, LESSONS, WIDE, kit, shipped, text_of
from lessons import DAYS, lesson, plan
from plays import play_lesson, play_plan

from sim.seminar.kit import timing
from sim.seminar.kit.contents import LENGTHS, PLAN, SHORTER
from sim.seminar.kit.contrast import best_rounds
from sim.seminar.kit.minute_plan import MinutePlan, minute_plan
from sim.seminar.kit.shorter import shorter
from sim.seminar.kit.timing import Choice, chosen, everything, minutes_of
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.schema import PHASES

ROUNDS, PLAYED = plan(), play_plan()

limits = st.tuples(*(st.none() | st.floats(6, 36_000) for _ in range(4)))


@st.composite
def lessons(draw: st.DrawFn) -> Plan:
    """A lesson with any limits, any number of rounds, and perhaps a role play."""
    kinds = draw(st.lists(st.tuples(st.integers(0, 1), limits), max_size=20))
    rounds = tuple(
        replace(ROUNDS.rounds[kind], number=n, limits=(*given, None, None))
        for n, (kind, given) in enumerate(kinds)
    )
    play = None
    if not rounds or draw(st.booleans()):
        assert PLAYED.lesson.play is not None
        spec = {"questions": draw(st.integers(1, 200)), "an_hour": draw(st.floats(4, 240))}
        play = PLAYED.lesson.play.model_copy(update=spec)
    held = ROUNDS.lesson.model_copy(update={"play": play})
    return replace(ROUNDS, rounds=rounds, lesson=held)


def check(made: MinutePlan, lesson: Plan, minutes: int) -> None:
    """Check a plan's sums, and each sum that it states."""
    if made.choice is None:
        assert made.rows == ()
        assert "Nothing of this lesson fits" in made.left_out[0]
        assert int(re.findall(r"takes (\d+)", made.left_out[0])[0]) > minutes - minutes // 15
        return
    assert [made.rows[0].start, made.rows[-1].end] == [0, made.used]
    assert all(a.end == b.start for a, b in pairwise(made.rows))
    assert made.used == minutes_of(lesson, made.choice) <= minutes - minutes // 15
    assert made.reserve == minutes - made.used
    stated = [re.findall(r"takes (\d+) minutes, and (\d+) can be used", t) for t in made.left_out]
    for told in stated:
        for longer, most in told:
            assert int(longer) > int(most) == minutes - minutes // 15
    out = set(range(len(lesson.rounds))) - {*made.choice.rounds}
    left_out = [t for t in made.left_out if t.startswith("The round ") and "is left out" in t]
    assert len(left_out) == len(out)
    assert (not made.left_out) == (made.choice == everything(lesson))


@given(lessons(), st.sampled_from([45, 60, 90, 180]))
def test_the_sums_are_right_and_what_is_left_out_does_not_fit(lesson: Plan, minutes: int) -> None:
    check(minute_plan(lesson, minutes), lesson, minutes)


def test_control_a_plan_that_is_too_long_is_seen() -> None:
    made = minute_plan(ROUNDS, 45)
    check(made, ROUNDS, 45)
    *rest, last = made.rows
    for wrong in (
        replace(made, rows=(*rest, replace(last, end=last.end + 1))),
        replace(made, choice=Choice((), True, 0, False)),
        replace(made, left_out=("Round 1 is left out: with it the plan takes 9 minutes, and 42 can "
                                "be used.",)),
    ):  # fmt: skip
        with pytest.raises(AssertionError):
            check(wrong, ROUNDS, 45)


@pytest.mark.parametrize("path", LESSONS)
@pytest.mark.parametrize("minutes", LENGTHS)
def test_every_shipped_lesson_fits_or_is_made_to(path: Path, minutes: int, tmp_path: Path) -> None:
    lesson, made = shipped(path)
    planned = minute_plan(lesson, minutes)
    check(planned, lesson, minutes)
    choice = planned.choice
    assert choice is not None
    text = text_of(made.files[PLAN])
    assert f"{minutes} minutes" in text
    assert all(said in text for said in planned.left_out)
    written = made.files.get(SHORTER[minutes])
    assert (written is None) == (shorter(lesson, choice) is None)
    if written is None:
        return
    file = tmp_path / "shorter.yaml"
    file.write_bytes(written)
    again = plan_of(load_scenario(file))
    assert [r.title for r in again.rounds] == [lesson.rounds[n].title for n in choice.rounds]
    old = [q for n in choice.rounds for q in lesson.rounds[n].questions]
    new = [q for r in again.rounds for q in r.questions]
    assert [(q.text, q.truth, q.base_rate) for q in new] == [
        (q.text, q.truth, q.base_rate) for q in old
    ]
    assert minutes_of(again, replace(everything(again), what_if=choice.what_if)) == planned.used
    if lesson.play is not None and choice.questions:
        assert again.play is not None
        assert again.play.spec.questions == choice.questions


@pytest.mark.parametrize("rounds", [(0,), (0, 1)])
def test_homework_over_days_has_a_lesson_of_minutes(rounds: tuple[int, ...]) -> None:
    made = plan(days=DAYS)
    choice = replace(everything(made), rounds=rounds)
    written = shorter(made, choice)
    assert written is not None
    again = plan_of(load_scenario(text=written))
    assert again.days is None
    assert len(again.rounds) == len(rounds)
    assert shorter(plan(), everything(plan())) is None


def test_limits_are_the_lesson_s_and_what_has_none_is_assumed() -> None:
    made = plan(minutes={"read": None, "vote": 7.2, "discuss": None, "again": 2})
    rows = minute_plan(made, 200).rows
    read, vote, discuss, again, shown = rows[1:6]
    lengths = [row.end - row.start for row in (read, vote, discuss, again, shown)]
    assert lengths == [3, 8, 6, 2, 4]
    assert [row.assumed for row in (read, vote, discuss, again)] == [True, False, True, False]
    assert "these minutes are assumed" in text_of(kit(lesson())[1].files[PLAN])
    assert [*timing.ASSUMED] == [*timing.SHORT] == [*PHASES[:4]]


def test_a_role_play_has_fewer_questions_where_time_is_short_the_same_for_each_side() -> None:
    play = PLAYED.lesson.play
    assert play is not None
    made = replace(
        PLAYED,
        lesson=PLAYED.lesson.model_copy(
            update={"play": play.model_copy(update={"questions": 30, "an_hour": 40})}
        ),
    )
    choice = chosen(made, 45)
    assert choice is not None
    assert choice.questions == 10  # 5 + 3 + 3 + 5 + 10 and 15 minutes; 12 would take 18
    assert minutes_of(made, choice) == 41
    said = minute_plan(made, 45).left_out[0]
    assert said == (
        "The role play has 10 of its 30 questions: with all of them the plan takes 71 minutes, and "
        "42 can be used."
    )
    slow = made.lesson.model_copy(update={"play": play.model_copy(update={"an_hour": 6})})
    none = minute_plan(replace(made, lesson=slow), 45)
    assert none.choice is None
    assert "the role play with only 6 questions takes 86" in none.left_out[0]
    data = play_lesson(an_hour=6)
    assert "It does not fit" in text_of(kit(data)[1].files[PLAN])


def test_a_change_and_a_quiet_round_are_held_before_others() -> None:
    record = shipped(WIDE)[0]
    assert best_rounds(record.rounds, 2) == (0, 4)
    article = shipped(ARTICLE)[0]
    assert best_rounds(article.rounds, 1) == (2,)  # where one side does not count a contact
    assert best_rounds(article.rounds, 3) == (0, 1, 2)
    assert best_rounds(article.rounds, 0) == ()
