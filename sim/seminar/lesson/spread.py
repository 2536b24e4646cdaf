"""How the answers of a class differ: what each student gave, without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from sim.ground.language import percent
from sim.seminar.lesson.record import Answer


@dataclass(frozen=True)
class Spread:
    """The percents that students gave to one option."""

    counts: Mapping[int, int]
    """How many gave each percent."""

    @property
    def lowest(self) -> int:
        """The lowest percent."""
        return min(self.counts)

    @property
    def highest(self) -> int:
        """The highest percent."""
        return max(self.counts)

    @property
    def middle(self) -> float:
        """The median."""
        return median(p for p, n in self.counts.items() for _ in range(n))


def spread_of(cast: Mapping[int, Answer], question: str) -> list[Spread]:
    """Return the spread of each option of a question; empty where there is no answer."""
    columns = zip(*(answer.percents[question] for answer in cast.values()), strict=True)
    return [Spread(Counter(column)) for column in columns]


def in_short(percents: Sequence[int], labels: Sequence[str]) -> str:
    """Write an answer in short: its first option of two, or else the likeliest of several."""
    if len(percents) == 2:
        return f"{labels[0]} {percent(percents[0])}"
    most = max(percents)
    return ", ".join(
        f"{label} {percent(p)}" for label, p in zip(labels, percents, strict=True) if p == most
    )
