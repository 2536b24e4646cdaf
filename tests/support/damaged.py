"""Records of seminars that are damaged on purpose, by seed, and all that reads a record."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lessons import SALT, forecasted, go_to, opened, percents
from plays import play_plan
from tabled import Table

from sim.cli.check import check_file
from sim.seminar.lesson.plan import Plan
from sim.seminar.lesson.record import place_of
from sim.seminar.lesson.session import Session
from sim.seminar.pages.export import exports
from sim.seminar.pages.presenter import Viewer
from sim.seminar.pages.what_if_controls import controls
from sim.seminar.record.refusal import Refused
from sim.seminar.web.app import Pages
from sim.seminar.web.filling import filled
from sim.seminar.web.pages import log_page
from sim.seminar.web.room import OpenRoom
from sim.seminar.what_if.from_lesson import InRecord, base_of
from sim.seminar.what_if.record import BRANCHES
from sim.seminar.what_if.sharing import Sharing
from sim.seminar.what_if.whole import RECORD, take_up
from sim.seminar.what_if.world_queue import Drawer

Row = list[Any]
"""Branch, position, kind, schema, time and body."""


# ---------------------------------------------------------------------------------- what is whole


def whole_lesson(folder: Path) -> Session:
    """Hold the small lesson to its end, with a student who leaves, a reason that is hidden, and two
    branches of what-ifs."""
    session = opened(folder, 5)
    forecasted(session)
    for round_ in (0, 1):
        for vote, phase in ((1, "vote"), (2, "again")):
            go_to(session, phase)
            for student in sorted(session.room.students):
                given = percents(session, 10 * student)
                session.answer(100_000, student, round_, vote, given, f"Because of {student}.")
        session.hide(101_000, round_, 1, 2)
        if round_ == 0:
            session.remove(102_000, 5)
        go_to(session, "revealed")
    sharing = Sharing(base_of(session.plan), InRecord(session), lambda: None)
    sharing.slide(None, {0: 1.0})
    sharing.change(None, {"remove": "the-cut"})
    sharing.keep(103_000, "Readier")
    sharing.keep(104_000, "Readier still")
    sharing.drop(105_000, 2)
    sharing.close()
    session.advance(106_000, place_of(session.room), SALT)
    return session


def whole_play(folder: Path) -> Session:
    """Play the small role play to its debrief, with a line of everybody."""
    table = Table(folder, 8, play_plan())
    table.advance(2)
    table.controller.instruct(table.now, 1, "Keep the line open.")
    table.advance()
    table.deal()
    put = table.state.tables[1].open
    for part in ("adviser", "desk", "press"):
        for member in table.team():
            with suppress(Refused):  # it is somebody else's part
                table.controller.note(table.now, member, put.question.number, part, "Say yes.")
    table.to_the_end(True)
    table.advance()
    table.deal()
    return table.session


def rows_of(path: Path) -> list[Row]:
    """The events of a record, as its file has them."""
    db = sqlite3.connect(path)
    rows = db.execute("SELECT branch, position, kind, schema, at_ms, body FROM event ORDER BY 2")
    found = [list(row) for row in rows]
    db.close()
    return found


# ---------------------------------------------------------------------------------- damage

WORDS = ["", "x", "DEU", "\ud800", "a\x00b", "‮x", "x" * 300, "vote", "revealed", "play", "2021"]
NUMBERS = [-1, 0, 1, 2, 7, 99, 1_000, 2**53, 2**63, 10**30, 0.5, 1e308, True]
OTHERS = [None, [], {}, [1, 2], {"a": 1}, [[[]]], [60, 41]]
DEEP = "[" * 100_000
BODIES = [
    *("", "null", "[]", "5", '"x"', "{", "{}", '{"kind":null}', '{"kind":[]}', "NaN", DEEP),
    *('{"kind":"ended"}', '{"kind":"ended","x":1}', '{"kind":"removed","student":77}'),
    *('{"kind":"opened"}', '{"kind":"play_began","stage":"play"}', '{"kind":"door_set","open":2}'),
    '{"kind":"play_began","stage":"instruct","tables":12}',
    '{"kind":"began","round":77,"phase":"vote"}',
    '{"kind":"seated","student":77,"table":9,"party":"DEU"}',
    '{"kind":"voted","student":1,"table":1,"number":77,"yes":true}',
    '{"kind":"branch_dropped","number":9}',
    f'{{"kind":"branch_kept","number":3,"name":"x","seed":1,"changes":{DEEP}',
    '{"kind":"branch_kept","number":3,"name":"x","seed":1,"changes":[{"remove":"no-such"}]}',
    '{"kind":"branch_kept","number":3,"name":"x","seed":1,"values":{"no such":1}}',
    f'{{"kind":"answered","student":1,"round":0,"vote":1,"reason":"x","percents":{DEEP}',
    f'{{"kind":"ended","x":{"9" * 5_000}}}',
]
NO_TEXT = b'{"kind":"joined","name":"\xff\xfe"}'


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all that a body holds."""
    if isinstance(value, dict):
        inner = [p for k, v in value.items() for p in leaves(v, (*at, k))]
    elif isinstance(value, list):
        inner = [p for k, v in enumerate(value) for p in leaves(v, (*at, k))]
    else:
        return [at]
    return [*([at] if at else []), *inner]


