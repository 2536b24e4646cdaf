"""The fast executor: many replications of a compiled scenario, compiled with numba.

It is the model's `reference`, `abduction` and `counterfactual` over again, on flat memory, in
files of this room: `replication` runs a replication of a forecast, `abduction` infers the noise of
a what-if, `counterfactual` runs the changed world over it. Without numba the same code runs as
plain Python, slowly, with the same results.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from sim.ground import draws
from sim.ground.draws import compiled_slowly
from sim.ground.errors import SCENARIO, one_problem
from sim.ground.saying import say_once
from sim.kernel import memory as k
from sim.kernel.abduction import FINE, IMPOSSIBLE, NO_ROOM, SOME_DROPPED, factual, infer
from sim.kernel.counterfactual import run_changed
from sim.kernel.layout import Memory
from sim.kernel.memory import Arrays, at
from sim.kernel.replication import replicate
from sim.kernel.sources import sources_digest
from sim.model import abduction
from sim.model.compiled_scenario import CompiledScenario, Ints
from sim.model.eventtable import Events
from sim.model.tally import Tally


def _compile(sources: int) -> Any:
    # the cache looks at this file alone, but what a function closes over is part of its key:
    # so code that was compiled with other parts is not used again
    @compiled_slowly("the kernel", 17, 3)
    def replications(w: Arrays, seed: int, first: int, count: int) -> tuple[int, int]:
        w.ints[k.SEED] = seed
        for row in range(count):
            w.ints[k.ROW], w.ints[k.REPLICATION] = row, first + row
            replicate(w)
            if w.ints[k.FULL]:
                return NO_ROOM, sources
        return FINE, sources

    return replications


def _compile_what_ifs(sources: int) -> Any:
    @compiled_slowly("the kernel for what-ifs", 21, 8)
    def what_ifs(
        v: Arrays, w: Arrays, removed: Ints, seed: int, first: int, count: int
    ) -> tuple[int, int]:
        sets, facts = removed.shape
        w.ints[k.SEED] = seed
        for n in range(count):
            w.ints[k.ROW], w.ints[k.REPLICATION] = n * sets, first + n
            code = infer(v, w)
            for m in range(sets):
                if code != FINE:
                    return code, sources
                w.ints[k.ROW] = n * sets + m
                for f in range(facts):
                    w.ints[at(w, k.T_PAST, k.P_WIDTH, f) + k.P_REMOVED] = removed[m, f]
                code = run_changed(w)
            if code != FINE:
                return code, sources
        return FINE, sources

    return what_ifs


_SOURCES = sources_digest()
_replications, _what_ifs = _compile(_SOURCES), _compile_what_ifs(_SOURCES)


def run(
    program: CompiledScenario,
    seed: int,
    first: int,
    count: int,
    *,
    events: bool = False,
    every_raster: bool = False,
) -> tuple[Tally, Events | None]:
    """Run replications `first` to `first + count - 1`; return their sums and, if asked, events.

    The results are to the last bit those of `sim.model.replication.replicate`. The memory does not
    grow with the number of replications, but for a row of values in each; events are counted in one
    pass and written in a second. With `every_raster` the raster holds all replications.

    Raises:
        InputError: the model holds the history of a what-if impossible.
    """
    rooms = _some_rooms(program)._replace(raster=count if every_raster else None)
    memory, rooms = _filled(program, seed, first, count, rooms)
    if events:
        happened = int(memory.table(k.T_HAPPENED).sum())
        memory, _ = _filled(program, seed, first, count, rooms._replace(log=happened))
    return memory.tally(), memory.events() if events else None


def run_without(
    program: CompiledScenario, removed: Ints, seed: int, first: int, count: int
) -> Ints:
    """Run replications of a what-if without one set of facts after another, over the same noise.

    `removed` says by 1 or 0 which facts each set takes out of the past of `program`: [sets, facts].
    History is walked through once a replication, however many sets there are. Returns what each
    world comes to: [count, sets, outcomes], to the last bit what `run` gives of each set alone.

    Raises:
        InputError: the model holds the history impossible.
    """
    plain = replace(program, grid_s=program.grid_s[:1])  # nobody asks where the worlds were when
    memory, _ = _filled(plain, seed, first, count, _some_rooms(program), removed)
    return memory.table(k.T_VALUES).reshape(count, len(removed), len(program.outcomes.names))


class Rooms(NamedTuple):
    """For how many rows there is room."""

    log: int
    dropped: int
    bursts: int
    raster: int | None = None
    """None for as many as are drawn."""


SOME_BURSTS, MOST_BURSTS = 64, 1 << 21
"""Bursts of simulated events that wait at once: room for the first try, and the most."""


def _some_rooms(program: CompiledScenario) -> Rooms:
    """Return the room of a first try, which nearly always is enough."""
    return Rooms(0, SOME_DROPPED if program.past is not None else 0, SOME_BURSTS)


def _filled(
    program: CompiledScenario,
    seed: int,
    first: int,
    count: int,
    rooms: Rooms,
    removed: Ints | None = None,
) -> tuple[Memory, Rooms]:
    """Run replications in a new memory; return it, and the room that they took.

    Raises:
        InputError: the model holds the history impossible, or bursts run away.
    """
    announce()
    past = program.past
    if past is None:
        memory = Memory(program, first, count, *rooms)
        code, _ = _replications(memory.world, seed, first, count)
    else:
        sets = past.removed[None, :] if removed is None else removed
        memory = Memory(program, first, count * len(sets), *rooms)
        code, _ = _what_ifs(factual(program).world, memory.world, sets, seed, first, count)
    if code == NO_ROOM:
        if not memory.world.ints[k.FULL]:
            rooms = rooms._replace(dropped=4 * rooms.dropped)
        elif rooms.bursts >= MOST_BURSTS:
            rule = f"must not keep more than {MOST_BURSTS:,} bursts waiting at once"
            raise one_problem(SCENARIO, rule, path="attention")
        else:
            rooms = rooms._replace(bursts=4 * rooms.bursts)
        return _filled(program, seed, first, count, rooms, removed)
    if code == IMPOSSIBLE:
        replication = int(memory.world.ints[k.REPLICATION])
        abduction.infer(program, seed, replication)
        raise RuntimeError(f"the executors disagree on what is possible in {replication}")
    return memory, rooms


def announce() -> None:
    """Say on standard error, once, that nothing is compiled; a compilation says so itself."""
    if not draws.HAS_NUMBA:
        say_once("numba is missing or its JIT is off: running as plain Python, slowly")
