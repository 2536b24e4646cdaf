"""The figures that compare worlds: nothing collides, rows match, empty input is said in words."""

from __future__ import annotations

import itertools
import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from test_plots import SIGHT, boxes, draw, lightness, overlaps

from sim import plots
from sim.plots.lettering import date_text, day_number, width
from sim.plots.rasters import order_alike
from sim.plots.scale import number_text, round_ticks, signed_text, with_interval
from sim.plots.style import CODES, PAPER, STATE_COLOURS, STATES, styled
from sim.plots.sweep_axis import Line, thin
from sim.plots.sweep_map import colours, ink_on_colour
from sim.results.frames import attention_rows
from sim.scenario.resolve import load_scenario

ROOT = Path(__file__).parents[2]
NAN = float("nan")
START = datetime(2022, 1, 1, tzinfo=UTC)
GENEVA = datetime(2022, 2, 24, tzinfo=UTC)
NEW_DELHI = datetime(2023, 3, 2, tzinfo=UTC)
LONG = "A title with $math_{x}$ & <tags> that goes on and on, " * 6
EVENTS = (
    ("21–24 Feb 2022", "Washington cancels the Geneva meeting and cuts contact"),
    ("24 Feb 2022", "Invasion"),
    ("30 Dec 2022 – 2 Jan 2023", "Strikes worth $300 m_spent_ and $5"),
    ("Jul 2022", "Call on detainees, at Washington's request and after a silence " * 3),
    ("", ""),
)
OUTCOMES = (
    "Open at the end",
    "Any prisoner exchange by the end of 2024, in the eyes of either side and of $observer_s$ " * 2,
    "Cut off",
    "New START resumed",
)
OTHERS = ("keep talking", "both conciliatory, whatever the cost and even when refused " * 2, "none")


@cache
def worlds(replications: int = 40, weeks: int = 160) -> tuple[np.ndarray, ...]:
    """Two rasters that agree for a year, and the noise that both share."""
    draws = np.random.default_rng(5)
    noise, to = draws.random((replications, weeks)), draws.integers(0, 4, (replications, weeks))
    both = []
    for rate in (0.05, 0.09):
        codes = np.zeros((replications, weeks), dtype=np.int8)
        for week in range(1, weeks):
            moved = noise[:, week] < (rate if week > 52 else 0.05)
            codes[:, week] = np.where(moved, to[:, week], codes[:, week - 1])
        both.append(codes)
    return tuple(both)


def weekly(weeks: int = 160) -> list[datetime]:
    return [START + timedelta(days=7 * week) for week in range(weeks)]


@cache
def differences(weeks: int = 160, states: tuple[str, ...] = CODES) -> pl.DataFrame:
    base, other = worlds(weeks=weeks)
    rows = []
    for week, time in enumerate(weekly(weeks)):
        for state in states:
            code = CODES.index(state)
            paired = (other[:, week] == code) * 1.0 - (base[:, week] == code)
            half = 1.96 * float(paired.std()) / math.sqrt(len(paired))
            mean = float(paired.mean())
            rows.append((time, state, mean, mean - half, mean + half))
    schema = {"time": pl.Datetime("us", "UTC"), "state": pl.String, "difference": pl.Float64}
    return pl.DataFrame(
        rows, schema | {"low": pl.Float64, "high": pl.Float64}, orient="row"
    )  # fmt: skip


def events(shares: Sequence[float]) -> pl.DataFrame:
    rows = [
        (f"e{n:03}", EVENTS[n % 5][1], EVENTS[n % 5][0], s, max(0.0, s - 0.04), min(1.0, s + 0.04))
        for n, s in enumerate(shares)
    ]
    return pl.DataFrame(
        rows, ["id", "label", "date", "share", "low", "high"], orient="row", strict=False
    )


