"""The figure of codings beside each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim import plots
from sim.plots.style import styled

START = datetime(2022, 1, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def bands(*rows: tuple[str, str, str | None, float, float]) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "coding": pl.String,
        "viewpoint": pl.String,
        "state": pl.String,
        "start": TIME,
        "end": TIME,
        "lapse": pl.Boolean,
    }
    told = [(c, v, s, at(a), at(b), s == "cut_off") for c, v, s, a, b in rows]
    return pl.DataFrame(told, schema=schema, orient="row")


def differing(*rows: tuple[str, float, float, bool]) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "viewpoint": pl.String,
        "start": TIME,
        "end": TIME,
        "known": pl.Boolean,
    }
    told = [(v, at(a), at(b), known) for v, a, b, known in rows]
    return pl.DataFrame(told, schema=schema, orient="row")


VIEWS = ("observer", "RUS")
TWO = bands(
    *((name, v, "open", 0, day) for v in VIEWS for name, day in (("first", 30), ("second", 50))),
    *(
        (name, v, "cut_off", day, 99)
        for v in VIEWS
        for name, day in (("first", 30), ("second", 50))
    ),
)
APART = differing(("observer", 30, 50, True), ("RUS", 30, 50, True), ("RUS", 60, 61, False))


def marks(figure: Figure) -> list[tuple[float, str]]:
    """The marks under the lanes: how many days each is wide, and its colour."""
    return [
        (round(p.get_width(), 2), str(p.get_facecolor()))  # type: ignore[attr-defined]
        for axes in figure.axes
        if axes.get_label() == "lanes"
        for p in axes.patches
        if p.get_label() == "differ"
    ]


def words(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def test_each_viewpoint_has_a_lane_a_coding_and_the_days_that_differ() -> None:
    figure = plots.codings(TWO, APART, "usa-rus/ministers")
    lanes = [axes for axes in figure.axes if axes.get_label() == "lanes"]
    assert [sum(p.get_label() == "band" for p in axes.patches) for axes in lanes] == [4, 4]
    known, other, single = marks(figure)
    assert known == other
    assert known[0] == 20
    assert single[1] != known[1]  # one does not know the state
    said = words(figure)
    assert said.count("first") == said.count("second") == 2
    assert {"As the observer sees it", "As RUS sees it", "not all know the state"} <= {*said}
    assert "first, second" in str(figure.get_label())


def test_where_nothing_differs_nothing_is_marked() -> None:
    figure = plots.codings(TWO, differing(), "A channel")
    assert marks(figure) == []
    assert "not all know the state" not in words(figure)


def test_a_day_is_wide_enough_to_be_seen() -> None:
    years = bands(
        *(
            (n, "observer", s, a, b)
            for n in "ab"
            for s, a, b in (("open", 0, 2000), ("cut_off", 2000, 4000))
        )
    )
    ((wide, _),) = marks(plots.codings(years, differing(("observer", 3999, 4000, True))))
    assert wide > 5


def test_the_figure_begins_shortly_before_the_first_change() -> None:
    early = bands(*((n, "observer", "open", a, b) for n in "ab" for a, b in ((0, 100), (900, 999))))
    (lanes,) = (a for a in plots.codings(early, differing()).axes if a.get_label() == "lanes")
    assert sum(p.get_label() == "band" for p in lanes.patches) == 2  # and not years of nothing


def test_labels_do_not_meet() -> None:
    many = pl.concat(
        [
            TWO.with_columns(pl.lit(f"a coding of quite a long name, {n}").alias("coding"))
            for n in range(5)
        ]
    ).unique(("coding", "viewpoint", "start"), maintain_order=True)
    for figure in (plots.codings(TWO, APART, "x" * 80), plots.codings(many, APART)):
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        with styled():
            boxes = [t.get_window_extent(renderer) for t in figure.findobj(Text) if t.get_text()]
        page = figure.bbox
        assert all(b.x0 >= 0 and b.x1 <= page.x1 and b.y0 >= 0 and b.y1 <= page.y1 for b in boxes)
        assert not any(
            a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[:n] if a.width and b.width
        )


def test_edges() -> None:
    unknown = bands(("a", "observer", None, 0, 9), ("b", "observer", "open", 0, 9))
    figure = plots.codings(unknown, differing(("observer", 0, 9, False)))
    assert plots.svg(figure)
    hatched = [p for axes in figure.axes for p in axes.patches if p.get_label() == "not-known"]
    assert len(hatched) == 1
    assert words(figure).count("not known") == 2  # in the key and on the lane
    assert "not known" not in words(plots.codings(TWO, APART))  # the control
    assert plots.svg(plots.codings(bands(), differing()))
    with pytest.raises(ValueError, match="unknown channel state"):
        plots.codings(bands(("a", "observer", "shut", 0, 9)), differing())
