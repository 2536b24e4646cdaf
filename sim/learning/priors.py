"""The weights that are learned, and what is thought of them before the record.

A prior is a Normal law that is cut off at the bounds of a weight, and at 0 where it has a sign. A
weight w is drawn as w = g(z) of a standard Normal z: the same quantile of the law that is cut off.
Where the bounds are out of reach, that is centre + spread z.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.ground.checking import check
from sim.ground.draws import stream_key, uniforms
from sim.ground.errors import SCENARIO, InputError, Problem
from sim.ground.yaml import load_yaml
from sim.learning.compiled_calls import to_weights
from sim.learning.rows import Prior
from sim.model.compiled_scenario import CompiledScenario, Floats, Ints
from sim.rules.features import BIAS, FEATURES
from sim.scenario.doctrine import DECISIONS, Doctrine, DoctrinePrior, weight_name
from sim.scenario.inclination import inclination_name, towards
from sim.scenario.prior import MAX_WEIGHT, check_sign
from sim.scenario.scenario import Scenario
from sim.scenario.scope import decisions_of, features_of

MAX_LEARNED = 800
"""Weights that are learned at once."""
EITHER, POSITIVE, NEGATIVE = 0, 1, -1
Row: TypeAlias = tuple[str, int, int, float, float, float, int, str, bool]
"""A weight that is learned, in the order of the fields of `Parameters`."""
SIGNS = {None: EITHER, "positive": POSITIVE, "negative": NEGATIVE}


@dataclass(frozen=True)
class Parameters:
    """The weights that are learned; P of them, in the order of parties, decisions and features."""

    names: tuple[str, ...]
    """[P] as `USA.act.call.grievance`, or `USA.act.call.with_RUS` of an inclination."""
    block: Ints
    """[P] the party's place times the number of decisions, plus the decision's."""
    feature: Ints
    """[P] its place in `FEATURES`; of an inclination its row, counted on from there."""
    shipped: Floats
    """[P] the doctrine's own weight."""
    centre: Floats
    """[P] centre of the prior, in logits."""
    spread: Floats
    """[P] its standard deviation, in logits."""
    sign: Ints
    """[P] 1 or -1 where the weight lies on that side of 0; 0 for either."""
    reasons: tuple[str, ...]
    """[P] what the prior's reason is; empty where it is the doctrine's usual spread."""
    shared: NDArray[np.bool_]
    """[P] whether all parties have the same."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def low(self) -> Floats:
        """[P] the least that a weight may be."""
        return np.where(self.sign == POSITIVE, 0.0, -MAX_WEIGHT)

    @property
    def high(self) -> Floats:
        """[P] the most that a weight may be."""
        return np.where(self.sign == NEGATIVE, 0.0, MAX_WEIGHT)

    @cached_property
    def of(self) -> Ints:
        """[P] the place of the weight that a weight is one with: its own, or that of an earlier
        party, where both share it and have the same law."""
        first = dict[tuple[float, ...], int]()
        found = np.arange(len(self))
        for p in np.flatnonzero(self.shared):
            law = (self.feature[p], self.centre[p], self.spread[p], self.sign[p])
            found[p] = first.setdefault((self.block[p] % len(DECISIONS), *law), int(p))
        return found

    @property
    def law(self) -> Prior:
        """The law of the weights, as compiled code is given it."""
        return Prior(self.centre, self.spread, self.low, self.high, self.of)

    def held(self) -> Floats:
        """Return the share [P] of each Normal law that lies between its bounds."""
        a, b = (self.low - self.centre) / self.spread, (self.high - self.centre) / self.spread
        return np.asarray(ndtr(b) - ndtr(a))

    def moments(self) -> tuple[Floats, Floats]:
        """Return the mean and the standard deviation [P] of each prior: bounds that cut it off move
        both (Johnson, Kotz and Balakrishnan 1994, "Continuous univariate distributions", volume 1,
        chapter 13)."""
        a, b = (self.low - self.centre) / self.spread, (self.high - self.centre) / self.spread
        at_a, at_b = (np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi) for x in (a, b))
        lift = (at_a - at_b) / self.held()
        shrunk = 1.0 + (a * at_a - b * at_b) / self.held() - lift * lift
        return self.centre + self.spread * lift, self.spread * np.sqrt(shrunk)

    def rows(self) -> list[Row]:
        """List the weights, one after the other."""
        columns = (getattr(self, field.name) for field in fields(self))
        return list(
            zip(*(c.tolist() if isinstance(c, np.ndarray) else c for c in columns), strict=True)
        )

    def plain(self) -> list[dict[str, Any]]:
        """Return the priors as plain data, a record a weight."""
        words = {number: word for word, number in SIGNS.items()}
        return [
            {
                "weight": self.names[p],
                "doctrine": float(self.shipped[p]),
                "centre": float(self.centre[p]),
                "spread": float(self.spread[p]),
                "sign": words[int(self.sign[p])],
                "reason": self.reasons[p],
            }
            | ({"shared": True} if self.shared[p] else {})
            for p in range(len(self))
        ]


def load_prior(path: Path) -> DoctrinePrior:
    """Read a prior from a YAML file: what may stand under `prior` in a doctrine.

    Raises:
        InputError: every broken rule of the file.
    """
    return check(DoctrinePrior, load_yaml(path))


def parameters_of(
    scenario: Scenario, program: CompiledScenario, over: DoctrinePrior | None = None
) -> Parameters:
    """Return the weights of the parties of a scenario's channels; `over` is laid over the priors of
    their doctrines.

    Raises:
        InputError: a prior leaves nothing on the side of 0 that its sign allows, or there are more
            weights than are learned at once.
    """
    rows, problems = list[Row](), list[Problem]()
    acting = sorted({int(p) for p in program.channels.party.ravel()})
    for party in acting:
        code = program.parties[party]
        named = scenario.parties[code].doctrine
        doctrine = scenario.doctrines[named]
        prior = doctrine.prior if over is None else over.over(doctrine.prior)
        asked = decisions_of(scenario, code), features_of(scenario, code)
        found = _rows(code, party, doctrine, prior, *asked)
        rows += [*found, *_inclination_rows(scenario, code, party)]
        problems += _off_side(found)
    if len(rows) > MAX_LEARNED:
        rule = f"must not have more than {MAX_LEARNED} weights to learn: simulate fewer channels"
        problems.append(Problem(SCENARIO, 0, "parties", rule, f"{len(rows):,}"))
    if problems:
        raise InputError(problems)
    return parameters_from(rows)


def parameters_under(scenario: Scenario, code: str, party: int, doctrine: str) -> Parameters:
    """Return the weights of one party, which stands at place `party`, under a doctrine.

    Raises:
        InputError: a prior leaves nothing on the side of 0 that its sign allows.
    """
    followed = scenario.doctrines[doctrine]
    asked = decisions_of(scenario, code), features_of(scenario, code)
    rows = _rows(code, party, followed, followed.prior, *asked)
    if problems := _off_side(rows):
        raise InputError(problems)
    return parameters_from(rows)


def inclination_parameters(scenario: Scenario, parties: Sequence[str]) -> Parameters:
    """Return the inclinations of a scenario whose parties stand at these places."""
    return parameters_from(
        [row for p, code in enumerate(parties) for row in _inclination_rows(scenario, code, p)]
    )


def _off_side(rows: Sequence[Row]) -> list[Problem]:
    """List the weights whose prior leaves nothing on the side of 0 that its sign allows."""
    problems = []
    for name, _, _, _, centre, spread, sign, *_ in rows:
        try:
            if sign != EITHER:
                check_sign(centre, spread, "positive" if sign == POSITIVE else "negative")
        except ValueError as error:
            problems.append(Problem("prior", 0, name, str(error), f"{centre:g}"))
    return problems


def parameters_from(rows: Sequence[Row]) -> Parameters:
    """Lay out weights as columns."""
    columns: Sequence[Any] = list(zip(*rows, strict=True)) or [()] * len(fields(Parameters))
    return Parameters(
        names=tuple(columns[0]),
        block=np.array(columns[1], dtype=np.int64),
        feature=np.array(columns[2], dtype=np.int64),
        shipped=np.array(columns[3], dtype=np.float64),
        centre=np.array(columns[4], dtype=np.float64),
        spread=np.array(columns[5], dtype=np.float64),
        sign=np.array(columns[6], dtype=np.int64),
        reasons=tuple(columns[7]),
        shared=np.array(columns[8], dtype=np.bool_),
    )


def _rows(
    code: str,
    party: int,
    doctrine: Doctrine,
    prior: DoctrinePrior,
    asked: Collection[str],
    seen: Collection[str],
) -> list[Row]:
    """List the weights of one party that are learned: of what it may be asked, and may
    see."""
    found = list[Row]()
    for d, (decision, weights) in enumerate(zip(DECISIONS, doctrine.matrix(), strict=True)):
        if decision not in asked:
            continue
        said = prior.row(decision)
        for f, (feature, weight) in enumerate(zip(FEATURES, weights, strict=True)):
            own = said.get(feature)
            if feature not in seen:
                continue
            if own is None and weight == 0.0 and feature != "bias":
                continue
            usual = prior.biases if feature == "bias" else prior.slopes
            centre = weight if own is None or own.centre is None else own.centre
            spread = usual if own is None or own.spread is None else own.spread
            found.append(
                (
                    weight_name(code, decision, feature),
                    party * len(DECISIONS) + d,
                    f,
                    weight,
                    centre,
                    spread,
                    SIGNS[own.sign if own else None],
                    own.reason if own else "",
                    prior.shared and own is not None and own.centre is not None,
                )
            )
    return found


def _inclination_rows(scenario: Scenario, code: str, party: int) -> list[Row]:
    """List the inclinations of one party, of what it may be asked."""
    asked, found = decisions_of(scenario, code), list[Row]()
    for n, who in enumerate(towards(scenario.inclinations)):
        if who[0] != code:
            continue
        for decision, said in scenario.inclinations[code][who[1]].rows().items():
            if decision in asked:
                block = party * len(DECISIONS) + DECISIONS.index(decision)
                law = (said.centre, said.centre, said.spread, EITHER, said.reason or "", False)
                found.append((inclination_name(who, decision), block, len(FEATURES) + n, *law))
    return found


def doctrine_weights(parameters: Parameters, program: CompiledScenario, learned: Floats) -> Floats:
    """Return a program's weights [inclinations + parties, decisions, features] with learned ones
    [P] in place."""
    doctrines = program.doctrines
    own = [*range(doctrines.pairs), *doctrines.initial.tolist()]
    whole = doctrines.weights[0, own].copy()
    party, decision = np.divmod(parameters.block, len(DECISIONS))
    towards_one = parameters.feature >= len(FEATURES)
    row = np.where(towards_one, parameters.feature - len(FEATURES), doctrines.pairs + party)
    whole[row, decision, np.where(towards_one, BIAS, parameters.feature)] = learned
    return whole


def log_prior(parameters: Parameters, weights: Floats) -> Floats:
    """Return the logarithm of the prior density of weights [..., P], in nats, as [...]: a sum of
    Normal laws, cut off at their bounds."""
    z = (weights - parameters.centre) / parameters.spread
    whole = parameters.spread * parameters.held() * np.sqrt(2.0 * np.pi)
    each = np.where(parameters.of == np.arange(len(parameters)), -0.5 * z * z - np.log(whole), 0.0)
    return np.asarray(each.sum(axis=-1), dtype=np.float64)


def prior_draws(parameters: Parameters, seed: int, count: int) -> Floats:
    """Return keyed draws [count, P] of the weights from their prior."""
    size = len(parameters)
    z = np.array([normals(seed, "learn/prior", n, size) for n in range(count)])
    return at_normal(parameters.law, z)


def normals(seed: int, stream: str, replication: int, count: int) -> Floats:
    """Return keyed draws [count] from the standard Normal law: two of each index of a stream."""
    lo, hi = stream_key(stream)
    pairs = [uniforms(seed, lo, hi, replication, n) for n in range((count + 1) // 2)]
    return np.asarray(ndtri(np.array(pairs).ravel()[:count]))


def at_normal(law: Prior, z: Floats) -> Floats:
    """Return the weights [..., P] at standard Normal z [..., P]: the same quantiles of the law."""
    found, stretch = np.zeros_like(z), np.zeros(z.shape[-1])
    for place in np.ndindex(z.shape[:-1]):
        to_weights(law, z[place], found[place], stretch)
    return found
