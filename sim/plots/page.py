"""A sheet measured in inches from its top left corner, and the head that every figure has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import ArrayLike

from sim.ground.states import state_name
from sim.plots.lettering import printable, width, wrap
from sim.plots.style import (
    INK,
    PAGES,
    PAPER,
    QUIET,
    STATE_COLOURS,
    STATES,
    TEXT_SIZE,
    TITLE_SIZE,
    Look,
    look,
    looking,
    styled,
)

NARROW = 3.5
"""The width of a figure for a phone, in inches."""
BETWEEN = 7.0
"""Figures less wide are laid out as those for a phone."""
MARGIN = 0.2
SWATCH = 0.26
_LINE = 0.215
_TITLE_LINE = 0.24
_MOST_TOLD = 1_000  # days of which a page tells the shares


def page_width() -> float:
    """Return how wide the figure is that is being drawn, in inches."""
    return look().width


def is_narrow() -> bool:
    """Whether the figure that is being drawn is for a phone."""
    return page_width() < BETWEEN


def as_wide(inches: float) -> AbstractContextManager[None]:
    """Draw figures of this width within this block, in letters as large as ever."""
    return looking(replace(look(), width=inches))


def for_phones() -> AbstractContextManager[None]:
    """Draw figures for phones within this block."""
    return as_wide(NARROW)


@dataclass(frozen=True)
class Followed:
    """What a page tells of the day under the pointer."""

    first: float
    """Days since 1970 UTC: of the first number, and of the last; they are evenly apart."""
    last: float
    shares: dict[str, list[float]]
    """The numbers of each line by its name, in [-1, 1]."""
    marks: list[tuple[float, str]]
    """Days that are marked, and what each is."""


FOLLOWED = "followed"
"""The id of what a pointer moves over."""


class Picture(Figure):
    """A figure that a notebook shows without pyplot; `get_label` is its description in words."""

    followed: Followed | None = None
    look: Look = PAGES
    """How it was drawn, and is to be written."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        inches = self.get_size_inches()
        out = BytesIO()
        with styled(self.look):
            self.savefig(out, format="png", dpi=192, metadata={"Software": None})
        return out.getvalue(), {"width": round(96 * inches[0]), "height": round(96 * inches[1])}


def followed_of(figure: Figure) -> Followed | None:
    """Return what a page tells of the day under the pointer; None where there is nothing."""
    return figure.followed if isinstance(figure, Picture) else None


