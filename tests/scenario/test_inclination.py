"""Inclinations: what is added to a bias towards one other party, in every use of weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from agreeing import agree
from fits import made_up, over
from learned import Likelihood, lived, moody, setting
from micro import NEVER, NO_RATES, data, doctrine, program, scenario
from scipy.special import expit

from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.learning.design import design_of
from sim.learning.drawn_weights import with_draws
from sim.learning.priors import doctrine_weights, parameters_of, prior_draws
from sim.learning.residuals import chances_of
from sim.learning.table import design_frame, feature_columns
from sim.log.events import KIND_CODE
from sim.model.compiling import compile_scenario
from sim.model.eventtable import Events, compare
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS
from sim.scenario.fit_rules import fit_rules
from sim.scenario.scenario import Scenario
from sim.study.factors import chosen_factors
from sim.study.sensitivity import place_of

CALLS = {"call": 0.2}
THREE = {
    "parties": {"CAN": {"doctrine": "can"}, "USA": {"doctrine": "usa"}, "MEX": {"doctrine": "can"}},
    "channels": {c: {"initial": "open"} for c in ("can-usa/ministers", "mex-usa/ministers")},
}
BOTH = {
    "CAN": {"USA": {"act": {"call": {"centre": 1.5}}, "acknowledge": {"centre": -1.0}}},
    "USA": {"CAN": {"act": {"approach": {"centre": 2.0}}, "accept": {"call": {"centre": -0.5}}}},
}


def events_of(compiled: Any, number: int = 20) -> Events:
    """What happens in some worlds."""
    _, events = kernel.run(compiled, 5, 0, number, events=True)
    assert events is not None
    return events


def calling(bias: float, inclined: float) -> Events:
    """Worlds in which Canada calls by a bias and an inclination."""
    own, other = doctrine(call=bias), doctrine(accept_call=0.3)
    said = {"CAN": {"USA": {"act": {"call": {"centre": inclined}}}}}
    parts: dict[str, Any] = {"inclinations": said} if inclined else {}
    return events_of(program({"can": own, "usa": other}, rates_per_day=CALLS, **parts))


def test_with_one_pair_it_is_the_same_as_the_bias() -> None:
    assert compare(calling(-0.5, 0.0), calling(-2.0, 1.5)) == len(calling(-0.5, 0.0).kind) > 50
    assert not isinstance(compare(calling(-0.5, 0.0), calling(-2.0, 1.0)), int)  # the control


def test_it_tells_pairs_apart() -> None:
    both = doctrine(call=NEVER, accept_call=50.0)
    only = {"USA": {"MEX": {"act": {"call": {"centre": 50.0}}}}}
    worlds = program({"can": doctrine(accept_call=50.0), "usa": both}, rates_per_day=CALLS, **THREE)
    told = program(
        {"can": doctrine(accept_call=50.0), "usa": both},
        rates_per_day=CALLS,
        inclinations=only,
        **THREE,
    )
    found = events_of(told)
    calls = found.kind == KIND_CODE["call_held"]
    assert calls.sum() > 50
    assert {told.channels.names[c] for c in found.channel[calls]} == {"mex-usa/ministers"}
    assert len(events_of(worlds).kind) == 0  # the control


@pytest.mark.parametrize("coupling", ["separate", "shared"])
def test_both_executors_add_it(coupling: str) -> None:
    whole = setting(until="2021-04-30", inclinations=BOTH, coupling=coupling)
    assert agree(compile_scenario(whole), 3, 0, 12) > 100


def test_it_stays_when_the_doctrine_changes() -> None:
    let = {"party": "CAN", "doctrine": "other", "from": "2021-02-01"}
    parts = {"rates_per_day": CALLS, "changes": [{"set_doctrine": let}]}
    both = {"can": doctrine(), "other": doctrine(), "usa": doctrine(accept_call=50.0)}
    said = {"CAN": {"USA": {"act": {"call": {"centre": 50.0}}}}}
    compiled = program(both, inclinations=said, **parts)
    late = events_of(compiled).at_s > compiled.doctrines.switch_s[0]
    assert late.sum() > 20
    assert len(events_of(program(both, **parts)).kind) == 0  # the control


def test_a_what_if_that_changes_nothing_gives_history_back() -> None:
    history = lived(setting(until="2021-03-31", inclinations=BOTH), 3)
    compiled = compile_scenario(history, retrace=True)
    _, events = kernel.run(compiled, 2, 0, 10, events=True)
    plain = events_of(compile_scenario(history), 10)
    assert events is not None
    before = [e.at_s < compiled.as_of_s for e in (events, plain)]
    assert before[0].sum() == before[1].sum() > 100
    assert agree(compiled, 2, 0, 5) > 100


def test_the_likelihood_is_that_of_the_model() -> None:
    at = Likelihood(lived(setting(until="2021-03-31", inclinations=BOTH), 3))
    own = np.array(at.parameters.shipped)
    assert [n for n in at.parameters.names if "with" in n] == [
        "CAN.act.call.with_USA",
        "CAN.acknowledge.with_USA",
        "USA.act.approach.with_CAN",
        "USA.accept.call.with_CAN",
    ]
    likely = chances_of(at.design, at.parameters, own)
    whole = doctrine_weights(at.parameters, at.design.program, own)
    for q, p in zip(at.design.questions, likely, strict=True):
        said = BOTH[("CAN", "USA")[q.party]][("USA", "CAN")[q.party]]
        decision = DECISIONS[q.decision]
        part = said if decision == "acknowledge" else said["act"]
        part = said.get("accept", {}) if decision.startswith("accept_") else part
        more = part.get(decision.removeprefix("accept_"), {"centre": 0.0})["centre"]
        row = whole[at.design.program.doctrines.pairs + q.party, q.decision]
        assert p == pytest.approx(expit(more + row @ q.features))
    gradient = at.both(own)[1]
    for name, bias in (("CAN.act.call.with_USA", "CAN.act.call.bias"),):
        a, b = at.parameters.names.index(name), at.parameters.names.index(bias)
        assert gradient[a] == gradient[b] != 0.0  # of one pair they are told apart by priors alone


def test_its_gradient_is_of_the_questions_about_that_party_alone() -> None:
    own = {"can": moody(), "usa": moody(0.3)}
    said = {"USA": {"MEX": {"act": {"call": {"centre": 0.5}}}}}
    at = Likelihood(
        lived(scenario(own, rates_per_day={"call": 0.3}, inclinations=said, **THREE), 3)
    )
    weights = np.array(at.parameters.shipped)
    p = at.parameters.names.index("USA.act.call.with_MEX")
    steps = [weights.copy() for _ in range(2)]
    steps[0][p] += 1e-5
    steps[1][p] -= 1e-5
    slope = (at(steps[0]) - at(steps[1])) / 2e-5
    gradient = at.both(weights)[1]
    assert gradient[p] == pytest.approx(slope, rel=1e-5)
    assert gradient[at.parameters.names.index("USA.act.call.bias")] != pytest.approx(slope)


def test_the_table_for_other_programs_tells_pairs_apart() -> None:
    said = {"USA": {"MEX": {"act": {"call": {"centre": 0.5}}}}}
    own = {"can": moody(), "usa": moody(0.3)}
    history = lived(scenario(own, rates_per_day={"call": 0.3}, inclinations=said, **THREE), 3)
    table = design_frame(design_of(history))
    usa = table.filter(pl.col("party") == "USA")
    towards = usa.group_by("channel").agg(pl.col("with_MEX").unique()).sort("channel")
    assert towards["with_MEX"].to_list() == [[0.0], [1.0]]
    assert {*feature_columns(history)} == {*table.columns[table.columns.index("bias") :]}


def test_draws_of_priors_hold_it() -> None:
    whole = setting(inclinations=BOTH)
    compiled = compile_scenario(whole)
    drawn = with_draws(whole, compiled, 1, 400)
    call = drawn.doctrines.weights[:, 0, DECISIONS.index("call"), 0]
    assert call.mean() == pytest.approx(1.5, abs=0.15)
    assert call.std() == pytest.approx(0.7, abs=0.1)
    cut = drawn.doctrines.weights[:, 0, DECISIONS.index("cut"), 0]
    assert (cut == 0.0).all()  # what is not named adds nothing
    less = setting(inclinations={"CAN": BOTH["CAN"]})
    again = with_draws(less, compile_scenario(less), 1, 400)
    assert (again.doctrines.weights[:, 0] == drawn.doctrines.weights[:, 0]).all()
    assert agree(drawn, 1, 0, 3) > 50


def test_learned_draws_run_in_their_place() -> None:
    whole = setting(inclinations=BOTH)
    compiled = compile_scenario(whole)
    parameters = parameters_of(whole, compiled)
    learned = prior_draws(parameters, 3, 1)[0]
    rows = doctrine_weights(parameters, compiled, learned)
    names = parameters.names
    assert rows[0, DECISIONS.index("call"), 0] == learned[names.index("CAN.act.call.with_USA")]
    assert rows[2, DECISIONS.index("call"), 0] == learned[names.index("CAN.act.call.bias")]
    assert rows.shape == (4, len(DECISIONS), len(FEATURES))


def drifts() -> Scenario:
    """A scenario in which Canada's inclinations drift."""
    drift = {"drift": {"half_life_days": 90, "spread": 1}}
    return setting(inclinations={"CAN": {"USA": BOTH["CAN"]["USA"] | drift}, "USA": BOTH["USA"]})


def test_it_is_screened_by_name() -> None:
    whole = setting(inclinations=BOTH)
    factors = chosen_factors(whole, ["*.with_*"])
    assert [f.name for f in factors][:2] == ["CAN.act.call.with_USA", "CAN.acknowledge.with_USA"]
    assert factors[0].own == 1.5
    assert factors[0].low < 1.5 < factors[0].high
    assert [f.name for f in chosen_factors(drifts(), ["*drift*"])] == [
        "inclinations.CAN.USA.drift.half_life_days"
    ]
    assert place_of(whole, "USA.accept.call.with_CAN") == (1, DECISIONS.index("accept_call"), 0)


@pytest.fixture
def base() -> Scenario:
    return setting(inclinations=BOTH)


def fitted(base: Scenario, folder: Path, names: dict[str, float]) -> Scenario:
    """A scenario over a fit that holds inclinations as well, by name and centre."""
    return over(base, made_up(base, folder, inclined=names))


NAMES = {
    "CAN.act.call.with_USA": 1.5,
    "CAN.acknowledge.with_USA": -1.0,
    "USA.act.approach.with_CAN": 2.0,
    "USA.accept.call.with_CAN": -0.5,
}


def test_a_fit_draws_it(base: Scenario, tmp_path: Path) -> None:
    drawn = fitted(base, tmp_path / "fit", NAMES)
    assert [*fit_rules(drawn)] == []
    compiled = compile_scenario(drawn)
    column = drawn.fit.saved.names.index("CAN.act.call.with_USA")
    said = compiled.doctrines.weights[:, 0, DECISIONS.index("call"), 0]
    assert (said == drawn.fit.saved.weights[:, column]).all()
    assert said.std() > 0.1
    assert agree(compiled, 1, 0, 5) > 100


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({}, "must hold the inclinations of the scenario"),
        (NAMES | {"USA.act.cut.with_CAN": 0.1}, "must hold the inclinations that were learned"),
        (NAMES | {"USA.act.approach.with_CAN": 1.0}, "must be as they were when the fit"),
    ],
)
def test_a_fit_of_other_inclinations_is_refused(
    base: Scenario, tmp_path: Path, names: dict[str, float], told: str
) -> None:
    rules = [rule for _, rule, _ in fit_rules(fitted(base, tmp_path / "fit", names))]
    assert len(rules) == 1
    assert told in rules[0]


def test_a_fit_with_an_inclination_of_nobody_is_broken(base: Scenario, tmp_path: Path) -> None:
    for name in ("USA.act.call.with_FRA", "USA.act.leap.with_CAN", "with_CAN"):
        with pytest.raises(InputError, match="must be a weight of a party of the fit"):
            fitted(base, tmp_path / name, {name: 0.0})


def test_it_can_be_swept() -> None:
    from sim.scenario.varying import varied

    whole = setting(inclinations=BOTH)
    path = "inclinations.CAN.USA.act.call.centre"
    assert varied(whole, {path: 3.0}).inclinations["CAN"]["USA"].act["call"].centre == 3.0


def test_a_scenario_without_it_says_nothing_of_it() -> None:
    plain = scenario(rates_per_day=NO_RATES)
    assert compile_scenario(plain).doctrines.pairs == 0
    assert "inclinations" not in plain.plain()
    assert "inclinations" not in data()
