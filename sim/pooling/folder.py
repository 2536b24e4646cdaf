"""What a pool's folder holds for other commands: the law as a prior, and as draws.

`sim learn --prior` and `sim hindcast --prior` take `prior.yaml`; a scenario's `fit` takes the
folder, whose draws are those of a pair that was never seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sim.ground.files import json_text, write_safely
from sim.learning.folder import PRIOR, prior_text, write_draws
from sim.learning.priors import at_normal, normals
from sim.learning.rows import Prior
from sim.model.compiled_scenario import Floats
from sim.pooling.pooled import Law, Pooled, doctrine_mean
from sim.pooling.records import name_of
from sim.scenario.fit import (
    CHAIN,
    DRAW,
    FIT,
    LOG_LIKELIHOOD,
    LOG_PRIOR,
    PAIR,
    POOLED,
    SCHEMA,
    SEAL,
    seal_of,
)
from sim.scenario.prior import MAX_WEIGHT
from sim.scenario.provenance import made_by, scenario_digest
from sim.scenario.scope import channels_of

COUNT = 1_000
"""Draws of the law."""


def write_law(found: Pooled, folder: Path, seed: int, reporting: float | None) -> None:
    """Write the law of a pool, as a prior and as draws.

    Raises:
        RunError: the disk refuses.
    """
    write_safely(folder / PRIOR, prior_text(found.law.prior()))
    draws = write_draws(draws_frame(found.law, seed), folder)
    write_safely(folder / FIT, json_text(record_of(found, draws, seed, reporting)))


def draws_of(law: Law, seed: int, count: int = COUNT) -> Floats:
    """Return draws [count, K] of the weights of a pair that was never seen, keyed by weight."""
    size = len(law.weights)
    z, bound = np.zeros((count, size)), np.full(size, MAX_WEIGHT)
    for k, weight in enumerate(law.weights):
        z[:, k] = normals(seed, f"pool/{name_of(weight)}", 0, count)
    found = at_normal(Prior(law.centre, law.spread, -bound, bound, np.arange(size)), z)
    return np.where([weight in law.kept for weight in law.weights], found, 0.0)


def draws_frame(law: Law, seed: int) -> pl.DataFrame:
    """Return the draws of a law as the table of a fit."""
    draws = draws_of(law, seed)
    z = (draws - law.centre) / law.spread
    density = -0.5 * z * z - np.log(law.spread * np.sqrt(2.0 * np.pi))
    kept = np.array([weight in law.kept for weight in law.weights])
    columns: dict[str, Any] = {
        CHAIN: np.zeros(len(draws), dtype=np.int64),
        DRAW: np.arange(len(draws)),
        LOG_PRIOR: density[:, kept].sum(axis=1),
        LOG_LIKELIHOOD: np.zeros(len(draws)),
    }
    columns |= {f"{PAIR}.{name_of(w)}": draws[:, k] for k, w in enumerate(law.weights)}
    return pl.DataFrame(columns)


def record_of(
    found: Pooled, draws: dict[str, Any], seed: int, reporting: float | None
) -> dict[str, Any]:
    """Return what `fit.json` holds of a pool; `draws` as of `write_draws`."""
    law, records = found.law, found.records
    weights = [
        {
            "weight": f"{PAIR}.{name_of(weight)}",
            "doctrine": doctrine_mean(found.records, weight),
            "centre": float(law.centre[k]),
            "spread": float(law.spread[k]),
            "sign": None,
            "reason": law.reason(k),
        }
        for k, weight in enumerate(law.weights)
    ]
    said = [float(r.scenario.observation.refusals_reported) for r in records]
    least, most = (min(said), max(said)) if reporting is None else (reporting, reporting)
    record = {
        "schema": SCHEMA,
        "kind": POOLED,
        **made_by(),
        "scenarios": {r.name: scenario_digest(r.scenario) for r in records},
        "history": {
            "from": min(r.span[0] for r in records),
            "until": max(r.span[1] for r in records),
        },
        "pairs": ["-".join(r.pair) for r in records],
        "channels": sorted({c for r in records for c in channels_of(r.scenario)}),
        "transitions": [list(m) for m in sorted({m for r in records for m in r.transitions})],
        "parties": {PAIR: "pooled"},
        "reporting": (least + most) / 2.0,
        **({} if least == most else {"reporting_range": [least, most]}),
        "seed": seed,
        "slopes": found.slopes,
        "log_evidence": found.compared,
        "draws": draws,
        "weights": weights,
    }
    return record | {SEAL: seal_of(record)}
