"""Tables of events: many replications as columns, and where two tables first differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sim.model.compiled_scenario import STREAM_KINDS, CompiledScenario, Floats, Ints
from sim.model.situation import SimulatedEvent, Situation
from sim.scenario.acts import RULE_OF


@dataclass(frozen=True)
class Events:
    """E events of replications, in order of replication and of place in the run.

    Every column is [E]; see `sim.model.situation.SimulatedEvent` for their meaning.
    """

    replication: Ints
    at_s: Ints
    kind: Ints
    channel: Ints
    by: Ints
    confined: Ints
    told_a: Ints
    """How side 0 tells it."""
    told_b: Ints
    """How side 1 tells it."""
    severity: Floats
    persons: Ints
    national: Ints
    holder: Ints
    meeting_s: Ints
    cause: Ints
    """The place, within its replication, of the event that this one answers; -1 for none."""
    forum: Ints
    stream: Ints
    fact: Ints

    def __len__(self) -> int:
        return len(self.at_s)

    def head(self, number: int) -> Events:
        """Return the first events."""
        return Events(*(getattr(self, name)[:number] for name in COLUMNS))

    def of(self, replication: int) -> Events:
        """Return the events of one replication."""
        lo, hi = np.searchsorted(self.replication, [replication, replication + 1])
        return Events(*(getattr(self, name)[lo:hi] for name in COLUMNS))


COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Events))
INT_COLUMNS: tuple[str, ...] = tuple(name for name in COLUMNS if name != "severity")
"""The columns of whole numbers, in the order in which the kernel writes them."""


@dataclass(frozen=True)
class Difference:
    """The first place at which two tables of events differ."""

    replication: int
    place: int
    """The place of the event within its replication, from 0."""
    field: str
    """The column, or `events` where one table has no such event."""
    left: int | float | None
    right: int | float | None
    """What each side has; None where it has no such event."""


def events_of_world(situation: Situation, replication: int) -> Events:
    """Return what happened in one finished replication as a table."""
    happenings = situation.happenings

    def column(name: str) -> Any:
        values = [_value(h, name, replication) for h in happenings]
        return np.array(values, dtype=np.float64 if name == "severity" else np.int64)

    return Events(*(column(name) for name in COLUMNS))


def _value(happening: SimulatedEvent, name: str, replication: int) -> int | float:
    if name == "replication":
        return replication
    if name in ("told_a", "told_b"):
        return happening.told[name == "told_b"]
    value: int | float = getattr(happening, name)
    return value


def happenings_of(program: CompiledScenario, events: Events) -> list[SimulatedEvent]:
    """Return the events of one replication that doctrines played, as what happened in it: all that
    a log says of them. What they came of, by which bursts are known, is not in the table."""
    names = [name for name in COLUMNS if name not in ("replication", "told_a", "told_b")]
    rows = zip(*(getattr(events, name).tolist() for name in names), strict=True)
    told = zip(events.told_a.tolist(), events.told_b.tolist(), strict=True)
    happenings = [
        SimulatedEvent(**dict(zip(names, row, strict=True)), told=pair)
        for row, pair in zip(rows, told, strict=True)
    ]
    for happening in happenings:
        if happening.stream >= 0 and happening.fact < 0:
            happening.deciders = _deciders(program, happening)
    return happenings


def _deciders(program: CompiledScenario, happening: SimulatedEvent) -> tuple[tuple[int, bool], ...]:
    """Return who decided an event of a stream: nobody, who has the opportunity, or both sides."""
    streams, s = program.streams, happening.stream
    act = STREAM_KINDS[streams.kind[s]]
    if act not in RULE_OF:
        return ()
    parties = program.channels.party[streams.channel[s]].tolist()
    own = not RULE_OF[act].answered
    return tuple((p, False) for p in ([parties[streams.side[s]]] if own else parties))


def join(tables: Iterable[Events]) -> Events:
    """Join tables of consecutive replications, given in order."""
    parts = list(tables)
    return Events(*(np.concatenate([getattr(t, name) for t in parts]) for name in COLUMNS))


def compare(left: Events, right: Events) -> Difference | int:
    """Return the first difference between two tables, or how many events were found equal.

    Severities are compared by their bits.
    """
    common = min(len(left), len(right))
    first, where = common, ""
    for name in COLUMNS:
        a, b = getattr(left, name)[:common], getattr(right, name)[:common]
        unequal = (a.view(np.int64) != b.view(np.int64)).nonzero()[0]
        if len(unequal) and unequal[0] < first:
            first, where = int(unequal[0]), name
    if first == common and len(left) == len(right):
        return common
    # an event of another replication means that one side has run out of events in this one
    if first == common or where == "replication":
        return _missing(left, right, first)
    a, b = getattr(left, where)[first], getattr(right, where)[first]
    return Difference(int(left.replication[first]), _place(left, first), where, a.item(), b.item())


def _missing(left: Events, right: Events, row: int) -> Difference:
    there = [int(t.replication[row]) if row < len(t) else None for t in (left, right)]
    replication = min(r for r in there if r is not None)
    kinds = [
        int(t.kind[row]) if r == replication else None
        for t, r in zip((left, right), there, strict=True)
    ]
    owner = left if kinds[0] is not None else right
    return Difference(replication, _place(owner, row), "events", kinds[0], kinds[1])


def _place(table: Events, row: int) -> int:
    return row - int(np.searchsorted(table.replication, table.replication[row]))
