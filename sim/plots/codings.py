"""Codings beside each other: one lane a coding, and the days on which they differ."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.bands import (
    Band,
    clip,
    days,
    days_shown,
    draw_lane,
    key_of,
    read_bands,
    viewpoints,
)
from sim.plots.lettering import shorten
from sim.plots.page import MARGIN, Head, box_item, is_narrow, page_width
from sim.plots.ruler import RULER_HEIGHT, DayScale, draw_ruler
from sim.plots.style import QUIET, RULE, TEXT_SIZE, styled

_LEFT, _LEFT_NARROW = 1.75, 1.0
_LANE, _GAP, _STRIP = 0.25, 0.05, 0.08
_HEADING, _BETWEEN = 0.26, 0.16
_DIFFER, _UNKNOWN = "#d4141f", RULE  # no state has this red


def codings(bands: pl.DataFrame, differing: pl.DataFrame, title: str = "") -> Figure:
    """Draw the states of one channel as each coding implies them, viewpoint by viewpoint.

    `bands` has the columns coding, viewpoint, state, start, end, lapse, and names the codings in
    the order in which they are drawn; `differing` has viewpoint, start, end, known. Times are UTC.
    A stretch of a null state is hatched. Under the lanes are the days on which the codings differ,
    paler where not all know the state. The figure begins a little before the first change of state.
    Raises ValueError for an unknown state.
    """
    with styled():
        names = bands["coding"].unique(maintain_order=True).to_list()
        views = viewpoints(bands)
        lanes = {(v, name): _lane(bands, v, name) for v in views for name in names}
        left = _LEFT_NARROW if is_narrow() else _LEFT
        span = DayScale.of(days_shown(lanes.values(), []), left, page_width() - left - MARGIN)
        shown = {at: clip(lane, span.start, span.end) for at, lane in lanes.items()}
        more = [box_item("they differ", _DIFFER)]
        if not differing["known"].all():
            more.append(box_item("not all know the state", _UNKNOWN))
        head = Head(title, "", key_of(shown.values(), more))
        high = len(names) * (_LANE + _GAP) + _STRIP
        each = _HEADING + high + _BETWEEN
        height = head.height + len(views) * each + RULER_HEIGHT + MARGIN
        page = head.page(height, f"States as {', '.join(names)} imply them.")
        y = head.height
        for view in views:
            page.text(MARGIN, y + 0.15, _eyes(view), size=9, bold=True)
            place = (span.left, y + _HEADING, span.inches, high)
            axes = page.axes(*place, "lanes", x=span.ends, y=(high, 0))
            for n, name in enumerate(names):
                top, named = n * (_LANE + _GAP), shorten(name, TEXT_SIZE, span.left - 0.2)
                lane = (named, shown[view, name])
                draw_lane(page, axes, y + _HEADING, span, *lane, y=top, high=_LANE, colour=QUIET)
            _mark(axes, differing.filter(pl.col("viewpoint") == view), span, high)
            y += each
        draw_ruler(page, y - _BETWEEN + 0.03, span)
        return page.figure


def _lane(bands: pl.DataFrame, view: str, name: str) -> list[Band]:
    return read_bands(bands.filter(pl.col("viewpoint") == view, pl.col("coding") == name))


def _mark(axes: Axes, differing: pl.DataFrame, span: DayScale, foot: float) -> None:
    """Mark the days on which the codings differ; a single day is wide enough to be seen."""
    least = 0.025 * span.per_inch
    rows = differing.select(days("start"), days("end"), "known")
    for start, end, known in rows.iter_rows():
        lo = max(start, span.start)
        if end <= lo:
            continue
        size = max(end - lo, least)
        corner = (min(lo, span.end - size), foot - _STRIP)
        colour = _DIFFER if known else _UNKNOWN
        mark = Rectangle(corner, size, _STRIP, facecolor=colour, edgecolor="none", linewidth=0)
        mark.set_label("differ")
        axes.add_patch(mark)


def _eyes(view: str) -> str:
    return f"As {'the ' if view in ('observer', 'public') else ''}{view} sees it"
