"""The store of a seminar: one SQLite file to which events are only ever added.

Whoever adds says how many events they have seen: if there are more by now, nothing is added.
`append` returns when the events are on the disk. Owns sqlite3.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sim.ground.errors import InputError, Problem, RunError
from sim.ground.files import json_line
from sim.seminar.record.events import SCHEMA_VERSION, SeminarEvent
from sim.seminar.record.reading import Parts, parsed
from sim.seminar.record.room import Recorded

APPLICATION = 0x42434C53
"""Marks a SQLite file as a store of this program."""
LAYOUT = 1
BRANCH = 1
"""The one branch of a record; files keep the table that could hold others."""

_TABLES = """
CREATE TABLE branch (
    id INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES branch,
    cut INTEGER NOT NULL CHECK (cut >= 0),
    name TEXT NOT NULL
) STRICT;
CREATE TABLE event (
    branch INTEGER NOT NULL REFERENCES branch,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    schema INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (branch, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER event_follows BEFORE INSERT ON event
WHEN NEW.position <> 1 + coalesce(
    (SELECT max(position) FROM event WHERE branch = NEW.branch),
    (SELECT cut FROM branch WHERE id = NEW.branch))
BEGIN SELECT raise(ABORT, 'an event must follow the last one'); END;
CREATE TRIGGER event_stays BEFORE UPDATE ON event
BEGIN SELECT raise(ABORT, 'an event cannot be changed'); END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN SELECT raise(ABORT, 'an event cannot be removed'); END;
CREATE TRIGGER branch_stays BEFORE UPDATE ON branch
BEGIN SELECT raise(ABORT, 'a branch cannot be changed'); END;
CREATE TRIGGER branch_is_kept BEFORE DELETE ON branch
BEGIN SELECT raise(ABORT, 'a branch cannot be removed'); END;
INSERT INTO branch VALUES (1, NULL, 0, 'lesson');
"""

_READ = """
SELECT position, schema, at_ms, CAST(body AS BLOB)
FROM event WHERE branch = ? AND position > ? ORDER BY position
"""

_DAMAGED = """
SELECT NOT EXISTS (SELECT 1 FROM branch WHERE id = 1 AND parent IS NULL AND cut = 0)
OR EXISTS (SELECT 1 FROM event WHERE typeof(position) <> 'integer')
"""

_NO_STORE = ("SQLITE_ERROR", "SQLITE_MISMATCH")
"""Errors that tell of no disk: a table or a column is not there, or holds something else."""


class Conflict(Exception):  # noqa: N818 - not a fault: somebody else was quicker
    """The record holds more events than the caller has seen."""


class Store:
    """An open store. Its methods may be called from any thread; they take turns."""

    def __init__(self, path: Path, parts: Parts) -> None:
        """Open a store, or make a new one where there is none; `parts` are those of the seminar.

        Raises:
            InputError: the file is no store of this program, or of another version.
            RunError: the disk or the folder refuses.
        """
        self.path, self.parts = path, parts
        self._lock = Lock()
        with self._told():
            if not path.exists() and Path(f"{path}-wal").exists():  # SQLite would throw it away
                raise self._broken(
                    f"is missing, but {path.name}-wal holds events of it: put it back, or give "
                    "another folder with --out"
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            with self._told():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        empty = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        application = self._db.execute("PRAGMA application_id").fetchone()[0]
        if not empty and application != APPLICATION:
            raise self._broken("is not the record of a seminar")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if empty:
            self._db.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION};"
                f"PRAGMA user_version = {LAYOUT}; {_TABLES} COMMIT;"
            )
        layout = self._db.execute("PRAGMA user_version").fetchone()[0]
        self._files = self._on_disk()
        if layout != LAYOUT:
            raise self._broken(
                f"was written by another version of the program: layout {layout}, not {LAYOUT}"
            )
        if self._db.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise self._broken("is damaged: its pages are not in order")
        if self._db.execute(_DAMAGED).fetchone()[0]:
            raise self._broken("is damaged: its branch, or the places of its events, cannot be")

    def _broken(self, rule: str) -> InputError:
        """Say that the file as a whole breaks a rule."""
        return InputError([Problem(self.path.as_posix(), 0, "", rule)])

    def append(self, seen: int, events: Sequence[SeminarEvent], at_ms: int) -> list[Recorded]:
        """Add events to a record of which the caller has seen `seen` events; return them when they
        are on the disk.

        Raises:
            Conflict: the record holds more events by now; nothing was added.
            RunError: the disk refuses; nothing was added.
        """
        recorded = [Recorded(seen + n, at_ms, e) for n, e in enumerate(events, start=1)]
        rows = []
        for r in recorded:
            body = json_line(r.event.written())
            rows.append((BRANCH, r.position, r.event.kind, SCHEMA_VERSION, at_ms, body))
        with self._lock, self._told():
            if self._on_disk() != self._files:
                raise RunError(
                    f"{self.path}: was moved, removed or replaced while the room is open. Take the "
                    "record home from the teacher's page, and start the command again"
                )
            self._db.execute("BEGIN IMMEDIATE")
            try:
                if self._length() != seen:
                    raise Conflict
                self._db.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", rows)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        return recorded

    def _on_disk(self) -> list[tuple[int, int] | None]:
        """Return which files the names lead to: what is written to a file that was removed is lost
        when it is closed."""
        found: list[tuple[int, int] | None] = []
        for path in (self.path, Path(f"{self.path}-wal")):
            try:
                told = path.stat()
                found.append((told.st_dev, told.st_ino))
            except FileNotFoundError:
                found.append(None)
        return found

    def _length(self) -> int:
        last = "SELECT coalesce(max(position), 0) FROM event WHERE branch = ?"
        return int(self._db.execute(last, (BRANCH,)).fetchone()[0])

    def read(self, after: int = 0) -> list[Recorded]:
        """Return the events after a position.

        Raises:
            InputError: an event is of a version that this program does not know, or is damaged.
            RunError: the disk refuses.
        """
        with self._lock, self._told():
            rows = self._db.execute(_READ, (BRANCH, after)).fetchall()
        found, problems = list[Recorded](), list[Problem]()
        for position, schema, at_ms, body in rows:
            try:
                if schema != SCHEMA_VERSION:
                    raise ValueError(f"is of schema {schema}; this program knows {SCHEMA_VERSION}")
                found.append(self.parts.recorded_of(position, at_ms, parsed(body)))
            except ValueError as error:
                name = self.path.as_posix()
                problems.append(Problem(name, 0, f"event {position}", str(error)))
        if problems:
            raise InputError(problems)
        return found

    def close(self) -> None:
        """Close the file; all that was added stays."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            told = getattr(error, "sqlite_errorname", "")
            if type(error) is sqlite3.DatabaseError or told in _NO_STORE:
                rule = f"is damaged, or is not the record of a seminar: {error}"
                raise self._broken(rule) from None
            raise RunError(f"{self.path}: cannot be written: {error}") from None
        except UnicodeDecodeError:  # it quotes names of tables that are no text any more
            raise self._broken("is damaged, or is not the record of a seminar") from None
        except OSError as error:
            raise RunError(f"{self.path}: cannot be written: {error.strerror or error}") from None
