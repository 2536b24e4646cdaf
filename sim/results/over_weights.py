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


COLUMNS = ("outcome", "replication", "draw", "rules", "dates", "value")
"""The columns of `Drawn.frame`."""


@dataclass(frozen=True)
class Drawn:
    """Worlds of a run's scenario with drawn weights, and others with drawn dates."""

    values: Floats
    """[worlds, Q] in the units of `Run.values`; not a number for a first time that never comes."""
    draw: Ints
    """[worlds] the draw that each world has."""
    draws: int
    """How many draws there are."""
    source: Source
    asked: int = 0
    """How many were asked for; a fit may have fewer."""
    rules: Ints | None = None
    """[worlds] the draw of the rules that each has; None where no rule has a range."""
    pinned: Floats | None = None
    """[P, Q] worlds at the scenario's own weights and rules with drawn dates; None where every date
    is exact."""
    dates: Ints | None = None
    """[P] the draw of the dates that each of these has."""

    @property
    def worlds(self) -> int:
        """How many worlds there are."""
        return len(self.values)

    def frame(self, outcomes: Sequence[str]) -> pl.DataFrame:
        """One row an outcome and world: outcome, replication, draw (of the weights), rules, dates,
        value, null for a first time that never comes. A world with drawn dates has no draw of the
        weights, and the other way round."""
        import polars as pl

        none = np.full(self.worlds, -1)
        parts = [(self.values, self.draw, none if self.rules is None else self.rules, none)]
        if self.pinned is not None and self.dates is not None:
            none = np.full(len(self.pinned), -1)
            parts.append((self.pinned, none, none, self.dates))
        found = []
        for values, *levels in parts:
            columns = zip(COLUMNS[2:5], levels, strict=True)
            found.append(
                pl.DataFrame(
                    {
                        "outcome": pl.Series(np.repeat(outcomes, len(values)), dtype=pl.String),
                        "replication": np.tile(np.arange(len(values)), len(outcomes)),
                        **{name: np.tile(level, len(outcomes)) for name, level in columns},
                        "value": pl.Series(values.T.ravel(), dtype=pl.Float64).fill_nan(None),
                    }
                )
            )
        return pl.concat(found).with_columns(pl.col(COLUMNS[2:5]).replace(-1, None))


def read_drawn(
    frame: pl.DataFrame, outcomes: Sequence[str], draws: int, source: Source, asked: int
) -> Drawn | None:
    """Return the worlds of a frame that `Drawn.frame` gave; None where it is none of these."""
    import polars as pl

    types = (pl.String, pl.Int64, pl.Int64, pl.Int64, pl.Int64, pl.Float64)
    if dict(frame.schema) != dict(zip(COLUMNS, types, strict=True)) or not outcomes:
        return None
    of_dates = pl.col("dates").is_not_null()
    parts = []
    for part in (frame.filter(~of_dates), frame.filter(of_dates)):
        each = len(part) // len(outcomes)
        if part["outcome"].to_list() != [name for name in outcomes for _ in range(each)]:
            return None
        values = part["value"].fill_null(np.nan).to_numpy().reshape(len(outcomes), each).T
        parts.append((values, part.head(each)))
    (values, first), (pinned, dated) = parts
    draw, dates = first["draw"], dated["dates"] if len(dated) else None
    if not len(draw) or draw.null_count() or not draw.is_between(0, draws - 1).all():
        return None
    rules = None if first["rules"].null_count() else first["rules"].to_numpy()
    more = (rules, None if dates is None else pinned, None if dates is None else dates.to_numpy())
    return Drawn(values, draw.to_numpy(), draws, source, asked, *more)


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
