"""Log files: YAML for people, JSON Lines for programs, and the upcasters between schema versions.

The JSON Lines form is a header line and one event a line, each line with the SHA-256 of the line
before it, so that an edited, truncated or reordered log is detected. The last line is a seal that
counts the events: without it the log was cut short. The chain has no key: it shows accidents and
careless edits, but whoever wants to can write another log with a sound chain.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.ground.checking import check, placed
from sim.ground.errors import InputError, Problem, one_problem, shown
from sim.ground.files import decode, json_line, read_bytes
from sim.ground.yaml import Document, Location, document_at, load_yaml, parse_yaml
from sim.log.log import Log
from sim.log.log_rules import broken_rules

SCHEMA_VERSION = 4
MAX_JSONL_BYTES = 50_000_000


def load(path: str | Path | Mapping[str, Any] | None = None, *, text: str | None = None) -> Log:
    """Read a log: a file of YAML (`.yaml`, `.yml`) or JSON Lines (`.jsonl`), plain data as a file
    would hold it, or text of either form.

    Raises:
        InputError: every broken rule, each on its line; or not exactly one of `path` and `text` is
            given.
    """
    return from_document(document_at(path, text, load_document, _parse_text))


def _parse_text(text: str) -> Document:
    chained = text.lstrip().startswith('{"previous"')
    return parse_jsonl(text, "text") if chained else parse_yaml(text, "text")


def load_document(path: Path) -> Document:
    """Read a log file as plain data with places, by the file's ending.

    Raises:
        InputError: it cannot be read, its ending is unknown, or its chain is broken.
    """
    if path.suffix in (".yaml", ".yml"):
        return load_yaml(path)
    if path.suffix == ".jsonl":
        return _read_jsonl(path)
    rule = "a log must end in .yaml, .yml or .jsonl"
    raise one_problem(path.as_posix(), rule, path.suffix or "no ending")


def from_document(document: Document) -> Log:
    """Read a log from a parsed document, upcasting an older schema.

    Raises:
        InputError: every broken rule, each on its line.
    """
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), "must be a mapping", document.data)])
    if is_scenario(document.data):
        rule = "is a scenario, not a log: `sim run` runs it"
        raise InputError([document.problem((), rule)])
    missing = without_schema(document.data, document)
    document.data = upcast(document.data, document)
    try:
        log = check(Log, document)
    except InputError as error:
        raise InputError([*missing, *error.problems]) from None
    problems = [*missing, *log_problems(log, document)]
    if problems:
        raise InputError(problems)
    return log


def is_scenario(data: Mapping[str, Any]) -> bool:
    """Whether plain data in the place of a log is a scenario's."""
    return "events" not in data and bool({"as_of", "extends", "question"} & {*data})


def log_problems(log: Log, document: Document, at: Location = ()) -> list[Problem]:
    """List the broken rules between the parts of a log that stands at `at` of a document."""
    return placed(broken_rules(log), document, at)


def _upcast_3(data: dict[str, Any]) -> dict[str, Any]:
    """Version 4 adds kinds, fields and parties, and takes nothing away."""
    return {**data, "schema": 4}


UPCASTERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {3: _upcast_3}
"""From a schema version to the function that lifts plain data to the next."""
NO_LONGER_READ = (1, 2)
"""Schema versions of early programs, which no log in use has."""


def without_schema(data: dict[str, Any], document: Document, at: Location = ()) -> list[Problem]:
    """Say that a log names no schema version; it is then read as one of the present version, so
    that its other faults are told too."""
    if "schema" in data:
        return []
    data["schema"] = SCHEMA_VERSION
    rule = f"is required: begin the log with `schema: {SCHEMA_VERSION}`"
    return [document.problem((*at, "schema"), rule)]


