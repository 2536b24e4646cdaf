"""The log-likelihood of a design and its gradient, and the law of the weights, compiled.

Loops and the program's own `exp` and `log` alone: no library of linear algebra, whose sums depend
on how many cores it finds. So equal seeds give equal bytes.
"""

from __future__ import annotations

import math

from sim.ground.draws import compiled_part, compiled_rule, exp, log, probability
from sim.learning.rows import Prior, Rows, Scratch
from sim.model.compiled_scenario import Floats
from sim.rules import normal
from sim.scenario.prior import MAX_WEIGHT

normal_quantile = compiled_rule(normal.normal_quantile)
normal_share = compiled_rule(normal.normal_share)

LEAST = 1e-12
SURE = 1.0 - LEAST
"""The most that a learned probability of a report may be: beyond it 1 less it is nothing."""
FAR = 8.0
"""Spreads beyond which a bound is out of reach: a Normal law holds 1 in 10^15 there."""


@compiled_part
def log_of(logit: float, yes: int) -> float:
    """Return the logarithm of the probability of an answer, without losing what is small."""
    signed = logit if yes else -logit
    if signed < 0.0:
        return signed - log(1.0 + exp(signed))
    return -log(1.0 + exp(-signed))


@compiled_part
def is_learned(rows: Rows) -> bool:
    """Whether the probability that a refusal is reported is learned."""
    return bool(rows.reporting[0] == 0.0)


@compiled_part
def likelihood_at(rows: Rows, s: Scratch, weights: Floats, gradient: Floats) -> float:
    """Return the log-likelihood at weights [P], and write its gradient. The probability that a
    refusal is reported stands after them where it is learned.

    Of each block of dates it is the mean over its placements, each in proportion to how much
    likelier it is than at the weights at which it was drawn.
    """
    s.logit[:] = 0.0
    s.slope[:] = 0.0
    learned, rho = is_learned(rows), rows.reporting[0]
    if learned:
        rho = min(weights[len(rows.many)], SURE)
    s.share[:] = 1.0
    s.told[:] = 0.0
    for p in range(len(rows.many)):
        w, count = weights[p], rows.many[p]
        x = rows.x[rows.start[p] : rows.start[p] + count]
        logit = s.logit[rows.first[p] : rows.first[p] + count]
        for n in range(count):
            logit[n] += w * x[n]
    for part in range(len(rows.drawn)):
        s.likely[part] = shown_at(rows, s, part, rho)
    for q in range(len(s.logit)):
        s.logit[q] = probability(s.logit[q])
    for part in range(len(rows.drawn)):
        s.likely[part] = passed_over(rows, s, part, rho if learned else 1.0, s.likely[part])
    total = float(s.likely[0])
    if len(rows.block) > 1:
        total += averaged(rows, s)
    if learned:
        slope_of_rho = 0.0
        for part in range(len(rows.drawn)):
            slope_of_rho += s.share[part] * s.told[part]
        gradient[len(rows.many)] = slope_of_rho
    for p in range(len(rows.many)):
        count = rows.many[p]
        x = rows.x[rows.start[p] : rows.start[p] + count]
        slope = s.slope[rows.first[p] : rows.first[p] + count]
        # four sums, so that one need not wait for another
        g0, g1, g2, g3, n = 0.0, 0.0, 0.0, 0.0, 0
        while n + 4 <= count:
            g0 += slope[n] * x[n]
            g1 += slope[n + 1] * x[n + 1]
            g2 += slope[n + 2] * x[n + 2]
            g3 += slope[n + 3] * x[n + 3]
            n += 4
        while n < count:
            g0 += slope[n] * x[n]
            n += 1
        gradient[p] = (g0 + g1) + (g2 + g3)
    return total


@compiled_part
def averaged(rows: Rows, s: Scratch) -> float:
    """Return the logarithm of the mean over the placements of each block, and weigh the slopes of
    each by its share."""
    total = 0.0
    for b in range(len(rows.block) - 1):
        first, last = rows.block[b], rows.block[b + 1]
        most = -math.inf
        for r in range(first, last):
            most = max(most, s.likely[r] - rows.drawn[r])
        whole = 0.0
        for r in range(first, last):
            s.share[r] = exp(s.likely[r] - rows.drawn[r] - most)
            whole += s.share[r]
        for r in range(first, last):
            s.share[r] /= whole
        total += most + log(whole / float(last - first))
    for q in range(len(s.slope)):
        s.slope[q] *= s.share[rows.part[q]]
    return total


