"""Pairs that the model makes, with intercepts of a known law, for tests of pooling.

`python tests/support/pools.py 60` prints the ranks of docs/pool.md.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from learned import lived, with_weights
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


def made(seed: int, pairs: int = 10, **parts: Any) -> tuple[Truth, dict[str, Scenario]]:
    """Draw a law from what is thought before, pairs from that law, and their records."""
    random = np.random.default_rng(seed)
    common: dict[Weight, float] = {}
    spread: dict[Weight, float] = {}
    own: list[dict[Weight, float]] = []
    found: dict[str, Scenario] = {}
    for n, code in enumerate(CODES[:pairs]):
        whole = dyad(code, **parts)
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
        found[code.lower()] = history
    return Truth(common, spread, own), found


def records(scenarios: dict[str, Scenario], reporting: float = 1.0) -> list[Record]:
    """The records of scenarios."""
    return [record_of(name, scenario, reporting) for name, scenario in scenarios.items()]


def places(seed: int, *, exposed: bool = True) -> dict[str, list[float]]:
    """Return where truths lie in what a pool says of them, as shares of its laws: of the common
    weights, of the spreads, and of the intercept of the next pair of the same law. Without
    `exposed` the likelihood forgets the time in which nothing happened."""
    truth, scenarios = made(seed)
    held = records(scenarios)
    found: dict[str, list[float]] = {"common": [], "spread": [], "unseen": []}
    if not exposed:
        held = [forgetful(record) for record in held]
    said = pooled(held, slopes=(ALL,))
    errors = np.sqrt(np.diag(said.covariance))
    random = np.random.default_rng(1_000 + seed)
    for k, weight in enumerate(said.pool.weights):
        z = (truth.common[weight] - said.common[k]) / errors[k]
        if np.abs(truth.common[weight]) < 40.0:
            found["common"].append(float(ndtr(z)))
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


def main(sets: int) -> None:
    """Print the test."""
    for exposed in (True, False):
        number = sets if exposed else min(sets, 15)
        every: dict[str, list[float]] = {"common": [], "spread": [], "unseen": []}
        for seed in range(number):
            for kind, values in places(seed, exposed=exposed).items():
                every[kind] += values
        print("as it is" if exposed else "without the time in which nothing happened", number)
        for kind, values in every.items():
            inside = {c: np.mean(np.abs(np.array(values) - 0.5) < c / 200.0) for c in (50, 80, 90)}
            told = ", ".join(f"{c} %: {share:.3f}" for c, share in inside.items())
            statistic, p = unevenness(values)
            print(f"  {kind}: {len(values)}, chi-square {statistic:.1f}, p {p:.3f}; {told}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
