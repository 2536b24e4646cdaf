"""The fan of possible states: the share of replications in each, over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.bands import (
    Band,
    clip,
    days,
    draw_bands,
    has_gaps,
    not_known_item,
    read_bands,
    viewpoints,
)
from sim.plots.ends import ends_text
from sim.plots.forums import draw_forums, forum_item
from sim.plots.lettering import date_text, day_number, printable, width
from sim.plots.page import (
    MARGIN,
    Head,
    KeyItem,
    Page,
    box,
    box_item,
    frame,
    is_narrow,
    page_width,
)
from sim.plots.rows import draw_upright_scale
from sim.plots.ruler import SINCE_HEIGHT, DayScale, draw_foot, draw_since, foot_height
from sim.plots.scale import spread, whole_percent
from sim.plots.style import (
    FRAME,
    INK,
    PAPER,
    QUIET,
    STATE_COLOURS,
    STATE_LABELS,
    STATES,
    TEXT_SIZE,
    check_states,
    styled,
)

_LEFT, _RIGHT = 0.75, 1.75
_LEFT_NARROW, _RIGHT_NARROW = 0.5, 0.1
_PARTS = 0.19  # above a fan, for what its two parts are
_STRIP = 0.22
_LABEL_STEP = 0.19
_WORDS = 0.17  # under what really happened, on a phone


class _Fan:
    """One viewpoint's shares: `shares[state, time]`, the states in the order of display."""

    def __init__(self, rows: pl.DataFrame) -> None:
        check_states(rows["state"].unique().to_list())
        rows = rows.select(days("time"), "state", "share")
        self.times: NDArray[np.float64] = rows["time"].unique().sort().to_numpy()
        self.shares = np.zeros((len(STATES), len(self.times)))
        for n, state in enumerate(STATES):
            own = rows.filter(pl.col("state") == state)
            self.shares[n, np.searchsorted(self.times, own["time"].to_numpy())] = own["share"]


def _select(intervals: pl.DataFrame | None, viewpoint: str) -> list[Band]:
    if intervals is None:
        return []
    return read_bands(intervals.filter(pl.col("viewpoint") == viewpoint))


def occupancy(
    occupancy: pl.DataFrame,
    *,
    intervals: pl.DataFrame | None = None,
    as_of: datetime | None = None,
    really: pl.DataFrame | None = None,
    since: datetime | None = None,
    forums: Sequence[tuple[datetime, str]] = (),
    replications: int | None = None,
    title: str = "",
) -> Figure:
    """Draw the share of replications in each state over time, a panel for each viewpoint.

    `occupancy` has the columns time (UTC, a regular grid), viewpoint, state, share (0 to 1).
    `intervals`, of one channel, gives the known history up to `as_of` (or to the first time of the
    grid); `really`, also intervals of one channel, is what happened later, in a strip below. The
    first change falls on `since`; where that is before `as_of`, in a what-if, history is known up
    to there. A stretch of a null state is hatched. `forums` are days on which paths may cross,
    marked on the band of `corridor`, which they widen. `replications` is how many there are.
    Raises ValueError for an unknown state.
    """
    with styled():
        names = viewpoints(occupancy)
        fans = [_Fan(occupancy.filter(pl.col("viewpoint") == name)) for name in names]
        pasts = [_select(intervals, name) for name in names]
        futures = [_select(really, name) for name in names]
        left, right = (_LEFT_NARROW, _RIGHT_NARROW) if is_narrow() else (_LEFT, _RIGHT)
        inches = page_width() - left - right
        reach = [float(t) for fan in fans for t in fan.times[[0, -1]]]
        known = since if since and (as_of is None or since < as_of) else as_of
        first = day_number(known) if known else min(reach, default=0.0)
        last = max(reach, default=first)
        reach += [band.start for past in pasts for band in past if band.start < first]
        span = DayScale.of([*reach, first], left, inches)
        high = 1.9 if is_narrow() else 2.9 if len(names) <= 1 else 1.7
        strip_high = _STRIP + 0.07 + (_WORDS if is_narrow() else 0.0)
        strips = [strip_high if clip(future, first, last) else 0.0 for future in futures]
        under = foot_height(as_of) + 0.12
        heading = 0.27 if len(names) > 1 else 0.0
        above = (SINCE_HEIGHT if since else 0.0) + _PARTS
        lanes = [clip(past, span.start, first) for past in pasts]
        lanes += [clip(future, first, last) for future in futures]
        told = [(day_number(moment), printable(name)) for moment, name in forums]
        at = [day for day, _ in told]
        marked = any(fan.times[0] <= day <= fan.times[-1] for fan in fans for day in at)
        key = _ends_key(fans[0], replications) if is_narrow() and len(fans) == 1 else []
        key += [not_known_item()] if has_gaps(lanes) else []
        key += [forum_item()] if marked else []
        of = "worlds" if replications is None else f"{replications:,} worlds"
        head = Head(title, "", key)
        page = head.page(
            head.height + sum(strips) + len(names) * (high + under + heading + above) + 0.1,
            _describe(names, fans, replications),
        )
        top = head.height
        for name, fan, past, future, strip in zip(names, fans, pasts, futures, strips, strict=True):
            if heading:
                page.text(MARGIN, top + 0.15, printable(name), size=9, bold=True)
                top += heading
            top += above
            _draw_parts(page, top - above, span, first, f"share of {of} in each state")
            _draw_fan(page, top, high, span, fan, clip(past, span.start, first), first)
            if not is_narrow() or len(fans) > 1:
                _draw_ends(page, top, high, span, fan, replications)
            draw_forums(page, (top, high), span, (fan.times, fan.shares), at)
            begun, end = float(fan.times[0]), float(fan.times[-1])
            place = (span.at(begun), top, span.at(end) - span.at(begun), high)
            shares = {STATE_LABELS[s]: fan.shares[n] for n, s in enumerate(STATES)}
            page.follow(place, (begun, end), shares, told)
            foot = top + high
            if strip:
                _draw_really(page, foot + 0.07, span, clip(future, first, last))
                foot += strip
            if since:
                draw_since(page, top - 0.05, foot, span, since)
            top = draw_foot(page, top - 0.05, foot, span, as_of) + 0.12
        return page.figure


