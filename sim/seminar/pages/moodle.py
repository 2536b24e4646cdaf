"""The grades as Moodle's gradebook imports them: a row a student, in CSV and UTF-8.

Moodle takes a whole file or nothing of it: one identifier that it does not know stops the import.
So only students who were found in its own list of participants are in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.ground.errors import InputError, Problem
from sim.seminar.lesson.grades import grades, most_of, total_of
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.session import Session
from sim.seminar.pages.grades import number_of, summary_of
from sim.seminar.pages.roster import Matched, Roster, match
from sim.seminar.pages.sheets import table_text
from sim.seminar.record.room import Room, Student

MOODLE = "grades-moodle.csv"
USUAL_MOST = 100
"""The most points that Moodle takes, unless a site allows more."""
LISTED = 50
"""Students who are listed by name, at most, where they were not found."""


def moodle_grades(session: Session, roster: Roster, file: Path) -> tuple[str, Iterator[str]]:
    """Return the grades for Moodle, which are to be written as `MOODLE`, and what there is to say
    of them.

    Raises:
        InputError: nothing can be graded yet, or nobody is in the list.
    """
    plan, room = session.plan, session.room
    name = file.as_posix()
    if all(total_of(g, plan.lesson.grading) is None for g in grades(plan, room)):
        rule = "holds nothing to grade: no round is revealed, and no role play is over"
        raise InputError([Problem(session.store.path.as_posix(), 0, "", rule)])
    matched = match(roster, room.students.values())
    if not matched.found:
        rule = "holds nobody whose name is in the room"
        raise InputError([Problem(name, 0, "", rule)])
    return moodle_table(plan, room, roster, matched), told(plan, roster, matched, name)


def moodle_table(plan: Plan, room: Room, roster: Roster, matched: Matched) -> str:
    """Write who was found, with points and how they came about. The column of the points is called
    as the lesson: a new grade item of Moodle takes its name from there."""
    grading = plan.lesson.grading
    rows = [
        [
            matched.found[g.student.number],
            number_of(total_of(g, grading)),
            summary_of(g, grading),
        ]
        for g in grades(plan, room)
        if g.student.number in matched.found
    ]
    return table_text((roster.heading, plan.title, f"{plan.title}: feedback"), rows)


def told(plan: Plan, roster: Roster, matched: Matched, file: str) -> Iterator[str]:
    """Say who is in the table, and who is not."""
    found = len(matched.found)
    yield f"{found} of {found + _left_out(matched)} students are in {MOODLE}."
    if most_of(plan) > USUAL_MOST:
        yield f"Moodle refuses more than {USUAL_MOST} points, unless its site allows more."
    for students, why in (
        (matched.unknown, f"Not in {file}"),
        (matched.unclear, "Not clear who it is"),
    ):
        if students:
            yield f"{why}: {_listed(students)}."
    if matched.absent:
        yield f"In {file}, but not in the room: {matched.absent} of {len(roster.people)} people."
    if _left_out(matched):
        yield f"Write the name as typed in the room into a column Name of {file}, and try again."


def _left_out(matched: Matched) -> int:
    return len(matched.unknown) + len(matched.unclear)


def _listed(students: tuple[Student, ...]) -> str:
    shown = ", ".join(f"“{s.name}” (number {s.number})" for s in students[:LISTED])
    return shown if len(students) <= LISTED else f"{shown}, and {len(students) - LISTED} more"
