"""The export for a study of learning: nothing in it tells who anybody is."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import SALT, TEACHER, forecasted, go_to, opened, percents, seat
from plays import PLAY as ROLE_PLAY
from typer.testing import CliRunner

from sim.cli.app import app
from sim.ground.errors import InputError
from sim.seminar.lesson.record import LESSON
from sim.seminar.lesson.session import Session
from sim.seminar.pages.anonymous import anonymous_tables, save_anonymous, shared
from sim.seminar.pages.export import exports
from sim.seminar.play.part import PLAY as PLAYED
from sim.seminar.play.record import Instructed, Seat
from sim.seminar.record.room import Student

NAMES = [f"Zora Quill{'abcdefgh'[n]}x" for n in range(8)]
"""Names of which no part is in any other text."""
START_MS = 1_760_000_000_000
KEY = "e" * 64


def text_of(n: int) -> str:
    return f"Bec4use herring and k1per {n}{n}{n}."


def held(folder: Path) -> Session:
    """A lesson with names, reasons, instructions and notes; student 8 is removed."""
    session = opened(folder, play=ROLE_PLAY)
    forecasted(session)
    for n, name in enumerate(NAMES, 1):
        session.join(START_MS, name, "north" if n < 6 else "south", seat(900 + n))
    now = START_MS
    for phase, vote in (("vote", 1), ("again", 2)):
        go_to(session, phase, now)
        for n in range(1, 9):
            if vote == 1 or n < 4:
                given = percents(session, 10 * n + vote)
                session.answer(now + 7_000 + n * 1_000, n, 0, vote, given, text_of(n))
        now += 100_000
    session.answer(now, 1, 0, 2, percents(session, 55), text_of(99))
    go_to(session, "vote", now)
    go_to(session, "instruct", now + 5_000)
    place = {"table": 1, "party": "FRA"}
    writer = PLAYED.of(session.room).team(Seat(**place))[0]
    line = Instructed(student=writer, text="We want the marmalade back.", **place)
    session.record.add(now + 6_000, line)
    session.remove(now + 9_000, 8)
    return session


def tables(session: Session, key: str = KEY) -> dict[str, str]:
    return anonymous_tables(session.plan, session.room, session.store.read(), key)


def found_in(content: str, session: Session) -> set[str]:
    """What of a lesson that nobody may know stands in some bytes."""
    secrets = {
        *NAMES,
        *(name.split()[1] for name in NAMES),
        *(f"student {n}" for n in range(1, 9)),
        *(text_of(n) for n in (*range(1, 9), 99)),
        *("herring", "k1per", "marmalade", SALT, TEACHER, session.plan.digest, KEY),
        *(seat(900 + n) for n in range(1, 9)),
        *(s.sha256 for s in LESSON.of(session.room).seals.values()),
        *(str(START_MS)[:6], "1760"),
    }
    return {s for s in secrets if s.lower() in content.lower()}


def test_no_byte_tells_who_anybody_is(tmp_path: Path) -> None:
    session = held(tmp_path)
    paths = save_anonymous(session, tmp_path, KEY)
    assert {p.name for p in paths} == {p.name for p in (tmp_path / "anonymous").iterdir()}
    for path in paths:
        assert found_in(path.read_text("utf-8"), session) == set(), path.name
    whole = "".join(p.read_text("utf-8") for p in paths)
    assert len(re.findall(r"^s[0-9a-f]{12},", whole, flags=re.M)) > 50
    session.store.close()
    raw = b"".join(p.read_bytes() for p in tmp_path.glob("record.sqlite*")).decode("latin-1")
    control = "".join(write() for write in exports_again(tmp_path).values()) + raw
    told = found_in(control, session)
    assert {*NAMES[:7], SALT, TEACHER, "marmalade", "1760", text_of(3), seat(902)} <= told


def exports_again(folder: Path) -> dict[str, object]:
    session = opened(folder, play=ROLE_PLAY)
    found = exports(session, names=True)
    return {name: write for name, write in found.items() if name.endswith(("jsonl", "csv"))}


def test_two_exports_have_no_id_in_common(tmp_path: Path) -> None:
    session = held(tmp_path)
    ids = [
        {row["student"] for row in rows_of(tables(session, key), "students.csv")}
        for key in (KEY, "f" * 64, KEY)
    ]
    assert [len(some) for some in ids] == [7, 7, 7]
    assert not ids[0] & ids[1]
    assert ids[0] == ids[2]  # control: the key is all that they depend on


def rows_of(made: dict[str, str], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(made[name].splitlines()))


def test_what_students_did_is_kept(tmp_path: Path) -> None:
    session = held(tmp_path)
    made = tables(session)
    given = rows_of(made, "forecasts.csv")
    first = LESSON.of(session.room).cast(0, 1)
    mine = Counter(
        (r["question"], r["option"], round(100 * float(r["probability"])), r["seconds"])
        for r in given
        if r["vote"] == "1"
    )
    theirs = Counter(
        (q.id, option, percent, str(7 + n))
        for n, answer in first.items()
        for q in session.plan.rounds[0].questions
        for option, percent in zip(q.options, answer.percents[q.id], strict=True)
    )
    assert mine == theirs
    assert {r["reason_letters"] for r in given} == {str(len(text_of(n))) for n in (1, 99)}
    changed = [(r["change"], r["last"]) for r in given if r["vote"] == "2"]
    options = sum(len(q.options) for q in session.plan.rounds[0].questions)
    assert Counter(changed) == {
        ("1", "true"): 2 * options,
        ("1", "false"): options,
        ("2", "true"): options,
    }
    scores = rows_of(made, "student-scores.csv")
    assert len(scores) == (7 + 3) * 2
    asked = rows_of(made, "questions.csv")
    assert sum(r["came_true"] == "true" for r in asked) == 3
    assert all(float(r["simulator"]) > 0 and float(r["base_rate"]) > 0 for r in asked)
    lines = Counter((r["play_lines"], r["play_letters"]) for r in rows_of(made, "students.csv"))
    assert lines == {("0", "0"): 6, ("1", str(len("We want the marmalade back."))): 1}
    phases = rows_of(made, "phases.csv")
    assert ("1", "vote", "100") in {(r["round"], r["phase"], r["seconds"]) for r in phases}


def test_rows_are_in_no_order_of_the_class(tmp_path: Path) -> None:
    session = held(tmp_path)
    for key in (KEY, "a" * 64):
        for name, text in tables(session, key).items():
            rows = rows_of({name: text}, name)
            if "student" in rows[0]:
                assert [r["student"] for r in rows] == sorted(r["student"] for r in rows)


parts = st.lists(
    st.tuples(st.sampled_from(["north", "south", None]), st.sampled_from(["press", "desk"])),
    max_size=30,
)


@given(parts)
def test_five_share_whatever_is_told_of_somebody(some: list[tuple[str | None, str]]) -> None:
    students = [Student(n, "", group, role) for n, (group, role) in enumerate(some)]
    told = shared(students)
    assert {*told} == {*range(len(some))}
    assert all(times >= 5 for what, times in Counter(told.values()).items() if any(what))
    left = [what for what in told.values() if not any(what)]
    assert len(left) in (0, len(some)) or len(left) >= 5  # nor is who has neither among few


def test_groups_and_roles_stay_where_many_share_them() -> None:
    both = [Student(n, "", ("a", "b")[n % 2], ("c", "d")[n // 2 % 2]) for n in range(20)]
    assert {*shared(both).values()} == {("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")}
    assert {*shared(both[:19]).values()} == {("a", ""), ("b", "")}
    assert {*shared(both[:9]).values()} == {("", "")}


def test_fewer_than_five_students_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"at least 5 students.*\(got 4\)"):
        save_anonymous(opened(tmp_path, 4), tmp_path, KEY)
    assert not (tmp_path / "anonymous").exists()


def test_each_export_has_a_folder_of_its_own(tmp_path: Path) -> None:
    session = opened(tmp_path, 5)
    places = [save_anonymous(session, tmp_path, key)[0].parent.name for key in "ab"]
    assert places == ["anonymous", "anonymous-2"]


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--anonymous"], "--anonymous: needs --export"),
        (["--moodle", "x.csv"], "--moodle: needs --export"),
        (["--export", "--anonymous", "--names"], "cannot be given with --names"),
        (["--export", "--anonymous", "--moodle", "x.csv"], "cannot be given with --moodle"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: list[str], rule: str) -> None:
    run = CliRunner().invoke(app, ["seminar", "scenarios/seminar-article.yaml", *options])
    assert isinstance(run.exception, InputError)
    assert rule in str(run.exception)