class Damage:
    """Damages records by a seed."""

    def __init__(self, seed: int, rows: list[Row]) -> None:
        self.rng = random.Random(seed)
        self.rows = [list(row) for row in rows]
        self.statements: list[str] = []
        """SQL that is run on the file at the end."""
        self.seen: dict[str, list[Any]] = {}
        for row in rows:
            for key, value in json.loads(row[5]).items():
                self.seen.setdefault(key, []).append(value)

    def renumbered(self) -> None:
        for n, row in enumerate(self.rows, start=1):
            row[1] = n

    def body(self, change: Callable[[dict[str, Any]], None]) -> None:
        row = self.rng.choice(self.rows)
        data = json.loads(row[5])
        change(data)
        row[5] = json.dumps(data)

    # each of these is one way of damaging

    def drop(self) -> None:
        del self.rows[self.rng.randrange(len(self.rows))]
        if self.rng.random() < 0.8:
            self.renumbered()

    def drop_several(self) -> None:
        a, b = sorted(self.rng.randrange(len(self.rows)) for _ in range(2))
        del self.rows[a : b + 1]
        self.renumbered()

    def cut_short(self) -> None:
        del self.rows[self.rng.randrange(len(self.rows)) :]

    def twice(self) -> None:
        place = self.rng.randrange(len(self.rows))
        self.rows.insert(self.rng.randrange(len(self.rows)), [*self.rows[place]])
        self.renumbered()

    def swapped(self) -> None:
        a, b = (self.rng.randrange(len(self.rows)) for _ in range(2))
        self.rows[a], self.rows[b] = self.rows[b], self.rows[a]
        self.renumbered()

    def value(self) -> None:
        def change(data: dict[str, Any]) -> None:
            *path, last = self.rng.choice(leaves(data))
            inner: Any = data
            for key in path:
                inner = inner[key]
            inner[last] = self.rng.choice([*WORDS, *NUMBERS, *OTHERS])

        self.body(change)

    def likely_value(self) -> None:
        """One that stands elsewhere under the same key, or is near."""

        def change(data: dict[str, Any]) -> None:
            key = self.rng.choice([k for k in data if k != "kind"] or ["kind"])
            value = self.rng.choice(self.seen[key])
            if type(value) is int and self.rng.random() < 0.5:
                value += self.rng.choice([-1, 1])
            data[key] = value

        self.body(change)

    def field_lost(self) -> None:
        self.body(lambda data: data.pop(self.rng.choice([*data])))

    def field_added(self) -> None:
        key = self.rng.choice([*self.seen, "x"])
        value = self.rng.choice(self.seen.get(key, [1]))
        self.body(lambda data: data.update({key: value}))

    def other_body(self) -> None:
        self.rng.choice(self.rows)[5] = self.rng.choice([*BODIES, NO_TEXT])

    def strange_event(self) -> None:
        """One more event, that could stand in some record."""
        place = self.rng.randrange(len(self.rows) + 1)
        row = [1, 0, "x", 1, 0, self.rng.choice([b for b in BODIES if b.endswith("}")])]
        self.rows.insert(place, row)
        self.renumbered()

    def column(self) -> None:
        row = self.rng.choice(self.rows)
        row[self.rng.choice([1, 3, 4])] = self.rng.choice([-1, 0, 2, 77, 2**53 + 1, 2**62])

    def table(self) -> None:
        self.statements.append(
            self.rng.choice(
                [
                    "UPDATE branch SET parent = 1",
                    "UPDATE branch SET cut = 5",
                    "DELETE FROM branch",
                    "INSERT INTO branch VALUES (2, 1, 0, 'x'); UPDATE branch SET parent = 2",
                    "INSERT INTO branch VALUES (2, NULL, 9, 'x');"
                    "UPDATE branch SET parent = 2, cut = 3 WHERE id = 1",
                    "UPDATE event SET branch = 7",
                    "DROP TABLE event",
                    "DROP TABLE branch",
                    "ALTER TABLE event RENAME COLUMN body TO said",
                    "ALTER TABLE branch RENAME COLUMN cut TO until",
                    "PRAGMA application_id = 5",
                    "PRAGMA user_version = 5",
                    "DROP TABLE event; CREATE TABLE event (branch, position, kind, schema, at_ms,"
                    "body); INSERT INTO event VALUES (1, 1, 'ended', 1, 'x', 'y')",
                    "DROP TABLE event; CREATE TABLE event (branch, position, kind, schema, at_ms,"
                    "body); INSERT INTO event VALUES (1, 'x', 'ended', 1, 0, 5)",
                    "DROP TABLE event; CREATE VIEW event AS SELECT 1 AS branch, 1 AS position,"
                    "'ended' AS kind, 1 AS schema, NULL AS at_ms, NULL AS body",
                ]
            )
        )

    def ways(self) -> list[Callable[[], None]]:
        return [
            *(self.drop, self.drop_several, self.cut_short, self.twice, self.swapped),
            *(self.value, self.value, self.likely_value, self.likely_value, self.likely_value),
            *(self.field_lost, self.field_added, self.other_body, self.other_body),
            *(self.strange_event, self.strange_event, self.column, self.table),
        ]

    def done(self) -> str:
        """Damage in one way, and return its name."""
        way = self.rng.choice(self.ways())
        way()
        return way.__name__


