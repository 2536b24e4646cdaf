"""A scripted person in the room, over real HTTP, by the standard library alone."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition, Thread
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    body: str
    cookie: str = ""
    place: str = ""
    """Where it sends the browser, for a redirect."""

    @property
    def ok(self) -> bool:
        """Whether it did what was asked for."""
        return 200 <= self.status < 400


class Person:
    """Somebody with a browser."""

    def __init__(self, base: str, name: str, cookie: str = "") -> None:
        self.base, self.name, self.cookie = base, name, cookie
        self.marks: list[tuple[float, str]] = []
        """When the page was told of which state."""
        self.told = Condition()
        self._stream: http.client.HTTPConnection | None = None

    # ------------------------------------------------------------------------------ requests

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request; the cookie goes with it."""
        at = urlsplit(self.base)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=TIMEOUT_S)
        sent = {"Connection": "close", **({"Cookie": self.cookie} if self.cookie else {})}
        try:
            connection.request(method, path, body, {**sent, **(headers or {})})
            answer = connection.getresponse()
            endless = (answer.getheader("content-type") or "").startswith("text/event-stream")
            text = "" if endless else answer.read().decode(errors="replace")
            cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
            return Reply(answer.status, text, cookie, answer.getheader("location") or "")
        except (OSError, http.client.HTTPException) as error:
            return Reply(599, str(error))
        finally:
            connection.close()

    def get(self, path: str) -> Reply:
        """Load a page."""
        return self.request("GET", path)

    def post(
        self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a form as a browser would."""
        own = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base}
        return self.request("POST", path, urlencode(form).encode(), {**own, **(headers or {})})

    def post_patiently(self, path: str, form: Mapping[str, str]) -> Reply:
        """Send a form, and again for some seconds where the server finds that too quick."""
        reply = self.post(path, form)
        for _ in range(20):
            if reply.status != 429:
                break
            time.sleep(0.3)
            reply = self.post(path, form)
        return reply

    def join(self, code: str, group: str = "") -> bool:
        """Take a seat; return whether it was given."""
        reply = self.post("/join", {"code": code, "name": self.name, "group": group})
        self.cookie = reply.cookie
        return reply.status == 303 and bool(reply.cookie)

    def enter(self, key: str) -> None:
        """Come in as the teacher."""
        self.cookie = self.post("/teacher/enter", {"key": key}).cookie

    def answer(
        self, round_: int, vote: int, percents: Mapping[str, Sequence[int]], reason: str
    ) -> bool:
        """Answer a round; return whether the page says that it is stored."""
        form = {"round": str(round_), "vote": str(vote), "reason": reason}
        for question, given in percents.items():
            form |= {f"p.{question}.{n}": str(p) for n, p in enumerate(given)}
        reply = self.post_patiently("/answer", form)
        return reply.status == 303 and '<p class="stored"' in self.get(reply.place).body

    # ------------------------------------------------------------------------------ listening

    @property
    def listening(self) -> bool:
        """Whether the page is connected."""
        return self._stream is not None

    def listen(self, page: str) -> None:
        """Open the page's stream of changes, and read it in the background."""
        at = urlsplit(self.base)
        stream = http.client.HTTPConnection(at.hostname or "", at.port, timeout=TIMEOUT_S)
        stream.request("GET", f"/events?page={page}", headers={"Cookie": self.cookie})
        answer = stream.getresponse()
        if answer.status != 200:
            stream.close()
            return
        self._stream = stream
        Thread(target=self._read, args=(answer,), daemon=True).start()

    def _read(self, answer: http.client.HTTPResponse) -> None:
        with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            while line := answer.readline():
                if line.startswith(b"data: {"):
                    mark = str(json.loads(line[6:])["mark"])
                    with self.told:
                        self.marks.append((time.perf_counter(), mark))
                        self.told.notify_all()

    def forget(self) -> None:
        """Forget what the page was told so far."""
        with self.told:
            self.marks.clear()

    def told_of(self, phase: str, patience_s: float) -> float | None:
        """Wait until the page hears of a phase; return when it did, None if it never did."""

        def found() -> list[float]:
            return [t for t, mark in self.marks if phase in mark.split("/")[0]]

        with self.told:
            self.told.wait_for(found, patience_s)
            return found()[0] if found() else None

    def hang_up(self) -> None:
        """Lose the connection."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(OSError):
                if stream.sock is not None:
                    stream.sock.shutdown(socket.SHUT_RDWR)
            stream.close()
