"""An open room: a session with its clock, its secrets, its listeners and its one writer.

The disk is waited for in a thread of its own, so that no page waits behind another's answer.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from hmac import compare_digest
from typing import TypeVar

import segno

from sim.ground.errors import BackchannelError, InputError, RunError
from sim.ground.language import _
from sim.seminar.lesson.disguised import Lifted
from sim.seminar.lesson.session import Session
from sim.seminar.locale.catalogues import language_of
from sim.seminar.pages.shown import Faces, Shown
from sim.seminar.play.controller import Controller
from sim.seminar.record.refusal import Refused
from sim.seminar.web.caller import Network
from sim.seminar.web.guard import Buckets, Codes
from sim.seminar.web.hub import MAX_FOR_DEVICE, Hub
from sim.seminar.web.live import Live
from sim.seminar.web.secret import new_salt, new_secret, new_word
from sim.seminar.what_if.from_lesson import InRecord, base_of
from sim.seminar.what_if.sharing import Sharing

T = TypeVar("T")

LOOK_S = 0.2
"""How often the clock looks whether a limit is over."""
AGAIN_S = 2.0
"""After how long the clock tries again where the disk refused."""
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", -1))
"""A clock that nobody sets, and that goes on while the computer sleeps, where there is one."""


def _since_ns() -> int:
    return time.monotonic_ns() if _CLOCK < 0 else time.clock_gettime_ns(_CLOCK)


_BEGAN_NS = time.time_ns() - _since_ns()


@dataclass(frozen=True)
class Limits:
    """How much a seat and a device may send; a class may share one address."""

    seats: int = 100
    """Seats that one device may hold."""
    streams: int = MAX_FOR_DEVICE
    """Streams of one device."""
    joins: int = 60
    """Seats given to one device at once. A script that takes every seat needs ten minutes, and the
    teacher can close the door meanwhile."""
    often: tuple[float, float] = (10, 1.0)
    """Answers of one seat: at once, and a second."""


USUAL = Limits()
Clock = Callable[[], int]
"""Gives the time in milliseconds since 1970."""


class OpenRoom:
    """A room that is open to requests."""

    def __init__(
        self,
        session: Session,
        origins: Sequence[str],
        address: str,
        proxies: Sequence[Network] = (),
        limits: Limits = USUAL,
        clock: Clock | None = None,
    ) -> None:
        """`origins` are the addresses that requests may name; `address` is the one to show;
        `proxies` are believed about whom they ask for; `clock` gives the time, the computer's
        where it is None."""
        if clock is not None:
            self.now_ms = clock  # type: ignore[method-assign]
        self.session, self.origins, self.address = session, tuple(origins), address
        self.proxies = tuple(proxies)
        self.secure = address.startswith("https://")
        self.spoken = language_of(session.plan.lesson.language)
        self.faces = Faces(session.plan)
        self.true_presenter = self.faces.presenter
        """What fills pages with what is true; `shown` says what pages may show."""
        self.what_if = Live(
            lambda told: Sharing(base_of(session.plan), InRecord(session), told),
            lambda pages: self.hub.tell(pages),
            self.spoken,
        )
        self.hub = Hub(lambda: session.room, self.now_ms, self.what_if.message, limits.streams)
        self.limits = limits
        self.often = Buckets(*limits.often)
        self.joins = Buckets(at_once=limits.joins, a_second=0.5)
        self.codes = Codes()
        self._devices: dict[int, str] = {}
        """From which device each student joined since the room was opened."""
        play = self.true_presenter.play
        self.controller = (
            None if play is None else Controller(session.record, play.plan, play.debriefs.warm)
        )
        self._written = asyncio.Event()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="record")

    def shown(self) -> Shown:
        """Return the lesson and the room as all pages show them at this moment."""
        return self.faces.shown(self.session.room)

    def lifted(self) -> Lifted | None:
        """Say who was who, where the lesson was in disguise and is over."""
        worn = self.faces.worn
        return None if worn is None or self.shown().worn is not None else worn.lifted()

    @staticmethod
    def now_ms() -> int:
        """Return the time in milliseconds since 1970; it only goes forward, even where somebody
        sets the computer's clock."""
        return (_BEGAN_NS + _since_ns()) // 1_000_000

    def secret(self) -> str:
        """Draw the secret of a seat: over days a word that the student writes down."""
        return new_secret() if self.session.plan.days is None else new_word()

    @property
    def code(self) -> str:
        """The room code."""
        opened = self.session.room.opened
        return "" if opened is None else opened.code

    def is_code(self, given: str) -> bool:
        """Whether this is the room's code; case, spaces and dashes do not matter."""
        typed = "".join(c for c in given.upper() if c.isalnum())
        return bool(typed) and compare_digest(typed.encode(), self.code.encode())

    def join(self, device: str, name: str, group: str | None, seat_sha256: str) -> None:
        """Give a student a seat, unless very many hold one from the same device.

        Raises:
            Refused: they do, or the session refuses.
        """
        held = sum(self._devices.get(n) == device for n in self.session.room.students)
        if held >= self.limits.seats:
            raise Refused(_("{n} students have joined from your network. No more may.", n=held))
        chosen = self.shown().true_group(group)
        student = self.session.join(self.now_ms(), name, chosen, seat_sha256)
        self._devices[student.number] = device

    async def done(self, deed: Callable[[], T]) -> T:
        """Do something that writes; return when it is on the disk, and tell every page.

        Raises:
            Refused: it may not be done.
            RunError: the disk refuses.
            InputError: the record is damaged.
        """
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self._writer, copy_context().run, deed
            )
        except (RunError, InputError) as error:
            self.hub.trouble = str(error)
            raise
        else:
            self.hub.trouble = ""
            return found
        finally:
            self.hub.publish()
            self._written.set()

    async def keep_time(self) -> None:
        """Go on where a limit is over and where a table waits for its next question, for as long as
        the room is open; where the disk refuses, try again."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._written.wait(), LOOK_S)
            self._written.clear()
            deadline = self.session.room.deadline_ms
            controller = self.controller
            try:
                if deadline is not None and self.now_ms() >= deadline:
                    await self.done(lambda: self.session.tick(self.now_ms(), new_salt()))
                if controller is not None and controller.overdue(self.now_ms()):
                    await self.done(partial(controller.tick, self.now_ms()))
                await self._deal()
            except BackchannelError:
                await asyncio.sleep(AGAIN_S)

    async def _deal(self) -> None:
        """Run the world of a table that waits for its next question: it takes milliseconds, outside
        the loop that answers requests."""
        controller = self.controller
        table = None if controller is None else controller.waiting()
        if controller is not None and table is not None:
            loop = asyncio.get_running_loop()
            event = await loop.run_in_executor(None, copy_context().run, controller.come_to, table)
            await self.done(partial(controller.put, self.now_ms(), table, event))

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The names under which a browser keeps what it holds of this room, `seat` and `teacher`: a
        browser does not tell two rooms on one computer apart by their ports."""
        opened = self.session.room.opened
        told = "" if opened is None else f"{opened.lesson_sha256} {opened.code}"
        mark = sha256(told.encode()).hexdigest()[:8]
        host = "__Host-" if self.secure else ""  # then no other page of the domain can set it
        return {kind: f"{host}{kind}-{mark}" for kind in ("seat", "teacher")}

    @cached_property
    def qr(self) -> bytes:
        """The address of the door, with the code, drawn as SVG."""
        out = io.BytesIO()
        made = segno.make(f"{self.address}/?code={self.code}", error="m", micro=False)
        made.save(out, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None)
        return out.getvalue()

    def close(self) -> None:
        """Wait for what is being written, and stop what is being drawn."""
        self.what_if.close()
        self._writer.shutdown(wait=True)
