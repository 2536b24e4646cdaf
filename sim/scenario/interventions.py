"""What a scenario asks: forecast, policy or what-if, and from when its changes reach."""

from __future__ import annotations

from sim.ground.dates import DAY_S, parse
from sim.scenario.scenario import Scenario
from sim.scenario.scope import run_span

RUN_TYPES = {
    "forecast": "No intervention: the model continues from the facts.",
    "policy": "The facts up to the as-of date stand; what differs happens after it.",
    "what-if": "The past itself differs. What history implies of the rest of the world, the noise "
    "behind every logged decision and every one that was not taken, is inferred and kept.",
}
"""The three questions that a run may answer, and what each holds fixed."""


def first_change(scenario: Scenario) -> int | None:
    """Return the first instant that an intervention can reach, or None without interventions."""
    history = {e.id: e for e in scenario.coded}
    found: list[int] = []
    for change in scenario.changes:
        if change.set_doctrine is not None:
            found.append(parse(change.set_doctrine.start).lo_s)
        if change.insert is not None:
            found.append(parse(change.insert.counts_from).lo_s)
        if change.named in history:
            found.append(parse(history[change.named].counts_from).lo_s)
        if change.move is not None:
            found.append(parse(change.move.to).lo_s)
    return min(found, default=None)


def run_type(scenario: Scenario) -> str:
    """Say what a scenario asks: one of `RUN_TYPES`."""
    first = first_change(scenario)
    if first is None:
        return "forecast"
    return "what-if" if first < run_span(scenario)[0] else "policy"


def observed_from(scenario: Scenario) -> int:
    """Return the first instant that is counted in outcomes and figures."""
    start, first = run_span(scenario)[0], first_change(scenario)
    if scenario.show_from is not None:
        return min(start, parse(scenario.show_from).lo_s)
    return start if first is None or first >= start else first - first % DAY_S
