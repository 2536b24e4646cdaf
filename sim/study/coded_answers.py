"""A scenario over several codings of its history: how far each answer moves with the coder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.ensemble.work import Progress
from sim.ground.errors import InputError, Problem
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario
from sim.study.comparing import Comparison, Contrast, compare, measured


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

    @property
    def spread(self) -> float:
        """How far the largest and the smallest estimate are apart, in the unit."""
        return max(self.estimates) - min(self.estimates)


def with_history(scenario: str | Path, logs: Mapping[str, Path]) -> dict[str, Scenario]:
    """Return a scenario once with each log as its history.

    Raises:
        InputError: every rule that it breaks with one of them, such as an event to be removed that
            this coding does not have.
    """
    found, problems = {}, []
    for name, path in logs.items():
        try:
            found[name] = load_scenario(scenario, {"history": str(path)})
        except InputError as error:
            problems += [
                Problem(p.file, p.line, p.path, f"{p.rule}, over {name}", p.got, p.closing)
                for p in error.problems
            ]
    if problems:
        raise InputError(problems)
    return found


def over_codings(
    scenarios: Mapping[str, Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    executor: str | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run a scenario over each coding of its history, over the same noise; the first is the base.

    Raises:
        InputError: the model holds one of the histories impossible.
    """
    first, *rest = scenarios
    return compare(
        scenarios[first],
        {name: scenarios[name] for name in rest},
        base_name=first,
        replications=replications,
        seed=seed,
        workers=workers,
        executor=executor,
        progress=progress,
    )


def moved(found: Comparison) -> list[Moved]:
    """Say of each outcome how far it moves, in the order in which the scenario asks."""
    answers = []
    for outcome in found.base.scenario.outcome_order:
        contrasts = tuple(c for c in found.contrasts if c.name == outcome)
        if not contrasts:
            continue
        mean = float(measured(found.base, outcome)[0].mean())
        estimates = (mean, *(c.changed for c in contrasts))
        first = contrasts[0]
        answers.append(Moved(outcome, first.title, first.unit, estimates, contrasts))
    return answers
