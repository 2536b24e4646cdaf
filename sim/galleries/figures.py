"""The figures there are: one row a figure, which galleries, pages, `sim plot` and its help read.

A row's name is the method of the gallery that draws it. `docs/extending.md` shows how to add one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Each = Literal["channel", "outcome"]


@dataclass(frozen=True)
class FigureRule:
    """One kind of figure."""

    name: str
    """Its name, and that of the method that draws it."""
    caption: str
    """What a page says under it; `{start}` stands for the first day that is counted."""
    captions: dict[str, str] = field(default_factory=dict)
    """Other captions, by what the run answers: forecast, policy or what-if."""
    each: Each = "channel"
    """Of what a page draws one each: of channels, or of outcomes in days."""
    needs: Literal["history", "attention"] | None = None
    """What a scenario must have for it."""

    def caption_of(self, run_type: str, start: str) -> str:
        """Return the caption for what a run answers."""
        return self.captions.get(run_type, self.caption).format(start=start)


RUN_FIGURES: tuple[FigureRule, ...] = (
    FigureRule(
        "occupancy",
        "As the observer sees it. Left of the line is history; right of it, the worlds of this "
        "run.",
        {
            "what-if": "As the observer sees it. Left of the dashed line is history; right of it, "
            "the changed worlds of this run; after the as-of date there are no facts to follow.",
            "policy": "As the observer sees it. Left of the line is history; right of it, the "
            "worlds of this run, changed from the dashed line on.",
        },
    ),
    FigureRule(
        "history",
        "The coded events, and the state after them as each viewpoint sees it.",
        needs="history",
    ),
    FigureRule(
        "raster",
        "Each row is one possible world. Up to 400 of the worlds are drawn.",
    ),
    FigureRule("transitions", "As the observer sees it, from {start} on."),
    FigureRule(
        "waiting",
        "Worlds that never get there by the last day are counted as not there.",
        each="outcome",
    ),
    FigureRule(
        "timeline",
        "One possible world out of many, with its events: an example, not a prediction.",
    ),
    FigureRule(
        "divergence",
        "Each government reads the same events, but with its own account of them.",
    ),
    FigureRule(
        "attention",
        "Set by the scenario's table of attention, not found by the run.",
        needs="attention",
    ),
)
"""The figures of a run, in the order of a page."""

LOG_FIGURES: tuple[FigureRule, ...] = tuple(
    f for f in RUN_FIGURES if f.name in ("timeline", "divergence")
)
"""The figures of a log."""


def names_of(figures: tuple[FigureRule, ...]) -> tuple[str, ...]:
    """Return the names of figures, in order."""
    return tuple(figure.name for figure in figures)


def check_methods(gallery: type, figures: tuple[FigureRule, ...]) -> None:
    """Check that a gallery draws every figure, and that nothing is drawn that no page would show.

    Raises:
        TypeError: a figure was added to the table and has no method, or the other way round.
    """
    missing = [name for name in names_of(figures) if not callable(getattr(gallery, name, None))]
    if missing:
        raise TypeError(f"{gallery.__name__} has no method that draws: {', '.join(missing)}")
    drawn = {n for n, method in vars(gallery).items() if callable(method) and n[0] != "_"}
    unlisted = sorted(drawn - {*names_of(figures)})
    if unlisted:
        raise TypeError(f"{gallery.__name__} draws what has no row: {', '.join(unlisted)}")
