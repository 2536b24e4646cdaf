"""Which numbers a scenario's answers go with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from micro import doctrine
from pasts import detained, event, written
from typer.testing import CliRunner

import sim
from sim.cli.app import app
from sim.ground.yaml import dump_yaml
from sim.model.compiling import compile_scenario
from sim.scenario.scope import channels_of
from sim.scenario.varying import varied
from sim.study.factors import GROUPS, chosen_factors
from sim.study.sensitivity import at_own_weights, place_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NEW_DELHI = SCENARIOS / "new-delhi.yaml"
CALLS = {"calls": {"type": "event_by", "kind": "call_held", "title": "A call"}}
CHANNEL = "can-usa/ministers"


def small(**parts: Any) -> dict[str, Any]:
    """Write a small scenario with a history, in which nobody but callers does anything."""
    return written(
        event("cut", "contact_cut", "2021-01-20", by="USA"),
        detained("arrest", "2021-01-22"),
        doctrines={
            "can": doctrine(call=-1.0, accept_call=0.5),
            "usa": doctrine(call=-1.0, accept_call=0.5),
        },
        **({"outcomes": CALLS} | parts),
    )


@pytest.fixture(scope="module")
def screened() -> Any:
    vary = ["*.call.bias", "*.swap.bias", "rates_per_day.call", "rates_per_day.swap"]
    return sim.sensitivity(small(), vary, replications=150, trajectories=6, seed=3)


def test_what_brings_calls_comes_first_and_what_does_not_comes_last(screened: Any) -> None:
    order = screened.frame["number"].to_list()
    assert len(order) == screened.points // 6 - 1
    assert order[0] in ("rates_per_day.call", "CAN.act.call.bias", "USA.act.call.bias")
    effects = dict(zip(order, screened.frame["effect"], strict=True))
    callers = [name for name in order if "call" in name]
    assert min(effects[n] for n in callers) > max(effects[n] for n in order if "swap" in n)


def test_a_number_at_its_ends_moves_the_answer_the_right_way(screened: Any) -> None:
    base = float(screened.base[0])
    for name in ("rates_per_day.call", "CAN.act.call.bias"):
        row = screened.frame.row(by_predicate=pl.col("number") == name, named=True)
        assert row["at_low"] < base < row["at_high"]
        assert row["mean_effect"] > 0.0
    low, high = screened.reached[:, 0]
    assert low <= base <= high


def test_all_numbers_as_they_are_give_the_plain_run(screened: Any) -> None:
    run = sim.run(small(), replications=150, seed=3, draws=0)
    assert float(screened.base[0]) == run.answers[0].estimate


def test_the_same_seed_gives_the_same_table(screened: Any) -> None:
    vary = ["*.call.bias", "*.swap.bias", "rates_per_day.call", "rates_per_day.swap"]
    again = sim.sensitivity(small(), vary, replications=150, trajectories=6, seed=3, workers=2)
    assert again.frame.equals(screened.frame)


def test_numbers_of_every_group_are_found_with_their_own_values() -> None:
    scenario = sim.load_scenario(NEW_DELHI)
    found = chosen_factors(scenario)
    assert {f.group for f in found} == {*GROUPS}
    assert len({f.name for f in found}) == len(found)
    program = at_own_weights(scenario)
    for factor in found:
        assert factor.low < factor.high
        assert factor.low <= factor.own <= factor.high
        assert factor.at(0.0) == pytest.approx(factor.low)
        assert factor.at(1.0) == pytest.approx(factor.high)
        if factor.group == "weights":
            code, decision, feature = place_of(scenario, factor.name)
            assert isinstance(code, str)
            row = program.doctrines.initial[program.parties.index(code)]
            assert program.doctrines.weights[0, row, decision, feature] == factor.own
    numbers = {f.name: f.own for f in found if f.group != "weights"}
    plain, same = compile_scenario(scenario), compile_scenario(varied(scenario, numbers))
    assert np.array_equal(plain.channels.lapse_s, same.channels.lapse_s)
    assert np.array_equal(plain.streams.rate, same.streams.rate)
    high = {f.name: f.high for f in found if f.group != "weights"}
    most = compile_scenario(varied(scenario, high))  # all of them at once
    assert (most.streams.rate >= plain.streams.rate).all()
    assert (most.channels.lapse_s > plain.channels.lapse_s).all()
    assert (most.attention.m > plain.attention.m).all()


def test_weights_of_a_fit_go_over_its_draws() -> None:
    scenario = sim.load_scenario(SCENARIOS / "learned-record.yaml")
    assert scenario.fit is not None
    fit = scenario.fit.saved
    found = {f.name: f for f in chosen_factors(scenario, ["weights"])}
    name = fit.names[3]
    assert found[name].own == pytest.approx(fit.weights[:, 3].mean())
    assert found[name].low == pytest.approx(np.quantile(fit.weights[:, 3], 0.05))


def test_days_of_a_lapse_are_varied_without_being_written() -> None:
    """Of a channel that only the history has, and of one among several."""
    scenario = sim.load_scenario(NEW_DELHI)
    every = channels_of(unwritten := scenario.model_copy(update={"channels": {}}))
    left = channels_of(varied(unwritten, {f"channels.{min(every)}.lapse_days.corridor": 7.0}))
    assert {*left} == {*every}
    assert left[min(every)].lapse_days.corridor == 7.0
    path = "channels.usa-rus/ministers.lapse_days.open"
    changed = varied(scenario, {path: 90.0})
    days = channels_of(changed)["usa-rus/ministers"].lapse_days
    assert (days.open, days.open_at_most) == (90.0, 180)
    levels = sim.load_scenario(SCENARIOS / "levels.yaml")
    first, *others = channels_of(levels)
    lapsed = varied(levels, {f"channels.{first}.lapse_days.corridor": 7.0})
    assert channels_of(lapsed)[first].lapse_days.corridor == 7.0
    assert others
    for other in others:
        assert channels_of(lapsed)[other] == channels_of(levels)[other]
    faster = varied(scenario, {"channels.usa-rus/ministers.rates_per_day.call": 1.0})
    rates = faster.channels["usa-rus/ministers"].rates_per_day
    assert rates is not None
    assert (rates.call, rates.meet) == (1.0, scenario.rates_per_day.meet)
    swept = sim.sweep({"extends": str(NEW_DELHI), "sweep": {path: [60, 180]}}, replications=20)
    same = sim.run(NEW_DELHI, replications=20, draws=0)
    assert swept.points[0].answers == same.answers
    assert swept.points[1].answers != same.answers
    assert swept.plot.own == {path: 60.0}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"vary": ["stocks.wra.half_life_days"]}, "did you mean"),
        ({"outcome": "open"}, "must be one of calls"),
        ({"trajectories": 1}, "2 to 100"),
        ({"executor": "reference"}, "must be the kernel"),
    ],
)
def test_what_cannot_be_screened_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(sim.InputError, match=told):
        sim.sensitivity(small(), **asked)
    with pytest.raises(sim.InputError, match="takes no sweep"):
        sim.sensitivity(small(sweep={"rates_per_day.call": [0.1, 0.2]}))
    with pytest.raises(sim.InputError, match="must hold an outcome"):
        sim.sensitivity(small(outcomes={}))


def test_the_command_writes_a_folder_and_says_what_moves_the_answer(tmp_path: Path) -> None:
    file, out = tmp_path / "small.yaml", tmp_path / "out"
    file.write_text(dump_yaml(small()), encoding="utf-8")
    options = ["-n", "40", "--vary", "*.call.bias", "--sobol", "--out", str(out)]
    done = CliRunner().invoke(app, ["sensitivity", str(file), *options])
    assert done.exit_code == 0, done.output
    assert "inclination to call, Canada" in done.output
    assert "Alone" in done.output
    frame = pl.read_csv(out / "sensitivity.csv")
    assert frame["sobol_total"].null_count() == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'id="figure-tornado-calls"' in page
    assert (out / "figures" / "tornado-calls.svg").is_file()
    again = CliRunner().invoke(app, ["sensitivity", str(file), "-n", "41", "--out", str(out)])
    assert isinstance(again.exception, sim.RunError)


def test_a_tornado_says_what_it_shows(screened: Any) -> None:
    figure = screened.plot.tornado()
    words = {text.get_text() for text in figure.texts}
    assert "rate of call per day" in words
    assert f"{round(100 * screened.base[0])} %" in figure.get_label()
    with pytest.raises(ValueError, match="must be one of calls"):
        screened.plot.tornado("open")
