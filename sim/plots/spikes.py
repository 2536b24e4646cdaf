"""Spikes: a few days that would set the scale for all others are cut, and their peaks written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.plots.lettering import date_text, width
from sim.plots.page import Page
from sim.plots.ruler import DayScale
from sim.plots.scale import with_interval
from sim.plots.style import INK, PAPER, TEXT_SIZE

USUAL = 0.98
"""A scale shows this share of the days of every line whole."""
SPIKE = 2.0
"""How many times higher than the usual a peak has to be to be cut: a smaller one costs little."""

_BESIDE, _AWAY, _OTHER = 0.09, 0.12, 0.16


def reach_of(lines: Sequence[NDArray[np.float64]]) -> float:
    """Return how far a scale has to reach for lines, each the sizes of one over time, NaN where
    unknown: to the largest size, unless it belongs to a spike."""
    known = [line[np.isfinite(line)] for line in lines]
    known = [line for line in known if len(line)]
    most = max(float(line.max()) for line in known)
    usual = max(float(np.quantile(line, USUAL, method="higher")) for line in known)
    return most if most <= SPIKE * usual or usual == 0.0 else usual


def draw_spikes(
    page: Page,
    axes: Axes,
    top: float,
    high: float,
    span: DayScale,
    days: NDArray[np.float64],
    values: NDArray[np.float64],
    reach: float,
) -> None:
    """Mark where a line and its interval leave the panel at `top` that reaches from -`reach` to
    `reach`, and write the peak. `values` is [3, days]: the line, low and high.

    Of peaks too near to each other for their words the largest is written.
    """
    beyond = np.nan_to_num(np.abs(values)).max(axis=0) > reach * (1 + 1e-9)
    starts = np.flatnonzero(beyond & ~np.append(False, beyond[:-1]))
    ends = np.flatnonzero(beyond & ~np.append(beyond[1:], False))
    sizes = np.nan_to_num(np.abs(values[0]))
    peaks = [a + int(sizes[a : b + 1].argmax()) for a, b in zip(starts, ends, strict=True)]
    taken: list[tuple[float, float, bool]] = []
    for peak in sorted(peaks, key=lambda p: -sizes[p]):
        up = bool(values[0, peak] > 0)
        day = float(days[peak])
        axes.plot([day], [reach if up else -reach], "^" if up else "v", ms=5, color=INK)
        axes.lines[-1].set(clip_on=False, zorder=6)
        number, around = with_interval(*(float(v) for v in values[:, peak]))
        words = " ".join(w for w in (number, around, "on", date_text(day)) if w)
        wide, x = width(words, TEXT_SIZE), span.at(day)
        left = x + _BESIDE if x + _BESIDE + wide < span.left + span.inches else x - _BESIDE - wide
        if any(up == u and left < b + _AWAY and a < left + wide + _AWAY for a, b, u in taken):
            continue
        taken.append((left, left + wide, up))
        y = top + high / 2 + (_OTHER if up else -_OTHER)  # beyond nought the line seldom is
        text = page.text(left, y, words, stand="center_baseline", label="peak")
        text.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 0.8})
