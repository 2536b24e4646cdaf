"""A square whose sides both go from 0 to 1, as what was said and what came do."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from sim.plots.page import Page
from sim.plots.style import QUIET, TEXT_SIZE

_NUMBERS = ("0", "0.5", "1")


def add_square(
    page: Page,
    name: str,
    left: float,
    top: float,
    side: float,
    *,
    under: float,
    beside: float,
    across: Sequence[str] = _NUMBERS,
    upright: Sequence[str] = _NUMBERS,
    size: float = TEXT_SIZE,
) -> Axes:
    """Add axes for a square with the numbers of its two scales at their ends and middles: `across`
    so many inches `under` it, and `upright` so many `beside` it."""
    for tick, one, other in zip((0.0, 0.5, 1.0), across, upright, strict=True):
        x, y = left + side * tick, top + side * (1 - tick) + 0.04
        foot = top + side + under
        page.text(x, foot, one, size=size, colour=QUIET, align="center", label="tick")
        page.text(left - beside, y, other, size=size, colour=QUIET, align="right", label="tick")
    return page.axes(left, top, side, side, name)
