"""Worlds beside one another: the same replications in the same rows, and the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.lettering import day_number, printable, shorten, wrap
from sim.plots.page import (
    MARGIN,
    Head,
    Page,
    blank,
    box_item,
    frame,
    is_narrow,
    page_width,
    state_items,
)
from sim.plots.raster import chosen, order_rows, paint, ranks_of, regular
from sim.plots.ruler import SINCE_HEIGHT, DayScale, draw_foot, draw_since, foot_height
from sim.plots.scale import whole_percent
from sim.plots.style import PAPER, QUIET, RULE, STATES, TEXT_SIZE, styled

_MOST = 4
_GAP = 0.3
_LINE = 0.16
_SAME = len(STATES)  # after the ranks of the states, the paper's own

_Ranks = NDArray[np.int8]


@dataclass(frozen=True)
class _Panel:
    name: str
    changed: str
    ranks: _Ranks
    column: int
    row: int


def rasters(
    pairs: Sequence[tuple[str, NDArray[np.int8]]],
    times: Sequence[datetime],
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
    title: str = "",
    max_rows: int = 300,
) -> Figure:
    """Draw up to four rasters of the same replications in the same order, and what changed.

    `pairs` are names and rasters of state codes, [replications, times], in the order of `CODES`.
    Rows are sorted as in `raster` by the first, ties by the second and so on, so that a row is one
    replication right across the page. Each further raster has a panel with only the cells in which
    it differs from the first. Beyond `max_rows` an even selection of the sorted rows is shown.
    Raises ValueError for codes out of range and for rasters that do not fit the times.
    """
    _check(pairs, times)
    worlds = [ranks_of(codes) for _, codes in pairs]
    with styled():
        if not pairs or not pairs[0][1].size:
            return blank(title, "No replications to compare.")
        order = order_alike(worlds)
        total = len(order)
        order = chosen(order, max_rows)
        at = np.array([day_number(time) for time in times])
        panels = _panels([name for name, _ in pairs], worlds, at)
        columns, rows = (max(getattr(p, side) for p in panels) + 1 for side in ("column", "row"))
        inches = (page_width() - 2 * MARGIN - (columns - 1) * _GAP) / columns
        _, start, end = regular(worlds[0][:1], at)
        reach = [start, end] + [day_number(time) for time in (since, as_of) if time is not None]
        key = state_items()
        if len(pairs) > 1:
            key.append(box_item("no change", PAPER))
        head = Head(title, _note(total, min(total, max_rows), len(pairs) > 1), key)
        high = 1.0 if total < 8 else 1.6 if is_narrow() else 3.6 if rows == 1 else 2.5
        overs = [0.24 + (SINCE_HEIGHT if since else 0)] * rows
        overs[-1] += _LINE * max(len(wrap(p.changed, TEXT_SIZE, inches)) for p in panels)
        under = foot_height(as_of) + 0.15
        tops = [head.height + n * (overs[0] + high + under) for n in range(rows)]
        page = head.page(tops[-1] + overs[-1] + high + under, _describe(panels))
        for panel in panels:
            left = MARGIN + panel.column * (inches + _GAP)
            span = DayScale.of(reach, left, inches)
            _draw_heading(page, left, tops[panel.row], inches, panel)
            top = tops[panel.row] + overs[panel.row]
            _draw_cells(page, top, high, span, panel.ranks[order], at)
            foot = top + high
            if since is not None:
                named = panel.column > 0 or len(pairs) == 1 or (is_narrow() and panel.row > 0)
                draw_since(page, top, foot, span, since, named=named)
            draw_foot(page, top, foot, span, as_of)
        if rows > 1 and not is_narrow():
            words = f"Right: the cells that differ from {pairs[0][0]}, in their new state."
            lines = wrap(words, TEXT_SIZE, inches)
            page.lines(MARGIN, tops[1] + overs[1] + 0.12, lines, _LINE, colour=QUIET)
        return page.figure


def order_alike(worlds: Sequence[_Ranks]) -> NDArray[np.intp]:
    """Order rows by the first raster of ranks as `order_rows` does, ties by the next ones."""
    keys = []
    for ranks in worlds:
        order = order_rows(ranks)
        new = (np.diff(ranks[order], axis=0) != 0).any(axis=1)
        key = np.empty(len(order), dtype=np.intp)
        key[order] = np.concatenate([[0], np.cumsum(new)])  # equal rows have equal keys
        keys.append(key)
    return np.lexsort(keys[::-1])


def _check(pairs: Sequence[tuple[str, NDArray[np.int8]]], times: Sequence[datetime]) -> None:
    if len(pairs) > _MOST:
        raise ValueError(f"at most {_MOST} rasters fit a page (got {len(pairs)})")
    for name, codes in pairs:
        expected = (len(pairs[0][1]), len(times))
        if codes.shape != expected:
            raise ValueError(f"raster {name!r} is {codes.shape}, expected {expected}")


def _panels(names: list[str], worlds: list[_Ranks], at: NDArray[np.float64]) -> list[_Panel]:
    """Place two worlds and what changed in one row, more of them in two; on a phone the first two
    and what changed stand under one another."""
    if is_narrow():
        names, worlds = names[:2], worlds[:2]
    panels = [
        _Panel(name, "", ranks, *((0, n) if is_narrow() else (n, 0)))
        for n, (name, ranks) in enumerate(zip(names, worlds, strict=True))
    ]
    steps = np.diff(at, append=at[-1] + (np.median(np.diff(at)) if len(at) > 1 else 1.0))
    for n, ranks in list(enumerate(worlds))[1:]:
        changed = ranks != worlds[0]
        rows = whole_percent(float(changed.any(axis=1).mean()))
        cells = whole_percent(float(np.average(changed.mean(axis=0), weights=steps)))
        said = f"{rows} of replications, {cells} of the time"
        place = (0, 2) if is_narrow() else (2, 0) if len(worlds) == 2 else (n, 1)
        panels.append(_Panel(names[n], said, np.where(changed, ranks, np.int8(_SAME)), *place))
    return panels


def _draw_heading(page: Page, left: float, top: float, inches: float, panel: _Panel) -> None:
    heading = "what changed" if panel.changed else shorten(panel.name, 9, inches, bold=True)
    page.text(left, top + 0.13, heading, size=9, bold=True, label="heading")
    changed = wrap(panel.changed, TEXT_SIZE, inches)
    page.lines(left, top + 0.3, changed, _LINE, colour=QUIET, label="heading")


def _draw_cells(
    page: Page, top: float, high: float, span: DayScale, ranks: _Ranks, at: NDArray[np.float64]
) -> None:
    cells, start, end = regular(ranks, at)
    frame(paint(page, top, high, span, cells, start, end), start, end, RULE)


def _note(total: int, shown: int, several: bool) -> str:
    if total == 1:
        return "1 replication."
    chosen = f" ({shown:,} shown, evenly chosen)" if shown < total else ""
    first = "the first panel’s last state" if several else "the last state"
    where = ", the same row in every panel" if several else ", one a row"
    return f"{total:,} replications{chosen}{where}, sorted by {first} and how long it has held."


def _describe(panels: list[_Panel]) -> str:
    worlds = ", ".join(printable(panel.name) for panel in panels if not panel.changed)
    parts = [f"{printable(p.name)} differs in {p.changed}" for p in panels if p.changed]
    total = len(panels[0].ranks)
    return f"States of {total:,} replications over time: {'; '.join([worlds, *parts])}."
