"""The words of `docs/words.md` that were once found and mended stay out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = ROOT / "docs" / "words.md"
PATTERNS = (
    "sim/**/*.py",
    "sim/**/*.html",
    "sim/**/*.yaml",
    "docs/*.md",
    "README.md",
    "CONTRIBUTING.md",
    "scenarios/*.yaml",
    "seeds/README.md",
    "notebooks/*.ipynb",
    "benchmarks/*.md",
)
FILES = sorted(path for pattern in PATTERNS for path in ROOT.glob(pattern) if path not in (LIST,))


def words() -> list[tuple[str, str]]:
    """The list: what not to write, and what to write."""
    rows = [line.strip("|").split("|") for line in LIST.read_text().splitlines() if "|" in line]
    return [(row[0].strip(), row[1].strip()) for row in rows[2:]]


WORDS = words()


def found(text: str) -> Iterator[str]:
    """Say which words of the list stand in a text."""
    flat = re.sub(r"\s+", " ", text).lower()
    for old, new in WORDS:
        if old in flat and re.search(rf"\b{re.escape(old)}\b", flat):
            yield f"“{old}”: write “{new}”"


def test_the_list_is_read() -> None:
    assert ("hangs on", "depends on") in words()
    assert len(FILES) > 150


def test_no_word_of_the_list_is_used() -> None:
    told = {path.relative_to(ROOT).as_posix(): [*found(path.read_text("utf-8"))] for path in FILES}
    assert {name: words for name, words in told.items() if words} == {}


def test_a_word_of_the_list_is_found_across_lines_and_in_capitals() -> None:
    assert [*found("What needs it Goes\n  along.")] == ["“goes along”: write “is also removed”"]
