"""A sweep's folder: the tidy table, the figures, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from sim import plots
from sim.chunks import write_safely
from sim.pages import page
from sim.report import estimate
from sim.scenario import Scenario
from sim.studyfolder import claim, record
from sim.sweeping import Sweep

MAX_ROWS = 300
"""Rows of the page's table; the file has all."""


def sweep_figures(found: Sweep) -> list[tuple[str, str, Any]]:
    """Draw a sweep: lines over one number, a map over two given ones: (stem, caption, figure)."""
    frame, paths = found.frame, found.paths
    axes = found.scenario.sweep
    if len(paths) == 1:
        table = frame.select(
            pl.col(paths[0]).alias("x"), pl.col("title").alias("outcome"), "estimate", "low", "high"
        ).sort("x", maintain_order=True)
        figure = plots.sweep_lines(table, x_label=paths[0], title=found.scenario.title)
        return [("sweep", "Bands are 95 % intervals of the simulation.", figure)]
    if len(paths) != 2 or any(a.drawn for a in axes.values()):
        return []
    drawn = []
    for name in frame["outcome"].unique(maintain_order=True):
        rows = frame.filter(pl.col("outcome") == name)
        title = str(rows["title"][0])
        table = rows.select(pl.col(paths[0]).alias("x"), pl.col(paths[1]).alias("y"), "estimate")
        figure = plots.sweep_map(
            table,
            x_label=paths[0],
            y_label=paths[1],
            outcome=title,
            title=found.scenario.title,
        )
        drawn.append((f"sweep-{name}", "The share at every combination of values.", figure))
    return drawn


def sweep_record(scenario: Scenario, seed: int, replications: int) -> dict[str, Any]:
    """Return what a sweep's folder says of it."""
    return record("sweep", {"scenario": scenario}, seed, replications)


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
    rows = [(p.values, a, *estimate(a)[:2]) for p in found.points for a in p.answers]
    html = page(
        "sweep.html",
        scenario=found.scenario,
        paths=found.paths,
        points=len(found.points),
        replications=found.replications,
        seed=found.seed,
        figures=[(stem, caption, Markup(svg)) for stem, caption, svg in drawn],
        rows=rows[:MAX_ROWS],
        made=study,
        more=max(0, len(rows) - MAX_ROWS),
    )
    write_safely(folder / "sweep.csv", found.frame.write_csv())
    write_safely(folder / "report.html", html)
