"""Runs, comparisons and whys over draws of the weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import sim
from sim.ensemble.settings import settings
from sim.kernel import run as kernel
from sim.learning.drawn_weights import with_draws
from sim.learning.priors import parameters_of
from sim.model.compiling import compile_scenario
from sim.model.dating import fact_instants
from sim.model.fit_draw import draws_of
from sim.results.over_weights import over_change
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS
from sim.study.verifying import verify
from sim.study.weighing import EACH, pinned, with_lapses

pytestmark = pytest.mark.usefixtures("drawn_never")

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NEW_DELHI = SCENARIOS / "new-delhi.yaml"
WHAT_IF = SCENARIOS / "whatif-no-july-call.yaml"
DRAWS = 40


@pytest.fixture(scope="module")
def run() -> sim.Run:
    return sim.run(NEW_DELHI, replications=300, draws=DRAWS)


def test_draws_change_no_number_of_the_plain_run(run: sim.Run) -> None:
    plain = sim.run(NEW_DELHI, replications=300, draws=0)
    for name in ("values", "occupancy", "moves", "events", "raster"):
        assert np.array_equal(getattr(plain.tally, name), getattr(run.tally, name)), name
    assert all(a.over_weights is None for a in plain.answers)
    assert plain.drawn is None
    assert plain.outcomes["weights_low"].null_count() == len(plain.answers)


def test_each_outcome_has_a_range_that_is_wider_than_the_simulation(run: sim.Run) -> None:
    for answer in run.answers:
        over = answer.over_weights
        assert over is not None
        assert (over.draws, over.source) == (DRAWS, "priors")
        assert 0.0 <= over.low <= over.mean <= over.high <= 1.0
    first = next(a for a in run.answers if a.name == "reopened")
    assert first.over_weights is not None
    assert first.over_weights.high - first.over_weights.low > 3 * (first.high - first.low)
    assert run.summary()["outcomes"]["reopened"]["over_weights"]["source"] == "priors"
    assert run.summary()["draws"] == DRAWS


def test_two_executors_agree_over_draws() -> None:
    scenario = sim.load_scenario(WHAT_IF)
    program = with_draws(scenario, compile_scenario(scenario), 3, 25)
    assert len(np.unique(draws_of(25, 3, 12))) > 5
    assert isinstance(verify(program, 3, 12), int)
    other = with_draws(scenario, compile_scenario(scenario), 4, 25)
    assert not np.array_equal(program.doctrines.weights, other.doctrines.weights)


def test_draws_are_those_of_the_priors() -> None:
    scenario = sim.load_scenario(NEW_DELHI)
    plain = compile_scenario(scenario)
    program = with_draws(scenario, plain, 1, 400)
    law = parameters_of(scenario, plain)
    mean, spread = law.moments()
    rows = program.doctrines.initial[law.block // len(DECISIONS)]
    found = program.doctrines.weights[:, rows, law.block % len(DECISIONS), law.feature]
    z = (found.mean(axis=0) - mean) / (spread / np.sqrt(400))
    assert np.sqrt((z**2).mean()) == pytest.approx(1.0, abs=0.2)
    assert found.std(axis=0) / spread == pytest.approx(np.ones(len(law)), abs=0.2)
    # a weight that has no prior stays, and the doctrines themselves are as they were
    silent = np.ones((len(DECISIONS), len(FEATURES)), dtype=bool)
    mine = law.block // len(DECISIONS) == 0
    silent[law.block[mine] % len(DECISIONS), law.feature[mine]] = False
    own = plain.doctrines.weights[0, plain.doctrines.initial[0]][silent]
    drawn = program.doctrines.weights[:, program.doctrines.initial[0]][:, silent]
    assert (drawn == own).all()
    names = plain.doctrines.names
    assert (program.doctrines.weights[:, : len(names)] == plain.doctrines.weights).all()


def test_draws_of_a_weight_depend_on_no_other_party_or_doctrine() -> None:
    """A party that takes up another doctrine draws the same quantiles there."""
    scenario = sim.load_scenario(SCENARIOS / "whatif-conciliatory-washington.yaml")
    program = with_draws(scenario, compile_scenario(scenario), 1, 30)
    own = program.doctrines
    (row,) = {*own.choice_doctrine.tolist()} - {*own.initial.tolist()}
    party = int(own.switch_party[own.choice_doctrine.tolist().index(row)])
    bias = FEATURES.index("bias")
    before = own.weights[:, own.initial[party], 0, bias]
    after = own.weights[:, row, 0, bias]
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(1.0)
    assert before.std() > 0.3
    other = own.weights[:, own.initial[1 - party], 0, bias]
    assert abs(np.corrcoef(before, other)[0, 1]) < 0.5  # the control


def test_dates_and_chances_are_those_of_the_plain_run() -> None:
    """Draws that are all the doctrines' own weights give the plain run's worlds."""
    scenario = sim.load_scenario(WHAT_IF)
    plain = compile_scenario(scenario)
    over = with_draws(scenario, plain, 1, 20)
    own = over.doctrines
    weights = own.weights.copy()
    for name in own.names[len(plain.doctrines.names) :]:
        source = plain.doctrines.names.index(name.partition(": ")[2])
        weights[:, own.names.index(name)] = plain.doctrines.weights[0, source]
    same = replace(over, doctrines=replace(own, weights=weights))
    first, second = (kernel.run(p, 1, 0, 50)[0].values for p in (plain, same))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, kernel.run(over, 1, 0, 50)[0].values)  # the control


def test_workers_change_nothing() -> None:
    one, two = (
        sim.run(NEW_DELHI, replications=10, draws=150, workers=workers) for workers in (1, 3)
    )
    assert one.drawn is not None
    assert two.drawn is not None
    assert one.drawn.worlds == 150 * EACH
    assert np.array_equal(one.drawn.values, two.drawn.values, equal_nan=True)


def test_a_fit_is_drawn_from_evenly_and_its_own_worlds_do_without() -> None:
    fitted = SCENARIOS / "learned-record.yaml"
    found = sim.run(fitted, replications=600, draws=100)
    assert found.drawn is not None
    assert (found.drawn.draws, found.drawn.source) == (100, "fit")
    weights = with_draws(found.scenario, found.program, 1, 100).doctrines.weights
    whole = found.program.doctrines.weights
    assert np.array_equal(weights[[0, -1]], whole[[0, -1]])
    own = sim.run(fitted, replications=600, draws=0)
    over = own.answers[0].over_weights
    assert over is not None
    assert over.source == "fit"
    assert own.summary()["draws"] == 0


def test_a_folder_keeps_the_worlds_with_drawn_weights(run: sim.Run, tmp_path: Path) -> None:
    sim.save(run, tmp_path / "run", report=False)
    again = sim.load_run(tmp_path / "run")
    assert again.outcomes.equals(run.outcomes)
    frame = pl.read_parquet(tmp_path / "run" / "weights.parquet")
    assert frame.columns == ["outcome", "replication", "draw", "rules", "dates", "value"]
    assert frame["draw"].is_not_null().sum() == DRAWS * EACH * len(run.answers)
    assert frame["dates"].is_not_null().sum() == 1_000 * len(run.answers)
    with pytest.raises(sim.RunError, match="40 draws of the weights"):
        sim.run(NEW_DELHI, replications=300, draws=20, out=tmp_path / "run")
    frame.head(10).write_parquet(tmp_path / "run" / "weights.parquet")
    with pytest.raises(sim.InputError, match="do not belong together"):
        sim.load_run(tmp_path / "run")
    (tmp_path / "run" / "weights.parquet").write_bytes(b"PAR1")
    with pytest.raises(sim.InputError, match="do not belong together"):
        sim.load_run(tmp_path / "run")


def test_a_comparison_says_in_how_many_draws_a_change_has_its_sign() -> None:
    other = SCENARIOS / "moscow-isolates.yaml"
    found = sim.compare(NEW_DELHI, other, replications=300, draws=DRAWS)
    by_name = {c.name: c.over_weights for c in found.contrasts}
    talk, prisoner = by_name["corridor-talk"], by_name["share-prisoner-only"]
    assert talk is not None
    assert prisoner is not None
    assert talk.draws == DRAWS
    assert talk.same_sign is not None
    assert talk.same_sign >= DRAWS - 1
    assert talk.low < talk.high < 0.0
    assert prisoner.same_sign is not None
    assert prisoner.same_sign < DRAWS
    assert prisoner.low < 0.0 < prisoner.high
    assert found.frame["weights_same_sign"].max() == DRAWS


def test_a_change_that_no_draw_can_tell_from_nothing_has_no_count() -> None:
    draw = np.repeat(np.arange(50), 10)
    noise = np.tile([1.0, -1.0], 250)
    for change, told in ((0.01, False), (0.0, False)):
        found = over_change(noise, draw, "priors", change)
        assert found is not None
        assert (found.same_sign is not None) is told
    found = over_change(noise + 1.0, draw, "priors", 0.01)
    assert found is not None
    assert found.same_sign == 50


def test_scenarios_with_draws_of_different_kinds_have_no_range_of_the_change() -> None:
    learned, plain = SCENARIOS / "learned-record.yaml", SCENARIOS / "record.yaml"
    found = sim.compare(plain, learned, replications=50, draws=20)
    assert all(c.over_weights is None for c in found.contrasts)
    assert any(c.difference for c in found.contrasts)


def test_a_base_that_was_run_before_gives_the_number_of_draws(run: sim.Run) -> None:
    found = sim.compare(run, SCENARIOS / "no-forums.yaml")
    assert found.draws == DRAWS
    assert any(c.over_weights for c in found.contrasts)
    with pytest.raises(sim.InputError, match="draws"):
        sim.compare(run, SCENARIOS / "no-forums.yaml", draws=50)


def test_a_why_has_ranges_of_its_shares() -> None:
    asked = {"replications": 60, "sets": 0, "samples": 0}
    found = sim.why(SCENARIOS / "whatif-nothing.yaml", draws=50, **asked)
    plain = sim.why(SCENARIOS / "whatif-nothing.yaml", draws=0, **asked)
    assert found.share == plain.share
    assert [b.share for b in found.events] == [b.share for b in plain.events]
    assert plain.over_weights is None
    assert all(b.over_weights is None for b in plain.events)
    assert found.over_weights is not None
    assert found.over_weights.low <= found.share + 0.15
    ranged = [b.over_weights for b in found.events if b.over_weights is not None]
    assert max(over.high - over.low for over in ranged) > 0.05
    assert found.plain()["over_weights"]["source"] == "priors"


def test_a_why_says_what_other_couplings_could_give() -> None:
    found = sim.why(SCENARIOS / "whatif-nothing.yaml", "reopened", replications=200, sets=0)
    assert any(b.share > 0.0 for b in found.events)
    for b in found.events:
        bounds = b.any_coupling
        assert bounds is not None
        assert bounds.low - 1e-9 <= b.share <= bounds.high + 1e-9
        assert b.without == pytest.approx(
            found.share * (1.0 - b.share) + (1.0 - found.share) * b.made
        )
        assert b.sufficient is not None
        assert b.sufficient_any_coupling is not None
        within = b.sufficient_any_coupling
        assert within.low - 1e-9 <= b.sufficient <= within.high + 1e-9
    frame = found.frame
    assert frame["any_low"].to_list() == [
        b.any_coupling.low for b in found.events if b.any_coupling
    ]


@pytest.mark.parametrize(("asked", "told"), [(5, "0 for none"), (-1, "must lie"), (0.5, "whole")])
def test_a_number_of_draws_is_checked(asked: Any, told: str) -> None:
    with pytest.raises(sim.InputError, match=told):
        sim.run(NEW_DELHI, replications=1, draws=asked)


def test_a_sweep_has_no_draws() -> None:
    with pytest.raises(sim.InputError, match="a sweep varies numbers itself"):
        sim.sweep(NEW_DELHI, draws=20)


def test_draws_are_the_default_of_the_kernel_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.ensemble.settings.DRAWS", 200)
    usual = sim.load_scenario(NEW_DELHI).ensemble
    assert settings({}, usual).draws == 200
    assert settings({"executor": "reference"}, usual).draws == 0
    assert settings({"executor": "reference", "draws": 20}, usual).draws == 20
    assert settings({"draws": 0}, usual).draws == 0


def test_a_prior_off_its_side_is_named() -> None:
    prior = {"act": {"cut": {"bias": {"sign": "positive", "reason": "Nobody thinks so."}}}}
    given = {
        "extends": str(SCENARIOS / "calm-neighbours.yaml"),
        "doctrines": {"odd": {"extends": "transactional", "prior": prior}},
        "parties": {"FIN": {"doctrine": "odd"}},
    }
    with pytest.raises(sim.InputError, match=r"FIN\.act\.cut\.bias"):
        sim.run(given, replications=1, draws=20)
    assert sim.run(given, replications=1, draws=0).answers


# ---------------------------------------------------------------------------- rules and dates

SPANS = {"open": [30, 90], "open_at_most": [120, 365], "prisoner_only": [30, 365]}


def conventional(**lapses: list[float]) -> dict[str, Any]:
    return {"extends": str(NEW_DELHI), "conventions": {"lapse_days": lapses}}


def test_rules_with_a_range_are_part_of_the_range_and_of_the_variance() -> None:
    found = sim.run(conventional(**SPANS), replications=200, draws=100)
    plain = sim.run(NEW_DELHI, replications=200, draws=100)
    assert np.array_equal(found.tally.values, plain.tally.values)  # the plain run has its own rules
    assert found.drawn is not None
    assert found.drawn.rules is not None
    assert len(np.unique(found.drawn.rules)) == 20
    each = {int(d): {*found.drawn.rules[found.drawn.draw == d]} for d in found.drawn.draw}
    assert all(len(rules) == 1 for rules in each.values())
    one, other = found.variance["share-prisoner-only"], plain.variance["share-prisoner-only"]
    assert one.rules is not None
    assert one.rules > 0.01
    assert other.rules is None


def test_draws_of_rules_are_keyed_and_inside_their_range() -> None:
    scenario = sim.load_scenario(NEW_DELHI)
    given = sim.run(conventional(**SPANS), replications=1, draws=0).scenario
    drawn = [with_lapses(given, 1, n).channels["usa-rus/ministers"].lapse_days for n in range(50)]
    assert all(days is not None for days in drawn)
    days = [d.prisoner_only for d in drawn if d is not None and d.prisoner_only is not None]
    assert 30 <= min(days) < 60
    assert 200 < max(days) <= 365
    assert {d.corridor for d in drawn if d is not None} == {30}
    alone = sim.run(conventional(prisoner_only=[30, 365]), replications=1, draws=0).scenario
    other = with_lapses(alone, 1, 7).channels["usa-rus/ministers"].lapse_days
    assert other is not None
    assert drawn[7] is not None
    assert other.prisoner_only == drawn[7].prisoner_only
    assert scenario.conventions.lapse_days.given() == {}


def test_a_lapse_that_never_comes_stays_so() -> None:
    given = conventional(open=[30, 90], corridor=[10, 90])
    given["channels"] = {"usa-rus/ministers": {"lapse_days": {"corridor": None}}}
    scenario = sim.run(given, replications=1, draws=0).scenario
    days = with_lapses(scenario, 1, 3).channels["usa-rus/ministers"].lapse_days
    assert days is not None
    assert days.corridor is None
    assert days.open != 60


def test_worlds_with_pinned_dates_have_the_dates_of_a_replication() -> None:
    scenario = sim.load_scenario(WHAT_IF)
    program = compile_scenario(scenario)
    fixed = pinned(program, 1, 5)
    assert fact_instants(fixed, 1, 0) == fact_instants(fixed, 1, 9) == fact_instants(program, 1, 5)
    assert fact_instants(program, 1, 0) != fact_instants(program, 1, 5)  # the control
    assert isinstance(verify(fixed, 1, 5), int)


@pytest.mark.slow
def test_a_folder_keeps_draws_of_rules_and_dates(tmp_path: Path) -> None:
    run = sim.run(conventional(**SPANS), replications=50, draws=20)
    sim.save(run, tmp_path / "run")
    again = sim.load_run(tmp_path / "run")
    assert again.variance == run.variance
    assert "rules" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["variance"]["reopened"]


@pytest.mark.parametrize(
    ("lapses", "told"),
    [
        ({"open": [90, 30]}, "must lie below the second"),
        ({"open": [30, 200]}, "at least as long as open"),
        ({"open_at_most": [40, 365]}, "at least as long as open"),
        ({"opne": [30, 90]}, "open"),
    ],
)
def test_broken_ranges_of_rules_are_named(lapses: dict[str, list[float]], told: str) -> None:
    with pytest.raises(sim.InputError, match=told):
        sim.run(conventional(**lapses), replications=1, draws=0)
