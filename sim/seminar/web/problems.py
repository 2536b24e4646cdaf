"""What a page says where a request fails, whatever it asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from sim.ground.language import N_, Language, _, speaking
from sim.seminar.record.refusal import Refused
from sim.seminar.web.filling import filled
from sim.seminar.web.guard import TooLarge


def problems(spoken: Language, **links: str) -> dict[Any, Any]:
    """Return what answers each kind of failure; `back` is where its page leads, the room where it
    is left out. A failure is answered outside of all that speaks: `spoken` is the language."""

    def shown(status: int, words: str = "") -> Callable[[Request, Exception], Awaitable[Response]]:
        async def answer(request: Request, error: Exception) -> Response:
            with speaking(spoken):
                problem = _(words) if words else str(error)
                return filled("problem.html", status, problem=problem, **links)

        return answer

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=400)  # who sent half a form has left

    async def missing(request: Request, error: Exception) -> Response:
        with speaking(spoken):
            return HTMLResponse(_("There is no such page.") + "\n", 404)

    mistake = N_("The program made a mistake. What was stored is safe. Load the page again.")
    return {
        Refused: shown(422),
        TooLarge: shown(413, N_("That is too large.")),
        ClientDisconnect: gone,
        404: missing,
        Exception: shown(500, mistake),
    }
