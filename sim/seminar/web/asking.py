"""Who asks, what they are shown, and who may not. Every request is judged anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sim.ground.language import N_, _
from sim.seminar.lesson.horizon import is_over
from sim.seminar.pages.viewer import Viewer, mark_of
from sim.seminar.play.alone import ALONE
from sim.seminar.record.refusal import Refused
from sim.seminar.record.room import Student
from sim.seminar.web.caller import Caller, device_of
from sim.seminar.web.filling import filled
from sim.seminar.web.forms import Answers, Command, Form, form_of
from sim.seminar.web.live import PAGES as WHAT_IF
from sim.seminar.web.room import OpenRoom

NO_SEAT = N_("This browser has no seat in this room: join with the room's code.")
Refusing = Callable[[Student, Form, int, str], Response]
"""Shows a student why a form is refused, with a status and a problem."""
LONG = 400
"""Days for which a browser keeps a seat in a lesson over days; browsers allow no more."""


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


class Asking:
    """What all pages of a room know of a request."""

    def __init__(self, room: OpenRoom) -> None:
        self.room: OpenRoom = room

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

    def viewer(self, request: Request, page: str) -> Viewer | None:
        """Return who may look at a page from this browser; None where nobody may."""
        student = self.student_of(request)
        if page == "room" and student is not None:
            return Viewer(page, student)
        if page in WHAT_IF and is_over(self.room.session.plan, self.room.session.room):
            teacher = self.is_teacher(request)
            return Viewer(page, None if teacher else student) if teacher or student else None
        if page == "board" and (student is not None or self.is_teacher(request)):
            return Viewer(page)
        return Viewer(page) if page == "teacher" and self.is_teacher(request) else None

    def keep(self, answer: Response, kind: str, secret: str, days: int | None = None) -> None:
        """Let a browser keep the secret of a `seat` or of a `teacher` for some days, a week where
        nothing is said. In a lesson over days that is long, and a student comes by links of other
        sites, with which a browser sends no strict cookie."""
        homework = self.room.session.plan.days is not None
        usual = LONG if homework else 7
        answer.set_cookie(
            self.room.cookies[kind],
            secret,
            max_age=(usual if days is None else days) * 86_400,
            httponly=True,
            samesite="lax" if homework and kind == "seat" else "strict",
            secure=self.room.secure,
            path="/",
        )

    def at_the_door(self, status: int = 200, **values: Any) -> Response:
        """Show the form by which students join."""
        fields = ("code", "name", "group", "problem", "word", "back_problem")
        shown = {**dict.fromkeys(fields, ""), **values}
        plan = self.room.shown().plan
        lesson = plan.lesson
        return filled(
            "door.html",
            status,
            lesson=plan.title,
            groups=lesson.groups,
            rounds=len(lesson.rounds),
            play=lesson.play,
            home=ALONE.of(self.room.session.room).home,
            days=lesson.days,
            **shown,
        )

    def shown(
        self,
        viewer: Viewer,
        status: int = 200,
        *,
        part: bool = False,
        problem: str = "",
        given: Mapping[str, str] | None = None,
    ) -> Response:
        """Show a page as it is at this moment, with a problem and with what was typed."""
        room = self.room
        mark = mark_of(room.session.room, viewer)  # as the streams of the pages say it
        shown = room.shown()  # after the mark: what changes meanwhile is then fetched once more
        values = shown.presenter.values(shown.room, shown.viewer(viewer)) | {"mark": mark}
        values |= {"lifted": room.lifted()}
        if viewer.page == "teacher" and shown.worn is not None:
            values |= {"worn": shown.worn.lifted()}
            values["true_notes"] = room.true_presenter.notes(room.session.room)
        values |= {"problem": shown.words(problem), "given": given or {}, "now_ms": room.now_ms()}
        values |= {"connected": room.hub.connected, "address": room.address, "part": part}
        values |= {"trouble": room.hub.trouble}
        return filled(f"{viewer.page}.html", status, **values)

    def stranger(self, page: str, *, part: bool = False) -> Response:
        """Answer somebody who may not see a page."""
        if part:
            return Response(status_code=403)
        if page == "teacher":
            return filled("enter.html", 403, problem="")
        return self.at_the_door(403, problem=_(NO_SEAT))

    def teachers(self, command: Callable[[Form], Command]) -> Answers:
        """Answer a form of the teacher's; `command` reads from it what is to be done."""

        async def answer(request: Request) -> Response:
            form = await form_of(request)
            if not self.is_teacher(request):
                return self.stranger("teacher")
            try:
                await self.room.done(command(form))
            except Refused as refused:
                return self.shown(Viewer("teacher"), 422, problem=str(refused))
            return RedirectResponse("/teacher", 303)

        return answer

    def students(
        self,
        command: Callable[[int, Form], Command],
        refused: Refusing | None = None,
        leads: Callable[[int, Form], str] = lambda student, form: "/room",
    ) -> Answers:
        """Answer a form of a student's, and say that it is done only when it is on the disk.

        `command` reads from it what is to be done for a student. `refused` shows why it is not
        done; where it is None, the room's page does. `leads` says where the browser goes then.
        """

        def on_the_page(student: Student, form: Form, status: int, problem: str) -> Response:
            return self.shown(Viewer("room", student), status, problem=problem, given=form)

        refused = refused or on_the_page

        async def answer(request: Request) -> Response:
            form = await form_of(request)
            student = self.student_of(request)
            if student is None:
                return self.stranger("room")
            if not self.room.often.take(f"seat {student.number}"):
                problem = _("That was very quick. Wait a moment, and send it again.")
                return refused(student, form, 429, problem)
            try:
                await self.room.done(command(student.number, form))
            except Refused as error:
                return refused(student, form, 422, str(error))
            return RedirectResponse(leads(student.number, form), 303)

        return answer
