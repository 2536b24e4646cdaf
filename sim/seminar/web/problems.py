"""What a page says where a request fails, whatever it asked for."""

from __future__ import annotations

from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from sim.seminar.record.refusal import Refused
from sim.seminar.web.filling import filled
from sim.seminar.web.guard import TooLarge


def problems(**links: str) -> dict[Any, Any]:
    """Return what answers each kind of failure; `back` is where its page leads, the room where it
    is left out."""

    def shown(status: int, words: str) -> Response:
        return filled("problem.html", status, problem=words, **links)

    async def refused(_: Request, error: Exception) -> Response:
        return shown(422, str(error))

    async def too_large(_: Request, __: Exception) -> Response:
        return shown(413, "That is too large.")

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=400)  # who sent half a form has left

    async def missing(_: Request, __: Exception) -> Response:
        return HTMLResponse("There is no such page.\n", 404)

    async def broken(_: Request, __: Exception) -> Response:
        return shown(
            500, "The program made a mistake. What was stored is safe. Load the page again."
        )

    return {
        Refused: refused,
        TooLarge: too_large,
        ClientDisconnect: gone,
        404: missing,
        Exception: broken,
    }
