"""Speaking the language of a lesson in all that a room answers."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from sim.ground.language import Language, speaking


class Speaking:
    """Speaks a language while a request is answered, and in all that begins with the room."""

    def __init__(self, app: ASGIApp, spoken: Language) -> None:
        self.app, self.spoken = app, spoken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        with speaking(self.spoken):
            await self.app(scope, receive, send)
