"""Beside a figure of worlds: how many of them end how, each share at its part of the right edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sim.plots.page import Page
from sim.plots.scale import spread, whole_percent
from sim.plots.style import INK, QUIET, STATE_LABELS, STATES


def ends_text(shares: Iterable[float], worlds: int | None) -> str:
    """Say which shares of worlds end in the states, in the order of display."""
    return ", ".join(
        f"{STATE_LABELS[state]} {whole_percent(share, worlds)}"
        for state, share in zip(STATES, shares, strict=True)
    )


def draw_ends(
    page: Page,
    place: tuple[float, float, float, float],
    parts: Sequence[tuple[float, str]],
    worlds: int,
    gap: float,
) -> None:
    """Write shares that divide a place (left, top, width and height) from the top down, each with
    what is said of it, beside a bracket a `gap` from the left; a share of nothing is left out."""
    axes, high = page.inches(*place, "ends"), place[-1]
    edges = [float(edge) * high for edge in np.cumsum([0.0, *(share for share, _ in parts)])]
    shown = [
        (share, said, upper, lower)
        for (share, said), upper, lower in zip(parts, edges[:-1], edges[1:], strict=True)
        if share > 0
    ]
    middles = [(upper + lower) / 2 for *_, upper, lower in shown]
    rows = spread(middles, 0.34, 0.1, high - 0.25)
    for (share, said, upper, lower), middle, y in zip(shown, middles, rows, strict=True):
        axes.plot([gap, gap], [upper + 0.01, lower - 0.01], color=INK, lw=1.0)
        axes.plot([gap, gap + 0.07, gap + 0.12], [middle, y, y], color=QUIET, lw=0.6)
        x, number = gap + 0.16, whole_percent(share, worlds)
        axes.text(x, y + 0.04, number, color=INK, fontweight="bold").set_label("end")
        axes.text(x, y + 0.18, said, color=INK).set_label("end")
