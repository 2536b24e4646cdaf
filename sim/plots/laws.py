"""Two laws of each of several numbers, one above the other, and a mark: before and after data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.blank import blank
from sim.plots.lettering import described, printable, wrap
from sim.plots.page import MARGIN, Head, KeyItem, Page, is_narrow, page_width
from sim.plots.rows import rows_under, whisker_sign
from sim.plots.scale import draw_whisker, finite, number_text, round_ticks
from sim.plots.style import QUIET, RULE, TEXT_SIZE, TINT, styled

_LABEL = 2.9
_LINE, _PAD = 0.15, 0.08
_TOP, _PANEL_GAP = 0.4, 0.2
_MARK, _DOT = "#b3361e", 4.5
_NAMES = ("low", "middle", "high")
_BAR = 0.2  # under the words of a row on a phone


def _room() -> float:
    """Return how wide the words of a row may be."""
    return page_width() - 2 * MARGIN if is_narrow() else _LABEL


def _tall(words: Sequence[str]) -> float:
    return len(words) * _LINE + _PAD + (_BAR if is_narrow() else 0)


def laws(
    frame: pl.DataFrame, *, names: tuple[str, str, str], title: str = "", note: str = ""
) -> Figure:
    """Draw for each number a first law (a grey band), a second (a dot with a whisker) and a mark.

    `frame` has the columns panel (the unit, with a scale of its own), label, low_1, middle_1,
    high_1, low_2, middle_2, high_2 and mark, NaN where there is none. `names` are what the key
    calls the first law, the second and the mark. Panels and rows keep the order of the frame.
    """
    with styled():
        if frame.is_empty():
            return blank(title, "Nothing to show.")
        panels = frame["panel"].unique(maintain_order=True).to_list()
        rows = {p: frame.filter(pl.col("panel") == p).to_dicts() for p in panels}
        labels = {p: [wrap(r["label"], TEXT_SIZE, _room(), lines=2) for r in rows[p]] for p in rows}
        tall = {p: [_tall(words) for words in labels[p]] for p in panels}
        key = [
            KeyItem(names[0], lambda axes, x, y: _band(axes, x - 0.11, x + 0.11, y, 0.1)),
            KeyItem(names[1], partial(whisker_sign, size=_DOT)),
            KeyItem(names[2], lambda axes, x, y: _mark(axes, x, y, 0.09)),
        ]
        head = Head(title, note, key)
        height = head.height + sum(_TOP + sum(tall[p]) + _PANEL_GAP for p in panels)
        page = Page(height, _describe(title, frame, names))
        head.draw(page)
        top = head.height
        for panel in panels:
            _draw_panel(page, top, panel, rows[panel], labels[panel], tall[panel])
            top += _TOP + sum(tall[panel]) + _PANEL_GAP
        return page.figure


def _draw_panel(
    page: Page,
    top: float,
    unit: str,
    rows: Sequence[dict[str, float]],
    labels: Sequence[list[str]],
    tall: Sequence[float],
) -> None:
    numbers = finite(
        r[c] for r in rows for c in ("mark", *(f"{n}_{k}" for n in _NAMES for k in (1, 2)))
    )
    least, most = min(numbers, default=0.0), max(numbers, default=1.0)
    ticks = round_ticks(
        least, max(most, least + 1e-6 * max(1.0, abs(least))), 5 if is_narrow() else 8
    )
    high = sum(tall)
    page.text(
        MARGIN, top + _TOP - (0.22 if is_narrow() else 0.07), printable(unit), colour=QUIET
    ).set_label("caption")
    left = MARGIN + 0.1 if is_narrow() else MARGIN + _LABEL + 0.2
    inches = page.width - left - (0.3 if is_narrow() else 0.5)
    axes = rows_under(
        page, "laws", left, top + _TOP, inches, high, ticks, number_text, ruled=not is_narrow()
    )
    y = 0.0
    for row, words, high in zip(rows, labels, tall, strict=True):
        middle = y + high - _PAD / 2 - _BAR / 2 if is_narrow() else y + high / 2
        if is_narrow():  # no line runs through words
            ends = middle - _BAR / 2, middle + _BAR / 2
            axes.vlines(ticks, *ends, color=RULE, lw=0.5, zorder=0, clip_on=False)
        for n, line in enumerate(words):
            place = top + _TOP + y + _PAD / 2 + 0.11 + _LINE * n
            page.text(MARGIN, place, line).set_label("row")
        if math.isfinite(row["low_1"]):
            _band(axes, row["low_1"], row["high_1"], middle, 0.13)
            axes.vlines([row["middle_1"]], middle - 0.065, middle + 0.065, color=QUIET, lw=1.0)
        draw_whisker(axes, middle, row["middle_2"], row["low_2"], row["high_2"], size=_DOT)
        if math.isfinite(row["mark"]):
            _mark(axes, row["mark"], middle, 0.09)
        y += high


def _band(axes: Axes, low: float, high: float, y: float, tall: float) -> None:
    corner = (low, y - tall / 2)
    axes.add_patch(Rectangle(corner, high - low, tall, facecolor=TINT, edgecolor="none"))


def _mark(axes: Axes, x: float, y: float, half: float) -> None:
    axes.vlines([x], y - half, y + half, color=_MARK, lw=2.0, zorder=5, clip_on=False)


def _describe(title: str, frame: pl.DataFrame, names: tuple[str, str, str]) -> str:
    said = [
        f"{printable(r['label'])}: {names[1]} {r['middle_2']:.3g}, {names[2]} {r['mark']:.3g}"
        for r in frame.head(12).to_dicts()
    ]
    return described(title, f"{'; '.join(said)}.")
