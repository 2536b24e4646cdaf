"""What every application of the seminar has around its routes, and the streams of its pages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.ground.language import Language, speaking
from sim.seminar.pages.viewer import Viewer
from sim.seminar.web.caller import Caller
from sim.seminar.web.filling import STATIC
from sim.seminar.web.guard import Guard
from sim.seminar.web.hub import Hub


class Speaking:
    """Speaks a language while a request is answered, and in all that begins with the room."""

    def __init__(self, app: ASGIApp, spoken: Language) -> None:
        self.app, self.spoken = app, spoken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        with speaking(self.spoken):
            await self.app(scope, receive, send)


def application(
    routes: Iterable[BaseRoute],
    hub: Hub,
    origins: Iterable[str],
    spoken: Language,
    failures: Mapping[Any, Any],
    clock: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> Starlette:
    """Build an application. `origins` are the addresses that requests may name, `failures` says
    what answers each kind of failure, and `clock` runs for as long as the application is open."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = None if clock is None else asyncio.create_task(clock())
        try:
            yield
        finally:
            if running is not None:
                running.cancel()
            hub.close()

    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))],
        lifespan=lifespan,
        middleware=[
            Middleware(Speaking, spoken=spoken),
            Middleware(Guard, origins=origins),
            Middleware(GZipMiddleware, minimum_size=1_000),
        ],
        exception_handlers=failures,
    )


def streamed(hub: Hub, viewer: Viewer, caller: Caller) -> Response:
    """Send a page what changes, for as long as it is open."""
    if not hub.may_listen(caller):
        return Response(status_code=429)
    return StreamingResponse(
        hub.listen(viewer, caller),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )
