"""Learning where an inclination drifts: the past of its way is drawn with the weights, so ranks of
the inclination on the as-of date are even."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from learned import Likelihood, lived
from micro import ALWAYS, doctrine, scenario
from scipy.special import ndtr
from scipy.stats import kstest

from sim.ground.dates import DAY_S, day
from sim.learning.arrays import prior_of, rows_of
from sim.learning.design import Design, design_of
from sim.learning.fitting import fit_of, set_up
from sim.learning.mode import find_mode
from sim.learning.priors import Parameters, doctrine_weights, parameters_from, parameters_of
from sim.learning.residuals import chances_of
from sim.learning.sampling import Sampler
from sim.learning.wandering import MOST, wandered, ways_of, with_ways
from sim.model.chronicle import chronicle
from sim.model.compiling import compile_scenario
from sim.model.reference import World
from sim.rules.drift import STEP_S
from sim.scenario.scenario import Scenario

NAME = "CAN.act.call.with_USA"
STEPS = 20
HALF_LIFE, SPREAD = 120.0, 1.5
CENTRE, UNSURE = -1.0, 1.0


def setting(centre: float = CENTRE, *, drifts: bool = True) -> Scenario:
    """Twenty steps in which Canada calls, as often as it is inclined to; all else is certain."""
    sure = {"biases": 0.01, "slopes": 0.01}
    own = doctrine(call=0.0) | {"prior": sure}
    other = doctrine(accept_call=ALWAYS) | {"prior": sure}
    said: dict[str, Any] = {"act": {"call": {"centre": centre, "spread": UNSURE}}}
    if drifts:
        said["drift"] = {"half_life_days": HALF_LIFE, "spread": SPREAD}
    until = day(scenario_start() + STEPS * STEP_S - 1).isoformat()
    return scenario(
        {"can": own, "usa": other},
        rates_per_day={"call": 0.4},
        inclinations={"CAN": {"USA": said}},
        until=until,
    )


def scenario_start() -> int:
    """The first second of a small scenario."""
    return compile_scenario(scenario()).as_of_s


def backwards(rng: np.random.Generator) -> list[float]:
    """A way from the as-of date backwards, by the law by which it goes on."""
    kept, way = 0.5 ** (STEP_S / DAY_S / HALF_LIFE), [0.0]
    while len(way) < STEPS:
        way.append(kept * way[-1] + SPREAD * np.sqrt(1.0 - kept * kept) * rng.normal())
    return way


def record(n: int) -> tuple[Scenario, float]:
    """A record in which the inclination wandered up to its last day, and where it stands then."""
    rng = np.random.default_rng([7, n])
    now = CENTRE + UNSURE * rng.normal()
    compiled = compile_scenario(setting(now))
    world = World(compiled, 11, n)
    world.walks.ways = [backwards(rng)[::-1]]  # the record's last day is its end
    told = world.run().happenings
    whole = setting()
    log = chronicle(whole, compiled, told, {})
    last = day(compiled.until_s - 1)
    history = {"history": log, "as_of": last.isoformat()}
    history |= {"until": day(compiled.until_s + 1).isoformat()}
    history |= {"complete_from": day(compiled.as_of_s).isoformat()}
    return whole.model_copy(update=history), now


def alone(design: Design) -> Parameters:
    """The inclination, without the weights of what is certain: they add a constant."""
    every = parameters_of(design.scenario, design.program)
    return parameters_from([row for row in every.rows() if row[0] == NAME])


def stands(design: Design, now: float, *, drifts: bool) -> float:
    """Where the true inclination lies in its posterior by Laplace, from 0 to 1."""
    whole = with_ways(design, alone(design)) if drifts else alone(design)
    mode = find_mode(rows_of(design, whole, 1.0), prior_of(whole))
    return float(ndtr((now - mode.weights[0]) / np.sqrt(mode.covariance()[0, 0])))


@pytest.mark.slow
def test_places_are_even_and_without_the_past_way_they_are_not() -> None:
    records = (record(n) for n in range(30))
    lived_through = [(design_of(history), now) for history, now in records]
    places, ignored = (
        np.array([stands(*one, drifts=drifts) for one in lived_through]) for drifts in (True, False)
    )
    assert kstest(places, "uniform").pvalue > 0.02
    assert ((ignored < 0.02) | (ignored > 0.98)).mean() > 0.3  # the control: far too sure


@pytest.mark.slow
def test_ranks_among_draws_are_even() -> None:
    """Of thirty: a shift of all by 0.28 of their range is seen."""
    ranks = []
    for n in range(100, 130):
        history, now = record(n)
        design = design_of(history)
        whole = with_ways(design, alone(design))
        rows, law = rows_of(design, whole, 1.0), prior_of(whole)
        sampler = Sampler(rows, law, find_mode(rows, law), n, workers=1)
        drawn = sampler.draw(100).weights[:, ::5, 0].ravel()
        ranks.append((float((drawn < now).sum()) + 0.5) / (len(drawn) + 1))
    assert kstest(ranks, "uniform").pvalue > 0.02


@pytest.fixture(scope="module")
def one() -> tuple[Scenario, Design]:
    history, _ = record(3)
    return history, design_of(history)


def test_the_way_has_the_law_of_the_walk(one: tuple[Scenario, Design]) -> None:
    """Numbers that are standard Normal give a way with the covariance of `model.md`."""
    _, design = one
    parameters = parameters_of(design.scenario, design.program)
    whole = with_ways(design, parameters)
    size = len(whole) - len(parameters)
    assert size == STEPS - 1
    calls = [
        q
        for q, asked in enumerate(design.questions)
        if (asked.party, asked.decision) == (0, 1) and asked.at_s
    ]
    at = np.array(
        [wandered(design, whole, np.eye(size)[n])[calls] for n in range(size)]
    )  # [numbers, questions]
    step = np.array(
        [(design.program.as_of_s - 1 - design.questions[q].at_s) // STEP_S for q in calls]
    )
    kept = 0.5 ** (STEP_S / DAY_S / HALF_LIFE)
    m, n = np.minimum.outer(step, step), np.maximum.outer(step, step)
    expected = SPREAD**2 * (kept ** (n - m) - kept ** (n + m))
    assert at.T @ at == pytest.approx(expected, abs=1e-9)
    assert len({*step.tolist()}) == STEPS


def test_its_numbers_move_the_likelihood_as_the_walk_does(one: tuple[Scenario, Design]) -> None:
    """The slope by a number of the way is that of the likelihood; others' questions do not move."""
    history, design = one
    at = Likelihood(history)
    whole = with_ways(design, at.parameters)
    at.parameters, at.rows = whole, rows_of(design, whole, 1.0)
    weights = np.array(whole.shipped) + 0.1
    gradient = at.both(weights)[1]
    for p in (len(whole) - 1, len(whole) - STEPS + 1):
        steps = [weights.copy(), weights.copy()]
        steps[0][p] += 1e-5
        steps[1][p] -= 1e-5
        assert gradient[p] == pytest.approx((at(steps[0]) - at(steps[1])) / 2e-5, rel=1e-4)
    ways = np.full(len(whole) - len(at.rows.first) + STEPS - 1, 0.3)
    moved = wandered(design, whole, ways)
    for q, asked in enumerate(design.questions):
        if (asked.party, asked.decision) != (0, 1):
            assert moved[q] == 0.0


