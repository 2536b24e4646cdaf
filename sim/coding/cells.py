"""One record as cells, and back: how each form of value is written and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sim.coding.columns import Column

NULL, NONE_OF_THEM, NOTHING_SAID = "null", "[]", "{}"
"""What stands for nothing where something is the default, for an empty list where that says more
than no list, and for a record without any field."""
_INTEGER = re.compile(r"[+-]?\d{1,30}")
_SEVERAL = re.compile(r"[;,\s]+")
LISTED = frozenset(("kinds",))
"""Fields of small records that hold several words."""
TRUE, FALSE = ("true", "yes"), ("false", "no")


def written(value: Any, column: Column) -> str:
    """Write a value of plain data into a cell."""
    if value is None:
        return NULL
    if isinstance(value, list) and column.form == "records":
        return "\n".join(map(_record, value))
    if isinstance(value, list):
        between = "\n" if column.form == "lines" else "; "
        return between.join(map(str, value)) or NONE_OF_THEM
    if isinstance(value, bool):
        return TRUE[0] if value else FALSE[0]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _record(record: Mapping[str, Any]) -> str:
    """Write a small record on one line."""
    parts = {k: ", ".join(v) if isinstance(v, list) else str(v) for k, v in record.items()}
    return "; ".join(f"{key}: {text}" for key, text in parts.items())


def _record_of(line: str) -> Any:
    """Read a small record from its line; what is none stays text."""
    found: dict[str, Any] = {}
    for part in filter(str.strip, line.split(";")):
        key, colon, text = (word.strip() for word in part.partition(":"))
        if not colon or key in found:
            return line
        found[key] = [w for w in _SEVERAL.split(text) if w] if key in LISTED else text
    return found


def value_of(cell: str, column: Column) -> Any:
    """Read the value of a cell that is not empty. What cannot be read stays text: the model says
    what it must be."""
    if column.form == "text":
        return cell
    text = cell.strip()
    if text == NULL and column.nullable:
        return None
    match column.form:
        case "words" | "wholes":
            parts = [] if text == NONE_OF_THEM else [p for p in _SEVERAL.split(text) if p]
            return [_number(p, whole=True) for p in parts] if column.form == "wholes" else parts
        case "lines":
            return [p for p in cell.split("\n") if p]
        case "records":
            return [_record_of(line) for line in cell.split("\n") if line.strip()]
        case "whole" | "number":
            return _number(text, whole=column.form == "whole")
        case "flag":
            low = text.lower()
            return True if low in TRUE else False if low in FALSE else text
    near = re.sub(r"[\s-]+", "_", text.lower())
    return near if near in column.options else text


def _number(text: str, *, whole: bool) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    if whole or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.IGNORECASE):
        return text
    return float(text)


def is_blank(cell: str, column: Column | None) -> bool:
    """Whether a cell says nothing. Blanks may be a text, but nobody sees them among words."""
    return not cell if column is not None and column.form == "text" else not cell.strip()


def row_of(record: Mapping[str, Any], columns: Iterable[Column]) -> list[str]:
    """Write a record of plain data into the cells of one row."""
    cells, bare = [], {*_bare_records(record, ())}
    for column in columns:
        if column.path[:-1] in bare:
            bare.remove(column.path[:-1])  # its first column says that it is there
            cells.append(NOTHING_SAID)
            continue
        value: Any = record
        for step in column.path:
            value = value.get(step, ...) if isinstance(value, Mapping) else ...
        cells.append("" if value is ... else written(value, column))
    return cells


def _bare_records(record: Mapping[str, Any], at: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for key, value in record.items():
        if value == {}:
            yield (*at, key)
        elif isinstance(value, Mapping):
            yield from _bare_records(value, (*at, key))


def record_of(cells: Iterable[tuple[Column, str]]) -> dict[str, Any]:
    """Read the cells of one row into a record of plain data."""
    record: dict[str, Any] = {}
    for column, cell in cells:
        if is_blank(cell, column):
            continue
        inside = record
        for step in column.path[:-1]:
            inside = inside.setdefault(step, {})
        if column.form == "text" or cell.strip() != NOTHING_SAID:
            inside[column.path[-1]] = value_of(cell, column)
    return record


def used_names(record: Mapping[str, Any], before: str = "") -> Iterable[str]:
    """Name every field that a record has, as columns are named."""
    for key, value in record.items():
        yield before + key
        if isinstance(value, Mapping):
            yield from used_names(value, f"{before}{key}.")
