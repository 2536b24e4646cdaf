"""Who knew, and since when: what a viewpoint folds, and what a reader of the public never gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import days, logs

from sim.cli.check import check_file
from sim.cli.replay import replayed
from sim.ground.dates import day, parse
from sim.ground.errors import InputError
from sim.log import knowing, projection
from sim.log.knowing import PUBLIC, not_public_by, without
from sim.log.log import Log
from sim.log.projection import project, timeline
from sim.log.rulebook import OBSERVER
from sim.log.telling import told_to
from sim.model.compiling import compile_scenario
from sim.scenario.resolve import load_scenario, resolved_text
from sim.scenario.scenario import Scenario

BACK = "usa-sun/back-channel"


def log_of(*events: dict[str, Any], **channel: Any) -> Log:
    setup = {"parties": ["USA", "SUN"], "initial": "cut_off", "since": "1969-01-01"} | channel
    told = [{"id": f"e{n}", "channel": BACK, **event} for n, event in enumerate(events)]
    return Log.model_validate({"title": "T", "channels": {BACK: setup}, "events": told})


def states(log: Log, viewpoint: str, end: str = "1975") -> list[tuple[str | None, str]]:
    found = timeline(log, BACK, viewpoint, end_s=parse(end).lo_s)
    return [(i.state, day(i.start_s).isoformat()) for i in found]


SECRET = {"kind": "meeting_held", "date": "1971-06-01", "known_to": ["USA", "SUN"]}


def test_a_back_channel_is_open_to_its_two_ends_and_cut_off_for_the_public() -> None:
    log = log_of(SECRET)
    assert [
        project(log, v, "1971-07-01")[BACK].state for v in (OBSERVER, "USA", "SUN", PUBLIC)
    ] == [
        "open",
        "open",
        "open",
        "cut_off",
    ]
    assert states(log, PUBLIC) == [("cut_off", "1969-01-01")]


def test_without_known_to_the_public_knows_on_the_day() -> None:
    """The control: it is the list of who knew that keeps the public apart."""
    log = log_of({"kind": "meeting_held", "date": "1971-06-01"})
    assert states(log, PUBLIC) == states(log, OBSERVER)
    assert states(log, PUBLIC)[1] == ("open", "1971-06-01")


def test_a_party_is_not_told_of_what_it_did_not_know() -> None:
    """The log of a player is a party's: a secret of the other side is not in it, nor any word."""
    secret = {"kind": "contact_cut", "date": "1971-06-01", "known_to": ["SUN"]}
    words = {"kind": "statement", "date": "1971-06-02", "causes": ["e0"]}
    log = log_of(secret, words)
    assert [(e.id, e.causes) for e in told_to(log, "USA").events] == [("e1", ())]
    assert [(e.id, e.causes) for e in told_to(log, "SUN").events] == [("e0", ()), ("e1", ("e0",))]


def test_what_comes_out_counts_from_its_own_date() -> None:
    """A contact of sixty days ago is spent when it becomes known, one of fifty days is not."""
    spent = log_of(SECRET | {"public": "1971-08-15"})
    assert states(spent, PUBLIC) == [("cut_off", "1969-01-01")]
    late = log_of(SECRET | {"public": "1971-07-20"}, complete_from="1969-01-01")
    assert states(late, PUBLIC) == [
        ("cut_off", "1969-01-01"),
        ("open", "1971-07-20"),
        ("cut_off", "1971-07-31"),
    ]


def test_a_cut_that_is_learned_late_ends_the_state_on_the_day_of_learning() -> None:
    log = log_of(
        {"kind": "call_held", "date": "1971-06-01"},
        {"kind": "contact_cut", "date": "1971-06-10", "public": "1971-07-01"},
    )
    assert states(log, "SUN")[2] == ("cut_off", "1971-06-10")
    assert states(log, PUBLIC)[1:] == [("open", "1971-06-01"), ("cut_off", "1971-07-01")]
    (*_, last) = timeline(log, BACK, PUBLIC)
    assert (last.why, last.event) == ("cut", "e1")


def test_a_cut_that_was_over_when_it_came_out_ends_nothing() -> None:
    log = log_of(
        {"kind": "call_held", "date": "1971-06-01"},
        {"kind": "contact_cut", "date": "1971-06-10", "public": "1971-07-01"},
        {"kind": "call_held", "date": "1971-06-20"},
    )
    assert states(log, PUBLIC)[:2] == [("cut_off", "1969-01-01"), ("open", "1971-06-01")]
    assert project(log, PUBLIC, "1971-07-15")[BACK].state == "open"


