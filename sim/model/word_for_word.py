"""The log of a changed world: a logged decision happens again, word for word, where it is taken,
answered and told as in history."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from sim.log.events import KINDS
from sim.log.kinds import TOLD
from sim.model.abduction import Inferred
from sim.model.coded import Coded
from sim.model.compiled_scenario import Past
from sim.model.logged import Log
from sim.model.opportunity import Opportunity
from sim.model.situation import AGREED, Pending, SimulatedEvent


class LoggedDecisions(Log):
    """The log of a changed world, and which of its events have happened there again."""

    def __init__(
        self, past: Past, coded: Coded, noise: Sequence[Inferred], when: Sequence[int]
    ) -> None:
        """`when` says when each coded event happens in the changed world, by place."""
        self.facts, self.past, self.coded, self.when = coded.program.facts, past, coded, when
        self.inferred = {i.fact: i for i in noise if i.fact >= 0}
        self.happened = [False] * len(self.facts.ids)
        self.freed: dict[int, SimulatedEvent] = {}
        """Logged release to what it is in this world, by the share that its exchange frees."""

    def again(self, happening: SimulatedEvent, opportunity: Opportunity) -> SimulatedEvent | None:
        """Return the event as it was logged, where it fell, was answered and told as in history."""
        f = opportunity.fact
        if f < 0 or happening.kind != int(self.facts.kind[f]):
            return happening
        happening.opens = f  # however told: an event of this kind comes of the same opener
        told = (int(self.past.told[f, 0]), int(self.past.told[f, 1]))
        if KINDS[happening.kind] in TOLD and happening.told != told:
            return happening
        self.happened[f] = True
        if self.past.latent[f]:
            return None
        logged = self.coded.fact(f, happening.at_s)
        logged.meeting_s = happening.meeting_s
        return logged

    def answered(self, opportunity: Opportunity, accepts: bool) -> bool:
        """Whether a proposal was answered as in history."""
        f = opportunity.fact
        if f < 0:
            return False
        self.happened[f] = accepts == (int(self.past.answer[f]) == 1)
        return self.happened[f]

    def unasked(self, opportunity: Opportunity, silence: int) -> bool:
        """Whether history has the silence and not the request."""
        f = opportunity.fact
        return f >= 0 and int(self.facts.kind[f]) == silence

    def offer(self, opportunity: Opportunity, side: int) -> tuple[int, int] | None:
        """Return the people of the log where no share gives them."""
        f = opportunity.fact
        if f < 0 or not isnan(self.inferred[f].lead):
            return None
        theirs, mine = (int(self.past.frees[f][x]) for x in (1 - side, side))
        persons = self.facts.persons
        return (
            int(persons[theirs]) if theirs >= 0 else 0,
            int(persons[mine]) if mine >= 0 else 0,
        )

    def frees(self, opportunity: Opportunity, released: SimulatedEvent, side: int) -> bool:
        """Whether the log brings these releases itself; it frees the share that was inferred."""
        f = opportunity.fact
        if isnan(self.inferred[f].lead):
            return True
        g = int(self.past.frees[f, side])
        if g >= 0:
            self.freed[g] = released
        return g >= 0

    def meeting(self, opportunity: Opportunity, happened: int) -> Pending | None:
        """Return a logged meeting on its logged date."""
        f = opportunity.fact
        if f < 0 or int(self.facts.kind[f]) != AGREED:
            return None
        place = -1 if self.past.latent[f] else happened
        return self.coded.pending_of(f, self.when[f], place)
