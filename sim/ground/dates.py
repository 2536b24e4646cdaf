"""Dates as coders write them: EDTF (ISO 8601-2) text, and the instants that it covers.

Levels used here: year, month, day, date-time in UTC, interval of those, and the qualifiers
`~` (approximate), `?` (uncertain) and `%` (both). Time inside the program is a whole number of
seconds since 1970-01-01T00:00:00Z, so that a log holds it exactly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sim.ground.language import N_, _

DAY_S = 86_400
MIN_YEAR, MAX_YEAR = 1800, 2199

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PART = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?P<time>T\d{2}:\d{2}:\d{2}Z)?)?)?"
    r"(?P<doubt>[~?%])?",
    re.ASCII,
)


@dataclass(frozen=True)
class Span:
    """The instants that a date may mean: the half-open interval [`lo_s`, `hi_s`) in seconds."""

    lo_s: int
    hi_s: int
    precision: str
    """`year`, `month`, `day`, `second`, or `interval`."""
    doubt: str = ""
    """`~` approximate, `?` uncertain, `%` both, or empty."""

    @property
    def is_exact(self) -> bool:
        """Whether the date names a day or a second: nothing is left to be sampled."""
        return self.precision in ("day", "second")

    @property
    def midpoint_s(self) -> int:
        """The canonical instant: noon of a day, the second itself, the middle of the rest."""
        return self.lo_s if self.precision == "second" else (self.lo_s + self.hi_s) // 2


_NO_DATE = "must be an EDTF date, such as 2023-03-02, 2022-07 or 2022-02-21/2022-02-24"


def parse(text: str) -> Span:
    """Read an EDTF date.

    Raises:
        ValueError: the text is not a date of the levels used here; the message says why.
    """
    if not isinstance(text, str) or len(text) > 50:
        raise ValueError(_NO_DATE)
    return _span(text)


@lru_cache(maxsize=50_000)  # rules, folds and figures ask for one date again and again
def _span(text: str) -> Span:
    if "/" not in text:
        return _part(text)
    first, _, last = text.partition("/")
    start, end = _part(first), _part(last)
    if end.lo_s < start.lo_s or end.hi_s < start.hi_s:
        raise ValueError("an interval must not end before it begins")
    doubts = {start.doubt, end.doubt} - {""}
    doubt = "" if not doubts else doubts.pop() if len(doubts) == 1 else "%"
    return Span(start.lo_s, end.hi_s, "interval", doubt)


def _part(text: str) -> Span:
    match = _PART.fullmatch(text)
    if match is None:
        raise ValueError(_NO_DATE)
    year, month, day = match["year"], match["month"], match["day"]
    if not MIN_YEAR <= int(year) <= MAX_YEAR:
        raise ValueError(f"the year must lie in {MIN_YEAR} to {MAX_YEAR}")
    doubt = match["doubt"] or ""
    try:
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        if match["time"]:
            clock = datetime.strptime(match["time"], "T%H:%M:%SZ").time()
            instant = seconds(datetime.combine(start, clock, UTC))
            return Span(instant, instant + 1, "second", doubt)
    except ValueError:
        raise ValueError("names a day or a time that does not exist") from None
    if day:
        end, precision = start + timedelta(days=1), "day"
    elif month:
        end, precision = (start + timedelta(days=31)).replace(day=1), "month"
    else:
        end, precision = start.replace(year=start.year + 1), "year"
    return Span(seconds(start), seconds(end), precision, doubt)


def seconds(moment: datetime) -> int:
    """Turn an aware datetime into whole seconds since 1970-01-01T00:00:00Z, rounding down."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def moment(instant_s: int) -> datetime:
    """Turn seconds since 1970-01-01T00:00:00Z into an aware datetime."""
    return _EPOCH + timedelta(seconds=int(instant_s))


def instant(instant_s: int) -> str:
    """Write an instant as a date-time of ISO 8601, such as `2023-03-02T09:14:07Z`."""
    return moment(instant_s).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(instant_s: int) -> date:
    """Return the calendar day (UTC) on which an instant falls."""
    return moment(instant_s).date()


def end_of(text: str) -> int:
    """Return the first second after the last instant that a date covers.

    Raises:
        ValueError: as `parse`.
    """
    return parse(text).hi_s


def spoken(date: str) -> str:
    """Write an EDTF date as people do: an interval with a word."""
    first, between, last = date.partition("/")
    return _("{first} to {last}", first=first, last=last) if between else date


MONTHS = (
    *(N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June")),
    *(N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December")),
)
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def in_a_sentence(date: str) -> str:
    """Write a date as a sentence does: a day as 2 March 2023, any other date as `spoken`."""
    found = _DAY.fullmatch(date)
    if found is None:
        return spoken(date)
    year, month, day_ = map(int, found.groups())
    named = _(MONTHS[month - 1])
    if day_ == 1:  # a language may write the first otherwise
        return _("1 {month} {year}", month=named, year=year)
    return _("{day} {month} {year}", day=day_, month=named, year=year)
