"""The routes of a room. Every request is judged anew: whose seat, which role, which phase."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import partial
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sim.ground.errors import InputError, RunError
from sim.seminar.record import Student
from sim.seminar.refusal import Refused
from sim.seminar.showing import Eye
from sim.seminar.web.caller import Caller, device_of
from sim.seminar.web.forms import form_of, percents_of, whole
from sim.seminar.web.guard import Guard, TooLarge
from sim.seminar.web.live import PAGES as WHAT_IF
from sim.seminar.web.pages import STATIC, filled, log_page, teller_place
from sim.seminar.web.play import PlayPages
from sim.seminar.web.room import OpenRoom
from sim.seminar.web.what_if import WhatIfPages
from sim.seminar.what_if.sharing import what_if_open

MANY_CODES = "Too many wrong codes came from your network. Wait a minute, and try again."


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


class Pages:
    """The answers to requests."""

    def __init__(self, room: OpenRoom) -> None:
        self.room: OpenRoom = room
        self.play = None if room.conduct is None else PlayPages(self, room.conduct)

    # ------------------------------------------------------------------------------ who asks

    def device(self, request: Request) -> str:
        """Name the device that a request comes from."""
        return device_of(request, self.room.proxies)

    def student_of(self, request: Request) -> Student | None:
        """Return the student whose seat the browser holds; None where it holds none."""
        secret = request.cookies.get(self.room.cookies["seat"], "")
        room = self.room.session.room
        number = room.seats.get(digest(secret)) if secret else None
        return None if number is None else room.students.get(number)

    def is_teacher(self, request: Request) -> bool:
        """Whether the browser holds a teacher's secret."""
        secret = request.cookies.get(self.room.cookies["teacher"], "")
        return bool(secret) and digest(secret) in self.room.session.room.teachers

    def caller(self, request: Request) -> Caller:
        """Return who listens from this browser, whatever the page: the teacher, or a student."""
        student = None if self.is_teacher(request) else self.student_of(request)
        return Caller(self.device(request), None if student is None else student.number)

    def eye(self, request: Request, page: str) -> Eye | None:
        """Return who may look at a page from this browser; None where nobody may."""
        student = self.student_of(request)
        if page == "room" and student is not None:
            return Eye(page, student)
        if page in WHAT_IF and what_if_open(self.room.session.plan, self.room.session.room):
            teacher = self.is_teacher(request)
            return Eye(page, None if teacher else student) if teacher or student else None
        if page == "board" and (student is not None or self.is_teacher(request)):
            return Eye(page)
        return Eye(page) if page == "teacher" and self.is_teacher(request) else None

    # ------------------------------------------------------------------------------ the door

    async def door(self, request: Request) -> Response:
        """Show the form by which students join."""
        if self.student_of(request) is not None:
            return RedirectResponse("/room", 303)
        return self._door(code=request.query_params.get("code", "")[:20])

    def _door(self, status: int = 200, **values: Any) -> Response:
        shown = {"code": "", "name": "", "group": "", "problem": "", **values}
        lesson = self.room.session.plan.lesson
        return filled(
            "door.html",
            status,
            lesson=self.room.session.plan.title,
            groups=lesson.groups,
            rounds=len(lesson.rounds),
            play=lesson.play,
            **shown,
        )

    async def join(self, request: Request) -> Response:
        """Give a student a seat."""
        form = await form_of(request)
        if self.student_of(request) is not None:
            return RedirectResponse("/room", 303)
        given = {k: form.get(k, "") for k in ("code", "name", "group")}
        device = self.device(request)
        codes = self.room.codes
        if not codes.may_try(device):
            return self._door(429, problem=MANY_CODES, **given)
        if not self.room.is_code(given["code"]):
            if not codes.wrong(device):
                return self._door(429, problem=MANY_CODES, **given)
            words = "That is not the room's code. It stands on the projector."
            return self._door(403, problem=words, **given)
        if not self.room.joins.take(device):
            words = "Very many people join from here. Wait ten seconds, and press Join again."
            return self._door(429, problem=words, **given)
        secret = self.room.secret()
        join = partial(
            self.room.join, device, given["name"], given["group"] or None, digest(secret)
        )
        try:
            await self.room.done(join)
        except Refused as refused:
            return self._door(422, problem=str(refused), **given)
        answer = RedirectResponse("/room", 303)
        self._keep(answer, "seat", secret)
        return answer

    def _keep(self, answer: Response, name: str, secret: str) -> None:
        answer.set_cookie(
            self.room.cookies[name],
            secret,
            max_age=7 * 86_400,
            httponly=True,
            samesite="strict",
            secure=self.room.secure,
            path="/",
        )

    # ------------------------------------------------------------------------------ pages

    async def page(self, request: Request) -> Response:
        """Show a page, or only its changing part."""
        name, _, part = request.url.path.strip("/").partition("/")
        eye = self.eye(request, name)
        if eye is None:
            return self.stranger(name, part=bool(part))
        return self.shown(eye, part=bool(part))

    def shown(
        self,
        eye: Eye,
        status: int = 200,
        *,
        part: bool = False,
        problem: str = "",
        given: Mapping[str, str] | None = None,
    ) -> Response:
        """Show a page as it is at this moment, with a problem and with what was typed."""
        room = self.room
        values = room.showing.values(room.session.room, eye)
        values |= {"problem": problem, "given": given or {}, "now_ms": room.now_ms()}
        values |= {"connected": room.hub.connected, "address": room.address, "part": part}
        values |= {"trouble": room.hub.trouble}
        return filled(f"{eye.page}.html", status, **values)

    def stranger(self, page: str, *, part: bool) -> Response:
        """Answer somebody who may not see a page."""
        if part:
            return Response(status_code=403)
        if page == "teacher":
            return filled("enter.html", 403, problem="")
        return self._door(
            403, problem="This browser has no seat in this room: join with the room's code."
        )

    async def log(self, request: Request) -> Response:
        """Show the log as it stood at some day or after some event, up to the horizon."""
        student = self.student_of(request)
        if student is None and not self.is_teacher(request):
            return self.stranger("room", part=False)
        played = self.play.log(request, student) if self.play is not None else None
        if played is not None:
            return played
        at, problem = teller_place(self.room, request.query_params)
        return filled(
            "log.html", 422 if problem else 200, **log_page(self.room, at), problem=problem
        )

    # ------------------------------------------------------------------------------ students

    async def answer(self, request: Request) -> Response:
        """Keep an answer, and say so only when it is on the disk."""
        form = await form_of(request)
        student = self.student_of(request)
        if student is None:
            return self.stranger("room", part=False)
        if not self.room.often.take(f"seat {student.number}"):
            problem = "That was very quick. Wait a moment, and send it again."
            return self.shown(Eye("room", student), 429, problem=problem, given=form)
        try:
            percents = percents_of(form)
            keep = partial(
                self.room.session.answer,
                self.room.now_ms(),
                student.number,
                whole(form.get("round"), "the round"),
                whole(form.get("vote"), "the vote"),
                percents,
                form.get("reason", ""),
            )
            await self.room.done(keep)
        except Refused as refused:
            return self.shown(Eye("room", student), 422, problem=str(refused), given=form)
        return RedirectResponse("/room", 303)

    # ------------------------------------------------------------------------------ the teacher

    async def enter(self, request: Request) -> Response:
        """Let the teacher in by the secret, from the link or from the form."""
        form = await form_of(request) if request.method == "POST" else {}
        secret = form.get("key") or request.query_params.get("key", "")
        if digest(secret.strip()) not in self.room.session.room.teachers:
            problem = "That is not the teacher's key. It stands in the terminal."
            return filled("enter.html", 403, problem=problem)
        answer = RedirectResponse("/teacher", 303)
        self._keep(answer, "teacher", secret.strip())
        return answer

    async def act(self, request: Request) -> Response:
        """Do what the teacher asks for."""
        form = await form_of(request)
        if not self.is_teacher(request):
            return self.stranger("teacher", part=False)
        session, now = self.room.session, self.room.now_ms()
        try:
            match request.path_params["act"]:
                case "advance":
                    seen, salt = form.get("seen", ""), self.room.salt()
                    tables = whole(form["tables"], "the tables") if "tables" in form else None
                    deed = partial(session.advance, now, seen, salt, tables)
                case "pause":
                    deed = partial(session.pause, now)
                case "resume":
                    deed = partial(session.take_up, now)
                case "extend":
                    deed = partial(session.extend, now, whole(form.get("minutes"), "the minutes"))
                case "unlimited":
                    deed = partial(session.without_limit, now)
                case "remove":
                    deed = partial(session.remove, now, whole(form.get("student"), "the student"))
                case "clear":
                    numbers = (whole(form.get(k), "each number") for k in ("first", "last"))
                    deed = partial(session.remove, now, *numbers)
                case "door":
                    deed = partial(session.set_door, now, form.get("open") == "1")
                case "hide":
                    places = (whole(form.get(k), k) for k in ("round", "vote", "student"))
                    deed = partial(session.hide, now, *places)
                case _:
                    return Response(status_code=404)
            await self.room.done(deed)
        except Refused as refused:
            return self.shown(Eye("teacher"), 422, problem=str(refused))
        return RedirectResponse("/teacher", 303)

    async def export(self, request: Request) -> Response:
        """Give the teacher the record or the scores."""
        if not self.is_teacher(request):
            return self.stranger("teacher", part=False)
        names = request.query_params.get("names") == "1"
        name = request.path_params["name"]
        content = self.room.exported(name, names=names)
        if content is None:
            return Response(status_code=404)
        kind = "text/csv" if name.endswith(".csv") else "application/x-ndjson"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)

    # ------------------------------------------------------------------------------ all

    async def events(self, request: Request) -> Response:
        """Send what changes, for as long as the page is open."""
        eye = self.eye(request, request.query_params.get("page", ""))
        if request.method != "GET":  # a HEAD would listen and never hear anything
            return Response(status_code=405)
        if eye is None:
            return Response(status_code=403)
        caller = self.caller(request)
        if not self.room.hub.may_listen(caller):
            return Response(status_code=429)
        return StreamingResponse(
            self.room.hub.listen(eye, caller),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    async def code(self, request: Request) -> Response:
        """Draw the code that leads a phone to the door, for who has come in by it already."""
        if self.student_of(request) is None and not self.is_teacher(request):
            return Response(status_code=403)
        return Response(self.room.qr(), media_type="image/svg+xml")


def app_of(room: OpenRoom) -> Starlette:
    """Build the application of an open room."""
    pages = Pages(room)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        clock = asyncio.create_task(room.keep_time())
        try:
            yield
        finally:
            clock.cancel()
            room.hub.close()

    async def refused(_: Request, error: Exception) -> Response:
        return filled("problem.html", 422, problem=str(error))

    async def too_large(_: Request, __: Exception) -> Response:
        return filled("problem.html", 413, problem="That is too large.")

    async def not_kept(request: Request, error: Exception) -> Response:
        if pages.is_teacher(request):
            return filled("problem.html", 507, problem=f"Nothing was stored: {error}.")
        problem = "Nothing was stored: the teacher's computer could not write it. Tell the teacher."
        return filled("problem.html", 507, problem=problem)

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=400)  # who sent half a form has left

    async def broken(_: Request, __: Exception) -> Response:
        problem = "The program made a mistake. What was stored is safe. Load the page again."
        return filled("problem.html", 500, problem=problem)

    get, post = ["GET"], ["POST"]
    routes = [
        Route("/", pages.door, methods=get),
        Route("/join", pages.join, methods=post),
        Route("/answer", pages.answer, methods=post),
        Route("/log", pages.log, methods=get),
        Route("/teacher/enter", pages.enter, methods=[*get, *post]),
        Route("/teacher/export/{name}", pages.export, methods=get),
        *(Route(f"/{p}", pages.page, methods=get) for p in ("room", "board", "teacher")),
        *(Route(f"/{p}/part", pages.page, methods=get) for p in ("room", "board", "teacher")),
        *WhatIfPages(room, pages.is_teacher, pages.student_of).routes(),
        Route("/teacher/{act}", pages.act, methods=post),
        Route("/events", pages.events, methods=get),
        Route("/code.svg", pages.code, methods=get),
        *(pages.play.routes() if pages.play is not None else ()),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]

    async def missing(_: Request, __: Exception) -> Response:
        return HTMLResponse("There is no such page.\n", 404)

    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(Guard, origins=room.origins),
            Middleware(GZipMiddleware, minimum_size=1_000),
        ],
        exception_handlers={
            Refused: refused,
            TooLarge: too_large,
            RunError: not_kept,
            InputError: not_kept,
            ClientDisconnect: gone,
            404: missing,
            Exception: broken,
        },
    )
