"""How inclinations that drift wandered before the as-of date: numbers that are drawn with the
weights, and forgotten.

Backwards from the as-of date an inclination goes by the law by which it goes on after it. Written
by what each step adds, its way is a sum of standard Normal numbers, each times what is left of it.
So these numbers are weights like others: each has a prior, and a value at every question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.learning.design import Design
from sim.learning.priors import EITHER, Parameters, parameters_from
from sim.model.compiled_scenario import Floats, Ints, ints
from sim.rules.drift import STEP_S
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS

MOST = 400
"""Numbers for the ways of all inclinations; a long past is taken in steps of several times 30
days, so that there are no more."""


@dataclass(frozen=True)
class Ways:
    """The ways of W inclinations that drift and are learned, of K steps each."""

    weight: Ints
    """[W] the place of the inclination among the weights."""
    walk: Ints
    """[W] its walk."""
    steps: int
    """K."""
    each: int
    """How many times 30 days a step is."""


def ways_of(design: Design, parameters: Parameters) -> Ways:
    """Return the ways that are learned with some weights."""
    rows = parameters.feature - len(FEATURES)
    inclined = np.flatnonzero((rows >= 0) & (rows < design.program.doctrines.pairs))
    walk = design.program.drift.walk[rows[inclined], parameters.block[inclined] % len(DECISIONS)]
    drifts = walk >= 0
    longest = (design.program.as_of_s - 1 - design.start_s) // STEP_S
    each = max(1, -(-int(drifts.sum()) * longest // MOST))
    return Ways(inclined[drifts], walk[drifts], longest // each, each)


def with_ways(design: Design, parameters: Parameters) -> Parameters:
    """Return weights with the numbers of the ways after them, one way after the other, from the
    as-of date backwards; the same where nothing drifts."""
    ways = ways_of(design, parameters)
    first = len(FEATURES) + design.program.doctrines.pairs
    rows = [
        (
            f"{parameters.names[weight]}.step-{n + 1}",
            int(parameters.block[weight]),
            first + way * ways.steps + n,
            *(0.0, 0.0, 1.0, EITHER, "", False),
        )
        for way, weight in enumerate(ways.weight.tolist())
        for n in range(ways.steps)
    ]
    return parameters_from([*parameters.rows(), *rows]) if rows else parameters


class Inclined:
    """What inclinations, and the numbers of their ways, are multiplied by at some questions."""

    def __init__(self, design: Design, parameters: Parameters, questions: Sequence[int]) -> None:
        program, asked = design.program, [design.questions[q] for q in questions]
        channel, side = (ints(getattr(q, key) for q in asked) for key in ("channel", "side"))
        self.row = program.doctrines.inclined[program.channels.dyad[channel], side]
        self.drift, self.pairs = program.drift, program.doctrines.pairs
        self.ways = ways_of(design, parameters)
        age_s = program.as_of_s - 1 - ints(q.at_s for q in asked)
        self.step = np.clip(age_s // (self.ways.each * STEP_S), 0, self.ways.steps)

    def values(self, feature: int, first: int, many: int) -> Floats:
        """Return the values of a feature beyond those of a doctrine at questions of one decision:
        so many of them, from a place on."""
        some, place = slice(first, first + many), feature - len(FEATURES)
        if place < self.pairs:
            same: Floats = (self.row[some] == place).astype(np.float64)
            return same
        way, n = divmod(place - self.pairs, self.ways.steps)
        walk = int(self.ways.walk[way])
        row = int(np.flatnonzero((self.drift.walk == walk).any(axis=1))[0])
        kept = float(self.drift.kept[walk])
        spread = float(self.drift.scatter[walk]) / math.sqrt(1.0 - kept * kept)
        kept **= self.ways.each
        age = self.step[some] - (n + 1)
        left = np.where(age >= 0, kept ** np.maximum(age, 0), 0.0)
        found: Floats = (self.row[some] == row) * spread * math.sqrt(1.0 - kept * kept) * left
        return found


def wandered(design: Design, whole: Parameters, ways: Floats) -> Floats:
    """Return how far the inclination that each question goes by stood from that of the as-of date,
    at numbers of the ways; `whole` are the weights with the ways after them."""
    every = range(len(design.questions))
    inclined, found = Inclined(design, whole, every), np.zeros(len(every))
    block = ints(q.block for q in design.questions)
    for p, number in enumerate(ways.tolist(), len(whole) - len(ways)):
        mine = block == whole.block[p]
        found += mine * number * inclined.values(int(whole.feature[p]), 0, len(every))
    return found
