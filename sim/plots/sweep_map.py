"""A sweep over two settings: one outcome's share as a map of cells."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.lettering import printable, shorten, width, wrap
from sim.plots.page import MARGIN, Head, Page, blank, box_item, is_narrow, page_width
from sim.plots.scale import floats, round_ticks, whole_percent
from sim.plots.style import INK, ON_DARK, ON_PALE, PAPER, QUIET, RULE, TEXT_SIZE, styled
from sim.plots.sweep_axis import names_of, own_text, place_in, ranks_of, thin

_RIGHT = 1.2
_BAR = 0.16
_WIDEST, _HIGHEST = 1.1, 0.42  # inches of a cell
_MOST_NAMED = 100
_LONGEST = 1.9
_LINE = 0.15

_Grid = NDArray[np.float64]


def colours(shares: _Grid) -> NDArray[np.uint8]:
    """Colour numbers from 0 (pale) to 1 (dark) by cividis, which keeps its order in grey print.

    Nunez, Anderton and Renslow (2018): even to the eye, with and without colour blindness. NaN is
    paper.
    """
    table = matplotlib.colormaps["cividis_r"]
    known = np.where(np.isfinite(shares), shares, 0.0)
    painted = np.asarray(table(np.clip(known, 0, 1)))[..., :3]
    painted[~np.isfinite(shares)] = 1.0
    seen: NDArray[np.uint8] = (255 * painted).round().astype(np.uint8)
    return seen


def ink_on_colour(colour: NDArray[np.uint8]) -> str:
    """Give the text colour with more contrast on a colour (WCAG 2 relative luminance)."""

    def luminance(rgb: NDArray[np.float64]) -> float:
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(np.array([0.2126, 0.7152, 0.0722]) @ linear) + 0.05

    dark = luminance(np.array([int(INK[i : i + 2], 16) for i in (1, 3, 5)]) / 255)
    ground = luminance(colour / 255)
    return ON_PALE if ground / dark > 1.05 / ground else ON_DARK


def sweep_map(
    frame: pl.DataFrame,
    *,
    x_label: str,
    y_label: str,
    outcome: str,
    paths: tuple[str, str] = ("", ""),
    own: tuple[float | None, float | None] = (None, None),
    title: str = "",
    worlds: int | None = None,
) -> Figure:
    """Draw one outcome's share over two settings, a cell for each pair of values.

    `frame` has the columns x, y (numbers, ascending to the right and upwards, or text, in the order
    of the rows to the right and downwards) and estimate (0 to 1). Cells are of one size, whatever
    the distances of the values. A cell without an estimate is crossed. Up to 100 cells bear their
    numbers. The scale begins and ends at round numbers about the estimates. `paths` say where the
    two settings stand in a file, in small letters beside their names; `own` are their values where
    nothing is varied: bold at the edges, and the cell of both framed. `worlds` are those of a cell.
    """
    with styled():
        x_names, y_names = (names_of(frame[c]) if len(frame) else [] for c in ("x", "y"))
        grid = np.full((len(y_names), len(x_names)), np.nan)
        if grid.size:
            x, y = ranks_of(frame["x"]), ranks_of(frame["y"])
            placed = (x >= 0) & (y >= 0)
            grid[y[placed], x[placed]] = floats(frame, "estimate")[placed]
        if not np.isfinite(grid).any():
            over = f"{printable(x_label)} and {printable(y_label)}"
            return blank(title, f"No estimates over {over}.")
        column, row = place_in(frame["x"], own[0]), place_in(frame["y"], own[1])
        if frame["y"].dtype.is_numeric():  # upwards
            grid, y_names = grid[::-1], y_names[::-1]
            row = None if row is None else len(y_names) - 1 - row
        labels = (x_label, y_label)
        shown = _Map(grid, x_names, y_names, labels, outcome, column, row, worlds)
        return _draw(shown, paths, own_text(*own), title)


@dataclass(frozen=True)
class _Map:
    """What a map shows; `grid` is [y, x] from the top down."""

    grid: _Grid
    x_names: list[str]
    y_names: list[str]
    labels: tuple[str, str]
    outcome: str
    own_column: int | None
    own_row: int | None
    """Those of the scenario's own values."""
    worlds: int | None

    def describe(self) -> str:
        """Say what it shows, in words."""
        parts = []
        ends = {"least": int(np.nanargmin(self.grid)), "most": int(np.nanargmax(self.grid))}
        for word, place in ends.items():
            row, column = divmod(place, self.grid.shape[1])
            share = whole_percent(float(self.grid[row, column]), self.worlds)
            parts.append(f"{word} {share} at {self.x_names[column]} and {self.y_names[row]}")
        over = " and ".join(map(printable, self.labels))
        return f"{printable(self.outcome)} by {over}: {', '.join(parts)}."


