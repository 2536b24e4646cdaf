"""Where the two parties of a channel disagree about its state."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.ground.language import N_, _
from sim.plots.bands import (
    Band,
    draw_bands,
    draw_lapses,
    from_day,
    has_gaps,
    lapse_item,
    not_known_item,
    read_bands,
    seen_from,
)
from sim.plots.lettering import day_number, described, shorten
from sim.plots.page import MARGIN, Head, KeyItem, Page, box, is_narrow, page_width, state_items
from sim.plots.ruler import AS_OF_HEIGHT, RULER_HEIGHT, DayScale, draw_as_of, draw_ruler
from sim.plots.scale import whole_percent
from sim.plots.style import INK, PAPER, QUIET, RULE, TEXT_SIZE, styled

_LEFT = 1.05
_LANE, _STRIP, _GAP = 0.27, 0.15, 0.035
_LANES = 2 * (_LANE + _GAP) + _STRIP
_HEADING, _HEADING_NARROW = 0.27, 0.44
_PANEL_GAP = 0.12
_HATCH = "//////"


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
        panels = [
            (channel, share, (a, _lane(intervals, channel, a)), (b, _lane(intervals, channel, b)))
            for channel, a, b, share in rows.select(
                "channel", "party_a", "party_b", "share"
            ).iter_rows()
        ]
        bands = [band for *_, one, other in panels for band in one[1] + other[1]]
        shown = [day_number(as_of)] if as_of else []
        first = seen_from([lane for *_, one, other in panels for lane in (one[1], other[1])], shown)
        reach = [band.end for band in bands] + shown + ([] if first is None else [first])
        reach = [day for day in reach if first is None or day >= first]
        span = DayScale.of(reach, _LEFT, page_width() - _LEFT - MARGIN)
        panels = [
            (channel, share, (a, from_day(one, span.start)), (b, from_day(other, span.start)))
            for channel, share, (a, one), (b, other) in panels
        ]
        gaps = {channel: has_gaps((one[1], other[1])) for channel, _, one, other in panels}
        key = state_items() + ([not_known_item()] if any(gaps.values()) else [])
        key.append(KeyItem(_("the parties disagree"), _hatched))
        if any(band.lapse for band in bands):
            key.append(lapse_item())
        head = Head(title, key=key)
        under = AS_OF_HEIGHT if as_of else 0
        heading_high = _HEADING_NARROW if is_narrow() else _HEADING
        each = heading_high + _LANES + RULER_HEIGHT + _PANEL_GAP + under
        page = Page(head.height + max(each * len(panels), 0.4) + 0.1, _describe(title, shares))
        head.draw(page)
        top = head.height + 0.05
        clear = None if as_of is None else day_number(as_of)
        if not panels:
            page.text(MARGIN, top + 0.15, "No channels.", colour=QUIET)
        for channel, share, one, other in panels:
            room = page.width - 2 * MARGIN - (0 if is_narrow() else 2.9)
            heading = page.text(
                MARGIN, top + 0.13, shorten(channel, 9, room, bold=True), size=9, bold=True
            )
            heading.set_label("heading")
            text = _share_text(share, gaps[channel])
            if is_narrow():
                page.text(MARGIN, top + 0.31, shorten(text, TEXT_SIZE, room))
            else:
                page.text(page.width - MARGIN, top + 0.13, text, align="right", bold=True)
            lanes = top + heading_high
            _draw_lanes(page, lanes, span, one, other, clear)
            foot = lanes + _LANES
            if as_of is not None:
                draw_as_of(page, lanes - 0.03, foot + 0.02, span, as_of)
                foot += AS_OF_HEIGHT
            draw_ruler(page, foot + 0.03, span)
            top += each
        return page.figure


def _share_text(share: float | None, gaps: bool) -> str:
    if share is None:
        return _("no day on which both states are known")
    said = N_("disagree on {share} of days")
    if gaps:
        said = N_("disagree on {share} of the days on which both states are known")
    return _(said, share=whole_percent(share))


def _lane(intervals: pl.DataFrame, channel: str, party: str) -> list[Band]:
    own = (pl.col("channel") == channel) & (pl.col("viewpoint") == party)
    return read_bands(intervals.filter(own))


def _draw_lanes(
    page: Page,
    top: float,
    span: DayScale,
    one: tuple[str, list[Band]],
    other: tuple[str, list[Band]],
    clear: float | None,
) -> None:
    axes = page.axes(span.left, top, span.inches, _LANES)
    axes.set_label("lanes")
    axes.set_xlim(span.start, span.end)
    axes.set_ylim(_LANES, 0)
    for (name, bands), y in ((one, 0.0), (other, _LANES - _LANE)):
        draw_bands(axes, bands, span, y, y + _LANE, text_y=y + _LANE / 2, clear=clear)
        draw_lapses(axes, bands, y - 0.015, y + _LANE + 0.015)
        page.text(
            span.left - 0.1,
            top + y + _LANE / 2,
            shorten(name, TEXT_SIZE, span.left - 0.2),
            size=TEXT_SIZE,
            align="right",
            stand="center_baseline",
        )
    middle = _LANE + _GAP + _STRIP / 2
    axes.plot([span.start, span.end], [middle, middle], color=RULE, lw=0.6, zorder=0)
    for start, end in disagreements(one[1], other[1]):
        strip = Rectangle(
            (start, _LANE + _GAP),
            end - start,
            _STRIP,
            facecolor=PAPER,
            edgecolor=INK,
            hatch=_HATCH,
            lw=0.8,
        )
        strip.set_label("disagree")
        axes.add_patch(strip)


def _hatched(axes: Axes, x: float, y: float) -> None:
    box(axes, x, y, PAPER, edgecolor=INK, hatch=_HATCH, linewidth=0.8)


def _describe(title: str, shares: pl.DataFrame) -> str:
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
    said = _(
        "Share of days on which the parties disagree about the state: {shares}.",
        shares="; ".join(parts),
    )
    return described(title, said)
