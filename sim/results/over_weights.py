"""The range of an answer over draws of the weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.ground.intervals import Z95
from sim.learning.between import between
from sim.model.compiled_scenario import Floats, Ints
from sim.model.fit_draw import Source

if TYPE_CHECKING:
    import polars as pl

NINE_OF_TEN = (0.05, 0.95)
"""The quantiles between which nine of ten draws lie."""


@dataclass(frozen=True)
class Drawn:
    """Worlds of a run's scenario with drawn weights."""

    values: Floats
    """[worlds, Q] in the units of `Run.values`; not a number for a first time that never comes."""
    draw: Ints
    """[worlds] the draw that each world has."""
    draws: int
    """How many draws there are."""
    source: Source
    asked: int = 0
    """How many were asked for; a fit may have fewer."""

    @property
    def worlds(self) -> int:
        """How many worlds there are."""
        return len(self.values)

    def frame(self, outcomes: Sequence[str]) -> pl.DataFrame:
        """One row an outcome and world: outcome, replication, draw, value, null for a first time
        that never comes."""
        import polars as pl

        names = [name for name in outcomes for _ in range(self.worlds)]
        return pl.DataFrame(
            {
                "outcome": pl.Series(names, dtype=pl.String),
                "replication": np.tile(np.arange(self.worlds), len(outcomes)),
                "draw": np.tile(self.draw, len(outcomes)),
                "value": pl.Series(self.values.T.ravel()).fill_nan(None),
            }
        )


def read_values(frame: pl.DataFrame, outcomes: Sequence[str], worlds: int) -> Floats | None:
    """Return the values, [worlds, Q], of a frame that `Drawn.frame` gave; None where it is none of
    these outcomes and worlds."""
    if frame.columns != ["outcome", "replication", "draw", "value"]:
        return None
    names = [name for name in outcomes for _ in range(worlds)]
    if frame["outcome"].to_list() != names or not frame["value"].dtype.is_float():
        return None
    values: Floats = frame["value"].fill_null(np.nan).to_numpy().reshape(len(outcomes), worlds)
    return values.T


@dataclass(frozen=True)
class OverWeights:
    """Where an answer lies with other weights; the noise of few worlds a draw is taken out. In the
    unit of the answer."""

    low: float
    """One draw in twenty lies below it."""
    high: float
    """One draw in twenty lies above it."""
    mean: float
    """Over draws. It differs from the answer at the doctrines' own weights where doubt about the
    weights makes a thing likelier or less likely."""
    spread: float
    """The standard deviation over draws."""
    draws: int
    """Draws that were met."""
    source: Source
    """`fit`, or `priors` of the doctrines."""


@dataclass(frozen=True)
class OverChange(OverWeights):
    """Where a change lies with other weights."""

    same_sign: int | None
    """Draws in which it has the sign that it has at the doctrines' own weights; None where it has
    none there, or where all that differs between draws may be the noise of few worlds."""


def over_weights(values: Floats, draw: Ints, source: Source) -> OverWeights | None:
    """Return the range of an answer whose value in each world is `values` [N], with the draw `draw`
    [N] of the weights; None where it cannot be told, since no draw has two worlds."""
    found = _shrunk(values, draw)
    return None if found is None else OverWeights(*_range(found), source)


def over_change(values: Floats, draw: Ints, source: Source, change: float) -> OverChange | None:
    """Return the range of a change that is `change` at the doctrines' own weights and `values` [N]
    in worlds with the draw `draw` [N]; None where it cannot be told."""
    found = _shrunk(values, draw)
    if found is None:
        return None
    same = int((np.sign(found) == np.sign(change)).sum())
    error = Z95 * float(values.std()) / len(values) ** 0.5
    told = change != 0.0 and (float(np.ptp(found)) > 0.0 or abs(float(found.mean())) > error)
    return OverChange(*_range(found), source, same if told else None)


def _shrunk(values: Floats, draw: Ints) -> Floats | None:
    apart = between(values, draw) if len(values) else None
    return None if apart is None or np.isnan(apart.variance) else apart.shrunk()


def _range(found: Floats) -> tuple[float, float, float, float, int]:
    low, high = (float(x) for x in np.quantile(found, NINE_OF_TEN))
    return low, high, float(found.mean()), float(found.std()), len(found)
