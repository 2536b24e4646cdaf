"""Decisions: what a party does at an opportunity, and what follows.

Deciding compares a uniform, which the opportunity carries, with the probability that the party's
doctrine gives; applying (in `situation`) draws nothing. `reference` brings the opportunities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from sim.ground.dates import DAY_S, day
from sim.ground.draws import probability, uniforms
from sim.log.events import KIND_CODE, KINDS
from sim.log.kinds import LESS
from sim.log.log import STATES
from sim.model.bursts import BLOCKS, Origin
from sim.model.coded import Coded, Key, Pair
from sim.model.compiled_scenario import NO_TIME, STREAM_KINDS, CompiledScenario
from sim.model.dating import fact_instants
from sim.model.drift import Walks
from sim.model.fit_draw import draw_of
from sim.model.logged import Log
from sim.model.opportunity import Opportunity
from sim.model.players import Occasion, Player, Question, seats
from sim.model.situation import (
    CUT_OFF,
    RELEASED,
    Pending,
    SimulatedEvent,
    Situation,
)
from sim.rules.conditions import available
from sim.rules.features import BIAS, Perceived, logit_of, values_of
from sim.rules.telling import AS_IS, kind_less, told_as
from sim.scenario.acts import ACT_RULES, RULE_OF
from sim.scenario.doctrine import DECISIONS

APPROACHES = tuple(
    KIND_CODE[kind] for r in ACT_RULES if r.at_forum for kind in (r.kind, r.refused) if kind
)
"""Kinds of event that come of an approach at a forum."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, as it fell."""

    at_s: int
    decision: str
    party: int
    channel: int
    probability: float
    uniform: float
    answer: bool
    place: int
    """How many events had happened before it."""
    because: Occasion | None = None
    """The event that brought the question up; None where it came up by routine."""


