"""A record as JSON Lines, the form of exchange: a header line, then a line an event.

Names are replaced by the students' numbers unless they are asked for; secrets are never in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.ground.errors import InputError, Problem
from sim.ground.files import decode, json_line, read_bytes
from sim.seminar.record.events import SCHEMA_VERSION, Joined, Opened, Started
from sim.seminar.record.reading import Parts, parsed
from sim.seminar.record.room import Recorded
from sim.seminar.record.store import Store

FORM = "backchannel seminar"
BLANK = "0" * 64
MAX_BYTES = 100_000_000


def record_lines(store: Store, title: str, lesson_sha256: str, *, names: bool = False) -> str:
    """Write the record as JSON Lines: a header line, then a line an event."""
    head = {
        "form": FORM,
        "schema": SCHEMA_VERSION,
        "title": title,
        "lesson_sha256": lesson_sha256,
        "names": names,
    }
    read = store.read()
    if any(isinstance(r.event, Opened) and r.event.disguised for r in read):
        head["disguised"] = True
    lines = [json_line(head)]
    for recorded in read:
        event = recorded.event
        if isinstance(event, Joined):
            shown = event.name if names else f"student {event.student}"
            event = event.model_copy(update={"seat_sha256": BLANK, "name": shown})
        elif isinstance(event, Started):
            event = event.model_copy(update={"teacher_sha256": BLANK})
        elif isinstance(event, Opened):
            event = event.model_copy(update={"code": ""})
        place = {"position": recorded.position, "at_ms": recorded.at_ms}
        lines.append(json_line(place | event.written()))
    return "\n".join(lines) + "\n"


def is_record(path: Path) -> bool:
    """Whether a file of JSON Lines says that it is the record of a seminar.

    Raises:
        InputError: it cannot be read.
    """
    return read_bytes(path, MAX_BYTES).lstrip().startswith(f'{{"form":"{FORM}"'.encode())


def load_record(path: Path, parts: Parts) -> tuple[dict[str, Any], list[Recorded]]:
    """Read an exported record: its header and its events.

    Raises:
        InputError: every line that breaks a rule.
    """
    name = path.as_posix()
    lines = decode(read_bytes(path, MAX_BYTES), name).splitlines()
    problems: list[Problem] = []
    found: list[Recorded] = []
    head: dict[str, Any] = {}
    missing = 0
    for number, line in enumerate(lines, start=1):
        try:
            data = parsed(line)
            if number == 1:
                head = _header(data)
                continue
            position, at_ms = data.pop("position", None), data.pop("at_ms", None)
            wanted = number - 1 + missing
            if position != wanted:  # those from here on are as far ahead of their lines
                missing = position - (number - 1) if type(position) is int else 0
                raise ValueError(f"position: must be {wanted}, as the events follow each other")
            found.append(parts.recorded_of(position, at_ms, data))
        except ValueError as error:
            problems.append(Problem(name, number, "", str(error)))
    if not lines:
        problems.append(Problem(name, 0, "", "must not be empty"))
    if not problems:
        problems += [Problem(name, n + 1, "", rule) for n, rule in parts.followed(found)[1]]
    if problems:
        raise InputError(problems)
    return head, found


def _header(data: dict[str, Any]) -> dict[str, Any]:
    if data.get("form") != FORM:
        raise ValueError(f"form: must be “{FORM}”")
    if data.get("schema") != SCHEMA_VERSION:
        raise ValueError(f"schema: must be {SCHEMA_VERSION}")
    return data
