"""The reference executor: one replication as SimPy processes, one per party and stream.

Read this, with `deciding`, to know what the model is. Opportunities arrive on streams that nobody's
choice changes; at each, a party decides by its own view of the channel.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, cast

import simpy

from sim.ground.dates import DAY_S
from sim.ground.draws import log
from sim.log.events import KIND_CODE
from sim.model.attending import Attention, Opened
from sim.model.bursts import BLOCKS, Point
from sim.model.coded import COPRESENCE, HELD
from sim.model.compiled_scenario import STREAM_KINDS, CompiledScenario, Ints
from sim.model.deciding import Deciding
from sim.model.governing import taken_up
from sim.model.opportunity import Opportunity
from sim.model.players import Player
from sim.model.situation import DETAINED, Pending, SimulatedEvent, Situation
from sim.model.unnamed import drawn_number
from sim.scenario.acts import ACTS

SWITCHES, FACTS, MEETINGS = 1, 2, 3
"""Ranks at one instant; then come the streams by name, then the closing of forums."""

Process: TypeAlias = Generator[simpy.Event, Any, None]


class Moment(simpy.Event):
    """An instant, with a rank that orders it among others at the same instant; at one rank the
    routine comes first, then bursts by number."""

    def __init__(self, env: simpy.Environment, at_s: int, rank: int, number: int = 0) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        priority = rank << 40 | number
        env.schedule(self, priority=cast(Any, priority), delay=at_s - env.now)


class World(Deciding):
    """One replication of a program."""

    env: simpy.Environment
    """The clock; there is one once the run has begun."""
    begun = False

    def __init__(
        self,
        program: CompiledScenario,
        seed: int,
        replication: int,
        players: Mapping[str, Player] | None = None,
        *,
        trace: bool = False,
    ) -> None:
        super().__init__(program, seed, replication, players, trace=trace)
        self.attention = Attention(program, self.uniforms)
        self.opened: list[Opened] = []
        """The bursts that have opened, in order."""
        self.dropped: set[tuple[int, int]] = set()
        """Points of bursts, (burst, number), that cannot be: of a what-if."""

    def run(self) -> Situation:
        """Run to the end and return the situation, with its path and all that happened."""
        rank, as_of_s = self.program.facts.rank, self.program.as_of_s
        before = range(self.program.facts.before)
        for f in sorted(before, key=lambda f: (self.instants[f], rank[f])):
            self.apply_fact(f)
        self.leave_past()
        self.begin(as_of_s, self.processes(as_of_s, self.later_facts()))
        return self.situation

    def begin(self, start_s: int, processes: Iterable[Process]) -> None:
        """Start all processes at an instant and run them to the end."""
        self.env, self.begun = simpy.Environment(initial_time=start_s), True
        self.start_s = start_s
        for process in processes:
            self.env.process(process)
        for number, opened in enumerate(self.opened):
            self.env.process(self.bring_burst(opened, number + 1))
        self.env.run(until=self.program.until_s)
        for channel, views in enumerate(self.situation.seen):
            for view in range(len(views)):
                self.situation.settle(channel, view, self.program.until_s - 1)

    def expect(self, channel: int, agreed: Pending) -> None:
        """Hold an agreed meeting on its date, once the run has begun."""
        super().expect(channel, agreed)
        if self.begun:
            self.env.process(self.meeting(channel, agreed))

    def attend(self, happening: SimulatedEvent) -> None:
        """Open the bursts of an event that has happened."""
        for opened in self.attention.opened_by(happening, self.situation.reached(happening)):
            self.open(opened)

    def open(self, opened: Opened) -> None:
        """Offer what a burst brings, once the run has begun."""
        self.opened.append(opened)
        if self.begun:
            self.env.process(self.bring_burst(opened, len(self.opened)))

    # ------------------------------------------------------------------------------ processes

    def leave_past(self) -> None:
        """Come to the as-of date: forget meetings due before it, since the log says if they were
        held, and hold as many people more whom nobody names as this replication draws."""
        for channel, pending in enumerate(self.situation.pending):
            if pending is not None and pending.at_s < self.program.as_of_s:
                self.situation.pending[channel] = None
        unnamed = self.program.unnamed
        rows = (row.tolist() for row in (unnamed.place, unnamed.number, unnamed.key))
        for (dyad, side), (least, choices), (lo, hi) in zip(*rows, strict=True):
            number = drawn_number(least, choices, (lo, hi), self.seed, self.replication)
            self.situation.held[dyad][side] += number

    def processes(self, start_s: int, facts: Process) -> Iterator[Process]:
        """Make the processes of a run that starts at an instant: switches, facts and meetings, and
        the streams and forums after the as-of date."""
        streams, forums, as_of_s = self.program.streams, self.program.forums, self.program.as_of_s
        yield self.switches(start_s)
        yield facts
        for channel, pending in enumerate(self.situation.pending):
            if pending is not None:
                yield self.meeting(channel, pending)
        for s in range(len(streams.names)):
            if streams.forum[s] < 0:
                yield self.stream(s)
            elif streams.at_s[s, 0] >= as_of_s:
                yield self.approach_chance(s)
        for m in range(len(forums.names)):
            if forums.lo_s[m] >= as_of_s:
                yield self.close_forum(m, int(forums.hi_s[m]) - 1, forums.attends[m])

    def until(self, at_s: int, rank: int, number: int = 0) -> Moment:
        """Wait until an instant."""
        return Moment(self.env, at_s, rank, number)

    def stream_rank(self, s: int) -> int:
        """Return the rank of a stream among others at one instant."""
        return MEETINGS + len(self.program.channels.names) + s

    def switches(self, start_s: int) -> Process:
        """Let parties take up other doctrines on their dates."""
        doctrines, current = self.program.doctrines, self.situation.doctrine
        rows = zip(doctrines.switch_s.tolist(), doctrines.switch_party.tolist(), strict=True)
        for switch, (at_s, party) in enumerate(rows):
            yield self.until(max(at_s, start_s), SWITCHES)
            current[party] = taken_up(doctrines, switch, self.seed, self.replication)

    def later_facts(self) -> Process:
        """Let events happen that were inserted after the as-of date."""
        facts, instants = self.program.facts, self.instants
        later = range(facts.before, len(facts.ids))
        for f in sorted(later, key=lambda f: (instants[f], facts.rank[f])):
            if instants[f] >= self.program.as_of_s:
                yield self.until(instants[f], FACTS)
                self.apply_fact(f)

    def stream(self, s: int) -> Process:
        """Bring the opportunities of a Poisson stream, or the world's own events."""
        kind, rank = STREAM_KINDS[self.program.streams.kind[s]], self.stream_rank(s)
        as_of_s, until_s = self.program.as_of_s, self.program.until_s
        for opportunity in arrivals(self, s, self.key[s], as_of_s, until_s):
            yield self.until(opportunity.at_s, rank)
            if kind in ACTS:
                self.take(opportunity)
            else:
                happen(self, opportunity)

    def bring_burst(self, opened: Opened, number: int) -> Process:
        """Bring the opportunities of a burst, the `number`-th that opened."""
        s = int(self.program.attention.stream[opened.row])
        for point in self.points(opened):
            if point.at_s >= self.program.until_s:
                return
            if point.at_s >= self.start_s:  # what lies before was history's
                yield self.until(point.at_s, self.stream_rank(s), number)
                chance = Opportunity(s, point.at_s, opened.words, point.index, point.do)
                chance.because = opened.because
                self.take(chance)

    def points(self, opened: Opened) -> Iterator[Point]:
        """Yield the opportunities of a burst that can be."""
        for point in self.attention.points(opened):
            if (opened.burst, point.index) not in self.dropped:
                yield point

    def approach_chance(self, s: int) -> Process:
        """Bring the one opportunity that a forum gives a party to walk up to the other."""
        at_s = forum_moment(self, s)
        _, do = self.uniforms(self.key[s], 0)
        yield self.until(at_s, self.stream_rank(s))
        self.take(Opportunity(s, at_s, self.key[s], 0, do))

    def close_forum(self, m: int, at_s: int, attending: Ints) -> Process:
        """Note, as a forum ends, on which of the channels both were there and nobody spoke."""
        yield self.until(at_s, self.stream_rank(len(self.program.streams.names)) + m)
        for channel in attending.nonzero()[0].tolist():
            if not self.spoken[m, channel]:
                passed = SimulatedEvent(at_s, COPRESENCE, channel, forum=m)
                passed.origin = self.attention.forum_origin(m, channel)
                self.emit(passed)

    def meeting(self, channel: int, agreed: Pending) -> Process:
        """Hold an agreed meeting on its date, unless it was called off, or the log holds it."""
        if agreed.by_log or not self.env.now <= agreed.at_s < self.program.until_s:
            return
        yield self.until(agreed.at_s, MEETINGS + channel)
        if self.situation.pending[channel] is agreed:
            held = SimulatedEvent(agreed.at_s, HELD, channel, by=agreed.by, cause=agreed.cause)
            held.origin, self.because = agreed.origin, None
            self.contact(held, agreed.telling)