def paired(values: Sequence[tuple[float, float]]) -> pl.DataFrame:
    rows = [
        (OUTCOMES[n // 3 % 4], OTHERS[n % 3], d, d - half, d + half, unit)
        for n, (d, half) in enumerate(values)
        for unit in [("share", "days")[n // 6 % 2]]
    ]
    names = ["outcome", "other", "difference", "low", "high", "unit"]
    return pl.DataFrame(rows, names, orient="row", strict=False)


def swept(xs: Sequence[object], outcomes: Sequence[str] = OUTCOMES) -> pl.DataFrame:
    rows = []
    for (k, outcome), (n, x) in itertools.product(enumerate(outcomes), enumerate(xs)):
        share = 1 / (1 + math.exp(2 - k - (0.4 - 0.3 * k) * n))
        rows.append((x, outcome, share, max(0.0, share - 0.05), min(1.0, share + 0.05)))
    names = ["x", "outcome", "estimate", "low", "high"]
    return pl.DataFrame(rows, names, orient="row", strict=False)


def mapped(xs: Sequence[object], ys: Sequence[object]) -> pl.DataFrame:
    rows = [
        (x, y, NAN if (i, j) == (1, 1) else (i + j + 1) / (len(xs) + len(ys)))
        for (i, x), (j, y) in itertools.product(enumerate(xs), enumerate(ys))
    ]
    return pl.DataFrame(rows, ["x", "y", "estimate"], orient="row", strict=False)


def partings(numbers: Sequence[tuple[float, float | None, float]]) -> list[dict[str, Any]]:
    return [
        {
            "replication": n,
            "time": GENEVA,
            "decision": EVENTS[n % 5][1],
            "probability_base": p,
            "probability_other": q,
            "uniform": u,
            "margin": abs(u - p),
        }
        for n, (p, q, u) in enumerate(numbers)
    ]


lines = partial(plots.sweep_lines, x_label="half-life of $grievance_i$ (days)")
heat = partial(plots.sweep_map, x_label="weight", y_label="half-life", outcome="Cut off")
SHARES = [0.54, 0.0, 0.002, 1.0, 0.3, 0.3]
PAIRED = [
    (12.0, 4.0),
    (-0.04, 0.1),
    (31.0, 9.0),
    (2.0, 5.0),
    (0.0, 0.0),
    (-7.0, 2.0),
    (-46.0, 20.0),
]
NUMBERS = [(0.31, 0.62, 0.47), (0.74, 0.41, 0.52), (0.08, None, 0.03), (0.991, 0.93, 0.985)]
DOCTRINES = ["conciliatory", "transactional", "isolating until $war_ends$ and then transactional"]


def every_figure() -> dict[str, Figure]:
    base, other = worlds()
    moments = {"since": GENEVA, "as_of": NEW_DELHI}
    two = [("history", base), ("what-if", other)]
    four = [*two, ("a what-if of many words and $ signs", other), ("history again", base)]
    return {
        "difference": plots.difference(differences(), title="D", **moments),
        "rasters": plots.rasters(two, weekly(), title="R", **moments),
        "four rasters": plots.rasters(four, weekly(), max_rows=25, title="R4", **moments),
        "but-for": plots.but_for(events(SHARES), outcome="Cut off", title="B"),
        "but-for, many": plots.but_for(events(np.linspace(0, 1, 53).tolist())),
        "contrasts": plots.contrasts(paired(PAIRED), base="history", title="C"),
        "sweep": lines(swept([0.0, 0.5, 1.0, 1.5]), title="S"),
        "one sweep": lines(swept([7, 30, 90, 365], OUTCOMES[:1])),
        "named sweep": lines(swept(DOCTRINES)),
        "map": heat(mapped([0.0, 0.5, 1.0], [30, 60, 90, 365]), title="M"),
        "fine map": heat(mapped(np.linspace(0, 3, 30).tolist(), np.linspace(0, 9, 24).tolist())),
        "named map": heat(mapped(DOCTRINES, DOCTRINES)),
        "first difference": plots.first_difference(partings(NUMBERS), title="F"),
    }


@cache
def drawn() -> dict[str, Figure]:
    """Every figure once, for tests that only look."""
    return every_figure()


def texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def assert_clear(figure: Figure, name: str = "") -> FigureCanvasAgg:
    """Check that no two texts meet and that all stand on the page; return where it is drawn."""
    canvas = draw(figure)
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    with styled():
        extents = [text.get_window_extent(renderer) for text in texts(figure)]
    assert overlaps(extents) == 0, name
    page = figure.bbox
    within = (b.x0 >= 0 and b.x1 <= page.x1 and b.y0 >= 0 and b.y1 <= page.y1 for b in extents)
    assert all(within), name
    return canvas


# --- labels ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_checker_catches_a_moved_label() -> None:
    figures = {
        "difference": plots.difference(differences(60)),
        "but-for": plots.but_for(events(SHARES), outcome="Cut off", title="B"),
        "named map": heat(mapped(DOCTRINES, DOCTRINES)),
        "first difference": plots.first_difference(partings(NUMBERS), title="F"),
        "map": heat(mapped([0.0, 0.5, 1.0], [30, 60, 90, 365]), title="M"),
    }
    for figure in list(figures.values())[:4]:
        first, second = texts(figure)[-2:]
        second.set_transform(first.get_transform())
        second.set_position(first.get_position())
        second.set_horizontalalignment(first.get_horizontalalignment())
        with pytest.raises(AssertionError):
            assert_clear(figure)
    figures["map"].texts[-1].set_position((1e4, 1e4))
    with pytest.raises(AssertionError):
        assert_clear(figures["map"])


@pytest.mark.slow
def test_labels_are_clear_and_stay_off_the_data() -> None:
    for name, figure in drawn().items():
        canvas = assert_clear(figure, name)
        renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        data = [a for a in figure.axes if a.get_label() in ("raster", "difference", "map", "sweep")]
        with styled():
            extents = [axes.get_window_extent(renderer) for axes in data]
        named = ("row", "heading", "tick", "end", "since", "caption", "title", "note")
        around = boxes(figure, *named, canvas=canvas)
        around = [b for b in around if b.width > 25 * figure.dpi / 100]  # the line has no width
        assert overlaps(around, extents) == 0, name


@pytest.mark.slow
@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_but_for_is_clear_for_any_shares(shares: list[float]) -> None:
    assert_clear(plots.but_for(events(shares), title=LONG, outcome=LONG))


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(-400, 400), st.floats(0, 90)), min_size=1, max_size=14))
def test_contrasts_are_clear_for_any_values(values: list[tuple[float, float]]) -> None:
    assert_clear(plots.contrasts(paired(values), base="$h_istory$"))


@pytest.mark.slow
@settings(max_examples=6, deadline=None, derandomize=True)
@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=14, unique=True),
    st.integers(1, 4),
)
def test_sweeps_are_clear_for_any_numbers(xs: list[float], outcomes: int) -> None:
    assert_clear(lines(swept(xs, OUTCOMES[:outcomes])))
    assert_clear(heat(mapped(xs, xs[:9])))


