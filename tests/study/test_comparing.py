"""Paired contrasts, by hand on made-up tallies, and what is refused or made of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from micro import CHANNEL, doctrine, scenario
from pasts import event, told

from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ensemble.side_by_side import side_by_side
from sim.galleries.study_gallery import difference_frame
from sim.ground.dates import DAY_S, moment
from sim.ground.errors import InputError
from sim.ground.intervals import Z95
from sim.log.log import STATES
from sim.model import tally
from sim.model.compiling import compile_scenario
from sim.report.runs import run
from sim.scenario.scenario import Scenario
from sim.study import comparing
from sim.study.compared import observed, without_changes
from sim.study.comparing import (
    DAYS,
    SHARE,
    Comparison,
    common_outcomes,
    compare,
    contrast,
    measured,
)
from sim.study.run import Run

ASKED: dict[str, dict[str, Any]] = {
    "calls": {"type": "event_by", "kind": "call_held", "title": "A call"},
    "first": {"type": "first_time", "state": "open"},
    "open": {"type": "state_at", "state": "open"},
    "share": {"type": "share_of_days", "state": "open"},
}
PLACE = {name: n for n, name in enumerate(sorted(ASKED))}
SPAN = 90 * DAY_S
"""From the as-of date of a small scenario to its end."""


@pytest.fixture(scope="module")
def small() -> Run:
    return run(scenario(outcomes=ASKED), replications=4)


def holding(base: Run, **columns: list[int]) -> Run:
    """A run with other values of some outcomes."""
    number = len(next(iter(columns.values())))
    values = np.zeros((number, len(ASKED)), dtype=np.int64)
    for name, column in columns.items():
        values[:, PLACE[name]] = column
    return replace(base, tally=replace(base.tally, values=values))


def deviation(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


# ---------------------------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("outcome", "values", "expected", "unit"),
    [
        ("open", [0, 1, 1, 0], [0, 1, 1, 0], SHARE),
        ("calls", [1, 0, 0, 0], [1, 0, 0, 0], SHARE),
        ("share", [0, SPAN, SPAN // 2, SPAN // 4], [0, 1, 0.5, 0.25], SHARE),
        ("first", [0, 10 * DAY_S, DAY_S // 2, -1], [0, 10, 0.5, 90], DAYS),
    ],
)
def test_values_in_their_units(
    small: Run, outcome: str, values: list[int], expected: list[float], unit: str
) -> None:
    found, told_unit = measured(holding(small, **{outcome: values}), outcome)
    assert found.tolist() == expected
    assert told_unit == unit


def test_days_to_a_first_time_are_cut_at_the_end(small: Run) -> None:
    """A world that never gets there is as late as can be seen, in both worlds alike."""
    a, b = holding(small, first=[-1, -1]), holding(small, first=[30 * DAY_S, -1])
    found = contrast(a, b, "first", "b")
    assert (found.base, found.changed, found.difference) == (90.0, 60.0, -30.0)
    assert found.alike == 0.5


def test_shares_of_days_by_hand(small: Run) -> None:
    shares = [[0.2, 0.4, 0.6], [0.3, 0.4, 0.9]]
    a, b = (holding(small, share=[round(x * SPAN) for x in row]) for row in shares)
    found = contrast(a, b, "share", "b")
    assert found.base == pytest.approx(0.4)
    assert found.changed == pytest.approx(1.6 / 3)
    assert found.difference == pytest.approx(found.changed - found.base)
    error = deviation([0.1, 0, 0.3]) / math.sqrt(3)
    assert found.low == pytest.approx(found.difference - Z95 * error)
    assert found.high == pytest.approx(found.difference + Z95 * error)
    apart = math.hypot(deviation([0.2, 0.4, 0.6]), deviation([0.3, 0.4, 0.9])) / math.sqrt(3)
    assert found.narrowing == pytest.approx(apart / error)
    assert found.alike == pytest.approx(1 / 3)


def test_signs_and_names(small: Run) -> None:
    a, b = holding(small, calls=[1, 1, 1, 0]), holding(small, calls=[0, 0, 1, 0])
    found = contrast(a, b, "calls", "hawks")
    assert (found.other, found.title, found.unit) == ("hawks", "A call", SHARE)
    assert found.difference == -0.5
    back = contrast(b, a, "calls", "doves")
    assert back.difference == -found.difference
    assert (back.low, back.high) == (-found.high, -found.low)
    assert contrast(a, b, "open", "x").title == "Open on 2021-03-31"


def test_worlds_that_are_all_alike_have_no_interval_and_no_narrowing(small: Run) -> None:
    a = holding(small, open=[1, 0, 1, 1])
    found = contrast(a, a, "open", "a")
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert (found.narrowing, found.alike) == (None, 1.0)


def test_pairing_what_does_not_belong_together_does_not_narrow(small: Run) -> None:
    """The control: the same shares in another order of replications."""
    values = [int(v) for v in np.random.default_rng(1).random(400) < 0.5]
    flipped = [1 - v if n < 20 else v for n, v in enumerate(values)]
    a, b = holding(small, open=values), holding(small, open=flipped)
    paired = contrast(a, b, "open", "b")
    assert paired.narrowing is not None
    assert paired.narrowing > 2
    shuffled = [flipped[n] for n in np.random.default_rng(2).permutation(400)]
    loose = contrast(a, holding(small, open=shuffled), "open", "b")
    assert loose.narrowing is not None
    assert 0.8 < loose.narrowing < 1.2
    assert loose.difference == pytest.approx(paired.difference)


def test_one_replication_says_nothing_of_its_error(small: Run) -> None:
    found = contrast(holding(small, open=[1]), holding(small, open=[0]), "open", "b")
    assert (found.difference, found.low, found.high) == (-1.0, -1.0, 1.0)
    assert found.narrowing is None
    days = contrast(holding(small, first=[DAY_S]), holding(small, first=[3 * DAY_S]), "first", "b")
    assert (days.difference, days.low, days.high) == (2.0, -90.0, 90.0)


def test_no_interval_reaches_beyond_what_is_possible(small: Run) -> None:
    found = contrast(holding(small, open=[0, 0, 1]), holding(small, open=[1, 1, 1]), "open", "b")
    assert (found.difference, found.high) == (pytest.approx(2 / 3), 1.0)
    assert found.low == pytest.approx(2 / 3 - Z95 * deviation([1, 1, 0]) / math.sqrt(3))


def test_the_difference_in_occupancy_by_hand(small: Run) -> None:
    states = [[0, 1], [0, 0], [1, 1], [2, 1]], [[0, 1], [1, 1], [1, 1], [1, 0]]
    runs = []
    for rows in states:
        occupancy = np.zeros((1, 3, 2, 4), dtype=np.int64)
        for g in range(2):
            for s in range(4):
                occupancy[0, 0, g, s] = sum(row[g] == s for row in rows)
        tally = replace(small.tally, occupancy=occupancy)
        program = replace(small.program, grid_s=np.array([9, 19]))
        runs.append(replace(small, tally=tally, program=program))
    flips = np.array([[1, 2, 1, 0], [2, 2, 0, 0]])
    found = {
        (time, state): (difference, low, high)
        for time, state, difference, low, high in difference_frame(
            runs[0], runs[1], CHANNEL, flips
        ).rows()
    }
    first, second = moment(10), moment(20)
    assert {time for time, _ in found} == {first, second}
    by_hand = {
        (first, STATES[0]): ((1 - 2) / 4, deviation([0, -1, 0, 0])),
        (first, STATES[1]): ((3 - 1) / 4, deviation([0, 1, 0, 1])),
        (second, STATES[0]): (0.0, deviation([0, 1, 0, -1])),
    }
    for at, (difference, spread) in by_hand.items():
        half = Z95 * spread / 2
        ends = (difference - half, min(1.0, difference + half))  # at most all differ
        assert found[at] == (difference, *(pytest.approx(end) for end in ends))
    assert found[second, STATES[3]] == (0.0, 0.0, 0.0)


# ---------------------------------------------------------------------------------- comparing


def test_only_outcomes_in_the_same_words_are_contrasted(small: Run) -> None:
    asked = dict(small.scenario.outcomes)
    asked["open"] = asked["open"].model_copy(update={"title": "Open"})
    del asked["calls"]
    other = replace(small, scenario=small.scenario.model_copy(update={"outcomes": asked}))
    assert common_outcomes(small, other) == ["first", "share"]
    found = Comparison(small, {"x": small, "y": small}, "base").contrasts
    assert [(c.other, c.name) for c in found] == [(o, n) for o in "xy" for n in PLACE]


DOCTRINES = {
    "can": doctrine(call=0.0, accept_call=0.0, cut=-1.0),
    "usa": doctrine(call=0.0, accept_call=0.0, cut=-1.0),
    "dove": doctrine(call=2.0, accept_call=2.0),
}


def asking(changes: list[dict[str, Any]], **parts: Any) -> Scenario:
    return told(
        event("cut", "contact_cut", "2021-01-20", by="USA"),
        doctrines=DOCTRINES,
        changes=changes,
        outcomes={"open": {"type": "state_at", "state": "open"}},
        **parts,
    )


DOVE = {"set_doctrine": {"party": "USA", "doctrine": "dove", "from": "2021-01-10"}}
LATE = {"set_doctrine": {"party": "USA", "doctrine": "dove", "from": "2021-03-10"}}


def test_all_are_counted_from_the_earliest_day_that_one_looks_at() -> None:
    what_if, policy = asking([DOVE]), asking([LATE])
    found = compare(without_changes(what_if), {"early": what_if, "late": policy}, replications=3)
    runs = [found.base, *found.others.values()]
    assert {r.program.observe_s for r in runs} == {runs[1].program.observe_s}
    assert [r.level for r in runs] == ["forecast", "what-if", "policy"]
    assert len({r.tally.occupancy.shape for r in runs}) == 1
    first, second = compare(what_if, {"late": policy}, replications=3), found
    assert first.base.program.observe_s == second.base.program.observe_s


def test_numbers_seed_and_executor_are_taken_over() -> None:
    base = asking([])
    seen: list[tuple[int, int]] = []
    found = compare(
        base,
        {"dove": asking([DOVE])},
        replications=7,
        seed=11,
        executor="reference",
        workers=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [(r.replications, r.seed, r.executor) for r in (found.base, found.others["dove"])] == [
        (7, 11, "reference")
    ] * 2
    assert (7, 7) in seen
    assert compare(base, {"d": base}).base.replications == base.ensemble.replications


def test_a_scenario_against_itself_is_alike_everywhere() -> None:
    found = compare(asking([]), {"again": asking([])}, replications=50)
    assert [(c.difference, c.alike, c.narrowing) for c in found.contrasts] == [(0.0, 1.0, None)]


def test_a_change_that_matters_is_seen() -> None:
    (found,) = compare(asking([]), {"dove": asking([DOVE])}, replications=300).contrasts
    assert found.difference > 0.1
    assert found.low > 0


@pytest.mark.parametrize("executor", ["kernel", "reference"])
def test_the_figure_and_the_table_have_one_interval(
    executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All worlds are counted, also those that the raster does not show."""
    monkeypatch.setattr(tally, "MAX_RASTER_ROWS", 3)
    others = {"dove": asking([DOVE])}
    found = compare(asking([]), others, replications=60, executor=executor, workers=1)
    assert [len(r.tally.raster) for r in (found.base, found.others["dove"])] == [3, 3]
    (change,) = found.contrasts
    assert 0 < change.low < change.difference < change.high
    frame = difference_frame(
        found.base, found.others["dove"], CHANNEL, found.flips["dove"][CHANNEL]
    )
    *_, last = frame.filter(pl.col("state") == "open").sort("time").iter_rows(named=True)
    for name in ("difference", "low", "high"):
        assert last[name] == pytest.approx(getattr(change, name))


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["kernel", "reference"])
def test_flips_are_the_same_for_any_chunks(executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    base, others = observed(asking([]), {"dove": asking([DOVE])})
    programs = [compile_scenario(s) for s in (base, others["dove"])]

    def flips() -> Any:
        tallies, (found,) = side_by_side(programs, Settings(40, 5, executor, 1))
        alone = ensemble(programs[1], Settings(40, 5, executor=executor))
        assert np.array_equal(tallies[1].raster, alone.raster)
        assert np.array_equal(tallies[1].values, alone.values)
        a, b = (t.raster[:, 0] for t in tallies)  # of so few worlds the raster shows all
        by_hand = [((a == s) != (b == s)).sum(axis=0) for s in range(4)]
        assert np.array_equal(found[CHANNEL], np.stack(by_hand, axis=1))
        return found[CHANNEL]

    whole = flips()
    assert whole.any()
    cells = len(programs[0].grid_s)
    monkeypatch.setattr("sim.ensemble.side_by_side.MAX_RASTER_CELLS", 7 * cells)
    assert np.array_equal(flips(), whole)


def test_the_gap_is_the_difference_under_the_other_coupling_less_this_ones() -> None:
    what_if = asking([DOVE])
    base = without_changes(what_if)
    found = compare(base, {"dove": what_if}, replications=200, coupling=True)
    flipped = [s.model_copy(update={"coupling": "shared"}) for s in (base, what_if)]
    (there,) = compare(flipped[0], {"dove": flipped[1]}, replications=200).contrasts
    (here,) = found.contrasts
    assert found.gaps == {("dove", "open"): there.difference - here.difference}
    back = compare(flipped[0], {"dove": flipped[1]}, replications=200, coupling=True)
    assert back.gaps["dove", "open"] == -found.gaps["dove", "open"]
    assert compare(base, {"dove": what_if}, replications=5).gaps == {}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (
            {"as_of": "2021-02-27"},
            "other: as_of: must be 2021-02-28, as in the base: otherwise the two share no noise "
            "(got 2021-02-27)",
        ),
        (
            {"until": "2021-04-30"},
            "other: until: must be 2021-03-31, as in the base: otherwise the two share no noise "
            "(got 2021-04-30)",
        ),
        (
            {"outcomes": {}},
            "other: outcomes: must share at least one outcome with the base, in the same words",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(update: dict[str, Any], expected: str) -> None:
    base = asking([])
    with pytest.raises(InputError) as caught:
        compare(base, {"other": base.model_copy(update=update)}, replications=2)
    assert [str(p) for p in caught.value.problems] == [expected]


def test_all_that_cannot_be_compared_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(*_: object, **__: object) -> Any:
        raise AssertionError("a run was made before the scenarios were checked")

    monkeypatch.setattr(comparing, "side_by_side", unwanted)
    base = asking([])
    others = {
        "a": base.model_copy(update={"as_of": "2021-02-27", "until": "2021-04-30"}),
        "b": base.model_copy(update={"outcomes": {}}),
        "c": base,
    }
    with pytest.raises(InputError) as caught:
        compare(base, others)
    assert [(p.file, p.path) for p in caught.value.problems] == [
        ("a", "as_of"),
        ("a", "until"),
        ("b", "outcomes"),
    ]
