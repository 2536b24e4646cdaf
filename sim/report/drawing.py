"""Figures in pages: one drawn for the page and one for a phone, and what a pointer reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawn:
    """One figure of a page, drawn when it is asked for."""

    stem: str
    caption: str
    draw: Callable[[], Figure] = field(repr=False)
    own: Callable[[], Figure] | None = field(default=None, repr=False)
    """Draws the figure of the file, where it has a title that the page does not repeat."""
    table: list[list[str]] = field(default_factory=list, repr=False)
    """A table beside it, its heading first; on a phone it stands for the figure."""

    @cached_property
    def _figure(self) -> Figure:
        return self.draw()

    @cached_property
    def _svg(self) -> str:
        return plots.svg(self._figure, prefix=f"{self.stem}-")

    @cached_property
    def file(self) -> str:
        """The SVG of its file."""
        return self._svg if self.own is None else plots.svg(self.own(), prefix=f"{self.stem}-")

    @cached_property
    def wide(self) -> Markup:
        """The SVG of the page; it is dark where the page is."""
        return Markup(plots.themed(self._svg))

    @cached_property
    def narrow(self) -> Markup | None:
        """The SVG for a phone; None where a table stands for it there."""
        if self.table:
            return None
        with plots.for_phones():
            small = plots.svg(self.draw(), prefix=f"{self.stem}-phone-")
        return Markup(plots.themed(small))

    @cached_property
    def followed(self) -> str:
        """In JSON, what is told of the day under the pointer; empty where nothing is."""
        return _told(plots.followed_of(self._figure))


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
