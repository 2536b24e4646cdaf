"""Listening and serving until the process is asked to stop. Owns uvicorn."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette

from sim.ground.errors import InputError, Problem
from sim.seminar.web.hub import Hub
from sim.seminar.web.wire import settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ALL = ("0.0.0.0", "::", "")


def listening_on(host: str, port: int) -> socket.socket:
    """Take a port; 0 is any that is free.

    Raises:
        InputError: the port is taken, or the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends each part of an answer at once only where the socket is named as TCP
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # on Windows SO_REUSEADDR would let two programs share a port, and the room lose its students
    alone = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listening.setsockopt(socket.SOL_SOCKET, alone, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        taken = getattr(error, "errno", None) in (98, 48, 10048)
        if taken:
            rule = "is in use by another program, or by this one in another window"
            raise InputError([Problem("--port", 0, "", rule, str(port))]) from None
        reason = getattr(error, "strerror", None) or str(error)
        problem = Problem("--host", 0, "", f"cannot be listened on: {reason}", f"{host}, {port}")
        raise InputError([problem]) from None
    listening.listen(2_048)
    return listening


def names_of(host: str) -> list[str]:
    """List the names by which requests may call this machine, the one to show first."""
    if host not in ALL:
        return [host, *(n for n in LOOPBACK if host in LOOPBACK and n != host)]
    name = socket.gethostname()
    return list(dict.fromkeys([*_own_addresses(), name, f"{name}.local", *LOOPBACK]))


def _own_addresses() -> list[str]:
    """List this machine's addresses in its networks; nothing is sent to find them."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found.append(str(probe.getsockname()[0]))
        except OSError:
            pass
    try:
        told = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        found += [str(entry[4][0]) for entry in told]
    except OSError:
        pass
    return [a for a in found if not a.startswith(("127.", "0."))]


def bracketed(name: str) -> str:
    """Write a name as it stands in an address."""
    return f"[{name}]" if ":" in name else name


class Server(uvicorn.Server):
    """A server that ends its pages' streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on every page, and then stop."""
        self._hub.close()
        await super().shutdown(sockets)


def server_for(app: Starlette, hub: Hub) -> uvicorn.Server:
    """Build the server of an application whose pages listen to a hub."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        lifespan="on",
        **settings(),
    )
    return Server(config, hub)


def run_until_stopped(
    server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve until the process is asked to stop; `ready` is called first."""

    def leave(*_: object) -> None:
        server.should_exit = True

    for name in ("SIGTERM", "SIGHUP"):  # a stop, or a window that is closed, closes it in order
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
    ready()
    with suppress(KeyboardInterrupt):  # uvicorn passes it on when it has closed all
        server.run(sockets=[listening])
