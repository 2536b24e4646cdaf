"""Small scenarios built in Python: two parties, one channel, and nothing else unless asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from sim.ground.dates import DAY_S, instant, parse
from sim.ground.draws import log, stream_key, uniforms
from sim.ground.yaml import Document
from sim.log.events import KINDS
from sim.log.log import STATES
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.players import Player, Question
from sim.model.reference import World
from sim.model.situation import SimulatedEvent, Situation
from sim.scenario.acts import ACTS, ANSWERED
from sim.scenario.doctrine import DECISIONS
from sim.scenario.resolve import resolve
from sim.scenario.scenario import Scenario

CHANNEL = "can-usa/ministers"
CAN, USA = 0, 1
"""Places of the two parties, and their sides of the channel."""
AS_OF, UNTIL = "2020-12-31", "2021-03-31"
START_S = parse(AS_OF).hi_s
NEVER, ALWAYS = -50.0, 50.0
"""Biases that make a probability of nothing, and of exactly 1."""
NO_RATES: dict[str, float] = {a: 0.0 for a in ACTS if a != "approach"}


def doctrine(**biases: float | dict[str, float]) -> dict[str, Any]:
    """A doctrine that does nothing, accepts nothing and tells all, but for the biases given."""
    weights = dict.fromkeys(DECISIONS, NEVER) | {"acknowledge": ALWAYS} | biases
    rows = {d: w if isinstance(w, dict) else {"bias": w} for d, w in weights.items()}
    return {
        "title": "Made for a test",
        "reasons": "Made for a test.",
        "act": {a: rows[a] for a in ACTS},
        "accept": {a: rows[f"accept_{a}"] for a in ANSWERED},
        "acknowledge": rows["acknowledge"],
    }


def always() -> dict[str, Any]:
    """A doctrine that says yes to everything."""
    return doctrine(**dict.fromkeys(DECISIONS, ALWAYS))


def data(doctrines: Mapping[str, dict[str, Any]] | None = None, **parts: Any) -> dict[str, Any]:
    """A scenario as people write it; CAN and USA follow the doctrines of their names."""
    named = {"can": doctrine(), "usa": doctrine()} | dict(doctrines or {})
    rates = NO_RATES | parts.pop("rates_per_day", {})
    whole: dict[str, Any] = {
        "title": "A small scenario",
        "question": "What happens?",
        "as_of": AS_OF,
        "until": UNTIL,
        "parties": {"CAN": {"doctrine": "can"}, "USA": {"doctrine": "usa"}},
        "channels": {CHANNEL: {"initial": "open"}},
        "doctrines": named,
        "rates_per_day": rates,
        "attention": {},
    }
    return whole | parts


def scenario(doctrines: Mapping[str, dict[str, Any]] | None = None, **parts: Any) -> Scenario:
    """Resolve a small scenario."""
    return resolve(Document("micro.yaml", data(doctrines, **parts)))


def program(
    doctrines: Mapping[str, dict[str, Any]] | None = None, **parts: Any
) -> CompiledScenario:
    """Compile a small scenario."""
    return compile_scenario(scenario(doctrines, **parts))


def play(
    compiled: CompiledScenario,
    players: Mapping[str, Player] | None = None,
    *,
    seed: int = 1,
    replication: int = 0,
) -> Situation:
    """Run one replication."""
    return World(compiled, seed, replication, players).run()


def arrivals(name: str, rate: float, compiled: CompiledScenario, *, seed: int = 1) -> list[int]:
    """Work out from the draws alone when the opportunities of a stream come, in replication 0."""
    found, days = list[int](), 0.0
    while True:
        gap, _ = uniforms(seed, *stream_key(name), 0, 4 * len(found))
        days += -log(gap) / rate
        at_s = compiled.as_of_s + int(days * DAY_S)
        if at_s >= compiled.until_s:
            return found
        found.append(at_s)


def kinds(situation: Situation) -> list[str]:
    """The kinds of what happened, in order."""
    return [KINDS[h.kind] for h in situation.happenings]


def of_kind(situation: Situation, kind: str) -> list[SimulatedEvent]:
    """What happened of one kind."""
    return [h for h in situation.happenings if KINDS[h.kind] == kind]


def states(situation: Situation, view: int = 0) -> list[tuple[str, str]]:
    """The path of the first channel as (instant, state)."""
    return [(instant(t), STATES[s]) for t, s, _ in situation.path[0][view]]


class Listener:
    """Answers by another player, and keeps every question."""

    def __init__(self, answer: bool | None = None) -> None:
        self.heard: list[Question] = []
        self.fixed = answer

    def answer(self, question: Question) -> bool | None:
        """Answer what was fixed, or leave it to the doctrine."""
        self.heard.append(question)
        return self.fixed

    def decisions(self) -> list[str]:
        """The decisions asked for, in order."""
        return [q.decision for q in self.heard]


def arrays_of(program: CompiledScenario) -> dict[str, Any]:
    """Return every array of a program by dotted name."""
    found: dict[str, Any] = {}
    for part in fields(program):
        value = getattr(program, part.name)
        if isinstance(value, np.ndarray):
            found[part.name] = value
        elif hasattr(value, "__dataclass_fields__"):
            for inner in fields(value):
                array = getattr(value, inner.name)
                if isinstance(array, np.ndarray):
                    found[f"{part.name}.{inner.name}"] = array
    return found
