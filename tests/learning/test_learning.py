"""Learning: the mode, the draws and what they find, each against a truth that is known."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from calibration import ranks, unevenness
from learned import Likelihood, lived, moody, setting
from micro import scenario
from scipy.optimize import minimize
from scipy.stats import kstest, truncnorm

from sim.ground.errors import RunError
from sim.learning import fitting
from sim.learning.arrays import prior_of, scratch_of
from sim.learning.compiled_calls import compiled_digest, log_posterior, to_weights
from sim.learning.diagnosing import MAX_RHAT, diagnose
from sim.learning.fitting import Fit, fit_of, set_up
from sim.learning.mode import find_mode
from sim.learning.priors import Parameters, load_prior, log_prior, parameters_of, prior_draws
from sim.learning.rows import Rows
from sim.learning.sampling import Draws, Sampler
from sim.model.compiling import compile_scenario
from sim.scenario.doctrine import DoctrinePrior
from sim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def history() -> Scenario:
    """Seven weeks of a busy world."""
    return lived(setting(until="2021-02-20"), 3)


@pytest.fixture(scope="module")
def fit(history: Scenario) -> Fit:
    return fit_of(set_up(history), workers=1)


def signed(history: Scenario) -> tuple[Rows, Parameters]:
    """A likelihood with priors of every kind."""
    at = Likelihood(history)
    sign = np.zeros(len(at.parameters), dtype=np.int64)
    sign[::3], sign[1::3] = 1, -1
    return at.rows, replace(at.parameters, sign=sign)


def empty(rows: Rows) -> Rows:
    """A likelihood that says nothing."""
    return rows._replace(weight=np.zeros_like(rows.weight), events=np.zeros_like(rows.events))


# ------------------------------------------------------------------------------ the mode


def test_the_mode_is_where_another_optimiser_finds_it(history: Scenario) -> None:
    for rows, parameters in (signed(history), (Likelihood(history).rows, None)):
        found = find_mode(rows, prior_of(parameters or Likelihood(history).parameters))
        law, scratch = prior_of(parameters or Likelihood(history).parameters), scratch_of(rows)

        def lost(z: np.ndarray, rows: Rows = rows, law=law, scratch=scratch):  # type: ignore[no-untyped-def]
            slope = np.zeros(len(z))
            value = log_posterior(rows, law, scratch, z, slope)
            return -value, -slope

        other = minimize(lost, np.zeros(len(found.z)), jac=True, method="L-BFGS-B")
        assert found.z == pytest.approx(other.x, abs=2e-3)
        assert found.log_posterior >= -other.fun - 1e-9


def test_the_gradient_in_z_is_the_slope_where_priors_have_a_sign(history: Scenario) -> None:
    rows, parameters = signed(history)
    law, scratch, z = prior_of(parameters), scratch_of(rows), np.linspace(-2, 2, len(parameters))
    slope, other = np.zeros(len(z)), np.zeros(len(z))
    log_posterior(rows, law, scratch, z, slope)
    for p in range(0, len(z), 4):
        step = np.zeros(len(z))
        step[p] = 1e-5
        values = [log_posterior(rows, law, scratch, z + s * step, other) for s in (1, -1)]
        assert slope[p] == pytest.approx((values[0] - values[1]) / 2e-5, abs=5e-6)


def test_without_a_record_the_evidence_is_one(history: Scenario) -> None:
    rows, parameters = signed(history)
    found = find_mode(empty(rows), prior_of(parameters))
    assert found.log_evidence == pytest.approx(0.0, abs=1e-6)
    assert find_mode(rows, prior_of(parameters)).log_evidence < -10.0  # the control


# ------------------------------------------------------------------------------ priors


def test_a_sign_cuts_the_normal_law_off(history: Scenario) -> None:
    """Draws, moments and density are those of SciPy's truncated law."""
    _, parameters = signed(history)
    draws = prior_draws(parameters, 1, 400)
    mean, spread = parameters.moments()
    density = np.zeros(len(draws))
    for p in range(len(parameters)):
        c, s, sign = parameters.centre[p], parameters.spread[p], parameters.sign[p]
        lo, hi = (0.0, 50.0) if sign > 0 else (-50.0, 0.0) if sign else (-50.0, 50.0)
        law = truncnorm((lo - c) / s, (hi - c) / s, c, s)
        assert (mean[p], spread[p]) == pytest.approx((law.mean(), law.std()), rel=1e-6)
        assert kstest(draws[:, p], law.cdf).pvalue > 1e-4
        density += law.logpdf(draws[:, p])
    assert log_prior(parameters, draws) == pytest.approx(density, rel=1e-9)


