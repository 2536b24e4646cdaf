"""Scores of several forecasters over several horizons: a row each, best to the right."""

from __future__ import annotations

from functools import partial

import polars as pl
from matplotlib.figure import Figure

from sim.plots.lettering import shorten, wrap
from sim.plots.page import MARGIN, Head, KeyItem, blank, is_narrow
from sim.plots.rows import rows_under
from sim.plots.scale import MINUS, draw_dot, floats, number_text, round_ticks
from sim.plots.style import TEXT_SIZE, styled

_LABEL = 2.4
_LINE, _GROUP, _TOP = 0.17, 0.27, 0.3
_MORE = 0.14
"""How much higher a row is whose name has a second line."""


def scores(frame: pl.DataFrame, *, title: str = "", note: str = "") -> Figure:
    """Draw mean scores. `frame` has the columns group (a heading), forecaster, score and model
    (whether it is the model's: drawn full, others hollow). Rows keep their order."""
    with styled():
        if frame.is_empty():
            return blank(title, "No scores to show.")
        key = [
            KeyItem("the model", draw_dot),
            KeyItem("a rival", partial(draw_dot, hollow=True)),
        ]
        head = Head(title, note, key)
        groups = frame["group"].unique(maintain_order=True).to_list()
        label = 1.2 if is_narrow() else _LABEL
        names = {n: wrap(n, TEXT_SIZE, label - 0.12, lines=2) for n in frame["forecaster"]}
        more = sum(_MORE for n in frame["forecaster"] if len(names[n]) > 1)
        high = len(groups) * _GROUP + len(frame) * _LINE + more
        page = head.page(head.height + _TOP + high + 0.15, _describe(frame))
        top = head.height + _TOP
        left = MARGIN + label + 0.2
        inches = page.width - left - (0.7 if is_narrow() else 1.1)
        values = floats(frame, "score")
        most = 4 if is_narrow() else 8
        ticks = round_ticks(min(-0.01, float(values.min())), max(0.0, float(values.max())), most)
        axes = rows_under(page, "scores", left, top, inches, high, ticks, number_text)
        y = 0.0
        for group in groups:
            named = shorten(group, TEXT_SIZE, page.width - 2 * MARGIN, bold=True)
            page.text(MARGIN, top + y + 0.2, named, bold=True, label="row")
            y += _GROUP
            for row in frame.filter(pl.col("group") == group).to_dicts():
                middle = y + _LINE / 2
                lines = names[row["forecaster"]]
                page.lines(MARGIN + 0.12, top + middle + 0.04, lines, _MORE, label="row")
                draw_dot(axes, row["score"], middle, hollow=not row["model"])
                x = page.width - MARGIN
                said = f"{row['score']:.3f}".replace("-", MINUS)
                page.text(x, top + middle + 0.04, said, align="right", label="row")
                y += _LINE + _MORE * (len(lines) > 1)
        return page.figure


def _describe(frame: pl.DataFrame) -> str:
    said = [f"{r['group']}, {r['forecaster']}: {r['score']:.3f}" for r in frame.head(15).to_dicts()]
    return f"{'; '.join(said)}."
