"""Imprecise dates are drawn from their law given the history (invariant 18)."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from coarse import told_by_month
from learned import lived, setting
from micro import CHANNEL, doctrine
from pasts import event, place, told

from sim.ensemble.weighed import compile_weighed, law_of
from sim.ground.dates import DAY_S, parse
from sim.kernel import dating
from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario, Floats
from sim.model.compiling import compile_scenario
from sim.model.dating import fact_instants
from sim.model.eventtable import compare, events_of_world
from sim.model.reference import World as Reference
from sim.model.replication import replicate
from sim.scenario.scenario import Change, Rates, Scenario
from sim.scenario.scope import history_alone

MEETINGS = {"meet": 0.1, "cancel": 0.15, "call": 0, "cut": 0, "swap": 0, "raise_detainees": 0}
"""Rates of a world that agrees meetings and calls them off."""


@cache
def worlds() -> tuple[Scenario, CompiledScenario]:
    """Two months of meetings that are agreed, held and called off."""
    plain = setting(until="2021-02-28", rates_per_day=MEETINGS, forums={}, world={})
    return plain, compile_scenario(plain)


DRAWS = 19
"""Of one history: twenty ranks, two of which fall into each of ten bins."""


def ranks(worlds_asked: range, *, even: bool) -> list[float]:
    """Of one date of each history, the share of draws before the true instant."""
    plain, program = worlds()
    found = []
    for n in worlds_asked:
        history = lived(plain, 11, n, program)
        assert history.history is not None
        truth = {e.id: parse(e.date).lo_s for e in history.history.events}
        vague = history_alone(told_by_month(history))
        compiled = (compile_scenario if even else compile_weighed)(vague)
        drawn = np.array([fact_instants(compiled, 5, r) for r in range(DRAWS)])
        ids = compiled.facts.ids
        if ids:
            f = n % len(ids)
            found.append(float((drawn[:, f] < truth[ids[f]]).mean()))
    return found


def unevenness(found: list[float]) -> float:
    """The chi-square of ten bins, of which nine are free."""
    counts, expected = np.histogram(found, 10, (0.0, 1.0))[0], len(found) / 10
    return float(((counts - expected) ** 2 / expected).sum())


FAR = 27.9
"""What a chi-square with nine degrees of freedom exceeds once in 1,000."""


def off(found: list[float]) -> float:
    """By how many standard errors the mean rank lies off a half."""
    return (float(np.mean(found)) - 0.5) * math.sqrt(12.0 * len(found))


def test_18_control_even_draws_come_too_late() -> None:
    assert off(ranks(range(50), even=True)) < -3.3


@pytest.mark.slow
def test_18_true_instants_rank_evenly_among_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """In all ten bins, and on average. Even draws have a chi-square of 73."""
    monkeypatch.setattr(dating, "STEPS", 1_000)
    found = ranks(range(150), even=False)
    assert unevenness(found) < FAR
    assert abs(off(found)) < 3.3
    assert unevenness(ranks(range(150), even=True)) > 2 * FAR


# ------------------------------------------------------------------------------ one date

RATE, BIAS = 0.25, 0.0
P_CUT = 1.0 / (1.0 + math.exp(-BIAS))
LINE = {CHANNEL: {"initial": "open", "lapse_days": {"open": None}}}
ONCE = {"bias": BIAS, "cut_off": -50.0}
"""The weights of who does not cut twice."""
CUTTERS = {"can": doctrine(cut=ONCE)}
CUT = event("cut", "contact_cut", "2021-02", by="CAN")


def cut_in_february(*events: dict[str, Any], **parts: Any) -> Scenario:
    """A line that Canada cuts some day in February, by an intensity that is the same up to then."""
    parts = {"channels": LINE, "doctrines": CUTTERS} | parts
    return told(CUT, *events, rates_per_day={"cut": RATE}, **parts)


def days(scenario: Scenario, id_: str = "cut", *, draws: int = 400) -> Floats:
    """When an event was, in days from the beginning of its date, in some worlds."""
    program = compile_weighed(scenario)
    f = place(program, id_)
    lo_s = program.facts.lo_s[f]
    return np.array([(fact_instants(program, 7, r)[f] - lo_s) / DAY_S for r in range(draws)])


def test_a_date_has_the_law_of_the_first_time_that_it_may_happen() -> None:
    """From 1 February on the density falls as that of an exponential law, up to the month's end."""
    pace = RATE * P_CUT
    drawn, whole = np.sort(days(cut_in_february(), draws=2_000)), 1.0 - math.exp(-pace * 28.0)
    law = (1.0 - np.exp(-pace * drawn)) / whole
    off = np.abs(law - (np.arange(2_000) + 0.5) / 2_000).max()
    assert off < 1.95 / math.sqrt(2_000)  # Kolmogorov and Smirnov, once in 1,000


def test_control_that_law_is_not_even() -> None:
    drawn = np.sort(days(cut_in_february(), draws=2_000))
    off = np.abs(drawn / 28.0 - (np.arange(2_000) + 0.5) / 2_000).max()
    assert off > 3 * 1.95 / math.sqrt(2_000)


