"""What the columns of the tables of a seminar mean."""

from __future__ import annotations

from sim.ground.column import NATS, Column, count, number, text
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
}
