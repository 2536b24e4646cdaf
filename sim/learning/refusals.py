"""What `learn` will refuse of a history, all of it at once."""

from __future__ import annotations

from sim.ground.dates import DAY_S, day, parse
from sim.ground.errors import HISTORY, InputError, Problem
from sim.learning.design import design_of
from sim.log.knowing import without
from sim.log.log import Log
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario

MOST = 100
"""Events that are looked for; a history with more of them is not yet one to learn from."""
NEUTRAL = "transactional"
"""The doctrine by which a log is asked that no scenario uses."""


def refusals(scenario: Scenario) -> list[Problem]:
    """Return every problem for which `learn` would refuse a scenario's history.

    Learning stops at the first event that the model cannot produce. So that event is left out and
    the rest is asked again; what depends on it may then be refused for its sake.
    """
    found: list[Problem] = []
    history = scenario.history
    while len(found) < MOST:
        try:
            design_of(scenario)
        except InputError as error:
            found += error.problems
            named = {p.path for p in error.problems if p.file == HISTORY}
            if history is None or not named & {e.id for e in history.events}:
                break
            history = without(history, named)
            scenario = scenario.model_copy(update={"history": history})
        else:
            break
    return found


def scenario_over(log: Log) -> Scenario:
    """Return the scenario that asks a log as `learn` does: all its channels, up to its last event.

    Raises:
        InputError: no scenario can be made of it.
    """
    ends = [parse(e.last_day or e.date).hi_s for e in log.events]
    last = max(ends, default=parse("2000-01-01").hi_s)
    parties = sorted({p for c in log.channels.values() for p in c.parties})
    return load_scenario(
        {
            "title": log.title,
            "question": "What can be learned from this log?",
            "as_of": day(last - 1).isoformat(),
            "until": day(last - 1 + DAY_S).isoformat(),
            "parties": {party: {"doctrine": NEUTRAL} for party in parties},
            "history": log.plain() | {"schema": log.schema_version},
        }
    )
