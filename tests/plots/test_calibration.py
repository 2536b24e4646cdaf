"""The calibration of several forecasters: dots where the numbers put them, bars as high as many."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim import plots

DOTS = [plots.Dot(0.1, 0.2, 0.14, 0.3, 40), plots.Dot(0.8, 0.9, 0.85, 0.6, 10)]
TWO = [
    plots.Calibrated("Monday", "12 students", DOTS),
    plots.Calibrated("A class of a name that is longer than its panel is wide", "5 students", []),
]


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_label() == "calibration"]


def test_dots_and_bars_are_where_the_numbers_say() -> None:
    figure = plots.calibration(TWO, title="Two classes")
    full, empty = panels(figure)
    drawn = [tuple(map(float, xy)) for line in full.lines for xy in line.get_xydata()]  # type: ignore[union-attr]
    assert {(d.said, d.came) for d in DOTS} <= {*drawn}
    bars = [patch for patch in full.patches if patch.get_height() < 1]  # type: ignore[attr-defined]
    high = [bar.get_height() for bar in bars]  # type: ignore[attr-defined]
    assert high[0] == pytest.approx(4 * high[1])
    assert [0.1 < bar.get_x() + bar.get_width() / 2 < 0.2 for bar in bars] == [True, False]  # type: ignore[attr-defined]
    assert len(empty.patches) == 0
    said = figure.get_label()
    assert "Monday: 14% said, 30% came, of 40, 85% said, 60% came, of 10" in said
    assert "nothing to show" in said


def test_a_name_stays_in_its_panel_and_a_phone_has_one_panel_a_row() -> None:
    names = [t.get_text() for t in plots.calibration(TWO).texts if t.get_label() == "panel"]
    assert names[0] == "Monday"
    assert names[1].endswith("…")
    wide = panels(plots.calibration(TWO))
    with plots.for_phones():
        narrow = panels(plots.calibration(TWO))
    tops = [[axes.get_position().y1 for axes in some] for some in (wide, narrow)]
    assert tops[0][0] == tops[0][1]
    assert tops[1][0] > tops[1][1]


def test_nothing_to_show_is_said() -> None:
    assert "No calibration" in "".join(t.get_text() for t in plots.calibration(TWO[1:]).texts)


ROWS = [
    plots.Scored("Monday", 0.61, 0.5, 0.7),
    plots.Scored("A class of a name that is longer than its place is wide here", 0.4, 0.3, 0.55),
    plots.Scored("The simulator", 0.9),
]


def test_scores_have_their_intervals_and_rivals_none() -> None:
    figure = plots.class_scores(ROWS)
    axes = next(axes for axes in figure.axes if axes.get_label() == "scores")
    spans = {tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2}  # type: ignore[arg-type]
    assert spans == {(0.5, 0.7), (0.3, 0.55)}
    dots = [line for line in axes.lines if len(line.get_xdata()) == 1]  # type: ignore[arg-type]
    assert [float(line.get_xdata()[0]) for line in dots] == [0.61, 0.4, 0.9]  # type: ignore[index]
    assert [line.get_markerfacecolor() == "#ffffff" for line in dots] == [False, False, True]
    assert axes.get_xlim()[0] == 0
    assert "Monday: 0.61, from 0.50 to 0.70; " in figure.get_label()
