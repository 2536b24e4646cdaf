"""What a teacher takes home: the record as JSON Lines, and the scores as CSV.

Names are replaced by the students' numbers unless they are asked for; secrets are never in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sim.ground.errors import InputError, Problem
from sim.ground.files import decode, json_line, read_bytes
from sim.log.log import STATES
from sim.seminar.past import is_over
from sim.seminar.plan import NO, YES, Plan, Question, RoundPlan
from sim.seminar.play.export import decisions_table, world_text
from sim.seminar.reading import followed, parsed, recorded_of
from sim.seminar.record import (
    SCHEMA_VERSION,
    Joined,
    Opened,
    Recorded,
    Room,
    Started,
    plain_event,
)
from sim.seminar.scores import kept_off_zero, score
from sim.seminar.session import Session
from sim.seminar.sheets import table_text
from sim.seminar.store import MAIN

FORM = "backchannel seminar"
BLANK = "0" * 64
MAX_BYTES = 100_000_000
COLUMNS = (
    "round",
    "cut",
    "question",
    "asked",
    "vote",
    "student",
    "group",
    "role",
    *(f"p_{o}" for o in (YES, NO, *STATES)),
    "came_true",
    "log_score",
    "brier_score",
    "reason",
)
"""The columns of the scores: one row a student, question and vote. A probability is in [0, 1], and
empty where the question has no such option; the last four but the reason are empty before the
reveal. Students named `simulator` and `base rate` have no vote."""


def record_lines(session: Session, *, names: bool = False) -> str:
    """Write the record as JSON Lines: a header line, then a line an event."""
    head = {
        "form": FORM,
        "schema": SCHEMA_VERSION,
        "title": session.plan.title,
        "lesson_sha256": session.plan.digest,
        "names": names,
    }
    lines = [json_line(head)]
    for recorded in session.store.read(MAIN):
        event = recorded.event
        if isinstance(event, Joined):
            shown = event.name if names else f"student {event.student}"
            event = event.model_copy(update={"seat_sha256": BLANK, "name": shown})
        elif isinstance(event, Started):
            event = event.model_copy(update={"teacher_sha256": BLANK})
        elif isinstance(event, Opened):
            event = event.model_copy(update={"code": ""})
        place = {"position": recorded.position, "at_ms": recorded.at_ms}
        lines.append(json_line(place | plain_event(event)))
    return "\n".join(lines) + "\n"


def is_record(path: Path) -> bool:
    """Whether a file of JSON Lines says that it is the record of a seminar.

    Raises:
        InputError: it cannot be read.
    """
    return read_bytes(path, MAX_BYTES).lstrip().startswith(f'{{"form":"{FORM}"'.encode())


def load_record(path: Path) -> tuple[dict[str, Any], list[Recorded]]:
    """Read an exported record: its header and its events.

    Raises:
        InputError: every line that breaks a rule.
    """
    name = path.as_posix()
    lines = decode(read_bytes(path, MAX_BYTES), name).splitlines()
    problems: list[Problem] = []
    found: list[Recorded] = []
    head: dict[str, Any] = {}
    missing = 0
    for number, line in enumerate(lines, start=1):
        try:
            data = parsed(line)
            if number == 1:
                head = _header(data)
                continue
            position, at_ms = data.pop("position", None), data.pop("at_ms", None)
            if position != number - 1 + missing:
                wanted, missing = number - 1 + missing, _gap(position, number)
                raise ValueError(f"position: must be {wanted}, as the events follow each other")
            found.append(recorded_of(position, at_ms, data))
        except ValueError as error:
            problems.append(Problem(name, number, "", str(error)))
    if not lines:
        problems.append(Problem(name, 0, "", "must not be empty"))
    if not problems:
        problems += [Problem(name, n + 1, "", rule) for n, rule in followed(found)[1]]
    if problems:
        raise InputError(problems)
    return head, found


def _gap(position: object, number: int) -> int:
    """Return by how much the positions run ahead of the lines from here on."""
    return position - (number - 1) if type(position) is int else 0


def _header(data: dict[str, Any]) -> dict[str, Any]:
    if data.get("form") != FORM:
        raise ValueError(f"form: must be “{FORM}”")
    if data.get("schema") != SCHEMA_VERSION:
        raise ValueError(f"schema: must be {SCHEMA_VERSION}")
    return data


def exports(session: Session, *, names: bool = False) -> dict[str, Callable[[], str]]:
    """Return what can be taken home at this moment: the name of each file, and what writes it."""
    plan, room = session.plan, session.room
    found: dict[str, Callable[[], str]] = {
        "record.jsonl": partial(record_lines, session, names=names),
        "scores.csv": partial(scores_table, plan, room, names=names),
    }
    if plan.play is not None and is_over(plan, room):
        found["decisions.csv"] = partial(decisions_table, plan.play, room.play)
        for number, table in room.play.tables.items():
            found[f"table-{number}.jsonl"] = partial(world_text, plan.play, table)
    return found


def scores_table(plan: Plan, room: Room, *, names: bool = False) -> str:
    """Write the scores as CSV, with `COLUMNS`."""
    asked = [(r, q) for r in plan.rounds for q in r.questions]
    return table_text(COLUMNS, (row for r, q in asked for row in _rows(room, r, q, names)))


def _rows(room: Room, round_: RoundPlan, question: Question, names: bool) -> Iterator[list[str]]:
    """Give the rows of one question: every vote, then the simulator and the base rate."""
    number, revealed = round_.number, round_.number in room.revealed
    head = [str(number + 1), round_.cut, question.id, question.text]
    for vote in (1, 2):
        for n, answer in sorted(room.cast(number, vote).items()):
            student = room.students[n]
            who = [student.name if names else str(n), student.group or "", student.role or ""]
            given = answer.probabilities(question.id)
            numbers = _numbers(question, given, revealed)
            yield [*head, str(vote), *who, *numbers, answer.reason]
    if revealed:
        others = [("base rate", kept_off_zero(question.base_rate))]
        if number in room.forecasts:
            others.insert(0, ("simulator", room.forecasts[number].probabilities[question.id]))
        for name, given in others:
            yield [*head, "", name, "", "", *_numbers(question, given, revealed), ""]


def _numbers(question: Question, given: tuple[float, ...], revealed: bool) -> list[str]:
    """Write the probabilities, and after the reveal what came true and the scores."""
    by_option = dict(zip(question.options, given, strict=True))
    cells = [f"{by_option[o]:.4g}" if o in by_option else "" for o in (YES, NO, *STATES)]
    if not revealed:
        return [*cells, "", "", ""]
    found = score(given, question.truth)
    came = question.options[question.truth]
    return [*cells, came, f"{found.log:.6f}", f"{found.brier:.6f}"]
