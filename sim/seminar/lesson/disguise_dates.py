"""Moving dates by a number of days: those of a log, and those that sentences hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sim.ground.dates import DAY_S, MONTHS, day, instant, moment, parse, seconds
from sim.ground.language import _

SHORT = {name[:3]: n for n, name in enumerate(MONTHS, start=1) if name != "May"} | {"Sept": 9}
"""English months cut short; a full stop may stand behind them."""
AMBIGUOUS = ("March", "May")
"""English months that are other words too."""
_BEFORE = (
    r"(?:[Ii]n|[Ss]ince|[Oo]f|[Uu]ntil|[Bb]y|[Ff]rom|[Aa]fter|[Bb]efore|[Ee]arly|[Ll]ate|[Mm]id-?|"
    r"[Ll]ast|[Nn]ext|[Tt]his|[Dd]uring|[Tt]o)"
)
"""Words after which these are months."""
_YEAR = r"(?:1[89]\d\d|2[01]\d\d)"


_NUMBERS = re.compile(rf"(?<!\d)\d{{1,2}}([./-])\d{{1,2}}\1{_YEAR}(?!\d)")
"""A date in numbers alone: which of them is the month, only its writer knows."""


def in_numbers(text: str) -> str | None:
    """Return the first date in a text that is written in numbers alone, and cannot be moved."""
    found = _NUMBERS.search(text)
    return found and found[0]


def _pattern(month: str, clear: str, led: str) -> str:
    """Write the pattern of dates in sentences, by the months as texts name them."""
    nth = r"(?:(?:er|st|nd|rd|th)(?![^\W\d_]))?"
    return (
        rf"(?<!\d)(?P<iso>{_YEAR}-\d\d(?:-\d\d)?)(?!\d)"
        rf"|(?<!\d)(?P<pair>{_YEAR})(?P<dash>[-–/])(?P<last>\d\d)(?!\d)"
        rf"|(?<!\d)(?P<a>\d{{1,2}}){nth}(?P<and>\s*(?:[^\W\d_]{{1,3}}|-|–)\s*)"
        rf"(?P<b>\d{{1,2}}){nth} (?P<ab>{month})(?: (?P<aby>{_YEAR})(?!\d))?"
        rf"|(?<!\d)(?P<d>\d{{1,2}}){nth}(?: of)? (?P<dm>{month})(?: (?P<dy>{_YEAR})(?!\d))?"
        rf"|(?P<um>{month}) (?P<ud>\d{{1,2}})(?!\d){nth}(?:, (?P<uy>{_YEAR})(?!\d))?"
        rf"|(?P<mm>{month}) (?P<my>{_YEAR})(?!\d)"
        rf"|(?<!\d)(?P<decade>{_YEAR})s\b"
        rf"|(?<![\d,.])(?P<year>{_YEAR})(?![\d%]|,\d|\.\d)"
        rf"|(?<![^\W\d_])(?:(?P<clear>{clear})|(?P<led>{_BEFORE} (?:{led})))(?![^\W\d_])"
    )


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


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


class Dates:
    """Moves the dates in sentences of English, and of the language that is spoken when it is made:
    a log may be coded in English, and its lesson held in French.

    Days are moved exactly; a month or a year becomes the one in which its middle lies then. Four
    digits from 1800 to 2199 are taken for a year.
    """

    def __init__(self, days: int, about_s: int) -> None:
        """The year of `about_s` is taken for days and months without one."""
        self.days, self.year = days, moment(about_s).year
        own = [_(name) for name in MONTHS]
        english = dict.fromkeys([*MONTHS, *SHORT], MONTHS)
        self.names = english | {key: tuple(own) for n in own for key in (n, n.casefold())}
        """The months of its language, by each word for one."""
        others = {name.casefold(): n for n, name in enumerate(own, start=1) if name not in MONTHS}
        self.number = {name: n for n, name in enumerate(MONTHS, start=1)} | SHORT | others
        other = f"(?i:{_any(others)})" if others else "(?!)"
        ends = r"(?![^\W\d_])"
        month = rf"(?:(?:{_any(MONTHS)}|{other}){ends}|(?:{_any(SHORT)}){ends}\.?)"
        clear = f"{_any({*MONTHS} - {*AMBIGUOUS})}|{other}"
        self.found = re.compile(_pattern(month, clear, "|".join(AMBIGUOUS)))

    def moved(self, text: str) -> str:
        """Move the dates in a sentence."""
        return self.found.sub(self._replaced, text) if self.days else text

    def _at(self, year: str | int | None, month: str | int, day_: str | int) -> date | None:
        """Return a day, moved; None where there is no such day."""
        number = self.number[self._known(month)] if isinstance(month, str) else month
        try:
            told = datetime(int(year or self.year), number, int(day_), tzinfo=UTC)
        except ValueError:
            return None
        return day(seconds(told) + self.days * DAY_S)

    def _month(self, like: str, on: date) -> str:
        """Name the month of a day in the language of a text, cut short where the text has it so."""
        known = self._known(like)
        name = self.names[known][on.month - 1]
        return name[:3] if known in SHORT else name

    def _known(self, month: str) -> str:
        """Return a month as it stands in the tables."""
        plain = month.rstrip(".")
        return plain if plain in self.number else plain.casefold()

    def _replaced(self, found: re.Match[str]) -> str:
        said = found.groupdict()
        if said["iso"]:
            return self._iso(said["iso"])
        if said["pair"]:
            return self._years(said["pair"], said["dash"], said["last"])
        if said["a"]:
            return self._days(found)
        if said["decade"]:
            return f"{self._year(said['decade']) // 10 * 10}s"
        if said["year"]:
            return str(self._year(said["year"]))
        for of, month, year in (("d", "dm", "dy"), ("ud", "um", "uy"), (None, "mm", "my")):
            if not said[month]:
                continue
            on = self._at(said[year], said[month], said[of] if of else 15)
            if on is None:
                return found[0]
            name = self._month(said[month], on)
            if of is None:
                return f"{name} {on.year}"
            shown = f"{on.day} {name}" if of == "d" else f"{name} {on.day}"
            between = " " if of == "d" else ", "
            return f"{shown}{between}{on.year}" if said[year] else shown
        word = said["clear"] or said["led"].rpartition(" ")[2]
        on = self._at(None, word, 15)
        assert on is not None
        return f"{found[0][: len(found[0]) - len(word)]}{self._month(word, on)}"

    def _iso(self, text: str) -> str:
        try:
            parse(text)
        except ValueError:
            return self._years(text[:4], text[4], text[5:7])
        if len(text) == 10:
            return moved(text, self.days)
        return f"{self._at(text[:4], int(text[5:]), 15):%Y-%m}"

    def _days(self, found: re.Match[str]) -> str:
        """Move two days of one month, such as 20 to 24 February 2022."""
        said = found.groupdict()
        first, last = (self._at(said["aby"], said["ab"], said[k]) for k in "ab")
        if first is None or last is None:
            return found[0]
        end = f"{last.day} {self._month(said['ab'], last)}"
        end += f" {last.year}" if said["aby"] else ""
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}{said['and']}{end}"
        begin = f"{first.day} {self._month(said['ab'], first)}"
        begin += f" {first.year}" if said["aby"] and first.year != last.year else ""
        return f"{begin}{said['and'] if said['and'].strip().isalpha() else ' – '}{end}"

    def _year(self, year: str) -> int:
        return day(seconds(datetime(int(year), 7, 2, tzinfo=UTC)) + self.days * DAY_S).year

    def _years(self, first: str, dash: str, last: str) -> str:
        """Move two years that are written as 2021-22."""
        begin, end = self._year(first), self._year(first[:2] + last)
        same = begin // 100 == end // 100
        return f"{begin}{dash}{end % 100:02d}" if same else f"{begin}{dash}{end}"
