"""From a replication to a log: every kind written, named, dated and chained as it happened."""

from __future__ import annotations

from typing import Any

from micro import ALWAYS, CHANNEL, NEVER, START_S, always, doctrine, play, scenario

from sim.ground.dates import parse
from sim.log.events import KINDS
from sim.log.file import from_document, parse_jsonl, to_jsonl
from sim.log.log import Log
from sim.log.order import canonical_times, in_order
from sim.model.chronicle import chronicle, instant_or_day
from sim.model.compiling import compile_scenario
from sim.scenario.scenario import Scenario

BUSY: dict[str, Any] = {
    "rates_per_day": {
        "meet": 0.3,
        "call": 0.2,
        "raise_detainees": 0.2,
        "cancel": 0.1,
        "cut": 0.05,
        "swap": 0.1,
    },
    "forums": {"summit": {"date": "2021-01-15/2021-01-17"}, "quiet": {"date": "2021-02-15"}},
    "detainees": {"a-held": {"held_by": "CAN", "national_of": "USA"}},
    "world": {
        "fighting": {
            "kind": "escalation",
            "rate_per_day": 0.1,
            "severity": [0.25, 0.5],
            "label": "raids",
            "by": "USA",
        },
        "easing": {"kind": "deescalation", "rate_per_day": 0.1, "label": "truce"},
        "arrests": {
            "kind": "detention",
            "rate_per_day": 0.1,
            "held_by": "CAN",
            "national_of": "USA",
        },
    },
}


def evens() -> dict[str, Any]:
    return always() | {"acknowledge": {"bias": 0.0}}


def written(small: Scenario, replication: int = 0, **header: str | int) -> Log:
    compiled = compile_scenario(small)
    happened = play(compiled, replication=replication)
    return chronicle(small, compiled, happened.happenings, header)


def busy() -> Log:
    mixed = doctrine(
        **dict.fromkeys(("meet", "call", "raise_detainees", "cut", "swap", "acknowledge"), 0.0),
        **dict.fromkeys(("accept_meet", "accept_call", "accept_raise_detainees"), 0.0),
        accept_swap=0.0,
        cancel=0.0,
    )
    doctrines = {"can": mixed, "usa": mixed}
    return written(scenario(doctrines, **BUSY | {"until": "2022-12-31"}))


def test_a_log_says_what_made_it() -> None:
    small = scenario()
    log = written(small, seed=1, level="forecast")
    assert (log.title, log.description) == (small.title, small.question)
    assert log.header == {"seed": 1, "level": "forecast"}
    assert log.channels[CHANNEL].parties == ("CAN", "USA")
    assert log.channels[CHANNEL].since == "2021-01-01"
    assert log.events == ()


def test_every_kind_that_a_run_can_bring_is_a_valid_event() -> None:
    log = busy()
    simulated = {
        "meeting_agreed",
        "meeting_held",
        "call_held",
        "copresence",
        "contact_refused",
        "meeting_cancelled",
        "contact_cut",
        "detained",
        "swap_proposed",
        "swap_refused",
        "released",
        "escalation",
        "deescalation",
    }
    assert {e.kind for e in log.events} == simulated
    talk = scenario({"can": evens(), "usa": evens()}, forums=BUSY["forums"])
    assert {e.kind for e in written(talk).events} == {"corridor_talk"}
    again = from_document(parse_jsonl(to_jsonl(log), "log"))
    assert again == log


def test_ids_count_up_and_dates_are_seconds() -> None:
    log = busy()
    assert [e.id for e in log.events] == [f"sim.{n:06d}" for n in range(1, len(log.events) + 1)]
    assert {parse(e.date).precision for e in log.events} == {"second"}
    assert in_order(log.events, canonical_times(log.events)) == list(log.events)


def test_numbers_go_on_after_those_of_an_older_run() -> None:
    old = {"id": "sim.000041", "date": "2020-11-11", "kind": "contact_cut", "channel": CHANNEL}
    channel = {"parties": ["CAN", "USA"]}
    history = {"schema": 4, "title": "H", "channels": {CHANNEL: channel}, "events": [old]}
    doctrines = {"can": doctrine(call=ALWAYS)}
    small = scenario(doctrines, history=history, channels={}, rates_per_day={"call": 0.1})
    ids = [e.id for e in written(small).events]
    assert ids[:3] == ["sim.000041", "sim.000042", "sim.000043"]


