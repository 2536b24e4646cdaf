"""A scenario over several codings of its history: how far each answer moves with the coder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Unpack

import numpy as np

from sim.ensemble.settings import How
from sim.ground.errors import InputError, Problem
from sim.results.outcomes import as_share
from sim.results.variance import ROUNDING
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario
from sim.study.comparing import Comparison, Contrast, compare, measured
from sim.study.run import Run


@dataclass(frozen=True)
class Moved:
    """One answer under each coding of the history."""

    outcome: str
    title: str
    unit: str
    estimates: tuple[float, ...]
    """By coding: a share in [0, 1], or days until a first time, cut at the end of the run."""
    contrasts: tuple[Contrast, ...]
    """Each further coding against the first, over the same noise."""
    variance: dict[str, float] = field(default_factory=dict)
    """The shares of the variance of the outcome, from world to world and coding to coding where
    each is as likely, by part: `coding`, and the parts of the first coding's `Split`. Nothing where
    it does not vary, or no weights were drawn."""

    @property
    def spread(self) -> float:
        """How far the largest and the smallest estimate are apart, in the unit."""
        return max(self.estimates) - min(self.estimates)


def with_history(
    scenario: str | Path,
    logs: Mapping[str, Path],
    load: Callable[[str | Path, Mapping[str, str]], Scenario] = load_scenario,
) -> dict[str, Scenario]:
    """Return a scenario once with each log as its history. `load` reads a scenario and what is laid
    over it.

    Raises:
        InputError: every rule that it breaks with one of them, such as an event to be removed that
            this coding does not have.
    """
    found, problems = {}, []
    for name, path in logs.items():
        try:
            found[name] = load(scenario, {"history": str(path)})
        except InputError as error:
            problems += [
                Problem(p.file, p.line, p.path, f"{p.rule}, over {name}", p.got, p.closing)
                for p in error.problems
            ]
    if problems:
        raise InputError(problems)
    return found


def over_codings(scenarios: Mapping[str, Scenario], **how: Unpack[How]) -> Comparison:
    """Run a scenario over each coding of its history, over the same noise; the first is the base.
    `how` are the keywords of `sim.ensemble.settings.How`.

    Raises:
        InputError: the model holds one of the histories impossible.
    """
    (name, first), *rest = scenarios.items()
    return compare(first, dict(rest), base_name=name, **how)


def moved(found: Comparison) -> list[Moved]:
    """Say of each outcome how far it moves, in the order in which the scenario asks."""
    answers = []
    for outcome in found.base.scenario.outcome_order:
        contrasts = tuple(c for c in found.contrasts if c.name == outcome)
        if not contrasts:
            continue
        runs = (found.base, *(found.others[c.other] for c in contrasts))
        mean = float(measured(found.base, outcome)[0].mean())
        estimates, first = (mean, *(c.changed for c in contrasts)), contrasts[0]
        variance = _variance(runs, outcome)
        answers.append(Moved(outcome, first.title, first.unit, estimates, contrasts, variance))
    return answers


def _variance(runs: Sequence[Run], outcome: str) -> dict[str, float]:
    """Split the variance of an outcome over codings, of which each has a run."""
    parts = runs[0].variance.get(outcome)
    type_ = runs[0].scenario.outcomes[outcome].type
    values = np.stack([as_share(type_, run.values[outcome].to_numpy()) for run in runs])
    whole = float(values.var())
    if parts is None or whole <= ROUNDING:
        return {}
    coding = float(values.mean(axis=1).var()) / whole
    rest = {name: part for name, part in asdict(parts).items() if part is not None}
    return {"coding": coding} | {name: (1.0 - coding) * part for name, part in rest.items()}
