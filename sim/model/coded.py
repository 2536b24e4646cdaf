"""Coded events in a run: when each happens, and what it leaves."""

from __future__ import annotations

from sim.ground.draws import uniforms
from sim.log.events import KIND_CODE
from sim.model.bursts import Origin
from sim.model.program import NO_TIME, Program
from sim.model.situation import AGREED, ENDS_PENDING, Happening, Pending, Situation

DATE, MEETING, TELLING = 0, 1, 2
"""Indices in the counter of a fact's stream: its date, the date of its meeting, its telling."""

HELD, COPRESENCE = KIND_CODE["meeting_held"], KIND_CODE["copresence"]
SETTLES = ENDS_PENDING | {AGREED}
"""Kinds after which an agreed meeting is not awaited any more."""


class Coded:
    """One replication's situation, and the coded events that happen in it."""

    def __init__(self, program: Program, seed: int, replication: int) -> None:
        self.program, self.seed, self.replication = program, seed, replication
        self.situation = Situation(program)
        self.when: list[int] = []
        """When each coded event happens in this world, by place."""

    def emit(self, happening: Happening) -> int:
        """Let an event happen; return its place in the run."""
        place = self.situation.apply(happening)
        self.attend(happening)
        return place

    def attend(self, happening: Happening) -> None:
        """Open the bursts of an event; a walk through history knows them beforehand."""

    def expect(self, channel: int, agreed: Pending) -> None:
        """Note an agreed meeting; the executor holds it on its date."""
        self.situation.pending[channel] = agreed

    def uniforms(self, key: tuple[int, int], index: int) -> tuple[float, float]:
        """Return a pair of uniforms by the words of a stream's name and an index."""
        pair: tuple[float, float] = uniforms(self.seed, *key, self.replication, index)
        return pair

    def apply_fact(self, f: int, instants: list[int]) -> None:
        """Let a coded event happen as it was; on a channel that is not simulated it only opens
        bursts on others."""
        happening = self.fact(f, self.when[f])
        if self.program.facts.elsewhere[f]:
            self.attend(happening)
            return
        if self.program.facts.meeting_s[f, 0] != NO_TIME:
            pending = self.pending_of(f, instants, len(self.situation.happenings))
            happening.meeting_s = pending.at_s
            self.emit(happening)
            self.expect(happening.channel, pending)
        else:
            self.emit(happening)

    def await_meeting(self, f: int, instants: list[int]) -> None:
        """Note a meeting whose agreement the log does not hold: no event, but it is pending."""
        self.expect(int(self.program.facts.channel[f]), self.pending_of(f, instants, -1))

    def pending_of(self, f: int, instants: list[int], place: int) -> Pending:
        """Return the pending meeting that a coded agreement leaves; `place` is its place."""
        meeting_s = self.meeting_instant(f, instants)
        telling = self.uniforms(self.fact_key(f), TELLING)
        if meeting_s != NO_TIME:  # a decision that shifts keeps the distance to its meeting
            meeting_s += self.when[f] - instants[f]
        by = int(self.program.facts.by[f])
        return Pending(meeting_s, telling, place, by, f, self.origin_of(f))

    def origin_of(self, f: int) -> Origin:
        """Return what a coded event comes of: itself."""
        lo, hi = self.program.attention.fact_key[f].tolist()
        return lo, hi, 0, 0

    def fact_key(self, f: int) -> tuple[int, int]:
        """Return the words of the stream that a fact's uniforms are drawn from."""
        return int(self.program.facts.key[f, 0]), int(self.program.facts.key[f, 1])

    def fact(self, f: int, at_s: int) -> Happening:
        """Return a coded event as a happening."""
        facts = self.program.facts
        return Happening(
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

    def meeting_instant(self, f: int, instants: list[int]) -> int:
        """Return when the meeting that a fact agreed is due.

        A date that is not exact is sampled from what the log leaves of it: after the event that
        ended the matter, or after the as-of date where none did.
        """
        facts, ends = self.program.facts, self.ending(f, instants)
        lo, hi, wish = (int(x) for x in facts.meeting_s[f])
        if facts.answered[f]:
            lo = max(lo, self.program.as_of_s if ends < 0 else instants[ends] + 1)
        lo = max(lo, instants[f] + 1)
        if hi <= lo:
            return NO_TIME if facts.answered[f] else lo
        if wish != NO_TIME:  # noon of a day, or later on that day where the matter ended at noon
            return max(wish, lo)
        when, _ = self.uniforms(self.fact_key(f), MEETING)
        return lo + int(when * float(hi - lo))

    def ending(self, f: int, instants: list[int]) -> int:
        """Return the fact of history that ended what fact `f` agreed; -1 where none did."""
        facts = self.program.facts
        later = [
            (instants[g], g)
            for g in range(facts.before)
            if facts.channel[g] == facts.channel[f]
            and (instants[g], facts.rank[g]) > (instants[f], facts.rank[f])
            and int(facts.kind[g]) in SETTLES
        ]
        return min(later)[1] if later else -1
