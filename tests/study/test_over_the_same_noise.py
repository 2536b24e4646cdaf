"""Comparisons, whys and sweeps: many worlds over one noise."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from micro import scenario as micro_scenario

from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ground.errors import InputError
from sim.ground.intervals import Z95
from sim.ground.yaml import parse_yaml
from sim.model.compiling import compile_scenario
from sim.report.comparison_pages import comparison_json, save_comparison
from sim.report.runs import run
from sim.report.sweep_pages import save_sweep
from sim.report.why_pages import save_why
from sim.scenario.resolve import load_scenario, resolve
from sim.scenario.scenario import Scenario
from sim.scenario.varying import combinations, varied
from sim.study import comparing
from sim.study.compared import without_changes
from sim.study.comparing import compare, contrast
from sim.study.explaining import why
from sim.study.run import Run
from sim.study.sweeping import sweep

pytestmark = pytest.mark.usefixtures("drawn_never")

ROOT = Path(__file__).parents[2]
WHAT_IF = ROOT / "scenarios" / "whatif-contact-kept.yaml"


@pytest.fixture(scope="module")
def what_if() -> Scenario:
    return load_scenario(WHAT_IF)


def with_values(base: Run, values: list[int]) -> Run:
    column = np.array(values, dtype=np.int64)[:, None]
    return replace(base, tally=replace(base.tally, values=column))


# ---------------------------------------------------------------------------------- contrasts


def one_question() -> Run:
    text = "{type: state_at, state: open}"
    asked = parse_yaml(text, "outcome").data
    small = micro_scenario()
    whole = small.model_dump(mode="json", by_alias=True) | {"outcomes": {"asked": asked}}
    return run(Scenario.model_validate(whole), replications=4)


def test_a_contrast_by_hand() -> None:
    base = one_question()
    a, b = with_values(base, [0, 0, 1, 1]), with_values(base, [0, 1, 1, 1])
    found = contrast(a, b, "asked", "other")
    assert (found.base, found.changed, found.difference) == (0.5, 0.75, 0.25)
    assert found.alike == 0.75
    error = np.std([0, 1, 0, 0], ddof=1) / 2
    assert found.high - found.low == pytest.approx(2 * Z95 * error)
    apart = math.hypot(np.std([0, 0, 1, 1], ddof=1) / 2, error)
    assert found.narrowing == pytest.approx(apart / error)
    assert contrast(a, a, "asked", "itself").narrowing is None


def test_pairing_narrows_and_new_dice_do_not(what_if: Scenario) -> None:
    found = compare(without_changes(what_if), {"kept": what_if}, replications=300, seed=5)
    paired = [c for c in found.contrasts if c.narrowing is not None]
    assert paired
    assert max(c.narrowing or 0 for c in paired) > 1.3
    rolled = compare(without_changes(what_if), {"kept": what_if}, replications=300, seed=6)
    control = Run(found.base.scenario, found.base.program, 6, rolled.base.tally)
    names = comparing.common_outcomes(control, found.others["kept"])
    crossed = [contrast(control, found.others["kept"], n, "crossed") for n in names]
    assert max(c.narrowing or 0 for c in crossed) < 1.3


def test_a_gap_is_told_for_every_contrast(what_if: Scenario) -> None:
    found = compare(without_changes(what_if), {"kept": what_if}, replications=60, coupling=True)
    assert set(found.gaps) == {(c.other, c.name) for c in found.contrasts}
    assert any(gap != 0 for gap in found.gaps.values())


@pytest.mark.parametrize(
    ("key", "value"), [("as_of", "2023-03-01"), ("until", "2024-01-01"), ("outcomes", {})]
)
def test_what_shares_no_noise_is_not_compared(what_if: Scenario, key: str, value: object) -> None:
    other = what_if.model_copy(update={key: value})
    with pytest.raises(InputError) as caught:
        compare(without_changes(what_if), {"other": other}, replications=5)
    assert [p.path for p in caught.value.problems] == ([key] if key != "outcomes" else ["outcomes"])


@pytest.mark.slow
def test_a_comparison_is_written_whole(what_if: Scenario, tmp_path: Path) -> None:
    nasty = what_if.model_copy(update={"title": "<script>alert(1)</script>"})
    found = compare(without_changes(nasty), {"<b>": nasty}, replications=20)
    save_comparison(found, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "what-if" in page
    data = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert data == json.loads(json.dumps(comparison_json(found)))
    assert data["levels"] == {"base": "forecast", "<b>": "what-if"}
    assert (tmp_path / "contrasts.csv").read_text().count("\n") == len(found.contrasts) + 1


# ---------------------------------------------------------------------------------- why

OVERDETERMINED = """
schema: 1
title: Two cuts
question: Which cut mattered?
as_of: 2020-03-31
until: 2020-06-30
complete_from: 2020-01-01
show_from: 2020-01-01
history:
  schema: 4
  title: Two cuts
  channels: {can-usa/ministers: {parties: [CAN, USA], initial: open}}
  events:
    - {id: first, kind: escalation, date: 2020-01-10, by: USA, severity: 1, label: first}
    - {id: second, kind: escalation, date: 2020-01-11, by: USA, severity: 1, label: second}
    - {id: the-cut, kind: contact_cut, date: 2020-01-20, channel: can-usa/ministers, by: CAN}
