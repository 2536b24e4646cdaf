"""A class list as a learning platform gives it, and who of it is who in the room.

Students in the room typed only a name. A name is matched whole, and nothing is guessed: who is not
in the list, or may be two people, is told to the teacher and left out.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.coding.csvfile import csv_rows
from sim.ground.errors import InputError, Problem
from sim.ground.formulas import harmless
from sim.ground.letters import broken_text
from sim.seminar.record.names import NUMBERED
from sim.seminar.record.room import Student

MAX_BYTES, MAX_PEOPLE, MAX_CELL = 5_000_000, 5_000, 254
IDENTIFIERS = {
    "Email address": ("email address", "email", "e-mail", "e-mail address"),
    "ID number": ("id number", "idnumber"),
    "Username": ("username",),
}
"""What may say who somebody is, in the order in which it is looked for, and how a list calls it. A
platform in another language calls it otherwise: the teacher changes the heading."""
NAMES = {
    "name": ("name", "full name", "fullname"),
    "first": ("first name", "firstname", "given name"),
    "last": ("last name", "lastname", "surname", "family name"),
}


@dataclass(frozen=True)
class Person:
    """Somebody in a class list."""

    identifier: str
    line: int
    names: frozenset[str]
    """The names by which the person may be in the room, as `folded`."""


@dataclass(frozen=True)
class Roster:
    """A class list."""

    heading: str
    """What its identifiers are, in the platform's words."""
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Matched:
    """Who is who."""

    found: Mapping[int, str]
    """The identifier of each student, by number."""
    unknown: tuple[Student, ...]
    """Students whose name is not in the list."""
    unclear: tuple[Student, ...]
    """Students whose name stands for several people, or who share a person with another student."""
    absent: int
    """People in the list who were not in the room."""


def folded(name: str) -> str:
    """Return what is the same for two spellings of a name: letters of one case, with one space
    between words. Accents stay: they may be all by which two names differ."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace(",", " ").split())


def load_roster(path: Path) -> Roster:
    """Read a class list in CSV.

    Raises:
        InputError: every row that breaks a rule.
    """
    name = path.as_posix()
    rows = csv_rows(path, MAX_BYTES)
    head = [" ".join(cell.split()).casefold() for cell in next(rows, [])]
    heading, place = next(
        ((what, head.index(h)) for what, known in IDENTIFIERS.items() for h in known if h in head),
        ("", -1),
    )
    columns = {
        part: head.index(h) for part, known in NAMES.items() for h in known[::-1] if h in head
    }
    problems = list[Problem]()
    if not heading:
        rule = f"must have one of the columns {', '.join(IDENTIFIERS)}"
        problems.append(Problem(name, 1, "", rule))
    if "name" not in columns and not {"first", "last"} <= {*columns}:
        rule = "must have the columns First name and Last name, or a column Name"
        problems.append(Problem(name, 1, "", rule))
    if twice := sorted({h for h in head if h and head.count(h) > 1}):
        problems.append(Problem(name, 1, "", "must not have a column twice", ", ".join(twice)))
    if problems:
        raise InputError(problems)
    columns[heading] = place
    people, lines = list[Person](), dict[str, int]()
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(people) >= MAX_PEOPLE:
            rule = f"must hold at most {MAX_PEOPLE:,} people"
            raise InputError([*problems, Problem(name, line, "", rule)])
        cells = {what: row[n].strip() if n < len(row) else "" for what, n in columns.items()}
        broken = [
            Problem(name, line, what, rule, text)
            for what, text in cells.items()
            for rule in _broken(text)
        ]
        identifier, names = cells[heading], _names(cells)
        if not identifier:
            broken.append(Problem(name, line, heading, "must not be empty"))
        elif not broken and (rule := _unfit(heading, identifier)):
            broken.append(Problem(name, line, heading, rule, identifier))
        elif identifier in lines:
            rule = f"stands in line {lines[identifier]} already"
            broken.append(Problem(name, line, heading, rule, identifier))
        if not names and not broken:
            broken.append(Problem(name, line, "", "must give a name"))
        lines.setdefault(identifier, line)
        problems += broken
        people.append(Person(identifier, line, names))
    if not people:
        problems.append(Problem(name, 0, "", "must hold at least one person"))
    if problems:
        raise InputError(problems)
    return Roster(heading, tuple(people))


def _broken(text: str) -> Iterable[str]:
    if len(text) > MAX_CELL:
        yield f"must have at most {MAX_CELL} letters"
    elif rule := broken_text(text):
        yield rule


def _unfit(heading: str, identifier: str) -> str:
    """Say what is wrong with an identifier; empty where nothing is."""
    if harmless(identifier) != identifier:
        return "must not begin as a formula does: the platform could not find it"
    before, at, after = identifier.rpartition("@")
    if heading == "Email address" and not (before and at and after and " " not in identifier):
        return "must be an e-mail address"
    return ""


def _names(cells: Mapping[str, str]) -> frozenset[str]:
    """Return the names by which somebody may be in the room: the one that the teacher wrote down,
    or first and last name in either order."""
    first, last = cells.get("first", ""), cells.get("last", "")
    written = [cells["name"]] if cells.get("name") else [f"{first} {last}", f"{last} {first}"]
    return frozenset(folded(n) for n in written if folded(n))


def _meant(name: str, by_name: Mapping[str, list[Person]]) -> list[Person]:
    """Return who a name in the room may be; the number of a taken one is no part of it, unless the
    teacher wrote it into the list."""
    return by_name.get(folded(name)) or by_name.get(folded(NUMBERED.sub("", name)), [])


def match(roster: Roster, students: Iterable[Student]) -> Matched:
    """Find the students of a room in a class list."""
    by_name: dict[str, list[Person]] = {}
    for person in roster.people:
        for name in person.names:
            by_name.setdefault(name, []).append(person)
    meant = {s: _meant(s.name, by_name) for s in students}
    times = Counter(person.identifier for people in meant.values() for person in people)
    clear = {
        s: people[0].identifier
        for s, people in meant.items()
        if len(people) == 1 and times[people[0].identifier] == 1
    }
    return Matched(
        {s.number: identifier for s, identifier in clear.items()},
        tuple(s for s, people in meant.items() if not people),
        tuple(s for s, people in meant.items() if people and s not in clear),
        sum(p.identifier not in times for p in roster.people),
    )
