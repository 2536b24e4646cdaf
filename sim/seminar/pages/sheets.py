"""Tables for a spreadsheet, as CSV, in which nothing that somebody typed becomes a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

LEADS = frozenset("=+-@\u2212")
"""What a formula begins with. Other forms of these signs, as the full-width ones, count as well."""
ENDS = frozenset(",;\t|\r\n")
"""What may end a cell: programs that expect semicolons split a text at them, quoted or not."""


def table_text(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """Write a table as CSV, a header line first; every text in it is `harmless`."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    for row in rows:
        table.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def harmless(text: str) -> str:
    """Return a text with an apostrophe before each sign at which a spreadsheet would begin a
    formula: at the start of a cell, and of what becomes one where another sign separates cells."""
    found, begins = "", True
    for letter in text:
        sign = unicodedata.normalize("NFKC", letter)[:1]
        if begins and sign in LEADS:
            found += "'"
        begins = letter in ENDS or (begins and (letter == '"' or letter.isspace()))
        found += letter
    return found
