"""What a teacher takes home of a role play: every decision as CSV, and the worlds as logs."""

from __future__ import annotations

from sim.log.file import to_jsonl
from sim.seminar.pages.sheets import table_text
from sim.seminar.play.record import PlayState, TableState
from sim.seminar.play.worlds import PlayPlan

COLUMNS = (
    "table",
    "question",
    "date",
    "party",
    "channel",
    "decision",
    "answer",
    "how",
    "votes_yes",
    "votes_no",
    "doctrine_probability",
)
"""One row a question that was answered. `answer` is yes, no or doctrine; the last is what the
party's doctrine gave for a yes, in [0, 1]. A row whose `how` is office is a question that the team
was not asked: it has no number and no votes, and `answer` is yes or no."""


def world_text(plan: PlayPlan, table: TableState) -> str:
    """Write the log of a table's world, as `sim replay` reads it."""
    return to_jsonl(plan.worlds.log(table))


def decisions_table(plan: PlayPlan, state: PlayState) -> str:
    """Write the decisions as CSV, with `COLUMNS`."""
    rows: list[list[str | int]] = []
    for number, at in sorted(state.tables.items()):
        for question, _, decided in plan.worlds.decided(at):
            answer = {True: "yes", False: "no", None: "doctrine"}[decided.answer]
            told = [question.party, question.channel, question.decision, answer, decided.how]
            votes: list[str | int] = [decided.yes, decided.no, f"{question.probability:.4f}"]
            rows.append([number, decided.number + 1, question.date, *told, *votes])
        game = plan.worlds.ended(at.answers) if at.ended is not None else plan.worlds.at(at.answers)
        for party in plan.spec.parties:
            for question, yes in plan.worlds.passed(game, party):
                told = [question.party, question.channel, question.decision]
                told += ["yes" if yes else "no", "office"]
                rows.append(
                    [number, "", question.date, *told, "", "", f"{question.probability:.4f}"]
                )
    return table_text(COLUMNS, rows)
