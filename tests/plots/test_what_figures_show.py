"""What a figure's scales say: where time begins, and how wide an arrow is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim import plots
from sim.galleries.gallery import Gallery, LogGallery
from sim.ground.dates import DAY_S, moment
from sim.log.file import load
from sim.plots.bands import Band, seen_from
from sim.plots.lettering import day_number
from sim.plots.scale import whole_percent
from sim.plots.style import STATES
from sim.plots.transitions import thickness
from sim.report.runs import run
from sim.results import log_frames
from sim.scenario.resolve import load_scenario
from sim.study.comparing import compare

ROOT = Path(__file__).parents[2]
CHANNEL = "usa-rus/ministers"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lanes(figure: Figure, label: str = "lanes") -> Axes:
    return next(axes for axes in figure.axes if axes.get_label() == label)


def begins(figure: Figure, label: str = "lanes") -> float:
    """The first day of a figure's time axis."""
    return float(lanes(figure, label).get_xlim()[0])


def changes(figure: Figure, label: str = "lanes") -> list[float]:
    """The days on which a state begins in a figure, or from which it is shown."""
    bands = [p for p in lanes(figure, label).patches if isinstance(p, Rectangle)]
    return sorted(p.get_x() for p in bands if p.get_label() == "band")


# ------------------------------------------------------------------------------ where time begins


def intervals(*edges: str) -> pl.DataFrame:
    """A channel that is open from the first day, cut off from the second, and so on, for all."""
    days = [day(edge) for edge in edges]
    rows = [
        (CHANNEL, who, ("open", "cut_off")[n % 2], a, b, None, False)
        for who in ("observer", "RUS", "USA")
        for n, (a, b) in enumerate(pairwise(days))
    ]
    names = ["channel", "viewpoint", "state", "start", "end", "event", "lapse"]
    return pl.DataFrame(
        rows,
        names,
        schema_overrides={"event": pl.String, **dict.fromkeys(names[3:5], ZONE)},
        orient="row",
    )


ZONE = log_frames.TIME


def marks(*days: str) -> pl.DataFrame:
    rows = [
        (CHANNEL, day(d), day(d), day(d) + timedelta(days=1), f"e{n}", "call_held", "Call", None)
        for n, d in enumerate(days)
    ]
    names = ["channel", "time", "lo", "hi", "id", "kind", "label", "by"]
    frame = pl.DataFrame(rows, names, schema_overrides={"by": pl.String}, orient="row")
    return frame.with_columns(pl.col("time", "lo", "hi").cast(ZONE), really=pl.lit(False))


LONG = ("1990-01-01", "2022-02-24", "2023-01-01")


@pytest.mark.parametrize(("events", "first"), [((), "2022-02-24"), (("2021-06-01",), "2021-06-01")])
def test_a_timeline_begins_a_little_before_the_first_thing_to_see(
    events: tuple[str, ...], first: str
) -> None:
    figure = plots.timeline(intervals(*LONG), marks(*events))
    ahead = day_number(day(first)) - begins(figure)
    assert 10 < ahead < 60
    assert changes(figure)[0] == begins(figure)


def test_a_timeline_of_one_state_without_events_is_shown_whole() -> None:
    figure = plots.timeline(intervals("1990-01-01", "2022-02-24"), marks())
    assert begins(figure) == day_number(day("1990-01-01"))


def test_an_event_before_the_channel_begins_is_not_cut_off() -> None:
    figure = plots.timeline(
        intervals("2022-01-01", "2022-06-01", "2023-01-01"), marks("2020-01-01")
    )
    assert begins(figure) == day_number(day("2020-01-01"))


def test_events_before_the_start_are_counted_and_not_shown() -> None:
    found = plots.timeline(
        intervals(*LONG), marks("1995-05-05", "1996-05-05", "2022-08-01"), start=day("2020-01-01")
    )
    said = [t.get_text() for t in found.texts]
    assert "2 earlier events are not shown." in said
    assert begins(found) > day_number(day("2021-12-01"))
    one = plots.timeline(intervals(*LONG), marks("1995-05-05"), start=day("2020-01-01"))
    assert "1 earlier event is not shown." in [t.get_text() for t in one.texts]
    none = plots.timeline(intervals(*LONG), marks("2022-08-01"), start=day("2020-01-01"))
    assert not [t for t in none.texts if "not shown" in t.get_text()]


def test_two_views_begin_a_little_before_the_first_change() -> None:
    shares = pl.DataFrame(
        {"channel": [CHANNEL], "party_a": ["RUS"], "party_b": ["USA"], "share": [0.0]}
    )
    figure = plots.divergence(intervals(*LONG), shares)
    assert 0 < day_number(day("2022-02-24")) - begins(figure) < 60


def test_control_a_figure_of_the_whole_lane_would_begin_years_before() -> None:
    lane = [Band("open", day_number(day("1990-01-01")), day_number(day("2022-02-24")))]
    assert seen_from([lane], []) == lane[0].start
    later = [*lane, Band("cut_off", lane[0].end, lane[0].end + 300)]
    found = seen_from([later], [])
    assert found is not None
    assert found - later[0].start > 32 * 365


@pytest.mark.slow
def test_every_shipped_log_begins_near_its_first_event() -> None:
    for path in sorted((ROOT / "seeds").glob("*.yaml")):
        log = load(path)
        for channel in log.channels:
            frame = log_frames.marks_frame(log, channels=[channel])
            bands = log_frames.timeline_frame(log, channels=[channel])
            starts = bands.filter(pl.col("start") > pl.col("start").min())["start"].to_list()
            seen = min([*frame["lo"].to_list(), *frame["time"].to_list(), *starts])
            figure = LogGallery(log).timeline(channel)
            wide = lanes(figure).get_xlim()
            assert day_number(seen) - wide[0] <= 0.06 * (wide[1] - wide[0]), (path.name, channel)


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return Gallery(run(ROOT / "scenarios" / "new-delhi.yaml", replications=5))


