"""The look of a fit out of sample: a hindcast of what came after the day up to which it learned.

From the end of the month of that day, and from each end of a month after it, the fitted weights,
the doctrines' own and every rival forecast. The weights stay those of that day; rivals are fitted
anew at each origin, as in any hindcast.
"""

from __future__ import annotations

from sim.ensemble.work import Progress
from sim.ground.dates import parse
from sim.hindcast.hindcasting import Hindcast, Origins, forecast
from sim.hindcast.origins import month_ends
from sim.hindcast.plan import HORIZONS, WORLDS, Plan, complete_pairs
from sim.hindcast.refits import Weights
from sim.hindcast.simulated import DRAWN
from sim.learning.fitting import Fit, evenly
from sim.learning.priors import Parameters
from sim.model.compiled_scenario import Floats
from sim.scenario.scenario import Scenario

LEAST_MONTHS = 3
"""Ends of months that a look takes, at least."""
RECORD = "record"
"""How the tables of a look name the scenario."""


def look_beyond(
    fit: Fit, workers: int | None = None, progress: Progress | None = None
) -> Hindcast | None:
    """Look at what a fit's scenario knows after the day up to which its weights were learned; None
    where it knows of fewer than `LEAST_MONTHS` ends of months later, or does not say from when its
    channels are complete."""
    drawn = fit.pooled[evenly(DRAWN, len(fit.pooled))]
    learned_s = fit.design.program.as_of_s
    return look(fit.setup.scenario, learned_s, fit.parameters, drawn, fit.seed, workers, progress)


def look(
    scenario: Scenario,
    learned_s: int,
    parameters: Parameters,
    draws: Floats,
    seed: int,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Hindcast | None:
    """Look at a record after an instant, with draws [draws, P] of weights that stay as they are."""
    pairs = complete_pairs(RECORD, scenario)
    ends_s = month_ends(learned_s - 1, parse(scenario.as_of).hi_s)
    if len(ends_s) <= LEAST_MONTHS or not pairs:
        return None
    horizons = tuple(h for h in HORIZONS if h < len(ends_s))
    never = len(ends_s)  # weights are those of the first origin throughout
    plan = Plan(tuple(ends_s[:-1]), horizons, refit=never, worlds=WORLDS, seed=seed)
    fits = {(RECORD, 0): Weights((parameters, draws))}
    job = Origins({RECORD: scenario}, tuple(pairs), plan, fits)
    return forecast(job, workers=workers, progress=progress)
