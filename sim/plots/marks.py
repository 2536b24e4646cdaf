"""The events above a timeline: flags while they are few, numbers with a key when they are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from sim.ground.language import _
from sim.plots.bands import days
from sim.plots.flags import Hung, Stack, hang, stack
from sim.plots.lettering import span_text, width, wrap
from sim.plots.page import MARGIN, KeyItem, Page, is_narrow, page_width
from sim.plots.ruler import DayScale
from sim.plots.scale import draw_dot
from sim.plots.style import INK, PAPER, QUIET, RULE, SMALL_SIZE, TEXT_SIZE

STRIP = 0.17
_EDGE = 0.05  # inches from the right edge of the page that nothing is written in
_ROW = 0.165
_PAD = 0.045
_GAP = 0.1
_WIDEST, _NARROWEST = 2.8, 1.15
_MOST_FLAGS = 40
_MOST_ROWS = 18
_DISC = 0.2
_MOST_STACKED = 7
_KEY_ROW = 0.155
_KEY_NUMBER = 0.26


@dataclass(frozen=True)
class Mark:
    """One event to show; `day`, `lo` and `hi` in days since 1970 UTC."""

    day: float
    lo: float
    hi: float
    label: str
    really: bool
    id: str = ""

    @property
    def imprecise(self) -> bool:
        """Whether the date covers more than a day."""
        return self.hi - self.lo > 1.01


def read_marks(marks: pl.DataFrame) -> list[Mark]:
    """Read the marks of one channel in order of time, ties by id."""
    rows = marks.sort("time", "id").select(
        *map(days, ("time", "lo", "hi")), "label", "really", "id"
    )
    return [Mark(*row) for row in rows.iter_rows()]


def lay_out(marks: Sequence[Mark], span: DayScale) -> Events | None:
    """Choose and make the layout for a span; None if the labels need more room on the right."""
    if len(marks) <= _MOST_FLAGS and not is_narrow():
        poles = [span.at(m.day) for m in marks]
        wrapped = [
            wrap(m.label, TEXT_SIZE, room, lines=3, italic=m.really)
            for m, room in zip(marks, _rooms(poles), strict=True)
        ]
        wide = [
            _PAD
            + max((width(line, TEXT_SIZE, italic=m.really) for line in lines), default=0)
            + _GAP
            for m, lines in zip(marks, wrapped, strict=True)
        ]
        rows = [max(len(lines), 1) for lines in wrapped]
        hung = hang(poles, wide, rows, page_width() - _EDGE)
        if hung is None:
            return None
        if max((h.row + h.rows for h in hung), default=0) <= _MOST_ROWS:
            return Flags(marks, wrapped, hung)
    return number(marks, span)


def number(marks: Sequence[Mark], span: DayScale, dots: Sequence[Mark] | None = None) -> Numbers:
    """Number marks and list them in a key; of `dots` those that are not numbered are dots alone."""
    return Numbers(marks, stack([span.at(m.day) for m in marks], _DISC + 0.01), dots or marks)


def key_rows(inches: float) -> int:
    """Return how many events a key of a height can list, at least three."""
    return max(3, int((inches - 0.16) / _KEY_ROW - 1)) * _columns(_MANY)


_MANY = 13


def _columns(events: int) -> int:
    return 1 if is_narrow() else 3 if events >= _MANY else 2


def _rooms(poles: Sequence[float]) -> list[float]:
    """Give each label the room on the page on the better side of its pole, within limits."""
    before = [0.0, *poles]
    rooms = (
        max(page_width() - _EDGE - x, x - before[i]) - _PAD - _GAP - 0.01
        for i, x in enumerate(poles)
    )
    return [min(_WIDEST, max(_NARROWEST, room)) for room in rooms]


def _spans(axes: Axes, marks: Sequence[Mark], span: DayScale, y: float) -> None:
    for mark in marks:
        if mark.imprecise:
            lo, hi = max(mark.lo, span.start), min(mark.hi, span.end)
            _bar(axes, span.at(lo), span.at(hi), y, zorder=1)


def _bar(axes: Axes, lo: float, hi: float, y: float, *, zorder: float = 2) -> None:
    """Draw the span of an imprecise date."""
    bar = axes.plot([lo, hi], [y, y], color=RULE, lw=4.2, zorder=zorder).pop()
    bar.set_solid_capstyle("butt")
    axes.vlines([lo, hi], y - 0.045, y + 0.045, color=QUIET, lw=0.8)


def _dot(axes: Axes, x: float, y: float, really: bool, size: float = 5.0) -> None:
    draw_dot(axes, x, y, hollow=really, size=size, edge=1.0)


class Flags:
    """Events whose labels stand above the lanes, in so many inches of `height`."""

    key_height = 0.0

    def __init__(self, marks: Sequence[Mark], lines: list[list[str]], hung: list[Hung]) -> None:
        self._marks, self._lines, self._hung = marks, lines, hung
        rows = max((h.row + h.rows for h in hung), default=0)
        self.height = rows * _ROW + STRIP + 0.05 if marks else 0.0

    def draw(self, page: Page, top: float, span: DayScale) -> None:
        """Draw the events in the `height` inches under `top`."""
        axes = page.inches(0, top, page.width, self.height)
        foot = self.height - STRIP / 2
        base = self.height - STRIP - 0.02
        _spans(axes, self._marks, span, foot)
        for mark, lines, hung in zip(self._marks, self._lines, self._hung, strict=True):
            x = span.at(mark.day)
            up = base - (hung.row + hung.rows) * _ROW
            axes.plot([x, x], [foot, up + 0.03], color=QUIET, lw=0.6, zorder=2)
            _dot(axes, x, foot, mark.really)
            for n, line in enumerate(lines):
                axes.text(
                    x - _PAD if hung.flipped else x + _PAD,
                    up + n * _ROW + 0.125,
                    line,
                    fontsize=TEXT_SIZE,
                    fontstyle="italic" if mark.really else "normal",
                    ha="right" if hung.flipped else "left",
                    color=INK,
                    label="mark",
                )


class Numbers:
    """Events with numbers above the lanes, and a key of `key_height` inches below them."""

    def __init__(self, marks: Sequence[Mark], stacks: list[Stack], dots: Sequence[Mark]) -> None:
        self._marks, self._stacks, self._dots = marks, stacks, dots
        most = max((len(self._shown(s)) for s in stacks), default=0)
        self.height = most * _DISC + 0.16 + STRIP
        self._columns = _columns(len(marks))
        self._column_width = (page_width() - 2 * MARGIN) / self._columns
        self._entries = self._write()
        total = sum(map(len, self._entries))
        self._deepest = -(-total // self._columns)
        self.key_height = (self._deepest + 1) * _KEY_ROW + 0.16

    @staticmethod
    def _shown(stack: Stack) -> list[int | None]:
        """List the numbers of a stack from the bottom up; None stands for those left out."""
        every: list[int | None] = list(range(stack.first, stack.last + 1))
        return every if len(every) <= _MOST_STACKED else [every[0], every[1], None, every[-1]]

    def _write(self) -> list[list[str]]:
        room = self._column_width - _KEY_NUMBER - 0.15
        said = [f"{span_text(mark.lo, mark.hi)} · {mark.label}" for mark in self._marks]
        return [
            wrap(text, SMALL_SIZE, room, lines=2, italic=mark.really)
            for text, mark in zip(said, self._marks, strict=True)
        ]

    def draw(self, page: Page, top: float, span: DayScale) -> None:
        """Draw the events in the `height` inches under `top`."""
        axes = page.inches(0, top, page.width, self.height)
        foot = self.height - STRIP / 2
        base = self.height - STRIP - 0.16
        _spans(axes, self._dots, span, foot)
        for mark in self._dots:
            _dot(axes, span.at(mark.day), foot, mark.really, size=3.2)
        for pile in self._stacks:
            for i in range(pile.first, pile.last + 1):
                x = span.at(self._marks[i].day)
                axes.plot([x, x, pile.x], [foot, foot - 0.09, base], color=QUIET, lw=0.5, zorder=1)
            for n, shown in enumerate(self._shown(pile)):
                y = base - (n + 0.5) * _DISC
                if shown is None:
                    dots = [y - 0.05, y, y + 0.05]
                    axes.plot([pile.x] * 3, dots, "o", ms=1.8, color=INK)
                    continue
                self._disc(axes, pile.x, y, shown)

    def _disc(self, axes: Axes, x: float, y: float, index: int) -> None:
        really = self._marks[index].really
        _dot(axes, x, y, really, size=72 * (_DISC - (0.035 if index < 99 else 0.005)))
        ink, number = INK if really else PAPER, str(index + 1)
        text = axes.text(x, y, number, fontsize=SMALL_SIZE, color=ink, zorder=5)
        text.set(ha="center", va="center_baseline", label="mark")

    def draw_key(self, page: Page, top: float) -> None:
        """Draw the key in the `key_height` inches under `top`."""
        column, line = 0, 0
        for index, lines in enumerate(self._entries):
            if line and line + len(lines) > self._deepest + 1 and column < self._columns - 1:
                column, line = column + 1, 0
            left = MARGIN + column * self._column_width
            y = top + 0.13 + line * _KEY_ROW
            x, numeral = left + _KEY_NUMBER, str(index + 1)
            how: dict[str, Any] = {"size": SMALL_SIZE, "label": "key-row"}
            page.text(x - 0.08, y, numeral, bold=True, align="right", **how)
            for text in lines:
                y = top + 0.13 + line * _KEY_ROW
                page.text(x, y, text, italic=self._marks[index].really, **how)
                line += 1


Events = Flags | Numbers
"""A layout of events."""


def mark_items(marks: Sequence[Mark]) -> list[KeyItem]:
    """Give the key's entries for the signs that these marks use."""
    items: list[KeyItem] = []
    if any(not mark.really for mark in marks):
        items.append(KeyItem(_("event"), lambda axes, x, y: _dot(axes, x, y, False)))
    if any(mark.really for mark in marks):
        label = _("happened later, unseen by the model")
        items.append(KeyItem(label, lambda axes, x, y: _dot(axes, x, y, True)))
    if any(mark.imprecise for mark in marks):
        label = _("span of an imprecise date")
        items.append(KeyItem(label, lambda axes, x, y: _bar(axes, x - 0.11, x + 0.11, y)))
    return items
