"""Attending: which bursts of opportunities an event opens in a world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.log.events import KINDS
from sim.model.bursts import Origin, Point, burst_words, is_asked, points
from sim.model.deciding import Deciding
from sim.model.players import Occasion, Player
from sim.model.program import Program
from sim.model.situation import Happening


@dataclass(frozen=True, slots=True)
class Opened:
    """A burst that an event has opened."""

    row: int
    """The row of the table; see `sim.model.program.Attention`."""
    at_s: int
    """When it opened."""
    words: tuple[int, int]
    """The words that its uniforms are drawn from."""
    because: Occasion
    """The event that opened it."""
    burst: int = -1
    """The burst of history that it is; -1 for one that history does not have."""


class Attending(Deciding):
    """A world whose parties are asked again after events."""

    def __init__(
        self,
        program: Program,
        seed: int,
        replication: int,
        players: Mapping[str, Player] | None = None,
        *,
        trace: bool = False,
    ) -> None:
        super().__init__(program, seed, replication, players, trace=trace)
        self.opened: list[Opened] = []
        """The bursts that have opened, in order."""

    def attend(self, happening: Happening) -> None:
        """Open the bursts of an event that has happened."""
        attention, f = self.program.attention, happening.opens
        coded = self.program.facts.ids[f] if f >= 0 else None
        because = Occasion(KINDS[happening.kind], happening.at_s, coded)
        if f >= 0:
            for b in range(int(attention.fact_start[f]), int(attention.fact_start[f + 1])):
                lo, hi = attention.words[b].tolist()
                origin = int(attention.origin[b])
                self.open(Opened(int(attention.row[b]), happening.at_s, (lo, hi), because, origin))
            return
        for row in self.rows_after(happening):
            words = burst_words(*happening.origin, *attention.key[row].tolist())
            self.open(Opened(row, happening.at_s, words, because))

    def open(self, opened: Opened) -> None:
        """Note a burst that has opened."""
        self.opened.append(opened)

    def rows_after(self, happening: Happening) -> Iterator[int]:
        """Yield the rows that a simulated event opens, in order."""
        attention, streams, kind = self.program.attention, self.program.streams, happening.kind
        if happening.channel >= 0:
            places = [kind * len(self.program.channels.names) + happening.channel]
            start, rows = attention.channel_start, attention.channel_rows
        else:
            dyads = len(self.program.dyad_party)
            places = [kind * dyads + dyad for dyad in self.situation.reached(happening)]
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
            self.program.attention,
            opened.row,
            opened.at_s,
            lambda index: self.uniforms(opened.words, index),
        )

    def forum_origin(self, m: int, channel: int) -> Origin:
        """Return what a copresence comes of: its forum and its channel."""
        lo, hi = self.program.attention.forum_key[m].tolist()
        return lo, hi, int(self.program.attention.channel_word[channel]), 0
