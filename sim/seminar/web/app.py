"""The routes of a room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sim.ground.errors import InputError, RunError
from sim.ground.language import N_, _
from sim.seminar.pages.export import exports
from sim.seminar.record.refusal import Refused
from sim.seminar.web.alone import AlonePages
from sim.seminar.web.application import application, streamed
from sim.seminar.web.asking import Asking, digest
from sim.seminar.web.days import DaysPages
from sim.seminar.web.filling import download, filled, paged, posted
from sim.seminar.web.forms import Command, Form, form_of, percents_of, whole
from sim.seminar.web.pages import log_page, teller_place
from sim.seminar.web.play import PlayPages
from sim.seminar.web.problems import problems
from sim.seminar.web.room import OpenRoom
from sim.seminar.web.secret import new_salt
from sim.seminar.web.what_if import WhatIfPages
from sim.seminar.web.what_if_room import InRoom

MANY_CODES = N_("Too many wrong codes came from your network. Wait a minute, and try again.")


class Pages(Asking):
    """The answers to requests."""

    def __init__(self, room: OpenRoom) -> None:
        super().__init__(room)
        self.play = None if room.controller is None else PlayPages(self, room.controller)
        self.alone = None if room.controller is None else AlonePages(self, room.controller)
        days = room.session.plan.days
        self.days = None if days is None else DaysPages(self, days)

    # ------------------------------------------------------------------------------ the door

    async def door(self, request: Request) -> Response:
        """Show the form by which students join."""
        query = request.query_params
        if self.student_of(request) is not None and "back" not in query:
            return RedirectResponse("/room", 303)
        return self.at_the_door(code=query.get("code", "")[:20], word=query.get("back", "")[:40])

    async def join(self, request: Request) -> Response:
        """Give a student a seat."""
        form = await form_of(request)
        if self.student_of(request) is not None:
            return RedirectResponse("/room", 303)
        given = {k: form.get(k, "") for k in ("code", "name", "group")}
        device = self.device(request)
        codes = self.room.codes
        if not codes.may_try(device):
            return self.at_the_door(429, problem=_(MANY_CODES), **given)
        if not self.room.is_code(given["code"]):
            if not codes.wrong(device):
                return self.at_the_door(429, problem=_(MANY_CODES), **given)
            words = _("That is not the room's code. Look at the projector.")
            return self.at_the_door(403, problem=words, **given)
        if not self.room.joins.take(device):
            words = _(
                "Very many people join from your network. Wait ten seconds, and press Join again."
            )
            return self.at_the_door(429, problem=words, **given)
        secret = self.room.secret()
        join = partial(
            self.room.join, device, given["name"], given["group"] or None, digest(secret)
        )
        try:
            await self.room.done(join)
        except Refused as refused:
            return self.at_the_door(422, problem=str(refused), **given)
        answer = RedirectResponse("/room" if self.days is None else "/seat", 303)
        self.keep(answer, "seat", secret)
        return answer

    # ------------------------------------------------------------------------------ pages

    async def page(self, name: str, part: bool, request: Request) -> Response:
        """Show a page, or only its changing part."""
        viewer = self.viewer(request, name)
        return self.stranger(name, part=part) if viewer is None else self.shown(viewer, part=part)

    async def log(self, request: Request) -> Response:
        """Show the log as it stood at some day or after some event, up to the horizon."""
        student = self.student_of(request)
        if student is None and not self.is_teacher(request):
            return self.stranger("room")
        played = self.play.log(request, student) if self.play is not None else None
        if played is not None:
            return played
        at, problem = teller_place(self.room, request.query_params)
        return filled(
            "log.html", 422 if problem else 200, **log_page(self.room, at), problem=problem
        )

    # ------------------------------------------------------------------------------ students

    def answer(self, student: int, form: Form) -> Command:
        """Keep an answer."""
        percents = percents_of(form)
        round_, vote = (whole(form.get(k), f"the {k}") for k in ("round", "vote"))
        told = (student, round_, vote, percents, form.get("reason", ""))
        return partial(self.room.session.answer, self.room.now_ms(), *told)

    # ------------------------------------------------------------------------------ the teacher

    async def enter(self, request: Request) -> Response:
        """Let the teacher in by the secret, from the link or from the form."""
        form = await form_of(request) if request.method == "POST" else {}
        secret = form.get("key") or request.query_params.get("key", "")
        if digest(secret.strip()) not in self.room.session.room.teachers:
            problem = _("That is not the teacher's key. Look in the terminal.")
            return filled("enter.html", 403, problem=problem)
        answer = RedirectResponse("/teacher", 303)
        self.keep(answer, "teacher", secret.strip())
        return answer

    def acts(self) -> dict[str, Callable[[Form], Command]]:
        """Return what the teacher may do, by the last word of its address."""
        session, now_ms = self.room.session, self.room.now_ms

        def with_numbers(deed: Callable[..., object], *named: str) -> Callable[[Form], Command]:
            """Return what reads some numbers from a form, to do something with them."""
            return lambda form: partial(
                deed, now_ms(), *(whole(form.get(name), f"the {name}") for name in named)
            )

        def advance(form: Form) -> Command:
            counts = [
                whole(form[key], f"the {key}") if key in form else None
                for key in ("tables", "heads")
            ]
            return partial(session.advance, now_ms(), form.get("seen", ""), new_salt(), *counts)

        def clear(form: Form) -> Command:
            numbers = [whole(form.get(k), "each number") for k in ("first", "last")]
            return partial(session.remove, now_ms(), *numbers)

        return {
            "advance": advance,
            "pause": with_numbers(session.pause),
            "resume": with_numbers(session.take_up),
            "extend": with_numbers(session.extend, "minutes"),
            "unlimited": with_numbers(session.without_limit),
            "remove": with_numbers(session.remove, "student"),
            "clear": clear,
            "door": lambda form: partial(session.set_door, now_ms(), form.get("open") == "1"),
            "hide": with_numbers(session.hide, "round", "vote", "student"),
        }

    async def export(self, request: Request) -> Response:
        """Give the teacher the record or the scores."""
        if not self.is_teacher(request):
            return self.stranger("teacher")
        names = request.query_params.get("names") == "1"
        name = request.path_params["name"]
        written = exports(self.room.session, names=names).get(name)
        if written is None:
            return Response(status_code=404)
        kind = "text/csv" if name.endswith(".csv") else "application/x-ndjson"
        return download(await asyncio.to_thread(written), name, kind)

    # ------------------------------------------------------------------------------ all

    async def events(self, request: Request) -> Response:
        """Send what changes, for as long as the page is open."""
        viewer = self.viewer(request, request.query_params.get("page", ""))
        if request.method != "GET":  # a HEAD would listen and never hear anything
            return Response(status_code=405)
        if viewer is None:
            return Response(status_code=403)
        return streamed(self.room.hub, viewer, self.caller(request))

    async def code(self, request: Request) -> Response:
        """Draw the code that leads a phone to the door, for who has come in by it already."""
        if self.student_of(request) is None and not self.is_teacher(request):
            return Response(status_code=403)
        return Response(self.room.qr, media_type="image/svg+xml")


def app_of(room: OpenRoom) -> Starlette:
    """Build the application of an open room."""
    pages = Pages(room)

    async def not_kept(request: Request, error: Exception) -> Response:
        if pages.is_teacher(request):
            return filled(
                "problem.html", 507, problem=_("Nothing was stored: {error}.", error=error)
            )
        problem = _(
            "Nothing was stored: the teacher's computer could not write it. Tell the teacher."
        )
        return filled("problem.html", 507, problem=problem)

    get, post = ["GET"], ["POST"]
    routes = [
        Route("/", pages.door, methods=get),
        Route("/join", pages.join, methods=post),
        Route("/answer", pages.students(pages.answer), methods=post),
        Route("/log", pages.log, methods=get),
        Route("/teacher/enter", pages.enter, methods=[*get, *post]),
        Route("/teacher/export/{name}", pages.export, methods=get),
        *paged(("room", "board", "teacher"), pages.page),
        *WhatIfPages(InRoom(pages)).routes(),
        *posted("/teacher", {name: pages.teachers(c) for name, c in pages.acts().items()}),
        Route("/events", pages.events, methods=get),
        Route("/code.svg", pages.code, methods=get),
        *(pages.play.routes() if pages.play is not None else ()),
        *(pages.alone.routes() if pages.alone is not None else ()),
        *(pages.days.routes() if pages.days is not None else ()),
        Route("/favicon.ico", lambda _: Response(status_code=204), methods=get),
    ]
    failures = {**problems(room.spoken), RunError: not_kept, InputError: not_kept}
    return application(routes, room.hub, room.origins, room.spoken, failures, clock=room.keep_time)
