"""What a folder that this program wrote holds: its kind, its record, its scenarios and its logs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sim.ground.commands import LOGS, SCENARIOS
from sim.ground.errors import InputError, Problem
from sim.ground.files import json_record, read_bytes
from sim.learning.folder import DESIGN
from sim.report.runfolder import PROVENANCE, SCENARIO, STUDY
from sim.results.frames import schema_of
from sim.scenario.fit import FIT, MAX_RECORD_BYTES

MAX_TABLE_BYTES = 200_000_000
RECORDS = {PROVENANCE: "run", STUDY: "", FIT: "fit", DESIGN: "design"}
"""The file that is a finished folder's record, and of what kind it then is; a study says itself."""


@dataclass(frozen=True)
class Kept:
    """A finished folder."""

    folder: Path
    kind: str
    """`run`, `comparison`, `why`, `sweep`, `sensitivity`, `hindcast`, `pool`, `agreement`, `fit` or
    `design`."""
    record: dict[str, Any]
    """What made it."""

    @property
    def scenarios(self) -> list[Path]:
        """The resolved scenarios."""
        whole = self.folder / SCENARIO
        return [whole] if whole.is_file() else sorted((self.folder / SCENARIOS).glob("*.yaml"))

    @property
    def logs(self) -> list[Path]:
        """The logs that were compared."""
        return sorted((self.folder / LOGS).glob("*.jsonl"))

    @property
    def command(self) -> list[str] | None:
        """The command that makes it again, within the folder; None where none can."""
        said = self.record.get("command")
        whole = isinstance(said, list) and all(isinstance(word, str) for word in said)
        return said if whole else None

    def table(self, file: str) -> pl.DataFrame:
        """Return a table in CSV, with the columns that this version writes.

        Raises:
            InputError: it is missing, was changed, or has the columns of another version.
        """
        place = self.folder / file
        content = read_bytes(place, MAX_TABLE_BYTES)
        types = schema_of(file)
        try:
            found = pl.read_csv(content, schema_overrides=types, infer_schema_length=None)
        except pl.exceptions.PolarsError:
            found = pl.DataFrame({})
        if found.columns != [*types] or found.is_empty():
            rule = "must be the table that this version writes: it was changed, or is of another"
            raise InputError([Problem(place.as_posix(), 0, "", rule)])
        return found


def kept_in(folder: str | Path) -> Kept:
    """Look at a finished folder.

    Raises:
        InputError: it holds nothing finished that this program wrote, or its record is broken.
    """
    place = Path(folder)
    for name, kind in RECORDS.items():
        if not (place / name).is_file():
            continue
        record = json_record(place / name, MAX_RECORD_BYTES)
        if record is None or not _says_program(record) or not (kind or record.get("study")):
            rule = f"{name} must be the record of what made the folder: it was changed"
            raise InputError([Problem(place.as_posix(), 0, "", rule)])
        return Kept(place, kind or str(record["study"]), record)
    rule = "must be the folder of a finished run, study or fit"
    raise InputError([Problem(place.as_posix(), 0, "", rule)])


def _says_program(record: dict[str, Any]) -> bool:
    program = record.get("program")
    return isinstance(program, dict) and isinstance(program.get("version"), str)
