"""The inferred noise as an object: kept with a run, read again, and used for other what-ifs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path

import polars as pl

from sim.ensemble.chunks import program_digest
from sim.ensemble.work import Progress
from sim.ground.dates import MAX_YEAR, MIN_YEAR, end_of, parse
from sim.ground.errors import InputError, Problem
from sim.ground.files import OPEN_SEAL, has_seal, is_sealed, read_bytes, sealed, write_safely
from sim.ground.version import MODEL_VERSION
from sim.model.abduction import Inferred, infer
from sim.model.compiling import compile_scenario
from sim.model.program import Program
from sim.scenario.scenario import Scenario

MAX_BYTES = 2_000_000_000
MAX_REPLICATIONS = 1_000_000
_EARLIEST_S, _LATEST_S = parse(str(MIN_YEAR)).lo_s, end_of(str(MAX_YEAR))
_MOST = 2**31 - 1
POLARS_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises over a file that is none; a panic is no `Exception`."""
_FLOATS = ("do", "accept", "lead", "tell_a", "tell_b")
_SCHEMA = {"replication": pl.Int64} | {
    f.name: pl.Float64 if f.name in _FLOATS else pl.Int64 for f in fields(Inferred)
}


@dataclass(frozen=True)
class Noise:
    """What history implies of chance, for some replications of one factual world and seed.

    Several what-ifs over one history can be run over it; it does not depend on what they change.
    """

    identity: str
    """Names the factual world and the seed: see `identity_of`."""
    rows: Sequence[Sequence[Inferred]]
    """[replication] the inferred opportunities of its past, in order."""

    def save(self, path: Path) -> None:
        """Write the noise as Parquet, a row an opportunity; NaN for what is as it was drawn.

        Raises:
            RunError: the disk or the folder refuses.
        """
        records = [
            (r, *(getattr(i, f.name) for f in fields(Inferred)))
            for r, row in enumerate(self.rows)
            for i in row
        ]
        frame = pl.DataFrame(records, schema=_SCHEMA, orient="row")
        body = io.BytesIO()
        about = {"identity": self.identity, "replications": str(len(self.rows))}
        about["content"], about["model"] = _content(frame), str(MODEL_VERSION)
        frame.write_parquet(body, metadata=about | {"seal": OPEN_SEAL})
        write_safely(path, sealed(body.getvalue()))


def load_noise(path: Path) -> Noise:
    """Read a file that `Noise.save` wrote.

    Raises:
        InputError: it is none, or it is damaged.
    """
    name, content = path.as_posix(), read_bytes(path, MAX_BYTES)
    broken = InputError([Problem(name, 0, "", "is no noise file, or a damaged one")])
    if has_seal(content) and not is_sealed(content):  # earlier versions did not seal
        raise broken
    try:
        about = pl.read_parquet_metadata(io.BytesIO(content))
        identity, replications = about["identity"], int(about["replications"])
        if not 0 <= replications <= MAX_REPLICATIONS:
            raise ValueError
        frame = pl.read_parquet(io.BytesIO(content))
        if frame.schema != pl.Schema(_SCHEMA) or about["content"] != _content(frame):
            raise ValueError
        if not _in_range(frame, replications):
            raise ValueError
        if (model := about.get("model", "1")) != str(MODEL_VERSION):
            rule = f"was kept by another model than this one, {MODEL_VERSION}"
            raise InputError([Problem(name, 0, "", rule, model)])
        rows: list[list[Inferred]] = [[] for _ in range(replications)]
        for record in frame.iter_rows():
            rows[record[0]].append(Inferred(*record[1:]))
    except (ValueError, KeyError, TypeError, IndexError, *POLARS_ERRORS):
        raise broken from None
    return Noise(identity, rows)


def _in_range(frame: pl.DataFrame, replications: int) -> bool:
    """Whether every row of a frame may be an opportunity of some scenario's past."""
    bounds = {
        "replication": (0, replications - 1),
        "at_s": (_EARLIEST_S, _LATEST_S),
        "stream": (-1, _MOST),
        "index": (-1, _MOST),
        "fact": (-1, _MOST),
    } | dict.fromkeys(_FLOATS, (0, 1))
    held = [
        pl.col(name).is_between(*bound) | (pl.col(name).is_nan() if name in _FLOATS else False)
        for name, bound in bounds.items()
    ]
    return bool(frame.select(pl.all_horizontal(held).fill_null(value=False).all()).item())


def _content(frame: pl.DataFrame) -> str:
    """Return the SHA-256 of what a frame holds, in hexadecimal."""
    digest = sha256()
    for column in frame.iter_columns():
        digest.update(column.to_numpy().tobytes())
    return digest.hexdigest()


def identity_of(scenario: Scenario, seed: int) -> str:
    """Return the digest of what noise depends on: the factual world and the seed, no change."""
    factual: dict[str, object] = {"changes": (), "outcomes": {}, "observe_from": None, "sweep": {}}
    program = compile_scenario(scenario.model_copy(update=factual), retrace=True)
    return sha256(f"{MODEL_VERSION} {program_digest(program)} {seed}".encode()).hexdigest()


def infer_noise(
    scenario: Scenario,
    program: Program,
    seed: int,
    replications: int,
    progress: Progress | None = None,
) -> Noise:
    """Infer the noise of a what-if's history.

    Raises:
        InputError: the model holds the history impossible.
    """
    rows = []
    for r in range(replications):
        rows.append(infer(program, seed, r))
        if progress is not None:
            progress(r + 1, replications)
    return Noise(identity_of(scenario, seed), rows)


def check_fits(noise: Noise, scenario: Scenario, seed: int, replications: int) -> None:
    """Refuse noise that was inferred for another history, model, seed or fewer replications.

    Raises:
        InputError: it does not fit.
    """
    if noise.identity != identity_of(scenario, seed):
        rule = "was inferred from another history, model or seed"
        raise InputError([Problem("noise", 0, "", rule)])
    program = compile_scenario(scenario)
    streams, facts = len(program.streams.names), len(program.facts.ids)
    if any(i.stream >= streams or i.fact >= facts for row in noise.rows for i in row):
        rule = "names a stream or an event that the scenario does not have"
        raise InputError([Problem("noise", 0, "", rule)])
    if len(noise.rows) < replications:
        rule = f"must hold at least {replications:,} replications"
        raise InputError([Problem("noise", 0, "", rule, f"{len(noise.rows):,}")])
