"""Every log that a run writes can be read again, whatever its history and its changes."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.ground.errors import InputError
from sim.log.events import Detained, Released
from sim.log.file import from_document, parse_jsonl, to_jsonl
from sim.log.log import Log

CHANNEL = "usa-rus/m"
CALL = {"id": "call", "date": "2022-03-01", "kind": "call_held", "channel": CHANNEL, "by": "USA"}
AGREED = {"id": "agreed", "kind": "meeting_agreed", "channel": CHANNEL, "by": "USA"}
CANCEL = {"id": "off", "date": "2022-02-10", "kind": "meeting_cancelled", "channel": CHANNEL,
          "by": "RUS", "causes": ["agreed"]}  # fmt: skip


def whole(*events: dict[str, Any], **parts: Any) -> dict[str, Any]:
    history = {"schema": 4, "title": "H", "channels": {CHANNEL: {"parties": ["USA", "RUS"]}}}
    return {
        "title": "A scenario",
        "question": "Can its logs be read?",
        "as_of": "2022-06-30",
        "until": "2022-09-30",
        "parties": {p: {"doctrine": "transactional"} for p in ("USA", "RUS")},
        "history": history | {"events": list(events)},
        "outcomes": {"open": {"type": "state_at", "state": "open"}},
    } | parts


def again(scenario: dict[str, Any], replications: int = 3) -> list[Log]:
    """The logs of a scenario's worlds, read back from what is written."""
    made = sim.run(scenario, replications=replications, workers=1, executor="reference")
    return [
        from_document(parse_jsonl(to_jsonl(made.sample(r)), "log.jsonl"))
        for r in range(replications)
    ]


@pytest.mark.parametrize(
    ("channels", "changes"),
    [
        ({}, [{"insert": CALL | {"id": "earlier", "date": "2022-02-01"}}]),
        ({}, [{"move": {"event": "call", "to": "2022-02-01"}}]),
        (
            {"channels": {CHANNEL: {"since": "2022-02-15"}}},
            [{"move": {"event": "call", "to": "2022-02-01"}}],
        ),
    ],
)
def test_an_event_before_the_channel_s_first_day(
    channels: dict[str, Any], changes: list[dict[str, Any]]
) -> None:
    """The log's channel then begins with that event."""
    for log in again(whole(CALL, changes=changes, **channels)):
        since = log.channels[CHANNEL].since
        assert since is not None
        assert since <= "2022-02-01T12:00:00Z"


def test_an_agreement_that_is_drawn_after_its_meeting_s_day() -> None:
    event = AGREED | {"date": "2022-06", "meeting_date": "2022-06-10"}
    drawn = [next(e for e in log.events if e.id == "agreed").date for log in again(whole(event), 8)]
    assert any(date > "2022-06-11" for date in drawn)


def test_an_agreement_may_not_be_moved_behind_its_meeting() -> None:
    event = AGREED | {"date": "2022-02-01", "meeting_date": "2022-02-20"}
    changes = [{"remove": "off"}, {"move": {"event": "agreed", "to": "2022-03-01"}}]
    rule = r"changes\[1\]\.move\.to: must not lie after the meeting that it agrees, of 2022-02-20"
    with pytest.raises(InputError, match=rule):
        again(whole(event, CANCEL, changes=changes))


RAID = {"id": "raid", "date": "2022-02-01", "kind": "escalation", "severity": 0.5, "label": "raid"}
MET = {"id": "met", "date": "2022-02-20", "kind": "meeting_held", "channel": CHANNEL, "by": "USA"}
RAID_BRINGS = {"opener": "escalation", "act": "meet", "side": "both", "m": 20, "tau_days": 3}


@pytest.mark.parametrize(
    ("to", "agreed", "met"),
    [
        ("2022-02-11", "2022-02-13T12:00:00Z", "2022-03-02T12:00:00Z"),
        ("2022-06-28", "2022-06-30T12:00:00Z", "2022-07-17T12:00:00Z"),
        ("2022-07-11", "2022-07-13T12:00:00Z", "2022-07-30T12:00:00Z"),
        ("2022-02-01", "2022-02-03", "2022-02-20"),
    ],
)
def test_what_shifts_with_its_opener_is_on_its_new_date(to: str, agreed: str, met: str) -> None:
    """The agreement that the raid brought, and the meeting that was agreed; all worlds agree, since
    hardly anything comes up by routine."""
    scenario = whole(
        RAID,
        AGREED | {"date": "2022-02-03", "meeting_date": "2022-02-20"},
        MET | {"causes": ["agreed"]},
        changes=[{"move": {"event": "raid", "to": to}}],
        complete_from="2022-01-01",
        rates_per_day=dict.fromkeys(("meet", "call", "raise_detainees", "cancel", "cut"), 1e-9),
        attention={"raid": RAID_BRINGS},
    )
    found = []
    for log in again(scenario, 12):
        events = {e.id: e for e in log.events}
        assert "raid" in events
        if "agreed" in events:
            found.append(log)
            assert (events["agreed"].date, events["agreed"].coded_date) == (agreed, None)
            assert events["agreed"].meeting_date[:10] == met[:10]
            if "met" in events:
                assert events["met"].date == met
    assert found
    assert any("met" in {e.id for e in log.events} for log in found)


def held(id_: str, person: str, by: str, **more: Any) -> dict[str, Any]:
    other = "RUS" if by == "USA" else "USA"
    people = {"persons": [person], "held_by": by, "national_of": other}
    return {"id": id_, "date": "2022-01-01", "kind": "detained"} | people | more


def test_an_exchange_of_more_people_than_a_log_names() -> None:
    many = [held("a", "x", "RUS", unnamed=400), held("b", "y", "USA", unnamed=400)]
    willing = {p: {"doctrine": "conciliatory"} for p in ("USA", "RUS")}
    logs = again(whole(*many, parties=willing, rates_per_day={"swap": 0.2}), 6)
    freed = [e for log in logs for e in log.events if isinstance(e, Released)]
    assert max(len(e.persons) + e.unnamed for e in freed) > 100
    assert max(len(e.persons) for e in freed) <= 100


def test_nobody_is_detained_under_a_name_that_the_history_has() -> None:
    stream = {"kind": "detention", "held_by": "RUS", "national_of": "USA", "rate_per_day": 0.1}
    for log in again(whole(held("a", "usa-detainee-1", "RUS"), world={"arrests": stream})):
        names = [p for e in log.events if isinstance(e, Detained) for p in e.persons]
        assert len(names) == len(set(names)) > 1


def test_an_id_with_a_number_that_no_run_reaches() -> None:
    assert again(whole(CALL | {"id": f"sim.{'9' * 76}"}))
