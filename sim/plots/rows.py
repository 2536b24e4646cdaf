"""Scales: rows under one, whose numbers stand above them with a fine line down from each; and the
numbers beside an upright one."""

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
        page.text(x, top, written(tick), colour=QUIET, align="center", label="tick")


def draw_upright_scale(
    page: Page,
    right: float,
    top: float,
    high: float,
    ticks: Sequence[float],
    written: Callable[[float], str],
) -> None:
    """Write the numbers of a scale that stands in the `high` inches under `top`, left of it."""
    for tick in ticks:
        share = (tick - ticks[0]) / (ticks[-1] - ticks[0])
        y, stand = top + high * (1 - share), "center_baseline"
        number = written(tick)
        page.text(right, y, number, colour=QUIET, align="right", stand=stand, label="tick")


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
    axes = page.axes(left, top, inches, high, name, x=(ticks[0], ticks[-1]), y=(high, 0))
    if ruled:
        draw_rules(axes, ticks, 0, high)
    draw_scale(page, left, top - 0.07, inches, ticks, written)
    return axes


def draw_rules(axes: Axes, ticks: Sequence[float], top: float, foot: float) -> None:
    """Draw a fine line at each number of a scale."""
    axes.vlines(ticks, top, foot, color=RULE, lw=0.5, zorder=0, clip_on=False)


def line_sign(axes: Axes, x: float, y: float) -> None:
    """Draw the sign of a line in a key."""
    axes.plot([x - 0.11, x + 0.11], [y, y], color=INK, lw=1.3)


def whisker_sign(
    axes: Axes, x: float, y: float, *, hollow: bool = False, size: float = 5.5
) -> None:
    """Draw the sign of a dot with a whisker in a key."""
    line_sign(axes, x, y)
    draw_dot(axes, x, y, hollow=hollow, size=size)
