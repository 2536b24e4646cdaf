"""What a figure shows when there is nothing to draw: a sentence, never an empty frame."""

from __future__ import annotations

from matplotlib.figure import Figure

from sim.plots.lettering import described
from sim.plots.page import MARGIN, Head, Page
from sim.plots.style import QUIET


def blank(title: str, sentence: str) -> Figure:
    """Make a figure that says in one sentence why it is empty. Call it inside `styled`."""
    head = Head(title)
    said = described(title, sentence)
    page = Page(head.height + 0.5, said)
    head.draw(page)
    page.text(MARGIN, head.height + 0.15, sentence, colour=QUIET).set_label("blank")
    return page.figure
