"""Which events of several codings are taken for the same fact."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, log_data, logs

from sim.coding import matching
from sim.coding.agreement import agree
from sim.coding.matching import THRESHOLD, canonical, costs, match
from sim.log.log import Log

CHANNEL = {"usa-rus/ministers": {"parties": ["USA", "RUS"]}}


def log(*events: dict[str, Any], channels: dict[str, Any] | None = None) -> Log:
    """A log of events on one channel, or of the world where they say `channel: None`."""
    full = [{"id": f"e{n}", "channel": "usa-rus/ministers"} | e for n, e in enumerate(events)]
    told = [{k: v for k, v in e.items() if v is not None} for e in full]
    data = {"schema": 4, "title": "A log", "channels": channels or CHANNEL, "events": told}
    return Log.model_validate(data)


def pairs(first: Log, second: Log) -> list[tuple[str | None, str | None]]:
    """The ids that are matched."""
    units = match([(first, first.events), (second, second.events)])
    return [(a and a.id, b and b.id) for a, b in units]


def call(date: str, **more: Any) -> dict[str, Any]:
    return {"kind": "call_held", "date": date} | more


def words(date: str, **more: Any) -> dict[str, Any]:
    return {"kind": "statement", "date": date} | more


def test_the_nearest_event_of_a_kind_is_the_same_fact() -> None:
    first = log(call("2022-07-01"), call("2022-07-20"))
    second = log(call("2022-07-21"), call("2022-07-02"))
    assert pairs(first, second) == [("e0", "e1"), ("e1", "e0")]


def test_all_pairs_are_weighed_together() -> None:
    # one by one, the first would take the nearest, and the second would stay alone
    first = log(call("2022-07-10"), call("2022-07-20"))
    second = log(call("2022-07-18"), call("2022-08-10"))
    assert pairs(first, second) == [("e0", "e0"), ("e1", "e1")]


def test_a_pair_that_is_never_matched_does_not_weigh() -> None:
    # 6 days and one alone are better than 27 and 24, however far that one is from the last
    first = log(call("2022-07-20"), call("2022-08-17"))
    second = log(call("2022-06-22"), call("2022-07-23"))
    assert pairs(first, second) == [(None, "e0"), ("e0", "e1"), ("e1", None)]


def test_what_else_is_said_parts_events_of_one_day() -> None:
    first = log(call("2022-07-01", agenda=["war"]), call("2022-07-01", agenda=["detainees"]))
    second = log(call("2022-07-01", agenda=["detainees"]), call("2022-07-01", agenda=["war"]))
    assert pairs(first, second) == [("e0", "e1"), ("e1", "e0")]


def test_an_imprecise_date_is_the_same_as_a_day_within_it() -> None:
    assert pairs(log(call("2022-07")), log(call("2022-07-29"))) == [("e0", "e0")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (call("2022-07-01"), call("2022-07-29"), True),
        (call("2022-07-01"), call("2022-08-02"), False),
        (call("2022-07-01"), {"kind": "meeting_held", "date": "2022-07-08"}, True),
        (call("2022-07-01"), {"kind": "contact_cut", "date": "2022-07-01"}, False),
        (words("2022-07-01"), call("2022-07-01"), True),
        (words("2022-07-01", by="USA"), words("2022-07-10", by="USA"), True),
        (words("2022-07-01"), words("2022-07-12"), False),
        (words("2022-07-01", by="USA"), words("2022-07-10", by="RUS"), False),
        (words("2022-07-01", channel=None), words("2022-07-01"), True),
        (
            {"kind": "meeting_agreed", "date": "2022-01", "meeting_date": "2022-02-24"},
            {"kind": "meeting_agreed", "date": "2022-01", "meeting_date": "2022-05-24"},
            False,
        ),
        (
            {"kind": "escalation", "date": "2022-02", "severity": 0.3, "label": "recognition"},
            {"kind": "escalation", "date": "2022-02", "severity": 0.3, "label": "invasion"},
            True,
        ),
    ],
)
def test_what_can_be_the_same_fact(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (pairs(log(one), log(other)) == [("e0", "e0")]) is same


def test_people_are_known_by_a_word_of_their_names() -> None:
    held: dict[str, Any] = {
        "kind": "detained",
        "date": "2018",
        "held_by": "RUS",
        "national_of": "USA",
        "channel": None,
    }
    first = log(held | {"persons": ["reed"]}, held | {"persons": ["whelan"]})
    second = log(held | {"persons": ["paul-whelan"]}, held | {"persons": ["trevor-reed"]})
    assert sorted(pairs(first, second)) == [("e0", "e1"), ("e1", "e0")]


def test_channels_of_other_parties_are_never_matched() -> None:
    channels = {
        "usa-rus/ministers": {"parties": ["USA", "RUS"]},
        "usa-rus/leaders": {"parties": ["USA", "RUS"]},
        "chn-usa/leaders": {"parties": ["CHN", "USA"]},
    }
    first = log(call("2022-07-01"), channels=channels)
    for name, same in (("usa-rus/leaders", True), ("chn-usa/leaders", False)):
        second = log(call("2022-07-01", channel=name), channels=channels)
        assert (pairs(first, second) == [("e0", "e0")]) is same


def test_a_third_coding_is_matched_with_what_the_first_two_have() -> None:
    sides = [
        log(call("2022-07-01"), call("2022-09-01")),
        log(call("2022-07-03"), call("2023-01-01")),
        log(call("2023-01-02"), call("2022-09-03")),
    ]
    units = match([(side, side.events) for side in sides])
    assert [[e and e.date for e in unit] for unit in units] == [
        ["2022-07-01", "2022-07-03", None],
        ["2022-09-01", None, "2022-09-03"],
        [None, "2023-01-01", "2023-01-02"],
    ]


def test_with_a_unit_a_pair_costs_the_mean() -> None:
    sides = [log(call(f"2022-07-{day}")) for day in ("01", "02", "20")]
    assert len(match([(side, side.events) for side in sides])) == 1  # 18 and 17 days apart


def least(table: np.ndarray) -> float:
    """What the best pairing comes to, by trying all of them."""
    rows, columns = table.shape
    best = 0.0
    for number in range(1, min(rows, columns) + 1):
        for chosen in combinations(range(rows), number):
            for places in permutations(range(columns), number):
                best = min(
                    best, sum(table[r, c] - THRESHOLD for r, c in zip(chosen, places, strict=True))
                )
    return best


@pytest.mark.slow
@given(logs(max_events=4), logs(max_events=4))
@examples(30)
def test_no_other_pairing_costs_less(first: Log, second: Log) -> None:
    a, b = canonical(first.events), canonical(second.events)
    table = costs((first, a), (second, b))
    row = {e.id: n for n, e in enumerate(a)}
    column = {e.id: n for n, e in enumerate(b)}
    found = [
        table[row[x.id], column[y.id]]
        for x, y in match([(first, first.events), (second, second.events)])
        if x is not None and y is not None
    ]
    assert all(cost < THRESHOLD for cost in found)
    assert sum(cost - THRESHOLD for cost in found) == pytest.approx(least(table), abs=1e-9)


def agrees(found: Any, but: tuple[str, ...] = ()) -> bool:
    """Whether codings agree in everything."""
    alike = all(f.alike == f.pairs for f in found.fields if f.field not in but)
    return alike and all(f.common for f in found.facts) and not found.differing


@given(logs())
@examples(30)
def test_a_log_agrees_with_itself(one: Log) -> None:
    found = agree({"a": one, "b": one})
    assert agrees(found)
    assert all(a == b for f in found.facts for a, b in [f.ids])
    assert found.differences == found.setups == ()


@given(log_data(), st.randoms(use_true_random=False))
@examples(30)
def test_the_order_of_the_entries_and_the_ids_mean_nothing(data: dict[str, Any], dice: Any) -> None:
    one = Log.model_validate(data)
    new = {e["id"]: f"own-{e['id'].replace('.', '-')}" for e in data["events"]}
    events = [
        e | {"id": new[e["id"]], "causes": [new[c] for c in e["causes"]]}
        if "causes" in e
        else e | {"id": new[e["id"]]}
        for e in data["events"]
    ]
    dice.shuffle(events)
    other = Log.model_validate(data | {"events": events})
    # two events alike in all but their causes may be taken for each other
    assert agrees(agree({"a": one, "b": other}), but=("causes",))
    shuffled = list(one.events)
    dice.shuffle(shuffled)
    again = one.model_copy(update={"events": tuple(shuffled)})
    straight = match([(one, one.events), (other, other.events)])
    assert match([(again, again.events), (other, other.events)]) == straight


def test_control_without_the_last_word_of_ids_twins_are_mistaken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twins = [call("2022-07-01"), call("2022-07-01"), call("2022-07-02", causes=["e1"])]
    one = log(*twins)
    assert agrees(agree({"a": one, "b": one}))
    monkeypatch.setattr(matching, "ID", -1e-6)
    assert not agrees(agree({"a": one, "b": one}))
