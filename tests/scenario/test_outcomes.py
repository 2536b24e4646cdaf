"""Answers: intervals against published values and exact coverage, and the words of a question."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pasts
import pytest
from micro import CHANNEL, program, scenario
from scipy import stats

from sim.ensemble.work import simulate
from sim.ground.dates import DAY_S
from sim.ground.intervals import Z95, mean_interval, median_interval, wilson
from sim.kernel import run as kernel
from sim.log.events import KIND_CODE
from sim.model.compiling import compile_scenario
from sim.model.tally import blank
from sim.report.numbers import estimate
from sim.results.outcomes import Answer, answers, event_rates, values_of
from sim.scenario.outcomes import HELD, EventBy, describe
from sim.scenario.resolve import load_scenario

# ---------------------------------------------------------------------------------- shares


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_score_intervals_as_published(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_the_score_interval_inverts_the_score_test() -> None:
    assert pytest.approx(stats.norm.ppf(0.975), rel=1e-14) == Z95
    for successes, trials in ((1, 7), (30, 100), (99, 100)):
        for bound in wilson(successes, trials):
            score = (successes / trials - bound) / math.sqrt(bound * (1 - bound) / trials)
            assert abs(score) == pytest.approx(Z95, rel=1e-9)


@pytest.mark.parametrize("trials", [1, 2, 10, 1000])
def test_score_intervals_stay_inside_and_around_the_share(trials: int) -> None:
    for successes in range(0, trials + 1, max(1, trials // 10)):
        low, high = wilson(successes, trials)
        assert 0 <= low <= successes / trials <= high <= 1
    assert wilson(0, trials)[0] == 0.0
    assert wilson(trials, trials)[1] == 1.0
    mirrored = [1 - b for b in reversed(wilson(trials, trials))]
    assert wilson(0, trials) == pytest.approx(mirrored, abs=1e-12)


def coverage(p: float, trials: int, z: float) -> float:
    """The exact probability that the interval holds the true share."""
    inside = [low <= p <= high for low, high in (wilson(k, trials, z) for k in range(trials + 1))]
    return float(stats.binom.pmf(np.arange(trials + 1)[inside], trials, p).sum())


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.9])
def test_score_intervals_cover_as_often_as_they_say(p: float) -> None:
    mean = np.mean([coverage(p, n, Z95) for n in range(50, 100)])
    assert mean == pytest.approx(0.95, abs=0.01)


def test_control_narrower_intervals_cover_less() -> None:
    mean = np.mean([coverage(0.3, n, 1.645) for n in range(50, 100)])
    assert mean == pytest.approx(0.90, abs=0.015)
    assert mean != pytest.approx(0.95, abs=0.01)


# ---------------------------------------------------------------------------------- means


def test_mean_interval_by_hand() -> None:
    mean, low, high = mean_interval(np.array([0.2, 0.4, 0.6, 0.8]))
    half = Z95 * math.sqrt(0.2 / 3) / 2
    assert (mean, low, high) == pytest.approx((0.5, 0.5 - half, 0.5 + half), rel=1e-12)


def test_mean_interval_is_clipped_and_says_nothing_from_one_value() -> None:
    assert mean_interval(np.array([0.3])) == (0.3, 0.0, 1.0)
    mean, low, high = mean_interval(np.array([0.0, 1.0]))
    assert (mean, low, high) == (0.5, 0.0, 1.0)
    assert mean_interval(np.array([1.0] * 100)) == (1.0, 0.97, 1.0)  # the rule of three
    assert mean_interval(np.array([0.5] * 300)) == (0.5, 0.495, 0.505)


def test_mean_interval_does_not_depend_on_order() -> None:
    values = np.random.default_rng(1).uniform(size=999)
    assert mean_interval(values) == mean_interval(np.sort(values))


@pytest.mark.parametrize(("z", "nominal"), [(Z95, 0.95), (1.0, 0.6827)])
def test_mean_intervals_cover_as_often_as_they_say(z: float, nominal: float) -> None:
    rng, truth, trials = np.random.default_rng(2), 1 / 3, 4000
    hits = 0
    for _ in range(trials):
        _, low, high = mean_interval(rng.beta(1, 2, size=200), z)
        hits += low <= truth <= high
    tolerance = 5 * math.sqrt(nominal * (1 - nominal) / trials)  # false alarm: 1 in 1.7 million
    assert hits / trials == pytest.approx(nominal, abs=tolerance + 0.005)
    assert abs(hits / trials - (0.6827 if z == Z95 else 0.95)) > 0.1


# ---------------------------------------------------------------------------------- medians


def test_median_interval_by_order_statistics() -> None:
    days = np.arange(1.0, 21.0)  # n = 20: Conover's example gives the 6th and the 15th
    assert median_interval(days) == (10.0, 6.0, 15.0)
    assert median_interval(np.random.default_rng(1).permutation(days)) == (10.0, 6.0, 15.0)


def test_never_is_no_number() -> None:
    never = math.inf
    assert median_interval(np.array([never] * 9)) == (None, None, None)
    assert median_interval(np.array([1.0] * 4 + [never] * 6)) == (None, 1.0, None)
    mostly = np.array([*np.arange(12.0), *[never] * 8])
    assert median_interval(mostly) == (9.0, 5.0, None)
    assert median_interval(np.array([5.0])) == (5.0, 5.0, 5.0)


@pytest.mark.parametrize("n", [20, 101])
def test_median_intervals_cover_as_often_as_they_say(n: int) -> None:
    rng, truth = np.random.default_rng(3), math.log(2)
    hits = trials = 0
    for _ in range(4000):
        _, low, high = median_interval(rng.exponential(size=n))
        assert low is not None
        assert high is not None
        hits += low <= truth <= high
        trials += 1
    low_rank, high_rank = (math.ceil(n / 2 + s * Z95 * math.sqrt(n) / 2) for s in (-1, 1))
    exact = stats.binom.cdf(high_rank - 1, n, 0.5) - stats.binom.cdf(low_rank - 1, n, 0.5)
    assert exact == pytest.approx(0.95, abs=0.015)
    assert hits / trials == pytest.approx(exact, abs=5 * math.sqrt(0.05 / trials))


# ---------------------------------------------------------------------------------- answers

ASKED: dict[str, Any] = {
    "at": {"type": "state_at", "state": "open"},
    "by": {"type": "state_by", "state": "open", "title": "Open by then"},
    "first": {"type": "first_time", "state": "open"},
    "share": {"type": "share_of_days", "state": "open"},
    "talks": {"type": "event_by", "kind": "call_held"},
}


def answered(**values: list[int]) -> dict[str, Answer]:
    small = scenario(outcomes={n: ASKED[n] for n in values})
    compiled = program(outcomes={n: ASKED[n] for n in values})
    columns = np.array([values[n] for n in sorted(values)]).T
    tally = replace(blank(compiled, len(columns)), values=columns)
    return {a.name: a for a in answers(small, compiled, tally)}


def test_every_type_of_outcome_is_answered() -> None:
    span = 90 * DAY_S
    found = answered(
        at=[1, 0, 0, 1],
        by=[1, 1, 1, 1],
        first=[0, 10 * DAY_S, -1, 20 * DAY_S],
        share=[0, span // 2, span, span // 2],
        talks=[0, 0, 0, 1],
    )
    assert {n: a.estimate for n, a in found.items()} == {
        "at": 0.5,
        "by": 1.0,
        "first": 0.75,
        "share": 0.5,
        "talks": 0.25,
    }
    assert (found["at"].low, found["at"].high) == wilson(2, 4)
    assert (found["first"].low, found["first"].high) == wilson(3, 4)
    assert found["first"].median_days == 10.0
    assert found["share"].low == mean_interval(np.array([0, 0.5, 1, 0.5]))[1]
    assert (found["share"].q05, found["share"].q95) == pytest.approx((0.075, 0.925))
    assert found["by"].title == "Open by then"
    for name, answer in found.items():
        assert answer.type == ASKED[name]["type"]
        assert (answer.median_days is None) == (name != "first")
        assert (answer.q05 is None) == (name != "share")


def test_first_times_in_days() -> None:
    asked = scenario(outcomes={"first": ASKED["first"]})
    compiled = compile_scenario(asked)
    tally = replace(blank(compiled, 3), values=np.array([[0], [-1], [DAY_S // 2]]))
    found = values_of(asked, compiled, tally, 0)
    assert found[[0, 2]].tolist() == [0.0, 0.5]
    assert np.isnan(found[1])


def test_a_first_time_that_holds_at_its_start_is_told() -> None:
    found = answered(first=[5 * DAY_S - HELD, -1 - HELD, 7 * DAY_S, -1], talks=[0, 0, 1, 1])
    assert (found["first"].estimate, found["first"].held) == (0.5, 0.5)
    assert found["talks"].held is None
    asked = scenario(outcomes={"first": ASKED["first"]})
    compiled = compile_scenario(asked)
    counts = np.array([[5 * DAY_S - HELD], [-1 - HELD], [0]])
    days = values_of(asked, compiled, replace(blank(compiled, 3), values=counts), 0)
    assert days[[0, 2]].tolist() == [5.0, 0.0]
    assert np.isnan(days[1])


FIRST: dict[str, tuple[dict[str, Any], int]] = {
    "before": ({"state": "open", "from": "2021-01-02"}, 9 * DAY_S),
    "late": ({"state": "open", "from": "2021-01-15"}, -1 - HELD),
    "cut": ({"state": "cut_off", "from": "2021-01-15"}, 5 * DAY_S),
    "anew": ({"state": "cut_off", "from": "2021-01-02"}, 18 * DAY_S - HELD),
    "any": ({"state": ["cut_off", "open"], "from": "2021-01-15"}, -1 - HELD),
    "never": ({"state": "corridor", "from": "2021-01-02"}, -1),
    "past": ({"state": "open", "from": "2021-01-25"}, -1),
}


@pytest.mark.parametrize("executor", [kernel.run, simulate], ids=["kernel", "reference"])
def test_both_executors_count_the_same_first_times(executor: Any) -> None:
    asked = pasts.told(
        pasts.event("call", "call_held", "2021-01-11T00:00:00Z", by="USA"),
        pasts.event("cut", "contact_cut", "2021-01-20T00:00:00Z", by="USA"),
        outcomes={name: {"type": "first_time"} | parts for name, (parts, _) in FIRST.items()},
        show_from="2021-01-02",
        channels={CHANNEL: {"initial": "cut_off"}},
    )
    found = executor(compile_scenario(asked), 1, 0, 1)
    tally = found[0] if isinstance(found, tuple) else found
    assert dict(zip(sorted(FIRST), tally.values[0].tolist(), strict=True)) == {
        name: value for name, (_, value) in FIRST.items()
    }


def test_event_rates_are_means_and_leave_out_what_never_happened() -> None:
    compiled = program()
    tally = blank(compiled, 4)
    tally.events[KIND_CODE["call_held"]] = 10
    assert event_rates(compiled, tally) == {"call_held": 2.5}


# ---------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (ASKED["at"], "Open on 2021-03-31"),
        (
            ASKED["at"] | {"date": "2021-02", "viewpoint": "CAN"},
            "Open on 2021-02 in the eyes of CAN",
        ),
        (
            {"type": "state_by", "state": ["corridor", "prisoner_only"], "date": "2021-03-01"},
            "Prisoner-only or corridor at some time up to 2021-03-01",
        ),
        (ASKED["share"], "Share of days open, 2020-12-31 to 2021-03-31"),
        (
            ASKED["share"] | {"from": "2021-02-01", "until": "2021-02-05"},
            "Share of days open, 2021-02-01 to 2021-02-05",
        ),
        (ASKED["first"] | {"state": "cut_off"}, "First time cut off"),
        (ASKED["talks"], "Call held up to 2021-03-31"),
        (
            ASKED["talks"] | {"by": "USA", "at_least": 3, "date": "2021-02-02"},
            "Call held by USA at least 3 times up to 2021-02-02",
        ),
    ],
)
def test_questions_in_words(outcome: dict[str, Any], words: str) -> None:
    small = scenario(outcomes={"asked": outcome | {"channel": CHANNEL}})
    assert describe(small.outcomes["asked"], small.as_of, small.until) == words


def test_an_outcome_of_no_known_type_is_an_error() -> None:
    with pytest.raises((TypeError, AttributeError)):
        describe(object(), "2023", "2024")  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------- settled


def settled_of(name: str, **over: object) -> dict[str, bool]:
    path = Path(__file__).parents[2] / "scenarios" / f"{name}.yaml"
    scenario = load_scenario(path, over=over or None)
    program = compile_scenario(scenario)
    tally, _ = kernel.run(program, 1, 0, 60)
    return {a.name: a.settled for a in answers(scenario, program, tally)}


def test_what_lies_in_history_is_settled_and_nothing_else_is() -> None:
    found = settled_of("whatif-nothing")
    assert found["cut-by-may"]
    assert found["meeting-in-time"]
    assert not found["open-at-end"]


def test_a_change_unsettles_what_comes_after_it() -> None:
    found = settled_of("whatif-contact-kept")
    assert not found["cut-by-may"]
    late = settled_of(
        "whatif-nothing",
        changes=[{"set_doctrine": {"party": "USA", "doctrine": "isolating", "from": "2023-01-01"}}],
    )
    assert late["cut-by-may"]


def test_a_settled_answer_is_written_without_an_interval() -> None:
    answer = Answer("a", "A", "event_by", 1.0, 0.98, 1.0, None, None, None, None, None)
    assert estimate(replace(answer, settled=True)) == ("yes", "settled by history", "")
    assert estimate(replace(answer, settled=True, estimate=0.0))[0] == "no"
    first = replace(answer, type="first_time", settled=True)
    assert estimate(replace(first, estimate=0.0))[0] == "never"
    assert estimate(replace(first, median_days=12.0))[0] == "after 12 days"
    assert estimate(answer)[1] == "98 % to 100 %"


def test_a_window_that_begins_before_what_is_observed_counts_history_in_both_executors() -> None:
    march = {"type": "event_by", "kind": "corridor_talk", "from": "2023-03", "date": "2023-03"}
    path = Path(__file__).parents[2] / "scenarios" / "new-delhi.yaml"
    scenario = load_scenario(path, over={"outcomes": {"march": march}})
    program = compile_scenario(scenario)
    fast, slow = kernel.run(program, 1, 0, 8)[0], simulate(program, 1, 0, 8)
    assert fast.values.tolist() == slow.values.tolist()
    assert fast.values[:, program.outcomes.names.index("march")].all()  # it was on the 2nd
    assert fast.events.tolist() == slow.events.tolist()  # what is counted is what is simulated


def test_several_kinds_count_together_in_both_executors() -> None:
    kinds = ("call_held", "corridor_talk", "meeting_held")
    span = {"from": "2023-03", "date": "2023-12"}
    asked = {
        f"{name}-{n}": {"type": "event_by", "kind": kind, "at_least": n} | span
        for name, kind in (*((k.replace("_", "-"), k) for k in kinds), ("all", [*kinds]))
        for n in range(1, 13)
    }
    path = Path(__file__).parents[2] / "scenarios" / "new-delhi.yaml"
    program = compile_scenario(load_scenario(path, over={"outcomes": asked}))
    fast, slow = kernel.run(program, 1, 0, 20)[0], simulate(program, 1, 0, 20)
    assert fast.values.tolist() == slow.values.tolist()
    place = program.outcomes.names.index
    number = {
        name: sum(fast.values[:, place(f"{name}-{n}")] for n in range(1, 13))
        for name in ("all", *(k.replace("_", "-") for k in kinds))
    }
    together = number.pop("all")
    assert together.tolist() == sum(number.values()).tolist()
    assert any((n > 0).any() and (n < together).any() for n in number.values())  # the control


def test_an_outcome_of_one_kind_is_written_as_before() -> None:
    one = EventBy.model_validate({"type": "event_by", "kind": ["call_held"]})
    two = EventBy(type="event_by", kind=("call_held", "meeting_held"))
    assert one.plain()["kind"] == "call_held"
    assert two.plain()["kind"] == ["call_held", "meeting_held"]
    assert describe(two, "2023-03-02", "2024-01-01") == "Call held or meeting held up to 2024-01-01"
