"""The folder that keeps a run: what is in it, writing it, and opening it again."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from shutil import rmtree

import numpy as np
import polars as pl
from pydantic import AliasPath, BaseModel, ConfigDict, Field, ValidationError

from sim.ensemble.settings import EXECUTORS, MOST, MOST_DRAWS, Settings
from sim.ensemble.weighed import compile_weighed
from sim.ground.column import DAYS, SHARE, Column, ColumnType
from sim.ground.columns import TABLES
from sim.ground.commands import how, options
from sim.ground.draws import MAX_SEED
from sim.ground.errors import InputError, Problem, RunError, shown
from sim.ground.files import PART, json_record, json_text, read_bytes, write_safely
from sim.ground.version import MODEL_VERSION, program_version
from sim.learning.drawn_weights import draws_among, source_of
from sim.log.file import to_jsonl
from sim.log.log import LEFT_OUT
from sim.model.compiled_scenario import CompiledScenario, ints
from sim.model.tally import blank, from_npz, to_npz
from sim.report.contents import write_frames
from sim.report.datapackage import BEGUN, write_package
from sim.report.manuscript import write_manuscript
from sim.report.numbers import ESTIMATE, estimate
from sim.results.by_government import government_frame
from sim.results.columns_of_worlds import GOVERNMENT, UNNAMED
from sim.results.outcomes import in_file_order, title_of
from sim.results.over_weights import Drawn, read_drawn
from sim.scenario.fit import COPY
from sim.scenario.outcomes import OUTCOME_RULES
from sim.scenario.provenance import provenance, scenario_digest
from sim.scenario.resolve import load_scenario, write_resolved
from sim.scenario.scenario import Scenario
from sim.study import run as study_run
from sim.study.running import width
from sim.study.weighing import DATES, EACH, EACH_DATES

SCENARIO, PROVENANCE, TALLY = "scenario.yaml", "provenance.json", "tally.npz"
DRAWN = "weights.parquet"
"""The worlds with drawn weights."""
MAX_DRAWN_BYTES = 500_000_000
MAX_RECORD_BYTES = 1_000_000
"""Of `begun.json` and `provenance.json`, which hold a few lines."""
SAMPLE, SUMMARY = "sample.jsonl", "summary.json"
STUDY = "study.json"
"""What the folder of a comparison, a why or a sweep holds; see `sim.report.studyfolder`."""


@dataclass(repr=False)
class Run(study_run.Run):
    """A finished run that can be kept in a folder."""

    @classmethod
    def of(cls, run: study_run.Run) -> Run:
        """Return a run as one that can be kept."""
        return cls(**{f.name: getattr(run, f.name) for f in fields(run) if f.init})

    def save(self, folder: str | Path, *, report: bool = True) -> Path:
        """Write the run into a folder and return the folder, as `sim.save` does.

        Raises:
            RunError: the disk or the folder refuses.
        """
        return save_run(self, Path(folder), report=report)


def save_run(run: study_run.Run, folder: Path, *, report: bool = True) -> Path:
    """Write a run into a folder, with its page or without, and return the folder.

    Raises:
        RunError: the disk or the folder refuses.
    """
    write_resolved(run.scenario, folder / SCENARIO)
    made = provenance(run.scenario, run.seed, run.replications, run.executor)
    made |= {"interval_width": run.interval_width, "events": run.events, "command": _command(run)}
    made |= {"draws": run.draws}
    sample = run.sample()
    if left_out := sample.header.get(LEFT_OUT):
        held = f"{len(sample.events):,} events of its world"
        run.notes.append(f"{SAMPLE} holds the first {held} and leaves out {left_out:,} later ones")
    write_safely(folder / SAMPLE, to_jsonl(sample))
    write_safely(folder / SUMMARY, json_text(run.summary()))
    tables: dict[str, pl.DataFrame | list[str]] = {"worlds.parquet": run.values}
    if run.drawn is not None:
        tables[DRAWN] = run.drawn.frame([*run.scenario.outcomes])
    if run.events:
        tables["events/*.parquet"] = [c.name for c in TABLES["events/*.parquet"]]
    tables["outcomes.csv"] = run.outcomes
    for channel in run.program.channels.names:
        tables[f"occupancy-{channel.replace('/', '-')}.csv"] = run.occupancy(channel)
    if run.by_government:
        tables["governments.csv"] = government_frame(run.by_government)
    tables["worlds.csv"] = run.values
    write_frames(folder, tables, outcome_columns(run.scenario))
    rows = [(a.title, *estimate(a)) for a in in_file_order(run.scenario, run.answers)]
    write_manuscript(folder, "outcomes", ("Outcome", *ESTIMATE), rows)
    if report:
        from sim.report.report import write_report  # drawing is loaded where something is drawn

        write_report(run, folder)
    write_safely(folder / TALLY, to_npz(run.tally))
    write_package(folder, run.scenario.title, (PROVENANCE,))
    write_safely(folder / PROVENANCE, json_text(made))  # last: its presence says all is written
    (folder / BEGUN).unlink(missing_ok=True)
    return folder


def outcome_columns(scenario: Scenario) -> dict[str, Column]:
    """Say what the columns mean that a table of worlds names after the outcomes and governments."""
    said: dict[str, tuple[ColumnType, str, str]] = {
        "yes_or_no": ("integer", "", "1 where it comes about in the world, 0 where it does not"),
        "share": ("number", SHARE, "the share of days in the world"),
        "days": ("number", DAYS, "the days until then in the world; empty where it never comes"),
    }
    found = {}
    for name, outcome in scenario.outcomes.items():
        type_, unit, words = said[OUTCOME_RULES[outcome.type].form]
        found[name] = Column(name, type_, unit, f"{title_of(scenario, name)}: {words}.")
    for id_, government in scenario.governments.items():
        meaning = f"The doctrine that {government.party} takes up on {government.on} in the world."
        found[f"{GOVERNMENT}{id_}"] = Column(f"{GOVERNMENT}{id_}", "string", "", meaning)
    for id_, group in scenario.unnamed.items():
        meaning = f"How many of {group.national_of} {group.held_by} holds in the world, unnamed."
        found[f"{UNNAMED}{id_}"] = Column(f"{UNNAMED}{id_}", "integer", "people", meaning)
    return found


def _command(run: study_run.Run) -> list[str] | None:
    """Return the command that makes a run again within its folder; none can where people or scripts
    answered."""
    if run.players:
        return None
    asked = {
        "--interval-width": run.interval_width,
        "--events": run.events,
        "--draws": run.draws,
        "--executor": None if run.executor == EXECUTORS[0] else run.executor,
    }
    return ["sim", "run", SCENARIO, *how(run.seed, run.replications), *options(asked)]


def held_in(folder: Path) -> set[str]:
    """Name what a folder holds, but for files that are being written; nothing where there is none.

    Raises:
        RunError: it cannot be opened.
    """
    try:
        return {path.name for path in folder.iterdir() if not path.match(PART)}
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise RunError(f"{folder}: cannot be opened: {error.strerror or error}") from None


def opened(folder: Path, scenario: Scenario, how: Settings, *, events: bool = False) -> Run | None:
    """Return the finished run that a folder holds, or None where it is free or unfinished.

    Raises:
        RunError: the folder holds something else.
    """

    def refused(rule: str) -> RunError:
        return RunError(f"{folder}: {rule}; choose another --out")

    if not {name for name in held_in(folder) if not name.startswith(COPY)} - {BEGUN}:
        return None
    finished = (folder / PROVENANCE).is_file()
    if not (folder / SCENARIO).is_file():
        raise refused("holds files that are not a run's")
    if not finished and _begun_by(folder) != MODEL_VERSION:
        rule = f"holds an unfinished run of another model than this one, {MODEL_VERSION}"
        raise refused(rule)
    if scenario_digest(load_scenario(folder / SCENARIO)) != scenario_digest(scenario):
        raise refused("holds a run of another scenario")
    if not finished:
        return None
    if (model := _made_by(folder)) != MODEL_VERSION:
        raise refused(f"holds a run of model {shown(model)}; this is model {MODEL_VERSION}")
    found = load_run(folder)
    if found.version != program_version():
        raise refused(f"holds a run of version {found.version} of this program")
    same = found.interval_width == how.interval_width and found.seed == how.seed
    if same and how.interval_width is not None:
        # one that reached its cap answers for that cap alone
        reached = width(found.scenario, found.program, found.tally) <= how.interval_width
        number = how.replications
        same = found.replications <= number if reached else found.replications == number
    elif same:
        same = found.replications == how.replications
    if not same:
        rule = f"holds this scenario with seed {found.seed} and {found.replications} replications"
        if found.interval_width:
            rule += f", to an interval width of {found.interval_width:g}"
        raise refused(rule)
    if found.draws != how.draws:
        raise refused(f"holds this run with {found.draws or 'no'} draws of the weights")
    if events and not found.events:
        raise refused("holds this run without its events")
    return found


def begin(folder: Path, scenario: Scenario) -> None:
    """Say in a folder whose run it will hold, and by which model.

    Raises:
        RunError: the disk or the folder refuses.
    """
    write_safely(folder / BEGUN, json_text({"model": MODEL_VERSION}))
    write_resolved(scenario, folder / SCENARIO)


def withdraw(folder: Path, scenario: Scenario) -> None:
    """Take back what `begin` wrote of a run that cannot be made, and the folder if it is empty."""
    if scenario.fit is not None:
        rmtree(folder / scenario.fit.folder, ignore_errors=True)
    with suppress(OSError):
        (folder / BEGUN).unlink(missing_ok=True)
        (folder / SCENARIO).unlink(missing_ok=True)
        folder.rmdir()


def _begun_by(folder: Path) -> object:
    """Return the model by which an unfinished run was begun; model 1 did not say."""
    begun = json_record(folder / BEGUN, MAX_RECORD_BYTES)
    return 1 if begun is None else begun.get("model", 1)


def _made_by(folder: Path) -> object:
    """Return the model that a finished run says it has; model 1 did not say. Of a broken file this
    says nothing: it returns the present model, and `load_run` finds what is wrong."""
    made = json_record(folder / PROVENANCE, MAX_RECORD_BYTES)
    return MODEL_VERSION if made is None or "program" not in made else made.get("model", 1)


class _Made(BaseModel):
    """What `provenance.json` says of a run, checked."""

    model_config = ConfigDict(strict=True)

    seed: int = Field(ge=0, le=MAX_SEED)
    replications: int = Field(ge=1, le=MOST)
    executor: str = Field("reference", pattern=f"^({'|'.join(EXECUTORS)})$")
    interval_width: float | None = Field(None, gt=0, lt=1)
    events: bool = False
    version: str = Field(validation_alias=AliasPath("program", "version"))
    scenario: str = Field(validation_alias=AliasPath("scenario", "sha256"))
    """The digest of its scenario."""
    draws: int = Field(0, ge=0, le=MOST_DRAWS)
    """Draws of the weights that were asked for."""


def _made(folder: Path) -> _Made | None:
    """Return what a run's record says, or None where a part of it is missing or cannot be so."""
    try:
        return _Made.model_validate(json_record(folder / PROVENANCE, MAX_RECORD_BYTES))
    except ValidationError:
        return None


