"""How good a pooled law is on pairs that it was not learned on.

Pairs are dealt into five folds. For the pairs of a fold the law is learned on the other four, from
nothing but what was public by the origin; slopes are chosen there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from sim.ensemble.work import Progress
from sim.ground.dates import DAY_S
from sim.ground.errors import InputError
from sim.ground.files import canonical_json
from sim.ground.version import MODEL_VERSION, program_version
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR, Hindcast, Origins, forecast
from sim.hindcast.kept import Kept
from sim.hindcast.origins import as_known, known_at
from sim.hindcast.plan import Pair, Plan, complete_pairs, identity, planned
from sim.hindcast.seen import Law as Forecast
from sim.hindcast.seen import seen_of
from sim.hindcast.simulated import DRAWN
from sim.learning.mode import Mode, find_mode
from sim.learning.priors import Parameters, normals, parameters_of, prior_draws
from sim.learning.rows import Prior
from sim.model.compiled_scenario import Floats
from sim.model.compiling import compile_scenario
from sim.pooling.pooled import FEWEST_PAIRS, SETS, Law, pooled
from sim.pooling.records import Record, Weight, record_of
from sim.scenario.doctrine import DECISIONS
from sim.scenario.prior import MAX_WEIGHT
from sim.scenario.resolve import resolved_text
from sim.scenario.scenario import Scenario

FOLDS = 5
HEARD = 3
"""Calls and meetings of a pair from which on it is forecast."""
UNSEEN = "unseen"
"""The forecaster that has a pooled law and no record of the pair's own."""


def folds(names: Sequence[str]) -> dict[str, int]:
    """Deal names into folds, by their digests: so their order and their alphabet say nothing."""
    dealt = sorted(names, key=lambda name: sha256(name.encode()).hexdigest())
    return {name: n % FOLDS for n, name in enumerate(dealt)}


@dataclass(frozen=True)
class LeftOut:
    """How likely the whole record of a pair is under laws that were learned without it."""

    name: str
    pooled: float
    """The logarithm of its probability under the pooled law, in nats."""
    doctrines: float
    """The same under the priors of its doctrines."""


def left_out(records: Sequence[Record]) -> list[LeftOut]:
    """Return how likely each record is under the law of the other folds.

    Raises:
        RunError: no mode was found.
    """
    dealt, found = folds([r.name for r in records]), dict[str, LeftOut]()
    for fold in sorted({*dealt.values()}):
        others = [r for r in records if dealt[r.name] != fold]
        if not others:
            continue
        law = pooled(others, slopes=(*SETS,)).law
        for record in (r for r in records if dealt[r.name] == fold):
            own = own_parameters(record.scenario)
            under = own_parameters(record.scenario, law)
            scores = (after(record, p).log_evidence for p in (under, own))
            found[record.name] = LeftOut(record.name, *scores)
    return [found[r.name] for r in records if r.name in found]


def own_parameters(scenario: Scenario, law: Law | None = None) -> Parameters:
    """Return the weights of the parties of a scenario, with a pooled law laid over what its
    doctrines say."""
    return parameters_of(
        scenario, compile_scenario(scenario, shown=True), law.prior() if law else None
    )


def after(record: Record, parameters: Parameters) -> Mode:
    """Return what a pair's own record makes of a law, by Laplace's approximation, for the weights
    of the record."""
    record = asked_of(record, parameters)
    at = places(record, parameters)
    law = parameters.law
    own = Prior(law.centre[at], law.spread[at], law.low[at], law.high[at], np.arange(len(at)))
    return find_mode(record.rows, own)


def asked_of(record: Record, parameters: Parameters) -> Record:
    """Return a record as a function of those weights of the parties that somebody was asked for."""
    learned = {*of_parties(parameters)}
    some = zip(record.weights, record.rows.many, strict=True)
    return record.only([weight for weight, many in some if many > 0 and weight in learned])


def places(record: Record, parameters: Parameters) -> list[int]:
    """Return where the weights of a record that are learned stand among those of the parties: at
    the first that has them."""
    first: dict[Weight, int] = {}
    for p, weight in enumerate(of_parties(parameters)):
        first.setdefault(weight, p)
    return [first[weight] for weight in record.weights if weight in first]


def of_parties(parameters: Parameters) -> list[Weight]:
    """Return the weights of parties [P] without the party."""
    keys = zip(parameters.block % len(DECISIONS), parameters.feature, strict=True)
    return [(int(d), int(f)) for d, f in keys]


def own_draws(record: Record, parameters: Parameters, seed: int, count: int) -> Floats:
    """Return draws [count, P] of the weights of the parties, given the pair's own record; those for
    which nobody was asked are drawn from their prior."""
    mode, weights = after(record, parameters), of_parties(parameters)
    learned = asked_of(record, parameters).weights
    size = len(learned)
    lower = np.zeros((size, size))  # the root of the covariance in z, row by row
    for i in reversed(range(size)):
        row = np.eye(size)[i] - (mode.factor[i + 1 :, i][:, None] * lower[i + 1 :]).sum(axis=0)
        lower[i] = row / mode.factor[i, i]
    number = {weight: n for n, weight in enumerate(learned)}
    held = [p for p, weight in enumerate(weights) if weight in number]
    of_pair = [number[weights[p]] for p in held]
    found = prior_draws(parameters, seed, count)
    for n in range(count):
        shift = (lower * normals(seed, "pool/own", n, size)[None, :]).sum(axis=1)
        whole = mode.weights + mode.stretch * shift
        found[n, held] = np.clip(whole, -MAX_WEIGHT, MAX_WEIGHT)[of_pair]
    return found


