"""What the columns of written tables mean, for every table that is written.

`columns.csv` beside this file says it, a row a column, in the form of the file of that name that
stands beside tables. `sim.ground.tables` writes none whose columns are not all there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import cast

from sim.ground.column import COLUMNS_FILE, Column, ColumnType


def _tables() -> dict[str, tuple[Column, ...]]:
    found: dict[str, tuple[Column, ...]] = {}
    with Path(__file__).with_name(COLUMNS_FILE).open(encoding="utf-8", newline="") as rows:
        _, *listed = csv.reader(rows)
    for table, name, type_, unit, meaning in listed:
        column = Column(name, cast(ColumnType, type_), unit, meaning)
        found[table] = (*found.get(table, ()), column)
    return found


TABLES = _tables()
"""By the name of the file, or a pattern of it. Columns that a scenario or the model names (the
numbers of a sweep, the features of a decision) come from who writes them."""


def columns_of(
    table: str, names: Iterable[str], own: Mapping[str, Column] | None = None
) -> list[Column]:
    """Return what columns of a table mean, in the order of `names`; `own` are those that only its
    writer knows.

    Raises:
        ValueError: a column, or the table, has no words here.
    """
    known = {column.name: column for column in _rows_of(table)} | dict(own or {})
    names = list(names)
    if missing := [name for name in names if name not in known]:
        rule = f"{table} has columns that sim/ground/columns.csv does not explain"
        raise ValueError(f"{rule}: {', '.join(missing)}")
    return [known[name] for name in names]


def _rows_of(table: str) -> tuple[Column, ...]:
    return next((rows for name, rows in TABLES.items() if fnmatchcase(table, name)), ())