class Deciding:
    """The parties of one replication, their decisions, and what happens by them.

    A contact from its opportunity on: `take` asks whether there is anything to decide (`available`)
    and what is decided (`decide`). What follows is `contact`, `agree`, `exchange` or `request`.
    `emit` lets an event happen, and the situation folds it. What follows from numbers alone is in
    `sim.rules`.

    A world and a walk through history say where opportunities come from, and what else an event
    leads to (`attend`, `expect`). What a changed world does word for word is asked of the `log`.
    """

    def __init__(
        self,
        program: CompiledScenario,
        seed: int,
        replication: int,
        players: Mapping[str, Player] | None = None,
        *,
        trace: bool = False,
        instants: Sequence[int] | None = None,
    ) -> None:
        """`instants` says when each coded event happened, by place; where it is None they are those
        of the replication."""
        self.program, self.seed, self.replication = program, seed, replication
        at_s = fact_instants(program, seed, replication) if instants is None else instants
        self.instants, self.when = [*at_s], [*at_s]
        """When each coded event happened in history, by place, and when it does in this world."""
        self.situation = Situation(program)
        self.coded = Coded(program, self.instants, self.uniforms)
        self.log = Log()
        seated = seats(program.parties, players)
        self.player = [seated[p] for p in program.parties]
        self.spoken = dict.fromkeys(zip(*program.forums.attends.nonzero(), strict=True), False)
        """(forum, channel) to whether an approach was made there."""
        streams = program.streams
        self.key: list[tuple[int, int]] = [(lo, hi) for lo, hi in streams.key.tolist()]
        self.act = [STREAM_KINDS[k] for k in streams.kind.tolist()]
        self.channel: list[int] = streams.channel.tolist()
        self.side: list[int] = streams.side.tolist()
        self.forum: list[int] = streams.forum.tolist()
        drawn = draw_of(program.doctrines, seed, replication)
        self.weights = program.doctrines.weights[drawn].tolist()
        self.inclined: list[list[int]] = program.doctrines.inclined.tolist()
        self.walks = Walks(program, seed, replication)
        self.answered_by_players: list[bool | None] = []
        """What players answered, in order; None where they left it to the doctrine."""
        self.deciders: list[tuple[int, bool]] = []
        """Who has decided what is about to happen: (party, whether a person did)."""
        self.because: Occasion | None = None
        """The event that brought up what is being decided."""
        self.trace: list[Decision] | None = [] if trace else None
        """Every decision, where it was asked for."""

    def uniforms(self, key: Key, index: int) -> Pair:
        """Return a pair of uniforms by the words of a stream's name and an index."""
        pair: Pair = uniforms(self.seed, *key, self.replication, index)
        return pair

    # ------------------------------------------------------------------------------ happening

    def emit(self, happening: SimulatedEvent, opportunity: Opportunity | None = None) -> int:
        """Let an event happen, of an opportunity or by itself; return its place in the run, -1
        where the log holds no such event."""
        if opportunity is not None:
            again = self.log.again(happening, opportunity)
            if again is None:
                return -1
            happening = again
        if happening.stream >= 0 and happening.fact < 0:
            happening.deciders = tuple(dict(self.deciders).items())
        place = self.situation.apply(happening)
        self.attend(happening)
        return place

    def attend(self, happening: SimulatedEvent) -> None:
        """Open the bursts of an event; a walk through history knows them beforehand."""

    def expect(self, channel: int, agreed: Pending) -> None:
        """Note an agreed meeting; a world holds it on its date."""
        self.situation.pending[channel] = agreed

    def apply_fact(self, f: int) -> None:
        """Let a coded event happen as it was; an approach uses up its forum. On a channel that is
        not simulated it only opens bursts on others. An agreement that the log does not hold is no
        event, but its meeting is pending."""
        facts, past = self.program.facts, self.program.past
        happening = self.coded.fact(f, self.when[f])
        if facts.forum[f] >= 0 and happening.kind in APPROACHES:
            self.spoken[int(facts.forum[f]), happening.channel] = True
        if facts.elsewhere[f]:
            self.attend(happening)
        elif facts.meeting_s[f, 0] != NO_TIME:  # agreed, or postponed to another date
            latent = past is not None and past.latent[f]
            place = -1 if latent else len(self.situation.happenings)
            pending = self.coded.pending_of(f, self.when[f], place)
            happening.meeting_s = pending.at_s
            if not latent:
                self.emit(happening)
            self.expect(happening.channel, pending)
        else:
            self.emit(happening)

    def event(
        self, opportunity: Opportunity, kind: int, by: int, apart: int = 0, cause: int = -1
    ) -> SimulatedEvent:
        """Return an event that an opportunity brings, as nobody has told it yet."""
        s, origin = opportunity.stream, self.origin(opportunity, apart)
        channel = self.channel[s]
        return SimulatedEvent(
            opportunity.at_s, kind, channel, by, cause=cause, stream=s, origin=origin
        )

    def origin(self, opportunity: Opportunity, apart: int = 0) -> Origin:
        """Return what events of an opportunity come of: of a coded decision, the event; of others,
        their words and number. `apart` tells apart several events of one kind."""
        if opportunity.fact >= 0:
            lo, hi, number, _ = self.coded.origin_of(opportunity.fact)
            return lo, hi, number, apart
        return *opportunity.key, opportunity.index, apart

    # ------------------------------------------------------------------------------ chances

    def chances(self, opportunity: Opportunity, block: int) -> tuple[float, float]:
        """Return (accepted?, lead or severity) for block 1, (told, told) for block 2."""
        if opportunity.given is not None:
            accept, lead, tell_a, tell_b = opportunity.given
            return (accept, lead) if block == 1 else (tell_a, tell_b)
        return self.uniforms(opportunity.key, opportunity.index * BLOCKS + block)

    def answer_chance(self, opportunity: Opportunity, proposed: float) -> tuple[float, float]:
        """Return (accepted?, lead) for an act that was proposed with some probability.

        With shared coupling one uniform serves both stages: below the probability that the act is
        proposed it is uniform again, scaled.
        """
        accept, lead = self.chances(opportunity, 1)
        if self.program.shared and opportunity.do < proposed:
            accept = opportunity.do / proposed
        return accept, lead

    # ------------------------------------------------------------------------------ deciding

    def weigh(self, decision: str, channel: int, side: int, at_s: int) -> tuple[Perceived, float]:
        """Return what a party perceives, and the probability that its doctrine gives for a yes:
        logistic(inclination + weights . features)."""
        self.situation.settle(channel, 1 + side, at_s)
        perceived = self.situation.perceived(channel, side, at_s)
        party: int = self.situation.party[channel][side]
        place = DECISIONS.index(decision)
        row = self.weights[self.situation.doctrine[party]][place]
        inclined = self.inclination(place, channel, side, at_s)
        return perceived, float(probability(logit_of(row, perceived, inclined)))

    def inclination(self, decision: int, channel: int, side: int, at_s: int) -> float:
        """Return what a party is inclined to do towards the other, beside its doctrine."""
        row = self.inclined[self.situation.dyad[channel]][side]
        if row < 0:
            return 0.0
        return float(self.weights[row][decision][BIAS]) + self.walks.at(row, decision, at_s)

    def decide(
        self,
        decision: str,
        channel: int,
        side: int,
        at_s: int,
        chance: float,
        forum: int = -1,
        exchange: tuple[int, int] | None = None,
        contact: SimulatedEvent | None = None,
    ) -> tuple[bool, float]:
        """Ask a party one question; return the answer and the doctrine's probability. `contact` is
        what is to be told."""
        situation = self.situation
        party: int = situation.party[channel][side]
        perceived, likely = self.weigh(decision, channel, side, at_s)
        answer, player = None, self.player[party]
        if player is not None:
            known = (values_of(perceived), likely, forum, exchange, contact)
            answer = player.answer(self.question(decision, channel, side, at_s, *known))
            self.answered_by_players.append(answer)
        by_person = answer is not None
        if answer is None:
            answer = chance < likely
        self.deciders.append((party, by_person))
        if self.trace is not None:
            place, because = len(situation.happenings), self.because
            self.trace.append(
                Decision(at_s, decision, party, channel, likely, chance, answer, place, because)
            )
        return answer, likely

    def question(
        self,
        decision: str,
        channel: int,
        side: int,
        at_s: int,
        features: tuple[float, ...],
        likely: float,
        forum: int,
        exchange: tuple[int, int] | None,
        contact: SimulatedEvent | None,
    ) -> Question:
        """Write a question for a player, by names: also which contact is to be told, or for which
        day the meeting is agreed that is to be called off."""
        program, situation, rule = self.program, self.situation, RULE_OF.get(decision)
        parties, pending = situation.party[channel], situation.pending[channel]
        off = pending if rule is not None and rule.when == "meeting" else None
        return Question(
            decision,
            program.parties[parties[side]],
            program.parties[parties[1 - side]],
            program.channels.names[channel],
            at_s,
            STATES[situation.seen[channel][1 + side].state],
            features,
            likely,
            program.forums.names[forum] if forum >= 0 else None,
            self.because,
            exchange=exchange,
            contact=None if contact is None else KINDS[contact.kind],
            confined=contact is not None and contact.confined == 1,
            meeting=None if off is None else day(off.at_s).isoformat(),
        )

    def available(self, opportunity: Opportunity) -> bool:
        """Whether there is anything to decide."""
        s, situation = opportunity.stream, self.situation
        channel, side = self.channel[s], self.side[s]
        held: list[int] = situation.held[situation.dyad[channel]]
        return available(
            RULE_OF[self.act[s]].condition,
            situation.pending[channel] is not None,
            held[side],
            held[1 - side],
            situation.settle(channel, 1 + side, opportunity.at_s).state == CUT_OFF,
            self.forum[s] >= 0 and self.spoken[self.forum[s], channel],
        )

    def take(self, opportunity: Opportunity) -> None:
        """Let a party decide on an opportunity, and let follow what follows."""
        if not self.available(opportunity):
            return
        s, at_s = opportunity.stream, opportunity.at_s
        act, forum, channel, side = self.act[s], self.forum[s], self.channel[s], self.side[s]
        self.deciders, self.because = [], opportunity.because
        does, likely = self.decide(act, channel, side, at_s, opportunity.do, forum)
        if not does:
            return
        rule, mine = RULE_OF[act], self.situation.party[channel][side]
        pending, theirs = self.situation.pending[channel], self.situation.party[channel][1 - side]
        happening = self.event(opportunity, KIND_CODE[rule.kind], mine)
        if not rule.answered:
            # what is available only with a meeting is about that meeting
            happening.cause = pending.cause if pending and rule.when == "meeting" else -1
            self.emit(happening, opportunity)
            return
        if rule.at_forum:
            self.spoken[forum, channel] = True
        accept, lead = self.answer_chance(opportunity, likely)
        offer = self.offer(opportunity, lead) if rule.effect == "exchange" else None
        accepts, _ = self.decide(f"accept_{act}", channel, 1 - side, at_s, accept, forum, offer)
        happening.confined, happening.forum = int(rule.confined), forum
        if rule.effect == "exchange":
            self.exchange(opportunity, happening, accepts, offer or (0, 0))
        elif rule.effect == "reply":
            self.request(opportunity, happening, accepts)
        elif not accepts:
            happening.kind, happening.by = KIND_CODE[rule.refused or ""], theirs
            self.emit(happening, opportunity)
        elif rule.effect == "agreement":
            self.agree(opportunity, happening, lead)
        elif rule.effect == "contact":
            self.contact(happening, self.chances(opportunity, 2), opportunity)
        elif rule.effect == "event":
            self.emit(happening, opportunity)
        else:
            assert_never(rule.effect)

    # ------------------------------------------------------------------------------ what follows

    def offer(self, opportunity: Opportunity, share: float) -> tuple[int, int]:
        """Return how many people an exchange offers, of the party that is asked and of the
        proposer: the same share of those held on each side, one at least; none where none is.
        A logged exchange whose share is not known offers the people of the log."""
        channel, side = self.channel[opportunity.stream], self.side[opportunity.stream]
        logged = self.log.offer(opportunity, side)
        if logged is not None:
            return logged
        held = self.situation.held[self.situation.dyad[channel]]
        theirs, mine = (1 + int(share * float(held[x])) if held[x] else 0 for x in (1 - side, side))
        return theirs, mine

    def exchange(
        self,
        opportunity: Opportunity,
        proposed: SimulatedEvent,
        accepts: bool,
        offer: tuple[int, int],
    ) -> None:
        """Propose an exchange and let follow the answer."""
        parties, side = self.situation.party[proposed.channel], self.side[opportunity.stream]
        mine, theirs = parties[side], parties[1 - side]
        place = self.emit(proposed, opportunity)
        as_logged = self.log.answered(opportunity, accepts)
        if not accepts:
            if not as_logged:
                self.reply(opportunity, accepts, place)
            return
        for freed, holder, number in ((mine, theirs, offer[1]), (theirs, mine, offer[0])):
            word = int(self.program.attention.party_word[freed])
            released = self.event(opportunity, RELEASED, holder, word, cause=place)
            released.national, released.holder, released.persons = freed, holder, number
            released.deciders = tuple(self.deciders)
            of = parties.index(freed)
            if not (as_logged and self.log.frees(opportunity, released, of)) and number > 0:
                self.emit(released)

    def request(self, opportunity: Opportunity, asked: SimulatedEvent, accepts: bool) -> None:
        """Ask for contact and let follow the answer, or the silence."""
        silence = KIND_CODE[RULE_OF[self.act[opportunity.stream]].refused or ""]
        unasked = not accepts and self.log.unasked(opportunity, silence)
        place = -1 if unasked else self.emit(asked, opportunity)
        if unasked or not self.log.answered(opportunity, accepts):
            self.reply(opportunity, accepts, place)

    def reply(self, opportunity: Opportunity, accepts: bool, proposal: int) -> None:
        """Let the other party answer a proposal, which is an event of its own."""
        s, rule = opportunity.stream, RULE_OF[self.act[opportunity.stream]]
        kind = KIND_CODE[(rule.accepted if accepts else rule.refused) or ""]
        theirs: int = self.situation.party[self.channel[s]][1 - self.side[s]]
        answer = self.event(opportunity, kind, theirs, cause=proposal)
        self.emit(answer, opportunity if proposal < 0 else None)

    def agree(self, opportunity: Opportunity, agreed: SimulatedEvent, lead: float) -> None:
        """Agree a meeting, at noon some days ahead; a logged one for its logged date."""
        least, most = (float(x) for x in self.program.rules.lead_days)
        ahead_s = int((least + lead * (most - least)) * float(DAY_S))
        meeting_s = (opportunity.at_s + ahead_s) // DAY_S * DAY_S + DAY_S // 2
        logged = self.log.meeting(opportunity, len(self.situation.happenings))
        agreed.meeting_s = meeting_s if logged is None else logged.at_s
        place = self.emit(agreed, opportunity)
        telling = self.chances(opportunity, 2)
        pending = Pending(meeting_s, telling, place, agreed.by, origin=agreed.origin)
        self.expect(agreed.channel, logged or pending)

    def contact(
        self,
        happening: SimulatedEvent,
        telling: tuple[float, float],
        opportunity: Opportunity | None = None,
    ) -> None:
        """Let a contact happen; each side tells it as it was, or plays it down."""
        less = kind_less(LESS[happening.kind], happening.confined == 1)
        told = [AS_IS, AS_IS]
        for side in (0, 1):
            tells, _ = self.decide(
                "acknowledge",
                happening.channel,
                side,
                happening.at_s,
                telling[side],
                happening.forum,
                contact=happening,
            )
            told[side] = told_as(tells, less)
        happening.told = (told[0], told[1])
        self.emit(happening, opportunity)
