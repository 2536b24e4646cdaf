"""The questions that a likelihood asks of a history: who was asked what, with what it perceived.

Questions are gathered while a history is walked through, and referred to by their number. So are
the alternatives by which an event may have come about, as products of answers. What an imprecise
date moves is asked anew in a window, at each of some placements of the date.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.scenario.doctrine import DECISIONS

MAX_QUESTIONS = 500_000
"""Questions that a history may ask."""

Factor = tuple[int, bool]
"""A question by its number, and whether its answer was yes."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    at_s: int
    channel: int
    side: int
    party: int
    decision: int
    """Its place in `DECISIONS`."""
    features: tuple[float, ...]

    @property
    def block(self) -> int:
        """The weights that decide it: its party's for its decision."""
        return self.party * len(DECISIONS) + self.decision


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which something may have come about: `weight` times a product of answers."""

    weight: float
    """Opportunities a day for an event; the chance of an order for a forum."""
    factors: tuple[Factor, ...]
    refused: bool = False
    """Whether it is a refusal that the log reports."""
    untold: bool = False
    """Whether it holds a refusal that nobody reported."""


DECIDED, TOLD, PASSED = "decision", "telling", "forum"
"""What a log shows: a decision, how a side told a contact, a forum at which nobody is reported to
have walked up."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that the log shows: the sum of its alternatives is its likelihood."""

    kind: str
    """One of the words above."""
    at_s: int
    fact: int
    """The coded event; -1 for a forum that passed."""
    forum: int
    """The forum; -1 where there is none."""
    alternatives: tuple[Alternative, ...]
    told: bool = True
    """Whether the sources of the log show it; what they do not show is no part of the likelihood,
    though dates are drawn by it."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A moment of a quadrature: opportunities that may have brought an event, and did not."""

    stream: int
    at_s: int
    weight: float
    """Opportunities that it stands for."""
    act: int
    """The question whether the act is done."""
    accept: int
    """The question whether it is accepted; -1 where nobody is asked."""
    told: float = 1.0
    """The probability that the log holds it where it is accepted."""
    refusal_told: bool = True
    """Whether its sources can show that it is declined."""


@dataclass(frozen=True)
class Window:
    """A stretch of some channels: what a block of dates moves."""

    start_s: int
    end_s: int
    channels: frozenset[int]

    def holds(self, channel: int, at_s: int) -> bool:
        """Whether an instant of a channel lies inside."""
        return channel in self.channels and self.start_s <= at_s < self.end_s


@dataclass(frozen=True)
class Placement:
    """What a history shows in a window, with the dates of a block in one placement."""

    shown: tuple[Shown, ...]
    exposures: tuple[Exposure, ...]


@dataclass(frozen=True)
class Dated:
    """A block of dates: its window, at each of its placements. All are as likely by the law at the
    doctrines' own weights."""

    dates: int
    """How many there are."""
    window: Window
    placements: tuple[Placement, ...]


class TooManyError(Exception):
    """A history that asks more than `MAX_QUESTIONS`."""


@dataclass
class Questions:
    """All that was asked, in order."""

    asked: list[Question] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)
    number: dict[tuple[int, int, int, int], int] = field(default_factory=dict)

    def at(
        self,
        at_s: int,
        channel: int,
        side: int,
        party: int,
        decision: str,
        features: tuple[float, ...],
        moment: int,
    ) -> int:
        """Return the number of a question; `moment` tells apart those of one instant between which
        something happened.

        Raises:
            TooManyError: there are more than `MAX_QUESTIONS`.
        """
        place = DECISIONS.index(decision)
        key = (moment, channel, side, place)
        if key not in self.number:
            if len(self.number) >= MAX_QUESTIONS:
                raise TooManyError
            self.number[key] = len(self.asked)
            self.asked.append(Question(at_s, channel, side, party, place, features))
        return self.number[key]
