"""Sensitivity: which of a scenario's many numbers its answers go with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

import numpy as np
import polars as pl

from sim.ensemble.points import Points
from sim.ensemble.settings import How, Settings, settings
from sim.ensemble.weighed import compile_weighed
from sim.ensemble.workers import in_chunks
from sim.galleries.axis_names import number_words
from sim.ground.errors import InputError, Problem, did_you_mean
from sim.learning.drawn_weights import with_own_rows
from sim.model.compiled_scenario import CompiledScenario, Floats
from sim.results.frames import schema_of
from sim.results.outcomes import as_share, title_of, values_from
from sim.rules.features import BIAS, FEATURES
from sim.scenario.doctrine import DECISIONS, weight_name
from sim.scenario.inclination import inclination_name, towards
from sim.scenario.resolve import Place, scenario_at
from sim.scenario.scenario import Scenario
from sim.scenario.varying import varied
from sim.study.factors import Factor, chosen_factors
from sim.study.screening import Effects, Shares, effects, sobol_points, sobol_shares, trajectories

if TYPE_CHECKING:
    from sim.galleries.study_gallery import SensitivityGallery

WORLDS = 500
"""Worlds at each point, unless another number is asked for; all points share their noise."""
TRAJECTORIES = 4
MOST_TRAJECTORIES = 100
TOP = 10
"""Numbers of which a tornado shows both ends, and of which Sobol's shares are computed."""
SOBOL = 128
"""Base points of Sobol's shares; there are `TOP` + 2 times as many."""
AT_ONCE = 8
"""Points of a chunk."""


