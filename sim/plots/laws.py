"""Two laws of each of several numbers, one above the other, and a mark: before and after data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.lettering import printable, wrap
from sim.plots.page import MARGIN, Head, KeyItem, Page, blank, is_narrow, page_width
from sim.plots.rows import draw_rules, rows_under, whisker_sign
from sim.plots.scale import draw_whisker, finite, number_text, round_ticks
from sim.plots.style import QUIET, TEXT_SIZE, TINT, styled

_LABEL = 2.9
_LINE, _PAD = 0.15, 0.08
_TOP, _PANEL_GAP = 0.4, 0.2
_MARK, _DOT = "#b3361e", 4.5
_NAMES = ("low", "middle", "high")
_BAR = 0.2  # under the words of a row on a phone


@dataclass(frozen=True)
class _Row:
    words: list[str]
    numbers: dict[str, float]

    @property
    def height(self) -> float:
        return len(self.words) * _LINE + _PAD + (_BAR if is_narrow() else 0)


def laws(frame: pl.DataFrame, *, names: Sequence[str], title: str = "", note: str = "") -> Figure:
    """Draw for each number a first law (a grey band), a second (a dot with a whisker) and a mark.

    `frame` has the columns panel (the unit, with a scale of its own), label, low_1, middle_1,
    high_1, low_2, middle_2, high_2 and mark, NaN where there is none. `names` are what the key
    calls the first law, the second and, where there are marks, the mark. Panels and rows keep the
    order of the frame.
    """
    with styled():
        if frame.is_empty():
            return blank(title, "Nothing to show.")
        room = page_width() - 2 * MARGIN if is_narrow() else _LABEL
        panels: dict[str, list[_Row]] = {}
        for row in frame.to_dicts():
            words = wrap(row["label"], TEXT_SIZE, room, lines=2)
            panels.setdefault(row["panel"], []).append(_Row(words, row))
        key = [
            KeyItem(names[0], lambda axes, x, y: _band(axes, x - 0.11, x + 0.11, y, 0.1)),
            KeyItem(names[1], partial(whisker_sign, size=_DOT)),
        ]
        if len(names) > 2:
            key.append(KeyItem(names[2], lambda axes, x, y: _mark(axes, x, y, 0.09)))
        head = Head(title, note, key)
        deep = {
            p: _TOP + sum(row.height for row in rows) + _PANEL_GAP for p, rows in panels.items()
        }
        page = head.page(head.height + sum(deep.values()), _describe(frame, names))
        top = head.height
        for panel, rows in panels.items():
            _draw_panel(page, top, panel, rows)
            top += deep[panel]
        return page.figure


def _draw_panel(page: Page, top: float, unit: str, rows: Sequence[_Row]) -> None:
    columns = ("mark", *(f"{n}_{k}" for n in _NAMES for k in (1, 2)))
    numbers = finite(row.numbers[column] for row in rows for column in columns)
    least, most = min(numbers, default=0.0), max(numbers, default=1.0)
    ticks = round_ticks(
        least, max(most, least + 1e-6 * max(1.0, abs(least))), 5 if is_narrow() else 8
    )
    high = sum(row.height for row in rows)
    over = top + _TOP - (0.22 if is_narrow() else 0.07)
    page.text(MARGIN, over, printable(unit), colour=QUIET, label="caption")
    left = MARGIN + 0.1 if is_narrow() else MARGIN + _LABEL + 0.2
    inches = page.width - left - (0.3 if is_narrow() else 0.5)
    axes = rows_under(
        page, "laws", left, top + _TOP, inches, high, ticks, number_text, ruled=not is_narrow()
    )
    y = 0.0
    for row in rows:
        foot, found = y + row.height, row.numbers
        middle = foot - _PAD / 2 - _BAR / 2 if is_narrow() else y + row.height / 2
        if is_narrow():  # no line runs through words
            draw_rules(axes, ticks, middle - _BAR / 2, middle + _BAR / 2)
        page.lines(MARGIN, top + _TOP + y + _PAD / 2 + 0.11, row.words, _LINE, label="row")
        if math.isfinite(found["low_1"]):
            _band(axes, found["low_1"], found["high_1"], middle, 0.13)
            axes.vlines([found["middle_1"]], middle - 0.065, middle + 0.065, color=QUIET, lw=1.0)
        draw_whisker(axes, middle, found["middle_2"], found["low_2"], found["high_2"], size=_DOT)
        if math.isfinite(found["mark"]):
            _mark(axes, found["mark"], middle, 0.09)
        y = foot


def _band(axes: Axes, low: float, high: float, y: float, tall: float) -> None:
    corner = (low, y - tall / 2)
    axes.add_patch(Rectangle(corner, high - low, tall, facecolor=TINT, edgecolor="none"))


def _mark(axes: Axes, x: float, y: float, half: float) -> None:
    axes.vlines([x], y - half, y + half, color=_MARK, lw=2.0, zorder=5, clip_on=False)


def _describe(frame: pl.DataFrame, names: Sequence[str]) -> str:
    told = dict(zip(names[1:], ("middle_2", "mark"), strict=False))
    said = [
        f"{printable(r['label'])}: "
        + ", ".join(f"{name} {r[k]:.3g}" for name, k in told.items() if math.isfinite(r[k]))
        for r in frame.head(12).to_dicts()
    ]
    return f"{'; '.join(said)}."
