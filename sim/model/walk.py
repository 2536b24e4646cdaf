"""A history, walked through moment by moment: what was asked of whom, and what history answered.

Abduction is one user of the walk: it takes each stream's prior opportunities as moments. A
likelihood is another: it takes the moments of a quadrature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sim.model.bursts import intensity, points
from sim.model.coded import HELD
from sim.model.compiled_scenario import DECIDED, MET, NO_TIME, CompiledScenario, Past
from sim.model.deciding import Deciding
from sim.model.opportunity import Opportunity
from sim.model.situation import AGREED
from sim.rules.telling import AS_IS


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of history."""

    stream: int
    """Whose opportunity it was, or may have been; -1 for the telling of a meeting that was due."""
    decision: str
    channel: int
    side: int
    probability: float
    """What its doctrine gave for a yes."""
    answer: bool
    """What history answered. At an opportunity that the log does not hold, no."""


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of a history."""

    at_s: int
    fact: int
    """The coded event that happens now; -1 at an opportunity that history did not take."""
    opportunity: Opportunity | None
    """That opportunity; None at a coded event."""
    asked: tuple[Asked, ...]
    """The questions of this moment. Of a decided event, those of each stream that may have brought
    it, in order, with its answer where one was asked for; then how each side told it. Empty where
    there was nothing to decide."""


class ImpossibleError(Exception):
    """A history that the model cannot produce: `fact` could not happen for `reason`."""

    def __init__(self, fact: int, reason: str) -> None:
        self.fact, self.reason = fact, reason
        super().__init__(fact, reason)


PASSED = "its date passed, and the log holds no meeting, cancelling or cut: code what became of it"


class Walk(Deciding):
    """One replication's history: the factual world, walked through with open eyes."""

    def __init__(
        self,
        program: CompiledScenario,
        seed: int,
        replication: int,
        instants: Sequence[int] | None = None,
    ) -> None:
        """`instants` are as those of `Deciding`."""
        super().__init__(program, seed, replication, instants=instants)
        self.past = of(program)

    def steps(self, opportunities: Iterable[Opportunity]) -> Iterator[Step]:
        """Walk through all coded events and these opportunities, in order of time; events come
        before opportunities at one instant. Each event is folded after its step.

        Raises:
            ImpossibleError: a meeting was agreed whose date passed without a word in the log.
        """
        moments: list[tuple[int, int, int, Opportunity | None]] = [
            (self.instants[f], 0, f, None) for f in range(self.program.facts.before)
        ]
        moments += [(o.at_s, 1, o.stream, o) for o in opportunities]
        moments.sort(key=lambda m: m[:3])
        for at_s, _, f, opportunity in moments:
            if opportunity is not None:
                yield Step(at_s, -1, opportunity, tuple(self.untaken(opportunity)))
                continue
            yield Step(at_s, f, None, tuple(self.decided(f)))
            self.follow(f)

    def ask(self, s: int, decision: str, channel: int, side: int, at_s: int, yes: bool) -> Asked:
        """Return a question that was answered at an instant."""
        _, likely = self.weigh(decision, channel, side, at_s)
        return Asked(s, decision, channel, side, likely, yes)

    def untaken(self, opportunity: Opportunity) -> Iterator[Asked]:
        """Ask what an opportunity asked that history did not take."""
        s = opportunity.stream
        if self.available(opportunity):
            yield self.ask(s, self.act[s], self.channel[s], self.side[s], opportunity.at_s, False)

    def decided(self, f: int) -> Iterator[Asked]:
        """Ask what a coded event answered."""
        past, at_s = self.past, self.instants[f]
        if past.role[f] == DECIDED:
            answer = int(past.answer[f])
            for s in self.candidates(f):
                if not self.available(Opportunity(s, at_s, (0, 0), 0, 0.0)):
                    continue
                act, channel, side = self.act[s], self.channel[s], self.side[s]
                yield self.ask(s, act, channel, side, at_s, True)
                if answer >= 0:
                    yield self.ask(s, f"accept_{act}", channel, 1 - side, at_s, answer == 1)
        if self.is_told(f):
            channel = int(self.program.facts.channel[f])
            for side in (0, 1):
                as_it_was = int(past.told[f, side]) == AS_IS
                yield self.ask(-1, "acknowledge", channel, side, at_s, as_it_was)

    def sources(self, f: int) -> list[tuple[int, int, float]]:
        """List the bursts that were open when a decided event happened and may have brought it:
        (burst, place of its stream among the candidates, intensity per day).

        An opener that history holds before the event counts as open at its own instant.
        """
        past, attention, rank = self.past, self.program.attention, self.program.facts.rank
        found = []
        for n in range(int(past.source_start[f]), int(past.source_start[f + 1])):
            b = int(past.sources[n])
            row, e = int(attention.row[b]), int(attention.opener[b])
            age_s = self.instants[f] - self.instants[e]
            if age_s > 0 or (age_s == 0 and rank[e] < rank[f]):
                rate = intensity(attention, row, age_s)
                found.append((b, int(past.source_candidate[n]), rate))
        return found

    def bursts(self) -> Iterator[Opportunity]:
        """Yield the prior opportunities of the bursts that history's events open, inside it."""
        attention, before = self.program.attention, self.program.facts.before
        for b in range(int(attention.fact_start[before])):
            row, opened_s = int(attention.row[b]), self.instants[int(attention.opener[b])]
            lo, hi = attention.words[b].tolist()
            for point in points(attention, row, opened_s, partial(self.uniforms, (lo, hi))):
                if self.past.start_s <= point.at_s < self.program.as_of_s:
                    s = int(attention.stream[row])
                    yield Opportunity(s, point.at_s, (lo, hi), point.index, point.do, burst=b)

    def candidates(self, f: int) -> list[int]:
        """List the streams that may have brought a decided event, in order."""
        past = self.past
        span = slice(int(past.candidate_start[f]), int(past.candidate_start[f + 1]))
        return [int(s) for s in past.candidates[span]]

    def is_told(self, f: int) -> bool:
        """Whether an event is a contact that each side told."""
        contact = self.past.answer[f] == 1 or self.past.role[f] == MET
        return bool(contact and self.program.facts.kind[f] != AGREED)

    def follow(self, f: int) -> None:
        """Let a coded event happen."""
        past, facts = self.past, self.program.facts
        if past.role[f] == DECIDED and facts.kind[f] == AGREED:
            ends = self.coded.ending(f)
            held = ends >= 0 and facts.kind[ends] == HELD
            if not held and self.coded.meeting_instant(f) == NO_TIME:
                raise ImpossibleError(f, PASSED)
        self.apply_fact(f)


def of(program: CompiledScenario) -> Past:
    """Return the past of a what-if's program.

    Raises:
        ValueError: the program is not a what-if's.
    """
    if program.past is None:
        raise ValueError("the program is not a what-if's")
    return program.past
