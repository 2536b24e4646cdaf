"""The state diagram: how often a channel passes from each state to each other."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sim.plots.lettering import width
from sim.plots.page import Head, as_wide, is_narrow, page_width
from sim.plots.scale import whole_percent
from sim.plots.style import (
    INK,
    PAPER,
    QUIET,
    STATE_COLOURS,
    STATE_LABELS,
    STATES,
    TEXT_SIZE,
    WIDE,
    check_states,
    styled,
)

_WIDE, _HIGH = 6.4, 5.5  # it stands beside a table
_UPPER, _LOWER = 1.25, 4.3
_SIDE, _SIDE_NARROW = 1.3, 0.74  # from a side to the centres of the circles by it
_LARGEST, _LARGEST_NARROW, _SMALLEST = 0.66, 0.45, 0.09  # radii, in inches
_BERTH = 0.24  # arrows keep this far from the centre of a small circle, so that heads stay apart
_THICKEST, _THINNEST = 7.0, 0.9  # points
_ALONG = (0.3, 0.34, 0.26, 0.38, 0.22, 0.42, 0.46, 0.5, 0.18, 0.55, 0.6, 0.66, 0.72)

_NOTE = (
    "Circles: share of all time spent in the state. "
    "Numbers: transitions per year spent in the state that the arrow leaves. "
    "The more transitions there are in all, the wider is the arrow."
)

_Points = NDArray[np.float64]
_NOWHERE: _Points = np.empty((0, 2))


def _centres() -> dict[str, tuple[float, float]]:
    """Place the circles: as far apart as a page has them, or as a narrower figure allows."""
    wide = page_width()
    left = max(_SIDE_NARROW, _SIDE * wide / _WIDE) if wide < _WIDE else (wide - _WIDE) / 2 + _SIDE
    right = wide - left
    return {
        "open": (left, _UPPER),
        "prisoner_only": (right, _UPPER),
        "corridor": (right, _LOWER),
        "cut_off": (left, _LOWER),
    }


def rate_text(rate: float) -> str:
    """Write a rate so that a rare transition does not read as none."""
    return f"{_number(rate)} per year"


def _number(rate: float) -> str:
    if rate < 0.01:
        return "< 0.01"
    return f"{rate:.2f}" if rate < 0.1 else f"{rate:.1f}"


def thickness(count: float, most: float) -> float:
    """Give the width of an arrow in points: from the thinnest, evenly with the count, to the
    thickest for the largest count. So of two arrows the wider always stands for more."""
    return _THINNEST + (_THICKEST - _THINNEST) * (count / most if most > 0 else 0.0)


def transitions(transitions: pl.DataFrame, exposure: pl.DataFrame, *, title: str = "") -> Figure:
    """Draw the states as circles and the transitions between them as arrows.

    `transitions` has the columns source, target, count, rate_per_year (the count divided by the
    years spent in the source); a transition that is absent, null, not finite or zero has no arrow.
    An arrow is as wide as `thickness` says of its count, and bears its rate.
    `exposure` has the columns state and years, both means per replication; a circle's area is the
    state's share of the years. Raises ValueError for an unknown state.
    """
    check_states([*transitions["source"], *transitions["target"], *exposure["state"]])
    with styled(), as_wide(_WIDE if page_width() == WIDE else page_width()):
        years = dict.fromkeys(STATES, 0.0) | dict(exposure.select("state", "years").iter_rows())
        total = sum(years.values())
        shares = {state: years[state] / total if total else 0.0 for state in STATES}
        largest = _LARGEST_NARROW if is_narrow() else _LARGEST
        radii = {s: max(_SMALLEST, largest * math.sqrt(shares[s])) for s in STATES}
        rates: dict[tuple[str, str], float] = {}
        counts: dict[tuple[str, str], float] = {}
        for source, target, count, rate in (
            transitions.sort("source", "target")
            .select("source", "target", "count", "rate_per_year")
            .iter_rows()
        ):
            if rate is not None and math.isfinite(rate) and rate > 0 and source != target:
                rates[source, target], counts[source, target] = float(rate), float(count or 0)
        head = Head(title, _NOTE if rates else "No transition between states.")
        page = head.page(head.height + _HIGH, _describe(shares, rates))
        axes = page.inches(0, head.height, page.width, _HIGH, "diagram")
        taken = list(_draw_nodes(axes, shares, radii))
        _draw_arrows(axes, rates, counts, radii, taken)
        return page.figure


def _draw_nodes(axes: Axes, shares: dict[str, float], radii: dict[str, float]) -> Iterator[Bbox]:
    """Draw the circles and their names; yield the room that they take."""
    for state, (x, y) in _centres().items():
        radius = radii[state]
        circle = Circle((x, y), radius, facecolor=STATE_COLOURS[state], edgecolor=INK, lw=0.6)
        circle.set(zorder=3, label="node")
        axes.add_patch(circle)
        yield Bbox.from_extents(x - radius, y - radius, x + radius, y + radius)
        upper = y < _HIGH / 2
        name_y = y - radius - 0.27 if upper else y + radius + 0.2
        name, share = STATE_LABELS[state], f"{whole_percent(shares[state])} of the time"
        axes.text(x, name_y, name, fontsize=9.5, fontweight="bold", ha="center").set_label("name")
        axes.text(x, name_y + 0.165, share, color=QUIET, ha="center").set_label("name")
        half = max(width(name, 9.5, bold=True), width(share, TEXT_SIZE)) / 2 + 0.05
        yield Bbox.from_extents(x - half, name_y - 0.15, x + half, name_y + 0.22)


def _curve(source: str, target: str, radii: dict[str, float]) -> _Points:
    """Bow from circle to circle, to the right of the way, so that the way back is apart."""
    centres = _centres()
    start, end = np.array(centres[source]), np.array(centres[target])
    way = end - start
    across = np.array([-way[1], way[0]]) / math.hypot(*way)
    upright = abs(way[0]) < abs(way[1]) / 2
    bend = (start + end) / 2 + across * (0.6 if upright else 0.085 * math.hypot(*way))
    t = np.linspace(0, 1, 401)[:, None]
    points: _Points = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
    away = np.linalg.norm(points - start, axis=1) > max(radii[source], _BERTH) + 0.05
    clear = np.linalg.norm(points - end, axis=1) > max(radii[target], _BERTH) + 0.05
    kept: _Points = points[away & clear]
    return kept


def _draw_arrows(
    axes: Axes,
    rates: dict[tuple[str, str], float],
    counts: dict[tuple[str, str], float],
    radii: dict[str, float],
    taken: list[Bbox],
) -> None:
    most = max(counts.values(), default=1.0)
    curves = {pair: _curve(*pair, radii) for pair in rates}
    for pair, points in curves.items():
        thick = thickness(counts[pair], most)
        tip = points[-1]
        length = 0.1 + 1.3 * thick / 72
        gone = np.linalg.norm(points - tip, axis=1)
        base = points[int(np.argmax(gone <= length))]
        shaft = points[gone >= length * 0.9]
        ahead = (tip - base) / math.hypot(*(tip - base))
        side = np.array([-ahead[1], ahead[0]]) * (0.045 + 0.8 * thick / 72)
        line = axes.plot(*shaft.T, color=QUIET, lw=thick, solid_capstyle="butt", zorder=1).pop()
        line.set_label(f"{pair[0]} to {pair[1]}")
        corners = np.array([tip, base + side, base - side])
        axes.add_patch(Polygon(corners, closed=True, facecolor=QUIET, lw=0, zorder=1))
    for pair, points in curves.items():
        text = _number(rates[pair]) if is_narrow() else rate_text(rates[pair])
        half = width(text, TEXT_SIZE) / 2 + 0.05
        others = np.concatenate([_NOWHERE, *(c for key, c in curves.items() if key != pair)])
        middles = (points[int(along * (len(points) - 1))] for along in _ALONG)
        places = (Bbox.from_extents(x - half, y - 0.1, x + half, y + 0.1) for x, y in middles)
        place = min(places, key=lambda box: (box.count_overlaps(taken), box.count_contains(others)))
        taken.append(place)
        axes.text(
            (place.x0 + place.x1) / 2,
            (place.y0 + place.y1) / 2,
            text,
            ha="center",
            va="center_baseline",
            zorder=4,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
            label="rate",
        )


def _describe(shares: dict[str, float], rates: dict[tuple[str, str], float]) -> str:
    parts = [f"{STATE_LABELS[s]} {whole_percent(share)} of the time" for s, share in shares.items()]
    parts += [
        f"{STATE_LABELS[source]} to {STATE_LABELS[target]} {rate_text(rate)}"
        for (source, target), rate in rates.items()
    ]
    return f"Transitions between states: {', '.join(parts)}."
