"""The tally: counting by hand, and adding up."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from agreeing import merge
from micro import ALWAYS, START_S, always, doctrine, play, program

from sim.ensemble.work import simulate
from sim.ground.dates import DAY_S
from sim.log.events import KIND_CODE
from sim.model.compiled_scenario import CompiledScenario
from sim.model.situation import SimulatedEvent, Situation
from sim.model.tally import (
    MAX_RASTER_ROWS,
    Tally,
    blank,
    count,
    from_npz,
    outcome_value,
    raster_rows,
    to_npz,
)
from sim.scenario.outcomes import HELD

OPEN, CUT_OFF, PRISONER_ONLY, CORRIDOR = range(4)
HOUR = 3600
EARLIER = START_S - 40 * DAY_S


def at(days: float) -> int:
    return START_S + round(days * DAY_S)


def made(compiled: CompiledScenario) -> Situation:
    """A replication with a path by hand: cut off; open on day 2.5 to 10; corridor on day 20."""
    found = Situation(compiled)
    found.path[0][0] = [
        (EARLIER, CUT_OFF, -1),
        (at(2.5), OPEN, 0),
        (at(10), CUT_OFF, 1),
        (at(20), CORRIDOR, 2),
    ]
    found.path[0][2] = [(EARLIER, CUT_OFF, -1)]
    found.happenings = [
        SimulatedEvent(at(-3), KIND_CODE["call_held"], 0, by=0),
        SimulatedEvent(at(2.5), KIND_CODE["call_held"], 0, by=0),
        SimulatedEvent(at(10), KIND_CODE["contact_cut"], 0, by=1),
        SimulatedEvent(at(20), KIND_CODE["call_held"], 0, by=1),
    ]
    return found


def equal(first: Tally, second: Tally) -> bool:
    pairs = [(getattr(first, f.name), getattr(second, f.name)) for f in fields(Tally)]
    return all(np.array_equal(a, b) for a, b in pairs)


def value(situation_of: Any = made, **outcome: Any) -> int:
    compiled = program(outcomes={"asked": outcome})
    return outcome_value(compiled, situation_of(compiled), 0)


# ---------------------------------------------------------------------------------- outcomes


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2021-01-01", 0),
        ("2021-01-02", 0),  # the day ends at 2.0, before the channel opens
        ("2021-01-03", 1),
        ("2021-01-10", 1),  # the last second of the tenth day: the cut comes with the next
        ("2021-01-11", 0),
    ],
)
def test_state_at_looks_at_the_end_of_the_day(date: str, expected: int) -> None:
    assert value(type="state_at", state="open", date=date) == expected


def test_state_at_the_end_of_the_run_and_from_another_viewpoint() -> None:
    assert value(type="state_at", state="corridor") == 1
    assert value(type="state_at", state=["open", "cut_off"]) == 0
    assert value(type="state_at", state="corridor", viewpoint="USA") == 0
    assert value(type="state_at", state="cut_off", viewpoint="USA") == 1


@pytest.mark.parametrize(
    ("state", "date", "expected"),
    [
        ("open", "2021-01-02", 0),
        ("open", "2021-01-03", 1),
        ("open", None, 1),
        ("corridor", "2021-01-20", 0),
        ("corridor", "2021-01-21", 1),
        ("cut_off", "2021-01-01", 1),
        ("prisoner_only", None, 0),
    ],
)
def test_state_by_counts_any_time_up_to_the_day(
    state: str, date: str | None, expected: int
) -> None:
    dated = {"date": date} if date else {}
    assert value(type="state_by", state=state, **dated) == expected


def test_share_of_days_is_kept_in_seconds() -> None:
    assert value(type="share_of_days", state="open") == round(7.5 * DAY_S)
    assert value(type="share_of_days", state="corridor") == 70 * DAY_S
    assert value(type="share_of_days", state=["open", "corridor"]) == round(77.5 * DAY_S)
    assert value(type="share_of_days", state="cut_off") == round(12.5 * DAY_S)
    window = {"from": "2021-01-03", "until": "2021-01-04"}  # day 2.0 to 4.0
    assert value(type="share_of_days", state="open", **window) == round(1.5 * DAY_S)
    assert value(type="share_of_days", state="prisoner_only") == 0


def test_first_time_counts_seconds_from_the_as_of_date() -> None:
    assert value(type="first_time", state="open") == round(2.5 * DAY_S)
    assert value(type="first_time", state="corridor") == 20 * DAY_S
    assert value(type="first_time", state="prisoner_only") == -1
    assert value(type="first_time", state="open", viewpoint="USA") == -1


def test_a_state_that_ends_with_the_as_of_date_has_to_come_again() -> None:
    def ends(compiled: CompiledScenario) -> Situation:
        found = Situation(compiled)
        found.path[0][0] = [(EARLIER, OPEN, -1), (START_S, CUT_OFF, 0), (at(5), OPEN, 1)]
        return found

    assert value(ends, type="first_time", state="open") == 5 * DAY_S - HELD  # open until then
    assert value(ends, type="first_time", state="cut_off") == 0


def test_a_first_time_that_holds_at_its_start_says_so_and_waits_for_its_end() -> None:
    assert value(type="first_time", state="cut_off") == 10 * DAY_S - HELD
    assert value(type="first_time", state="cut_off", viewpoint="USA") == -1 - HELD  # it never ends
    late = {"type": "first_time", "from": "2021-01-04"}  # day 3.0, while it is open
    assert value(**late, state="open") == -1 - HELD
    assert value(**late, state="cut_off") == 7 * DAY_S
    # from one of several states to another is no entry
    assert value(**late, state=["open", "cut_off"]) == -1 - HELD
    assert value(**late, state=["open", "corridor"]) == 17 * DAY_S - HELD
    assert value(type="state_by", state="open", **{"from": "2021-01-04"}) == 1


def test_event_by_counts_after_the_as_of_date_up_to_the_day() -> None:
    asked = {"type": "event_by", "kind": "call_held"}
    assert value(**asked) == 1
    assert value(**asked, date="2021-01-02") == 0
    assert value(**asked, date="2021-01-03") == 1
    assert value(**asked, at_least=2) == 1
    assert value(**asked, at_least=3) == 0  # the third lies in history
    assert value(**asked, by="USA", date="2021-01-19") == 0
    assert value(**asked, by="USA") == 1
    assert value(type="event_by", kind="meeting_held") == 0


def test_event_by_counts_several_kinds_together() -> None:
    both = {"type": "event_by", "kind": ["call_held", "contact_cut"]}
    cut, call = ({"type": "event_by", "kind": kind} for kind in ("contact_cut", "call_held"))
    assert [value(**call, at_least=n) for n in (2, 3)] == [1, 0]
    number = next(n for n in range(1, 9) if value(**cut, at_least=n) == 0) - 1
    assert number > 0
    assert [value(**both, at_least=2 + number + n) for n in (0, 1)] == [1, 0]


def test_event_by_looks_at_one_channel_or_at_all() -> None:
    two = {
        "parties": {p: {"doctrine": "can"} for p in ("CAN", "MEX", "USA")},
        "channels": {"can-mex/ministers": {}, "can-usa/ministers": {}},
    }
    asked = {"type": "event_by", "kind": "call_held"}
    for channel, expected in ((None, 1), ("can-mex/ministers", 0), ("can-usa/ministers", 1)):
        named = {"channel": channel} if channel else {}
        compiled = program(outcomes={"asked": asked | named}, **two)
        found = Situation(compiled)
        found.happenings = [SimulatedEvent(at(1), KIND_CODE["call_held"], 1)]
        assert outcome_value(compiled, found, 0) == expected


# ---------------------------------------------------------------------------------- counting


def test_counting_one_replication_by_hand() -> None:
    compiled = program(outcomes={"a": {"type": "first_time", "state": "open"}})
    tally = blank(compiled, 1)
    count(compiled, made(compiled), tally, 0)
    observer = [CUT_OFF] * 3 + [OPEN] * 8 + [CUT_OFF] * 10 + [CORRIDOR] * 70
    assert tally.raster[0, 0].tolist() == observer
    assert tally.occupancy[0, 0].argmax(axis=1).tolist() == observer
    assert (tally.occupancy.sum(axis=3) == 1).all()
    assert tally.exposure_s[0, 0].tolist() == [
        round(7.5 * DAY_S),
        round(12.5 * DAY_S),
        0,
        70 * DAY_S,
    ]
    moves = np.zeros((4, 4), dtype=int)
    moves[CUT_OFF, OPEN] = moves[OPEN, CUT_OFF] = moves[CUT_OFF, CORRIDOR] = 1
    assert tally.moves[0, 0].tolist() == moves.tolist()
    assert tally.moves[0, 2].sum() == 0
    assert tally.exposure_s[0, 2, CUT_OFF] == 90 * DAY_S
    assert tally.events[KIND_CODE["call_held"]] == 2
    assert tally.events.sum() == 3
    assert tally.values.tolist() == [[round(2.5 * DAY_S)]]


def test_the_end_of_a_day_belongs_to_it() -> None:
    compiled = program()
    found = Situation(compiled)
    found.path[0][0] = [(EARLIER, OPEN, -1), (at(1) - 1, CUT_OFF, 0), (at(2), OPEN, 1)]
    tally = blank(compiled, 1)
    count(compiled, found, tally, 0)
    assert tally.raster[0, 0, :4].tolist() == [OPEN, CUT_OFF, CUT_OFF, OPEN]


# ---------------------------------------------------------------------------------- adding up


def lively() -> CompiledScenario:
    doctrines = {
        p: doctrine(call=0.0, accept_call=0.0, cut=0.0, acknowledge=0.0) for p in ("can", "usa")
    }
    outcomes = {"a": {"type": "share_of_days", "state": "open"}}
    return program(doctrines, rates_per_day={"call": 0.3, "cut": 0.1}, outcomes=outcomes)


def test_any_cut_into_chunks_adds_up_to_the_same() -> None:
    compiled = lively()
    whole = simulate(compiled, 1, 0, 12)
    for cuts in ([5, 7], [1, 11], [4, 4, 4], [12]):
        firsts = np.cumsum([0, *cuts]).tolist()
        parts = [simulate(compiled, 1, f, n) for f, n in zip(firsts, cuts, strict=False)]
        assert equal(merge(parts), whole)
    assert whole.values.std() > 0


def test_control_a_chunk_left_out_or_counted_twice_is_seen() -> None:
    compiled = lively()
    whole = simulate(compiled, 1, 0, 12)
    half = simulate(compiled, 1, 0, 6)
    assert not equal(merge([half]), whole)
    assert not equal(merge([half, half]), whole)


def test_what_is_counted_of_a_run_hangs_together() -> None:
    compiled, n = lively(), 12
    tally = simulate(compiled, 1, 0, n)
    span = compiled.until_s - compiled.as_of_s
    assert (tally.occupancy.sum(axis=3) == n).all()
    assert (tally.exposure_s.sum(axis=2) == n * span).all()
    assert tally.values[:, 0].sum() == tally.exposure_s[0, 0, OPEN]
    for r in range(n):
        assert np.array_equal(tally.raster[r], _states(compiled, r))
    counted = np.stack([(tally.raster[:, 0] == s).sum(axis=0) for s in range(4)], axis=1)
    assert np.array_equal(counted, tally.occupancy[0, 0])


def _states(compiled: CompiledScenario, replication: int) -> Any:
    alone = blank(compiled, 1)
    count(compiled, play(compiled, replication=replication), alone, 0)
    return alone.raster[0]


def test_a_raster_holds_the_first_replications_only() -> None:
    compiled = program()
    assert raster_rows(compiled) == MAX_RASTER_ROWS
    assert len(blank(compiled, 1000).raster) == MAX_RASTER_ROWS
    assert len(blank(compiled, 50, first=380).raster) == 20
    assert len(blank(compiled, 50, first=400).raster) == 0
    parts = [blank(compiled, 50, first=f) for f in range(0, 500, 50)]
    assert len(merge(parts).raster) == MAX_RASTER_ROWS
    assert merge(parts).replications == 500


def test_doctrines_that_always_speak_keep_a_channel_open() -> None:
    compiled = program(
        {"can": always(), "usa": doctrine(accept_call=ALWAYS)}, rates_per_day={"call": 0.2}
    )
    tally = simulate(compiled, 1, 0, 3)
    assert tally.exposure_s[0, 0, OPEN] == tally.exposure_s[0, 0].sum()
    assert tally.moves.sum() == 0  # to begin is no move
    assert tally.events[KIND_CODE["call_held"]] == tally.events.sum() > 30


def test_a_tally_that_unpacks_to_more_than_it_may_is_refused() -> None:
    like = blank(lively(), 2)
    assert from_npz(to_npz(like), like) is not None  # the control: what belongs there is read
    packed = io.BytesIO()
    whole = {f.name: getattr(like, f.name) for f in fields(Tally)}
    np.savez_compressed(packed, **(whole | {"values": np.zeros(30_000_000, np.int64)}))
    assert len(packed.getvalue()) < 1_000_000
    tracemalloc.start()
    assert from_npz(packed.getvalue(), like) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
