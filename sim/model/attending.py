"""Attending: which bursts of opportunities an event opens in a world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sim.log.events import KINDS
from sim.model.bursts import Origin, Point, burst_words, is_asked, points
from sim.model.coded import Key, Pair
from sim.model.compiled_scenario import CompiledScenario
from sim.model.players import Occasion
from sim.model.situation import SimulatedEvent


@dataclass(frozen=True, slots=True)
class Opened:
    """A burst that an event has opened."""

    row: int
    """The row of the table; see `sim.model.compiled_scenario.Attention`."""
    at_s: int
    """When it opened."""
    words: tuple[int, int]
    """The words that its uniforms are drawn from."""
    because: Occasion
    """The event that opened it."""
    burst: int = -1
    """The burst of history that it is; -1 for one that history does not have."""


class Attention:
    """Which bursts events open in a replication, and what these bring."""

    def __init__(self, program: CompiledScenario, uniforms: Callable[[Key, int], Pair]) -> None:
        self.program, self.attention, self.uniforms = program, program.attention, uniforms

    def opened_by(self, happening: SimulatedEvent, pairs: Iterable[int]) -> Iterator[Opened]:
        """Yield the bursts that an event opens; `pairs` are the pairs of parties it concerns."""
        attention, f = self.attention, happening.opens
        coded = self.program.facts.ids[f] if f >= 0 else None
        because = Occasion(KINDS[happening.kind], happening.at_s, coded)
        if f >= 0:
            for b in range(int(attention.fact_start[f]), int(attention.fact_start[f + 1])):
                lo, hi = attention.words[b].tolist()
                origin = int(attention.origin[b])
                yield Opened(int(attention.row[b]), happening.at_s, (lo, hi), because, origin)
            return
        for row in self.rows_after(happening, pairs):
            words = burst_words(*happening.origin, *attention.key[row].tolist())
            yield Opened(row, happening.at_s, words, because)

    def rows_after(self, happening: SimulatedEvent, pairs: Iterable[int]) -> Iterator[int]:
        """Yield the rows that a simulated event opens, in order."""
        attention, streams, kind = self.attention, self.program.streams, happening.kind
        if happening.channel >= 0:
            places = [kind * len(self.program.channels.names) + happening.channel]
            start, rows = attention.channel_start, attention.channel_rows
        else:
            dyads = len(self.program.dyad_party)
            places = [kind * dyads + dyad for dyad in pairs]
            start, rows = attention.pair_start, attention.pair_rows
        by = happening.holder if happening.national >= 0 else happening.by
        for place in places:
            for row in rows[start[place] : start[place + 1]].tolist():
                party = int(streams.by[attention.stream[row]])
                if is_asked(int(attention.toward[row]), party, by):
                    yield row

    def points(self, opened: Opened) -> Iterator[Point]:
        """Yield the opportunities of a burst."""
        return points(
            self.attention,
            opened.row,
            opened.at_s,
            lambda index: self.uniforms(opened.words, index),
        )

    def forum_origin(self, m: int, channel: int) -> Origin:
        """Return what a copresence comes of: its forum and its channel."""
        lo, hi = self.attention.forum_key[m].tolist()
        return lo, hi, int(self.attention.channel_word[channel]), 0
