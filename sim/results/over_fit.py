"""What a run over a fit adds: what each answer rests on, and what its record never shows."""

from __future__ import annotations

from dataclasses import dataclass

from sim.learning.resting import PowerScaling, rests
from sim.log.log import STATES
from sim.model.compiled_scenario import CompiledScenario
from sim.model.fit_draw import draws_of
from sim.model.tally import Tally
from sim.results.outcomes import as_share, every_value, is_settled, values_of
from sim.results.over_weights import Drawn
from sim.scenario.scenario import Scenario


def rests_of(
    scenario: Scenario, program: CompiledScenario, tally: Tally, seed: int
) -> dict[str, PowerScaling]:
    """Say of each outcome of a run over a fit what its answer rests on; nothing without a fit, and
    nothing of what history settles."""
    if scenario.fit is None:
        return {}
    fit, found = scenario.fit.saved, dict[str, PowerScaling]()
    drawn = draws_of(len(program.doctrines.weights), seed, tally.replications)
    for q, (name, outcome) in enumerate(scenario.outcomes.items()):
        values = values_of(scenario, program, tally, q)
        if not is_settled(scenario, program, q, values):
            found[name] = rests(as_share(outcome.type, values), drawn, fit)
    return found


def own_draws(
    scenario: Scenario, program: CompiledScenario, tally: Tally, seed: int
) -> Drawn | None:
    """Return the worlds of a run over a fit as worlds with drawn weights, which they are; None
    without a fit."""
    if scenario.fit is None:
        return None
    draws = len(program.doctrines.weights)
    values = every_value(scenario, program, tally.values)
    return Drawn(values, draws_of(draws, seed, tally.replications), draws, "fit")


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
