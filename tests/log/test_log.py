"""The order of a log: causes before effects, instants inside their spans, entries in any order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import log_data, logs

from sim.ground.dates import parse
from sim.log.events import EVENT, Event
from sim.log.log import Log
from sim.log.log_rules import broken_rules, order_rules
from sim.log.order import canonical_times, causal_order, in_order, latest


def said(id_: str, date: str, *causes: str) -> Event:
    data = {"id": id_, "date": date, "kind": "statement", "causes": causes}
    return EVENT.validate_python(data)


@given(logs())
def test_generated_logs_break_no_rule(log: Log) -> None:
    assert list(broken_rules(log)) == []


@given(logs())
def test_causes_come_first(log: Log) -> None:
    order = causal_order({e.id: e for e in log.events})
    assert sorted(order) == sorted(e.id for e in log.events)
    for event in log.events:
        assert all(order.index(c) < order.index(event.id) for c in event.causes)


def test_an_order_that_ignores_causes_fails_that() -> None:
    """The control: sorting by id alone puts this effect before its cause."""
    events = {e.id: e for e in (said("a", "2022", "b"), said("b", "2022"))}
    assert causal_order(events) == ["b", "a"]
    assert sorted(events) == ["a", "b"]


def test_coded_events_come_before_simulated_ones_then_by_id() -> None:
    events = [said("sim.0", "2022"), said("z", "2022"), said("a", "2022"), said("b", "2022", "z")]
    assert causal_order({e.id: e for e in events}) == ["a", "z", "b", "sim.0"]


@given(logs())
def test_canonical_times_lie_in_their_spans_and_after_their_causes(log: Log) -> None:
    times = canonical_times(log.events)
    for event in log.events:
        span = parse(event.date)
        assert span.lo_s <= times[event.id] < span.hi_s
        assert all(times[c] <= times[event.id] for c in event.causes)
        if not event.causes and not any(event.id in e.causes for e in log.events):
            assert times[event.id] == span.midpoint_s


@pytest.mark.parametrize(
    ("cause", "effect"),
    [
        ("2022", "2022-01-05"),
        ("2022-12", "2022"),
        ("2022-01-05T10:00:00Z", "2022-01-05T10:00:00Z"),
        ("2022-01-05", "2022-01-05T00:00:00Z"),
    ],
)
def test_the_middle_alone_would_fail_that(cause: str, effect: str) -> None:
    """The control: where spans overlap, their middles may stand in the wrong order."""
    times = canonical_times([said("cause", cause), said("effect", effect, "cause")])
    assert times["cause"] <= times["effect"]
    moved = times != {"cause": parse(cause).midpoint_s, "effect": parse(effect).midpoint_s}
    assert moved == (parse(cause).midpoint_s > parse(effect).midpoint_s)


def test_latest_leaves_room_for_effects_of_effects() -> None:
    events = [said("a", "2022"), said("b", "2022-06", "a"), said("c", "2022-06-10", "b")]
    by_id = {e.id: e for e in events}
    ends = latest(by_id, causal_order(by_id))
    assert set(ends.values()) == {parse("2022-06-10").hi_s}


@given(log_data(), st.integers(0, 2**32))
def test_the_order_of_entries_means_nothing(data: dict[str, object], seed: int) -> None:
    log = Log.model_validate(data)
    shuffled = list(log.events)
    random.Random(seed).shuffle(shuffled)
    times = canonical_times(log.events)
    assert canonical_times(shuffled) == times
    assert in_order(shuffled, times) == in_order(log.events, times)


def test_in_order_sorts_by_instant_first() -> None:
    """The control: at different instants ids and causes do not count."""
    events = [said("a", "2023"), said("z", "2021"), said("m", "2022")]
    assert [e.id for e in in_order(events, canonical_times(events))] == ["z", "m", "a"]


# ----------------------------------------------------------------------------------- rules


def rules(*events: Event) -> list[tuple[int | str, str, object]]:
    return [(path[1], rule, got) for path, rule, got in order_rules(events)]


def test_every_circle_is_named_and_nothing_else() -> None:
    """An event that follows from a circle is not part of it."""
    found = rules(
        said("a", "2022", "y"),
        said("x", "2022", "y"),
        said("y", "2022", "z"),
        said("z", "2022", "x"),
        said("p", "2022", "q"),
        said("q", "2022", "p", "x"),
    )
    assert sorted(found) == [
        (1, "must not form a circle", "x, y, z"),
        (4, "must not form a circle", "p, q"),
    ]


def test_causal_order_names_a_circle() -> None:
    events = {
        e.id: e for e in (said("a", "2022", "b"), said("b", "2022", "c"), said("c", "2022", "b"))
    }
    with pytest.raises(ValueError, match="causes form a circle: b, c"):
        causal_order(events)


def test_an_effect_before_its_cause_is_reported_once() -> None:
    """What follows from the misplaced event in turn is not reported again."""
    found = rules(said("a", "2022-05-01"), said("b", "2022-04", "a"), said("c", "2022-04-20", "b"))
    assert found == [(1, "must not lie before its cause a of 2022-05-01", "2022-04")]


def test_dates_are_checked_beside_a_circle() -> None:
    found = rules(
        said("x", "2022", "x2"),
        said("x2", "2022", "x"),
        said("a", "2022-05-01"),
        said("b", "2022-04", "a"),
    )
    assert [n for n, _, _ in found] == [0, 3]


@pytest.mark.slow
@given(logs(), st.data())
def test_a_cause_added_against_time_is_noticed(log: Log, data: st.DataObject) -> None:
    """The control of the first test: a generated log with one wrong cause breaks a rule."""
    events = list(log.events)
    spans = [parse(e.date) for e in events]
    pairs = [(i, j) for i, a in enumerate(spans) for j, b in enumerate(spans) if a.lo_s >= b.hi_s]
    if pairs:
        late, early = data.draw(st.sampled_from(pairs))
        causes = (*events[early].causes, events[late].id)
        events[early] = events[early].model_copy(update={"causes": causes})
        assert list(broken_rules(log.model_copy(update={"events": tuple(events)})))