def _draw(shown: _Map, paths: tuple[str, str], own: str, title: str) -> Figure:
    rows, columns = shown.grid.shape
    high = max(min(_HIGHEST, 5.0 / rows) * rows, 1.0)
    two = 2 if high / rows >= 0.36 else 1
    longest = 0.9 if is_narrow() else _LONGEST
    beside = [wrap(name, TEXT_SIZE, longest, lines=two) for name in shown.y_names]
    left = (
        MARGIN + max(width(line, TEXT_SIZE, bold=True) for lines in beside for line in lines) + 0.12
    )
    wide = min(_WIDEST * columns, page_width() - left - (0.75 if is_narrow() else _RIGHT))
    low, top_value = float(np.nanmin(shown.grid)), float(np.nanmax(shown.grid))
    ticks = round_ticks(max(0.0, low), min(1.0, max(top_value, low + 0.1)), 6)
    column, row = shown.own_column, shown.own_row
    note = f"{shown.outcome}: the estimate in each cell."
    note += "" if np.isfinite(shown.grid).all() else " Crossed: no estimate."
    note += f" {own}" if own else ""
    note += "" if column is None and row is None else " They are bold at the edges."
    as_it_is = box_item("the scenario as it is", PAPER, edgecolor=INK, linewidth=1.8)
    head = Head(title, note, [] if column is None or row is None else [as_it_is])
    x_text, y_text = (
        f"{label} · {path}" if path else label
        for label, path in zip(shown.labels, paths, strict=True)
    )
    y_words = wrap(y_text, TEXT_SIZE, page_width() - 2 * MARGIN, lines=2)
    x_words = wrap(x_text, TEXT_SIZE, page_width() - left - MARGIN, lines=2)
    top = head.height + _LINE * len(y_words) + 0.12
    below = _under(shown.x_names, wide)
    names_deep = 0.13 + _LINE * max(len(lines) for *_, lines in below)
    deep = names_deep + 0.02 + _LINE * len(x_words) + 0.15
    page = head.page(top + high + deep, shown.describe())
    how = {"colour": QUIET, "label": "caption"}
    page.lines(MARGIN, head.height + 0.1, y_words, _LINE, **how)
    page.lines(left, top + high + names_deep + 0.08, x_words, _LINE, **how)
    axes = page.inches(left, top, wide, high, "map")
    size = (wide / columns, high / rows)
    _draw_cells(axes, shown, ticks, size)
    if column is not None and row is not None:
        _frame(axes, column * wide / columns, row * high / rows, *size)
    how = {"align": "center", "label": "tick"}
    for n, x, lines in below:
        page.lines(left + x, top + high + 0.17, lines, _LINE, bold=n == column, **how)
    how = {"align": "right", "stand": "center_baseline", "label": "tick"}
    for n in range(0, rows, max(1, -(-rows // max(1, int(high / 0.25))))):
        y = top + high * (n + 0.5) / rows - _LINE * (len(beside[n]) - 1) / 2
        page.lines(left - 0.08, y, beside[n], _LINE, bold=n == row, **how)
    _draw_bar(page, left + wide + (0.1 if is_narrow() else 0.3), top, high, ticks)
    return page.figure


def _frame(axes: Axes, x: float, y: float, wide: float, high: float) -> None:
    """Frame the cell of the scenario itself, dark on light and light on dark."""
    for colour, lw in ((ON_DARK, 3.6), (ON_PALE, 1.8)):
        frame = Rectangle((x, y), wide, high, fill=False, edgecolor=colour, lw=lw, zorder=3)
        frame.set(clip_on=False, label="own" if colour == ON_PALE else "")
        axes.add_patch(frame)


def _under(names: list[str], wide: float) -> list[tuple[int, float, list[str]]]:
    """Place the names under the columns: wrapped in wide ones, some of them under narrow ones."""
    each = wide / len(names)
    steps = [each * (n + 0.5) for n in range(len(names))]
    if each >= 0.6:
        lines = [wrap(name, TEXT_SIZE, each - 0.08, lines=3) for name in names]
        return list(zip(range(len(names)), steps, lines, strict=True))
    short = [shorten(name, TEXT_SIZE, 1.0) for name in names]
    return [(n, steps[n], [short[n]]) for n in thin(steps, short)]


def _draw_cells(axes: Axes, shown: _Map, ticks: list[float], size: tuple[float, float]) -> None:
    grid, (wide, high) = shown.grid, size
    rows, columns = grid.shape
    painted = colours((grid - ticks[0]) / (ticks[-1] - ticks[0]))
    across, down = columns * wide, rows * high
    axes.imshow(painted, extent=(0, across, down, 0), aspect="auto", interpolation="none")
    few = grid.size <= _MOST_NAMED
    if few:
        axes.vlines([n * wide for n in range(1, columns)], 0, down, color=PAPER, lw=1.0)
        axes.hlines([n * high for n in range(1, rows)], 0, across, color=PAPER, lw=1.0)
    for row, column in np.argwhere(~np.isfinite(grid)):
        x, y = column * wide, row * high
        axes.add_patch(Rectangle((x, y), wide, high, fill=False, edgecolor=RULE, lw=0.8))
        axes.plot([x, x + wide], [y + high, y], color=RULE, lw=0.8)
        axes.plot([x, x + wide], [y, y + high], color=RULE, lw=0.8)
    if not few or wide < 0.5 or high < 0.18:
        return
    for row, column in np.argwhere(np.isfinite(grid)):
        axes.text(
            (column + 0.5) * wide,
            (row + 0.5) * high,
            whole_percent(float(grid[row, column]), shown.worlds),
            color=ink_on_colour(painted[row, column]),
            fontweight="bold",
            ha="center",
            va="center_baseline",
            label="cell",
        )


def _draw_bar(page: Page, left: float, top: float, high: float, ticks: list[float]) -> None:
    axes = page.axes(left, top, _BAR, high, "bar", y=(ticks[0], ticks[-1]))
    axes.imshow(
        colours(np.linspace(1, 0, 256))[:, None],
        extent=(0, 1, ticks[0], ticks[-1]),
        aspect="auto",
        interpolation="none",
    )
    for tick in ticks:
        y = top + high * (ticks[-1] - tick) / (ticks[-1] - ticks[0])
        x, number = left + _BAR + 0.07, whole_percent(tick)
        page.text(x, y, number, stand="center_baseline", label="tick")
