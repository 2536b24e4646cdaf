"""Coded events: what each is, what it comes of, and the meeting that it leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sim.ground.dates import DAY_S
from sim.log.events import KIND_CODE
from sim.model.bursts import Origin
from sim.model.compiled_scenario import NO_TIME, CompiledScenario
from sim.model.situation import AGREED, ENDS_PENDING, Pending, SimulatedEvent

DATE, MEETING, TELLING = 0, 1, 2
"""Indices in the counter of a fact's stream: its date, the date of its meeting, its telling."""

HELD, COPRESENCE = KIND_CODE["meeting_held"], KIND_CODE["copresence"]
Key: TypeAlias = tuple[int, int]
"""The words of a stream's name."""
Pair: TypeAlias = tuple[float, float]
"""Two uniforms."""
SETTLES = ENDS_PENDING | {AGREED}
"""Kinds after which an agreed meeting is not awaited any more."""


def lead_span(program: CompiledScenario) -> tuple[int, int]:
    """Return how many seconds after its agreement a meeting is held, at least and at most."""
    least, most = (int(days * DAY_S) for days in program.rules.lead_days.tolist())
    return least, most


class Coded:
    """The coded events of one replication, as they were. Nothing happens here."""

    def __init__(
        self,
        program: CompiledScenario,
        instants: list[int],
        uniforms: Callable[[Key, int], Pair],
    ) -> None:
        """`instants` says when each happened in history, by place."""
        self.program, self.instants, self.uniforms = program, instants, uniforms

    def pending_of(self, f: int, at_s: int, place: int) -> Pending:
        """Return the pending meeting that a coded agreement leaves which happens at an instant;
        `place` is its place in the run."""
        meeting_s, past = self.meeting_instant(f), self.program.past
        telling = self.uniforms(self.fact_key(f), TELLING)
        if meeting_s != NO_TIME:  # a decision that shifts keeps the distance to its meeting
            meeting_s += at_s - self.instants[f]
        by, by_log = int(self.program.facts.by[f]), past is not None and bool(f in past.agreed)
        return Pending(meeting_s, telling, place, by, f, self.origin_of(f), by_log)

    def origin_of(self, f: int) -> Origin:
        """Return what a coded event comes of: itself."""
        lo, hi = self.program.attention.fact_key[f].tolist()
        return lo, hi, 0, 0

    def fact_key(self, f: int) -> tuple[int, int]:
        """Return the words of the stream that a fact's uniforms are drawn from."""
        return int(self.program.facts.key[f, 0]), int(self.program.facts.key[f, 1])

    def fact(self, f: int, at_s: int) -> SimulatedEvent:
        """Return a coded event as a happening."""
        facts = self.program.facts
        return SimulatedEvent(
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
            origin=self.origin_of(f),
            opens=f,
        )

    def meeting_instant(self, f: int) -> int:
        """Return when the meeting that a fact agreed is due.

        A date that is not exact is sampled from what the log leaves of it: after the event that
        ended the matter, or after the as-of date where none did.
        """
        facts, instants, ends = self.program.facts, self.instants, self.ending(f)
        lo, hi, wish = (int(x) for x in facts.meeting_s[f])
        if facts.answered[f]:
            lo = max(lo, self.program.as_of_s if ends < 0 else instants[ends] + 1)
        lo = max(lo, instants[f] + 1)
        if hi <= lo:
            return NO_TIME if facts.answered[f] else lo
        if wish != NO_TIME:  # noon of a day, or later on that day where the matter ended at noon
            return max(wish, lo)
        if self.program.dates.lead[f]:
            least_s, most_s = lead_span(self.program)
            early, late = max(lo, instants[f] + least_s), min(hi, instants[f] + most_s + 1)
            lo, hi = (early, late) if early < late else (lo, hi)
        when, _ = self.uniforms(self.fact_key(f), MEETING)
        return lo + int(when * float(hi - lo))

    def ending(self, f: int) -> int:
        """Return the fact of history that ended what fact `f` agreed; -1 where none did."""
        facts, instants = self.program.facts, self.instants
        later = [
            (instants[g], g)
            for g in range(facts.before)
            if facts.channel[g] == facts.channel[f]
            and (instants[g], facts.rank[g]) > (instants[f], facts.rank[f])
            and int(facts.kind[g]) in SETTLES
        ]
        return min(later)[1] if later else -1