chance = st.floats(0, 1)


@pytest.mark.slow
@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(st.tuples(chance, chance | st.none(), chance), min_size=1, max_size=5))
def test_first_difference_is_clear_for_any_chance(
    numbers: list[tuple[float, float | None, float]],
) -> None:
    assert_clear(plots.first_difference(partings(numbers), base=LONG, other=LONG))


@pytest.mark.slow
@settings(max_examples=4, deadline=None, derandomize=True)
@given(st.integers(-60, 1500), st.integers(-60, 1500), st.integers(2, 4))
def test_moments_are_clear_wherever_they_fall(since: int, as_of: int, count: int) -> None:
    days = {"since": START + timedelta(days=since), "as_of": START + timedelta(days=as_of)}
    assert_clear(plots.difference(differences(60), **days))
    codes = worlds(9, 60)
    pairs = [(f"world {n}", codes[n % 2]) for n in range(count)]
    assert_clear(plots.rasters(pairs, weekly(60), **days))


@pytest.mark.parametrize("count", [1, 2, 7, 30])
@pytest.mark.parametrize("uneven", [False, True])
def test_thinned_names_have_room(count: int, uneven: bool) -> None:
    places = [float(x) for x in np.linspace(0, 1, count) ** (3 if uneven else 1) * 3]
    names = [number_text(1000 + n) for n in range(count)]
    kept = thin(places, names)
    assert kept[0] == 0
    for a, b in itertools.pairwise(kept):
        halves = (width(names[a], 8.0) + width(names[b], 8.0)) / 2
        assert places[b] - places[a] > halves


