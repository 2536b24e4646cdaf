"""Sweeps: the points, the values drawn, the paths, and what is kept and written."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
import pytest
from micro import CHANNEL, data, doctrine, scenario
from pasts import event, told
from scipy import stats
from scipy.stats import spearmanr
from typed import listing, typed

from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ground.errors import InputError, Problem
from sim.ground.yaml import Document, dump_yaml
from sim.model.compiling import compile_scenario
from sim.report import sweep_pages
from sim.report.sweep_pages import draws_frame, rows_of, save_sweep, sweep_figures, titled
from sim.results.outcomes import answers
from sim.scenario.axes import Axis
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario
from sim.scenario.varying import broken_sweep, combinations, place_of, points_of, values_of, varied
from sim.study import sweeping
from sim.study.sweeping import Sweep, clear, sweep

pytestmark = pytest.mark.usefixtures("drawn_never")

EVEN = {p: doctrine(call=0.0, accept_call=0.0, cut=-1.0) for p in ("can", "usa")}
CALL, CUT = "rates_per_day.call", "rates_per_day.cut"
PARTS: dict[str, Any] = {
    "rates_per_day": {"call": 0.1, "cut": 0.1},
    "outcomes": {
        "open": {"type": "state_at", "state": "open", "title": "Open"},
        "share": {"type": "share_of_days", "state": "open"},
    },
}

FILES = [
    "columns.csv",
    "datapackage.json",
    "figures/sweep.svg",
    "report.html",
    "scenarios/scenario.yaml",
    "study.json",
    "sweep.csv",
    "sweep.md",
    "sweep.tex",
]


def swept(axes: dict[str, Any], **parts: Any) -> Scenario:
    return scenario(EVEN, **(PARTS | {"sweep": axes} | parts))


def axis(**given: Any) -> Axis:
    return Axis.model_validate(given)


# ---------------------------------------------------------------------------------- axes


def test_a_plain_list_is_an_axis_of_its_values() -> None:
    assert Axis.model_validate([1, 0.5, 2]) == axis(values=[1, 0.5, 2])
    assert values_of("x", Axis.model_validate([1, 0.5, 2]), 1) == [1.0, 0.5, 2.0]


@pytest.mark.parametrize(
    ("start", "to", "steps"),
    [(0.1, 0.7, 4), (0.1, 0.3, 3), (5, -5, 11), (1 / 3, 2 / 3, 7), (0, 1, 2)],
)
def test_spaced_values_begin_and_end_exactly(start: float, to: float, steps: int) -> None:
    found = values_of("x", axis(**{"from": start, "to": to, "steps": steps}), 1)
    assert (found[0], found[-1], len(found)) == (start, to, steps)
    gaps = [b - a for a, b in pairwise(found)]
    assert gaps == pytest.approx([(to - start) / (steps - 1)] * (steps - 1))


def test_five_steps_unless_it_is_said() -> None:
    assert values_of("x", axis(**{"from": 0, "to": 1}), 1) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert len(values_of("x", axis(uniform=[0, 1]), 1)) == 20


def test_drawn_values_follow_their_law() -> None:
    even = values_of("x", axis(uniform=[2, 5], draws=2000), 3)
    assert stats.kstest(even, stats.uniform(2, 3).cdf).pvalue > 1e-3
    normal = values_of("x", axis(normal=[1, 0.5], draws=2000), 3)
    assert stats.kstest(normal, stats.norm(1, 0.5).cdf).pvalue > 1e-3
    assert stats.kstest(normal, stats.norm(1, 0.7).cdf).pvalue < 1e-3  # the control
    u = [(v - 2) / 3 for v in even[:5]]
    assert normal[:5] == pytest.approx([NormalDist(1, 0.5).inv_cdf(x) for x in u])


def test_drawn_values_depend_on_seed_and_path_alone() -> None:
    found = values_of("a", axis(uniform=[0, 1], draws=30), 3)
    assert found == values_of("a", axis(uniform=[0, 1], draws=40), 3)[:30]
    assert not set(found) & set(values_of("a", axis(uniform=[0, 1], draws=30), 4))
    assert not set(found) & set(values_of("b", axis(uniform=[0, 1], draws=30), 3))


def test_which_axes_are_drawn() -> None:
    assert [a.drawn for a in (axis(values=[1]), axis(uniform=[0, 1]), axis(normal=[0, 1]))] == [
        False,
        True,
        True,
    ]


# ---------------------------------------------------------------------------------- points


def test_given_values_are_combined_and_drawn_ones_go_side_by_side() -> None:
    drawn = {"uniform": [0, 1], "draws": 3}
    meet, swap = "rates_per_day.meet", "rates_per_day.swap"
    whole = swept({CUT: [0.1, 0.2], swap: drawn, CALL: [1, 2], meet: drawn})
    points = combinations(whole, 7)
    assert len(points) == 3 * 4
    assert {tuple(p) for p in points} == {(CALL, CUT, meet, swap)}
    assert [(p[CALL], p[CUT]) for p in points] == [(1, 0.1), (1, 0.2), (2, 0.1), (2, 0.2)] * 3
    a, b = (values_of(p, axis(**drawn), 7) for p in (meet, swap))
    assert [(p[meet], p[swap]) for p in points] == [
        pair for pair in zip(a, b, strict=True) for _ in range(4)
    ]


def test_points_have_their_scenarios() -> None:
    whole = swept({CALL: [0.5, 2]})
    found = list(points_of(whole, 1))
    assert [v for v, _ in found] == [{CALL: 0.5}, {CALL: 2.0}]
    assert [s.rates_per_day.call for _, s in found] == [0.5, 2.0]
    assert all(not s.sweep for _, s in found)
    assert found[0][1].rates_per_day.cut == 0.1


@pytest.mark.parametrize(
    ("axes", "rule"),
    [
        ({CALL: {"from": 0, "to": 1, "steps": 5001}}, "must not hold more than 5,000 points"),
        (
            {CALL: {"uniform": [0, 1], "draws": 2}, CUT: {"uniform": [0, 1], "draws": 3}},
            "drawn numbers must have the same number of draws: they are taken together",
        ),
    ],
)
def test_points_are_bounded(axes: dict[str, Any], rule: str) -> None:
    whole = swept({}).model_copy(
        update={"sweep": {p: Axis.model_validate(a) for p, a in axes.items()}}
    )
    with pytest.raises(InputError) as caught:
        combinations(whole, 1)
    assert [p.rule for p in caught.value.problems] == [rule]
    assert len(combinations(swept({CALL: {"from": 0, "to": 1, "steps": 5000}}), 1)) == 5000


# ---------------------------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b", 1),
        ("a.b.c", 2),
        ("a.d.0", 3),
        ("a.d.1.e", 4),
        ("can-usa/ministers.f", 5),
        ("v1.2", 6),
        ("v1.2.x.y", 7),
    ],
)
def test_place_of(path: str, expected: int) -> None:
    """Ids may hold dots and slashes themselves: the longest that fits is meant."""
    tree: dict[str, Any] = {
        "a": {"b": 1, "b.c": 2, "d": [3, {"e": 4}]},
        "can-usa/ministers": {"f": 5},
        "v1": {"3": 0},
        "v1.2": 6,
        "v1.2.x": {"y": 7},
    }
    container, key = place_of(tree, path)
    assert container[key] == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("b", "there is no `b`"),
        ("rates.cull", "there is no `cull`; did you mean 'call'?"),
        ("rates.call.x", "there is nothing below it at `x`"),
        ("list.2", "`2` is not a place in a list of 2"),
        ("list.-1", "`-1` is not a place in a list of 2"),
        ("list.x.y", "`x` is not a place in a list of 2"),
        ("", "there is no ``"),
        ("rates.", "there is no ``"),
    ],
)
def test_place_of_nothing(path: str, message: str) -> None:
    with pytest.raises(
        ValueError, match=r"there is no|no number stands|is not a place|nothing below"
    ) as caught:
        place_of({"rates": {"call": 1}, "list": [1, 2]}, path)
    assert str(caught.value) == message


DEEP: dict[str, tuple[Any, Any]] = {
    f"channels.{CHANNEL}.rates_per_day.call": (
        0.7,
        lambda s: s.channels[CHANNEL].rates_per_day.call,
    ),
    f"channels.{CHANNEL}.lapse_days.open": (9, lambda s: s.channels[CHANNEL].lapse_days.open),
    "world.raids.v1.rate_per_day": (0.3, lambda s: s.world["raids.v1"].rate_per_day),
    "world.raids.v1.severity.1": (0.9, lambda s: s.world["raids.v1"].severity[1]),
    "doctrines.can.act.call.bias": (-2, lambda s: s.doctrines["can"].act.call.bias),
    "stocks.grievance.raised_by.escalation": (
        3,
        lambda s: s.stocks.grievance.raised_by["escalation"],
    ),
    "outcomes.calls.at_least": (4, lambda s: s.outcomes["calls"].at_least),
    "changes.0.insert.severity": (0.25, lambda s: s.changes[0].insert.severity),
    "changes.0.insert.minutes": (30, lambda s: s.changes[0].insert.minutes),
}


def rich() -> Scenario:
    raid = {
        "id": "raid",
        "date": "2021-01-09",
        "kind": "escalation",
        "severity": 1,
        "label": "raid",
    }
    return swept(
        {},
        channels={CHANNEL: {"rates_per_day": {"call": 0.2}, "lapse_days": {"open": 30}}},
        world={"raids.v1": {"kind": "escalation", "rate_per_day": 0.1}},
        stocks={"grievance": {"half_life_days": 9, "raised_by": {"escalation": 1}}},
        outcomes={"calls": {"type": "event_by", "kind": "call_held"}},
        changes=[{"insert": raid}],
    )


@pytest.mark.parametrize("path", DEEP)
def test_numbers_anywhere_can_be_varied(path: str) -> None:
    value, read = DEEP[path]
    base = rich()
    found = varied(base, {path: value})
    assert read(found) == value
    assert read(base) != value
    back = varied(found, {path: read(base)}) if read(base) is not None else base
    assert back.model_dump(mode="json") == base.model_dump(mode="json")


def test_whole_numbers_stay_whole() -> None:
    assert (
        varied(rich(), {"outcomes.calls.at_least": 2.0}).outcomes["calls"].model_dump()["at_least"]
        == 2
    )
    with pytest.raises(InputError, match="must be a whole number"):
        varied(rich(), {"outcomes.calls.at_least": 2.5})


def test_all_broken_paths_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        varied(rich(), {"xyz": 1.0, "title": 1.0, "ensemble.seed": 1.0, CALL: 0.2})
    assert {p.path: p.rule for p in caught.value.problems} == {
        "sweep.xyz": "there is no `xyz`",
        "sweep.title": "no number stands there",
        "sweep.ensemble.seed": "this part of a scenario cannot be swept",
    }


def test_rules_between_parts_hold_at_every_point() -> None:
    lead = "meeting_lead_days"
    both = {f"{lead}.least": [40], f"{lead}.most": [50, 60]}
    assert list(broken_sweep(swept(both))) == []
    broken = swept({}).model_copy(
        update={"sweep": {f"{lead}.least": axis(values=[4, 40]), f"{lead}.most": axis(values=[30])}}
    )
    assert list(broken_sweep(broken)) == [
        (("sweep", f"{lead}.least"), "least must not exceed most", ...)
    ]


def test_a_later_value_is_checked_as_the_first_is() -> None:
    for values in ([0.1, 60], [60, 0.1], [0.1, 60, 0.2]):
        broken = swept({}).model_copy(update={"sweep": {CALL: axis(values=values)}})
        assert list(broken_sweep(broken)) == [(("sweep", CALL), "must be at most 50", "60.0")]
    assert list(broken_sweep(swept({CALL: [0.1, 50]}))) == []


# ---------------------------------------------------------------------------------- running


def test_each_point_is_the_ensemble_of_its_scenario() -> None:
    found = sweep(swept({CALL: [0.05, 0.5], CUT: [0.1, 0.3]}), replications=50, seed=9)
    assert [p.values for p in found.points] == combinations(found.scenario, 9)
    for point in found.points:
        whole = varied(found.scenario, point.values)
        program = compile_scenario(whole)
        assert point.answers == answers(whole, program, ensemble(program, Settings(50, 9)))
    assert (found.seed, found.replications, found.paths) == (9, 50, [CALL, CUT])
    assert len({p.answers[0].estimate for p in found.points}) > 1


def test_a_number_that_nobody_looks_at_changes_nothing() -> None:
    """All points run over the same noise."""
    idle = "stocks.goodwill.raised_by.treaty_resumed"
    found = sweep(swept({idle: [0, 1, 50]}), replications=200)
    assert found.points[0].answers == found.points[1].answers == found.points[2].answers
    other = sweep(swept({idle: [0]}), replications=200, seed=2)
    assert other.points[0].answers != found.points[0].answers  # the control: another noise


def test_workers_and_executors_make_no_difference() -> None:
    whole = swept({CALL: [0.05, 0.5]})
    one = sweep(whole, replications=60, executor="reference", workers=1)
    assert one.points == sweep(whole, replications=60, workers=2).points


def test_defaults_and_progress() -> None:
    seen: list[tuple[int, int]] = []
    whole = swept({CALL: [0.1, 0.2, 0.3]}, ensemble={"replications": 8, "seed": 5})
    found = sweep(whole, progress=lambda *at: seen.append(at))
    assert (found.seed, found.replications) == (5, 8)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_scenario_without_a_sweep_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        sweep(swept({}))
    assert caught.value.problems == [
        Problem("A small scenario", 0, "sweep", "is required for a sweep")
    ]


def test_a_sweep_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = swept({CALL: [0.1, 0.2, 0.3]})
    undisturbed = sweep(whole, replications=20)
    calls = 0

    def failing(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return ensemble(*arguments, **options)

    monkeypatch.setattr(sweeping, "ensemble", failing)
    with pytest.raises(KeyboardInterrupt):
        sweep(whole, replications=20, out=tmp_path)
    kept = listing(tmp_path)
    assert len(kept) == 2
    monkeypatch.undo()
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.chunk")}
    assert sweep(whole, replications=20, out=tmp_path) == undisturbed
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert len(listing(tmp_path)) == 3
    clear(tmp_path)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------- written


def test_the_table_is_tidy() -> None:
    found = sweep(swept({CALL: [0.1, 0.5], CUT: [0.2]}), replications=10)
    frame = found.frame
    assert frame.columns == [CALL, CUT, "outcome", "title", "estimate", "low", "high"]
    assert frame.height == 2 * 2
    assert frame[CALL].to_list() == [0.1, 0.1, 0.5, 0.5]
    assert frame["outcome"].to_list() == ["open", "share"] * 2
    answer = found.points[1].answers[0]
    assert frame.row(2)[2:] == (answer.name, "Open", answer.estimate, answer.low, answer.high)


@pytest.mark.parametrize(
    ("axes", "figures"),
    [
        ({CALL: [0.1, 0.5]}, ["sweep"]),
        ({CALL: {"uniform": [0.1, 0.5], "draws": 3}}, ["sweep"]),
        ({CALL: [0.1, 0.5], CUT: [0.1, 0.2]}, ["sweep-open", "sweep-share"]),
        ({CALL: [0.1, 0.5], CUT: {"uniform": [0, 1], "draws": 2}}, ["sweep-1", "sweep-2"]),
        (
            {CALL: [0.1], CUT: [0.1], "rates_per_day.meet": [0.1]},
            ["sweep-1", "sweep-2", "sweep-3"],
        ),
    ],
)
def test_which_figures_a_sweep_has(axes: dict[str, Any], figures: list[str]) -> None:
    found = sweep(swept(axes), replications=5)
    assert [figure.stem for figure in sweep_figures(found)] == figures


def test_a_first_time_is_told_as_the_share_that_gets_there() -> None:
    first = {"first": {"type": "first_time", "state": "open", "title": "Days until open"}}
    found = sweep(swept({CALL: [0.1]}, outcomes=PARTS["outcomes"] | first), replications=5)
    assert titled(found.scenario, found.frame)["title"].to_list()[:2] == [
        "Days until open: ever",
        "Open",
    ]
    assert found.frame["title"][0] == "Days until open"


def test_what_drawn_numbers_come_to() -> None:
    axes = {CALL: {"uniform": [0.01, 1.5], "draws": 12}, CUT: [0.0, 0.2]}
    found = sweep(swept(axes), replications=150)
    draws = draws_frame(found)
    assert draws.columns == [CUT, "outcome", "title", "mean", "q05", "q95", f"rank: {CALL}"]
    assert draws.select("outcome", CUT).rows() == [
        ("open", 0.0), ("open", 0.2), ("share", 0.0), ("share", 0.2),
    ]  # fmt: skip
    own = found.frame.filter((pl.col("outcome") == "share") & (pl.col(CUT) == 0.2))
    row = draws.row(3, named=True)
    assert row["mean"] == pytest.approx(own["estimate"].mean())
    assert row["q05"] == pytest.approx(float(np.quantile(own["estimate"], 0.05)))
    assert row["q95"] == pytest.approx(float(np.quantile(own["estimate"], 0.95)))
    expected = spearmanr(own[CALL], own["estimate"]).statistic
    assert row[f"rank: {CALL}"] == pytest.approx(expected)
    assert expected > 0.8  # calls open what a cut has closed
    assert draws.row(0, named=True)[f"rank: {CALL}"] is None  # nothing varies without a cut


def test_drawn_numbers_are_summed_up_on_the_page_and_the_terminal(
    typed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = typed_in / "drawn.yaml"
    text = "extends: swept.yaml\nsweep:\n  rates_per_day.cut: {uniform: [0, 1], draws: 6}\n"
    path.write_text(text + "  rates_per_day.call: null\n")
    found = typed(capsys, "run", "drawn.yaml", "-n", 30, "--out", "drawn")
    assert (found.code, found.err) == (0, "")
    assert "9 of 10 draws" in found.out
    assert "rank: rate of cut per day" in found.out
    page = (typed_in / "drawn" / "report.html").read_text(encoding="utf-8")
    assert "What the draws say" in page
    assert len((typed_in / "drawn" / "draws.csv").read_text().splitlines()) == 1 + 2


def test_the_page_goes_outcome_by_outcome() -> None:
    found = sweep(swept({CALL: [0.1, 0.5]}), replications=5)
    assert [(a.name, v[CALL]) for v, a, _, _ in rows_of(found)] == [
        ("open", 0.1), ("open", 0.5), ("share", 0.1), ("share", 0.5),
    ]  # fmt: skip


def test_the_folder_is_whole_and_the_page_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nasty = swept({CALL: [0.1, 0.5]}, title="<script>alert(1)</script>")
    found = sweep(nasty, replications=5)
    monkeypatch.setattr(sweep_pages, "MAX_ROWS", 3)
    save_sweep(found, tmp_path)
    assert sorted(listing(tmp_path)) == FILES
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "counterfactual" not in page.lower()
    assert page.count("<tr>") == 1 + 3
    assert len((tmp_path / "sweep.csv").read_text().splitlines()) == 1 + 4


@pytest.fixture
def typed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a sweep in it, to type commands in."""
    monkeypatch.chdir(tmp_path)
    whole = data(EVEN, **(PARTS | {"sweep": {CALL: {"from": 0.25, "to": 0.75, "steps": 3}}}))
    (tmp_path / "swept.yaml").write_text(dump_yaml(whole), encoding="utf-8")
    return tmp_path


