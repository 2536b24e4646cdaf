"""Where the two parties of a channel disagree about its state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.ground.language import N_, _
from sim.plots.bands import Band, days_shown, draw_lane, from_day, has_gaps, key_of, read_bands
from sim.plots.lettering import day_number, shorten
from sim.plots.page import MARGIN, Head, Page, box_item, is_narrow, page_width
from sim.plots.ruler import AS_OF_HEIGHT, RULER_HEIGHT, DayScale, draw_foot
from sim.plots.scale import whole_percent
from sim.plots.style import INK, PAPER, QUIET, RULE, TEXT_SIZE, styled

_LEFT = 1.05
_LANE, _STRIP, _GAP = 0.27, 0.15, 0.035
_LANES = 2 * (_LANE + _GAP) + _STRIP
_HEADING, _HEADING_NARROW = 0.27, 0.44
_PANEL_GAP = 0.12
_HATCHED: dict[str, Any] = {"edgecolor": INK, "hatch": "//////", "linewidth": 0.8}


@dataclass(frozen=True)
class _Panel:
    """One channel: the share of days on which its two parties disagree, and the lane of each."""

    channel: str
    share: float | None
    lanes: list[tuple[str, list[Band]]]

    def begun(self, day: float) -> _Panel:
        """Show nothing before a day."""
        return replace(self, lanes=[(name, from_day(lane, day)) for name, lane in self.lanes])

    @property
    def gaps(self) -> bool:
        """Whether there is a stretch in which a state is not known."""
        return has_gaps(lane for __, lane in self.lanes)

    def share_text(self) -> str:
        """Say on how many days the parties disagree."""
        if self.share is None:
            return _("no day on which both states are known")
        said = N_("disagree on {share} of days")
        if self.gaps:
            said = N_("disagree on {share} of the days on which both states are known")
        return _(said, share=whole_percent(self.share))


def disagreements(ours: list[Band], theirs: list[Band]) -> list[tuple[float, float]]:
    """List the stretches of days on which two lanes hold different states, both of them known."""
    spans: list[tuple[float, float]] = []
    a = b = 0
    while a < len(ours) and b < len(theirs):
        one, other = ours[a], theirs[b]
        start, end = max(one.start, other.start), min(one.end, other.end)
        known = one.state is not None and other.state is not None
        if known and start < end and one.state != other.state:
            if spans and spans[-1][1] == start:
                start = spans.pop()[0]
            spans.append((start, end))
        if one.end <= other.end:
            a += 1
        else:
            b += 1
    return spans


def divergence(
    intervals: pl.DataFrame,
    shares: pl.DataFrame,
    *,
    title: str = "",
    as_of: datetime | None = None,
) -> Figure:
    """Draw for each channel what its two parties take its state to be, and where they disagree.

    `intervals` has the columns channel, viewpoint, state, start, end, event, lapse; `shares` has
    channel, party_a, party_b, share: the share (0 to 1) of days on which the two disagree, of those
    on which both states are known; null where there is none. A stretch of a null state is hatched.
    The figure begins a little before the first change of state.
    Raises ValueError for an unknown state.
    """
    with styled():
        rows = shares.sort("channel", "party_a", "party_b")
        whole = [
            _Panel(channel, share, [(party, _lane(intervals, channel, party)) for party in pair])
            for channel, *pair, share in rows.select(
                "channel", "party_a", "party_b", "share"
            ).iter_rows()
        ]
        clear = None if as_of is None else day_number(as_of)
        bands = [lane for panel in whole for __, lane in panel.lanes]
        reach = days_shown(bands, [] if clear is None else [clear])
        span = DayScale.of(reach, _LEFT, page_width() - _LEFT - MARGIN)
        panels = [panel.begun(span.start) for panel in whole]
        drawn = [lane for panel in panels for __, lane in panel.lanes]
        differ = box_item(_("the parties disagree"), PAPER, **_HATCHED)
        head = Head(title, key=key_of(drawn, [differ]))
        under = AS_OF_HEIGHT if as_of else 0
        heading_high = _HEADING_NARROW if is_narrow() else _HEADING
        each = heading_high + _LANES + RULER_HEIGHT + _PANEL_GAP + under
        page = head.page(head.height + max(each * len(panels), 0.4) + 0.1, _describe(shares))
        top = head.height + 0.05
        if not panels:
            page.text(MARGIN, top + 0.15, "No channels.", colour=QUIET)
        for panel in panels:
            room = page.width - 2 * MARGIN - (0 if is_narrow() else 2.9)
            heading = shorten(panel.channel, 9, room, bold=True)
            page.text(MARGIN, top + 0.13, heading, size=9, bold=True, label="heading")
            text = panel.share_text()
            if is_narrow():
                page.text(MARGIN, top + 0.31, shorten(text, TEXT_SIZE, room))
            else:
                page.text(page.width - MARGIN, top + 0.13, text, align="right", bold=True)
            lanes = top + heading_high
            _draw_lanes(page, lanes, span, panel.lanes, clear)
            draw_foot(page, lanes - 0.03, lanes + _LANES + 0.02, span, as_of, 0.01)
            top += each
        return page.figure


def _lane(intervals: pl.DataFrame, channel: str, party: str) -> list[Band]:
    own = (pl.col("channel") == channel) & (pl.col("viewpoint") == party)
    return read_bands(intervals.filter(own))


def _draw_lanes(
    page: Page,
    top: float,
    span: DayScale,
    lanes: list[tuple[str, list[Band]]],
    clear: float | None,
) -> None:
    place = (span.left, top, span.inches, _LANES)
    axes = page.axes(*place, "lanes", x=span.ends, y=(_LANES, 0))
    for (name, bands), y in zip(lanes, (0.0, _LANES - _LANE), strict=True):
        named = shorten(name, TEXT_SIZE, span.left - 0.2)
        draw_lane(page, axes, top, span, named, bands, y=y, high=_LANE, over=0.015, clear=clear)
    middle = _LANE + _GAP + _STRIP / 2
    axes.plot([span.start, span.end], [middle, middle], color=RULE, lw=0.6, zorder=0)
    for start, end in disagreements(*(bands for __, bands in lanes)):
        corner = (start, _LANE + _GAP)
        strip = Rectangle(corner, end - start, _STRIP, facecolor=PAPER, **_HATCHED)
        strip.set_label("disagree")
        axes.add_patch(strip)


def _describe(shares: pl.DataFrame) -> str:
    parts = [
        _(
            "{one} and {other} on {channel}: {share}",
            one=a,
            other=b,
            channel=channel,
            share=_("not known") if share is None else whole_percent(share),
        )
        for channel, a, b, share in shares.select(
            "channel", "party_a", "party_b", "share"
        ).iter_rows()
    ]
    return _(
        "Share of days on which the parties disagree about the state: {shares}.",
        shares="; ".join(parts),
    )
