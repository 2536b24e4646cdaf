"""What pages say of a state: its rule, its colour, and after how many days silence changed it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lessons import CHANNEL, lesson, opened, plan

from sim.ground.colours import STATE_COLOURS
from sim.ground.dates import DAY_S, parse
from sim.ground.states import STATE_LABELS
from sim.log.log import Channel
from sim.log.projection import Interval
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.pages import charts
from sim.seminar.pages.legend import legend, meanings
from sim.seminar.pages.past import Strip, Teller
from sim.seminar.pages.presenter import Presenter
from sim.seminar.pages.revealed import silence
from sim.seminar.pages.viewer import Viewer


def channel(**fields: Any) -> Channel:
    return Channel.model_validate({"parties": ["FRA", "ITA"], **fields})


def rules(**fields: Any) -> dict[str, str]:
    return {m.state: m.rule for m in meanings(channel(**fields))}


def test_the_rules_have_the_days_of_the_channel() -> None:
    usual = rules()
    assert {*usual} == {*STATE_LABELS}
    assert usual["open"].startswith("at least one contact on any subject in the last 60 days.")
    assert usual["open"].endswith("up to 180 days.")
    own = rules(lapse_days={"open": 20, "open_at_most": 20, "prisoner_only": 33, "corridor": 7})
    assert own["open"] == "at least one contact on any subject in the last 20 days."
    assert "in the last 33 days" in own["prisoner_only"]
    assert "in the last 7 days" in own["corridor"]
    assert "days" not in rules(line=True)["open"]
    assert {*rules(leave_out=["corridor"])} == {*STATE_LABELS} - {"corridor"}


def test_channels_with_the_same_rules_have_one_legend() -> None:
    one, two = channel(title="One"), channel(title="Two")
    (same,) = legend({"fra-ita/a": one, "fra-ita/b": two})
    assert same.channels == ""
    other = channel(title="Three", lapse_days={"corridor": 5})
    assert [x.channels for x in legend({"a": one, "b": two, "c": other})] == ["One, Two", "Three"]


def test_no_date_after_the_horizon_is_named() -> None:
    setup = {"fra-ita/a": channel(complete_from="2022-02-21")}
    before, after = (legend(setup, parse(d).hi_s)[0].silence for d in ("2022-02-20", "2022-02-21"))
    assert "2022" not in before
    assert "from 21 February 2022 on" in after
    assert legend(setup)[0].silence == after


@pytest.mark.parametrize("page", ["room", "board", "teacher"])
def test_every_page_of_a_round_has_the_rules(tmp_path: Path, page: str) -> None:
    session = opened(tmp_path, 1)
    student = session.room.students[1] if page == "room" else None
    values = Presenter(session.plan).values(session.room, Viewer(page, student))
    assert values["legend"] == legend({CHANNEL: session.plan.log.channels[CHANNEL]})
    assert len(values["legend"][0].states) == 4
    session.store.close()


def drawn(*spans: tuple[str, int]) -> str:
    """Draw one band of states, each so many days long."""
    held, at = [], 0
    for state, days in spans:
        end = at + days * DAY_S
        held.append(Interval(CHANNEL, "observer", state, at, end, None, False, None))  # type: ignore[arg-type]
        at = end
    return charts.strips([("observer", Strip(CHANNEL, "observer", tuple(held)))], 0, at)


def test_a_band_too_narrow_for_its_name_has_it_below() -> None:
    narrow = drawn(("open", 900), ("prisoner_only", 20), ("cut_off", 900))
    assert narrow.count(STATE_COLOURS["prisoner_only"]) == 2
    assert narrow.count(">prisoner-only<") == 1
    wide = drawn(("open", 100), ("prisoner_only", 900), ("cut_off", 100))
    assert wide.count(STATE_COLOURS["prisoner_only"]) == 1
    assert wide.count(">prisoner-only<") == 1


def test_silence_is_told_with_its_days() -> None:
    data = lesson(rounds=[lesson()["seminar"]["rounds"][0]])
    data["history"]["events"] = data["history"]["events"][:1]
    setup = data["history"]["channels"][CHANNEL]
    setup["lapse_days"] = {"open": 60, "open_at_most": 60}
    first = data["seminar"]["rounds"][0]
    first["questions"] = [{"ask": "next_state"}, {"ask": "next_state", "viewpoint": "ITA"}]
    made = plan_of(load_scenario(data))
    seen, denied = made.rounds[0].questions
    assert silence(seen, made.log) == (
        "There was no contact for 60 days, so the channel changed on 11 March 2021."
    )
    assert silence(denied, made.log).startswith("Italy counts no contact for ")
    narrower = silence(replace(seen, silent_days=None), made.log)
    assert narrower.startswith("There was no contact on other subjects for a long time, so")
    assert [silence(q, made.log) for r in plan().rounds for q in r.questions] == ["", "", ""]
    end_s = made.rounds[0].end_s
    views = Teller.of(made).tell(end_s, True).views
    assert views[0].silence == "after 60 days without contact"
