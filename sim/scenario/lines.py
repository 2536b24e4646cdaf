"""On which line of which file stands what is wrong with a scenario as a whole.

A rule that is broken only when a scenario is run or learned from, such as an event that the model
cannot produce, is found where nothing is known of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sim.ground.errors import HISTORY, InputError, Problem
from sim.ground.yaml import Document, Location, dotted
from sim.log.file import load_document
from sim.scenario.resolve import load_whole


def on_lines(problems: Sequence[Problem], files: Iterable[Path]) -> list[Problem]:
    """Put problems of a scenario as a whole on a line of the first of some scenarios or logs that
    has what they name; other problems, and what none of them has, stay as they are."""
    documents = [document for file in files if (document := _read(file)) is not None]
    return [_on_line(p, documents) if p.of_whole else p for p in problems]


def _read(file: Path) -> Document | None:
    try:
        return load_document(file) if file.suffix == ".jsonl" else load_whole(file)
    except InputError:
        return None


def _on_line(problem: Problem, documents: Sequence[Document]) -> Problem:
    for document in documents:
        path = _path(problem, document)
        if path is not None:
            file, line = document.place(path)
            return replace(problem, file=file, line=line)
    return problem


def _path(problem: Problem, document: Document) -> Location | None:
    """Return where a document has what a problem names, or would have it; None where it has no such
    event."""
    if problem.file != HISTORY:
        return next((path for path in document.places if dotted(path) == problem.path), ())
    inside: Location = (HISTORY,) if HISTORY in document.data else ()
    log = document.data[HISTORY] if inside else document.data
    ids = [event.get("id") for event in log.get("events", ()) if isinstance(event, dict)]
    return (*inside, "events", ids.index(problem.path)) if problem.path in ids else None
