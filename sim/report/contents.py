"""Writes what every finished folder holds: tables in each form, figures, the page, their list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from sim.ground.column import Column
from sim.ground.files import write_safely
from sim.ground.tables import write_tables
from sim.learning.table import parquet
from sim.report.datapackage import write_package
from sim.report.manuscript import write_manuscript

if TYPE_CHECKING:
    from sim.report.drawing import Drawn

PAGE = "report.html"
Paper: TypeAlias = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A table for a manuscript: the name of its files, its heads and its rows."""


def write_frames(
    folder: Path,
    tables: Mapping[str, pl.DataFrame | Sequence[str]],
    own: Mapping[str, Column] | None = None,
) -> None:
    """Write tables by the names of their files, as Parquet or else in CSV, and what their columns
    mean. Where something else writes a table, its columns alone are given. `own` as of
    `sim.ground.columns.columns_of`.

    Raises:
        ValueError: a column has no words.
        RunError: the disk or the folder refuses.
    """
    texts, beside = dict[str, str](), dict[str, Sequence[str]]()
    for name, table in tables.items():
        if not isinstance(table, pl.DataFrame):
            beside[name] = table
        elif name.endswith(".parquet"):
            write_safely(folder / name, parquet(table))
            beside[name] = table.columns
        else:
            texts[name] = table.write_csv()
    write_tables(folder, texts, own=own, beside=beside)


def write_figures(figures: Iterable[Drawn], folder: Path) -> None:
    """Write the files of figures into `figures/` of a folder.

    Raises:
        RunError: the disk or the folder refuses.
    """
    for figure in figures:
        write_safely(folder / "figures" / f"{figure.stem}.svg", figure.file)


def write_contents(
    folder: Path,
    title: str,
    html: str,
    figures: Iterable[Drawn],
    tables: Mapping[str, pl.DataFrame | Sequence[str]],
    *,
    own: Mapping[str, Column] | None = None,
    paper: Paper | None = None,
) -> None:
    """Write the page of a study with its figures and its tables, and list all that the folder
    holds; `tables` and `own` as of `write_frames`.

    Raises:
        RunError: the disk or the folder refuses.
    """
    write_figures(figures, folder)
    write_frames(folder, tables, own)
    if paper is not None:
        write_manuscript(folder, *paper)
    write_safely(folder / PAGE, html)
    write_package(folder, title)