def test_a_fit_holds_the_weights_alone_and_says_how_far_it_went() -> None:
    history, _ = record(4)
    fit = fit_of(set_up(history, seed=3), workers=1)
    assert fit.draws.weights.shape[-1] == len(fit.parameters) == len(fit.parameters.names)
    assert not any("step" in name for name in fit.parameters.names)
    calls = [q for q, x in enumerate(fit.design.questions) if (x.party, x.decision) == (0, 1)]
    assert np.ptp(fit.wandered[calls]) > 0.3
    plain = chances_of(fit.design, fit.parameters, fit.pooled.mean(axis=0))
    gone = chances_of(fit.design, fit.parameters, fit.pooled.mean(axis=0), fit.wandered)
    assert (plain[calls] != gone[calls]).any()
    rows = doctrine_weights(fit.parameters, fit.design.program, fit.pooled[0])
    assert np.isfinite(rows).all()


def test_a_long_past_has_longer_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.learning import wandering

    history, _ = record(3)
    design = design_of(history)
    parameters = parameters_of(design.scenario, design.program)
    assert ways_of(design, parameters).each == 1
    assert MOST >= STEPS
    monkeypatch.setattr(wandering, "MOST", 7)
    assert (ways_of(design, parameters).each, ways_of(design, parameters).steps) == (3, 6)


def test_without_a_drift_nothing_is_added() -> None:
    history = lived(setting(drifts=False), 3)
    design = design_of(history)
    parameters = parameters_of(design.scenario, design.program)
    assert with_ways(design, parameters) is parameters
