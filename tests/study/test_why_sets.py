"""A why runs all sets of events over one noise, in one program: as if each were asked alone."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generated_past import what_ifs
from hypothesis import assume, given
from hypothesis import strategies as st
from micro import arrays_of, doctrine
from numpy.typing import NDArray
from pasts import event, told
from strategies import examples

from sim.ensemble import without as without_module
from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ensemble.weighed import compile_weighed
from sim.ensemble.without import Without
from sim.ground.dates import day, parse
from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario, Ints
from sim.model.compiling_past import DECIDABLE
from sim.results.outcomes import values_of
from sim.scenario.interventions import observed_from
from sim.scenario.outcomes import EventBy
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of
from sim.study import explaining, sets
from sim.study.asking import Question, asked_outcome, question, removable, without
from sim.study.explaining import batches, why
from sim.study.sets import removed_by

SCENARIOS = Path(__file__).parents[2] / "scenarios"
N = 40
Yes = NDArray[np.bool_]


def shipped(name: str, **update: Any) -> Scenario:
    return load_scenario(SCENARIOS / f"{name}.yaml").model_copy(update=update)


# ---------------------------------------------------------------------------------- by hand


class Alone:
    """Asks about each set of events by itself: a scenario, a program and an ensemble for each."""

    def __init__(self, whole: Scenario, outcome: str | None) -> None:
        start = day(observed_from(whole)).isoformat()
        self.observed = whole.model_copy(update={"show_from": start})
        self.place = list(whole.outcomes).index(asked_outcome(whole, outcome))
        self.base = self.comes(())

    def comes(self, ids: tuple[str, ...]) -> Yes:
        """Whether the outcome comes about in each replication without some events."""
        variant = without(self.observed, ids)
        program = compile_weighed(variant)
        tally = ensemble(program, Settings(N, variant.ensemble.seed, workers=1))
        found: Yes = values_of(variant, program, tally, self.place) == 1
        return found

    def again(self, id_: str) -> float | None:
        """In how many replications a decision is taken again."""
        events = removable(self.observed)
        gone = next(e for e in events if e.id == id_)
        if gone.kind not in DECIDABLE or gone.channel not in (None, *channels_of(self.observed)):
            return None
        first, sort = day(parse(gone.date).lo_s).isoformat(), (gone.kind, gone.channel, gone.by)
        alike = [e for e in events if (e.kind, e.channel, e.by) == sort]
        asked = EventBy(
            type="event_by",
            start=first,
            channel=gone.channel,
            kind=gone.kind,
            by=gone.by,
            at_least=max(1, sum(parse(e.date).hi_s > parse(first).lo_s for e in alike)),
            date=self.observed.as_of,
        )
        update = {"outcomes": {"again": asked}, "show_from": first}
        variant = without(self.observed, [id_]).model_copy(update=update)
        tally = ensemble(compile_weighed(variant), Settings(N, variant.ensemble.seed, workers=1))
        return float(tally.values[:, 0].mean())

    def shares(self, ids: tuple[str, ...]) -> tuple[float, float, float | None]:
        """Return the shares of a set: fails, comes about instead, is decided again."""
        changed, came = self.comes(ids), int(self.base.sum())
        failed, made = int((self.base & ~changed).sum()), int((~self.base & changed).sum())
        again = self.again(ids[0]) if len(ids) == 1 else None
        return failed / came if came else 0.0, made / (N - came) if came < N else 0.0, again


ASKED: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
    ("new-delhi", "call-by-may", {}),
    ("new-delhi", "reopened", {"coupling": "shared"}),
    ("whatif-no-july-call", None, {}),
    ("whatif-call-in-april", None, {"coupling": "shared"}),
    ("levels", "released", {}),
)
"""Scenarios, two of them with a change of their own: a removed event, and a moved one."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "outcome", "update"), ASKED)
def test_each_set_is_as_if_it_were_asked_alone(
    name: str, outcome: str | None, update: dict[str, Any]
) -> None:
    whole = shipped(name, **update)
    alone, found = Alone(whole, outcome), why(whole, outcome, replications=N, samples=0, sets=15)
    assert found.share == float(alone.base.mean())
    told = (*found.events, *found.reversals)
    assert [(b.share, b.made, b.again) for b in told] == [alone.shares(b.events) for b in told]
    asked = question(whole, outcome, 60)
    groups = [*combinations(asked.events, 2)][::9]
    comes = worlds(asked, groups)[:, :, 0]
    assert comes.T.tolist() == [alone.comes(tuple(e.id for e in g)).tolist() for g in ((), *groups)]


def worlds(
    asked: Question, groups: list[sets.Group], executor: str = "kernel", number: int = N
) -> Ints:
    """What each world comes to: [number, 1 + sets, outcomes]."""
    seed = asked.scenario.ensemble.seed
    return Without(asked.program, removed_by(asked, groups), seed, executor).work(0, number)


