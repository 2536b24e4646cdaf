"""The figures of comparisons, whys and sweeps, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from sim import plots
from sim.ensemble.settings import Settings
from sim.ensemble.side_by_side import Flips, side_by_side
from sim.galleries.axis_names import axis_names, own_values
from sim.galleries.names import channels_in, one_of, told_apart
from sim.ground.dates import moment
from sim.ground.intervals import Z95
from sim.log.log import STATES
from sim.model.compiled_scenario import Ints
from sim.results.frames import raster_times
from sim.results.log_frames import TIME
from sim.results.outcomes import title_of
from sim.results.result import Result
from sim.scenario.interventions import first_change
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TORNADO = 10
"""Numbers that a tornado shows at most."""
MAX_PANELS = 4
"""Scenarios whose worlds are drawn side by side, the base among them."""


def difference_frame(base: Result, other: Result, channel: str, flips: Ints) -> pl.DataFrame:
    """Difference in the observer's occupancy over time: time, state, difference, low, high.

    The interval is that of paired replications: `flips`, [G, 4], counts those that are in the state
    in just one of the two. It is not a number where there is one replication.
    """
    here, there = (
        run.tally.occupancy[run.program.channels.names.index(channel), 0] for run in (base, other)
    )
    n = base.replications
    share = (there - here) / n
    error = np.full(share.shape, np.nan)
    if n > 1:
        error = np.sqrt(np.maximum(flips / n - share**2, 0.0) / (n - 1))
    low, high = (np.clip(share + z * error, -1.0, 1.0) for z in (-Z95, Z95))
    times = [moment(instant + 1) for instant in base.program.grid_s.tolist()]
    columns = {
        "time": pl.Series(times * len(STATES), dtype=TIME),
        "state": [state for state in STATES for _ in times],
        "difference": share.T.ravel(),
        "low": low.T.ravel(),
        "high": high.T.ravel(),
    }
    return pl.DataFrame(columns)


@dataclass(frozen=True)
class ComparisonGallery:
    """The figures of a comparison. `channel` and `other` are the first where they are left out."""

    base: Result
    others: Mapping[str, Result]
    base_name: str
    frame: pl.DataFrame
    """The contrasts, one row each."""
    flips: dict[str, Flips]
    """By scenario, in how many worlds a channel is in a state in just one of it and the base; what
    is missing is counted when it is drawn."""

    @cached_property
    def titles(self) -> dict[str, str]:
        """What each scenario is called, the base first: its title, or its name where two have the
        same title."""
        others = [run.scenario.title for run in self.others.values()]
        titles = {
            name: name if others.count(run.scenario.title) > 1 else run.scenario.title
            for name, run in self.others.items()
        }
        base = self.base.scenario.title
        return {self.base_name: self.base_name if base in others else base} | titles

    def _channel(self, channel: str | None) -> str:
        return one_of("channel", channel, self.base.program.channels.names)

    def _named(self, channel: str) -> str:
        return channels_in(self.base.scenario)[channel]

    def _flips(self, other: str) -> Flips:
        """Return what is counted of a scenario; the two are run again where nothing is."""
        if other not in self.flips:
            base, run = self.base, self.others[other]
            programs = [base.program, run.program]
            _, (self.flips[other],) = side_by_side(programs, Settings(base.replications, base.seed))
        return self.flips[other]

    def contrasts(self, *, title: str = "What differs") -> Figure:
        """Draw the difference of every outcome with its interval."""
        titles = told_apart(dict(self.frame.select("name", "title").iter_rows()))
        frame = self.frame.select(
            pl.col("name").replace(titles).alias("outcome"),
            pl.col("other").replace(self.titles),
            *("difference", "low", "high", "unit"),
        )
        return plots.contrasts(frame, title=title, base=self.titles[self.base_name])

    def difference(
        self, other: str | None = None, channel: str | None = None, *, title: str | None = None
    ) -> Figure:
        """Draw how the shares of the states differ over time.

        Raises:
            ValueError: there is no such scenario or channel.
        """
        name = self._channel(channel)
        chosen = one_of("scenario", other, list(self.others))
        since = first_change(self.others[chosen].scenario)
        return plots.difference(
            difference_frame(self.base, self.others[chosen], name, self._flips(chosen)[name]),
            as_of=moment(self.base.program.as_of_s - 1),
            since=None if since is None else moment(since),
            title=f"{self.titles[chosen]}: {self._named(name)}" if title is None else title,
            base=self.titles[self.base_name],
            other=self.titles[chosen],
        )

    def rasters(self, channel: str | None = None, *, title: str | None = None) -> Figure:
        """Draw the worlds of the first scenarios side by side, a row a world.

        Raises:
            ValueError: there is no such channel.
        """
        name, runs = self._channel(channel), {self.base_name: self.base, **self.others}
        panels = [
            (self.titles[of], run.tally.raster[:, run.program.channels.names.index(name)])
            for of, run in runs.items()
        ]
        return plots.rasters(
            panels[:MAX_PANELS],
            raster_times(self.base.program),
            as_of=moment(self.base.program.as_of_s - 1),
            title=f"World by world: {self._named(name)}" if title is None else title,
        )


@dataclass(frozen=True)
class WhyGallery:
    """The figures of a why."""

    outcome: str
    """What was asked about, in words."""
    frame: pl.DataFrame
    """The but-for shares, one row an event."""
    differences: Sequence[Mapping[str, object]]
    """Where sample worlds part; see `sim.study.first_difference.FirstDifference.row`."""
    turned: bool = False
    """Whether the figure shows how often the outcome then comes about, and not how often it fails.
    """
    worlds: int | None = None
    """The worlds that the shares are of."""

    def but_for(self, *, title: str = "But for which event?") -> Figure:
        """Draw how often the outcome fails without each event; of one that hardly ever comes about,
        how often it then does."""
        frame = self.frame
        if self.turned:
            frame = frame.with_columns(share="made", low="made_low", high="made_high")
        frame = frame.select("id", "label", "date", "share", "low", "high")
        outcome = self.outcome if title else ""  # without a title, what is around it says it
        return plots.but_for(
            frame, outcome=outcome, title=title, turned=self.turned, worlds=self.worlds
        )

    def first_differences(self, *, title: str | None = None) -> Figure:
        """Draw where sample worlds with and without the event that weighs most part.

        Raises:
            ValueError: no sample world parts.
        """
        if not self.differences:
            raise ValueError("no sample world differs without any event: there is nothing to draw")
        label = f"Without {self.frame['label'][0]}" if title is None else title
        return plots.first_difference(self.differences, title=label)


def heading(answer_title: str, kind: str) -> str:
    """Say what a share is the share of: a first time's is that of worlds that get there at all."""
    return f"{answer_title}: ever" if OUTCOME_RULES[kind].form == "days" else answer_title