def test_causes_name_the_event_that_is_answered() -> None:
    log = busy()
    by_id = {e.id: e for e in log.events}
    answers = {
        "meeting_held": "meeting_agreed",
        "meeting_cancelled": "meeting_agreed",
        "swap_refused": "swap_proposed",
        "released": "swap_proposed",
    }
    for event in log.events:
        causes = [by_id[c].kind for c in event.causes]
        assert causes == ([answers[event.kind]] if event.kind in answers else [])
    held = next(e for e in log.events if e.kind == "meeting_held")
    agreed = by_id[held.causes[0]]
    assert agreed.kind == "meeting_agreed"
    assert agreed.meeting_date == held.date[:10]


def test_accounts_are_written_as_each_side_told_it() -> None:
    doctrines = {
        "can": doctrine(call=ALWAYS),
        "usa": doctrine(accept_call=ALWAYS, acknowledge=NEVER),
    }
    call = written(scenario(doctrines, rates_per_day={"call": 0.1})).events[0]
    assert {p: a.plain() for p, a in call.accounts.items()} == {
        "CAN": {"kind": "call_held"},
        "USA": {"kind": "corridor_talk"},
    }
    assert call.agenda == ("bilateral",)
    doctrines = {
        "can": doctrine(raise_detainees=ALWAYS),
        "usa": doctrine(accept_raise_detainees=ALWAYS, acknowledge=NEVER),
    }
    parts = {"rates_per_day": {"raise_detainees": 0.1}, "detainees": BUSY["detainees"]}
    confined = written(scenario(doctrines, **parts)).events[0]
    assert confined.agenda == ("detainees",)
    assert {p: a.plain() for p, a in confined.accounts.items()} == {
        "CAN": {"kind": "call_held"},
        "USA": {"denial": True},
    }


def test_a_forum_s_name_is_on_what_happens_there() -> None:
    log = written(scenario(forums=BUSY["forums"]))
    assert [(e.kind, e.forum) for e in log.events] == [
        ("copresence", "summit"),
        ("copresence", "quiet"),
    ]


def test_people_are_named_once_and_freed_in_turn() -> None:
    log = busy()
    held = ["a-held"]
    for event in log.events:
        if event.kind == "detained":
            (name,) = event.persons
            assert name not in held
            assert (event.held_by, event.national_of) == ("CAN", "USA")
            held.append(name)
        elif event.kind == "released":
            freed = len(event.persons)
            assert freed >= 1
            assert [*event.persons] == held[:freed]
            del held[:freed]


def test_conflict_events_carry_severity_and_label() -> None:
    log = busy()
    fighting = [e for e in log.events if e.kind == "escalation"]
    assert {(e.label, e.by, e.channel) for e in fighting} == {("raids", "USA", None)}
    assert all(0.25 <= e.severity <= 0.5 for e in fighting)
    assert len({e.severity for e in fighting}) == len(fighting)


def test_facts_are_kept_with_the_instant_that_the_replication_gave_them() -> None:
    events = [
        {"id": "exact", "date": "2020-11-11", "kind": "contact_cut", "channel": CHANNEL},
        {
            "id": "vague",
            "date": "2020-12",
            "kind": "meeting_agreed",
            "channel": CHANNEL,
            "meeting_date": "2021-02",
            "summary": "As coded.",
        },
    ]
    channel = {"parties": ["CAN", "USA"]}
    history = {"schema": 4, "title": "H", "channels": {CHANNEL: channel}, "events": events}
    small = scenario(history=history, channels={})
    exact, vague, held = written(small).events
    assert exact.date == "2020-11-11"
    assert vague.kind == "meeting_agreed"
    assert vague.summary == "As coded."
    assert parse(vague.date).precision == "second"
    assert vague.date.startswith("2020-12-")
    assert (vague.meeting_date, held.causes) == (held.date, ("vague",))
    other = written(small, replication=1).events[1]
    assert other.date != vague.date


def test_midnight_is_written_as_its_day() -> None:
    assert instant_or_day(START_S) == "2021-01-01"
    assert instant_or_day(START_S + 1) == "2021-01-01T00:00:01Z"
    assert set(KINDS) > {"statement"}
