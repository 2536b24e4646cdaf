"""Axes of which only what is drawn in them is seen: no frame, no ticks, no grid.

Ticks that nobody sees took half of the time in which matplotlib makes axes.
"""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis, YAxis


class _Tickless(Axis):
    """An axis that makes no tick: each of these would make some to set them."""

    def grid(self, *_: Any, **__: Any) -> None:
        pass

    def set_tick_params(self, *_: Any, **__: Any) -> None:
        pass

    def set_clip_path(self, *path: Any) -> None:
        Artist.set_clip_path(self, *path)

    def get_children(self) -> list[Artist]:
        return [self.label, self.offsetText]


class _X(_Tickless, XAxis):
    """An x-axis without ticks."""


class _Y(_Tickless, YAxis):
    """A y-axis without ticks."""


class Bare(Axes):
    """Axes without ticks: they are not to be turned on."""

    xaxis: XAxis
    yaxis: YAxis

    def _init_axis(self) -> None:
        self.xaxis, self.yaxis = _X(self, clear=False), _Y(self, clear=False)
        for side, axis in (
            ("bottom", self.xaxis),
            ("top", self.xaxis),
            ("left", self.yaxis),
            ("right", self.yaxis),
        ):
            self.spines[side].register_axis(axis)
