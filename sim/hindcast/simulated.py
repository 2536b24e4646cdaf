"""What the simulator forecasts from an origin, as shares of its worlds."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.ground.dates import day
from sim.hindcast.origins import as_known
from sim.hindcast.seen import ANSWERS, CONTACT, COUNT, MOST, STATE, TALKS, Law
from sim.kernel import run as kernel
from sim.learning.predicting import own_weights
from sim.learning.priors import Parameters, doctrine_weights
from sim.model.compiled_scenario import Floats
from sim.model.compiling import compile_scenario
from sim.scenario.outcomes import EventBy, Outcome, StateAt
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of

DRAWN = 40
"""Draws of learned weights that a forecast uses; each has an equal share of the worlds."""


def simulated(
    scenario: Scenario,
    now_s: int,
    ends_s: list[int],
    worlds: int,
    seed: int,
    learned: tuple[Parameters, Floats] | None = None,
) -> dict[str, list[Law]]:
    """Return, for each channel, a forecast of each later end of a day.

    The weights are those of the scenario, or `learned`: which, and draws [draws, P] of them.
    """
    channels = tuple(channels_of(scenario))
    known = as_known(scenario, now_s, ends_s[-1], asked(channels, ends_s))
    program = compile_scenario(known, shown=True)  # dates stay even, as learning has them
    values = np.zeros(len(program.outcomes.names), dtype=np.int64)
    if learned is None:
        values += kernel.run(program, seed, 0, worlds)[0].values.sum(axis=0)
    else:
        parameters, draws = learned
        each = -(-worlds // len(draws))
        worlds = each * len(draws)
        for n, draw in enumerate(draws):
            own = own_weights(program, doctrine_weights(parameters, program, draw))
            values += kernel.run(own, seed, n * each, each)[0].values.sum(axis=0)
    shares = dict(zip(program.outcomes.names, (values / worlds).tolist(), strict=True))
    return {
        channel: [_law(shares, c, k) for k in range(len(ends_s))]
        for c, channel in enumerate(channels)
    }


def asked(channels: tuple[str, ...], ends_s: list[int]) -> dict[str, Outcome]:
    """Return the outcomes whose shares are the forecasts: each state, and each number of calls and
    meetings, by the end of each day."""
    found: dict[str, Outcome] = {}
    for k, end_s in enumerate(ends_s):
        date = day(end_s - 1).isoformat()
        for c, channel in enumerate(channels):
            on: dict[str, Any] = {"channel": channel, "date": date}
            for state in ANSWERS[STATE]:
                found[_name(c, k, state)] = StateAt(type="state_at", state=(state,), **on)
            for n in range(1, MOST + 1):
                found[_name(c, k, f"{n:02d}")] = EventBy(
                    type="event_by", kind=TALKS, at_least=n, **on
                )
    return found


def _name(channel: int, day_: int, answer: str) -> str:
    return f"{day_:03d}-{channel:03d}-{answer}"


def _law(shares: dict[str, float], c: int, k: int) -> Law:
    state = np.array([shares[_name(c, k, s)] for s in ANSWERS[STATE]])
    least = np.array([1.0, *(shares[_name(c, k, f"{n:02d}")] for n in range(1, MOST + 1)), 0.0])
    count = -np.diff(least)
    return {STATE: state, CONTACT: np.array([count[0], 1.0 - count[0]]), COUNT: count}