# --- colours --------------------------------------------------------------------------------


@pytest.mark.parametrize("sight", SIGHT)
def test_map_darkens_evenly_for_every_eye(sight: str) -> None:
    steps = [f"#{bytes(c).hex()}" for c in colours(np.linspace(0, 1, 12))]
    light = np.array([lightness(one, SIGHT[sight]) for one in steps])
    assert (np.diff(light) < -2).all()
    rainbow = ["#30123b", "#28bceb", "#a4fc3c", "#fb7e21", "#7a0403"]  # turbo: a control
    assert (np.diff([lightness(one, SIGHT[sight]) for one in rainbow]) > 0).any()


def test_numbers_read_on_every_colour() -> None:
    def contrast(colour: np.ndarray, ink: str) -> float:
        bright = []
        for one in (f"#{bytes(colour).hex()}", ink):
            value = np.array([int(one[i : i + 2], 16) for i in (1, 3, 5)]) / 255
            linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
            bright.append(float(np.array([0.2126, 0.7152, 0.0722]) @ linear) + 0.05)
        return max(bright) / min(bright)

    painted = colours(np.linspace(0, 1, 101))
    assert min(contrast(c, ink_on_colour(c)) for c in painted) > 3.9
    assert min(contrast(c, PAPER) for c in painted) < 1.5


def test_missing_cells_are_paper() -> None:
    assert colours(np.array([NAN])).tolist() == [[255, 255, 255]]


# --- bytes ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_same_input_gives_same_bytes() -> None:
    import matplotlib

    first = {name: plots.svg(figure) for name, figure in drawn().items()}
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 9, "image.cmap": "jet"}):
        second = every_figure()
    for name, text in first.items():
        assert text == plots.svg(second[name]), name
        root = ET.fromstring(text)
        assert root[0].text == second[name].get_label() != ""
    assert len(set(first.values())) == len(first)


def test_order_of_rows_does_not_matter_where_it_is_not_asked_for() -> None:
    made: list[tuple[Callable[[pl.DataFrame], Figure], pl.DataFrame]] = [
        (plots.difference, differences(20)),
        (plots.but_for, events(SHARES)),
        (lines, swept([3.0, 1.0, 2.0], OUTCOMES[:1])),
        (heat, mapped([2, 1], [3, 5, 4])),
    ]
    for make, frame in made:
        assert plots.svg(make(frame)) == plots.svg(make(frame.reverse()))
    named = swept(DOCTRINES, OUTCOMES[:1])
    assert plots.svg(lines(named)) != plots.svg(lines(named.reverse()))


# --- content --------------------------------------------------------------------------------


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in texts(figure))


def images(figure: Figure) -> list[np.ndarray]:
    return [np.asarray(i.get_array()) for axes in figure.axes for i in axes.images]


@pytest.mark.slow
def test_rasters_keep_rows_together_and_blank_what_is_equal() -> None:
    base, other = worlds(30, 40)
    other = base.copy()
    other[3, 20:] = (base[3, 20:] + 1) % 4
    figure = plots.rasters([("history", base), ("what-if", other)], weekly(40))
    one, two, changed = images(figure)
    differs = (one != two).any(axis=2)
    assert differs.any(axis=1).sum() == 1
    assert (changed[differs] == two[differs]).all()
    assert (changed[~differs] == 255).all()
    assert "3 % of replications, 2 % of the time" in words(figure)
    assert (one == images(plots.raster(base, weekly(40)))[0]).all()  # in the same order
    alike = images(plots.rasters([("history", base), ("copy", base)], weekly(40)))
    assert (alike[2] == 255).all()


def test_rasters_read_codes_in_the_order_of_codes() -> None:
    codes = np.array([[0, 1, 2, 3]], dtype=np.int8)
    one, two, changed = images(plots.rasters([("a", codes), ("b", codes[:, ::-1])], weekly(4)))
    seen = ["#" + bytes(pixel).hex() for pixel in one[0]]
    assert seen == [STATE_COLOURS[state] for state in CODES]
    assert (changed == two).all()


