"""Walking through a history: once whole, with imprecise dates in the middle of their spans, and
through the window of each block of them at each of its placements.

Each block of dates that are weighed together (`sim.model.dateblocks`) has some placements that stay
the same: taken evenly from its law at the doctrines' own weights (`sim.kernel.dating`), keyed as
that is. What the placements move lies in a window of the block; there history is walked through
once for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache

from sim.kernel.dating import dates_by, law_by
from sim.learning.decision_points import Dated, Placement, Questions, Window
from sim.learning.design_walk import LearningWalk
from sim.model.compiled_scenario import CompiledScenario, Dates
from sim.model.dateblocks import REACH_S, Block, date_blocks
from sim.model.dating import instant_at, placed_instants
from sim.model.walk import ImpossibleError

MIDDLE = 0.5
"""Where a date lies in its span that is not averaged over."""
LEAST_POINTS, MOST_POINTS = 6, 32
"""Placements of a block."""
MANY = 24_000
"""Moments that all placements of a block look at, about, before there are fewer of them."""


def walked(
    program: CompiledScenario, *, averaged: bool = True
) -> tuple[LearningWalk, tuple[Dated, ...]]:
    """Walk through a history; return the walk, and its blocks of dates at their placements, if they
    are `averaged` over.

    Raises:
        ImpossibleError: the model cannot bring about a logged event.
        TooManyError: there are more than `MAX_QUESTIONS`.
    """
    blocks = windows_of(program)

    @cache  # it takes seconds, and most refusals need none
    def law() -> Dates:
        return dates_by(program, law_by(program))

    walk = whole_walk(program, blocks, law)
    asked, dated = walk.questions, []
    for block, window in blocks if averaged else ():
        inside = [e for e in asked.exposures if window.holds(asked.asked[e.act].channel, e.at_s)]
        places = placements_of(program, law(), block.facts, count_for(block, len(inside)))
        dated.append(Dated(len(block.facts), window, tuple(placements(walk, window, places))))
    return walk, tuple(dated)


def whole_walk(
    program: CompiledScenario, blocks: list[tuple[Block, Window]], law: Callable[[], Dates]
) -> LearningWalk:
    """Walk through all of a history, with imprecise dates in the middle of their spans; or at the
    first of their placements that the model can bring about, where it cannot bring about that.

    Raises:
        ImpossibleError: the model cannot bring about a logged event.
        TooManyError: there are more than `MAX_QUESTIONS`.
    """
    windows = [window for _, window in blocks]
    walk = LearningWalk(program, placed_instants(program, lambda f: MIDDLE), windows)
    try:
        walk.ask_all()
    except ImpossibleError as error:
        at_s, channel = walk.instants[error.fact], int(program.facts.channel[error.fact])
        if not any(window.holds(channel, at_s) for window in windows):
            raise
        refused = error
    else:
        return walk
    free = [f for block, _ in blocks for f in block.facts]
    for instants in placements_of(program, law(), free, LEAST_POINTS):
        walk = LearningWalk(program, instants, windows)
        with suppress(ImpossibleError):
            walk.ask_all()
            return walk
    raise refused


def placements(walk: LearningWalk, window: Window, places: list[list[int]]) -> Iterator[Placement]:
    """Yield what a history shows in a window at each placement; what the model cannot bring about
    there is left out.

    Raises:
        ImpossibleError: the model cannot bring it about at any placement.
    """
    refused = []
    for instants in places:
        asked = Questions(walk.questions.asked)
        try:
            LearningWalk(walk.program, instants, only=window, questions=asked).ask_all()
        except ImpossibleError as error:
            refused.append(error)
        else:
            yield Placement(tuple(asked.shown), tuple(asked.exposures))
    if len(refused) == len(places):
        raise refused[0]


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
