"""What stands before every request: which address it names, how large it is, how often it comes.

Everything that a page loads comes from this server, and no page may run a script written into it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.ground.language import _, numeral

MAX_BODY = 16_384
"""Bytes of a request's body."""
MOST_BEYOND = 100_000
"""Wrong codes that are looked at beyond those which each device may send. A room has 890 million
codes: a script that sends so many finds the right one in one lesson of 9,000."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Buckets:
    """Counts requests by name: so many at once, and so many a second for long."""

    def __init__(self, at_once: float, a_second: float, names: int = 5_000) -> None:
        self.at_once, self.a_second, self.names = at_once, a_second, names
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> bool:
        """Count a request; return whether it may pass."""
        now = time.monotonic()
        left, since = self._left.pop(name, (self.at_once, now))
        left = min(self.at_once, left + (now - since) * self.a_second)
        self._left[name] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > self.names:
            self._left.popitem(last=False)
        return left >= 1


class Codes:
    """Counts wrong codes by device. A right one is let in after any number of wrong ones, as long
    as a script that tries them all could not have found it."""

    def __init__(self) -> None:
        self._wrong = Buckets(at_once=30, a_second=0.5)
        self._until: dict[str, float] = {}
        """Until when a device has sent too many."""
        self._beyond = 0
        """Wrong codes of all devices that had sent too many."""

    def may_try(self, device: str) -> bool:
        """Whether a code of a device is looked at."""
        many = time.monotonic() < self._until.get(device, 0.0)
        return not many or self._beyond < MOST_BEYOND

    def wrong(self, device: str) -> bool:
        """Count a wrong code; return whether the device may send more of them."""
        few = self._wrong.take(device)
        if not few:
            self._beyond += 1
            if len(self._until) > 10_000:
                self._until.clear()
            self._until[device] = time.monotonic() + 60
        return few


class Guard:
    """Refuses requests that name another host, come from another page, or are too large."""

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        """`origins` are the addresses of this room, such as http://127.0.0.1:8000."""
        self.app = app
        self.origins = frozenset(o.lower() for o in origins)
        self.hosts = frozenset(o.partition("://")[2] for o in self.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], Headers(scope=scope))

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if refusal is not None:
            status, words = refusal
            await PlainTextResponse(f"{words}\n", status)(scope, receive, guarded)
            return
        await self.app(scope, _bounded(receive), guarded)

    def _refusal(self, method: str, headers: Headers) -> tuple[int, str] | None:
        if headers.get("host", "").lower() not in self.hosts:
            return 421, _("This server does not go by that address. Use the one on the projector.")
        if method not in ("GET", "HEAD", "POST"):
            return 405, _("Not allowed.")
        if method == "POST" and headers.get("origin", "").lower() not in self.origins:
            return 403, _("This request comes from another page, and was refused.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return 413, _("Too large: at most {most} bytes.", most=numeral(f"{MAX_BODY:,}"))
        return None


class TooLarge(Exception):  # noqa: N818 - the request's fault
    """A body that goes on beyond the bound."""


def _bounded(receive: Receive) -> Receive:
    """Cut off a body that is longer than it said, or did not say how long it is."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise TooLarge
        return message

    return bounded
