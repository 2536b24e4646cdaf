"""What a teacher takes home: the record as JSON Lines, and the scores as CSV.

Names are replaced by the students' numbers unless they are asked for, and secrets are left out. The
files go into the folder of the record; no record is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from sim.ground.column import COLUMNS_FILE
from sim.ground.files import write_safely
from sim.ground.tables import dictionary
from sim.log.log import STATES
from sim.seminar.lesson.horizon import is_over
from sim.seminar.lesson.plan import NO, YES, Plan, Question, RoundPlan
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.results import BASE, SIMULATOR, others
from sim.seminar.lesson.schema import MOST_ANSWERS
from sim.seminar.lesson.scores import score
from sim.seminar.lesson.session import Session
from sim.seminar.pages.decisions import alone_table, decisions_table, world_text
from sim.seminar.pages.grades import grades_table
from sim.seminar.pages.sheets import heads, sheet
from sim.seminar.play.alone import ALONE
from sim.seminar.play.alone_worlds import AloneWorlds
from sim.seminar.play.part import PLAY
from sim.seminar.record.file import record_lines
from sim.seminar.record.room import Room

RECORD = "record.jsonl"
BETWEEN = " | "
"""What stands between two answers in one cell."""
NAMED = {SIMULATOR: "simulator", BASE: "base rate"}
"""What the table calls who is no student."""


def exports(session: Session, *, names: bool = False) -> dict[str, Callable[[], str]]:
    """Return what can be taken home at this moment: the name of each file, and what writes it."""
    plan, room = session.plan, session.room
    found: dict[str, Callable[[], str]] = {
        RECORD: partial(record_lines, session.store, plan.title, plan.digest, names=names),
        "scores.csv": partial(scores_table, plan, room, names=names),
        "grades.csv": partial(grades_table, plan, room, names=names),
    }
    if plan.play is not None and is_over(plan, room):
        found["decisions.csv"] = partial(decisions_table, plan.play, PLAY.of(room))
        for number, table in PLAY.of(room).tables.items():
            found[f"table-{number}.jsonl"] = partial(world_text, plan.play, table)
    if plan.play is not None and ALONE.of(room).games:
        found["alone.csv"] = partial(alone_table, AloneWorlds(plan.play), room)
    if not names:  # the columns are the same
        tables = [f"seminar/{name}" for name in found if name.endswith(".csv")]
        found[COLUMNS_FILE] = partial(dictionary, {table: heads(table) for table in tables})
    return found


def scores_table(plan: Plan, room: Room, *, names: bool = False) -> str:
    """Write the scores as CSV: one row a student, question and vote.

    What came true and the scores are empty before the reveal. Who is no student, as `NAMED`, has no
    vote. The last column says whether the lesson was in disguise, so that tables of two lessons can
    be laid together.
    """
    asked = [(r, q) for r in plan.rounds for q in r.questions]
    worn = "false" if plan.lesson.disguise is None else "true"
    rows = ([*x, worn] for r, q in asked for x in _rows(room, r, q, names))
    return sheet("seminar/scores.csv", rows)


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


def save_exports(session: Session, folder: Path, *, names: bool = False) -> list[Path]:
    """Write the record and the scores into a folder; return the files.

    Where the folder holds what is not of this room, they go into `lesson-2` in it, or `lesson-3`.

    Raises:
        RunError: the disk refuses.
    """
    written = {_marked(name, names): text() for name, text in exports(session, names=names).items()}
    plan = session.plan
    lines = {
        _marked(RECORD, n): record_lines(session.store, plan.title, plan.digest, names=n)
        for n in (False, True)
    }
    folders = (folder if n == 1 else folder / f"lesson-{n}" for n in count(1))
    chosen = next(f for f in folders if _may_be_written(f, [*written], lines))
    for name, text in written.items():
        write_safely(chosen / name, text)
    return [chosen / name for name in written]


def _marked(name: str, names: bool) -> str:
    stem, _, kind = name.partition(".")
    return f"{stem}-with-names.{kind}" if names and stem in ("record", "scores", "grades") else name


def _may_be_written(folder: Path, names: list[str], lines: dict[str, str]) -> bool:
    """Whether a folder holds none of the files, or those of this room. A record is only added to,
    so one that was saved earlier is the beginning of what it is now."""
    records = [name for name in lines if (folder / name).exists()]
    if not records:
        return not any((folder / name).exists() for name in names)
    return all(lines[name].encode().startswith(_content(folder / name)) for name in records)


def _content(path: Path) -> bytes:
    """Return the bytes of a file; of what cannot be read, some with which no record begins."""
    try:
        return path.read_bytes()
    except OSError:
        return b"?"
