"""The grade sheet: a row a student, with the rule in it."""

from __future__ import annotations

from sim.seminar.lesson.grades import Grade, grades, most_of, total_of
from sim.seminar.lesson.grading import Grading
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.sheets import table_text
from sim.seminar.record.room import Room

COLUMNS = (
    "student",
    "group",
    "questions_answered",
    "questions_missed",
    "relative_score",
    "forecast_points",
    "forecast_error",
    "few_questions",
    "rounds_answered",
    "rounds_voted_twice",
    "reasons",
    "play_votes",
    "play_questions",
    "alone_answers",
    "participation_points",
    "total",
    "total_of",
    "rule",
)
"""The columns of the grade sheet: one row a student. Only rounds that are revealed count."""


def grades_table(plan: Plan, room: Room, *, names: bool = False) -> str:
    """Write the grades as CSV, with `COLUMNS`."""
    grading, rule = plan.lesson.grading, rule_of(plan)
    most = number_of(most_of(plan))
    rows = [
        [
            grade.student.name if names else grade.student.number,
            grade.student.group or "",
            grade.answered,
            grade.missed,
            "" if grade.relative is None else f"{grade.relative:.4f}",
            number_of(grade.forecast_points(grading)),
            number_of(grade.forecast_error(grading)),
            "true" if grade.few else "false",
            grade.rounds,
            grade.twice,
            grade.reasons,
            grade.votes,
            grade.asked,
            grade.alone,
            number_of(grade.part_points(grading)),
            number_of(total_of(grade, grading)),
            most,
            rule,
        ]
        for grade in grades(plan, room)
    ]
    return table_text(COLUMNS, rows)


def number_of(points: float | None) -> str:
    """Write points with a decimal at most; nothing where there are none."""
    return "" if points is None else f"{points:.1f}".removesuffix(".0")


def rule_of(plan: Plan) -> str:
    """Say the rule of the points in a few sentences."""
    grading, said = plan.lesson.grading, list[str]()
    if plan.rounds:
        said.append(
            f"Forecasts: {number_of(grading.forecasts)} points for a Brier score of 0 in every "
            f"question, {number_of(grading.even_points)} for the even answer in every question, "
            "others on a straight line through both. Each question counts the same. A question "
            "without an answer counts as the even answer."
        )
    said.append(f"Taking part: {number_of(grading.participation)} points for {_whole(plan)}.")
    return " ".join(said)


def _whole(plan: Plan) -> str:
    rounds = "a reason in every round"
    play = "votes on half of the team's questions in the role play"
    if not plan.rounds:
        return play
    return rounds if plan.play is None else f"{rounds} and {play}, half of them for each"


def summary_of(grade: Grade, grading: Grading) -> str:
    """Say how the points of one student came about."""
    said = []
    points, error = grade.forecast_points(grading), grade.forecast_error(grading)
    if points is not None:
        doubt = "" if error is None else f", with a standard error of {number_of(error)}"
        asked = f"{grade.answered} question{'' if grade.answered == 1 else 's'}"
        of = number_of(grading.forecasts)
        said.append(f"Forecasts: {number_of(points)} of {of} points over {asked}{doubt}.")
    part = grade.part_points(grading)
    if part is not None:
        said.append(f"Taking part: {number_of(part)} of {number_of(grading.participation)} points.")
    return " ".join(said)