def test_both_executors_have_the_same_dates() -> None:
    scenario = cut_in_february(event("call", "call_held", "2021-02", by="USA"))
    program = compile_weighed(scenario, retrace=True)
    _, events = kernel.run(program, 7, 0, 20, events=True)
    assert events is not None
    for r in range(20):
        world = replicate(program, 7, r).situation
        assert compare(events_of_world(world, r), events.of(r)) is not False
        times = {h.fact: h.at_s for h in world.happenings if 0 <= h.fact < program.facts.before}
        instants = fact_instants(program, 7, r)
        assert times == {f: instants[f] for f in times}
        assert len(times) == 2


# ------------------------------------------------------------------------------ blocks

THREE: dict[str, Any] = {
    "parties": {p: {"doctrine": "can"} for p in ("CAN", "MEX", "USA")},
    "channels": LINE | {"can-mex/ministers": {"initial": "open"}},
}
ELSEWHERE = event("other", "contact_cut", "2021-02-10", by="MEX", channel="can-mex/ministers")
LATER = event("later", "contact_restored", "2021-06-20")
LONG = {"as_of": "2021-07-31", "until": "2021-08-31"}


def test_an_event_of_another_pair_changes_no_draw() -> None:
    alone = days(cut_in_february(**THREE))
    assert np.array_equal(alone, days(cut_in_february(ELSEWHERE, **THREE)))
    vague = ELSEWHERE | {"date": "2021-02"}
    assert np.array_equal(alone, days(cut_in_february(vague, **THREE)))


def test_an_event_beyond_reach_changes_no_draw() -> None:
    alone = days(cut_in_february(**LONG))
    assert np.array_equal(alone, days(cut_in_february(LATER, **LONG)))


def test_control_an_event_of_the_block_changes_draws() -> None:
    again = event("again", "contact_restored", "2021-02-20")
    assert not np.array_equal(days(cut_in_february()), days(cut_in_february(again)))


def test_dates_that_one_another_reaches_are_weighed_together() -> None:
    call = event("call", "call_held", "2021-03", by="USA")
    far = event("far", "call_held", "2021-06", by="USA")
    law = law_of(cut_in_february(call, far, **LONG))
    assert [b.ids for b in law.blocks] == [("call", "cut"), ("far",)]


# ------------------------------------------------------------------------------ what it rests on


ARREST = {"channel": None, "persons": ["ann"], "held_by": "CAN", "national_of": "USA"}


def history_days(scenario: Scenario) -> Floats:
    return days(scenario, draws=50)


def test_changes_have_no_part_in_the_law() -> None:
    """Not a doctrine of another temper, nor an inserted event, nor what is removed."""
    plain = cut_in_february(event("word", "statement", "2021-02-03"))
    changes = (
        {"set_doctrine": {"party": "CAN", "doctrine": "usa", "from": "2021-01-05"}},
        {"insert": event("shock", "detained", "2021-02-10", **ARREST)},
        {"remove": "word"},
    )
    drawn = history_days(plain)
    for change in changes:
        changed = plain.model_copy(update={"changes": (Change.model_validate(change),)})
        assert np.array_equal(drawn, history_days(changed))
    milder = plain.model_copy(
        update={"doctrines": plain.doctrines | {"can": plain.doctrines["usa"]}}
    )
    assert not np.array_equal(drawn, history_days(milder))  # control: it is its own doctrine


@pytest.mark.parametrize(
    "scenario",
    [
        told(event("war", "escalation", "2021-02", channel=None, severity=0.5, label="war")),
        cut_in_february(complete_from="2021-02-10"),
        cut_in_february().model_copy(update={"rates_per_day": Rates(cut=0.0)}),
    ],
    ids=["nothing decided near", "before the log is complete", "what nothing brings"],
)
def test_other_dates_stay_even(scenario: Scenario) -> None:
    weighed, even = compile_weighed(scenario), compile_scenario(scenario)
    for r in range(20):
        assert fact_instants(weighed, 7, r) == fact_instants(even, 7, r)


def test_a_meeting_that_was_called_off_was_due_as_far_ahead_as_meetings_are() -> None:
    """Agreed on 1 February and called off on the 3rd: due from the 4th to the 11th."""
    scenario = told(
        event("agreed", "meeting_agreed", "2021-02-01", by="CAN", meeting_date="2021-02"),
        event("off", "meeting_cancelled", "2021-02-03", by="USA", causes=["agreed"]),
        doctrines={p: doctrine(meet=0.0, accept_meet=0.0, cancel=0.0) for p in ("can", "usa")},
        meeting_lead_days={"least": 1.0, "most": 10.0},
    )
    for compiled, most in ((compile_weighed, 10.0), (compile_scenario, 28.0)):
        program = compiled(scenario, retrace=True)
        f, found = place(program, "agreed"), []
        for r in range(200):
            world = Reference(program, 7, r)
            due_s = world.coded.meeting_instant(f)
            found.append((due_s - int(program.facts.wish_s[f])) / DAY_S)
        assert min(found) > 2.0
        assert most - 1.5 < max(found) <= most
