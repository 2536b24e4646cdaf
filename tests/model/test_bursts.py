"""Bursts: when their opportunities come, whom they ask, and the words of their chances."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from micro import ALWAYS, CAN, CHANNEL, START_S, USA, doctrine, program, scenario
from scipy import stats

from sim.ground.dates import DAY_S, parse
from sim.ground.draws import philox, stream_key, uniforms
from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.log.events import KIND_CODE, KINDS
from sim.model.bursts import MAX_POINTS, MOST_TAUS, Point, intensity, points
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import compare, events_of_world, join
from sim.model.players import Occasion
from sim.model.reference import World
from sim.model.replication import replicate
from sim.model.situation import SHOCK
from sim.study.asking import removable
from sim.study.first_difference import first_difference, reason

LEADERS = "can-usa/leaders"
CALLS = doctrine(call=ALWAYS, accept_call=ALWAYS)
"""Says yes to every call, and to nothing else."""


def burst(opener: Any, act: str, side: str = "other", m: float = 1.0, tau: float = 2.0) -> Any:
    return {"opener": opener, "act": act, "side": side, "m": m, "tau_days": tau}


def coded(kind: str, date: str = "2020-12-30", **more: Any) -> dict[str, Any]:
    return {"id": f"the-{kind.replace('_', '-')}", "kind": kind, "date": date} | more


def history(*events: dict[str, Any], channels: tuple[str, ...] = (CHANNEL,)) -> dict[str, Any]:
    known = {c: {"parties": ["CAN", "USA"]} for c in channels}
    return {"schema": 4, "title": "History", "channels": known, "events": list(events)}


SHOCK_EVENT = coded("escalation", severity=1.0, label="shock", by="CAN")


def with_row(row: Any, *events: dict[str, Any], **parts: Any) -> CompiledScenario:
    """Two parties that say yes to calls, hardly any routine, and one row of attention."""
    rates = {"call": 1e-9, "cut": 1e-9, "meet": 1e-9, "cancel": 1e-9} | parts.pop("rates", {})
    given = {"history": history(*events)} if events else {}
    return program(
        parts.pop("doctrines", {"can": CALLS, "usa": CALLS}),
        rates_per_day=rates,
        attention={"row": row},
        **given,
        **parts,
    )


def drawn(
    p: CompiledScenario, row: int, opened_s: int, words: tuple[int, int], n: int
) -> list[Point]:
    lo, hi = words
    return [*points(p.attention, row, opened_s, lambda index: uniforms(7, lo, hi, n, index))]


# ---------------------------------------------------------------------------------- when


def test_points_are_as_many_and_as_late_as_the_row_says() -> None:
    p = with_row(burst("escalation", "call", m=1.7, tau=3.0))
    found = [drawn(p, 0, 1000, (1, 2), n) for n in range(4000)]
    counts = np.array([len(f) for f in found])
    assert abs(counts.mean() - 1.7) < 4 * math.sqrt(1.7 / 4000)
    assert abs(counts.var() - 1.7) < 0.2  # Poisson: the variance is the mean
    delays = [(x.at_s - 1001) / DAY_S for f in found for x in f]
    assert stats.kstest(delays, stats.expon(scale=3.0).cdf).pvalue > 1e-3
    assert stats.kstest(delays, stats.expon(scale=3.3).cdf).pvalue < 1e-3  # the control


def test_points_are_in_order_and_never_on_the_second_of_the_opener() -> None:
    p = with_row(burst("escalation", "call", m=20.0, tau=0.01))
    found = [drawn(p, 0, 1000, (1, 2), n) for n in range(300)]
    times = [[x.at_s for x in f] for f in found]
    assert all(t == sorted(t) for t in times)
    assert min(min(t) for t in times if t) == 1001
    assert all(x.at_s <= 1001 + MOST_TAUS * 0.01 * DAY_S for f in found for x in f)


def test_the_smallest_of_uniforms_cannot_reach_beyond_the_end() -> None:
    """So what is that old need not be drawn: a double holds no later point."""
    p = with_row(burst("escalation", "call", m=1.0, tau=1.0))
    largest = np.nextafter(1.0, 0.0)
    only = [*points(p.attention, 0, 0, lambda index: (math.exp(-largest), 0.5))]
    assert [x.index for x in only][:1] == [0]
    assert only[0].at_s < MOST_TAUS * DAY_S


def test_a_burst_has_a_bounded_number_of_points() -> None:
    p = with_row(burst("escalation", "call", m=20.0, tau=1.0))
    many = [*points(p.attention, 0, 0, lambda index: (1 - 1e-12, 0.5))]
    assert [x.index for x in many] == [*range(MAX_POINTS)]


def test_the_intensity_sums_up_to_the_expected_number() -> None:
    p = with_row(burst("escalation", "call", m=1.7, tau=3.0))
    hours = range(0, 60 * DAY_S, 3600)
    assert sum(intensity(p.attention, 0, h) for h in hours) / 24 == pytest.approx(1.7, rel=0.02)
    assert intensity(p.attention, 0, 0) == pytest.approx(1.7 / 3.0)


# ---------------------------------------------------------------------------------- words


def opened(p: CompiledScenario, replication: int = 0) -> list[Any]:
    world = World(p, 1, replication)
    world.run()
    return world.opened


def words_of(opener: tuple[int, int, int, int], row: str) -> tuple[int, int]:
    """The words of a burst, by the formula of `docs/model.md`."""
    lo, hi, number, mark = opener
    row_lo, row_hi = stream_key(row)
    first, second, _, _ = philox(lo, hi, number, row_lo, row_hi, mark)
    return first, second


def row_name(party: str, act: str, kind: str, channel: str = CHANNEL) -> str:
    return f"{channel}/{party}/{act}/after/row/{kind}"


def test_words_of_a_coded_event() -> None:
    p = with_row(burst("escalation", "call"), SHOCK_EVENT)
    (found,) = opened(p)
    key = (*stream_key("event/the-escalation"), 0, 0)
    assert found.words == words_of(key, row_name("USA", "call", "escalation"))


def test_words_of_an_inserted_event_are_those_of_a_coded_one() -> None:
    inserted = {"insert": SHOCK_EVENT | {"date": "2021-01-10"}}
    (found,) = opened(with_row(burst("escalation", "call"), changes=[inserted]))
    key = (*stream_key("event/the-escalation"), 0, 0)
    assert found.words == words_of(key, row_name("USA", "call", "escalation"))


def test_words_of_an_event_of_a_stream_and_of_one_of_a_burst() -> None:
    p = with_row(burst("call_held", "call", m=0.9, tau=1.0), rates={"call": 0.05})
    world = World(p, 1, 3)
    world.run()
    origins = [h.origin for h in world.situation.happenings]
    streams = {stream_key(f"{CHANNEL}/{party}/call") for party in ("CAN", "USA")}
    bursts = {o.words for o in world.opened}
    assert any(o[:2] in streams for o in origins)
    assert any(o[:2] in bursts for o in origins)
    calls = [h for h in world.situation.happenings if h.kind == KIND_CODE["call_held"]]
    assert [o.words for o in world.opened] == [
        words_of(h.origin, row_name("USA" if h.by == CAN else "CAN", "call", "call_held"))
        for h in calls
    ]
    assert all(o[:2] in streams | bursts and o[3] == 0 for o in origins)


def test_words_of_a_meeting_are_those_of_its_agreement() -> None:
    meets = doctrine(meet=ALWAYS, accept_meet=ALWAYS)
    p = with_row(
        burst(["meeting_agreed", "meeting_held"], "call"),
        doctrines={"can": meets, "usa": meets},
        rates={"meet": 0.1},
    )
    world = World(p, 1, 0)
    world.run()
    happened = world.situation.happenings
    held = [h for h in happened if h.kind == KIND_CODE["meeting_held"]]
    assert held
    assert all(h.origin == happened[h.cause].origin for h in held)
    assert len({o.words for o in world.opened}) == len(world.opened)  # another kind: other words


def test_words_of_a_coded_agreement_reach_its_meeting() -> None:
    agreed = coded("meeting_agreed", channel=CHANNEL, by="USA", meeting_date="2021-01-05")
    p = with_row(burst("meeting_held", "call", "both"), agreed)
    key = (*stream_key("event/the-meeting-agreed"), 0, 0)
    assert {o.words for o in opened(p)} == {
        words_of(key, row_name(party, "call", "meeting_held")) for party in ("CAN", "USA")
    }


def test_words_of_releases_tell_whose_people_they_are() -> None:
    swaps = doctrine(swap=ALWAYS, accept_swap=ALWAYS)
    p = with_row(
        burst("released", "call", "both"),
        doctrines={"can": swaps, "usa": swaps},
        rates={"swap": 0.05},
        detainees={
            "ann": {"held_by": "CAN", "national_of": "USA"},
            "bea": {"held_by": "USA", "national_of": "CAN"},
        },
    )
    world = World(p, 1, 0)
    world.run()
    freed = [h for h in world.situation.happenings if h.kind == KIND_CODE["released"]]
    assert len(freed) == 2
    marks = {h.national: stream_key(f"party/{p.parties[h.national]}")[0] for h in freed}
    assert [h.origin[3] for h in freed] == [marks[h.national] for h in freed]
    assert len({o.words for o in world.opened}) == 4


def test_words_of_passing_by_are_those_of_forum_and_channel() -> None:
    p = with_row(burst("copresence", "call", "both"), forums={"g20": {"date": "2021-02-01"}})
    key = (*stream_key("forum/g20"), stream_key(f"channel/{CHANNEL}")[0], 0)
    assert {o.words for o in opened(p)} == {
        words_of(key, row_name(party, "call", "copresence")) for party in ("CAN", "USA")
    }


def test_words_hang_on_no_order_and_on_no_other_row() -> None:
    row = burst("escalation", "call")
    plain = with_row(row, SHOCK_EVENT)
    more = program(
        {"can": CALLS, "usa": CALLS},
        rates_per_day={"call": 1e-9, "cut": 0.3, "meet": 0.2},
        attention={"a-first": burst(["escalation", "call_held"], "cut", "both"), "row": row},
        history=history(coded("statement", "2020-06-01", channel=CHANNEL), SHOCK_EVENT),
    )
    (one,) = opened(plain)
    assert one.words in {o.words for o in opened(more)}


# ---------------------------------------------------------------------------------- whom and where


def asked(row: Any, *events: dict[str, Any], **parts: Any) -> list[str]:
    """The channel and party that each burst of history asks."""
    p = with_row(row, *events, **parts)
    streams = [int(p.attention.stream[o.row]) for o in opened(p)]
    return sorted("/".join(p.streams.names[s].split("/")[1:3]) for s in streams)


@pytest.mark.parametrize(
    ("side", "by", "expected"),
    [
        ("initiator", "CAN", ["CAN"]),
        ("other", "CAN", ["USA"]),
        ("both", "CAN", ["CAN", "USA"]),
        ("initiator", None, []),
        ("other", None, ["CAN", "USA"]),
        ("both", None, ["CAN", "USA"]),
    ],
)
def test_a_row_asks_a_side(side: str, by: str | None, expected: list[str]) -> None:
    found = asked(burst("escalation", "call", side), SHOCK_EVENT | {"by": by})
    assert found == [f"ministers/{party}" for party in expected]


def test_after_an_arrest_the_other_is_the_state_of_the_prisoner() -> None:
    arrest = coded("detained", persons=["ann"], held_by="USA", national_of="CAN")
    assert asked(burst("detained", "call", "other"), arrest) == ["ministers/CAN"]
    assert asked(burst("detained", "call", "initiator"), arrest) == ["ministers/USA"]


BOTH_LEVELS = {"channels": {CHANNEL: {}, LEADERS: {}}}


def lower(opener: str) -> dict[str, Any]:
    return dict(burst(opener, "call", "both")) | {"level": "lower"}


def of_channels(*events: dict[str, Any], row: Any, **parts: Any) -> list[str]:
    given = history(*events, channels=(CHANNEL, LEADERS))
    p = with_row(row, **({"history": given} | parts))
    streams = [int(p.attention.stream[o.row]) for o in opened(p)]
    return sorted({p.streams.names[s].split("/")[1] for s in streams})


def test_an_event_asks_on_its_own_channel_or_on_every_one_that_it_concerns() -> None:
    row = burst("escalation", "call", "both")
    assert of_channels(SHOCK_EVENT, row=row, **BOTH_LEVELS) == ["leaders", "ministers"]
    here = SHOCK_EVENT | {"channel": LEADERS}
    assert of_channels(here, row=row, **BOTH_LEVELS) == ["leaders"]


def test_contact_above_asks_strictly_below() -> None:
    above = coded("call_held", channel=LEADERS)
    below = coded("call_held", channel=CHANNEL)
    assert of_channels(above, row=lower("call_held"), **BOTH_LEVELS) == ["ministers"]
    assert of_channels(below, row=lower("call_held"), **BOTH_LEVELS) == []
    assert of_channels(SHOCK_EVENT, row=lower("escalation"), **BOTH_LEVELS) == []
    turned = {"levels": [["ministers"], ["leaders"]]}
    assert of_channels(below, row=lower("call_held"), **BOTH_LEVELS, **turned) == ["leaders"]
    level = {"levels": [["ministers", "leaders"]]}
    assert of_channels(above, row=lower("call_held"), **BOTH_LEVELS, **level) == []
    unknown = {"levels": [["heads"], ["ministers"]]}
    assert of_channels(above, row=lower("call_held"), **BOTH_LEVELS, **unknown) == []


def test_an_event_on_a_channel_that_is_not_simulated_only_asks() -> None:
    above = coded("call_held", channel=LEADERS)
    one = {"channels": {CHANNEL: {}}}
    assert of_channels(above, row=lower("call_held"), **one) == ["ministers"]
    given = history(above, channels=(CHANNEL, LEADERS))
    world = World(with_row(lower("call_held"), history=given, **one), 1, 0)
    world.run()
    kinds = {KINDS[h.kind] for h in world.situation.happenings if h.fact >= 0}
    assert kinds == set()
    assert world.situation.path[0][0][0] == (world.program.start_s, 0, -1)
    without = World(with_row(burst("call_held", "call", m=0.5), history=given, **one), 1, 0)
    without.run()
    assert without.opened == []


def test_an_act_with_a_rate_of_nothing_is_not_asked_for() -> None:
    assert asked(burst("escalation", "call"), SHOCK_EVENT, rates={"call": 0.0}) == []


def test_a_row_of_nothing_asks_nothing() -> None:
    assert asked(burst("escalation", "call", m=0.0), SHOCK_EVENT) == []


# ---------------------------------------------------------------------------------- in a run


def test_history_goes_on_and_what_fell_before_is_left_out() -> None:
    row = burst("escalation", "call", m=3.0, tau=4.0)
    p = with_row(row, SHOCK_EVENT)
    calls = []
    for r in range(200):
        world = World(p, 1, r)
        world.run()
        (b,) = world.opened
        expected = [x.at_s for x in world.points(b) if x.at_s >= START_S]
        found = [h.at_s for h in world.situation.happenings if h.fact < 0]
        assert found == expected
        calls.append(len(found))
    age = (START_S - parse("2020-12-30").midpoint_s) / DAY_S
    assert np.mean(calls) == pytest.approx(3.0 * math.exp(-age / 4.0), abs=0.4)


def test_a_question_names_the_event_that_brought_it_up() -> None:
    p = with_row(burst("escalation", "call", m=8.0), SHOCK_EVENT)
    world = World(p, 1, 0, trace=True)
    world.run()
    told = {(d.because.kind, d.because.event) for d in world.trace or () if d.because}
    assert told == {("escalation", "the-escalation")}


def test_without_rows_no_draw_differs() -> None:
    """A row whose every answer is no leaves the run as it is without one."""
    rates = {"call": 0.3, "cut": 0.2}
    world = {"up": {"kind": "escalation", "rate_per_day": 0.1}}
    cuts_nothing = {"can": CALLS, "usa": CALLS}
    with_one = program(
        cuts_nothing,
        rates_per_day=rates,
        world=world,
        attention={"row": burst("escalation", "cut", "both", m=5.0)},
    )
    none = program(cuts_nothing, rates_per_day=rates, world=world)
    for r in range(20):
        a, b = (events_of_world(replicate(x, 1, r).situation, r) for x in (with_one, none))
        assert isinstance(compare(a, b), int)


def equal(p: CompiledScenario, worlds: int = 40) -> bool:
    _, fast = kernel.run(p, 1, 0, worlds, events=True)
    assert fast is not None
    slow = join(events_of_world(replicate(p, 1, r).situation, r) for r in range(worlds))
    return isinstance(compare(fast, slow), int)


DENSE = {
    "call": burst("escalation", "call", "both", m=6.0, tau=20.0),
    "cut": burst(["call_held", "copresence"], "cut", "both", m=0.4, tau=0.01),
    "meet": burst(["contact_cut", "released"], "meet", "both", m=0.4, tau=1.0),
}


def dense(**more: Any) -> CompiledScenario:
    yes = doctrine(call=0.0, accept_call=0.0, cut=0.0, meet=0.0, accept_meet=0.0)
    return program(
        {"can": yes, "usa": yes},
        rates_per_day={"call": 0.2, "cut": 0.2, "meet": 0.2, "cancel": 0.2},
        world={"up": {"kind": "escalation", "rate_per_day": 2.0}},
        forums={"g20": {"date": "2021-02-01"}},
        attention=DENSE,
        **more,
    )


@pytest.mark.slow
def test_a_queue_that_is_full_is_made_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    p = dense()
    monkeypatch.setattr(kernel, "SOME_BURSTS", 1)
    assert equal(p, worlds=3)


def test_a_queue_that_would_be_too_large_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "SOME_BURSTS", 1)
    monkeypatch.setattr(kernel, "MOST_BURSTS", 1)
    with pytest.raises(InputError, match="bursts waiting at once"):
        kernel.run(dense(), 1, 0, 10)


@pytest.mark.slow
def test_another_order_of_bursts_at_one_instant_would_be_noticed() -> None:
    """The control of `equal`: a row with another delay gives other events."""
    p = dense()
    attention = replace(p.attention, tau_days=p.attention.tau_days * (1 + 1e-3))
    _, fast = kernel.run(replace(p, attention=attention), 1, 0, 3, events=True)
    slow = join(events_of_world(replicate(p, 1, r).situation, r) for r in range(3))
    assert fast is not None
    assert not isinstance(compare(fast, slow), int)


# ---------------------------------------------------------------------------------- shock


def test_shock_is_raised_by_what_the_other_does_and_is_soon_gone() -> None:
    p = compile_scenario(scenario(history=history(SHOCK_EVENT)))
    world = World(p, 1, 0)
    world.run()
    at_s, situation = parse("2020-12-30").midpoint_s, world.situation
    assert situation.stock(0, SHOCK, USA, at_s) == 1.0
    assert situation.stock(0, SHOCK, CAN, at_s) == 0.0
    assert situation.stock(0, SHOCK, USA, at_s + 5 * DAY_S) == pytest.approx(0.5)


# ---------------------------------------------------------------------------------- in answers


def test_a_first_difference_names_the_event_that_brought_the_question_up() -> None:
    given = {"history": history(SHOCK_EVENT), "attention": {"row": burst("escalation", "call")}}
    parts = {"rates_per_day": {"call": 1e-9}, **given}
    doctrines = {"can": CALLS, "usa": CALLS}
    base = compile_scenario(scenario(doctrines, **parts), retrace=True)
    gone = scenario(doctrines, **parts, changes=[{"remove": "the-escalation"}])
    found = [
        first_difference(
            replicate(base, 1, r, trace=True),
            replicate(compile_scenario(gone), 1, r, trace=True),
            r,
            {"the-escalation"},
            names={"the-escalation": "Shock"},
        )
        for r in range(20)
    ]
    told = [f for f in found if f is not None]
    assert told
    for f in told:
        assert (f.where, f.event, f.changed) == ("history", "call_held", None)
        assert f.because is not None
        days = (parse(f.at[:10]).lo_s - parse("2020-12-30").lo_s) // DAY_S
        when = "the day before" if days == 1 else f"{days} days before"
        assert f.because == f"“Shock”, {when}"
        assert f.because in str(f.row()["decision"])


def test_a_reason_says_how_long_before() -> None:
    at_s = parse("2021-01-10").midpoint_s
    told = [reason(Occasion("contact_cut", at_s - n * DAY_S), at_s, {}) for n in (0, 1, 2)]
    assert told == [
        "“contact cut”, the same day",
        "“contact cut”, the day before",
        "“contact cut”, 2 days before",
    ]


def test_why_asks_about_events_that_are_heard_from_a_level_above() -> None:
    above = coded("call_held", channel=LEADERS)
    given = history(above, channels=(CHANNEL, LEADERS))
    row = {"attention": {"row": lower("call_held")}, "channels": {CHANNEL: {}}}
    asked_about = [e.id for e in removable(scenario(history=given, **row))]
    assert asked_about == ["the-call-held"]
    assert removable(scenario(history=given, channels={CHANNEL: {}})) == []
