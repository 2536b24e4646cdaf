"""The answer to a why, as data: the but-for share of each event, and the sets that reverse it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from sim.ground.dates import parse, spoken
from sim.results.frames import html_of, schema_of, weights_columns
from sim.results.over_weights import OverWeights
from sim.scenario.outcomes import last_day
from sim.scenario.scenario import Scenario
from sim.scenario.scope import run_span
from sim.study.causes import Bounds
from sim.study.first_difference import FirstDifference
from sim.study.orders import ByOrder

if TYPE_CHECKING:
    from sim.galleries.study_gallery import WhyGallery

REVERSES = 0.5
"""The but-for share from which a set of events is said to reverse the outcome."""


@dataclass(frozen=True)
class ButFor:
    """How often an outcome would have failed without some events."""

    events: tuple[str, ...]
    label: str
    date: str
    share: float
    """Of the replications in which the outcome came about, those in which it then does not."""
    low: float
    high: float
    made: float
    """Of the replications in which it did not, the share in which it then does."""
    along: tuple[str, ...]
    """What goes with them, because it needs them."""
    again: float | None = None
    """Of all replications, those in which the party then decides the same, on that day of history
    or a later one; None where no party decided it, or for a set."""

    made_low: float = 0.0
    made_high: float = 1.0
    """The 95 % interval of `made`."""
    by_order: ByOrder | None = None
    """The share by the order of two events, where it turns on one that differs between worlds."""
    turned: bool = False
    """Whether the outcome hardly ever comes about, so that the question is what would have brought
    it about."""
    without: float = 0.0
    """Of all replications, those in which the outcome comes about without the events."""
    any_coupling: Bounds | None = None
    """What the share that answers the question can be under any coupling of chances that gives each
    of the two worlds its own share."""
    sufficient: float | None = None
    """Of the replications that lack the outcome without the events, those that have it with them;
    None where none lacks it."""
    sufficient_any_coupling: Bounds | None = None
    """What that can be under any coupling."""
    over_weights: OverWeights | None = None
    """Where the share that answers the question lies with other weights; None where no weights were
    drawn, and for a set."""

    @property
    def certain(self) -> bool:
        """Whether the interval, too, lies above what counts as a reversal."""
        return (self.made_low if self.turned else self.low) >= REVERSES

    @property
    def weight(self) -> float:
        """The share that answers the question."""
        return self.made if self.turned else self.share


def _row(b: ButFor) -> dict[str, Any]:
    """Return a but-for share in columns: those of its own names as they are."""
    row = vars(b) | {"id": b.events[0], "date": spoken(b.date), "along": " ".join(b.along)}
    if (any_ := b.any_coupling) is not None:
        row |= {"any_low": any_.low, "any_high": any_.high, "independent": any_.independent}
    if (bounds := b.sufficient_any_coupling) is not None:
        row |= {"sufficient_low": bounds.low, "sufficient_high": bounds.high}
    return row | weights_columns(b.over_weights)


@dataclass(frozen=True)
class Why:
    """The answer to why an outcome came about."""

    scenario: Scenario = field(repr=False)
    outcome: str
    title: str
    replications: int
    seed: int
    share: float
    """The share of replications in which it comes about with history as it was."""
    events: tuple[ButFor, ...]
    reversals: tuple[ButFor, ...]
    """The smallest sets of events that reverse it, as far as these replications show; of a
    `certain` one the interval says so too. None where none of those tried does."""
    tried: int
    """How many sets were tried."""
    exact: bool
    """Whether every set up to the size of those found, or up to 3, was tried."""
    differences: tuple[FirstDifference, ...]
    turned: bool = False
    """Whether the outcome comes about in less than 5 % of replications. Then the question that has
    an answer is what would have brought it about, and events and sets are ranked by `made`."""
    over_weights: OverWeights | None = None
    """Where `share` lies with other weights; None where no weights were drawn."""
    draws: int = 0
    """Draws of the weights that were asked for."""

    @property
    def settled(self) -> bool:
        """Whether history settles the outcome: its window is over by the as-of date, and all worlds
        are alike."""
        last, start_s = last_day(self.scenario.outcomes[self.outcome]), run_span(self.scenario)[0]
        return last is not None and parse(last).hi_s <= start_s and self.share in (0.0, 1.0)

    @property
    def came(self) -> tuple[int, int]:
        """In how many worlds the outcome comes about with history as it was, and in how many it
        does not."""
        yes = round(self.share * self.replications)
        return yes, self.replications - yes

    def plain(self) -> dict[str, Any]:
        """Return the answer as plain data, for JSON."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "scenario"}
        over = None if self.over_weights is None else asdict(self.over_weights)
        parts = {
            name: [asdict(part) for part in found[name]]
            for name in ("events", "reversals", "differences")
        }
        return found | parts | {"over_weights": over}

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row an event: id, label, date, share, low, high, made, made_low, made_high, along,
        again, without, any_low, any_high, independent, sufficient, sufficient_low, sufficient_high;
        shares in [0, 1], `again` null where no party decided the event; and the range over draws of
        the weights, each column after `weights_`."""
        return pl.DataFrame([_row(b) for b in self.events], schema=schema_of("but-for.csv"))

    @property
    def values(self) -> pl.DataFrame:
        """One row an event: id, share, low, high, made; shares in [0, 1]."""
        return self.frame.select("id", "share", "low", "high", "made")

    @property
    def plot(self) -> WhyGallery:
        """The figures of the why."""
        from sim.galleries.study_gallery import WhyGallery

        rows = [d.row() for d in self.differences]
        came = self.came[1 if self.turned else 0]
        return WhyGallery(self.title, self.frame, rows, turned=self.turned, worlds=came)

    def _repr_html_(self) -> str:
        return html_of(f"Why: {self.title}", self.frame.drop("id"))
