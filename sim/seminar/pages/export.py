"""What a teacher takes home: the record as JSON Lines, and the scores as CSV.

Names are replaced by the students' numbers unless they are asked for; secrets are never in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sim.ground.column import COLUMNS_FILE
from sim.ground.tables import dictionary
from sim.log.log import STATES
from sim.seminar.lesson.horizon import is_over
from sim.seminar.lesson.plan import NO, YES, Plan, Question, RoundPlan
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.results import BASE, SIMULATOR, others
from sim.seminar.lesson.schema import MOST_ANSWERS
from sim.seminar.lesson.scores import score
from sim.seminar.lesson.session import Session
from sim.seminar.pages.alone import COLUMNS as ALONE_COLUMNS
from sim.seminar.pages.alone import alone_table
from sim.seminar.pages.decisions import COLUMNS as DECISIONS
from sim.seminar.pages.decisions import decisions_table, world_text
from sim.seminar.pages.grades import COLUMNS as GRADES
from sim.seminar.pages.grades import grades_table
from sim.seminar.pages.sheets import table_text
from sim.seminar.play.alone import ALONE
from sim.seminar.play.alone_worlds import AloneWorlds
from sim.seminar.play.part import PLAY
from sim.seminar.record.file import record_lines
from sim.seminar.record.room import Room

BETWEEN = " | "
"""What stands between two answers in one cell."""
NAMED = {SIMULATOR: "simulator", BASE: "base rate"}
"""What the table calls who is no student."""
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
    *(f"p_answer_{n}" for n in range(1, MOST_ANSWERS + 1)),
    "answers",
    "disguised",
)
"""The columns of the scores: one row a student, question and vote. A probability is in [0, 1], and
empty where the question has no such option. What came true and the scores are empty before the
reveal. Students named `simulator` and `base rate` have no vote. A question of the lesson's own has
its probabilities by the place of the answer, and all its answers in one column. The last column
says whether the lesson was in disguise, so that tables of two lessons can be laid together."""


def exports(session: Session, *, names: bool = False) -> dict[str, Callable[[], str]]:
    """Return what can be taken home at this moment: the name of each file, and what writes it."""
    plan, room = session.plan, session.room
    found: dict[str, Callable[[], str]] = {
        "record.jsonl": partial(record_lines, session.store, plan.title, plan.digest, names=names),
        "scores.csv": partial(scores_table, plan, room, names=names),
        "grades.csv": partial(grades_table, plan, room, names=names),
    }
    tables = {"seminar/scores.csv": COLUMNS, "seminar/grades.csv": GRADES}
    if plan.play is not None and is_over(plan, room):
        found["decisions.csv"] = partial(decisions_table, plan.play, PLAY.of(room))
        tables["seminar/decisions.csv"] = DECISIONS
        for number, table in PLAY.of(room).tables.items():
            found[f"table-{number}.jsonl"] = partial(world_text, plan.play, table)
    if plan.play is not None and ALONE.of(room).games:
        found["alone.csv"] = partial(alone_table, AloneWorlds(plan.play), room)
        tables["seminar/alone.csv"] = ALONE_COLUMNS
    if not names:  # the columns are the same
        found[COLUMNS_FILE] = partial(dictionary, tables)
    return found


def scores_table(plan: Plan, room: Room, *, names: bool = False) -> str:
    """Write the scores as CSV, with `COLUMNS`."""
    asked = [(r, q) for r in plan.rounds for q in r.questions]
    worn = "false" if plan.lesson.disguise is None else "true"
    return table_text(COLUMNS, ([*x, worn] for r, q in asked for x in _rows(room, r, q, names)))


def _rows(room: Room, round_: RoundPlan, question: Question, names: bool) -> Iterator[list[str]]:
    """Give the rows of one question: every vote, then the simulator and the base rate."""
    number, revealed = round_.number, round_.number in LESSON.of(room).revealed
    head = [str(number + 1), round_.cut, question.id, question.text]
    for vote in (1, 2):
        for n, answer in sorted(LESSON.of(room).cast(number, vote).items()):
            student = room.students[n]
            who = [student.name if names else str(n), student.group or "", student.role or ""]
            given = answer.probabilities(question.id)
            numbers = _numbers(question, given, revealed)
            yield [*head, str(vote), *who, *numbers, answer.reason, *_own(question, given)]
    if revealed:
        for name, given in others(room, round_, question).items():
            numbers, none = _numbers(question, given, revealed), _own(question, given)
            yield [*head, "", NAMED[name], "", "", *numbers, "", *none]


def _own(question: Question, given: tuple[float, ...]) -> list[str]:
    """Write the probabilities of a question of the lesson's own by place, and its answers."""
    if not question.own:
        return [""] * (MOST_ANSWERS + 1)
    cells = [f"{p:.4g}" for p in given]
    empty = [""] * (MOST_ANSWERS - len(cells))
    return [*cells, *empty, BETWEEN.join(question.options)]


def _numbers(question: Question, given: tuple[float, ...], revealed: bool) -> list[str]:
    """Write the probabilities, and after the reveal what came true and the scores."""
    by_option = {} if question.own else dict(zip(question.options, given, strict=True))
    cells = [f"{by_option[o]:.4g}" if o in by_option else "" for o in (YES, NO, *STATES)]
    if not revealed:
        return [*cells, "", "", ""]
    found = score(given, question.truth)
    came = question.options[question.truth]
    return [*cells, came, f"{found.log:.6f}", f"{found.brier:.6f}"]
