"""Figures for print: of the width, the letters and the form that a manuscript asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import test_plots
import test_plots_learned
import test_plots_more
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from sim import plots
from sim.plots import Style
from sim.plots.page import as_wide
from sim.plots.style import Look, looking


def every_figure() -> dict[str, Figure]:
    parts = (test_plots, test_plots_more, test_plots_learned)
    return {name: figure for part in parts for name, figure in part.every_figure().items()}


SERIF = Look("serif", False)


def one() -> Figure:
    return plots.waiting(np.array([1.0, 2.0]), 3.0, target="open", title="How long it takes")


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in test_plots_more.texts(figure)]


@pytest.mark.slow
@pytest.mark.parametrize("width", [3.5, 6.9])  # 7 inches are no harder than 6.9
def test_every_figure_fits_its_column_in_letters_that_can_be_read(width: float) -> None:
    with looking(SERIF), as_wide(width):
        printed = every_figure()
    for name, figure in printed.items():
        assert figure.get_size_inches()[0] == pytest.approx(width), name
        test_plots_more.assert_clear(figure, name)
        texts = test_plots_more.texts(figure)
        assert min(text.get_fontsize() for text in texts) >= 7.0, name
        assert {tuple(text.get_fontfamily()) for text in texts} == {("serif",)}, name
        assert not [text for text in texts if text.get_label() == "title"], name


def test_control_a_letter_that_is_too_small_or_cut_off_is_seen() -> None:
    figure = Style(width=3.5).draw(one)
    figure.text(0.99, 0.5, "a label that leaves the page", fontsize=6.0)
    assert min(text.get_fontsize() for text in test_plots_more.texts(figure)) < 7.0
    with pytest.raises(AssertionError):
        test_plots_more.assert_clear(figure)


def test_larger_letters_enlarge_all_that_is_measured_in_points() -> None:
    usual, large = Style(width=7).draw(one), Style(width=8.75, size=10).draw(one)
    assert large.get_size_inches() == pytest.approx(1.25 * usual.get_size_inches())
    for mine, theirs in zip(large.findobj(), usual.findobj(), strict=True):
        if isinstance(mine, Text) and isinstance(theirs, Text):
            assert mine.get_fontsize() == pytest.approx(1.25 * float(theirs.get_fontsize()))
        if isinstance(mine, (Line2D, Patch, Collection)):
            was = np.asarray(getattr(theirs, "get_linewidth")())  # noqa: B009 - of either kind
            assert np.asarray(mine.get_linewidth()) == pytest.approx(1.25 * was)
    test_plots_more.assert_clear(large)


def test_without_a_title_the_description_still_has_it() -> None:
    figure = Style(title=False).draw(one)
    assert "How long it takes" not in words(figure)
    assert "How long it takes" in str(figure.get_label())
    assert "How long it takes" in words(Style().draw(one))


@pytest.mark.parametrize(
    ("style", "complaint"),
    [
        (Style(width=3), "at 8 points a figure must be 3.5 to 20 inches wide (got 3)"),
        (Style(width=3.5, size=9), "at 9 points a figure must be 3.9375 to 20 inches wide"),
        (Style(width=21), "at 8 points a figure must be 3.5 to 20 inches wide (got 21)"),
        (Style(size=7), "the size must be 8 to 14 points (got 7)"),
        (Style(size=float("nan")), "the size must be 8 to 14 points (got nan)"),
        (Style(font="No Such Font"), "there is no font “No Such Font” on this machine"),
    ],
)
def test_what_cannot_be_printed_is_refused(style: Style, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        style.draw(one)


# ---------------------------------------------------------------------------------- rcParams


@pytest.fixture
def mine() -> Iterator[None]:
    with matplotlib.rc_context(
        {
            "font.family": ["serif"],
            "font.size": 12.0,
            "savefig.dpi": 50.0,
            "figure.figsize": [8.0, 2.0],
            "axes.grid": True,
        }
    ):
        yield


@pytest.mark.usefixtures("mine")
def test_what_somebody_set_in_matplotlib_is_respected(tmp_path: Path) -> None:
    figure = Style().draw(one)
    assert figure.get_size_inches()[0] == pytest.approx(8.0)
    texts = test_plots_more.texts(figure)
    assert {tuple(text.get_fontfamily()) for text in texts} == {("serif",)}
    assert max(text.get_fontsize() for text in texts) == pytest.approx(12.0 * 12 / 8)
    plots.save(figure, tmp_path / "it.png")
    assert matplotlib.image.imread(tmp_path / "it.png").shape[1] == 400
    said = Style(width=7, font="sans-serif", size=8).draw(one)
    assert said.get_size_inches()[0] == pytest.approx(7.0)


@pytest.mark.usefixtures("mine")
def test_figures_of_pages_are_what_they_were(tmp_path: Path) -> None:
    figure = one()
    assert figure.get_size_inches()[0] == pytest.approx(9.6)
    assert {tuple(t.get_fontfamily()) for t in test_plots_more.texts(figure)} == {("DejaVu Sans",)}


def test_the_forms_have_the_same_bytes_each_time(tmp_path: Path) -> None:
    for form in ("pdf", "svg", "png"):
        paths = [
            plots.save(Style(width=3.5, font="serif").draw(one), tmp_path / f"{n}.{form}")
            for n in (1, 2)
        ]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    drawn = (tmp_path / "1.svg").read_text(encoding="utf-8")
    assert "<text" not in drawn  # letters are outlines: a manuscript has no fonts of ours
    assert b"DejaVuSerif" in (tmp_path / "1.pdf").read_bytes()
