"""Lessons of several channels: pages say of which channel they speak."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lessons import CHANNEL, SALT, TEACHER, go_to, lesson
from rooms import press, served, student_of, teacher_of
from worn import worn_lesson

from sim.log.log import Channel
from sim.log.projection import Interval
from sim.log.rulebook import OBSERVER
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import Plan, plan_of
from sim.seminar.lesson.session import Session
from sim.seminar.pages import charts
from sim.seminar.pages.past import Strip
from sim.seminar.pages.presenter import Presenter
from sim.seminar.pages.viewer import Viewer
from sim.seminar.pages.views import bands
from sim.seminar.record.store import Store
from sim.seminar.what_if.from_lesson import base_of
from sim.seminar.what_if.inserting import Insertion, insertions
from sim.seminar.what_if.position import shipped_position
from sim.seminar.what_if.whole import SEMINAR

OTHERS = "fra-ita/experts"


def two_channels(**changes: Any) -> Plan:
    """Return the plan of the lesson with a second channel, of which the second round asks."""
    data: dict[str, Any] = lesson(**changes)
    data["complete_from"] = "2021-01-01"
    data["channels"] = {CHANNEL: {"title": "Ministers"}, OTHERS: {"title": "Experts"}}
    data["history"]["channels"][OTHERS] = {"parties": ["FRA", "ITA"]}
    for outcome in data["outcomes"].values():
        outcome["channel"] = CHANNEL
    first, second = data["seminar"]["rounds"]
    first["questions"][0]["channel"] = CHANNEL
    second["questions"][0]["channel"] = OTHERS
    return plan_of(load_scenario(data))


def strip(channel: str) -> Strip:
    return Strip(channel, OBSERVER, (Interval(channel, OBSERVER, "open", 0, 86_400, None, False),))


def test_the_chart_of_a_round_is_of_the_channel_that_it_asks_for(tmp_path: Path) -> None:
    session = Session(two_channels(), Store(tmp_path / "record.sqlite", SEMINAR))
    session.start(0, "ABC234", TEACHER)
    presenter, board = Presenter(session.plan), Viewer("board")
    go_to(session, "read")
    first = presenter.values(session.room, board)["strips"]
    assert ">Ministers</text>" in first
    assert ">Experts</text>" not in first
    for phase in ("revealed", "read"):
        go_to(session, phase)
    second = presenter.values(session.room, board)["strips"]
    assert ">Experts</text>" in second
    assert SALT not in second
    session.store.close()


def test_the_legend_knows_from_when_the_scenario_takes_channels_for_complete() -> None:
    play = {"parties": ["FRA", "ITA"], "from": "2021-02-01"}
    channels = Presenter(two_channels(play=play)).channels
    assert channels[OTHERS].complete_from == "2021-01-01"


def test_a_long_name_stands_above_its_band_and_is_not_cut() -> None:
    short, long = (
        charts.strips([(name, strip(CHANNEL))], 0, 86_400) for name in ("observer", "The ministers")
    )
    assert re.search(r'text-anchor="end"[^>]*>observer<', short)
    place = re.search(r'x="(\d+)"[^>]*text-anchor="start"[^>]*>The ministers<', long)
    assert place is not None
    assert int(place[1]) + 10 * len("The ministers") < charts.WIDTH


def test_a_team_s_channels_go_by_their_names() -> None:
    told = {c: Channel(parties=("FRA", "ITA"), title=t) for c, t in ((CHANNEL, "A"), (OTHERS, "B"))}
    both = bands((strip(CHANNEL), strip(OTHERS)), told, "FRA", 86_400)
    assert [n in both for n in (">A<", ">B<", ">FRA<")] == [True, True, False]
    assert ">FRA<" in bands((strip(CHANNEL),), told, "FRA", 86_400)


def test_a_team_s_log_names_its_channels_in_disguise_too(tmp_path: Path) -> None:
    with served(tmp_path, plan_of(load_scenario(worn_lesson()))) as opened:
        teacher = teacher_of(opened)
        student = student_of(opened, group="north of Klow")
        press(teacher, opened, "instruct")
        for path in ("/room", "/log"):
            named = re.findall(r"<text [^>]*>([^<]*)</text>", student.get(path).body)
            assert "The leaders of Arcadia and Borduria" in named, path


def test_what_if_says_of_which_channel_a_state_is_asked() -> None:
    titles = [o.title for o in base_of(two_channels()).scenario.outcomes.values()]
    assert "Ministers: cut off at some time from 16 February 2021 to 31 March 2021" in titles
    assert "Experts: open on 30 June 2021, as France sees it" in titles


def test_a_party_is_called_by_the_title_that_the_scenario_or_its_log_gives() -> None:
    by_scenario, by_log = lesson(), lesson()
    by_scenario["parties"]["FRA"]["title"] = "Gaul"
    by_log["history"]["parties"] = {"FRA": {"title": "Gaul"}}
    for data, name in ((by_scenario, "Gaul"), (by_log, "Gaul"), (lesson(), "France")):
        made = plan_of(load_scenario(data))
        asked = f"How will {name} see the channel next (until 30 June 2021)?"
        assert made.rounds[1].questions[0].text == asked
        titles = [outcome.title for outcome in base_of(made).scenario.outcomes.values()]
        said = "The channel is open at some time from 2 May 2021 to 30 June 2021, as {} sees it"
        assert said.format(name) in titles


def test_events_of_one_day_on_two_channels_or_of_two_treaties_are_two() -> None:
    data: dict[str, Any] = lesson()
    for n, name in enumerate(("Fishing Pact", "Tunnel Pact"), start=1):
        event = {"id": f"pact-{n}", "date": "2021-02-01", "kind": "treaty_suspended", "by": "FRA"}
        data["history"]["events"].append({**event, "treaty": name})
    for base, kind, asks, named in (
        (base_of(two_channels()), "call_held", "channel", (CHANNEL, OTHERS)),
        (base_of(plan_of(load_scenario(data))), "treaty_resumed", "treaty", ("", "Tunnel Pact")),
    ):
        found = shipped_position(base)
        for name in named:
            wish = Insertion(kind, "2021-04-01", "FRA", **{asks: name})
            found = found.changed(base, insertions(base, wish)[0])
        ids = [change.insert.id for change in found.changes if change.insert is not None]
        assert len({*ids}) == 2
        assert ids[0] == f"inserted-{kind.replace('_', '-')}-2021-04-01-fra"
