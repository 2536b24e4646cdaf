"""On which line of which file stands what is wrong with a scenario as a whole.

A rule that is broken only when a scenario is run or learned from, such as an event that the model
cannot produce, is found where nothing is known of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sim.ground.errors import HISTORY, InputError, Problem
from sim.ground.yaml import Document, Location, dotted
from sim.log.file import load_document
from sim.scenario.resolve import load_whole


@contextmanager
def placed_in(file: Path) -> Iterator[None]:
    """Put what is wrong with the scenario or log of a file on its lines."""
    try:
        yield
    except InputError as error:
        raise InputError(on_lines(error.problems, [file])) from None


def on_lines(problems: Sequence[Problem], files: Iterable[Path]) -> list[Problem]:
    """Put problems of a scenario as a whole on lines of some scenarios or logs. Where not exactly
    one of the files can be meant, a problem stays as it is."""
    if not any(p.of_whole for p in problems):
        return [*problems]
    parts = [found for file in files if (found := _Parts.read(file)) is not None]
    return [_on_line(p, parts) if p.of_whole else p for p in problems]


class _Parts:
    """A scenario or a log, and where its parts and events are."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.parts = {dotted(path): path for path in document.places}
        inside: Location = (HISTORY,) if HISTORY in document.data else ()
        log = document.data.get(HISTORY, document.data)
        events = log.get("events") if isinstance(log, dict) else None
        self.events: dict[str, Location] = {}
        for n, event in enumerate(events if isinstance(events, list) else ()):
            id_ = event.get("id") if isinstance(event, dict) else None
            if isinstance(id_, str):
                self.events.setdefault(id_, (*inside, "events", n))

    @classmethod
    def read(cls, file: Path) -> _Parts | None:
        """Read a file; None where it is neither."""
        try:
            found = load_document(file) if file.suffix == ".jsonl" else load_whole(file)
        except InputError:
            return None
        return cls(found) if {"as_of", "events"} & {*found.data} else None

    def place(self, problem: Problem) -> Location | None:
        """Return where it has what a problem names, or would have it; None where it has no such
        event."""
        if problem.file == HISTORY:
            return self.events.get(problem.path)
        name = problem.path
        while name and name not in self.parts:
            name = name.rpartition(".")[0]
        return self.parts.get(name, ())


def _on_line(problem: Problem, parts: Sequence[_Parts]) -> Problem:
    found = [(own, path) for own in parts if (path := own.place(problem)) is not None]
    if len(found) != 1:
        return problem
    ((own, path),) = found
    file, line = own.document.place(path)
    return replace(problem, file=file, line=line)
