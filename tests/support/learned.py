"""Worlds that the model makes, as histories to learn from, for tests of learning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from micro import CHANNEL, doctrine, scenario
from numpy.typing import NDArray

from sim.ground.dates import day
from sim.learning.arrays import rows_of, scratch_of
from sim.learning.compiled_calls import log_likelihood
from sim.learning.design import Design, design_of
from sim.learning.priors import Parameters, parameters_of
from sim.learning.rows import Rows
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.reference import World
from sim.scenario.scenario import Scenario

Floats = NDArray[np.float64]
BRIEF = {"open": 10, "open_at_most": 30, "prisoner_only": 10, "corridor": 5}
"""Lapses of days, so that silence ends states as often as cuts do."""
DECIDED_TOGETHER = ("call_held", "meeting_agreed", "contact_refused")
"""Kinds of event of which a log need not know who began them."""


def moody(bias: float = 0.0) -> dict[str, Any]:
    """A doctrine whose decisions hang on how the channel stands and on what a party remembers."""
    made = doctrine(raise_detainees=-0.5, cancel=-1.0, swap=-1.0, meet=0.3 + bias)
    made["act"] |= {
        "call": {
            "bias": bias,
            "open": 0.5,
            "cut_off": -1.0,
            "lapsed": 0.5,
            "grievance": -0.5,
            "shock": 0.8,
        },
        "cut": {"bias": -1.5, "open": 0.3, "grievance": 1.0},
        "approach": {"bias": 0.3, "corridor": 0.7, "war": -0.5},
    }
    made["accept"] |= {
        "call": {"bias": 0.5 - bias, "cut_off": -1.0, "lapsed": 0.7, "silence": 0.4},
        "meet": {"bias": 0.2, "goodwill": 0.8},
        "raise_detainees": {"bias": 0.5, "own_held": 0.2},
        "approach": {"bias": 0.4},
        "swap": {"bias": 0.5},
    }
    made["acknowledge"] = {"bias": 0.8, "open": 0.3}
    return made


def setting(**parts: Any) -> Scenario:
    """A busy little world with every act, forums, arrests, a war, bursts and short lapses."""
    model: dict[str, Any] = {
        "until": "2021-06-30",
        "channels": {CHANNEL: {"initial": "open", "lapse_days": BRIEF}},
        "rates_per_day": {
            "call": 0.15,
            "cut": 0.05,
            "meet": 0.1,
            "cancel": 0.2,
            "swap": 0.05,
            "raise_detainees": 0.1,
        },
        "detainees": {
            "ann": {"held_by": "CAN", "national_of": "USA"},
            "bea": {"held_by": "USA", "national_of": "CAN"},
        },
        "forums": {
            "summit": {"date": "2021-01-20/2021-01-22"},
            "spring": {"date": "2021-03-10"},
            "may": {"date": "2021-05-10/2021-05-15"},
        },
        "world": {
            "fighting": {"kind": "escalation", "rate_per_day": 0.03, "by": "CAN"},
            "arrests": {
                "kind": "detention",
                "held_by": "CAN",
                "national_of": "USA",
                "rate_per_day": 0.02,
            },
        },
        "attention": {
            "shock": {
                "opener": "escalation",
                "act": "call",
                "side": "other",
                "m": 1.5,
                "tau_days": 2,
            },
            "again": {
                "opener": "contact_refused",
                "act": "call",
                "side": "both",
                "m": 0.4,
                "tau_days": 5,
            },
            "off": {
                "opener": "escalation",
                "act": "cancel",
                "side": "both",
                "m": 1.0,
                "tau_days": 1,
            },
        },
    }
    return scenario({"can": moody(), "usa": moody(0.3)}, **(model | parts))


def lived(
    whole: Scenario, seed: int, replication: int = 0, program: CompiledScenario | None = None
) -> Scenario:
    """Let a world run and return it as a history, complete from its first day on."""
    compiled = program or compile_scenario(whole)
    log = chronicle(whole, compiled, World(compiled, seed, replication).run().happenings, {})
    last = day(compiled.until_s - 1)
    return whole.model_copy(
        update={
            "history": log,
            "as_of": last.isoformat(),
            "until": day(compiled.until_s + 1).isoformat(),
            "complete_from": day(compiled.as_of_s).isoformat(),
            "world": {},
        }
    )


def hidden(history: Scenario, reporting: float, seed: int) -> Scenario:
    """A history in which each refusal, and each offer that was refused, is told by chance only."""
    assert history.history is not None
    rng, gone = np.random.default_rng(seed), set[str]()
    for e in history.history.events:
        if e.kind in ("contact_refused", "swap_refused") and rng.random() >= reporting:
            gone |= {e.id, *(e.causes if e.kind == "swap_refused" else ())}
    left = [e for e in history.history.events if e.id not in gone]
    log = history.history.model_copy(update={"events": tuple(left)})
    return history.model_copy(update={"history": log})


def nameless(history: Scenario, share: float, seed: int) -> Scenario:
    """A history that does not say of some events who began them."""
    assert history.history is not None
    rng, told = np.random.default_rng(seed), []
    for e in history.history.events:
        unknown = e.kind in DECIDED_TOGETHER and rng.random() < share
        told.append(e.model_copy(update={"by": None}) if unknown else e)
    log = history.history.model_copy(update={"events": tuple(told)})
    return history.model_copy(update={"history": log})


def with_weights(
    program: CompiledScenario, parameters: Parameters, learned: Floats
) -> CompiledScenario:
    """A program in which each party has its own weights."""
    from sim.learning.priors import doctrine_weights

    parties = len(program.parties)
    own = replace(
        program.doctrines,
        weights=doctrine_weights(parameters, program, learned)[None],
        initial=program.doctrines.pairs + np.arange(parties),
    )
    return replace(program, doctrines=own)


class Likelihood:
    """The likelihood of a history, as a function of all weights."""

    def __init__(self, history: Scenario, reporting: float = 1.0) -> None:
        self.design: Design = design_of(history)
        self.parameters = parameters_of(self.design.scenario, self.design.program)
        self.rows: Rows = rows_of(self.design, self.parameters, reporting)
        self.scratch = scratch_of(self.rows)

    def __call__(self, weights: Floats) -> float:
        return self.both(weights)[0]

    def both(self, weights: Floats) -> tuple[float, Floats]:
        """The value and the gradient."""
        gradient = np.zeros(len(weights))
        return float(log_likelihood(self.rows, self.scratch, weights, gradient)), gradient

    def slopes(self, weights: Floats, every: int) -> Floats:
        """Central differences of the value in each `every`-th weight."""
        steps = 1e-5 * np.eye(len(weights))[::every]
        return np.array([(self(weights + s) - self(weights - s)) / 2e-5 for s in steps])
