"""What is wrong with a scenario as a whole is put on a line of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.ground.errors import HISTORY, SCENARIO, Problem
from sim.log.file import load, to_jsonl
from sim.scenario.lines import on_lines

LOG = """schema: 4
title: Calls
channels:
  can-usa/ministers: {parties: [CAN, USA]}
events:
- {id: call, date: 2021-02-01, kind: call_held, channel: can-usa/ministers}
- id: cut
  date: 2021-03-01
"""
BASE = """title: Base
history: log.yaml
as_of: 2021-06-30
rates_per_day:
  call: 0
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "log.yaml").write_text(LOG)
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "over.yaml").write_text("extends: base.yaml\nchanges: []\n")
    return tmp_path


@pytest.mark.parametrize(
    ("whole", "path", "place"),
    [
        (HISTORY, "cut", "log.yaml:7"),
        (HISTORY, "call", "log.yaml:6"),
        (SCENARIO, "changes", "over.yaml:2"),
        (SCENARIO, "rates_per_day.call", "base.yaml:5"),
        (SCENARIO, "history", "base.yaml:2"),
        (SCENARIO, "as_of", "base.yaml:3"),
    ],
)
def test_each_part_has_the_line_of_the_file_that_says_it(
    folder: Path, whole: str, path: str, place: str
) -> None:
    (found,) = on_lines([Problem(whole, 0, path, "must not be")], [folder / "over.yaml"])
    assert str(found) == f"{folder}/{place}: {path}: must not be"


def test_what_takes_a_part_away_has_its_line(folder: Path) -> None:
    (folder / "over.yaml").write_text("extends: base.yaml\nrates_per_day: null\nhistory: null\n")
    asked = [Problem(SCENARIO, 0, path, "x") for path in ("history", "rates_per_day.call")]
    found = on_lines(asked, [folder / "over.yaml"])
    assert [(p.file, p.line) for p in found] == [(f"{folder}/over.yaml", n) for n in (3, 2)]


def test_the_one_file_that_has_the_event_is_named(folder: Path) -> None:
    (folder / "broken.yaml").write_text("title: [")
    (folder / "other.yaml").write_text("title: Other\nas_of: 2021-06-30\n")
    files = [folder / n for n in ("none.yaml", "broken.yaml", "other.yaml", "log.yaml")]
    (found,) = on_lines([Problem(HISTORY, 0, "cut", "must not be")], files)
    assert (found.file, found.line) == (f"{folder}/log.yaml", 7)


def test_what_several_files_may_mean_stays(folder: Path) -> None:
    (folder / "prior.yaml").write_text("sides: {}\n")
    known = [Problem(HISTORY, 0, "cut", "x"), Problem(SCENARIO, 0, "history", "y")]
    files = [folder / n for n in ("over.yaml", "log.yaml")]
    assert on_lines(known, files) == known
    found = on_lines(known, [folder / "prior.yaml", folder / "over.yaml"])
    assert [p.file for p in found] == [f"{folder}/log.yaml", f"{folder}/base.yaml"]


def test_what_no_file_has_and_what_names_a_file_stays(folder: Path) -> None:
    known = [Problem(HISTORY, 0, "nothing", "x"), Problem("--seed", 0, "", "y")]
    assert on_lines(known, [folder / "over.yaml"]) == known
    known = [Problem(SCENARIO, 0, "until", "x")]
    assert on_lines(known, []) == known


@pytest.mark.parametrize("events", ["null", "5", "{a: b}", "[7, null, {id: [1]}, {id: call}]"])
def test_a_log_of_any_form_is_looked_into(folder: Path, events: str) -> None:
    (folder / "odd.yaml").write_text(
        f"title: Odd\nas_of: 2021\nhistory:\n  schema: 4\n  events: {events}\n"
    )
    (folder / "odd-log.yaml").write_text(f"title: Odd\nevents: {events}\n")
    for name in ("odd.yaml", "odd-log.yaml"):
        (found,) = on_lines([Problem(HISTORY, 0, "call", "x")], [folder / name])
        assert found.of_whole == ("call" not in events)


def test_a_log_of_lines_has_lines(folder: Path) -> None:
    written = folder / "log.jsonl"
    written.write_text(to_jsonl(load(text=LOG.replace("- id: cut\n  date: 2021-03-01\n", ""))))
    (found,) = on_lines([Problem(HISTORY, 0, "call", "must not be")], [written])
    assert (found.file, found.line) == (str(written), 2)
