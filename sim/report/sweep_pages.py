"""A sweep's folder: the tidy table, the figures, and the page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from sim.galleries.study_gallery import titled
from sim.ground.column import Column
from sim.ground.commands import SCENARIOS, files_of, how
from sim.report.answer import swept_in_words
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
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


def sweep_figures(found: Sweep) -> list[Drawn]:
    """Draw every figure of a sweep: one number gives lines, two given numbers a map for each
    outcome; of drawn numbers, or more than two, each gives dots."""
    if found.plot.mapped:
        caption = "The share at every combination of values."
        draws = {f"sweep-{n}": partial(found.plot.map, n) for n in found.scenario.outcome_order}
    elif len(found.paths) == 1:
        caption = "Bands are 95 % intervals of the simulation."
        draws = {"sweep": partial(found.plot.estimates)}
    else:
        caption = "Each dot is one point of the sweep, with its 95 % interval; the other numbers "
        caption += "vary from dot to dot."
        paths = enumerate(found.paths, start=1)
        draws = {f"sweep-{n}": partial(found.plot.estimates, path) for n, path in paths}
    return [Drawn(stem, caption, partial(draw, title=""), draw) for stem, draw in draws.items()]


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
    first, *others = figures = sweep_figures(found)
    rows, names, tables = rows_of(found), found.plot.names, {"sweep.csv": found.frame}
    draws = list[dict[str, Any]]()
    if any(axis.drawn for axis in found.scenario.sweep.values()):
        tables["draws.csv"] = draws_frame(found)
        draws = tables["draws.csv"].to_dicts()
    html = page(
        "sweep.html",
        scenario=found.scenario,
        about_fit=drawn_from(found.scenario),
        found=found,
        names=names,
        own=found.plot.own,
        answer=swept_in_words(found, draws),
        first=first,
        figures=others,
        rows=rows[:MAX_ROWS],
        made=study,
        draws=draws,
        ranks=[column for column in draws[0] if column.startswith(RANK)] if draws else [],
        percent=percent,
        more=max(0, len(rows) - MAX_ROWS),
    )
    heads = ("Outcome", *names.values(), "Estimate", "95 % interval")
    cells = [(a.title, *(f"{v[p]:g}" for p in found.paths), e, i) for v, a, e, i in rows]
    paper = ("sweep", heads, cells)
    title = found.scenario.title
    write_contents(folder, title, html, figures, tables, own=own_columns(found), paper=paper)
