"""Sheets as a log: every broken rule at once, each in its cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.coding.book import CODEBOOK, EVENTS, LOG, Book, Sheet, is_excel
from sim.coding.cells import is_blank, record_of, value_of
from sim.coding.columns import (
    KEYED,
    Column,
    event_columns,
    fields_by_party,
    head_fields,
    keyed_columns,
    party_columns,
)
from sim.coding.csvfile import read_csv
from sim.coding.excel import letter_of, read_excel
from sim.coding.exporting import header_value
from sim.ground.errors import InputError, Problem, did_you_mean, shown
from sim.ground.schema import CHANNEL_ID, SLUG, is_declarable
from sim.ground.yaml import Document, Location
from sim.log.file import SCHEMA_VERSION, from_document
from sim.log.log import Log

IGNORED = "#"
"""How the head of a column begins that is the coder's own and is not read."""


@dataclass
class SheetDocument(Document):
    """What sheets say, as plain data: a problem stands in a cell."""

    rows: dict[Location, tuple[str, int, str]] = field(default_factory=dict)
    """A record to the sheet as errors name it, the row, and the part of the log."""
    heads: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of each part, which column each name stands in."""

    def problem(self, path: Location, rule: str, got: object = ...) -> Problem:
        """Put a broken rule into its cell."""
        value = "" if got is ... else shown(got)
        for end in range(len(path), 0, -1):
            if path[:end] in self.rows:
                sheet, row, part = self.rows[path[:end]]
                return Problem(sheet, row, *self._cell(part, path[end:], rule), value)
        named = ".".join(str(step) for step in path)
        return Problem(self.file, 0, named, rule, value)

    def _cell(self, part: str, rest: Location, rule: str) -> tuple[str, str]:
        columns = self.heads.get(part, {})
        if part == LOG:
            return cell_name(1, "value"), rule
        names = [str(step) for step in rest if isinstance(step, str)]
        for end in range(len(names), 0, -1):
            name = ".".join(names[:end])
            if name in columns:
                if rule.startswith("unknown key") and part == EVENTS:
                    rule = "no event of this kind has it: leave the cell empty"
                return cell_name(columns[name], name), rule
        if part != EVENTS and not names:
            return cell_name(columns.get("id", 0), "id"), rule
        missing = f"{names[0]} (the sheet has no such column)" if names else ""
        return missing, rule


def cell_name(column: int, head: str) -> str:
    """Name a cell of a row as errors do."""
    return f"column {letter_of(column)}, {shown(head)}" if head else f"column {letter_of(column)}"


def read_book(path: Path) -> Book:
    """Read the sheets of a file by its ending.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    return read_excel(path) if is_excel(path) else read_csv(path)


def import_sheet(path: Path) -> Log:
    """Read a log from a sheet.

    Raises:
        InputError: every broken rule, each with its sheet, row and column.
    """
    return log_of(read_book(path), path.stem)


def log_of(book: Book, name: str) -> Log:
    """Read a log from the sheets of a book; `name` is its title where the book gives none.

    Raises:
        InputError: every broken rule, each with its sheet, row and column.
    """
    reading = _Reading(book, name)
    document = reading.document()
    problems = reading.problems
    try:
        log = from_document(document)
    except InputError as error:
        told = {(p.file, p.line, p.path) for p in problems}
        rest = [p for p in error.problems if (p.file, p.line, p.path) not in told]
        raise InputError([*problems, *rest]) from None
    if problems:
        raise InputError(problems)
    return log


