"""The situation: memories, views and features, each worked by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from micro import CAN, NEVER, START_S, USA, doctrine, of_kind, play, program

from sim.ground.dates import DAY_S
from sim.log.events import KIND_CODE
from sim.log.log import STATES
from sim.model.situation import (
    GOODWILL,
    GRIEVANCE,
    WAR,
    Pending,
    SimulatedEvent,
    Situation,
)
from sim.rules.features import FEATURES, MAX_COUNTED
from sim.rules.telling import AS_IS, DENIED, PLAYED_DOWN
from sim.study.verifying import verify

OPEN, CUT_OFF, PRISONER_ONLY, CORRIDOR = range(4)


def situation(**parts: Any) -> Situation:
    return Situation(program(**parts))


def happening(kind: str, day: float = 0.0, **parts: Any) -> SimulatedEvent:
    parts = {"channel": 0} | parts
    return SimulatedEvent(START_S + round(day * DAY_S), KIND_CODE[kind], **parts)


def stocks(found: Situation, day: float, dyad: int = 0) -> dict[str, float]:
    at_s = START_S + round(day * DAY_S)
    return {
        "can against": found.stock(dyad, GRIEVANCE, CAN, at_s),
        "usa against": found.stock(dyad, GRIEVANCE, USA, at_s),
        "can for": found.stock(dyad, GOODWILL, CAN, at_s),
        "usa for": found.stock(dyad, GOODWILL, USA, at_s),
        "war": found.stock(dyad, WAR, 0, at_s),
    }


def features(found: Situation, side: int, day: float) -> dict[str, float]:
    values = found.features(0, side, START_S + round(day * DAY_S))
    return dict(zip(FEATURES, values, strict=True))


def view(found: Situation, which: int) -> str:
    return STATES[found.seen[0][which].state]


# ---------------------------------------------------------------------------------- memories


def test_a_cut_aggrieves_the_other_side_only() -> None:
    found = situation()
    found.apply(happening("contact_cut", by=USA))
    assert stocks(found, 0) == {
        "can against": 1.0,
        "usa against": 0.0,
        "can for": 0.0,
        "usa for": 0.0,
        "war": 0.0,
    }


def test_a_cut_by_nobody_known_aggrieves_both() -> None:
    found = situation()
    found.apply(happening("contact_cut"))
    assert stocks(found, 0)["can against"] == stocks(found, 0)["usa against"] == 1.0


@pytest.mark.parametrize(
    ("kind", "which", "half_life"),
    [("contact_cut", "usa against", 90), ("call_held", "usa for", 45), ("escalation", "war", 730)],
)
def test_stocks_halve_every_half_life(kind: str, which: str, half_life: int) -> None:
    found = situation()
    found.apply(happening(kind, by=CAN))
    whole = stocks(found, 0)[which]
    assert whole > 0
    for halvings in (1, 2, 5):
        left = stocks(found, halvings * half_life)[which]
        assert left == pytest.approx(whole / 2**halvings, rel=1e-12)
    assert stocks(found, half_life - 1)[which] != pytest.approx(whole / 2, rel=1e-4)


def test_a_second_event_adds_to_what_is_left() -> None:
    found = situation()
    found.apply(happening("contact_cut", by=CAN))
    found.apply(happening("meeting_cancelled", 90, by=CAN))
    assert stocks(found, 90)["usa against"] == pytest.approx(0.5 + 0.5, rel=1e-12)
    assert stocks(found, 180)["usa against"] == pytest.approx(0.5, rel=1e-12)


def test_half_lives_and_amounts_come_from_the_scenario() -> None:
    custom = {"half_life_days": 10, "raised_by": {"copresence": 3}}
    found = situation(stocks={"grievance": custom})
    found.apply(happening("contact_cut", by=CAN))
    assert stocks(found, 0)["usa against"] == 0.0
    found.apply(happening("copresence", 1))
    assert stocks(found, 11)["usa against"] == pytest.approx(1.5, rel=1e-12)


def test_an_escalation_counts_by_its_severity() -> None:
    found = situation()
    found.apply(happening("escalation", by=USA, severity=0.25))
    assert stocks(found, 0) == {
        "can against": 0.25,
        "usa against": 0.0,
        "can for": 0.0,
        "usa for": 0.0,
        "war": 0.5,
    }


def test_a_deescalation_takes_a_share_of_the_war() -> None:
    found = situation()
    found.apply(happening("escalation", severity=1.0))
    found.apply(happening("deescalation", 730, severity=0.25))
    assert stocks(found, 730)["war"] == pytest.approx(2.0 / 2 * 0.75, rel=1e-12)
    assert stocks(found, 1460)["war"] == pytest.approx(0.375, rel=1e-12)


def test_contact_gives_goodwill_to_both() -> None:
    found = situation()
    found.apply(happening("meeting_held", by=CAN))
    assert stocks(found, 0)["can for"] == stocks(found, 0)["usa for"] == 0.5


def test_a_side_that_plays_a_call_down_remembers_a_corridor_talk() -> None:
    found = situation()
    found.apply(happening("call_held", by=CAN, told=(AS_IS, PLAYED_DOWN)))
    assert stocks(found, 0)["can for"] == 0.25
    assert stocks(found, 0)["usa for"] == 0.1


def test_a_side_that_denies_a_contact_remembers_nothing() -> None:
    found = situation()
    found.apply(happening("corridor_talk", by=CAN, told=(DENIED, AS_IS)))
    assert stocks(found, 0)["can for"] == 0.0
    assert stocks(found, 0)["usa for"] == 0.1


def test_an_arrest_concerns_the_country_of_those_arrested() -> None:
    found = situation()
    arrest = happening("detained", channel=-1, by=CAN, persons=2, national=USA, holder=CAN)
    found.apply(arrest)
    assert stocks(found, 0)["usa against"] == 0.5
    assert stocks(found, 0)["can against"] == 0.0
    assert found.held == [[0, 2]]
    assert features(found, USA, 0)["own_held"] == 2.0
    assert features(found, USA, 0)["other_held"] == 0.0
    assert features(found, CAN, 0)["other_held"] == 2.0


@pytest.mark.parametrize("kind", ["detained", "sentenced", "released"])
@pytest.mark.parametrize("which", ["grievance", "goodwill", "shock"])
def test_what_a_stock_keeps_of_people_is_kept_by_their_state_alone(kind: str, which: str) -> None:
    """Goodwill too, though contact gives it to both. In either executor: what the stock says
    decides who calls."""
    eager = {p: doctrine(call={"bias": NEVER, which: 25.0}) for p in ("can", "usa")}
    people = {"persons": ["ann"], "held_by": "CAN", "national_of": "USA"}
    event = {"id": "e", "kind": kind, "date": "2021-01-01T00:00:01Z"} | people
    compiled = program(
        eager,
        rates_per_day={"call": 1.0},
        stocks={which: {"half_life_days": 1000, "raised_by": {kind: 100}}},
        changes=[{"insert": event}],
    )
    happened = of_kind(play(compiled), "contact_refused")
    assert len(happened) > 50
    assert {h.by for h in happened} == {CAN}  # the United States called
    assert isinstance(verify(compiled, 1, 3), int)


def test_a_release_never_frees_more_than_are_held() -> None:
    found = situation(detainees={"a": {"held_by": "CAN", "national_of": "USA"}})
    assert found.held == [[0, 1]]
    released = happening("released", 1, by=CAN, persons=3, national=USA, holder=CAN)
    found.apply(released)
    assert found.held == [[0, 0]]
    assert stocks(found, 1)["usa for"] == 1.0
    assert stocks(found, 1)["can for"] == 0.0


def test_detainees_are_counted_up_to_a_bound() -> None:
    found = situation()
    found.apply(happening("detained", channel=-1, persons=9, national=USA, holder=CAN))
    assert features(found, USA, 0)["own_held"] == MAX_COUNTED


def test_a_treaty_binds_the_pair_that_it_names() -> None:
    three = {
        "parties": {p: {"doctrine": "can"} for p in ("CAN", "USA", "MEX")},
        "channels": {"can-usa/ministers": {}, "can-mex/ministers": {}},
        "treaty": {"name": "NAFTA", "parties": ["USA", "CAN"]},
    }
    found = situation(**three)
    mex = next(d for d, pair in enumerate(found.dyad_party) if pair == [0, 1])
    usa = next(d for d, pair in enumerate(found.dyad_party) if pair == [0, 2])
    found.apply(happening("treaty_suspended", channel=-1))
    assert found.suspended[usa] == 1
    assert found.suspended[mex] == 0
    found.apply(happening("treaty_resumed", 1, channel=-1))
    assert found.suspended[usa] == 0


def test_a_world_event_reaches_every_pair_of_its_initiator() -> None:
    three = {
        "parties": {p: {"doctrine": "can"} for p in ("CAN", "USA", "MEX")},
        "channels": {"can-usa/ministers": {}, "can-mex/ministers": {}, "mex-usa/ministers": {}},
    }
    found = situation(**three)
    assert found.dyad_party == [[0, 1], [0, 2], [1, 2]]  # CAN, MEX, USA
    found.apply(happening("escalation", channel=-1, by=0))
    war = [found.stock(d, WAR, 0, START_S) for d in range(3)]
    assert war == [2.0, 2.0, 0.0]
    found.apply(happening("escalation", channel=-1))
    war = [found.stock(d, WAR, 0, START_S) for d in range(3)]
    assert war == [4.0, 4.0, 2.0]


# ---------------------------------------------------------------------------------- features


def test_features_of_a_quiet_channel() -> None:
    found = features(situation(), CAN, 30)
    ones = {"bias": 1.0, "open": 1.0, "silence": math.log(2.0)}
    assert found == dict.fromkeys(FEATURES, 0.0) | ones


def test_stocks_enter_the_features_as_logarithms() -> None:
    found = situation()
    found.apply(happening("escalation", by=CAN, severity=1.0))
    seen = features(found, USA, 0)
    assert seen["grievance"] == math.log(2.0)
    assert seen["war"] == math.log(3.0)
    assert features(found, CAN, 0)["grievance"] == 0.0


def test_silence_counts_from_the_last_contact_that_a_side_acknowledges() -> None:
    found = situation()
    found.apply(happening("corridor_talk", 60, told=(AS_IS, DENIED)))
    assert features(found, CAN, 90)["silence"] == math.log(2.0)
    assert features(found, USA, 90)["silence"] == math.log(4.0)


def test_what_pends_is_a_feature_of_both_until_it_is_held_called_off_or_cut() -> None:
    for kind in ("meeting_held", "meeting_cancelled", "contact_cut", "talks_held"):
        found = situation()
        found.pending[0] = Pending(START_S, (0, 0), 2, -1, CAN)
        assert features(found, CAN, 0)["meeting_pending"] == 1.0
        for other in ("call_held", "message_delivered"):
            found.apply(happening(other))
        assert features(found, USA, 0)["meeting_pending"] == 1.0
        found.apply(happening(kind, by=CAN))
        assert features(found, USA, 0)["meeting_pending"] == 0.0


# ---------------------------------------------------------------------------------- views


def test_views_part_where_accounts_do() -> None:
    found = situation(channels={"can-usa/ministers": {"initial": "cut_off"}})
    found.apply(happening("call_held", told=(AS_IS, PLAYED_DOWN)))
    assert [view(found, v) for v in range(3)] == ["open", "open", "corridor"]


def test_a_confined_call_that_is_denied_moves_nothing_for_who_denies_it() -> None:
    found = situation(channels={"can-usa/ministers": {"initial": "cut_off"}})
    found.apply(happening("call_held", confined=1, told=(DENIED, AS_IS)))
    assert [view(found, v) for v in range(3)] == ["prisoner_only", "cut_off", "prisoner_only"]


def test_silence_ends_a_state_at_the_very_second() -> None:
    found = situation(channels={"can-usa/ministers": {"initial": "corridor"}})
    ends = START_S + 30 * DAY_S
    assert found.settle(0, 0, ends - 1).state == CORRIDOR
    assert found.settle(0, 0, ends).state == CUT_OFF
    assert found.path[0][0] == [(START_S, CORRIDOR, -1), (ends, CUT_OFF, -1)]
    assert found.seen[0][1].state == CORRIDOR  # nobody has looked with that view


def test_a_contact_winds_up_the_clock_even_where_the_state_stays() -> None:
    found = situation(channels={"can-usa/ministers": {"initial": "corridor"}})
    found.apply(happening("corridor_talk", 20))
    assert found.settle(0, 0, START_S + 49 * DAY_S).state == CORRIDOR
    assert found.settle(0, 0, START_S + 50 * DAY_S).state == CUT_OFF
    assert found.path[0][0][-1][0] == START_S + 50 * DAY_S


def test_an_event_after_a_lapse_finds_the_channel_cut_off() -> None:
    found = situation(channels={"can-usa/ministers": {"initial": "prisoner_only"}})
    place = found.apply(happening("corridor_talk", 181))
    assert [(s, p) for _, s, p in found.path[0][0]] == [
        (PRISONER_ONLY, -1),
        (CUT_OFF, -1),
        (CORRIDOR, place),
    ]


def test_words_and_mere_presence_move_nothing_and_break_no_silence() -> None:
    found = situation(channels={"can-usa/ministers": {"initial": "corridor"}})
    for kind in ("statement", "copresence", "meeting_agreed", "contact_refused"):
        found.apply(happening(kind, 29))
    assert found.seen[0][0].contact_s == START_S
    assert found.settle(0, 0, START_S + 30 * DAY_S).state == CUT_OFF


def test_weights_do_not_reach_the_situation() -> None:
    eager = {"can": doctrine(call=3.0)}
    assert situation(doctrines=eager).seen == situation().seen