def upcast(data: dict[str, Any], document: Document, at: Location = ()) -> dict[str, Any]:
    """Lift plain data of an older schema version to the current one.

    Raises:
        InputError: the version is not one that this program knows.
    """
    version = data.get("schema")
    if version in NO_LONGER_READ and not isinstance(version, bool):
        rule = f"is no longer read: code the log in schema {SCHEMA_VERSION}"
        raise InputError([document.problem((*at, "schema"), rule, version)])
    if version not in (*UPCASTERS, SCHEMA_VERSION) or isinstance(version, bool):
        known = ", ".join(str(v) for v in (*UPCASTERS, SCHEMA_VERSION))
        rule = f"must be a schema version that this program knows: {known}"
        raise InputError([document.problem((*at, "schema"), rule, version)])
    while data["schema"] in UPCASTERS:
        data = UPCASTERS[data["schema"]](data)
    return data


def to_jsonl(log: Log) -> str:
    """Write a log as JSON Lines with a hash chain and a seal."""
    head = log.plain() | {"schema": SCHEMA_VERSION}
    events = head.pop("events", [])
    records = [{"header": head}, *({"event": e} for e in events), {"seal": {"events": len(events)}}]
    lines, previous = [], ""
    for record in records:
        line = json_line({"previous": previous, **record})
        previous = sha256(line.encode()).hexdigest()
        lines.append(line)
    return "\n".join(lines) + "\n"


def _read_jsonl(path: Path) -> Document:
    name = path.as_posix()
    text = decode(read_bytes(path, MAX_JSONL_BYTES), name)
    if not text.strip():
        raise one_problem(name, "must not be empty")
    return parse_jsonl(text, name)


def parse_jsonl(text: str, name: str) -> Document:
    """Read JSON Lines text, checking the chain; `name` stands for the file in errors.

    Raises:
        InputError: the first line that breaks the chain.
    """
    records = _chained(text, name)
    header = records[0].get("header")
    if not isinstance(header, dict):
        raise one_problem(name, "is required", line=1, path="header")
    if "events" in header:
        rule = "must not stand in the header: each event has a line of its own"
        raise one_problem(name, rule, line=1, path="events")
    data = {**header, "events": [r["event"] for r in records[1:-1]]}
    places: dict[tuple[str | int, ...], tuple[str, int]] = {(): (name, 1)}
    places |= {("events", i): (name, i + 2) for i in range(len(records) - 2)}
    return Document(name, data, places)


def _chained(text: str, name: str) -> list[dict[str, Any]]:
    """Split the text into records, each proved to follow the line before it."""
    lines = text.split("\n")
    if lines[-1] != "":
        raise one_problem(name, "the log is truncated: the last line has no end", line=len(lines))
    records: list[dict[str, Any]] = []
    previous = ""
    for number, line in enumerate(lines[:-1], start=1):
        try:
            record = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_each_once)
        except _TwiceError as error:
            rule = "the key stands here twice"
            raise one_problem(name, rule, shown(str(error)), line=number) from None
        except (ValueError, RecursionError):
            raise one_problem(name, "is not valid JSON", line=number) from None
        if not isinstance(record, dict) or len(record) != 2 or "previous" not in record:
            rule = "must be an object with `previous` and one of `header`, `event`, `seal`"
            raise one_problem(name, rule, line=number)
        if record["previous"] != previous:
            rule = "the chain is broken: the line before this one was changed, moved or removed"
            raise one_problem(name, rule, line=number, path="previous")
        wanted = "header" if number == 1 else "event" if number < len(lines) - 1 else "seal"
        if wanted not in record:
            rule = f"must be the {wanted} of the log"
            if wanted == "seal":
                rule = "the log is truncated: its last line must be the seal"
            raise one_problem(name, rule, line=number)
        previous = sha256(line.encode()).hexdigest()
        records.append(record)
    if len(records) < 2:
        raise one_problem(name, "the log is truncated: it has no seal", line=1)
    count = len(records) - 2
    if lines[-2] != json_line({"previous": records[-1]["previous"], "seal": {"events": count}}):
        events = "1 event" if count == 1 else f"{count} events"
        rule = f"the seal was changed, or does not count the log's {events}"
        raise one_problem(name, rule, line=len(records), path="seal")
    return records


class _TwiceError(Exception):
    """A key that an object holds twice; JSON would keep the last without a word."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return found


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not a number")
