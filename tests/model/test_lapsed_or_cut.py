"""How a channel that is cut off stands: somebody ended contact, or nobody has spoken for long."""

from __future__ import annotations

from typing import Any

import pytest
from learned import BRIEF
from micro import CHANNEL, START_S, doctrine, program
from pasts import event, told

from sim.ground.dates import DAY_S
from sim.log.events import KIND_CODE
from sim.log.log import STATES
from sim.model import situation as situations
from sim.model.compiling import compile_scenario
from sim.model.situation import SimulatedEvent, Situation
from sim.rules.features import FEATURES, STANDINGS
from sim.rules.telling import AS_IS, DENIED
from sim.study.verifying import verify

Told = tuple[str, float]
"""A kind of event, and the day on which it comes."""


def standing(
    *events: Told, day: float, side: int = 0, leave_out: tuple[str, ...] = (), **channel: Any
) -> str:
    """How a side sees a small channel stand on a day, after events."""
    setup = {"initial": "open", "lapse_days": BRIEF} | channel
    found = Situation(program(channels={CHANNEL: setup}, leave_out=leave_out))
    for kind, at in events:
        told = (AS_IS, DENIED) if kind == "corridor_talk" else (AS_IS, AS_IS)
        at_s = START_S + round(at * DAY_S)
        found.apply(SimulatedEvent(at_s, KIND_CODE[kind], channel=0, by=0, told=told))
    row = found.features(0, side, START_S + round(day * DAY_S))
    features = dict(zip(FEATURES, row, strict=True))
    (stands,) = (name for name in STANDINGS if features[name])
    state = STATES[found.seen[0][1 + side].state]
    assert state == ("cut_off" if stands == "lapsed" else stands)  # both are one state to the log
    return stands


CUT, CALL, TALK = ("contact_cut", 1.0), ("call_held", 20.0), ("corridor_talk", 20.0)


@pytest.mark.parametrize(
    ("events", "day", "stands"),
    [
        ((), 29.0, "open"),
        ((), 30.0, "lapsed"),  # nobody spoke for as long as the initial state lasts
        ((CUT,), 1.0, "cut_off"),
        ((CUT,), 80.0, "cut_off"),  # silence after a cut is no lapse
        ((("channel_closed", 1.0),), 2.0, "cut_off"),
        ((CUT, CALL), 20.0, "open"),
        ((CUT, CALL), 30.0, "lapsed"),  # contact undid the cut, and then nobody spoke
        ((CUT, TALK), 24.0, "corridor"),
        ((CUT, TALK), 25.0, "lapsed"),
        ((CUT, CALL, ("contact_cut", 40.0)), 41.0, "cut_off"),  # a cut of what had lapsed
        ((("contact_refused", 1.0), ("meeting_cancelled", 2.0)), 31.0, "lapsed"),
    ],
)
def test_a_channel_that_is_cut_off_has_lapsed_or_was_cut(
    events: tuple[Told, ...], day: float, stands: str
) -> None:
    assert standing(*events, day=day) == stands


def test_each_side_sees_it_by_its_own_account() -> None:
    assert [standing(CUT, TALK, day=26.0, side=s) for s in (0, 1)] == ["lapsed", "cut_off"]


def test_contact_that_keeps_nothing_alive_undoes_no_cut() -> None:
    kept = ("corridor",)
    assert standing(CUT, TALK, day=20.0, leave_out=kept) == "cut_off"
    assert standing(CUT, CALL, day=31.0, leave_out=kept) == "lapsed"


def test_what_begins_cut_off_was_cut_by_nobody() -> None:
    assert standing(day=1.0, initial="cut_off") == "lapsed"
    assert standing(CUT, day=2.0, initial="cut_off") == "cut_off"


def test_a_line_that_goes_unanswered_was_cut() -> None:
    unanswered = ("request_unanswered", 1.0)
    assert standing(unanswered, day=2.0, line=True) == "cut_off"
    assert standing(unanswered, day=31.0) == "lapsed"  # on another channel it ends nothing


TEMPER = doctrine(
    call={"bias": -1.0, "open": 1.0, "cut_off": -1.5, "lapsed": 1.5},
    accept_call={"bias": 0.0, "cut_off": -1.0, "lapsed": 2.0},
    cut={"bias": -1.0, "open": 1.0},
    approach={"bias": 0.0, "lapsed": 2.0, "cut_off": -2.0},
    accept_approach={"bias": 0.0, "lapsed": -1.0},
    acknowledge={"bias": 0.3, "lapsed": 1.0, "cut_off": -1.0},
)
PARTS: dict[str, Any] = {
    "doctrines": {"can": TEMPER, "usa": TEMPER},
    "rates_per_day": {"call": 0.1, "cut": 0.05},
    "channels": {CHANNEL: {"initial": "cut_off", "lapse_days": BRIEF}},
    "forums": {f"f{n}": {"date": f"2021-0{n}-15"} for n in (1, 2, 3)},
}
HISTORY = (
    event("first", "call_held", "2021-01-03", by="CAN"),
    event("cut", "contact_cut", "2021-01-06", by="USA"),
    event("again", "call_held", "2021-01-20", by="USA"),
    event("late", "call_held", "2021-02-15", by="CAN"),
)


def histories() -> list[Any]:
    """The small world ahead, and what-ifs of a history in which contact is cut and lapses."""
    changes = (
        {"remove": "cut"},
        {"remove": "again"},
        {"move": {"event": "cut", "to": "2021-02-05"}},
    )
    return [
        program(**PARTS),
        *(compile_scenario(told(*HISTORY, changes=[c], **PARTS)) for c in changes),
    ]


def test_both_executors_tell_them_apart() -> None:
    for compiled in histories():
        assert isinstance(verify(compiled, 1, 40), int)


def test_control_an_executor_that_takes_a_lapse_for_a_cut_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(situations, "standing_of", lambda state, until: state)
    for compiled in histories():
        assert not isinstance(verify(compiled, 1, 40), int)