def _draw_fan(
    page: Page, top: float, high: float, span: DayScale, fan: _Fan, past: list[Band], first: float
) -> None:
    open_on_top = (1, 0)
    axes = page.axes(span.left, top, span.inches, high, "fan", x=span.ends, y=open_on_top)
    draw_bands(axes, past, span, 0, 1, text_y=0.12 / high)
    times, shares = fan.times, fan.shares
    if past and times[0] > first:  # the last known state holds until the grid begins
        known = np.array([[float(state == past[-1].state)] for state in STATES])
        known = shares[:, :1] if past[-1].state is None else known
        times, shares = np.concatenate([[first], times]), np.hstack([known, shares])
    edges = np.vstack([np.zeros(len(times)), np.cumsum(shares, axis=0)])
    for n, state in enumerate(STATES):
        axes.fill_between(
            times, edges[n], edges[n + 1], color=STATE_COLOURS[state], lw=0, label=state
        )
    for edge, share in zip(edges[1:-1], shares[1:], strict=True):
        if share.any():
            axes.plot(times, edge, color=PAPER, lw=0.7)
    for y in (0.25, 0.5, 0.75):
        axes.plot([first, span.end], [y, y], color=PAPER, lw=0.6, alpha=0.6, ls=(0, (1, 3)))
    draw_upright_scale(page, span.left - 0.08, top, high, (0.0, 0.5, 1.0), whole_percent)
    frame(axes, *span.ends, FRAME)


def _draw_parts(page: Page, top: float, span: DayScale, first: float, simulated: str) -> None:
    """Say above a fan what is history in it and what is simulated."""
    begins = span.at(first)
    history = "history, as coded"
    known = begins - span.left > width(history, TEXT_SIZE) + 0.1
    if known:
        page.text(span.left, top + 0.11, history, colour=QUIET, label="part")
    long = begins + width(simulated, TEXT_SIZE) > page.width - 0.05
    at = page.width - 0.1 if long else begins + 0.02
    if known and long and begins - span.left + 1.0 > span.inches - width(simulated, TEXT_SIZE):
        simulated = "simulated"
    align = "right" if long else "left"
    page.text(at, top + 0.11, simulated, colour=QUIET, align=align, label="part")


def _ends_key(fan: _Fan, worlds: int | None) -> list[KeyItem]:
    """Give the key of the states with their shares in the end, for a page without room beside."""
    return [
        box_item(f"{STATE_LABELS[state]} {whole_percent(share, worlds)}", STATE_COLOURS[state])
        for state, share in zip(STATES, fan.shares[:, -1], strict=True)
    ]


def _draw_ends(
    page: Page, top: float, high: float, span: DayScale, fan: _Fan, worlds: int | None
) -> None:
    ends = fan.shares[:, -1]
    middles = np.cumsum(ends) - ends / 2
    wanted = [float(high * m) for m in middles]
    places = spread(wanted, _LABEL_STEP, 0.08, high - 0.08)
    right = span.left + span.inches
    axes = page.inches(right, top, page.width - right, high, "ends")
    for n, state in enumerate(STATES):
        axes.plot([0.03, 0.12, 0.2], [wanted[n], places[n], places[n]], color=QUIET, lw=0.6)
        box(axes, 0.33, places[n], STATE_COLOURS[state])
        share = whole_percent(ends[n], worlds)
        axes.text(0.5, places[n] + 0.04, share, color=INK, fontweight="bold", label="end")
        place = 0.56 + width(share, TEXT_SIZE, bold=True)
        axes.text(place, places[n] + 0.04, STATE_LABELS[state], color=INK).set_label("end")


def _draw_really(page: Page, top: float, span: DayScale, bands: list[Band]) -> None:
    place = (span.left, top, span.inches, _STRIP)
    axes = page.axes(*place, "really", x=span.ends, y=(_STRIP, 0))
    draw_bands(axes, bands, span, 0, _STRIP, text_y=_STRIP / 2)
    words = "what really happened"
    right = span.left + span.inches
    if is_narrow():
        page.text(right, top + _STRIP + 0.14, words, align="right", italic=True)
    else:
        page.text(right + 0.1, top + _STRIP / 2, words, stand="center_baseline", italic=True)


def _describe(names: list[str], fans: list[_Fan], worlds: int | None) -> str:
    parts = [
        f"{name} on {date_text(float(fan.times[-1]))}: {ends_text(fan.shares[:, -1], worlds)}"
        for name, fan in zip(names, fans, strict=True)
    ]
    return f"Share of replications in each state over time; {'; '.join(parts)}."