def test_rows_are_ordered_by_the_first_and_ties_by_the_second() -> None:
    first = np.array([[0, 1], [0, 0], [0, 1], [0, 0]], dtype=np.int8)
    second = np.array([[0, 3], [0, 2], [0, 0], [0, 1]], dtype=np.int8)
    assert order_alike([first, second]).tolist() == [3, 1, 2, 0]
    assert order_alike([first]).tolist() == [1, 3, 0, 2]


def test_rasters_weigh_uneven_times() -> None:
    base = np.zeros((1, 3), dtype=np.int8)
    other = np.array([[0, 1, 0]], dtype=np.int8)
    times = [START, START + timedelta(days=1), START + timedelta(days=8)]
    said = words(plots.rasters([("a", base), ("b", other)], times))
    assert "100 % of replications, 58 % of the time" in said  # 7 of 1 + 7 + 4 days


def test_difference_says_where_it_ends_and_shares_one_symmetric_scale() -> None:
    figure = plots.difference(differences())
    limits = {axes.get_ylim() for axes in figure.axes if axes.get_label() == "difference"}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low == -high
    assert "on 18 Jan 2025" in words(figure)


@pytest.mark.parametrize(("most", "top"), [(0.03, 5.0), (0.5, 50.0), (0.51, 100.0), (1.02, 100.0)])
def test_a_difference_has_no_scale_beyond_what_can_be(most: float, top: float) -> None:
    frame = differences().with_columns(difference=most, low=-most, high=most)
    figure = plots.difference(frame)
    assert {a.get_ylim() for a in figure.axes if a.get_label() == "difference"} == {(-top, top)}


def spiked(days: int) -> pl.DataFrame:
    """A difference of three points, and of 98 for some days in a row."""
    spike = pl.col("time").is_in(weekly()[10 : 10 + days])
    share = pl.when(spike).then(0.98).otherwise(0.03)
    return differences().with_columns(difference=share, low=share - 0.01, high=share + 0.01)


def limit(figure: Figure) -> float:
    return max(a.get_ylim()[1] for a in figure.axes if a.get_label() == "difference")


def test_a_spike_sets_no_scale_and_its_peak_is_written() -> None:
    figure = plots.difference(spiked(1))
    assert limit(figure) == 5
    assert sum(t.get_label() == "peak" for t in figure.findobj(Text)) == 4
    said = words(figure)
    assert f"+98.0 (+97.0 to +99.0) on {date_text(day_number(weekly()[10]))}" in said
    assert "A triangle" in said
    panel = next(a for a in figure.axes if a.get_label() == "difference")
    assert [line.get_marker() for line in panel.lines].count("^") == 1
    assert_clear(figure)


def test_control_what_lasts_is_no_spike() -> None:
    figure = plots.difference(spiked(12))
    assert limit(figure) == 100
    assert not [t for t in figure.findobj(Text) if t.get_label() == "peak"]
    assert "A triangle" not in words(figure)


def test_difference_leaves_out_absent_states_and_says_so() -> None:
    figure = plots.difference(differences(states=("corridor",)))
    assert sum(axes.get_label() == "difference" for axes in figure.axes) == 1
    assert "Not in the data: open, prisoner-only, cut off." in words(figure)


def test_no_difference_is_said() -> None:
    frame = differences().with_columns(difference=0.0, low=0.0, high=0.0)
    assert "do not differ at any time" in words(plots.difference(frame))
    assert "do not differ at any time" not in words(plots.difference(differences()))


def test_but_for_sorts_cuts_and_counts_the_rest() -> None:
    figure = plots.but_for(events(np.linspace(0, 1, 53).tolist()))
    shares = [
        t.get_text()
        for t in texts(figure)
        if t.get_label() == "row" and t.get_horizontalalignment() == "right"
    ]
    assert len(shares) == 40
    assert shares[:2] == ["100 %", "98 %"]
    assert "and 13 more events, each 23 % or less" in words(figure)
    assert "more event" not in words(plots.but_for(events(SHARES)))


