"""What the columns of a seminar's later tables mean: grades."""

from __future__ import annotations

from sim.ground.column import Column, count, number, text, yes

SEMINAR_TABLES: dict[str, tuple[Column, ...]] = {
    "seminar/grades.csv": (
        text("student", "The student, by number or by name."),
        text("group", "The student's group."),
        count("questions_answered", "", "Questions of revealed rounds that have an answer."),
        count("questions_missed", "", "Those that have none; each counts as the even answer."),
        number(
            "relative_score",
            "",
            "The mean Brier score over that of the even answer: 0 is perfect, 1 the even answer.",
        ),
        number("forecast_points", "points", "On a straight line with `relative_score`."),
        number(
            "forecast_error",
            "points",
            "The standard error of these points over the questions; empty of fewer than two. "
            "Differences of this size are luck.",
        ),
        yes("few_questions", "Whether fewer than 20 answers count: luck then weighs most."),
        count("rounds_answered", "", "Rounds with an answer whose reason was not hidden."),
        count("rounds_voted_twice", "", "Rounds in which the student voted twice; no points."),
        count("reasons", "", "Reasons in both votes that were not hidden; no points."),
        count("play_votes", "", "Questions of the role play on which the student voted."),
        count("play_questions", "", "Questions of the role play that the team was asked."),
        count("alone_answers", "", "Answers in games that the student played alone."),
        number("participation_points", "points", "Points for taking part."),
        number("total", "points", "Both points together."),
        number("total_of", "points", "The most that there is."),
        text("rule", "How the points are given."),
    ),
}
"""By the name of the file, as `sim.ground.columns.TABLES`, which holds them."""
