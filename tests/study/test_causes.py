"""Bounds on necessity and sufficiency, over couplings of two worlds."""

from __future__ import annotations

import numpy as np
import pytest

from sim.study.causes import necessary, sufficient


def coupled(with_it: float, without: float, both: float) -> tuple[float, float]:
    """Return the shares of a table of two by two in which both worlds have the outcome in `both`:
    that in which it fails without the event, and that in which the event suffices."""
    return (with_it - both) / with_it, (with_it - both) / (1.0 - without)


@pytest.mark.parametrize(("with_it", "without"), [(0.6, 0.3), (0.2, 0.7), (0.9, 0.8), (0.5, 0.5)])
def test_every_coupling_lies_between_the_bounds_and_the_ends_are_reached(
    with_it: float, without: float
) -> None:
    least, most = max(0.0, with_it + without - 1.0), min(with_it, without)
    found = np.array([coupled(with_it, without, b) for b in np.linspace(least, most, 101)])
    for column, bounds in zip(
        found.T, (necessary(with_it, without), sufficient(with_it, without)), strict=True
    ):
        assert bounds.low == pytest.approx(column.min())
        assert bounds.high == pytest.approx(column.max())
    apart = coupled(with_it, without, with_it * without)
    assert necessary(with_it, without).independent == pytest.approx(apart[0])
    assert sufficient(with_it, without).independent == pytest.approx(apart[1])


def test_what_history_settles_leaves_the_coupling_nothing() -> None:
    bounds = necessary(1.0, 0.7)
    assert bounds.low == pytest.approx(bounds.high) == pytest.approx(0.3)


def test_nothing_is_known_of_worlds_that_there_are_none_of() -> None:
    assert (necessary(0.0, 0.4).low, necessary(0.0, 0.4).high) == (0.0, 1.0)
    assert (sufficient(0.4, 1.0).low, sufficient(0.4, 1.0).high) == (0.0, 1.0)