def hollow(axes: Axes) -> list[bool]:
    dots = [line for line in axes.findobj(Line2D) if line.get_marker() == "o"]
    return [dot.get_markerfacecolor() == PAPER for dot in dots]


def test_contrasts_are_hollow_where_zero_is_possible() -> None:
    frame = paired([(12.0, 4.0), (2.0, 5.0), (-9.0, 1.0)])
    figure = plots.contrasts(frame)
    panel = next(axes for axes in figure.axes if axes.get_label() == "contrasts")
    assert hollow(panel) == [False, True, False]
    unknown = plots.contrasts(frame.with_columns(low=NAN, high=NAN))
    assert hollow(next(a for a in unknown.axes if a.get_label() == "contrasts")) == [True] * 3


def test_each_contrast_has_a_row_that_says_of_which_scenario_and_outcome_it_is() -> None:
    def rows(*contrasts: tuple[str, str, str]) -> list[str]:
        names = ["outcome", "other", "unit", "difference", "low", "high"]
        frame = pl.DataFrame([(*c, 0.2, 0.1, 0.3) for c in contrasts], names, orient="row")
        found = plots.contrasts(frame).texts
        return [t.get_text() for t in found if t.get_label() == "row" and "0" not in t.get_text()]

    share, other = ("Cut", "one", "share"), ("Cut", "two", "share")
    assert rows(share, other, ("First", "two", "days")) == ["Cut", "one", "two", "First", "two"]
    assert rows(share, share) == ["Cut", "Cut"]  # two outcomes of one title


def test_contrasts_give_each_unit_its_scale() -> None:
    figure = plots.contrasts(paired(PAIRED))
    limits = [axes.get_xlim() for axes in figure.axes if axes.get_label() == "contrasts"]
    assert len(limits) == 2
    assert limits[0] != limits[1]
    assert all(low <= 0 <= high for low, high in limits)


def test_first_difference_tells_the_two_sides_apart() -> None:
    said = words(plots.first_difference(partings(NUMBERS)))
    assert "0.31: not taken" in said
    assert "0.62: taken" in said
    assert "no such choice" in said
    unknown = plots.first_difference(partings([(0.5, 0.4, NAN)]))
    assert not [t for t in texts(unknown) if t.get_label() == "row" and "taken" in t.get_text()]
    assert "0.991: taken" in said  # 0.99 against a chance of 0.98 would be a riddle
    mapping = [{**row, "time": "July 2022"} for row in partings(NUMBERS)]
    assert "July 2022" in words(plots.first_difference(mapping))
    many = plots.first_difference(partings([(0.3, 0.6, 0.5)] * 23))
    assert "and 3 more replications" in words(many)


def test_a_wide_range_of_numbers_gets_a_log_scale() -> None:
    assert Line.of([1.0, 7.0, 30.0], 3.0).log
    assert Line.of([1.0, math.sqrt(100), 100.0], 3.0).at(10.0) == pytest.approx(1.5)
    assert not Line.of([0.0, 7.0, 300.0], 3.0).log
    assert "logarithmic" in words(lines(swept([1, 10, 100])))


def test_names_are_not_joined_by_lines() -> None:
    figure = lines(swept(DOCTRINES))
    panels = [axes for axes in figure.axes if axes.get_label() == "sweep"]
    assert all(len(np.unique(line.get_ydata())) == 1 for axes in panels for line in axes.lines)


def test_map_rises_for_numbers_and_falls_for_names() -> None:
    def names(figure: Figure) -> list[str]:
        found = [
            t
            for t in texts(figure)
            if t.get_label() == "tick" and t.get_horizontalalignment() == "right"
        ]
        return [t.get_text() for t in sorted(found, key=lambda t: -t.get_position()[1])]

    assert names(heat(mapped([1], [30, 60, 90]))) == ["90", "60", "30"]
    assert names(heat(mapped([1], ["a", "c", "b"]))) == ["a", "c", "b"]


