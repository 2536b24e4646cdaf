"""What `sim replay` says, in data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli.replay import replayed, show_replay
from sim.ground.errors import InputError
from sim.log.file import load
from sim.log.log import Log

ROOT = Path(__file__).parents[2]

CHANNEL = "usa-rus/ministers"
EVENTS: list[dict[str, Any]] = [
    {"id": "cut", "date": "2022-02-22", "kind": "contact_cut", "channel": CHANNEL, "by": "USA"},
    {
        "id": "call",
        "date": "2022-07-29",
        "kind": "call_held",
        "channel": CHANNEL,
        "agenda": ["detainees"],
    },
    {
        "id": "talk",
        "date": "2023-03-02",
        "kind": "corridor_talk",
        "channel": CHANNEL,
        "accounts": {"RUS": {"denial": True}},
    },
]


def log(**parts: Any) -> Log:
    channels = {
        CHANNEL: {"parties": ["USA", "RUS"], "since": "2022-01-01", "complete_from": "2022"}
    }
    return Log.model_validate({"title": "T", "channels": channels, "events": EVENTS} | parts)


def short(found: dict[str, Any], channel: str = CHANNEL) -> list[tuple[str, str, str | None]]:
    line = found["channels"][channel]["timeline"]
    return [(s["state"], s["since"], s["event"]) for s in line]


def test_the_whole_story() -> None:
    found = replayed(log())
    assert short(found) == [
        ("open", "2022-01-01", None),
        ("cut_off", "2022-02-22", "cut"),
        ("prisoner_only", "2022-07-29", "call"),
        ("cut_off", "2023-01-25", None),  # 180 days of silence
        ("corridor", "2023-03-02", "talk"),
    ]
    last = found["channels"][CHANNEL]
    assert (last["state"], last["since"], last["event"], last["lapsed"]) == (
        "corridor",
        "2023-03-02",
        "talk",
        False,
    )
    assert [s["lapsed"] for s in last["timeline"]] == [False, False, False, True, False]
    assert [e["id"] for e in found["events"]] == ["cut", "call", "talk"]
    assert found["viewpoint"] == "observer"


def test_the_story_of_a_party_that_denies() -> None:
    found = replayed(log(), "RUS")
    assert short(found)[-1] == ("cut_off", "2023-01-25", None)
    assert found["channels"][CHANNEL]["lapsed"] is True


@pytest.mark.parametrize(
    ("at", "state", "since", "events"),
    [
        ("1999", "open", "2022-01-01", 0),
        ("2022-02-21", "open", "2022-01-01", 0),
        ("2022-02-22", "cut_off", "2022-02-22", 1),
        ("2022-02", "cut_off", "2022-02-22", 1),
        ("2022-02-22T11:59:59Z", "open", "2022-01-01", 0),
        ("2022-02-22T12:00:00Z", "cut_off", "2022-02-22", 1),
        ("2023-01-24", "prisoner_only", "2022-07-29", 2),
        ("2023-01-25", "cut_off", "2023-01-25", 2),
        ("2023-03-31", "corridor", "2023-03-02", 3),
        ("2023-04-01", "cut_off", "2023-04-01", 3),
    ],
)
def test_at_is_the_end_of_a_day(at: str, state: str, since: str, events: int) -> None:
    found = replayed(log(), at=at)
    channel = found["channels"][CHANNEL]
    assert (channel["state"], channel["since"]) == (state, since)
    assert "timeline" not in channel
    assert len(found["events"]) == events


def test_a_party_is_shown_its_own_channels_only() -> None:
    channels = {
        CHANNEL: {"parties": ["USA", "RUS"]},
        "chn-usa/leaders": {"parties": ["CHN", "USA"]},
    }
    two = log(channels=channels)
    assert list(replayed(two)["channels"]) == ["chn-usa/leaders", CHANNEL]
    assert list(replayed(two, "RUS")["channels"]) == [CHANNEL]
    assert list(replayed(two, "CHN")["channels"]) == ["chn-usa/leaders"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("GBR",), "--as: must be one of RUS, USA, observer, public (got GBR)"),
        (("observer", "soon"), "--at: must be an EDTF date"),
        (("observer", "2023-13-01"), "--at: names a day or a time that does not exist"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError) as found:
        replayed(log(), *arguments)
    assert message in str(found.value)


def test_a_log_without_events_has_its_initial_state() -> None:
    for at in (None, "2022-06-01"):
        channel = replayed(log(events=[]), at=at)["channels"][CHANNEL]
        assert (channel["state"], channel["since"], channel["event"]) == (
            "open",
            "2022-01-01",
            None,
        )


def test_the_story_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    show_replay(replayed(log()))
    said = capsys.readouterr().out
    assert "T, as the observer sees it" in said
    assert "2022-02-22  cut    contact cut    USA" in said
    assert "2023-01-25  cut off        by silence" in said
    assert "2022-01-01  open           from the start" in said
    assert f"{CHANNEL} on 2023-03-02: corridor since 2023-03-02, by talk" in said


@pytest.mark.parametrize("ending", ["\\", "\\\\", "[/bold]", "\\[red]", ":cat:"])
def test_a_title_is_printed_as_it_is_written(
    capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    show_replay(replayed(log(title=f"[b]T{ending}")))
    assert f"\n[b]T{ending}, as the observer sees it\n" in capsys.readouterr().out


def test_channels_are_named_where_there_are_several(capsys: pytest.CaptureFixture[str]) -> None:
    channels = {
        CHANNEL: {"parties": ["USA", "RUS"]},
        "chn-usa/leaders": {"parties": ["CHN", "USA"]},
    }
    events = [
        *EVENTS,
        {"id": "other", "date": "2022-03-01", "kind": "call_held", "channel": "chn-usa/leaders"},
        {"id": "words", "date": "2022-03-02", "kind": "statement"},
    ]
    show_replay(replayed(log(channels=channels, events=events)))
    said = capsys.readouterr().out
    assert "Channel" in said
    assert said.count("all") >= 1


def test_before_a_log_begins_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    log = load(ROOT / "seeds" / "blinken-lavrov.yaml")
    found = replayed(log, at="2017-01-01")
    assert found["channels"]["usa-rus/ministers"]["known"] is False
    show_replay(found)
    said = capsys.readouterr().out
    assert "on 2017-01-01: not known; open from 2018-01-01 on, from the start" in said
    assert replayed(log, at="2018-05-01")["channels"]["usa-rus/ministers"]["known"] is True
    later = replayed(log, at="2019-05-01")["channels"]["usa-rus/ministers"]
    assert (later["known"], later["state"]) == (False, None)


def test_what_is_not_known_is_said_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    setup = {"parties": ["USA", "RUS"], "since": "2022-01-01"}
    two = {CHANNEL: setup, "usa-rus/leaders": setup | {"complete_from": "2022"}}
    for channels, which in (
        ({CHANNEL: setup}, "The channel does not have a `complete_from`, the day from which"),
        (two, "1 of 2 channels has no `complete_from`, the day from which"),
        (two | {"usa-rus/leaders": setup}, "No channel has a `complete_from`, the day from which"),
    ):
        found = replayed(log(channels=channels))
        line = found["channels"][CHANNEL]["timeline"]
        assert [s["state"] for s in line] == ["open", "cut_off", "prisoner_only", None, "corridor"]
        assert found["channels"][CHANNEL]["days"]["not_known"] > 0
        show_replay(found)
        said = " ".join(capsys.readouterr().out.split())
        assert "not known nothing is coded, and the log is not complete" in said
        assert which in said
        assert "its state is not known once what is coded has lapsed." in said
    show_replay(replayed(log()))  # the control: the log says from when it is complete
    said = capsys.readouterr().out
    assert "not known" not in said
    assert "complete_from" not in said


def test_a_party_is_shown_its_own_telling(capsys: pytest.CaptureFixture[str]) -> None:
    log = load(ROOT / "seeds" / "blinken-lavrov.yaml")
    told = {e["id"]: e["told"] for e in replayed(log, "RUS")["events"]}
    assert told["new-delhi-corridor"] == "denied"
    assert set(told.values()) == {"", "denied"}
    show_replay(replayed(log, "RUS"))
    assert "As RUS tells it" in capsys.readouterr().out
    assert all("told" not in e for e in replayed(log)["events"])


def test_silence_after_an_imprecise_date_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    note = "Silence counts from the middle of a date that is not exact"
    vague = [e | ({"date": "2022-07"} if e["id"] == "call" else {}) for e in EVENTS]
    show_replay(replayed(log(events=vague)))
    assert note in capsys.readouterr().out
    exact = [e | {"date": f"{e['date']}T12:00:00Z"} for e in EVENTS]
    show_replay(replayed(log(events=exact)))
    assert note not in capsys.readouterr().out


def test_a_long_log_is_shown_by_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    show_replay(replayed(log()))
    assert "earlier" not in capsys.readouterr().out
    monkeypatch.setattr("sim.cli.replay.MAX_ROWS_SHOWN", 2)
    show_replay(replayed(log()))
    said = capsys.readouterr().out
    assert "1 earlier events are not shown: --json has all" in said
    assert "3 earlier states are not shown: --json has all" in said
    assert "contact cut" not in said
    assert "from the start" not in said
    assert "2023-03-02  corridor       by talk" in said
