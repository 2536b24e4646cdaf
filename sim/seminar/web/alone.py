"""The requests of somebody who plays alone: begin a game, answer, read the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.ground.language import _
from sim.seminar.pages.alone import AlonePresenter
from sim.seminar.play.alone import ALONE, may_play_alone
from sim.seminar.play.alone_controller import EARLY, AloneController
from sim.seminar.play.alone_worlds import AloneWorlds
from sim.seminar.play.controller import Controller
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Student
from sim.seminar.web.asking import Asking
from sim.seminar.web.filling import filled
from sim.seminar.web.forms import Command, Form, whole
from sim.seminar.web.pages import log_values, place_asked, whole_world

ANSWERS = {"yes": True, "no": False, "doctrine": None}


class AlonePages:
    """The answers to requests of games that are played alone."""

    def __init__(self, pages: Asking, controller: Controller) -> None:
        self.pages, self.room = pages, pages.room
        self.worlds = AloneWorlds(controller.plan)
        self.controller = AloneController(controller.record, self.worlds)
        play = self.room.true_presenter.play
        assert play is not None
        retold = dict(self.room.session.plan.lesson.retold)
        self.presenter = AlonePresenter(self.worlds, play.debriefs, retold)

    def routes(self) -> list[Route]:
        """List the routes."""
        begin = self.pages.students(self._begin, self._refused, self._newest)
        answer = self.pages.students(self._answer, self._refused, self._answered)
        return [
            Route("/alone", self.menu, methods=["GET"]),
            Route("/alone/begin", begin, methods=["POST"]),
            Route("/alone/answer", answer, methods=["POST"]),
            Route("/alone/{game:int}", self.game, methods=["GET"]),
            Route("/alone/{game:int}/log", self.log, methods=["GET"]),
        ]

    # ------------------------------------------------------------------------------ pages

    async def menu(self, request: Request) -> Response:
        """Show what can be begun."""
        student = self.pages.student_of(request)
        if student is None:
            return self.pages.stranger("room")
        return self._menu(student)

    def _menu(self, student: Student, status: int = 200, problem: str = "") -> Response:
        room = self.room.session.room
        if not may_play_alone(room):
            return filled("problem.html", 403, problem=_(EARLY))
        told = self.presenter.menu(room, student.number)
        lesson = self.room.session.plan.title
        return filled(
            "play_alone.html",
            status,
            lesson=lesson,
            menu=told,
            game=None,
            problem=problem,
            seed=None,
        )

    async def game(self, request: Request) -> Response:
        """Show a game."""
        return await self._of_game(request, self._game)

    async def log(self, request: Request) -> Response:
        """Show the log of a game: as its government reads it, and at the end the whole."""
        return await self._of_game(request, partial(self._log, place_asked(request.query_params)))

    async def _of_game(
        self, request: Request, show: Callable[[Student, int], Response]
    ) -> Response:
        """Show something of a game, in a thread: its world is run."""
        student = self.pages.student_of(request)
        if student is None:
            return self.pages.stranger("room")
        if not may_play_alone(self.room.session.room):
            return filled("problem.html", 403, problem=_(EARLY))
        try:
            return await asyncio.to_thread(show, student, request.path_params["game"])
        except Refused as refused:
            return self._menu(student, 422, str(refused))

    def _game(self, student: Student, number: int) -> Response:
        start, game = self.controller.game(student.number, number)
        told = self.presenter.values(self.room.session.room, number, start, game)
        lesson = self.room.session.plan.title
        return filled("play_alone.html", lesson=lesson, menu=None, game=told, problem="")

    def _log(self, place: int | None, student: Student, number: int) -> Response:
        start, game = self.controller.game(student.number, number)
        plan = self.worlds.plan
        if self.worlds.question(start, game.answers) is None:
            teller = self.presenter.debriefs.teller(self.worlds.log(start, game.answers))
            past, chart = whole_world(teller, plan.end_s, place)
            note = _("This is the whole world of your game, with both sides' accounts.")
        else:
            past, chart = self.presenter.past(self.room.session.room, start, game.answers, place)
            note = _(
                "This is the log as {party} reads it, in the world of your game.", party=start.party
            )
        values = log_values(self.room.session.plan.title, past, chart, plan.channels, note)
        values |= {"log": f"/alone/{number}/log", "back": f"/alone/{number}"}
        return filled("log.html", problem="", **values)

    # ------------------------------------------------------------------------------ forms

    def _refused(self, student: Student, form: Form, status: int, problem: str) -> Response:
        return self._menu(student, status, problem)

    def _newest(self, student: int, form: Form) -> str:
        return f"/alone/{len(ALONE.of(self.room.session.room).of(student)) - 1}"

    def _answered(self, student: int, form: Form) -> str:
        return f"/alone/{int(form['game'])}"

    def _begin(self, student: int, form: Form) -> Command:
        """Begin a game."""
        table = whole(form["table"], "the table") if form.get("table") else None
        at = whole(form.get("at"), "the question") if table is not None else 0
        told = (form.get("party", ""), table, at)
        return partial(self.controller.begin, self.room.now_ms(), student, *told)

    def _answer(self, student: int, form: Form) -> Command:
        """Keep an answer."""
        game, number = (whole(form.get(k), f"the {k}") for k in ("game", "number"))
        if form.get("answer") not in ANSWERS:
            raise Refused(_("Answer yes or no, or give it to the doctrine."))
        told = (game, number, ANSWERS[form["answer"]])
        return partial(self.controller.answer, self.room.now_ms(), student, *told)
