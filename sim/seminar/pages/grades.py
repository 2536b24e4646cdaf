"""The grade sheet: a row a student, with the rule in it."""

from __future__ import annotations

from sim.ground.language import N_, _, ngettext, numeral
from sim.seminar.lesson.grades import Grade, grades, most_of, total_of
from sim.seminar.lesson.grading import Grading
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.sheets import sheet
from sim.seminar.record.room import Room


def grades_table(plan: Plan, room: Room, *, names: bool) -> str:
    """Write the grades as CSV: one row a student. Only rounds that are revealed count."""
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
    return sheet("seminar/grades.csv", rows)


def number_of(points: float | None) -> str:
    """Write points with a decimal at most; nothing where there are none."""
    return "" if points is None else f"{points:.1f}".removesuffix(".0")


def rule_of(plan: Plan) -> str:
    """Say the rule of the points in a few sentences."""
    grading, said = plan.lesson.grading, list[str]()
    if plan.rounds:
        told = _(
            "Forecasts: {most} points for a Brier score of 0 in every question, {even} for the "
            "even answer in every question, others on a straight line through both. Each question "
            "counts the same. A question without an answer counts as the even answer.",
            most=numeral(number_of(grading.forecasts)),
            even=numeral(number_of(grading.even_points)),
        )
        said.append(told)
    points = numeral(number_of(grading.participation))
    if not plan.rounds:
        part = N_(
            "Taking part: {points} points for votes on half of the team's questions in the role "
            "play."
        )
    elif plan.play is None:
        part = N_("Taking part: {points} points for a reason in every round.")
    else:
        part = N_(
            "Taking part: {points} points for a reason in every round and votes on half of the "
            "team's questions in the role play, half of them for each."
        )
    return " ".join([*said, _(part, points=points)])


def summary_of(grade: Grade, grading: Grading) -> str:
    """Say how the points of one student came about."""
    said = []
    points, error = grade.forecast_points(grading), grade.forecast_error(grading)
    if points is not None:
        of = {"points": numeral(number_of(points)), "most": numeral(number_of(grading.forecasts))}
        if error is None:
            told = ngettext(
                "Forecasts: {points} of {most} points over {n} question.",
                "Forecasts: {points} of {most} points over {n} questions.",
                grade.answered,
                **of,
            )
        else:
            told = ngettext(
                "Forecasts: {points} of {most} points over {n} question, with a standard error of "
                "{error}.",
                "Forecasts: {points} of {most} points over {n} questions, with a standard error of "
                "{error}.",
                grade.answered,
                error=numeral(number_of(error)),
                **of,
            )
        said.append(told)
    part = grade.part_points(grading)
    if part is not None:
        of = {"points": number_of(part), "most": number_of(grading.participation)}
        of = {name: numeral(text) for name, text in of.items()}
        said.append(_("Taking part: {points} of {most} points.", **of))
    return " ".join(said)