def test_an_end_that_did_not_know_learns_when_it_becomes_public() -> None:
    log = log_of(SECRET | {"known_to": ["USA"], "public": "1971-07-20"})
    assert [s for s in states(log, "SUN") if s[0] == "open"] == [("open", "1971-07-20")]
    assert [s for s in states(log, "USA") if s[0] == "open"] == [("open", "1971-06-01")]


# ---------------------------------------- invariant 17: not a byte of what came out later


def shown(log: Log, date: str) -> bytes:
    return json.dumps(replayed(log, PUBLIC, date)).encode()


def nothing_later(log: Log, date: str) -> bool:
    """Whether a reader of the public gets on a day what they would get had nobody ever written down
    what came out, or happened, later."""
    end_s = parse(date).hi_s
    later = {e.id for e in log.events if parse(e.date).lo_s >= end_s}
    return shown(log, date) == shown(without(log, not_public_by(log, end_s) | later), date)


@given(logs(), days | st.just(parse("2025-03-10")))
def test_a_reader_of_the_public_gets_no_byte_of_what_came_later(log: Log, date: Any) -> None:
    date = "2025-03-10" if not hasattr(date, "isoformat") else date.isoformat()
    # an imprecise date is folded at its middle: what straddles the day is another question
    astride = [
        e.id
        for e in log.events
        if parse(e.date).lo_s < parse(date).hi_s < parse(e.date).hi_s or e.coded_date
    ]
    log = without(log, {*astride})
    assert nothing_later(log, date)


