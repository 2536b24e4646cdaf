"""A design laid out for compiled code: the questions of one reporting probability, and the priors.

Questions stand together by the weights that decide them, and their features by weight: so a weight
is multiplied into a run of numbers.
"""

from __future__ import annotations

import numpy as np

from sim.ground.draws import log
from sim.learning.compiled_calls import log_likelihood
from sim.learning.decision_points import Alternative, Exposure, Shown
from sim.learning.design import Design
from sim.learning.priors import Parameters
from sim.learning.rows import Prior, Rows, Scratch
from sim.learning.wandering import Inclined
from sim.model.compiled_scenario import floats, ints
from sim.rules.features import FEATURES

Span = tuple[float, float]
"""The least and the most of a probability that is learned."""
EVEN = 100.0
"""Ranges that make a Normal law's spread: what is left between its bounds is even."""


def prior_of(parameters: Parameters, reported: Span | None = None) -> Prior:
    """Return the priors as arrays; after them the even one of the probability that a refusal is
    reported, where it has a range."""
    if reported is None:
        return parameters.law
    low, high = reported
    even = ((low + high) / 2.0, EVEN * (high - low), low, high, len(parameters))
    return Prior(*(np.append(part, x) for part, x in zip(parameters.law, even, strict=True)))


def rows_of(design: Design, parameters: Parameters, reporting: float | None) -> Rows:
    """Lay out a design for a reporting probability in (0, 1]: what cannot be is left out. With None
    it is learned."""
    rows = laid_out(design, parameters, reporting)
    if not design.dated:
        return rows
    # placements were drawn by the doctrines' own weights, as if all were reported
    drawn = laid_out(design, parameters, 1.0, whole=True)
    scratch = scratch_of(drawn)
    log_likelihood(drawn, scratch, parameters.shipped, np.zeros(len(parameters)))
    return rows._replace(drawn=scratch.likely)


def laid_out(
    design: Design, parameters: Parameters, reporting: float | None, *, whole: bool = False
) -> Rows:
    """Lay out a design as if its placements were drawn evenly; with `whole` as if the log held all
    that its streams bring about."""
    hidden = reporting is None or reporting < 1.0
    parts = [outside(design)]
    parts += [(p.shown, p.exposures) for block in design.dated for p in block.placements]
    shown = [
        [[a for a in s.alternatives if hidden or not a.untold] for s in shown if s.told or whole]
        for shown, _ in parts
    ]
    used: dict[int, int] = {}
    for part, (events, (_, moments)) in enumerate(zip(shown, parts, strict=True)):
        asked = {q for ways in events for a in ways for q, _ in a.factors}
        asked |= {e.act for e in moments}
        asked |= {e.accept for e in moments if _answered(e, reporting, whole)}
        used |= dict.fromkeys(asked, part)
    order = sorted(used, key=lambda q: (design.questions[q].block, q))
    place = {q: n for n, q in enumerate(order)}
    blocks = np.array([design.questions[q].block for q in order], dtype=np.int64)
    features = np.array([design.questions[q].features for q in order], dtype=np.float64)
    first = np.searchsorted(blocks, parameters.block, side="left")
    count = np.searchsorted(blocks, parameters.block, side="right") - first
    inclined = Inclined(design, parameters, order)
    columns = [
        features[f : f + n, column]
        if column < len(FEATURES)
        else inclined.values(int(column), int(f), int(n))
        for f, n, column in zip(first, count, parameters.feature, strict=True)
    ]
    groups = [ways for events in shown for ways in events]
    ways = [a for group in groups for a in group]
    exposures = [e for _, some in parts for e in some]
    return Rows(
        first=first.astype(np.int64),
        many=count.astype(np.int64),
        start=np.cumsum([0, *count[:-1]], dtype=np.int64),
        x=np.concatenate(columns),
        act=ints(place[e.act] for e in exposures),
        accept=ints(place[e.accept] if _answered(e, reporting, whole) else -1 for e in exposures),
        weight=floats(e.weight for e in exposures),
        told=floats(_held(e, reporting, whole)[0] for e in exposures),
        declined=floats(_held(e, reporting, whole)[1] for e in exposures),
        event=np.cumsum([0, *map(len, groups)], dtype=np.int64),
        constant=floats(_constant(a, reporting) for a in ways),
        alternative=np.cumsum([0, *(len(a.factors) for a in ways)], dtype=np.int64),
        factor=ints(place[q] for a in ways for q, _ in a.factors),
        yes=ints(int(yes) for a in ways for _, yes in a.factors),
        reporting=floats([reporting or 0.0]),
        acts=np.cumsum([0, *(len(some) for _, some in parts)], dtype=np.int64),
        events=np.cumsum([0, *map(len, shown)], dtype=np.int64),
        block=np.cumsum([1, *(len(b.placements) for b in design.dated)], dtype=np.int64),
        part=ints(used[q] for q in order),
        drawn=np.zeros(len(parts)),
        refused=ints(int(a.refused) for a in ways),
        untold=ints(int(a.untold) for a in ways),
    )


def _held(moment: Exposure, reporting: float | None, whole: bool) -> tuple[float, float]:
    """Return the probabilities that the log holds what is accepted at a moment, and declined; of
    what is declined what else there is to it than the probability that is learned."""
    if whole:
        return 1.0, 1.0
    share = 1.0 if reporting is None else reporting
    return moment.told, share if moment.refusal_told else 0.0


def _answered(moment: Exposure, reporting: float | None, whole: bool) -> bool:
    """Whether it matters if what is done at a moment is accepted."""
    accepted, declined = _held(moment, reporting, whole)
    learned = reporting is None and declined > 0.0
    return moment.accept >= 0 and (learned or accepted != declined)


def outside(design: Design) -> tuple[tuple[Shown, ...], tuple[Exposure, ...]]:
    """Return what a design shows outside of the windows of imprecise dates."""

    def moved(question: int, at_s: int) -> bool:
        channel = design.questions[question].channel
        return any(block.window.holds(channel, at_s) for block in design.dated)

    shown = tuple(s for s in design.shown if not moved(asked_first(s), s.at_s))
    return shown, tuple(e for e in design.exposures if not moved(e.act, e.at_s))


def asked_first(shown: Shown) -> int:
    """Return the first question of something that is shown."""
    return next(q for way in shown.alternatives for q, _ in way.factors)


def questions_in(rows: Rows) -> int:
    """Return how many questions rows hold."""
    named = (rows.act, rows.accept, rows.factor)
    return 1 + int(max([-1, *(int(part.max()) for part in named if len(part))]))


def scratch_of(rows: Rows) -> Scratch:
    """Return memory for rows."""
    q, p, r = questions_in(rows), len(rows.first), len(rows.drawn)
    p += int(rows.reporting[0] == 0.0)
    sizes = (q, q, p, p, len(rows.constant), r, r, r)
    return Scratch(*(np.zeros(max(1, size)) for size in sizes))


def _constant(way: Alternative, reporting: float | None) -> float:
    """Return the logarithm of what an alternative is multiplied by, but for what is learned."""
    constant = float(log(way.weight))
    if way.refused and reporting is not None:
        constant += float(log(reporting))
    if way.untold and reporting is not None:
        constant += float(log(1.0 - reporting))
    return constant
