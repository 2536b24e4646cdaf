"""Running a scenario into a folder, or without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.eventfile import discard_events, write_events
from sim.ensemble.work import Progress
from sim.ground.errors import InputError, Problem
from sim.ground.files import remove_partial
from sim.model.players import Player
from sim.report.runfolder import begin, opened
from sim.scenario.resolve import Place
from sim.scenario.scenario import Scenario
from sim.study.run import Run
from sim.study.running import Order, carried_out, note_cap, ordered


def run(
    scenario: Place,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    executor: str | None = None,
    out: str | Path | None = None,
    players: Mapping[str, Player] | None = None,
    progress: Progress | None = None,
    precision: float | None = None,
    events: bool = False,
    cluster: str | None = None,
    note: Callable[[str], None] | None = None,
) -> Run:
    """Run a scenario: a path, plain data, or one that `load_scenario` gave.

    With `out`, the run is kept in that folder, and one that was killed there goes on. With
    `precision`, a share, replications are added until every outcome's 95 % interval is at most so
    wide, or until there are `replications` of them, a million by default. `events` keeps every
    event of every replication in the folder. `cluster` is the address of a Dask scheduler. `note`
    is told how precise the run is so far.

    Raises:
        InputError: the scenario breaks rules, or the model holds its history impossible.
        RunError: the folder holds another run, the disk is full, or a worker died.
    """
    if players and out is not None:  # its chunks and files would pass for the doctrines' run
        rule = "a run's folder must follow from its scenario: keep logs where somebody plays"
        raise InputError([Problem("out", 0, "", rule)])
    if events and out is None:
        raise InputError([Problem("events", 0, "", "needs a folder")])
    order = ordered(
        scenario,
        replications=replications,
        seed=seed,
        workers=workers,
        executor=executor,
        players=players,
        progress=progress,
        precision=precision,
        cluster=cluster,
        note=note,
    )
    if out is None:
        return carried_out(order)
    return _kept(order, Path(out), events=events)


def _kept(order: Order, folder: Path, *, events: bool) -> Run:
    """Run an order into its folder, or go on with what is there."""
    finished = opened(
        folder, order.scenario, order.seed, order.replications, order.precision, events
    )
    store = ChunkStore(folder / "chunks", order.program, order.seed)
    if finished is None:
        _make_ready(folder, order.scenario, events=events)
        made = carried_out(order, store)
        made.events = events
        if store.damaged:
            made.notes.append(f"made {len(store.damaged)} damaged chunks again")
    else:
        made = finished
        note_cap(made)
    if events:  # what was deleted is made anew
        write_events(
            order.program,
            order.seed,
            made.replications,
            folder,
            order.executor,
            workers=order.workers,
            cluster=order.cluster,
            progress=order.progress,
        )
    if finished is None:
        made.save(folder)
    elif not (folder / "report.html").is_file():
        from sim.report.report import write_report  # drawing is loaded where something is drawn

        write_report(made, folder)
    store.clear()
    return made


def _make_ready(folder: Path, scenario: Scenario, *, events: bool) -> None:
    """Put away what a killed run may have left, and say whose the folder is."""
    remove_partial(folder)
    if not events:
        discard_events(folder)
    begin(folder, scenario)
