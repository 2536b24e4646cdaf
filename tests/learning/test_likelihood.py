"""The likelihood of a log is the simulator's (invariant 16): against a grid, and by its score."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from generated_past import what_ifs
from hypothesis import Phase, given, settings
from learned import Likelihood, hidden, lived, setting
from micro import CHANNEL, doctrine, scenario
from pasts import detained, event, told
from strategies import examples

from sim.ground.dates import DAY_S
from sim.ground.errors import InputError
from sim.learning import quadrature
from sim.learning.compiled_calls import log_likelihood
from sim.learning.decision_points import DECIDED, PASSED, TOLD
from sim.learning.design import design_of
from sim.learning.rows import Rows, Scratch
from sim.log.events import KINDS
from sim.log.kinds import TOLD as TOLD_KINDS
from sim.model.bursts import intensity
from sim.model.compiled_scenario import DECIDED as DECISION
from sim.model.compiled_scenario import MET, CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.dating import placed_instants
from sim.model.opportunity import Opportunity
from sim.model.walk import Asked, Step, Walk
from sim.rules.features import FEATURES
from sim.scenario.scenario import Scenario

SMALL = {"until": "2021-02-20"}


def by_grid(history: Scenario, step_s: int, *, exposed: bool = True) -> float:
    """The log-likelihood at the doctrines' own weights, without this project's quadrature: every
    stream is asked at each step of a grid."""
    program = compile_scenario(history, retrace=True)
    walk = Walk(program, 0, 0)
    assert program.past is not None
    start = program.past.start_s
    streams = program.streams
    grid = [
        Opportunity(s, at_s, (0, 0), 0, 0.0)
        for s, rate in enumerate(streams.rate)
        if rate > 0.0 and streams.side[s] >= 0
        for at_s in range(start + step_s // 2, program.as_of_s, step_s)
    ]
    moments = [
        Opportunity(s, int(at_s), (0, 0), 0, 0.0)
        for s, forum in enumerate(streams.forum)
        if forum >= 0
        for at_s in streams.at_s[s]
    ]
    total, at_forum = 0.0, dict[tuple[int, int], float]()
    for step in walk.steps([*grid, *moments]):
        if step.opportunity is None:
            total += decided(walk, program, step)
        elif streams.forum[step.opportunity.stream] >= 0:
            if step.asked:
                key = (step.opportunity.stream, step.at_s)
                at_forum[key] = step.asked[0].probability
        elif step.asked and exposed:
            rate = streams.rate[step.opportunity.stream] + opened(walk, step)
            total -= rate * step.asked[0].probability * step_s / DAY_S
    return total + forums(program, at_forum)


def opened(walk: Walk, step: Step) -> float:
    """The intensity of the bursts that are open for a stream."""
    attention, found = walk.program.attention, 0.0
    assert step.opportunity is not None
    for b in range(int(attention.fact_start[walk.program.facts.before])):
        row, opener = int(attention.row[b]), int(attention.opener[b])
        if attention.stream[row] == step.opportunity.stream and walk.instants[opener] < step.at_s:
            found += intensity(attention, row, step.at_s - walk.instants[opener])
    return found


def decided(walk: Walk, program: CompiledScenario, step: Step) -> float:
    """The logarithm of what a coded event was likely."""
    past = program.past
    assert past is not None
    if past.role[step.fact] not in (DECISION, MET):
        return 0.0

    def chance(asked: Asked) -> float:
        return asked.probability if asked.answer else 1.0 - asked.probability

    is_told = KINDS[program.facts.kind[step.fact]] in TOLD_KINDS
    total = sum(math.log(chance(q)) for q in step.asked if q.stream < 0 and is_told)
    if past.role[step.fact] == MET:
        return total
    brought = dict.fromkeys((q.stream for q in step.asked if q.stream >= 0), 0.0)
    for s in brought:
        at_forum = program.streams.forum[s] >= 0
        brought[s] = 1.0 if at_forum else float(program.streams.rate[s])
    candidates = walk.candidates(step.fact)
    for _, place, rate in walk.sources(step.fact):
        if candidates[place] in brought:
            brought[candidates[place]] += rate
    for q in step.asked:
        if q.stream >= 0:
            brought[q.stream] *= chance(q)
    return total + math.log(sum(brought.values()))


def forums(program: CompiledScenario, at: dict[tuple[int, int], float]) -> float:
    """The logarithm of who was first, and of who did not walk up, at each forum of a run's log:
    an approach of a run lies at one of the two moments, which says who was first."""
    streams, total = program.streams, 0.0
    approached = {
        int(program.facts.forum[f]): f
        for f in range(program.facts.before)
        if program.past.role[f] == DECISION and program.facts.forum[f] >= 0  # type: ignore[union-attr]
    }
    for s in range(len(streams.names)):
        if streams.forum[s] < 0 or streams.side[s] != 0:
            continue
        other, (early, late) = int(streams.partner[s]), (int(t) for t in streams.at_s[s])
        orders = [((s, early), (other, late)), ((other, early), (s, late))]
        f = approached.get(int(streams.forum[s]))
        if f is not None:
            walk_s = program.facts.wish_s[f]
            by = int(program.facts.by[f])
            refused = program.past.answer[f] == 0  # type: ignore[union-attr]
            mine = [x for x in (s, other) if (streams.by[x] == by) != refused]
            first = int(walk_s) == early
            left = 1.0 if first else 1.0 - at[int(streams.partner[mine[0]]), early]
            total += math.log(0.5 * left)
        else:
            total += math.log(sum(0.5 * (1.0 - at[a]) * (1.0 - at[b]) for a, b in orders))
    return total


# ------------------------------------------------------------------------------ the sum itself

DOES, ACCEPTS, RHO, CHANCES = -0.4, 0.9, 0.3, 2.5
"""Logits of an act and of its acceptance, the chance that a refusal is told, and opportunities."""


def offered(weights: list[float], *, asked: bool = True) -> tuple[float, np.ndarray]:
    """Value and gradient of one exposure: a weight for each answer, and nothing shown."""
    none, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
    rows = Rows(
        first=np.array([0, 1]),
        many=np.array([1, 1]),
        start=np.array([0, 1]),
        x=np.ones(2),
        act=np.array([0]),
        accept=np.array([1 if asked else -1]),
        weight=np.array([CHANCES]),
        told=np.ones(1),
        declined=np.array([RHO]),
        event=np.zeros(1, dtype=np.int64),
        constant=floats,
        alternative=np.zeros(1, dtype=np.int64),
        factor=none,
        yes=none,
        reporting=np.array([RHO]),
        acts=np.array([0, 1]),
        events=np.zeros(2, dtype=np.int64),
        block=np.ones(1, dtype=np.int64),
        part=np.zeros(2, dtype=np.int64),
        drawn=np.zeros(1),
        refused=none,
        untold=none,
    )
    gradient = np.zeros(2)
    scratch = Scratch(*(np.zeros(n) for n in (2, 2, 2, 2, 1, 1, 1, 1)))
    return float(log_likelihood(rows, scratch, np.array(weights), gradient)), gradient


def test_a_refusal_is_expected_by_its_chance_to_be_told() -> None:
    """Of what is offered, what is accepted is seen, and of what is refused a share. This takes
    seconds, the score of many worlds minutes."""
    does, accepts = (1.0 / (1.0 + math.exp(-x)) for x in (DOES, ACCEPTS))
    value, gradient = offered([DOES, ACCEPTS])
    seen = accepts + RHO * (1.0 - accepts)
    assert value == pytest.approx(-CHANCES * does * seen, abs=1e-12)
    by_act = -CHANCES * does * (1.0 - does) * seen
    by_accept = -CHANCES * does * (1.0 - RHO) * accepts * (1.0 - accepts)
    assert gradient.tolist() == pytest.approx([by_act, by_accept], abs=1e-12)


def test_control_where_nobody_is_asked_all_is_seen() -> None:
    does = 1.0 / (1.0 + math.exp(-DOES))
    value, gradient = offered([DOES, ACCEPTS], asked=False)
    assert value == pytest.approx(-CHANCES * does, abs=1e-12)
    assert gradient.tolist() == pytest.approx([value * (1.0 - does), 0.0], abs=1e-12)


@pytest.fixture(scope="module")
def history() -> Scenario:
    """A busy history of seven weeks."""
    return lived(setting(**SMALL), 3)


@pytest.fixture(scope="module")
def likelihood(history: Scenario) -> Likelihood:
    return Likelihood(history)


def test_the_gradient_is_the_slope(history: Scenario) -> None:
    for reporting in (1.0, 0.4):
        at = Likelihood(history, reporting)
        weights = at.parameters.shipped + 0.1
        _, gradient = at.both(weights)
        assert gradient[::3] == pytest.approx(at.slopes(weights, 3), abs=2e-6)


@pytest.mark.slow
def test_it_is_that_of_a_grid(history: Scenario, likelihood: Likelihood) -> None:
    """The grid converges to it as its step shrinks."""
    exact = likelihood(likelihood.parameters.shipped)
    errors = [abs(by_grid(history, step) - exact) for step in (7_200, 900)]
    assert errors[1] < 0.001 < 0.01 < errors[0]


def test_control_without_the_time_in_which_nothing_happened_it_is_another(
    history: Scenario, likelihood: Likelihood
) -> None:
    exact = likelihood(likelihood.parameters.shipped)
    assert abs(by_grid(history, 14_400, exposed=False) - exact) > 5.0


def test_a_finer_quadrature_says_the_same(
    history: Scenario, likelihood: Likelihood, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = likelihood(likelihood.parameters.shipped)
    monkeypatch.setattr(quadrature, "MAX_PIECE_DAYS", 2.0)
    monkeypatch.setattr(quadrature, "MAX_TURN", 0.4)
    monkeypatch.setattr(quadrature, "LOST", 1e-9)
    finer = Likelihood(history)
    assert len(finer.rows.act) > 1.3 * len(likelihood.rows.act)
    assert finer(finer.parameters.shipped) == pytest.approx(exact, abs=1e-4)


def test_control_a_coarse_quadrature_does_not(
    history: Scenario, likelihood: Likelihood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quadrature, "MAX_TURN", 1e9)
    monkeypatch.setattr(quadrature, "LOST", 1e9)
    coarse = Likelihood(history)
    exact = likelihood(likelihood.parameters.shipped)
    assert abs(coarse(coarse.parameters.shipped) - exact) > 1e-3


def score_of(worlds: int, *, exposed: bool = True, whole: Scenario | None = None) -> np.ndarray:
    """z of the mean score of worlds that the simulator makes, for each weight that had any."""
    whole = whole or setting(until="2021-02-28")
    program, scores = compile_scenario(whole), []
    for replication in range(worlds):
        at = Likelihood(lived(whole, 11, replication, program))
        if not exposed:
            at.rows = at.rows._replace(weight=np.zeros_like(at.rows.weight))
        scores.append(at.both(at.parameters.shipped)[1])
    found = np.array(scores)
    spread = found.std(axis=0, ddof=1)
    z = found.mean(axis=0) / np.where(spread > 0, spread, 1.0) * math.sqrt(worlds)
    return z[spread > 1e-9]


@pytest.mark.slow
def test_its_score_has_mean_nought_over_worlds_that_the_simulator_makes() -> None:
    """Fixed seeds, so this is no gamble: over 56 weights, z is to look like a standard Normal."""
    z = score_of(40)
    assert math.sqrt(float((z**2).mean())) < 1.4
    assert np.abs(z).max() < 3.6


def test_control_the_score_of_decisions_alone_has_not() -> None:
    z = score_of(8, exposed=False)
    assert math.sqrt(float((z**2).mean())) > 2.5


def writing(ask: float) -> dict[str, object]:
    """A doctrine that writes, asks, cuts and restores."""
    return doctrine(
        send={"bias": -0.5, "cut_off": 0.5, "silence": 0.3},
        ask={"bias": ask, "grievance": -0.5},
        accept_ask={"bias": 0.4, "grievance": -0.8, "open": 0.3},
        cut={"bias": -0.5, "grievance": 0.5},
        restore={"bias": 0.0, "silence": 0.4},
        accept_restore={"bias": 0.3, "goodwill": 0.4},
    )


def written() -> Scenario:
    """A world of letters, requests and a channel that is cut and restored, with bursts."""
    hurt = {"request_unanswered": 1.0, "contact_cut": 0.5}
    again = {"opener": ["request_unanswered", "contact_requested"], "act": "send", "side": "both"}
    return scenario(
        {"can": writing(0.0), "usa": writing(0.5)},
        until="2021-02-28",
        channels={CHANNEL: {"initial": "open", "line": True}},
        rates_per_day={"send": 0.05, "ask": 0.15, "cut": 0.1, "restore": 0.2},
        stocks={
            "grievance": {"half_life_days": 30, "raised_by": hurt},
            "goodwill": {"half_life_days": 30, "raised_by": {"message_delivered": 0.3}},
        },
        attention={"again": again | {"m": 0.4, "tau_days": 3}},
    )


@pytest.mark.slow
def test_its_score_has_mean_nought_with_letters_and_requests() -> None:
    z = score_of(60, whole=written())
    assert len(z) >= 20
    assert math.sqrt(float((z**2).mean())) < 1.4
    assert np.abs(z).max() < 3.6


def test_control_the_score_of_letters_alone_has_not() -> None:
    assert math.sqrt(float((score_of(20, exposed=False, whole=written()) ** 2).mean())) > 2.5


@pytest.mark.slow
def test_a_grid_gives_the_likelihood_of_letters_and_requests() -> None:
    history = lived(written(), 3)
    at = Likelihood(history)
    exact = at(at.parameters.shipped)
    errors = [abs(by_grid(history, step) - exact) for step in (7_200, 900)]
    assert errors[1] < 0.002 < 0.01 < errors[0]


def score_of_hidden(worlds: int, assumed: float) -> np.ndarray:
    """z of the mean score where half of all refusals are told, in a world in which a refusal leaves
    no memory and brings up no question."""
    stocks = {"grievance": {"half_life_days": 90, "raised_by": {"contact_cut": 1.0}}}
    whole = setting(until="2021-02-28", stocks=stocks, attention={})
    program, scores = compile_scenario(whole), []
    for n in range(worlds):
        at = Likelihood(hidden(lived(whole, 12, n, program), 0.5, n), assumed)
        scores.append(at.both(at.parameters.shipped)[1])
    found = np.array(scores)
    spread = found.std(axis=0, ddof=1)
    z = found.mean(axis=0) / np.where(spread > 0, spread, 1.0) * math.sqrt(worlds)
    return z[spread > 1e-9]


@pytest.mark.slow
def test_its_score_has_mean_nought_where_half_of_all_refusals_are_told() -> None:
    z = score_of_hidden(40, 0.5)
    assert math.sqrt(float((z**2).mean())) < 1.4
    assert np.abs(z).max() < 3.6


@pytest.mark.slow
def test_control_it_has_not_where_all_are_taken_to_be_told() -> None:
    z = score_of_hidden(25, 1.0)
    assert math.sqrt(float((z**2).mean())) > 2.0


# ------------------------------------------------------------------------------ what is asked


def weighed(history: Scenario, reporting: float = 1.0) -> float:
    at = Likelihood(history, reporting)
    return at(at.parameters.shipped)


def test_an_unknown_initiator_is_the_sum_over_both() -> None:
    """The intensities of two streams add up."""
    doctrines = {"can": {"bias": 0.4}, "usa": {"bias": -1.0}}
    calls = {
        code: told(event("call", "call_held", "2021-02-03", by=by), doctrines=busy(doctrines))
        for code, by in (("can", "CAN"), ("usa", "USA"), ("both", None))
    }
    can, usa, both = (weighed(calls[code]) for code in ("can", "usa", "both"))
    assert both == pytest.approx(math.log(math.exp(can) + math.exp(usa)), abs=1e-9)
    assert both > max(can, usa)


def busy(calls: dict[str, dict[str, float]]) -> dict[str, dict[str, object]]:
    """Doctrines that call now and then, and accept half of what they are asked."""
    from micro import doctrine

    return {
        name: doctrine(
            call=row, accept_call=0.0, approach=-0.5, accept_approach=0.3, acknowledge=2.0
        )
        for name, row in calls.items()
    }


def test_constant_probabilities_have_the_closed_form() -> None:
    """One call in 59 days by streams of 0.1 a day each: rate p q, and exp of what was expected."""
    doctrines = busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}})
    history = told(event("call", "call_held", "2021-02-03", by="CAN"), doctrines=doctrines)
    tell = 1.0 / (1.0 + math.exp(-2.0))
    said = 2.0 * math.log(tell)
    assert weighed(history) == pytest.approx(
        math.log(0.1 * 0.5 * 0.5) + said - 2 * 59 * 0.1 * 0.5, abs=1e-9
    )
    assert weighed(history, 0.2) == pytest.approx(
        math.log(0.1 * 0.5 * 0.5) + said - 2 * 59 * 0.1 * 0.5 * (0.5 + 0.2 * 0.5), abs=1e-9
    )


def test_a_reported_refusal_counts_by_its_chance_to_be_reported() -> None:
    doctrines = busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}})
    no = event("no", "contact_refused", "2021-02-03", by="USA")
    history = told(no, doctrines=doctrines, rates_per_day={"meet": 0.0})
    expected = 2 * 59 * 0.1 * 0.5
    for rho in (1.0, 0.25):
        assert weighed(history, rho) == pytest.approx(
            math.log(0.1 * 0.5 * 0.5 * rho) - expected * (0.5 + rho * 0.5), abs=1e-9
        )


def test_a_forum_that_passed_may_hide_a_refusal() -> None:
    doctrines = busy({"can": {"bias": -50.0}, "usa": {"bias": -50.0}})
    silence = event("word", "statement", "2021-01-03")
    forum = {"summit": {"date": "2021-01-20/2021-01-22"}}
    calls = event("call", "call_held", "2021-02-03", by="CAN")
    with_forum = told(silence, calls, doctrines=doctrines, forums=forum)
    without = told(silence, calls, doctrines=doctrines)
    p, q = (1.0 / (1.0 + math.exp(x)) for x in (0.5, -0.3))
    for rho in (1.0, 0.5):
        passed = (1 - p) ** 2 + p * (1 - q) * (1 - rho) * (1.0 + 1 - p)
        found = weighed(with_forum, rho) - weighed(without, rho)
        assert found == pytest.approx(math.log(passed), abs=1e-9)


def test_what_is_shown_and_what_is_not() -> None:
    """Arrests and statements are nobody's decision; a meeting is agreed before it is held."""
    history = told(
        detained("arrest", "2021-01-05"),
        event("word", "statement", "2021-01-06"),
        event("held", "meeting_held", "2021-02-03", by="USA"),
        forums={"summit": {"date": "2021-01-20/2021-01-22"}},
        doctrines=busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}}),
    )
    design = design_of(history)
    ids = design.program.facts.ids
    assert [(s.kind, ids[s.fact] if s.fact >= 0 else "") for s in design.shown] == [
        (DECIDED, "held.agreed"),
        (TOLD, "held"),
        (TOLD, "held"),
        (PASSED, ""),
    ]


