"""The wait for a state: the share of replications that have reached it by each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.ground.intervals import wilson_band
from sim.plots.ends import draw_ends
from sim.plots.lettering import date_text, day_number, width
from sim.plots.page import Head, is_narrow, page_width
from sim.plots.rows import draw_upright_scale
from sim.plots.ruler import DayScale, draw_ruler
from sim.plots.scale import whole_percent
from sim.plots.style import (
    INK,
    QUIET,
    RULE,
    STATE_COLOURS,
    STATE_LABELS,
    TEXT_SIZE,
    check_states,
    styled,
)

_LEFT, _RIGHT = 0.75, 1.9
_LEFT_NARROW, _RIGHT_NARROW = 0.45, 0.15
_HIGH, _HIGH_NARROW = 3.0, 2.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def waiting(
    waiting: NDArray[np.float64],
    horizon_days: float,
    *,
    target: str | Sequence[str],
    as_of: datetime | None = None,
    held: float = 0.0,
    title: str = "",
) -> Figure:
    """Draw the share of replications that have reached a state, by days from the as-of date.

    `target` is a state, or several of which any counts. `waiting` holds the days to the first time
    in it, one per replication, NaN where it was not reached by `horizon_days`. `held` is the share
    of replications that are in it at the start, whose next time counts. Every replication is
    watched to the horizon, so the Kaplan-Meier estimate is the plain share; its band is Wilson's
    95 % interval, at each day by itself.
    Raises ValueError for an unknown state, no replications or a horizon that is not positive.
    """
    targets = [target] if isinstance(target, str) else list(target)
    check_states(targets)
    if waiting.ndim != 1 or not len(waiting):
        raise ValueError("waiting must hold one number for each replication, at least one")
    if not horizon_days > 0:
        raise ValueError(f"horizon_days must be positive (got {horizon_days})")
    with styled():
        total = len(waiting)
        reached = np.sort(waiting[waiting <= horizon_days])
        days = np.concatenate([[0.0], reached, [horizon_days]])
        counts = np.concatenate([[0], np.arange(1, len(reached) + 1), [len(reached)]])
        low, high = wilson_band(counts.astype(np.float64), total)
        share = len(reached) / total
        half = (total + 1) // 2  # the first day by which at least half have reached it
        median = float(reached[half - 1]) if len(reached) >= half else None
        first = day_number(as_of) if as_of else None
        name = " or ".join(STATE_LABELS[state] for state in targets)
        colour = STATE_COLOURS[targets[0]] if len(targets) == 1 else RULE
        note = _median_text(median, name, first)
        if held > 0:
            note += f" {whole_percent(held, total)} are in it at the start: their next time counts."
        plural = "replications" if total != 1 else "replication"
        note += f" {total:,} {plural}; shaded: pointwise 95 % interval."
        head = Head(title, note)
        tall = _HIGH_NARROW if is_narrow() else _HIGH
        said = f"Wait for {name}: {whole_percent(share, total)} reach it by the horizon. {note}"
        page = head.page(head.height + tall + 0.55, said)
        left, right = (_LEFT_NARROW, _RIGHT_NARROW) if is_narrow() else (_LEFT, _RIGHT)
        inches = page_width() - left - right
        axes = page.axes(left, head.height, inches, tall, "curve", x=(0, horizon_days))
        for y in _TICKS:
            axes.axhline(y, color=RULE, lw=0.5, zorder=0)
        draw_upright_scale(page, left - 0.08, head.height, tall, _TICKS, whole_percent)
        axes.fill_between(days, low, high, step="post", color=colour, alpha=0.45, lw=0)
        axes.step(days, counts / total, where="post", color=INK, lw=1.7)
        if median is not None:
            _draw_median(axes, median, inches / horizon_days, inches)
        foot = head.height + tall
        if first is None:
            _draw_days(axes, horizon_days)
        else:
            draw_ruler(page, foot + 0.02, DayScale(first, first + horizon_days, left, inches))
            steps = np.linspace(0.0, horizon_days, min(800, int(horizon_days) + 1))
            by = np.searchsorted(reached, steps, side="right") / total
            place = (left, head.height, inches, tall)
            page.follow(place, (first, first + horizon_days), {f"reached {name}": by})
        if not is_narrow():
            end = date_text(first + horizon_days) if first is not None else f"day {horizon_days:g}"
            parts = [(1 - share, f"not by {end}"), (share, f"reached {name}")]
            beside = (page.width - right, head.height, right, tall)
            draw_ends(page, beside, parts, total, gap=0.08)
        return page.figure


def _median_text(median: float | None, name: str, first: float | None) -> str:
    if median is None:
        return f"Fewer than half of the replications reach “{name}” by the horizon."
    date = f" ({date_text(first + median)})" if first is not None else ""
    return f"Half of the replications have reached “{name}” by day {median:.0f}{date}."


def _draw_median(axes: Axes, median: float, per_day: float, inches: float) -> None:
    dots = (0, (1.5, 1.8))
    axes.plot([0, median, median], [0.5, 0.5, 0], color=INK, lw=0.9, ls=dots, zorder=2)
    axes.plot([median], [0.5], "o", ms=5, mfc=INK, mec=INK, clip_on=False, zorder=4)
    x = median * per_day + 0.07
    if x + width("median", TEXT_SIZE) < inches:
        axes.text(x / per_day, 0.035, "median", color=INK).set_label("median")


def _draw_days(axes: Axes, horizon_days: float) -> None:
    axes.set_axis_on()
    axes.patch.set_visible(False)
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.yaxis.set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: f"{place:g}"))
    axes.tick_params(labelcolor=INK)
    axes.set_xlabel("days from the as-of date", color=QUIET, fontsize=TEXT_SIZE)
