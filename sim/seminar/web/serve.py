"""Opening a room: its record, its forecasts, its addresses, and its server."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
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
from sim.seminar.web.room import USUAL, Clock, Limits, OpenRoom
from sim.seminar.web.secret import new_code, new_salt, new_secret
from sim.seminar.web.server import (
    bracketed,
    listening_on,
    names_of,
    run_until_stopped,
    server_for,
)


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
        return self.room.code


def add_forecasts(session: Session, worlds: int = WORLDS, clock: Clock = OpenRoom.now_ms) -> int:
    """Make the simulator's forecasts that the record does not hold yet; return how many.

    Raises:
        RunError: the disk refuses.
    """
    session.open(clock(), new_code())  # who stops here finds a record that can go on
    missing = [r for r in session.plan.rounds if r.number not in LESSON.of(session.room).forecasts]
    for round_ in missing:
        session.forecasted(
            clock(),
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
    clock: Clock | None = None,
) -> Opened:
    """Take a port, prepare, and open the room on the port. Port 0 is any that is free.

    `proxies` are believed about whom they ask for. What was due while the room was closed is done
    before anybody can ask.

    Raises:
        InputError: the port is taken, the host is none of this machine's, or a lesson over days
            lies in the past.
        RunError: the disk refuses.
    """
    listening = listening_on(host, port)
    port = listening.getsockname()[1]
    names = names_of(host)
    origins = [f"http://{bracketed(n)}:{port}" for n in names]
    origins += [f"http://{bracketed(n)}" for n in names] if port == 80 else []
    shown = origins[0] if address is None else address.rstrip("/")
    if address is not None:
        origins.append(shown)
    key = new_secret()
    try:
        if prepare is not None:
            prepare()
        now_ms = clock or OpenRoom.now_ms
        session.start(now_ms(), new_code(), digest(key))
        while session.tick(now_ms(), new_salt()):
            pass
    except BaseException:
        listening.close()
        raise
    return Opened(OpenRoom(session, origins, shown, proxies, limits, clock), listening, key)


def server_of(opened: Opened) -> uvicorn.Server:
    """Build the server of an open room; `run(sockets=[opened.listening])` serves it."""
    return server_for(app_of(opened.room), opened.room.hub)


def serve(opened: Opened, ready: Callable[[], None]) -> None:
    """Serve a room until the process is asked to stop, after `ready`; then close its record."""
    try:
        run_until_stopped(server_of(opened), opened.listening, ready)
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
