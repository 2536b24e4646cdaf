"""A lesson for a study of learning: who did what when, without who anybody is.

Nothing that somebody typed is in it but numbers. Students have ids made with a key that is thrown
away, so nobody can find them again, from the record or from another such folder. A group or a role
stays only where at least `FEWEST` share it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path

from sim.ground.errors import InputError, Problem
from sim.ground.files import write_safely
from sim.ground.tables import write_tables
from sim.seminar.lesson.grades import grades
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.record import LESSON, Answered, Began
from sim.seminar.lesson.results import BASE, FEWEST, SIMULATOR, others, scored
from sim.seminar.lesson.session import Session
from sim.seminar.pages.sheets import sheet
from sim.seminar.play.record import Instructed, Noted, PlayBegan
from sim.seminar.record.events import Ended, Step
from sim.seminar.record.room import Recorded, Room, Student

FOLDER = "anonymous"
README = "README.md"


def save_anonymous(session: Session, folder: Path, key: str) -> list[Path]:
    """Write the tables into `anonymous` in a folder, or `anonymous-2`, ...; return the files. `key`
    is what the ids are made with: a new secret, which the caller keeps nowhere.

    Raises:
        InputError: fewer students than may be told of are in the room.
        RunError: the disk refuses.
    """
    plan, room = session.plan, session.room
    if len(room.students) < FEWEST:
        rule = f"must hold at least {FEWEST} students: of fewer everybody could be found"
        place = session.store.path.as_posix()
        raise InputError([Problem(place, 0, "", rule, str(len(room.students)))])
    places = (folder / (FOLDER if n == 1 else f"{FOLDER}-{n}") for n in count(1))
    chosen = next(place for place in places if not place.exists())
    tables = anonymous_tables(plan, room, session.store.read(), key)
    write_tables(chosen, tables)
    write_safely(chosen / README, _readme(plan, room))
    return [chosen / name for name in (*tables, "columns.csv", README)]


def anonymous_tables(
    plan: Plan, room: Room, record: Iterable[Recorded], key: str
) -> dict[str, str]:
    """Return the tables in CSV, by the names of their files."""
    listed = list(record)

    def named(student: int) -> str:
        return f"s{sha256(f'{key} {student}'.encode()).hexdigest()[:12]}"

    tables: dict[str, Iterable[list[str | int]]] = {
        "students.csv": sorted(_students(plan, room, listed, named)),
        "forecasts.csv": sorted(_forecasts(plan, room, listed, named)),
        "student-scores.csv": sorted(_scores(plan, room, named)),
        "questions.csv": _questions(plan, room),
        "phases.csv": _phases(listed),
    }
    return {name: sheet(name, rows) for name, rows in tables.items()}


def shared(students: Iterable[Student]) -> dict[int, tuple[str, str]]:
    """Return what may be told of each student's group and role: both where at least `FEWEST` have
    each pair of them, else the group or the role alone, else neither."""
    listed = list(students)
    told: Callable[[Student], tuple[str, str]]
    for told in (
        lambda s: (s.group or "", s.role or ""),
        lambda s: (s.group or "", ""),
        lambda s: ("", s.role or ""),
    ):
        if min(Counter(told(s) for s in listed).values(), default=0) >= FEWEST:
            return {s.number: told(s) for s in listed}
    return {s.number: ("", "") for s in listed}


Named = Callable[[int], str]
Rows = Iterator[list[str | int]]


def _students(plan: Plan, room: Room, record: list[Recorded], named: Named) -> Rows:
    """Give one row a student."""
    lines = [r.event for r in record if isinstance(r.event, Instructed | Noted)]
    told = shared(room.students.values())
    for grade in grades(plan, room):
        n = grade.student.number
        written = [len(line.text) for line in lines if line.student == n]
        counts = [grade.rounds, grade.twice, grade.votes, len(written), sum(written), grade.alone]
        yield [named(n), *told[n], *counts]


def _forecasts(plan: Plan, room: Room, record: list[Recorded], named: Named) -> Rows:
    """Give one row an option of a question of an answer; every change of an answer is kept."""
    began_ms, times = 0, Counter[tuple[int, int, int]]()
    answers = [r.event for r in record if isinstance(r.event, Answered)]
    all_ = Counter((e.student, e.round, e.vote) for e in answers)
    for recorded in record:
        event = recorded.event
        if isinstance(event, Step):
            began_ms = recorded.at_ms
        if not isinstance(event, Answered) or event.student not in room.students:
            continue
        ballot = (event.student, event.round, event.vote)
        times[ballot] += 1
        last = "true" if times[ballot] == all_[ballot] else "false"
        seconds = max(0, recorded.at_ms - began_ms) // 1_000
        for question in plan.rounds[event.round].questions:
            given = event.percents[question.id]
            for option, percent in zip(question.options, given, strict=True):
                head: list[str | int] = [named(event.student), event.round + 1, question.id]
                head += [event.vote, times[ballot], last, seconds, len(event.reason)]
                yield [*head, option, f"{percent / 100:g}"]


def _scores(plan: Plan, room: Room, named: Named) -> Rows:
    """Give one row a student, question and vote: the last answer of each, after the reveal."""
    held = LESSON.of(room)
    for number in held.revealed:
        for question in plan.rounds[number].questions:
            for vote in (1, 2):
                for n, answer in held.cast(number, vote).items():
                    found = scored(answer, question)
                    scores = [f"{found.log:.6f}", f"{found.brier:.6f}"]
                    yield [named(n), number + 1, question.id, vote, *scores]


def _questions(plan: Plan, room: Room) -> Rows:
    """Give one row an option of a question."""
    revealed = LESSON.of(room).revealed
    for round_ in plan.rounds:
        shown = round_.number in revealed
        for question in round_.questions:
            given = others(room, round_, question) if shown else {}
            for n, option in enumerate(question.options):
                came = ("true" if n == question.truth else "false") if shown else ""
                rivals = [f"{given[w][n]:.6g}" if w in given else "" for w in (SIMULATOR, BASE)]
                head = [round_.title, round_.cut, question.id, question.text]
                yield [round_.number + 1, *head, option, came, *rivals]


def _phases(record: list[Recorded]) -> Rows:
    """Give one row a phase that is over: how long it lasted, with the time in which the room was
    closed."""
    last: tuple[str, str, int] | None = None
    for recorded in record:
        event = recorded.event
        if not isinstance(event, Step | Ended):
            continue
        if last is not None:
            yield [last[0], last[1], max(0, recorded.at_ms - last[2]) // 1_000]
        last = None
        if isinstance(event, Began | PlayBegan):
            round_ = str(event.round + 1) if isinstance(event, Began) else ""
            last = (round_, event.begins[0], recorded.at_ms)


WORN = """ It was
held in disguise: until its end students read other names and other dates."""


def _readme(plan: Plan, room: Room) -> str:
    """Say what the folder holds, and what it does not."""
    worn = "" if plan.lesson.disguise is None else WORN
    return f"""# {plan.title}

A lesson of Backchannel for a study of learning, with {len(room.students)} students.{worn}
`columns.csv` says what each column of each table means.

| file | one row |
|---|---|
| `students.csv` | a student: how much the student did |
| `forecasts.csv` | an option of a question of an answer, every change of an answer among them |
| `student-scores.csv` | a student, question and vote: the scores of the last answer |
| `questions.csv` | an option of a question: what came true, the simulator, the base rate |
| `phases.csv` | a phase, and how long it lasted |

What was left out or changed:

- Names, reasons, instructions and other lines are left out. Of reasons and lines there is the
  number of letters.
- A student has a random id, made with a key that was thrown away. Nobody can find the student by
  it, and another export of the same lesson has other ids.
- There is no date and no time of day. Times are whole seconds since the phase began.
- Group and role are given only where at least {FEWEST} students share them, both together where
  possible. Teams and tables of a role play are left out.
- Students whom the teacher removed are left out.

What this does not do: somebody who remembers an answer of a classmate, to the percent, may find
that row. Do not publish the tables without asking the students, or who is responsible for data in
your place of work. Two exports of one lesson hold the same answers, so they can be laid on each
other, whatever the ids are: give away one.
"""
