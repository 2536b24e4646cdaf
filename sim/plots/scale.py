"""Numbers on paper: round ticks, how numbers are written, room for labels, dots with whiskers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.ground.language import percent
from sim.ground.shares import floored
from sim.plots.style import INK, PAPER

MINUS = "−"


def floats(frame: pl.DataFrame, column: str) -> NDArray[np.float64]:
    """Read a column of numbers, NaN where there is none."""
    return frame[column].cast(pl.Float64).fill_null(math.nan).to_numpy()


def numbers(frame: pl.DataFrame, *columns: str) -> list[tuple[float, ...]]:
    """Read rows of numbers, NaN where there is none."""
    return frame.select(pl.col(columns).cast(pl.Float64).fill_null(math.nan)).rows()


def finite(values: Iterable[float]) -> list[float]:
    """Keep the numbers that are numbers."""
    return [float(value) for value in values if math.isfinite(value)]


NOTHING = 1e-290
"""Widths below this are none: a step of theirs is no number any more."""


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Give two to `most` ticks at round numbers, from `low` or less to `high` or more.

    The step is 1, 2 or 5 times a power of ten. `most` is at least 3.
    """
    wide = next((w for w in (high - low, abs(high)) if w > NOTHING), 1.0)
    power = math.floor(math.log10(wide)) - 2
    steps = (m * 10.0**e for e in range(power, power + 6) for m in (1, 2, 5))
    for step in steps:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        last = max(last, first + 1)
        if last - first < most:
            return [round(n * step, max(12, 3 - power)) for n in range(first, last + 1)]
    raise ValueError(f"most must be at least 3 (got {most})")


def number_text(value: float) -> str:
    """Write a number with as many digits as it has, at most four if it is below a thousand."""
    return (f"{value:.4g}" if abs(value) < 1000 else f"{value:.10g}").replace("-", MINUS)


def signed_text(value: float) -> str:
    """Write a difference with its sign, never rounding something to nothing."""
    size = abs(value)
    digits = f"{size:.0f}" if size >= 9.95 else f"{size:.1f}" if size >= 0.095 else f"{size:.1g}"
    if not value:
        return "0"
    return (MINUS if value < 0 else "+") + digits.removesuffix(".0")


def with_interval(value: float, low: float, high: float) -> tuple[str, str]:
    """Write a difference and, if it is known, its interval with the places that its width allows.

    A difference that would round to nothing keeps its own places.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return signed_text(value), ""
    wide, most = high - low, max(abs(value), abs(low), abs(high))
    places = 0 if wide >= 5 or most >= 100 else 1 if wide >= 1 or most >= 10 else 2

    def written(number: float) -> str:
        text = f"{number:+.{places}f}".replace("-", MINUS)
        return text if float(f"{number:.{places}f}") else "0"

    number = written(value)
    return signed_text(value) if number == "0" else number, f"({written(low)} to {written(high)})"


def whole_percent(share: float, worlds: int | None = None) -> str:
    """Write a share as a whole per cent, never rounding something to nothing or to all; of so many
    `worlds` neither none nor all of them either."""
    if (few := floored(share, worlds, whole=True)) is not None:
        return few
    if 0 < share < 0.01:
        return percent("< 1")
    if 0.99 < share < 1:
        return percent("> 99")
    return percent(math.floor(100 * share + 0.5 + 1e-9))  # a half is rounded up, as people do


def spread(wanted: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Move places as little as needed to stand `step` apart between `low` and `high`, in order."""
    places: list[float] = []
    for i, place in enumerate(wanted):
        floor = places[-1] + step if places else low
        places.append(max(floor, min(place, high - step * (len(wanted) - 1 - i))))
    for i in reversed(range(len(places) - 1)):
        places[i] = min(places[i], places[i + 1] - step)
    return places


def draw_dot(
    axes: Axes, x: float, y: float, *, hollow: bool = False, size: float = 5.5, edge: float = 1.1
) -> None:
    """Draw an estimate, or an event."""
    face = PAPER if hollow else INK
    axes.plot([x], [y], "o", ms=size, mfc=face, mec=INK, mew=edge, clip_on=False, zorder=4)


def draw_whisker(
    axes: Axes,
    y: float,
    estimate: float,
    low: float,
    high: float,
    *,
    hollow: bool = False,
    size: float = 5.5,
) -> None:
    """Draw an estimate and its interval along the row `y`; what is not finite is left out."""
    if math.isfinite(low) and math.isfinite(high):
        axes.plot([low, high], [y, y], color=INK, lw=1.3, clip_on=False, zorder=3)
    if math.isfinite(estimate):
        draw_dot(axes, estimate, y, hollow=hollow, size=size)
