"""Python code as a fresh Python would run it, from one that has the libraries and not `sim`.

An interpreter that imports numba, polars and matplotlib anew takes longer than what most tests of
an edited copy ask of it. Here one has imported them, and each piece of code runs in a fork of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

LIBRARIES = """
numba numpy polars pydantic scipy.stats scipy.special yaml matplotlib.figure matplotlib.dates
matplotlib.backends.backend_svg typer typer.testing dateutil.parser
"""

SERVER = """
import gc, json, os, sys, traceback
from importlib import import_module
for name in sys.argv[1].split():
    import_module(name)
assert not [n for n in sys.modules if n.partition(".")[0] == "sim"]
lines = open(0, "rb", buffering=0, closefd=False)
gc.disable()  # the libraries are no garbage, and a fork that looked would copy them

def answer(status):
    os.write(1, b"%d\\n" % status)

def told(status):
    return os.waitstatus_to_exitcode(status)

def serve(warmed=False):
    if warmed:
        answer(0)
    while line := lines.readline():
        asked = json.loads(line)
        if asked is None:
            return
        child = os.fork()
        if child:
            answer(told(os.waitpid(child, 0)[1]))
            continue
        ended = 1
        try:
            run(**asked)
            ended = 0
        except SystemExit as end:
            ended = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(ended)

def run(code, arguments, out, err):
    for name, place in (("stdout", out), ("stderr", err)):
        before = getattr(sys, name)
        setattr(sys, name, open(place, "w", encoding="utf-8"))
        before.close()
    sys.argv = ["-c", *arguments]
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__", "serve": serve})

serve()
"""


class Forks:
    """A Python that waits for code, and runs each piece of it in a fork."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.out, self.err = folder / "out.txt", folder / "err.txt"
        self.server = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SERVER, LIBRARIES],
            cwd=folder,
            env={**environment, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, asked: object) -> int:
        """Send a line, and wait for how it ended."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(json.dumps(asked).encode() + b"\n")
        self.server.stdin.flush()
        return int(self.server.stdout.readline())

    def python(self, code: str, arguments: Sequence[str]) -> CompletedProcess[str]:
        """Run code in a fork."""
        named = {"code": code, "arguments": list(arguments)}
        ended = self.ask(named | {"out": str(self.out), "err": str(self.err)})
        said = [file.read_text(encoding="utf-8") for file in (self.out, self.err)]
        return CompletedProcess(list(arguments), ended, *said)

    @contextmanager
    def warmed(self, code: str) -> Iterator[None]:
        """Run code first, such as imports; what is run meanwhile runs in forks of that."""
        ended = self.python(f"{code}\nserve(warmed=True)", ())
        assert ended.returncode == 0, ended.stdout + ended.stderr
        try:
            yield
        finally:
            left = self.ask(None)
        assert left == 0

    def close(self) -> None:
        """End it."""
        assert self.server.stdin is not None
        self.server.stdin.close()
        self.server.wait()
        assert self.server.stdout is not None
        self.server.stdout.close()
