"""Damaged and edited records: each is refused in a sentence, or read as it is. Nothing breaks."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from damaged import (
    Damage,
    Row,
    flipped,
    lines_of,
    read_all,
    read_lines,
    rows_of,
    whole_lesson,
    whole_play,
    written,
)
from lessons import lesson

from sim.cli.app import main
from sim.ground.errors import InputError
from sim.ground.yaml import dump_yaml
from sim.seminar.lesson.plan import Plan
from sim.seminar.pages.export import exports
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import RECORD, SEMINAR

SEEDS = range(100)
TOLD, PASSES, BREAKS = "told", "passes", "breaks"


class Whole:
    """A whole record: its lesson, its file, its rows, and the first line of its export."""

    def __init__(self, folder: Path, name: str) -> None:
        session = {"lesson": whole_lesson, "play": whole_play}[name](folder)
        self.plan: Plan = session.plan
        self.head = exports(session)["record.jsonl"]().encode().split(b"\n")[0]
        session.store.close()
        self.path = folder / RECORD
        self.rows = rows_of(self.path)


@pytest.fixture(scope="module", params=["lesson", "play"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(tmp_path_factory.mktemp("whole"), request.param)


@pytest.fixture(scope="module", name="lesson_")
def _lesson(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(tmp_path_factory.mktemp("whole"), "lesson")


@pytest.fixture(scope="module", name="play_")
def _play(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(tmp_path_factory.mktemp("whole"), "play")


def outcomes(whole: Whole, folder: Path) -> Iterator[tuple[str, str]]:
    """Damage a record once a seed, in both forms; give what came of each, and how it was done."""
    for seed in SEEDS:
        damage = Damage(seed, whole.rows)
        way = damage.done()
        place = folder / str(seed)
        written(damage.rows, whole.path, place, damage.statements)
        lines = place / "record.jsonl"
        lines.write_bytes(lines_of(damage.rows, whole.head))
        for read in (lambda p=place: read_all(whole.plan, p), lambda p=lines: read_lines(p)):
            try:
                read()
                yield PASSES, f"{way}, seed {seed}"
            except InputError as error:
                placed = all(p.file.startswith(str(place)) for p in error.problems if not p.closing)
                yield TOLD if placed else BREAKS, f"{way}, seed {seed}: {error}"
            except Exception as error:  # what this test looks for
                yield BREAKS, f"{way}, seed {seed}: {error!r}"
        shutil.rmtree(place)


def test_a_whole_record_is_read(whole: Whole, tmp_path: Path) -> None:
    written(whole.rows, whole.path, tmp_path / "copy", [])
    read_all(whole.plan, tmp_path / "copy")
    lines = tmp_path / "record.jsonl"
    lines.write_bytes(lines_of(whole.rows, whole.head))
    read_lines(lines)


@pytest.mark.slow
def test_no_damaged_record_breaks_what_reads_it(whole: Whole, tmp_path: Path) -> None:
    found = [*outcomes(whole, tmp_path)]
    assert [how for what, how in found if what == BREAKS] == []
    counted = Counter(what for what, _ in found)
    assert counted[TOLD] > 100
    assert counted[PASSES] > 10  # what was cut short, or has another word in it


@pytest.mark.slow
@pytest.mark.parametrize("form", ["sqlite", "lines"])
def test_no_flipped_byte_breaks_what_reads_a_record(
    lesson_: Whole, tmp_path: Path, form: str
) -> None:
    written(lesson_.rows, lesson_.path, tmp_path / "copy", [])
    whole = (tmp_path / "copy" / RECORD).read_bytes()
    lines = lines_of(lesson_.rows, lesson_.head)
    told = 0
    for seed in range(80):
        place = tmp_path / str(seed)
        place.mkdir()
        try:
            if form == "sqlite":
                (place / RECORD).write_bytes(flipped(whole, seed))
                read_all(lesson_.plan, place)
            else:
                (place / "record.jsonl").write_bytes(flipped(lines, seed))
                read_lines(place / "record.jsonl")
        except InputError:
            told += 1
        shutil.rmtree(place)
    assert told > 40


@pytest.mark.slow
def test_control_without_the_rules_records_break_it(
    lesson_: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.seminar.record.reading.Parts._broken", lambda *_: iter(()))
    broken = (how for what, how in outcomes(lesson_, tmp_path) if what == BREAKS)
    assert len([*islice(broken, 4)]) == 4


# ---------------------------------------------------------------------------------- the rules


def said(whole: Whole, folder: Path, rows: list[Row], *statements: str) -> list[str]:
    """What is said of a record of these rows."""
    written(rows, whole.path, folder / "record", [*statements])
    with pytest.raises(InputError) as caught:
        read_all(whole.plan, folder / "record")
    return [str(p).partition(f"{RECORD}: ")[2] for p in caught.value.problems]


def changed(rows: list[Row], kind: str, **values: object) -> list[Row]:
    """Rows of which the first of a kind holds other values."""
    place = next(n for n, row in enumerate(rows) if row[2] == kind)
    body = json.dumps(json.loads(rows[place][5]) | values)
    return [[*row[:5], body] if n == place else row for n, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("kind", "values", "rule"),
    [
        ("joined", {"student": 2}, "gives the number 2 a second time"),
        ("answered", {"student": 77}, "there is no student 77"),
        ("answered", {"round": 1}, "answers round 2, vote 1, which is not open"),
        ("answered", {"vote": 2}, "answers round 1, vote 2, which is not open"),
        ("answered", {"percents": {"r1q1": [50, 50]}}, "does not answer round 1: Answer every"),
        ("answered", {"percents": {"r1q1": [50, 51]}}, "must sum to 100, not 101"),
        ("removed", {"student": 9}, "there is no student 9"),
        ("began", {"phase": "vote"}, "round 1, vote: does not follow the opening"),
        ("reason_hidden", {"student": 77}, "there is no such answer of student 77"),
        ("forecasted", {"round": 9}, "there is no round 10"),
        ("forecasted", {"probabilities": {}}, "does not forecast the questions of round 1"),
        ("sealed", {"salt": "6" * 64}, "the seal of round 1 does not fit the answers"),
        ("revealed", {"round": 1}, "round 2 is not revealed here"),
        ("branch_dropped", {"number": 7}, "there is no branch 7"),
        ("branch_kept", {"number": 2}, "gives the number 2 to a second branch"),
        ("opened", {"lesson_sha256": "0" * 64}, "is the record of another lesson"),
    ],
)
def test_an_event_that_cannot_be_is_told(
    lesson_: Whole, tmp_path: Path, kind: str, values: dict[str, object], rule: str
) -> None:
    assert any(rule in s for s in said(lesson_, tmp_path, changed(lesson_.rows, kind, **values)))


@pytest.mark.parametrize(
    ("kind", "values", "rule"),
    [
        ("seated", {"party": "DEU"}, "nobody plays DEU"),
        ("seated", {"table": 9}, "there is no table 9"),
        ("seated", {"student": 77}, "there is no student 77"),
        ("instructed", {"party": "ITA"}, "student 1 is not in the team of ITA, table 1"),
        ("play_began", {"tables": None}, "the tables must be set as the first stage begins"),
        ("voted", {"student": 77}, "student 77 is not in the team that question 1 of table 1"),
        ("noted", {"student": 77}, "student 77 is not in the team"),
        ("asked", {"party": "DEU"}, "is not in the team"),
        ("table_ended", {"log_sha256": "0" * 64}, "its world ends otherwise in this version"),
    ],
)
def test_an_event_of_a_play_that_cannot_be_is_told(
    play_: Whole, tmp_path: Path, kind: str, values: dict[str, object], rule: str
) -> None:
    assert any(rule in s for s in said(play_, tmp_path, changed(play_.rows, kind, **values)))


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("[]", "event 3: must be an object"),
        ("5", "event 3: must be an object"),
        ("[" * 100_000, "event 3: is not valid JSON"),
        ('{"kind":"joined","x":' + "[" * 100_000, "event 3: is not valid JSON"),
        (b'{"kind":"\xff"}', "event 3: must be UTF-8 text, not binary"),
        ('{"kind":"no-such"}', "event 3: : Input tag 'no-such' found"),
        ('{"kind":"removed"}', "event 3: removed.student: Field required"),
    ],
)
def test_an_event_that_is_none_is_told(
    lesson_: Whole, tmp_path: Path, body: str | bytes, rule: str
) -> None:
    rows = [[*r[:5], body] if r[1] == 3 else r for r in lesson_.rows]
    (told,) = said(lesson_, tmp_path, rows)
    assert told.startswith(rule)


def test_a_record_without_its_opening_or_with_two_is_told(lesson_: Whole, tmp_path: Path) -> None:
    assert lesson_.rows[0][2] == "opened"
    rest = [[1, n, *row[2:]] for n, row in enumerate(lesson_.rows[1:], start=1)]
    assert said(lesson_, tmp_path / "without", rest) == [
        f"event {len(rest)}: the record ends before the opening of the room"
    ]
    twice = [[1, n, *row[2:]] for n, row in enumerate([lesson_.rows[0], *lesson_.rows], start=1)]
    assert said(lesson_, tmp_path / "twice", twice) == ["event 2: opens the room a second time"]


def test_a_gap_is_told_once_and_what_is_cut_off_is_told(lesson_: Whole, tmp_path: Path) -> None:
    rows = [row for row in lesson_.rows if row[2] != "door_set" and row[1] != 2]
    assert said(lesson_, tmp_path / "gap", rows) == [
        "event 3: must be event 2, as the events follow each other"
    ]
    sealed = next(n for n, row in enumerate(lesson_.rows) if row[2] == "sealed")
    assert said(lesson_, tmp_path / "cut", lesson_.rows[:sealed]) == [
        f"event {sealed}: the record ends before the seal of round 1"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE branch SET parent = 1",  # its own parent: reading it never ended
        "INSERT INTO branch VALUES (2, 1, 0, 'x'); UPDATE branch SET parent = 2 WHERE id = 1",
        "UPDATE branch SET cut = 5",
        "DELETE FROM branch",
        "DROP TABLE branch",
        "DROP TABLE event",
        "ALTER TABLE event RENAME COLUMN body TO said",
    ],
)
def test_a_file_of_other_tables_is_told(lesson_: Whole, tmp_path: Path, statement: str) -> None:
    (told,) = said(lesson_, tmp_path, lesson_.rows, statement)
    assert told.startswith("is damaged")


def test_a_branch_that_is_its_own_parent_is_not_read_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite"
    store = Store(path, SEMINAR)
    store._db.executescript("DROP TRIGGER branch_stays; UPDATE branch SET parent = 1")
    store._db.set_progress_handler(lambda: 1, 1_000_000)  # a query that goes on is broken off
    assert store.read() == []
    store.close()


def test_the_command_says_what_is_wrong_and_ends_with_2(
    lesson_: Whole,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scenario = tmp_path / "lesson.yaml"
    scenario.write_text(dump_yaml(lesson()), encoding="utf-8")
    written(changed(lesson_.rows, "removed", student=9), lesson_.path, tmp_path / "room", [])
    command = ["sim", "seminar", str(scenario), "--out", str(tmp_path / "room"), "--export"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    place = next(row[1] for row in lesson_.rows if row[2] == "removed")
    told = capsys.readouterr().err.splitlines()
    assert told[0] == (
        f"{(tmp_path / 'room' / RECORD).as_posix()}: event {place}: there is no student 9"
    )
    assert sorted(p.name for p in (tmp_path / "room").iterdir())[0] == RECORD
    assert not [*(tmp_path / "room").glob("*.jsonl")]