def test_an_imprecise_date_lies_in_the_middle() -> None:
    history = told(
        event("call", "call_held", "2021-02-01/2021-02-10", by="CAN"),
        doctrines=busy({"can": {"bias": 0.0}, "usa": {"bias": 0.0}}),
    )
    design = design_of(history)
    start = design.program.facts.lo_s[0]
    assert design.shown[0].at_s == start + 5 * DAY_S
    assert placed_instants(design.program, lambda f: 0.0)[0] == start


def test_questions_of_one_instant_are_asked_once(likelihood: Likelihood) -> None:
    design = likelihood.design
    keys = [(q.at_s, q.channel, q.side, q.decision, q.features) for q in design.questions]
    assert len(keys) == len(set(keys))
    assert all(e.weight > 0 for e in design.exposures)
    assert replace(design) == design


@pytest.mark.slow
@settings(examples(6), phases=[Phase.explicit, Phase.reuse, Phase.generate])  # no slow shrinking
@given(what_ifs())
def test_any_history_is_learned_from_or_refused_with_a_reason(scenario: Scenario) -> None:
    """Its questions have features of the right size, its gradient is its slope."""
    history = scenario.model_copy(update={"changes": (), "show_from": None})
    try:
        at = Likelihood(history, 0.7)
    except InputError:
        return
    design = at.design
    assert all(len(q.features) == len(FEATURES) for q in design.questions)
    assert all(e.weight >= 0.0 and math.isfinite(e.weight) for e in design.exposures)
    assert all(a.weight > 0.0 for s in design.shown for a in s.alternatives)
    held = design.start_s, design.program.as_of_s
    assert all(held[0] <= e.at_s < held[1] for e in design.exposures)
    weights = np.clip(at.parameters.shipped, -5.0, 5.0)
    value, gradient = at.both(weights)
    assert math.isfinite(value)
    step = 1e-5 * np.cos(np.arange(len(weights)))
    slope = at(weights + step) - at(weights - step)
    assert slope == pytest.approx(2.0 * float(gradient @ step), rel=1e-4, abs=1e-6)
