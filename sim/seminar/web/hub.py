"""Who listens, and what they are sent: each change of a page as one short message, made once and
sent to all who have that page. A listener that is slow gets the newest message only.

Nobody is sent what changes nothing for them, and messages have no number: either would count what
others do, such as the votes of the other team.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection
from typing import Any

from sim.seminar.lesson.record import LESSON, VOTES
from sim.seminar.pages.viewer import Viewer, mark_of
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import STAGES
from sim.seminar.record.room import Room
from sim.seminar.web.caller import Caller

EVERY_S = 0.25
"""Counts are sent at most so often; all else at once."""
ALIVE_S = 5.0
"""After so long a silence a sign of life is sent; a page that misses three tries again."""
MAX_LISTENERS, MAX_FOR_ONE, MAX_FOR_DEVICE = 1_000, 8, 300
"""Streams of students: of all, of one of them, and from one device. A class may share a device."""
MAX_FOR_TEACHER = 40
"""Streams of the teacher and the projector, whatever students hold."""
ALIVE = b"event: alive\ndata: .\n\n"
RETRY_MS = 1_500
"""After how long a browser tries again that lost the connection."""


def topic_of(room: Room, viewer: Viewer) -> str:
    """Name what a page shares with others: those of one topic are told the same. While teams play,
    each team has its own."""
    seat = PLAY.of(room).seats.get(viewer.student.number) if viewer.student is not None else None
    if seat is None or PLAY.of(room).stage not in STAGES[:2]:
        return viewer.page
    return f"{viewer.page}/{seat.table}/{seat.party}"


class Listener:
    """One open connection."""

    def __init__(self, viewer: Viewer, caller: Caller) -> None:
        self.viewer, self.caller = viewer, caller
        self.told: dict[str, Any] = {}
        """What was left for it last."""
        self.newest: bytes | None = None
        self.woken = asyncio.Event()

    def tell(self, message: bytes) -> None:
        """Leave a message; an older one that was not sent yet is dropped."""
        self.newest = message
        self.woken.set()


class Hub:
    """All open connections of a room."""

    def __init__(
        self,
        room: Callable[[], Room],
        now_ms: Callable[[], int],
        more: Callable[[str], dict[str, Any]] = lambda page: {},
        most_for_device: int = MAX_FOR_DEVICE,
    ) -> None:
        """`more` says what a page is told beside what every page is told."""
        self._room, self._now_ms, self._more = room, now_ms, more
        self.most_for_device = most_for_device
        self._listeners: set[Listener] = set()
        self._sent: dict[str, str] = {}
        self._waiting: asyncio.TimerHandle | None = None
        self.closed = False
        self.trouble = ""
        """Why nothing could be stored the last time; only the teacher's page says it."""

    @property
    def connected(self) -> frozenset[int]:
        """The students of whom at least one page is open."""
        numbers = (x.viewer.student.number for x in self._listeners if x.viewer.student is not None)
        return frozenset(numbers)

    def may_listen(self, caller: Caller) -> bool:
        """Whether somebody may have one more stream: by person, by device, and in all."""
        held = [x.caller for x in self._listeners]
        own = sum(c.student == caller.student for c in held)
        if caller.student is None:
            return own < MAX_FOR_TEACHER
        students = [c.device for c in held if c.student is not None]
        return (
            own < MAX_FOR_ONE
            and students.count(caller.device) < self.most_for_device
            and len(students) < MAX_LISTENERS
        )

    def _is_gone(self, listener: Listener) -> bool:
        """Whether a stream is of a student who was removed."""
        viewer, students = listener.viewer.student, self._room().students
        numbers = {listener.caller.student, None if viewer is None else viewer.number} - {None}
        return not numbers <= students.keys()

    def told(self, viewer: Viewer) -> dict[str, Any]:
        """Return what a page is told at this moment; all that show the same are told the same."""
        room, page = self._room(), viewer.page
        vote = VOTES.get(room.phase)
        told: dict[str, Any] = {
            "mark": mark_of(room, viewer),
            "deadline_ms": room.deadline_ms,
            "left_ms": room.left_ms,
            "joined": len(room.students),
            "answered": len(LESSON.of(room).cast(LESSON.of(room).round, vote)) if vote else 0,
        }
        if page == "teacher":
            told["mark"] += f"/{','.join(map(str, sorted(self.connected)))}"
            told["mark"] += "/trouble" if self.trouble else ""
        return told | self._more(page)

    def written(self, told: dict[str, Any]) -> bytes:
        """Write a message, with the time of the server."""
        text = json.dumps(told | {"now_ms": self._now_ms()}, separators=(",", ":"))
        return f"data: {text}\n\n".encode()

    def publish(self) -> None:
        """Tell everybody what has changed: at once where a page changes, and counts soon."""
        if self._marks() != self._sent:
            self._send()
        elif self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(EVERY_S, self._send)

    def _send(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._sent = self._marks()
        self.tell(None)

    def tell(self, pages: Collection[str] | None) -> None:
        """Tell the pages of some names what is new for them; all pages for None."""
        messages: dict[str, tuple[dict[str, Any], bytes]] = {}
        for gone in [x for x in self._listeners if self._is_gone(x)]:
            self._listeners.discard(gone)  # now: its browser may never read that it has ended
            gone.woken.set()
        for listener in self._listeners:
            if pages is not None and listener.viewer.page not in pages:
                continue
            topic = topic_of(self._room(), listener.viewer)
            if topic not in messages:
                told = self.told(listener.viewer)
                messages[topic] = told, self.written(told)
            if listener.told != messages[topic][0]:
                listener.told = messages[topic][0]
                listener.tell(messages[topic][1])

    def _marks(self) -> dict[str, str]:
        """Return the mark of each kind of page that is open, but for the teacher's counts."""
        room = self._room()
        viewers = {
            topic_of(room, x.viewer): x.viewer
            for x in self._listeners
            if x.viewer.page != "teacher"
        }
        marks = {topic: mark_of(room, viewer) for topic, viewer in viewers.items()}
        return {**marks, "board": mark_of(room, Viewer("board"))}

    async def listen(self, viewer: Viewer, caller: Caller) -> AsyncIterator[bytes]:
        """Give the messages for one page, the present state first, until the room is closed or the
        student is removed."""
        listener = Listener(viewer, caller)
        if self._is_gone(listener) or not self.may_listen(caller):
            return  # since the request came, the student was removed, or others took the places
        self._listeners.add(listener)
        try:
            listener.told = self.told(viewer)
            yield f"retry: {RETRY_MS}\n".encode() + self.written(listener.told)
            if viewer.student is not None:
                self.publish()
            while True:
                try:
                    await asyncio.wait_for(listener.woken.wait(), ALIVE_S)
                    listener.woken.clear()
                    message, listener.newest = listener.newest, None
                except TimeoutError:
                    message = ALIVE
                if self.closed or self._is_gone(listener):
                    return
                if message is not None:  # what is told while it is sent comes next
                    yield message
        finally:
            self._listeners.discard(listener)
            if viewer.student is not None and not self.closed:
                self.publish()

    def close(self) -> None:
        """End every connection."""
        self.closed = True
        for listener in self._listeners:
            listener.woken.set()
