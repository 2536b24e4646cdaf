"""Walking through a history: once whole, with imprecise dates in the middle of their spans, and
through the window of each block of them at each of its placements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial

from sim.learning.dated import (
    LEAST_POINTS,
    Dated,
    Placement,
    Window,
    count_for,
    law_of,
    middle_instants,
    placements_of,
    windows_of,
)
from sim.learning.decision_points import Questions
from sim.learning.design_walk import LearningWalk
from sim.model.compiled_scenario import CompiledScenario, Dates
from sim.model.dateblocks import Block
from sim.model.walk import ImpossibleError


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
    law = cache(partial(law_of, program))  # it takes seconds, and most refusals need none
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
    walk = LearningWalk(program, middle_instants(program), windows)
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
