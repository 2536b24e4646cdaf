"""What the pages of the what-ifs ask of where they stand: in a class's room, or alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from sim.seminar.web.forms import Command
from sim.seminar.web.live import Live


class Host(Protocol):
    """What the pages of the what-ifs ask of where they stand."""

    pages: tuple[str, ...]
    """Which of the pages there are."""
    title: str
    alone: bool
    """Whether one person uses them, without a class."""
    patience_s: float
    """How long a page waits for its first worlds before it is sent without them; with 0 it is sent
    at once, also before what draws worlds is loaded."""

    @property
    def live(self) -> Live:
        """What is told to the pages."""

    def refusal(self, request: Request) -> Response | None:
        """Refuse who may not look; None for who may."""

    def student(self, request: Request) -> int | None:
        """Return the number of the student who asks; None for the teacher, or for one alone."""

    def now_ms(self) -> int:
        """Return the time."""

    async def done(self, command: Command) -> object:
        """Do what keeps something.

        Raises:
            Refused: it may not be done.
        """

    def shown(self) -> Mapping[str, Any]:
        """Return what only the pages here show."""
