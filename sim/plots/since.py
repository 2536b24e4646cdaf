"""The line at which a changed world begins to differ."""

from __future__ import annotations

from datetime import datetime

from sim.plots.lettering import date_text, day_number, width
from sim.plots.page import Page
from sim.plots.ruler import DayScale
from sim.plots.style import INK, PAPER, TEXT_SIZE

SINCE_HEIGHT = 0.22


def draw_since(
    page: Page, top: float, bottom: float, span: DayScale, since: datetime, *, named: bool = True
) -> None:
    """Draw a dashed line from `top` to `bottom` and its name in the `SINCE_HEIGHT` above.

    It is dashed and named above, since the as-of line is whole and named below.
    """
    day = day_number(since)
    if not span.start <= day <= span.end:
        return
    x = span.at(day)
    high = bottom - top
    axes = page.inches(x - 0.1, top, 0.2, high)
    axes.set_label("since")
    axes.set_zorder(5)
    axes.plot([0.1, 0.1], [-0.04, high], color=PAPER, lw=2.6, clip_on=False)
    axes.plot([0.1, 0.1], [-0.04, high], color=INK, lw=1.2, ls=(0, (3, 2)), clip_on=False)
    if not named:
        return
    name = f"changed from {date_text(day)}"
    half = width(name, TEXT_SIZE, bold=True) / 2
    x = min(max(x, span.left + half), span.left + span.inches - half)
    page.text(x, top - 0.075, name, bold=True, align="center").set_label("since")
