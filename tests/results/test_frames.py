"""Frames: every shape that figures and reports read, by hand."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from micro import CHANNEL, program, scenario

from sim.ground.dates import DAY_S
from sim.learning.resting import PowerScaling
from sim.log.events import EVENT
from sim.log.label import label
from sim.log.log import STATES, Log
from sim.log.projection import timeline
from sim.model.compiling import compile_scenario
from sim.model.tally import blank
from sim.results.frames import (
    WEIGHTS,
    YEAR_S,
    occupancy_frame,
    outcomes_frame,
    raster_times,
    schema_of,
    transitions_frame,
    values_frame,
)
from sim.results.log_frames import (
    TIME,
    divergence_frame,
    events_frame,
    intervals_frame,
    marks_frame,
    timeline_frame,
)
from sim.results.outcomes import Answer
from sim.results.over_weights import OverChange, OverWeights
from sim.study.comparing import INDEPENDENT, Contrast

OTHER = "chn-usa/leaders"
CUT = {"id": "cut", "date": "2022-02-22", "kind": "contact_cut", "channel": CHANNEL, "by": "USA"}
CALL = {"id": "call", "date": "2022-03-01/2022-03-04", "kind": "call_held", "channel": CHANNEL}
DENIED = CALL | {"accounts": {"CAN": {"denial": True}}, "agenda": ["war", "detainees"]}
WAR = {"id": "war", "date": "2022-02-24", "kind": "escalation", "severity": 1, "label": "invasion"}


def log(*events: dict[str, Any]) -> Log:
    channels = {
        CHANNEL: {"parties": ["USA", "CAN"], "since": "2022-02-01"},
        OTHER: {"parties": ["CHN", "USA"], "since": "2022-02-01"},
    }
    return Log.model_validate({"title": "T", "channels": channels, "events": list(events)})


def day(month: int, of_month: int, hour: int = 0) -> datetime:
    return datetime(2022, month, of_month, hour, tzinfo=UTC)


# ---------------------------------------------------------------------------------- of a log


def test_intervals_have_a_row_each() -> None:
    frame = intervals_frame(timeline(log(CUT), CHANNEL))
    assert frame.schema["start"] == TIME
    assert frame.rows() == [
        (CHANNEL, "observer", "open", day(2, 1), day(2, 22, 12), None, False),
        (CHANNEL, "observer", "cut_off", day(2, 22, 12), day(2, 23, 12), "cut", False),
    ]
    assert intervals_frame([]).schema == frame.schema


def test_timelines_are_of_every_viewpoint_of_the_channels_asked_for() -> None:
    frame = timeline_frame(log(CUT, DENIED), channels=[CHANNEL])
    assert frame["viewpoint"].unique(maintain_order=True).to_list() == ["observer", "CAN", "USA"]
    last = frame.group_by("viewpoint", maintain_order=True).last()
    assert last["state"].to_list() == ["open", "cut_off", "open"]
    assert set(timeline_frame(log(CUT))["channel"]) == {CHANNEL, OTHER}
    until = day(3, 31)
    ends = timeline_frame(log(CUT), end_s=int(until.timestamp())).group_by("viewpoint").last()
    assert set(ends["end"]) == {until}


def test_marks_hold_the_span_of_a_date_and_stand_on_every_channel_they_reach() -> None:
    frame = marks_frame(log(CUT, CALL, WAR), as_of_s=int(day(2, 25).timestamp()))
    own = frame.filter(pl.col("channel") == CHANNEL)
    assert own["id"].to_list() == ["cut", "war", "call"]
    instants = [day(2, 22, 12), day(2, 24, 12), day(3, 3)]
    assert own["time"].dt.truncate("1s").to_list() == instants
    assert own["lo"].to_list()[2] == day(3, 1)
    assert own["hi"].to_list()[2] == day(3, 5)
    assert own["really"].to_list() == [False, False, True]
    assert own["by"].to_list() == ["USA", None, None]
    other = frame.filter(pl.col("channel") == OTHER)
    assert other["id"].to_list() == ["war"]
    assert marks_frame(log()).schema == frame.schema


def test_marks_of_one_instant_keep_the_order_of_the_log() -> None:
    answer = WAR | {"id": "a-answer", "causes": ["war"]}
    frame = marks_frame(log(answer, WAR), channels=[CHANNEL])
    assert frame["id"].to_list() == ["war", "a-answer"]
    assert frame["time"].is_sorted()
    assert frame["time"].n_unique() == 2


def test_events_stand_in_order() -> None:
    frame = events_frame(log(DENIED | {"causes": ["cut"]}, WAR, CUT))
    assert frame["id"].to_list() == ["cut", "war", "call"]
    assert frame["agenda"].to_list() == ["", "", "war detainees"]
    assert frame["causes"].to_list() == ["", "", "cut"]
    assert events_frame(log()).schema == frame.schema


def test_divergence_is_the_share_of_time_in_which_two_parties_differ() -> None:
    frame = divergence_frame(log(CUT, DENIED), channels=[CHANNEL], end_s=_seconds(3, 3, 72))
    (row,) = frame.rows()
    assert row[:3] == (CHANNEL, "CAN", "USA")
    assert row[3] == pytest.approx(3 / 33)  # 3 days of 33 since the first of February
    both = divergence_frame(log(CUT, DENIED))
    assert both["channel"].to_list() == [CHANNEL, OTHER]
    assert both["share"].to_list()[1] is None  # nothing is coded there
    complete = log(CUT, DENIED)
    setup = complete.channels[OTHER].model_copy(update={"complete_from": "2022-02-01"})
    known = complete.model_copy(update={"channels": {OTHER: setup}})
    assert divergence_frame(known)["share"].to_list() == [0.0]  # the control


def _seconds(month: int, of_month: int, hours: int) -> int:
    return int(day(month, of_month).timestamp()) + hours * 3600


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (CUT, "Contact cut (USA)"),
        (CUT | {"by": None}, "Contact cut"),
        (WAR, "Invasion"),
        (WAR | {"label": "small_scale-raid"}, "Small scale raid"),
        (CALL, "Call held"),
        (CALL | {"agenda": ["detainees"]}, "Call on detainees"),
        (CALL | {"kind": "meeting_held", "place": "Vienna, Austria"}, "Meeting held, Vienna"),
        (CALL | {"kind": "corridor_talk", "place": "Bali (G20)"}, "Corridor talk, Bali"),
        (CALL | {"kind": "copresence"}, "No talk"),
        (
            {
                "id": "d",
                "date": "2022",
                "kind": "detained",
                "persons": ["paul-whelan", "b", "c", "d"],
                "held_by": "USA",
                "national_of": "CAN",
            },
            "Paul Whelan, B and 2 more detained",
        ),
        (
            {"id": "t", "date": "2022", "kind": "treaty_suspended", "treaty": "New START"},
            "New START suspended",
        ),
        ({"id": "s", "date": "2022", "kind": "statement", "by": "USA"}, "Statement (USA)"),
    ],
)
def test_labels(event: dict[str, Any], words: str) -> None:
    assert label(EVENT.validate_python(event)) == words


# ---------------------------------------------------------------------------------- of a run


def test_occupancy_is_shares_by_view_instant_and_state() -> None:
    compiled = program(until="2021-01-02")
    tally = blank(compiled, 4)
    tally.occupancy[0, 0] = [[4, 0, 0, 0], [3, 1, 0, 0], [1, 1, 0, 2]]
    tally.occupancy[0, 1] = [[0, 4, 0, 0]] * 3
    tally.occupancy[0, 2] = [[0, 0, 4, 0]] * 3
    frame = occupancy_frame(compiled, tally, CHANNEL)
    assert frame.schema["time"] == TIME
    assert len(frame) == 3 * 3 * 4
    observer = frame.filter(pl.col("viewpoint") == "observer")
    assert observer["share"].to_list() == [1, 0, 0, 0, 0.75, 0.25, 0, 0, 0.25, 0.25, 0, 0.5]
    assert observer["state"].to_list() == list(STATES) * 3
    starts = [datetime(2021, 1, d, tzinfo=UTC) for d in (1, 2, 3)]
    assert observer["time"].unique(maintain_order=True).to_list() == starts
    full = frame.filter(pl.col("share") == 1)
    assert full["viewpoint"].to_list() == ["observer", *["CAN"] * 3, *["USA"] * 3]
    assert raster_times(compiled) == starts


def test_transitions_are_rates_over_the_time_at_risk() -> None:
    compiled = program()
    tally = blank(compiled, 2)
    tally.moves[0, 0, 0, 1] = 6
    tally.moves[0, 0, 2, 3] = 1
    tally.exposure_s[0, 0] = [int(3 * YEAR_S), int(YEAR_S), 0, 0]
    rates, exposure = transitions_frame(compiled, tally, CHANNEL)
    assert len(rates) == 12
    row = {(s, t): (n, r) for s, t, n, r in rates.rows()}
    assert row["open", "cut_off"] == (3.0, 2.0)
    assert row["prisoner_only", "corridor"] == (0.5, 0.0)  # no time at risk: no rate
    assert row["cut_off", "open"] == (0.0, 0.0)
    assert exposure.rows() == [
        ("open", 1.5),
        ("cut_off", 0.5),
        ("prisoner_only", 0.0),
        ("corridor", 0.0),
    ]


def test_answers_and_values_as_frames() -> None:
    answer = Answer("a", "A", "state_at", 0.5, 0.25, 0.75, None, None, None, None, None)
    frame = outcomes_frame([answer])
    assert frame.row(0, named=True)["estimate"] == 0.5
    assert frame.schema["median_days"] == pl.Float64
    assert outcomes_frame([]).schema == frame.schema
    asked = scenario(outcomes={"a": {"type": "first_time", "state": "open"}})
    compiled = compile_scenario(asked)
    tally = replace(blank(compiled, 2), values=np.array([[DAY_S], [-1]]))
    assert values_frame(asked, compiled, tally).rows() == [(0, 1.0), (1, None)]


def test_a_channel_shows_no_affair_of_another_pair() -> None:
    people = {"persons": ["ann"], "held_by": "RUS", "national_of": "USA"}
    log = Log.model_validate(
        {
            "schema": 4,
            "title": "Three",
            "channels": {
                "chn-usa/ministers": {"parties": ["CHN", "USA"]},
                "usa-rus/ministers": {"parties": ["USA", "RUS"]},
            },
            "events": [
                {"id": "arrest", "date": "2022-01-01", "kind": "detained"} | people,
                {"id": "raid", "date": "2022-01-02", "kind": "escalation", "by": "RUS",
                 "severity": 0.5, "label": "raid"},
                {"id": "storm", "date": "2022-01-03", "kind": "escalation", "severity": 0.5,
                 "label": "storm"},
            ],
        }
    )  # fmt: skip
    shown = marks_frame(log)
    assert shown.filter(pl.col("channel") == "chn-usa/ministers")["id"].to_list() == ["storm"]
    assert shown.filter(pl.col("channel") == "usa-rus/ministers")["id"].to_list() == [
        "arrest",
        "raid",
        "storm",
    ]


def test_every_field_of_an_answer_and_of_a_contrast_is_a_column() -> None:
    def names(kind: type[Any], before: str = "", but: frozenset[str] = frozenset()) -> set[str]:
        return {before + f.name for f in fields(kind) if f.name not in but}

    own = frozenset({"over_weights", "worlds"})
    answer = names(Answer, but=own) | names(OverWeights, WEIGHTS) | names(PowerScaling)
    assert schema_of("outcomes.csv").keys() == answer
    contrast = names(Contrast, but=own) | names(OverChange, WEIGHTS) | {"gap", *INDEPENDENT}
    assert schema_of("contrasts.csv").keys() == contrast
