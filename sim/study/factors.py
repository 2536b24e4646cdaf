"""The numbers of a scenario whose importance can be screened, with the range of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

import numpy as np

from sim.ground.errors import InputError, Problem, did_you_mean
from sim.learning.drawn_weights import quantiles_of
from sim.learning.priors import inclination_parameters, parameters_under
from sim.model.compiled_scenario import Floats
from sim.scenario.inclination import LEAST_DAYS, MOST_DAYS, towards
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of
from sim.scenario.varying import varied

Group = Literal["weights", "rates", "half-lives", "lapse-days", "bursts"]
GROUPS: tuple[Group, ...] = get_args(Group)
FACTOR = 2.0
"""A number that is no weight goes from its half to its double."""
SMALLER = (1.7, 1.4, 1.2, 1.1, 1.01)
"""Other factors, for a table of bursts that would run away at its doubles."""
PLACES = np.linspace(0.0, 1.0, 91)
"""Places in a weight's range at which its law is tabled; Morris's levels are among them."""
INNER = 0.05 + 0.9 * PLACES
"""The quantiles there: a weight goes over the inner nine tenths of its law."""


@dataclass(frozen=True, eq=False)
class Factor:
    """One number that is varied."""

    name: str
    """A weight as `USA.act.call.grievance`; another number by its path, as a sweep has it."""
    group: Group
    own: float
    """The scenario's own value: of a weight under a fit, its mean."""
    low: float
    high: float
    """Where the range ends."""
    tabled: Floats | None = None
    """Of a weight, its values at `PLACES`; None of a number that goes evenly in its logarithm."""

    def at(self, place: float) -> float:
        """Return the value at a place of the range, from 0 to 1."""
        if self.tabled is not None:
            return float(np.interp(place, PLACES, self.tabled))
        return float(self.low * (self.high / self.low) ** place)


def chosen_factors(scenario: Scenario, names: Sequence[str] = ()) -> list[Factor]:
    """List the numbers to vary: those of the groups or of the names given, where `*` stands for
    anything; all without a name.

    Raises:
        InputError: a name fits none.
    """
    found = [*_weights(scenario), *_numbers(scenario)]
    if not names:
        return found
    known = [*GROUPS, *(f.name for f in found)]
    problems = [
        Problem("vary", 0, "", f"fits no number of the scenario{did_you_mean(n, known)}", n)
        for n in names
        if not any(_fits(f, n) for f in found)
    ]
    if problems:
        raise InputError(problems)
    return [f for f in found if any(_fits(f, name) for name in names)]


def _fits(factor: Factor, name: str) -> bool:
    return factor.group == name or fnmatchcase(factor.name, name)


def _weights(scenario: Scenario) -> Iterator[Factor]:
    """Yield the weights of each party under the doctrine that it has at the start."""
    if scenario.fit is not None:
        fit = scenario.fit.saved
        for name, draws in zip(fit.names, fit.weights.T, strict=True):
            tabled = np.quantile(draws, INNER)
            ends = float(tabled[0]), float(tabled[-1])
            yield Factor(name, "weights", float(draws.mean()), *ends, tabled)
        return
    acting = sorted({party for c in channels_of(scenario).values() for party in c.parties})
    laws = [parameters_under(scenario, c, 0, scenario.parties[c].doctrine) for c in acting]
    for law in (*laws, inclination_parameters(scenario, sorted(scenario.parties))):
        columns = quantiles_of(law, INNER).T
        for name, own, tabled in zip(law.names, law.shipped, columns, strict=True):
            yield Factor(name, "weights", float(own), float(tabled[0]), float(tabled[-1]), tabled)


def _numbers(scenario: Scenario) -> Iterator[Factor]:
    """Yield the numbers that are no weights."""

    def number(path: str, group: Group, own: float, by: float = FACTOR) -> Factor:
        return Factor(path, group, own, own / by, own * by)

    for path, rate in _rates(scenario):
        if rate > 0.0:
            yield number(path, "rates", rate)
    for memory in type(scenario.stocks).model_fields:
        days = getattr(scenario.stocks, memory).half_life_days
        yield number(f"stocks.{memory}.half_life_days", "half-lives", days)
    for code, other in towards(scenario.inclinations):
        drift = scenario.inclinations[code][other].drift
        if drift is not None:
            path, days = f"inclinations.{code}.{other}.drift.half_life_days", drift.half_life_days
            low, high = max(LEAST_DAYS, days / FACTOR), min(days * FACTOR, MOST_DAYS)
            yield Factor(path, "half-lives", days, low, high)
    yield from _lapse_days(scenario)
    bursts = {n: b for n, b in scenario.attention.items() if b.m > 0.0}
    by = _calm(scenario, {f"attention.{n}.m": b.m for n, b in bursts.items()})
    for name, burst in bursts.items():
        yield number(f"attention.{name}.m", "bursts", burst.m, by)
        yield number(f"attention.{name}.tau_days", "bursts", burst.tau_days)


def _rates(scenario: Scenario) -> Iterator[tuple[str, float]]:
    """Yield every rate in force, by path."""
    own = {id_: c.rates_per_day for id_, c in scenario.channels.items() if c.rates_per_day}
    if not scenario.channels or len(own) < len(scenario.channels):
        for act, rate in scenario.rates_per_day.model_dump().items():
            yield f"rates_per_day.{act}", rate
    for id_, rates in own.items():
        for act, rate in rates.model_dump().items():
            yield f"channels.{id_}.rates_per_day.{act}", rate
    for id_, stream in scenario.world.items():
        yield f"world.{id_}.rate_per_day", stream.rate_per_day


def _lapse_days(scenario: Scenario) -> Iterator[Factor]:
    """Yield the days of a lapse that end at all. What a contact adds stays below what it can reach
    ahead, wherever both are in their ranges."""
    for id_, channel in channels_of(scenario).items():
        days = channel.lapse_days
        between = None
        if days.open is not None and days.open_at_most is not None:
            between = (days.open * days.open_at_most) ** 0.5
        for key, own in days.model_dump().items():
            if own is None or (key == "open_at_most" and days.open is None):
                continue
            low, high = max(1.0, own / FACTOR), own * FACTOR
            if between is not None and key == "open":
                high = min(high, between)
            elif between is not None and key == "open_at_most":
                low = max(low, between)
            yield Factor(f"channels.{id_}.lapse_days.{key}", "lapse-days", own, low, high)


def _calm(scenario: Scenario, own: dict[str, float]) -> float:
    """Return the factor by which all bursts may grow at once without running away."""
    for by in (FACTOR, *SMALLER[:-1]):
        try:
            varied(scenario, {path: m * by for path, m in own.items()})
        except InputError:
            continue
        return by
    return SMALLER[-1]
