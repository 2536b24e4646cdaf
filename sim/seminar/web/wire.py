"""Connections that are slow or many: one machine must not keep the others out.

Uvicorn waits for ever for the first request of a connection and for a body that does not come.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 15.0
"""A request, its body included, must be here so many seconds after it began."""
MOST_FILES = 8_192
"""Connections in all, where the system allows so many."""
MOST_FOR_ONE = 2_000
"""Connections of one machine; a class may share one address. Never more than half of all."""


def files_allowed() -> int:
    """Ask the system for as many open files as a class with many windows needs; return how many
    there may be."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):
            return soft
    return wanted


def connections_of_a_room() -> type[H11Protocol]:
    """Make the class of a room's connections; those of one machine are counted together."""
    held: Counter[str] = Counter()
    most = min(MOST_FOR_ONE, files_allowed() // 2)

    class Connection(H11Protocol):
        """A connection that must bring its request in time."""

        _late: asyncio.TimerHandle | None = None
        _machine = ""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._machine = self.client[0] if self.client is not None else "?"
            held[self._machine] += 1
            self._wait()
            if held[self._machine] > most:
                transport.abort()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
                self._wait()
            else:
                self._no_longer()

        def connection_lost(self, exc: Exception | None) -> None:
            self._no_longer()
            held[self._machine] -= 1
            if not held[self._machine]:
                del held[self._machine]
            super().connection_lost(exc)

        def _wait(self) -> None:
            if self._late is None:
                self._late = self.loop.call_later(REQUEST_S, self.transport.abort)

        def _no_longer(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

    return Connection


def settings() -> dict[str, Any]:
    """Return the part of the server's settings that says how it speaks to browsers."""
    return {
        "http": connections_of_a_room(),
        "ws": "none",
        "h11_max_incomplete_event_size": 16_384,
        "timeout_keep_alive": 30,
    }
