"""A log as sheets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.coding.book import EVENTS, LOG, Sheet, is_excel
from sim.coding.cells import row_of, used_names
from sim.coding.codebook import codebook_sheet, lists_for
from sim.coding.columns import KEYED, columns_for, head_fields, keyed_columns
from sim.coding.csvfile import csv_text
from sim.coding.excel import excel_bytes
from sim.ground.files import write_safely
from sim.log.log import Log

FEW = 4
"""Parties up to which each has columns for its tellings; of more, those that tell something."""


def sheets_of(log: Log) -> list[Sheet]:
    """Return a log as sheets: the same log always gives the same ones."""
    plain = log.plain()
    events = plain.get("events", [])
    used = [name for event in events for name in used_names(event)]
    parties = sorted({p for c in log.channels.values() for p in c.parties})
    columns = columns_for(used, parties if len(parties) <= FEW else ())
    found = [Sheet(EVENTS, [[c.name for c in columns], *(row_of(e, columns) for e in events)])]
    for part in KEYED:
        columns, rows = keyed_columns(part), plain.get(part, {})
        kept = [row_of({"id": id_, **record}, columns) for id_, record in rows.items()]
        if kept:
            found.append(Sheet(part, [[c.name for c in columns], *kept]))
    plain["schema"] = log.schema_version
    said = [[c.name, row_of(plain, (c,))[0]] for c in head_fields()]
    said += [[f"header.{key}", _header(value)] for key, value in log.header.items()]
    found.append(Sheet(LOG, [["what", "value"], *(row for row in said if row[1])]))
    return found


def _header(value: Any) -> str:
    """Write an entry of the header; quotation marks tell a text of digits from a number."""
    if isinstance(value, int):
        return str(value)
    plain = bool(value) and value[0] not in '"+-0123456789' and value == value.strip()
    return value if plain else json.dumps(value, ensure_ascii=False)


def header_value(cell: str) -> str | int:
    """Read an entry of the header as `sheets_of` writes it."""
    try:
        found = json.loads(cell)
    except ValueError:
        return cell
    return found if isinstance(found, (str, int)) and not isinstance(found, bool) else cell


def export(log: Log, path: Path) -> None:
    """Write a log into a sheet: CSV, or a book of Excel with lists to choose from.

    Raises:
        InputError: the file ends in neither .csv nor .xlsx.
        RunError: the disk refuses.
    """
    write_sheets(path, sheets_of(log))


def write_sheets(path: Path, sheets: list[Sheet]) -> None:
    """Write sheets into a file, with the list of kinds as the second where it can hold one."""
    if not is_excel(path):
        write_safely(path, csv_text(sheets))
        return
    book, rows = codebook_sheet()
    sheets = [sheets[0], book, *sheets[1:]]
    write_safely(path, excel_bytes(sheets, lists_for(sheets, rows)))
