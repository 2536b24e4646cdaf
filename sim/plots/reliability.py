"""Reliability: what came as a function of what was said, in small panels."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.blank import blank
from sim.plots.lettering import described, printable, shorten
from sim.plots.page import MARGIN, PAGE_WIDTH, Head, KeyItem, Page, box
from sim.plots.rows import line_sign
from sim.plots.scale import floats
from sim.plots.style import INK, QUIET, RULE, TEXT_SIZE, styled

_ACROSS = 4
_SIDE, _GAP = 1.75, 0.5
_STEP = (PAGE_WIDTH - 2 * MARGIN) / _ACROSS
_TOP, _FOOT = 0.3, 0.62
_RUG = 0.22
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
            KeyItem("9 in 10 of calibrated forecasts", lambda a, x, y: box(a, x, y, _BAND)),
            KeyItem("one forecast: it came above, it did not below", _tick_sign),
        ]
        head = Head(title, note, key)
        panels = frame["panel"].unique(maintain_order=True).to_list()
        rows = -(-len(panels) // _ACROSS)
        high = _TOP + _SIDE + _FOOT
        page = Page(head.height + rows * high + 0.1, _describe(title, frame, panels))
        head.draw(page)
        for n, panel in enumerate(panels):
            left = MARGIN + (n % _ACROSS) * _STEP + 0.32
            top = head.height + (n // _ACROSS) * high + _TOP
            name = shorten(printable(panel), TEXT_SIZE, _STEP - 0.1)
            page.text(left - 0.3, top - 0.12, name, bold=True).set_label("panel")
            axes = page.axes(left, top, _SIDE, _SIDE)
            axes.set_label("reliability")
            _draw(axes, frame.filter(pl.col("panel") == panel))
            for tick in (0.0, 0.5, 1.0):
                text = f"{tick:g}"
                x, y = left + _SIDE * tick, top + _SIDE * (1 - tick) + 0.04
                page.text(x, top + _SIDE + 0.17, text, colour=QUIET, align="center")
                page.text(left - 0.07, y, text, colour=QUIET, align="right")
        return page.figure


def _tick_sign(axes: Axes, x: float, y: float) -> None:
    axes.plot([x, x], [y - 0.07, y + 0.07], color=INK, lw=0.7)


def _draw(axes: Axes, rows: pl.DataFrame) -> None:
    said, came = floats(rows, "said"), floats(rows, "came")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    low, high = floats(rows, "low"), floats(rows, "high")
    axes.fill_between(said, low, high, color=_BAND, lw=0)
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.7)
    axes.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color=RULE, lw=0.6, clip_on=False)
    axes.plot(said, floats(rows, "recalibrated"), color=INK, lw=1.3, clip_on=False)
    rug = _RUG / _SIDE / 4
    for here, foot in ((came == 1, 1.0 - rug), (came == 0, 0.0)):
        x = said[here]
        axes.vlines(x, np.full(len(x), foot), np.full(len(x), foot + rug), color=INK, lw=0.5)


def _describe(title: str, frame: pl.DataFrame, panels: list[str]) -> str:
    said = []
    for panel in panels:
        rows = frame.filter(pl.col("panel") == panel)
        mean, came = floats(rows, "said").mean(), floats(rows, "came").mean()
        said.append(f"{panel}: said {mean:.2f} on average, came in {came:.2f}")
    return described(title, f"{'; '.join(said)}.")
