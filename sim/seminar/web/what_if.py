"""The routes of the what-ifs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sim.seminar.lesson.horizon import is_over
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Student
from sim.seminar.web.forms import form_of, number, whole
from sim.seminar.web.live import PAGES
from sim.seminar.web.pages import filled
from sim.seminar.web.room import OpenRoom
from sim.seminar.what_if.position import insertion
from sim.seminar.what_if.sharing import CLOSED

FIRST_S = 2.0
"""How long a page waits for its first worlds before it is sent without them."""
MOVES = ("slide", "remove", "move", "insert", "undo", "reset")
"""What moves the position: the teacher may, and students whom the teacher lets."""


class WhatIfPages:
    """The answers to requests about what-ifs."""

    def __init__(
        self,
        room: OpenRoom,
        is_teacher: Callable[[Request], bool],
        student_of: Callable[[Request], Student | None],
    ) -> None:
        self.room, self.is_teacher, self.student_of = room, is_teacher, student_of

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            *(Route(f"/{p}", self.page, methods=["GET"]) for p in PAGES),
            *(Route(f"/{p}/part", self.page, methods=["GET"]) for p in PAGES),
            Route("/what-if/export/{number}", self.export, methods=["GET"]),
            Route("/what-if/{act}", self.act, methods=["POST"]),
        ]

    def _refusal(self, request: Request) -> Response | None:
        """Refuse who has no seat, and everybody while the rounds are not over."""
        session = self.room.session
        if self.student_of(request) is None and not self.is_teacher(request):
            problem = "This browser has no seat in this room: join with the room's code."
            return filled("problem.html", 403, problem=problem)
        if not is_over(session.plan, session.room):
            return filled("problem.html", 403, problem=CLOSED)
        return None

    async def page(self, request: Request) -> Response:
        """Show the shared position, or only the page's changing part."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        path = request.url.path.strip("/")
        page = path.removesuffix("/part")
        return await self._page(request, page, part=path != page)

    async def _page(
        self,
        request: Request,
        page: str,
        *,
        part: bool = False,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        live, room = self.room.what_if, self.room.session.room
        live.listen()
        sharing = live.sharing
        if not part and not sharing.drawer.drawn(sharing.now.position):
            wait = partial(sharing.drawer.wait, sharing.now.position, 1, FIRST_S)
            await asyncio.to_thread(wait)
            await asyncio.to_thread(live.renew)
        teacher = self.is_teacher(request)
        values: dict[str, Any] = live.shows.controls(teacher)
        return filled(
            "what_if_board.html" if page == "what-if/board" else "what_if.html",
            status,
            eye=page,
            lesson=self.room.session.plan.title,
            heading="What if …",
            mark=live.mark(),
            drawn=live.parts(),
            part=part,
            problem=problem,
            address=self.room.address,
            code=room.opened.code if room.opened is not None else "",
            **values,
        )

    async def act(self, request: Request) -> Response:
        """Move the position, or do what the teacher asks for; then tell every page."""
        form = await form_of(request)
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        act, teacher = request.path_params["act"], self.is_teacher(request)
        student = None if teacher else self.student_of(request)
        by = None if student is None else student.number
        if act not in MOVES and not teacher:
            return filled("problem.html", 403, problem="Only the teacher may do this.")
        live = self.room.what_if
        live.listen()
        try:
            if not live.often.take(f"seat {by}" if by is not None else "teacher"):
                raise Refused("That was very quick. Wait a moment, and do it again.")
            if act in ("keep", "drop"):
                await self.room.done(self._stored(act, form))
            else:
                await asyncio.to_thread(self._moved(act, by, form))
        except Refused as refused:
            return await self._said(request, form, str(refused))
        if act != "slide":  # what is drawn of a slider comes soon enough
            await asyncio.to_thread(live.renew)
            live.now()
        return await self._said(request, form, "")

    async def _said(self, request: Request, form: dict[str, str], problem: str) -> Response:
        """Answer a script in its own form, and a form with a page."""
        if form.get("live") == "1":
            told = {"problem": problem, "version": self.room.what_if.sharing.now.version}
            return JSONResponse(told, 422 if problem else 200)
        if problem:
            return await self._page(request, PAGES[0], problem=problem, status=422)
        return RedirectResponse("/what-if", 303)

    def _stored(self, act: str, form: dict[str, str]) -> Callable[[], None]:
        sharing, now = self.room.what_if.sharing, self.room.now_ms()
        if act == "keep":
            return partial(sharing.keep, now, form.get("name", ""))
        return partial(sharing.drop, now, whole(form.get("branch"), "the branch"))

    def _moved(self, act: str, by: int | None, form: dict[str, str]) -> Callable[[], None]:
        """Return what a form asks for.

        Raises:
            Refused: the form does not hold what it needs.
        """
        sharing = self.room.what_if.sharing
        given = {k: v.strip()[:200] for k, v in form.items()}
        match act:
            case "slide":
                values = {
                    whole(k[1:], "the slider"): number(v, "the value")
                    for k, v in given.items()
                    if k.startswith("s")
                }
                return partial(sharing.slide, by, values)
            case "remove":
                return partial(sharing.change, by, {"remove": given.get("event", "")})
            case "move":
                told = {"event": given.get("event", ""), "to": given.get("to", "")}
                return partial(sharing.change, by, {"move": told})
            case "insert":
                keys = ("kind", "date", "channel", "by")
                told = insertion(sharing.base, *(given.get(k, "") for k in keys))
                return partial(sharing.change, by, told)
            case "undo":
                return partial(sharing.undo, by, whole(given.get("place"), "the change"))
            case "reset":
                return partial(sharing.reset, by)
            case "go":
                return partial(sharing.go_to, whole(given.get("branch"), "the branch"))
            case "beside":
                pair = [whole(given.get(k), "the branch") for k in ("left", "right")]
                return partial(sharing.lay_beside, pair[0], pair[1])
            case "aside":
                return sharing.lay_aside
            case "everybody":
                return partial(sharing.let_everybody, given.get("may") == "1")
            case "why":
                return partial(sharing.explainer.ask, given.get("outcome", ""))
            case _:
                raise Refused("There is no such act.")

    async def export(self, request: Request) -> Response:
        """Give the teacher a branch as a scenario."""
        refusal = self._refusal(request)
        if refusal is not None or not self.is_teacher(request):
            return refusal or filled("problem.html", 403, problem="Only the teacher may do this.")
        place = whole(request.path_params["number"].removesuffix(".yaml"), "the branch")
        text = await asyncio.to_thread(self.room.what_if.sharing.exported, place)
        headers = {"Content-Disposition": f'attachment; filename="branch-{place}.yaml"'}
        return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)