@dataclass(frozen=True)
class Sensitivity:
    """What a screening found, of P numbers and Q outcomes."""

    scenario: Scenario = field(repr=False)
    outcome: str
    """The outcome that is asked first, by which the numbers of Sobol are chosen."""
    vary: tuple[str, ...]
    """The names that were given; empty where all numbers were varied."""
    seed: int
    replications: int
    trajectories: int
    factors: tuple[Factor, ...] = field(repr=False)
    outcomes: tuple[str, ...]
    """[Q] sorted, as in the scenario."""
    base: Floats
    """[Q] the answers with all numbers as they are."""
    reached: Floats
    """[2, Q] the least and the largest answer at any point of the screening."""
    effects: tuple[Effects, ...] = field(repr=False)
    """[Q] what each number does."""
    ends: dict[str, Floats] = field(repr=False)
    """By name, the answers [2, Q] at the low and at the high end of a number's range, where the
    others stay; of those that are among the first `TOP` of some outcome."""
    shares: dict[str, Shares] | None = field(default=None, repr=False)
    """By outcome, Sobol's shares of `shared`; None where they were not asked for."""
    shared: tuple[Factor, ...] = field(default=(), repr=False)

    def titled(self, outcome: str) -> str:
        """Return what people call an outcome."""
        return title_of(self.scenario, outcome)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row an outcome and number, the largest effect first: outcome, title, rank, number,
        words, group, own, low and high (the range), effect, error, mean_effect, bend (in the unit
        of the answer), at_own (the answer with all numbers as they are), at_low and at_high, null
        where they were not run, and Sobol's alone, total and their errors, null where they were not
        asked for."""
        words = number_words(self.scenario, [f.name for f in self.factors])
        place = {f.name: n for n, f in enumerate(self.shared)}
        rows = []
        for q, outcome in enumerate(self.outcomes):
            found = self.effects[q]
            shares = {} if self.shares is None else vars(self.shares[outcome])
            for rank, p in enumerate(self.order(q), start=1):
                factor = self.factors[p]
                row = vars(factor) | {
                    "outcome": outcome,
                    "title": self.titled(outcome),
                    "rank": rank,
                    "number": factor.name,
                    "words": words[factor.name],
                    "effect": float(found.size[p]),
                    "error": float(found.error[p]),
                    "mean_effect": float(found.mean[p]),
                    "bend": float(found.bend[p]),
                    "at_own": float(self.base[q]),
                }
                if (ends := self.ends.get(factor.name)) is not None:
                    row |= {"at_low": float(ends[0, q]), "at_high": float(ends[1, q])}
                if (s := place.get(factor.name)) is not None:
                    row |= {f"sobol_{name}": float(share[s]) for name, share in shares.items()}
                rows.append(row)
        frame = pl.DataFrame(rows, schema=schema_of("sensitivity.csv"))
        return frame.with_columns(pl.col(pl.Float64).fill_nan(None))

    @property
    def points(self) -> int:
        """How many points the screening has."""
        return self.trajectories * (len(self.factors) + 1)

    def order(self, q: int) -> list[int]:
        """Return the places of the numbers, the largest effect on the q-th outcome first."""
        return by_size(self.effects[q])

    @property
    def plot(self) -> SensitivityGallery:
        """The figures of the screening."""
        from sim.galleries.study_gallery import SensitivityGallery

        return SensitivityGallery(self.scenario, self.outcome, self.frame)


def sensitivity(
    scenario: Place,
    vary: Sequence[str] = (),
    *,
    outcome: str | None = None,
    trajectories: int = TRAJECTORIES,
    sobol: bool = False,
    **how: Unpack[How],
) -> Sensitivity:
    """Screen which numbers the answers of a scenario go with, by Morris's method.

    `vary` names numbers (`USA.act.call.*`, `stocks.war.half_life_days`) or groups of them (weights,
    rates, half-lives, lapse-days, bursts); all without it. `outcome` is the one asked first. With
    `sobol` the variance of the answers is split among its ten most important numbers. `how` are the
    keywords of `sim.ensemble.settings.How`, with 500 replications by default; `progress` counts
    points.

    Raises:
        InputError: a name fits nothing, the scenario asks nothing or has a sweep, or the model
            holds its history impossible at some point.
        RunError: a worker died.
    """
    given = scenario_at(scenario)
    made = settings({"replications": WORLDS, "draws": 0, **how}, given.ensemble)
    return screened(given, vary, made, outcome=outcome, count=trajectories, sobol=sobol)


def screened(
    scenario: Scenario,
    vary: Sequence[str],
    how: Settings,
    *,
    outcome: str | None = None,
    count: int = TRAJECTORIES,
    sobol: bool = False,
) -> Sensitivity:
    """Screen a scenario as `sensitivity` does."""
    asked = asked_first(scenario, outcome, how, count)
    factors, outcomes = chosen_factors(scenario, vary), tuple(scenario.outcomes)
    walked = trajectories(len(factors), count, how.seed)
    top = min(TOP, len(factors))
    most = len(walked) + 1 + 2 * min(len(factors), TOP * len(outcomes))
    most += SOBOL * (top + 2) if sobol else 0
    screen = _Screen(scenario, factors, how, most)
    values = screen.answers([dict(zip(factors, row, strict=True)) for row in walked])
    found = tuple(effects(walked, values[:, q], how.seed) for q in range(len(outcomes)))
    first = [by_size(e)[:top] for e in found]
    chosen = sorted({p for places in first for p in places})
    ends = [{factors[p]: end} for p in chosen for end in (0.0, 1.0)]
    base, *moved = screen.answers([{}, *ends])
    shared: tuple[Factor, ...] = ()
    shares = None
    if sobol:
        shared = tuple(factors[p] for p in first[outcomes.index(asked)])
        cube = sobol_points(len(shared), SOBOL, how.seed)
        spread = screen.answers([dict(zip(shared, row, strict=True)) for row in cube])
        shares = {
            name: sobol_shares(len(shared), spread[:, q], how.seed)
            for q, name in enumerate(outcomes)
        }
    screen.finish()
    return Sensitivity(
        scenario=scenario,
        outcome=asked,
        vary=tuple(sorted(vary)),
        seed=how.seed,
        replications=how.replications,
        trajectories=count,
        factors=tuple(factors),
        outcomes=outcomes,
        base=base,
        reached=np.stack([values.min(axis=0), values.max(axis=0)]),
        effects=found,
        ends={factors[p].name: np.stack(moved[2 * n : 2 * n + 2]) for n, p in enumerate(chosen)},
        shares=shares,
        shared=shared,
    )


def by_size(found: Effects) -> list[int]:
    """Return the places of numbers, the largest effect first."""
    return sorted(range(len(found.size)), key=lambda p: (-found.size[p], p))


def asked_first(scenario: Scenario, outcome: str | None, how: Settings, count: int) -> str:
    """Return the outcome that is asked first.

    Raises:
        InputError: the scenario asks nothing or has a sweep, there is no such outcome, or a setting
            is out of range.
    """
    problems, known = [], scenario.outcome_order
    if scenario.sweep:
        problems.append(Problem(scenario.title, 0, "sweep", "a screening takes no sweep"))
    if not known:
        rule = "must hold an outcome: a screening asks what moves it"
        problems.append(Problem(scenario.title, 0, "outcomes", rule))
    elif outcome is not None and outcome not in known:
        rule = f"must be one of {', '.join(known)}{did_you_mean(outcome, known)}"
        problems.append(Problem("outcome", 0, "", rule, outcome))
    if not 2 <= count <= MOST_TRAJECTORIES:
        rule = f"must lie in 2 to {MOST_TRAJECTORIES}"
        problems.append(Problem("trajectories", 0, "", rule, str(count)))
    if how.executor != "kernel" or how.draws:
        rule = "must be the kernel, without draws of the weights: a screening is many runs"
        problems.append(Problem("executor", 0, "", rule, how.executor))
    if problems:
        raise InputError(problems)
    return outcome or known[0]


class _Screen:
    """Runs a scenario at points of its numbers' ranges, over the same noise."""

    def __init__(
        self, scenario: Scenario, factors: Sequence[Factor], how: Settings, most: int
    ) -> None:
        self.scenario, self.how, self.most, self.done = scenario, how, most, 0
        weights = [f.name for f in factors if f.group == "weights"]
        self.place = {name: place_of(scenario, name) for name in weights}
        self.compiled: dict[tuple[tuple[str, float], ...], CompiledScenario] = {}

    def answers(self, points: Sequence[dict[Factor, float]]) -> Floats:
        """Return the estimates, [points, Q], where some numbers stand at places of their ranges and
        the others are as they are."""
        programs = tuple(self._program(point) for point in points)
        worlds = ((0, self.how.replications),) * len(programs)
        job = Points(programs, worlds, self.how.seed)
        todo = [(n, min(AT_ONCE, len(points) - n)) for n in range(0, len(points), AT_ONCE)]
        found = np.zeros((len(points), len(self.scenario.outcomes)))
        for first, counts in in_chunks(job, todo, self.how):
            for n, one in enumerate(counts):
                for q, asked in enumerate(self.scenario.outcomes.values()):
                    values = values_from(one[:, q], self.scenario, programs[first + n], q)
                    found[first + n, q] = as_share(asked.type, values).mean()
            self.done += len(counts)
            if self.how.progress is not None:
                self.how.progress(self.done, self.most)
        return found

    def finish(self) -> None:
        """Tell that all points are done."""
        if self.how.progress is not None:
            self.how.progress(self.done, self.done)

    def _program(self, point: dict[Factor, float]) -> CompiledScenario:
        values = {factor: factor.at(float(place)) for factor, place in point.items()}
        rest = tuple((f.name, v) for f, v in values.items() if f.group != "weights")
        if rest not in self.compiled:
            self.compiled[rest] = at_own_weights(varied(self.scenario, dict(rest)), self.scenario)
        program = self.compiled[rest]
        weights = program.doctrines.weights.copy()
        for factor, value in values.items():
            if factor.group == "weights":
                who, decision, feature = self.place[factor.name]
                if isinstance(who, str):
                    who = int(program.doctrines.initial[program.parties.index(who)])
                weights[0, who, decision, feature] = value
        return replace(program, doctrines=replace(program.doctrines, weights=weights))


def at_own_weights(scenario: Scenario, dated_as: Scenario | None = None) -> CompiledScenario:
    """Compile a scenario in which each party has weights of its own; of a fit, their means. Its
    dates are weighed as in another scenario of the same history, or its own way."""
    program, _ = with_own_rows(compile_weighed(scenario, dated_as=dated_as))
    mean = program.doctrines.weights.mean(axis=0, keepdims=True)
    doctrines = replace(program.doctrines, weights=mean)
    return replace(program, grid_s=program.grid_s[:1], doctrines=doctrines)


def place_of(scenario: Scenario, name: str) -> tuple[str | int, int, int]:
    """Return the party of a weight, or the row of an inclination, and the places of its decision
    and its feature."""
    for n, who in enumerate(towards(scenario.inclinations)):
        for d, decision in enumerate(DECISIONS):
            if inclination_name(who, decision) == name:
                return n, d, BIAS
    code = name.partition(".")[0]
    return next(
        (code, d, f)
        for d, decision in enumerate(DECISIONS)
        for f, feature in enumerate(FEATURES)
        if weight_name(code, decision, feature) == name
    )
