"""Figures for print: as wide as a column, in its letters, and without the title that the caption
below them gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.collections import Collection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from sim.plots.page import NARROW
from sim.plots.style import FONT, TEXT_SIZE, WIDE, Look, looking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_WIDE: Final = 20.0
GENERIC: Final = ("serif", "sans-serif", "monospace")
RESPECTED: Final = (
    *("font.serif", "font.sans-serif", "font.monospace"),
    *("pdf.fonttype", "ps.fonttype", "svg.fonttype", "pdf.compression"),
    *("savefig.dpi", "savefig.transparent", "savefig.facecolor", "hatch.linewidth"),
)
"""Settings of matplotlib that a figure for print takes as they are, where somebody changed them.
The family and the size of the font, and the width, are taken where a `Style` says nothing else."""


@dataclass(frozen=True)
class Style:
    """How a figure is drawn for print. What is None follows `matplotlib.rcParams` where somebody
    changed it there, and else figures as pages have them."""

    width: float | None = None
    """Inches; 3.5 at letters of 8 points is the least."""
    font: str | None = None
    """`serif`, `sans-serif`, or the name of a font of this machine."""
    size: float | None = None
    """Points of the text, 8 to 14; the smallest letters have seven eighths of it."""
    title: bool = True

    def draw(self, draw: Callable[[], Figure]) -> Figure:
        """Draw a figure in this style: `draw` makes one, such as `run.plot.occupancy`.

        Raises:
            ValueError: it would be too narrow for its letters, or out of bounds.
        """
        given = _changed()
        size = float(self.size or given.get("font.size", TEXT_SIZE))
        wide = float(self.width or given.get("figure.figsize", (WIDE * size / TEXT_SIZE,))[0])
        if not TEXT_SIZE <= size <= 14:
            raise ValueError(f"the size must be 8 to 14 points (got {size:g})")
        least = NARROW * size / TEXT_SIZE
        if not least - 1e-9 <= wide <= MOST_WIDE:
            rule = f"at {size:g} points a figure must be {least:g} to {MOST_WIDE:g} inches wide"
            raise ValueError(f"{rule} (got {wide:g})")
        font = self.font or next(iter(given.get("font.family", (FONT,))))
        if font not in GENERIC and font not in set(font_manager.get_font_names()):
            raise ValueError(f"there is no font “{font}” on this machine")
        settings = {"svg.fonttype": "path"} | {k: given[k] for k in RESPECTED if k in given}
        scale = size / TEXT_SIZE
        with looking(Look(font, self.title, settings, wide / scale)):
            figure = draw()
        if scale != 1.0:
            _enlarge(figure, scale)
        return figure


def _changed() -> dict[str, Any]:
    """Return the settings of matplotlib that are not its own defaults."""
    usual = matplotlib.rcParamsDefault
    return {k: v for k, v in matplotlib.rcParams.items() if k in usual and v != usual[k]}


def _enlarge(figure: Figure, scale: float) -> None:
    """Make a figure larger with all that is measured in points."""
    for artist in figure.findobj():
        if isinstance(artist, Text):
            artist.set_fontsize(float(artist.get_fontsize()) * scale)
        elif isinstance(artist, Line2D):
            artist.set_markersize(artist.get_markersize() * scale)
            artist.set_markeredgewidth(artist.get_markeredgewidth() * scale)
            artist.set_linewidth(artist.get_linewidth() * scale)
        elif isinstance(artist, Patch):
            artist.set_linewidth(artist.get_linewidth() * scale)
        elif isinstance(artist, Collection):
            artist.set_linewidth((scale * np.asarray(artist.get_linewidth())).tolist())
    figure.set_size_inches(*(scale * side for side in figure.get_size_inches()))
