"""A forecast as a Mesa 3 model, to measure the kernel against; nothing in `sim` uses it.

Governments and the world around them are agents; what is to come is an event of Mesa's
`DEVSimulator`. Decisions, folding and what an event opens are those of `sim.model.deciding`,
`sim.model.situation` and `sim.model.attending`, as in `sim.model.reference`, over the same draws:
only what brings the opportunities is Mesa's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesa import Agent, Model
from mesa.experimental.devs import DEVSimulator

from sim.model.attending import Attention, Opened
from sim.model.coded import COPRESENCE, HELD
from sim.model.compiled_scenario import STREAM_KINDS, CompiledScenario
from sim.model.deciding import Deciding
from sim.model.opportunity import Opportunity
from sim.model.reference import (
    FACTS,
    MEETINGS,
    SWITCHES,
    arrivals,
    forum_moment,
    happen,
)
from sim.model.situation import Pending, SimulatedEvent, Situation

WORLD_KINDS = frozenset(STREAM_KINDS.index(k) for k in ("escalation", "deescalation", "detention"))


@dataclass(frozen=True, slots=True)
class Rank:
    """What orders events of one instant: a finer priority than Mesa's three."""

    place: int
    number: int = 0
    """Of a burst its number, in the order in which they opened; the routine comes first."""

    @property
    def value(self) -> tuple[int, int]:
        """Return what Mesa compares."""
        return self.place, self.number


class Government(Agent):
    """A party: it takes the opportunities that come its way."""

    model: ChannelModel

    def __init__(self, model: ChannelModel, streams: list[int]) -> None:
        super().__init__(model)
        for s in streams:
            if model.program.streams.forum[s] < 0:
                self.expect_next(model.arrivals(s))
            elif model.program.streams.at_s[s, 0] >= model.program.as_of_s:
                at_s, key = forum_moment(model.talks, s), model.talks.key[s]
                _, do = model.talks.uniforms(key, 0)
                chance = Opportunity(s, at_s, key, 0, do)
                model.at(at_s, model.stream_rank[s], model.talks.take, chance)

    def expect_next(self, coming: Iterator[Opportunity], number: int = 0) -> None:
        """Schedule the next opportunity of a stream, or of the `number`-th burst."""
        chance = next(coming, None)
        if chance is not None:
            rank = self.model.stream_rank[chance.stream]
            if number > 0:
                rank = Rank(rank.place, number)
            self.model.at(chance.at_s, rank, self.consider, chance, coming, number)

    def consider(self, chance: Opportunity, coming: Iterator[Opportunity], number: int) -> None:
        """Decide on an opportunity."""
        self.model.talks.take(chance)
        self.expect_next(coming, number)


class Surroundings(Government):
    """The world around the parties: its own events are not decided."""

    def consider(self, chance: Opportunity, coming: Iterator[Opportunity], number: int) -> None:
        """Let the world's event happen."""
        happen(self.model.talks, chance)
        self.expect_next(coming, number)


class Talks(Deciding):
    """The decisions of one replication; agreed meetings and bursts are scheduled by the model."""

    model: ChannelModel | None = None

    def __init__(self, program: CompiledScenario, seed: int, replication: int) -> None:
        super().__init__(program, seed, replication)
        self.attention = Attention(program, self.uniforms)
        self.opened: list[Opened] = []

    def expect(self, channel: int, agreed: Pending) -> None:
        """Schedule an agreed meeting, once the run has begun."""
        super().expect(channel, agreed)
        if self.model is not None:
            self.model.await_meeting(channel, agreed)

    def attend(self, happening: SimulatedEvent) -> None:
        """Schedule the bursts of an event, once the run has begun."""
        for opened in self.attention.opened_by(happening, self.situation.reached(happening)):
            self.opened.append(opened)
            if self.model is not None:
                self.model.offer(opened, len(self.opened))


