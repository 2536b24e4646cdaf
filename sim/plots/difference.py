"""How two worlds differ: for each state, the change in its share of replications over time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.bands import days
from sim.plots.lettering import date_text, day_number, printable, shorten, width
from sim.plots.page import Head, Page, blank, box, is_narrow, page_width
from sim.plots.rows import draw_upright_scale
from sim.plots.ruler import SINCE_HEIGHT, DayScale, draw_foot, draw_since, foot_height
from sim.plots.scale import finite, floats, round_ticks, signed_text, with_interval
from sim.plots.spikes import draw_spikes, reach_of
from sim.plots.style import (
    INK,
    PAPER,
    QUIET,
    RULE,
    STATE_COLOURS,
    STATE_LABELS,
    STATES,
    TEXT_SIZE,
    check_states,
    styled,
)

_LEFT, _RIGHT = 0.6, 1.75
_LEFT_NARROW, _RIGHT_NARROW, _NAME = 0.42, 0.15, 0.24
_HIGH, _GAP = 0.98, 0.32
_LEAST = 5.0  # percentage points: a smaller scale would make much of nothing

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Line:
    """One state's difference in percentage points, by days since 1970 UTC."""

    state: str
    days: _Floats
    points: _Floats
    low: _Floats
    high: _Floats

    @classmethod
    def of(cls, state: str, frame: pl.DataFrame) -> _Line:
        rows = frame.filter(pl.col("state") == state).sort("time")
        at: _Floats = rows.select(days("time"))["time"].to_numpy()
        low, high = 100 * floats(rows, "low"), 100 * floats(rows, "high")
        return cls(state, at, 100 * floats(rows, "difference"), low, high)

    @property
    def three(self) -> _Floats:
        """The difference, low and high, [3, days]."""
        return np.stack([self.points, self.low, self.high])

    def end(self) -> int | None:
        """Find the last time at which the difference is known."""
        known = np.flatnonzero(np.isfinite(self.points))
        return int(known[-1]) if len(known) else None


def difference(
    frame: pl.DataFrame,
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
    title: str = "",
    base: str = "history",
    other: str = "what-if",
) -> Figure:
    """Draw how much larger each state's share is in one world than in another, over time.

    `frame` has the columns time (UTC), state, difference (`other` minus `base`, -1 to 1) and low
    and high, the 95 % interval of the paired difference, NaN where unknown. Each state that the
    frame names has a panel, all on one scale; a spike of a few days is cut, and its peak written.
    `since` is the time of the first intervention.
    Raises ValueError for an unknown state.
    """
    check_states(frame["state"].unique().to_list() if len(frame) else [])
    with styled():
        lines = [_Line.of(s, frame) for s in STATES if len(frame) and s in frame["state"]]
        values = [v for one in lines for v in finite([*one.points, *one.low, *one.high])]
        if not values:
            return blank(title, f"No difference between {printable(other)} and {printable(base)}.")
        moments = [day_number(at) for at in (since, as_of) if at is not None]
        reach = [float(day) for one in lines for day in one.days[[0, -1]]] + moments
        left, right = (_LEFT_NARROW, _RIGHT_NARROW) if is_narrow() else (_LEFT, _RIGHT)
        span = DayScale.of(reach, left, page_width() - left - right)
        most = max(_LEAST, reach_of([np.fmax.reduce(np.abs(one.three)) for one in lines]))
        # shares differ by all at most
        tight = min((round_ticks(0, most, n) for n in (3, 4)), key=lambda found: found[-1])
        ticks = [0.0, 50.0, 100.0] if most > 50.0 else tight
        cut = max(abs(value) for value in values) > ticks[-1]
        head = Head(title, _note(lines, base, other, cut))
        above = _NAME if is_narrow() else 0
        over = (SINCE_HEIGHT if since else 0) + above
        under = foot_height(as_of) + 0.12
        gap = _GAP + above
        panels = len(lines) * (_HIGH + gap) - gap
        page = head.page(head.height + over + panels + under, _describe(base, other, lines))
        top = first = head.height + over
        for one in lines:
            _draw_panel(page, top, span, one, ticks)
            top += _HIGH + gap
        foot = first + panels
        shares = {STATE_LABELS[one.state]: one.points / 100 for one in lines}
        begun, end = (float(day) for day in lines[0].days[[0, -1]])
        wide = span.at(end) - span.at(begun)
        page.follow((span.at(begun), first, wide, panels), (begun, end), shares)
        if since is not None:
            draw_since(page, first - above, foot, span, since)
        draw_foot(page, first, foot, span, as_of)
        return page.figure


