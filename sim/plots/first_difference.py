"""Where two worlds part: the same chance, on the other side of another probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.lettering import date_text, day_number, printable, shorten, width, wrap
from sim.plots.page import MARGIN, Head, KeyItem, Page, blank, box_item, is_narrow, page_width
from sim.plots.scale import draw_dot
from sim.plots.style import INK, PAPER, QUIET, RULE, TEXT_SIZE, TINT, styled

_MOST = 20
_WORDS = 2.75
_NAME = 1.2
_SAID = 2.1  # inches right of a bar, for what became of it
_NAME_NARROW, _SAID_NARROW = 0.75, 1.15
_LINE = 0.155
_BAR = 0.13
_STEP = 0.24  # from one world's bar to the other's
_TOP = 0.27  # above the first bar, for the chance
_FULL = "#8d99a6"


@dataclass(frozen=True)
class _Row:
    heading: list[str]
    decision: list[str]
    base: float
    other: float
    uniform: float
    margin: float

    @property
    def height(self) -> float:
        bars = _TOP + _STEP + _BAR + 0.22
        return self.words + bars if is_narrow() else max(self.words, bars)

    @property
    def words(self) -> float:
        """The height of its words: beside the bars, or on a phone above them."""
        return _LINE * (len(self.heading) + len(self.decision)) + 0.14

    @property
    def places(self) -> int:
        """Decimal places that tell the chance from the probabilities."""
        gaps = [abs(self.uniform - share) for share in (self.base, self.other)]
        return 3 if any(gap < 0.01 for gap in gaps) else 2


def first_difference(
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    base: str = "history",
    other: str = "what-if",
) -> Figure:
    """Draw the decision at which each replication's two worlds part, up to 20 of them.

    Each row holds replication, time (a datetime or text), decision (text), probability_base,
    probability_other (NaN or None where that world did not face the decision), uniform and margin,
    all four from 0 to 1. A decision is taken where its uniform is below its probability: where the
    upright stroke stands in the bar.
    """
    with styled():
        if not rows:
            return blank(title, f"{printable(other)} and {printable(base)} do not differ anywhere.")
        read = [_read(row) for row in rows[:_MOST]]
        note = (
            "A bar is as long as the decision is probable in that world. The upright stroke is the "
            "chance, the same in both: where it meets the bar, the decision is taken. What comes "
            "first need not be why the outcome differs."
        )
        key = [
            box_item("probability", _FULL, linewidth=0),
            KeyItem("taken", draw_dot),
            KeyItem("not taken", partial(draw_dot, hollow=True)),
        ]
        head = Head(title, note, key)
        rest = len(rows) - len(read)
        heights = [row.height for row in read]
        foot = head.height + sum(heights) + 0.2 + (0.25 if rest else 0)
        page = head.page(foot + 0.1, _describe(base, other, read, len(rows)))
        top = head.height + 0.05
        for row in read:
            _draw_row(page, top, row, (base, other))
            top += row.height
        _draw_scale(page, top - 0.1)
        if rest:
            more = f"and {rest:,} more replication{'s' if rest > 1 else ''}"
            page.text(MARGIN, page.height - 0.15, more, colour=QUIET, label="row")
        return page.figure


def _place() -> tuple[float, float]:
    """Return where the bars begin and how long a probability of 1 is, in inches."""
    left = MARGIN + (_NAME_NARROW if is_narrow() else _WORDS + _NAME)
    return left, page_width() - left - (_SAID_NARROW if is_narrow() else _SAID)


def _read(row: Mapping[str, Any]) -> _Row:
    room = page_width() - 2 * MARGIN if is_narrow() else _WORDS
    time = row["time"]
    date = date_text(day_number(time)) if isinstance(time, datetime) else time
    chances = (row[name] for name in ("probability_base", "probability_other", "uniform", "margin"))
    return _Row(
        wrap(f"replication {row['replication']} · {date}", TEXT_SIZE, room, lines=3, bold=True),
        wrap(row["decision"], TEXT_SIZE, room, lines=4),
        *(math.nan if chance is None else chance for chance in chances),
    )


def _draw_row(page: Page, top: float, row: _Row, worlds: tuple[str, str]) -> None:
    page.lines(MARGIN, top + 0.13, row.heading, _LINE, bold=True, label="row")
    under = top + 0.13 + _LINE * len(row.heading)
    page.lines(MARGIN, under, row.decision, _LINE, label="row")
    top += row.words - 0.14 if is_narrow() else 0
    high = _TOP + _STEP + _BAR + 0.05
    left, inches = _place()
    axes = page.axes(left, top, inches, high, "chance", y=(high, 0))
    for n, (name, share) in enumerate(zip(worlds, (row.base, row.other), strict=True)):
        y = _TOP + _STEP * n
        _draw_bar(axes, y, share)
        middle = top + y + _BAR / 2
        label = shorten(name, TEXT_SIZE, (_NAME_NARROW if is_narrow() else _NAME) - 0.1)
        page.text(left - 0.1, middle, label, align="right", stand="center_baseline", label="row")
        taken = row.uniform < share
        if math.isfinite(share):
            said = f"{share:.{row.places}f}"
            if math.isfinite(row.uniform):
                said += ": taken" if taken else ": not taken"
        else:
            said = "no such choice"
        x = left + inches + 0.12
        page.text(x, middle, said, bold=taken, stand="center_baseline", label="row")
        if math.isfinite(row.uniform):
            draw_dot(axes, row.uniform, y + _BAR / 2, hollow=not taken, size=5)
    if math.isfinite(row.uniform):
        _draw_chance(page, axes, top, row)


def _draw_bar(axes: Axes, y: float, share: float) -> None:
    for wide, colour in ((1.0, TINT), (share, _FULL)):
        if math.isfinite(wide):
            axes.add_patch(Rectangle((0, y), wide, _BAR, facecolor=colour, lw=0))
    if math.isfinite(share):  # the mark of the probability
        axes.vlines([share], y - 0.03, y + _BAR + 0.03, color=INK, lw=1.0, clip_on=False)


def _draw_chance(page: Page, axes: Axes, top: float, row: _Row) -> None:
    stroke = [_TOP - 0.06, _TOP + _STEP + _BAR + 0.04]
    axes.plot([row.uniform] * 2, stroke, color=PAPER, lw=3.4, zorder=2, clip_on=False)
    axes.plot([row.uniform] * 2, stroke, color=INK, lw=1.5, zorder=3, clip_on=False)
    words = f"chance {row.uniform:.{row.places}f}"
    if math.isfinite(row.margin):
        words += f", margin {row.margin:.2g}"
    half = width(words, TEXT_SIZE) / 2
    left, inches = _place()
    x = min(max(left + inches * row.uniform, left + half), left + inches - half)
    page.text(x, top + _TOP - 0.1, words, colour=QUIET, align="center", label="row")


def _draw_scale(page: Page, top: float) -> None:
    left, inches = _place()
    axes = page.inches(left, top, inches, 0.1)
    axes.plot([0, inches], [0.02, 0.02], color=RULE, lw=0.6)
    for tick in (0.0, 0.5, 1.0):
        axes.vlines([inches * tick], 0.02, 0.07, color=QUIET, lw=0.7, clip_on=False)
        x, number = left + inches * tick, f"{tick:g}"
        page.text(x, top + 0.2, number, colour=QUIET, align="center", label="tick")


def _describe(base: str, other: str, rows: list[_Row], total: int) -> str:
    parts = [
        f"{' '.join(row.heading)}, {' '.join(row.decision)}: "
        f"probability {row.base:.2f} in {printable(base)}"
        f" and {row.other:.2f} in {printable(other)}, chance {row.uniform:.2f}"
        for row in rows[:6]
    ]
    return f"Decisions at which {total:,} replications first differ: {'; '.join(parts)}."