def titled(scenario: Scenario, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a sweep's frame with titles that say what the estimates are; two outcomes of one
    title keep their names in brackets."""
    kinds = {name: outcome.type for name, outcome in scenario.outcomes.items()}
    titles = {n: heading(t, kinds[n]) for n, t in frame.select("outcome", "title").iter_rows()}
    return frame.with_columns(title=pl.col("outcome").replace(told_apart(titles)))


@dataclass(frozen=True)
class SweepGallery:
    """The figures of a sweep."""

    scenario: Scenario
    frame: pl.DataFrame
    """One row a point and outcome."""
    worlds: int | None = None
    """The worlds of each point."""

    @cached_property
    def names(self) -> dict[str, str]:
        """What people read for each number that was varied, by path."""
        return axis_names(self.scenario)

    @cached_property
    def own(self) -> dict[str, float | None]:
        """The scenario's own value of each number that was varied, by path."""
        return own_values(self.scenario)

    @property
    def mapped(self) -> bool:
        """Whether two numbers take given values, so that every combination was run."""
        axes = self.scenario.sweep
        return len(axes) == 2 and not any(axis.drawn for axis in axes.values())

    def estimates(self, path: str | None = None, *, title: str | None = None) -> Figure:
        """Draw every outcome over one number: lines, or dots where other numbers vary too.

        Raises:
            ValueError: this number was not varied.
        """
        x = one_of("number", path, list(self.scenario.sweep))
        place = {name: n for n, name in enumerate(self.scenario.outcome_order)}
        table = (
            titled(self.scenario, self.frame)
            .select(
                pl.col(x).alias("x"),
                pl.col("outcome").alias("name"),
                pl.col("title").alias("outcome"),
                *("estimate", "low", "high"),
            )
            .sort("x", maintain_order=True)
            .sort(pl.col("name").replace_strict(place), maintain_order=True)
        )
        return plots.sweep_lines(
            table,
            x_label=self.names[x],
            x_path=x,
            own=self.own[x],
            title=self.scenario.title if title is None else title,
            scattered=len(self.scenario.sweep) > 1,
            worlds=self.worlds,
        )

    def map(self, outcome: str | None = None, *, title: str | None = None) -> Figure:
        """Draw one outcome over two numbers.

        Raises:
            ValueError: not two numbers were varied over given values, or there is no such outcome.
        """
        if not self.mapped:
            raise ValueError("a map needs two numbers with given values")
        name = one_of("outcome", outcome, self.scenario.outcome_order)
        x, y = self.scenario.sweep
        rows = titled(self.scenario, self.frame).filter(pl.col("outcome") == name)
        table = rows.select(pl.col(x).alias("x"), pl.col(y).alias("y"), "estimate")
        return plots.sweep_map(
            table,
            x_label=self.names[x],
            y_label=self.names[y],
            paths=(x, y),
            own=(self.own[x], self.own[y]),
            outcome=str(rows["title"][0]),
            title=self.scenario.title if title is None else title,
            worlds=self.worlds,
        )


@dataclass(frozen=True)
class SensitivityGallery:
    """The figures of a screening."""

    scenario: Scenario
    asked: str
    """The outcome that was asked first."""
    frame: pl.DataFrame
    """One row an outcome and number, the largest effect first."""

    def tornado(self, outcome: str | None = None, *, title: str = "What moves it") -> Figure:
        """Draw how far an outcome moves when each of the numbers that matter most goes over its
        range and the others stay.

        Raises:
            ValueError: there is no such outcome.
        """
        known = self.scenario.outcome_order
        name = self.asked if outcome is None else one_of("outcome", outcome, known)
        own = self.frame.filter(pl.col("outcome") == name).sort("rank")
        return plots.tornado(
            own.filter(pl.col("at_low").is_not_null()).head(TORNADO),
            base=float(own["at_own"][0]),
            outcome=heading(title_of(self.scenario, name), self.scenario.outcomes[name].type),
            title=title,
        )