def _draw_panel(page: Page, top: float, span: DayScale, line: _Line, ticks: list[float]) -> None:
    most = ticks[-1]
    place = (span.left, top, span.inches, _HIGH)
    axes = page.axes(*place, "difference", x=span.ends, y=(-most, most))
    for tick in ticks[1:]:
        ends = [-tick, tick]
        axes.hlines(ends, *span.ends, color=RULE, lw=0.4, zorder=0, clip_on=False)
    draw_upright_scale(page, span.left - 0.08, top, _HIGH, (-most, 0.0, most), signed_text)
    colour = STATE_COLOURS[line.state]
    known = np.isfinite(line.low) & np.isfinite(line.high)
    if len(line.days) == 1:
        if known[0]:
            axes.plot(line.days[[0, 0]], [line.low[0], line.high[0]], color=QUIET, lw=1.3)
        axes.plot(line.days, line.points, "o", ms=5, mfc=INK, mec=INK, clip_on=False)
    else:
        three = (line.days, line.low, line.high)
        where = known.tolist()
        axes.fill_between(*three, where, color=colour, alpha=0.55, lw=0, zorder=1)
        for edge in (line.low, line.high):  # so that a pale band ends where it ends
            axes.plot(line.days, np.where(known, edge, np.nan), color=QUIET, lw=0.5, zorder=2)
        axes.plot(line.days, line.points, color=INK, lw=1.6, zorder=3)
    axes.hlines([0.0], span.start, span.end, color=INK, lw=0.8, zorder=2)
    draw_spikes(page, axes, top, _HIGH, span, line.days, line.three, most)
    _draw_name(page, top, span, line)


def _draw_name(page: Page, top: float, span: DayScale, line: _Line) -> None:
    left = span.left + span.inches
    words = [STATE_LABELS[line.state]]
    end = line.end()
    if end is not None:
        when = date_text(float(line.days[end]))
        values = (float(v[end]) for v in (line.points, line.low, line.high))
        number, around = with_interval(*values)
        words += [f"{number} on {when}", *([around] if around else [])]
    if is_narrow():
        _name_above(page, top, span, line, words)
        return
    axes = page.inches(left, top, page.width - left, _HIGH, "ends")
    box(axes, 0.25, _HIGH / 2 - 0.2, STATE_COLOURS[line.state])
    for n, text in enumerate(words):
        y, weight = _HIGH / 2 - 0.16 + 0.16 * n, "normal" if n else "bold"
        axes.text(0.44, y, text, color=INK, fontweight=weight, label="end")


def _name_above(page: Page, top: float, span: DayScale, line: _Line, words: list[str]) -> None:
    axes = page.inches(span.left, top - _NAME, span.inches, _NAME, "ends")
    axes.set_zorder(6)  # above the lines of days, which run through
    wide = Rectangle((0, 0.02), span.inches, _NAME - 0.08, facecolor=PAPER, edgecolor="none")
    axes.add_patch(wide)
    box(axes, 0.11, 0.1, STATE_COLOURS[line.state])
    axes.text(0.28, 0.14, words[0], color=INK, fontweight="bold").set_label("end")
    at = 0.36 + width(words[0], TEXT_SIZE, bold=True)
    said = shorten(" ".join(words[1:]), TEXT_SIZE, span.inches - at)
    axes.text(at, 0.14, said, color=INK).set_label("end")


def _note(lines: list[_Line], base: str, other: str, cut: bool) -> str:
    note = f"Share of replications in each state: {other} minus {base}, in percentage points."
    if any(np.isfinite(line.low).any() for line in lines):
        note += " Shaded: 95 % interval of the paired difference."
    if cut:
        note += " A triangle: the line goes on beyond the scale, to the number that is written."
    missing = [STATE_LABELS[s] for s in STATES if s not in [line.state for line in lines]]
    if missing:
        note += f" Not in the data: {', '.join(missing)}."
    if all(not math.isfinite(p) or p == 0 for line in lines for p in line.points):
        note += " The two do not differ at any time."
    return note


def _describe(base: str, other: str, lines: list[_Line]) -> str:
    ends = [(line, line.end()) for line in lines]
    parts = [
        f"{STATE_LABELS[line.state]} {signed_text(float(line.points[end]))}"
        for line, end in ends
        if end is not None
    ]
    worlds = f"{printable(other)} minus {printable(base)}"
    said = f"Difference in the share of each state, {worlds}, in percentage points"
    return said + (f"; in the end: {', '.join(parts)}." if parts else ".")
