"""The tables of a hindcast: forecasts and outcomes as the hubverse has them, scores, calibration.

A hub of forecasts (Consortium of Infectious Disease Modeling Hubs, hubverse.io) keeps model output
as a row a number: who forecasts, what is forecast, and the output type with its id and value. All
types here are `pmf`: the probability of one answer of a few. What came stands in oracle output,
with 1 for the answer that came.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from sim.ground.dates import day
from sim.hindcast.comparing import Calibrated, Interval, Line
from sim.hindcast.hindcasting import DOCTRINES, SIMULATOR, Given, Hindcast
from sim.hindcast.rivals.table import RIVALS
from sim.hindcast.seen import ANSWERS
from sim.learning.table import rows_frame

NAMES = {SIMULATOR: "the simulator", DOCTRINES: "the doctrines' own weights"} | {
    rival.id: rival.name for rival in RIVALS
}
"""How people read each forecaster."""
TEAM = "backchannel"
"""How the name of each model begins in the form of the hubverse."""


def _tasks(given: Sequence[Given]) -> dict[str, list[Any]]:
    return {
        "origin_date": [day(g.origin_s - 1) for g in given],
        "scenario": [g.scenario for g in given],
        "channel": [g.channel for g in given],
        "target": [g.question for g in given],
        "horizon": [g.months for g in given],
        "target_end_date": [day(g.end_s - 1) for g in given],
        "output_type": ["pmf"] * len(given),
        "output_type_id": [ANSWERS[g.question] for g in given],
    }


def model_output(found: Hindcast) -> pl.DataFrame:
    """Return every forecast: model_id, origin_date, scenario, channel, target, horizon (in months),
    target_end_date, output_type, output_type_id, value."""
    columns = {"model_id": [f"{TEAM}-{g.forecaster}" for g in found.given]}
    columns |= _tasks(found.given) | {"value": [g.law for g in found.given]}
    return pl.DataFrame(columns).explode("output_type_id", "value")


def oracle_output(found: Hindcast) -> pl.DataFrame:
    """Return what came: the columns of a task, output_type, output_type_id, and oracle_value, 1 for
    the answer that came and 0 for others."""
    given = [g for g in found.given if g.forecaster == SIMULATOR]
    came = [[float(n == g.came) for n in range(len(g.law))] for g in given]
    columns = _tasks(given) | {"oracle_value": came}
    return pl.DataFrame(columns).explode("output_type_id", "oracle_value")


def scores_frame(lines: list[Line]) -> pl.DataFrame:
    """Return the mean scores: a row a question, horizon and forecaster."""
    rows = [
        {
            "question": line.question,
            "months": line.months,
            "forecaster": line.forecaster,
            "number": line.number,
            **line.scores._asdict(),
            "log_changed": line.log_changed,
            "log_same": line.log_same,
            "simulator_ahead": line.ahead,
            **_bounds("origins", line.over_origins),
            **_bounds("pairs", line.over_pairs),
        }
        for line in lines
    ]
    optional = ("log_changed", "log_same", *(f"{w}_q{q}" for w in ("origins", "pairs") for q in _Q))
    return rows_frame(rows).cast(dict.fromkeys(optional, pl.Float64))


_Q = ("05", "95")


def _bounds(what: str, interval: Interval) -> dict[str, float | None]:
    return dict(zip((f"{what}_q{q}" for q in _Q), interval or (None, None), strict=True))


CURVE = {
    "said": "said",
    "came": "came",
    "recalibrated": "fitted",
    "band_q05": "low",
    "band_q95": "high",
}
"""The columns of a curve, and what they are in `Reliability`."""


def calibration_frame(curves: list[Calibrated]) -> pl.DataFrame:
    """Return the calibration: a row a forecast, with the chance that was said, whether it came, the
    chance by isotonic regression, and the consistency band."""
    rows = [
        _of(c) | {to: getattr(c.curve, at).tolist() for to, at in CURVE.items()} for c in curves
    ]
    return rows_frame(rows).explode(*CURVE)


def decomposition_frame(curves: list[Calibrated]) -> pl.DataFrame:
    """Return what the mean squared error of each forecaster is made of: miscalibration less
    discrimination plus uncertainty."""
    parts = ("miscalibration", "discrimination", "uncertainty")
    return rows_frame(
        _of(c) | {"number": len(c.curve.said)} | {part: getattr(c.curve, part) for part in parts}
        for c in curves
    )


def _of(c: Calibrated) -> dict[str, Any]:
    return {"what": c.what, "months": c.months, "forecaster": c.forecaster}
