"""What-ifs under load: many pages listen while sliders are moved, forecast and inside history.

    python benchmarks/seminar_what_if.py --students 30

Starts `sim seminar` as its own process, plays the lesson to its end, and lets the teacher move a
slider five times a second. Prints how long it takes from a move to the first 1,000 worlds and to
all 10,000 at every page, and how long an ordinary change takes to reach the pages meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seminar_load import SCENARIO, Client, percentile, running

EVERY_S = 0.2
"""From one move to the next."""
PATIENCE_S = 20.0
GOAL = {"first": 300.0, "all": 1_000.0, "push": 50.0}
"""The milliseconds that 95 of 100 must keep."""


class Watcher(Client):
    """A browser that listens to the what-ifs."""

    def __init__(self, host: str, port: int, name: str, own: str | None = None) -> None:
        super().__init__(host, port, name, own)
        self.drawn: dict[tuple[int, str], float] = {}
        """When the first worlds, or all, of a version were here."""
        self.marks: dict[str, float] = {}
        """When each mark of the lesson's page was heard of."""

    def heard(self, now: float, told: dict[str, Any]) -> None:
        """Take in one message."""
        self.marks.setdefault(told["mark"], now)
        if worlds := re.search(r'data-worlds="(\d+)"', told.get("chart", "")):
            stage = "all" if int(worlds[1]) >= 10_000 else "first"
            self.drawn.setdefault((told["drawn"], "first"), now)
            self.drawn.setdefault((told["drawn"], stage), now)


Moved = dict[int, float]
"""When each version was asked for."""


async def storm(
    teacher: Client, moves: int, first: int, people: list[Watcher] | None = None
) -> Moved:
    """Move a slider to and fro, five times a second, or each time that all pages have all worlds;
    return when each version was asked for."""
    asked: Moved = {}
    for n in range(moves):
        begun = time.perf_counter()
        value = round(-1.9 + 0.1 * ((first + n) % 38), 1)
        asked[first + n] = begun
        status, _ = await teacher.request("POST", "/what-if/slide", {"s0": str(value), "live": "1"})
        assert status == 200, status
        while people is not None and time.perf_counter() - begun < PATIENCE_S:
            await asyncio.sleep(0.02)
            if all((first + n, "all") in p.drawn for p in people):
                break
        await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - begun)))
    return asked


def waits(asked: Moved, people: list[Watcher], stage: str) -> list[float]:
    """Return how long each page waited for each version, or for a newer one, in milliseconds."""
    found = []
    for person in people:
        for version, begun in asked.items():
            times = [t for (v, s), t in person.drawn.items() if v >= version and s == stage]
            if times:
                found.append(1000 * (min(times) - begun))
    return found


async def play(base: str, code: str, key: str, students: int, moves: int) -> dict[str, list[float]]:
    """Play the lesson to its end, move sliders, and return times in milliseconds."""
    host, _, port = base.removeprefix("http://").partition(":")
    teacher = Watcher(host, int(port), "teacher")
    _, teacher.cookie = await teacher.request("POST", "/teacher/enter", {"key": key})
    people = [Watcher(host, int(port), f"Student {n}") for n in range(students)]
    for person in people:
        form = {"code": code, "name": person.name}
        _, person.cookie = await person.request("POST", "/join", form)
    phases = ("read", "vote", "discuss", "again", "sealed", "revealed")
    for seen in ["-1-before", *(f"{r}-{p}" for r in range(3) for p in phases)]:
        vote = {"0-vote": "1", "0-again": "2"}.get(seen)
        for n, person in enumerate(people if vote else ()):  # reasons, to be hidden later
            form = {
                "round": "0",
                "vote": str(vote),
                "reason": f"Reason {n} {vote}",
                "p.r1q2.0": "30",
            }
            form |= {f"p.r1q1.{o}": "25" for o in range(4)} | {"p.r1q2.0": "30"}
            status, _ = await person.request("POST", "/answer", form)
            assert status == 303, status
        status, _ = await teacher.request("POST", "/teacher/advance", {"seen": seen})
        assert status == 303, (seen, status)
    await teacher.request("GET", "/what-if")
    listening = [asyncio.create_task(p.listen("what-if")) for p in people]
    board = Watcher(host, int(port), "board")
    board.cookie = teacher.cookie
    listening.append(asyncio.create_task(board.listen("board")))
    await asyncio.sleep(3)
    times: dict[str, list[float]] = {}
    version, hidden = 1, 0
    for kind in ("forecast", "inside history"):
        if kind != "forecast":
            form = {"event": "invasion", "live": "1"}
            await teacher.request("POST", "/what-if/remove", form)
            version += 1
            await asyncio.sleep(3)
        asked = await storm(teacher, moves, version, people)
        version += len(asked)
        times[f"{kind}, at rest: first 1,000"] = waits(asked, people, "first")
        times[f"{kind}, at rest: all 10,000"] = waits(asked, people, "all")
        moving = asyncio.create_task(storm(teacher, 4 * moves, version))
        pushes = []
        for _ in range(
            min(students, 3 * moves)
        ):  # each is written to the disk and told to the board
            await asyncio.sleep(EVERY_S)
            board.marks.clear()
            begun = time.perf_counter()
            form = {"round": "0", "vote": str(1 + hidden // students)}
            form["student"] = str(1 + hidden % students)
            status, _ = await teacher.request("POST", "/teacher/hide", form)
            assert status == 303, status
            hidden += 1
            while not board.marks:
                await asyncio.sleep(0.001)
            pushes.append(1000 * (min(board.marks.values()) - begun))
        asked = await moving
        version += len(asked)
        await asyncio.sleep(2)
        times[f"{kind}, moved 5 times a second: first 1,000"] = waits(asked, people, "first")
        times[f"{kind}, meanwhile: an ordinary push"] = pushes
    for task in listening:
        task.cancel()
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--moves", type=int, default=12, help="moves at rest; four times as many")
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    chosen = parser.parse_args()
    with (
        TemporaryDirectory() as folder,
        running(chosen.scenario, folder) as (server, (address, code, key)),
    ):
        try:
            times = asyncio.run(play(address, code, key, chosen.students, chosen.moves))
        finally:
            server.terminate()
    slow = False
    for what, values in times.items():
        goal = GOAL["push" if "push" in what else "all" if "10,000" in what else "first"]
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        slow = slow or (p95 > goal and "forecast" in what)
        print(f"{what:<50} p50 {p50:5.0f}   p95 {p95:5.0f}   most {max(values):5.0f} ms")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
