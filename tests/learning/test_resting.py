"""What an answer over a fit rests on, held against laws whose scaled posteriors are known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fits import made_up, over
from learned import setting
from micro import data as micro_data
from micro import doctrine
from numpy.typing import NDArray
from pasts import event, told
from scipy.stats import norm
from typer.testing import CliRunner

import sim
from sim.cli.app import app
from sim.ground.yaml import Document, dump_yaml
from sim.kernel import run as kernel
from sim.learning.resting import (
    POWERS,
    THRESHOLD,
    goes_with,
    rests,
    sensitivity,
    word_for,
)
from sim.model.compiling import compile_scenario
from sim.report.comparison_pages import save_comparison
from sim.report.resting import BOTH, MEANING, about_fit, resting_rows
from sim.report.runs import run
from sim.report.sweep_pages import save_sweep
from sim.report.why_pages import save_why
from sim.results.over_fit import unseen
from sim.scenario.fit import SavedFit
from sim.scenario.resolve import resolve, write_resolved
from sim.scenario.scenario import Scenario
from sim.study.asking import without

pytestmark = pytest.mark.usefixtures("drawn_never")

Floats = NDArray[np.float64]
SEEN, ERROR = 1.5, 0.8
"""One observation of a quantity whose prior is the standard Normal law, and its standard error."""
DRAWS = 20_000


def posterior(prior: float = 1.0, likelihood: float = 1.0) -> tuple[float, float]:
    """Mean and standard deviation, where prior and likelihood are raised to these powers."""
    precision = prior + likelihood / ERROR**2
    return SEEN * likelihood / ERROR**2 / precision, float(1.0 / np.sqrt(precision))


def distance(p: Floats, q: Floats, at: Floats) -> float:
    """The cumulative Jensen-Shannon distance of two distribution functions over a grid."""

    def area(y: Floats) -> float:
        return float(np.trapezoid(y, at))

    middle = 0.5 * (p + q)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.nan_to_num(p * np.log2(p / middle)) + np.nan_to_num(q * np.log2(q / middle))
    return float(np.sqrt(max(0.0, area(parts)) / area(p + q)))


def closed_form(at: Floats, **of: bool) -> float:
    """The sensitivity of the quantity to the prior or the likelihood, without any draws."""
    found = []
    for power in POWERS:
        base, scaled = posterior(), posterior(**dict.fromkeys(of, power))
        p, q = (norm.cdf(at, *law) for law in (base, scaled))
        d = max(distance(p, q, at), distance(1.0 - p, 1.0 - q, at))
        found.append(d / abs(np.log2(power)))
    return float(np.mean(found))


@pytest.fixture(scope="module")
def drawn() -> Floats:
    return np.random.default_rng(1).normal(*posterior(), DRAWS)


@pytest.mark.parametrize("of", ["prior", "likelihood"])
def test_a_sensitivity_is_the_one_of_the_closed_form(drawn: Floats, of: str) -> None:
    law = norm.logpdf(drawn) if of == "prior" else norm.logpdf(SEEN, drawn, ERROR)
    at = np.linspace(drawn.min(), drawn.max(), 20_001)
    assert sensitivity(drawn, law) == pytest.approx(closed_form(at, **{of: True}), rel=0.04)


def test_control_another_power_is_another_sensitivity(drawn: Floats) -> None:
    at = np.linspace(drawn.min(), drawn.max(), 20_001)
    twice = sensitivity(drawn, 2.0 * norm.logpdf(drawn))
    assert twice != pytest.approx(closed_form(at, prior=True), rel=0.5)


# ------------------------------------------------------------------------------ words


def a_fit(seed: int = 1, draws: int = 2_000) -> SavedFit:
    """One weight that the record knows, one that it does not, and many that answers ignore."""
    random = np.random.default_rng(seed)
    prior = random.normal(0.0, 1.0, (draws, 40))
    weights = prior.copy()
    weights[:, 0] = random.normal(2.0, 0.1, draws)  # centre 0: pulled far by the record
    record = {"weights": [{"centre": 0.0, "spread": 10.0 if p == 0 else 1.0} for p in range(40)]}
    likelihoods = -0.5 * ((weights[:, 0] - 2.0) / 0.1) ** 2
    fit = SavedFit(record, (), weights, np.zeros(draws), likelihoods, {})
    return replace(fit, log_priors=fit.log_prior_parts.sum(axis=1))


def worlds(fit: SavedFit, weight: int, each: int = 40) -> tuple[Floats, NDArray[np.int64]]:
    """Yes or no in some worlds of each draw, by a chance that depends on one weight."""
    drawn = np.repeat(np.arange(len(fit.weights)), each)
    z = (fit.weights[:, weight] - fit.weights[:, weight].mean()) / fit.weights[:, weight].std()
    chance = 1.0 / (1.0 + np.exp(-z))[drawn]
    return (np.random.default_rng(2).random(len(drawn)) < chance).astype(np.float64), drawn


def test_an_answer_that_the_record_knows_rests_on_data_and_another_on_the_prior() -> None:
    fit = a_fit()
    for weight, word in ((0, "data"), (1, "prior")):
        found = rests(*worlds(fit, weight), fit)
        assert found.rests_on == word, found
        high = found.likelihood_sensitivity if word == "data" else found.prior_sensitivity
        assert high > THRESHOLD + found.chance_sensitivity / 2


def test_control_answers_that_are_paired_wrongly_rest_on_nothing() -> None:
    fit = a_fit()
    for weight in (0, 1):
        values, drawn = worlds(fit, weight)
        found = rests(values, np.roll(drawn, len(drawn) // 2 + 40), fit)
        assert found.rests_on in ("neither", "unclear"), found
        assert max(found.prior_sensitivity, found.likelihood_sensitivity) < 2 * THRESHOLD


def test_only_priors_of_weights_that_the_answer_goes_with_are_scaled() -> None:
    fit = a_fit()
    found = goes_with(fit.weights[:, 1], fit.weights)
    assert found[1]
    assert found.sum() <= 4


def test_few_draws_and_answers_that_never_differ_say_nothing() -> None:
    fit = a_fit(draws=50)
    assert rests(*worlds(fit, 0), fit).rests_on == "unclear"
    fit = a_fit()
    values, drawn = worlds(fit, 0)
    found = rests(np.ones_like(values), drawn, fit)
    assert found.rests_on == "unclear"
    assert found.plain()["prior_sensitivity"] is None


@pytest.mark.parametrize(
    ("prior", "likelihood", "word"),
    [
        (0.01, 0.2, "data"),
        (0.2, 0.2, "mixed"),
        (0.2, 0.01, "prior"),
        (0.01, 0.01, "neither"),
        (0.045, 0.2, "unclear"),
        (0.2, 0.055, "unclear"),
    ],
)
def test_words(prior: float, likelihood: float, word: str) -> None:
    assert word_for(prior, 0.02, likelihood, 0.02) == word
    assert {*MEANING} >= {word}


# ------------------------------------------------------------------------------ runs

ASKED: dict[str, Any] = {
    "calls": {"type": "event_by", "kind": "call_held", "title": "A call"},
    "open": {"type": "share_of_days", "state": "open"},
    "first": {"type": "first_time", "state": "cut_off"},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    base = setting(until="2021-02-28", outcomes=ASKED)
    return over(base, made_up(base, tmp_path_factory.mktemp("fit"), draws=120, spread=0.5))


def test_changes_of_state_that_the_record_never_shows(whole: Scenario) -> None:
    program = compile_scenario(whole)
    tally, _ = kernel.run(program, 1, 0, 200)
    found = unseen(whole, program, tally)
    assert found
    assert ("open", "cut_off") not in {(u.source, u.target) for u in found}
    assert [u.count for u in found] == sorted((u.count for u in found), reverse=True)
    assert tally.moves[0, 0, 0, 1] > 0  # the control: it happens in these worlds too
    assert unseen(whole.model_copy(update={"fit": None}), program, tally) == []


@pytest.mark.slow
def test_a_run_says_what_its_answers_rest_on(whole: Scenario, tmp_path: Path) -> None:
    made = run(whole, replications=1_500, out=tmp_path / "run")
    assert made.outcomes["rests_on"].null_count() == 0
    said = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert {*said["rests_on"]} == {"calls", "open", "first"}
    assert said["fit"] == made.scenario.fit.sha256  # type: ignore[union-attr]
    rows = resting_rows(made)
    assert rows[0][0] == "A call"
    page = (tmp_path / "run" / "report.html").read_text()
    assert "What the answers rest on" in page
    assert "Each world draws its weights from a fit: one of 120 draws" in page
    assert "The record never shows these changes of state" in " ".join(about_fit(made))
    again = sim.load_run(tmp_path / "run")
    assert again.summary() == made.summary()


@pytest.mark.slow
def test_a_run_without_a_fit_says_nothing_of_it(whole: Scenario, tmp_path: Path) -> None:
    plain = run(whole.model_copy(update={"fit": None}), replications=20, out=tmp_path)
    assert "rests_on" not in plain.outcomes.columns
    assert "rests_on" not in plain.summary()
    assert (about_fit(plain), resting_rows(plain)) == ([], [])
    assert "rest on" not in (tmp_path / "report.html").read_text()


def test_the_terminal_says_it_too(whole: Scenario, tmp_path: Path) -> None:
    write_resolved(whole, tmp_path / "whole.yaml")
    out = ["--out", str(tmp_path / "run"), "-n", "300"]
    done = CliRunner().invoke(app, ["run", str(tmp_path / "whole.yaml"), *out])
    assert done.exit_code == 0, done.output
    assert "Rests on" in done.output
    assert "Each world draws its weights from a fit" in done.output


# ------------------------------------------------------------------------------ studies


SAID = "Each world draws its weights from a fit: one of 120 draws, learned from the record of 2019"
PLAIN = "The weights by which the governments decide are judgements"


def page_of(folder: Path) -> str:
    return " ".join((folder / "report.html").read_text().split())


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """A small scenario with a history, over a fit."""
    weights = {"doctrines": {"can": doctrine(call=-1.0), "usa": doctrine(accept_call=0.0)}}
    call = event("call", "call_held", "2021-01-20", by="CAN")
    base = told(call, **weights, outcomes={"calls": ASKED["calls"]})
    return over(base, made_up(base, tmp_path_factory.mktemp("fit"), draws=120, spread=0.5))


def without_fit(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"fit": None})


@pytest.mark.slow
def test_a_comparison_says_where_its_weights_come_from(past: Scenario, tmp_path: Path) -> None:
    changed = without(past, ["call"]).model_copy(update={"title": "No call"})
    save_comparison(sim.compare(past, {"changed": changed}, replications=10), tmp_path / "fit")
    page = page_of(tmp_path / "fit")
    assert page.count(SAID) == page.count(BOTH) == 1
    assert f"<p>{SAID}" in page
    assert PLAIN not in page
    plain = {"changed": without_fit(changed)}
    mixed = sim.compare(past, plain, replications=10)
    save_comparison(mixed, tmp_path / "mixed")
    assert f"“A small scenario”: {SAID}" in page_of(tmp_path / "mixed")
    save_comparison(sim.compare(without_fit(past), plain, replications=10), tmp_path / "plain")
    page = page_of(tmp_path / "plain")  # the control
    assert "from a fit" not in page
    assert PLAIN in page


def test_a_why_says_where_its_weights_come_from(past: Scenario, tmp_path: Path) -> None:
    found = sim.why(past, replications=10)
    save_why(found, tmp_path / "fit")
    page = page_of(tmp_path / "fit")
    assert f"<p>{SAID}" in page
    assert f"<p>{BOTH}</p>" in page
    assert "weights, of which the record leaves much open, and on" in page
    save_why(replace(found, scenario=without_fit(past)), tmp_path / "plain")
    page = page_of(tmp_path / "plain")  # the control
    assert "from a fit" not in page
    assert "weights, which are judgements, and on" in page


def test_a_sweep_says_where_its_weights_come_from(past: Scenario, tmp_path: Path) -> None:
    axis = resolve(Document("sweep.yaml", micro_data(sweep=SWEPT))).sweep
    varied = past.model_copy(update={"sweep": axis})
    found = sim.sweep(varied, replications=5)
    save_sweep(found, tmp_path / "fit")
    page = page_of(tmp_path / "fit")
    assert f"<p>{SAID}" in page
    assert PLAIN not in page
    save_sweep(replace(found, scenario=without_fit(varied)), tmp_path / "plain")
    page = page_of(tmp_path / "plain")  # the control
    assert "from a fit" not in page
    assert PLAIN in page


SWEPT = {"rates_per_day.call": {"values": [0.1, 0.2]}}


@pytest.mark.slow
def test_the_terminal_says_it_of_studies(past: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "past.yaml"
    write_resolved(past, path)
    swept = tmp_path / "swept.yaml"
    swept.write_text(dump_yaml({"extends": "past.yaml", "sweep": SWEPT}))
    changed = tmp_path / "changed.yaml"
    changed.write_text(dump_yaml({"extends": "past.yaml", "changes": [{"remove": "call"}]}))
    for line in (("why", path), ("run", swept), ("compare", changed)):
        out = ("-n", "5", "--out", tmp_path / line[0])
        done = CliRunner().invoke(app, [str(part) for part in (*line, *out)])
        assert done.exit_code == 0, done.output
        assert f"Note: {SAID}" in done.output, line
