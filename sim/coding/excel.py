"""Books of Excel. Owns openpyxl, which reads XML with defusedxml: entities and DTDs are refused."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.datavalidation import DataValidation

from sim.coding.book import CODEBOOK, MAX_CELL, Book, Sheet, check_size
from sim.coding.csvfile import FORMULA
from sim.ground.errors import InputError, Problem
from sim.ground.files import read_bytes

MAX_XLSX_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 100_000_000
MAX_PARTS = 500
LIST_ROWS = 1_000
"""Rows for which a sheet offers lists to choose from."""
WIDE = frozenset(("summary", "doubt", "title", "about", "description", "what happened", "value"))

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl must find defusedxml: install backchannel again with what it needs")


def letter_of(column: int) -> str:
    """Return the letters by which a spreadsheet calls a column, counted from 0."""
    return str(get_column_letter(column + 1))


def read_excel(path: Path) -> Book:
    """Read a book of Excel: values alone. A formula is a fault, as is a date that shows no day.

    Raises:
        InputError: it cannot be read, or is too large when it is unpacked.
    """
    name, content = path.as_posix(), read_bytes(path, MAX_XLSX_BYTES)
    _check_parts(content, name)
    sheets: dict[str, Sheet] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not looked at
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            for page in book.worksheets[:50]:
                if str(page.title).strip().lower() != CODEBOOK:
                    sheet = _sheet(page, name)
                    sheets[sheet.name] = sheet
    except InputError:
        raise
    except Exception as error:  # a file that somebody made up may break its reader anywhere
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InputError([Problem(name, 0, "", f"cannot be read as .xlsx: {said}")]) from None
    return Book(name, sheets)


def _check_parts(content: bytes, name: str) -> None:
    """Refuse what is no archive, and one that would grow too large: an archive gives no more bytes
    than its directory says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        raise InputError([Problem(name, 0, "", "is not a book of Excel (.xlsx)")]) from None
    if len(parts) > MAX_PARTS or sum(p.file_size for p in parts) > MAX_UNPACKED_BYTES:
        rule = f"must hold at most {MAX_PARTS} parts and {MAX_UNPACKED_BYTES:,} bytes, unpacked"
        raise InputError([Problem(name, 0, "", rule)])


def _sheet(page: Any, file: str) -> Sheet:
    sheet = Sheet(str(page.title).strip().lower())
    page.reset_dimensions()  # what a file says of its own size may be anything
    for r, row in enumerate(page.iter_rows()):
        check_size(file, sheet.name, r + 1, len(row))
        cells = []
        for c, cell in enumerate(row):
            text, rule = _text(cell)
            if rule:
                sheet.faults[r, c] = (rule, text)
            cells.append("" if rule else text)
        sheet.rows.append(cells)
    while sheet.rows and not any(sheet.rows[-1]):
        sheet.rows.pop()
    return sheet


def _text(cell: Any) -> tuple[str, str]:
    """Return what a cell says, and the rule that it breaks or nothing."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f":
        return str(value), FORMULA
    if cell.data_type == "e":
        return str(value), "holds an error of the spreadsheet"
    if isinstance(value, bool):
        return str(value).lower(), ""
    if isinstance(value, (datetime, date)):
        if "d" not in str(cell.number_format).lower():
            rule = "shows a month and holds a day: format the cell as text and type it again"
            return str(value)[:10], rule
        whole = not isinstance(value, datetime) or value.time() == time()
        return value.isoformat()[:10] + ("" if whole else f"T{value:%H:%M:%S}Z"), ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_CELL:
        return text[:100], f"must be at most {MAX_CELL:,} letters"
    return text, ""


def excel_bytes(
    sheets: Iterable[Sheet], lists: Mapping[str, Mapping[str, Sequence[str] | str]]
) -> bytes:
    """Write sheets as a book of Excel, every cell as text, so that nothing is taken for a date or a
    formula.

    `lists` holds by sheet and head of a column what may be chosen there: words, or where in the
    book they stand, as `codebook!$A$2:$A$28`. Other texts may be typed all the same.
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for r, row in enumerate(sheet.rows, 1):
            for c, text in enumerate(row, 1):
                if text:
                    _write(page.cell(r, c), text)
        _style(page, sheet, lists.get(sheet.name, {}))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Any, text: str) -> None:
    try:
        cell.value = text
    except IllegalCharacterError:  # the fields of a log refuse such letters
        raise ValueError(f"no cell of Excel can hold {text!r}") from None
    cell.data_type = "s"
    cell.number_format = "@"


def _style(page: Any, sheet: Sheet, lists: Mapping[str, Sequence[str] | str]) -> None:
    heads = sheet.rows[0] if sheet.rows else []
    for c, head in enumerate(heads):
        letter = letter_of(c)
        width = 50 if head in WIDE else max(12, min(26, len(head) + 3))
        page.column_dimensions[letter].width = width
        page[f"{letter}1"].font = Font(bold=True)
        page[f"{letter}1"].fill = PatternFill("solid", fgColor="E7ECF3")
        for r in range(2, len(sheet.rows) + 1):
            page.cell(r, c + 1).alignment = Alignment(wrap_text=head in WIDE, vertical="top")
        page.column_dimensions[letter].number_format = "@"  # what is typed here stays as it is
        if choice := lists.get(head):
            inline = None if isinstance(choice, str) else '"{}"'.format(",".join(choice))
            offered = DataValidation("list", formula1=inline or str(choice), allow_blank=True)
            offered.showErrorMessage = False
            offered.add(f"{letter}2:{letter}{LIST_ROWS}")
            page.add_data_validation(offered)
    page.freeze_panes = "B2"
