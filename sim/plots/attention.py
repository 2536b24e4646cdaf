"""Attention: how often a question comes up in the days after an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.lettering import shorten
from sim.plots.page import MARGIN, Head, Page, blank, box_item, is_narrow, page_width
from sim.plots.scale import number_text
from sim.plots.style import INK, QUIET, RULE, TEXT_SIZE, styled

_GAP = 0.42
_HIGH, _WORDS, _FOOT = 0.85, 0.48, 0.42
_BURST = "#4d6b94"


@dataclass(frozen=True)
class Row:
    """One burst: which question an event brings up, for whom, how often and how fast."""

    after: str
    """The event, in words."""
    asks: str
    """The question and the side, in words."""
    m: float
    """Opportunities that are expected beyond the routine."""
    tau_days: float
    """Their mean delay."""
    routine: float
    """Opportunities a day without it."""


def attention(
    rows: Sequence[Mapping[str, Any]], *, horizon_days: float = 14.0, title: str = ""
) -> Figure:
    """Draw, for each row, the opportunities a day after the event: the routine, and above it the
    burst m / tau exp(-t / tau). A row has the keys `after`, `asks`, `m`, `tau_days` and `routine`.

    Raises ValueError for a horizon that is not positive.
    """
    if not horizon_days > 0:
        raise ValueError(f"horizon_days must be positive (got {horizon_days})")
    with styled():
        if not rows:
            return blank(title, "No event brings up a question here.")
        note = (
            "How often a question comes up a day, on each side that is asked, in the days after "
            "the event. The doctrine decides whether the answer is yes."
        )
        key = [
            box_item("brought up by the event", _BURST),
            box_item("by routine", RULE),
        ]
        head = Head(title, note, key)
        read = [Row(**row) for row in rows]
        columns = 1 if is_narrow() else 3
        wide = (page_width() - 2 * MARGIN - (columns - 1) * _GAP - 0.3) / columns
        lines = -(-len(rows) // columns)
        step = _WORDS + _HIGH + _FOOT
        page = head.page(head.height + lines * step + 0.1, _describe(read))
        for n, row in enumerate(read):
            left = MARGIN + 0.3 + (n % columns) * (wide + _GAP)
            _draw(page, (left, head.height + (n // columns) * step, wide), row, horizon_days)
        return page.figure


def _draw(page: Page, place: tuple[float, float, float], row: Row, horizon_days: float) -> None:
    left, top, wide = place
    page.text(left, top + 0.13, shorten(row.after, TEXT_SIZE, wide, bold=True), bold=True)
    asks = f"{row.asks}: {number_text(row.m)} more"
    page.text(left, top + 0.31, shorten(asks, TEXT_SIZE, wide))
    peak = row.routine + row.m / row.tau_days
    axes = page.axes(
        left, top + _WORDS, wide, _HIGH, "burst", x=(0, horizon_days), y=(0, peak * 1.05)
    )
    days = np.linspace(0.0, horizon_days, 200)
    burst = row.m / row.tau_days * np.exp(-days / row.tau_days)
    axes.fill_between(days, row.routine, row.routine + burst, color=_BURST, lw=0)
    axes.fill_between(days, 0, row.routine, color=RULE, lw=0)
    axes.plot(days, row.routine + burst, color=INK, lw=1.0)
    _draw_ticks(page, axes, (left, top + _WORDS, wide), peak, horizon_days)


def _draw_ticks(
    page: Page, axes: Axes, place: tuple[float, float, float], peak: float, horizon_days: float
) -> None:
    left, top, wide = place
    axes.axhline(0, color=QUIET, lw=0.6)
    high = _HIGH / 1.05
    text = number_text(round(peak, 2 if peak < 1 else 1))
    page.text(left - 0.06, top + _HIGH - high, text, colour=QUIET, align="right", label="tick")
    page.text(left - 0.06, top + _HIGH, "0", colour=QUIET, align="right", label="tick")
    half, whole = number_text(horizon_days / 2), f"{number_text(horizon_days)} days"
    for share, words, align in ((0.0, "0", "left"), (0.5, half, "center"), (1.0, whole, "right")):
        x, y = left + wide * share, top + _HIGH + 0.14
        page.text(x, y, words, colour=QUIET, align=align, label="tick")


def _describe(rows: Sequence[Row]) -> str:
    parts = [
        f"{row.after}, {row.asks}: {number_text(row.m)} more, after "
        f"{number_text(row.tau_days)} days on average"
        for row in rows
    ]
    return f"Opportunities after events. {'; '.join(parts)}."
