"""The calendar under a figure, ticks where a period begins with its name beside them; and the days
that are marked by a line through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from dateutil.rrule import DAILY, MONTHLY, YEARLY, rrule
from matplotlib.typing import LineStyleType

from sim.ground.language import _
from sim.plots.lettering import MONTHS, date_text, day_number, time_of, width
from sim.plots.page import Page
from sim.plots.style import INK, PAPER, QUIET, TEXT_SIZE

RULER_HEIGHT = 0.34
AS_OF_HEIGHT = SINCE_HEIGHT = 0.22
_ROOM = 0.52  # inches from one named tick to the next


@dataclass(frozen=True)
class DayScale:
    """A stretch of days laid on a stretch of paper."""

    start: float
    end: float
    left: float
    inches: float

    @classmethod
    def of(cls, days: Iterable[float], left: float, inches: float) -> DayScale:
        """Lay out the earliest to the latest day, at least one day."""
        known = list(days) or [0.0]
        start, end = min(known), max(known)
        return cls(start, end if end - start >= 1 else start + 1, left, inches)

    @property
    def ends(self) -> tuple[float, float]:
        """The first and the last day."""
        return self.start, self.end

    @property
    def per_inch(self) -> float:
        """Days per inch."""
        return (self.end - self.start) / self.inches

    def at(self, day: float) -> float:
        """Give the place of a day on the page, in inches from its left edge."""
        return self.left + (day - self.start) / self.per_inch


@dataclass(frozen=True)
class Tick:
    """Where a period begins, its name, and the larger period if that begins too."""

    day: float
    name: str
    above: str = ""


_STEPS: tuple[tuple[float, int, int], ...] = (
    (1, DAILY, 1),
    (2, DAILY, 2),
    (7, DAILY, 7),
    (14, DAILY, 14),
    (30.4, MONTHLY, 1),
    (91.3, MONTHLY, 3),
    (365.2, YEARLY, 1),
    (730.5, YEARLY, 2),
    (1826, YEARLY, 5),
    (3652, YEARLY, 10),
    (9131, YEARLY, 25),
)
"""How many days, about, from one tick to the next; which periods are counted, and by how many."""


def _begun(span: DayScale, period: int, step: int) -> Iterator[datetime]:
    """List when periods begin within a span; quarters and decades begin where calendars have it."""
    first = time_of(span.start).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == MONTHLY:
        first = first.replace(month=1, day=1)
    if period == YEARLY:
        first = first.replace(year=max(first.year - first.year % step, 1), month=1, day=1)
    for at in rrule(period, dtstart=first, interval=step, until=time_of(span.end)):
        if day_number(at) >= span.start:
            yield at


def ticks(span: DayScale) -> tuple[list[Tick], list[float]]:
    """Choose named ticks with room for their names, and the unnamed ones between them."""
    days, period, step = next((s for s in _STEPS if s[0] / span.per_inch >= _ROOM), _STEPS[-1])
    named: list[Tick] = []
    year = None
    for at in _begun(span, period, step):
        above = str(at.year) if at.year != year and days < 365 else ""
        year = at.year
        month = _(MONTHS[at.month - 1])
        name = f"{at.day} {month}" if days < 30 else month if days < 365 else str(at.year)
        named.append(Tick(day_number(at), name, above))
    finer = next(s for s in _STEPS if s[0] / span.per_inch >= 0.1 or s[0] >= days)
    big = {tick.day for tick in named}
    small = [d for at in _begun(span, *finer[1:]) if (d := day_number(at)) not in big]
    return named, small


def draw_ruler(page: Page, top: float, span: DayScale) -> None:
    """Draw the calendar of a span just under `top`, `RULER_HEIGHT` high."""
    axes = page.inches(span.left, top, span.inches, RULER_HEIGHT, "ruler")
    named, small = ticks(span)
    axes.plot([0, span.inches], [0.02, 0.02], color=QUIET, lw=0.6, clip_on=False)
    places = [span.at(day) - span.left for day in small]
    axes.vlines(places, 0.02, 0.06, color=QUIET, lw=0.5, clip_on=False)
    for tick in named:
        x = span.at(tick.day) - span.left
        fits = x + 0.04 + width(tick.name, TEXT_SIZE) <= span.inches + 0.15
        axes.vlines([x], 0.02, 0.15 if fits else 0.06, color=QUIET, lw=0.7, clip_on=False)
        if fits:
            axes.text(x + 0.04, 0.155, tick.name, fontsize=TEXT_SIZE, color=INK)
            axes.text(x + 0.04, 0.285, tick.above, fontsize=TEXT_SIZE, color=QUIET)


def foot_height(as_of: datetime | None) -> float:
    """Return how high the calendar is with the name of the as-of line, if there is one."""
    return (AS_OF_HEIGHT if as_of else 0) + RULER_HEIGHT


def draw_foot(
    page: Page, top: float, foot: float, span: DayScale, as_of: datetime | None, gap: float = 0.02
) -> float:
    """Draw the as-of line from `top` to `foot`, if there is one, its name below, and the calendar
    a `gap` lower; return `foot` and the `foot_height`."""
    if as_of is not None:
        _draw_moment(page, top, foot, span, as_of, "as-of", "as of", foot + 0.145)
        foot += AS_OF_HEIGHT
    draw_ruler(page, foot + gap, span)
    return foot + RULER_HEIGHT


def draw_since(
    page: Page, top: float, bottom: float, span: DayScale, since: datetime, *, named: bool = True
) -> None:
    """Draw the line at which a changed world begins to differ from `top` to `bottom`, and its name
    in the `SINCE_HEIGHT` above.

    It is dashed and named above, since the as-of line is whole and named below.
    """
    words, dashes = "changed from" if named else "", (0, (3, 2))
    _draw_moment(page, top - 0.04, bottom, span, since, "since", words, top - 0.075, dashes)


def _draw_moment(
    page: Page,
    top: float,
    bottom: float,
    span: DayScale,
    moment: datetime,
    label: str,
    words: str,
    foot: float,
    dashes: LineStyleType = "-",
) -> None:
    """Draw the line of a day of the span, and with `words` its name above `foot`."""
    day = day_number(moment)
    if not span.start <= day <= span.end:
        return
    x, high = span.at(day), bottom - top
    axes = page.inches(x - 0.1, top, 0.2, high, label)
    axes.set_zorder(5)
    axes.plot([0.1, 0.1], [0, high], color=PAPER, lw=2.6, clip_on=False)
    axes.plot([0.1, 0.1], [0, high], color=INK, lw=1.2, ls=dashes, clip_on=False)
    if words:
        name = f"{words} {date_text(day)}"
        half = width(name, TEXT_SIZE, bold=True) / 2
        x = min(max(x, span.left + half), span.left + span.inches - half)
        page.text(x, foot, name, bold=True, align="center", label=label)
