"""Who runs weights on others than they were made for is told so, and nobody else."""

from __future__ import annotations

from typing import Any

from sim.report.caveats import caveats
from sim.scenario.resolve import load_scenario

KOREAS: dict[str, Any] = {
    "title": "Two Koreas",
    "question": "Will the lines be open?",
    "as_of": "2022-12-31",
    "until": "2023-12-31",
    "parties": {"KOR": {"doctrine": "transactional"}, "PRK": {"doctrine": "isolating"}},
    "channels": {"kor-prk/leaders": {}},
}


def test_another_pair_is_told_that_the_weights_were_made_for_others() -> None:
    found = caveats(load_scenario(KOREAS))
    assert [text.split("”")[0] for text in found] == [
        "The weights of the doctrine “Isolating",
        "The weights of the doctrine “Transactional",
    ]
    assert "were made for USA and RUS. Nobody has checked them for KOR and PRK" in found[0]


def test_the_pair_that_they_were_made_for_is_told_nothing() -> None:
    pair = {"parties": {p: {"doctrine": "transactional"} for p in ("USA", "RUS")}}
    assert caveats(load_scenario(KOREAS | pair | {"channels": {"usa-rus/ministers": {}}})) == []


def test_a_doctrine_inherits_whom_it_was_made_for_until_it_says_otherwise() -> None:
    own = {"extends": "isolating", "title": "Of the north", "act": {"call": {"bias": 0.0}}}
    parties = {"parties": {p: {"doctrine": "north"} for p in ("KOR", "PRK")}}
    inherited = load_scenario(KOREAS | parties | {"doctrines": {"north": own}})
    assert "“Of the north” were made for USA and RUS" in caveats(inherited)[0]
    claimed = own | {"made_for": ["PRK", "KOR"]}
    assert caveats(load_scenario(KOREAS | parties | {"doctrines": {"north": claimed}})) == []
    fresh = {"title": "Of its own", "reasons": "Made for a test."}
    assert caveats(load_scenario(KOREAS | parties | {"doctrines": {"north": fresh}})) == []


def test_a_doctrine_that_is_followed_only_for_a_time_counts() -> None:
    pair = {"parties": {p: {"doctrine": "own"} for p in ("KOR", "PRK")}}
    own = {"doctrines": {"own": {"title": "Own", "reasons": "Made for a test."}}}
    let = {"set_doctrine": {"party": "KOR", "doctrine": "conciliatory", "from": "2023-06-01"}}
    found = caveats(load_scenario(KOREAS | pair | own | {"changes": [let]}))
    assert ["“Conciliatory”" in text for text in found] == [True]
