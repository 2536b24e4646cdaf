"""The fast executor: many replications of a program, compiled with numba.

It is the model's `world`, `abduction` and `counterfactual` over again, on flat memory, in files of
this room: `replication` runs a replication of a forecast, `abduction` infers the noise of a
what-if, `counterfactual` runs the changed world over it. Without numba the same code runs as plain
Python, slowly, with the same results.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sim.ground import draws
from sim.ground.draws import compiled
from sim.kernel import memory as k
from sim.kernel.abduction import FINE, IMPOSSIBLE, NO_ROOM, factual, room
from sim.kernel.counterfactual import replicate_changed
from sim.kernel.memory import Arrays, Memory
from sim.kernel.replication import replicate
from sim.kernel.sources import compiled_in, sources_digest
from sim.model import abduction
from sim.model.eventtable import Events
from sim.model.program import Program
from sim.model.tally import Tally


def _compile(sources: int) -> Any:
    # numba's cache looks at this file alone, but what a function closes over is part of its key:
    # so code that was compiled with other parts is not used again
    @compiled
    def replications(w: Arrays, seed: int, first: int, count: int) -> int:
        w.ints[k.SEED] = seed
        for row in range(count):
            w.ints[k.ROW], w.ints[k.REPLICATION] = row, first + row
            replicate(w)
        return sources

    return replications


def _compile_what_ifs(sources: int) -> Any:
    @compiled
    def what_ifs(v: Arrays, w: Arrays, seed: int, first: int, count: int) -> tuple[int, int]:
        w.ints[k.SEED] = seed
        for row in range(count):
            w.ints[k.ROW], w.ints[k.REPLICATION] = row, first + row
            code = replicate_changed(v, w)
            if code != FINE:
                return code, sources
        return FINE, sources

    return what_ifs


_SOURCES = sources_digest()
_replications, _what_ifs = _compile(_SOURCES), _compile_what_ifs(_SOURCES)


def run(
    program: Program, seed: int, first: int, count: int, *, events: bool = False
) -> tuple[Tally, Events | None]:
    """Run replications `first` to `first + count - 1`; return their sums and, if asked, events.

    The results are to the last bit those of `sim.model.replication.replicate`. The memory does not
    grow with the number of replications, but for a row of values in each; events are counted in one
    pass and written in a second.

    Raises:
        InputError: the model holds the history of a what-if impossible.
    """
    announce(what_if=program.past is not None)
    kept = room(program) if program.past is not None else 0
    memory = _filled(program, seed, first, count, 0, kept)
    if events:
        happened = int(memory.table(k.T_HAPPENED).sum())
        memory = _filled(program, seed, first, count, happened, memory.kept_rows)
    return memory.tally(), memory.events() if events else None


def _filled(
    program: Program, seed: int, first: int, count: int, log_rows: int, kept_rows: int
) -> Memory:
    """Run replications in a new memory and return it."""
    memory = Memory(program, first, count, log_rows, kept_rows)
    if program.past is None:
        _replications(memory.world, seed, first, count)
        return memory
    code, _ = _what_ifs(factual(program).world, memory.world, seed, first, count)
    if code == NO_ROOM:
        return _filled(program, seed, first, count, log_rows, 2 * kept_rows + 1)
    if code == IMPOSSIBLE:
        replication = int(memory.world.ints[k.REPLICATION])
        abduction.infer(program, seed, replication)
        raise RuntimeError(f"the executors disagree on what is possible in {replication}")
    return memory


_announced: set[bool] = set()


def announce(*, what_if: bool) -> None:
    """Say on standard error, once, what makes a first run slow: a compilation, or no compiler."""
    if what_if in _announced:
        return
    _announced.add(what_if)
    if not draws.HAS_NUMBA:
        _announced.add(not what_if)
        rule = "numba is missing or its JIT is off: running as plain Python, slowly"
        print(rule, file=sys.stderr)
    elif not warm(what_if=what_if):
        of = "the kernel for what-ifs" if what_if else "the kernel"
        print(f"compiling {of}, once: this takes about half a minute", file=sys.stderr)


def warm(*, what_if: bool = False) -> bool:
    """Whether what a forecast or a what-if needs is compiled, in this process or on disk, so that a
    run starts at once.

    It looks at dates of files and may err after the sources were touched; only a message hangs on
    it.
    """
    entry, name = (_what_ifs, "what_ifs") if what_if else (_replications, "replications")
    if not draws.HAS_NUMBA or entry.signatures:
        return True
    if entry.stats.cache_path is None:
        return False
    newest = max(path.stat().st_mtime for path in compiled_in())
    indices = Path(entry.stats.cache_path).glob(f"run.*{name}*.nbi")
    return any(index.stat().st_mtime > newest for index in indices)
