"""A sweep's folder: the tidy table, the figures, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from sim import plots
from sim.galleries.study_gallery import titled
from sim.ground.commands import SCENARIOS, files_of, how
from sim.ground.files import write_safely
from sim.report.numbers import estimate, percent
from sim.report.pages import page
from sim.report.resting import drawn_from
from sim.report.studyfolder import claim, record
from sim.results.outcomes import Answer
from sim.scenario.scenario import Scenario
from sim.study.sweeping import Sweep

RANK = "rank: "
"""How a column of rank correlations begins, before the path of the number."""
MAX_ROWS = 300
"""Rows of the page's table; the file has all."""


def sweep_figures(found: Sweep) -> list[tuple[str, str, Any]]:
    """Draw a sweep: (stem, caption, figure).

    One number gives lines, two given numbers a map for each outcome; of drawn numbers, or more than
    two, each gives dots.
    """
    draw = found.plot
    if draw.mapped:
        caption = "The share at every combination of values."
        return [(f"sweep-{name}", caption, draw.map(name)) for name in found.scenario.outcomes]
    if len(found.paths) == 1:
        return [("sweep", "Bands are 95 % intervals of the simulation.", draw.estimates())]
    caption = "Each dot is one point of the sweep, with its 95 % interval; the other numbers vary "
    caption += "from dot to dot."
    return [(f"sweep-{n}", caption, draw.estimates(p)) for n, p in enumerate(found.paths, start=1)]


def draws_frame(found: Sweep) -> pl.DataFrame:
    """Summarise a sweep over drawn numbers, an outcome a row, at each combination of given ones:
    the mean of the estimates over the draws, where nine tenths of them lie, and for each drawn
    number Spearman's rank correlation with the estimate, null where nothing varies.
    """
    axes = found.scenario.sweep
    drawn = [p for p in found.paths if axes[p].drawn]
    given = [p for p in found.paths if not axes[p].drawn]
    correlations = [
        pl.corr(path, "estimate", method="spearman").fill_nan(None).alias(f"{RANK}{path}")
        for path in drawn
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
        .sort("outcome", *given, maintain_order=True)
    )


def rows_of(found: Sweep) -> list[tuple[dict[str, float], Answer, str, str]]:
    """Write a sweep for a table, outcome by outcome: (values, answer, estimate, interval)."""
    rows = [(p.values, a, *estimate(a)[:2]) for p in found.points for a in p.answers]
    return sorted(rows, key=lambda row: row[1].name)


def sweep_record(scenario: Scenario, seed: int, replications: int) -> dict[str, Any]:
    """Return what a sweep's folder says of it."""
    names = {"scenario": scenario}
    typed = ["sim", "run", *files_of(names, SCENARIOS).values(), *how(seed, replications)]
    return record("sweep", names, seed, replications, typed)


def save_sweep(found: Sweep, folder: Path) -> None:
    """Write a sweep's folder.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    study = sweep_record(found.scenario, found.seed, found.replications)
    claim(folder, study, {"scenario": found.scenario})
    drawn = [(s, c, plots.svg(f, prefix=f"{s}-")) for s, c, f in sweep_figures(found)]
    for stem, _, svg in drawn:
        write_safely(folder / "figures" / f"{stem}.svg", svg)
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
        figures=[(stem, caption, Markup(svg)) for stem, caption, svg in drawn],
        rows=rows[:MAX_ROWS],
        made=study,
        draws=None if draws is None else draws.to_dicts(),
        ranks=[] if draws is None else [c for c in draws.columns if c.startswith(RANK)],
        percent=percent,
        more=max(0, len(rows) - MAX_ROWS),
    )
    if draws is not None:
        write_safely(folder / "draws.csv", draws.write_csv())
    write_safely(folder / "sweep.csv", found.frame.write_csv())
    write_safely(folder / "report.html", html)
