"""Do both executors give the same, to the last bit: worlds, noise that is inferred, refusals?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

from sim.ground.errors import InputError
from sim.kernel import abduction as kernel_past
from sim.kernel import memory as k
from sim.kernel import run as kernel
from sim.kernel.layout import Memory
from sim.model import abduction
from sim.model.compiled_scenario import DECIDED, MET, CompiledScenario
from sim.model.eventtable import Events, compare, events_of_world, join
from sim.model.replication import replicate
from sim.model.tally import Sums, Tally, blank, count
from sim.scenario.acts import ACTS


def reference(
    program: CompiledScenario, seed: int, first: int, number: int
) -> tuple[Tally, Events]:
    """What the reference executor gives for some replications."""
    tally, tables = blank(program, number, first), []
    for row in range(number):
        situation = replicate(program, seed, first + row).situation
        count(program, situation, tally, row)
        tables.append(events_of_world(situation, first + row))
    return tally, join(tables)


def merge(tallies: Iterable[Tally]) -> Tally:
    """Join the tallies of consecutive chunks, given in order of replication."""
    parts = list(tallies)

    def zeros(name: str) -> Any:
        return np.zeros_like(getattr(parts[0], name))

    total = Tally(
        values=np.concatenate([t.values for t in parts]),
        raster=np.concatenate([t.raster for t in parts]),
        occupancy=zeros("occupancy"),
        moves=zeros("moves"),
        exposure_s=zeros("exposure_s"),
        events=zeros("events"),
    )
    sums = Sums(total)
    for part in parts:
        sums.add(sums.done, part)
    return total


def unequal(left: Tally, right: Tally) -> list[str]:
    """The names of the arrays in which two tallies differ, by type, shape or number."""
    pairs = {f.name: (getattr(left, f.name), getattr(right, f.name)) for f in fields(Tally)}
    return [
        name
        for name, (a, b) in pairs.items()
        if a.dtype != b.dtype or a.shape != b.shape or not np.array_equal(a, b)
    ]


def agree(program: CompiledScenario, seed: int, first: int, number: int) -> int:
    """Check that both executors give the same, and return the number of events compared."""
    tally, events = kernel.run(program, seed, first, number, events=True)
    expected, table = reference(program, seed, first, number)
    assert events is not None
    found = compare(table, events)
    assert isinstance(found, int), found
    assert unequal(expected, tally) == []
    again, none = kernel.run(program, seed, first, number)
    assert none is None
    assert unequal(tally, again) == []
    return found


Kept = list[tuple[int, int, int, float]]
Given = dict[int, tuple[int, float, float, float | None, float, float, int]]
Dropped = set[tuple[int, int]]
Found = tuple[Kept, Given, Dropped]


def noise_of_kernel(program: CompiledScenario, seed: int, replication: int) -> Found:
    """The noise that the kernel infers: of untaken opportunities, of facts, and of bursts."""
    memory = Memory(program, replication, 1, 0, 100_000, 500)
    w, v = memory.world, kernel_past.factual(program).world
    assert program.past is not None
    code, _ = kernel._what_ifs(v, w, program.past.removed[None, :], seed, replication, 1)
    assert code == kernel_past.FINE
    head = w.ints
    dropped = memory.table(k.T_DROPPED)
    moments, chances = memory.table(k.T_MOMENT)[:, 1].tolist(), int(head[k.X_ASKED])
    walk, kept = abduction.Abduction(program, seed, replication), Kept()
    streams = memory.table(k.T_STREAM)
    for s in np.flatnonzero(program.streams.kind < len(ACTS)).tolist():
        prior = walk.prior(s)
        if program.streams.forum[s] < 0:
            ruled_out, row = set[int](), int(streams[s, k.S_DROPPED])
            while row >= 0:
                index, row = dropped[row].tolist()
                ruled_out.add(index)
            kept += [(o.at_s, s, o.index, o.do) for o in prior if o.index not in ruled_out]
        elif prior and head[head[k.T_USED] + s] == 0:
            kept.append((moments[s], s, 0, float(w.floats[chances + 2 * s])))
    kept.sort()
    given: Given = {}
    for f in range(len(program.facts.ids)):
        role, place = program.past.role[f], int(head[k.X_GIVEN]) + k.G_WIDTH * f
        accept, lead, a, b, do = w.floats[place : place + k.G_WIDTH].tolist()
        if role == DECIDED:
            chosen, burst = int(head[head[k.T_CHOSEN] + f]), int(head[head[k.T_BROUGHT] + f])
            share = None if math.isnan(lead) else lead
            given[f] = (chosen, do, accept, share, a, b, burst)
        elif role == MET:
            given[f] = (-1, 0.0, 0.0, 0.0, a, b, -1)
    masks = enumerate(memory.table(k.T_BURST)[:, k.B_DROPPED].tolist())
    return kept, given, {(b, n) for b, mask in masks if mask for n in range(62) if mask >> n & 1}


def noise_of_reference(program: CompiledScenario, seed: int, replication: int) -> Found:
    """The noise that the reference infers, in the same form."""
    found = abduction.infer(program, seed, replication)
    kept = [(i.at_s, i.stream, i.index, i.do) for i in found if i.fact < 0 and i.burst < 0]
    given: Given = {}
    for i in found:
        if i.fact >= 0 and i.stream >= 0:
            lead = None if math.isnan(i.lead) else i.lead
            given[i.fact] = (i.stream, i.do, i.accept, lead, i.tell_a, i.tell_b, i.burst)
        elif i.fact >= 0:
            given[i.fact] = (-1, 0.0, 0.0, 0.0, i.tell_a, i.tell_b, -1)
    return kept, given, {(i.burst, i.index) for i in found if i.fact < 0 and i.burst >= 0}


def outcome_of(run: Callable[[], tuple[Tally, Events | None]]) -> tuple[Tally, Events] | str:
    """What a run gives, or why its history is impossible."""
    try:
        tally, events = run()
    except InputError as error:
        return str(error)
    assert events is not None
    return tally, events


def agree_or_refuse(program: CompiledScenario, seed: int, first: int, number: int) -> None:
    """Check that both executors give the same worlds and noise, or refuse history in one way."""
    slow = outcome_of(partial(reference, program, seed, first, number))
    fast = outcome_of(partial(kernel.run, program, seed, first, number, events=True))
    if isinstance(slow, str) or isinstance(fast, str):
        assert slow == fast
        return
    assert compare(slow[1], fast[1]) == len(slow[1])
    assert unequal(slow[0], fast[0]) == []
    noise = noise_of_kernel(program, seed, first)
    assert noise == noise_of_reference(program, seed, first)
