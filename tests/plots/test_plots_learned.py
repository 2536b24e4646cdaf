"""The figures of a fit: nothing collides, order is kept, equal input gives equal bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from test_plots_more import OUTCOMES, assert_clear, texts

from sim import plots

NUMBER = st.floats(-1e4, 1e4, allow_nan=False)


def rows(values: list[tuple[float, float, float]]) -> pl.DataFrame:
    """Numbers of two units; of some there is no first law or no mark."""
    made = [
        {
            "panel": ("events", "share of $days_x$")[n % 2],
            "label": OUTCOMES[n % 4],
            "low_1": first - 1.0 if n % 3 else math.nan,
            "middle_1": first,
            "high_1": first + 2.0 if n % 3 else math.nan,
            "low_2": second - 0.5,
            "middle_2": second,
            "high_2": second + 0.5,
            "mark": mark if n % 4 else math.nan,
        }
        for n, (first, second, mark) in enumerate(values)
    ]
    return pl.DataFrame(made)


def laws(values: list[tuple[float, float, float]]) -> Figure:
    return plots.laws(rows(values), names=("before $x_1$", "after", "the record"), title="L & L")


def scored(values: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "group": f"{n // 3} months",
            "forecaster": ("the fitted weights", "persistence", OUTCOMES[1])[n % 3],
            "score": x,
            "model": n % 3 == 0,
        }
        for n, x in enumerate(values)
    )


def test_figures_are_clear() -> None:
    for figure in every_figure().values():
        assert_clear(figure)


def moved(ends: Sequence[tuple[float, float]]) -> Figure:
    """Numbers with names of any length, which move an outcome to either side or to one."""
    words = [OUTCOMES[n % 4] if n % 3 else f"weight {n} of $x_1$ on call" for n in range(len(ends))]
    frame = pl.DataFrame(
        {
            "words": words,
            "low": -4.05127,
            "high": 0.0357143,
            "at_low": [low for low, _ in ends],
            "at_high": [high for _, high in ends],
        }
    )
    return plots.tornado(frame, base=0.3, outcome="Open at $some_time$", title="T")


def every_figure() -> dict[str, Figure]:
    """Those of screenings, hindcasts and fits, as large as they come."""
    two = [(0.16, 0.44), (0.48, 0.2), (0.29, 0.2), (0.3, 0.33)]
    names = ["two rates and the lapse rule", "the simulator", "the doctrines' own weights"]
    rivals = [
        {"group": f"{n} months ahead", "forecaster": name, "score": -0.7 - n / 9}
        | {"model": name == "the simulator"}
        for n in (1, 12)
        for name in names
    ]
    return {
        "tornado": moved(two),
        "laws": laws([(1.0, 2.0, 3.0), (0.1, 0.2, 0.9), (5.0, 4.0, 1.0), (0.4, 0.4, 0.4)]),
        "evenness": plots.evenness([0.1, 0.5, 0.51, 0.9], title="E", note="n", axis="share"),
        "scores": plots.scores(scored([-0.1, -3.9, -1.0, -0.2, -0.4, -0.5]), title="S", note="n"),
        "scores of rivals": plots.scores(pl.DataFrame(rivals), title="S"),
        "reliability": reliable(8),
    }


def reliable(panels: int, came: Sequence[float] = (0.0, 1.0, 0.0, 1.0)) -> Figure:
    said = [0.1, 0.4, 0.6, 0.9]
    rows = [
        {"panel": f"contact, {n} months ahead", "said": p, "came": y, "recalibrated": r}
        | {"low": max(0.0, p - 0.2), "high": min(1.0, p + 0.3)}
        for n in range(1, panels + 1)
        for p, y, r in zip(said, came, (0.0, 0.5, 0.5, 1.0), strict=True)
    ]
    return plots.reliability(pl.DataFrame(rows), title="R", note="n")


@pytest.mark.parametrize("panels", [1, 4, 8])
def test_panels_of_reliability_are_clear(panels: int) -> None:
    figure = reliable(panels)
    assert_clear(figure)
    shown = [a for a in figure.axes if a.get_label() == "reliability"]
    assert len(shown) == panels
    curve = max(shown[0].lines, key=lambda line: line.get_linewidth())
    assert [*map(float, curve.get_xdata())] == [0.1, 0.4, 0.6, 0.9]
    assert [*map(float, curve.get_ydata())] == [0.0, 0.5, 0.5, 1.0]
    assert "said 0.50 on average, came in 0.50" in str(figure.get_label())
    assert "came in 0.25" in str(reliable(1, (0.0, 1.0, 0.0, 0.0)).get_label())  # the control


def test_control_a_moved_label_is_caught() -> None:
    figure = plots.scores(scored([-0.1, -3.9, -1.0]))
    first, second = texts(figure)[-2:]
    second.set_position(first.get_position())
    second.set_horizontalalignment(first.get_horizontalalignment())
    with pytest.raises(AssertionError):
        assert_clear(figure)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=1, max_size=9))
def test_laws_are_clear_for_any_numbers(values: list[tuple[float, float, float]]) -> None:
    assert_clear(laws(values))


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(st.floats(-50, 0), min_size=1, max_size=9))
def test_scores_are_clear_for_any_numbers(values: list[float]) -> None:
    assert_clear(plots.scores(scored(values), title="S"))


@pytest.mark.parametrize("names", [("before", "after"), ("before", "after", "the record")])
def test_the_key_of_laws_names_each_sign(names: tuple[str, ...]) -> None:
    figure = plots.laws(rows([(1.0, 2.0, 3.0)]), names=names)  # a row without a mark
    assert {"before", "after"} <= {t.get_text() for t in texts(figure)}
    assert all(t.get_text() for t in texts(figure))
    assert ("the record" in {t.get_text() for t in texts(figure)}) == (len(names) == 3)
    assert "nan" not in plots.svg(figure)


def test_nothing_to_show_is_said() -> None:
    said = [
        plots.laws(pl.DataFrame(), names=("a", "b", "c")),
        plots.evenness([]),
        plots.scores(pl.DataFrame()),
        plots.reliability(pl.DataFrame()),
    ]
    for figure in said:
        assert any(" to show" in text.get_text() for text in texts(figure))


def test_the_dots_stand_where_the_scores_are() -> None:
    figure = plots.scores(scored([-0.5, -2.0, -1.0]))
    (axes,) = (a for a in figure.axes if a.get_label() == "scores")
    assert [float(line.get_xdata()[0]) for line in axes.lines] == [-0.5, -2.0, -1.0]
    assert [line.get_markerfacecolor() == line.get_markeredgecolor() for line in axes.lines] == [
        True,
        False,
        False,
    ]


def test_numbers_without_a_title_are_described_by_their_note() -> None:
    assert plots.evenness([0.5], note="Of one law.").get_label() == "Of one law."
    assert plots.evenness([0.5], title="T", note="N.").get_label() == "T. N."


def test_steps_reach_from_nought_to_one() -> None:
    figure = plots.evenness([0.25, 0.75])
    (axes,) = (a for a in figure.axes if a.get_label() == "evenness")
    steps = max(axes.lines, key=lambda line: len(np.unique(line.get_ydata())))
    assert [*map(float, steps.get_ydata())] == [0.0, 0.5, 1.0, 1.0]
    assert [*map(float, steps.get_xdata())] == [0.0, 0.25, 0.75, 1.0]


def test_same_input_gives_same_bytes() -> None:
    values = [(1.0, 2.0, 3.0), (0.1, 0.2, 0.9)]
    assert plots.svg(laws(values)) == plots.svg(laws(values))
    assert plots.svg(laws(values)) != plots.svg(laws(values[::-1]))