class _Reading:
    """One book on its way to a document, with the problems that are met."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name = book, name
        self.problems: list[Problem] = []
        self.made = SheetDocument(book.file, {})

    def document(self) -> SheetDocument:
        """Read every sheet into plain data of a log."""
        known = {EVENTS, LOG, CODEBOOK, *KEYED}
        for sheet in self.book.sheets.values():
            if sheet.name not in known:
                rule = f"unknown sheet{did_you_mean(sheet.name, known)}"
                self.problems.append(Problem(self.book.file, 0, sheet.name, rule))
        data: dict[str, Any] = {"schema": SCHEMA_VERSION, "title": self.name}
        if EVENTS not in self.book.sheets:
            rule = "must have a sheet events, with a row an event"
            self.problems.append(Problem(self.book.file, 0, "", rule))
        if (said := self.book.sheets.get(LOG)) is not None:
            self.said(said, data)
        for part in KEYED:
            if (kept := self.book.sheets.get(part)) is not None:
                data[part] = dict(self.keyed(kept))
        data["events"] = self.events(self.book.sheets.get(EVENTS, Sheet(EVENTS)))
        self.fill_in(data)
        self.made.data = data
        return self.made

    def fault(
        self, sheet: Sheet, row: int, column: int, head: str, rule: str, got: str = ""
    ) -> None:
        label = self.book.label(sheet.name)
        value = shown(got) if got else ""
        self.problems.append(Problem(label, row, cell_name(column, head), rule, value))

    def unreadable(self, sheet: Sheet, heads: list[str]) -> None:
        for (r, c), (rule, got) in sheet.faults.items():
            head = heads[c] if c < len(heads) else ""
            if not head.startswith(IGNORED):
                self.fault(sheet, sheet.first + r, c, head, rule, got)

    def said(self, sheet: Sheet, data: dict[str, Any]) -> None:
        """Read what a log says of itself: a name and a value a row."""
        fields = {c.name: c for c in head_fields()}
        label = self.book.label(sheet.name)
        self.unreadable(sheet, ["what", "value"])
        seen: set[str] = set()
        for number, row in sheet.filled():
            name, cell = row[0].strip(), row[1] if len(row) > 1 else ""
            header = name.partition("header.")[2]
            at: Location = ("header", header) if header else (name,)
            if name in seen:
                self.fault(sheet, number, 0, "what", "stands here twice", name)
            elif name not in fields and not header:
                rule = f"unknown key{did_you_mean(name, fields)}"
                self.fault(sheet, number, 0, "what", rule, name)
            elif header:
                data.setdefault("header", {})[header] = header_value(cell)
            elif not is_blank(cell, fields[name]):
                data[name] = value_of(cell, fields[name])
            seen.add(name)
            self.made.rows[at] = (label, number, LOG)

    def columns(self, sheet: Sheet, known: dict[str, Column]) -> dict[int, Column]:
        """Find out what each column of a sheet holds."""
        heads = [head.strip() for head in sheet.rows[0]] if sheet.rows else []
        self.unreadable(sheet, heads)
        filled = {c for _, row in sheet.filled() for c, cell in enumerate(row) if cell.strip()}
        found: dict[int, Column] = {}
        places: dict[str, int] = {}
        for c, head in enumerate(heads):
            if head.startswith(IGNORED) or (not head and c not in filled):
                continue
            column = known.get(head) or (_of_party(head) if sheet.name == EVENTS else None)
            if not head:
                self.fault(sheet, sheet.first, c, head, "needs a head")
            elif column is None:
                hint = did_you_mean(head, known) or f"; a column of your own begins with {IGNORED}"
                self.fault(sheet, sheet.first, c, head, f"unknown column{hint}")
            elif head in places:
                self.fault(sheet, sheet.first, c, head, "the column stands here twice")
            else:
                found[c], places[head] = column, c
        for c in sorted(filled - {*range(len(heads))}):
            self.fault(sheet, sheet.first, c, "", "needs a head")
        self.made.heads[sheet.name] = places
        return found

    def records(
        self, sheet: Sheet, known: dict[str, Column]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        columns = self.columns(sheet, known)
        for number, row in sheet.filled():
            cells = [(columns[c], cell) for c, cell in enumerate(row) if c in columns]
            if any(cell.strip() for _, cell in cells):
                yield number, record_of(cells)

    def keyed(self, sheet: Sheet) -> Iterator[tuple[str, dict[str, Any]]]:
        """Read a part of a log that is kept by id."""
        label = self.book.label(sheet.name)
        seen: set[str] = set()
        for number, record in self.records(sheet, {c.name: c for c in keyed_columns(sheet.name)}):
            id_ = str(record.pop("id", ""))
            place = self.made.heads[sheet.name].get("id", 0)
            if not id_ or id_ in seen:
                rule = "the id stands here twice" if id_ else "is required"
                self.fault(sheet, number, place, "id", rule, id_)
                continue
            seen.add(id_)
            self.made.rows[(sheet.name, id_)] = (label, number, sheet.name)
            yield id_, record

    def events(self, sheet: Sheet) -> list[dict[str, Any]]:
        """Read the events; one without an id gets it from its date and kind."""
        label = self.book.label(sheet.name)
        found: list[dict[str, Any]] = []
        for number, record in self.records(sheet, {c.name: c for c in event_columns()}):
            self.made.rows[("events", len(found))] = (label, number, EVENTS)
            found.append(record)
        taken = Counter(str(e["id"]) for e in found if "id" in e)
        for event in found:
            if "id" not in event:
                event["id"] = _new_id(event, taken)
        return [{"id": event.pop("id"), **event} for event in found]

    def fill_in(self, data: dict[str, Any]) -> None:
        """Where a book has no sheet of channels or sources, take those that the events name."""
        events = data["events"]
        if "channels" not in data:
            ids = [e.get("channel") for e in events] + [
                i for e in events for i in e.get("also_on", ())
            ]
            named = [str(id_) for id_ in dict.fromkeys(ids) if re.fullmatch(CHANNEL_ID, str(id_))]
            if named:
                data["channels"] = {id_: {"parties": id_[:7].upper().split("-")} for id_ in named}
            else:
                rule = "must name a channel in some event, such as usa-rus/ministers"
                label = self.book.label(EVENTS)
                self.problems.append(Problem(label, 0, "column channel", rule))
        if "sources" not in data:
            named = [
                e["source"].get("document") for e in events if isinstance(e.get("source"), dict)
            ]
            slugs = [str(id_) for id_ in dict.fromkeys(named) if re.fullmatch(SLUG, str(id_))]
            if slugs:
                data["sources"] = {id_: {"title": id_} for id_ in slugs}


def _of_party(head: str) -> Column | None:
    """Return the column in which one party says something, by its head."""
    field_, _, rest = head.partition(".")
    party = rest.partition(".")[0]
    if field_ not in fields_by_party() or not is_declarable(party):
        return None
    return next((c for c in party_columns(party, field_) if c.name == head), None)


def _new_id(event: dict[str, Any], taken: Counter[str]) -> str:
    words = f"{str(event.get('date', 'undated'))[:10]}-{event.get('kind', 'event')}"
    stem = re.sub(r"[^a-z0-9.]+", "-", words.lower()).strip("-.")[:60] or "event"
    n, id_ = 1, stem
    while id_ in taken:
        n += 1
        id_ = f"{stem}-{n}"
    taken[id_] += 1
    return id_
