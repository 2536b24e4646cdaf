"""From the tally to answers with intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from sim.ground.dates import DAY_S, day
from sim.ground.intervals import mean_interval, median_interval, wilson
from sim.log.events import KINDS
from sim.model.compiled_scenario import CompiledScenario, Ints
from sim.model.tally import Tally
from sim.results.over_weights import Drawn, OverWeights, over_weights
from sim.scenario.interventions import first_change
from sim.scenario.outcomes import OUTCOME_RULES, Counts, Values, describe, held_at_start
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
    median_days: float | None = None
    """Days until half of the replications are there; of `first_time` where half ever are."""
    median_low: float | None = None
    median_high: float | None = None
    q05: float | None = None
    """The share of days that 5 % of replications stay below; of `share_of_days`."""
    q95: float | None = None
    """The share of days that 5 % of replications lie above; of `share_of_days`."""
    half_by: str | None = None
    """The day by which half of those worlds are there that ever are; of `first_time`."""
    settled: bool = False
    """Whether history settles it: nothing was left to chance, and the interval means nothing."""
    held: float | None = None
    """The share of worlds in which the state holds at the start already, and the first time that it
    is entered anew counts; of `first_time`."""
    over_weights: OverWeights | None = None
    """Where the estimate lies with other weights; None where no weights were drawn, or history
    settles the outcome."""
    worlds: int | None = None
    """In how many worlds it was asked."""


def answers(
    scenario: Scenario, program: CompiledScenario, tally: Tally, drawn: Drawn | None = None
) -> list[Answer]:
    """Answer every outcome of a scenario, sorted by name; with worlds of drawn weights each has its
    range over them."""
    found = []
    for q in range(len(scenario.outcomes)):
        answer, over = answer_among(scenario, program, tally, q, slice(None)), None
        if drawn is not None and not answer.settled:
            shares = as_share(answer.type, drawn.values[:, q])
            over = over_weights(shares, drawn.draw, drawn.source)
        found.append(replace(answer, held=held_of(scenario, tally, q), over_weights=over))
    return found


def answer_among(
    scenario: Scenario,
    program: CompiledScenario,
    tally: Tally,
    q: int,
    there: NDArray[np.bool_] | slice,
) -> Answer:
    """Answer the q-th outcome in some of the worlds alone, where `there` [N] says in which."""
    name, values = [*scenario.outcomes][q], values_of(scenario, program, tally, q)
    answer = _answer(name, title_of(scenario, name), scenario.outcomes[name].type, values[there])
    settled = is_settled(scenario, program, q, values)
    return replace(answer, settled=settled, half_by=half_by(answer, program, q, values[there]))


def as_share(type_: str, values: Values) -> Values:
    """Return values of an outcome, [N], so that their mean is its estimate: of a first time whether
    it comes at all."""
    if OUTCOME_RULES[type_].form == "days":
        return np.isfinite(values).astype(np.float64)
    return values


def held_of(scenario: Scenario, tally: Tally, q: int) -> float | None:
    """Return the share of worlds in which the q-th outcome's state holds at its start already; None
    for other outcomes than first times."""
    if OUTCOME_RULES[list(scenario.outcomes.values())[q].type].form != "days":
        return None
    return float(held_at_start(tally.values[:, q]).mean())


def in_file_order(scenario: Scenario, found: Iterable[Answer]) -> list[Answer]:
    """Return answers in the order in which the scenario's file asks."""
    return sorted(found, key=lambda answer: scenario.outcome_order.index(answer.name))


def half_by(answer: Answer, program: CompiledScenario, q: int, values: Values) -> str | None:
    """Return the day by which half of the worlds are there that ever are, for a first time."""
    there = values[np.isfinite(values)]
    if OUTCOME_RULES[answer.type].form != "days" or not len(there):
        return None
    middle = float(np.sort(there)[(len(there) - 1) // 2])
    return day(int(program.outcomes.lo_s[q]) + int(middle * DAY_S)).isoformat()


def is_settled(scenario: Scenario, program: CompiledScenario, q: int, values: Values) -> bool:
    """Whether history settles the q-th outcome: its window is over by the as-of date, no change
    begins before the end of the window, and no date that is drawn makes a difference to it."""
    hi_s, first = int(program.outcomes.hi_s[q]), first_change(scenario)
    over = hi_s <= program.as_of_s and (first is None or first >= hi_s)
    return over and len(np.unique(values)) == 1


def values_of(scenario: Scenario, program: CompiledScenario, tally: Tally, q: int) -> Values:
    """Return the values of the q-th outcome, [N], in the form of its type: 1 or 0, a share of days
    in [0, 1], or days, not a number where it never comes."""
    return values_from(tally.values[:, q], scenario, program, q)


def every_value(scenario: Scenario, program: CompiledScenario, counts: Ints) -> Values:
    """Return as values what an executor counted, [N, Q], as `values_from` gives them."""
    every = range(len(scenario.outcomes))
    columns = [values_from(counts[:, q], scenario, program, q) for q in every]
    return np.stack(columns, axis=1) if columns else np.zeros((len(counts), 0))


def values_from(counts: Counts, scenario: Scenario, program: CompiledScenario, q: int) -> Values:
    """Return as values what an executor counted for the q-th outcome in some worlds, [N]."""
    rule = OUTCOME_RULES[list(scenario.outcomes.values())[q].type]
    window_s = float(program.outcomes.hi_s[q] - program.outcomes.lo_s[q])
    return rule.value(counts, window_s)


def _answer(name: str, title: str, type_: str, values: Values) -> Answer:
    what, form, n = (name, title, type_), OUTCOME_RULES[type_].form, len(values)
    match form:
        case "share":
            q05, q95 = (float(x) for x in np.quantile(values, [0.05, 0.95]))
            return Answer(*what, *mean_interval(values), q05=q05, q95=q95, worlds=n)
        case "yes_or_no":
            yes = int(values.sum())
            return Answer(*what, yes / n, *wilson(yes, n), worlds=n)
        case "days":
            yes = int(np.isfinite(values).sum())
            median = median_interval(np.where(np.isnan(values), np.inf, values))
            return Answer(*what, yes / n, *wilson(yes, n), *median, worlds=n)
        case _:
            assert_never(form)


def title_of(scenario: Scenario, name: str) -> str:
    """Return the title of an outcome, or in words what it asks."""
    return describe(scenario.outcomes[name], scenario.as_of, scenario.until)


def event_rates(program: CompiledScenario, tally: Tally) -> dict[str, float]:
    """Return the mean number of each kind of event in a replication, after the as-of date."""
    n = tally.replications
    return {k: int(c) / n for k, c in zip(KINDS, tally.events, strict=True) if c}
