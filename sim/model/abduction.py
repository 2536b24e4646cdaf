"""Abduction: the noise that history implies, given that it happened.

Each stream's prior opportunities are run through the factual world. One that would have fired,
though the log has no such event, is impossible: it is dropped (a Poisson stream) or its uniform is
redrawn above the probability (a forum). Each logged decision adds an opportunity whose uniforms lie
on the side of the probabilities on which history shows that they fell. This is exact for thinned
Poisson processes (Noorbakhsh and Gomez Rodriguez 2022, "Counterfactual temporal point processes",
NeurIPS 35); `docs/what-if.md` gives the derivation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.ground.errors import InputError, Problem
from sim.model.deciding import BLOCKS, HELD, TELLING, Deciding, Opportunity
from sim.model.program import DECIDED, MET, NO_TIME, Past, Program
from sim.model.situation import AGREED, AS_IS
from sim.model.world import arrivals, fact_instants
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
    tell_a: float = UNKNOWN
    tell_b: float = UNKNOWN


class ImpossibleError(Exception):
    """A history that the model holds impossible: `fact` could not happen for `reason`."""

    def __init__(self, fact: int, reason: str) -> None:
        self.fact, self.reason = fact, reason
        super().__init__(fact, reason)


NO_STREAM = "no stream of the scenario brings it: give its act a rate above 0 under rates_per_day"
PASSED = "its date passed, and the log holds no meeting, cancelling or cut: code what became of it"


class Abduction(Deciding):
    """One replication's inference: the factual world, walked through with open eyes."""

    def infer(self) -> list[Inferred]:
        """Return the inferred opportunities of the past, in order.

        Raises:
            ImpossibleError: the model cannot bring about a logged event.
        """
        past, program = of(self.program), self.program
        self.instants = fact_instants(program, self.seed, self.replication)
        self.found: list[Inferred] = []
        self.used: set[int] = set()
        moments: list[tuple[int, int, int, Opportunity | None]] = [
            (self.instants[f], 0, f, None) for f in range(program.facts.before)
        ]
        for s in range(len(program.streams.names)):
            if self.act[s] in ACTS:
                for opportunity in self.prior(s, past):
                    moments.append((opportunity.at_s, 1, s, opportunity))
        moments.sort(key=lambda m: m[:3])
        for _, _, f, arrived in moments:
            if arrived is not None:
                self.keep(arrived)
                continue
            if past.role[f] == DECIDED:
                self.explain(f, past)
            elif past.role[f] == MET:
                self.explain_meeting(f, past)
            self.follow(f)
        return [i for i in self.found if not (i.fact < 0 and i.stream in self.used)]

    def prior(self, s: int, past: Past) -> list[Opportunity]:
        """Return a stream's opportunities in the past as nobody's knowledge has touched them."""
        lo, hi = (int(word) for word in past.key[s])
        if self.forum[s] < 0:
            return list(arrivals(self, s, (lo, hi), past.start_s, self.program.as_of_s))
        at_s = int(self.program.streams.at_s[s])
        if not past.start_s <= at_s < self.program.as_of_s:
            return []
        _, do = self.uniforms((lo, hi), 0)
        return [Opportunity(s, at_s, (lo, hi), 0, do)]

    def keep(self, opportunity: Opportunity) -> None:
        """Keep an opportunity that was not taken; drop or redraw one that would have been."""
        s, at_s, do = opportunity.stream, opportunity.at_s, opportunity.do
        if self.available(opportunity):
            likely = self.probability(self.act[s], self.channel[s], self.side[s], at_s)
            if do < likely:
                if self.forum[s] < 0:
                    return
                again, _ = self.uniforms(opportunity.key, opportunity.index * BLOCKS + 3)
                do = likely + again * (1.0 - likely)
        self.found.append(Inferred(at_s, s, opportunity.index, -1, do))

    def explain(self, f: int, past: Past) -> None:
        """Infer whose opportunity a logged decision was, and its uniforms."""
        at_s, answer = self.instants[f], int(past.answer[f])
        span = slice(int(past.candidate_start[f]), int(past.candidate_start[f + 1]))
        candidates = [int(s) for s in past.candidates[span]]
        if not candidates:
            raise ImpossibleError(f, NO_STREAM)
        weights: list[tuple[float, float, float]] = []
        total = 0.0
        for s in candidates:
            does, accepts = self.likelihood(s, at_s, answer)
            rate = float(self.program.streams.rate[s]) if self.forum[s] < 0 else 1.0
            taken = accepts if answer == 1 else 1.0 - accepts if answer == 0 else 1.0
            weights.append((rate * does * taken, does, accepts))
            total += weights[-1][0]
        if not total > 0.0:
            raise ImpossibleError(f, RULE_OF[self.act[candidates[0]]].impossible)
        key = self.fact_key(f)
        choice, lead = self.uniforms(key, CHOOSING)
        chosen, left = 0, choice * total
        while chosen < len(candidates) - 1 and left >= weights[chosen][0]:
            left -= weights[chosen][0]
            chosen += 1
        _, does, accepts = weights[chosen]
        s = candidates[chosen]
        first, second = self.uniforms(key, DECIDING)
        do, accept = first * does, second
        if answer == 1:
            accept = second * accepts
        elif answer == 0:
            accept = accepts + second * (1.0 - accepts)
        if self.program.shared and answer >= 0:
            do = first * does * accepts
            if answer == 0:
                do = does * accepts + first * (does - does * accepts)
        tells = self.told(f, past, self.channel[s])
        self.found.append(Inferred(at_s, s, -1, f, do, accept, lead, *tells))
        if self.forum[s] >= 0:
            self.used.add(s)
            self.spoken[self.forum[s], self.channel[s]] = True

    def likelihood(self, s: int, at_s: int, answer: int) -> tuple[float, float]:
        """Return the probabilities that a stream's act is done at an instant, and is accepted."""
        if not self.available(Opportunity(s, at_s, (0, 0), 0, 0.0)):
            return 0.0, 0.0
        act, channel, side = self.act[s], self.channel[s], self.side[s]
        does = self.probability(act, channel, side, at_s)
        if answer < 0:
            return does, 0.0
        return does, self.probability(f"accept_{act}", channel, 1 - side, at_s)

    def told(self, f: int, past: Past, channel: int) -> tuple[float, float]:
        """Infer the uniforms by which each side told a contact."""
        draws = self.uniforms(self.fact_key(f), TELLING)
        if past.answer[f] != 1 and past.role[f] != MET:
            return draws
        if self.program.facts.kind[f] == AGREED:
            return draws
        found = []
        for side in (0, 1):
            tells = self.probability("tell", channel, side, self.instants[f])
            as_it_was = int(past.told[f, side]) == AS_IS
            u = draws[side]
            found.append(u * tells if as_it_was else tells + u * (1.0 - tells))
        return found[0], found[1]

    def explain_meeting(self, f: int, past: Past) -> None:
        """Infer how a meeting that was held as agreed came to be told."""
        channel = int(self.program.facts.channel[f])
        a, b = self.told(f, past, channel)
        self.found.append(Inferred(self.instants[f], -1, -1, f, UNKNOWN, tell_a=a, tell_b=b))

    def follow(self, f: int) -> None:
        """Let a fact happen in the factual world."""
        past = of(self.program)
        if self.program.facts.kind[f] == AGREED and past.role[f] == DECIDED:
            ends = self.ending(f, self.instants)
            held = ends >= 0 and self.program.facts.kind[ends] == HELD
            if not held and self.meeting_instant(f, self.instants) == NO_TIME:
                raise ImpossibleError(f, PASSED)
        if past.latent[f]:
            self.await_meeting(f, self.instants)
        else:
            self.apply_fact(f, self.instants)


def of(program: Program) -> Past:
    """Return the past of a what-if's program.

    Raises:
        ValueError: the program is not a what-if's.
    """
    if program.past is None:
        raise ValueError("the program is not a what-if's")
    return program.past


def infer(program: Program, seed: int, replication: int) -> list[Inferred]:
    """Infer the noise of one replication.

    Raises:
        InputError: the model holds the history impossible: the event, the reason and the remedy.
    """
    try:
        return Abduction(program, seed, replication).infer()
    except ImpossibleError as error:
        raise impossible(program, error.fact, error.reason) from None


def impossible(program: Program, fact: int, reason: str) -> InputError:
    """Say that the model holds a history impossible."""
    rule = f"the model holds this event impossible, so no noise can explain it: {reason}"
    return InputError([Problem("history", 0, program.facts.ids[fact], rule)])
