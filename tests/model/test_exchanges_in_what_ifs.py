"""What a logged exchange frees in a what-if: the share that it freed of those who were held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from micro import ALWAYS, CHANNEL, NEVER, Listener, doctrine, scenario

from sim.log.events import Released
from sim.log.log import Log
from sim.model.abduction import Inferred, infer
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.replication import replicate
from sim.scenario.scenario import Scenario
from sim.study.verifying import verify

WILLING = {
    "can": doctrine(accept_swap=ALWAYS),
    "usa": doctrine(swap=0.0, accept_swap=ALWAYS),
    "unwilling": doctrine(swap=NEVER, accept_swap=NEVER),
}
AMERICAN = {"held_by": "CAN", "national_of": "USA"}
CANADIAN = {"held_by": "USA", "national_of": "CAN"}
DAY = "2021-01-11"
OFFER = {"id": "offer", "kind": "swap_proposed", "date": DAY, "channel": CHANNEL, "by": "USA"}


def freed(*persons: str, id_: str = "freed", date: str = DAY, **more: Any) -> dict[str, Any]:
    about = AMERICAN | {"id": id_, "kind": "released", "date": date, "channel": CHANNEL}
    return about | {"persons": [*persons], "causes": ["offer"]} | more


def taken(*persons: str, id_: str = "taken", **more: Any) -> dict[str, Any]:
    about = AMERICAN | {"id": id_, "kind": "detained", "date": "2021-01-05"}
    return about | {"persons": [*persons]} | more


def past(
    events: list[dict[str, Any]],
    changes: list[dict[str, Any]],
    american: int,
    canadian: int = 0,
    **more: Any,
) -> Scenario:
    """A history with an exchange, so many being held when it starts; and what is changed."""
    held = {f"american-{n}": AMERICAN for n in range(american)}
    held |= {f"canadian-{n}": CANADIAN for n in range(canadian)}
    return scenario(
        WILLING,
        as_of="2021-01-31",
        until="2021-02-01",
        complete_from="2021-01-01",
        show_from="2021-01-01",
        detainees=held,
        rates_per_day={"swap": 0.02},
        history={
            "schema": 4,
            "title": "An exchange",
            "channels": {
                c: {"parties": [c[:3].upper(), c[4:7].upper()]}
                for c in more.get("channels", (CHANNEL,))
            },
            "events": events,
        },
        changes=changes,
        **more,
    )


def logs(whole: Scenario, worlds: int) -> Iterator[Log]:
    """So many worlds as logs."""
    program = compile_scenario(whole, retrace=True)
    for r in range(worlds):
        yield chronicle(whole, program, replicate(program, 1, r).situation.happenings, {})


def freed_on(whole: Scenario, worlds: int, date: str = DAY) -> Counter[tuple[int, int]]:
    """How many Americans and Canadians are freed at noon of a day, in so many worlds."""
    found = Counter[tuple[int, int]]()
    for log in logs(whole, worlds):
        by = Counter[str]()
        for e in log.events:
            if isinstance(e, Released) and e.date in (date, f"{date}T12:00:00Z"):
                by[e.national_of] += len(e.persons) + e.unnamed
        found[by["USA"], by["CAN"]] += 1
    return found


def agree(whole: Scenario, worlds: int) -> bool:
    """Whether both executors give the same events, to the last bit."""
    found = verify(compile_scenario(whole, retrace=True), 1, worlds)
    return isinstance(found, int) and found > 0


def inferred(whole: Scenario, replication: int = 0) -> tuple[CompiledScenario, Inferred]:
    program = compile_scenario(whole, retrace=True)
    offer = program.facts.ids.index("offer")
    return program, next(i for i in infer(program, 1, replication) if i.fact == offer)


def test_one_more_who_is_held_is_freed_as_often_as_the_share_has_it() -> None:
    """One of one was freed: the share is anything. Of two it frees both in half of the worlds."""
    whole = past([OFFER, freed("american-0")], [{"insert": taken("other")}], american=1)
    found = freed_on(whole, 400)
    assert found[1, 0] + found[2, 0] == 400
    assert 160 < found[2, 0] < 240
    assert agree(whole, 40)


def test_control_without_the_share_the_number_of_the_log_stays() -> None:
    whole = past([OFFER, freed("american-0")], [{"insert": taken("other")}], american=1)
    program = compile_scenario(whole, retrace=True)
    assert program.past is not None
    blind = replace(program.past, frees=np.full_like(program.past.frees, -1))
    for r in range(60):
        happened = replicate(replace(program, past=blind), 1, r).situation.happenings
        logged = [h for h in happened if h.fact >= 0]
        assert [h.persons for h in logged if program.facts.ids[h.fact] == "freed"] == [1]


def test_the_share_is_even_between_the_limits_that_both_sides_leave() -> None:
    """2 of 6 and 1 of 2: at or above 1/6, below 1/3 and below 1/2."""
    back = freed("canadian-0", id_="back", **CANADIAN)
    whole = past([OFFER, freed("american-0", "american-1"), back], [], american=6, canadian=2)
    shares = np.array([inferred(whole, r)[1].lead for r in range(600)])
    assert 1 / 6 <= shares.min() < 1 / 6 + 0.002
    assert 1 / 3 - 0.002 < shares.max() < 1 / 3
    assert abs(shares.mean() - 1 / 4) < 4 * (1 / 6) / np.sqrt(12 * 600)


@pytest.mark.parametrize("american", range(1, 6))
def test_history_comes_back_word_for_word(american: int) -> None:
    """A change that changes nothing frees the persons of the log, however many were held."""
    for number in range(1, american + 1):
        persons = [f"american-{american - 1 - n}" for n in range(number)]
        let = {"set_doctrine": {"party": "CAN", "doctrine": "can", "from": "2021-01-02"}}
        whole = past([OFFER, freed(*persons)], [let], american=american)
        program = compile_scenario(whole, retrace=True)
        for r in range(40):
            happened = [h.fact for h in replicate(program, 1, r).situation.happenings]
            assert program.facts.ids.index("freed") in happened


def test_the_people_of_the_log_come_first() -> None:
    """With three more held, three or four are freed: the log's two, and who was held longest."""
    events = [OFFER, freed("american-2", "american-1")]
    whole = past(events, [{"insert": taken("a", "b", "c")}], american=3)
    seen = Counter[int]()
    for log in logs(whole, 60):
        release = next(e for e in log.events if isinstance(e, Released))
        order = ("american-1", "american-2", "american-0", "a")
        assert release.persons == order[: len(release.persons)]
        seen[len(release.persons)] += 1
    assert set(seen) == {3, 4}  # at or above a third of six, and below two thirds


