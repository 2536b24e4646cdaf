"""What the columns of the tables of a seminar mean."""

from __future__ import annotations

from sim.ground.column import NATS, Column, count, number, text, yes
from sim.ground.states import STATE_LABELS

SEMINAR_TABLES: dict[str, tuple[Column, ...]] = {
    "seminar/scores.csv": (
        count("round", "", "The round, from 1 on."),
        text("cut", "The last day that students knew."),
        text("question", "The question, as the lesson calls it."),
        text("asked", "The question in words."),
        count("vote", "", "The first vote or the second; empty of the simulator and base rate."),
        text("student", "The student, by number or by name; or `simulator`, or `base rate`."),
        text("group", "The student's group."),
        text("role", "The student's role."),
        number("p_yes", "probability", "Of yes; empty where it is no option."),
        number("p_no", "probability", "Of no; empty where it is no option."),
        *(
            number(f"p_{state}", "probability", f"Of the state “{label}”; empty where no option.")
            for state, label in STATE_LABELS.items()
        ),
        text("came_true", "The option that came true; empty before the reveal."),
        number("log_score", NATS, "The logarithm of the probability of what came true."),
        number("brier_score", "", "The sum of squared errors of the probabilities: 0 is best."),
        text("reason", "The reason that the student gives."),
        *(
            number(f"p_answer_{n}", "probability", f"Of answer {n} of a question of one's own.")
            for n in range(1, 9)
        ),
        text("answers", "The answers of a question of one's own, in order, with | between."),
    ),
    "seminar/decisions.csv": (
        count("table", "", "The table."),
        count("question", "", "The number of the question at that table; empty for an office."),
        Column("date", "date", "", "The day of the question in the world of the table."),
        text("party", "The government that is asked."),
        text("channel", "The channel."),
        text("decision", "What is asked: an act, the answer to an act, or how a contact is told."),
        text("answer", "yes, no, or `doctrine` where nobody answered."),
        text("how", "How the answer came about: `office` where the team was not asked."),
        count("votes_yes", "", "Votes for yes."),
        count("votes_no", "", "Votes for no."),
        number("doctrine_probability", "probability", "What the doctrine gives for a yes."),
    ),
    "seminar/alone.csv": (
        count("student", "", "The number of the student."),
        count("game", "", "The number of the game among the student's."),
        count("from_table", "", "The table whose world it is; empty from the first day on."),
        count("from_question", "", "The question of that table from which the game goes on."),
        count("question", "", "The number of the question in the game."),
        Column("date", "date", "", "The day of the question."),
        text("party", "The government that is asked."),
        text("channel", "The channel."),
        text("decision", "What is asked: an act, the answer to an act, or how a contact is told."),
        text("answer", "yes, no, or `doctrine` where it was left to the doctrine."),
        number("doctrine_probability", "probability", "What the doctrine gives for a yes."),
    ),
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
    "students.csv": (
        text("student", "A random id."),
        text("group", "The group, where at least five share it."),
        text("role", "The role, where at least five share it."),
        count("rounds_answered", "", "Rounds with an answer whose reason was not hidden."),
        count("rounds_voted_twice", "", "Rounds in which the student voted twice."),
        count("play_votes", "", "Questions of the role play on which the student voted."),
        count("play_lines", "", "Instructions and notes that the student wrote in the role play."),
        count("play_letters", "characters", "Their length together."),
        count("alone_answers", "", "Answers in games that the student played alone."),
    ),
    "forecasts.csv": (
        text("student", "The id of `students.csv`."),
        count("round", "", "The round, from 1 on."),
        text("question", "The question, as in `questions.csv`."),
        count("vote", "", "1 before the discussion, 2 after it."),
        count("change", "", "1 for the first answer of this vote, 2 for the first change, ..."),
        yes("last", "Whether this is the answer that counted in this vote."),
        count("seconds", "seconds", "Since the vote began."),
        count("reason_letters", "characters", "The length of the reason."),
        text("option", "One option of the question."),
        number("probability", "probability", "What the student gave to it."),
    ),
    "student-scores.csv": (
        text("student", "The id of `students.csv`."),
        count("round", "", "The round, from 1 on."),
        text("question", "The question, as in `questions.csv`."),
        count("vote", "", "1 before the discussion, 2 after it."),
        number("log_score", NATS, "Minus the logarithm of the probability of what came true."),
        number("brier_score", "", "The sum of squared errors of the probabilities: 0 is best."),
    ),
    "questions.csv": (
        count("round", "", "The round, from 1 on."),
        text("round_title", "What the pages call the round."),
        text("cut", "The last day that students knew."),
        text("question", "The question, as the lesson calls it."),
        text("asked", "The question in words."),
        text("option", "One option of it."),
        yes("came_true", "Whether it came true; empty before the reveal."),
        number("simulator", "probability", "What the simulator gave to it."),
        number("base_rate", "probability", "What the log before the cut gives to it."),
    ),
    "phases.csv": (
        count("round", "", "The round, from 1 on; empty of a role play."),
        text("phase", "A phase of a round, or a stage of a role play."),
        count("seconds", "seconds", "How long it lasted, with the time in which it was stopped."),
    ),
}
