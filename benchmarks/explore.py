"""What-ifs for one person: how soon the first page is there, and how soon a slider is drawn again.

    python benchmarks/explore.py
    python benchmarks/explore.py --new      # the very first start: the kernel is compiled

Starts `sim explore` as its own process, some times over. Prints how long it takes from the start of
the program to its first page, to its first 1,000 worlds and to all 10,000, and how long from a move
of a slider to the first worlds of it on the page. The processor's time up to the first page stands
beside it: on a computer that does other things at once a start takes longer than that.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from seminar_load import percentile
from seminar_what_if import EVERY_S, Watcher

SCENARIO = Path(__file__).parents[1] / "scenarios" / "new-delhi.yaml"
PACKAGE = Path(__file__).parents[1] / "sim"
PATIENCE_S = 30.0
NEW_S = 600.0
GOAL = {"to the first page": 1_000.0, "from a move to its first 1,000 worlds": 150.0}
"""The milliseconds that 95 of 100 must keep."""
WORK = "the processor's time of that"
Times = dict[str, list[float]]


def worked_s(pid: int) -> float:
    """Return the processor's time of a process so far; not a number where the system has no list of
    processes."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def exploring(scenario: Path) -> Iterator[tuple[float, str, int]]:
    """Start the program; give when it began, the address off the terminal, and the process."""
    command = [sys.executable, "-c", "from sim.cli.app import main; main()", "explore"]
    command += [str(scenario), "--no-browser"]
    begun = time.perf_counter()
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as program:
        assert program.stdout is not None
        found = None
        for line in program.stdout:
            found = re.match(r"Open\s+(\S+)", line)
            if found is not None:
                break
        assert found is not None
        try:
            yield begun, found[1], program.pid
        finally:
            program.terminate()


async def come(watcher: Watcher, version: int, stage: str, patience_s: float) -> float:
    """Wait until so much of a version is on the page; return when it was."""
    end = time.perf_counter() + patience_s
    while (version, stage) not in watcher.drawn:
        assert time.perf_counter() < end, f"version {version} was never drawn"
        await asyncio.sleep(0.001)
    return watcher.drawn[version, stage]


async def explore(
    started: tuple[float, str, int], moves: int, times: Times, patience_s: float
) -> None:
    """Look at the page, and move a slider to and fro; add times in milliseconds."""
    begun, address, pid = started
    host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
    person = Watcher(host, int(port), "person")
    _, person.cookie = await person.request("GET", "/enter" + address.partition("/enter")[2])
    status, _ = await person.request("GET", "/what-if")
    assert status == 200, status
    assert "How readily" in person.text

    def add(what: str, since: float, now: float) -> None:
        times.setdefault(what, []).append(1000 * (now - since))

    add("to the first page", begun, time.perf_counter())
    times.setdefault(WORK, []).append(1000 * worked_s(pid))
    listening = asyncio.create_task(person.listen("what-if"))
    add("to the first 1,000 worlds", begun, await come(person, 0, "first", patience_s))
    add("to all 10,000 worlds", begun, await come(person, 0, "all", patience_s))
    await asyncio.sleep(1)
    for n in range(1, moves + 1):
        value = round(-1.9 + 0.1 * (n % 38), 1)
        moved = time.perf_counter()
        status, _ = await person.request("POST", "/what-if/slide", {"s0": f"{value}", "live": "1"})
        assert status == 200, status
        add("from a move to its first 1,000 worlds", moved, await come(person, n, "first", 30))
        add("from a move to all 10,000 worlds", moved, await come(person, n, "all", 30))
        await asyncio.sleep(EVERY_S)
    listening.cancel()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--moves", type=int, default=40, help="after the first start")
    parser.add_argument("--new", action="store_true", help="one start, with nothing compiled")
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    chosen = parser.parse_args()
    times: Times = {}
    with TemporaryDirectory() as folder:
        if chosen.new:  # compiled code is kept beside the source: a copy has none
            bare = shutil.ignore_patterns("__pycache__")
            shutil.copytree(PACKAGE, Path(folder) / "sim", ignore=bare)
            os.environ["PYTHONPATH"] = folder
        for n in range(1 if chosen.new else chosen.starts):
            moves = chosen.moves if n == 0 and not chosen.new else 0
            patience_s = NEW_S if chosen.new else PATIENCE_S
            with exploring(chosen.scenario) as started:
                asyncio.run(explore(started, moves, times, patience_s))
    slow = False
    for what, values in times.items():
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        slow = slow or (p95 > GOAL.get(what, p95) and not chosen.new)
        print(f"{what:<40} p50 {p50:6.0f}   p95 {p95:6.0f}   most {max(values):6.0f} ms")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