def test_control_a_flag_at_another_event_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shares differ where each set takes out the fact beside the one that is named."""
    whole = shipped("new-delhi")
    alone, right = Alone(whole, "call-by-may"), removed_by

    def beside(asked: Question, groups: list[sets.Group]) -> Ints:
        return np.roll(right(asked, groups), 1, axis=1)

    monkeypatch.setattr(sets, "removed_by", beside)
    found = why(whole, "call-by-may", replications=N, samples=0, sets=9)
    told = [(b.share, b.made, b.again) for b in found.events]
    assert told != [alone.shares(b.events) for b in found.events]


def test_sets_differ_from_their_own_programs_in_what_is_removed_alone() -> None:
    whole = shipped("whatif-call-in-april")
    asked = question(whole, None, 60)
    one, two = asked.events[1].id, asked.events[-1].id
    own = compile_weighed(without(asked.scenario, [one, two]))
    assert differing(asked.program, own) == {"past.removed"}
    rows = removed_by(asked, [(asked.events[1], asked.events[-1])])
    for row, program in zip(rows, (asked.program, own), strict=True):
        assert np.array_equal(row, arrays_of(program)["past.removed"])


@pytest.mark.slow
@examples(4)
@given(what_ifs(), st.integers(0, 2**31), st.data())
def test_sets_of_generated_what_ifs_are_as_if_asked_alone(
    whole: Scenario, seed: int, data: st.DataObject
) -> None:
    events = removable(whole)
    assume(events)
    start = day(observed_from(whole)).isoformat()  # else it would follow the earliest change
    whole = whole.model_copy(update={"show_from": start})
    gone = data.draw(st.lists(st.sampled_from(events), max_size=3, unique_by=lambda e: e.id))
    program = compile_weighed(whole, retrace=True)
    own = compile_weighed(without(whole, [e.id for e in gone]), retrace=True)
    assert differing(program, own) <= {"past.removed"}
    asked = Question(whole, whole, "", "", tuple(events), True, program, (-1,) * len(events))
    removed = removed_by(asked, [tuple(gone)])
    try:
        alone = [kernel.run(p, seed, 0, 3)[0].values for p in (program, own)]
    except InputError:  # the model cannot produce this history
        with pytest.raises(InputError):
            Without(program, removed, seed, "kernel").work(0, 3)
        return
    for executor in ("kernel", "reference"):
        found = Without(program, removed, seed, executor).work(0, 3)
        assert np.array_equal(found, np.stack(alone, axis=1))


def differing(one: CompiledScenario, two: CompiledScenario) -> set[str]:
    """The arrays that two programs do not share."""
    mine, own = arrays_of(one), arrays_of(two)
    return {name for name in own if not np.array_equal(mine[name], own[name])}


# ---------------------------------------------------------------------------------- how it is run


def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(without_module, "CHUNK_OPPORTUNITIES", {"kernel": 1, "reference": 1})


def test_neither_chunks_nor_workers_change_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shipped("new-delhi")
    found = why(whole, "reopened", replications=30, sets=20, samples=1, workers=1)
    small_chunks(monkeypatch)
    asked = question(whole, "reopened", 60)
    assert Without(asked.program, removed_by(asked, []), 1, "kernel").chunk == 1
    for workers in (1, 3):
        assert why(whole, "reopened", replications=30, sets=20, samples=1, workers=workers) == found
    other = why(whole, "reopened", replications=29, sets=20, samples=1)  # the control
    assert other.events != found.events


@pytest.mark.slow
def test_executors_agree_on_each_world_of_each_set() -> None:
    asked = question(shipped("levels", coupling="shared"), "released", 60)
    groups = [(e,) for e in asked.events][:6] + [*combinations(asked.events, 2)][:3]
    fast, slow = (worlds(asked, groups, e, 4) for e in ("kernel", "reference"))
    assert np.array_equal(fast, slow)


def test_memory_is_bounded_by_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question(shipped("new-delhi"), "reopened", 60)
    outcomes = len(asked.program.outcomes.names)
    assert outcomes == 1 + sum(place >= 0 for place in asked.again) > 3
    job = Without(asked.program, np.zeros((700, 9), dtype=np.int64), 1, "kernel")
    monkeypatch.setattr(without_module, "CHUNK_OPPORTUNITIES", {"kernel": 10**12})
    monkeypatch.setattr(without_module, "CHUNK_VALUES", 700 * outcomes * 3)
    assert job.chunk == 3
    monkeypatch.setattr(without_module, "CHUNK_VALUES", 1)
    assert job.chunk == 1


def test_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("sim.ensemble.workers.ProcessPoolExecutor", refused)
    small = told(event("cut", "contact_cut", "2021-01-20", by="USA"), outcomes=CALLS, **DOCTRINES)
    found = why(small, replications=20, executor="reference", workers=2)
    assert found == why(small, replications=20)
    small_chunks(monkeypatch)  # the control: more work would start one
    with pytest.raises(AssertionError, match="a process was started"):
        why(small, replications=20, executor="reference", workers=2)


@pytest.mark.slow
def test_worlds_are_spread_over_processes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    small = told(event("cut", "contact_cut", "2021-01-20", by="USA"), outcomes=CALLS, **DOCTRINES)
    found = why(small, replications=4)
    small_chunks(monkeypatch)
    assert why(small, replications=4, executor="reference", workers=2) == found


def test_one_program_and_one_walk_serve_all_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, inferred = list[object](), list[int]()
    monkeypatch.setattr("sim.study.asking.compile_weighed", counting(compile_weighed, compiled))
    monkeypatch.setattr(without_module, "infer", counting(without_module.infer, inferred))
    whole = told(*RAIDS, outcomes=CALLS, **DOCTRINES)
    found = why(whole, replications=4, executor="reference", samples=0, workers=1)
    assert found.tried == 3 + 3 + 1
    assert len(compiled) == 1
    assert len(inferred) == 4 * 3  # a replication and size of set


def counting(function: Any, calls: list[Any]) -> Any:
    def counted(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return function(*given, **named)

    return counted


def test_first_differences_run_only_worlds_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = list[Any]()
    monkeypatch.setattr(explaining, "replicate", counting(explaining.replicate, ran))
    found = why(shipped("new-delhi"), "reopened", replications=N, sets=9, samples=2)
    assert len(found.differences) == 2
    top = found.events[0].events
    alone = Alone(shipped("new-delhi"), "reopened")
    differ = np.flatnonzero(alone.base & ~alone.comes(top)).tolist()
    assert [given[2] for given in ran[::2]] == differ[: len(ran) // 2]
    assert {d.replication for d in found.differences} <= {*differ}


# ---------------------------------------------------------------------------------- how far it is

CALLS = {"call": {"type": "event_by", "kind": "call_held"}}
DOCTRINES: dict[str, Any] = {
    "doctrines": {"can": doctrine(call=-1.0), "usa": doctrine(accept_call=0.0, cut=-1.0)},
    "rates_per_day": {"call": 0.05, "cut": 0.05},
}
RAIDS = tuple(
    event(
        f"raid-{n}", "escalation", f"2021-01-1{n}", channel=None, by="USA", severity=1, label="raid"
    )
    for n in range(3)
)


def test_progress_goes_one_way_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """All sets that may be tried are known from the start, so the bar never goes back."""
    small_chunks(monkeypatch)
    seen = list[tuple[int, int]]()
    whole = told(*RAIDS, outcomes=CALLS, **DOCTRINES)
    why(whole, replications=4, samples=0, workers=1, progress=lambda *at: seen.append(at))
    assert seen[0] == (0, 4 * 7)
    assert seen[-1] == (28, 28)
    shares = [done / total for done, total in seen]
    assert shares == sorted(shares)
    assert len({*seen}) == 1 + 3 * 4  # a replication and size of set


@pytest.mark.parametrize(
    ("events", "most", "sizes"),
    [
        (9, 700, [9, 36, 84]),
        (60, 700, [60, 640, 0]),
        (20, 700, [20, 190, 490]),
        (9, 4, [9, 0, 0]),
        (1, 700, [1, 0, 0]),
    ],
)
def test_how_many_sets_are_tried_at_most(events: int, most: int, sizes: list[int]) -> None:
    assert batches(events, most) == sizes


# ---------------------------------------------------------------------------------- what is asked


def test_an_event_of_a_channel_that_is_not_simulated_is_asked_about() -> None:
    """The leaders' calls in the record open bursts below; no party of the scenario decided them."""
    found = why(shipped("record"), "reopened", replications=4, sets=1, samples=0)
    events = {e.id: e.channel for e in removable(shipped("record"))}
    there = {b.events[0]: b.again for b in found.events}
    elsewhere = [id_ for id_, channel in events.items() if channel == "usa-rus/leaders"]
    asked = [id_ for id_ in elsewhere if id_ in there]
    assert asked
    assert [there[id_] for id_ in asked] == [None] * len(asked)
    assert sum(again is not None for again in there.values()) > 5  # the control


def test_a_decision_before_the_observed_days_is_asked_for_again() -> None:
    """Whether it is taken again counts from its own day on, the outcome from the day that it names:
    the call of the 10th is no call from the 20th on."""
    held = event("held", "call_held", "2021-01-10", by="USA")
    calls = {"call": {"type": "event_by", "kind": "call_held", "from": "2021-01-20"}}
    late = {"show_from": "2021-01-20", "as_of": "2021-01-31", "until": "2021-12-31"}
    rare = {"doctrines": {"can": doctrine(accept_call=0.0), "usa": doctrine(call=-5.0)}}
    whole = told(held, outcomes=calls, rates_per_day={"call": 0.01}, **rare, **late)
    alone = Alone(whole, "call")
    for executor in ("kernel", "reference"):
        found = why(whole, replications=N, executor=executor)
        assert found.share == float(alone.base.mean()) < 0.5
        assert found.events[0].again == alone.again("held")
    of_the_year = {"call": calls["call"] | {"from": "2021"}}  # the control
    plain = told(held, outcomes=of_the_year, rates_per_day={"call": 0.01}, **rare, **late)
    assert why(plain, replications=N).share == 1.0
