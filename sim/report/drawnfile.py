"""The file of a run's worlds with drawn weights: written, and read again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sim.ground.errors import InputError
from sim.ground.files import read_bytes, write_safely
from sim.model.compiled_scenario import Floats
from sim.results.over_weights import Drawn, read_values

DRAWN = "weights.parquet"
MAX_BYTES = 500_000_000


def write_drawn(drawn: Drawn, outcomes: Sequence[str], folder: Path) -> None:
    """Write the worlds with drawn weights, a row an outcome and world.

    Raises:
        RunError: the disk or the folder refuses.
    """
    content = io.BytesIO()
    drawn.frame(outcomes).write_parquet(content)
    write_safely(folder / DRAWN, content.getvalue())


def read_drawn(folder: Path, outcomes: Sequence[str], worlds: int) -> Floats | None:
    """Read the values [worlds, Q]; None where they are missing, damaged or of another run."""
    most = worlds * len(outcomes) + 1
    try:
        content = read_bytes(folder / DRAWN, MAX_BYTES)
        frame = pl.read_parquet(io.BytesIO(content), n_rows=most)
    except (InputError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return read_values(frame, outcomes, worlds)
