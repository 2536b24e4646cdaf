"""What a teacher takes home of a role play: all decisions as CSV, and the worlds as logs."""

from __future__ import annotations

from sim.log.file import to_jsonl
from sim.seminar.pages.sheets import sheet
from sim.seminar.play.alone import ALONE
from sim.seminar.play.alone_worlds import AloneWorlds, start_of
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import PlayState, TableState
from sim.seminar.play.worlds import PlayPlan
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Room

SAID = {True: "yes", False: "no", None: "doctrine"}
"""How the tables write an answer."""


def world_text(plan: PlayPlan, table: TableState) -> str:
    """Write the log of a table's world, as `sim replay` reads it."""
    return to_jsonl(plan.worlds.log(table))


def decisions_table(plan: PlayPlan, state: PlayState) -> str:
    """Write the decisions as CSV: one row a question that was answered.

    A row whose `how` is office is a question that the team was not asked: it has no number and no
    votes, and `answer` is yes or no.
    """
    rows: list[list[str | int]] = []
    for number, at in sorted(state.tables.items()):
        for question, _, decided in plan.worlds.decided(at):
            told = [question.party, question.channel, question.decision]
            told += [SAID[decided.answer], decided.how]
            votes: list[str | int] = [decided.yes, decided.no, f"{question.probability:.4f}"]
            rows.append([number, decided.number + 1, question.date, *told, *votes])
        game = plan.worlds.ended(at.answers) if at.ended is not None else plan.worlds.at(at.answers)
        for party in plan.spec.parties:
            for question, yes in plan.worlds.passed(game, party):
                told = [question.party, question.channel, question.decision]
                told += [SAID[yes], "office"]
                rows.append(
                    [number, "", question.date, *told, "", "", f"{question.probability:.4f}"]
                )
    return sheet("seminar/decisions.csv", rows)


def alone_table(worlds: AloneWorlds, room: Room) -> str:
    """Write all answers of all games that were played alone as CSV: one row an answer. A game of
    another version of the program is left out."""
    rows: list[list[str | int]] = []
    for student, games in sorted(ALONE.of(room).games.items()):
        for number, game in enumerate(games):
            start = start_of(PLAY.of(room), game.began)
            try:
                worlds.check(start, game.answered)
            except Refused:
                continue
            began = game.began
            place = ["", ""] if began.table is None else [str(began.table), str(began.at + 1)]
            asked = worlds.asked(start, game.answers)
            for n, (q, answer) in enumerate(zip(asked, game.answers, strict=True)):
                told = [q.party, q.channel, q.decision, SAID[answer], f"{q.probability:.4f}"]
                rows.append([student, number + 1, *place, n + 1, q.date, *told])
    return sheet("seminar/alone.csv", rows)
