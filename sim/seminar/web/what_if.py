"""The routes of the what-ifs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sim.ground.language import N_, _
from sim.seminar.pages.what_if_controls import controls
from sim.seminar.record.refusal import Refused
from sim.seminar.web.filling import download, filled, paged, posted
from sim.seminar.web.forms import Answers, Command, Form, form_of, number, whole
from sim.seminar.web.live import PAGES
from sim.seminar.web.what_if_host import Host
from sim.seminar.what_if.inserting import INSERTED, Field, Insertion, insertions
from sim.seminar.what_if.sharing import PRESENT, Sharing

NOW = "now"
"""Stands for the position that is moved, in forms and addresses."""
WORDS: tuple[Field, ...] = ("by", "channel", "holder", "pair", "treaty")
"""Fields of the form of insertions that are words."""
TEACHERS = N_("Only the teacher may do this.")


def alone(command: Callable[[Form], Command], _: int | None, form: Form) -> Command:
    """Read a form of the teacher's."""
    return command(form)


class WhatIfPages:
    """The answers to requests about what-ifs."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def routes(self) -> list[Route]:
        """List the routes: the pages, what moves the position, which the teacher may and students
        whom the teacher lets, and what only the teacher may."""
        moves = {"slide": self.slide, "remove": self.remove, "move": self.move}
        moves |= {"insert": self.insert, "undo": self.undo, "reset": self.reset}
        acts = {"go": self.go, "beside": self.beside, "aside": self.aside, "why": self.why}
        acts |= {"find": self.find} if self.host.alone else {"everybody": self.everybody}
        stored = {"keep": self.keep, "drop": self.drop}
        forms = {a: self._forms(d, drawn=a != "slide") for a, d in moves.items()}
        forms |= {a: self._forms(partial(alone, d), teacher=True) for a, d in acts.items()}
        for a, d in stored.items():
            forms[a] = self._forms(partial(alone, d), teacher=True, stored=True)
        return [
            *paged(self.host.pages, self.page),
            Route("/what-if/export/{number}", self.export, methods=["GET"]),
            *posted("/what-if", forms),
        ]

    async def page(self, name: str, part: bool, request: Request) -> Response:
        """Show the shared position, or only the page's changing part."""
        refusal = self.host.refusal(request)
        return await self._page(request, name, part=part) if refusal is None else refusal

    async def _page(
        self,
        request: Request,
        page: str,
        *,
        part: bool = False,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        live = self.host.live
        wait_s = self.host.patience_s
        live.listen(filled=wait_s > 0)
        sharing = live.sharing
        if wait_s and not part and not sharing.drawer.drawn(sharing.now.position):
            wait = partial(sharing.drawer.wait, sharing.now.position, 1, wait_s)
            await asyncio.to_thread(wait)
            await asyncio.to_thread(live.renew)
        teacher = self.host.student(request) is None
        values: dict[str, Any] = controls(live.sharing, teacher)
        return filled(
            "what_if_board.html" if page == "what-if/board" else "what_if.html",
            status,
            viewer=page,
            lesson=self.host.title,
            alone=self.host.alone,
            heading=_("What if …"),
            mark=live.mark(),
            drawn=live.parts(),
            part=part,
            problem=problem,
            **self.host.shown(),
            **values,
        )

    def _forms(
        self,
        command: Callable[[int | None, Form], Command],
        *,
        teacher: bool = False,
        stored: bool = False,
        drawn: bool = True,
    ) -> Answers:
        """Answer a form, and tell every page what it did. `command` reads from it what is to be
        done for a student, or for the teacher, None. `teacher` is whether only the teacher may,
        `stored` whether it goes into the record, and `drawn` whether pages are filled anew now:
        of a slider that comes soon enough, unless it stands where it stood a moment ago."""

        async def answer(request: Request) -> Response:
            form = await form_of(request)
            refusal = self.host.refusal(request)
            if refusal is not None:
                return refusal
            by = self.host.student(request)
            if teacher and by is not None:
                return filled("problem.html", 403, problem=_(TEACHERS))
            live = self.host.live
            live.listen(filled=self.host.patience_s > 0)
            try:
                if not live.often.take(f"seat {by}" if by is not None else "teacher"):
                    raise Refused(_("That was very quick. Wait a moment, and do it again."))
                given = {k: v.strip()[:200] for k, v in form.items()}
                done = command(by, form if stored else given)
                await (self.host.done(done) if stored else asyncio.to_thread(done))
            except Refused as refused:
                return await self._said(request, form, str(refused))
            if drawn or live.is_drawn():
                await asyncio.to_thread(live.renew)
                live.now()
            return await self._said(request, form, "")

        return answer

    async def _said(self, request: Request, form: dict[str, str], problem: str) -> Response:
        """Answer a script in its own form, and a form with a page."""
        if form.get("live") == "1":
            told = {"problem": problem, "version": self.sharing.now.version}
            return JSONResponse(told, 422 if problem else 200)
        if problem:
            return await self._page(request, PAGES[0], problem=problem, status=422)
        return RedirectResponse("/what-if", 303)

    # ------------------------------------------------------------------------------ the forms

    @property
    def sharing(self) -> Sharing:
        """The shared position."""
        return self.host.live.sharing

    def slide(self, by: int | None, form: Form) -> Command:
        """Move sliders."""
        values = {
            whole(k[1:], "the slider"): number(v, "the value")
            for k, v in form.items()
            if k.startswith("s")
        }
        return partial(self.sharing.slide, by, values)

    def remove(self, by: int | None, form: Form) -> Command:
        """Remove an event."""
        return partial(self.sharing.change, by, {"remove": form.get("event", "")})

    def move(self, by: int | None, form: Form) -> Command:
        """Move an event to another day."""
        told = {"event": form.get("event", ""), "to": form.get("to", "")}
        return partial(self.sharing.change, by, {"move": told})

    def insert(self, by: int | None, form: Form) -> Command:
        """Insert an event."""
        kind = form.get("kind", "")
        asks = INSERTED[kind].asks if kind in INSERTED else ()
        words: dict[str, Any] = {k: form.get(k, "") for k in WORDS if k in asks}
        wish = Insertion(kind, form.get("date", ""), **words)
        if "severity" in asks:
            wish = replace(wish, severity=number(form.get("severity"), "the severity"))
        if "people" in asks:
            wish = replace(wish, people=whole(form.get("people"), "how many people"))
        return partial(self.sharing.change, by, *insertions(self.sharing.base, wish))

    def undo(self, by: int | None, form: Form) -> Command:
        """Take a change back."""
        return partial(self.sharing.undo, by, whole(form.get("place"), "the change"))

    def reset(self, by: int | None, form: Form) -> Command:
        """Go back to the scenario as it ships."""
        return partial(self.sharing.reset, by)

    def keep(self, form: Form) -> Command:
        """Keep the position as a branch."""
        return partial(self.sharing.keep, self.host.now_ms(), form.get("name", ""))

    def drop(self, form: Form) -> Command:
        """Take a branch off the list."""
        return partial(
            self.sharing.drop, self.host.now_ms(), whole(form.get("branch"), "the branch")
        )

    def go(self, form: Form) -> Command:
        """Return to a branch."""
        return partial(self.sharing.go_to, whole(form.get("branch"), "the branch"))

    def beside(self, form: Form) -> Command:
        """Lay two branches side by side, or one beside the position that is moved."""
        given = [form.get(k) for k in ("left", "right")]
        pair = [PRESENT if g == NOW else whole(g, "the branch") for g in given]
        return partial(self.sharing.lay_beside, *pair)

    def aside(self, form: Form) -> Command:
        """Show the shared position alone again."""
        return self.sharing.lay_aside

    def everybody(self, form: Form) -> Command:
        """Let students move the position, or the teacher alone."""
        return partial(self.sharing.let_everybody, form.get("may") == "1")

    def why(self, form: Form) -> Command:
        """Ask what mattered for an outcome."""
        return partial(self.sharing.explainer.ask, form.get("outcome", ""))

    def find(self, form: Form) -> Command:
        """Ask which numbers matter most for an outcome."""
        return partial(self.sharing.finder.ask, form.get("outcome", ""))

    async def export(self, request: Request) -> Response:
        """Give the teacher, or one alone, a branch as a scenario, or the position that is moved."""
        refusal = self.host.refusal(request)
        if refusal is not None or self.host.student(request) is not None:
            return refusal or filled("problem.html", 403, problem=_(TEACHERS))
        named = request.path_params["number"].removesuffix(".yaml")
        place = PRESENT if named == NOW else whole(named, "the branch")
        text = await asyncio.to_thread(self.sharing.exported, place)
        name = "what-if.yaml" if place == PRESENT else f"branch-{place}.yaml"
        return download(text, name, "application/yaml")
