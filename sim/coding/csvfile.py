"""Books as CSV: the sheets one below the other, each under a line with its name in brackets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sim.coding.book import EVENTS, MAX_CELL, Book, Sheet, check_size
from sim.ground.errors import InputError, Problem
from sim.ground.files import read_bytes
from sim.ground.formulas import marked, unmarked
from sim.ground.tables import csv_of

MAX_CSV_BYTES = 20_000_000
_NAMED = re.compile(r"\[([a-z]+)\]")
FORMULA = "must be a text or a number, not a formula"


def csv_rows(
    path: Path, limit: int = MAX_CSV_BYTES, delimiter: str | None = None
) -> Iterator[list[str]]:
    """Go through the rows of a table in CSV, with commas, semicolons or tabs between the cells.

    Raises:
        InputError: it cannot be read, is no UTF-8 text, or holds a cell that is too long.
    """
    name, content = path.as_posix(), read_bytes(path, limit)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        rule = "must be UTF-8 text: in Excel, save it as “CSV UTF-8”"
        raise InputError([Problem(name, line, "", rule)]) from None
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise InputError([Problem(name, line, "", "must be UTF-8 text, not binary")])
    between = delimiter or _delimiter(content[:100_000].decode("utf-8-sig", "replace"))
    plain = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    stream = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig")  # all line ends become one
    number = 0
    was = csv.field_size_limit(MAX_CELL)
    try:
        for row in csv.reader(stream, delimiter=between, quoting=plain):  # type: ignore[arg-type]
            number += 1
            yield row
    except csv.Error:
        rule = f"a cell holds more than {MAX_CELL:,} letters, or a quotation mark is not closed"
        raise InputError([Problem(name, number + 1, "", rule)]) from None
    finally:
        csv.field_size_limit(was)


def _delimiter(text: str) -> str:
    """Find what stands between the cells: what the first line that has heads holds most of."""
    lines = (line for line in text.splitlines() if line.strip(" ,;\t") and "[" not in line[:1])
    first = next(lines, "")
    return max(",;\t", key=first.count)


def read_csv(path: Path) -> Book:
    """Read a book from CSV. Without lines that name sheets, it is the sheet of events alone.

    Raises:
        InputError: it cannot be read or is too large.
    """
    name = path.as_posix()
    sheets: dict[str, Sheet] = {}
    sheet: Sheet | None = None
    for number, row in enumerate(csv_rows(path), 1):
        head = [cell.strip() for cell in row]
        named = _NAMED.fullmatch(head[0]) if head and not any(head[1:]) else None
        if named is not None:
            if named[1] in sheets:
                raise InputError(
                    [Problem(name, number, "", "the sheet stands here twice", head[0])]
                )
            sheet = sheets[named[1]] = Sheet(named[1], first=number + 1)
            continue
        if sheet is None:
            if not any(head):
                continue
            sheet = sheets[EVENTS] = Sheet(EVENTS, first=number)
        if not sheet.rows and not any(head):
            sheet.first = number + 1  # its heads come later
            continue
        for column, cell in enumerate(row):
            if cell.lstrip().startswith("="):
                sheet.faults[len(sheet.rows), column] = (FORMULA, cell)
        sheet.rows.append([unmarked(cell) for cell in row])
        check_size(name, sheet.name, len(sheet.rows), len(row))
    return Book(name, sheets)


def csv_text(sheets: Iterable[Sheet]) -> str:
    """Write sheets as CSV; no text in it becomes a formula."""
    rows: list[list[str]] = []
    for sheet in sheets:
        if rows:
            rows.append([])
        rows.append([f"[{sheet.name}]"])
        rows += ([marked(cell) for cell in row] for row in sheet.rows)
    return "\ufeff" + csv_of(rows)  # by the mark Excel knows that it is UTF-8
