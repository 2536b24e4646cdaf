"""A finished run, and the folder that keeps it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ground.errors import InputError, Problem, RunError, did_you_mean, shown
from sim.ground.files import PART, json_text, write_safely
from sim.ground.version import program_version
from sim.ground.yaml import dump_yaml
from sim.log.file import to_jsonl
from sim.log.log import Log
from sim.model.chronicle import chronicle
from sim.model.compiling import compile_scenario
from sim.model.players import Player
from sim.model.program import Program
from sim.model.replication import replicate
from sim.model.tally import Tally, blank
from sim.scenario.interventions import level
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario
from sim.study.outcomes import Answer, answers, event_rates
from sim.study.precision import width
from sim.study.provenance import provenance, scenario_digest

if TYPE_CHECKING:
    import polars as pl

    from sim.study.gallery import Gallery

SCENARIO, PROVENANCE, TALLY = "scenario.yaml", "provenance.json", "tally.npz"
SAMPLE, SUMMARY, NOISE = "sample.jsonl", "summary.json", "noise.parquet"
STUDY = "study.json"
"""What the folder of a comparison, a why or a sweep holds; see `sim.report.studyfolder`."""


@dataclass(repr=False)
class Run:
    """A finished run."""

    scenario: Scenario
    program: Program
    seed: int
    tally: Tally
    executor: str = "kernel"
    players: Mapping[str, Player] | None = None
    precision: float | None = None
    """How narrow the run was to make every interval; None where the number was set."""
    events: bool = False
    """Whether every event of every replication is kept."""
    version: str = field(default_factory=program_version)
    """The version of the program that made the run."""
    notes: list[str] = field(default_factory=list)
    """What the user should know of how the run went."""
    _samples: dict[int, Log] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        """Say what was run, in a line."""
        worlds = f"{self.replications:,} worlds, seed {self.seed}"
        return f"<Run {self.scenario.title!r}: a {self.level} over {worlds}>"

    @property
    def replications(self) -> int:
        """How many replications the run holds."""
        return self.tally.replications

    @property
    def level(self) -> str:
        """What the run answers: `forecast`, `policy` or `what-if`."""
        return level(self.scenario)

    @cached_property
    def answers(self) -> list[Answer]:
        """The outcomes with their intervals."""
        return answers(self.scenario, self.program, self.tally)

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """The outcomes as a frame, one row each; see `sim.study.outcomes.Answer` for the columns."""
        from sim.study.frames import outcomes_frame

        return outcomes_frame(self.answers)

    @cached_property
    def values(self) -> pl.DataFrame:
        """One row a replication, one column an outcome: 1 or 0 for a yes-or-no outcome, the share
        of days (0 to 1) for a share, and for a first time the days until then, null for never."""
        from sim.study.frames import values_frame

        return values_frame(self.program, self.tally)

    def occupancy(self, channel: str | None = None) -> pl.DataFrame:
        """Shares of replications in each state over time: time, viewpoint, state, share.

        Raises:
            InputError: the run has no such channel; the first is taken where none is named.
        """
        from sim.study.frames import occupancy_frame

        names = self.program.channels.names
        if channel is not None and channel not in names:
            rule = f"must be one of {', '.join(names)}{did_you_mean(channel, names)}"
            raise InputError([Problem("occupancy", 0, "channel", rule, shown(channel))])
        return occupancy_frame(self.program, self.tally, channel or names[0])

    def sample(self, replication: int = 0) -> Log:
        """The full log of one replication, history included; it is run once and kept."""
        if replication not in self._samples:
            self._samples[replication] = self._sampled(replication)
        return self._samples[replication]

    def _sampled(self, replication: int) -> Log:
        world = replicate(self.program, self.seed, replication, self.players)
        header: dict[str, str | int] = {
            "scenario_sha256": scenario_digest(self.scenario),
            "seed": self.seed,
            "replication": replication,
            "level": self.level,
        }
        made = provenance(self.scenario, self.seed, self.replications, self.executor)
        header |= {"backchannel": made["program"]["version"], "python": str(made["python"])}  # type: ignore[index]
        return chronicle(self.scenario, self.program, world.situation.happenings, header)

    @property
    def plot(self) -> Gallery:
        """The figures of the run."""
        from sim.study.gallery import Gallery

        return Gallery(self)

    def summary(self) -> dict[str, Any]:
        """The run's answers as plain data, for JSON."""
        return {
            "title": self.scenario.title,
            "question": self.scenario.question,
            "level": self.level,
            "as_of": self.scenario.as_of,
            "until": self.scenario.until,
            "seed": self.seed,
            "replications": self.replications,
            "outcomes": {
                a.name: {f.name: getattr(a, f.name) for f in fields(a) if f.name != "name"}
                for a in self.answers
            },
            "events_per_replication": event_rates(self.program, self.tally),
        }

    def save(self, folder: str | Path, *, report: bool = True) -> Path:
        """Write the run into a folder and return the folder.

        Raises:
            RunError: the disk or the folder refuses.
        """
        folder = Path(folder)
        write_safely(folder / SCENARIO, resolved_text(self.scenario))
        made = provenance(self.scenario, self.seed, self.replications, self.executor)
        made |= {"precision": self.precision, "events": self.events}
        write_safely(folder / SAMPLE, to_jsonl(self.sample()))
        write_safely(folder / SUMMARY, json_text(self.summary()))
        write_safely(folder / "outcomes.csv", self.outcomes.write_csv())
        for channel in self.program.channels.names:
            name = f"occupancy-{channel.replace('/', '-')}.csv"
            write_safely(folder / name, self.occupancy(channel).write_csv())
        if report:
            from sim.report.report import write_report

            write_report(self, folder)
        content = io.BytesIO()
        np.savez(content, **{f.name: getattr(self.tally, f.name) for f in fields(Tally)})
        write_safely(folder / TALLY, content.getvalue())
        write_safely(folder / PROVENANCE, json_text(made))  # last: its presence says all is written
        return folder


