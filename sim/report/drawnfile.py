"""The file of a run's worlds with drawn weights: written, and read again."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from sim.ground.errors import InputError
from sim.ground.files import read_bytes, write_safely

DRAWN = "weights.parquet"
MAX_BYTES = 500_000_000


def write_drawn(frame: pl.DataFrame, folder: Path) -> None:
    """Write the worlds with drawn weights, a row an outcome and world.

    Raises:
        RunError: the disk or the folder refuses.
    """
    content = io.BytesIO()
    frame.write_parquet(content)
    write_safely(folder / DRAWN, content.getvalue())


def read_frame(folder: Path, rows: int) -> pl.DataFrame | None:
    """Read the file, of at most so many rows; None where it is missing, damaged or too long."""
    try:
        content = read_bytes(folder / DRAWN, MAX_BYTES)
        frame = pl.read_parquet(io.BytesIO(content), n_rows=rows + 1)
    except (InputError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return None if len(frame) > rows else frame