@dataclass(frozen=True)
class PooledOrigins(Origins):
    """Forecasts of pairs by the law of others, from origins; a chunk is one of them."""

    executor: str = "processes"
    reporting: float | None = None
    dealt: Mapping[str, int] = field(default_factory=dict)

    def pairs_at(self, now_s: int) -> list[Pair]:
        """List the channels that are forecast: of pairs of which enough was heard before. That a
        pair stands in a folder may say that contact will come."""
        held = super().pairs_at(now_s)
        heard = dict.fromkeys(dict.fromkeys(p.scenario for p in held), 0)
        for pair in held:
            heard[pair.scenario] += _heard(pair, now_s)
        return [p for p in held if heard[p.scenario] >= HEARD]

    def of_model(
        self, place: int, pairs: list[Pair], ends_s: list[int]
    ) -> dict[str, list[list[Forecast]]]:
        """Return the forecasts of the pooled law with and without a pair's own record, and of the
        doctrines, by channel and horizon."""
        now_s, plan = self.plan.origins_s[place], self.plan
        names = [*dict.fromkeys(p.scenario for p in pairs)]
        known = {n: as_known(self.scenarios[n], now_s, now_s + DAY_S, {}) for n in names}
        records = {n: r for n in names if (r := _record(n, known[n], self.reporting)) is not None}
        laws: dict[str, dict[tuple[str, str], list[Forecast]]] = {
            who: {} for who in (SIMULATOR, UNSEEN, DOCTRINES)
        }
        for fold in sorted({self.dealt[n] for n in names}):
            others = [r for n, r in records.items() if self.dealt[n] != fold]
            law = pooled(others, slopes=(*SETS,)).law if others else None
            for name in (n for n in names if self.dealt[n] == fold):
                parameters = own_parameters(known[name], law)
                unseen = prior_draws(parameters, plan.seed, DRAWN)
                own = unseen
                if name in records:
                    own = own_draws(records[name], parameters, plan.seed, DRAWN)
                for who, draws in ((SIMULATOR, own), (UNSEEN, unseen), (DOCTRINES, None)):
                    learned = None if draws is None else (parameters, draws)
                    laws[who] |= self.of_worlds(name, now_s, pairs, ends_s, learned)
        return {who: [by[p.scenario, p.channel] for p in pairs] for who, by in laws.items()}


def plan_of(
    scenarios: Mapping[str, Scenario], *, horizons: tuple[int, ...], **how: Any
) -> Plan | None:
    """Lay out the forecasts of pairs left out, as of `sim.hindcast.plan.planned`; None where fewer
    than two records say from when they are complete.

    Raises:
        InputError: a setting is out of bounds, or no origin lies in any record.
    """
    pairs = _complete(scenarios)
    if len({p.scenario for p in pairs}) < FEWEST_PAIRS:
        return None
    return planned(list(pairs), horizons=horizons, **how)


def _complete(scenarios: Mapping[str, Scenario]) -> tuple[Pair, ...]:
    return tuple(p for name, s in scenarios.items() for p in complete_pairs(name, s))


def forecasts_of(
    scenarios: Mapping[str, Scenario],
    plan: Plan | None,
    reporting: float | None = None,
    out: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Hindcast | None:
    """Forecast pairs by the law of others; None without a plan. With `out`, finished origins are
    kept there, and a pool that was killed goes on.

    Raises:
        RunError: the disk refuses, or no mode was found.
    """
    if plan is None:
        return None
    kept = None if out is None else kept_of(scenarios, plan, reporting, out)
    dealt = folds([*scenarios])
    job = PooledOrigins(scenarios, _complete(scenarios), plan, {}, reporting=reporting, dealt=dealt)
    return forecast(job, kept, workers, progress)


def identity_of(
    scenarios: Mapping[str, Scenario], plan: Plan | None, reporting: float | None
) -> str:
    """Return the digest of all that the numbers of a pool follow from."""
    told = "" if plan is None else identity(scenarios, plan)
    texts = [resolved_text(s) for s in scenarios.values()]
    held = ["pool", MODEL_VERSION, program_version(), told, texts, reporting]
    return sha256(canonical_json(held).encode()).hexdigest()


def kept_of(
    scenarios: Mapping[str, Scenario], plan: Plan, reporting: float | None, out: Path
) -> Kept:
    """Return where finished origins of a pool are kept."""
    return Kept(out / "origins", identity_of(scenarios, plan, reporting))


def _heard(pair: Pair, now_s: int) -> int:
    seen = seen_of(known_at(pair.log, now_s), pair.channel, pair.start_s, now_s)
    return int(seen.talks.sum())


def _record(name: str, known: Scenario, reporting: float | None) -> Record | None:
    """Return the record of a scenario as it was known; None where it shows no decision."""
    try:
        return record_of(name, known, reporting)
    except InputError:
        return None
