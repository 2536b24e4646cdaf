"""The timeline: what each viewpoint takes a channel's state to be, under the events."""

from __future__ import annotations

import math
from datetime import datetime

import polars as pl
from matplotlib.figure import Figure

from sim.ground.language import _, ngettext
from sim.ground.states import viewpoint_name
from sim.plots.bands import (
    Band,
    clip,
    days_shown,
    draw_lane,
    from_day,
    key_of,
    read_bands,
    viewpoints,
)
from sim.plots.lettering import day_number, shorten
from sim.plots.marks import (
    Events,
    Flags,
    Mark,
    Numbers,
    key_rows,
    lay_out,
    mark_items,
    number,
    read_marks,
)
from sim.plots.page import MARGIN, Head, Page, is_narrow, page_width
from sim.plots.ruler import DayScale, draw_foot, foot_height
from sim.plots.style import QUIET, TEXT_SIZE, styled

_LEFT = 1.05
_LANE = 0.27
_LANE_GAP = 0.055
_HEADING = 0.27
_PANEL_GAP = 0.22
_FEWEST = 6  # events that are named in any case
MOST_HIGH, MOST_HIGH_NARROW = 10.8, 15.0
"""How high a timeline may be, in inches: two screens."""


class _Panel:
    """One channel: its lanes and its events."""

    def __init__(
        self, channel: str, intervals: pl.DataFrame, marks: pl.DataFrame, start: float
    ) -> None:
        self.channel, self.start = channel, start
        self.lanes: dict[str, list[Band]] = {
            name: clip(read_bands(intervals.filter(pl.col("viewpoint") == name)), start, math.inf)
            for name in viewpoints(intervals)
        }
        known = read_marks(marks)
        self.marks: list[Mark] = [mark for mark in known if mark.day >= start]
        self.left_out = len(known) - len(self.marks)
        self.unnamed = 0
        self._moves = set(intervals["event"].drop_nulls().to_list())

    def days(self) -> list[float]:
        """List the days of the events, as far as they are shown."""
        return [max(day, self.start) for m in self.marks for day in (m.day, m.lo, m.hi)]

    def named(self, most: int) -> list[Mark]:
        """Choose the events that are named where not all can be: those that moved a state before
        the others, and of either the first and last and evenly those between."""
        if len(self.marks) <= most:
            return self.marks
        moves = [n for n, mark in enumerate(self.marks) if mark.id in self._moves]
        others = [n for n, mark in enumerate(self.marks) if mark.id not in self._moves]
        chosen = _evenly(moves, most)
        chosen += _evenly(others, most - len(chosen))
        self.unnamed = len(self.marks) - len(chosen)
        return [self.marks[n] for n in sorted(chosen)]

    def begin(self, day: float) -> None:
        """Show nothing before a day."""
        self.lanes = {name: from_day(lane, day) for name, lane in self.lanes.items()}

    @property
    def lanes_height(self) -> float:
        """The height of all lanes, in inches."""
        return len(self.lanes) * (_LANE + _LANE_GAP)

    def draw(
        self, page: Page, top: float, span: DayScale, events: Events, as_of: datetime | None
    ) -> float:
        """Draw the panel under `top` and give its foot."""
        heading = shorten(self.channel, 9, page.width - 2 * MARGIN, bold=True)
        page.text(MARGIN, top + 0.13, heading, size=9, bold=True)
        top += _HEADING
        clear = None if as_of is None else day_number(as_of)
        if self.marks:
            events.draw(page, top, span)
        lanes = top + events.height
        place = (span.left, lanes, span.inches, self.lanes_height)
        axes = page.axes(*place, "lanes", x=span.ends, y=(self.lanes_height, 0))
        for n, (name, bands) in enumerate(self.lanes.items()):
            y, bold = n * (_LANE + _LANE_GAP), name == "observer"
            named = shorten(viewpoint_name(name), TEXT_SIZE, span.left - 0.2, bold=True)
            draw_lane(
                page, axes, lanes, span, named, bands, y=y, high=_LANE, clear=clear, bold=bold
            )
        foot = draw_foot(page, lanes - 0.03, lanes + self.lanes_height, span, as_of, gap=0)
        if isinstance(events, Numbers):
            events.draw_key(page, foot + 0.05)
        return foot + events.key_height


def _fit(panels: list[_Panel], reach: list[float]) -> tuple[DayScale, list[Events]]:
    """Find the widest span in which every label has room."""
    full = inches = page_width() - _LEFT - MARGIN
    while True:
        span = DayScale.of(reach, _LEFT, inches)
        laid = [lay_out(panel.marks, span) for panel in panels]
        events = [one for one in laid if one is not None]
        if len(events) == len(panels):
            break
        inches -= 0.1
    if inches < full and all(
        isinstance(one, Numbers) for one in events
    ):  # numbers need no room on the right
        span = DayScale.of(reach, _LEFT, full)
        events = [number(panel.marks, span) for panel in panels]
    return span, events


