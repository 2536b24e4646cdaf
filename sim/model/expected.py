"""How much a program is to simulate, before it runs."""

from __future__ import annotations

from sim.ground.dates import DAY_S
from sim.model.compiled_scenario import CompiledScenario


def opportunities(program: CompiledScenario) -> float:
    """Return how many routine opportunities one world brings on average, those at forums included.
    Those that events bring up are few beside them, and not counted."""
    begin_s = program.as_of_s if program.past is None else program.past.start_s
    days = (program.until_s - begin_s) / DAY_S
    at_forums = int((program.streams.forum >= 0).sum())
    return float(program.streams.rate.sum()) * days + at_forums
