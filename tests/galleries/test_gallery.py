"""The galleries: every figure by name, of the channel asked for, with what it must not lack."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from micro import CHANNEL, scenario
from pasts import event, told

import sim
from sim.galleries.gallery import Gallery, LogGallery, draw
from sim.galleries.names import channel_names
from sim.galleries.study_gallery import ComparisonGallery, titled
from sim.log.file import load
from sim.log.log import Channel
from sim.report.runs import run
from sim.study.run import Run

SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"
SEEDS = Path(__file__).parents[2] / "seeds"
LOG = SEEDS / "blinken-lavrov.yaml"
OTHER = "can-mex/ministers"


@pytest.fixture(scope="module")
def finished() -> Run:
    return run(SMALL, replications=12)


def words(figure: Figure) -> str:
    return " ".join(t.get_text() for t in figure.findobj(Text)) + str(figure.get_label())


@pytest.mark.slow
@pytest.mark.parametrize("kind", Gallery.KINDS)
def test_every_figure_of_a_run(finished: Run, kind: str) -> None:
    figure = draw(finished.plot, kind, CHANNEL if kind == "history" else None)
    assert isinstance(figure, Figure)
    assert words(figure).strip()


@pytest.mark.parametrize("kind", LogGallery.KINDS)
def test_every_figure_of_a_log(kind: str) -> None:
    gallery = LogGallery(load(LOG))
    assert gallery.log.title.split()[0] in words(draw(gallery, kind))


def test_a_figure_is_of_the_first_channel_unless_another_is_named(finished: Run) -> None:
    first, other = finished.plot.timeline(), finished.plot.timeline(CHANNEL)
    assert "Mexico" in words(first)
    assert "Mexico" not in words(other)
    assert "United States" in words(other)


def test_of_too_many_events_some_are_marked_and_the_title_says_so(
    finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = load(LOG)
    every = len(log.events)
    assert " are marked" not in words(LogGallery(log).timeline())
    monkeypatch.setattr("sim.galleries.gallery.MAX_MARKS", 3)
    for figure in (LogGallery(log).timeline(), LogGallery(log).timeline(title="")):
        assert f"3 of {every} events are marked" in words(figure)
        assert "with 3 events" in str(figure.get_label()) or "with 3 events" in words(figure)
    assert ". 3 of " in words(finished.plot.timeline(CHANNEL))


def test_of_too_many_events_those_on_a_channel_are_marked_before_those_of_the_world(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = load(SEEDS / "kor-prk-record.yaml")
    every = words(LogGallery(log).timeline("kor-prk/leaders"))
    assert "Nuclear test" in every  # the control
    own = [e for e in log.events if "kor-prk/leaders" in (e.channel, *e.also_on)]
    monkeypatch.setattr("sim.galleries.gallery.MAX_MARKS", len(own))
    shown = words(LogGallery(log).timeline("kor-prk/leaders"))
    assert "Nuclear test" not in shown
    assert "Summit in Pyongyang" in shown


def test_the_public_is_shown_what_it_knows_and_nothing_else() -> None:
    log, channel = load(SEEDS / "usa-sun-channel.yaml"), "usa-sun/channel"
    public = words(LogGallery(log, viewpoint="public").timeline(channel))
    assert "as the public sees it" in public
    assert "observer" not in public
    assert "The Channel opens" not in public
    every = words(LogGallery(log).timeline(channel))  # the control
    assert "The Channel opens" in every
    assert "observer" in every
    with pytest.raises(ValueError, match="the viewpoint must be one of SUN, USA, observer, public"):
        LogGallery(log, viewpoint="FRA")


@pytest.mark.slow
def test_a_title_may_be_given(finished: Run) -> None:
    for kind in Gallery.KINDS:
        if kind != "history":
            assert "My own" in words(getattr(finished.plot, kind)(title="My own"))
    assert "My own" in words(LogGallery(load(LOG)).timeline(title="My own"))


def test_one_replication_or_another(finished: Run) -> None:
    assert "replication 3" in words(finished.plot.timeline(CHANNEL, replication=3))
    assert "replication 3" in words(finished.plot.divergence(CHANNEL, replication=3))
    assert finished.plot.sample == finished.sample(0)


def test_the_as_of_date_is_the_last_second_of_its_day(finished: Run) -> None:
    assert finished.plot.as_of == datetime(2020, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "channel", "message"),
    [
        ("occupanci", None, "did you mean 'occupancy'?"),
        ("occupancy", "can-usa/minister", "did you mean 'can-usa/ministers'?"),
        ("waiting", "share", "needs an outcome of type first_time: first-open"),
        ("__init__", None, "the kind must be one of occupancy, history"),
    ],
)
def test_what_there_is_not(finished: Run, kind: str, channel: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=r"must be one of|needs an outcome") as found:
        draw(finished.plot, kind, channel)
    assert message in str(found.value)


def test_a_run_without_history_has_no_figure_of_it() -> None:
    bare = run(scenario(), replications=2)
    with pytest.raises(ValueError, match="the scenario has no history to draw"):
        bare.plot.history()
    with pytest.raises(ValueError, match="none here"):
        bare.plot.waiting()
    assert words(bare.plot.occupancy())


def test_the_waiting_figure_names_its_outcome(finished: Run) -> None:
    assert "First time open" in words(finished.plot.waiting("first-open")).replace(
        "first time", "First time"
    )
    assert OTHER in finished.program.channels.names


def test_no_line_of_history_goes_past_the_as_of_date() -> None:
    """Unless the log knows what happened later, which is drawn hollow."""
    early, late = (
        event("talk", "call_held", "2021-02-01"),
        event("cut", "contact_cut", "2021-03-20"),
    )
    for events, beyond in (((early,), False), ((early, late), True)):
        whole = told(*events, outcomes={})
        figure = sim.run(whole, replications=2, workers=1).plot.history()
        lanes = next(axes for axes in figure.axes if axes.get_label() == "lanes")
        end = max(p.get_x() + p.get_width() for p in lanes.patches if isinstance(p, Rectangle))
        as_of = datetime(2021, 3, 1, tzinfo=UTC).timestamp() / 86_400
        assert (end > as_of + 0.01) == beyond


def test_lanes_and_panels_have_names_and_no_codes(finished: Run) -> None:
    for kind in ("timeline", "divergence"):
        said = words(draw(finished.plot, kind, OTHER))
        assert "Mexico" in said
        assert OTHER not in said
        assert re.search(r"\b(MEX|CAN)\b(?! detainee)", said) is None, said
    same = {n: Channel(parties=("CAN", "USA"), title="A line") for n in ("can-usa/a", "can-usa/b")}
    named = channel_names(same, str)
    assert list(named.values()) == ["A line (can-usa/a)", "A line (can-usa/b)"]


def test_outcomes_of_one_title_are_told_apart(finished: Run) -> None:
    names = ["first", "second", "third"]
    rows = {"title": ["Open", "Open", "Cut"], "difference": 0.1, "low": 0.0, "high": 0.2}
    frame = pl.DataFrame({"name": names, **rows, "other": "x", "unit": "share"})
    said = words(ComparisonGallery(finished, {"x": finished}, "base", frame, {}).contrasts())
    assert "Open (first)" in said
    assert "Open (second)" in said
    assert "Cut (" not in said
    asked = dict.fromkeys(names, finished.scenario.outcomes["share"])
    made = finished.scenario.model_copy(update={"outcomes": asked})
    swept = titled(made, pl.DataFrame({"outcome": names, "title": rows["title"]}))
    assert swept["title"].to_list() == ["Open (first)", "Open (second)", "Cut"]
