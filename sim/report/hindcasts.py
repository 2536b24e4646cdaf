"""The folder of a hindcast: its tables, figures and a page."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from sim import plots
from sim.ground.dates import day
from sim.ground.files import write_safely
from sim.hindcast.comparing import Calibrated, Interval, Line, calibration_of, lines_of
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR, Hindcast, forget
from sim.hindcast.plan import Plan, identity
from sim.hindcast.seen import ANSWERS, STATE
from sim.hindcast.tables import (
    NAMES,
    calibration_frame,
    decomposition_frame,
    model_output,
    oracle_output,
    scores_frame,
)
from sim.learning.table import rows_frame
from sim.report.caveats import caveats
from sim.report.hindcast_words import ASKED, summary_of
from sim.report.pages import page
from sim.report.studyfolder import claim, record
from sim.scenario.provenance import made_by
from sim.scenario.scenario import Scenario

MODELS = (SIMULATOR, DOCTRINES)


def hindcast_record(scenarios: Mapping[str, Scenario], plan: Plan) -> dict[str, Any]:
    """Return what a hindcast's folder says of it."""
    more = plan.plain() | {"origins": plan.plain()["origins_s"]}
    for name in ("origins_s", "worlds", "seed"):
        more.pop(name)
    follows = {"follows_from": identity(scenarios, plan)}
    return record("hindcast", scenarios, plan.seed, plan.worlds, **more, **follows)


def save_hindcast(found: Hindcast, folder: Path) -> None:
    """Write a hindcast's folder, and remove what was kept there of its origins.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    scenarios, plan = found.scenarios, found.plan
    claim(folder, hindcast_record(scenarios, plan), scenarios)
    lines, curves = lines_of(found), calibration_of(found)
    drawn = hindcast_figures(lines, curves)
    for stem, _, svg in drawn:
        write_safely(folder / "figures" / f"{stem}.svg", svg)
    for stem, frame in (("model-output", model_output), ("oracle-output", oracle_output)):
        content = io.BytesIO()
        frame(found).write_parquet(content, compression="zstd")
        write_safely(folder / f"{stem}.parquet", content.getvalue())
    write_safely(folder / "scores.csv", scores_frame(lines).write_csv())
    write_safely(folder / "calibration.csv", calibration_frame(curves).write_csv())
    write_safely(folder / "decomposition.csv", decomposition_frame(curves).write_csv())
    html = page(
        "hindcast.html",
        found=found,
        plan=plan,
        titles=[s.title for s in scenarios.values()],
        pairs=sorted({(g.scenario, g.channel) for g in found.given}),
        first=day(plan.origins_s[0] - 1).isoformat(),
        last=day(plan.origins_s[-1] - 1).isoformat(),
        caveats=sorted({text for s in scenarios.values() for text in caveats(s)}),
        summary=summary_of(lines, learned=plan.refit > 0),
        questions=[(ASKED[q], score_rows(lines, q, plan)) for q in ANSWERS],
        every=[
            (asked, [(NAMES[line.forecaster], line) for line in lines if line.question == q])
            for q, asked in ASKED.items()
        ],
        curves=[(c, NAMES[c.forecaster]) for c in curves if c.forecaster in MODELS],
        figures=[(stem, caption, Markup(svg)) for stem, caption, svg in drawn],
        names=NAMES,
        interval=interval_words,
        horizons=plan.horizons,
        leader=NAMES[SIMULATOR],
        resampled="pairs" if any(line.over_pairs for line in lines) else "origins",
        made=made_by() | {"seed": plan.seed},
    )
    write_safely(folder / "report.html", html)
    forget(folder, found)


def score_rows(
    lines: list[Line], question: str, plan: Plan, names: Mapping[str, str] = NAMES
) -> list[dict[str, Any]]:
    """Return the log scores of one question: a row a forecaster, the best on average first, with
    the line of each horizon or None."""
    mine = {(line.forecaster, line.months): line for line in lines if line.question == question}
    rows = []
    for name in dict.fromkeys(forecaster for forecaster, _ in mine):
        cells = [mine.get((name, months)) for months in plan.horizons]
        scores = [cell.scores.log for cell in cells if cell is not None]
        mean = sum(scores) / len(scores)
        rows.append({"id": name, "name": names[name], "cells": cells, "mean": mean})
    return sorted(rows, key=lambda row: (-row["mean"], row["id"]))


def interval_words(interval: Interval) -> str:
    """Write an interval for a table."""
    if interval is None:
        return ""
    return " to ".join(f"{x:+.2f}" for x in interval).replace("-", "\N{MINUS SIGN}")


def hindcast_figures(lines: list[Line], curves: list[Calibrated]) -> list[tuple[str, str, str]]:
    """Draw the figures of a hindcast: (file stem, caption, SVG text)."""
    drawn = [state_scores(lines)]
    shown = [c for c in curves if c.forecaster == SIMULATOR]
    figure = plots.reliability(_panels(shown), title="Is the simulator calibrated?", note=BAND)
    caption = "A forecast is calibrated where its curve lies in the band; it is sharp where its "
    caption += "chances lie near 0 and 1."
    drawn.append(("reliability", caption, plots.svg(figure, prefix="reliability-")))
    return drawn


def state_scores(lines: list[Line], names: Mapping[str, str] = NAMES) -> tuple[str, str, str]:
    """Draw the log scores of the state: (file stem, caption, SVG text)."""
    frame = rows_frame(
        {
            "group": _ahead(line.months),
            "forecaster": names[line.forecaster],
            "score": line.scores.log,
            "model": line.forecaster in MODELS,
        }
        for line in lines
        if line.question == STATE
    )
    note = "Mean logarithm of the probability given to the state that came; 0 is perfect."
    figure = plots.scores(frame, title=ASKED[STATE], note=note)
    caption = "Mean log scores of the state, all on the same origins."
    return "scores", caption, plots.svg(figure, prefix="scores-")


BAND = (
    "Of forecasts with a chance p, a share p should come. Across: the chance that was said. Up: "
    "the share that came, by isotonic regression."
)


def _panels(curves: list[Calibrated]) -> pl.DataFrame:
    frame = calibration_frame(curves)
    asked = frame.select("what", "months").iter_rows()
    panel = [f"{what}, {_ahead(months)}" for what, months in asked]
    return frame.with_columns(pl.Series("panel", panel)).rename(
        {"band_q05": "low", "band_q95": "high"}
    )


def _ahead(months: int) -> str:
    return f"{months} month{'' if months == 1 else 's'} ahead"


def state_table(lines: list[Line], plan: Plan) -> list[tuple[str, list[str]]]:
    """Return what the terminal shows: a row a forecaster with its log scores of the state."""
    return [
        (row["name"], [f"{c.scores.log:.2f}" if c is not None else "" for c in row["cells"]])
        for row in score_rows(lines, STATE, plan)
    ]
