"""A design laid out for compiled code: the questions of one reporting probability, and the priors.

Questions stand together by the weights that decide them, and their features by weight: so a weight
is multiplied into a run of numbers.
"""

from __future__ import annotations

import numpy as np

from sim.ground.draws import log
from sim.learning.decision_points import Alternative
from sim.learning.design import Design
from sim.learning.priors import Parameters
from sim.learning.rows import Prior, Rows, Scratch
from sim.learning.wandering import Inclined
from sim.model.compiled_scenario import floats, ints
from sim.rules.features import FEATURES


def prior_of(parameters: Parameters) -> Prior:
    """Return the priors as arrays."""
    return Prior(parameters.centre, parameters.spread, parameters.low, parameters.high)


def rows_of(design: Design, parameters: Parameters, reporting: float) -> Rows:
    """Lay out a design for a reporting probability in (0, 1]: what cannot be is left out."""
    hidden = reporting < 1.0
    shown = [[a for a in s.alternatives if hidden or not a.untold] for s in design.shown]
    used = {q for ways in shown for a in ways for q, _ in a.factors}
    used |= {e.act for e in design.exposures}
    used |= {e.accept for e in design.exposures if hidden and e.accept >= 0}
    order = sorted(used, key=lambda q: (design.questions[q].block, q))
    place = {q: n for n, q in enumerate(order)}
    blocks = np.array([design.questions[q].block for q in order], dtype=np.int64)
    features = np.array([design.questions[q].features for q in order], dtype=np.float64)
    first = np.searchsorted(blocks, parameters.block, side="left")
    count = np.searchsorted(blocks, parameters.block, side="right") - first
    inclined = Inclined(design, parameters, order)
    parts = [
        features[f : f + n, column]
        if column < len(FEATURES)
        else inclined.values(int(column), int(f), int(n))
        for f, n, column in zip(first, count, parameters.feature, strict=True)
    ]
    ways = [a for group in shown for a in group]
    exposures = design.exposures
    return Rows(
        first=first.astype(np.int64),
        many=count.astype(np.int64),
        start=np.cumsum([0, *count[:-1]], dtype=np.int64),
        x=np.concatenate(parts),
        act=ints(place[e.act] for e in exposures),
        accept=ints(place[e.accept] if hidden and e.accept >= 0 else -1 for e in exposures),
        weight=floats(e.weight for e in exposures),
        event=np.cumsum([0, *map(len, shown)], dtype=np.int64),
        constant=floats(_constant(a, reporting) for a in ways),
        alternative=np.cumsum([0, *(len(a.factors) for a in ways)], dtype=np.int64),
        factor=ints(place[q] for a in ways for q, _ in a.factors),
        yes=ints(int(yes) for a in ways for _, yes in a.factors),
        reporting=floats([reporting]),
    )


def questions_in(rows: Rows) -> int:
    """Return how many questions rows hold."""
    named = (rows.act, rows.accept, rows.factor)
    return 1 + int(max([-1, *(int(part.max()) for part in named if len(part))]))


def scratch_of(rows: Rows) -> Scratch:
    """Return memory for rows."""
    q, p = questions_in(rows), len(rows.first)
    sizes = (q, q, p, p, len(rows.constant))
    return Scratch(*(np.zeros(max(1, size)) for size in sizes))


def _constant(way: Alternative, reporting: float) -> float:
    """Return the logarithm of what an alternative is multiplied by."""
    constant = float(log(way.weight))
    if way.refused:
        constant += float(log(reporting))
    if way.untold:
        constant += float(log(1.0 - reporting))
    return constant