def test_map_numbers_its_cells_while_they_are_few() -> None:
    assert len(boxes(heat(mapped(range(10), range(10))), "cell")) == 99
    assert boxes(heat(mapped(range(11), range(10))), "cell") == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (12.4, "+12"), (-9.96, "−10"), (3.0, "+3"), (-0.42, "−0.4"), (0.004, "+0.004")],
)
def test_differences_are_written_with_their_sign(value: float, text: str) -> None:
    assert signed_text(value) == text


@pytest.mark.parametrize(
    ("three", "texts"),
    [
        ((14.2, 9.1, 19.3), ("+14", "(+9 to +19)")),
        ((-0.4, -1.0, 0.2), ("−0.4", "(−1.0 to +0.2)")),
        ((0.3, -6.0, 6.6), ("+0.3", "(−6 to +7)")),
        ((0.0, -0.02, 0.02), ("0", "(−0.02 to +0.02)")),
        ((3.25, NAN, NAN), ("+3.2", "")),
    ],
)
def test_intervals_are_written_as_precisely_as_they_are(
    three: tuple[float, float, float], texts: tuple[str, str]
) -> None:
    assert with_interval(*three) == texts


@settings(max_examples=200, derandomize=True)
@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(3, 9))
def test_ticks_are_few_and_cover(low: float, wide: float, most: int) -> None:
    ticks = round_ticks(low, low + wide, most)
    assert 2 <= len(ticks) <= most
    slack = 1e-6 * max(abs(low), wide, 1e-9)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + wide - slack


# --- edges: warnings are errors ---------------------------------------------------------------

EMPTY: list[tuple[Callable[[], Figure], str]] = [
    (lambda: plots.difference(differences().head(0)), "No difference"),
    (lambda: plots.difference(pl.DataFrame({"time": [], "state": []})), "No difference"),
    (lambda: plots.rasters([], weekly()), "No replications"),
    (lambda: plots.rasters([("a", np.zeros((0, 2), np.int8))], weekly(2)), "No replications"),
    (lambda: plots.but_for(events([]), title=LONG), "no event"),
    (lambda: plots.contrasts(paired([])), "No contrasts"),
    (lambda: lines(swept([])), "No estimates over"),
    (lambda: lines(swept([1.0]).with_columns(estimate=NAN)), "No estimates over"),
    (lambda: heat(mapped([], [])), "No estimates over"),
    (lambda: plots.first_difference([]), "do not differ"),
]


@pytest.mark.parametrize(("make", "said"), EMPTY)
def test_nothing_is_said_in_a_sentence(make: Callable[[], Figure], said: str) -> None:
    figure = make()
    assert said in words(figure)
    assert said in str(figure.get_label())
    assert figure.axes == []
    assert_clear(figure)


@pytest.mark.slow
def test_small_and_broken_inputs_draw(tmp_path: Path) -> None:
    base, other = worlds(1, 2)
    unknown = {"low": NAN, "high": NAN}
    half = differences(9).with_columns(
        low=pl.when(pl.col("time") > START + timedelta(days=20)).then("low")
    )
    pairs = [("a" * 300, base), ("b", other)]
    figures = [
        plots.difference(differences(2), title=LONG, base=LONG, other="$b_1$"),
        plots.difference(differences(1), since=START, as_of=START),
        plots.difference(differences(1).with_columns(**{k: pl.lit(NAN) for k in unknown})),
        plots.difference(half),
        plots.difference(half.with_columns(difference=pl.lit(None, pl.Float64))),
        plots.rasters(pairs, weekly(2), title=LONG, since=NEW_DELHI, as_of=GENEVA),
        plots.rasters(pairs[:1], weekly(2), since=START),
        plots.rasters([("a", base[:, :1]), ("b", other[:, :1])], weekly(1)),
        plots.but_for(events([0.5]), title=LONG, outcome=LONG),
        plots.but_for(events([NAN, 0.2, 0.1]).with_columns(low=NAN, high=NAN)),
        plots.contrasts(paired([(0.0, 0.0)]), title=LONG, base=LONG),
        plots.contrasts(paired([(NAN, NAN)])),
        plots.contrasts(paired([(3.0, 1.0)]).with_columns(unit=pl.lit("$events_ $ a year"))),
        lines(swept([1.0]), title=LONG),
        lines(swept([1.0, 2.0, 3.0]).with_columns(low=pl.lit(None, pl.Float64))),
        lines(swept([1, 2, 3]).with_columns(low=pl.when(pl.col("x") != 2).then("low"))),
        lines(swept(["one"], OUTCOMES[:1]).with_columns(high=NAN)),
        lines(swept([f"doctrine {n}" for n in range(30)])),
        heat(mapped([1.0], [1.0]), title=LONG),
        heat(mapped(["a" * 90, "b"], ["c" * 90])),
        heat(mapped([1, 2], [3, 4]).with_columns(estimate=0.5)),
        heat(mapped([1, 2], [3, 4]).head(3)),
        plots.first_difference(partings([(NAN, 0.5, NAN)]), title=LONG),
        plots.first_difference(partings([(0.0, 1.0, 0.0)]), base=LONG),
    ]
    for figure in figures:
        assert_clear(figure)
    assert plots.save(figures[0], tmp_path / "a.pdf").stat().st_size > 1000


