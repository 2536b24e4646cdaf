"""Comparing scenarios over the same noise: paired contrasts of their outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.ensemble.settings import How, Settings, settings
from sim.ensemble.side_by_side import Flips, side_by_side
from sim.ground.dates import DAY_S, day
from sim.ground.errors import InputError, Problem
from sim.ground.intervals import Z95
from sim.model.compiled_scenario import Floats
from sim.results.frames import html_of, schema_of, weights_columns
from sim.results.outcomes import held_of, title_of, values_of
from sim.results.over_weights import OverChange, over_change
from sim.scenario.interventions import observed_from
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.resolve import Place
from sim.scenario.scenario import Scenario
from sim.study.compared import Others, named, observed
from sim.study.independent import independent_run
from sim.study.run import Run
from sim.study.running import carried_out, ordered
from sim.study.weighing import drawn_worlds

if TYPE_CHECKING:
    from sim.galleries.study_gallery import ComparisonGallery

SHARE, DAYS = "share", "days"
INDEPENDENT = ("independent", "independent_low", "independent_high")
"""Columns of the difference where the changed world's chances are its own."""


@dataclass(frozen=True)
class Contrast:
    """How one outcome differs between two scenarios over the same noise."""

    name: str
    title: str
    type: str
    other: str
    """The name of the scenario that is compared with the base."""
    unit: str
    """`share`, in [0, 1] as in the tables of outcomes, or `days`."""
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
    base_held: float | None = None
    """The share of the base's replications in which a first time holds at its own start."""
    changed_held: float | None = None
    over_weights: OverChange | None = None
    """Where the difference lies with other weights; None where no weights were drawn, or the two
    have draws of different kinds."""


@dataclass
class Comparison:
    """A base and the scenarios compared with it, over the same noise."""

    base: Run
    others: dict[str, Run]
    base_name: str
    draws: int = 0
    """Draws of the weights that were asked for."""
    gaps: dict[tuple[str, str], float] = field(default_factory=dict)
    """(scenario, outcome) to the difference under the other coupling minus that under this one;
    empty where that was not asked."""
    apart: dict[tuple[str, str], Contrast] = field(default_factory=dict)
    """(scenario, outcome) to the contrast with a changed world whose chances are its own from the
    change on; empty where that was not asked."""
    flips: dict[str, Flips] = field(default_factory=dict)
    """By scenario, in how many worlds a channel is in a state in just one of it and the base; what
    is missing, as for a base that was run before, is counted when it is drawn."""

    @property
    def runs(self) -> dict[str, Run]:
        """All runs by name, the base first."""
        return {self.base_name: self.base, **self.others}

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
        """One row a contrast: the fields of `Contrast`; `gap`, null where it was not asked; and the
        range over draws of the weights, each column after `weights_`. Where a changed world with
        chances of its own was asked for, the difference with it and its interval."""
        rows = []
        for c in self.contrasts:
            row = vars(c) | {"gap": self.gaps.get((c.other, c.name))}
            if (own := self.apart.get((c.other, c.name))) is not None:
                row |= zip(INDEPENDENT, (own.difference, own.low, own.high), strict=True)
            rows.append(row | weights_columns(c.over_weights))
        schema = schema_of("contrasts.csv", () if self.apart else INDEPENDENT)
        return pl.DataFrame(rows, schema=schema)

    def worlds_behind(self, c: Contrast) -> tuple[int | None, int | None]:
        """Return in how many worlds a contrast's outcome was asked, in the base and in the other;
        None where history settles it."""
        one, two = (
            next(a for a in run.answers if a.name == c.name)
            for run in (self.base, self.others[c.other])
        )
        return None if one.settled else one.worlds, None if two.settled else two.worlds

    @property
    def values(self) -> pl.DataFrame:
        """One row a scenario and replication: scenario, replication, and a column an outcome that
        all share, in the units of `Run.values` (1 or 0, shares in [0, 1], days)."""
        shared = set.intersection(*({*run.values.columns} for run in self.runs.values()))
        columns = [c for c in self.base.values.columns if c in shared]
        return pl.concat(
            run.values.select(pl.lit(name).alias("scenario"), *columns)
            for name, run in self.runs.items()
        )

    @property
    def plot(self) -> ComparisonGallery:
        """The figures of the comparison."""
        from sim.galleries.study_gallery import ComparisonGallery

        return ComparisonGallery(self.base, self.others, self.base_name, self.frame, self.flips)

    def _repr_html_(self) -> str:
        heading = f"{', '.join(self.others)} against {self.base_name}"
        return html_of(heading, self.frame.drop("name"))


