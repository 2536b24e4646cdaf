"""Small scenarios with a coded history, for tests of what-ifs: see `micro`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from micro import CHANNEL, data

from sim.ground.yaml import Document
from sim.model.compiled_scenario import CompiledScenario, Past
from sim.model.compiling import compile_scenario
from sim.scenario.resolve import resolve
from sim.scenario.scenario import Scenario

HISTORY: dict[str, Any] = {
    "as_of": "2021-02-28",
    "until": "2021-03-31",
    "complete_from": "2021-01-01",
}
"""Two months of history, taken as complete, and a month ahead."""
EVERY_ACT = {
    "meet": 0.1,
    "call": 0.1,
    "raise_detainees": 0.1,
    "cancel": 0.1,
    "cut": 0.1,
    "swap": 0.1,
}


def event(id_: str, kind: str, date: str, **more: Any) -> dict[str, Any]:
    """An event on the channel; `channel=None` for one on none."""
    whole = {"id": id_, "kind": kind, "date": date, "channel": CHANNEL} | more
    return {key: value for key, value in whole.items() if value is not None}


def detained(id_: str, date: str, kind: str = "detained", **more: Any) -> dict[str, Any]:
    """The arrest of an American in Canada, or her sentence or release."""
    held = {"persons": ["ann"], "held_by": "CAN", "national_of": "USA", "channel": None}
    return event(id_, kind, date, **(held | more))


def written(
    *events: dict[str, Any], doctrines: Mapping[str, dict[str, Any]] | None = None, **parts: Any
) -> dict[str, Any]:
    """A scenario with these events as its history, as people write it."""
    channels = parts.get("channels", {CHANNEL: {"initial": "open"}})
    log = {
        "schema": 4,
        "title": "A history",
        "channels": {c: {"parties": [c[:3].upper(), c[4:7].upper()]} for c in channels},
        "events": list(events),
    }
    rates = EVERY_ACT | parts.pop("rates_per_day", {})
    return data(doctrines, **(HISTORY | {"history": log, "rates_per_day": rates} | parts))


def told(
    *events: dict[str, Any], doctrines: Mapping[str, dict[str, Any]] | None = None, **parts: Any
) -> Scenario:
    """The same, resolved."""
    return resolve(Document("told.yaml", written(*events, doctrines=doctrines, **parts)))


def past_of(whole: Scenario) -> tuple[CompiledScenario, Past]:
    """A scenario's program with its past to be retraced, and that past."""
    program = compile_scenario(whole, retrace=True)
    assert program.past is not None
    return program, program.past


def place(program: CompiledScenario, id_: str) -> int:
    """The place of a fact."""
    return program.facts.ids.index(id_)
