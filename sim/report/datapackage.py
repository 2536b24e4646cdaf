"""What a folder says of itself to other programs: a Data Package, as Frictionless defines it.

It lists each file, and of each table each column with type, unit and meaning, as the folder's
dictionary of columns (`columns.csv`) has them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sim.ground.column import COLUMNS_FILE
from sim.ground.columns import TABLES
from sim.ground.files import PART, json_text, write_safely

FILE = "datapackage.json"
PROFILE = "data-package"
BEGUN = "begun.json"
"""Says by which model a run was begun; it is there until the run is finished."""
UNFINISHED = ("chunks", "origins")
"""What a study that was stopped leaves in its folder, to go on from there."""
_MEDIA = {
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".npz": "application/zip",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}
MEANINGS = {
    "report.html": "The page, for people.",
    "scenario.yaml": "The scenario in full: it can be run again.",
    "scenarios/*.yaml": "A scenario in full: it can be run again.",
    "prior.yaml": "The prior that was laid over those of the doctrines.",
    "provenance.json": "What made the run, and the command that makes it again.",
    "study.json": "What made the study, and the command that makes it again.",
    "fit.json": "What was learned, from what, and the command that learns it again.",
    "design.json": "What the table is made of, and the command that makes it again.",
    "summary.json": "The answers as plain data.",
    "comparison.json": "The comparison as plain data.",
    "why.json": "The shares as plain data.",
    "agreement.json": "The agreement as plain data.",
    "sample.jsonl": "One simulated world as a log.",
    "logs/*.jsonl": "A log that was compared.",
    "tally.npz": "The counts from which the program opens the run again.",
    "figures/*.svg": "A figure.",
    "*.tex": "The table of the page, for LaTeX with booktabs.",
    "*.md": "The table of the page, in Markdown.",
    "fit-*/*": "A copy of the fit that the worlds draw their weights from.",
    "scenarios/fit-*/*": "A copy of the fit that the worlds draw their weights from.",
}
"""What files are that hold no table, by pattern."""


def media_type(path: str) -> str:
    """Return the media type of a file by its ending."""
    return _MEDIA.get(Path(path).suffix, "application/octet-stream")


def write_package(folder: Path, title: str, coming: Sequence[str] = ()) -> None:
    """Describe all files of a folder, and those that are `coming`, in its `datapackage.json`. Its
    name comes from the title, so that folders of two names have the same bytes.

    Raises:
        RunError: the disk or the folder refuses.
    """
    found = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file() and not p.match(PART))
    held = {path.as_posix() for path in found if path.parts[0] not in (*UNFINISHED, BEGUN)}
    columns = _columns(folder)
    names: set[str] = set()
    resources = [_resource(path, columns, names) for path in sorted({*held, *coming} - {FILE})]
    package = {"profile": PROFILE, "name": _slug(title, set()), "title": title}
    write_safely(folder / FILE, json_text(package | {"resources": resources}))


def _columns(folder: Path) -> list[dict[str, str]]:
    path = folder / COLUMNS_FILE
    if not path.is_file():
        return []
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def _resource(path: str, columns: list[dict[str, str]], names: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": _slug(path, names),
        "path": path,
        "format": Path(path).suffix.removeprefix("."),
        "mediatype": media_type(path),
    }
    fields = list(_fields(path, columns))
    if fields:
        found |= {"profile": "tabular-data-resource"} if path.endswith(".csv") else {}
        return found | {"encoding": "utf-8", "schema": {"fields": fields}}
    said = next((words for form, words in MEANINGS.items() if fnmatchcase(path, form)), "")
    return found | ({"description": said} if said else {})


def _fields(path: str, columns: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Describe the columns of a table; nothing of another file."""
    if path == COLUMNS_FILE:
        yield from (_field(c.name, c.type, c.unit, c.meaning) for c in TABLES[COLUMNS_FILE])
        return
    for row in columns:
        if fnmatchcase(path, row["file"]):
            yield _field(row["column"], row["type"], row["unit"], row["meaning"])


def _field(name: str, type_: str, unit: str, meaning: str) -> dict[str, str]:
    said = {"name": name, "type": type_, "description": meaning}
    said |= {"format": "any"} if type_ == "datetime" else {}
    return said | ({"unit": unit} if unit else {})


def _slug(path: str, taken: set[str]) -> str:
    """Name a resource: small letters, digits, dots and dashes, and no name twice."""
    name = slug = re.sub(r"[^a-z0-9._-]+", "-", path.lower()).strip("-.") or "package"
    n = 1
    while name in taken:
        n, name = n + 1, f"{slug}-{n + 1}"
    taken.add(name)
    return name
