"""The figures: nothing collides, colours stay apart, bytes stay the same, files are whole."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim import plots
from sim.ground.errors import RunError
from sim.ground.intervals import wilson_band
from sim.plots.bands import Band
from sim.plots.divergence import disagreements
from sim.plots.flags import hang
from sim.plots.lettering import day_number, span_text, width, wrap
from sim.plots.raster import order_rows
from sim.plots.ruler import DayScale, ticks
from sim.plots.scale import spread, whole_percent
from sim.plots.style import CODES, STATE_COLOURS, STATES, styled

Schema = dict[str, pl.DataType | type[pl.DataType]]
ZONE = pl.Datetime("us", "UTC")
START = datetime(2021, 11, 1, tzinfo=UTC)
END = datetime(2025, 3, 1, tzinfo=UTC)
NEW_DELHI = datetime(2023, 3, 2, tzinfo=UTC)
LABELS = (
    "Talks in Geneva",
    "Call on detainees, at Washington's request and after a long silence",
    "Ten minutes at the G20, New Delhi",
    "Sanctions worth $300 m_frozen_ and $5",
    "Вызов посла · 外交",
    "Invasion",
)


def intervals(
    channel: str = "usa-rus/ministers",
    parties: Sequence[str] = ("USA", "RUS"),
    start: datetime = START,
    end: datetime = END,
    states: Sequence[str | None] = (
        "open",
        "cut_off",
        "prisoner_only",
        "cut_off",
        "corridor",
        "open",
    ),
) -> pl.DataFrame:
    rows = []
    for n, viewpoint in enumerate(["observer", *parties]):
        own = [state for state in states if not (n == 2 and state == "corridor")]
        step = (end - start) / len(own)
        for i, state in enumerate(own):
            edge = (start + i * step, end if i == len(own) - 1 else start + (i + 1) * step)
            lapse = i == 3
            rows.append((channel, viewpoint, state, *edge, None if lapse else f"e{i}", lapse))
    names = ["channel", "viewpoint", "state", "start", "end", "event", "lapse"]
    types: Schema = {
        "start": ZONE,
        "end": ZONE,
        "event": pl.String,
    }
    return pl.DataFrame(rows, names, schema_overrides=types, orient="row")


def marks(
    days: Iterable[float], channel: str = "usa-rus/ministers", really_from: float = 1e9
) -> pl.DataFrame:
    rows = []
    for i, day in enumerate(days):
        at = START + timedelta(days=float(day))
        wide = timedelta(days=15 if i % 4 == 1 else 0)
        label = LABELS[i % len(LABELS)]
        really = float(day) >= really_from
        rows.append(
            (channel, at, at - wide, at + wide, f"e{i:03}", "call_held", label, None, really)
        )
    schema: Schema = {
        "channel": pl.String,
        "time": ZONE,
        "lo": ZONE,
        "hi": ZONE,
        "id": pl.String,
        "kind": pl.String,
        "label": pl.String,
        "by": pl.String,
        "really": pl.Boolean,
    }
    return pl.DataFrame(rows, schema, orient="row")


def forecast(replications: int = 60, weeks: int = 80) -> tuple[np.ndarray, list[datetime]]:
    draws = np.random.default_rng(7)
    codes = np.ones((replications, weeks), dtype=np.int8)
    for week in range(1, weeks):
        moved = draws.random(replications) < 0.06
        codes[:, week] = np.where(moved, draws.integers(0, 4, replications), codes[:, week - 1])
    return codes, [NEW_DELHI + timedelta(days=7 * week) for week in range(weeks)]


def shares_of(codes: np.ndarray, times: list[datetime], viewpoint: str) -> pl.DataFrame:
    rows = [
        (time, viewpoint, state, float((codes[:, i] == code).mean()))
        for i, time in enumerate(times)
        for code, state in enumerate(CODES)
    ]
    schema: Schema = {
        "time": ZONE,
        "viewpoint": pl.String,
        "state": pl.String,
        "share": pl.Float64,
    }
    return pl.DataFrame(rows, schema, orient="row")


def flows(pairs: Iterable[tuple[str, str]], rate: float = 0.7) -> pl.DataFrame:
    rows = [(a, b, 1.0, rate * (1 + n)) for n, (a, b) in enumerate(pairs)]
    schema: Schema = {
        "source": pl.String,
        "target": pl.String,
        "count": pl.Float64,
        "rate_per_year": pl.Float64,
    }
    return pl.DataFrame(rows, schema, orient="row")


EXPOSURE = pl.DataFrame({"state": list(STATES), "years": [0.5, 0.9, 0.03, 1.4]})
AGREEMENT = pl.DataFrame(
    [("usa-rus/ministers", "USA", "RUS", 0.23)],
    ["channel", "party_a", "party_b", "share"],
    orient="row",
)


def every_figure() -> dict[str, Figure]:
    codes, times = forecast()
    days = [3, 40, 41, 41, 300, 488, 700, 1200]
    past = intervals(end=NEW_DELHI)
    wait = np.array([10.0, 50, 60, 61, 200, np.nan, np.nan])
    return {
        "timeline": plots.timeline(intervals(), marks(days), title="T", as_of=NEW_DELHI),
        "numbered": plots.timeline(intervals(), marks(np.linspace(0, 1200, 60))),
        "occupancy": plots.occupancy(
            shares_of(codes, times, "observer"),
            intervals=past,
            as_of=NEW_DELHI,
            really=intervals(),
            title="O",
        ),
        "raster": plots.raster(codes, times, as_of=NEW_DELHI, title="R"),
        "transitions": plots.transitions(flows(itertools.permutations(STATES, 2)), EXPOSURE),
        "waiting": plots.waiting(wait, 400.0, target="open", as_of=NEW_DELHI, title="W"),
        "divergence": plots.divergence(intervals(), AGREEMENT, title="D", as_of=NEW_DELHI),
    }


@cache
def drawn() -> dict[str, Figure]:
    """Every figure once, for tests that only look."""
    return every_figure()


def draw(figure: Figure) -> FigureCanvasAgg:
    canvas = FigureCanvasAgg(figure)
    with styled():
        canvas.draw()  # type: ignore[no-untyped-call]
    return canvas


def boxes(figure: Figure, *labels: str, canvas: FigureCanvasAgg | None = None) -> list[Bbox]:
    """The drawn extents of the artists that bear one of the labels; `canvas` is where it is drawn,
    if it is."""
    renderer = (canvas or draw(figure)).get_renderer()  # type: ignore[no-untyped-call]
    found = [artist for artist in figure.findobj() if artist.get_label() in labels]
    with styled():
        return [artist.get_window_extent(renderer) for artist in found]


def overlaps(ones: Sequence[Bbox], others: Sequence[Bbox] | None = None) -> int:
    """Count pairs of boxes that share more than a hair's breadth."""

    def meet(a: Bbox, b: Bbox) -> bool:
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        return bool(wide > 0.5 and high > 0.5)

    pairs = itertools.combinations(ones, 2) if others is None else itertools.product(ones, others)
    return sum(meet(a, b) for a, b in pairs)


