"""The changed world: the same noise, another choice. The reference executor of what-ifs.

A logged decision happens again, word for word, where its opportunity is taken in the changed world
and answered and told as in history; else what the model says happens instead. Facts that no
party decides stay, unless they are removed or need something that did not happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from sim.model.abduction import Inferred, infer
from sim.model.attending import Opened
from sim.model.coded import HELD
from sim.model.compiled_scenario import DECIDED, MET, PASSED_BY, CompiledScenario
from sim.model.opportunity import Opportunity
from sim.model.players import Occasion, Player
from sim.model.reference import FACTS, Process, World
from sim.model.situation import SimulatedEvent, Situation
from sim.model.walk import of
from sim.model.word_for_word import LoggedDecisions

AS_OF = 0
"""The rank of the as-of date itself: before all else at that instant."""


class ChangedWorld(World):
    """One replication of a what-if."""

    def __init__(
        self,
        program: CompiledScenario,
        seed: int,
        replication: int,
        players: Mapping[str, Player] | None = None,
        *,
        noise: Sequence[Inferred] | None = None,
        trace: bool = False,
    ) -> None:
        super().__init__(program, seed, replication, players, trace=trace)
        self.past = of(program)
        self.noise = infer(program, seed, replication) if noise is None else noise
        self.log = self.logged = LoggedDecisions(self.past, self.coded, self.noise, self.when)
        self.dropped = {(i.burst, i.index) for i in self.noise if i.fact < 0 and i.burst >= 0}
        """Points of bursts that cannot be, since history has no such decision."""
        self.brought: dict[int, list[int]] = {}
        """Burst to the logged decisions that it brought, in order."""
        for i in self.noise:
            if i.fact >= 0 and i.burst >= 0:
                self.brought.setdefault(i.burst, []).append(i.fact)
        self.occasions: dict[int, Occasion] = {}
        """Logged decision to the event whose burst brings it in this world."""

    def run(self) -> Situation:
        """Run from the start of history to the end."""
        program = self.program
        rank = program.facts.rank
        every = range(len(program.facts.ids))
        awaited = {f for group in self.brought.values() for f in group}
        self.due = [(self.instants[f], int(rank[f]), f) for f in every if f not in awaited]
        """What happens again at a known time: a heap of (instant, rank, coded event). What a burst
        brings waits until it opens."""
        heapify(self.due)
        while self.due and self.due[0][0] < self.past.start_s:
            self.next_fact()
        start_s = self.past.start_s
        self.begin(start_s, [*self.processes(start_s, self.history()), *self.past_processes()])
        return self.situation

    def past_processes(self) -> Iterator[Process]:
        """Make the processes of the past, on inferred noise; the run is on the prior's."""
        program = self.program
        for s in range(len(program.streams.names)):
            kept = [i for i in self.noise if i.stream == s and i.fact < 0 and i.burst < 0]
            if kept:
                yield self.kept(s, kept)
        for m in range(len(program.forums.names)):
            if program.forums.lo_s[m] < program.as_of_s and self.past.passes[m].any():
                yield self.close_forum(m, self.end_of(m), self.past.passes[m])
        yield self.close_past()

    def close_past(self) -> Process:
        """Leave behind, at the as-of date, what a forecast would not have kept either."""
        yield self.until(self.program.as_of_s, AS_OF)
        self.leave_past()

    # ------------------------------------------------------------------------------ the past

    def end_of(self, m: int) -> int:
        """Return when a forum of the past ends: not before the logged approach had its chance."""
        logged = (self.program.facts.forum == m) & (self.past.role == DECIDED)
        times: list[int] = [self.instants[f] for f in logged.nonzero()[0].tolist()]
        return max(int(self.program.forums.hi_s[m]) - 1, *times)

    def history(self) -> Process:
        """Go through the facts again, and through what is forced upon them."""
        while self.due:
            yield self.until(self.due[0][0], FACTS)
            self.next_fact()

    def next_fact(self) -> None:
        """Let the coded event that is next happen again, if it still does."""
        at_s, _, f = heappop(self.due)
        decided = int(self.past.follows[f])
        shifted = decided >= 0 and self.when[decided] != self.instants[decided]
        if not shifted or self.when[f] == at_s:  # it comes when what it follows from has come
            self.revisit(f)

    def kept(self, s: int, inferred: list[Inferred]) -> Process:
        """Bring the opportunities that history left untaken."""
        lo, hi = (int(word) for word in self.past.key[s])
        for i in inferred:
            yield self.until(i.at_s, self.stream_rank(s))
            self.take(Opportunity(s, i.at_s, (lo, hi), i.index, i.do))

    def revisit(self, f: int) -> None:
        """Let a fact happen again, if it still does."""
        past, facts = self.past, self.program.facts
        channel, role = int(facts.channel[f]), int(past.role[f])
        if past.removed[f]:
            pending = self.situation.pending[channel] if role == MET else None
            if pending is not None and pending.fact == int(past.agreed[f]):
                self.situation.pending[channel] = None  # its date passes and nobody meets
            return
        if f in self.logged.freed:
            self.free(f)
            return
        if not self.has_needs(f):
            return
        if role == DECIDED:
            i, at_s = self.logged.inferred[f], self.when[f]
            given = (i.accept, i.lead, i.tell_a, i.tell_b)
            key, because = self.coded.fact_key(f), self.occasions.get(f)
            self.take(Opportunity(i.stream, at_s, key, -1, i.do, given, f, because))
        elif role == MET:
            pending = self.situation.pending[channel]
            if pending is not None and pending.fact == int(past.agreed[f]):
                i = self.logged.inferred[f]
                at_s, self.because = self.when[f], None
                held = SimulatedEvent(at_s, HELD, channel, pending.by, cause=pending.cause)
                opportunity = Opportunity(-1, at_s, (0, 0), -1, 0.0, fact=f)
                held.origin = self.origin(opportunity)
                self.contact(held, (i.tell_a, i.tell_b), opportunity)
        elif role == PASSED_BY:
            if not self.spoken.get((int(facts.forum[f]), channel), False):
                self.happen_again(f)
        else:
            self.happen_again(f)

    def has_needs(self, f: int) -> bool:
        """Whether all that a fact needs has happened."""
        past = self.past
        groups = range(int(past.need_start[f]), int(past.need_start[f + 1]))
        return all(
            any(
                self.logged.happened[n]
                for n in past.needs[past.group_start[g] : past.group_start[g + 1]].tolist()
            )
            for g in groups
        )

    def free(self, f: int) -> None:
        """Let a logged release happen as the share of its exchange has it: word for word where it
        frees as many, and the log's people are held."""
        released, number = self.logged.freed[f], int(self.program.facts.persons[f])
        if released.persons == number and self.has_needs(f):
            self.happen_again(f)
        elif released.persons > 0:
            released.at_s, released.opens = self.when[f], f
            self.deciders = [*released.deciders]
            self.emit(released)

    def happen_again(self, f: int) -> None:
        """Let a fact happen that no party's choice in the model brings about."""
        self.logged.happened[f] = True
        self.apply_fact(f)

    # ------------------------------------------------------------------------------ bursts

    def open(self, opened: Opened) -> None:
        """Offer what a burst brings; the logged decisions among it shift with its opener."""
        super().open(opened)
        for f in self.brought.get(opened.burst, ()):
            opener = int(self.program.attention.opener[opened.burst])
            self.occasions[f] = opened.because
            self.expect_again(f, opened.at_s - self.instants[opener])

    def expect_again(self, f: int, shift_s: int) -> None:
        """Let a coded event happen again, so many seconds later than in history, and with it what
        follows from it."""
        self.when[f] = self.instants[f] + shift_s
        if self.when[f] < self.past.start_s:
            return  # nobody was asked then
        heappush(self.due, (self.when[f], int(self.program.facts.rank[f]), f))
        if shift_s != 0:
            for g in (self.past.follows == f).nonzero()[0].tolist():
                self.expect_again(g, shift_s)
