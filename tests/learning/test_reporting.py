"""The probability that a refusal is reported, learned with the weights."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from coarse import told_by_month
from learned import Floats, lived, setting
from pasts import event, told

from sim.ground.errors import InputError
from sim.kernel import dating
from sim.learning.arrays import prior_of, rows_of, scratch_of
from sim.learning.compiled_calls import log_likelihood, to_weights
from sim.learning.design import Design, design_of
from sim.learning.fitting import Fit, fit_of, set_up
from sim.learning.folder import command_of, holds, write_fit, written_whole
from sim.learning.predicting import predict
from sim.learning.priors import Parameters, parameters_of
from sim.scenario.conventions import Conventions
from sim.scenario.fit import REPORTED, load_fit, share_reported
from sim.scenario.scenario import Scenario

SPAN = (0.3, 0.8)


@pytest.fixture(scope="module")
def history() -> Scenario:
    """Seven weeks of a busy world."""
    return lived(setting(until="2021-02-20"), 3)


def of(history: Scenario) -> tuple[Design, Parameters]:
    design = design_of(history)
    return design, parameters_of(design.scenario, design.program)


def both(
    design: Design, parameters: Parameters, reporting: float | None, at: Floats
) -> tuple[float, Floats]:
    """The value and the gradient at weights, and after them what is learned beside them."""
    rows, gradient = rows_of(design, parameters, reporting), np.zeros(len(at))
    return float(log_likelihood(rows, scratch_of(rows), at, gradient)), gradient


@pytest.mark.slow
@pytest.mark.parametrize("vague", [False, True])
def test_at_each_probability_it_is_the_likelihood_with_that_setting(
    history: Scenario, monkeypatch: pytest.MonkeyPatch, *, vague: bool
) -> None:
    for name, number in (("STEPS", 100), ("LEAST_ROUNDS", 32), ("SETTLING", 5)):
        monkeypatch.setattr(dating, name, number)  # it is so at any placements
    design, parameters = of(told_by_month(history) if vague else history)
    assert bool(design.dated) is vague
    weights = parameters.shipped + 0.1
    for rho in (0.3, 0.55, 0.9):
        value, gradient = both(design, parameters, rho, weights)
        learned, slopes = both(design, parameters, None, np.append(weights, rho))
        assert learned == pytest.approx(value, abs=1e-9)
        assert slopes[:-1] == pytest.approx(gradient, abs=1e-9)
        step = 1e-6
        up, down = (both(design, parameters, rho + d, weights)[0] for d in (step, -step))
        assert slopes[-1] == pytest.approx((up - down) / (2.0 * step), rel=1e-4, abs=1e-4)
        assert abs(slopes[-1]) > 0.01


def test_its_prior_is_even_over_its_range(history: Scenario) -> None:
    _, parameters = of(history)
    law = prior_of(parameters, SPAN)
    z = np.zeros((7, len(parameters) + 1))
    z[:, -1] = [-6.0, -1.2815516, -0.6744898, 0.0, 0.6744898, 1.2815516, 6.0]
    drawn, stretch = np.zeros_like(z), np.zeros(z.shape[1])
    for row, weights in zip(z, drawn, strict=True):
        assert to_weights(law, row, weights, stretch)
    expected = [SPAN[0] + u * (SPAN[1] - SPAN[0]) for u in (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)]
    assert drawn[:, -1] == pytest.approx(expected, abs=1e-4)


@pytest.fixture(scope="module")
def fit(history: Scenario) -> Fit:
    ranged = history.model_copy(update={"conventions": Conventions(refusals_reported=SPAN)})
    return fit_of(set_up(ranged), workers=1)


def test_it_is_drawn_within_its_range_and_stands_in_the_folder(fit: Fit, tmp_path: Path) -> None:
    assert fit.reported is not None
    assert fit.draws.weights.shape[-1] == len(fit.parameters)
    assert fit.reported.shape == fit.draws.weights.shape[:-1]
    assert SPAN[0] < fit.reported.min() < 0.4
    assert 0.7 < fit.reported.max() < SPAN[1]
    assert fit.reporting == pytest.approx(fit.reported.mean())
    with written_whole(tmp_path / "fit") as beside:
        write_fit(fit, beside, keep=40)
    saved = load_fit(tmp_path / "fit")
    assert share_reported(saved.record) == "0.3 to 0.8"
    assert saved.record[REPORTED]["mean"] == pytest.approx(fit.reporting)
    drawn = pl.read_parquet(tmp_path / "fit" / "draws.parquet")[REPORTED]
    assert drawn.is_between(*SPAN).all()
    assert REPORTED not in saved.names
    assert holds(saved.record, fit.setup, 40)
    assert not holds(saved.record, replace(fit.setup, reported=None), 40)
    assert "--reporting" not in command_of(fit.setup, "learn", None)


def test_worlds_hide_refusals_by_their_own_draw(fit: Fit) -> None:
    found = next(p for p in predict(fit, worlds=20) if p.what == "refusals reported")
    assert math.isfinite(found.posterior.mean())


def test_an_option_sets_it_in_any_case(history: Scenario) -> None:
    ranged = history.model_copy(update={"conventions": Conventions(refusals_reported=SPAN)})
    assert set_up(ranged, reporting=0.6).reported is None
    assert set_up(ranged).reported == SPAN
    assert set_up(history).reported is None


@pytest.mark.parametrize("span", [[0.8, 0.3], [0.0, 0.5], [0.5, 1.2], [0.4]])
def test_a_range_is_two_probabilities_in_order(span: list[float]) -> None:
    call = event("call", "call_held", "2021-01-05", by="CAN")
    with pytest.raises(InputError, match="conventions"):
        told(call, conventions={"refusals_reported": span})
