"""The `sim` command as a person types it, within this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
import typer.main
import warm

from sim.cli.app import main

WITHOUT_WORLDS = {"archive", "check", "cite", "export", "new", "replay", "schema"}
"""Commands that run no world."""


@dataclass(frozen=True)
class Typed:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines on standard error."""
        return self.err.splitlines()


Type = Callable[..., Typed]
COMMANDS = cache(typer.main.get_command)
"""What Typer makes anew of all functions each time that a command is typed."""


def typed(capsys: pytest.CaptureFixture[str], *arguments: object) -> Typed:
    """Type a command and return its exit code and what it printed."""
    if arguments and str(arguments[0]).isalpha() and arguments[0] not in WITHOUT_WORLDS:
        warm.kernels()
    capsys.readouterr()
    with (
        patch.object(sys, "argv", ["sim", *map(str, arguments)]),
        patch.object(typer.main, "get_command", COMMANDS),
        pytest.raises(SystemExit) as end,
    ):
        main()
    found = capsys.readouterr()
    assert "Traceback" not in found.err
    return Typed(int(end.value.code or 0), found.out, found.err)


def listing(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder, hidden ones too, with what it holds."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not p.is_symlink()
    }


def unlike(one: Path, two: Path) -> list[str]:
    """Name the files that only one of two folders has, or that differ; a failed comparison of their
    bytes would take pytest minutes to show."""
    left, right = listing(one), listing(two)
    return sorted(n for n in left.keys() | right.keys() if left.get(n) != right.get(n))


def folders(folder: Path) -> list[str]:
    """Every folder below a folder."""
    return sorted(str(p.relative_to(folder)) + os.sep for p in folder.rglob("*") if p.is_dir())
