"""A book of sheets as texts, whatever file it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sim.ground.errors import InputError, Problem

MAX_ROWS = 30_000
MAX_COLUMNS = 1_000
MAX_CELL = 20_000
"""Letters that one cell may hold; a field holds fewer."""
EVENTS, LOG, CODEBOOK = "events", "log", "codebook"
"""The sheets of a book that are no part of a log by id: its events, what it says of itself, and the
list of kinds, which is not read."""


@dataclass
class Sheet:
    """One sheet: rows of texts, the heads of the columns first."""

    name: str
    rows: list[list[str]] = field(default_factory=list)
    first: int = 1
    """The number of its first row in the file."""
    faults: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    """Cells that cannot be read: the row and column from 0 on, to the rule and the value."""

    def filled(self) -> Iterator[tuple[int, list[str]]]:
        """Go through the rows below the heads that hold anything: the number and the cells."""
        for n, row in enumerate(self.rows[1:], self.first + 1):
            if any(cell.strip() for cell in row):
                yield n, row


@dataclass
class Book:
    """The sheets of one file."""

    file: str
    """The file's name as errors show it."""
    sheets: dict[str, Sheet]

    def label(self, sheet: str) -> str:
        """Name a sheet as errors do: by the file alone where it has no other."""
        return f"{self.file}, {sheet}" if len(self.sheets) > 1 else self.file


def check_size(file: str, sheet: str, rows: int, columns: int) -> None:
    """Check that a sheet is not too large.

    Raises:
        InputError: it is.
    """
    if rows > MAX_ROWS:
        rule = f"must hold at most {MAX_ROWS:,} rows"
    elif columns > MAX_COLUMNS:
        rule = f"must hold at most {MAX_COLUMNS:,} columns"
    else:
        return
    raise InputError([Problem(file, 0, sheet, rule)])


def is_excel(path: Path) -> bool:
    """Whether a file is a book of Excel by its ending, and not CSV.

    Raises:
        InputError: its ending is that of neither.
    """
    ending = path.suffix.lower()
    if ending in (".xlsx", ".csv", ".tsv", ".tab"):
        return ending == ".xlsx"
    hint = ": save it as .xlsx or .csv" if ending in (".xls", ".xlsm", ".xlsb", ".ods") else ""
    rule = f"a sheet must end in .csv or .xlsx{hint}"
    raise InputError([Problem(path.as_posix(), 0, "", rule, path.suffix or "no ending")])
