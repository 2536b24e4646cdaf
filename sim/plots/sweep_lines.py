"""A sweep over one setting: how each outcome's share answers to it."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.lettering import printable, width, wrap
from sim.plots.page import MARGIN, Head, Page, blank, is_narrow, page_width
from sim.plots.rows import draw_upright_scale, rows_under
from sim.plots.scale import (
    draw_dot,
    draw_whisker,
    finite,
    floats,
    number_text,
    numbers,
    round_ticks,
    whole_percent,
)
from sim.plots.style import INK, PAPER, QUIET, RULE, SMALL_SIZE, TEXT_SIZE, TINT, styled
from sim.plots.sweep_axis import (
    OWN_LINE,
    Line,
    names_of,
    own_item,
    own_text,
    ranks_of,
    thin,
    values_of,
)

_COLUMNS, _COLUMNS_NARROW = 3, 1
_GAP = 0.3
_LINE = 0.16
_AXIS = 0.7  # inches left of panels of numbers, for the shares
_NAMES = 1.9  # inches left of panels of names, for the names
_NUMBER = 0.5  # inches right of a panel of names, for its shares
_HIGH, _HIGH_ALONE = 1.55, 2.6


def sweep_lines(
    frame: pl.DataFrame,
    *,
    x_label: str,
    x_path: str = "",
    own: float | None = None,
    title: str = "",
    scattered: bool = False,
    worlds: int | None = None,
) -> Figure:
    """Draw each outcome's share against the setting that was varied, a panel for each outcome.

    `frame` has the columns x (numbers or text), outcome, estimate, low and high (0 to 1, the 95 %
    interval, NaN where unknown). Numbers give lines with bands, on a log scale if they are positive
    and span a ratio of 30 or more; text gives a row for each value, in the order of the rows.
    Outcomes keep the order of the rows, and all panels share one scale that begins at zero. With
    `scattered` numbers give dots with whiskers that nothing joins, for a sweep in which other
    numbers vary too. `x_path` is where the setting stands in a file, in small letters under its
    name; `own` is its value where nothing is varied, a dashed line where it lies within the scale.
    `worlds` are those that each share is of.
    """
    with styled():
        named = bool(len(frame)) and not frame["x"].dtype.is_numeric()
        values = finite(floats(frame, "estimate")) if len(frame) else []
        if not values or not names_of(frame["x"]):
            return blank(title, f"No estimates over {printable(x_label)}.")
        most = max(finite([*floats(frame, "estimate"), *floats(frame, "high")]))
        ticks = round_ticks(0, min(1.0, max(most, 0.01)), 6 if not named else 3)
        outcomes = frame["outcome"].unique(maintain_order=True).to_list()
        columns = min(_COLUMNS_NARROW if is_narrow() else _COLUMNS, len(outcomes))
        left = _names() if named else 0.5 if is_narrow() else _AXIS
        room = page_width() - MARGIN - left - (columns - 1) * _GAP
        inches = room / columns - (_NUMBER if named else 0)
        both = (x_label, x_path)
        draw = (
            _Names(frame, inches, worlds)
            if named
            else _Numbers(frame, inches, both, own, scattered)
        )
        titles = [wrap(o, TEXT_SIZE, inches, lines=3, bold=True) for o in outcomes]
        rows = [titles[n : n + columns] for n in range(0, len(titles), columns)]
        overs = [max(len(lines) for lines in row) * _LINE + 0.14 + draw.above for row in rows]
        height = sum(overs) + len(rows) * (draw.height + draw.under)
        note = _note(frame, x_label, named or scattered, draw.log)
        head = Head(title, f"{note} {own_text(own)}".strip(), [own_item()] if draw.marked else [])
        page = head.page(head.height + height, _describe(x_label, outcomes, frame, worlds))
        top = head.height
        step = inches + _GAP + (_NUMBER if named else 0)
        for row, (lines, over) in enumerate(zip(rows, overs, strict=True)):
            for column, words in enumerate(lines):
                x = left + column * step
                y = top + over - 0.16 - _LINE * (len(words) - 1) - draw.above
                page.lines(x, y, words, _LINE, bold=True, label="heading")
                mine = frame.filter(pl.col("outcome") == outcomes[row * columns + column])
                last = row * columns + column + columns >= len(outcomes)
                draw.panel(page, (x, top + over), mine, ticks, column == 0, last)
            top += over + draw.height + draw.under
        return page.figure


class _Numbers:
    """Panels whose setting is a number: a line with its band."""

    above = 0.0

    def __init__(
        self,
        frame: pl.DataFrame,
        inches: float,
        words: tuple[str, str],
        own: float | None,
        scattered: bool,
    ) -> None:
        self.scattered = scattered
        self.line = Line.of(values_of(frame["x"]), inches, drawn=scattered)
        self.own = None if own is None else self.line.inside(own)
        self.marked = self.own is not None
        self.log = self.line.log
        self.height = _HIGH if frame["outcome"].n_unique() > 1 else _HIGH_ALONE
        self.words = wrap(words[0], TEXT_SIZE, inches, lines=3)
        self.path = wrap(words[1], SMALL_SIZE, inches, lines=3)
        self.under = 0.32 + 0.15 * max(2, len(self.words)) + 0.13 * len(self.path)

    def panel(
        self,
        page: Page,
        place: tuple[float, float],
        own: pl.DataFrame,
        ticks: list[float],
        first: bool,
        last: bool,
    ) -> None:
        """Draw one outcome; `first` in its row, `last` in its column."""
        (left, top), wide = place, self.line.inches
        reach = (ticks[0], ticks[-1])
        axes = page.axes(left, top, wide, self.height, "sweep", x=(0, wide), y=reach)
        axes.hlines(ticks, 0, wide, color=RULE, lw=0.5, zorder=0, clip_on=False)
        if first:
            draw_upright_scale(page, left - 0.12, top, self.height, ticks, whole_percent)
        own = own.filter(pl.col("x").is_not_null() & pl.col("x").is_finite()).sort("x")
        x = np.array([self.line.at(float(value)) for value in floats(own, "x")])
        share, low, high = (floats(own, name) for name in ("estimate", "low", "high"))
        known = np.isfinite(low) & np.isfinite(high)
        if self.own is not None:
            line = axes.plot([self.own] * 2, [ticks[0], ticks[-1]], **OWN_LINE, zorder=1.5).pop()
            line.set_label("own")
        self._draw_ticks(page, axes, left, top + self.height, last)
        if self.scattered:
            axes.vlines(x[known], low[known], high[known], color=QUIET, lw=0.6, zorder=2)
            axes.plot(x, share, "o", ms=3.2, mfc=INK, mec=PAPER, mew=0.4, zorder=3, clip_on=False)
            return
        axes.fill_between(x, low, high, where=known.tolist(), color=TINT, lw=0, zorder=1)
        alone = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
        axes.vlines(x[alone], low[alone], high[alone], color=INK, lw=1.3, zorder=2)
        axes.plot(x, share, color=INK, lw=1.5, zorder=3)
        few = len(x) <= 25
        for one, value in zip(x, share, strict=True):
            if np.isfinite(value) and few:
                draw_dot(axes, one, value, size=3.5)

    def _draw_ticks(self, page: Page, axes: Axes, left: float, foot: float, last: bool) -> None:
        places = [self.line.at(tick) for tick in self.line.ticks]
        names = [number_text(tick) for tick in self.line.ticks]
        inner, outer = -0.12, self.line.inches + 0.12
        halves = [width(name, TEXT_SIZE) / 2 for name in names]
        stands = [
            min(max(place, inner + half), outer - half)
            for place, half in zip(places, halves, strict=True)
        ]
        shown = thin(stands, names)
        under = page.inches(left, foot, self.line.inches, 0.06, "ruler")
        under.vlines(places, 0.0, 0.05, color=QUIET, lw=0.7, clip_on=False)
        for n in shown:
            page.text(left + stands[n], foot + 0.18, names[n], align="center", label="tick")
        if last:
            how = {"colour": QUIET, "label": "caption"}
            page.lines(left, foot + 0.35, self.words, 0.15, **how)
            below = foot + 0.35 + 0.15 * len(self.words)
            page.lines(left, below, self.path, 0.13, size=SMALL_SIZE, **how)


class _Names:
    """Panels whose setting is a name: a row for each, without a line that would join them."""

    above = 0.17
    under = 0.2
    log = marked = False

    def __init__(self, frame: pl.DataFrame, inches: float, worlds: int | None) -> None:
        self.inches, self.worlds = inches, worlds
        room = _names() - MARGIN - 0.15
        self.names = [wrap(name, TEXT_SIZE, room, lines=2) for name in names_of(frame["x"])]
        self.order = {value: n for n, value in enumerate(values_of(frame["x"]))}
        heights = [max(len(lines), 1) * _LINE + 0.09 for lines in self.names]
        self.tops = [float(y) for y in np.cumsum([0.0, *heights])]
        self.height = self.tops[-1]

    def panel(
        self,
        page: Page,
        place: tuple[float, float],
        own: pl.DataFrame,
        ticks: list[float],
        first: bool,
        last: bool,
    ) -> None:
        """Draw one outcome; `first` in its row, `last` in its column."""
        left, top = place
        axes = rows_under(page, "sweep", left, top, self.inches, self.height, ticks, whole_percent)
        for over, lines in zip(self.tops[:-1], self.names, strict=True) if first else ():
            page.lines(left - 0.15, top + over + 0.155, lines, _LINE, align="right", label="row")
        threes = numbers(own, "estimate", "low", "high")
        for value, (share, low, high) in zip(own["x"], threes, strict=True):
            if value is None:
                continue
            y = self.tops[self.order[value]] + 0.125
            draw_whisker(axes, y, share, low, high)
            text = whole_percent(share, self.worlds) if np.isfinite(share) else "unknown"
            at = left + self.inches + _NUMBER
            page.text(at, top + y + 0.03, text, align="right", label="row")


def _names() -> float:
    """Return the inches left of panels of names, for the names."""
    return 1.2 if is_narrow() else _NAMES


def _note(frame: pl.DataFrame, x_label: str, named: bool, log: bool) -> str:
    parts = [f"Estimates by {x_label}."] if named else []
    if finite(floats(frame, "low")):
        parts.append(f"{'Whiskers' if named else 'Shaded'}: 95 % interval.")
    parts += ["The scale across is logarithmic."] if log else []
    return " ".join(parts)


def _describe(x_label: str, outcomes: list[str], frame: pl.DataFrame, worlds: int | None) -> str:
    names, ranks = names_of(frame["x"]), ranks_of(frame["x"])
    share = floats(frame, "estimate")
    parts = []
    for outcome in outcomes:
        own = (frame["outcome"] == outcome).to_numpy() & np.isfinite(share) & (ranks >= 0)
        if own.any():
            ends = [
                np.flatnonzero(own & (ranks == r))[0] for r in (ranks[own].min(), ranks[own].max())
            ]
            first, last = (
                f"{whole_percent(float(share[n]), worlds)} at {names[ranks[n]]}" for n in ends
            )
            parts.append(f"{printable(outcome)} {first} and {last}")
    return f"Estimates by {printable(x_label)}: {'; '.join(parts)}."
