"""Running a scenario: its ensemble, in a folder or without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from sim.ensemble.chunks import ChunkStore
from sim.ensemble.ensemble import Progress, ensemble, executor_for
from sim.ensemble.eventfile import discard_events, write_events
from sim.ensemble.noise import Noise, check_fits, infer_noise
from sim.ground.draws import MAX_REPLICATIONS, MAX_SEED
from sim.ground.errors import InputError, Problem
from sim.ground.files import remove_partial, write_safely
from sim.model.compiling import compile_scenario
from sim.model.players import Player
from sim.model.program import Program
from sim.scenario.interventions import level
from sim.scenario.resolve import scenario_at
from sim.scenario.scenario import Scenario
from sim.study.precision import CAP, looks, width
from sim.study.run import NOISE, SCENARIO, Run, load_run, opened, resolved_text

__all__ = ["NOISE", "Run", "load_run", "opened", "resolved_text", "run"]


def _load_drawing_during(program: Program, seed: int) -> None:
    """Import what a report needs, which takes a while, as the worlds are run.

    The kernel leaves Python to others once it runs, so it is loaded first.
    """
    from sim.kernel import run as kernel

    def load() -> None:
        with suppress(ImportError):  # who draws imports it too, and is told
            import sim.report.report  # noqa: F401

    kernel.run(program, seed, 0, 0)
    Thread(target=load, daemon=True).start()


def _unreached(made: Run, precision: float | None) -> list[str]:
    """Say that a run stopped at its cap, if it did."""
    if precision is None or width(made.scenario, made.program, made.tally) <= precision:
        return []
    return [f"stopped at {made.replications:,} replications before the precision was reached"]


def run(
    scenario: str | Path | Scenario,
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
    noise: Noise | None = None,
    keep_noise: bool = False,
) -> Run:
    """Run a scenario: a path, or one that `load_scenario` gave.

    With `out`, the run is kept in that folder, and one that was killed there goes on. With
    `precision`, a share, replications are added until every outcome's 95 % interval is at most so
    wide, or until there are `replications` of them, a million by default. `events` keeps every
    event of every replication in the folder. `cluster` is the address of a Dask scheduler. `note`
    is told how precise the run is so far. `noise` is run over in the stead of noise inferred anew,
    and `keep_noise` keeps what was inferred in the folder.

    Raises:
        InputError: the scenario breaks rules, or the model holds its history impossible.
        RunError: the folder holds another run, the disk is full, or a worker died.
    """
    scenario = scenario_at(scenario)
    if scenario.sweep:
        rule = "a scenario with a remove_partial is many runs: `sim.sweep` makes them"
        raise InputError([Problem(scenario.title, 0, "sweep", rule)])
    if players and out is not None:  # its chunks and files would pass for the doctrines' run
        rule = "a run's folder must follow from its scenario: keep logs where somebody plays"
        raise InputError([Problem("out", 0, "", rule)])
    if events and out is None:
        raise InputError([Problem("events", 0, "", "needs a folder")])
    if (noise is not None or keep_noise) and level(scenario) != "what-if":
        raise InputError([Problem("noise", 0, "", "only a what-if infers noise and runs over it")])
    if precision is not None and not 0 < precision < 1:
        raise InputError([Problem("precision", 0, "", "must lie between 0 and 1", str(precision))])
    whole = (("replications", replications, 1, MAX_REPLICATIONS), ("seed", seed, 0, MAX_SEED))
    for name, value, least, most in (*whole, ("workers", workers, 1, 512)):
        if value is not None and not least <= value <= most:
            rule = f"must lie in {least} to {most}"
            raise InputError([Problem(name, 0, "", rule, str(value))])
    if noise is not None and (cluster is not None or executor == "kernel"):
        rule = "kept noise is run over by `world`, in this process"
        raise InputError([Problem("noise", 0, "", rule)])
    cap = replications or CAP
    number = scenario.ensemble.replications if replications is None else replications
    seed = scenario.ensemble.seed if seed is None else seed
    chosen = "world" if noise is not None else executor_for(executor, players)
    if noise is not None:
        check_fits(noise, scenario, seed, number)
    program = compile_scenario(scenario)
    spread: dict[str, Any] = {"workers": workers, "cluster": cluster, "progress": progress}

    def keep_events(count: int, folder: Path) -> None:
        write_events(program, seed, count, folder, chosen, **spread)

    store, tally = None, None
    if out is not None:
        out = Path(out)
        wanted = cap if precision is not None else number
        found = opened(out, scenario, seed, wanted, precision, events)
        store = ChunkStore(out / "chunks", program, seed)
        if found is not None:
            store.clear()
            if events:  # what was deleted is made anew
                keep_events(found.replications, out)
            found.notes += _unreached(found, precision)
            if keep_noise and not (out / NOISE).is_file():
                infer_noise(scenario, program, seed, number, progress).save(out / NOISE)
            return found
        remove_partial(out)
        if not events:
            discard_events(out)
        if not keep_noise:
            (out / NOISE).unlink(missing_ok=True)
        write_safely(out / SCENARIO, resolved_text(scenario))
        if chosen == "kernel" and cluster is None:
            _load_drawing_during(program, seed)
    for target in looks(cap) if precision is not None else (number,):
        number = target
        tally = ensemble(
            program,
            seed,
            number,
            executor=chosen,
            workers=workers,
            store=store,
            players=players,
            progress=progress,
            have=tally,
            cluster=cluster,
            noise=None if noise is None else noise.rows,
        )
        if precision is not None:
            widest = width(scenario, program, tally)
            if note is not None:
                note(f"widest interval {widest:.4f} after {number:,}")
            if widest <= precision:
                break
    assert tally is not None
    finished = Run(scenario, program, seed, tally, chosen, players, precision, events)
    finished.notes += _unreached(finished, precision)
    if out is not None and store is not None:
        if store.damaged:
            finished.notes.append(f"made {len(store.damaged)} damaged chunks anew")
        if events:
            keep_events(number, out)
        if keep_noise:
            infer_noise(scenario, program, seed, number, progress).save(out / NOISE)
        finished.save(out)
        store.clear()
    return finished
