"""Forums on a fan: a dot on the band that they widen, on each day on which paths may cross."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.plots.page import KeyItem, Page
from sim.plots.ruler import DayScale
from sim.plots.style import ON_DARK, ON_PALE, STATES

_BITTEN = STATES.index("corridor")
_Floats = NDArray[np.float64]


def draw_forums(
    page: Page,
    place: tuple[float, float],
    span: DayScale,
    fan: tuple[_Floats, _Floats],
    days: Sequence[float],
) -> None:
    """Mark forums on a fan at `place`, its top and height: `fan` is times and shares[state, time].

    A dot stands on the upper edge of the band of the corridor, where that band grows after a forum.
    """
    (top, high), (times, shares) = place, fan
    shown = [day for day in days if times[0] <= day <= times[-1]]
    if not shown:
        return
    edges = shares[:_BITTEN].sum(axis=0)
    axes = page.inches(span.left, top, span.inches, high, "forums")
    for day in shown:
        _dot(axes, span.at(day) - span.left, high * float(np.interp(day, times, edges)))


def forum_item() -> KeyItem:
    """Give the key's entry for a forum."""
    return KeyItem("forum at which paths may cross", _dot)


def _dot(axes: Axes, x: float, y: float) -> None:
    dot = axes.plot([x], [y], "o", ms=4.2, mfc=ON_DARK, mec=ON_PALE, mew=0.9).pop()
    dot.set(clip_on=False, zorder=6)
