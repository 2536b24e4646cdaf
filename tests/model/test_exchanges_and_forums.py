"""Exchanges of several people, and who walks up first at a forum: the laws, each with a control."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from micro import (
    ALWAYS,
    CAN,
    CHANNEL,
    USA,
    Listener,
    doctrine,
    kinds,
    of_kind,
    play,
    program,
    scenario,
)
from scipy import stats

from sim.kernel import run as kernel
from sim.log.events import Released
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.replication import replicate
from sim.model.tally import blank, count
from sim.study.verifying import verify

HELD: dict[str, dict[str, str]] = {
    f"american-{n}": {"held_by": "CAN", "national_of": "USA"} for n in range(16)
} | {f"canadian-{n}": {"held_by": "USA", "national_of": "CAN"} for n in range(8)}
WILLING = {
    "can": doctrine(accept_swap=ALWAYS),
    "usa": doctrine(swap=ALWAYS),
}
FREED: dict[str, Any] = {
    "people": {"type": "event_by", "kind": "released", "count": "people", "at_least": 24},
    "by-can": {"type": "event_by", "kind": "released", "count": "people", "by": "CAN",
               "at_least": 10},
    "events": {"type": "event_by", "kind": "released", "at_least": 3},
}  # fmt: skip


def exchanging(**parts: Any) -> dict[str, Any]:
    return {"detainees": HELD, "rates_per_day": {"swap": 0.03}, "outcomes": FREED} | parts


def first_numbers(compiled: CompiledScenario, worlds: int) -> list[tuple[int, int]]:
    """How many each side lets go in the first exchange of each world: (by CAN, by USA)."""
    found = []
    for r in range(worlds):
        freed = of_kind(play(compiled, replication=r), "released")[:2]
        if freed:
            by = {h.by: h.persons for h in freed}
            found.append((by[CAN], by[USA]))
    return found


def test_an_exchange_frees_the_same_share_of_each_side() -> None:
    found = first_numbers(program(WILLING, **exchanging()), 600)
    counts = Counter(a for a, _ in found)
    assert set(counts) == set(range(1, 17))
    assert stats.chisquare([counts[n] for n in range(1, 17)]).pvalue > 1e-4
    # the share lies in [(a - 1)/16, a/16), and the number on the other side follows from it
    assert all(b == 1 + (a - 1) // 2 for a, b in found)


def test_control_one_for_one_is_another_law() -> None:
    found = [(1, 1)] * 1000
    counts = Counter(a for a, _ in found)
    assert stats.chisquare([counts[n] for n in range(1, 17)]).pvalue < 1e-9


def test_people_are_counted_and_events_are_too() -> None:
    compiled = program(WILLING, **exchanging())
    number, found = 40, blank(compiled, 40)
    expected = []
    for r in range(number):
        situation = replicate(compiled, 1, r).situation
        count(compiled, situation, found, r)
        freed = of_kind(situation, "released")
        people, by_can = sum(h.persons for h in freed), sum(h.persons for h in freed if h.by == CAN)
        expected.append([by_can >= 10, len(freed) >= 3, people >= 24])
    assert compiled.outcomes.names == ("by-can", "events", "people")
    assert found.values.tolist() == np.array(expected, dtype=int).tolist()
    assert np.array_equal(kernel.run(compiled, 1, 0, number)[0].values, found.values)
    shares = found.values.mean(axis=0)
    assert all(0 < share < 1 for share in shares)
    assert len({tuple(column) for column in found.values.T.tolist()}) == 3


def test_both_executors_exchange_alike() -> None:
    assert isinstance(verify(program(WILLING, **exchanging()), 3, 60), int)


def test_the_log_names_as_many_people_as_were_freed() -> None:
    whole = scenario(WILLING, **exchanging())
    compiled = compile_scenario(whole)
    for r in range(20):
        happenings = play(compiled, replication=r).happenings
        log = chronicle(whole, compiled, happenings, {})
        freed = [e for e in log.events if isinstance(e, Released)]
        assert [len(e.persons) + e.unnamed for e in freed] == [
            h.persons for h in happenings if h.national >= 0
        ]
        names = [p for e in freed for p in e.persons]
        assert len(names) == len(set(names))


# ------------------------------------------------------------------------ who walks up first

FORUMS = {f"forum-{n}": {"date": f"2021-01-{10 + n}"} for n in range(2)}
EAGER = {p: doctrine(approach=ALWAYS, accept_approach=ALWAYS) for p in ("can", "usa")}


def first_to_walk_up(compiled: CompiledScenario, worlds: int) -> list[tuple[int, ...]]:
    """Who began the talk at each forum of each world."""
    found = []
    for r in range(worlds):
        talks = of_kind(play(compiled, replication=r), "corridor_talk")
        found.append(tuple(h.by for h in talks))
    return found


@pytest.fixture(scope="module")
def begun() -> list[tuple[int, ...]]:
    return first_to_walk_up(program(EAGER, forums=FORUMS), 600)


def fair(sides: list[int]) -> float:
    return float(stats.binomtest(sides.count(CAN), len(sides), 0.5).pvalue)


def independent(pairs: list[tuple[int, ...]]) -> float:
    table = [[pairs.count((a, b)) + 1 for b in (CAN, USA)] for a in (CAN, USA)]
    return float(stats.chi2_contingency(table).pvalue)


def test_either_side_walks_up_first_by_chance(begun: list[tuple[int, ...]]) -> None:
    assert {len(sides) for sides in begun} == {2}
    for forum in range(2):
        assert fair([sides[forum] for sides in begun]) > 1e-4
    assert independent(begun) > 1e-4


def test_control_the_same_side_in_every_world_is_seen() -> None:
    assert fair([CAN] * 600) < 1e-9


def test_control_one_coin_for_all_forums_is_seen() -> None:
    compiled = program(EAGER, forums=FORUMS)
    coin = np.repeat(compiled.streams.coin[:1], len(compiled.streams.names), axis=0)
    same = replace(compiled, streams=replace(compiled.streams, coin=coin))
    assert independent(first_to_walk_up(same, 300)) < 1e-9


def test_each_world_has_its_own_coin_in_both_executors() -> None:
    compiled = program(EAGER, forums=FORUMS)
    assert isinstance(verify(compiled, 9, 50), int)
    assert kinds(play(compiled)) == ["corridor_talk", "corridor_talk"]


def test_who_is_asked_is_told_how_many_people_an_exchange_frees() -> None:
    compiled, listener = program(WILLING, **exchanging()), Listener()
    happened = play(compiled, {"CAN": listener})
    asked = [q.exchange for q in listener.heard if q.decision == "accept_swap"]
    freed = of_kind(happened, "released")
    by = {USA: 0, CAN: 1}
    first: list[int] = [0, 0]
    for h in freed[:2]:
        first[by[h.by]] = h.persons
    assert asked[0] == tuple(first)
    assert all(q.exchange is None for q in listener.heard if q.decision != "accept_swap")


# ------------------------------------------------------------------------- an offer and its answer

ANGRY = {"grievance": {"half_life_days": 1000, "raised_by": {"swap_proposed": 100}}}
PROUD = WILLING | {"can": doctrine(accept_swap={"bias": 40.0, "grievance": -40.0})}


def test_an_offer_counts_in_a_view_once_it_is_answered() -> None:
    """The answer falls by what was seen before the offer; the next one by what it left behind."""
    compiled = program(PROUD, **exchanging(stocks=ANGRY))
    answers = [
        [k for k in kinds(play(compiled, replication=r)) if k != "swap_proposed"] for r in range(20)
    ]
    assert all(found[:2] == ["released"] * 2 for found in answers if found)
    assert {k for found in answers for k in found[2:]} == {"swap_refused"}
    assert isinstance(verify(compiled, 1, 20), int)


# ------------------------------------------------------------------- a talk that somebody inserts

SUMMIT: dict[str, Any] = {"forums": {"summit": {"date": "2021-02-10/2021-02-12"}}}
TALK = {"id": "talk", "kind": "corridor_talk", "channel": CHANNEL, "by": "USA"}


def with_talk(as_of: str, **more: Any) -> CompiledScenario:
    """A forum at which nobody walks up, with an approach that is inserted; in a what-if the log
    says that both were there."""
    seen = {"id": "seen", "kind": "copresence", "date": "2021-02-12", "channel": CHANNEL}
    history = {"schema": 4, "title": "Seen", "channels": {CHANNEL: {"parties": ["CAN", "USA"]}}}
    past = {"history": history | {"events": [seen]}, "complete_from": "2020-12-01"}
    insert = TALK | {"date": "2021-02-11"} | more
    return program(as_of=as_of, changes=[{"insert": insert}], **SUMMIT, **past)


@pytest.mark.parametrize("as_of", ["2020-12-31", "2021-02-28"], ids=["a policy", "a what-if"])
@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({}, []),
        ({"forum": "summit"}, []),
        ({"kind": "contact_refused", "forum": "summit"}, []),
        ({"kind": "contact_refused"}, ["copresence"]),
        ({"forum": "elsewhere"}, ["copresence"]),
        ({"date": "2021-02-13"}, ["copresence"]),
    ],
    ids=["on its days", "named", "refused there", "refused", "elsewhere", "the day after"],
)
def test_an_approach_that_is_inserted_uses_up_its_forum(
    as_of: str, more: dict[str, str], left: list[str]
) -> None:
    compiled = with_talk(as_of, **more)
    happened = kinds(replicate(compiled, 1, 0).situation)
    assert [k for k in happened if k == "copresence"] == left
    assert isinstance(verify(compiled, 1, 3), int)