def load_run(folder: str | Path) -> Run:
    """Open a finished run's folder.

    Raises:
        InputError: the folder is not a finished run, or its files are broken.
    """
    folder = Path(folder)
    name = folder.as_posix()
    if not (folder / PROVENANCE).is_file() or not (folder / TALLY).is_file():
        rule = "must be the folder of a finished run"
        if (folder / STUDY).is_file():
            rule += ", and holds a comparison, a why or a sweep: their figures are in figures/"
        raise InputError([Problem(name, 0, "", rule)])
    if (model := _made_by(folder)) != MODEL_VERSION:
        rule = f"must be a run of model {MODEL_VERSION}: open it with the version that made it"
        raise InputError([Problem(name, 0, "model", rule, shown(model))])
    scenario = load_scenario(folder / SCENARIO)
    broken = InputError([Problem(name, 0, "", "the run's files do not belong together")])
    made = _made(folder)
    if made is None or made.scenario != scenario_digest(scenario):
        raise broken
    program = compile_weighed(scenario)
    try:
        tally = from_npz((folder / TALLY).read_bytes(), blank(program, made.replications))
    except (OSError, ValueError, KeyError, TypeError, MemoryError):
        tally = None
    if tally is None:
        raise broken
    drawn = None
    if made.draws:
        drawn = _drawn(folder, scenario, program, made.draws)
        if drawn is None:
            raise broken
    return Run(
        scenario,
        program,
        made.seed,
        tally,
        made.executor,
        None,
        made.interval_width,
        made.events,
        made.version,
        drawn,
    )


def _drawn(folder: Path, scenario: Scenario, program: CompiledScenario, asked: int) -> Drawn | None:
    """Read a run's worlds with drawn weights; None where they are missing or damaged."""
    outcomes, worlds = [*scenario.outcomes], asked * EACH
    if not outcomes:
        return Drawn(np.zeros((worlds, 0)), ints([]), 0, source_of(scenario), asked)
    most = (worlds + DATES * EACH_DATES) * len(outcomes)
    try:
        content = read_bytes(folder / DRAWN, MAX_DRAWN_BYTES)
        frame = pl.read_parquet(io.BytesIO(content), n_rows=most + 1)
    except (InputError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    if len(frame) > most:
        return None
    draws = draws_among(scenario, program, asked)
    found = read_drawn(frame, outcomes, draws, source_of(scenario), asked)
    return found if found is not None and found.worlds == worlds else None
