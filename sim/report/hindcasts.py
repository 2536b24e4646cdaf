"""The folder of a hindcast: its tables, figures and a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sim import plots
from sim.ground.commands import SCENARIOS, files_of, how, options
from sim.ground.files import write_safely
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
from sim.report.caveats import caveats_of
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
from sim.report.hindcast_words import ASKED, QUESTIONS, summary_of
from sim.report.numbers import minus
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
    html = page(
        "hindcast.html",
        found=found,
        plan=plan,
        titles=[s.title for s in scenarios.values()],
        pairs=sorted({(g.scenario, g.channel) for g in found.given}),
        first=study["origins"][0],
        last=study["origins"][-1],
        caveats=caveats_of(scenarios.values()),
        summary=summary_of(lines, learned=plan.refit > 0),
        every=[
            (asked, [(NAMES[line.forecaster], line) for line in lines if line.question == q])
            for q, asked in ASKED.items()
        ],
        curves=[(c, NAMES[c.forecaster]) for c in curves if c.forecaster in MODELS],
        scores=scores,
        reliability=reliability,
        made=study,
        **shown_scores(lines, plan),
    )
    heads = ("Forecast", *(_ahead(months) for months in plan.horizons))
    write_contents(
        folder,
        f"Hindcast: {next(iter(scenarios.values())).title}",
        html,
        figures,
        {
            **hub_tables(found),
            "scores.csv": score_table,
            "calibration.csv": curve_table,
            "decomposition.csv": decomposition_frame(curves),
        },
        paper=("scores", heads, state_table(lines, plan)),
    )
    forget(folder, found)


def hub_tables(found: Hindcast) -> dict[str, pl.DataFrame]:
    """Return the forecasts and what came, as the hubverse has them, by the names of their files."""
    return {
        "model-output.parquet": model_output(found),
        "oracle-output.parquet": oracle_output(found),
    }


def shown_scores(
    lines: list[Line],
    plan: Plan | None,
    names: Mapping[str, str] = NAMES,
    first: str = STATE,
) -> dict[str, Any]:
    """Return what the template of scores shows, the question `first` first; nothing is asked
    without a plan."""
    questions = []
    if plan is not None:
        order = sorted(ANSWERS, key=lambda q: q != first)
        questions = [(ASKED[q], score_rows(lines, q, plan, names)) for q in order]
    return {
        "questions": questions,
        "horizons": () if plan is None else plan.horizons,
        "interval": interval_words,
        "leader": names[SIMULATOR],
        "resampled": "pairs" if any(line.over_pairs for line in lines) else "origins",
    }


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
    return minus(" to ".join(f"{x:+.2f}" for x in interval))


def hindcast_figures(scores: pl.DataFrame, calibration: pl.DataFrame) -> list[Drawn]:
    """Draw every figure of a hindcast from its tables `scores.csv` and `calibration.csv`."""
    return [state_scores(scores), _calibration(calibration)]


def _calibration(curves: pl.DataFrame) -> Drawn:
    """Draw the calibration of the simulator."""
    panels = _panels(curves.filter(pl.col("forecaster") == SIMULATOR))
    caption = "A forecast is calibrated where its curve lies in the band; it is sharp where its "
    caption += "chances lie near 0 and 1."
    title = "Is the simulator calibrated?"
    return Drawn("reliability", caption, lambda: plots.reliability(panels, title=title, note=BAND))


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
    return Drawn("scores", caption, lambda: plots.scores(frame, title=ASKED[question], note=note))


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
