"""Processes of their own, to be killed: each is forked from one that has loaded the program, since
to load it takes longer than what is done then."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TextIO

HERE = Path(__file__).parent
LOADED = """
import os, sys
import lessons, sim.cli.app, sim.cli.seminar, sim.seminar.web.serve, warm
warm.kernels()
for order in sys.stdin:
    code, out, words = eval(order)
    if os.fork() == 0:
        os.dup2(os.open(out, os.O_WRONLY), 1)
        sys.stdout = open(1, "w")
        print(os.getpid(), flush=True)
        sys.argv = words
        exec(code, {"__name__": "__main__"})
        sys.exit()
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
"""
"""It ends when all have ended that it forked."""


class Apart:
    """A process that runs a piece of code, and can be killed."""

    def __init__(self, pid: int, stdout: TextIO) -> None:
        self.pid, self.stdout = pid, stdout
        self.ended = False

    def kill(self) -> str:
        """Kill it; return what else it had printed."""
        os.kill(self.pid, signal.SIGKILL)
        self.ended = True
        with self.stdout:
            return self.stdout.read()


class Loaded:
    """The process from which others are forked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[Apart] = []
        paths = [str(HERE), str(HERE.parent / "seminar"), *sys.path]
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOADED],
            stdin=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def run(self, code: str, *words: object) -> Apart:
        """Run a piece of code, as if it was typed with some words."""
        out = self.folder / str(len(self.made))
        os.mkfifo(out)
        assert self.process.stdin is not None
        self.process.stdin.write(f"{(code, str(out), ['-c', *map(str, words)])!r}\n")
        self.process.stdin.flush()
        reading = os.open(out, os.O_RDONLY | os.O_NONBLOCK)
        while not select.select([reading], [], [], 1.0)[0]:
            assert self.process.poll() is None, "the process that forks others has ended"
        os.set_blocking(reading, True)
        stdout = open(reading, encoding="utf-8")  # noqa: PTH123, SIM115 - `kill` closes it
        self.made.append(Apart(int(stdout.readline()), stdout))
        return self.made[-1]

    def close(self) -> None:
        """End it, and what is left of what it forked."""
        for apart in self.made:
            if not apart.ended:
                apart.kill()
        self.process.communicate()
