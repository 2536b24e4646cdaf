"""What a row of public data is taken for: a contact, or nothing for a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sim.ground.dates import day, parse
from sim.ground.letters import broken_text
from sim.ground.schema import MAX_TEXT


@dataclass(frozen=True)
class Found:
    """A row that is taken for an event."""

    date: str
    """EDTF: the day, or the days among which it lies."""
    kind: str
    parties: tuple[str, str]
    level: str
    row: str
    """Where the row stands, as `travels.xml#3992`."""
    words: str
    """What the row says."""
    doubt: str
    """Why it may be wrong."""
    place: str = ""
    by: str = ""
    agenda: tuple[str, ...] = ()
    url: str = ""
    """The row's own address, where it has one."""
    source: str = ""
    """The source that it stands in, where several are read."""


@dataclass(frozen=True)
class LeftOut:
    """A row that became no event."""

    row: str
    reason: str
    """The rule for which it is left out: the same words for all such rows."""
    words: str


OURS, THEIRS, BOTH = "ours", "theirs", "both"
"""Of which side a source shows events: of the United States, of the other, or of both."""


@dataclass
class Shown:
    """What the rows of a source can show on the channels of a level."""

    kinds: tuple[str, ...]
    of: str
    """One of the words above."""
    days: str = ""
    """The days that its rows span, as EDTF; none yet where it is empty."""

    def stretch(self, date: str) -> None:
        """Take the days of one more row into those that are shown."""
        dates = [parse(d) for d in (self.days, date) if d]
        self.days = days_from(min(d.lo_s for d in dates), max(d.hi_s for d in dates))


@dataclass
class Rows:
    """What the rows of some files were taken for."""

    found: list[Found] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    read: int = 0
    """Rows that were read."""
    shown: dict[str, Shown] = field(default_factory=dict)
    """By level what the source can show, where it is known."""


def clean(text: str, most: int = MAX_TEXT) -> str:
    """Return a foreign text as one line that a log may hold, cut where it is too long."""
    line = " ".join(text.split())
    if broken_text(line):
        line = "".join(letter for letter in line if not broken_text(letter))
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


def span(first: str, last: str) -> str:
    """Return the days from a first to a last as EDTF; empty where they are none.

    A table may hold anything there.
    """
    text = first if first == last or not last else f"{first}/{last}"
    try:
        parse(text)
    except ValueError:
        return ""
    return text


def days_from(lo_s: int, hi_s: int) -> str:
    """Return the days from one instant up to another as EDTF."""
    return span(day(lo_s).isoformat(), day(hi_s - 1).isoformat())


def numbered(stems: Iterable[str]) -> list[str]:
    """Return ids of which no two are the same: a second `a` is `a-2`."""
    taken: Counter[str] = Counter()
    ids = []
    for stem in stems:
        taken[stem] += 1
        ids.append(stem if taken[stem] == 1 else f"{stem}-{taken[stem]}")
    return ids
