"""What of a page's figures is printed: as many as three sheets hold, the fan of each channel first.

The page has a fourth sheet for its words, and a fifth for what is folded on a screen. Its style
sheet prints figures `WIDE_MM` wide, with their captions beside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SHEETS = 3
WIDE_MM, GAP_MM = 146.0, 2.2
SHEET_MM, HEADING_MM = 274.0, 15.0
_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def height_mm(svg: str) -> float:
    """Return how much of a sheet a figure takes, with the gap under it."""
    found = _BOX.search(svg)
    if found is None:
        raise ValueError("a figure needs a viewBox")
    wide, high = map(float, found.groups())
    return WIDE_MM * high / wide + GAP_MM


def sheets_of(heights: Sequence[float]) -> int:
    """Count the sheets that figures fill, in order, none of them split."""
    sheets, used = 1, HEADING_MM
    for high in heights:
        if used + high > SHEET_MM and used > HEADING_MM:
            sheets, used = sheets + 1, 0.0
        used += high
    return sheets


def printed(figures: Sequence[tuple[str, str]]) -> set[str]:
    """Choose the figures that are printed, by their stems: those of the fan first, then in order.

    `figures` are stems and SVG texts, in the order of the page.
    """
    order = sorted(range(len(figures)), key=lambda n: (not _is_fan(figures[n][0]), n))
    chosen: list[int] = []
    for n in order:
        wanted = sorted([*chosen, n])
        if sheets_of([height_mm(figures[k][1]) for k in wanted]) <= SHEETS:
            chosen = wanted
    return {figures[n][0] for n in chosen}


def _is_fan(stem: str) -> bool:
    return stem == "occupancy" or stem.startswith("occupancy-")