parties: {CAN: {doctrine: touchy}, USA: {doctrine: silent}}
doctrines:
  silent: {title: Silent, reasons: It never acts., act: {call: {bias: -50}, meet: {bias: -50},
    raise_detainees: {bias: -50}, cut: {bias: -50}, swap: {bias: -50}}}
  touchy: {title: Touchy, reasons: It cuts when it is aggrieved., act: {call: {bias: -50},
    meet: {bias: -50}, raise_detainees: {bias: -50}, swap: {bias: -50},
    cut: {bias: -20, grievance: 50, cut_off: -50}}}
rates_per_day: {call: 0, meet: 0, raise_detainees: 0, cancel: 0, swap: 0, cut: 0.02}
attention: {}
outcomes: {cut_off: {type: state_at, state: cut_off, date: 2020-03-31}}
"""


def test_two_causes_each_enough_reverse_only_together() -> None:
    found = why(resolve(parse_yaml(OVERDETERMINED, "two-cuts.yaml")), replications=100)
    assert found.share == 1.0
    share = {b.events: b.share for b in found.events}
    assert share["first",] == share["second",] == 0.0
    assert share["the-cut",] < 1.0  # a later opportunity may be taken instead
    reversals = {b.events for b in found.reversals}
    assert reversals == {("the-cut",)} if share["the-cut",] >= 0.5 else {("first", "second")}
    pair = why(resolve(parse_yaml(OVERDETERMINED, "two-cuts.yaml")), replications=100, samples=1)
    assert pair == replace(found, differences=pair.differences)


def test_a_why_is_written_whole(tmp_path: Path) -> None:
    asked = resolve(parse_yaml(OVERDETERMINED.replace("Two cuts\nq", "<i>two</i>\nq"), "x.yaml"))
    found = why(asked, replications=40)
    save_why(found, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<i>" not in page
    assert "the-cut" in page
    assert json.loads((tmp_path / "why.json").read_text())["replications"] == 40


@pytest.mark.parametrize(
    ("outcome", "rule"), [("cut_of", "did you mean 'cut_off'?"), ("nothing", "must be one of")]
)
def test_a_why_needs_a_yes_or_no(outcome: str, rule: str) -> None:
    asked = resolve(parse_yaml(OVERDETERMINED, "two-cuts.yaml"))
    with pytest.raises(InputError, match=rule.replace("?", r"\?")):
        why(asked, outcome, replications=5)


def test_a_why_needs_a_history() -> None:
    with pytest.raises(InputError, match="needs a coded history"):
        why(one_question().scenario, replications=5)


# ---------------------------------------------------------------------------------- sweeps

SWEPT = """
schema: 1
extends: {base}
title: Swept
sweep:
{axes}
"""


def swept(tmp_path: Path, *axes: str) -> Scenario:
    base = (ROOT / "scenarios" / "new-delhi.yaml").as_posix()
    lines = "\n".join(f"  {axis}" for axis in axes)
    path = tmp_path / "swept.yaml"
    path.write_text(SWEPT.format(base=base, axes=lines), encoding="utf-8")
    return load_scenario(path)


def test_points_are_combined_and_ends_are_exact(tmp_path: Path) -> None:
    found = swept(
        tmp_path,
        "stocks.war.half_life_days: [100, 200]",
        "meeting_lead_days.most: {from: 10, to: 30, steps: 3}",
    )
    points = combinations(found, 1)
    assert [tuple(p.values()) for p in points] == [
        (10.0, 100.0), (10.0, 200.0), (20.0, 100.0), (20.0, 200.0), (30.0, 100.0), (30.0, 200.0)
    ]  # fmt: skip
    assert varied(found, points[-1]).stocks.war.half_life_days == 200
    assert varied(found, points[-1]).meeting_lead_days.most == 30


def test_drawn_values_depend_on_seed_and_path_alone(tmp_path: Path) -> None:
    one = swept(tmp_path, "stocks.war.half_life_days: {uniform: [100, 200], draws: 6}")
    two = swept(
        tmp_path,
        "stocks.war.half_life_days: {uniform: [100, 200], draws: 6}",
        "meeting_lead_days.most: [10, 20]",
    )
    path = "stocks.war.half_life_days"
    alone = [p[path] for p in combinations(one, 1)]
    assert {p[path] for p in combinations(two, 1)} == set(alone)
    assert all(100 < v < 200 for v in alone)
    assert alone != [p[path] for p in combinations(one, 2)]


def test_a_number_that_nobody_looks_at_changes_nothing_over_the_same_noise(tmp_path: Path) -> None:
    idle = swept(tmp_path, "stocks.goodwill.raised_by.treaty_resumed: [0, 5]")
    found = sweep(idle, replications=200)
    assert found.points[0].answers == found.points[1].answers
    live = sweep(swept(tmp_path, "rates_per_day.call: [0.001, 0.5]"), replications=200)
    assert live.points[0].answers != live.points[1].answers


@pytest.mark.parametrize(
    ("axis", "rule"),
    [
        ("stocks.war.half_life: [1]", "there is no `half_life`; did you mean 'half_life_days'?"),
        ("stocks.war: [1]", "no number stands there"),
        ("ensemble.seed: [1]", "this part of a scenario cannot be swept"),
        ("observation.refusals_reported: [0.5]", "this part of a scenario cannot be swept"),
        ("stocks.war.half_life_days: [-1]", "must be at least 0.001 (got -1.0)"),
        ("rates_per_day.call: {from: 0, to: 1, steps: 9000}", "must not hold more than 5,000"),
        ("rates_per_day.call: {from: 0}", "from and to belong together"),
        ("rates_per_day.call: {uniform: [2, 1]}", "lower bound of uniform"),
        ("rates_per_day.call: {values: [1], normal: [0, 1]}", "exactly one of"),
        ("title: [1]", "no number stands there"),
    ],
)
def test_a_bad_axis_is_told_on_its_line(axis: str, rule: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        swept(tmp_path, axis)
    assert len(caught.value.problems) == 1
    assert rule in str(caught.value.problems[0])
    assert caught.value.problems[0].line == 6 or "5,000" in rule


@pytest.mark.slow
def test_a_sweep_is_written_tidy_and_goes_on(tmp_path: Path) -> None:
    found = swept(tmp_path, "rates_per_day.call: [0.01, 0.2]", "rates_per_day.cut: [0.01, 0.3]")
    whole = sweep(found, replications=30, out=tmp_path / "a")
    kept = sorted((tmp_path / "a" / "chunks").iterdir())
    assert len(kept) == 4
    kept[0].unlink()
    assert sweep(found, replications=30, out=tmp_path / "a") == whole
    save_sweep(whole, tmp_path / "a")
    frame = whole.frame
    assert frame.height == 4 * len(found.outcomes)
    assert frame.columns[:3] == ["rates_per_day.call", "rates_per_day.cut", "outcome"]
    assert (tmp_path / "a" / "sweep.csv").is_file()
    assert len(list((tmp_path / "a" / "figures").iterdir())) == len(found.outcomes)


def test_control_another_seed_is_another_sweep(tmp_path: Path) -> None:
    found = swept(tmp_path, "rates_per_day.call: [0.05]")
    one, two = (sweep(found, replications=100, seed=s) for s in (1, 2))
    assert one.points != two.points
    program = compile_scenario(varied(found, one.points[0].values))
    assert ensemble(program, Settings(100, 1)).replications == 100
