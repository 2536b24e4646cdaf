"""Lanes of state bands: the picture of one viewpoint's intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.ground.language import _
from sim.ground.states import state_name
from sim.plots.lettering import width
from sim.plots.page import KeyItem, Page, box_item, state_items
from sim.plots.ruler import DayScale
from sim.plots.style import (
    FRAME,
    INK,
    PAPER,
    QUIET,
    RULE,
    STATE_COLOURS,
    TEXT_SIZE,
    check_states,
    ink_on,
)

_HATCH = "\\\\\\"  # leans the other way than where parties disagree
_LEAD = 0.05  # of the rest: how long the state before the first thing to see is shown


@dataclass(frozen=True)
class Band:
    """One interval of one state, None where it is not known, in days since 1970 UTC; with `lapse`
    it began by silence."""

    state: str | None
    start: float
    end: float
    lapse: bool = False


def days(column: str) -> pl.Expr:
    """Read a time column as days since 1970-01-01 UTC."""
    return pl.col(column).dt.epoch("us") / 86_400e6


def read_bands(intervals: pl.DataFrame) -> list[Band]:
    """Read the intervals of one channel and viewpoint, in order."""
    rows = intervals.select("state", days("start"), days("end"), "lapse").sort("start", "end")
    check_states(rows["state"].drop_nulls().to_list())
    return [Band(*row) for row in rows.iter_rows()]


def viewpoints(intervals: pl.DataFrame) -> list[str]:
    """List the viewpoints, the observer first, then the parties by name, then the public."""
    found = intervals["viewpoint"].unique().to_list()
    return sorted(found, key=lambda name: (name != "observer", name == "public", name))


def clip(bands: Iterable[Band], start: float, end: float) -> list[Band]:
    """Keep what lies between two days."""
    return [
        Band(b.state, max(b.start, start), min(b.end, end), b.lapse and b.start > start)
        for b in bands
        if b.end > start and b.start < end
    ]


def seen_from(lanes: Iterable[list[Band]], days: Iterable[float]) -> float | None:
    """Say on which day a picture of lanes begins: a little before the first change of state or the
    first of the other `days`, so that the state before is seen, and not years of it. None where
    there is nothing to show."""
    held = [lane for lane in lanes if lane]
    starts = [lane[0].start for lane in held]
    seen = [*(band.start for lane in held for band in lane[1:]), *days]
    if not seen:
        return min(starts, default=None)
    first, last = min(seen), max([*seen, *(lane[-1].end for lane in held)])
    return max(min([*starts, first]), first - _LEAD * (last - first))


def days_shown(lanes: Iterable[list[Band]], days: Iterable[float]) -> list[float]:
    """List the days that a picture of lanes reaches: from `seen_from` to the last ends of lanes and
    the last of the other `days`. Empty where there is nothing to show."""
    lanes, days = list(lanes), list(days)
    first = seen_from(lanes, days)
    if first is None:
        return []
    ends = [band.end for lane in lanes for band in lane]
    return [first, *(day for day in ends + days if day >= first)]


def from_day(bands: list[Band], day: float) -> list[Band]:
    """Begin a lane at a day: before its first band the state is not known."""
    bands = clip(bands, day, math.inf)
    if bands and bands[0].start > day:
        return [Band(None, day, bands[0].start), *bands]
    return bands


def has_gaps(lanes: Iterable[list[Band]]) -> bool:
    """Say whether there is a stretch in which the state is not known."""
    return any(band.state is None for lane in lanes for band in lane)


def draw_bands(
    axes: Axes,
    bands: list[Band],
    span: DayScale,
    top: float,
    bottom: float,
    *,
    text_y: float,
    clear: float | None = None,
) -> None:
    """Draw bands from `top` to `bottom` in the axes' units, each named if its name fits, hatched
    where the state is not known.

    At the day `clear` a line will be drawn, which no name is to lie under.
    """
    for band in bands:
        known = band.state is not None
        patch = Rectangle((band.start, top), band.end - band.start, bottom - top, linewidth=0.5)
        patch.set(**face(band.state), label="band" if known else "not-known")
        axes.add_patch(patch)
        name = state_name(band.state)
        needs = width(name, TEXT_SIZE) * span.per_inch
        left = band.start + (0.09 if band.lapse else 0.06) * span.per_inch
        if clear is not None and left - 0.04 * span.per_inch < clear < left + needs:
            left = clear + 0.06 * span.per_inch
        if left + needs + 0.06 * span.per_inch <= band.end:
            axes.text(
                left,
                text_y,
                name,
                fontsize=TEXT_SIZE,
                color=QUIET if band.state is None else ink_on(band.state),
                va="center_baseline",
                bbox=None if known else {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
                label="band-name",
            )


def face(state: str | None) -> dict[str, Any]:
    """Give the look of a band: its state's colour, or the hatching of what is not known."""
    if state is None:
        return {"facecolor": PAPER, "edgecolor": RULE, "hatch": _HATCH}
    edge = FRAME if state == "cut_off" else "none"
    return {"facecolor": STATE_COLOURS[state], "edgecolor": edge}


def draw_lane(
    page: Page,
    axes: Axes,
    top: float,
    span: DayScale,
    name: str,
    bands: list[Band],
    *,
    y: float,
    high: float,
    over: float = 0.02,
    clear: float | None = None,
    **how: Any,
) -> None:
    """Draw bands and their name on the left, in the `high` inches under `y` of axes of days and
    inches that stand at `top`. Edges that silence made reach a little `over` the bands, and `how`
    is how `Page.text` writes the name."""
    draw_bands(axes, bands, span, y, y + high, text_y=y + high / 2, clear=clear)
    _draw_lapses(axes, bands, y - over, y + high + over)
    left, middle, stand = span.left - 0.1, top + y + high / 2, "center_baseline"
    page.text(left, middle, name, align="right", stand=stand, **how)


def _draw_lapses(axes: Axes, bands: list[Band], top: float, bottom: float) -> None:
    """Mark with dashes each edge that silence made, where no event did."""
    for band in bands:
        if band.lapse:
            edge = [band.start, band.start]
            axes.plot(edge, [top, bottom], color=PAPER, lw=3.4, clip_on=False, zorder=3)
            axes.plot(
                edge, [top, bottom], color=INK, lw=1.3, ls=(0, (2.2, 1.6)), clip_on=False, zorder=4
            )


def not_known_item() -> KeyItem:
    """Give the key's entry for a stretch in which the state is not known."""
    return box_item(state_name(None), PAPER, **face(None))


def key_of(lanes: Iterable[list[Band]], more: Iterable[KeyItem]) -> list[KeyItem]:
    """Give the key of lanes: of the states, of what is not known and of lapses, where there are
    any; before the lapses stands what a figure has `more`."""
    lanes = list(lanes)
    key = state_items() + ([not_known_item()] if has_gaps(lanes) else [])
    lapses = any(band.lapse for lane in lanes for band in lane)
    return [*key, *more, *([_lapse_item()] if lapses else [])]


def _lapse_item() -> KeyItem:
    """Give the key's entry for an edge that silence made."""

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.plot([x, x], [y - 0.09, y + 0.09], color=INK, lw=1.3, ls=(0, (2.2, 1.6)))

    return KeyItem(_("lapse by silence"), draw)
