"""Compiling what is asked: outcomes as arrays."""

from __future__ import annotations

from typing import Any

from sim.ground.dates import parse
from sim.log.events import KINDS
from sim.log.log import STATES
from sim.log.rulebook import OBSERVER
from sim.model.compiled_scenario import Outcomes, ints
from sim.model.compiling_names import Names
from sim.scenario.outcomes import MEASURES, OUTCOME_RULES, EventBy, last_day


def compile_outcomes(names: Names) -> Outcomes:
    """Compile the outcomes; windows that the scenario leaves open reach from the as-of date on."""
    rows: list[dict[str, Any]] = []
    for outcome in names.scenario.outcomes.values():
        row: dict[str, Any] = {"type": MEASURES.index(OUTCOME_RULES[outcome.type].measure)}
        row["channel"] = names.channel[outcome.channel]
        lo, hi = getattr(outcome, "start", None), last_day(outcome)
        if isinstance(outcome, EventBy):
            row |= {"kinds": [int(k in outcome.kind) for k in KINDS], "by": names.party[outcome.by]}
            row |= {"at_least": outcome.at_least, "people": int(outcome.count == "people")}
        else:
            if outcome.channel is None:
                row["channel"] = 0
            sides = list(names.channels.values())[row["channel"]].parties
            row["view"] = (OBSERVER, *sides).index(outcome.viewpoint)
            row["states"] = [int(s in outcome.state) for s in STATES]
        row["lo_s"] = parse(lo).lo_s if lo else names.as_of_s
        row["hi_s"] = parse(hi).hi_s if hi else names.until_s
        rows.append(row)

    def column(name: str, default: Any = -1) -> list[Any]:
        return [row.get(name, default) for row in rows]

    return Outcomes(
        names=tuple(names.scenario.outcomes),
        type=ints(column("type")),
        channel=ints(column("channel")),
        view=ints(column("view", 0)),
        states=ints(column("states", [0] * len(STATES)), len(STATES)),
        lo_s=ints(column("lo_s")),
        hi_s=ints(column("hi_s")),
        kinds=ints(column("kinds", [0] * len(KINDS)), len(KINDS)),
        by=ints(column("by")),
        at_least=ints(column("at_least", 1)),
        people=ints(column("people", 0)),
    )