def written(rows: list[Row], whole: Path, folder: Path, statements: list[str]) -> None:
    """Write a record of these rows as a copy of a whole one; no trigger guards it any more."""
    folder.mkdir(parents=True)
    path = folder / RECORD
    path.write_bytes(whole.read_bytes())
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN")
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute("DELETE FROM event")
    for row in rows:
        values = [*row[:5], row[5] if isinstance(row[5], bytes) else row[5].encode()]
        with suppress(sqlite3.IntegrityError):  # two of one place
            db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, CAST(? AS TEXT))", values)
    db.execute("COMMIT")
    for statement in statements:
        db.executescript(statement)
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def lines_of(rows: list[Row], head: bytes) -> bytes:
    """Write rows as the lines of an export."""
    lines = [head]
    for row in rows:
        body = row[5] if isinstance(row[5], bytes) else row[5].encode()
        place = f'{{"position":{row[1]},"at_ms":{row[4]},'.encode()
        lines.append(place + body[1:] if body[:1] == b"{" else body)
    return b"\n".join(lines) + b"\n"


def flipped(content: bytes, seed: int) -> bytes:
    """A file of which some bytes are others, or the end is lost."""
    rng, data = random.Random(seed), bytearray(content)
    if rng.random() < 0.2:
        return bytes(data[: rng.randrange(len(data))])
    for _ in range(rng.choice([1, 3, 30])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


# ---------------------------------------------------------------------------------- who reads


EXPORTED = set[tuple[str, str]]()
"""Branches that were exported already, and of which lesson."""


def read_all(plan: Plan, folder: Path) -> None:
    """Read a record as `sim seminar` does: take it up, write what is taken home, show every page,
    and go on.

    Raises:
        InputError: the record is damaged.
    """
    session = take_up(plan, folder)
    try:
        for names in (False, True):
            for text in exports(session, names=names).values():
                text()
        room = OpenRoom(session, ["http://x"], "http://x")
        pages = Pages(room)
        students = list(session.room.students.values())
        for viewer in (Viewer("teacher"), Viewer("board"), *(Viewer("room", s) for s in students)):
            pages.shown(viewer)
        filled("log.html", **log_page(room, None), problem="")
        if BRANCHES.of(session.room).kept:
            with patch.object(Drawer, "want"):  # nobody waits for worlds
                sharing = room.what_if.sharing
            controls(sharing, True)
            for number, branch in BRANCHES.of(session.room).kept.items():
                if (plan.digest, repr(branch)) in EXPORTED:  # the same gives the same
                    continue
                with suppress(Refused):  # of a slider that is there no more
                    sharing.exported(number)
                    EXPORTED.add((plan.digest, repr(branch)))
        room.close()
        session.start(10**12, "ABC234", "7" * 64)
        if not session.room.ended:
            session.advance(10**12, place_of(session.room), SALT)
    finally:
        session.store.close()


def read_lines(path: Path) -> None:
    """Read an export as `sim check` does.

    Raises:
        InputError: the record is damaged.
    """
    check_file(path)
