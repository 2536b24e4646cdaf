"""The records of several classes, read and checked: each must have answered the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sim.ground.errors import InputError, Problem
from sim.ground.letters import broken_text
from sim.seminar.lesson.classes import Held, shared_rounds
from sim.seminar.lesson.plan import Plan, questions_digest
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.results import FEWEST, last_word
from sim.seminar.lesson.session import unfit
from sim.seminar.record.events import Opened
from sim.seminar.record.file import load_record
from sim.seminar.record.room import Recorded
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import RECORD, SEMINAR

FEWEST_CLASSES, MOST_CLASSES = 2, 24
MAX_NAME = 60
LINES = ("record.jsonl", "record-with-names.jsonl")


def load_classes(plan: Plan, given: Sequence[str]) -> list[Held]:
    """Read the records of classes, each a file or a folder, or `NAME=` and one of these.

    Raises:
        InputError: everything that is wrong with any of them.
    """
    if not plan.rounds:
        rule = "has no rounds: there is nothing to compare"
        raise InputError([Problem(plan.title, 0, "seminar.rounds", rule)])
    if not FEWEST_CLASSES <= len(given) <= MOST_CLASSES:
        rule = f"give the records of {FEWEST_CLASSES} to {MOST_CLASSES} classes"
        raise InputError([Problem("sim classes", 0, "", rule, str(len(given)))])
    problems, found = list[Problem](), dict[str, Held]()
    salts: dict[str, str] = {}
    for text in given:
        try:
            name, path = _named(text)
            held = _held(plan, name, path)
        except InputError as error:
            problems += error.problems
            continue
        file = path.as_posix()
        own = {seal.salt for seal in LESSON.of(held.room).seals.values()}
        if name in found:
            rule = "must have another name than a class before it: write NAME=FILE"
            problems.append(Problem(file, 0, "", rule, name))
        elif same := next((salts[salt] for salt in own if salt in salts), None):
            problems.append(Problem(file, 0, "", f"is the record of the same lesson as {same}"))
        else:
            found[name] = held
        salts |= {salt: file for salt in own if salt not in salts}
    if problems:
        raise InputError(problems)
    classes = [*found.values()]
    if not shared_rounds(plan, [c.room for c in classes]):
        rule = "no round is revealed in all classes"
        raise InputError([Problem("sim classes", 0, "", rule)])
    return classes


def _named(text: str) -> tuple[str, Path]:
    """Return the name of a class and where its record is: what stands before the first `=`, or the
    name of the folder or file."""
    name, between, rest = text.partition("=")
    if between and rest and "/" not in name and not Path(text).exists():
        path, wanted = Path(rest), name.strip()
        rule = broken_text(wanted) if wanted else "must not be empty"
        if rule is None and len(wanted) > MAX_NAME:
            rule = f"must have at most {MAX_NAME} letters"
        if rule is not None:
            raise InputError([Problem("sim classes", 0, "NAME", rule, wanted)])
        return wanted, path
    path = Path(text)
    plain = path.resolve()
    named = plain.parent.name if plain.name in (RECORD, *LINES) else plain.stem
    return (plain.name if path.is_dir() else named)[:MAX_NAME], path


def _held(plan: Plan, name: str, path: Path) -> Held:
    """Read the record of one class.

    Raises:
        InputError: it is missing, damaged, of other questions, or of too few students.
    """
    place, record = _record(path)
    file = place.as_posix()
    opened = next((r.event for r in record if isinstance(r.event, Opened)), None)
    if opened is None:
        raise InputError([Problem(file, 0, "", "is empty: no lesson was held")])
    lines = place.suffix == ".jsonl"
    room, broken = SEMINAR.followed(record, partial(unfit, plan))
    if not _same(plan, opened):
        rule = f"is of other questions than the lesson: it is the record of “{opened.title}”"
        more = f"; event {broken[0][0]}: {broken[0][1]}" if broken else ""
        raise InputError([Problem(file, 0, "", f"{rule}{more}")])
    if broken:
        raise InputError(
            Problem(file, n + 1, "", rule) if lines else Problem(file, 0, f"event {n}", rule)
            for n, rule in broken
        )
    revealed = LESSON.of(room).revealed
    if not revealed:
        raise InputError([Problem(file, 0, "", "holds no round that is revealed")])
    most = max(len(LESSON.of(room).final(n)) for n in revealed)
    if not any(last_word(room, n) for n in revealed):
        rule = f"must hold answers of at least {FEWEST} students: fewer are not added up"
        raise InputError([Problem(file, 0, "", rule, str(most))])
    return Held(name, room, opened.disguised)


def _same(plan: Plan, opened: Opened) -> bool:
    """Whether a record is of the lesson, or of another that asks the same."""
    return questions_digest(plan) == opened.questions_sha256 or plan.digest == opened.lesson_sha256


def _record(path: Path) -> tuple[Path, list[Recorded]]:
    """Return the file of a record, and its events: a folder holds it as it was kept, or exported.

    Raises:
        InputError: there is none, or it is damaged.
    """
    if path.is_dir():
        held = (path / name for name in (RECORD, *LINES))
        chosen = next((p for p in held if p.is_file()), None)
        if chosen is None:
            rule = f"holds no record: neither {RECORD} nor {LINES[0]}"
            raise InputError([Problem(path.as_posix(), 0, "", rule)])
        path = chosen
    if path.suffix != ".sqlite" or not path.is_file():
        return path, load_record(path, SEMINAR)[1]
    store = Store(path, SEMINAR)
    try:
        return path, store.read()
    finally:
        store.close()
