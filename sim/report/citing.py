"""A bibliography of a log or of a folder: its sources, the program, and what was made with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sim.ground.dates import day, parse
from sim.ground.version import DISTRIBUTION, program_version
from sim.log.digest import log_digest
from sim.log.log import Log
from sim.report.manuscript import latex_text
from sim.scenario.interventions import run_type
from sim.scenario.provenance import scenario_digest
from sim.scenario.scenario import Scenario

DEVELOPERS = "The Backchannel developers"
"""The author of the program, in `CITATION.cff` too."""
TITLE = "Backchannel: an event-sourced simulator of diplomatic channels"

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The months as every style of BibTeX knows them, to be written without braces."""


@dataclass(frozen=True)
class Work:
    """One entry of a bibliography."""

    key: str
    kind: str
    """Its type in CSL: `software`, `dataset`, `webpage` or `document`."""
    title: str
    author: str = ""
    """The author in one piece: no log says which part is the family name."""
    publisher: str = ""
    date: str = ""
    """An EDTF date."""
    url: str = ""
    version: str = ""
    note: str = ""


def program_work(version: str | None = None) -> Work:
    """Return the entry of the program, of this version or another."""
    said = version or program_version()
    return Work(DISTRIBUTION, "software", TITLE, DEVELOPERS, version=said)


def source_works(log: Log) -> list[Work]:
    """Return an entry for each document of a log, by its id there."""
    found = []
    for key, document in sorted(log.sources.items()):
        at = {
            url
            for e in log.events
            if e.source is not None and e.source.document == key
            for url in e.source.urls
        }
        more = f"Its entries have {len(at)} addresses of their own, in the log." if at else ""
        found.append(
            Work(
                key,
                "webpage" if document.url else "document",
                document.title,
                document.author or "",
                document.publisher or "",
                document.date or "",
                document.url or "",
                note=more,
            )
        )
    return found


def log_work(log: Log) -> Work:
    """Return the entry of a log itself."""
    digest = log_digest(log)
    note = f"Coded log of {len(log.events):,} events. SHA-256 {digest}"
    return Work(f"log-{digest[:8]}", "dataset", log.title, note=note)


def log_works(log: Log) -> list[Work]:
    """Return the entries of a log: itself, the program that reads it, and its documents."""
    return [log_work(log), program_work(), *source_works(log)]


def scenario_work(scenario: Scenario, made: dict[str, Any]) -> Work:
    """Return the entry of worlds that were run: `made` is the record of their folder."""
    digest, number, seed = scenario_digest(scenario), made.get("replications"), made.get("seed")
    version = str(made["program"]["version"])
    note = f"{run_type(scenario).capitalize()} by {DISTRIBUTION} {version}"
    note += f", {number:,} worlds" if isinstance(number, int) and number else ""
    note += f", seed {seed}" if isinstance(seed, int) else ""
    note += f". SHA-256 of the scenario {digest}"
    return Work(f"scenario-{digest[:8]}", "dataset", scenario.title, version=version, note=note)


def folder_works(
    scenarios: Iterable[Scenario], logs: Iterable[Log], made: dict[str, Any]
) -> list[Work]:
    """Return the entries of a folder: its scenarios, its logs where it has no scenario, the program
    that made it, and the documents of all histories, each once."""
    asked = list(scenarios)
    read = [s.history for s in asked if s.history is not None] + list(logs)
    own = [scenario_work(s, made) for s in asked] or [log_work(log) for log in read]
    program = program_work(str(made["program"]["version"]))
    sources = [work for log in read for work in source_works(log)]
    return unique([*own, program, *sources])


def unique(works: Iterable[Work]) -> list[Work]:
    """Keep one of entries that are alike, and number those of one key that are not."""
    found: list[Work] = []
    taken: dict[str, int] = {}
    for work in dict.fromkeys(works):
        n = taken[work.key] = taken.get(work.key, 0) + 1
        fields = work.__dict__ | ({"key": f"{work.key}-{n}"} if n > 1 else {})
        found.append(Work(**fields))
    return found


# ---------------------------------------------------------------------------------- BibTeX


def bibtex(works: Iterable[Work]) -> str:
    """Write entries for BibTeX and biblatex, in UTF-8; all are `@misc`, which both know."""
    return "\n".join(_entry(work) for work in works)


def _entry(work: Work) -> str:
    year, month, full = _issued(work.date)
    fields = {
        "author": f"{{{latex_text(work.author or work.publisher)}}}",
        "title": f"{{{latex_text(work.title)}}}",
        "publisher": latex_text(work.publisher) if work.author else "",
        "year": year,
        "month": month,
        "date": full,
        "howpublished": f"\\url{{{_url(work.url)}}}" if work.url else "",
        "note": latex_text(_note(work)),
    }
    lines = [
        f"  {name} = {value}," if name == "month" else f"  {name} = {{{value}}},"
        for name, value in fields.items()
        if value not in ("", "{}")
    ]
    return "\n".join([f"@misc{{{work.key},", *lines, "}", ""])


def _note(work: Work) -> str:
    """Say in the note what `@misc` has no field for."""
    if work.kind == "software":
        return f"Computer program, version {work.version}"
    return work.note


def _url(text: str) -> str:
    """Write what would end the field as a percent sign and digits, as addresses may."""
    return text.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C").replace(" ", "%20")


def _issued(date: str) -> tuple[str, str, str]:
    """Return the year, the month and the whole of a date, each empty where it is not known."""
    if not date:
        return "", "", ""
    parts = _date_parts(date)
    first = parts[0]
    year = str(first[0]) if all(p[0] == first[0] for p in parts) else ""
    month = MONTHS[first[1] - 1] if len(parts) == 1 and len(first) > 1 else ""
    return year, month, re.sub(r"T[\d:]+Z", "", date)


# ---------------------------------------------------------------------------------- CSL-JSON


def csl(works: Iterable[Work]) -> list[dict[str, Any]]:
    """Return entries as CSL-JSON, the form of citation managers."""
    return [_item(work) for work in works]


def _item(work: Work) -> dict[str, Any]:
    author = work.author or work.publisher
    item: dict[str, Any] = {"id": work.key, "type": work.kind, "title": work.title}
    item |= {"author": [{"literal": author}]} if author else {}
    item |= {"publisher": work.publisher} if work.publisher else {}
    if work.date:
        item["issued"] = {"date-parts": _date_parts(work.date)}
        item["issued"] |= {"circa": True} if set(work.date) & set("~?%") else {}
    for name, value in (("URL", work.url), ("version", work.version), ("note", work.note)):
        item |= {name: value} if value else {}
    return item


def _date_parts(date: str) -> list[list[int]]:
    """Write an EDTF date as CSL does: one list of numbers, or two for an interval."""
    found = []
    for part in date.split("/"):
        span = parse(part)
        first = day(span.lo_s)
        length = {"year": 1, "month": 2}.get(span.precision, 3)
        found.append([first.year, first.month, first.day][:length])
    return found