def test_the_command_writes_a_tidy_table(
    typed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = typed(capsys, "run", "swept.yaml", "-n", 20, "--out", "here")
    assert (found.code, found.err) == (0, "")
    assert "Report: here/report.html" in found.out
    assert sorted(listing(typed_in / "here")) == FILES
    with (typed_in / "here" / "sweep.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(float(r[CALL]), r["outcome"]) for r in rows] == [
        (v, o) for v in (0.25, 0.5, 0.75) for o in ("open", "share")
    ]
    assert all(float(r["low"]) <= float(r["estimate"]) <= float(r["high"]) for r in rows)
    again = typed(capsys, "run", "swept.yaml", "-n", 20, "--json")
    points = json.loads(again.out)["points"]
    assert [(p[CALL], p["estimate"]) for p in points] == [
        (float(r[CALL]), float(r["estimate"])) for r in rows
    ]


def test_the_command_refuses_what_does_not_go_together(
    typed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in (["--events"], ["--interval-width", "0.1"]):
        found = typed(capsys, "run", "swept.yaml", *option)
        assert (found.code, found.out) == (2, "")
        assert found.complaints == [
            "sweep: a sweep takes none of --interval-width, --events and --draws"
        ]
    text = (typed_in / "swept.yaml").read_text().replace("steps: 3", "steps: 6000")
    (typed_in / "swept.yaml").write_text(text)
    found = typed(capsys, "run", "swept.yaml")
    assert found.code == 2
    assert "must not hold more than 5,000 points (got 6,000)" in found.err
    assert sorted(listing(typed_in)) == ["swept.yaml"]


KILLED = """
import os, sys
from pathlib import Path
from sim.ensemble import chunks
real, written = chunks.ChunkStore.save, 0
def save(self, first, tally):
    global written
    real(self, first, tally)
    written += 1
    if written == 2:
        os._exit(9)
chunks.ChunkStore.save = save
sys.argv = ["sim", "run", "swept.yaml", "-n", "20", "--out", "here", "--executor", "reference"]
from sim.cli.app import main
main()
"""


@pytest.mark.slow
def test_a_killed_sweep_goes_on_by_the_same_command(
    typed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, check=False)
    assert killed.returncode == 9
    assert len(list((typed_in / "here" / "chunks").glob("*.chunk"))) == 2
    kept = {p: p.stat().st_mtime_ns for p in (typed_in / "here").rglob("*.chunk")}
    line = ("run", "swept.yaml", "-n", 20, "--executor", "reference", "--workers", 1)
    assert len(kept) == 2
    assert typed(capsys, *line, "--out", "here").code == 0
    assert typed(capsys, *line, "--out", "there").code == 0
    assert listing(typed_in / "here") == listing(typed_in / "there")
    assert not os.path.lexists(typed_in / "here" / "chunks")


def test_a_run_of_a_resolved_sweep_is_the_same(typed_in: Path) -> None:
    whole = load_scenario(typed_in / "swept.yaml")
    found = sweep(whole, replications=5)
    assert isinstance(found, Sweep)
    assert len(found.points) == 3
    document = Document("x", whole.model_dump(mode="json", by_alias=True))
    assert Scenario.model_validate(document.data).sweep == whole.sweep


def test_a_draw_beyond_all_numbers_is_told() -> None:
    wild = {"n": {"type": "event_by", "kind": "call_held"}}
    axis_ = {"outcomes.n.at_least": {"uniform": [-1.7e308, 1.7e308], "draws": 3}}
    with pytest.raises(InputError, match="must be a finite number"):
        sweep(
            swept({"rates_per_day.call": [0.1]}, outcomes=wild).model_copy(
                update={"sweep": {"outcomes.n.at_least": axis(**axis_["outcomes.n.at_least"])}}
            ),
            replications=2,
        )


def test_a_point_that_history_rules_out_is_named() -> None:
    whole = told(
        event("cut", "contact_cut", "2021-01-20", by="USA"),
        doctrines=EVEN,
        changes=[{"remove": "cut"}],
        sweep={CUT: [0.1, 0.0]},
    )
    with pytest.raises(
        InputError, match=r"cannot produce this event.*, where rates_per_day\.cut = 0$"
    ):
        sweep(whole, replications=2)


def test_what_a_killed_writer_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "chunks").mkdir()
    (tmp_path / "chunks" / ".one.chunk.ab12.part").write_text("half")
    clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
    clear(tmp_path)
