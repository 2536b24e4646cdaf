"""Logs written into files."""

from __future__ import annotations

from pathlib import Path

from sim.ground.errors import InputError, Problem
from sim.ground.files import write_safely
from sim.ground.yaml import MAX_NODES, MAX_YAML_BYTES, dump_yaml, paths_below
from sim.log.file import SCHEMA_VERSION, to_jsonl
from sim.log.log import Log


def write_log(log: Log, path: Path) -> None:
    """Write a log by the file's ending: YAML for people, JSON Lines for many events.

    Raises:
        InputError: the ending is of neither, or the log is too large for YAML.
        RunError: the disk refuses.
    """
    write_safely(path, log_text(log, path))


def log_text(log: Log, path: Path) -> str:
    """Return a log as the text of a file with this ending.

    Raises:
        InputError: the ending is of neither form, or the log is too large for YAML.
    """
    name = path.as_posix()
    if path.suffix == ".jsonl":
        return to_jsonl(log)
    if path.suffix not in (".yaml", ".yml"):
        rule = "must end in .yaml, .yml or .jsonl"
        raise InputError([Problem("--out", 0, "", rule, path.suffix or "no ending")])
    plain = {"schema": SCHEMA_VERSION, **log.plain()}
    first = ("id", "date", "kind")  # what it is stands before what is said of it
    plain["events"] = [
        {key: event[key] for key in first} | event for event in plain.get("events", [])
    ]
    text = dump_yaml(plain)
    values = sum(1 for _ in paths_below(plain, ()))
    if values >= MAX_NODES or len(text.encode()) > MAX_YAML_BYTES:
        rule = f"a log of {len(log.events):,} events is too large for YAML: end it in .jsonl"
        raise InputError([Problem(name, 0, "", rule)])
    return text
