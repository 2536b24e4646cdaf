"""Abduction: the noise that history implies, given that it happened.

Each stream's prior opportunities are run through the factual world. One that would have fired,
though the log has no such event, is impossible: it is dropped (a Poisson stream) or its uniform is
redrawn above the probability (a forum). Each logged decision adds an opportunity whose uniforms lie
on the side of the probabilities on which history shows that they fell. For thinned Poisson
processes this is exact given the model and the coupling (Noorbakhsh and Gomez Rodriguez 2022,
"Counterfactual temporal point processes", NeurIPS 35); `docs/what-if.md` gives the derivation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.ground.errors import HISTORY, InputError, one_problem
from sim.model.bursts import BLOCKS
from sim.model.coded import TELLING
from sim.model.compiled_scenario import DECIDED, MET, CompiledScenario
from sim.model.opportunity import Opportunity
from sim.model.reference import arrivals
from sim.model.walk import Asked, ImpossibleError, Step, Walk
from sim.scenario.acts import ACTS, RULE_OF

DECIDING, CHOOSING = 3, 4
"""Indices in the counter of a fact's stream: the uniforms of its decision, and of who decided."""

UNKNOWN = math.nan
"""Stands for a uniform that history does not touch: it is as the stream drew it."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """One opportunity of the past with its inferred chances."""

    at_s: int
    stream: int
    """-1 for the telling of a meeting that was held as agreed."""
    index: int
    """Its number in the stream; -1 for a logged decision."""
    fact: int
    """The logged decision that it was; -1 for one that was not taken."""
    do: float
    accept: float = UNKNOWN
    lead: float = UNKNOWN
    """How far ahead a meeting lies, or which share an exchange frees; UNKNOWN where no share frees
    the numbers of the log, which then stay."""
    tell_a: float = UNKNOWN
    tell_b: float = UNKNOWN
    burst: int = -1
    """Of a logged decision, the burst that brought it; -1 for a routine opportunity. Of an
    opportunity that is no logged decision, the burst to which it would belong: it is dropped."""


NO_STREAM = "no stream of the scenario brings it: give its act a rate above 0 under rates_per_day"


class Abduction(Walk):
    """One replication's inference: the factual world, walked through with open eyes."""

    def infer(self) -> list[Inferred]:
        """Return the inferred opportunities of the past, in order.

        Raises:
            ImpossibleError: the model cannot bring about a logged event.
        """
        acts = [s for s in range(len(self.program.streams.names)) if self.act[s] in ACTS]
        self.found: list[Inferred] = []
        self.asked_at: dict[tuple[int, int], float] = {}
        """(stream, moment) of a forum to the probability that its side walked up then; 0 where it
        had nothing to decide."""
        routine = (o for s in acts for o in self.prior(s))
        for step in self.steps([*routine, *self.bursts()]):
            if step.opportunity is not None:
                self.keep(step.opportunity, step.asked)
            elif self.past.role[step.fact] == DECIDED:
                self.explain(step)
            elif self.past.role[step.fact] == MET:
                a, b = self.told(step)
                self.found.append(
                    Inferred(step.at_s, -1, -1, step.fact, UNKNOWN, tell_a=a, tell_b=b)
                )
        self.toss_coins()
        return sorted(
            self.found, key=lambda i: (i.at_s, i.fact < 0, max(i.fact, i.stream), i.burst, i.index)
        )

    def prior(self, s: int) -> list[Opportunity]:
        """Return a stream's opportunities in the past as nobody's knowledge has touched them."""
        past, program = self.past, self.program
        lo, hi = (int(word) for word in past.key[s])
        if self.forum[s] < 0:
            return list(arrivals(self, s, (lo, hi), past.start_s, program.as_of_s))
        moments = program.streams.at_s[s].tolist()
        if not past.start_s <= moments[0] < program.as_of_s:
            return []
        _, do = self.uniforms((lo, hi), 0)
        return [Opportunity(s, at_s, (lo, hi), 0, do) for at_s in moments]  # one of them comes

    def keep(self, opportunity: Opportunity, asked: tuple[Asked, ...]) -> None:
        """Keep an opportunity that was not taken; drop one that would have been. At a forum, note
        what was asked: which side came first is inferred in the end."""
        s, do = opportunity.stream, opportunity.do
        likely = asked[0].probability if asked else 0.0
        if self.forum[s] >= 0:
            self.asked_at[s, opportunity.at_s] = likely
        elif opportunity.burst >= 0:  # kept are those of which nothing is said
            if do < likely:
                place = (opportunity.at_s, s, opportunity.index, -1, do)
                self.found.append(Inferred(*place, burst=opportunity.burst))
        # An example: a call comes up that the log does not hold, and would have been made with
        # probability 0.3. With the uniform 0.2 it would be in the log: it is dropped. With 0.7 it
        # stays as it was drawn: a milder doctrine with 0.8 would make that call in a changed world.
        elif not do < likely:
            self.found.append(Inferred(opportunity.at_s, s, opportunity.index, -1, do))

    def orders(self, s: int, at_s: int | None) -> tuple[float, float]:
        """Return the likelihoods of what sides of a forum did not do, where stream `s` came first
        and where it came second; `at_s` is when `s` walked up, None where it did not.

        One that walked up at just one of the two moments had that moment.
        """
        early, late = self.program.streams.at_s[s].tolist()
        other = int(self.program.streams.partner[s])
        # An example: `s` walked up at the late moment, and its partner would have walked up at the
        # early one with 0.2. `s` cannot have come first: 0.0. Where it came second, its partner let
        # the early moment pass: 0.8.
        first = 1.0 - self.asked_at.get((other, late), 0.0)
        second = 1.0 - self.asked_at.get((other, early), 0.0)
        if at_s is None:
            return (
                first * (1.0 - self.asked_at.get((s, early), 0.0)),
                second * (1.0 - self.asked_at.get((s, late), 0.0)),
            )
        return (0.0 if at_s == late else first), (0.0 if at_s == early else second)

    def toss_coins(self) -> None:
        """Infer, for each forum of the past, which side had the first moment; and keep the one
        opportunity of each side that did not walk up."""
        streams = self.program.streams
        walked = {i.stream: i.at_s for i in self.found if i.fact >= 0 and i.stream >= 0}
        for s in sorted({s for s, _ in self.asked_at}):
            partner = int(streams.partner[s])
            if self.side[s] == 0:
                a, b = self.orders(s, walked.get(s))
                if partner in walked:
                    b, a = self.orders(partner, walked[partner])
                coin, _ = self.uniforms((int(streams.coin[s, 0]), int(streams.coin[s, 1])), 0)
                # a and b are how likely history is with either side first. Nobody walked up, with
                # 0.1 for side 0 early and 0.5 late, and 0 for the other side: a = 0.9 and b = 0.5,
                # so side 0 came first in 9 of 14 worlds, and the coin, even from 0 to 1, falls
                # below 9/14.
                ahead = coin * (a + b) < a if a + b > 0.0 else coin < 0.5
                for stream, place in ((s, 0 if ahead else 1), (partner, 1 if ahead else 0)):
                    if stream not in walked:
                        self.keep_moment(stream, int(streams.at_s[stream, place]))

    def keep_moment(self, s: int, at_s: int) -> None:
        """Keep the opportunity of a side that did not walk up; redraw one that would have been
        taken."""
        lo, hi = (int(word) for word in self.past.key[s])
        _, do = self.uniforms((lo, hi), 0)
        likely = self.asked_at[s, at_s]
        if do < likely:
            again, _ = self.uniforms((lo, hi), BLOCKS - 1)
            # It fell on no: with 0.8, a drawn 0.6 would be a yes, so a second uniform, say 0.5, is
            # put above the line: 0.8 + 0.5 * 0.2 = 0.9. One that was above the line stays.
            do = likely + again * (1.0 - likely)
        self.found.append(Inferred(at_s, s, 0, -1, do))

    def explain(self, step: Step) -> None:
        """Infer whose opportunity a logged decision was, and its uniforms."""
        f, answer = step.fact, int(self.past.answer[step.fact])
        candidates = self.candidates(f)
        if not candidates:
            raise ImpossibleError(f, NO_STREAM)
        # Whose opportunity was it? An example: a call was held, and the log does not say who made
        # it. The streams of both have 0.1 opportunities a day. Washington calls with 0.5 and Moscow
        # accepts with 0.4; Moscow calls with 0.1 and Washington accepts with 0.9. Their weights are
        # 0.1 * 0.5 * 0.4 = 0.020 and 0.1 * 0.1 * 0.9 = 0.009: in 20 of 29 worlds Washington called.
        # A burst that is open adds a candidate with its intensity in place of the rate.
        likely = [self.likelihood(step, s) for s in candidates]
        ways = [(-1, n, self.rate(s, step.at_s)) for n, s in enumerate(candidates)]
        ways += self.sources(f)
        weights, total = list[float](), 0.0
        for _, place, rate in ways:
            does, accepts = likely[place]
            taken = accepts if answer == 1 else 1.0 - accepts if answer == 0 else 1.0
            weights.append(rate * does * taken)
            total += weights[-1]
        if not total > 0.0:
            raise ImpossibleError(f, RULE_OF[self.act[candidates[0]]].impossible)
        key = self.coded.fact_key(f)
        choice, lead = self.uniforms(key, CHOOSING)
        chosen, left = 0, choice * total
        while chosen < len(weights) - 1 and left >= weights[chosen]:
            left -= weights[chosen]
            chosen += 1
        burst, place, _ = ways[chosen]
        s, (does, accepts) = candidates[place], likely[place]
        if answer == 1 and RULE_OF[self.act[s]].effect == "exchange":
            lead = self.share(f, lead)
        first, second = self.uniforms(key, DECIDING)
        # Its uniforms, even on their side of the line. With does = 0.5 the decision's uniform is
        # even from 0 to 0.5. With accepts = 0.4 a yes is even from 0 to 0.4, a no from 0.4 to 1.
        do, accept = first * does, second
        if answer == 1:
            accept = second * accepts
        elif answer == 0:
            accept = accepts + second * (1.0 - accepts)
        # One uniform serves both stages where coupling is shared: it was below 0.5 * 0.4 = 0.2 for
        # a yes, and from 0.2 to 0.5 for an act that was done and refused.
        if self.program.shared and answer >= 0:
            do = first * does * accepts
            if answer == 0:
                do = does * accepts + first * (does - does * accepts)
        tell_a, tell_b = self.told(step)
        self.found.append(Inferred(step.at_s, s, -1, f, do, accept, lead, tell_a, tell_b, burst))

    def rate(self, s: int, at_s: int) -> float:
        """Return with which rate a stream's own opportunities come at an instant, per day; of a
        forum's, how likely it is that its side was asked then."""
        return (
            sum(self.orders(s, at_s)) if self.forum[s] >= 0 else float(self.program.streams.rate[s])
        )

    def likelihood(self, step: Step, s: int) -> tuple[float, float]:
        """Return the probabilities that a stream's act is done at a step, and is accepted."""
        likely = {q.decision: q.probability for q in step.asked if q.stream == s}
        act = self.act[s]
        return likely.get(act, 0.0), likely.get(f"accept_{act}", 0.0)

    def share(self, f: int, chance: float) -> float:
        """Infer the share of those held that an exchange freed: even between the limits that its
        numbers leave. Where no share gives them, they are no choice of the model: UNKNOWN."""
        facts, dyad = self.program.facts, self.situation.dyad[int(self.program.facts.channel[f])]
        least, most = 0.0, 1.0
        for held, g in zip(self.situation.held[dyad], self.past.frees[f].tolist(), strict=True):
            freed = int(facts.persons[g]) if g >= 0 else 0
            if held == freed == 0:
                continue
            # A share x frees 1 + floor(x * held). Of 4 held, 2 were freed: x lies from 1/4 to 2/4.
            # Of 3 held on the other side, 2 were freed: from 1/3 to 2/3. Both: from 1/3 to 1/2.
            if not 1 <= freed <= held:
                return UNKNOWN
            least, most = max(least, (freed - 1) / held), min(most, freed / held)
        return least + chance * (most - least) if least < most else UNKNOWN

    def told(self, step: Step) -> tuple[float, float]:
        """Infer the uniforms by which each side told a contact."""
        a, b = self.uniforms(self.coded.fact_key(step.fact), TELLING)
        found = [a, b]
        for q in step.asked:
            if q.decision == "acknowledge":
                u, tells = found[q.side], q.probability
                # told as it was, with probability 0.9: the uniform lies below 0.9; played down:
                # above
                found[q.side] = u * tells if q.answer else tells + u * (1.0 - tells)
        return found[0], found[1]


def infer(program: CompiledScenario, seed: int, replication: int) -> list[Inferred]:
    """Infer the noise of one replication.

    Raises:
        InputError: the model holds the history impossible: the event, the reason and the remedy.
    """
    try:
        return Abduction(program, seed, replication).infer()
    except ImpossibleError as error:
        raise impossible(program, error.fact, error.reason) from None


def impossible(program: CompiledScenario, fact: int, reason: str) -> InputError:
    """Say that the model holds a history impossible."""
    rule = f"the model cannot produce this event: {reason}"
    return one_problem(HISTORY, rule, path=program.facts.ids[fact])
