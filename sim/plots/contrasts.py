"""How outcomes differ between scenarios that share their noise: dots with whiskers about zero."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.lettering import printable, width, wrap
from sim.plots.page import MARGIN, Head, KeyItem, Page, blank, is_narrow, page_width
from sim.plots.rows import draw_rules, rows_under, whisker_sign
from sim.plots.scale import (
    draw_whisker,
    finite,
    numbers,
    round_ticks,
    signed_text,
    with_interval,
)
from sim.plots.style import INK, QUIET, TEXT_SIZE, styled

_LABEL = 2.7
_RIGHT = 1.9
_BAR = 0.2  # under the words of a row on a phone
_NUMBERS = 1.45  # inches beside them, for the difference and its interval
_LINE, _PAD = 0.15, 0.07
_INDENT = 0.12
_GROUP = 0.1
_TOP = 0.36
_PANEL_GAP = 0.2
_UNITS = ("percentage points", "days")


@dataclass(frozen=True)
class _Row:
    """One line of the table: a contrast, or with `heading` the outcome above its contrasts."""

    words: list[str]
    heading: bool
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def height(self) -> float:
        bar = _BAR if is_narrow() and not self.heading else 0
        return len(self.words) * _LINE + (_GROUP if self.heading else 0) + _PAD + bar

    @property
    def apart(self) -> bool:
        """Whether the interval is known and holds no zero."""
        return self.low > 0 or self.high < 0


def contrasts(frame: pl.DataFrame, *, title: str = "", base: str = "") -> Figure:
    """Draw the paired differences of outcomes between scenarios and the scenario `base`.

    `frame` has the columns outcome, other (the scenario compared), difference (`other` minus the
    base, in its unit), low and high (the 95 % interval, NaN where unknown) and unit ("share", in
    [0, 1] and drawn in percentage points, or "days"). Outcomes and scenarios keep the order of the
    rows; each unit has its own panel and scale. A hollow dot may be zero.
    """
    with styled():
        if frame.is_empty():
            return blank(title, "No contrasts between scenarios.")
        frame = _in_points(frame)
        found = frame["unit"].unique(maintain_order=True).to_list()
        units = sorted(found, key=lambda u: (_UNITS.index(u) if u in _UNITS else len(_UNITS), u))
        others = frame["other"].unique()
        alone = len(others) == 1  # then its name stands in the note
        panels = [(unit, _read(frame.filter(pl.col("unit") == unit), alone)) for unit in units]
        key = [
            KeyItem("differs from zero", whisker_sign),
            KeyItem("may be zero (95 % interval)", partial(whisker_sign, hollow=True)),
        ]
        versus = printable(base) or "the base"
        what = f"{printable(others[0])}: difference" if alone else "Difference"
        head = Head(title, f"{what} from {versus}, over the same worlds.", key)
        heights = [_TOP + sum(row.height for row in rows) + _PANEL_GAP for _, rows in panels]
        page = head.page(head.height + sum(heights), _describe(versus, frame))
        top = head.height
        for (unit, rows), height in zip(panels, heights, strict=True):
            _draw_panel(page, top, unit, rows)
            top += height
        return page.figure


def _in_points(frame: pl.DataFrame) -> pl.DataFrame:
    times = pl.when(pl.col("unit") == "share").then(100.0).otherwise(1.0)
    return frame.with_columns(
        pl.col("unit").replace("share", _UNITS[0]), pl.col("difference", "low", "high") * times
    )


def _read(frame: pl.DataFrame, alone: bool) -> list[_Row]:
    rows: list[_Row] = []
    room = page_width() - 2 * MARGIN - _NUMBERS if is_narrow() else _LABEL
    for outcome in frame["outcome"].unique(maintain_order=True):
        own = frame.filter(pl.col("outcome") == outcome)
        if not alone:
            words = wrap(outcome, TEXT_SIZE, page_width() - 2 * MARGIN, lines=2, bold=True)
            rows.append(_Row(words, heading=True))
        threes = numbers(own, "difference", "low", "high")
        for other, three in zip(own["other"], threes, strict=True):
            label, wide = (outcome, room) if alone else (other, room - _INDENT)
            rows.append(_Row(wrap(label, TEXT_SIZE, wide, lines=3), False, *three))
    return rows


def _draw_panel(page: Page, top: float, unit: str, rows: list[_Row]) -> None:
    values = [v for row in rows for v in finite([row.difference, row.low, row.high])]
    least = min([0.0, *values])
    ticks = round_ticks(least, max([0.0, *values, least + 1]), 5 if is_narrow() else 8)
    high = sum(row.height for row in rows)
    left = MARGIN + 0.1 if is_narrow() else MARGIN + _LABEL + 0.2
    inches = page.width - left - (0.3 if is_narrow() else _RIGHT)
    page.text(left, top + 0.12, printable(unit), colour=QUIET, label="caption")
    place = (left, top + _TOP, inches, high)
    axes = rows_under(page, "contrasts", *place, ticks, signed_text, ruled=False)
    y = 0.0
    for row in rows:
        foot = y + row.height
        if not row.heading:
            over = foot - _BAR - _PAD if is_narrow() else y  # no line runs through words
            draw_rules(axes, ticks, over, foot)
            axes.vlines([0.0], over, foot, color=INK, lw=0.9, zorder=1, clip_on=False)
        _draw_row(page, axes, top + _TOP, y, row)
        y = foot


def _draw_row(page: Page, axes: Axes, top: float, y: float, row: _Row) -> None:
    baseline = top + y + (_GROUP if row.heading else 0) + _PAD / 2 + 0.11
    left = MARGIN if row.heading else MARGIN + _INDENT
    page.lines(left, baseline, row.words, _LINE, bold=row.heading, label="row")
    if row.heading:
        return
    middle = y + _PAD / 2 + _LINE / 2
    if is_narrow():
        middle = y + row.height - _PAD / 2 - _BAR / 2
    draw_whisker(axes, middle, row.difference, row.low, row.high, hollow=not row.apart)
    known = math.isfinite(row.difference)
    x = page.width - _RIGHT + 0.6
    number, around = with_interval(row.difference, row.low, row.high) if known else ("unknown", "")
    if is_narrow():  # after the words, above the bar
        x = page.width - MARGIN - (0.08 + width(around, TEXT_SIZE) if around else 0)
    page.text(x, baseline, number, bold=known, align="right", label="row")
    if around:
        page.text(x + 0.08, baseline, around, colour=QUIET, label="row")


def _describe(versus: str, frame: pl.DataFrame) -> str:
    parts = [
        f"{printable(outcome)}, {printable(other)}: {signed_text(value)} {printable(unit)}"
        for outcome, other, value, unit in frame.select(
            "outcome", "other", "difference", "unit"
        ).iter_rows()
        if value is not None and math.isfinite(value)
    ]
    return f"Paired differences from {versus}: {'; '.join(parts[:12])}."
