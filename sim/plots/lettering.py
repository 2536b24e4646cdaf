"""Text that is measured before it is placed: widths, wrapping, and how dates are written."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

from sim.ground.language import N_, _
from sim.plots.style import look

MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def width(text: str, size: float, *, bold: bool = False, italic: bool = False) -> float:
    """Measure one line of text, in inches. `size` is in points."""
    return _width(text, size, bold, italic, look().key)


@lru_cache(maxsize=8192)
def _width(text: str, size: float, bold: bool, italic: bool, key: str) -> float:
    font = FontProperties(
        family=[look().font],
        size=size,
        weight="bold" if bold else "normal",
        style="italic" if italic else "normal",
    )
    points, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(points) / 72


def printable(text: str) -> str:
    """Put text on one line, with U+FFFD for each character that the font lacks."""
    font = get_font(findfont(FontProperties(family=[look().font])))
    return "".join(
        letter if font.get_char_index(ord(letter)) else "\ufffd"
        for letter in " ".join(text.split())
    )


def wrap(
    text: str,
    size: float,
    inches: float,
    *,
    lines: int | None = None,
    bold: bool = False,
    italic: bool = False,
) -> list[str]:
    """Break text into lines no wider than `inches`; beyond `lines` lines it ends in an ellipsis,
    and not within brackets: what they hold is left out whole, unless the text begins with them."""

    def fits(line: str) -> bool:
        return width(line, size, bold=bold, italic=italic) <= inches

    rest, out = printable(text), list[str]()
    while rest:
        if fits(rest):
            return [*out, rest]
        last = lines is not None and len(out) == lines - 1
        mark = "…" if last else ""
        # A longer beginning is wider, so the longest that fits is found by halves.
        ends = range(2, len(rest))
        end = 1 + bisect_left(ends, True, key=lambda e: not fits(rest[:e].rstrip() + mark))
        if last:
            kept = " ".join([*out, rest[:end]]).rstrip()
            whole = kept[: _opened(kept)].rstrip()
            if whole and whole != kept:
                return wrap(f"{whole}…", size, inches, lines=lines, bold=bold, italic=italic)
            return [*out, rest[:end].rstrip() + "…"]
        space = rest.rfind(" ", 1, end + 1)
        end = space if space > 0 else end
        out.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return out


_BRACKETS = {"(": ")", "[": "]", "“": "”"}


def _opened(text: str) -> int | None:
    """Give the place of the first bracket or quotation mark that is not closed in a text."""
    waiting: list[tuple[int, str]] = []
    for place, letter in enumerate(text):
        if letter in _BRACKETS:
            waiting.append((place, _BRACKETS[letter]))
        elif waiting and letter == waiting[-1][1]:
            waiting.pop()
    return waiting[0][0] if waiting else None


def shorten(text: str, size: float, inches: float, *, bold: bool = False) -> str:
    """Cut text to one line no wider than `inches`."""
    return "".join(wrap(text, size, inches, lines=1, bold=bold))


def day_number(moment: datetime) -> float:
    """Count days since 1970-01-01 UTC. A moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) / timedelta(days=1)


def time_of(day: float) -> datetime:
    """Give the UTC moment of a day number."""
    return _EPOCH + timedelta(days=day)


def date_text(day: float) -> str:
    """Write a day number as in `2 Mar 2023`."""
    date = time_of(day)
    return f"{date.day} {_(MONTHS[date.month - 1])} {date.year}"


def span_text(lo: float, hi: float) -> str:
    """Write the span of days that a date covers: `2 Mar 2023`, `Jul 2022`, `21–24 Feb 2022`."""
    first = time_of(lo)
    # A span may end at the last instant of its last day or at the first of the day after.
    last = time_of(max(lo, hi - 1e-6) if hi > lo else hi)
    if first.date() == last.date():
        return date_text(lo)
    months = (_(MONTHS[first.month - 1]), _(MONTHS[last.month - 1]))
    next_day = last + timedelta(days=1)
    if first.day == 1 and next_day.day == 1:
        if (first.month, last.month) == (1, 12):
            same = first.year == last.year
            return f"{first.year}" if same else f"{first.year}–{last.year}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{months[0]} {first.year}"
        if first.year == last.year:
            return f"{months[0]}–{months[1]} {first.year}"
        return f"{months[0]} {first.year} – {months[1]} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {months[0]} {first.year}"
    if first.year == last.year:
        return f"{first.day} {months[0]} – {last.day} {months[1]} {first.year}"
    return f"{date_text(lo)} – {date_text(day_number(last))}"
