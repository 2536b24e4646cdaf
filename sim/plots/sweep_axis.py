"""The values that a sweep took: numbers, which have distances, or names, which have none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.plots.lettering import printable, width
from sim.plots.page import KeyItem
from sim.plots.scale import finite, number_text, round_ticks
from sim.plots.style import INK, TEXT_SIZE

_LOG_FROM = 30.0  # a sweep over a wider ratio than this is read on a log scale
_MOST_OWN = 8


def values_of(column: pl.Series) -> list[Any]:
    """List a column's values, each once: finite numbers ascending, names in the rows' order."""
    if column.dtype.is_numeric():
        return finite(column.cast(pl.Float64).drop_nulls().unique().sort())
    return column.unique(maintain_order=True).drop_nulls().to_list()


def names_of(column: pl.Series) -> list[str]:
    """List a column's values as text."""
    number = column.dtype.is_numeric()
    return [number_text(v) if number else printable(str(v)) for v in values_of(column)]


def ranks_of(column: pl.Series) -> NDArray[np.intp]:
    """Give each row the place of its value in the list of `values_of`, -1 without a value."""
    place = {value: n for n, value in enumerate(values_of(column))}
    return np.array([place.get(value, -1) for value in column], dtype=np.intp)


def place_in(column: pl.Series, value: float | None) -> int | None:
    """Give the place of a number in the list of `values_of`; None where it is not in it."""
    if value is None or not column.dtype.is_numeric():
        return None
    close = (n for n, x in enumerate(values_of(column)) if math.isclose(x, value, rel_tol=1e-9))
    return next(close, None)


def thin(places: list[float], names: list[str], gap: float = 0.12) -> list[int]:
    """Choose the names that have room side by side at their places, in inches.

    The first is kept; of even places every second, third and so on.
    """
    halves = [width(name, TEXT_SIZE) / 2 for name in names]
    steps = np.diff(places)
    if len(steps) and np.ptp(steps) < 1e-6 * steps[0]:
        room = 2 * max(halves) + gap
        return list(range(0, len(places), max(1, math.ceil(room / float(steps[0]) - 1e-9))))
    kept: list[int] = []
    edge = -math.inf
    for n, (place, half) in enumerate(zip(places, halves, strict=True)):
        if place - half >= edge:
            kept.append(n)
            edge = place + half + gap
    return kept


@dataclass(frozen=True)
class Line:
    """A line of numbers on paper, in inches from its left end, even or logarithmic."""

    start: float
    end: float
    inches: float
    log: bool
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, values: list[float], inches: float, *, drawn: bool = False) -> Line:
        """Lay ascending numbers on a line: ticks at the values themselves while they are few.

        Values that were `drawn` are no round numbers: the line reaches round ones beyond them.
        """
        low, high = values[0], values[-1]
        if drawn and len(values) > 1:
            round_ = round_ticks(low, high, 5)
            return cls(round_[0], round_[-1], inches, False, tuple(round_))
        log = low > 0 and high / low >= _LOG_FROM and len(values) > 2
        if log or 2 <= len(values) <= _MOST_OWN:
            return cls(low, high, inches, log, tuple(values))
        if len(values) == 1:
            return cls(low - 1, low + 1, inches, False, (low,))
        ticks = [tick for tick in round_ticks(low, high, 6) if low <= tick <= high]
        return cls(low, high, inches, False, tuple(ticks))

    def at(self, value: float) -> float:
        """Give the place of a number, in inches."""
        if self.log:
            return self.inches * math.log(value / self.start) / math.log(self.end / self.start)
        return self.inches * (value - self.start) / (self.end - self.start)

    def inside(self, value: float) -> float | None:
        """Give the place of a number, in inches; None where it lies off the line."""
        low, high = min(self.start, self.end), max(self.start, self.end)
        slack = 1e-9 * (high - low)
        if not low - slack <= value <= high + slack or (self.log and value <= 0):
            return None
        return min(max(self.at(value), 0.0), self.inches)


OWN_LINE: dict[str, Any] = {"color": INK, "lw": 1.0, "ls": (0, (4, 2.5)), "clip_on": False}
"""How the scenario's own value is drawn."""


def own_text(*own: float | None) -> str:
    """Say what the scenario's own values are, where it has any."""
    known = [number_text(value) for value in own if value is not None]
    if not known:
        return ""
    return f"The scenario's own value{'s are' if len(known) > 1 else ' is'} {' and '.join(known)}."


def own_item() -> KeyItem:
    """Give the key's entry for the line at the scenario's own value."""

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.plot([x, x], [y - 0.09, y + 0.09], **(OWN_LINE | {"ls": (0, (2.2, 1.4))}))

    return KeyItem("the scenario's own value", draw)
