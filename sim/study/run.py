"""A run: its values, its figures, and the folder that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.results.result import Result

if TYPE_CHECKING:
    from sim.galleries.gallery import Gallery


@dataclass(repr=False)
class Run(Result):
    """A finished run."""

    @property
    def plot(self) -> Gallery:
        """The figures of the run."""
        from sim.galleries.gallery import Gallery

        return Gallery(self)

    def save(self, folder: str | Path, *, report: bool = True) -> Path:
        """Write the run into a folder and return the folder.

        Raises:
            RunError: the disk or the folder refuses.
        """
        return _writers[-1](self, Path(folder), report)


Writer = Callable[[Run, Path, bool], Path]
"""Writes a run into a folder, with its report or without, and returns the folder."""


def _unwritten(run: Run, folder: Path, report: bool) -> Path:
    raise RuntimeError("nobody writes runs: import sim.report.runfolder, or `sim` as a whole")


_writers: list[Writer] = [_unwritten]


def register_writer(writer: Writer) -> None:
    """Name who writes a run's folder. A run knows no pages; the room above, which does, registers
    itself here when it is imported."""
    _writers.append(writer)
