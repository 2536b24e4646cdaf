"""Logs by pair: the ones that ship, and how they are made again from the sources' files."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from sim.coding.by_pair import FOLDERS, LEAST, logs_of_pairs, make_pairs, short_text
from sim.coding.gathering import read_source
from sim.ground.errors import InputError
from sim.log.file import load

PUBLIC = Path(__file__).parent / "public"
SHIPPED = Path(__file__).parents[2] / "seeds" / "public"
VISIT = (
    "<visits><visit><id>7</id><start-date>2021-04-16</start-date><end-date>2021-04-16</end-date>"
    "<visitor>Prime Minister Yoshihide Suga</visitor><from>Japan</from>"
    "<description>Official Working Visit.</description></visit></visits>"
)
TRIP = (
    "<trips><trip><id>8</id><role>president</role><start-date>2022-05-22</start-date>"
    "<end-date>2022-05-24</end-date><country>Japan</country><locale>Tokyo</locale>"
    "<remarks>Met with Prime Minister Kishida.</remarks></trip></trips>"
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder that holds the three repositories, each with a few rows."""
    files = {
        "travels/president-travels/a.xml": TRIP,
        "visits/data/2020.xml": VISIT,
        "travels/secretary-travels/b.xml": (PUBLIC / "travels.xml").read_text(),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shutil.copytree(PUBLIC / "readouts", tmp_path / "wh-briefings")
    return tmp_path


def test_travels_and_visits_together_show_both_sides(sources: Path) -> None:
    reads = [read_source(s, [sources / f for f in FOLDERS[s]]) for s in ("travels", "visits")]
    log = logs_of_pairs(reads, "Meetings", least=1)["usa-jpn"]
    leaders = [e for e in log.events if e.channel == "usa-jpn/leaders"]
    assert [(e.id, e.date, e.source and e.source.document) for e in leaders] == [
        ("2021-04-16-leaders-meeting", "2021-04-16", "visits"),
        ("2022-05-22-leaders-meeting", "2022-05-22/2022-05-24", "travels"),
    ]
    shown = {c: log.channels[c].coverage for c in log.channels}
    both, one = shown["usa-jpn/leaders"], shown["usa-jpn/ministers"]
    assert both is not None
    assert one is not None
    assert [(c.kinds, c.side) for c in both] == [
        (("meeting_held",), "USA"),
        (("meeting_held",), "JPN"),
    ]
    assert [c.side for c in one] == ["USA"]
    alone = logs_of_pairs(reads[:1], "Meetings", least=1)["usa-jpn"]
    assert [c.side for c in alone.channels["usa-jpn/leaders"].coverage or ()] == ["USA"]


def test_a_log_in_short_form_is_the_log(sources: Path, tmp_path: Path) -> None:
    reads = [read_source(s, [sources / f for f in FOLDERS[s]]) for s in ("travels", "visits")]
    log = logs_of_pairs(reads, "Meetings", least=1)["usa-jpn"]
    (tmp_path / "a.yaml").write_text(short_text(log))
    again = load(tmp_path / "a.yaml")
    assert again.channels == log.channels
    assert again.sources == log.sources
    assert [(e.id, e.date, e.kind, e.channel) for e in again.events] == [
        (e.id, e.date, e.kind, e.channel) for e in log.events
    ]
    assert {e.doubt for e in again.events} == {None}  # the words of rows are left out


def test_the_command_makes_the_same_files_again(sources: Path, tmp_path: Path) -> None:
    made = [tmp_path / name for name in ("a", "b")]
    numbers = {make_pairs(sources, out, least=1) for out in made}
    texts = [
        {p.relative_to(out).as_posix(): p.read_text() for p in sorted(out.rglob("*.*"))}
        for out in made
    ]
    assert texts[0] == texts[1]
    assert numbers == {len(texts[0]) - 1}
    assert {"channels.csv", "meetings/usa-jpn.yaml", "readouts/usa-ukr.yaml"} <= {*texts[0]}
    shutil.rmtree(sources / "visits")
    with pytest.raises(InputError, match="visits/data: must hold the repositories"):
        make_pairs(sources, tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_what_ships_is_what_its_table_counts() -> None:
    rows = [*csv.DictReader((SHIPPED / "channels.csv").read_text().splitlines())]
    files = sorted(p for p in SHIPPED.rglob("*.yaml"))
    named = {(r["set"], r["channel"][:7]) for r in rows}
    assert {(p.parent.name, p.stem) for p in files} == named
    assert sum(p.stat().st_size for p in files) < 2_000_000
    for path in files:
        text = path.read_text()
        told = [r for r in rows if (r["set"], r["channel"][:7]) == (path.parent.name, path.stem)]
        assert text.count("\n  - {id: ") == sum(int(r["events"]) for r in told) >= LEAST
    for path in files[::30]:  # each is read as a log elsewhere; this says that it can be
        log = load(path)
        assert all(c.coverage and c.complete_from is None for c in log.channels.values())