def common_outcomes(base: Run, other: Run) -> list[str]:
    """List the outcomes that both scenarios ask in the same words, in the order of the scenario
    that is compared: what its question asks stands first."""
    here, there = base.scenario.outcomes, other.scenario.outcomes
    return [n for n in other.scenario.outcome_order if n in here and there[n] == here[n]]


def measured(run: Run, outcome: str) -> tuple[NDArray[np.float64], str]:
    """Return an outcome's value in each replication, [N], and its unit.

    Yes-or-no outcomes are 1 or 0, shares of days lie in [0, 1]. A first time is in days, cut at the
    end of the run for replications that never get there.
    """
    q = _place(run, outcome)
    return _in_unit(run, q, values_of(run.scenario, run.program, run.tally, q))


def _place(run: Run, outcome: str) -> int:
    """Return the place of an outcome among those of its scenario."""
    return list(run.scenario.outcomes).index(outcome)


def _in_unit(run: Run, q: int, values: Floats) -> tuple[Floats, str]:
    """Return values of the q-th outcome as they are contrasted, and their unit."""
    if OUTCOME_RULES[run.scenario.outcomes[run.program.outcomes.names[q]].type].form == "days":
        return np.where(np.isnan(values), _horizon(run, q), values), DAYS
    return values, SHARE


def _horizon(run: Run, q: int) -> float:
    """Return the days of the window of the q-th outcome."""
    return float(run.program.outcomes.hi_s[q] - run.program.outcomes.lo_s[q]) / DAY_S


def contrast(base: Run, other: Run, outcome: str, name: str) -> Contrast:
    """Contrast one outcome of two runs whose replications share their noise."""
    a, unit = measured(base, outcome)
    b, _ = measured(other, outcome)
    differences = b - a
    mean, error = float(differences.mean()), _standard_error(differences)
    apart = math.sqrt(_standard_error(a) ** 2 + _standard_error(b) ** 2)
    q = _place(base, outcome)
    most = 1.0 if unit == SHARE else _horizon(base, q)  # no difference can be larger
    over = None if not differences.any() else _over_weights(base, other, outcome, mean)
    return Contrast(
        name=outcome,
        title=title_of(base.scenario, outcome),
        type=base.scenario.outcomes[outcome].type,
        other=name,
        unit=unit,
        base=float(a.mean()),
        changed=float(b.mean()),
        difference=mean,
        low=max(-most, mean - Z95 * error),
        high=min(most, mean + Z95 * error),
        narrowing=apart / error if 0 < error < math.inf else None,
        alike=float((differences == 0).sum()) / len(a),
        base_held=held_of(base.scenario, base.tally, q),
        changed_held=held_of(other.scenario, other.tally, _place(other, outcome)),
        over_weights=over,
    )


def _over_weights(base: Run, other: Run, outcome: str, change: float) -> OverChange | None:
    """Return where a change lies with other weights: in worlds of both runs that share their noise
    and their draw."""
    a, b = base.drawn, other.drawn
    if a is None or b is None or (a.draws, a.source) != (b.draws, b.source):
        return None
    found = []
    for run, drawn in ((base, a), (other, b)):
        q = _place(run, outcome)
        found.append(_in_unit(run, q, drawn.values[:, q])[0])
    number = min(map(len, found))
    return over_change(found[1][:number] - found[0][:number], a.draw[:number], a.source, change)