def assert_clear(figure: Figure) -> None:
    labels = boxes(figure, "mark", "key-row", canvas=(canvas := draw(figure)))
    assert overlaps(labels) == 0
    assert overlaps(labels, boxes(figure, "band", canvas=canvas)) == 0
    assert overlaps(boxes(figure, "as-of", "title", "band-name", canvas=canvas), labels) == 0
    page = figure.bbox
    assert all(b.x0 >= 0 and b.x1 <= page.x1 and b.y0 >= 0 and b.y1 <= page.y1 for b in labels)


# --- labels ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "how"),
    [
        (1, "spread"),
        (14, "at the end"),
        *((n, how) for n in (14, 60) for how in ("spread", "same day", "same week")),
    ],
)
def test_timeline_labels_are_clear(count: int, how: str) -> None:
    days = {
        "spread": np.linspace(0, 1215, count),
        "same day": np.full(count, 478.0),
        "same week": 478 + np.arange(count) % 7,
        "at the end": np.linspace(1150, 1215, count),
    }[how]
    figure = plots.timeline(intervals(), marks(days, really_from=700), as_of=NEW_DELHI)
    assert_clear(figure)
    assert len([a for a in figure.findobj() if a.get_label() == "mark"]) >= min(count, 3)


@pytest.mark.parametrize("day", [5, 30, 400, 1100, 1210])
@pytest.mark.parametrize("draw", [plots.timeline, plots.divergence])
def test_no_state_is_named_under_the_as_of_line(draw: Callable[..., Figure], day: int) -> None:
    moment = START + timedelta(days=day)
    few = intervals(states=["open", "cut_off"])
    figure = draw(few, marks([3]) if draw is plots.timeline else AGREEMENT, as_of=moment)
    lanes = next(a for a in figure.axes if any(t.get_label() == "band-name" for t in a.texts))
    x = lanes.transData.transform((day_number(moment), 0))[0]
    names = boxes(figure, "band-name")
    assert len(names) >= 4
    assert not any(box.x0 <= x <= box.x1 for box in names)


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 1215), min_size=1, max_size=45), st.integers(0, 1215))
def test_timeline_labels_are_clear_for_any_dates(days: list[int], as_of: int) -> None:
    moment = START + timedelta(days=as_of)
    assert_clear(plots.timeline(intervals(), marks(days), as_of=moment))


