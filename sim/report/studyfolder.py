"""The folder of a comparison, a why, a sweep or a hindcast: whose it is, and what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.ground.commands import SCENARIOS, files_of
from sim.ground.errors import RunError
from sim.ground.files import json_record, json_text, write_safely
from sim.report.datapackage import UNFINISHED
from sim.report.runfolder import MAX_RECORD_BYTES, STUDY, held_in
from sim.scenario.provenance import made_by, scenario_digest
from sim.scenario.resolve import write_resolved
from sim.scenario.scenario import Scenario


def record(
    kind: str,
    scenarios: Mapping[str, Scenario],
    seed: int,
    replications: int,
    command: Sequence[str] | None = None,
    **more: object,
) -> dict[str, Any]:
    """Return what a study's folder says of it: enough to make it again. `command` does so, typed
    within the folder; see `sim.ground.commands`."""
    return {
        "schema": 1,
        "study": kind,
        **made_by(),
        "scenarios": {name: scenario_digest(s) for name, s in scenarios.items()},
        "titles": {name: s.title for name, s in scenarios.items()},
        "seed": seed,
        "replications": replications,
        **more,
        "command": None if command is None else list(command),
    }


def check_free(folder: Path, study: dict[str, Any]) -> None:
    """Check that a folder is new, or holds this very study or what there is of it.

    Raises:
        RunError: it holds something else, or cannot be opened.
    """
    if held_in(folder) - {*UNFINISHED} and json_record(folder / STUDY, MAX_RECORD_BYTES) != study:
        rule = f"holds something else than this {study['study']}; choose another --out"
        raise RunError(f"{folder}: {rule}")


def claim(folder: Path, study: dict[str, Any], scenarios: Mapping[str, Scenario]) -> None:
    """Write down in a folder what its study is, with the scenarios.

    Raises:
        RunError: the folder holds something else, or the disk refuses.
    """
    check_free(folder, study)
    write_safely(folder / STUDY, json_text(study))
    for name, file in files_of(scenarios, SCENARIOS).items():
        write_resolved(scenarios[name], folder / file)
