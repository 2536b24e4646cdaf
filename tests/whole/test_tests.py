"""The tests themselves: each file runs alone, and what rooms of tests share stands in support."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOMS = {path.stem: path.parent.name for path in TESTS.rglob("test_*.py")}


def imported(text: str) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def of_other_rooms(room: str, text: str) -> list[str]:
    """The tests of other rooms that a file of a room imports."""
    return [name for name in imported(text) if ROOMS.get(name, room) != room]


def test_no_test_takes_anything_from_a_test_of_another_room() -> None:
    found = {
        path.name: others
        for path in sorted(TESTS.rglob("*.py"))
        if (others := of_other_rooms(path.parent.name, path.read_text(encoding="utf-8")))
    }
    assert found == {}
    assert len(ROOMS) == len(list(TESTS.rglob("test_*.py")))  # no two have one name


def test_control_such_an_import_is_found() -> None:
    assert of_other_rooms("support", "from test_layers import ROOT") == ["test_layers"]
    assert of_other_rooms("whole", "import test_layers, micro") == []


MARKS = {"browser": {"browser", "playwright"}, "mutation": {"edited"}}
"""What a file imports that has tests of a mark."""


def unmarked(name: str, text: str) -> bool:
    """Whether a file takes what belongs to a mark, and marks nothing."""
    taken = {module.partition(".")[0] for module in imported(text)}
    return bool(taken & MARKS[name]) and f"pytest.mark.{name}" not in text


def test_what_needs_a_browser_or_a_copy_of_the_program_is_marked() -> None:
    for name in MARKS:
        files = [p for p in TESTS.rglob("test_*.py") if unmarked(name, p.read_text("utf-8"))]
        assert files == [], name


def test_control_a_mark_that_is_forgotten_is_found() -> None:
    assert unmarked("browser", "from playwright.sync_api import Page")
    assert not unmarked("browser", "import browser\npytestmark = pytest.mark.browser")
    assert unmarked("mutation", "from edited import Copy")
