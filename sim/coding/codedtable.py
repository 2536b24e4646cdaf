"""Tables of coded events, such as ICEWS, read by a mapping file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sim.coding.csvfile import csv_rows
from sim.coding.found import Found, LeftOut, Rows, clean, span
from sim.coding.mapping import Mapping
from sim.coding.nations import names
from sim.ground.countries import countries
from sim.ground.errors import InputError, Problem, did_you_mean

MAX_TABLE_BYTES = 100_000_000
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", None: None}
_DATES = {
    "YYYY-MM-DD": r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)",
    "YYYYMMDD": r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)",
    "MM/DD/YYYY": r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})",
    "DD/MM/YYYY": r"(?P<d>\d\d?)/(?P<m>\d\d?)/(?P<y>\d{4})",
}


def read_table(files: Iterable[Path], mapping: Mapping, wanted: frozenset[str]) -> Rows:
    """Read the rows of tables; where `wanted` names countries, rows of others are passed over.

    Raises:
        InputError: a file cannot be read, or lacks a column that the mapping names.
    """
    rows = Rows()
    for path in files:
        _read_file(path, mapping, wanted, rows)
    return rows


def _read_file(path: Path, mapping: Mapping, wanted: frozenset[str], rows: Rows) -> None:
    table = csv_rows(path, MAX_TABLE_BYTES, DELIMITERS[mapping.delimiter])
    heads = list(mapping.header) or [head.strip() for head in next(table, [])]
    places = {head: n for n, head in enumerate(heads)}
    missing = [head for head in dict.fromkeys(mapping.heads) if head not in places]
    if missing:
        name = path.as_posix()
        raise InputError(
            Problem(name, 1, "", f"has no column {head}{did_you_mean(head, places)}")
            for head in missing
        )
    for number, cells in enumerate(table, 1 if mapping.header else 2):
        if not any(cells):
            continue
        rows.read += 1
        row = {head: cells[n].strip() if n < len(cells) else "" for head, n in places.items()}
        name = f"{path.name}#{clean(row.get(mapping.columns.id or '', ''), 40) or f'row-{number}'}"
        found = found_in(row, mapping, name, wanted)
        if isinstance(found, Found):
            rows.found.append(found)
        elif found is not None:
            rows.left_out.append(found)


def found_in(
    row: dict[str, str], mapping: Mapping, name: str, wanted: frozenset[str]
) -> Found | LeftOut | None:
    """Return what one row is taken for; None where it is of other countries than those wanted."""
    at = mapping.columns
    date = _date(row[at.date], mapping.date_form)
    sides = [_country(row[side.country], date) for side in (at.a, at.b)]
    if wanted and not {*sides} <= wanted:
        return None
    said = {head: row[head] for head in at.words}
    words = clean(" ".join(text for text in said.values() if text))
    code = "/".join(row[head] for head in at.code).strip("/")
    kind = mapping.kind_of(code)
    levels = [mapping.level_of(_cells(row, s.sectors), _cells(row, s.name)) for s in (at.a, at.b)]
    reason = ""
    if not date:
        reason = "the date is not known"
    elif None in sides or sides[0] == sides[1]:
        reason = "not between two countries that are known"
    elif kind is None:
        reason = f"the code {clean(code, 60) or 'of none'} maps to nothing"
    elif None in levels:
        offices = [_cells(row, side.sectors) for side in (at.a, at.b)]
        unknown = offices[levels.index(None)]
        reason = f"no level for {clean(unknown, 80) or 'a side without an office'}"
    elif levels[0] != levels[1]:
        reason = f"the levels differ: {levels[0]} and {levels[1]}"
    if reason or kind is None:
        return LeftOut(name, reason, words)
    a, b = str(sides[0]), str(sides[1])
    about = {mapping.agendas.get(w) for w in re.split(r"[;,]\s*", _cells(row, at.agenda, ";"))}
    return Found(
        date,
        str(kind.kind),
        (a, b),
        str(levels[0]),
        name,
        words,
        mapping.doubt,
        place=clean(row[at.place], 200) if at.place else "",
        by={"a": a, "b": b}.get(str(kind.by), ""),
        agenda=tuple(sorted(word for word in about if word)),
        url=clean(row[at.url], 500) if at.url else "",
    )


def _cells(row: dict[str, str], heads: Iterable[str], between: str = ", ") -> str:
    return between.join(row[head] for head in heads if row[head])


def _date(text: str, form: str) -> str:
    match = re.match(_DATES[form] + r"(?!\d)", text)
    if match is None:
        return ""
    return span(f"{match['y']}-{int(match['m']):02}-{int(match['d']):02}", "")


def _country(text: str, date: str) -> str | None:
    code = text if text in countries() or text in names().titles else names().code(text)
    return names().on(code, date) if code is not None else None
