"""From the tally to answers with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np

from sim.ground.intervals import mean_interval, median_interval, wilson
from sim.log.events import KINDS
from sim.model.program import Program
from sim.model.tally import Tally
from sim.scenario.outcomes import OUTCOME_RULES, Counts, Values, describe
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Answer:
    """One outcome's estimate over an ensemble, with a 95 % Monte Carlo interval."""

    name: str
    title: str
    type: str
    estimate: float
    """A share in [0, 1]: of replications, or of days for `share_of_days`."""
    low: float
    high: float
    median_days: float | None
    """Days until half of the replications are there; of `first_time` where half ever are."""
    median_low: float | None
    median_high: float | None
    q05: float | None
    """The share of days that 5 % of replications stay below; of `share_of_days`."""
    q95: float | None
    """The share of days that 5 % of replications lie above; of `share_of_days`."""


def answers(scenario: Scenario, program: Program, tally: Tally) -> list[Answer]:
    """Answer every outcome of a scenario, sorted by name."""
    return [
        _answer(
            name, title_of(scenario, name), outcome.type, values_of(scenario, program, tally, q)
        )
        for q, (name, outcome) in enumerate(scenario.outcomes.items())
    ]


def values_of(scenario: Scenario, program: Program, tally: Tally, q: int) -> Values:
    """Return the values of the q-th outcome, [N], in the form of its type: 1 or 0, a share of days
    in [0, 1], or days, not a number where it never comes."""
    return values_from(tally.values[:, q], scenario, program, q)


def values_from(counts: Counts, scenario: Scenario, program: Program, q: int) -> Values:
    """Return as values what an executor counted for the q-th outcome in some worlds, [N]."""
    rule = OUTCOME_RULES[list(scenario.outcomes.values())[q].type]
    window_s = float(program.outcomes.hi_s[q] - program.outcomes.lo_s[q])
    return rule.value(counts, window_s)


def _answer(name: str, title: str, type_: str, values: Values) -> Answer:
    form, n = OUTCOME_RULES[type_].form, len(values)
    none = (None, None, None)
    match form:
        case "share":
            mean, low, high = mean_interval(values)
            q05, q95 = (float(x) for x in np.quantile(values, [0.05, 0.95]))
            return Answer(name, title, type_, mean, low, high, *none, q05, q95)
        case "yes_or_no":
            yes = int(values.sum())
            return Answer(name, title, type_, yes / n, *wilson(yes, n), *none, None, None)
        case "days":
            yes = int(np.isfinite(values).sum())
            median = median_interval(np.where(np.isnan(values), np.inf, values))
            return Answer(name, title, type_, yes / n, *wilson(yes, n), *median, None, None)
        case _:
            assert_never(form)


def title_of(scenario: Scenario, name: str) -> str:
    """Return the title of an outcome, or in words what it asks."""
    return describe(scenario.outcomes[name], scenario.as_of, scenario.until)


def event_rates(program: Program, tally: Tally) -> dict[str, float]:
    """Return the mean number of each kind of event in a replication, after the as-of date."""
    n = tally.replications
    return {k: int(c) / n for k, c in zip(KINDS, tally.events, strict=True) if c}