class Page:
    """A figure with places in inches from the top left corner."""

    def __init__(self, height: float, description: str) -> None:
        self.height, self.width = height, page_width()
        self.figure = Picture(figsize=(self.width, height), facecolor=PAPER)
        self.figure.look = look()
        FigureCanvasAgg(self.figure)
        self.figure.set_label(description)

    def axes(
        self,
        left: float,
        top: float,
        wide: float,
        high: float,
        name: str = "",
        *,
        x: tuple[float, float] = (0.0, 1.0),
        y: tuple[float, float] = (0.0, 1.0),
    ) -> Axes:
        """Add bare axes: no frame, no ticks, no background. `x` are the numbers at their left and
        right edge, and `y` those at their foot and top."""
        place = (left / self.width, 1 - (top + high) / self.height)
        axes = self.figure.add_axes((*place, wide / self.width, high / self.height), label=name)
        axes.set_axis_off()
        axes.set(xlim=x, ylim=y)
        return axes

    def inches(self, left: float, top: float, wide: float, high: float, name: str = "") -> Axes:
        """Add bare axes whose units are inches from their own top left corner."""
        return self.axes(left, top, wide, high, name, x=(0, wide), y=(high, 0))

    def follow(
        self,
        place: tuple[float, float, float, float],
        days: tuple[float, float],
        shares: Mapping[str, ArrayLike],
        marks: Sequence[tuple[float, str]] = (),
    ) -> None:
        """Let a page tell the shares of the day under the pointer: `place` is left, top, width and
        height of the curves, which run from one of the two days to the other, evenly; `marks` are
        days that are marked, and what each is."""
        axes = self.axes(*place, FOLLOWED)
        frame = Rectangle((0, 0), 1, 1, facecolor="none", edgecolor="none", linewidth=0)
        frame.set_gid(FOLLOWED)
        axes.add_patch(frame)
        told = {name: np.asarray(values, dtype=np.float64) for name, values in shares.items()}
        step = max(1, max(map(len, told.values())) // _MOST_TOLD)
        rows = {name: values[::step].tolist() for name, values in told.items()}
        self.figure.followed = Followed(float(days[0]), float(days[1]), rows, list(marks))

    def text(
        self,
        left: float,
        top: float,
        text: str,
        *,
        size: float = TEXT_SIZE,
        colour: str = INK,
        bold: bool = False,
        italic: bool = False,
        align: str = "left",
        stand: str = "baseline",
        label: str = "",
    ) -> Text:
        """Write one line; `stand` is the part of the text that stands at `top`, and `label` says
        what kind of text it is."""
        return self.figure.text(
            left / self.width,
            1 - top / self.height,
            text,
            fontsize=size,
            color=colour,
            fontweight="bold" if bold else "normal",
            fontstyle="italic" if italic else "normal",
            ha=align,
            va=stand,
            label=label,
        )

    def lines(self, left: float, top: float, lines: Sequence[str], step: float, **how: Any) -> None:
        """Write lines under one another, `step` apart, each as `text` does."""
        for n, line in enumerate(lines):
            self.text(left, top + step * n, line, **how)


@dataclass(frozen=True)
class KeyItem:
    """One entry of a key: `draw(axes, x, y)` puts a sign `SWATCH` wide around x, y, in inches."""

    label: str
    draw: Callable[[Axes, float, float], None]


def box(axes: Axes, x: float, y: float, colour: str, **style: object) -> None:
    """Draw a key's rectangle centred on x, y, in inches."""
    corner = (x - 0.11, y - 0.065)
    patch = Rectangle(corner, 0.22, 0.13, facecolor=colour, edgecolor=QUIET, linewidth=0.4)
    patch.set(**style)
    axes.add_patch(patch)


def frame(axes: Axes, start: float, end: float, colour: str) -> None:
    """Frame what axes show from one place to another, in their whole height."""
    corner, wide = (start, 0), end - start
    axes.add_patch(Rectangle(corner, wide, 1, fill=False, edgecolor=colour, lw=0.6, clip_on=False))


def box_item(label: str, colour: str, **style: Any) -> KeyItem:
    """Give the key's entry for what is drawn in a colour."""
    return KeyItem(label, partial(box, colour=colour, **style))


def state_items() -> list[KeyItem]:
    """Give the key of the four states, in the order of display."""
    return [box_item(state_name(state), STATE_COLOURS[state]) for state in STATES]


class Head:
    """A figure's wrapped title, the note under it and its key, whose height is known beforehand."""

    def __init__(self, title: str, note: str = "", key: Sequence[KeyItem] = ()) -> None:
        wide = page_width() - 2 * MARGIN
        self._called = f"{printable(title)}. " if title else ""
        self._title = wrap(title if look().title else "", TITLE_SIZE, wide, bold=True)
        self._note = wrap(note, TEXT_SIZE, wide)
        self._places: list[tuple[float, int, KeyItem]] = []
        x, row = 0.0, 0
        for item in key:
            step = SWATCH + 0.06 + width(item.label, TEXT_SIZE) + 0.22
            if x and x + step > wide:
                x, row = 0.0, row + 1
            self._places.append((x, row, item))
            x += step
        self._key_height = (row + 1) * _LINE + 0.04 if self._places else 0.0
        self._text_height = _TITLE_LINE * len(self._title) + 0.17 * len(self._note)
        gap = 0.09 if self._text_height and self._places else 0.0
        self._key_top = MARGIN + self._text_height + gap
        self.height = self._key_top + self._key_height + (0.1 if self._places else 0.2)

    def page(self, height: float, said: str) -> Page:
        """Make a page of so many inches with this head on it; `said` is what the figure shows, in
        words, for people who cannot see it."""
        page = Page(height, self._called + said)
        y = MARGIN
        for line in self._title:
            page.text(MARGIN, y + 0.16, line, size=TITLE_SIZE, bold=True, label="title")
            y += _TITLE_LINE
        for line in self._note:
            page.text(MARGIN, y + 0.13, line, colour=QUIET, label="note")
            y += 0.17
        if self._places:
            self._draw_key(page)
        return page

    def _draw_key(self, page: Page) -> None:
        wide = page.width - 2 * MARGIN
        axes = page.inches(MARGIN, self._key_top, wide, self._key_height, "key")
        for x, row, item in self._places:
            centre = row * _LINE + _LINE / 2
            item.draw(axes, x + SWATCH / 2, centre)
            axes.text(x + SWATCH + 0.06, centre + 0.04, item.label, fontsize=TEXT_SIZE, color=INK)


def blank(title: str, sentence: str) -> Figure:
    """Make a figure that says in one sentence why it is empty; an empty frame says nothing. Call
    it inside `styled`."""
    head = Head(title)
    page = head.page(head.height + 0.5, sentence)
    page.text(MARGIN, head.height + 0.15, sentence, colour=QUIET, label="blank")
    return page.figure
