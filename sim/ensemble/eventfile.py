"""Every event of every replication, as Parquet: a file a block of replications, a row an event."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.ensemble.chunks import run_identity, spans
from sim.ensemble.settings import Settings
from sim.ensemble.work import Work
from sim.ensemble.workers import in_chunks
from sim.ground.files import OPEN_SEAL, is_sealed, sealed, write_safely
from sim.log.events import CONFLICT, KIND_CODE, KINDS, WITH_MEETING
from sim.log.kinds import TOLD
from sim.model.compiled_scenario import NO_TIME, CompiledScenario, Ints
from sim.model.eventtable import Events, events_of_world, join
from sim.model.replication import replicate

BLOCK = 1000
"""Replications of one file, whatever the chunks of the run."""
FOLDER = "events"
TELLINGS = ("as it was", "played down", "denied")
"""How a side told a contact, by code."""


@dataclass(frozen=True)
class TableJob(Work[bytes]):
    """The events of an ensemble as Parquet files, block by block."""

    program: CompiledScenario
    seed: int
    executor: str
    identity: str
    """Which run the events belong to; see `sim.ensemble.chunks.run_identity`."""

    def work(self, first: int, number: int) -> bytes:
        """Run replications `first` to `first + number` and return their file."""
        if self.executor == "kernel":
            from sim.kernel import run as kernel

            _, events = kernel.run(self.program, self.seed, first, number, events=True)
            assert events is not None
        else:
            events = join(
                events_of_world(replicate(self.program, self.seed, r).situation, r)
                for r in range(first, first + number)
            )
        out = io.BytesIO()
        about = _about(self.identity, first, number)
        events_table(self.program, events).write_parquet(out, metadata=about | {"seal": OPEN_SEAL})
        return sealed(out.getvalue())


def events_table(program: CompiledScenario, events: Events) -> pl.DataFrame:
    """Write events by names; one row each, null where there is nothing to say.

    Columns: replication, time, kind, channel, by, confined (to detainees), told_a and told_b (how
    the parties, in alphabetical order, told it), severity, persons, national_of, held_by, meeting
    (when an agreed one is due), cause (the row, within the replication, of the event it answers),
    forum, stream, id (of a coded event).
    """

    def named(names: tuple[str, ...], codes: Ints) -> pl.Series:
        table = np.array([*names, None], dtype=object)
        return pl.Series(values=list(table[codes]), dtype=pl.String)

    def of(kinds: frozenset[str]) -> NDArray[np.bool_]:
        return np.isin(events.kind, [KIND_CODE[kind] for kind in kinds])

    agreed = of(WITH_MEETING) & (events.meeting_s != NO_TIME) & (events.meeting_s != -1)
    meeting = pl.Series(values=np.where(agreed, events.meeting_s, 0) * 1_000_000)
    meeting = meeting.set(pl.Series(values=~agreed), None)  # older Polars sets no instants
    told = of(TOLD)
    severity = pl.Series(values=np.where(of(CONFLICT), events.severity, np.nan)).fill_nan(None)
    return pl.DataFrame(
        {
            "replication": events.replication,
            "time": pl.Series(values=events.at_s * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "kind": named(KINDS, events.kind),
            "channel": named(program.channels.names, events.channel),
            "by": named(program.parties, events.by),
            "confined": events.confined.astype(np.bool_),
            "told_a": named(TELLINGS, np.where(told, events.told_a, -1)),
            "told_b": named(TELLINGS, np.where(told, events.told_b, -1)),
            "severity": severity,
            "persons": events.persons,
            "national_of": named(program.parties, events.national),
            "held_by": named(program.parties, events.holder),
            "meeting": meeting.cast(pl.Datetime("us", "UTC")),
            "cause": pl.Series(values=events.cause).set(pl.Series(values=events.cause < 0), None),
            "forum": named(program.forums.names, events.forum),
            "stream": named(program.streams.names, events.stream),
            "id": named(program.facts.ids, events.fact),
        }
    )


def write_events(program: CompiledScenario, folder: Path, how: Settings) -> None:
    """Write the events of an ensemble under `folder`, a file a block; whole files of this very run
    are kept, and others are made anew.

    Raises:
        RunError: the disk is full, or a worker died.
    """
    wanted = {_place(folder, *s) for s in spans(how.replications, BLOCK)}
    for stray in set((folder / FOLDER).glob("*.parquet")) - wanted:
        stray.unlink()  # of a run of another length that was killed here
    identity = run_identity(program, how.seed)
    todo = [s for s in spans(how.replications, BLOCK) if not _is_whole(folder, *s, identity)]
    done = how.replications - sum(number for _, number in todo)
    sizes = dict(todo)
    job = TableJob(program, how.seed, how.executor, identity)
    for first, content in in_chunks(job, todo, how):
        write_safely(_place(folder, first, sizes[first]), content)
        done += sizes[first]
        how.tell(done)


def discard_events(folder: Path) -> None:
    """Remove the events of a run that was killed, and goes on without them."""
    for path in (folder / FOLDER).glob("*.parquet"):
        path.unlink()
    if (folder / FOLDER).is_dir() and not any((folder / FOLDER).iterdir()):
        (folder / FOLDER).rmdir()


def _about(identity: str, first: int, number: int) -> dict[str, str]:
    """Return what a block's file says of itself."""
    return {"identity": identity, "first": str(first), "number": str(number)}


def _is_whole(folder: Path, first: int, number: int, identity: str) -> bool:
    """Whether a block's file is there, as it was written, and is of this run."""
    place = _place(folder, first, number)
    about = _about(identity, first, number)
    if not place.is_file():
        return False
    try:
        content = place.read_bytes()
        if not is_sealed(content):
            return False
        found = pl.read_parquet_metadata(io.BytesIO(content))
    except (OSError, pl.exceptions.PolarsError):
        return False
    return {name: found.get(name) for name in about} == about


def _place(folder: Path, first: int, number: int) -> Path:
    return folder / FOLDER / f"{first:08d}-{first + number - 1:08d}.parquet"
