"""Figures for phones: as narrow as a phone, letters as large, and nothing collides."""

from __future__ import annotations

import numpy as np
import pytest
import test_plots
import test_plots_more

from sim import plots

ALWAYS_WIDE = {"transitions"}
"""On a phone a table stands for it."""


@pytest.mark.slow
def test_every_figure_is_drawn_for_a_phone() -> None:
    """Those of comparisons are as narrow in `test_paper`, in letters that are wider."""
    with plots.for_phones():
        small = test_plots.every_figure()
    for name, figure in small.items():
        if name in ALWAYS_WIDE:
            continue
        assert figure.get_size_inches()[0] == pytest.approx(3.5), name
        test_plots_more.assert_clear(figure, name)
        sizes = {text.get_fontsize() for text in test_plots_more.texts(figure)}
        assert min(sizes) >= 5.0, name


def test_control_a_wide_figure_squeezed_into_a_phone_is_seen() -> None:
    figure = test_plots.every_figure()["waiting"]
    figure.set_size_inches(3.5, figure.get_size_inches()[1])
    with pytest.raises(AssertionError):
        test_plots_more.assert_clear(figure)


def test_what_comes_after_the_block_is_wide_again() -> None:
    with plots.for_phones():
        pass
    wide = plots.waiting(np.array([1.0, 2.0]), 3.0, target="open")
    assert wide.get_size_inches()[0] == pytest.approx(9.6)
