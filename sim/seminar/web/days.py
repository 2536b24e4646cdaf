"""The requests of a lesson over days: the way back to a seat, earlier reveals, the calendar."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sim.ground.language import N_, _
from sim.seminar.lesson.days import Times
from sim.seminar.lesson.record import LESSON
from sim.seminar.pages.days import at_reveal, values_of
from sim.seminar.web.asking import Asking, digest
from sim.seminar.web.filling import download, filled
from sim.seminar.web.forms import form_of
from sim.seminar.web.secret import spaced, typed_word

MANY = N_("Too many wrong words came from your network. Wait a minute, and try again.")
WRONG = N_("That is not the word of a seat in this room. Type all 16 letters and numbers.")


class DaysPages:
    """The answers to requests."""

    def __init__(self, pages: Asking, times: Times) -> None:
        self.pages, self.room, self.times = pages, pages.room, times

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/seat", self.seat, methods=["GET"]),
            Route("/return", self.back, methods=["POST"]),
            Route("/leave", self.leave, methods=["POST"]),
            Route("/room/{number:int}", partial(self.earlier, "room"), methods=["GET"]),
            Route("/board/{number:int}", partial(self.earlier, "board"), methods=["GET"]),
            Route("/deadlines.ics", self.deadlines, methods=["GET"]),
        ]

    async def seat(self, request: Request) -> Response:
        """Show a student the word by which another browser gets the same seat. It is what this one
        keeps: the record holds its digest alone."""
        student = self.pages.student_of(request)
        if student is None:
            return self.pages.stranger("room")
        word = request.cookies[self.room.cookies["seat"]]
        return filled(
            "seat.html",
            lesson=self.room.shown().plan.title,
            student=student,
            word=spaced(word),
            link=f"{self.room.address}/?back={word}",
            days=values_of(self.times, self.room.session.room),
        )

    async def back(self, request: Request) -> Response:
        """Give a browser the seat whose word somebody types."""
        form = await form_of(request)
        word, device = typed_word(form.get("word", "")), self.pages.device(request)
        codes = self.room.codes
        if not codes.may_try(device):
            return self.pages.at_the_door(429, back_problem=_(MANY))
        if digest(word) not in self.room.session.room.seats:
            status, words = (403, WRONG) if codes.wrong(device) else (429, MANY)
            return self.pages.at_the_door(status, back_problem=_(words))
        answer = RedirectResponse("/room", 303)
        self.pages.keep(answer, "seat", word)
        return answer

    async def leave(self, _: Request) -> Response:
        """Let a browser that others use too forget its seat."""
        answer = RedirectResponse("/", 303)
        self.pages.keep(answer, "seat", "", days=0)
        return answer

    async def earlier(self, page: str, request: Request) -> Response:
        """Show the reveal of a round while a later one goes on, to a student or on a projector."""
        asked, number = self.pages.viewer(request, page), request.path_params["number"] - 1
        if asked is None:
            return self.pages.stranger(page)
        room = self.room.session.room
        if number not in LESSON.of(room).revealed:
            return filled("problem.html", 404, problem=_("This round is not revealed yet."))
        shown = self.room.shown()
        viewer = shown.viewer(asked)
        values = shown.presenter.values(at_reveal(shown.room, number), viewer)
        values |= {"viewer": "", "problem": "", "given": {}, "now_ms": self.room.now_ms()}
        values |= {"looking_back": True, "address": self.room.address}
        return filled(f"{page}.html", **values)

    async def deadlines(self, request: Request) -> Response:
        """Give the deadlines as a calendar file, to who is in the room."""
        from sim.seminar.pages.calendar import calendar  # icalendar takes a while to load

        if self.pages.student_of(request) is None and not self.pages.is_teacher(request):
            return Response(status_code=403)
        room, title = self.room.session.room, self.room.shown().plan.title
        mark = self.room.cookies["seat"].rpartition("-")[2]
        made = calendar(self.times, room, title, self.room.address, mark)
        return download(made, "deadlines.ics", "text/calendar")
