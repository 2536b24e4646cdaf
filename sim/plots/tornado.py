"""A tornado: how far an outcome moves when one number after another goes over its range."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.lettering import printable, wrap
from sim.plots.page import MARGIN, Head, Page, blank, box_item, is_narrow, page_width
from sim.plots.rows import rows_under
from sim.plots.scale import finite, number_text, numbers, round_ticks, whole_percent
from sim.plots.style import INK, QUIET, TEXT_SIZE, styled

AT_LOW, AT_HIGH = "#e3e6ea", "#6b7280"
"""Fills of the part of a bar towards the number's low end, and towards its high end."""
_LABEL, _SPAN, _RIGHT = 3.3, 0.7, 1.3
_SCALE = 2.0
"""Inches that the scale has at least, beside the words of a row."""
_LINE, _PAD, _BAR = 0.15, 0.12, 0.17
_TICK = 0.49
"""Inches that a number of the scale has."""


def _left() -> float:
    """Return where the scale begins: beside the words of a row, or on a phone under them."""
    return MARGIN if is_narrow() else MARGIN + _label() + _SPAN


def _label() -> float:
    return min(_LABEL, page_width() - MARGIN - _SPAN - _RIGHT - _SCALE)


@dataclass(frozen=True)
class _Row:
    label: list[str]
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def height(self) -> float:
        if is_narrow():
            return len(self.label) * _LINE + _BAR + _PAD + 0.05
        return max(len(self.label) * _LINE, _BAR) + _PAD

    @property
    def bar(self) -> float:
        """Where its bar begins: beside its words, or on a phone under them."""
        return _PAD / 2 + (len(self.label) * _LINE + 0.03 if is_narrow() else 0.0)


def tornado(frame: pl.DataFrame, *, base: float, outcome: str = "", title: str = "") -> Figure:
    """Draw how far an outcome moves from `base`, in [0, 1], when each number goes to the low and to
    the high end of its range and the others stay.

    `frame` has the columns words (what people call the number), low and high (the ends of its
    range), at_low and at_high (the outcome there, 0 to 1). The longest bars come first.
    """
    with styled():
        if frame.is_empty():
            return blank(title, "No number was varied.")
        ends = (pl.col("at_low"), pl.col("at_high"), pl.lit(base))
        reach = pl.max_horizontal(*ends) - pl.min_horizontal(*ends)
        ordered = frame.sort(reach, descending=True, maintain_order=True)
        rows = _read(ordered)
        key = [
            box_item("at the low end of its range", AT_LOW),
            box_item("at the high end", AT_HIGH),
        ]
        note = f"Outcome: {printable(outcome)}. " if outcome else ""
        note += f"With all numbers as they are: {whole_percent(base)}."
        head = Head(title, note, key)
        top = head.height + 0.2
        heights = [row.height for row in rows]
        page = head.page(top + sum(heights) + 0.2, _describe(outcome, base, ordered))
        met = finite([base, *(end for row in rows for end in (row.at_low, row.at_high))])
        inches = page_width() - _left() - _RIGHT
        most = int(inches / _TICK)
        ticks = [t for t in round_ticks(min(met), max(met), most) if -1e-9 <= t <= 1 + 1e-9]
        place = (_left(), top, inches, sum(heights))
        ruled = not is_narrow()  # there words stand across the scale, and no line goes through them
        axes = rows_under(page, "tornado", *place, ticks, whole_percent, ruled=ruled)
        axes.set_xlim(min(ticks[0], *met), max(ticks[-1], *met))
        y, spans = 0.0, []
        for row in rows:
            _draw_row(page, axes, top, y, row, base)
            spans.append((y + row.bar, y + row.height))
            y += row.height
        firsts, lasts = zip(*([(0.0, y)] if ruled else spans), strict=True)
        axes.vlines([base] * len(firsts), firsts, lasts, color=INK, lw=1.0, zorder=4)
        return page.figure


def _read(frame: pl.DataFrame) -> list[_Row]:
    room = page_width() - 2 * MARGIN if is_narrow() else _label() - 0.4
    fours = numbers(frame, "low", "high", "at_low", "at_high")
    return [
        _Row(wrap(label or "", TEXT_SIZE, room, lines=3), *four)
        for label, four in zip(frame["words"], fours, strict=True)
    ]


def _draw_row(page: Page, axes: Axes, top: float, y: float, row: _Row, base: float) -> None:
    """Draw one bar. Where both ends lie on one side of the base, the shorter part is in front."""
    baseline = top + y + _PAD / 2 + 0.11
    page.lines(MARGIN, baseline, row.label, _LINE, label="row")
    parts = [(row.at_low, AT_LOW), (row.at_high, AT_HIGH)]
    for end, colour in sorted(parts, key=lambda part: -abs(part[0] - base)):
        if math.isfinite(end):
            corner = (min(end, base), y + row.bar)
            bar = Rectangle(corner, abs(end - base), _BAR, facecolor=colour, clip_on=False)
            bar.set(edgecolor=QUIET, linewidth=0.4, zorder=3)
            axes.add_patch(bar)
    if not is_narrow():
        span = f"{_short(row.low)} to {_short(row.high)}"
        page.text(_left() - 0.12, baseline, span, colour=QUIET, align="right", label="row")
    if math.isfinite(row.at_low) and math.isfinite(row.at_high):
        moved = f"{whole_percent(row.at_low)} to {whole_percent(row.at_high)}"
        end = page_width() - MARGIN
        foot = baseline + row.bar - _PAD / 2
        page.text(end, foot, moved, bold=True, align="right", label="row")


def _short(value: float) -> str:
    return number_text(float(f"{value:.3g}"))


def _describe(outcome: str, base: float, ordered: pl.DataFrame) -> str:
    about = f" of {printable(outcome)}" if outcome else ""
    parts = [
        f"{printable(factor or '')} from {whole_percent(low)} to {whole_percent(high)}"
        for factor, low, high in ordered.head(5).select("words", "at_low", "at_high").iter_rows()
    ]
    return f"The share{about} is {whole_percent(base)}; moved most by {'; '.join(parts)}."
