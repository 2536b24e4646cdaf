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


def test_the_first_file_that_has_the_event_is_named(folder: Path) -> None:
    (folder / "broken.yaml").write_text("title: [")
    (folder / "other.yaml").write_text("title: Other\n")
    files = [folder / n for n in ("none.yaml", "broken.yaml", "other.yaml", "log.yaml")]
    (found,) = on_lines([Problem(HISTORY, 0, "cut", "must not be")], files)
    assert (found.file, found.line) == (f"{folder}/log.yaml", 7)


def test_what_no_file_has_and_what_names_a_file_stays(folder: Path) -> None:
    known = [Problem(HISTORY, 0, "nothing", "x"), Problem("--seed", 0, "", "y")]
    assert on_lines(known, [folder / "over.yaml"]) == known
    assert on_lines([Problem(SCENARIO, 0, "until", "x")], []) == [
        Problem(SCENARIO, 0, "until", "x")
    ]


def test_a_log_of_lines_has_lines(folder: Path) -> None:
    written = folder / "log.jsonl"
    written.write_text(to_jsonl(load(text=LOG.replace("- id: cut\n  date: 2021-03-01\n", ""))))
    (found,) = on_lines([Problem(HISTORY, 0, "call", "must not be")], [written])
    assert (found.file, found.line) == (str(written), 2)