@compiled_part
def passed_over(rows: Rows, s: Scratch, part: int, rho: float, total: float) -> float:
    """Return a sum less the events that were expected at the moments of a part, and add their
    slopes."""
    for e in range(rows.acts[part], rows.acts[part + 1]):
        a, b = rows.act[e], rows.accept[e]
        does, seen = s.logit[a], rows.told[e]
        expected = rows.weight[e] * does
        if b >= 0:
            accepts, told, declined = s.logit[b], rows.told[e], rows.declined[e] * rho
            seen = told * accepts + declined * (1.0 - accepts)
            s.slope[b] -= expected * (told - declined) * accepts * (1.0 - accepts)
            s.told[part] -= expected * rows.declined[e] * (1.0 - accepts)
        expected *= seen
        s.slope[a] -= expected * (1.0 - does)
        total -= expected
    return total


@compiled_part
def shown_at(rows: Rows, s: Scratch, part: int, rho: float) -> float:
    """Return the sum of the logarithms of what a part shows, and add its slopes."""
    total, learned = 0.0, is_learned(rows)
    for n in range(rows.events[part], rows.events[part + 1]):
        lo, hi = rows.event[n], rows.event[n + 1]
        most = -math.inf
        for a in range(lo, hi):
            way = rows.constant[a]
            if learned and rows.refused[a]:
                way += log(rho)
            if learned and rows.untold[a]:
                way += log(1.0 - rho)
            for k in range(rows.alternative[a], rows.alternative[a + 1]):
                way += log_of(s.logit[rows.factor[k]], rows.yes[k])
            s.way[a] = way
            most = max(most, way)
        share = 0.0
        for a in range(lo, hi):
            share += exp(s.way[a] - most)
        total += most + log(share)
        for a in range(lo, hi):
            likely_way = exp(s.way[a] - most) / share
            s.told[part] += likely_way * (
                rows.refused[a] / rho - rows.untold[a] / max(1.0 - rho, LEAST)
            )
            for k in range(rows.alternative[a], rows.alternative[a + 1]):
                q = rows.factor[k]
                likely = probability(s.logit[q])
                s.slope[q] += likely_way * (1.0 - likely if rows.yes[k] else -likely)
    return total


@compiled_part
def weights_at(prior: Prior, z: Floats, weights: Floats, stretch: Floats) -> bool:
    """Write the weights of standard Normal z [P] and their derivatives; say whether all lie inside
    the bounds of a weight."""
    inside = True
    for p in range(len(z)):
        centre, spread, at = prior.centre[p], prior.spread[p], z[prior.of[p]]
        low, high = (prior.low[p] - centre) / spread, (prior.high[p] - centre) / spread
        if low < -FAR and high > FAR:
            weights[p], stretch[p] = centre + spread * at, spread
        else:  # the same quantile of the law that is cut off
            below = normal_share(low)
            left = normal_share(high) - below
            u = min(max(below + left * normal_share(at), 1e-300), 1.0 - 1.1e-16)
            y = min(max(normal_quantile(u), low), high)
            weights[p] = centre + spread * y
            stretch[p] = spread * left * exp((y * y - at * at) / 2.0)
        if not abs(weights[p]) <= MAX_WEIGHT:
            inside = False
    return inside


@compiled_part
def posterior_at(rows: Rows, prior: Prior, s: Scratch, z: Floats, gradient: Floats) -> float:
    """Return the logarithm of the posterior density of z [P], up to a constant, and write its
    gradient; minus infinity where a weight lies beyond its bounds."""
    if not weights_at(prior, z, s.weight, s.stretch):
        return -math.inf
    total = likelihood_at(rows, s, s.weight, gradient)
    for p in range(len(z)):
        if prior.of[p] != p:  # of the same law, so of the same stretch
            gradient[prior.of[p]] += gradient[p]
            gradient[p] = 0.0
    for p in range(len(z)):
        total -= 0.5 * z[p] * z[p]
        gradient[p] = gradient[p] * s.stretch[p] - z[p]
    return total
