"""The reference executor: one replication as SimPy processes, one per party and stream.

Read this to know what the model is. Opportunities arrive on streams that nobody's choice changes;
at each, a party decides by its own view of the channel. Deciding compares a uniform, which the
opportunity carries, with a probability; applying (in `sim.situation`) draws nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any, TypeAlias, cast

import simpy

from sim.dates import DAY_S
from sim.doctrine import ACTS, DECISIONS
from sim.draws import log, probability, uniforms
from sim.events import KIND_CODE
from sim.log import STATES
from sim.players import Player, Question, seats
from sim.program import STREAM_KINDS, Program
from sim.situation import (
    AGREED,
    AS_IS,
    CUT_OFF,
    DENIED,
    DETAINED,
    PLAYED_DOWN,
    RELEASED,
    Happening,
    Pending,
    Situation,
)

BLOCKS = 4
"""Pairs of uniforms that one opportunity carries; its index in the counter is n * BLOCKS + block:
block 0 holds (gap, do it?), 1 (accepted?, lead or severity), 2 (told how by side 0, by
side 1), 3 nothing yet."""

TELL = DECISIONS.index("tell")
HELD, CALL = KIND_CODE["meeting_held"], KIND_CODE["call_held"]
TALK, COPRESENCE = KIND_CODE["corridor_talk"], KIND_CODE["copresence"]
REFUSED, CANCELLED = KIND_CODE["contact_refused"], KIND_CODE["meeting_cancelled"]
CUT = KIND_CODE["contact_cut"]
PROPOSED, SWAP_REFUSED = KIND_CODE["swap_proposed"], KIND_CODE["swap_refused"]

SWITCHES, FACTS, MEETINGS = 1, 2, 3
"""Ranks at one instant; then come the streams by name, then the closing of forums."""


Process: TypeAlias = Generator[simpy.Event, Any, None]


class Moment(simpy.Event):
    """An instant, with a rank that orders it among others at the same instant."""

    def __init__(self, env: simpy.Environment, at_s: int, rank: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority=cast(Any, rank), delay=at_s - env.now)


class World:
    """One replication of a program."""

    def __init__(
        self,
        program: Program,
        seed: int,
        replication: int,
        players: Mapping[str, Player] | None = None,
    ) -> None:
        self.program, self.seed, self.replication = program, seed, replication
        self.situation = Situation(program)
        players = seats(program.parties, players)
        self.player = [players[p] for p in program.parties]
        self.spoken = dict.fromkeys(zip(*program.forums.attends.nonzero(), strict=True), False)
        """(forum, channel) to whether an approach was made there."""
        self.key = program.streams.key.tolist()
        self.weights = program.doctrines.weights.tolist()

    def run(self) -> Situation:
        """Run to the end and return the situation, with its path and all that happened."""
        instants = fact_instants(self.program, self.seed, self.replication)
        self.follow_history(instants)
        self.env = simpy.Environment(initial_time=self.program.as_of_s)
        for process in self.processes(instants):
            self.env.process(process)
        self.env.run(until=self.program.until_s)
        for channel, views in enumerate(self.situation.seen):
            for view in range(len(views)):
                self.situation.settle(channel, view, self.program.until_s - 1)
        return self.situation

    # ------------------------------------------------------------------------------ processes

    def follow_history(self, instants: list[int]) -> None:
        """Apply the facts up to the as-of date."""
        facts = self.program.facts
        for f in sorted(range(facts.before), key=lambda f: (instants[f], f)):
            self.apply_fact(f, instants[f])
        for channel, pending in enumerate(self.situation.pending):
            if pending is not None and pending.at_s < self.program.as_of_s:
                self.situation.pending[channel] = None  # the log says whether it took place

    def processes(self, instants: list[int]) -> Iterator[Process]:
        """Make every process of the run."""
        program = self.program
        streams, closing = program.streams, MEETINGS + len(program.channels.names)
        closing += len(streams.names)
        yield self.switches()
        yield self.later_facts(instants)
        for channel, pending in enumerate(self.situation.pending):
            if pending is not None:
                yield self.meeting(channel, pending)
        for s in range(len(streams.names)):
            yield self.approach_chance(s) if streams.forum[s] >= 0 else self.stream(s)
        for m in range(len(program.forums.names)):
            yield self.close_forum(m, closing + m)

    def until(self, at_s: int, rank: int) -> Moment:
        """Wait until an instant."""
        return Moment(self.env, at_s, rank)

    def stream_rank(self, s: int) -> int:
        """Return the rank of a stream among others at one instant."""
        return MEETINGS + len(self.program.channels.names) + s

    def switches(self) -> Process:
        """Let parties take up other doctrines on their dates."""
        doctrines, current = self.program.doctrines, self.situation.doctrine
        rows = (doctrines.switch_s, doctrines.switch_party, doctrines.switch_doctrine)
        for at_s, party, doctrine in zip(*(row.tolist() for row in rows), strict=True):
            yield self.until(max(at_s, self.program.as_of_s), SWITCHES)
            current[party] = doctrine

    def later_facts(self, instants: list[int]) -> Process:
        """Let inserted events happen."""
        facts = self.program.facts
        for f in sorted(range(facts.before, len(facts.ids)), key=lambda f: (instants[f], f)):
            yield self.until(instants[f], FACTS)
            self.apply_fact(f, instants[f])

    def stream(self, s: int) -> Process:
        """Bring the opportunities of a Poisson stream, or the world's own events."""
        program, rate = self.program, float(self.program.streams.rate[s])
        kind, rank = STREAM_KINDS[program.streams.kind[s]], self.stream_rank(s)
        days, n = 0.0, 0
        while rate > 0.0:
            gap, chance = self.uniforms(s, n, 0)
            days += -log(gap) / rate
            at_s = program.as_of_s + int(days * float(DAY_S))
            if at_s >= program.until_s:
                return
            yield self.until(at_s, rank)
            if kind in ACTS:
                self.decide_act(s, n, at_s, chance)
            else:
                self.happen(s, n, at_s)
            n += 1

    def approach_chance(self, s: int) -> Process:
        """Bring the one opportunity that a forum gives a party to walk up to the other."""
        _, chance = self.uniforms(s, 0, 0)
        at_s = int(self.program.streams.at_s[s])
        yield self.until(at_s, self.stream_rank(s))
        self.decide_approach(s, at_s, chance)

    def close_forum(self, m: int, rank: int) -> Process:
        """Note, as a forum ends, on which channels both were there and nobody spoke."""
        at_s = int(self.program.forums.hi_s[m]) - 1
        yield self.until(at_s, rank)
        for channel in self.program.forums.attends[m].nonzero()[0].tolist():
            if not self.spoken[m, channel]:
                self.situation.apply(Happening(at_s, COPRESENCE, channel, forum=m))

    def meeting(self, channel: int, agreed: Pending) -> Process:
        """Hold an agreed meeting on its date, unless it was called off."""
        if agreed.at_s >= self.program.until_s:
            return
        yield self.until(agreed.at_s, MEETINGS + channel)
        if self.situation.pending[channel] is agreed:
            self.contact(
                Happening(agreed.at_s, HELD, channel, by=agreed.by, cause=agreed.cause),
                (*agreed.key, agreed.index),
            )

    # ------------------------------------------------------------------------------ decisions

    def decide_act(self, s: int, n: int, at_s: int, chance: float) -> None:
        """Let a party decide on a routine opportunity."""
        streams = self.program.streams
        act = STREAM_KINDS[streams.kind[s]]
        channel, side = int(streams.channel[s]), int(streams.side[s])
        if not self.available(act, channel, side, at_s):
            return
        if not self.decide(act, channel, side, at_s, chance):
            return
        party = self.situation.party[channel]
        mine, theirs = party[side], party[1 - side]
        pending = self.situation.pending[channel]
        if act == "cancel":
            cause = pending.cause if pending else -1
            self.simply(Happening(at_s, CANCELLED, channel, mine, cause=cause, stream=s))
        elif act == "cut":
            self.simply(Happening(at_s, CUT, channel, mine, stream=s))
        elif act == "swap":
            self.propose_swap(s, n, at_s, channel, side)
        else:
            confined = int(act == "raise_detainees")
            accept, lead = self.uniforms(s, n, 1)
            if not self.decide(f"accept_{act}", channel, 1 - side, at_s, accept):
                self.simply(Happening(at_s, REFUSED, channel, theirs, confined, stream=s))
            elif act == "meet":
                self.agree(s, n, at_s, lead, channel, mine)
            else:
                self.contact(
                    Happening(at_s, CALL, channel, mine, confined, stream=s),
                    (*self.key[s], n * BLOCKS + 2),
                )

    def available(self, act: str, channel: int, side: int, at_s: int) -> bool:
        """Whether there is anything to decide."""
        situation = self.situation
        pending = situation.pending[channel] is not None
        held: list[int] = situation.held[situation.dyad[channel]]
        own, other = held[side], held[1 - side]
        if act == "meet":
            return not pending
        if act == "cancel":
            return pending
        if act == "raise_detainees":
            return own + other > 0
        if act == "swap":
            return own > 0
        if act == "cut":
            return situation.settle(channel, 1 + side, at_s).state != CUT_OFF
        return True

    def decide_approach(self, s: int, at_s: int, chance: float) -> None:
        """Let a party decide whether to walk up to the other at a forum, who may walk on."""
        streams = self.program.streams
        channel, side, m = int(streams.channel[s]), int(streams.side[s]), int(streams.forum[s])
        if self.spoken[m, channel]:
            return
        if not self.decide("approach", channel, side, at_s, chance, m):
            return
        self.spoken[m, channel] = True
        mine, theirs = (self.situation.party[channel][x] for x in (side, 1 - side))
        accept, _ = self.uniforms(s, 0, 1)
        if self.decide("accept_approach", channel, 1 - side, at_s, accept, m):
            talk = Happening(at_s, TALK, channel, mine, forum=m, stream=s)
            self.contact(talk, (*self.key[s], 2))
        else:
            self.simply(Happening(at_s, REFUSED, channel, theirs, forum=m, stream=s))

    def propose_swap(self, s: int, n: int, at_s: int, channel: int, side: int) -> None:
        """Propose an exchange: one for one, or a release of one where the other holds nobody."""
        situation = self.situation
        mine, theirs = (situation.party[channel][x] for x in (side, 1 - side))
        held = situation.held[situation.dyad[channel]]
        proposed = situation.apply(Happening(at_s, PROPOSED, channel, mine, stream=s))
        accept, _ = self.uniforms(s, n, 1)
        if not self.decide("accept_swap", channel, 1 - side, at_s, accept):
            refused = Happening(at_s, SWAP_REFUSED, channel, theirs, cause=proposed, stream=s)
            self.simply(refused)
            return
        exchanged = held[1 - side] > 0
        for freed, holder in ((mine, theirs), (theirs, mine)) if exchanged else ((mine, theirs),):
            released = Happening(at_s, RELEASED, channel, holder, cause=proposed, stream=s)
            released.national, released.holder, released.persons = freed, holder, 1
            situation.apply(released)

    def decide(
        self, decision: str, channel: int, side: int, at_s: int, chance: float, forum: int = -1
    ) -> bool:
        """Ask a party's player one question."""
        situation, program = self.situation, self.program
        party: int = situation.party[channel][side]
        features = situation.features(channel, side, at_s)
        row = self.weights[situation.doctrine[party]][DECISIONS.index(decision)]
        logit = 0.0
        for weight, feature in zip(row, features, strict=True):
            logit += weight * feature
        question = Question(
            decision,
            program.parties[party],
            program.parties[situation.party[channel][1 - side]],
            program.channels.names[channel],
            at_s,
            STATES[situation.seen[channel][1 + side].state],
            features,
            probability(logit),
            chance,
            program.forums.names[forum] if forum >= 0 else None,
        )
        return self.player[party].answer(question)

    # ------------------------------------------------------------------------------ what follows

    def uniforms(self, s: int, n: int, block: int) -> tuple[float, float]:
        """Return a pair of uniforms that the n-th opportunity of a stream carries."""
        lo, hi = self.key[s]
        pair: tuple[float, float] = uniforms(
            self.seed, lo, hi, self.replication, n * BLOCKS + block
        )
        return pair

    def simply(self, happening: Happening) -> None:
        """Let an event happen that nobody tells otherwise."""
        self.situation.apply(happening)

    def agree(self, s: int, n: int, at_s: int, lead: float, channel: int, by: int) -> None:
        """Agree a meeting, at noon some days ahead."""
        least, most = (float(x) for x in self.program.rules.lead_days)
        ahead_s = int((least + lead * (most - least)) * float(DAY_S))
        meeting_s = (at_s + ahead_s) // DAY_S * DAY_S + DAY_S // 2
        happening = Happening(at_s, AGREED, channel, by, meeting_s=meeting_s, stream=s)
        place = self.situation.apply(happening)
        lo, hi = self.key[s]
        agreed = Pending(meeting_s, (lo, hi), n * BLOCKS + 2, place, by)
        self.situation.pending[channel] = agreed
        self.env.process(self.meeting(channel, agreed))

    def contact(self, happening: Happening, telling: tuple[int, int, int]) -> None:
        """Let a contact happen; each side tells it as it was, or plays it down."""
        lo, hi, index = telling
        chances = uniforms(self.seed, lo, hi, self.replication, index)
        lesser = DENIED if happening.kind == TALK or happening.confined else PLAYED_DOWN
        told = tuple(
            AS_IS
            if self.decide(
                "tell", happening.channel, side, happening.at_s, chances[side], happening.forum
            )
            else lesser
            for side in (0, 1)
        )
        happening.told = (told[0], told[1])
        self.situation.apply(happening)

    def happen(self, s: int, n: int, at_s: int) -> None:
        """Let the world bring an event."""
        streams = self.program.streams
        kind = STREAM_KINDS[streams.kind[s]]
        channel, by = int(streams.channel[s]), int(streams.by[s])
        if kind == "detention":
            detained = Happening(at_s, DETAINED, -1, by, persons=1, stream=s)
            detained.national, detained.holder = int(streams.national[s]), int(streams.holder[s])
            self.situation.apply(detained)
            return
        _, grade = self.uniforms(s, n, 1)
        least, most = (float(x) for x in streams.severity[s])
        severity = least + grade * (most - least)
        self.situation.apply(
            Happening(at_s, KIND_CODE[kind], channel, by, severity=severity, stream=s)
        )

    def apply_fact(self, f: int, at_s: int) -> None:
        """Let a coded event happen."""
        facts = self.program.facts
        happening = Happening(
            at_s,
            int(facts.kind[f]),
            int(facts.channel[f]),
            int(facts.by[f]),
            int(facts.confined[f, 0]),
            severity=float(facts.severity[f]),
            persons=int(facts.persons[f]),
            national=int(facts.national[f]),
            holder=int(facts.holder[f]),
            fact=f,
        )
        if happening.kind == AGREED:
            lo, hi = (int(x) for x in facts.meeting_s[f])
            key = (int(facts.key[f, 0]), int(facts.key[f, 1]))
            when, _ = uniforms(self.seed, *key, self.replication, 1)
            happening.meeting_s = max(lo + int(when * float(hi - lo)), at_s + 1)
            place = self.situation.apply(happening)
            agreed = Pending(happening.meeting_s, key, 2, place, happening.by)
            self.situation.pending[happening.channel] = agreed
            if f >= facts.before:
                self.env.process(self.meeting(happening.channel, agreed))
        else:
            self.situation.apply(happening)


def fact_instants(program: Program, seed: int, replication: int) -> list[int]:
    """Return the instant of every fact in one replication, by place.

    An exact date keeps its instant, an imprecise one is sampled evenly from its span; both inside
    what causes and effects leave.
    """
    facts, instants = program.facts, list[int]()
    for f in range(len(facts.ids)):
        causes = facts.causes[facts.cause_start[f] : facts.cause_start[f + 1]]
        lo = max([int(facts.lo_s[f]), *(instants[c] for c in causes.tolist())])
        hi, wish = int(facts.hi_s[f]), int(facts.wish_s[f])
        if wish < 0:
            key = (int(facts.key[f, 0]), int(facts.key[f, 1]))
            chance, _ = uniforms(seed, *key, replication, 0)
            wish = lo + int(chance * float(hi - lo))
        instants.append(min(max(wish, lo), hi - 1))
    return instants
