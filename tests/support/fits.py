"""Fits that are made up and not learned, for tests of scenarios that draw weights from one."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.ground.version import MODEL_VERSION
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS, weight_name
from sim.scenario.fit import DRAWS, FIT, SEAL, Fitted, load_fit, seal_of
from sim.scenario.prior import MAX_WEIGHT
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of

Floats = NDArray[np.float64]


def weights_of(scenario: Scenario) -> dict[str, float]:
    """The weights that a fit of a scenario holds, with its doctrines' own numbers."""
    found = {}
    for code, setup in scenario.parties.items():
        matrix = scenario.doctrines[setup.doctrine].matrix()
        for decision, row in zip(DECISIONS, matrix, strict=True):
            for feature, weight in zip(FEATURES, row, strict=True):
                if weight != 0.0 or feature == "bias":
                    found[weight_name(code, decision, feature)] = weight
    return found


def made_up(
    scenario: Scenario,
    folder: Path,
    draws: int = 7,
    spread: float = 1.0,
    seed: int = 1,
    inclined: dict[str, float] | None = None,
    **record: Any,
) -> Path:
    """Write a fit of a scenario's doctrines, of draws around their weights, and return its folder.

    `inclined` are inclinations that it holds too, by name and centre. `record` is laid over what
    its `fit.json` says.
    """
    own = weights_of(scenario) | (inclined or {})
    noise = np.random.default_rng(seed).normal(0.0, 1.0, (draws, len(own)))
    centre = np.array(list(own.values()))
    weights = np.clip(centre + spread * noise, -MAX_WEIGHT, MAX_WEIGHT)
    columns: dict[str, Any] = {
        "chain": np.zeros(draws, dtype=np.int64),
        "draw": np.arange(draws),
        "log_prior": -0.5 * (noise**2).sum(axis=1),
        "log_likelihood": noise[:, 0],
    }
    columns |= {name: weights[:, p] for p, name in enumerate(own)}
    said = {
        "schema": 1,
        "kind": "fit",
        "model": MODEL_VERSION,
        "channels": list(channels_of(scenario)),
        "transitions": [["open", "cut_off"]],
        "history": {"from": "2019-01-01", "until": "2020-12-31"},
        "reporting": 0.5,
        "parties": {code: setup.doctrine for code, setup in scenario.parties.items()},
        "weights": [
            {"weight": name, "doctrine": float(weight), "centre": float(weight), "spread": 1.0}
            for name, weight in own.items()
        ],
    }
    return written(folder, pl.DataFrame(columns), said | record)


def written(folder: Path, frame: pl.DataFrame, record: dict[str, Any]) -> Path:
    """Write a fit's folder of these draws and this record."""
    body = io.BytesIO()
    frame.write_parquet(body)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DRAWS).write_bytes(body.getvalue())
    draws = {"file": DRAWS, "rows": len(frame), "sha256": sha256(body.getvalue()).hexdigest()}
    sealed(folder, {"draws": draws} | record)
    return folder


def sealed(folder: Path, record: dict[str, Any]) -> None:
    """Write what a fit says of itself, with its seal."""
    (folder / FIT).write_text(json.dumps(record | {SEAL: seal_of(record)}))


def over(scenario: Scenario, folder: Path) -> Scenario:
    """A scenario that draws its weights from a fit."""
    return scenario.model_copy(update={"fit": Fitted.of(load_fit(folder))})
