"""Both sides are asked: their questions are spread, and no act comes twice within some days."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from lessons import lesson
from tabled import PLAY

from sim.model.players import Question
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.play.pace import RULES, Pace, answers_by, pace_lines, pace_of
from sim.seminar.play.worlds import Answers, PlayPlan
from sim.study.routine import Routine

RATES = {"call": 0.1, "meet": 0.1, "cancel": 0.5}


def fair(**changes: Any) -> PlayPlan:
    """Return a role play of eleven months in which both sides have something to decide."""
    told = {"spread": True, "apart_days": 3, "questions": 20, "until": "2021-12-31"}
    data = lesson(rounds=[], play={**PLAY, **told, **changes})
    plan = plan_of(load_scenario(data | {"rates_per_day": RATES})).play
    assert plan is not None
    return plan


@pytest.fixture(scope="module")
def plan() -> PlayPlan:
    return fair()


def asked(plan: PlayPlan, answers: Answers) -> tuple[Question, ...]:
    return plan.worlds.at(answers).asked


def in_a_row(questions: tuple[Question, ...]) -> int:
    """Return how many questions in a row went to one side, at most."""
    longest = run = 0
    for n, q in enumerate(questions):
        run = run + 1 if n and questions[n - 1].party == q.party else 1
        longest = max(longest, run)
    return longest


def nearest(questions: tuple[Question, ...]) -> int:
    """Return the fewest days between two questions on one act of one side."""
    found = [
        (date.fromisoformat(b.date) - date.fromisoformat(a.date)).days
        for n, a in enumerate(questions)
        for b in questions[n + 1 :]
        if (a.party, a.channel, a.decision) == (b.party, b.channel, b.decision)
    ]
    return min(found, default=999)


@pytest.mark.parametrize("rule", RULES)
def test_both_sides_are_asked_to_the_end(plan: PlayPlan, rule: str) -> None:
    questions = asked(plan, answers_by(plan, RULES[rule]))
    sides = Counter(q.party for q in questions)
    assert {*sides} == {"FRA", "ITA"}
    assert all(8 <= n <= 10 for n in sides.values())
    assert in_a_row(questions) <= 2
    assert nearest(questions) >= 3
    assert questions[-1].date > "2021-10-01"
    assert pace_of(plan, answers_by(plan, RULES[rule])).warnings(plan) == []


def test_control_without_the_spread_one_side_is_asked_all_at_once() -> None:
    """The rules are what makes it fair: without them the same worlds break each of these."""
    loose = fair(spread=False, apart_days=0)
    found = [asked(loose, answers_by(loose, rule)) for rule in RULES.values()]
    assert max(in_a_row(q) for q in found) > 2
    assert min(nearest(q) for q in found) < 3
    assert min(q[-1].date for q in found) < "2021-10-01"


def test_the_first_weeks_do_not_take_all_questions(plan: PlayPlan) -> None:
    questions = asked(plan, answers_by(plan, RULES["always no"]))
    assert sum(q.date < "2021-04-01" for q in questions) <= len(questions) // 2


def test_a_no_stands_for_some_days(plan: PlayPlan) -> None:
    """What a team has refused its office does not do the day after, until it is asked again."""
    game = plan.worlds.at(answers_by(plan, RULES["always no"]))
    days = [(q, date.fromisoformat(q.date)) for q in game.asked]
    stood = 0
    for q, yes in zip(game.passed, game.passed_answers, strict=True):
        same = [
            d
            for a, d in days
            if (a.party, a.channel, a.decision) == (q.party, q.channel, q.decision)
            and 0 <= (date.fromisoformat(q.date) - d).days < 3
            and a.at_s < q.at_s
        ]
        if same:
            stood += q.probability > 0.1
            assert yes is False
    assert stood


def test_the_spread_asks_what_no_threshold_would(plan: PlayPlan) -> None:
    """A side that is behind its pace is asked what its doctrine finds unlikely."""
    questions = asked(plan, answers_by(plan, RULES["always no"]))
    assert any(q.probability < plan.spec.below for q in questions)


def question(party: str, at_s: int, decision: str = "call", likely: float = 0.5) -> Question:
    return Question(decision, party, "X", "a-b/m", at_s, "open", (), likely)


def test_a_side_that_has_none_left_is_not_waited_for() -> None:
    day_s = 86_400
    routine = Routine(each=2, most=9, in_a_row=2, span=(0, 100 * day_s))
    sides = ("A", "B")
    spent = [question("B", 0), question("B", 1), question("A", 2), question("A", 3)]
    assert routine.covers(question("A", 99 * day_s), spent, sides)  # its own are used up
    four = replace(routine, each=4)
    more = [*spent, question("B", 4), question("B", 5), question("A", 6)]
    assert not four.covers(question("A", 99 * day_s, "cut"), more, sides)
    waiting = [question("A", 2), question("A", 3)]
    assert routine.covers(question("A", 50 * day_s, "cut"), waiting, sides)
    assert not routine.covers(question("B", 50 * day_s, likely=0.0), waiting, sides)
    assert not replace(routine, each=9).covers(question("A", 50 * day_s, "cut"), waiting, ("A",))


def test_an_answer_to_the_other_team_is_asked_at_once() -> None:
    day_s = 86_400
    routine = Routine(below=0.5, each=2, span=(0, 100 * day_s))
    proposed, reply = question("A", 5), question("B", 5, "accept_call", 0.01)
    assert not routine.covers(reply, [proposed], ("A", "B"))
    assert routine.covers(replace(reply, at_s=6), [proposed], ("A", "B"))


def test_a_rehearsal_says_how_questions_fall_and_warns(plan: PlayPlan) -> None:
    lines = pace_lines(plan, 2)
    assert [x.split(":")[0].strip() for x in lines[1:]] == [
        "at random, table 1",
        "at random, table 2",
        "always no",
        "always yes",
        "by doctrine",
    ]
    assert all("FRA " in x and "; the last on 2021-" in x for x in lines[1:])
    loose = fair(spread=False, apart_days=0)
    assert any(x.startswith("WARNING: ") for x in pace_lines(loose, 1))
    bad = Pace({"FRA": 6, "ITA": 2}, plan.start_s + 86_400, 200)
    assert [x.partition(" ")[0] for x in bad.warnings(plan)] == ["ITA", "the", "200"]


def test_pace_counts_the_days_without_a_question(plan: PlayPlan) -> None:
    answers = answers_by(plan, RULES["always yes"])
    moments = [plan.start_s, *(q.at_s for q in asked(plan, answers)), plan.end_s]
    longest = max(b - a for a, b in pairwise(moments))
    assert pace_of(plan, answers).gap_days == longest // 86_400


@pytest.mark.parametrize("rule", ["at random", "always no"])
def test_a_no_that_stands_is_part_of_what_came_of_a_table(rule: str) -> None:
    """What a debrief turns around is compared with the table's own world, standing answers too."""
    plan = fair(apart_days=60, below=0.05)
    answers = answers_by(plan, RULES[rule])
    log = plan.worlds.log_of(answers)
    for n, answer in enumerate(answers):
        assert answer is not None
        assert plan.worlds.log_if(answers, n, answer) == log
    assert any(plan.worlds.log_if(answers, n, not a) != log for n, a in enumerate(answers))