def test_a_prior_at_a_bound_is_cut_off_there(history: Scenario) -> None:
    """A doctrine that never does a thing has a bias of -50."""
    parameters = parameters_of(s := scenario(), compile_scenario(s))
    draws = prior_draws(parameters, 1, 50)
    assert np.abs(draws).max() <= 50.0
    assert draws[:, parameters.names.index("CAN.act.call.bias")].min() > -50.0
    rows = Likelihood(history).rows._replace(first=np.zeros(len(parameters), dtype=np.int64))
    found = find_mode(empty(rows._replace(many=rows.first * 0)), prior_of(parameters))
    assert found.log_evidence == pytest.approx(0.0, abs=1e-6)


def test_control_draws_that_forget_the_sign_have_another_law(history: Scenario) -> None:
    _, parameters = signed(history)
    draws = prior_draws(replace(parameters, sign=np.zeros_like(parameters.sign)), 1, 400)
    wrong = [p for p in range(len(parameters)) if (draws[:, p] * parameters.sign[p] < 0).any()]
    assert len(wrong) > 10


def test_a_weight_beyond_its_bounds_is_refused(history: Scenario) -> None:
    at = Likelihood(history)
    law, size = prior_of(at.parameters), len(at.parameters)
    z, weights, stretch = np.zeros(size), np.zeros(size), np.zeros(size)
    assert to_weights(law, z, weights, stretch)
    z[3] = 60.0 / at.parameters.spread[3]
    assert not to_weights(law, z, weights, stretch)
    assert log_posterior(at.rows, law, at.scratch, z, weights) == -math.inf


def test_what_is_learned_are_biases_weights_and_what_the_prior_names() -> None:
    whole = scenario({"can": moody(), "usa": moody()})
    named = parameters_of(whole, compile_scenario(whole)).names
    assert "CAN.act.call.shock" in named
    assert "CAN.accept.swap.bias" in named
    assert "CAN.act.call.war" not in named
    assert all(f"USA.{name.removeprefix('CAN.')}" in named for name in named if name[:3] == "CAN")
    extra = DoctrinePrior.model_validate(
        {"slopes": 0.5, "act": {"call": {"war": {"centre": -0.4, "reason": "a test"}}}}
    )
    over = parameters_of(whole, compile_scenario(whole), extra)
    war = over.names.index("USA.act.call.war")
    assert (over.centre[war], over.spread[war], over.shipped[war]) == (-0.4, 0.5, 0.0)


def test_a_prior_is_laid_over_weight_by_weight() -> None:
    one = DoctrinePrior.model_validate(
        {"biases": 1.0, "act": {"cut": {"shock": {"spread": 2, "sign": "positive", "reason": "a"}}}}
    )
    two = DoctrinePrior.model_validate(
        {"slopes": 0.2, "act": {"cut": {"shock": {"centre": 1, "reason": "b"}}}}
    )
    laid = two.over(one)
    assert (laid.biases, laid.slopes) == (1.0, 0.2)
    assert laid.act["cut"]["shock"].model_dump() == {
        "centre": 1.0,
        "spread": None,
        "sign": None,
        "reason": "b",
    }


# ------------------------------------------------------------------------------ draws


def test_without_a_record_draws_have_the_law_of_the_prior(history: Scenario) -> None:
    rows, parameters = signed(history)
    law = prior_of(parameters)
    draws = Sampler(empty(rows), law, find_mode(empty(rows), law), 5, workers=1).draw(500)
    pooled = draws.weights.reshape(-1, len(parameters))
    mean, spread = parameters.moments()
    off = np.abs(pooled.mean(axis=0) - mean) / spread * math.sqrt(len(pooled))
    assert off.max() < 4.5
    assert pooled.std(axis=0) / spread == pytest.approx(1.0, abs=0.1)
    assert diagnose(draws).complaint() is None


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_cores(history: Scenario) -> None:
    rows, parameters = signed(history)
    law = prior_of(parameters)
    mode = find_mode(rows, law)
    once, again, other = (
        Sampler(rows, law, mode, seed, workers).draw(60)
        for seed, workers in ((1, 1), (1, 3), (2, 1))
    )
    assert once.weights.tobytes() == again.weights.tobytes()
    assert once.likelihoods.tobytes() == again.likelihoods.tobytes()
    assert once.weights.tobytes() != other.weights.tobytes()


def test_chains_go_on_as_if_they_had_not_stopped(history: Scenario) -> None:
    rows, parameters = signed(history)
    law = prior_of(parameters)
    mode = find_mode(rows, law)
    whole, parts = (Sampler(rows, law, mode, 1, 1) for _ in range(2))
    parts.draw(30)
    assert whole.draw(110).weights.tobytes() == parts.draw(110).weights.tobytes()


