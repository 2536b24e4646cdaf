"""Scenarios, logs and studies with no file and no command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pasts
import polars as pl
import pytest
from matplotlib.figure import Figure
from micro import CHANNEL, doctrine, scenario

import sim
from sim.ground.errors import InputError
from sim.ground.yaml import load_yaml
from sim.log.file import to_jsonl
from sim.scenario.resolve import resolved_text
from sim.scenario.scenario import Scenario
from sim.study import comparing

ROOT = Path(__file__).parents[2]
LOG = ROOT / "seeds" / "blinken-lavrov.yaml"
SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"


def asking(**more: Any) -> Scenario:
    """A small scenario with an outcome of each form."""
    outcomes = {
        "cut": {"type": "state_by", "state": "cut_off"},
        "share": {"type": "share_of_days", "state": "open"},
        "first": {"type": "first_time", "state": "cut_off"},
    }
    named = {"can": doctrine(call=0.0, accept_call=0.0, cut=-1.0), "usa": doctrine()}
    return scenario(named, rates_per_day={"call": 0.2, "cut": 0.05}, outcomes=outcomes, **more)


DOVE = [{"set_doctrine": {"party": "CAN", "doctrine": "usa", "from": "2021-01-10"}}]


def test_a_scenario_from_text_and_from_data_is_the_one_in_the_file() -> None:
    filed = sim.load_scenario(SMALL)
    assert sim.load_scenario(text=resolved_text(filed)) == filed
    data = load_yaml(SMALL).data
    if isinstance(data.get("history"), str):
        data["history"] = str(SMALL.parent / data["history"])
    assert sim.load_scenario(data) == filed
    one, two = sim.run(data, replications=3), sim.run(SMALL, replications=3)
    assert one.outcomes.equals(two.outcomes)


def test_paths_in_text_are_seen_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL.read_text())
    changed = sim.load_scenario(text="extends: small.yaml\ntitle: Another\n")
    assert changed.title == "Another"
    with pytest.raises(InputError, match=r"text:1: extends: gone.yaml: no such file"):
        sim.load_scenario(text="extends: gone.yaml\n")


def test_errors_of_text_and_data_name_them_and_their_line() -> None:
    with pytest.raises(InputError, match="text:2: as_of"):
        sim.load_scenario(text="schema: 1\nas_of: yesterday\n")
    with pytest.raises(InputError, match="data: as_of"):
        sim.load_scenario({"schema": 1, "as_of": "yesterday"})
    for none in ({}, {"path": SMALL, "text": "schema: 1"}):
        with pytest.raises(InputError, match="give either a path, or data, or text="):
            sim.load_scenario(**none)  # type: ignore[arg-type]


def test_a_log_from_text_and_from_data_is_the_one_in_the_file() -> None:
    filed = sim.load_log(LOG)
    assert sim.load_log(text=LOG.read_text()) == filed
    assert sim.load_log(text=to_jsonl(filed)).events == filed.events
    assert sim.load_log(load_yaml(LOG).data) == filed
    with pytest.raises(InputError, match=r"text:\d+: previous: the chain is broken"):
        sim.load_log(text=to_jsonl(filed).replace("New Delhi", "Old Delhi", 1))


# ---------------------------------------------------------------------------------- comparing


def test_files_are_compared_by_name_as_in_the_command(tmp_path: Path) -> None:
    for name, changes in (("one", []), ("two", DOVE)):
        text = resolved_text(asking(changes=changes))
        (tmp_path / f"{name}.yaml").write_text(text)
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    found = sim.compare(one, two, replications=20)
    assert (found.base_name, list(found.others)) == ("one", ["two"])
    listed = sim.compare(str(one), [two], replications=20)
    assert listed.frame.equals(found.frame)
    alone = sim.compare(two, replications=20)
    assert (alone.base_name, list(alone.others)) == ("no changes", ["two"])
    assert alone.frame["difference"].to_list() == found.frame["difference"].to_list()
    with pytest.raises(InputError, match="has no changes"):
        sim.compare(one)
    with pytest.raises(InputError, match="must have different file names"):
        sim.compare(one, [one])
    for same in (one, {"one": two}):
        with pytest.raises(InputError, match="must have another name than the base"):
            sim.compare(one, same)


def test_a_base_that_was_run_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    base, other = asking(), asking(changes=DOVE)
    run = sim.run(base, replications=30, seed=4)
    fresh = sim.compare(base, {"dove": other}, replications=30, seed=4)
    ran: list[Scenario] = []
    whole = comparing.carried_out

    def counted(order: Any) -> Any:
        ran.append(order.scenario)
        return whole(order)

    monkeypatch.setattr(comparing, "carried_out", counted)
    found = sim.compare(run, {"dove": other})
    assert found.frame.equals(fresh.frame)
    assert found.base is run
    assert len(ran) == 1
    assert not found.flips
    found.plot.difference()  # only now is it counted in how many worlds they differ
    assert (found.flips["dove"][CHANNEL] == fresh.flips["dove"][CHANNEL]).all()


def test_a_base_that_was_run_otherwise_is_refused() -> None:
    run = sim.run(asking(), replications=30, seed=4)
    with pytest.raises(InputError) as caught:
        sim.compare(run, {"dove": asking(changes=DOVE)}, replications=31, seed=5)
    assert [str(p) for p in caught.value.problems] == [
        "base: replications: must be 31: run the base with it (got 30)",
        "base: seed: must be 5: run the base with it (got 4)",
    ]
    early = asking(show_from="2021-01-01", as_of="2021-01-01")
    assert early.show_from


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([], "others: must hold at least one scenario"),
        ((), "others: must hold at least one scenario"),
        ({}, "others: must hold at least one scenario"),
        (5, "others: must be a scenario, a list of files, or scenarios by name"),
        (True, "others: must be a scenario, a list of files, or scenarios by name"),
        (b"", "others: must be a scenario|others: must hold at least one scenario"),
        ([5], r"others\[0\]: must be a file"),
        ([None], r"others\[0\]: must be a file"),
        ([SMALL, {}], r"others\[1\]: must be a file"),
        ({"x": 5}, r"others\[x\]: must be a scenario, its file, or plain data"),
        ({"x": None}, r"others\[x\]: must be a scenario, its file, or plain data"),
        ({5: SMALL}, "names of scenarios must be text"),
    ],
    ids=str,
)
def test_what_is_no_scenario_is_not_compared(others: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"compare: {said}"):
        sim.compare(asking(), others, replications=2)


def test_a_base_that_is_no_scenario_and_no_replications_are_refused() -> None:
    with pytest.raises(InputError, match="compare: base: must be a scenario, its file"):
        sim.compare(5, {"dove": asking(changes=DOVE)})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="replications: must lie in 1 to"):
        sim.compare(asking(), {"dove": asking(changes=DOVE)}, replications=0)


# ---------------------------------------------------------------------------------- results


def test_studies_have_figures_frames_values_and_html() -> None:
    compared = sim.compare(asking(), {"<dove>": asking(changes=DOVE)}, replications=20)
    swept = sim.sweep(asking(sweep={"rates_per_day.call": [0.1, 0.3]}), replications=5)
    for drawn in (
        compared.plot.contrasts(),
        compared.plot.difference(),
        compared.plot.rasters(),
        swept.plot.estimates(),
    ):
        assert isinstance(drawn, Figure)
    for result in (compared, swept, sim.run(asking(), replications=5)):
        html = result._repr_html_()
        assert "<table" in html
        assert "<dove>" not in html
        assert isinstance(result.values, pl.DataFrame)
    with pytest.raises(ValueError, match="the scenario must be one of <dove>"):
        compared.plot.difference("hawk")
    with pytest.raises(ValueError, match="needs two numbers"):
        swept.plot.map()


def test_values_are_shares_and_days_everywhere() -> None:
    compared = sim.compare(asking(), {"dove": asking(changes=DOVE)}, replications=40)
    values = compared.values
    assert values.columns == ["scenario", "replication", "cut", "first", "share"]
    assert values["scenario"].unique(maintain_order=True).to_list() == ["base", "dove"]
    assert set(values["cut"]) <= {0, 1}
    assert values["share"].is_between(0, 1).all()
    days = values["first"].drop_nulls()
    assert days.is_between(0, 90).all()
    assert values["first"].null_count() == (values["cut"] == 0).sum()
    base = values.filter(pl.col("scenario") == "base").drop("scenario")
    assert base.equals(compared.base.values)
    shown = dict(compared.frame.select("name", "base").iter_rows())
    assert shown["share"] == pytest.approx(float(base["share"].mean() or 0))
    swept = sim.sweep(asking(sweep={"rates_per_day.call": [0.1, 0.3]}), replications=5)
    assert swept.values["estimate"].is_between(0, 1).all()
    assert swept.values["median_days"].null_count() >= 4


def test_a_why_has_figures_and_values() -> None:
    cut = pasts.event("cut", "contact_cut", "2021-01-20", by="USA")
    outcomes = {"cut": {"type": "state_at", "state": "cut_off", "date": "2021-03-05"}}
    even = doctrine(cut=0.0)
    whole = pasts.told(cut, doctrines={"can": even, "usa": even}, outcomes=outcomes)
    found = sim.why(whole, replications=20)
    assert isinstance(found.plot.but_for(), Figure)
    assert found.values.columns == ["id", "share", "low", "high", "made"]
    assert found.values["share"].is_between(0, 1).all()
    assert "<table" in found._repr_html_()
    if found.differences:
        assert isinstance(found.plot.first_differences(), Figure)
    else:
        with pytest.raises(ValueError, match="there is nothing to draw"):
            found.plot.first_differences()


def test_a_first_time_in_one_of_several_states_is_drawn() -> None:
    """It once ended in a traceback, after the simulation."""
    outcomes = {"any": {"type": "first_time", "state": ["cut_off", "corridor"]}}
    several = scenario({"can": doctrine(cut=0.0), "usa": doctrine()}, outcomes=outcomes)
    figure = sim.run(several, replications=5).plot.waiting()
    assert "cut off or corridor" in str(figure.get_label())
