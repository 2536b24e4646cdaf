"""From many records to one law: which slopes they bear, and what a pair that was never seen has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.ground.errors import InputError, Problem
from sim.kernel.run import announce
from sim.learning.compiled_calls import newton_step
from sim.model.compiled_scenario import Floats
from sim.pooling.records import Record, Weight, name_of, records_of
from sim.pooling.settling import Pool
from sim.pooling.spreads import USUAL, Spread, shown_in, spreads
from sim.rules.features import BIAS, FEATURE_RULES, FEATURES
from sim.scenario.doctrine import DECISIONS, DoctrinePrior, decision_name
from sim.scenario.prior import MAX_SPREAD, MAX_WEIGHT, MIN_SPREAD
from sim.scenario.scenario import Scenario

SLOPES = 0.35
"""The spread of a slope around 0 before the records, in logits."""
FEWEST_PAIRS = 2
NONE, STATES, GOODWILL, ALL, OWN = "none", "states", "goodwill", "all", "doctrines"
_OF_STATES = {rule.name for rule in FEATURE_RULES if rule.bound == "state"}
SETS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    NONE: ("no slopes", lambda feature: False),
    STATES: ("weights on states alone", lambda feature: feature in _OF_STATES),
    GOODWILL: ("goodwill alone", lambda feature: feature == "goodwill"),
    ALL: ("all slopes, learned", lambda feature: True),
}
"""Slopes that are tried, with what people call them; the likeliest are kept, the others are 0."""
TITLES = {name: title for name, (title, _) in SETS.items()} | {OWN: "the doctrines' own slopes"}

Progress = Callable[[int, int], None]


def pool_of(records: Sequence[Record], slopes: str, workers: int = 1) -> Pool:
    """Return the pool of records with some of their slopes, or those of their doctrines as they
    are."""
    are_own = slopes == OWN
    wanted = SETS[ALL if are_own else slopes][1]
    kept = tuple(w for w in named(records) if w[1] == BIAS or wanted(FEATURES[w[1]]))
    centre = np.array([doctrine_mean(records, w) for w in kept])
    is_bias = np.array([w[1] == BIAS for w in kept])
    return Pool(
        tuple(record.only(kept) for record in records),
        kept,
        centre if are_own else np.where(is_bias, centre, 0.0),
        np.where(is_bias, USUAL, MIN_SPREAD if are_own else SLOPES),
        workers,
    )


def named(records: Sequence[Record]) -> list[Weight]:
    """List the weights that the doctrines of some record have, in order."""
    return sorted({weight for record in records for weight in record.named})


def doctrine_mean(records: Sequence[Record], weight: Weight) -> float:
    """Return the mean of what the doctrines of records say of a weight."""
    said = [float(r.doctrine[r.weights.index(weight)]) for r in records if weight in r.weights]
    return sum(said) / len(said)


@dataclass(frozen=True)
class Law:
    """What a pair that was never seen has: each weight by a Normal law, in logits."""

    weights: tuple[Weight, ...]
    centre: Floats
    spread: Floats
    pairs: int
    """Pairs that it was learned on."""
    came: tuple[int, ...]
    """How many of their records hold the act, by weight."""
    kept: frozenset[Weight]
    """The weights that were learned; the others are held at 0."""

    def prior(self) -> DoctrinePrior:
        """Return it as a prior, which `sim learn --prior` takes."""
        parts: dict[str, dict[str, dict[str, object]]] = {"act": {}, "accept": {}}
        telling: dict[str, object] = {}
        for k, weight in enumerate(self.weights):
            part, _, act = decision_name(DECISIONS[weight[0]]).partition(".")
            row = parts[part].setdefault(act, {}) if act else telling
            row[FEATURES[weight[1]]] = {
                "centre": round(float(self.centre[k]), 6),
                "spread": round(float(self.spread[k]), 6),
                "reason": self.reason(k),
            }
        plain = {"reason": f"Pooled from the records of {self.pairs} pairs.", "shared": True}
        return DoctrinePrior.model_validate(plain | parts | {"acknowledge": telling})

    def reason(self, k: int) -> str:
        """Say where a weight comes from."""
        if self.weights[k] not in self.kept:
            return f"0: the records of {self.pairs} pairs are likelier without it."
        return (
            f"Learned on {self.pairs} pairs; the records of {self.came[k]} show a decision of this "
            "kind."
        )


@dataclass(frozen=True)
class Pooled:
    """What many records say together."""

    records: tuple[Record, ...] = field(repr=False)
    slopes: str
    """The set of slopes that is kept, by its name."""
    compared: dict[str, float]
    """The logarithm of the probability of all records by set of slopes, in nats."""
    pool: Pool = field(repr=False)
    spread: Spread = field(repr=False)

    @cached_property
    def common(self) -> Floats:
        """[K] the common weights, at the mode of the spreads."""
        return self.spread.settled.common

    @cached_property
    def covariance(self) -> Floats:
        """[K, K] how unsure they are, given the spreads."""
        return self.spread.settled.covariance()

    @cached_property
    def law(self) -> Law:
        """The law of a pair that was never seen: it holds what is not sure of the common weights,
        and of the spreads."""
        variance, common = self.spread.variance, self.spread.common
        usual = USUAL**2
        squares = [usual if m is None else m.mean_square() for m in self.spread.law]
        variance[self.pool.own] += np.array(squares)
        union = named(self.records)
        place = self.pool.place
        centre, spread = np.zeros(len(union)), np.full(len(union), MIN_SPREAD)
        for n, w in enumerate(union):
            if w in place:
                centre[n] = np.clip(common[place[w]], -MAX_WEIGHT, MAX_WEIGHT)
                spread[n] = np.clip(np.sqrt(variance[place[w]]), MIN_SPREAD, MAX_SPREAD)
        came = shown_in(self.pool, [d for d, _ in union])
        kept = frozenset(self.pool.weights)
        return Law(tuple(union), centre, spread, len(self.records), tuple(came), kept)

    def own_of(self, n: int) -> dict[str, tuple[float, float]]:
        """Return the intercepts of a pair: the logit, and its standard deviation given the common
        weights."""
        _, own, _ = self.pool.places(self.pool.records[n])
        settled, record, place = self.spread.settled, self.pool.records[n], self.pool.place
        return {
            name_of(record.weights[p]): (
                float(self.common[place[record.weights[p]]] + settled.own[n][i]),
                float(np.sqrt(settled.variance(n)[i])),
            )
            for i, p in enumerate(own)
        }

    def without(self, n: int) -> Floats:
        """Return how far each common weight [K] would move without a pair, in its standard
        deviations, by one step of Newton's method; the spreads stay."""
        settled, size = self.spread.settled, len(self.pool.weights)
        at, _, _ = self.pool.places(self.pool.records[n])
        slope, precision = settled.parts[n]
        left = np.zeros((size, size))
        for i in range(size):  # the precision is L L'
            left[i] = (settled.factor[i][None, :] * settled.factor).sum(axis=1)
        left[np.ix_(at, at)] -= precision
        step, lower = np.zeros(size), np.zeros((size, size))
        step[at] = -slope
        if not newton_step(left, 0.0, lower, step):
            return np.full(size, np.nan)
        return np.asarray(step / np.sqrt(np.diag(self.covariance)))