def test_the_likelihood_of_each_draw_is_its_own(fit: Fit) -> None:
    at = Likelihood(fit.setup.scenario)
    for chain, draw in ((0, 0), (3, 17)):
        assert fit.draws.likelihoods[chain, draw] == pytest.approx(
            at(fit.draws.weights[chain, draw]), abs=1e-8
        )


def test_draws_have_the_moments_that_weighing_the_prior_gives() -> None:
    """A posterior of few events, by importance sampling from Laplace's approximation."""
    history = lived(setting(until="2021-01-20"), 4)
    setup = set_up(history)
    found = fit_of(setup, workers=1)
    at, rng = Likelihood(history), np.random.default_rng(1)
    covariance = found.mode.covariance() * 1.1
    proposals = rng.multivariate_normal(found.mode.weights, covariance, 20_000)
    factor = np.linalg.cholesky(covariance)
    scaled = np.linalg.solve(factor, (proposals - found.mode.weights).T)
    log_q = -0.5 * (scaled**2).sum(axis=0)
    log_p = np.array([at(w) for w in proposals]) + log_prior(setup.parameters, proposals)
    weight = np.exp(log_p - log_q - (log_p - log_q).max())
    weight /= weight.sum()
    effective = 1.0 / (weight**2).sum()
    mean = weight @ proposals
    spread = np.sqrt(weight @ (proposals - mean) ** 2)
    off = np.abs(found.pooled.mean(axis=0) - mean) / spread
    assert effective > 500
    assert off.max() < 4.5 * math.sqrt(1.0 / effective + 1.0 / 1_500)


def test_chains_that_do_not_agree_are_refused(
    history: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are lengthened first, up to the bound."""
    asked: list[int] = []

    def apart(self: Sampler, count: int, progress: object = None) -> Draws:
        asked.append(count)
        rng = np.random.default_rng(count)
        weights = rng.normal(size=(4, 200, 52)) + np.arange(4)[:, None, None]
        return Draws(weights, np.zeros((4, 200)), 0.8, 0)

    monkeypatch.setattr(fitting.Sampler, "draw", apart)
    with pytest.raises(RunError, match=r"the chains do not agree: the worst R-hat is [1-9]"):
        fit_of(set_up(history))
    assert asked == [1_000, 2_000, 4_000, 8_000]


def test_a_fit_has_chains_that_agree(fit: Fit) -> None:
    assert fit.diagnostics.worst_rhat <= MAX_RHAT
    assert fit.diagnostics.least_effective >= 400
    assert fit.diagnostics.diverged == 0


def test_known_weights_are_found_again_in_a_long_log() -> None:
    """From wide priors around nothing: truths lie within the posterior, which has shrunk."""
    whole = setting(until="2022-12-31")
    history = lived(whole, 21)
    at = Likelihood(history)
    truth = at.parameters.shipped
    away = replace(
        at.parameters, centre=truth + 0.5 * np.sign(truth - 0.1), spread=np.ones(len(truth))
    )
    mode = find_mode(at.rows, prior_of(away))
    spread = np.sqrt(np.diag(mode.covariance()))
    well = spread < 0.45  # those of which the log says much
    assert well.sum() >= 10
    z = (mode.weights - truth)[well] / spread[well]
    assert np.abs(z).max() < 4.0
    assert np.abs(mode.weights - truth)[well].mean() < 0.25
    control = find_mode(at.rows._replace(weight=0.0 * at.rows.weight), prior_of(away))
    assert np.abs(control.weights - truth)[well].mean() > 0.5


@pytest.mark.slow
def test_ranks_of_the_truth_are_even() -> None:
    """A short form of `python tests/support/calibration.py`."""
    _, p = unevenness(ranks(10))
    assert p > 0.001


@pytest.mark.slow
def test_control_without_the_time_in_which_nothing_happened_they_are_not() -> None:
    _, p = unevenness(ranks(10, exposed=False))
    assert p < 1e-4


def test_the_compiled_code_knows_its_sources() -> None:

    from sim.learning import compiled_calls

    cells = [c.cell_contents for c in compiled_calls.advance.py_func.__closure__]
    assert compiled_digest() in cells


def test_a_file_of_priors_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prior.yaml"
    path.write_text("biases: 0.5\nact:\n  cut:\n    shock: {spread: 1, reason: few cases}\n")
    found = load_prior(path)
    assert found.biases == 0.5
    assert found.act["cut"]["shock"].spread == 1.0
