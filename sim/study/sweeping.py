"""Sweeps: the same scenario with some of its numbers varied, over the same noise."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import polars as pl

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import How, Settings, settings
from sim.ensemble.weighed import compile_weighed
from sim.ground.errors import InputError, Problem
from sim.ground.files import PART
from sim.results.frames import html_of
from sim.results.outcomes import Answer, answers
from sim.scenario.resolve import Place, scenario_at
from sim.scenario.scenario import Scenario
from sim.scenario.varying import points_of

if TYPE_CHECKING:
    from sim.galleries.study_gallery import SweepGallery


@dataclass(frozen=True)
class Point:
    """One combination of values, and what the runs say there."""

    values: dict[str, float]
    """Path to value."""
    answers: list[Answer]


@dataclass(frozen=True)
class Sweep:
    """A finished sweep."""

    scenario: Scenario = field(repr=False)
    seed: int
    replications: int
    points: list[Point] = field(repr=False)

    @property
    def paths(self) -> list[str]:
        """What was varied, by path, in order."""
        return list(self.scenario.sweep)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row a point and outcome: a column a path, outcome, title, estimate, low, high."""
        return self._table("outcome", "title", "estimate", "low", "high")

    @property
    def values(self) -> pl.DataFrame:
        """One row a point and outcome: a column a path, outcome, estimate, low, high in [0, 1], and
        median_days, null where fewer than half of the worlds get there or nothing is timed."""
        return self._table("outcome", "estimate", "low", "high", "median_days")

    def _table(self, *columns: str) -> pl.DataFrame:
        """One row a point and outcome: a column a path, and these of the answers."""
        rows = [{**p.values, "outcome": a.name, **vars(a)} for p in self.points for a in p.answers]
        texts = dict.fromkeys(("outcome", "title"), pl.String)
        schema = {name: texts.get(name, pl.Float64) for name in (*self.paths, *columns)}
        return pl.DataFrame(rows, schema=schema)

    @property
    def plot(self) -> SweepGallery:
        """The figures of the sweep."""
        from sim.galleries.study_gallery import SweepGallery

        return SweepGallery(self.scenario, self.frame, self.replications)

    def _repr_html_(self) -> str:
        return html_of(f"Sweep: {self.scenario.title}", self.frame.drop("outcome"))


def sweep(scenario: Place, *, out: Path | None = None, **how: Unpack[How]) -> Sweep:
    """Run a scenario, or the file of a path, at every point of its sweep, over the same noise.

    With `out`, finished points are kept there until the end, and a sweep that was killed goes on.
    `how` are the keywords of `sim.ensemble.settings.How`; `progress` counts points.

    Raises:
        InputError: the scenario has no sweep, or one that breaks rules at some point.
        RunError: a worker died, or the disk is full.
    """
    given = scenario_at(scenario)
    if how.get("draws"):
        rule = "is for a run, a comparison or a why: a sweep varies numbers itself"
        raise InputError([Problem("draws", 0, "", rule, str(how["draws"]))])
    return swept(given, settings(how, given.ensemble), out)


def swept(scenario: Scenario, how: Settings, out: Path | None = None) -> Sweep:
    """Run a scenario at every point of its sweep, as `sweep` does."""
    if not scenario.sweep:
        raise InputError([Problem(scenario.title, 0, "sweep", "is required for a sweep")])
    prepared = list(points_of(scenario, how.seed))
    found: list[Point] = []
    for n, (values, point) in enumerate(prepared):
        program = compile_weighed(point)
        store = None if out is None else ChunkStore(out / "chunks", program, how.seed)
        try:
            tally = ensemble(program, replace(how, progress=None), store=store)
        except InputError as error:
            at = ", ".join(f"{path} = {value:g}" for path, value in values.items())
            where = (replace(p, rule=f"{p.rule}, where {at}") for p in error.problems)
            raise InputError(where) from None
        found.append(Point(values, answers(point, program, tally)))
        if how.progress is not None:
            how.progress(n + 1, len(prepared))
    return Sweep(scenario, how.seed, how.replications, found)


def clear(folder: Path) -> None:
    """Remove the chunks that a finished sweep kept in a folder."""
    chunks = folder / "chunks"
    for path in [*chunks.glob("*.chunk"), *chunks.glob(PART)]:
        path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty, not there, or gone already
        chunks.rmdir()
