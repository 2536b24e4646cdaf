"""Pairs that the model makes, with intercepts of a known law, for tests of pooling.

`python tests/support/pools.py 150 0` prints ranks of docs/pool.md, of 150 sets from seed 0 on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from learned import DECIDED_TOGETHER, hidden, lived, nameless, with_weights
from micro import ALWAYS, data, doctrine
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import chi2

from sim.ground.yaml import Document
from sim.learning.priors import parameters_of
from sim.model.compiling import compile_scenario
from sim.pooling.pooled import ALL, SLOPES, pooled
from sim.pooling.records import Record, Weight, record_of
from sim.pooling.scoring import of_parties
from sim.pooling.spreads import USUAL
from sim.rules.features import BIAS
from sim.scenario.doctrine import DECISIONS
from sim.scenario.resolve import resolve
from sim.scenario.scenario import Scenario

Floats = NDArray[np.float64]
CODES = ("ARG", "AUS", "BRA", "CHL", "COL", "EGY", "IND", "JPN", "KEN", "MEX", "NOR", "PER")
CENTRES = {"meet": -2.0, "call": -1.5, "accept_meet": 0.5, "accept_call": 1.0}
"""The biases of the doctrine, around which all pairs lie."""


def dyad(code: str, until: str = "2021-12-31", **parts: Any) -> Scenario:
    """A scenario of a government and the United States, who call and meet."""
    made = doctrine(**CENTRES, acknowledge=ALWAYS)
    made["act"]["call"] |= {"open": 0.3, "goodwill": 0.2}
    made["act"]["meet"] |= {"open": 0.2}
    both = {"can": made, "usa": made}
    rates = {"call": 0.1, "meet": 0.06}
    whole = data(both, until=until, rates_per_day=rates, **parts)
    text = json.dumps(whole).replace("CAN", code).replace("can-usa", f"{code.lower()}-usa")
    return resolve(Document(f"{code.lower()}.yaml", json.loads(text)))


@dataclass(frozen=True)
class Truth:
    """What a set of pairs was made with."""

    common: dict[Weight, float]
    spread: dict[Weight, float]
    own: list[dict[Weight, float]]
    """By pair."""


def is_drawn(weight: Weight) -> bool:
    """Whether a pair has its own, in the set that is made."""
    return weight[1] == BIAS and DECISIONS[weight[0]] in ("meet", "call")


@dataclass(frozen=True, eq=False)
class Way:
    """How a log tells what happened, and what a pool takes it to tell."""

    title: str
    parts: dict[str, Any]
    """What the scenarios have beside the usual."""
    told: Callable[[Scenario, int], Scenario]
    """The history as the log has it, of a pair of a set."""
    taken: Callable[[Scenario], Scenario]
    """What a wrong pool takes it for."""
    wrong: str
    """The kind of weights that a wrong pool gets wrong, in `Places`."""
    reporting: float = 1.0
    wrong_reporting: float = 1.0


def without_nameless(history: Scenario) -> Scenario:
    """A history that passes over what nobody is known to have begun."""
    assert history.history is not None
    gone = {e.id for e in history.history.events if e.kind in DECIDED_TOGETHER and e.by is None}
    gone |= {e.id for e in history.history.events if gone & {*e.causes}}
    left = tuple(e for e in history.history.events if e.id not in gone)
    log = history.history.model_copy(update={"events": left})
    return history.model_copy(update={"history": log})


NO_MEMORY = {
    "stocks": {"grievance": {"half_life_days": 90, "raised_by": {"contact_cut": 1.0}}},
    "attention": {},
}
"""Refusals leave no memory: what is not told changed nothing."""
AS_IT_IS = Way("as it is", {}, lambda history, n: history, lambda history: history, "common")
WAYS = (
    Way(
        "four in five refusals hidden",
        NO_MEMORY,
        lambda history, n: hidden(history, 0.2, n),
        lambda history: history,
        "accept",
        0.2,
    ),
    Way(
        "four in five initiators unknown",
        {},
        lambda history, n: nameless(history, 0.8, n),
        without_nameless,
        "act",
    ),
)


def made(
    seed: int, pairs: int = 10, way: Way = AS_IT_IS, **parts: Any
) -> tuple[Truth, dict[str, Scenario]]:
    """Draw a law from what is thought before, pairs from that law, and their records."""
    random = np.random.default_rng(seed)
    common: dict[Weight, float] = {}
    spread: dict[Weight, float] = {}
    own: list[dict[Weight, float]] = []
    found: dict[str, Scenario] = {}
    for n, code in enumerate(CODES[:pairs]):
        whole = dyad(code, **(way.parts | parts))
        program = compile_scenario(whole)
        parameters = parameters_of(whole, program)
        weights = of_parties(parameters)
        for p, weight in enumerate(weights):
            if weight not in common:
                is_bias = weight[1] == BIAS
                z = random.normal()
                shipped = float(parameters.shipped[p])
                common[weight] = shipped + USUAL * z if is_bias else SLOPES * z
                if is_drawn(weight):
                    spread[weight] = USUAL * abs(random.normal())
        own.append({w: spread[w] * random.normal() for w in spread})
        drawn = np.array([common[w] + own[n].get(w, 0.0) for w in weights])
        drawn = np.clip(drawn, -50.0, 50.0)
        history = lived(whole, seed, n, with_weights(program, parameters, drawn))
        found[code.lower()] = way.told(history, 100 * seed + n)
    return Truth(common, spread, own), found


def records(scenarios: dict[str, Scenario], reporting: float = 1.0) -> list[Record]:
    """The records of scenarios."""
    return [record_of(name, scenario, reporting) for name, scenario in scenarios.items()]


@cache
def recorded(seed: int, way: Way, right: bool) -> tuple[Truth, list[Record]]:
    """What a set was made with, and its records; one that is not `right` takes the logs for what
    they are not."""
    truth, scenarios = _made(seed, way)
    if right:
        return truth, records(scenarios, way.reporting)
    taken = {name: way.taken(history) for name, history in scenarios.items()}
    return truth, records(taken, way.wrong_reporting)


@cache
def _made(seed: int, way: Way) -> tuple[Truth, dict[str, Scenario]]:
    return made(seed, way=way)


Places = dict[str, list[float]]
"""Where truths lie in what a pool says of them, as shares of its laws."""


def none_yet() -> Places:
    """Places of common weights, and among them of biases of acts and of acceptance by themselves;
    of spreads, and of intercepts of the next pair of the same law."""
    return {"common": [], "act": [], "accept": [], "spread": [], "unseen": []}


def places(seed: int, way: Way = AS_IT_IS, *, right: bool = True, exposed: bool = True) -> Places:
    """Return where truths lie in what a pool says of a set of pairs. One that is not `right` takes
    the logs for what they are not; without `exposed` the likelihood forgets the time in which
    nothing happened."""
    truth, held = recorded(seed, way, right)
    found = none_yet()
    if not exposed:
        held = [forgetful(record) for record in held]
    said = pooled(held, slopes=(ALL,))
    errors = np.sqrt(said.spread.variance)
    random = np.random.default_rng(1_000 + seed)
    for k, weight in enumerate(said.pool.weights):
        z = (truth.common[weight] - said.spread.common[k]) / errors[k]
        if np.abs(truth.common[weight]) < 40.0:
            found["common"].append(float(ndtr(z)))
            if weight[1] == BIAS:
                answers = DECISIONS[weight[0]].startswith("accept_")
                found["accept" if answers else "act"].append(float(ndtr(z)))
    for a, k in enumerate(said.pool.own):
        weight, law = said.pool.weights[k], said.spread.law[a]
        if weight not in truth.spread or law is None:
            continue
        found["spread"].append(law.below(np.log(truth.spread[weight])))
        at = said.law.weights.index(weight)
        new = truth.common[weight] + truth.spread[weight] * random.normal()
        found["unseen"].append(float(ndtr((new - said.law.centre[at]) / said.law.spread[at])))
    return found


def forgetful(record: Record) -> Record:
    """A record whose likelihood does not know of the time in which nothing happened."""
    rows = record.rows._replace(weight=np.zeros_like(record.rows.weight))
    return replace(record, rows=rows)


def unevenness(found: list[float], bins: int = 5) -> tuple[float, float]:
    """Return chi-square of shares in bins, and its probability if they are even."""
    counts = np.bincount(np.minimum((np.array(found) * bins).astype(int), bins - 1), minlength=bins)
    expected = len(found) / bins
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return statistic, float(chi2.sf(statistic, bins - 1))


def main(sets: int, first: int = 0) -> None:
    """Print the test of each way, and of its control."""
    some = min(sets, 15)
    whole = [
        ("as it is", sets, partial(places)),
        *((w.title, sets, partial(places, way=w)) for w in WAYS),
    ]
    wrong = [
        ("without the time in which nothing happened", some, partial(places, exposed=False)),
        *(
            (f"{w.title}, and nobody knows", some, partial(places, way=w, right=False))
            for w in WAYS
        ),
    ]
    for title, number, look in (*whole, *wrong):
        every = none_yet()
        for seed in range(first, first + number):
            for kind, values in look(seed).items():
                every[kind] += values
        print(title, number)
        for kind, values in every.items():
            inside = {c: np.mean(np.abs(np.array(values) - 0.5) < c / 200.0) for c in (50, 80, 90)}
            told = ", ".join(f"{c} %: {share:.3f}" for c, share in inside.items())
            statistic, p = unevenness(values)
            print(
                f"  {kind}: {len(values)}, chi-square {statistic:.1f}, p {p:.3f}; {told}",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
