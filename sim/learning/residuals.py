"""Residuals: where the coded log comes faster or slower than the fit says.

By the time-rescaling theorem (Brown et al. 2002, "The time-rescaling theorem and its application to
neural spike train data analysis", Neural Computation 14), the expected number of events between one
event and the next is exponential with mean 1 if the intensity is right. So 1 - exp of it is even.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import kstest, poisson

from sim.ground.dates import day
from sim.learning.decision_points import DECIDED, Alternative
from sim.learning.design import Design
from sim.learning.fitting import Fit
from sim.learning.priors import Parameters, doctrine_weights
from sim.model.compiled_scenario import STREAM_KINDS, CompiledScenario, Floats
from sim.rules.features import BIAS
from sim.scenario.doctrine import DECISIONS

FEW = 5
"""Events of a stream of which a test is worth while."""
ALL = "all of them"


@dataclass(frozen=True)
class Residuals:
    """What is expected of one kind of opportunity, and what came."""

    what: str
    """Party and act, as `USA call`; or `ALL`."""
    came: float
    """Events; of one whose initiator is unknown, each may have its share."""
    expected: float
    """What the fit expected, over all of the record."""
    p_count: float
    """Probability of a Poisson count at least as far off."""
    gaps: Floats
    """[events] expected events in each gap between two events, whoever began them."""
    days: tuple[str, ...]
    """[events] the days on which the gaps end."""

    @property
    def even(self) -> Floats:
        """[events] the gaps as numbers that are even in [0, 1] if the fit is right."""
        return np.asarray(1.0 - np.exp(-self.gaps))

    @property
    def p_gaps(self) -> float | None:
        """Probability of gaps at least as uneven (Kolmogorov and Smirnov); None of a few."""
        if len(self.gaps) < FEW:
            return None
        return float(kstest(self.even, "uniform").pvalue)


def chances_of(
    design: Design, parameters: Parameters, weights: Floats, ways: Floats | float = 0.0
) -> Floats:
    """Return the probability of a yes to each question of a design, at weights [P]; `ways` [Q] is
    how far inclinations stood from those of the as-of date."""
    whole = doctrine_weights(parameters, design.program, weights)
    asked, doctrines = design.questions, design.program.doctrines
    features = np.array([q.features for q in asked])
    party, decision = (np.array([getattr(q, k) for q in asked]) for k in ("party", "decision"))
    channel, side = (np.array([getattr(q, k) for q in asked]) for k in ("channel", "side"))
    towards = doctrines.inclined[design.program.channels.dyad[channel], side]
    inclined = np.where(towards < 0, 0.0, whole[towards, decision, BIAS])
    rows = whole[doctrines.pairs + party, decision]
    return np.asarray(expit(inclined + ways + (rows * features).sum(axis=1)))


def residuals(fit: Fit) -> list[Residuals]:
    """Return the residuals of each party and act, and of all Poisson streams together.

    The intensity is that at the posterior mean of the weights, of events that are reported.
    """
    design, program = fit.design, fit.design.program
    likely = chances_of(design, fit.parameters, fit.pooled.mean(axis=0), fit.wandered)
    expected: list[tuple[int, str, float]] = []
    for e in design.exposures:
        seen, refused = e.told, fit.reporting if e.refusal_told else 0.0
        if e.accept >= 0:
            accepted = float(likely[e.accept])
            seen = e.told * accepted + refused * (1.0 - accepted)
        expected.append(
            (e.at_s, stream_words(program, e.stream), e.weight * float(likely[e.act]) * seen)
        )
    came: list[tuple[int, dict[str, float]]] = []
    for shown in design.shown:
        if shown.kind == DECIDED and shown.forum < 0:
            came.append((shown.at_s, shares(design, shown.alternatives, likely)))
    expected.sort(key=lambda row: row[0])
    names = sorted({what for _, what, _ in expected})
    found = [_residuals(name, expected, came) for name in names]
    return [*found, _residuals(ALL, expected, came)]


def stream_words(program: CompiledScenario, s: int) -> str:
    """Return whose opportunities a stream brings, for what: `USA call`."""
    streams = program.streams
    act = STREAM_KINDS[int(streams.kind[s])].replace("_", " ")
    return f"{program.parties[int(streams.by[s])]} {act}"


def shares(design: Design, ways: Iterable[Alternative], likely: Floats) -> dict[str, float]:
    """Return the probability of each party and act that it brought an event about."""
    found: dict[str, float] = {}
    for way in ways:
        part = way.weight
        for q, yes in way.factors:
            part *= float(likely[q] if yes else 1.0 - likely[q])
        asked = design.questions[way.factors[0][0]]
        act = DECISIONS[asked.decision].replace("_", " ")
        what = f"{design.program.parties[asked.party]} {act}"
        found[what] = found.get(what, 0.0) + part
    total = sum(found.values())
    return {what: part / total for what, part in found.items()}


def _residuals(
    what: str, expected: list[tuple[int, str, float]], came: list[tuple[int, dict[str, float]]]
) -> Residuals:
    """Return the residuals of one kind of opportunity; an event counts where it is most likely."""
    mine = [(at_s, x) for at_s, name, x in expected if what in (name, ALL)]
    times = np.array([at_s for at_s, _ in mine], dtype=np.int64)
    grown = np.cumsum([x for _, x in mine])
    total = float(grown[-1])
    count = sum(1.0 if what == ALL else by.get(what, 0.0) for _, by in came)
    ends = [at_s for at_s, by in came if what == ALL or max(by, key=lambda n: by[n]) == what]
    places = np.searchsorted(times, ends, side="left")
    at = np.array([grown[p - 1] if p > 0 else 0.0 for p in places])
    whole = round(count)
    tail = min(float(poisson.cdf(whole, total)), float(poisson.sf(whole - 1, total)))
    days = tuple(day(t).isoformat() for t in ends)
    return Residuals(what, count, total, min(1.0, 2.0 * tail), np.diff(at, prepend=0.0), days)


def residual_rows(found: list[Residuals]) -> list[dict[str, Any]]:
    """Return residuals as plain rows."""
    return [
        {
            "what": r.what,
            "came": r.came,
            "expected": r.expected,
            "p_count": r.p_count,
            "gaps": len(r.gaps),
            "p_gaps": r.p_gaps,
        }
        for r in found
    ]
