"""What the main figures gained: typical worlds, forums, letters as text, colours of the dark."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from importlib import import_module

import numpy as np
import polars as pl
import pytest
from test_plots import NEW_DELHI, START, forecast, intervals, marks, shares_of
from test_plots_more import assert_clear

from sim import plots
from sim.plots.lettering import width
from sim.plots.style import FRAME, INK, PAPER, QUIET, STATE_COLOURS
from sim.plots.typical import mean_shares, typical

TIMELINE = import_module("sim.plots.timeline")
RANKS = np.array([[0, 0, 3, 3], [0, 3, 3, 3], [3, 3, 3, 3], [1, 1, 1, 0], [0, 0, 0, 0]], np.int8)


# ------------------------------------------------------------------------------- typical worlds


def test_the_typical_world_differs_least_from_those_that_end_so() -> None:
    found = typical(RANKS)
    assert [(t.rank, t.row) for t in found] == [(0, 3), (3, 1)]
    assert [t.share for t in found] == pytest.approx([0.4, 0.6])
    ends = RANKS[RANKS[:, -1] == 3]
    apart = [(ends != row).sum() for row in ends]
    assert int(np.argmin(apart)) == 1  # and not the first of them


def test_the_mean_counts_days_and_not_columns() -> None:
    days = np.array([0.0, 1.0, 2.0, 12.0])
    shares = mean_shares(RANKS[:1], days)
    assert shares == pytest.approx([2 / 22, 0.0, 0.0, 20 / 22])
    assert mean_shares(RANKS[:1], np.arange(4.0)) == pytest.approx([0.5, 0, 0, 0.5])  # the control


def test_a_raster_tells_the_typical_worlds_and_the_mean() -> None:
    codes, times = forecast()
    words = " ".join(t.get_text() for t in plots.raster(codes, times).texts)
    assert "The most typical world of each end" in words
    assert "Days in each state, mean of all worlds" in words
    alone = plots.raster(codes[:1], times)
    assert "typical" not in " ".join(t.get_text() for t in alone.texts)


# --------------------------------------------------------------------------------------- forums


def test_a_forum_is_marked_on_the_band_that_it_bites() -> None:
    codes, times = forecast()
    shares = shares_of(codes, times, "observer")
    day = times[30] + timedelta(hours=1)
    forums = [(day, "G20"), (START - timedelta(days=900), "long ago")]
    figure = plots.occupancy(shares, intervals=intervals(end=NEW_DELHI), forums=forums)
    (axes,) = [a for a in figure.axes if a.get_label() == "forums"]
    (dot,) = axes.lines
    above = shares.filter(
        pl.col("time") == times[30], pl.col("state").is_in(["open", "prisoner_only"])
    )
    high = axes.get_ylim()[0]
    assert dot.get_ydata()[0] / high == pytest.approx(above["share"].sum(), abs=0.05)
    followed = plots.followed_of(figure)
    assert followed is not None
    assert [name for _, name in followed.marks] == ["G20", "long ago"]
    without = plots.occupancy(shares)  # the control
    assert [a for a in without.axes if a.get_label() == "forums"] == []


# ----------------------------------------------------------------------------- letters and colours


def test_letters_are_text_as_wide_as_they_were_measured() -> None:
    figure = plots.timeline(intervals(), marks([3, 40]), title="Calls & talks")
    root = ET.fromstring(plots.svg(figure))
    found = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert "Calls & talks" in [t.text for t in found]
    assert len(found) > 20
    for text in found:
        style = text.attrib["style"]
        size = float(re.search(r"font-size: ([\d.]+)px", style)[1])  # type: ignore[index]
        wide = width(text.text or "", size, bold="700" in style, italic="italic" in style)
        assert float(text.attrib["textLength"]) == pytest.approx(72 * wide, abs=0.01)


def test_a_page_in_the_dark_exchanges_ink_and_paper_and_no_state() -> None:
    plain = plots.svg(plots.timeline(intervals(states=["open", None, "cut_off"]), marks([3])))
    dark = plots.themed(plain)
    for colour in (INK, QUIET, PAPER, FRAME):
        assert f": {colour}" not in dark
        assert f": {colour}" in plain  # the control: a file keeps its colours
    assert "var(--fig-ink, " in dark
    assert f"fill: {STATE_COLOURS['cut_off']}" in dark
    assert re.search(r' fill="#', dark) is None  # nor under a hatching


# -------------------------------------------------------------------------------- two screens


@pytest.mark.slow
def test_a_timeline_keeps_within_two_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    days = np.linspace(0, 1215, 400)
    figure = plots.timeline(intervals(), marks(days))
    assert figure.get_size_inches()[1] <= TIMELINE.MOST_HIGH
    words = " ".join(t.get_text() for t in figure.texts)
    assert re.search(r"\d+ events are dots without a name", words)
    assert_clear(figure)
    monkeypatch.setattr(TIMELINE, "MOST_HIGH", 1e9)  # the control
    tall = plots.timeline(intervals(), marks(days)).get_size_inches()[1]
    assert tall > TIMELINE.MOST_HIGH_NARROW


def test_of_too_many_events_those_are_named_that_moved_a_state() -> None:
    events = marks(np.linspace(0, 1215, 500)).with_row_index("n")
    the_one = pl.when(pl.col("n") == 251).then(pl.lit("Moved it")).otherwise(pl.lit("Other"))
    events = events.with_columns(label=the_one)
    moved = intervals().with_columns(event=pl.lit(events["id"][251]))
    for bands, named in ((moved, True), (intervals(), False)):  # the control
        words = [t.get_text() for t in plots.timeline(bands, events).texts]
        assert any("Moved it" in text for text in words) == named
