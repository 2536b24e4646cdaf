"""Opening a room: its record, its forecasts, its addresses, and the server. Owns uvicorn."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from sim.ground.errors import InputError, Problem
from sim.seminar.lesson.forecast import WORLDS, forecast, whose_weights
from sim.seminar.lesson.record import LESSON, Forecasted
from sim.seminar.lesson.session import Session
from sim.seminar.web.app import app_of
from sim.seminar.web.asking import digest
from sim.seminar.web.caller import Network
from sim.seminar.web.room import USUAL, Limits, OpenRoom, new_code, new_secret
from sim.seminar.web.wire import settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ALL = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class Opened:
    """A room that is ready to be served."""

    room: OpenRoom
    listening: socket.socket
    key: str
    """The teacher's secret of this start."""

    @property
    def code(self) -> str:
        """The room code."""
        opened = self.room.session.room.opened
        return opened.code if opened is not None else ""


def add_forecasts(session: Session, worlds: int = WORLDS) -> int:
    """Make the simulator's forecasts that the record does not hold yet; return how many.

    Raises:
        RunError: the disk refuses.
    """
    session.open(OpenRoom.now_ms(), new_code())  # who stops here finds a record that can go on
    missing = [r for r in session.plan.rounds if r.number not in LESSON.of(session.room).forecasts]
    for round_ in missing:
        session.forecasted(
            OpenRoom.now_ms(),
            Forecasted(
                round=round_.number,
                probabilities=forecast(session.plan, round_, worlds),
                worlds=worlds,
                seed=session.plan.scenario.ensemble.seed,
                weights=whose_weights(session.plan),
            ),
        )
    return len(missing)


def open_room(
    session: Session,
    host: str,
    port: int,
    address: str | None = None,
    prepare: Callable[[], None] | None = None,
    proxies: Sequence[Network] = (),
    limits: Limits = USUAL,
) -> Opened:
    """Take a port, prepare, and open the room on the port. Port 0 is any that is free.

    `proxies` are believed about whom they ask for.

    Raises:
        InputError: the port is taken, or the host is none of this machine's.
        RunError: the disk refuses.
    """
    listening = _listening(host, port)
    port = listening.getsockname()[1]
    names = _names(host)
    origins = [f"http://{_bracketed(n)}:{port}" for n in names]
    origins += [f"http://{_bracketed(n)}" for n in names] if port == 80 else []
    shown = origins[0] if address is None else address.rstrip("/")
    if address is not None:
        origins.append(shown)
    key = new_secret()
    try:
        if prepare is not None:
            prepare()
        session.start(OpenRoom.now_ms(), new_code(), digest(key))
    except BaseException:
        listening.close()
        raise
    return Opened(OpenRoom(session, origins, shown, proxies, limits), listening, key)


def _listening(host: str, port: int) -> socket.socket:
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
            rule = "is in use by another program, or by this room in another window"
            raise InputError([Problem("--port", 0, "", rule, str(port))]) from None
        reason = getattr(error, "strerror", None) or str(error)
        problem = Problem("--host", 0, "", f"cannot be listened on: {reason}", f"{host}, {port}")
        raise InputError([problem]) from None
    listening.listen(2_048)
    return listening


def _names(host: str) -> list[str]:
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


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


class Server(uvicorn.Server):
    """A server that ends its pages' streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, room: OpenRoom) -> None:
        super().__init__(config)
        self._room = room

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on every page, and then stop."""
        self._room.hub.close()
        await super().shutdown(sockets)


def server_of(opened: Opened) -> uvicorn.Server:
    """Build the server of an open room; `run(sockets=[opened.listening])` serves it."""
    config = uvicorn.Config(
        app_of(opened.room),
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        lifespan="on",
        **settings(),
    )
    return Server(config, opened.room)


def serve(opened: Opened, ready: Callable[[], None] | None = None) -> None:
    """Serve a room until the process is asked to stop; then close its record."""
    server = server_of(opened)

    def leave(*_: object) -> None:
        server.should_exit = True

    for name in ("SIGTERM", "SIGHUP"):  # a stop, or a window that is closed, closes the room
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
    if ready is not None:
        ready()
    try:
        with suppress(KeyboardInterrupt):  # uvicorn passes it on when it has closed the room
            server.run(sockets=[opened.listening])
    finally:
        opened.room.close()
        opened.listening.close()


def check_folder(folder: Path) -> None:
    """Refuse a folder that is a file.

    Raises:
        InputError: it is.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem("--out", 0, "", "is a file, and must be a folder", str(folder))])
