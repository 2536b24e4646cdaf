"""Running a scenario into a folder, or without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.eventfile import discard_events, write_events
from sim.ensemble.settings import How, settings
from sim.ground.errors import InputError, Problem
from sim.ground.files import remove_partial
from sim.model.players import Player
from sim.report.contents import PAGE
from sim.report.runfolder import Run, begin, opened, withdraw
from sim.scenario.resolve import Place, scenario_at
from sim.study.running import Order, carried_out, note_cap, ordered


def run(
    scenario: Place,
    *,
    out: str | Path | None = None,
    events: bool = False,
    players: Mapping[str, Player] | None = None,
    interval_width: float | None = None,
    note: Callable[[str], None] | None = None,
    **how: Unpack[How],
) -> Run:
    """Run a scenario: a path, plain data, or one that `load_scenario` gave.

    With `out`, the run is kept in that folder, and one that was killed there goes on. With
    `interval_width`, a share, replications are added until every outcome's 95 % interval is at
    most so wide, or until there are `replications` of them, a million by default. `events` keeps
    every event of every replication in the folder. `note` is told how narrow the intervals are so
    far. `how` are the keywords of `sim.ensemble.settings.How`.

    Raises:
        InputError: the scenario breaks rules, or the model holds its history impossible.
        RunError: the folder holds another run, the disk is full, or a worker died.
    """
    if players and out is not None:  # its chunks and files would pass for the doctrines' run
        rule = "a run's folder must follow from its scenario: keep logs where somebody plays"
        raise InputError([Problem("out", 0, "", rule)])
    if events and out is None:
        raise InputError([Problem("events", 0, "", "needs a folder")])
    given = scenario_at(scenario)
    made = settings(how, given.ensemble, players=players, interval_width=interval_width, note=note)
    order = ordered(given, made)
    if out is None:
        return Run.of(carried_out(order))
    return kept(order, Path(out), events=events)


def kept(order: Order, folder: Path, *, events: bool = False) -> Run:
    """Run an order into its folder, or go on with what is there.

    Raises:
        InputError: the model holds the history of a what-if impossible.
        RunError: the folder holds another run, the disk is full, or a worker died.
    """
    finished = opened(folder, order.scenario, order.how, events=events)
    store = ChunkStore(folder / "chunks", order.program, order.how.seed)
    if finished is None:
        remove_partial(folder)  # of a run that was killed there
        if not events:
            discard_events(folder)
        begin(folder, order.scenario)
        try:
            made = Run.of(carried_out(order, store))
        except InputError:  # no worlds of it will ever be, so the folder is free for another
            store.clear()
            withdraw(folder, order.scenario)
            raise
        made.events = events
        if store.damaged:
            made.notes.append(f"made {len(store.damaged)} damaged chunks again")
    else:
        made = finished
        note_cap(made)
    if events:  # what was deleted is made anew
        write_events(order.program, folder, replace(order.how, replications=made.replications))
    if finished is None:
        made.save(folder)
    elif not (folder / PAGE).is_file():
        from sim.report.report import write_report  # drawing is loaded where something is drawn

        write_report(made, folder)
    store.clear()
    return made
