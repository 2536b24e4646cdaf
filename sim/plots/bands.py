"""Lanes of state bands: the picture of one viewpoint's intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.plots.lettering import width
from sim.plots.page import KeyItem
from sim.plots.ruler import DayScale
from sim.plots.style import (
    INK,
    PAPER,
    STATE_COLOURS,
    STATE_LABELS,
    TEXT_SIZE,
    check_states,
    ink_on,
)

_LEAD = 0.05  # of the rest: how long the state before the first thing to see is shown


@dataclass(frozen=True)
class Band:
    """One interval of one state, in days since 1970 UTC; with `lapse` it began by silence."""

    state: str
    start: float
    end: float
    lapse: bool = False


def days(column: str) -> pl.Expr:
    """Read a time column as days since 1970-01-01 UTC."""
    return pl.col(column).dt.epoch("us") / 86_400e6


def read_bands(intervals: pl.DataFrame) -> list[Band]:
    """Read the intervals of one channel and viewpoint in which the state is known, in order."""
    rows = intervals.select(
        "state", days("start").alias("start"), days("end").alias("end"), "lapse"
    ).sort("start", "end")
    rows = rows.filter(pl.col("state").is_not_null())  # where it is not known, nothing is drawn
    check_states(rows["state"].to_list())
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
    """Draw bands from `top` to `bottom` in the axes' units, each named if its name fits.

    At the day `clear` a line will be drawn, which no name is to lie under.
    """
    for band in bands:
        patch = Rectangle(
            (band.start, top),
            band.end - band.start,
            bottom - top,
            facecolor=STATE_COLOURS[band.state],
            edgecolor="none",
            linewidth=0,
        )
        patch.set_label("band")
        axes.add_patch(patch)
        name = STATE_LABELS[band.state]
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
                color=ink_on(band.state),
                va="center_baseline",
            ).set_label("band-name")


def draw_lapses(axes: Axes, bands: list[Band], top: float, bottom: float) -> None:
    """Mark with dashes each edge that silence made, where no event did."""
    for band in bands:
        if band.lapse:
            edge = [band.start, band.start]
            axes.plot(edge, [top, bottom], color=PAPER, lw=3.4, clip_on=False, zorder=3)
            axes.plot(
                edge, [top, bottom], color=INK, lw=1.3, ls=(0, (2.2, 1.6)), clip_on=False, zorder=4
            )


def lapse_item() -> KeyItem:
    """Give the key's entry for an edge that silence made."""

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.plot([x, x], [y - 0.09, y + 0.09], color=INK, lw=1.3, ls=(0, (2.2, 1.6)))

    return KeyItem("lapse by silence", draw)