def happen(world: Deciding, opportunity: Opportunity) -> None:
    """Let the world bring an event."""
    world.deciders, world.because = [], None
    streams, s = world.program.streams, opportunity.stream
    kind, by = STREAM_KINDS[streams.kind[s]], int(streams.by[s])
    if kind == "detention":
        happening = world.event(opportunity, DETAINED, by)
        happening.persons = 1
        happening.national, happening.holder = int(streams.national[s]), int(streams.holder[s])
    else:
        happening = world.event(opportunity, KIND_CODE[kind], by)
        _, grade = world.chances(opportunity, 1)
        least, most = (float(x) for x in streams.severity[s])
        happening.severity = least + grade * (most - least)
    world.emit(happening)


def forum_moment(world: Deciding, s: int) -> int:
    """Return when a side has its chance at a forum: a coin says which side is the first."""
    streams = world.program.streams
    coin, _ = world.uniforms((int(streams.coin[s, 0]), int(streams.coin[s, 1])), 0)
    first = 0 if coin < 0.5 else 1
    return int(streams.at_s[s, 0 if world.side[s] == first else 1])


def arrivals(
    deciding: Deciding, s: int, key: tuple[int, int], start_s: int, end_s: int
) -> Iterator[Opportunity]:
    """Yield the opportunities of a Poisson stream from `start_s` to before `end_s`."""
    rate, days, n = float(deciding.program.streams.rate[s]), 0.0, 0
    while rate > 0.0:
        gap, do = deciding.uniforms(key, n * BLOCKS)
        days += -log(gap) / rate
        # a tiny rate may take the days beyond any whole number
        at_s = start_s + int(min(days * float(DAY_S), float(end_s - start_s)))
        if at_s >= end_s:
            return
        yield Opportunity(s, at_s, key, n, do)
        n += 1
