"""What the log says of a decision that is made again, as `deciding` asks it.

In a forecast it says nothing. A changed world asks `sim.model.word_for_word`.
"""

from __future__ import annotations

from sim.model.opportunity import Opportunity
from sim.model.situation import Pending, SimulatedEvent


class Log:
    """What `deciding` asks of the log, as a forecast's answers. An opportunity of no coded decision
    has the fact -1."""

    def again(self, happening: SimulatedEvent, opportunity: Opportunity) -> SimulatedEvent | None:
        """Return the event as it is to happen; None where the log holds no such event."""
        return happening

    def answered(self, opportunity: Opportunity, accepts: bool) -> bool:
        """Whether the log has this answer to a proposal."""
        return False

    def unasked(self, opportunity: Opportunity, silence: int) -> bool:
        """Whether the log has an event of the kind `silence`, and no request before it."""
        return False

    def offer(self, opportunity: Opportunity, side: int) -> tuple[int, int] | None:
        """Return how many people the logged exchange offers, of the party that is asked and of
        the proposer; None where the share that was drawn says it."""
        return None

    def frees(self, opportunity: Opportunity, released: SimulatedEvent, side: int) -> bool:
        """Whether the log brings the release of this side's people itself, at its time."""
        return False

    def meeting(self, opportunity: Opportunity, happened: int) -> Pending | None:
        """Return the meeting of a logged agreement, after so many events; None for any other."""
        return None