@pytest.mark.parametrize("name", ["timeline", "divergence", "occupancy", "raster"])
def test_a_runs_figures_show_no_more_history_than_half_of_what_is_simulated(
    gallery: Gallery, name: str
) -> None:
    label = {"occupancy": "fan", "raster": "raster"}.get(name, "lanes")
    program = gallery.run.program
    simulated = (program.until_s - program.observe_s) / DAY_S
    split = day_number(moment(program.observe_s))
    figure: Figure = getattr(gallery, name)()
    assert split - begins(figure, label) <= simulated / 2 + 1


def test_a_share_of_disagreement_is_of_the_days_shown(gallery: Gallery) -> None:
    """Years of history on which nobody disagrees do not dilute it."""
    log, program = gallery.sample, gallery.run.program
    whole = log_frames.divergence_frame(log, end_s=program.until_s)["share"][0]
    told = [t.get_text() for t in gallery.divergence().texts if "disagree" in t.get_text()]
    start = program.observe_s - (program.until_s - program.observe_s) // 2
    own = log_frames.divergence_frame(log, start_s=start, end_s=program.until_s)["share"][0]
    assert own > 1.5 * whole > 0
    assert told == [f"disagree on {whole_percent(own)} of days"]


# ---------------------------------------------------------------------------- how wide arrows are


def arrows(counts: dict[tuple[str, str], float], rates: dict[str, float]) -> dict[str, float]:
    """Draw transitions with these counts; the width of each arrow in points."""
    rows = [(a, b, n, n / rates[a]) for (a, b), n in counts.items()]
    frame = pl.DataFrame(rows, ["source", "target", "count", "rate_per_year"], orient="row")
    exposure = pl.DataFrame({"state": list(STATES), "years": [rates[s] for s in STATES]})
    figure = plots.transitions(frame, exposure)
    lines = lanes(figure, "diagram").lines
    return {
        str(ln.get_label()): ln.get_linewidth() for ln in lines if " to " in str(ln.get_label())
    }


COUNTS = {
    ("open", "cut_off"): 4.0,
    ("cut_off", "open"): 3.0,
    ("corridor", "cut_off"): 1.0,
    ("cut_off", "corridor"): 0.01,
}
YEARS = {"open": 1.0, "prisoner_only": 0.5, "corridor": 0.05, "cut_off": 8.0}
"""A state that is left in no time has the highest rate, and not the most transitions."""


def test_the_more_transitions_the_wider_is_the_arrow() -> None:
    found = arrows(COUNTS, YEARS)
    order = [f"{a} to {b}" for a, b in sorted(COUNTS, key=COUNTS.__getitem__)]
    assert sorted(found, key=found.__getitem__) == order
    assert len(set(found.values())) == len(found)
    assert max(found.values()) == pytest.approx(thickness(4.0, 4.0))
    # Evenly: three quarters of the way from nothing to the most.
    least, most = thickness(0.0, 4.0), thickness(4.0, 4.0)
    assert found["cut_off to open"] == pytest.approx(least + 0.75 * (most - least))


def test_control_widths_by_rate_would_have_another_order() -> None:
    rates = {pair: n / YEARS[pair[0]] for pair, n in COUNTS.items()}
    assert sorted(rates, key=rates.__getitem__) != sorted(COUNTS, key=COUNTS.__getitem__)
    assert max(rates, key=rates.__getitem__) == ("corridor", "cut_off")


def test_the_figure_says_what_its_arrows_mean() -> None:
    figure = plots.transitions(
        pl.DataFrame(
            [("open", "cut_off", 1.0, 2.0)],
            ["source", "target", "count", "rate_per_year"],
            orient="row",
        ),
        pl.DataFrame({"state": list(STATES), "years": [1.0] * 4}),
    )
    note = " ".join(t.get_text() for t in figure.texts if t.get_label() == "note")
    assert re.search(r"more transitions there are in all, the wider is the arrow", note)


# ---------------------------------------------------------------------- what scenarios are called


def test_a_comparisons_figures_call_scenarios_by_their_titles() -> None:
    """A page's tables do, and a reader must find the same scenario in its figures."""
    small = load_scenario(ROOT / "tests" / "support" / "valid" / "small.yaml")
    other = small.model_copy(update={"title": "Another world"})
    found = compare(small, {"file-name": other}, replications=5, base_name="base-file")
    assert found.plot.titles == {"base-file": small.title, "file-name": "Another world"}
    for figure in (found.plot.contrasts(), found.plot.difference(), found.plot.rasters()):
        texts = [*figure.texts, *(t for axes in figure.axes for t in axes.texts)]
        said = " ".join(t.get_text() for t in texts)
        assert "Another world" in said
        assert small.title in said
        assert "-file" not in said
        assert "file-name" not in said


# ---------------------------------------------------------------------------------- in grey print


def grey(colour: str) -> float:
    """The lightness of a colour in grey print, CIE L*."""
    rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * y ** (1 / 3) - 16


def test_the_two_parts_of_a_burst_are_apart_in_grey() -> None:
    row = {"after": "cut", "asks": "call", "m": 1.0, "tau_days": 3.0, "routine": 0.1}
    axes = lanes(plots.attention([row]), "burst")
    burst, routine = (to_hex(c.get_facecolor()[0]) for c in axes.collections)  # type: ignore[index]
    assert grey(routine) - grey(burst) > 20


def test_control_the_colours_that_were_too_close_are_seen() -> None:
    assert grey("#b4b9c0") - grey("#8fa8c9") < 12