def resolved_text(scenario: Scenario) -> str:
    """Write a resolved scenario as YAML that can be run on its own."""
    plain = {"schema": scenario.schema_version, **scenario.plain()}
    if scenario.history is not None:
        plain["history"] = {"schema": scenario.history.schema_version, **plain["history"]}
    return dump_yaml(plain)


def opened(
    folder: Path,
    scenario: Scenario,
    seed: int,
    replications: int,
    precision: float | None = None,
    events: bool = False,
) -> Run | None:
    """Return the finished run that a folder holds, or None where it is free or unfinished.

    Raises:
        RunError: the folder holds something else.
    """
    try:
        held = [p for p in folder.iterdir() if not p.match(PART)]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{folder}: cannot be opened: {error.strerror or error}") from None
    if not held:
        return None
    if not (folder / SCENARIO).is_file():
        raise RunError(f"{folder}: holds files that are not a run's; choose another --out")
    kept = load_scenario(folder / SCENARIO)
    if scenario_digest(kept) != scenario_digest(scenario):
        raise RunError(f"{folder}: holds a run of another scenario; choose another --out")
    if not (folder / PROVENANCE).is_file():
        return None
    found = load_run(folder)
    if found.version != program_version():
        rule = f"holds a run of version {found.version} of this program"
        raise RunError(f"{folder}: {rule}; choose another --out")
    same = found.precision == precision and found.seed == seed
    if precision is not None and same:  # one that reached its cap answers for that cap alone
        reached = width(found.scenario, found.program, found.tally) <= precision
        same = found.replications <= replications if reached else found.replications == replications
    elif same:
        same = found.replications == replications
    if not same:
        rule = f"holds this scenario with seed {found.seed} and {found.replications} replications"
        rule += f", to a precision of {found.precision:g}" if found.precision else ""
        raise RunError(f"{folder}: {rule}; choose another --out")
    if events and not found.events:
        raise RunError(f"{folder}: holds this run without its events; choose another --out")
    return found


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
    scenario = load_scenario(folder / SCENARIO)
    program = compile_scenario(scenario)
    try:
        made = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        seed, replications = int(made["seed"]), int(made["replications"])
        with (folder / TALLY).open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            tally = Tally(**{f.name: arrays[f.name] for f in fields(Tally)})
        expected = blank(program, replications)
        fits = made["scenario"]["sha256"] == scenario_digest(scenario) and all(
            getattr(tally, f.name).shape == getattr(expected, f.name).shape for f in fields(Tally)
        )
        version = str(made["program"]["version"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, MemoryError):
        fits, version = False, ""
    if not fits:
        raise InputError([Problem(name, 0, "", "the run's files do not belong together")])
    executor, precision = str(made.get("executor", "world")), made.get("precision")
    events = bool(made.get("events", False))
    return Run(scenario, program, seed, tally, executor, None, precision, events, version)