def pooled(
    records: Sequence[Record],
    *,
    slopes: Sequence[str] = (*SETS, OWN),
    workers: int = 1,
    progress: Progress | None = None,
) -> Pooled:
    """Pool records; of the sets of slopes that are named the likeliest is taken, but for the
    doctrines' own.

    Raises:
        RunError: no mode was found.
    """
    found: dict[str, tuple[Pool, Spread]] = {}
    for n, name in enumerate(slopes):
        pool = pool_of(records, name, workers)
        found[name] = pool, spreads(pool)
        if progress is not None:
            progress(n + 1, len(slopes))
    compared = {name: spread.log_evidence for name, (_, spread) in found.items()}
    best = max((name for name in compared if name != OWN), key=lambda name: compared[name])
    return Pooled(tuple(records), best, compared, *found[best])


def pool(
    scenarios: Mapping[str, Scenario],
    *,
    reporting: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Pooled:
    """Pool the records of scenarios of one pair each, by their names.

    Raises:
        InputError: there are fewer than two, or one cannot be learned from.
        RunError: no mode was found.
    """
    if len(scenarios) < FEWEST_PAIRS:
        rule = f"must be {FEWEST_PAIRS} or more scenarios, each of a pair of its own"
        raise InputError([Problem("sim pool", 0, "", rule, str(len(scenarios)))])
    announce()
    return pooled(records_of(scenarios, reporting), workers=workers or 1, progress=progress)