@pytest.mark.slow
def test_labels_of_several_channels_are_clear() -> None:
    other = intervals("chn-usa/presidents", ["USA", "CHN"])
    events = [marks([3, 500, 510, 1215]), marks(np.linspace(2, 900, 60), "chn-usa/presidents")]
    assert_clear(plots.timeline(pl.concat([intervals(), other]), pl.concat(events)))


def test_overlap_checker_catches_labels_on_one_line() -> None:
    figure = plots.timeline(intervals(), marks([3, 40, 41, 300, 488]))
    for text in figure.findobj(Text):
        if text.get_label() == "mark":
            text.set_y(0.2)
    with pytest.raises(AssertionError):
        assert_clear(figure)


def test_overlap_checker_catches_labels_on_bands() -> None:
    figure = plots.timeline(intervals(), marks([300]))
    for text in figure.findobj(Text):
        if text.get_label() == "mark":
            text.set_y(0.55)
    with pytest.raises(AssertionError):
        assert_clear(figure)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(1, 9), st.floats(0.2, 2.5), st.integers(1, 3)), min_size=1, max_size=25
    )
)
def test_flags_and_poles_never_cross(spec: list[tuple[float, float, int]]) -> None:
    spec.sort()
    poles, widths, rows = (list(part) for part in zip(*spec, strict=True))
    hung = hang(poles, widths, rows, edge=12.0)
    assert hung is not None
    for i, j in itertools.permutations(range(len(hung)), 2):
        a, b = hung[i], hung[j]
        apart = a.right < b.left or b.right < a.left
        above = a.row >= b.row + b.rows or b.row >= a.row + a.rows
        assert apart or above
        if b.left < poles[i] < b.right:  # the pole of i stands under the flag of j
            assert a.row + a.rows <= b.row


def test_flags_ask_for_room_rather_than_leave_the_page() -> None:
    assert hang([5.0, 5.5], [2.0, 2.0], [1, 1], edge=6.0) is None


def test_timeline_grows_with_its_events() -> None:
    few, many = (plots.timeline(intervals(), marks(range(n))) for n in (2, 15))
    assert many.get_size_inches()[1] > few.get_size_inches()[1] + 1


def test_later_events_are_hollow() -> None:
    def hollow(figure: Figure) -> int:
        from matplotlib.lines import Line2D

        lanes = [axes for axes in figure.axes if axes.get_label() != "key"]
        lines = [line for axes in lanes for line in axes.findobj(Line2D)]
        return sum(ln.get_marker() == "o" and ln.get_markerfacecolor() == "#ffffff" for ln in lines)

    assert hollow(plots.timeline(intervals(), marks([3, 500, 900], really_from=400))) == 2
    assert hollow(plots.timeline(intervals(), marks([3, 500, 900]))) == 0


