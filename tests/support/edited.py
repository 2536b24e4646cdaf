"""Copies of the package that a test edits, and a fork of Python that imports the copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from forks import Forks

import sim

PACKAGE = Path(sim.__file__).parent
TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Edit:
    """One change of one file: text that stands there once, and what stands there afterwards."""

    file: str
    """Such as `sim/log/log.py`."""
    old: str
    new: str


def put_after(file: str, old: str, added: str) -> Edit:
    """An edit that only adds."""
    return Edit(file, old, old + added)


class Copy:
    """A copy of the package in a folder of its own; the package itself is never touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # modules that are already translated are copied too; compiled kernels are not
        ignored = shutil.ignore_patterns("*.code")
        shutil.copytree(PACKAGE, folder / "sim", ignore=ignored)
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join((str(self.folder), str(TESTS))),
            "PYTHONDONTWRITEBYTECODE": "1",  # a file may be edited twice in a second
            "NUMBA_DISABLE_JIT": "1",
            "MPLBACKEND": "agg",
            "COLUMNS": "200",
        }
        self.forks = Forks(folder, environment)

    def close(self) -> None:
        """End the Python that waits for code."""
        self.forks.close()

    @contextmanager
    def edited(self, edits: Sequence[Edit]) -> Iterator[None]:
        """Make the edits in order, and take them back afterwards."""
        touched = {self.folder / edit.file for edit in edits}
        try:
            for edit in edits:
                path = self.folder / edit.file
                text = path.read_text(encoding="utf-8")
                assert text.count(edit.old) == 1, f"{edit.file} has not once:\n{edit.old}"
                path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
            yield
        finally:
            for path in touched:
                shutil.copy2(PACKAGE.parent / path.relative_to(self.folder), path)

    def python(self, code: str, *arguments: str) -> CompletedProcess[str]:
        """Run code in a fork of Python that imports this copy, without numba's compiler."""
        found = f"import sim\nassert sim.__file__.startswith({str(self.folder)!r})\n"
        return self.forks.python(found + code, arguments)

    def warmed(self, modules: str) -> AbstractContextManager[None]:
        """Import modules of the copy as it is now, once for all that is run meanwhile."""
        return self.forks.warmed(f"import {modules}")

    def says(self, code: str, *arguments: str) -> str:
        """Run code that must end well, and return what it prints."""
        ended = self.python(code, *arguments)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def fails(self, code: str) -> str:
        """Run code that must end with an exception, and return its traceback."""
        ended = self.python(code)
        assert ended.returncode != 0, f"nothing complained: {ended.stdout}"
        assert "Traceback" in ended.stderr, ended.stderr
        return ended.stderr.strip()
