"""The requests of a role play: what a team's members send, and the logs that they may read."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.ground.language import N_, _
from sim.seminar.pages.past import Past
from sim.seminar.play.controller import Controller
from sim.seminar.play.part import PLAY
from sim.seminar.play.record import Seat
from sim.seminar.play.teams import DESK, parts_of
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Student
from sim.seminar.web.asking import Asking
from sim.seminar.web.filling import filled, posted
from sim.seminar.web.forms import Command, Form, whole
from sim.seminar.web.pages import log_values, place_asked, whole_world

TOO_EARLY = N_("The log opens when you are in a team. You then read it as your government does.")
NO_SEAT = N_("You have no place in a team yet: the teacher gives you one. Say that you are here.")


class PlayPages:
    """The answers to what is sent in a role play."""

    def __init__(self, pages: Asking, controller: Controller) -> None:
        self.pages, self.room, self.controller = pages, pages.room, controller

    def routes(self) -> list[Route]:
        """List the routes: what a member of a team may send, and what the teacher may."""
        members = {"instruct": self.instruct, "vote": self.vote, "note": self.note}
        members["close"] = self.close
        teachers = {"hide": self.hide, "seat": self.seat}
        return [
            *posted("/play", {name: self.pages.students(c) for name, c in members.items()}),
            *posted("/play", {name: self.pages.teachers(c) for name, c in teachers.items()}),
        ]

    def instruct(self, student: int, form: Form) -> Command:
        """Keep the instructions of a team."""
        return partial(self.controller.instruct, self.room.now_ms(), student, form.get("text", ""))

    def vote(self, student: int, form: Form) -> Command:
        """Keep a vote."""
        number = whole(form.get("number"), "the question")
        if form.get("answer") not in ("yes", "no"):
            raise Refused(_("Vote yes or no."))
        yes = form["answer"] == "yes"
        return partial(self.controller.vote, self.room.now_ms(), student, number, yes)

    def close(self, student: int, form: Form) -> Command:
        """Close a vote."""
        number = whole(form.get("number"), "the question")
        return partial(self.controller.close, self.room.now_ms(), student, number)

    def note(self, student: int, form: Form) -> Command:
        """Keep a line beside a question."""
        number = whole(form.get("number"), "the question")
        told = (number, form.get("part", ""), form.get("text", ""))
        return partial(self.controller.note, self.room.now_ms(), student, *told)

    def hide(self, form: Form) -> Command:
        """Hide a line."""
        table, student = (whole(form.get(k), f"the {k}") for k in ("table", "student"))
        note = form.get("part") or None
        number = whole(form.get("number"), "the question") if note is not None else None
        return partial(self.controller.hide, self.room.now_ms(), (table, number, note, student))

    def seat(self, form: Form) -> Command:
        """Give a student who came late a place."""
        table, __, party = form.get("team", "").partition(" ")
        student, seat = whole(form.get("student"), "the student"), whole(table, "the table")
        told = Seat(seat, self.room.shown().true_party(party))
        return partial(self.controller.seat, self.room.now_ms(), student, told)

    # ------------------------------------------------------------------------------ logs

    def log(self, request: Request, student: Student | None) -> Response | None:
        """Show the log of a student's team, or in the debrief that of a table; None where it is the
        class's log that is asked for."""
        state = PLAY.of(self.room.session.room)
        place = place_asked(request.query_params)
        if state.stage == "debrief" or self.room.session.room.ended:
            return self._table_log(request.query_params.get("table", ""), place)
        if student is None:
            return None
        seat = state.seats.get(student.number)
        if seat is None:
            if not state.stage and self.room.session.plan.rounds:
                return None  # the rounds have shown the class both sides' accounts
            return filled("problem.html", 403, problem=_(NO_SEAT if state.stage else TOO_EARLY))
        team = state.team(seat)
        if state.stage == "play" and DESK not in parts_of(team, student.number):
            problem = _("Only the desk of your team reads the log while you play. Ask the desk.")
            return filled("problem.html", 403, problem=problem)
        shown = self.room.shown()
        presenter = shown.presenter.play
        assert presenter is not None
        seat = PLAY.of(shown.room).seats[student.number]
        answers = state.tables[seat.table].answers if state.stage == "play" else None
        told = presenter.views.past(answers, seat.party, place)
        chart = presenter.views.chart(told, seat.party)
        note = _(
            "This is the log as {party} reads it, in the world of your table.", party=seat.party
        )
        return self._log(told.past, chart, note)

    def _table_log(self, table: str, place: int | None) -> Response | None:
        """Show the whole world of a table, with both sides' accounts."""
        tables = {str(n): t for n, t in PLAY.of(self.room.session.room).tables.items()}
        found = tables.get(table)
        if found is None or found.ended is None:
            return None
        presenter = self.room.true_presenter.play
        assert presenter is not None
        told, chart = whole_world(presenter.debriefs.told(found), presenter.plan.end_s, place)
        note = _(
            "This is the whole world of table {number}, with both sides' accounts.", number=table
        )
        return self._log(told, chart, note, f"table={table}&")

    def _log(self, past: Past, chart: str, note: str, query: str = "") -> Response:
        plan = self.room.shown().plan
        assert plan.play is not None
        values = log_values(plan.title, past, chart, plan.play.channels, note, query)
        return filled("log.html", problem="", **values)