def _standard_error(values: NDArray[np.float64]) -> float:
    if len(values) < 2:
        return math.inf
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def compare(
    base: Place | Run,
    others: Others | None = None,
    *,
    base_name: str | None = None,
    coupling: bool = False,
    independent: bool = False,
    **how: Unpack[How],
) -> Comparison:
    """Run scenarios over the same noise and contrast them with a base.

    `others` is a scenario, several files, or scenarios by name; without it the base is compared
    with itself without its changes. The base may be a run that was made before. All are counted
    from the earliest day that one of them looks at. With `coupling` each is also run with the other
    coupling of proposing and accepting, to say how much depends on it. With `independent` each is
    also run with chances of its own from its first change on. `how` are the keywords of
    `sim.ensemble.settings.How`.

    Raises:
        InputError: the scenarios do not share their as-of date, end or outcomes, or a base that was
            run was counted from another day, or with another seed or number.
    """
    name, first, loaded = named(base, others, base_name)
    first, rest = observed(first, loaded)
    before = base if isinstance(base, Run) and others is not None else None
    if before is not None and how.get("draws") is None:
        how["draws"] = before.draws
    made = settings(how, before or first.ensemble)
    return compared(name, first, rest, made, before, coupling=coupling, independent=independent)


def compared(
    name: str,
    first: Scenario,
    others: Mapping[str, Scenario],
    how: Settings,
    before: Run | None = None,
    *,
    coupling: bool = False,
    independent: bool = False,
) -> Comparison:
    """Contrast scenarios that `observed` gave with the first, called `name`, as `compare` does;
    `before` is the run of the first, where it was made before.

    Raises:
        InputError: one has the name of the first, or that was run otherwise.
    """
    if name in others:
        rule = "must have another name than the base"
        raise InputError([Problem("compare", 0, f"others[{name}]", rule)])
    if before is not None:
        _check_base(before, first, how)
    orders = {n: ordered(s, how) for n, s in others.items()}
    if before is not None:
        after = {n: carried_out(o) for n, o in orders.items()}
        found = Comparison(before, after, name, how.draws)
    else:
        both = [ordered(first, how), *orders.values()]
        tallies, flips = side_by_side([o.program for o in both], how)
        base_run, *runs = (
            Run(o.scenario, o.program, how.seed, tally, how.executor)
            for o, tally in zip(both, tallies, strict=True)
        )
        for run in (base_run, *runs):
            run.drawn = drawn_worlds(run.scenario, run.program, replace(how, progress=None))
        after = dict(zip(others, runs, strict=True))
        found = Comparison(base_run, after, name, how.draws)
        found.flips |= zip(others, flips, strict=True)

    def asked_of(other: str) -> list[Contrast]:
        return [c for c in found.contrasts if c.other == other]

    if independent:
        for other, run in found.others.items():  # one at a time: a run is large
            own = independent_run(run.scenario, run.program, how)
            for c in asked_of(other):
                found.apart[other, c.name] = contrast(found.base, own, c.name, other)
    if coupling:
        how = replace(how, draws=0)
        flipped = {"coupling": "separate" if first.coupling == "shared" else "shared"}
        apart = carried_out(ordered(first.model_copy(update=flipped), how))
        for other, scenario in others.items():
            own = carried_out(ordered(scenario.model_copy(update=flipped), how))
            for c in asked_of(other):
                there = contrast(apart, own, c.name, other)
                found.gaps[other, c.name] = there.difference - c.difference
    return found


def _check_base(before: Run, first: Scenario, how: Settings) -> None:
    """Refuse a base that was run otherwise than the scenarios that are compared with it.

    Raises:
        InputError: another seed, number or first day.
    """
    problems = []
    day_then = day(before.program.observe_s).isoformat()
    for key, then, now in (
        ("seed", before.seed, how.seed),
        ("replications", before.replications, how.replications),
        ("show_from", day_then, day(observed_from(first)).isoformat()),
        ("draws", before.draws, how.draws),
    ):
        if then != now:
            problems.append(
                Problem("base", 0, key, f"must be {now}: run the base with it", str(then))
            )
    if before.players:
        problems.append(Problem("base", 0, "players", "must be none: the others have none"))
    if problems:
        raise InputError(problems)
