"""Grades for Moodle: a class list is checked, names are matched whole, and nothing is guessed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kits import ARTICLE
from lessons import go_to, opened, percents, seat
from typer.testing import CliRunner

from sim.cli.app import app
from sim.ground.errors import InputError
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.lesson.session import Session
from sim.seminar.pages.moodle import moodle_grades
from sim.seminar.pages.roster import MAX_PEOPLE, Person, Roster, load_roster, match
from sim.seminar.record.room import Student
from sim.seminar.what_if.whole import take_up

HEAD = "First name,Last name,Email address,Groups\n"


def listed(folder: Path, text: str | bytes) -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def held(folder: Path, names: list[str]) -> Session:
    """A lesson of which one round is revealed."""
    session = opened(folder)
    for n, name in enumerate(names, 1):
        session.join(n, name, "north", seat(n))
    go_to(session, "vote")
    for n in session.room.students:
        session.answer(150_000, n, 0, 1, percents(session, 40), "=SUM(A1)")
    go_to(session, "revealed")
    return session


def test_students_are_found_by_their_whole_name(tmp_path: Path) -> None:
    names = ["Ana García", "LI  WEI", "Novak, Eva", "Bob", "Max Roe", "Max Roe", "Jo Fox", "Ana"]
    text = HEAD + (
        "ana,garcía,ana@u.example,\nWei,Li,li@u.example,\nEva,Novak,Eva.N@u.example,A\n"
        "Max,Roe,max@u.example,\nJo,Fox,jo1@u.example,\nJo,Fox,jo2@u.example,\nIn,Bed,b@u.example,\n"
    )
    session = held(tmp_path, names)
    path = listed(tmp_path, text)
    text, lines = moodle_grades(session, load_roster(path), path)
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["Email address", "Two capitals", "Two capitals: feedback"]
    assert [r[0] for r in rows[1:]] == ["ana@u.example", "li@u.example", "Eva.N@u.example"]
    assert all(0 < float(points) < 100 and "," not in points for _, points, _ in rows[1:])
    assert rows[1][2].startswith("Forecasts: ")
    assert rows[1][2].endswith("Taking part: 40 of 40 points.")
    told = "\n".join(lines)
    assert "3 of 8 students are in grades-moodle.csv." in told
    assert "“Bob” (number 4), “Ana” (number 8)." in told
    assert "Not clear who it is: “Max Roe” (number 5), “Max Roe (2)” (number 6), “Jo Fox”" in told
    assert "not in the room: 1 of 7 people" in told


def test_a_teacher_writes_down_who_is_who(tmp_path: Path) -> None:
    session = held(tmp_path, ["Max", "Max", "Ana"])
    path = listed(
        tmp_path,
        "\ufeffName;Vorname;ID number\nMax;Max;0012\nmax (2);Max;7\nAna;Ana;9\n",  # semicolons too
    )
    table, _ = moodle_grades(session, load_roster(path), path)
    rows = list(csv.reader(table.splitlines()))
    assert [r[0] for r in rows] == ["ID number", "0012", "7", "9"]


folk = st.lists(st.sampled_from(["Ana", "ANA", "Ana (2)", "Bo", "bo", "Cy", "cy "]), max_size=6)


@given(folk, folk)
def test_nobody_gets_the_grade_of_another(room: list[str], people: list[str]) -> None:
    """Whoever is found has a name that one person and no other student has."""
    roster = Roster(
        "Username",
        tuple(Person(f"u{n}", n, frozenset({p.strip().lower()})) for n, p in enumerate(people)),
    )
    students = [Student(n, name, None, None) for n, name in enumerate(room)]
    matched = match(roster, students)
    assert len({*matched.found.values()}) == len(matched.found)
    both = [*matched.unknown, *matched.unclear]
    assert sorted([*matched.found, *(s.number for s in both)]) == [*range(len(room))]
    for number, identifier in matched.found.items():
        person = roster.people[int(identifier[1:])]
        (name,) = person.names
        assert sum(p.names == {name} for p in roster.people) == 1
        typed = room[number].strip().lower()
        assert name in (typed, typed.removesuffix(" (2)"))


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("", 1, "must have one of the columns Email address, ID number, Username"),
        ("Email address\na@b\n", 1, "must have the columns First name and Last name"),
        ("Name,Email address,Name\nA,a@b,B\n", 1, "must not have a column twice"),
        ("Name,Email address\n", 0, "must hold at least one person"),
        ("Name,Email address\nAna,a@b\nBo,\n", 3, "Email address: must not be empty"),
        ("Name,Email address\n,a@b\n", 2, "must give a name"),
        ("Name,Email address\nAna,a@b\nBo,a@b\n", 3, "stands in line 2 already"),
        ("Name,Email address\nAna,nobody\n", 2, "must be an e-mail address"),
        ("Name,Username\nAna,=1+1\n", 2, "must not begin as a formula does"),
        ("Name,Username\nAna,@ana\n", 2, "must not begin as a formula does"),
        ("Name,Username\nAna\u202e,ana\n", 2, "change the direction of text"),
        ("Name,Username\n" + "A" * 255 + ",ana\n", 2, "must have at most 254 letters"),
        (b"Name,Username\nAn\xe9,ana\n", 2, "must be UTF-8 text"),
        (b"Name,Username\nAn\x00,ana\n", 2, "must be UTF-8 text, not binary"),
        ('Name,Username\n"' + "x" * 200_000, 2, "a cell holds more than"),
        (
            "Name,Username\n" + "".join(f"A{n},u{n}\n" for n in range(MAX_PEOPLE + 1)),
            MAX_PEOPLE + 2,
            "must hold at most 5,000 people",
        ),
    ],
)
def test_a_bad_list_is_refused_with_its_line(
    tmp_path: Path, text: str | bytes, line: int, rule: str
) -> None:
    path = listed(tmp_path, text)
    with pytest.raises(InputError) as refused:
        load_roster(path)
    first = str(refused.value.problems[0])
    assert first.startswith(f"{path.as_posix()}{f':{line}' if line else ''}:")
    assert rule in first


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    path = listed(tmp_path, "Name,Email address\nAna,\nBo,nobody\n,c@d\n")
    with pytest.raises(InputError) as refused:
        load_roster(path)
    assert [p.line for p in refused.value.problems] == [2, 3, 4]


def test_nothing_is_written_where_nobody_is_found_or_nothing_is_revealed(tmp_path: Path) -> None:
    path = listed(tmp_path, "Name,Username\nNobody Else,n\n")
    session = held(tmp_path, ["Ana"])
    with pytest.raises(InputError, match="holds nobody whose name is in the room"):
        moodle_grades(session, load_roster(path), path)
    folder = tmp_path / "early"
    take_up(plan_of(load_scenario(ARTICLE)), folder).store.close()
    before = sorted(folder.iterdir())
    options = ["--out", str(folder), "--export", "--moodle", str(path)]
    run = CliRunner().invoke(app, ["seminar", str(ARTICLE), *options])
    assert isinstance(run.exception, InputError)
    assert "no round is revealed" in str(run.exception)
    assert sorted(folder.iterdir()) == before  # no other export either
