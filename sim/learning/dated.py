"""The imprecise dates of a history, over which its likelihood is averaged.

Each block of dates that are weighed together (`sim.model.dateblocks`) has some placements that stay
the same: taken evenly from its law at the doctrines' own weights (`sim.kernel.dating`), keyed as
that is. What the placements move lies in a window of the block; there history is walked through
once for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.kernel.dating import dates_by, law_by
from sim.learning.decision_points import Exposure, Shown
from sim.model.compiled_scenario import CompiledScenario, Dates
from sim.model.dateblocks import REACH_S, Block, date_blocks
from sim.model.dating import instant_at, placed_instants

MIDDLE = 0.5
"""Where a date lies in its span that is not averaged over."""
LEAST_POINTS, MOST_POINTS = 6, 32
"""Placements of a block."""
MANY = 24_000
"""Moments that all placements of a block look at, about, before there are fewer of them."""


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


def windows_of(program: CompiledScenario) -> list[tuple[Block, Window]]:
    """Return the blocks of a history's dates with what each moves."""
    facts, dyad = program.facts, program.channels.dyad.tolist()
    found = []
    for block in date_blocks(program):
        start_s = min(int(facts.lo_s[f]) for f in block.facts)
        end_s = max(int(facts.hi_s[f]) for f in block.facts) + REACH_S
        channels = frozenset(c for c, d in enumerate(dyad) if d in block.dyads)
        found.append((block, Window(start_s, min(end_s, program.as_of_s), channels)))
    return found


def middle_instants(program: CompiledScenario) -> list[int]:
    """Return the instant of every fact, an imprecise date in the middle of its span."""
    return placed_instants(program, lambda f: MIDDLE)


def law_of(program: CompiledScenario) -> Dates:
    """Return the law of a history's dates, at its doctrines' own weights."""
    return dates_by(program, law_by(program))


def placements_of(
    program: CompiledScenario, dates: Dates, facts: Sequence[int], count: int
) -> list[list[int]]:
    """Return the instants of every fact in each of so many placements of the blocks of some facts,
    which lie evenly in their law; other imprecise dates are in the middle of their spans."""
    return [
        placed_instants(
            program,
            lambda f: MIDDLE,
            {f: instant_at(dates, f, (n + 0.5) / count) for f in facts},
        )
        for n in range(count)
    ]


def count_for(block: Block, looked_at: int) -> int:
    """Return how many placements a block has in whose window one of them looks at so many moments:
    more, the more dates there are."""
    most = min(MOST_POINTS, MANY // max(1, looked_at))
    return max(LEAST_POINTS, min(2 * len(block.facts) + 2, most))
