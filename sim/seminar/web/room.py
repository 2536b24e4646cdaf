"""An open room: a session with its clock, its secrets, its listeners and its one writer.

The disk is waited for in a thread of its own, so that no page waits behind another's answer.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from hashlib import sha256
from hmac import compare_digest
from typing import TypeVar

import segno

from sim.ground.errors import BackchannelError, InputError, RunError
from sim.seminar.export import exports
from sim.seminar.play.conduct import Conduct
from sim.seminar.refusal import Refused
from sim.seminar.session import Session
from sim.seminar.showing import Showing
from sim.seminar.web.caller import Network
from sim.seminar.web.guard import Buckets, Codes
from sim.seminar.web.hub import Hub
from sim.seminar.web.live import Live

T = TypeVar("T")

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and figures that nobody mistakes for another."""
CODE_LENGTH = 6
MOST_SEATS = 100
"""Seats that one device may hold; a class may share one address."""
LOOK_S = 0.2
"""How often the clock looks whether a limit is over."""
AGAIN_S = 2.0
"""After how long the clock tries again where the disk refused."""
_BEGAN_NS = time.time_ns() - time.monotonic_ns()


def new_code() -> str:
    """Draw a room code."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def new_secret() -> str:
    """Draw a secret of 192 bits."""
    return secrets.token_urlsafe(24)


class OpenRoom:
    """A room that is open to requests."""

    def __init__(
        self,
        session: Session,
        origins: Sequence[str],
        address: str,
        proxies: Sequence[Network] = (),
    ) -> None:
        """`origins` are the addresses that requests may name; `address` is the one to show;
        `proxies` are believed about whom they ask for."""
        self.session, self.origins, self.address = session, tuple(origins), address
        self.proxies = tuple(proxies)
        self.secure = address.startswith("https://")
        self.showing = Showing(session.plan)
        self.hub = Hub(lambda: session.room, self.now_ms)
        self.what_if = Live(session, self.hub.tell)
        self.hub.more = self.what_if.message
        self.often = Buckets(at_once=10, a_second=1.0)
        """Answers of one seat."""
        self.joins = Buckets(at_once=60, a_second=0.5)
        """Seats given to one machine. A class may share one address; a script that takes every seat
        needs ten minutes, and the teacher can close the door meanwhile."""
        self.codes = Codes()
        self.most_seats = MOST_SEATS
        self._devices: dict[int, str] = {}
        """From which device each student joined since the room was opened."""
        play = self.showing.play
        self.conduct = None if play is None else Conduct(session, play.debriefs)
        self._written = asyncio.Event()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="record")

    @staticmethod
    def now_ms() -> int:
        """Return the time in milliseconds since 1970; it only goes forward, even where somebody
        sets the computer's clock."""
        return (_BEGAN_NS + time.monotonic_ns()) // 1_000_000

    def secret(self) -> str:
        """Draw the secret of a seat."""
        return new_secret()

    def salt(self) -> str:
        """Draw what keeps a seal from being guessed."""
        return secrets.token_hex(32)

    def is_code(self, given: str) -> bool:
        """Whether this is the room's code; case, spaces and dashes do not matter."""
        opened = self.session.room.opened
        typed = "".join(c for c in given.upper() if c.isalnum())
        return opened is not None and compare_digest(typed.encode(), opened.code.encode())

    def join(self, device: str, name: str, group: str | None, seat_sha256: str) -> None:
        """Give a student a seat, unless very many hold one from the same device.

        Raises:
            Refused: they do, or the session refuses.
        """
        held = sum(self._devices.get(n) == device for n in self.session.room.students)
        if held >= self.most_seats:
            raise Refused(f"{held} students have joined from your network. No more may.")
        student = self.session.join(self.now_ms(), name, group, seat_sha256)
        self._devices[student.number] = device

    async def done(self, deed: Callable[[], T]) -> T:
        """Do something that writes; return when it is on the disk, and tell every page.

        Raises:
            Refused: it may not be done.
            RunError: the disk refuses.
            InputError: the record is damaged.
        """
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._writer, deed)
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
            conduct = self.conduct
            try:
                if deadline is not None and self.now_ms() >= deadline:
                    await self.done(lambda: self.session.tick(self.now_ms(), self.salt()))
                if conduct is not None and conduct.overdue(self.now_ms()):
                    await self.done(partial(conduct.tick, self.now_ms()))
                await self._deal()
            except BackchannelError:
                await asyncio.sleep(AGAIN_S)

    async def _deal(self) -> None:
        """Run the world of a table that waits for its next question: it takes milliseconds, outside
        the loop that answers requests."""
        conduct = self.conduct
        table = None if conduct is None else conduct.waiting()
        if conduct is not None and table is not None:
            loop = asyncio.get_running_loop()
            event = await loop.run_in_executor(None, conduct.come_to, table)
            await self.done(partial(conduct.put, self.now_ms(), table, event))

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The names under which a browser keeps what it holds of this room, `seat` and `teacher`: a
        browser does not tell two rooms on one computer apart by their ports."""
        opened = self.session.room.opened
        told = "" if opened is None else f"{opened.lesson_sha256} {opened.code}"
        mark = sha256(told.encode()).hexdigest()[:8]
        return {kind: f"{kind}-{mark}" for kind in ("seat", "teacher")}

    @cached_property
    def _drawn_code(self) -> bytes:
        opened = self.session.room.opened
        code = opened.code if opened is not None else ""
        out = io.BytesIO()
        made = segno.make(f"{self.address}/?code={code}", error="m", micro=False)
        made.save(out, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None)
        return out.getvalue()

    def qr(self) -> bytes:
        """Draw the address of the door, with the code, as SVG."""
        return self._drawn_code

    def exported(self, name: str, *, names: bool) -> str | None:
        """Write an export; None where there is none of that name."""
        made = exports(self.session, names=names).get(name)
        return None if made is None else made()

    def close(self) -> None:
        """Wait for what is being written, and stop what is being drawn."""
        self.what_if.close()
        self._writer.shutdown(wait=True)
