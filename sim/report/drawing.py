"""Figures in pages: one drawn for the page and one for a phone, and what a pointer reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim import plots
from sim.ground.files import write_safely

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawn:
    """One figure of a page."""

    stem: str
    caption: str
    file: str = field(repr=False)
    """The SVG of its file."""
    wide: Markup = field(repr=False)
    """The SVG of the page; it is dark where the page is."""
    narrow: Markup | None = field(repr=False)
    """The SVG for a phone; None where a table stands for it there."""
    followed: str = field(repr=False)
    """In JSON, what is told of the day under the pointer; empty where nothing is."""
    table: list[list[str]] = field(default_factory=list, repr=False)
    """A table beside it, its heading first."""


def drawn(
    stem: str,
    caption: str,
    draw: Callable[[], Figure],
    *,
    file: Callable[[], Figure] | None = None,
    table: list[list[str]] | None = None,
) -> Drawn:
    """Draw a figure for a page, a phone and a file. `file` draws the file's own, where it has a
    title that the page does not repeat; `table` stands beside the figure, and for it on a phone."""
    figure = draw()
    shown = plots.svg(figure, prefix=f"{stem}-")
    kept = shown if file is None else plots.svg(file(), prefix=f"{stem}-")
    narrow = None
    if table is None:
        with plots.for_phones():
            small = plots.svg(draw(), prefix=f"{stem}-phone-")
        narrow = Markup(plots.themed(small))
    told = _told(plots.followed_of(figure))
    return Drawn(stem, caption, kept, Markup(plots.themed(shown)), narrow, told, table or [])


def _told(followed: plots.Followed | None) -> str:
    if followed is None:
        return ""
    lines = {
        name: [None if value != value else round(value, 4) for value in values]
        for name, values in followed.shares.items()
    }
    plain: dict[str, object] = {"first": followed.first, "last": followed.last, "lines": lines}
    if followed.marks:
        plain["marks"] = followed.marks
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def write_figures(found: Iterable[Drawn], folder: Path) -> None:
    """Write the files of figures into `figures/` of a folder.

    Raises:
        RunError: the disk or the folder refuses.
    """
    for figure in found:
        write_safely(folder / "figures" / f"{figure.stem}.svg", figure.file)
