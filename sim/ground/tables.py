"""Tables that are written, and beside them a table that says what their columns mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from sim.ground.column import COLUMNS_FILE, Column
from sim.ground.columns import TABLES, columns_of
from sim.ground.files import write_safely


def csv_of(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def header_of(text: str) -> list[str]:
    """Return the names of the columns of a table in CSV; none of an empty one."""
    return next(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), [])


def dictionary(tables: Mapping[str, Iterable[str]], own: Mapping[str, Column] | None = None) -> str:
    """Say in CSV what every column of some tables means, by the names of their files; `own` as of
    `columns_of`.

    Raises:
        ValueError: a column has no words.
    """
    rows = [[column.name for column in TABLES[COLUMNS_FILE]]]
    for file, names in tables.items():
        shown = file.removeprefix("seminar/")  # its files stand in a folder of their own
        rows += ([shown, c.name, c.type, c.unit, c.meaning] for c in columns_of(file, names, own))
    return csv_of(rows)


def write_tables(
    folder: Path,
    tables: Mapping[str, str],
    *,
    own: Mapping[str, Column] | None = None,
    beside: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Write tables in CSV, by the names of their files, and what their columns mean. `beside` are
    the columns of tables that another form holds; `own` as of `columns_of`.

    Raises:
        ValueError: a column has no words; nothing is written then.
        RunError: the disk refuses.
    """
    headers = {name: header_of(text) for name, text in tables.items()}
    words = dictionary({**dict(beside or {}), **headers}, own)
    for name, text in tables.items():
        write_safely(folder / name, text)
    write_safely(folder / COLUMNS_FILE, words)
