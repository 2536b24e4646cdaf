"""Mean scores of several classes with their intervals, and those of rivals beneath: best left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite, nan

from matplotlib.figure import Figure

from sim.plots.lettering import wrap
from sim.plots.page import MARGIN, Head, KeyItem, is_narrow
from sim.plots.rows import rows_under, whisker_sign
from sim.plots.scale import draw_dot, draw_whisker, number_text, round_ticks
from sim.plots.style import TEXT_SIZE, styled

_LABEL, _LABEL_PHONE = 2.6, 1.25
_LINE, _MORE, _TOP = 0.24, 0.14, 0.3


@dataclass(frozen=True)
class Scored:
    """One row: a class, or a rival, which has no interval."""

    name: str
    score: float
    low: float = nan
    high: float = nan


def class_scores(rows: Sequence[Scored], *, title: str = "", note: str = "") -> Figure:
    """Draw a row each, in their order; 0 is at the left end."""
    with styled():
        key = [
            KeyItem("a class, and its 95 % interval", whisker_sign),
            KeyItem("a rival", partial(draw_dot, hollow=True)),
        ]
        head = Head(title, note, key)
        label = _LABEL_PHONE if is_narrow() else _LABEL
        names = [wrap(row.name, TEXT_SIZE, label - 0.1, lines=2) for row in rows]
        steps = [_LINE + _MORE * (len(lines) > 1) for lines in names]
        page = head.page(head.height + _TOP + sum(steps) + 0.15, _describe(rows))
        top, left = head.height + _TOP, MARGIN + label
        inches = page.width - left - 0.75
        most = max(row.high if isfinite(row.high) else row.score for row in rows)
        ticks = round_ticks(0.0, most, 4 if is_narrow() else 8)
        axes = rows_under(page, "scores", left, top, inches, sum(steps), ticks, number_text)
        y = 0.0
        for row, lines, step in zip(rows, names, steps, strict=True):
            page.lines(MARGIN, top + y + 0.16, lines, _MORE, label="row")
            middle = y + _LINE / 2
            draw_whisker(axes, middle, row.score, row.low, row.high, hollow=not isfinite(row.low))
            said = f"{row.score:.2f}"
            page.text(page.width - MARGIN, top + middle + 0.04, said, align="right", label="row")
            y += step
        return page.figure


def _describe(rows: Sequence[Scored]) -> str:
    said = [
        f"{r.name}: {r.score:.2f}"
        + (f", from {r.low:.2f} to {r.high:.2f}" if isfinite(r.low) else "")
        for r in rows
    ]
    return f"{'; '.join(said)}."
