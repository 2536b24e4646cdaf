"""The Channel, the United States and China, the two Koreas: what their logs show."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from sim.ground.dates import parse
from sim.log.file import load
from sim.log.log import Log
from sim.log.projection import Interval, timeline

SEEDS = Path(__file__).parents[2] / "seeds"
KOREAS, CHINA, CHANNEL = "kor-prk-record", "usa-chn-record", "usa-sun-channel"
LINES = ("kor-prk/panmunjom-line", "kor-prk/military-line")


@cache
def log(name: str) -> Log:
    return load(SEEDS / f"{name}.yaml")


def on(of: Log, channel: str, day: str, viewpoint: str = "observer") -> Interval:
    """What a viewpoint sees of a channel at the end of a day."""
    at_s = parse(day).hi_s - 1
    found = [i for i in timeline(of, channel, viewpoint) if i.start_s <= at_s < i.end_s]
    assert len(found) == 1
    return found[0]


def open_to_all(of: Log) -> Log:
    """The log, without a word of who knew."""
    bare = (e.model_copy(update={"known_to": None, "public": None}) for e in of.events)
    return of.model_copy(update={"events": tuple(bare)})


# ---------------------------------------------------------------------------------- the Koreas


@pytest.mark.parametrize("line", LINES)
def test_the_koreas_lines_are_unanswered_since_april_2023_and_open_before(line: str) -> None:
    before, after = on(log(KOREAS), line, "2023-04-06"), on(log(KOREAS), line, "2023-04-07")
    assert before.state == "open"
    assert (after.state, after.why, after.event) == (
        "cut_off",
        "unanswered",
        "lines-unanswered-2023",
    )
    assert on(log(KOREAS), line, "2024-10-01") == after


@pytest.mark.parametrize("line", LINES)
def test_control_on_a_channel_that_is_no_line_silence_ends_nothing(line: str) -> None:
    channel = log(KOREAS).channels[line].model_copy(update={"line": False})
    other = log(KOREAS).model_copy(update={"channels": {**log(KOREAS).channels, line: channel}})
    assert on(other, line, "2023-04-07").state == "open"


def test_a_line_says_by_which_end_it_is_cut_off() -> None:
    of, line = log(KOREAS), LINES[0]
    assert on(of, line, "2017-01-01").why == "cut"
    assert on(of, line, "2021-09-01").why == "unanswered"
    assert on(of, "kor-prk/liaison-office", "2020-06-10").why == "cut"
    assert on(of, "kor-prk/high-level", "2024-02-01").why == "closed"


def test_secret_talks_are_not_public_before_their_day() -> None:
    of, channel = log(KOREAS), "kor-prk/envoys"
    assert on(of, channel, "2011-05-20").state == "open"
    assert on(of, channel, "2011-05-20", "public").state != "open"
    assert on(of, channel, "2011-06-02", "public").state == "open"
    assert on(open_to_all(of), channel, "2011-05-20", "observer").state == "open"  # the control


# ---------------------------------------------------------------------------------- the Channel


@pytest.mark.parametrize("viewpoint", ["observer", "USA", "SUN"])
def test_the_channel_is_open_to_its_two_ends(viewpoint: str) -> None:
    assert on(log(CHANNEL), "usa-sun/channel", "1971-07-01", viewpoint).state == "open"


def test_the_channel_is_cut_off_for_the_public() -> None:
    assert on(log(CHANNEL), "usa-sun/channel", "1971-07-01", "public").state == "cut_off"


def test_control_if_all_had_known_the_public_would_see_it_open() -> None:
    known = open_to_all(log(CHANNEL))
    unknown = [i.state for i in timeline(log(CHANNEL), "usa-sun/channel", "public")]
    assert set(unknown) == {"cut_off"}
    assert on(known, "usa-sun/channel", "1971-07-01").state == "open"
    assert {i.state for i in timeline(known, "usa-sun/channel", "SUN")} == {"cut_off", "open"}


def test_all_that_went_through_the_channel_was_known_to_governments_alone() -> None:
    knew = Counter(
        e.known_to for e in log(CHANNEL).events if e.channel == "usa-sun/channel" and not e.public
    )
    assert set(knew) == {("USA", "SUN"), ("USA",)}
    assert knew["USA",] == 3  # an order, an approval, a cleaned record


# ---------------------------------------------------------------------------------- China


def test_a_cut_takes_what_it_names_and_leaves_the_rest() -> None:
    of = log(CHINA)
    for channel in ("military", "climate", "counternarcotics"):
        assert on(of, f"usa-chn/{channel}", "2022-08-06").why == "cut", channel
    assert on(of, "usa-chn/defence", "2022-08-06").state == "open"
    assert on(of, "usa-chn/leaders", "2022-08-06").state == "open"


def test_an_exchange_says_who_went_for_whom() -> None:
    parts = [e for e in log(CHINA).events if getattr(e, "exchange", None) == "exchange-2024-11"]
    assert {(e.held_by, e.national_of) for e in parts if e.kind == "released"} == {
        ("CHN", "USA"),
        ("USA", "CHN"),
    }


# ---------------------------------------------------------------------------------- completeness


def test_a_log_is_complete_where_its_notes_say_so_and_nowhere_else() -> None:
    claimed = {
        id_: channel.complete_from
        for name in (KOREAS, CHINA, CHANNEL)
        for id_, channel in log(name).channels.items()
        if channel.complete_from is not None
    }
    assert claimed == {
        "kor-prk/leaders": "1971-08-20",
        "kor-prk/panmunjom-line": "2018-01-03",
        "kor-prk/military-line": "2018-01-09",
        "kor-prk/liaison-office": "2018-01-03",
        "usa-chn/leaders": "2021-01-20",
        "usa-chn/defence": "2021-01-20",
    }


def test_the_presidents_of_the_shipped_record_are_not_known_where_nothing_is_coded() -> None:
    of, channel = load(SEEDS / "usa-rus-record.yaml"), "usa-rus/leaders"
    assert on(of, channel, "2023-06-01").state is None
    assert on(of, channel, "2022-02-15").state == "open"
    complete = of.channels[channel].model_copy(update={"complete_from": "2021-01-01"})
    claimed = of.model_copy(update={"channels": {**of.channels, channel: complete}})
    assert on(claimed, channel, "2023-06-01").state == "cut_off"  # the control


@pytest.mark.parametrize("name", [KOREAS, CHINA, CHANNEL])
def test_silence_on_a_channel_that_is_not_complete_is_not_known(name: str) -> None:
    of = log(name)
    states = {
        i.why == "lapsed" and i.state
        for id_, channel in of.channels.items()
        if channel.complete_from is None
        for i in timeline(of, id_, "observer")
    }
    assert "cut_off" not in states
    unknown = [i for id_ in of.channels for i in timeline(of, id_, "observer") if i.state is None]
    assert unknown
