"""The what-ifs in the room of a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sim.ground.language import _
from sim.seminar.lesson.horizon import is_over
from sim.seminar.web.asking import NO_SEAT, Asking
from sim.seminar.web.filling import filled
from sim.seminar.web.forms import Command
from sim.seminar.web.live import PAGES, Live
from sim.seminar.what_if.from_lesson import CLOSED


class InRoom:
    """The room of a class: what-ifs open when its rounds are over."""

    pages: tuple[str, ...] = PAGES
    alone = False
    patience_s = 2.0

    def __init__(self, asking: Asking) -> None:
        self.asking, self.room = asking, asking.room
        self.title = self.room.session.plan.title

    @property
    def live(self) -> Live:
        """The what-ifs of the room."""
        return self.room.what_if

    def refusal(self, request: Request) -> Response | None:
        """Refuse who has no seat, and everybody while the rounds are not over."""
        session = self.room.session
        if self.asking.student_of(request) is None and not self.asking.is_teacher(request):
            return filled("problem.html", 403, problem=_(NO_SEAT))
        if not is_over(session.plan, session.room):
            return filled("problem.html", 403, problem=_(CLOSED))
        return None

    def student(self, request: Request) -> int | None:
        """Return the number of the seat that the browser holds, unless the teacher asks."""
        student = None if self.asking.is_teacher(request) else self.asking.student_of(request)
        return None if student is None else student.number

    def now_ms(self) -> int:
        """Return the room's time."""
        return self.room.now_ms()

    async def done(self, command: Command) -> object:
        """Write it to the record, and tell every page of the room."""
        return await self.room.done(command)

    def shown(self) -> Mapping[str, Any]:
        """Return how students come in: it stands on the projector."""
        return {"address": self.room.address, "code": self.room.code}
