"""An open record: a store, and the room that it adds up to. Every part adds its events here."""

from __future__ import annotations

from functools import reduce
from threading import RLock

from sim.ground.errors import InputError, Problem
from sim.ground.language import _
from sim.seminar.record.events import Opened, SeminarEvent
from sim.seminar.record.reading import Fits
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Recorded, Room
from sim.seminar.record.store import Conflict, Store


class Record:
    """The record of one seminar, open."""

    def __init__(self, store: Store, lesson_sha256: str, fits: Fits) -> None:
        """Take up what a store holds; `fits` says what of an event the lesson does not have.

        Raises:
            InputError: the record is of another lesson, or damaged.
        """
        self.store, self.fits = store, fits
        self.lock = RLock()
        record = store.read()
        opened = next((r.event for r in record if isinstance(r.event, Opened)), None)
        if opened is not None and opened.lesson_sha256 != lesson_sha256:
            rule = (
                f"is the record of another lesson, “{opened.title}”, or of another version of this "
                "one or of its scenario: give another folder with --out"
            )
            raise InputError([Problem(store.path.as_posix(), 0, "", rule)])
        self.room = self._followed(record, Room())
        """The room at this moment; a new value after each event."""

    def _followed(self, record: list[Recorded], room: Room) -> Room:
        """Read a record on from a room.

        Raises:
            InputError: it is damaged.
        """
        name = self.store.path.as_posix()
        now, problems = self.store.parts.followed(record, self.fits, room)
        if problems:
            raise InputError(Problem(name, 0, f"event {n}", rule) for n, rule in problems)
        return now

    def add(self, now_ms: int, *events: SeminarEvent) -> None:
        """Put events on the disk, and then into the room.

        Raises:
            Refused: another program has written to the same record.
            RunError: the disk refuses; nothing was added.
        """
        try:
            added = self.store.append(self.room.position, events, now_ms)
        except Conflict:
            self.room = self._followed(self.store.read(self.room.position), self.room)
            raise Refused(
                _("Another program writes to the same record. Nothing was stored: try again.")
            ) from None
        self.room = reduce(self.store.parts.apply, added, self.room)
