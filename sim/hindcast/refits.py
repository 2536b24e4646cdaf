"""Weights that are learned anew at some origins, from what was known by then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.ensemble.work import Progress
from sim.ground.dates import DAY_S
from sim.ground.errors import InputError, Problem, RunError
from sim.hindcast.kept import Kept
from sim.hindcast.origins import as_known
from sim.hindcast.plan import Pair, Plan
from sim.hindcast.simulated import DRAWN
from sim.learning.fitting import evenly, fit_of, set_up
from sim.learning.priors import Parameters, parameters_of
from sim.model.compiled_scenario import Floats
from sim.model.compiling import compile_scenario
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Weights:
    """Weights that were learned at an origin, or why they were not."""

    learned: tuple[Parameters, Floats] | None = None
    """Which weights, and draws of them."""
    why: str = ""


Fits = dict[tuple[str, int], Weights]
"""By scenario, and by the place of the origin at which they were learned."""


def fits_of(
    scenarios: Mapping[str, Scenario],
    pairs: Sequence[Pair],
    plan: Plan,
    kept: Kept | None,
    workers: int | None,
    progress: Progress | None = None,
) -> Fits:
    """Learn the weights of each scenario by the schedule; `progress` hears of fits.

    Raises:
        InputError: a scenario draws its weights from a fit already.
        RunError: the disk refuses.
    """
    found: Fits = {}
    if not plan.refit:
        return found
    rule = "must be left out with --refit: weights are learned from doctrines and their priors"
    problems = [Problem(n, 0, "fit", rule) for n, s in scenarios.items() if s.fit is not None]
    if problems:
        raise InputError(problems)
    at_origins = sorted({*plan.learned_at})
    for n, name in enumerate(scenarios):
        for done, at in enumerate(at_origins, n * len(at_origins)):
            if progress is not None:
                progress(done, len(scenarios) * len(at_origins))
            now_s = plan.origins_s[at]
            if all(p.scenario != name or p.start_s + DAY_S > now_s for p in pairs):
                continue
            part = f"weights-{n}-{at}"
            held = None if kept is None else kept.load(part)
            known = as_known(scenarios[name], now_s, now_s + DAY_S, {})
            if held is None:
                held = _learned(name, known, plan, workers)
                if kept is not None:
                    kept.save(part, held)
            if "why" in held:
                found[name, at] = Weights(why=held["why"])
            else:
                program = compile_scenario(known, shown=True)
                parameters = parameters_of(known, program, plan.prior)
                found[name, at] = Weights((parameters, np.array(held["draws"])))
    return found


def _learned(name: str, known: Scenario, plan: Plan, workers: int | None) -> dict[str, Any]:
    """Learn weights from what was known, as plain data."""
    try:
        fit = fit_of(set_up(known, prior=plan.prior, seed=plan.seed), workers)
    except InputError as error:
        why = f"the history {'; '.join(p.rule for p in error.problems)}"
    except RunError as error:  # the chains do not agree
        why = str(error)
    else:
        return {"draws": fit.pooled[evenly(DRAWN, len(fit.pooled))].tolist()}
    return {"why": f"{name}, at {known.as_of}: nothing is learned. {why}."}
