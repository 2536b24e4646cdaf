"""Rows that tell of one event: mirrored, repeated, or of overlapping days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.coding.found import Found, days_from
from sim.ground.dates import DAY_S, parse


@dataclass(frozen=True)
class Merged:
    """Rows that are taken for one event."""

    rows: tuple[Found, ...]
    date: str

    @property
    def first(self) -> Found:
        """The row that the event is told by: of its day if there is one, else the first."""
        return next((r for r in self.rows if r.date == self.date), self.rows[0])


def merged(found: Iterable[Found], within_days: int | Mapping[str, int]) -> list[Merged]:
    """Merge rows of one kind between the same two parties on one level whose days overlap, or lie
    at most so many days from the first of them; the days may depend on the kind."""
    groups: dict[tuple[str, str, frozenset[str]], list[Found]] = {}
    for row in found:
        groups.setdefault((row.kind, row.level, frozenset(row.parties)), []).append(row)
    made = []
    for (kind, _, _), rows in groups.items():
        within = within_days if isinstance(within_days, int) else within_days.get(kind, 0)
        rows.sort(key=lambda r: (parse(r.date).lo_s, parse(r.date).hi_s, r.row))
        open_: list[Found] = []
        for row in rows:
            if open_ and parse(row.date).lo_s >= parse(open_[0].date).hi_s + within * DAY_S:
                made.append(_one(open_))
                open_ = []
            open_.append(row)
        made.append(_one(open_))
    return sorted(made, key=lambda m: (parse(m.date).lo_s, m.first.row))


def _one(rows: list[Found]) -> Merged:
    """Give rows that are one event its date: the days that all agree on, or else that of most."""
    spans = [parse(row.date) for row in rows]
    lo, hi = max(s.lo_s for s in spans), min(s.hi_s for s in spans)
    if lo < hi:
        return Merged(tuple(rows), days_from(lo, hi))
    counted = Counter(row.date for row in rows)
    most = max(counted.values())
    return Merged(tuple(rows), next(row.date for row in rows if counted[row.date] == most))