def test_a_fold_that_knows_all_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a reader of what happened, and not of what was public, gets more."""
    log = log_of(SECRET | {"public": "1979"})
    assert nothing_later(log, "1971-07-01")
    monkeypatch.setattr(projection, "known_from", lambda event, viewpoint, at_s, by_run: at_s)
    assert not nothing_later(log, "1971-07-01")


def test_a_span_of_a_vague_publication_is_over_before_it_counts() -> None:
    log = log_of(SECRET | {"public": "1979"})
    assert knowing.public_from(log.events[0]) == parse("1979").hi_s - 1


# ------------------------------------------------- invariant 19: where nothing is known


def test_a_state_that_nothing_keeps_alive_is_not_known_where_the_log_is_not_complete() -> None:
    log = log_of({"kind": "call_held", "date": "1971-06-01"}, initial="open")
    assert states(log, OBSERVER) == [
        ("open", "1969-01-01"),
        (None, "1969-06-30"),
        ("open", "1971-06-01"),
        (None, "1971-07-31"),
    ]
    assert project(log, OBSERVER, "1972")[BACK].why is None


def test_where_it_is_complete_silence_is_a_cut() -> None:
    log = log_of(
        {"kind": "call_held", "date": "1971-06-01"}, initial="open", complete_from="1971-01-01"
    )
    assert states(log, OBSERVER)[2:] == [
        ("open", "1971-06-01"),
        ("cut_off", "1971-07-31"),
    ]


def test_a_coded_end_is_known_until_the_next_contact() -> None:
    log = log_of(
        {"kind": "call_held", "date": "1971-06-01"},
        {"kind": "contact_cut", "date": "1972-06-01"},
    )
    assert states(log, OBSERVER)[1:] == [
        ("open", "1971-06-01"),
        (None, "1971-07-31"),
        ("cut_off", "1972-06-01"),
    ]


def test_a_channel_of_which_nothing_is_coded_is_not_known() -> None:
    other = {
        "kind": "escalation",
        "date": "1971-06-01",
        "severity": 0.5,
        "label": "a",
        "channel": None,
    }
    log = log_of(other, initial="open")
    assert {s for s, _ in states(log, OBSERVER)} == {None}
    assert {s for s, _ in states(log_of(other), OBSERVER)} == {"cut_off"}  # the log says it


def test_a_line_is_open_until_it_is_cut_or_goes_unanswered() -> None:
    log = log_of(
        {"kind": "channel_opened", "date": "1971-06-01"},
        {"kind": "request_unanswered", "date": "1974-04-13", "since": "1974-04-07", "by": "SUN"},
        line=True,
    )
    assert states(log, OBSERVER) == [
        ("cut_off", "1969-01-01"),
        ("open", "1971-06-01"),
        ("cut_off", "1974-04-07"),
    ]
    (*_, last) = timeline(log, BACK)
    assert (last.why, last.event) == ("unanswered", "e1")
    assert states(log, PUBLIC)[-1] == ("cut_off", "1974-04-13")  # it is known on its date
    usual = log_of(*({"kind": e.kind, "date": e.date} for e in log.events))
    assert states(usual, OBSERVER)[-1] == (None, "1971-07-31")  # the control


def test_a_standing_line_stands_also_for_who_knows_of_no_event_on_it() -> None:
    letter = SECRET | {"kind": "message_delivered"}
    line = log_of(letter, line=True, initial="open")
    for viewpoint in (OBSERVER, "USA", PUBLIC):
        assert states(line, viewpoint) == [("open", "1969-01-01")]
    assert project(line, PUBLIC, "1970-01-01")[BACK].state == "open"
    without = line.model_copy(update={"events": ()})
    assert states(without, PUBLIC) == states(line, PUBLIC)  # the event does not show
    usual = log_of(letter, initial="open")  # the control: no standing line
    assert states(usual, PUBLIC) == [(None, "1969-01-01")]


def test_who_knows_nothing_of_a_log_is_shown_its_last_day_and_not_years() -> None:
    (only,) = timeline(log_of(SECRET, since=None), BACK, PUBLIC, end_s=parse("1975").lo_s)
    assert day(only.start_s).isoformat() == "1974-12-31"


def test_a_contact_on_two_channels_moves_both() -> None:
    both = {"kind": "meeting_held", "date": "1971-06-01", "channel": BACK, "id": "summit"}
    setup = {"parties": ["USA", "SUN"], "initial": "cut_off"}
    channels = {BACK: setup, "usa-sun/leaders": setup}
    for also, state in ((["usa-sun/leaders"], "open"), ([], "cut_off")):
        data = {"title": "T", "channels": channels, "events": [both | {"also_on": also}]}
        found = project(Log.model_validate(data), OBSERVER, "1971-06-02")
        assert found["usa-sun/leaders"].state == state


def test_a_log_of_a_run_knows_its_world() -> None:
    log = log_of({"kind": "call_held", "date": "1971-06-01"}, initial="open")
    run = log.model_copy(update={"header": {"backchannel": "0.4.0"}})
    assert states(run, OBSERVER) == [("open", "1969-01-01")]


# --------------------------------------------------------------- what a scenario may know


def scenario(**parts: Any) -> Scenario:
    log = log_of(
        SECRET | {"public": "1979"},
        {"kind": "call_held", "date": "1971-05-01", "causes": []},
        {"kind": "statement", "date": "1971-06-02", "causes": ["e0"]},
    )
    history = log.plain() | {"schema": 4}
    data = {
        "title": "T",
        "question": "Q?",
        "as_of": "1971-12-31",
        "until": "1972-01-31",
        "parties": {"USA": {"doctrine": "transactional"}, "SUN": {"doctrine": "transactional"}},
        "history": history,
    }
    return load_scenario(data | parts)


def test_what_was_not_public_by_the_as_of_date_is_left_out_before_anything_is_compiled() -> None:
    whole, public = scenario(), scenario(known="public")
    assert [e.id for e in whole.history.events] == ["e0", "e1", "e2"]  # type: ignore[union-attr]
    assert [e.id for e in public.history.events] == ["e1", "e2"]  # type: ignore[union-attr]
    assert public.history.events[1].causes == ()  # type: ignore[union-attr]
    assert "e0" not in resolved_text(public)
    later = scenario(known="public", as_of="1979-12-31", until="1980-01-31")
    assert [e.id for e in later.history.events] == ["e0", "e1", "e2"]  # type: ignore[union-attr]
    with pytest.raises(InputError, match="must name an event of the history"):
        scenario(known="public", changes=[{"remove": "e0"}])


def test_a_run_that_knows_what_was_public_is_that_of_a_log_without_the_rest() -> None:
    public, whole = scenario(known="public"), scenario()
    assert whole.history is not None
    bare = without(whole.history, {"e0"}).plain() | {"schema": 4}
    assert digest(public) == digest(scenario(history=bare)) != digest(whole)


def digest(of: Scenario) -> bytes:
    program = compile_scenario(of)
    return b"".join(getattr(program.facts, name).tobytes() for name in ("kind", "reading", "lo_s"))


def test_an_end_that_did_not_know_reads_nothing_in_a_run() -> None:
    facts = compile_scenario(scenario()).facts
    assert (facts.reading[facts.ids.index("e0")] >= 0).all()
    secret = log_of(SECRET | {"known_to": ["USA"], "public": "1971-08-01"}).plain() | {"schema": 4}
    (reading,) = compile_scenario(scenario(history=secret)).facts.reading.tolist()
    assert [r >= 0 for r in reading] == [True, False, True]  # observer, SUN, USA


def test_a_check_warns_of_what_came_out_later(tmp_path: Any) -> None:
    for known, warns in ((None, True), ("public", False), ("happened", False)):
        text = resolved_text(scenario()).replace("question: Q?", f"question: Q?\nknown: {known}")
        path = tmp_path / f"{known}.yaml"
        path.write_text(text if known else resolved_text(scenario()))
        assert ("1 fact was not public by 1971-12-31 (e0)" in check_file(path)) is warns
