"""What-ifs for one person: the pages of a seminar's what-ifs without a lesson, a class or a record.

Only this computer is listened to, and only who has the secret of the first address may look.
Branches live in memory; an export is a file that the browser downloads.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sim.ground.language import ENGLISH, N_, _
from sim.scenario.scenario import Scenario
from sim.seminar.locale.catalogues import language_of
from sim.seminar.pages.viewer import Viewer
from sim.seminar.record.room import Room
from sim.seminar.web.application import application, streamed
from sim.seminar.web.caller import Caller
from sim.seminar.web.filling import filled
from sim.seminar.web.forms import Command
from sim.seminar.web.hub import Hub
from sim.seminar.web.live import PAGES, Live
from sim.seminar.web.problems import problems
from sim.seminar.web.secret import new_secret
from sim.seminar.web.server import bracketed, listening_on, names_of
from sim.seminar.web.what_if import WhatIfPages
from sim.seminar.what_if.keeping import InMemory
from sim.seminar.what_if.sharing import Sharing
from sim.seminar.what_if.shipped import base_alone

HOST = "127.0.0.1"
HOME = f"/{PAGES[0]}"
STRANGER = N_(
    "This page is for the person who started it. Open the address that stands in the terminal, "
    "with its key."
)


class Alone:
    """One person's what-ifs: where their pages stand."""

    pages: tuple[str, ...] = PAGES[:1]
    alone = True
    patience_s = 0.0

    def __init__(
        self, scenario: Scenario, origins: Sequence[str], language: str = ENGLISH.code
    ) -> None:
        """`origins` are the addresses that requests may name, and `language` is one of
        `languages()`."""
        self.title, self.origins = scenario.title, tuple(origins)
        self.key, self.once = new_secret(), new_secret()
        """The key of the address that is printed, and one that opens the page a single time: other
        users of the computer can read how a browser was started."""
        self._seat = new_secret()
        self.cookie = f"explore-{sha256(self._seat.encode()).hexdigest()[:8]}"
        self.live = Live(
            lambda told: Sharing(base_alone(scenario), InMemory(), told),
            lambda pages: self.hub.tell(pages),
            language_of(language),
        )
        self.hub = Hub(Room, self.now_ms, self.live.message)

    def address(self, key: str) -> str:
        """Return the first address, with a key."""
        return f"{self.origins[0]}/enter?key={key}"

    def let_in(self, key: str) -> str | None:
        """Return what the browser then holds, where the key is right."""
        given = key.strip().encode()
        if self.once and compare_digest(given, self.once.encode()):
            self.once = ""
            return self._seat
        return self._seat if compare_digest(given, self.key.encode()) else None

    def knows(self, request: Request) -> bool:
        """Whether the browser was let in."""
        held = request.cookies.get(self.cookie, "")
        return compare_digest(held.encode(), self._seat.encode())

    def refusal(self, request: Request) -> Response | None:
        """Refuse who was not let in."""
        if self.knows(request):
            return None
        return filled("problem.html", 403, problem=_(STRANGER), back=None)

    def student(self, request: Request) -> int | None:
        """Return None: there are no students."""
        return None

    @staticmethod
    def now_ms() -> int:
        """Return the time in milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    async def done(self, command: Command) -> object:
        """Do what keeps something, in memory."""
        return await asyncio.to_thread(command)

    def shown(self) -> Mapping[str, Any]:
        """Return nothing more."""
        return {}

    def close(self) -> None:
        """Stop drawing."""
        self.live.close()


@dataclass(frozen=True)
class Explored:
    """What-ifs that are ready to be served."""

    alone: Alone
    listening: socket.socket

    @property
    def app(self) -> Starlette:
        """The application."""
        return app_of(self.alone)


def open_alone(scenario: Scenario, port: int, language: str) -> Explored:
    """Take a port of this computer, for this computer only. Port 0 is any that is free.

    Raises:
        InputError: the port is taken.
    """
    listening = listening_on(HOST, port)
    port = listening.getsockname()[1]
    origins = [f"http://{bracketed(n)}:{port}" for n in names_of(HOST)]
    return Explored(Alone(scenario, origins, language), listening)


def app_of(alone: Alone) -> Starlette:
    """Build the application of one person's what-ifs."""

    async def enter(request: Request) -> Response:
        seat = alone.let_in(request.query_params.get("key", ""))
        if seat is None:
            return filled("problem.html", 403, problem=_(STRANGER), back=None)
        answer = RedirectResponse(HOME, 303)
        answer.set_cookie(alone.cookie, seat, httponly=True, samesite="strict", path="/")
        return answer

    async def home(request: Request) -> Response:
        return alone.refusal(request) or RedirectResponse(HOME, 303)

    async def events(request: Request) -> Response:
        if request.method != "GET" or request.query_params.get("page") not in alone.pages:
            return Response(status_code=405)
        if not alone.knows(request):
            return Response(status_code=403)
        return streamed(alone.hub, Viewer(PAGES[0]), Caller(HOST))

    routes = [
        Route("/", home, methods=["GET"]),
        Route("/enter", enter, methods=["GET"]),
        *WhatIfPages(alone).routes(),
        Route("/events", events, methods=["GET"]),
    ]
    spoken = alone.live.spoken
    return application(routes, alone.hub, alone.origins, spoken, problems(spoken, back=HOME))
