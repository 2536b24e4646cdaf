"""The raster: every replication a row, every moment a column, coloured by state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.ends import draw_ends, ends_text
from sim.plots.lettering import day_number
from sim.plots.page import Head, Page, frame, is_narrow, page_width, state_items
from sim.plots.ruler import DayScale, draw_foot, foot_height
from sim.plots.style import CODES, FRAME, PAPER, STATE_COLOURS, STATE_LABELS, STATES, styled
from sim.plots.typical import Below

_LEFT, _RIGHT = 0.3, 2.2
_LEFT_NARROW, _RIGHT_NARROW = 0.1, 0.1
_MOST_COLUMNS = 2000


def order_rows(ranks: NDArray[np.int8]) -> NDArray[np.intp]:
    """Order rows by the state they end in, and within it by how long they have been in it.

    `ranks` is [replications, times]. Ties are broken by the states before, latest first.
    """
    last = ranks[:, -1]
    same = np.cumprod((ranks == last[:, None])[:, ::-1], axis=1).sum(axis=1)
    return np.lexsort([*ranks.T, -same, last])


def ranks_of(raster: NDArray[np.int8]) -> NDArray[np.int8]:
    """Turn state codes into places in the order of display.

    Raises:
        ValueError: a code is out of range.
    """
    if raster.size and (raster.min() < 0 or raster.max() >= len(CODES)):
        raise ValueError(f"state codes must be 0 to {len(CODES) - 1}")
    return np.array([STATES.index(code) for code in CODES], dtype=np.int8)[raster]


def chosen(order: NDArray[np.intp], max_rows: int) -> NDArray[np.intp]:
    """Choose at most so many rows evenly from an order.

    Raises:
        ValueError: `max_rows` is not positive.
    """
    if max_rows < 1:
        raise ValueError(f"max_rows must be at least 1 (got {max_rows})")
    if len(order) <= max_rows:
        return order
    return order[np.linspace(0, len(order) - 1, max_rows).round().astype(np.intp)]


def paint(
    page: Page,
    top: float,
    high: float,
    span: DayScale,
    cells: NDArray[np.int8],
    start: float,
    end: float,
) -> Axes:
    """Paint cells of ranks from one day to another; the rank after the last state is paper."""
    axes = page.axes(span.left, top, span.inches, high, "raster", x=span.ends, y=(1, 0))
    palette = [*(STATE_COLOURS[state] for state in STATES), PAPER]
    colours = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in palette]
    axes.imshow(
        np.array(colours, dtype=np.uint8)[cells],
        extent=(start, end, 1, 0),
        aspect="auto",
        interpolation="none",  # an SVG keeps every cell, sharp at any size
    )
    frame(axes, start, end, FRAME)
    return axes


def raster(
    raster: NDArray[np.int8],
    times: Sequence[datetime],
    *,
    as_of: datetime | None = None,
    title: str = "",
    replications: int | None = None,
    max_rows: int = 400,
) -> Figure:
    """Draw each replication as a row of state colours over time.

    `raster` holds state codes, [replications, times], in the order of `CODES`. Rows are sorted by
    the state in which they end, and within it by how long they have been in it, longest first; ties
    are broken by the states before. So the picture falls into one block for each outcome, each with
    a staircase of arrivals. Under it stand the most typical world of each block, and the mean.
    Beyond `max_rows` an even selection of the sorted rows is shown.
    `replications` says of how many these are the first.
    Raises ValueError for codes out of range and for a raster that does not fit the times.
    """
    if raster.ndim != 2 or raster.shape[1] != len(times) or 0 in raster.shape:
        expected = f"(replications, {len(times)}), not empty"
        raise ValueError(f"raster is {raster.shape}, expected {expected}")
    ranks = ranks_of(raster)
    with styled():
        order = order_rows(ranks)
        total = len(order)
        shown = ranks[chosen(order, max_rows)]
        left, right = (_LEFT_NARROW, _RIGHT_NARROW) if is_narrow() else (_LEFT, _RIGHT)
        days = np.array([day_number(time) for time in times])
        shown, start, end = regular(shown, days)
        span = DayScale.of([start, end], left, page_width() - left - right)
        more = replications is not None and replications > total
        of = f"the first {total:,} of {replications:,} replications" if more else ""
        of = of or (f"{total:,} replications" if total > 1 else "1 replication")
        note = f"{of}, one a row" if total > 1 else of
        if total > max_rows:
            note += f" ({max_rows:,} of them shown, evenly chosen)"
        if total > 1:
            note += ", sorted by the last state and by how long it has held"
            note += "; the shares are of these rows" if more else ""
        note = note[0].upper() + note[1:]
        head = Head(title, note, state_items())
        high = 1.0 if total < 8 else 2.4 if is_narrow() else 3.6
        if as_of is not None and not span.start <= day_number(as_of) <= span.end:
            as_of = None  # it would be no line in the picture
        under = foot_height(as_of) + 0.15
        shares = [float((ranks[:, -1] == n).mean()) for n in range(len(STATES))]
        below = Below(ranks, days) if total > 1 else None
        deep = below.height if below else 0.0
        said = f"States of {total:,} replications over time. In the end: "
        said += f"{ends_text(shares, total)}."
        page = head.page(head.height + high + under + deep, said)
        paint(page, head.height, high, span, shown, span.start, span.end)
        if not is_narrow():  # there the typical worlds say it
            parts = [
                (s, f"end {STATE_LABELS[name]}") for s, name in zip(shares, STATES, strict=True)
            ]
            edge = span.left + span.inches
            place = (edge, head.height, page.width - edge, high)
            draw_ends(page, place, parts, total, gap=0.06)
        draw_foot(page, head.height - 0.05, head.height + high, span, as_of)
        if below:
            below.draw(page, head.height + high + under, span)
        return page.figure


def regular(
    ranks: NDArray[np.int8], days: NDArray[np.float64]
) -> tuple[NDArray[np.int8], float, float]:
    """Lay columns on an even grid; each state holds from its time to the next one."""
    steps = np.diff(days)
    step = float(np.median(steps)) if len(steps) else 1.0
    start, end = float(days[0]), float(days[-1]) + step
    if len(steps) and np.ptp(steps) < 1e-3 * step and len(days) <= _MOST_COLUMNS:
        return ranks, start, end
    count = min(_MOST_COLUMNS, max(len(days), round((end - start) / float(steps.min(initial=1)))))
    grid = start + (np.arange(count) + 0.5) * (end - start) / count
    return ranks[:, np.searchsorted(days, grid, side="right") - 1], start, end
