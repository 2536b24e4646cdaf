"""The folder of a hindcast: its tables, figures and a page."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sim import plots
from sim.ground.commands import SCENARIOS, files_of, how, options
from sim.ground.dates import day
from sim.ground.files import write_safely
from sim.ground.tables import write_tables
from sim.hindcast.comparing import Interval, Line, calibration_of, lines_of
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
from sim.learning.folder import PRIOR, prior_text
from sim.learning.table import rows_frame
from sim.report.caveats import caveats
from sim.report.datapackage import write_package
from sim.report.drawing import Drawn, drawn, write_figures
from sim.report.hindcast_words import ASKED, QUESTIONS, summary_of
from sim.report.manuscript import write_manuscript
from sim.report.pages import page
from sim.report.studyfolder import claim, record
from sim.scenario.scenario import Scenario

MODELS = (SIMULATOR, DOCTRINES)


def hindcast_record(scenarios: Mapping[str, Scenario], plan: Plan) -> dict[str, Any]:
    """Return what a hindcast's folder says of it."""
    settings = plan.plain()
    origins, seed, worlds = (settings.pop(name) for name in ("origins_s", "seed", "worlds"))
    asked = {"--from": origins[0], "--to": origins[-1], "--every": plan.every}
    asked |= {"--horizons": ",".join(map(str, plan.horizons)), "--refit": plan.refit}
    asked |= {"--prior": PRIOR if plan.prior is not None else None}
    files = list(files_of(scenarios, SCENARIOS).values())
    place = files[0] if len(files) == 1 else SCENARIOS
    command = ["sim", "hindcast", place, *options(asked), *how(seed, worlds)]
    more = settings | {"origins": origins, "follows_from": identity(scenarios, plan)}
    return record("hindcast", scenarios, seed, worlds, command, **more)


def save_hindcast(found: Hindcast, folder: Path) -> None:
    """Write a hindcast's folder, and remove what was kept there of its origins.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    scenarios, plan = found.scenarios, found.plan
    study = hindcast_record(scenarios, plan)
    claim(folder, study, scenarios)
    if plan.prior is not None:
        write_safely(folder / PRIOR, prior_text(plan.prior))
    lines, curves = lines_of(found), calibration_of(found)
    score_table, curve_table = scores_frame(lines), calibration_frame(curves)
    scores, reliability = figures = hindcast_figures(score_table, curve_table)
    write_figures(figures, folder)
    columns = {}
    for name, frame in (
        ("model-output.parquet", model_output(found)),
        ("oracle-output.parquet", oracle_output(found)),
    ):
        content = io.BytesIO()
        frame.write_parquet(content, compression="zstd")
        write_safely(folder / name, content.getvalue())
        columns[name] = frame.columns
    tables = {
        "scores.csv": score_table.write_csv(),
        "calibration.csv": curve_table.write_csv(),
        "decomposition.csv": decomposition_frame(curves).write_csv(),
    }
    write_tables(folder, tables, beside=columns)
    heads = ("Forecast", *(_ahead(months) for months in plan.horizons))
    write_manuscript(folder, "scores", heads, state_table(lines, plan))
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
        scores=scores,
        reliability=reliability,
        interval=interval_words,
        horizons=plan.horizons,
        leader=NAMES[SIMULATOR],
        resampled="pairs" if any(line.over_pairs for line in lines) else "origins",
        made=study,
    )
    write_safely(folder / "report.html", html)
    forget(folder, found)
    write_package(folder, f"Hindcast: {next(iter(scenarios.values())).title}")


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


def hindcast_figures(scores: pl.DataFrame, calibration: pl.DataFrame) -> list[Drawn]:
    """Draw every figure of a hindcast from its tables `scores.csv` and `calibration.csv`."""
    return [state_scores(scores), _calibration(calibration)]


def _calibration(curves: pl.DataFrame) -> Drawn:
    """Draw the calibration of the simulator."""
    panels = _panels(curves.filter(pl.col("forecaster") == SIMULATOR))
    caption = "A forecast is calibrated where its curve lies in the band; it is sharp where its "
    caption += "chances lie near 0 and 1."
    title = "Is the simulator calibrated?"
    return drawn("reliability", caption, lambda: plots.reliability(panels, title=title, note=BAND))


def state_scores(
    scores: pl.DataFrame,
    names: Mapping[str, str] = NAMES,
    question: str = STATE,
    models: Collection[str] = MODELS,
) -> Drawn:
    """Draw the log scores of a question, by default of the state, from a table of scores."""
    frame = rows_frame(
        {
            "group": _ahead(row["months"]),
            "forecaster": names.get(row["forecaster"], row["forecaster"]),
            "score": row["log"],
            "model": row["forecaster"] in models,
        }
        for row in scores.filter(pl.col("question") == question).to_dicts()
    )
    came = "the state that came" if question == STATE else "what came"
    note = f"Mean logarithm of the probability given to {came}; 0 is perfect."
    caption = f"Mean log scores of the {QUESTIONS[question]}, all on the same origins."
    return drawn("scores", caption, lambda: plots.scores(frame, title=ASKED[question], note=note))


BAND = (
    "Of forecasts with a chance p, a share p should come. Across: the chance that was said. Up: "
    "the share that came, by isotonic regression."
)


def _panels(frame: pl.DataFrame) -> pl.DataFrame:
    asked = frame.select("what", "months").iter_rows()
    panel = [f"{what}, {_ahead(months).removesuffix(' ahead')}" for what, months in asked]
    return frame.with_columns(pl.Series("panel", panel)).rename(
        {"band_q05": "low", "band_q95": "high"}
    )


def _ahead(months: int) -> str:
    return f"{months} month{'' if months == 1 else 's'} ahead"


def state_table(lines: list[Line], plan: Plan) -> list[tuple[str, ...]]:
    """Return what the terminal and a manuscript show: a row a forecaster, its name first, with its
    log scores of the state."""
    return [
        (row["name"], *(f"{c.scores.log:.2f}" if c is not None else "" for c in row["cells"]))
        for row in score_rows(lines, STATE, plan)
    ]
