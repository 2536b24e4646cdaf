"""Rows under one scale: its numbers stand above them, and a fine line runs down from each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from sim.plots.page import Page
from sim.plots.scale import draw_dot
from sim.plots.style import INK, QUIET, RULE


def draw_scale(
    page: Page,
    left: float,
    top: float,
    inches: float,
    ticks: Sequence[float],
    written: Callable[[float], str],
) -> None:
    """Write the numbers of a scale `inches` wide with their feet at `top`."""
    for tick in ticks:
        x = left + inches * (tick - ticks[0]) / (ticks[-1] - ticks[0])
        page.text(x, top, written(tick), colour=QUIET, align="center").set_label("tick")


def rows_under(
    page: Page,
    name: str,
    left: float,
    top: float,
    inches: float,
    high: float,
    ticks: Sequence[float],
    written: Callable[[float], str],
    *,
    ruled: bool = True,
) -> Axes:
    """Add axes for rows: numbers of the scale across, inches from the top down. `ruled`, each
    number has its line."""
    axes = page.axes(left, top, inches, high)
    axes.set_label(name)
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_ylim(high, 0)
    if ruled:
        axes.vlines(ticks, 0, high, color=RULE, lw=0.5, zorder=0, clip_on=False)
    draw_scale(page, left, top - 0.07, inches, ticks, written)
    return axes


def line_sign(axes: Axes, x: float, y: float) -> None:
    """Draw the sign of a line in a key."""
    axes.plot([x - 0.11, x + 0.11], [y, y], color=INK, lw=1.3)


def whisker_sign(
    axes: Axes, x: float, y: float, *, hollow: bool = False, size: float = 5.5
) -> None:
    """Draw the sign of a dot with a whisker in a key."""
    line_sign(axes, x, y)
    draw_dot(axes, x, y, hollow=hollow, size=size)