def test_wrong_input_is_refused() -> None:
    base, other = worlds(3, 4)
    with pytest.raises(ValueError, match="unknown channel state 'shut'"):
        plots.difference(differences(4).with_columns(state=pl.lit("shut")))
    with pytest.raises(ValueError, match="expected"):
        plots.rasters([("a", base), ("b", other[:2])], weekly(4))
    with pytest.raises(ValueError, match="expected"):
        plots.rasters([("a", base)], weekly(3))
    with pytest.raises(ValueError, match="state codes"):
        plots.rasters([("a", base + np.int8(4))], weekly(4))
    with pytest.raises(ValueError, match="at most 4"):
        plots.rasters([("a", base)] * 5, weekly(4))
    with pytest.raises(ValueError, match="max_rows"):
        plots.rasters([("a", base)], weekly(4), max_rows=0)
    with pytest.raises(ValueError, match="at least 3"):
        round_ticks(0, 1.5e3, 1)


def test_states_of_the_display_are_all_drawn() -> None:
    drawn = [axes for axes in plots.difference(differences()).axes if axes.get_label() == "ends"]
    names = [axes.texts[0].get_text() for axes in drawn]
    assert names == [plots.STATE_LABELS[state] for state in STATES]


# ---------------------------------------------------------------------------------- attention

ROWS = [
    {"after": "After: escalation", "asks": f"cancel {n}", "m": 2.0, "tau_days": 1.0, "routine": 0.5}
    for n in range(5)
]


def test_attention_draws_a_panel_a_row_from_its_peak_down_to_the_routine() -> None:
    figure = plots.attention(ROWS, horizon_days=10, title="What events bring up")
    panels = [axes for axes in figure.axes if axes.get_label() == "burst"]
    assert len(panels) == 5
    (line,) = (x for x in panels[0].lines if len(x.get_xdata()) > 2)
    days, height = (np.asarray(data) for data in line.get_data())
    assert (days[0], days[-1]) == (0.0, 10.0)
    assert height[0] == pytest.approx(2.5)
    assert height[-1] == pytest.approx(0.5 + 2 * np.exp(-10))
    assert "cancel 4: 2 more, after 1 days on average" in str(figure.get_label())


def test_attention_of_nothing_is_said_and_a_span_of_nothing_refused() -> None:
    assert "No event brings up a question here." in str(plots.attention([]).get_label())
    with pytest.raises(ValueError, match="horizon_days must be positive"):
        plots.attention(ROWS, horizon_days=0)


def test_attention_rows_are_those_of_the_scenario() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "levels.yaml")
    rows = attention_rows(scenario, "usa-rus/ministers")
    told = {(row["after"], row["asks"]) for row in rows}
    assert ("After: escalation", "cut, the other side") in told
    assert ("Higher level: meeting held or call held", "call, both sides") in told
    assert attention_rows(scenario.model_copy(update={"attention": {}}), "usa-rus/ministers") == []