def test_transition_labels_are_clear() -> None:
    for shares in ([0.5, 0.9, 0.03, 1.4], [0, 0, 0, 9], [1, 1, 1, 1]):
        exposure = pl.DataFrame({"state": list(STATES), "years": [float(s) for s in shares]})
        pairs = itertools.permutations(STATES, 2)
        figure = plots.transitions(flows(pairs, 11.0), exposure)
        canvas = draw(figure)
        rates = boxes(figure, "rate", canvas=canvas)
        assert len(rates) + len(boxes(figure, "name", canvas=canvas)) == 12 + 8
        assert overlaps(rates) == 0
        assert overlaps(rates, boxes(figure, "node", "name", canvas=canvas)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["occupancy", "raster", "waiting"])
def test_legends_stay_off_the_data(name: str) -> None:
    figure = drawn()[name]
    canvas = draw(figure)
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    data = [a for a in figure.axes if a.get_label() in ("fan", "raster", "curve", "really")]
    with styled():
        extents = [axes.get_window_extent(renderer) for axes in data]
    assert extents
    ends = boxes(figure, "end", canvas=canvas)
    assert overlaps(ends) == 0
    assert overlaps(ends, extents) == 0
    keys = [a.get_window_extent(renderer) for a in figure.axes if a.get_label() == "key"]
    assert overlaps(keys, extents) == 0


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=6))
def test_spread_keeps_order_and_distance(wanted: list[float]) -> None:
    places = spread(sorted(wanted), 0.5, 0.0, 10.0)
    assert all(b - a >= 0.5 - 1e-9 for a, b in itertools.pairwise(places))
    assert min(places) >= -1e-9
    assert max(places) <= 10 + 1e-9


# --- colours --------------------------------------------------------------------------------

# Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB.
SIGHT = {
    "grey print": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
LEAST_APART = 12.0


def lightness(colour: str, sight: np.ndarray) -> float:
    """CIE L* of a colour as somebody sees it."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    luminance = float(np.array([0.2126, 0.7152, 0.0722]) @ np.clip(sight @ linear, 0, 1))
    return float(116 * np.cbrt(luminance) - 16)


def nearest(colours: Iterable[str], sight: np.ndarray) -> float:
    return min(
        abs(lightness(a, sight) - lightness(b, sight))
        for a, b in itertools.combinations(colours, 2)
    )


@pytest.mark.parametrize("sight", SIGHT)
def test_states_differ_in_lightness(sight: str) -> None:
    assert nearest(STATE_COLOURS.values(), SIGHT[sight]) >= LEAST_APART


@pytest.mark.parametrize("sight", SIGHT)
def test_matplotlib_default_colours_would_fail(sight: str) -> None:
    assert nearest(["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"], SIGHT[sight]) < LEAST_APART


def test_names_cover_the_states() -> None:
    assert set(plots.STATE_COLOURS) == set(plots.STATE_LABELS) == set(plots.STATES) == set(CODES)


# --- bytes and files ------------------------------------------------------------------------


@pytest.mark.slow
def test_same_input_gives_same_bytes(tmp_path: Path) -> None:
    import matplotlib

    first = drawn()
    # Somebody's own matplotlib settings must not reach our figures.
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 9, "svg.hashsalt": "x"}):
        second = every_figure()
        for name, figure in first.items():
            one = plots.svg(figure)
            assert one == plots.svg(figure), name
            assert one == plots.svg(second[name]), name
    for ending in ("png", "pdf", "svg"):
        a = plots.save(first["timeline"], tmp_path / f"a.{ending}").read_bytes()
        b = plots.save(second["timeline"], tmp_path / f"b.{ending}").read_bytes()
        assert a == b, ending
        assert len(a) > 1000


def test_svg_is_one_well_formed_described_element() -> None:
    for name, figure in drawn().items():
        text = plots.svg(figure)
        assert text.startswith("<svg "), name
        root = ET.fromstring(text)
        assert root.get("role") == "img"
        assert root.get("aria-label") == figure.get_label() != ""
        assert root[0].tag.endswith("title")
        assert root[0].text == figure.get_label()
        assert "<style" not in text
        assert "DOCTYPE" not in text


@pytest.mark.slow
def test_svg_ids_do_not_collide_and_resolve() -> None:
    seen: dict[str, str] = {}
    for name, figure in drawn().items():
        text = plots.svg(figure)
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), name
        for one in ids:
            assert one not in seen, (name, seen.get(one))
        seen |= dict.fromkeys(ids, name)
        used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text))
        assert {a or b for a, b in used} <= set(ids), name
        assert used, name


def test_svg_ids_would_collide_without_a_prefix() -> None:
    one, other = (
        set(re.findall(r'\sid="([^"]+)"', plots.svg(figure, prefix="same")))
        for figure in list(drawn().values())[:2]
    )
    assert one & other


def test_save_refuses_other_endings(tmp_path: Path) -> None:
    figure = plots.timeline(intervals(), marks([3]))
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf"):
        plots.save(figure, tmp_path / "figure.jpg")
    assert list(tmp_path.iterdir()) == []


def test_failed_save_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "figure.svg"
    place.write_text("old")
    figure = plots.timeline(intervals(), marks([3]))

    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(RunError, match="disk full"):
        plots.save(figure, place)
    assert [path.name for path in tmp_path.iterdir()] == ["figure.svg"]
    assert place.read_text() == "old"


# --- content --------------------------------------------------------------------------------


def test_raster_has_a_block_for_each_outcome() -> None:
    codes, times = forecast(200)
    rank = np.array([STATES.index(code) for code in CODES])[codes]
    ordered = rank[order_rows(rank)]
    assert (np.diff(ordered[:, -1]) >= 0).all()
    images = [one for axes in plots.raster(codes, times, max_rows=50).axes for one in axes.images]
    assert [np.asarray(one.get_array()).shape[0] for one in images] == [50]


def test_raster_reads_codes_in_the_order_of_codes() -> None:
    figure = plots.raster(np.array([[0, 1, 2, 3]], dtype=np.int8), forecast()[1][:4])
    image = next(axes.images[0] for axes in figure.axes if axes.images)
    seen = ["#" + bytes(pixel).hex() for pixel in np.asarray(image.get_array())[0]]
    assert seen == [STATE_COLOURS[state] for state in CODES]


def test_wilson_known_answer() -> None:
    low, high = wilson_band(np.array([8.0]), 10)
    assert (low[0], high[0]) == (pytest.approx(0.4901625), pytest.approx(0.9433178))


def test_waiting_says_how_many_never_came_and_the_median() -> None:
    wait = np.array([10.0, 20, 30, np.nan])
    words = [t.get_text() for t in plots.waiting(wait, 99.0, target="open").findobj(Text)]
    assert "25 %" in words
    assert "75 %" in words
    assert any("by day 20." in word for word in words)


def test_disagreements() -> None:
    ours = [Band("open", 0, 10), Band("cut_off", 10, 20)]
    theirs = [Band("open", 0, 4), Band("corridor", 4, 7), Band("cut_off", 7, 20)]
    assert disagreements(ours, theirs) == [(4, 10)]
    assert disagreements(ours, ours) == []


@pytest.mark.parametrize(
    ("lo", "hi", "text"),
    [
        ("2023-03-02", "2023-03-02", "2 Mar 2023"),
        ("2023-03-02", "2023-03-03", "2 Mar 2023"),
        ("2022-07-01", "2022-08-01", "Jul 2022"),
        ("2022-01-01", "2023-01-01", "2022"),
        ("2022-02-21", "2022-02-25", "21–24 Feb 2022"),
        ("2022-02-21", "2022-03-02", "21 Feb – 1 Mar 2022"),
        ("2022-12-30", "2023-01-03", "30 Dec 2022 – 2 Jan 2023"),
        ("2022-04-01", "2022-07-01", "Apr–Jun 2022"),
    ],
)
def test_spans_are_written_as_people_write_them(lo: str, hi: str, text: str) -> None:
    days = [day_number(datetime.fromisoformat(day)) for day in (lo, hi)]
    assert span_text(*days) == text


@pytest.mark.parametrize(
    ("days", "expected"), [(14, "1 Nov"), (100, "1 Nov"), (1200, "Jan"), (11000, "2024")]
)
def test_ruler_names_ticks_that_have_room(days: int, expected: str) -> None:
    start = day_number(START)
    span = DayScale(start, start + days, 0.0, 8.0)
    named, _ = ticks(span)
    assert expected in [tick.name for tick in named]
    for a, b in itertools.pairwise(named):
        assert span.at(b.day) - span.at(a.day) > width(a.name, 8.0)


def test_wrapping_loses_nothing_and_fits() -> None:
    text = "a long label of many words and one extraordinarilylongunbreakableword" * 2
    lines = wrap(text, 8.0, 1.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line, 8.0) <= 1.0 for line in lines)
    cut = wrap(text, 8.0, 1.0, lines=2)
    assert len(cut) == 2
    assert cut[-1].endswith("…")


def test_percent_never_rounds_something_to_nothing() -> None:
    assert [whole_percent(s) for s in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %",
        "< 1 %",
        "50 %",
        "> 99 %",
        "100 %",
    ]


# --- edges: warnings are errors ---------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 1, 365 * 30])
def test_any_span_draws(days: int, tmp_path: Path) -> None:
    end = START + timedelta(days=days)
    one = intervals(end=end, states=["open"], parties=[])
    title = "A title with $math_{x}$ & <tags> that goes on and on, " * 6
    plots.save(plots.timeline(one, marks([0, days]), title=title), tmp_path / "a.png", dpi=50)
    assert_clear(plots.timeline(one, marks([]), title=title))


def test_small_inputs_draw(tmp_path: Path) -> None:
    codes, times = forecast(1, 2)
    none = intervals().head(0)
    figures = [
        plots.timeline(none, marks([])),
        plots.raster(codes, times),
        plots.raster(codes[:, :1], times[:1]),
        plots.raster(codes[:, [0, 1, 1]], [times[0], times[1], times[1] + timedelta(days=1)]),
        plots.occupancy(shares_of(codes, times, "observer")),
        plots.occupancy(shares_of(codes[:, :1], times[:1], "USA"), as_of=times[0]),
        plots.waiting(np.full(3, np.nan), 365.0, target="corridor"),
        plots.waiting(np.array([0.0]), 0.5, target="cut_off", as_of=NEW_DELHI),
        plots.transitions(flows([]), EXPOSURE.head(0)),
        plots.transitions(flows([("open", "cut_off")], 0.0), EXPOSURE),
        plots.divergence(none, AGREEMENT.head(0)),
        plots.divergence(none, AGREEMENT),
    ]
    for n, figure in enumerate(figures):
        plots.save(figure, tmp_path / f"{n}.png", dpi=50)


def test_wrong_input_is_refused() -> None:
    codes, times = forecast(3, 4)
    with pytest.raises(ValueError, match="unknown channel state 'shut'"):
        plots.timeline(intervals(states=["shut"]), marks([]))
    with pytest.raises(ValueError, match="expected"):
        plots.raster(codes, times[:-1])
    with pytest.raises(ValueError, match="state codes"):
        plots.raster(codes + np.int8(4), times)
    with pytest.raises(ValueError, match="horizon_days"):
        plots.waiting(np.array([1.0]), 0.0, target="open")
    with pytest.raises(ValueError, match="at least one"):
        plots.waiting(np.array([]), 9.0, target="open")


def test_notebooks_show_figures_without_pyplot() -> None:
    figure = plots.timeline(intervals(), marks([3]))
    content, size = figure._repr_png_()  # type: ignore[attr-defined]
    assert content.startswith(b"\x89PNG")
    assert size["width"] == 922
