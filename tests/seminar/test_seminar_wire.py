"""Slow, half and many connections: they leave nothing behind and keep nobody out."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from rooms import press, served, student_of, teacher_of, until
from uvicorn.protocols.http.h11_impl import H11Protocol

from sim.seminar.web import wire
from sim.seminar.web.serve import Opened

Lines = Callable[..., list[socket.socket]]


@pytest.fixture
def lines_to() -> Iterator[Lines]:
    """Open connections, and say something on each that is not a whole request."""
    made: list[socket.socket] = []

    def call(opened: Opened, text: str, number: int, own: str = "127.0.0.1") -> list[socket.socket]:
        port = opened.listening.getsockname()[1]
        for _ in range(number):
            made.append(socket.create_connection(("127.0.0.1", port), 20, (own, 0)))
            made[-1].sendall(text.replace("HOST", f"127.0.0.1:{port}").encode())
        return made[-number:]

    yield call
    for line in made:
        line.close()


def is_closed(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(65_536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


HALF = "GET /room HTTP/1.1\r\nHost: HOST\r\n"
HALF_FORM = "POST /join HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nContent-Length: 9\r\n\r\nx"


@pytest.mark.slow
def test_half_a_request_does_not_stay_and_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines_to: Lines
) -> None:
    monkeypatch.setattr(wire, "REQUEST_S", 1.0)
    with served(tmp_path) as opened:
        student = student_of(opened)
        student.listen("room")
        slow = [line for text in ("", HALF, HALF_FORM) for line in lines_to(opened, text, 100)]
        drops = lines_to(opened, HALF, 1)
        assert student.get("/room").status == 200
        assert student_of(opened, "Bea").get("/room").status == 200
        for _ in range(12):  # a letter now and then is no request either
            time.sleep(0.2)
            with suppress(OSError):
                drops[0].sendall(b"X")
        assert until(lambda: all(map(is_closed, [*slow, *drops])))
        press(teacher_of(opened), opened, "read")
        assert student.told_of("read", 10) is not None  # control: who listens may stay
        student.hang_up()


def test_one_machine_does_not_get_every_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines_to: Lines
) -> None:
    monkeypatch.setattr(wire, "MOST_FOR_ONE", 20)
    with served(tmp_path) as opened:
        many = lines_to(opened, HALF, 40, "127.0.0.2")
        assert until(lambda: sum(map(is_closed, many)) == 20)
        assert student_of(opened).get("/room").status == 200
        for line in many:
            line.close()
        again = f"{HALF}\r\n"
        assert until(lambda: not is_closed_soon(lines_to(opened, again, 1, "127.0.0.2")[0]))


def test_an_answer_does_not_wait_for_a_sign_of_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TCP_NODELAY each further request of a connection takes 40 ms."""
    made, at_once = H11Protocol.connection_made, []

    def connection_made(self: H11Protocol, transport: asyncio.Transport) -> None:
        line = transport.get_extra_info("socket")
        at_once.append(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(self, transport)

    monkeypatch.setattr(H11Protocol, "connection_made", connection_made)
    with served(tmp_path) as opened:
        assert student_of(opened).get("/room").status == 200
    assert at_once
    assert all(at_once)


def is_closed_soon(line: socket.socket) -> bool:
    """Whether a connection is closed without an answer."""
    line.settimeout(5)
    try:
        return line.recv(100) == b""
    except OSError:
        return True


def test_a_room_asks_for_more_connections_than_systems_give_at_first() -> None:
    code = (
        "import resource as r; from sim.seminar.web.wire import files_allowed;"
        "hard = r.getrlimit(r.RLIMIT_NOFILE)[1]; r.setrlimit(r.RLIMIT_NOFILE, (64, hard));"
        "print(files_allowed(), r.getrlimit(r.RLIMIT_NOFILE)[0])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    allowed, soft = map(int, out.stdout.split())
    assert allowed == soft > 64


def test_half_a_form_and_a_listener_without_ears_leave_nothing_behind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], lines_to: Lines
) -> None:
    with served(tmp_path) as opened:
        student = student_of(opened)
        start = f"HEAD /events?page=room HTTP/1.1\r\nHost: HOST\r\nCookie: {student.cookie}\r\n\r\n"
        (head,) = lines_to(opened, start, 1)
        assert b" 405 " in head.recv(100)
        upgrade = start.replace("HEAD", "GET").replace(
            "\r\n\r\n", "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        (other,) = lines_to(opened, upgrade, 1)
        assert b" 200 " in other.recv(100)  # the upgrade is not heard
        for line in [*lines_to(opened, HALF_FORM, 3), head, other]:
            line.close()
        assert until(lambda: not opened.room.hub.connected)
        assert student.get("/room").status == 200
    printed = capfd.readouterr()
    assert "Traceback" not in printed.out + printed.err
