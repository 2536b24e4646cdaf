"""Every broken file under `scenarios/invalid` gives exactly the problems that its head expects.

A case begins with comment lines `# expect: MESSAGE`, one a problem, in order. Cases whose name
begins with `log-` are logs; a name that begins with `_` is a file that cases draw on.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.ground.errors import InputError
from sim.log.file import load
from sim.seminar.lesson.block import load_scenario

INVALID = Path(__file__).parents[1] / "messages"
CASES = sorted(INVALID.glob("[!_]*.yaml"))
MARK = "# expect: "


def expected(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]


def problems(path: Path) -> list[str]:
    """The messages of a file's problems, with files named as the cases name them."""
    with pytest.raises(InputError) as caught:
        (load if path.name.startswith("log-") else load_scenario)(path)
    return [str(p).replace(f"{INVALID.as_posix()}/", "") for p in caught.value.problems]


def test_there_are_cases() -> None:
    assert len(CASES) >= 120


@pytest.mark.slow
def test_messages() -> None:
    assert all(map(expected, CASES)), "a case must expect something"
    told = {path.name: problems(path) for path in CASES}
    assert told == {path.name: expected(path) for path in CASES}


@pytest.mark.parametrize("path", CASES[::20], ids=lambda p: p.stem)
def test_a_case_that_moves_by_a_line_is_noticed(path: Path, tmp_path: Path) -> None:
    """The control: a blank line on top leaves the rules and moves every line of this file."""
    for beside in INVALID.glob("_*.yaml"):
        (tmp_path / beside.name).write_bytes(beside.read_bytes())
    (tmp_path / path.name).write_text("\n" + path.read_text())
    moved = [p.replace(f"{tmp_path.as_posix()}/", "") for p in problems(tmp_path / path.name)]
    lines = re.compile(rf"(?<={re.escape(path.name)}:)\d+")
    back = [lines.sub(lambda m: str(int(m[0]) - 1), p) for p in moved]
    assert back == expected(path)
    assert (moved != expected(path)) == any(lines.search(p) for p in moved)


def test_the_files_that_cases_draw_on_are_valid() -> None:
    """So a case that extends them fails by its own fault."""
    assert sum("extends: _valid.yaml\n" in path.read_text() for path in CASES) > 60
    history = load_scenario(INVALID / "_valid.yaml").history
    assert history is not None
    assert {e.id for e in history.events} == {e.id for e in load(INVALID / "_history.yaml").events}


def test_several_files_are_reported_at_once() -> None:
    """Problems of a scenario, of the file it extends and of its history come together."""
    found = problems(INVALID / "many-problems-in-several-files.yaml")
    assert len({line.partition(":")[0] for line in found}) == 3
    assert len(found) == 7


@pytest.mark.parametrize("count", [1, 2, 17, 400])
def test_all_problems_are_reported_at_once(count: int, tmp_path: Path) -> None:
    head = (INVALID / "_history.yaml").read_text()
    event = "  - {{id: e{n}, date: 2022-02-30, kind: statement}}\n"
    path = tmp_path / "log.yaml"
    path.write_text(head + "".join(event.format(n=n) for n in range(count)))
    with pytest.raises(InputError) as caught:
        load(path)
    first = len(head.splitlines()) + 1
    assert [p.line for p in caught.value.problems] == list(range(first, first + count))


def test_a_file_broken_throughout_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "log.yaml"
    path.write_text("schema: 4\ntitle: a\n" + "".join(f"k{n}: 1\n" for n in range(2_000)))
    with pytest.raises(InputError) as caught:
        load(path)
    assert len(caught.value.problems) == 501
    assert caught.value.problems[-1].rule == "more than 500 problems; the first 500 are listed"
