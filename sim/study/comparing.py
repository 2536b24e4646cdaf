"""Comparing scenarios over the same noise: paired contrasts of their outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.ensemble.work import Progress
from sim.ground.dates import DAY_S, day
from sim.ground.errors import InputError, Problem
from sim.ground.intervals import Z95
from sim.log.log import STATES
from sim.scenario.interventions import observed_from
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.resolve import scenario_at
from sim.scenario.scenario import Scenario
from sim.study.outcomes import title_of, values_of
from sim.study.run import Run
from sim.study.running import carried_out, ordered

POINTS, DAYS = "percentage points", "days"


@dataclass(frozen=True)
class Contrast:
    """How one outcome differs between two scenarios over the same noise."""

    outcome: str
    title: str
    other: str
    """The name of the scenario that is compared with the base."""
    unit: str
    base: float
    changed: float
    difference: float
    """Changed minus base, in the unit."""
    low: float
    """The 95 % interval of the difference, from paired replications."""
    high: float
    narrowing: float | None
    """By what factor pairing narrows the interval; None where all replications differ by the same,
    or there is only one."""
    alike: float
    """The share of replications in which the outcome has the same value in both."""


@dataclass
class Comparison:
    """A base and the scenarios compared with it, over the same noise."""

    base: Run
    others: dict[str, Run]
    base_name: str
    asked_gaps: bool = False
    """Whether it was asked how much hangs on the coupling."""
    gaps: dict[tuple[str, str], float] = field(default_factory=dict)
    """(scenario, outcome) to the difference under the other coupling minus that under this one."""

    @cached_property
    def contrasts(self) -> list[Contrast]:
        """Every common outcome's contrast, by scenario and outcome."""
        return [
            contrast(self.base, other, name, title)
            for title, other in self.others.items()
            for name in common_outcomes(self.base, other)
        ]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row a contrast: the fields of `Contrast`, and `gap`, null where it was not asked."""
        rows = [asdict(c) | {"gap": self.gaps.get((c.other, c.outcome))} for c in self.contrasts]
        texts = dict.fromkeys(("outcome", "title", "other", "unit"), pl.String)
        numbers = ("base", "changed", "difference", "low", "high", "narrowing", "alike", "gap")
        return pl.DataFrame(rows, schema=texts | dict.fromkeys(numbers, pl.Float64))


def common_outcomes(base: Run, other: Run) -> list[str]:
    """List the outcomes that both scenarios ask in the same words."""
    asked = other.scenario.outcomes
    return [n for n, o in base.scenario.outcomes.items() if asked.get(n) == o]


def measured(run: Run, outcome: str) -> tuple[NDArray[np.float64], str]:
    """Return an outcome's value in each replication, [N], and its unit.

    Yes-or-no outcomes and shares of days are in percentage points. A first time is in days, cut at
    the end of the run for replications that never get there.
    """
    q = list(run.scenario.outcomes).index(outcome)
    values = values_of(run.scenario, run.program, run.tally, q)
    form = OUTCOME_RULES[run.scenario.outcomes[outcome].type].form
    if form == "days":
        horizon = float(run.program.outcomes.hi_s[q] - run.program.outcomes.lo_s[q]) / DAY_S
        return np.where(np.isnan(values), horizon, values), DAYS
    return 100.0 * values, POINTS


def contrast(base: Run, other: Run, outcome: str, name: str) -> Contrast:
    """Contrast one outcome of two runs whose replications share their noise."""
    a, unit = measured(base, outcome)
    b, _ = measured(other, outcome)
    differences = b - a
    n = len(a)
    mean, error = float(differences.mean()), _standard_error(differences)
    apart = math.sqrt(_standard_error(a) ** 2 + _standard_error(b) ** 2)
    q = list(base.scenario.outcomes).index(outcome)
    days = float(base.program.outcomes.hi_s[q] - base.program.outcomes.lo_s[q]) / DAY_S
    most = 100.0 if unit == POINTS else days  # no difference can be larger
    return Contrast(
        outcome=outcome,
        title=title_of(base.scenario, outcome),
        other=name,
        unit=unit,
        base=float(a.mean()),
        changed=float(b.mean()),
        difference=mean,
        low=max(-most, mean - Z95 * error),
        high=min(most, mean + Z95 * error),
        narrowing=apart / error if 0 < error < math.inf else None,
        alike=float((differences == 0).sum()) / n,
    )


def _standard_error(values: NDArray[np.float64]) -> float:
    if len(values) < 2:
        return math.inf
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def without_changes(scenario: Scenario) -> Scenario:
    """Return the scenario with no interventions: what it is compared with by default."""
    return scenario.model_copy(update={"changes": ()})


def observed(
    base: Scenario, others: Mapping[str, Scenario]
) -> tuple[Scenario, dict[str, Scenario]]:
    """Return scenarios that are compared as they are run: all are counted from the earliest day
    that one of them looks at.

    Raises:
        InputError: they do not share their as-of date, end or outcomes.
    """
    _check_comparable(base, others)
    start = day(min(map(observed_from, (base, *others.values())))).isoformat()
    update = {"observe_from": start}
    changed = {name: s.model_copy(update=update) for name, s in others.items()}
    return base.model_copy(update=update), changed


def compare(
    base: str | Path | Scenario,
    others: Mapping[str, str | Path | Scenario],
    *,
    base_name: str = "base",
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    executor: str | None = None,
    gap: bool = False,
    progress: Progress | None = None,
) -> Comparison:
    """Run scenarios, or the files of a path, over the same noise and contrast them with a base.

    All are counted from the earliest day that one of them looks at. With `gap` each is also run
    with the other coupling of proposing and accepting, to say how much hangs on it.

    Raises:
        InputError: the scenarios do not share their as-of date, end or outcomes.
    """
    first = scenario_at(base)
    first, rest = observed(first, {n: scenario_at(s) for n, s in others.items()})
    number = replications or first.ensemble.replications
    chosen = first.ensemble.seed if seed is None else seed

    def made(scenario: Scenario) -> Run:
        order = ordered(
            scenario,
            replications=number,
            seed=chosen,
            workers=workers,
            executor=executor,
            progress=progress,
        )
        return carried_out(order)

    found = Comparison(made(first), {n: made(s) for n, s in rest.items()}, base_name, gap)
    if gap:
        flipped = {"coupling": "separate" if first.coupling == "shared" else "shared"}
        apart = made(first.model_copy(update=flipped))
        for name, scenario in rest.items():
            other = made(scenario.model_copy(update=flipped))
            for c in found.contrasts:
                if c.other == name:
                    there = contrast(apart, other, c.outcome, name)
                    found.gaps[name, c.outcome] = there.difference - c.difference
    return found


def _check_comparable(base: Scenario, others: Mapping[str, Scenario]) -> None:
    problems = []
    for name, other in others.items():
        for key in ("as_of", "until"):
            mine, theirs = getattr(base, key), getattr(other, key)
            if mine != theirs:
                rule = f"must be {mine}, as in the base: else the two share no noise"
                problems.append(Problem(name, 0, key, rule, theirs))
        if not any(other.outcomes.get(n) == o for n, o in base.outcomes.items()):
            rule = "must share at least one outcome with the base, in the same words"
            problems.append(Problem(name, 0, "outcomes", rule))
    if problems:
        raise InputError(problems)


def occupancy_difference(
    base: Run, other: Run, channel: str
) -> Sequence[tuple[int, int, float, float]]:
    """Return (instant, state, difference, standard error) of the observer's occupancy.

    The error is that of paired replications, judged by those that the rasters hold.
    """
    c = base.program.channels.names.index(channel)
    n = base.replications
    share = (other.tally.occupancy[c, 0] - base.tally.occupancy[c, 0]) / n
    a, b = base.tally.raster[:, c], other.tally.raster[:, c]
    rows = []
    for state in range(len(STATES)):
        differs = (b == state).astype(np.float64) - (a == state)
        spread = differs.std(axis=0, ddof=1) if len(a) > 1 else np.full(a.shape[1], np.nan)
        error = spread / math.sqrt(n)
        for g, instant in enumerate(base.program.grid_s.tolist()):
            rows.append((instant + 1, state, float(share[g, state]), float(error[g])))
    return rows
