"""The look of a fit out of sample: who wins where a chain is the truth, and where the model is."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from learned import lived, setting
from micro import CHANNEL
from pasts import event, told
from test_likelihood import busy

from sim.ground.dates import day
from sim.hindcast.comparing import Line, lines_of
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR
from sim.hindcast.look import look
from sim.hindcast.rivals.table import RIVALS
from sim.hindcast.seen import STATE
from sim.learning.fitting import set_up
from sim.scenario.scenario import Scenario

CHAIN, PERSISTENCE = "markov", "persistence"


def chain_history(seed: int) -> Scenario:
    """A log whose states are a Markov chain of open and cut off, which no doctrine follows: contact
    is cut and restored at fixed rates, by nobody's choice."""
    rng, events = np.random.default_rng(seed), []
    at, is_open = date(2015, 1, 5), True
    while at < date(2023, 12, 1):
        kind = "contact_cut" if is_open else "contact_restored"
        name = f"{kind.replace('_', '-')}-{len(events)}"
        events.append(event(name, kind, at.isoformat(), by="USA"))
        is_open = not is_open
        at += timedelta(days=3 + int(rng.exponential(120.0 if is_open else 90.0)))
    never = dict.fromkeys(("open", "open_at_most", "prisoner_only", "corridor"))
    return told(
        *events,
        doctrines=busy({"can": {"bias": -3.0}, "usa": {"bias": -3.0}}),
        channels={CHANNEL: {"initial": "open", "lapse_days": never}},
        complete_from="2015-01-01",
        as_of="2023-12-31",
        until="2024-01-31",
    )


def looked_at(history: Scenario, learned: str) -> list[Line]:
    """The look from a day on, with the doctrines' own weights as if they were learned."""
    setup = set_up(history, until=learned)
    own = setup.parameters.shipped[None, :]
    found = look(history, setup.design.program.as_of_s, setup.parameters, own, 1, workers=1)
    assert found is not None
    assert day(found.plan.origins_s[0] - 1).isoformat() == learned
    return lines_of(found)


def score(lines: list[Line], forecaster: str, months: int) -> float:
    return next(
        x.scores.log
        for x in lines
        if (x.question, x.forecaster, x.months) == (STATE, forecaster, months)
    )


@pytest.mark.slow
def test_where_a_markov_chain_is_the_truth_the_chain_wins() -> None:
    lines = looked_at(chain_history(1), "2022-06-30")
    assert {x.forecaster for x in lines} >= {SIMULATOR, DOCTRINES, *(r.id for r in RIVALS[:6])}
    for months in (1, 3):
        others = {x.forecaster for x in lines if (x.question, x.months) == (STATE, months)}
        for other in others & {SIMULATOR, DOCTRINES, "two-rates", "base-rate"}:
            assert score(lines, CHAIN, months) > score(lines, other, months)
    assert any(x.beats for x in lines if x.forecaster == CHAIN)
    assert score(lines, SIMULATOR, 1) == score(lines, DOCTRINES, 1)


@pytest.mark.slow
def test_control_where_the_model_is_the_truth_the_chain_does_not() -> None:
    """Over two worlds that the model made, most of a year of each."""
    whole = setting(
        until="2023-03-31",
        rates_per_day={"call": 0.05, "cut": 0.03, "meet": 0.0, "cancel": 0.0, "swap": 0.0},
    )
    found = [looked_at(lived(whole, seed), "2022-07-31") for seed in (1, 2)]
    for months in (1, 3):
        model, chain = (
            np.mean([score(x, who, months) for x in found]) for who in (SIMULATOR, CHAIN)
        )
        assert model > chain - 0.02
    assert np.mean([score(x, SIMULATOR, 1) for x in found]) > np.mean(
        [score(x, PERSISTENCE, 1) for x in found]
    )


def test_the_weights_of_the_first_day_are_used_at_every_origin() -> None:
    history = chain_history(1)
    setup = set_up(history, until="2023-06-30")
    moved = setup.parameters.shipped[None, :] + 1.0
    end_s = setup.design.program.as_of_s
    found = look(history, end_s, setup.parameters, moved, 1, workers=1)
    assert found is not None
    for origin_s in found.plan.origins_s:
        fitted, shipped = (
            [g.law for g in found.given if (g.origin_s, g.forecaster) == (origin_s, who)]
            for who in (SIMULATOR, DOCTRINES)
        )
        assert fitted != shipped
