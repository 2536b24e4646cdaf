"""What a run over a fit adds: what each answer rests on, and what its record never shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.learning.resting import PowerScaling, rests
from sim.log.log import STATES
from sim.model.compiled_scenario import CompiledScenario
from sim.model.fit_draw import draws_of
from sim.model.tally import Tally
from sim.results.outcomes import is_settled, values_of
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.scenario import Scenario


def rests_of(
    scenario: Scenario, program: CompiledScenario, tally: Tally, seed: int
) -> dict[str, PowerScaling]:
    """Say of each outcome of a run over a fit what its answer rests on; nothing without a fit, and
    nothing of what history settles."""
    if scenario.fit is None:
        return {}
    fit, found = scenario.fit.saved, dict[str, PowerScaling]()
    drawn = draws_of(program.doctrines, seed, tally.replications)
    for q, (name, outcome) in enumerate(scenario.outcomes.items()):
        values = values_of(scenario, program, tally, q)
        if is_settled(scenario, program, q, values):
            continue
        if OUTCOME_RULES[outcome.type].form == "days":  # the answer is whether it comes at all
            values = np.isfinite(values).astype(np.float64)
        found[name] = rests(values, drawn, fit)
    return found


@dataclass(frozen=True)
class Unseen:
    """A change of state that worlds show and the record of their fit never does."""

    channel: str
    source: str
    target: str
    count: float
    """How often it happens in a world, in the mean."""


def unseen(scenario: Scenario, program: CompiledScenario, tally: Tally) -> list[Unseen]:
    """List the changes of state, as the observer sees them, that the record of a run's fit never
    shows, the most frequent first; nothing without a fit."""
    if scenario.fit is None:
        return []
    seen = scenario.fit.saved.transitions
    found = [
        Unseen(channel, source, target, int(tally.moves[c, 0, i, j]) / tally.replications)
        for c, channel in enumerate(program.channels.names)
        for i, source in enumerate(STATES)
        for j, target in enumerate(STATES)
        if tally.moves[c, 0, i, j] and (source, target) not in seen
    ]
    return sorted(found, key=lambda u: (-u.count, u.channel, u.source, u.target))