class ChannelModel(Model):
    """One replication of a forecast."""

    def __init__(
        self, program: CompiledScenario, seed: int, replication: int, simulator: DEVSimulator
    ) -> None:
        super().__init__(seed=replication)
        self.program, self.simulator = program, simulator
        simulator.setup(self)
        self.talks = Talks(program, seed, replication)
        first = MEETINGS + len(program.channels.names)
        self.stream_rank = [Rank(first + s) for s in range(len(program.streams.names))]
        self.instants = self.talks.instants
        self.follow_history()
        self.talks.model = self
        self.switch_doctrines()
        self.insert_facts()
        for channel, pending in enumerate(self.talks.situation.pending):
            if pending is not None:
                self.await_meeting(channel, pending)
        self.close_forums(first + len(program.streams.names))
        kinds, by = program.streams.kind.tolist(), program.streams.by.tolist()
        acts = [s for s, kind in enumerate(kinds) if kind not in WORLD_KINDS]
        self.governments = [
            Government(self, [s for s in acts if by[s] == party])
            for party in range(len(program.parties))
        ]
        for number, opened in enumerate(self.talks.opened):
            self.offer(opened, number + 1)
        Surroundings(self, [s for s, kind in enumerate(kinds) if kind in WORLD_KINDS])

    def at(self, at_s: int, rank: Rank, function: object, *args: object) -> None:
        """Schedule something for an instant of the run."""
        self.simulator.schedule_event_absolute(
            function, at_s - self.program.as_of_s, priority=rank, function_args=list(args)
        )

    def arrivals(self, s: int) -> Iterator[Opportunity]:
        """Yield the opportunities of a Poisson stream."""
        span = self.program.as_of_s, self.program.until_s
        return arrivals(self.talks, s, self.talks.key[s], *span)

    def offer(self, opened: Opened, number: int) -> None:
        """Offer what a burst brings, the `number`-th that opened, to the government it asks."""
        s = int(self.program.attention.stream[opened.row])
        party = int(self.program.streams.by[s])
        self.governments[party].expect_next(self.points(s, opened), number)

    def points(self, s: int, opened: Opened) -> Iterator[Opportunity]:
        """Yield the opportunities of a burst that lie in the run."""
        for point in self.talks.attention.points(opened):
            if point.at_s >= self.program.until_s:
                return
            if point.at_s >= self.program.as_of_s:  # what lies before was history's
                yield Opportunity(s, point.at_s, opened.words, point.index, point.do)

    def follow_history(self) -> None:
        """Apply the facts up to the as-of date, and forget meetings that were due before it."""
        rank, before = self.program.facts.rank, range(self.program.facts.before)
        order = sorted(before, key=lambda f: (self.instants[f], rank[f]))
        for f in order:
            self.talks.apply_fact(f)
        pending = self.talks.situation.pending
        for channel, agreed in enumerate(pending):
            if agreed is not None and agreed.at_s < self.program.as_of_s:
                pending[channel] = None

    def switch_doctrines(self) -> None:
        """Schedule when parties take up other doctrines."""
        d = self.program.doctrines
        rows = (d.switch_s.tolist(), d.switch_party.tolist(), d.choice_doctrine.tolist())
        for at_s, party, doctrine in zip(*rows, strict=True):
            after_s = max(at_s, self.program.as_of_s)
            if after_s < self.program.until_s:
                self.at(after_s, Rank(SWITCHES), self.switch, party, doctrine)

    def switch(self, party: int, doctrine: int) -> None:
        """Let a party take up another doctrine."""
        self.talks.situation.doctrine[party] = doctrine

    def insert_facts(self) -> None:
        """Schedule events that were inserted after the as-of date."""
        facts, instants = self.program.facts, self.instants
        later = range(facts.before, len(facts.ids))
        for f in sorted(later, key=lambda f: (instants[f], facts.rank[f])):
            if instants[f] >= self.program.as_of_s:
                self.at(instants[f], Rank(FACTS), self.talks.apply_fact, f)

    def await_meeting(self, channel: int, agreed: Pending) -> None:
        """Schedule an agreed meeting."""
        now = self.program.as_of_s + self.simulator.time
        if now <= agreed.at_s < self.program.until_s:
            self.at(agreed.at_s, Rank(MEETINGS + channel), self.hold, channel, agreed)

    def hold(self, channel: int, agreed: Pending) -> None:
        """Hold an agreed meeting, unless it was called off."""
        if self.talks.situation.pending[channel] is agreed:
            held = SimulatedEvent(agreed.at_s, HELD, channel, by=agreed.by, cause=agreed.cause)
            held.origin = agreed.origin
            self.talks.contact(held, agreed.telling)

    def close_forums(self, first: int) -> None:
        """Schedule the ends of forums."""
        forums = self.program.forums
        for m in range(len(forums.names)):
            if forums.lo_s[m] >= self.program.as_of_s:
                self.at(int(forums.hi_s[m]) - 1, Rank(first + m), self.close, m)

    def close(self, m: int) -> None:
        """Note, as a forum ends, on which channels both were there and nobody spoke."""
        at_s = int(self.program.forums.hi_s[m]) - 1
        for channel in self.program.forums.attends[m].nonzero()[0].tolist():
            if not self.talks.spoken[m, channel]:
                passed = SimulatedEvent(at_s, COPRESENCE, channel, forum=m)
                passed.origin = self.talks.attention.forum_origin(m, channel)
                self.talks.emit(passed)

    def run(self) -> Situation:
        """Run to the end and return the situation."""
        last_s = self.program.until_s - 1
        self.simulator.run_until(last_s - self.program.as_of_s)
        for channel, views in enumerate(self.talks.situation.seen):
            for view in range(len(views)):
                self.talks.situation.settle(channel, view, last_s)
        Agent._ids.pop(self, None)  # Mesa keeps every model there: a leak that would slow it down
        return self.talks.situation


def run(program: CompiledScenario, seed: int, replication: int) -> Situation:
    """Run one replication."""
    return ChannelModel(program, seed, replication, DEVSimulator()).run()
