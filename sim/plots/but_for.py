"""What an outcome hung on: for each event, how often the outcome would have failed without it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.lettering import printable, width, wrap
from sim.plots.page import MARGIN, Head, Page, blank, is_narrow, page_width
from sim.plots.rows import draw_rules, draw_scale, rows_under
from sim.plots.scale import draw_whisker, numbers, whole_percent
from sim.plots.style import INK, QUIET, RULE, TEXT_SIZE, styled

_MOST = 40
_DATE, _LABEL = 1.05, 2.85
_RIGHT = 0.85
_LINE, _PAD = 0.15, 0.08
_BAR = 0.2  # under the words of a row on a phone
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FAILS = "share of worlds in which the outcome would have failed without this event"
_COMES = "share of worlds in which the outcome would have come about without this event"


def _left() -> float:
    """Return where the scale begins: beside the words of a row, or on a phone under them."""
    return MARGIN if is_narrow() else MARGIN + _DATE + _LABEL + 0.15


@dataclass(frozen=True)
class _Row:
    label: list[str]
    date: list[str]
    share: float
    low: float
    high: float

    @property
    def height(self) -> float:
        if is_narrow():
            return (len(self.label) + 1) * _LINE + _BAR + _PAD
        return max(len(self.label), len(self.date), 1) * _LINE + _PAD


def but_for(
    frame: pl.DataFrame,
    *,
    outcome: str = "",
    title: str = "",
    turned: bool = False,
    worlds: int | None = None,
) -> Figure:
    """Draw for each event the share of worlds in which the outcome depended on it: in which
    it would have failed without the event, or, `turned`, would have come about.

    `frame` has the columns id, label, date (text), share, low and high (0 to 1, the 95 % interval,
    NaN where unknown). The largest shares come first, ties by id; beyond 40 events the rest are
    counted. The shares need not add up to one: an outcome may depend on several events, or on none.
    `worlds` are those that the shares are of.
    """
    with styled():
        if frame.is_empty():
            return blank(title, "There is no event that could be left out.")
        by_share = pl.col("share").cast(pl.Float64).fill_nan(None)
        ordered = frame.with_columns(by_share).sort(
            "share", "id", descending=[True, False], nulls_last=True
        )
        rows, rest = _read(ordered.head(_MOST)), ordered.slice(_MOST)
        heights = [row.height for row in rows]
        head = Head(title, f"Outcome: {outcome}" if outcome else "")
        left = _left()
        inches = page_width() - left - _RIGHT
        asked = _COMES if turned else _FAILS
        caption = wrap(asked, TEXT_SIZE, page_width() - left - MARGIN)
        top = head.height + _LINE * len(caption) + 0.22
        foot = top + sum(heights)
        last = _rest_text(rest)
        twice = len(rows) > 15
        height = foot + (0.25 if twice else 0) + (0.25 if last else 0) + 0.15
        page = head.page(height, _describe(outcome, ordered, asked, worlds))
        page.lines(left, head.height + 0.1, caption, _LINE, colour=QUIET, label="caption")
        place = (left, top, inches, foot - top)
        ruled = not is_narrow()
        axes = rows_under(page, "but-for", *place, _TICKS, whole_percent, ruled=ruled)
        if twice:
            draw_scale(page, left, foot + 0.15, inches, _TICKS, whole_percent)
        y = 0.0
        for row in rows:
            _draw_row(page, axes, top, y, row, worlds)
            y += row.height
        if last:
            beside = 0 if is_narrow() else _DATE
            page.text(MARGIN + beside, page.height - 0.2, last, colour=QUIET, label="row")
        return page.figure


def _read(frame: pl.DataFrame) -> list[_Row]:
    room = page_width() - 2 * MARGIN if is_narrow() else _LABEL
    words = frame.select("label", "date").iter_rows()
    return [
        _Row(
            wrap(label or "", TEXT_SIZE, room, lines=3),
            [printable(date or "")] if is_narrow() else _wrap_date(date or ""),
            *three,
        )
        for (label, date), three in zip(words, numbers(frame, "share", "low", "high"), strict=True)
    ]


def _wrap_date(date: str) -> list[str]:
    """Break a span of dates after its dash."""
    room = _DATE - 0.1
    first, dash, last = printable(date).partition(" – ")
    if dash and width(date, TEXT_SIZE) > room:
        return [line for p in (f"{first} –", last) for line in wrap(p, TEXT_SIZE, room, lines=1)]
    return wrap(date, TEXT_SIZE, room, lines=2)


def _draw_row(page: Page, axes: Axes, top: float, y: float, row: _Row, worlds: int | None) -> None:
    baseline = top + y + _PAD / 2 + 0.11
    under = len(row.label) if is_narrow() else 0  # the date follows the words, or stands before
    beside = 0 if is_narrow() else _DATE
    page.lines(MARGIN, baseline + _LINE * under, row.date, _LINE, colour=QUIET, label="row")
    page.lines(MARGIN + beside, baseline, row.label, _LINE, label="row")
    middle = y + _PAD / 2 + _LINE / 2
    if is_narrow():
        middle = y + row.height - _PAD / 2 - _BAR / 2
        draw_rules(axes, _TICKS, middle - _BAR / 2, middle + _BAR / 2)
        baseline = top + middle + 0.04
    known = math.isfinite(row.share)
    if known:
        axes.plot([0, row.share], [middle, middle], color=RULE, lw=1.0, ls=(0, (1, 2)), zorder=1)
    draw_whisker(axes, middle, row.share, row.low, row.high)
    page.text(
        page.width - MARGIN,
        baseline,
        whole_percent(row.share, worlds) if known else "unknown",
        colour=INK if known else QUIET,
        bold=known,
        align="right",
        label="row",
    )


def _rest_text(rest: pl.DataFrame) -> str:
    if rest.is_empty():
        return ""
    events = "event" if len(rest) == 1 else "events"
    most = rest["share"].max()
    at_most = (
        f", each {whole_percent(most)} or less" if isinstance(most, float) and most > 0 else ""
    )
    return f"and {len(rest)} more {events}{at_most}"


def _describe(outcome: str, ordered: pl.DataFrame, caption: str, worlds: int | None) -> str:
    about = f" ({printable(outcome)})" if outcome else ""
    parts = [
        f"{printable(label or '')} {whole_percent(share, worlds)}"
        for label, share in ordered.head(5).select("label", "share").iter_rows()
        if share is not None
    ]
    said = f"{caption[0].upper()}{caption[1:]}{about}, for {len(ordered)} events"
    return said + (f"; most: {', '.join(parts)}." if parts else ".")