def test_without_an_arrest_the_others_are_freed() -> None:
    """Two of three were freed. Without the arrest of one, one or both of the others are."""
    events = [taken("gone"), OFFER, freed("gone", "american-0")]
    whole = past(events, [{"remove": "taken"}], american=2)
    found = freed_on(whole, 300)
    assert set(found) == {(1, 0), (2, 0)}  # the share is at or above 1/3 and below 2/3
    assert 110 < found[1, 0] < 190
    assert agree(whole, 40)


def test_nobody_held_is_nobody_freed() -> None:
    """A Canadian was freed beside an American; without the arrest the other goes alone."""
    back = freed("gone", id_="back", **CANADIAN)
    events = [taken("gone", **CANADIAN), OFFER, freed("american-0"), back]
    whole = past(events, [{"remove": "taken"}], american=1)
    assert freed_on(whole, 60) == {(1, 0): 60}
    assert agree(whole, 20)


def test_a_side_that_had_nobody_held_gets_its_share() -> None:
    """In history no Canadian was held. One who is arrested comes home in the same exchange."""
    arrest = taken("other", id_="other", **CANADIAN)
    whole = past([OFFER, freed("american-0")], [{"insert": arrest}], american=1)
    assert freed_on(whole, 60) == {(1, 1): 60}
    assert agree(whole, 20)


AS_LOGGED: dict[str, tuple[list[dict[str, Any]], int, int, tuple[int, int]]] = {
    "nobody of a side that had some held": ([OFFER, freed("american-0")], 1, 1, (1, 0)),
    "more than were held": ([OFFER, freed("american-0", "x", "y")], 1, 0, (3, 0)),
    "shares that do not fit": (
        [OFFER, freed("american-0"), freed("canadian-0", "canadian-1", id_="back", **CANADIAN)],
        4, 2, (1, 2),
    ),
    "several releases of one side": (
        [OFFER, freed("american-0"), freed("american-1", id_="more")], 2, 0, (2, 0)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_LOGGED)
def test_numbers_that_no_share_gives_stay(name: str) -> None:
    events, american, canadian, numbers = AS_LOGGED[name]
    changes = [{"insert": taken("a", "b", "c")}]
    whole = past(events, changes, american=american, canadian=canadian)
    _, offer = inferred(whole)
    assert np.isnan(offer.lead)
    assert freed_on(whole, 40) == {numbers: 40}
    assert agree(whole, 20)


def test_a_release_of_other_people_is_no_share() -> None:
    french = freed("french-0", id_="other", national_of="FRA", channel=None)
    follows = {"doctrine": "can"}
    parties = {"CAN": follows, "FRA": follows, "USA": {"doctrine": "usa"}}
    channels = {c: {"initial": "open"} for c in (CHANNEL, "can-fra/ministers")}
    events = [OFFER, freed("american-0"), french]
    whole = past(events, [], american=1, parties=parties, channels=channels)
    assert np.isnan(inferred(whole)[1].lead)
    alone = past(events[:2], [], american=1, parties=parties, channels=channels)
    assert not np.isnan(inferred(alone)[1].lead)


def test_people_who_come_home_later_are_counted_at_the_offer() -> None:
    events = [OFFER, freed("american-0", date="2021-01-21")]
    whole = past(events, [{"insert": taken("other")}], american=1)
    found = freed_on(whole, 200, "2021-01-21")
    assert found[1, 0] + found[2, 0] == 200
    assert 75 < found[2, 0] < 125
    assert agree(whole, 40)
    for log in logs(whole, 200):  # whoever was asked meanwhile
        for e in log.events:
            if isinstance(e, Released) and e.id != "freed":
                assert e.decided_by == {"CAN": "doctrine", "USA": "doctrine"}


def test_an_exchange_that_is_refused_frees_nobody() -> None:
    change = {"set_doctrine": {"party": "CAN", "doctrine": "unwilling", "from": "2021-01-02"}}
    whole = past([OFFER, freed("american-0")], [change, {"insert": taken("other")}], american=1)
    assert freed_on(whole, 40) == {(0, 0): 40}
    assert agree(whole, 20)


def test_a_player_is_asked_about_the_numbers_that_follow() -> None:
    events = [OFFER, freed("american-0")]
    share = past(events, [{"insert": taken("other")}], american=1)
    stays = past(
        AS_LOGGED["more than were held"][0], [{"insert": taken("a", "b", "c")}], american=1
    )
    for whole, numbers in ((share, {1, 2}), (stays, {3})):
        program, found = compile_scenario(whole, retrace=True), set()
        for r in range(20):
            heard = Listener()
            replicate(program, 1, r, {"CAN": heard})
            asked = [q.exchange for q in heard.heard if q.decision == "accept_swap"]
            found |= {q[1] for q in asked[:1] if q is not None}
        assert found == numbers
