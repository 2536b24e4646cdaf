"""A sweep's folder: the tidy table, the figures, and the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sim.galleries.study_gallery import titled
from sim.ground.column import Column
from sim.ground.commands import SCENARIOS, files_of, how
from sim.ground.files import write_safely
from sim.ground.tables import write_tables
from sim.report.answer import swept_in_words
from sim.report.datapackage import write_package
from sim.report.drawing import Drawn, drawn, write_figures
from sim.report.manuscript import write_manuscript
from sim.report.numbers import estimate, percent
from sim.report.pages import page
from sim.report.resting import drawn_from
from sim.report.studyfolder import claim, record
from sim.results.outcomes import Answer
from sim.scenario.scenario import Scenario
from sim.study.sweeping import Sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RANK = "rank: "
"""How a column of rank correlations begins, before the path of the number."""
MAX_ROWS = 300
"""Rows of the page's table; the file has all."""


def sweep_figures(found: Sweep) -> list[tuple[str, str, Callable[..., Figure]]]:
    """List the figures of a sweep: (stem, caption, what draws it).

    One number gives lines, two given numbers a map for each outcome; of drawn numbers, or more than
    two, each gives dots.
    """
    draw = found.plot
    if draw.mapped:
        caption = "The share at every combination of values."
        return [
            (f"sweep-{name}", caption, partial(draw.map, name))
            for name in found.scenario.outcome_order
        ]
    if len(found.paths) == 1:
        return [("sweep", "Bands are 95 % intervals of the simulation.", draw.estimates)]
    caption = "Each dot is one point of the sweep, with its 95 % interval; the other numbers vary "
    caption += "from dot to dot."
    return [
        (f"sweep-{n}", caption, partial(draw.estimates, p))
        for n, p in enumerate(found.paths, start=1)
    ]


def sweep_drawn(found: Sweep) -> list[Drawn]:
    """Draw a sweep for its page and its files."""
    return [
        drawn(stem, caption, partial(draw, title=""), file=draw)
        for stem, caption, draw in sweep_figures(found)
    ]


def draws_frame(found: Sweep) -> pl.DataFrame:
    """Summarise a sweep over drawn numbers, an outcome a row, at each combination of given ones:
    the mean of the estimates over the draws, where nine tenths of them lie, and for each drawn
    number Spearman's rank correlation with the estimate, null where nothing varies.
    """
    axes = found.scenario.sweep
    varied = [p for p in found.paths if axes[p].drawn]
    place = {name: n for n, name in enumerate(found.scenario.outcome_order)}
    given = [p for p in found.paths if not axes[p].drawn]
    correlations = [
        pl.corr(path, "estimate", method="spearman").fill_nan(None).alias(f"{RANK}{path}")
        for path in varied
    ]
    return (
        titled(found.scenario, found.frame)
        .group_by(*given, "outcome", "title", maintain_order=True)
        .agg(
            pl.col("estimate").mean().alias("mean"),
            pl.col("estimate").quantile(0.05, "linear").alias("q05"),
            pl.col("estimate").quantile(0.95, "linear").alias("q95"),
            *correlations,
        )
        .sort(pl.col("outcome").replace_strict(place), *given, maintain_order=True)
    )


def rows_of(found: Sweep) -> list[tuple[dict[str, float], Answer, str, str]]:
    """Write a sweep for a table, outcome by outcome: (values, answer, estimate, interval)."""
    rows = [(p.values, a, *estimate(a)[:2]) for p in found.points for a in p.answers]
    order = found.scenario.outcome_order
    return sorted(rows, key=lambda row: order.index(row[1].name))


def sweep_record(scenario: Scenario, seed: int, replications: int) -> dict[str, Any]:
    """Return what a sweep's folder says of it."""
    names = {"scenario": scenario}
    typed = ["sim", "run", *files_of(names, SCENARIOS).values(), *how(seed, replications)]
    return record("sweep", names, seed, replications, typed)


def own_columns(found: Sweep) -> dict[str, Column]:
    """Say what the columns mean that a sweep names after its numbers."""
    own: dict[str, Column] = {}
    for path, name in found.plot.names.items():
        own[path] = Column(path, "number", "", f"The value of: {name}.")
        rank = f"Spearman's rank correlation of the estimate with: {name}."
        own[f"{RANK}{path}"] = Column(f"{RANK}{path}", "number", "", rank)
    return own


def save_sweep(found: Sweep, folder: Path) -> None:
    """Write a sweep's folder.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    study = sweep_record(found.scenario, found.seed, found.replications)
    claim(folder, study, {"scenario": found.scenario})
    first, *others = figures = sweep_drawn(found)
    write_figures(figures, folder)
    rows = rows_of(found)
    drawn_axes = any(axis.drawn for axis in found.scenario.sweep.values())
    draws = draws_frame(found) if drawn_axes else None
    html = page(
        "sweep.html",
        scenario=found.scenario,
        about_fit=drawn_from(found.scenario),
        paths=found.paths,
        names=found.plot.names,
        own=found.plot.own,
        points=len(found.points),
        replications=found.replications,
        seed=found.seed,
        answer=swept_in_words(found, [] if draws is None else draws.to_dicts()),
        first=first,
        figures=others,
        rows=rows[:MAX_ROWS],
        made=study,
        draws=None if draws is None else draws.to_dicts(),
        ranks=[] if draws is None else [c for c in draws.columns if c.startswith(RANK)],
        percent=percent,
        more=max(0, len(rows) - MAX_ROWS),
    )
    tables = {"sweep.csv": found.frame.write_csv()}
    if draws is not None:
        tables["draws.csv"] = draws.write_csv()
    write_tables(folder, tables, own=own_columns(found))
    heads = ("Outcome", *(found.plot.names[p] for p in found.paths), "Estimate", "95 % interval")
    paper = [(a.title, *(f"{v[p]:g}" for p in found.paths), e, i) for v, a, e, i in rows]
    write_manuscript(folder, "sweep", heads, paper)
    write_safely(folder / "report.html", html)
    write_package(folder, found.scenario.title)
