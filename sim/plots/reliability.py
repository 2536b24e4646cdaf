"""Reliability: what came as a function of what was said, in small panels."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.lettering import shorten
from sim.plots.page import MARGIN, Head, KeyItem, blank, box_item, is_narrow, page_width
from sim.plots.rows import line_sign
from sim.plots.scale import floats
from sim.plots.square import add_square
from sim.plots.style import INK, QUIET, RULE, TEXT_SIZE, styled

_ACROSS, _ACROSS_PHONE = 4, 2
_TOP, _FOOT = 0.3, 0.62
_RUG = 0.03
"""How high the line of a forecast is, of its panel."""
_BAND = "#d5d9de"


def reliability(frame: pl.DataFrame, *, title: str = "", note: str = "") -> Figure:
    """Draw panels of chances that were said and what came. `frame` has a row a forecast: panel (a
    heading), said, came (0 or 1), recalibrated, low and high (the consistency band), in each panel
    ordered by what was said."""
    with styled():
        if frame.is_empty():
            return blank(title, "No forecasts to show.")
        key = [
            KeyItem("what came, recalibrated", line_sign),
            box_item("9 in 10 of calibrated forecasts", _BAND),
            KeyItem("one forecast: it came above, it did not below", _tick_sign),
        ]
        head = Head(title, note, key)
        panels = frame["panel"].unique(maintain_order=True).to_list()
        across = _ACROSS_PHONE if is_narrow() else _ACROSS
        step = (page_width() - 2 * MARGIN) / across
        side, rows = step - 0.55, -(-len(panels) // across)
        high = _TOP + side + _FOOT
        page = head.page(head.height + rows * high + 0.1, _describe(frame, panels))
        for n, panel in enumerate(panels):
            left = MARGIN + (n % across) * step + 0.32
            top = head.height + (n // across) * high + _TOP
            name = shorten(panel, TEXT_SIZE, step - 0.1, bold=True)
            page.text(left - 0.3, top - 0.12, name, bold=True, label="panel")
            axes = add_square(page, "reliability", left, top, side, under=0.17, beside=0.07)
            _draw(axes, frame.filter(pl.col("panel") == panel))
        return page.figure


def _tick_sign(axes: Axes, x: float, y: float) -> None:
    axes.plot([x, x], [y - 0.07, y + 0.07], color=INK, lw=0.7)


def _draw(axes: Axes, rows: pl.DataFrame) -> None:
    said, came = floats(rows, "said"), floats(rows, "came")
    low, high = floats(rows, "low"), floats(rows, "high")
    axes.fill_between(said, low, high, color=_BAND, lw=0)
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.7)
    axes.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color=RULE, lw=0.6, clip_on=False)
    axes.plot(said, floats(rows, "recalibrated"), color=INK, lw=1.3, clip_on=False)
    for here, foot in ((came == 1, 1.0 - _RUG), (came == 0, 0.0)):
        axes.vlines(said[here], foot, foot + _RUG, color=INK, lw=0.5)


def _describe(frame: pl.DataFrame, panels: list[str]) -> str:
    said = []
    for panel in panels:
        rows = frame.filter(pl.col("panel") == panel)
        mean, came = floats(rows, "said").mean(), floats(rows, "came").mean()
        said.append(f"{panel}: said {mean:.2f} on average, came in {came:.2f}")
    return f"{'; '.join(said)}."
