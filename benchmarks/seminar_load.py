"""A room under load: many students at once, every acknowledgement held against the record.

    python benchmarks/seminar_load.py --students 200

Starts `sim seminar` as its own process, lets the students join, listen and answer over real HTTP
from this one, kills the server with SIGKILL in the middle, and prints how long changes took to
arrive and whether anything that was acknowledged is missing. Exit code 1 if so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from sim.seminar.lesson.record import LESSON
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR

SCENARIO = Path(__file__).parents[1] / "scenarios" / "seminar-article.yaml"
BURST_S = 3.0
"""All students answer within so many seconds."""


class Client:
    """One browser."""

    def __init__(self, host: str, port: int, name: str, own: str | None = None) -> None:
        self.host, self.port, self.name = host, port, name
        self.own = None if own is None else (own, 0)
        """The address that it comes from."""
        self.cookie = ""
        self.told: dict[str, float] = {}
        """When each place of the lesson was heard of."""
        self.pushes = 0
        self.mark = ""
        self.pushed = asyncio.Event()
        """Set when the page has changed."""
        self.text = ""
        """The last answer."""

    async def request(
        self, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Send a request; return the status and the cookie that came back."""
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=self.own)
        body = urlencode(form or {}).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: close\r\n"
        head += f"Origin: http://{self.host}:{self.port}\r\nCookie: {self.cookie}\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.read()).decode(errors="replace")
        writer.close()
        self.text = answer
        cookie = re.search(r"set-cookie: ([^;]+)", answer, flags=re.IGNORECASE)
        return int(answer.split(" ", 2)[1]), cookie[1] if cookie else ""

    async def listen(self, page: str) -> None:
        """Listen for as long as the server is there."""
        reader, writer = await asyncio.open_connection(
            self.host, self.port, limit=1 << 22, local_addr=self.own
        )
        head = f"GET /events?page={page} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
        writer.write(f"{head}Cookie: {self.cookie}\r\n\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"data: {"):
                self.heard(time.perf_counter(), json.loads(line[6:]))

    def heard(self, now: float, told: dict[str, Any]) -> None:
        """Take in one message."""
        before, self.mark = self.mark, told["mark"]
        self.told.setdefault(self.mark.split("/")[0], now)
        self.pushes += 1
        if self.mark != before:
            self.pushed.set()


def percentile(values: list[float], share: float) -> float:
    """Return a percentile of some values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Times = dict[str, list[float]]


async def joined(
    base: str, code: str, key: str, students: int, times: Times
) -> tuple[Client, list[Client], list[asyncio.Task[None]]]:
    """Let the students join and listen; return the teacher, the students, and who listens."""
    host, _, port = base.removeprefix("http://").partition(":")
    teacher = Client(host, int(port), "teacher")
    _, teacher.cookie = await teacher.request("POST", "/teacher/enter", {"key": key})
    people = [
        Client(host, int(port), f"Student {n}", f"127.0.{1 + n // 200}.{1 + n % 200}")
        for n in range(students)
    ]  # each from a machine of its own: a room gives one machine 60 seats at once

    async def join(person: Client) -> None:
        begun = time.perf_counter()
        form = {"code": code, "name": person.name}
        status, person.cookie = await person.request("POST", "/join", form)
        assert status == 303, status
        times["join"].append(1000 * (time.perf_counter() - begun))

    for first in range(0, students, 20):
        await asyncio.gather(*(join(p) for p in people[first : first + 20]))
    listening = [asyncio.create_task(p.listen("room")) for p in people]
    await asyncio.sleep(1)
    return teacher, people, listening


async def play(
    server: subprocess.Popen[str], base: str, code: str, key: str, students: int
) -> tuple[Times, dict[int, str]]:
    """Join, listen, answer; return times in milliseconds, and what was acknowledged."""
    times: Times = {"join": [], "push": [], "answer": []}
    kept: dict[int, str] = {}
    teacher, people, listening = await joined(base, code, key, students, times)

    async def press(seen: str, place: str) -> None:
        begun = time.perf_counter()
        status, _ = await teacher.request("POST", "/teacher/advance", {"seen": seen})
        assert status == 303, status
        for _ in range(1_000):
            if all(place in p.told for p in people):
                break
            await asyncio.sleep(0.01)
        times["push"] += [1000 * (p.told[place] - begun) for p in people if place in p.told]
        assert sum(place in p.told for p in people) == students

    async def answer(person: Client, number: int, vote: int, wait: float) -> None:
        await asyncio.sleep(wait)
        begun = time.perf_counter()
        form = {"round": "0", "vote": str(vote), "reason": f"Reason of {number} in vote {vote}."}
        form |= {
            "p.r1q1.0": "40",
            "p.r1q1.1": "20",
            "p.r1q1.2": "20",
            "p.r1q1.3": "20",
            "p.r1q2.0": "30",
        }
        try:
            status, _ = await person.request("POST", "/answer", form)
        except (OSError, IndexError, ValueError):
            return  # the server was killed: nothing was acknowledged
        if status == 303:
            kept[vote * 1_000 + number] = form["reason"]
            times["answer"].append(1000 * (time.perf_counter() - begun))

    await press("-1-before", "0-read")
    await press("0-read", "0-vote")
    waits = [BURST_S * n / students for n in range(students)]
    await asyncio.gather(
        *(answer(p, n, 1, w) for n, (p, w) in enumerate(zip(people, waits, strict=True)))
    )
    await press("0-vote", "0-discuss")
    await press("0-discuss", "0-again")
    burst = [
        asyncio.create_task(answer(p, n, 2, w))
        for n, (p, w) in enumerate(zip(people, waits, strict=True))
    ]
    await asyncio.sleep(0.7 * BURST_S)
    os.kill(server.pid, signal.SIGKILL)
    await asyncio.gather(*burst)
    for task in listening:
        task.cancel()
    return times, kept


@contextmanager
def running(scenario: Path, folder: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Start the server; give it with the address, the code and the key off the terminal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4_096)), hard))
    command = [sys.executable, "-c", "from sim.cli.app import main; main()", "seminar"]
    command += [str(scenario), "--out", folder, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        text = ""
        for line in server.stdout:
            text += line
            if "Ctrl-C" in line:
                break
        found = re.search(r"Students\s+(\S+)\s+code (\w+)\s+Teacher\s+\S+key=(\S+)", text)
        assert found is not None, text
        yield server, list(found.groups())


def report(times: Times) -> None:
    """Print percentiles of times."""
    for what, values in times.items():
        if values:
            p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
            print(f"{what:<8} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   most {max(values):6.1f} ms")


def main() -> None:
    """Measure, check and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        with running(chosen.scenario, folder) as (server, (base, code, key)):
            times, kept = asyncio.run(play(server, base, code, key, chosen.students))
        store = Store(Path(folder) / "record.sqlite", SEMINAR)
        room = SEMINAR.room_of(store.read())
        store.close()
    numbers = {s.name: n for n, s in room.students.items()}
    lost = [
        key
        for key, reason in kept.items()
        if (a := LESSON.of(room).cast(0, key // 1_000).get(numbers[f"Student {key % 1_000}"]))
        is None
        or a.reason != reason
    ]
    print(f"{chosen.students} students, {len(kept)} answers acknowledged, {len(lost)} lost")
    report(times)
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
