"""From the tally to answers with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ground.dates import DAY_S
from sim.ground.intervals import mean_interval, median_interval, wilson
from sim.log.events import KINDS
from sim.log.log import STATES
from sim.log.rulebook import OBSERVER
from sim.model.program import OUTCOME_TYPES, Program
from sim.model.tally import Tally
from sim.scenario.scenario import (
    EventBy,
    FirstTime,
    Outcome,
    Scenario,
    ShareOfDays,
    StateAt,
    StateBy,
)


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
    found = []
    for q, (name, outcome) in enumerate(scenario.outcomes.items()):
        kind, values = OUTCOME_TYPES[program.outcomes.type[q]], tally.values[:, q]
        title = outcome.title or describe(scenario, outcome)
        found.append(_answer(name, title, kind, values, program, q))
    return found


def _answer(
    name: str, title: str, kind: str, values: NDArray[np.int64], program: Program, q: int
) -> Answer:
    n = len(values)
    if kind == "share_of_days":
        window = int(program.outcomes.hi_s[q] - program.outcomes.lo_s[q])
        shares = values / window
        mean, low, high = mean_interval(shares)
        q05, q95 = (float(x) for x in np.quantile(shares, [0.05, 0.95]))
        return Answer(name, title, kind, mean, low, high, None, None, None, q05, q95)
    yes = int((values >= 0).sum()) if kind == "first_time" else int(values.sum())
    low, high = wilson(yes, n)
    median: tuple[float | None, float | None, float | None] = (None, None, None)
    if kind == "first_time":
        median = median_interval(np.where(values < 0, np.inf, values / DAY_S))
    return Answer(name, title, kind, yes / n, low, high, *median, None, None)


def describe(scenario: Scenario, outcome: Outcome) -> str:
    """Say in words what an outcome asks."""
    if isinstance(outcome, EventBy):
        what = outcome.kind.replace("_", " ")
        times = f"at least {outcome.at_least} times " if outcome.at_least > 1 else ""
        actor = f" by {outcome.by}" if outcome.by else ""
        return f"{what}{actor} {times}{_since(outcome.start)}up to {outcome.date or scenario.until}"
    states = " or ".join(s.replace("_", " ") for s in sorted(outcome.state, key=STATES.index))
    who = "" if outcome.viewpoint == OBSERVER else f" in the eyes of {outcome.viewpoint}"
    if isinstance(outcome, StateAt):
        return f"{states} on {outcome.date or scenario.until}{who}"
    if isinstance(outcome, StateBy):
        last = outcome.date or scenario.until
        return f"{states} at some time {_since(outcome.start)}up to {last}{who}"
    if isinstance(outcome, ShareOfDays):
        first, last = outcome.start or scenario.as_of, outcome.until or scenario.until
        return f"share of days {states}, {first} to {last}{who}"
    if isinstance(outcome, FirstTime):
        return f"first time {states}{f' from {outcome.start}' if outcome.start else ''}{who}"
    raise TypeError(type(outcome).__name__)


def _since(start: str | None) -> str:
    return f"from {start} " if start else ""


def first_times_days(program: Program, tally: Tally, q: int) -> NDArray[np.float64]:
    """Return the days to the first time of the q-th outcome, [N]; NaN where it never came."""
    values = tally.values[:, q]
    return np.where(values < 0, np.nan, values / DAY_S)


def event_rates(program: Program, tally: Tally) -> dict[str, float]:
    """Return the mean number of each kind of event in a replication, after the as-of date."""
    n = tally.replications
    return {k: int(c) / n for k, c in zip(KINDS, tally.events, strict=True) if c}
