"""Under a raster: the most typical of the worlds that end alike, and the mean of all worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.bands import face
from sim.plots.lettering import width
from sim.plots.page import Page, is_narrow
from sim.plots.ruler import DayScale
from sim.plots.scale import whole_percent
from sim.plots.style import QUIET, STATE_LABELS, STATES, TEXT_SIZE, ink_on

_LANE, _GAP, _HEADING, _BETWEEN = 0.2, 0.05, 0.2, 0.12
_BESIDE = 0.16  # above a lane on a phone, for what stands beside it on a page
_Ranks = NDArray[np.int8]


@dataclass(frozen=True)
class Typical:
    """One world that stands for those that end in the same state."""

    rank: int
    share: float
    """Of all worlds, those that end so."""
    row: int


def typical(ranks: _Ranks) -> list[Typical]:
    """Choose for each last state the world that differs least from the others that end so: the
    medoid by the time that two worlds spend in different states. `ranks` is [worlds, times]."""
    found = []
    for rank in range(len(STATES)):
        rows = np.flatnonzero(ranks[:, -1] == rank)
        if not len(rows):
            continue
        own = ranks[rows]
        alike = np.zeros(len(rows), dtype=np.int64)
        for state in range(len(STATES)):
            there = own == state
            alike += (there * there.sum(axis=0, dtype=np.int64)).sum(axis=1)
        best = int(rows[int(alike.argmax())])
        found.append(Typical(rank, len(rows) / len(ranks), best))
    return found


def mean_shares(ranks: _Ranks, days: NDArray[np.float64]) -> list[float]:
    """Return the share of the days that worlds spend in each state, in the mean; `ranks` is
    [worlds, times], and a state holds from its time to the next."""
    steps = np.diff(days)
    held = np.append(steps, steps[-1] if len(steps) else 1.0)
    return [float(((ranks == n) * held).sum(axis=1).mean() / held.sum()) for n in range(4)]


class Below:
    """What stands under a raster of several worlds."""

    def __init__(self, ranks: _Ranks, days: NDArray[np.float64]) -> None:
        self.ranks, self.days = ranks, days
        self.worlds, self.mean = typical(ranks), mean_shares(ranks, days)
        above = _BESIDE if is_narrow() else 0.0
        self._step = _LANE + _GAP + above
        lanes = _HEADING + len(self.worlds) * self._step
        self.height = lanes + _BETWEEN + _HEADING + _LANE + 0.15

    def draw(self, page: Page, top: float, span: DayScale) -> None:
        """Draw it in the `height` inches under `top`, with the days of the raster."""
        _heading(page, span, top, "The most typical world of each end")
        top += _HEADING
        for world in self.worlds:
            text = (
                f"of the {whole_percent(world.share)} that end {STATE_LABELS[STATES[world.rank]]}"
            )
            if is_narrow():
                page.text(span.left, top + 0.12, text, colour=QUIET, label="typical")
            else:
                at = span.left + span.inches + 0.1
                middle = top + _LANE / 2
                page.text(at, middle, text, stand="center_baseline", label="typical")
            self._lane(page, top + (_BESIDE if is_narrow() else 0.0), span, world.row)
            top += self._step
        top += _BETWEEN
        _heading(page, span, top, "Days in each state, mean of all worlds")
        axes = page.inches(span.left, top + _HEADING, span.inches, _LANE, "mean")
        left = 0.0
        for state, share in zip(STATES, self.mean, strict=True):
            wide = span.inches * share
            _cell(axes, left, wide, state)
            text = f"{STATE_LABELS[state]} {whole_percent(share)}"
            if width(text, TEXT_SIZE) + 0.12 <= wide:
                place = axes.text(left + 0.06, _LANE / 2, text, color=ink_on(state))
                place.set(va="center_baseline", label="mean")
            left += wide

    def _lane(self, page: Page, top: float, span: DayScale, row: int) -> None:
        axes = page.inches(span.left, top, span.inches, _LANE, "typical")
        states = self.ranks[row]
        begins = np.flatnonzero(np.diff(states, prepend=-1))
        places = [span.at(day) - span.left for day in self.days[begins]] + [span.inches]
        for n, at in enumerate(begins.tolist()):
            _cell(axes, places[n], places[n + 1] - places[n], STATES[states[at]])


def _heading(page: Page, span: DayScale, top: float, text: str) -> None:
    page.text(span.left, top + 0.13, text, colour=QUIET, label="typical")


def _cell(axes: Axes, left: float, wide: float, state: str) -> None:
    axes.add_patch(Rectangle((left, 0), wide, _LANE, lw=0.5, **face(state)))