def timeline(
    intervals: pl.DataFrame,
    marks: pl.DataFrame,
    title: str = "",
    *,
    as_of: datetime | None = None,
    start: datetime | None = None,
) -> Figure:
    """Draw each channel's state as each viewpoint has it, with the events above.

    `intervals` has the columns channel, viewpoint, state, start, end, event, lapse; `marks` has
    channel, time, lo, hi, id, kind, label, by, really; times are UTC, and `hi` is the first instant
    after the date, or equal to `lo`. The figure grows with the events. Up to 40
    events are labelled where they happened; more than that, or too many close together, are
    numbered and listed under the lanes. An event with `really` true is hollow and italic: it
    happened after the as-of date and the model never saw it. A dashed edge is a state that began
    by silence. Where the state is null, and before a viewpoint's first interval, it is not known
    and hatched. The figure begins a little before the first event or change of state, and not
    before `start`; how many events lie before that is said.
    Raises ValueError for an unknown state.
    """
    with styled():
        names = sorted({*intervals["channel"].to_list(), *marks["channel"].to_list()})
        panels = [
            _Panel(
                name,
                intervals.filter(pl.col("channel") == name),
                marks.filter(pl.col("channel") == name),
                -math.inf if start is None else day_number(start),
            )
            for name in names
        ]
        shown = [day for panel in panels for day in panel.days()]
        shown += [day_number(as_of)] if as_of else []
        lanes = [lane for panel in panels for lane in panel.lanes.values()]
        span, events = _fit(panels, days_shown(lanes, shown))
        for panel in panels:
            panel.begin(span.start)
        lanes = [lane for panel in panels for lane in panel.lanes.values()]
        key = key_of(lanes, mark_items([mark for panel in panels for mark in panel.marks]))
        under = foot_height(as_of) + _HEADING + _PANEL_GAP
        lanes_high = sum(panel.lanes_height + under for panel in panels)
        events = _kept_low(panels, events, span, lanes_high)
        left_out = sum(panel.left_out for panel in panels)
        head = Head(title, _left_out(left_out, sum(panel.unnamed for panel in panels)), key)
        height = head.height + MARGIN - _PANEL_GAP + lanes_high
        for laid in events:
            height += laid.height + laid.key_height
        page = head.page(max(height, 1.0), _describe(panels))
        y = head.height + 0.05
        for panel, laid in zip(panels, events, strict=True):
            y = panel.draw(page, y, span, laid, as_of) + _PANEL_GAP
        if not panels:
            page.text(MARGIN, y, "No channels.", colour=QUIET)
        return page.figure


def _kept_low(
    panels: list[_Panel], events: list[Events], span: DayScale, lanes_high: float
) -> list[Events]:
    """Name fewer events where naming all of them would make the figure too high."""
    most = MOST_HIGH_NARROW if is_narrow() else MOST_HIGH
    flags = sum(laid.height for laid in events if isinstance(laid, Flags))
    keys = [laid for laid in events if isinstance(laid, Numbers)]
    if not keys or lanes_high + flags + sum(k.height + k.key_height for k in keys) <= most - 1:
        return events
    room = (most - 1 - lanes_high - flags) / len(keys)
    return [
        _numbered(panel, span, room) if isinstance(laid, Numbers) else laid
        for panel, laid in zip(panels, events, strict=True)
    ]


def _numbered(panel: _Panel, span: DayScale, room: float) -> Numbers:
    """Number as many of a panel's events as have room in so many inches, at least a few."""
    most = key_rows(room)
    while True:
        laid = number(panel.named(most), span, panel.marks)
        if laid.height + laid.key_height <= room or most <= _FEWEST:
            return laid
        most = most * 4 // 5


def _evenly(places: list[int], most: int) -> list[int]:
    """Choose at most so many places, the first and the last and evenly those between."""
    if len(places) <= most:
        return places
    step = (len(places) - 1) / max(1, most - 1)
    return [places[round(n * step)] for n in range(max(0, most))]


def _left_out(number: int, unnamed: int) -> str:
    said = []
    if number:
        said.append(
            ngettext("{n} earlier event is not shown.", "{n} earlier events are not shown.", number)
        )
    if unnamed:
        said.append(
            ngettext(
                "{n} event is a dot without a name.", "{n} events are dots without a name.", unnamed
            )
        )
    return " ".join(said)


def _describe(panels: list[_Panel]) -> str:
    parts = [
        _(
            "{channel} as seen by {viewpoints}, with {n} events",
            channel=panel.channel,
            viewpoints=", ".join(map(viewpoint_name, panel.lanes)),
            n=len(panel.marks),
        )
        for panel in panels
    ]
    return _("Timeline of {panels}.", panels="; ".join(parts))
