"""Logs of public data by pair of governments, in a short form: those that ship in `seeds/public`.

Dates, kinds, channels and where each row stands; what the rows say in words is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.coding.found import Found, days_from, numbered
from sim.coding.gathering import Read, log_of_groups, read_source
from sim.coding.merging import Merged, merged
from sim.ground.dates import parse
from sim.ground.errors import InputError, Problem
from sim.ground.files import write_safely
from sim.ground.tables import csv_of
from sim.ground.yaml import dump_yaml
from sim.log.file import SCHEMA_VERSION
from sim.log.log import Log

LEAST = 3
"""Events that a pair has at least. Whoever takes pairs with so many events before a day finds them
all here, so that nothing that came later chose them."""
SINCE = "1977-01-20"
"""The first day; before it, remarks name few of those who were met."""
FOLDERS = {
    "travels": ("travels/president-travels", "travels/secretary-travels"),
    "visits": ("visits/data",),
    "readouts": ("wh-briefings",),
}
"""Where the files of each source stand in a folder that holds the three repositories."""
SETS = {
    "meetings": (
        ("travels", "visits"),
        "Meetings of leaders and of foreign ministers, by the tables of the State Department",
    ),
    "readouts": (
        ("readouts",),
        "Calls and meetings of leaders and of national security advisers, by pages of the White "
        "House",
    ),
}
"""Each set of logs: which sources are joined, and the title."""
SHORT = (
    "Made by a program (seeds/public/make.py) from public data (CC0): dates, kinds and where each "
    "row stands. The days of a meeting are those of the stay, of a call or a readout that of the "
    "page. It is complete for no channel; the coverage says what the sources can show."
)
KEPT = ("id", "date", "kind", "channel")
"""What is written of an event, beside its source."""
PLAIN = r"[A-Za-z0-9][\w./#-]*"
"""Words that YAML reads as they are, without quotation marks."""
HEADS = ("set", "channel", "events", "first", "last")


def make_pairs(folder: Path, out: Path, least: int = LEAST) -> int:
    """Make the logs of all pairs from a folder that holds the sources, and a table of them; return
    how many there are.

    Raises:
        InputError: a source's file is missing or cannot be read.
        RunError: the disk refuses.
    """
    missing = [f for paths in FOLDERS.values() for f in paths if not (folder / f).is_dir()]
    if missing:
        rule = "must hold the repositories travels, visits and wh-briefings"
        raise InputError([Problem((folder / f).as_posix(), 0, "", rule) for f in missing])
    table: list[tuple[str, ...]] = [HEADS]
    number = 0
    for name, (sources, title) in SETS.items():
        reads = [read_source(s, [folder / f for f in FOLDERS[s]]) for s in sources]
        for pair, log in logs_of_pairs(reads, title, least).items():
            write_safely(out / name / f"{pair}.yaml", short_text(log))
            table += table_rows(name, log)
            number += 1
    write_safely(out / "channels.csv", csv_of(table))
    return number


def logs_of_pairs(reads: list[Read], title: str, least: int = LEAST) -> dict[str, Log]:
    """Return the logs of the pairs that have so many events, by the pair's name in channel ids."""
    begun = [since(read, SINCE) for read in reads]
    by_pair: dict[str, list[Merged]] = {}
    for group in merged((row for read in begun for row in read.found()), reads[0].within_days):
        codes = sorted(group.first.parties, key=lambda code: (code != "USA", code))
        by_pair.setdefault("-".join(codes).lower(), []).append(group)
    logs = {}
    for pair, groups in sorted(by_pair.items()):
        if len(groups) >= least:
            named = [*zip(short_ids(g.first for g in groups), groups, strict=True)]
            log = log_of_groups(begun, named, [], title)
            logs[pair] = log.model_copy(update={"description": SHORT})
    return logs


def since(read: Read, first: str) -> Read:
    """Return what a source tells from a day on."""
    start_s = parse(first).lo_s
    shown = {}
    for level, told in read.rows.shown.items():
        days = parse(told.days) if told.days else None
        if days is not None and days.hi_s > start_s:
            shown[level] = replace(told, days=days_from(max(days.lo_s, start_s), days.hi_s))
    found = [row for row in read.rows.found if parse(row.date).lo_s >= start_s]
    return replace(read, rows=replace(read.rows, found=found, shown=shown))


def short_ids(rows: Iterable[Found]) -> list[str]:
    """Name the events of a pair by day, level and kind."""
    return numbered(f"{r.date[:10]}-{r.level}-{r.kind.partition('_')[0]}" for r in rows)


def short_text(log: Log) -> str:
    """Write a log as YAML with an event a line."""
    head = {"schema": SCHEMA_VERSION, **log.plain()}
    events = head.pop("events")
    lines = [f"  - {_flow(_short(event))}" for event in events]
    return dump_yaml(head) + "\n".join(["events:", *lines, ""])


def _short(event: dict[str, Any]) -> dict[str, Any]:
    """Return what is written of an event; pages by their address, where it is known."""
    source = event["source"]
    pages = [url for url in source["urls"] if url.startswith("http")]
    short = {"document": source["document"], "urls": pages or source["urls"]}
    return {key: event[key] for key in KEPT} | {"source": short}


def _flow(value: Any) -> str:
    """Write a value of plain data on one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return value if re.fullmatch(PLAIN, value) else json.dumps(value, ensure_ascii=False)


def table_rows(name: str, log: Log) -> list[tuple[str, ...]]:
    """Return a row for each channel of a log."""
    rows: list[tuple[str, ...]] = []
    for channel in log.channels:
        days = sorted(e.date[:10] for e in log.events if e.channel == channel)
        rows.append((name, channel, str(len(days)), days[0], days[-1]))
    return rows
