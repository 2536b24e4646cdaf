"""Calibration of several forecasters in panels: what they said, and how often it came true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.lettering import shorten
from sim.plots.page import MARGIN, Head, KeyItem, blank, box_item, is_narrow, page_width
from sim.plots.rows import line_sign
from sim.plots.scale import draw_dot
from sim.plots.square import add_square
from sim.plots.style import INK, QUIET, RULE, SMALL_SIZE, TEXT_SIZE, TINT, styled

_ACROSS, _ACROSS_PHONE = 3, 1
_SIDE = 2.3
_TOP, _FOOT = 0.52, 0.5
_BARS = 0.22
"""How high the bar of the fullest bin is, of its panel."""


@dataclass(frozen=True)
class Dot:
    """Probabilities of about the same size."""

    low: float
    high: float
    """What they lie between."""
    said: float
    """Their mean."""
    came: float
    """The share of them that came true."""
    count: int


@dataclass(frozen=True)
class Calibrated:
    """One forecaster, or the forecasters of one class."""

    name: str
    about: str
    """A line beneath the name."""
    dots: Sequence[Dot]


def calibration(panels: Sequence[Calibrated], *, title: str = "", note: str = "") -> Figure:
    """Draw a panel each, with dots on the diagonal where what was said came as often, and bars for
    how many probabilities each dot holds."""
    with styled():
        if not any(panel.dots for panel in panels):
            return blank(title, "No calibration to show.")
        key = [
            KeyItem("how often it came true", draw_dot),
            KeyItem("as often as was said", _quiet_line_sign),
            box_item("how many probabilities", TINT),
        ]
        head = Head(title, note, key)
        across = _ACROSS_PHONE if is_narrow() else _ACROSS
        step = (page_width() - 2 * MARGIN) / across
        side = min(_SIDE, step - 0.6)
        high = _TOP + side + _FOOT
        rows = -(-len(panels) // across)
        page = head.page(head.height + rows * high + 0.05, _describe(panels))
        for n, panel in enumerate(panels):
            left = MARGIN + (n % across) * step + 0.32
            top = head.height + (n // across) * high + _TOP
            name = shorten(panel.name, TEXT_SIZE, step - 0.15, bold=True)
            page.text(left - 0.3, top - 0.28, name, bold=True, label="panel")
            about = shorten(panel.about, TEXT_SIZE, step - 0.15)
            page.text(left - 0.3, top - 0.11, about, colour=QUIET, label="about")
            axes = add_square(
                page,
                "calibration",
                left,
                top,
                side,
                under=0.16,
                beside=0.06,
                across=("0 %", "50 %", "100 %"),
                upright=("0", "50", "100"),
                size=SMALL_SIZE,
            )
            _draw(axes, panel.dots)
        return page.figure


def _quiet_line_sign(axes: Axes, x: float, y: float) -> None:
    """Draw the sign of the diagonal in a key."""
    line_sign(axes, x, y)
    axes.lines[-1].set(color=QUIET, lw=0.8)


def _draw(axes: Axes, dots: Sequence[Dot]) -> None:
    most = max((dot.count for dot in dots), default=1)
    for dot in dots:
        high = _BARS * dot.count / most
        place, wide = dot.low + 0.008, dot.high - dot.low - 0.016
        axes.bar([place], [high], wide, align="edge", color=TINT, lw=0)
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.8)
    axes.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color=RULE, lw=0.6, clip_on=False)
    axes.plot([d.said for d in dots], [d.came for d in dots], color=INK, lw=0.7)
    for dot in dots:
        draw_dot(axes, dot.said, dot.came)


def _describe(panels: Sequence[Calibrated]) -> str:
    said = []
    for panel in panels:
        dots = [f"{d.said:.0%} said, {d.came:.0%} came, of {d.count}" for d in panel.dots]
        said.append(f"{panel.name}: {', '.join(dots) or 'nothing to show'}")
    return f"{'; '.join(said)}."
