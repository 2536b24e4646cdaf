"""Moving dates by a number of days: those of a log, and those that sentences hold."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from sim.ground.dates import DAY_S, MONTHS, day, instant, parse, seconds

SHORT = {"Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Sept": 9,
         "Oct": 10, "Nov": 11, "Dec": 12}  # fmt: skip
NUMBER = {name: n for n, name in enumerate(MONTHS, start=1)} | SHORT
_YEAR = r"(?:1[89]\d\d|2[01]\d\d)"
_CUT = "|".join(sorted(SHORT, key=len, reverse=True))
_MONTH = rf"(?:(?:{'|'.join(MONTHS)})(?![a-z])|(?:{_CUT})(?![a-z])\.?)"
_CLEAR = "(?:" + "|".join(m for m in MONTHS if m not in ("March", "May")) + ")"
"""Months that are no other word."""
_BEFORE = (
    r"(?:[Ii]n|[Ss]ince|[Oo]f|[Uu]ntil|[Bb]y|[Ff]rom|[Aa]fter|[Bb]efore|[Ee]arly|[Ll]ate|[Mm]id-?|"
    r"[Ll]ast|[Nn]ext|[Tt]his|[Dd]uring|[Tt]o)"
)
"""Words after which March and May are months."""
_FOUND = re.compile(
    rf"(?<!\d)(?P<iso>{_YEAR}-\d\d(?:-\d\d)?)(?!\d)"
    rf"|(?<!\d)(?P<pair>{_YEAR})(?P<dash>[-–/])(?P<last>\d\d)(?!\d)"
    rf"|(?<!\d)(?P<a>\d{{1,2}})(?P<and>\s*(?:to|and|or|-|–)\s*)(?P<b>\d{{1,2}}) "
    rf"(?P<ab>{_MONTH})(?: (?P<aby>{_YEAR})(?!\d))?"
    rf"|(?<!\d)(?P<d>\d{{1,2}}) (?P<dm>{_MONTH})(?: (?P<dy>{_YEAR})(?!\d))?"
    rf"|(?P<um>{_MONTH}) (?P<ud>\d{{1,2}})(?!\d)(?:, (?P<uy>{_YEAR})(?!\d))?"
    rf"|(?P<mm>{_MONTH}) (?P<my>{_YEAR})(?!\d)"
    rf"|(?<!\d)(?P<decade>{_YEAR})s\b"
    rf"|(?<![\d,.])(?P<year>{_YEAR})(?![\d%]|,\d|\.\d)"
    rf"|(?<![A-Za-z])(?:(?P<clear>{_CLEAR})|(?P<led>{_BEFORE} (?:March|May)))(?![A-Za-z])"
)


def moved(text: str, days: int) -> str:
    """Move an EDTF date. A month or a year that is none any more becomes the days from its first
    to its last."""
    if not days:
        return text
    first, slash, last = text.partition("/")
    if slash:
        start, end = _moved(first, days).partition("/")[0], _moved(last, days).rpartition("/")[2]
        return f"{start}/{end}"
    return _moved(text, days)


def _moved(text: str, days: int) -> str:
    span = parse(text)
    lo_s, hi_s = span.lo_s + days * DAY_S, span.hi_s + days * DAY_S
    if span.precision == "second":
        return instant(lo_s) + span.doubt
    first, last = day(lo_s), day(hi_s - 1)
    whole = _calendar(first, last, span.precision)
    if whole is not None:
        return whole + span.doubt
    return f"{first}{span.doubt}/{last}{span.doubt}"


def _calendar(first: date, last: date, precision: str) -> str | None:
    """Write a day, or days that are just a month or a year, as a calendar does."""
    if precision == "day":
        return str(first)
    begins, ends = first.day == 1, (last + timedelta(days=1)).day == 1
    if begins and ends and precision == "month" and first.month == last.month:
        return f"{first:%Y-%m}"
    if begins and ends and precision == "year" and (first.month, last.month) == (1, 12):
        return f"{first:%Y}"
    return None


def moved_in(text: str, days: int, year: int) -> str:
    """Move the dates in a sentence. Days are moved exactly; a month or a year becomes the one in
    which its middle lies then. `year` is taken for days and months without one.

    Four digits from 1800 to 2199 are taken for a year.
    """
    return _FOUND.sub(lambda found: _replaced(found, days, year), text) if days else text


def _replaced(found: re.Match[str], days: int, year: int) -> str:
    said = found.groupdict()

    def at(y: str | int | None, month: str | int, day_: str | int) -> date | None:
        number = NUMBER[month.rstrip(".")] if isinstance(month, str) else month
        try:
            told = datetime(int(y or year), number, int(day_), tzinfo=UTC)
        except ValueError:
            return None
        return day(seconds(told) + days * DAY_S)

    def month(like: str, on: date) -> str:
        name = MONTHS[on.month - 1]
        return name if like.rstrip(".") in MONTHS else name[:3]

    whole = found[0]
    if said["iso"]:
        try:
            parse(said["iso"])
        except ValueError:
            return _years(said["iso"][:4], said["iso"][4], said["iso"][5:7], days)
        if len(said["iso"]) == 10:
            return moved(said["iso"], days)
        on = at(said["iso"][:4], int(said["iso"][5:]), 15)
        return whole if on is None else f"{on:%Y-%m}"
    if said["pair"]:
        return _years(said["pair"], said["dash"], said["last"], days)
    if said["a"]:
        first, last = (at(said["aby"], said["ab"], said[k]) for k in "ab")
        if first is None or last is None:
            return whole
        between = said["and"] if said["and"].strip().isalpha() else " to "
        end = f"{last.day} {month(said['ab'], last)}" + (f" {last.year}" if said["aby"] else "")
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}{said['and']}{end}"
        begin = f"{first.day} {month(said['ab'], first)}"
        begin += f" {first.year}" if said["aby"] and first.year != last.year else ""
        return f"{begin}{between}{end}"
    if said["d"]:
        on = at(said["dy"], said["dm"], said["d"])
        shown = "" if on is None else f"{on.day} {month(said['dm'], on)}"
        return whole if on is None else f"{shown} {on.year}" if said["dy"] else shown
    if said["um"]:
        on = at(said["uy"], said["um"], said["ud"])
        shown = "" if on is None else f"{month(said['um'], on)} {on.day}"
        return whole if on is None else f"{shown}, {on.year}" if said["uy"] else shown
    if said["mm"]:
        on = at(said["my"], said["mm"], 15)
        return whole if on is None else f"{month(said['mm'], on)} {on.year}"
    if said["decade"]:
        return f"{_year(said['decade'], days) // 10 * 10}s"
    if said["year"]:
        return str(_year(said["year"], days))
    word = said["clear"] or said["led"].rpartition(" ")[2]
    on = at(None, word, 15)
    return whole if on is None else f"{whole[: len(whole) - len(word)]}{month(word, on)}"


def _year(year: str | int, days: int) -> int:
    """Move a year: the one in which its middle lies then."""
    return day(seconds(datetime(int(year), 7, 2, tzinfo=UTC)) + days * DAY_S).year


def _years(first: str, dash: str, last: str, days: int) -> str:
    """Move two years that are written as 2021-22."""
    begin, end = _year(first, days), _year(first[:2] + last, days)
    return f"{begin}{dash}{end % 100:02d}" if begin // 100 == end // 100 else f"{begin}{dash}{end}"
