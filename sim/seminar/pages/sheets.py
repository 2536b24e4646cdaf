"""Tables for a spreadsheet, as CSV, in which nothing that somebody typed becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from sim.ground.columns import TABLES
from sim.ground.formulas import harmless


def heads(table: str) -> tuple[str, ...]:
    """Return the names of the columns of one of `sim.ground.columns.TABLES`."""
    return tuple(column.name for column in TABLES[table])


def sheet(table: str, rows: Iterable[Sequence[str | float]]) -> str:
    """Write one of `TABLES` as CSV, as `table_text` does."""
    return table_text(heads(table), rows)


def table_text(columns: Sequence[str], rows: Iterable[Sequence[str | float]]) -> str:
    """Write a table as CSV, a header line first; every text in it is `harmless`."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    for row in rows:
        table.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()
