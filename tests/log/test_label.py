"""Events in a few words: people counted, places named, drawn dates marked."""

from __future__ import annotations

from typing import Any

import pytest

from sim.log.events import EVENT
from sim.log.label import date_of, label

HELD = {"kind": "detained", "held_by": "RUS", "national_of": "USA"}
AT = {"kind": "copresence", "channel": "usa-rus/ministers"}


def event(**parts: Any) -> Any:
    return EVENT.validate_python({"id": "a", "date": "2022-03-05"} | parts)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (HELD | {"persons": ["paul-whelan"]}, "Paul Whelan detained"),
        (HELD | {"persons": ["ann", "bob", "carl"]}, "Ann, Bob and 1 more detained"),
        (HELD | {"persons": ["ann"], "unnamed": 3}, "Ann and 3 more detained"),
        (HELD | {"persons": ["usa-detainee-1"]}, "USA detainee 1 detained"),
        (HELD | {"unnamed": 4}, "4 detained"),
        (HELD | {"kind": "released", "unnamed": 4}, "4 released"),
        (HELD | {"persons": ["ann"], "form": "exit_ban"}, "Ann barred from leaving"),
        (HELD | {"persons": ["ann"], "form": "house_arrest"}, "Ann put under house arrest"),
        (HELD | {"kind": "released", "persons": ["ann"], "form": "exit_ban"}, "Ann released"),
        (HELD | {"persons": ["ann"], "short": "The journalist"}, "The journalist"),
        (AT, "No talk"),
        (AT | {"forum": "g20-new-delhi"}, "No talk, g20 new delhi"),
        (AT | {"forum": "g20", "place": "New Delhi, India"}, "No talk, New Delhi"),
    ],
)
def test_events_in_a_few_words(parts: dict[str, Any], words: str) -> None:
    assert label(event(**parts)) == words


def test_a_drawn_date_is_shown_as_it_was_coded() -> None:
    plain = event(kind="statement")
    assert date_of(plain) == "2022-03-05"
    drawn = event(kind="statement", date="2022-03-05T10:00:00Z", coded_date="2022")
    assert date_of(drawn) == "2022 (drawn: 2022-03-05)"
    assert date_of(event(kind="statement", date="2022-03-05T10:00:00Z")) == "2022-03-05"
