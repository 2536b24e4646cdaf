"""The folders of designs and fits: written beside their place and moved there, so never half.

A fit's folder holds `fit.json` (what was learned, from what, and how), `draws.parquet` (a row a
draw), tables as CSV, figures and a page. `docs/learning.md` describes its format.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sim.ground.commands import options
from sim.ground.dates import day
from sim.ground.errors import RunError
from sim.ground.files import json_text, write_safely
from sim.ground.tables import write_tables
from sim.ground.yaml import dump_yaml
from sim.learning.design import Design
from sim.learning.fitting import Fit, Setup, evenly
from sim.learning.hmc_chain import WARM_UP
from sim.learning.paths import NOT_KNOWN
from sim.learning.table import design_frame, feature_columns, parquet, weights_frame
from sim.log.log import STATES
from sim.scenario.doctrine import DoctrinePrior
from sim.scenario.fit import (
    CHAIN,
    DRAW,
    DRAWS,
    FIT,
    LOG_LIKELIHOOD,
    LOG_PRIOR,
    REPORTED,
    SCHEMA,
    SEAL,
    seal_of,
)
from sim.scenario.provenance import made_by, scenario_digest
from sim.scenario.resolve import resolved_text

DESIGN, SCENARIO, PRIOR = "design.json", "scenario.yaml", "prior.yaml"


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give a folder to write into, which takes its place when all is written.

    Raises:
        RunError: there is something else in its place, or the disk refuses.
    """
    check_empty(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(".part", f".{folder.name}.", folder.parent))
    except OSError as error:
        raise RunError(f"{folder}: cannot be written: {error.strerror or error}") from None
    try:
        yield beside
        beside.chmod(0o755)
        with suppress(FileNotFoundError):
            folder.rmdir()
        beside.rename(folder)
    except OSError as error:
        raise RunError(f"{folder}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_empty(folder: Path) -> None:
    """Check that a folder is new or empty.

    Raises:
        RunError: it holds something, or cannot be opened.
    """
    try:
        held = any(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(f"{folder}: cannot be opened: {error.strerror or error}") from None
    if held:
        raise RunError(f"{folder}: holds something already; choose another --out")


def source_of(setup: Setup) -> dict[str, Any]:
    """Return what weights are learned from, as `fit.json` has it."""
    scenario, design = setup.design.scenario, setup.design
    return {
        "scenario": {"title": scenario.title, "sha256": scenario_digest(scenario)},
        "history": {
            "from": day(design.start_s).isoformat(),
            "until": day(design.program.as_of_s - 1).isoformat(),
        },
        "known_until": setup.scenario.as_of,
        "channels": list(design.program.channels.names),
        "parties": {code: setup.doctrine for code, setup in scenario.parties.items()},
        "reporting": setup.reporting,
        "seed": setup.seed,
    } | ({} if setup.reported is None else {"reporting_range": [*setup.reported]})


def holds(record: dict[str, Any], setup: Setup, keep: int | None) -> bool:
    """Whether a fit's record is that of this very fit, by this version of the program."""
    weights, priors = record["weights"], setup.parameters.plain()
    if len(weights) != len(priors):
        return False
    said = [{key: w.get(key) for key in p} for w, p in zip(weights, priors, strict=True)]
    wanted = made_by() | {"reporting_range": None} | source_of(setup) | {"keep": keep}
    return said == priors and {key: record.get(key) for key in wanted} == wanted


def record_of(fit: Fit, draws: dict[str, Any], keep: int | None) -> dict[str, Any]:
    """Return what `fit.json` holds of a fit; `draws` as of `write_draws`."""
    pooled, mode = fit.pooled, fit.mode
    prior_mean, prior_spread = fit.parameters.moments()
    low, high = np.quantile(pooled, (0.05, 0.95), axis=0)
    mean, spread = pooled.mean(axis=0), pooled.std(axis=0, ddof=1)
    found = fit.diagnostics
    weights = [
        said
        | {
            "prior_mean": float(prior_mean[p]),
            "prior_spread": float(prior_spread[p]),
            "mode": float(mode.weights[p]),
            "mean": float(mean[p]),
            "posterior_spread": float(spread[p]),
            "q05": float(low[p]),
            "q95": float(high[p]),
            "rhat": round(float(found.rhat[p]), 4),
            "effective_draws": round(float(min(found.bulk[p], found.tail[p])), 1),
        }
        for p, said in enumerate(fit.parameters.plain())
    ]
    chains, count, _ = fit.draws.weights.shape
    record = {
        "schema": SCHEMA,
        "kind": "fit",
        **made_by(),
        **source_of(fit.setup),
        "sampler": {"chains": chains, "warm_up": WARM_UP, "draws_per_chain": count},
        "diagnostics": found.plain(),
        "log_evidence": mode.log_evidence,
        "transitions": transitions_of(fit.design),
        "keep": keep,
        "command": command_of(fit.setup, "learn", keep),
        "draws": draws,
        "weights": weights,
    }
    if fit.reported is not None:
        least, most = np.quantile(fit.reported, (0.05, 0.95))
        record[REPORTED] = {"mean": fit.reporting, "q05": float(least), "q95": float(most)}
    return record | {SEAL: seal_of(record)}


def transitions_of(design: Design) -> list[list[str]]:
    """List the changes of state that a history shows, as the observer sees them, of all channels
    from the first day that is learned from."""
    found = set()
    for path in design.states:
        for (_, source), (at_s, target) in pairwise(path):
            if at_s >= design.start_s and NOT_KNOWN not in (source, target):
                found.add((STATES[source], STATES[target]))
    return [list(move) for move in sorted(found)]


def draws_frame(fit: Fit, keep: int | None = None) -> pl.DataFrame:
    """Return the draws as a table: chain, draw, log_prior, log_likelihood, a column a weight.

    With `keep` so many draws are taken, as many of each chain, spread evenly along it.
    """
    chains, count, size = fit.draws.weights.shape
    each = count if keep is None else min(count, max(1, keep // chains))
    taken = evenly(each, count)
    weights = fit.draws.weights[:, taken].reshape(-1, size)
    columns: dict[str, Any] = {
        CHAIN: np.repeat(np.arange(chains), each),
        DRAW: np.tile(taken, chains),
        LOG_PRIOR: fit.log_priors[:, taken].ravel(),
        LOG_LIKELIHOOD: fit.draws.likelihoods[:, taken].ravel(),
    }
    if fit.reported is not None:
        columns[REPORTED] = fit.reported[:, taken].ravel()
    columns |= {name: weights[:, p] for p, name in enumerate(fit.parameters.names)}
    return pl.DataFrame(columns)


def write_fit(fit: Fit, folder: Path, keep: int | None = None) -> None:
    """Write a fit's record, its draws and its scenario into a folder that `written_whole` gives.

    Raises:
        RunError: the disk refuses.
    """
    write_source(fit.setup, folder)
    draws = write_draws(draws_frame(fit, keep), folder)
    write_safely(folder / FIT, json_text(record_of(fit, draws, keep)))


def write_draws(frame: pl.DataFrame, folder: Path) -> dict[str, Any]:
    """Write draws into a folder; return what `fit.json` says of them.

    Raises:
        RunError: the disk refuses.
    """
    content = parquet(frame)
    write_safely(folder / DRAWS, content)
    return {"file": DRAWS, "rows": len(frame), "sha256": sha256(content).hexdigest()}


def write_source(setup: Setup, folder: Path) -> None:
    """Write what weights are learned from: the scenario as it was given, and the prior that was
    laid over those of its doctrines, if any.

    Raises:
        RunError: the disk refuses.
    """
    write_safely(folder / SCENARIO, resolved_text(setup.scenario))
    if setup.prior is not None:
        write_safely(folder / PRIOR, prior_text(setup.prior))


def prior_text(prior: DoctrinePrior) -> str:
    """Write a prior as YAML, which `--prior` reads."""
    return dump_yaml(prior.model_dump(mode="json", by_alias=True, exclude_unset=True))


def command_of(setup: Setup, command: str, keep: int | None = None) -> list[str]:
    """Return the command that makes a fit or a design again within its folder."""
    until = day(setup.design.program.as_of_s - 1).isoformat()
    asked: dict[str, object] = {"--until": until, "--prior": PRIOR if setup.prior else None}
    if command == "learn":
        fixed = setup.reporting if setup.reported is None else None
        asked |= {"--reporting": fixed, "--seed": setup.seed, "--keep": keep}
    return ["sim", command, SCENARIO, *options(asked)]


def write_design(setup: Setup, folder: Path) -> None:
    """Write a design as a folder.

    Raises:
        RunError: there is something else in its place, or the disk refuses.
    """
    design = setup.design
    made = {
        "schema": SCHEMA,
        "kind": "design",
        **made_by(),
        "scenario": {"title": design.scenario.title, "sha256": scenario_digest(design.scenario)},
        "questions": len(design.questions),
        "exposures": len(design.exposures),
        "shown": sum(s.told for s in design.shown),
        "command": command_of(setup, "design"),
    }
    with written_whole(folder) as beside:
        frame = design_frame(design)
        write_safely(beside / "design.parquet", parquet(frame))
        weights = {"weights.csv": weights_frame(setup.parameters).write_csv()}
        frames = {"design.parquet": frame.columns}
        write_tables(beside, weights, own=feature_columns(design.scenario), beside=frames)
        write_source(setup, beside)
        write_safely(beside / DESIGN, json_text(made))
