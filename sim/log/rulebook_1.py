"""The first rulebook, by which runs of version 0.1 were folded; only their logs use it.

A view had one state. A general contact opened the channel, other contacts moved it by a table, and
a state became `cut_off` after its own days of silence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.log.events import KIND_CODE
from sim.log.kinds import KIND_RULES, Effect
from sim.log.log import STATES, LapseDays, State
from sim.log.rulebook import CONTACTS, Reading, Standing

_AFTER: dict[tuple[Effect, bool], tuple[State, ...]] = {
    ("contact", False): ("open", "open", "open", "open"),
    ("contact", True): ("open", "prisoner_only", "prisoner_only", "prisoner_only"),
    ("corridor", False): ("open", "corridor", "corridor", "corridor"),
    ("corridor", True): ("open", "corridor", "prisoner_only", "corridor"),
    ("cut", False): ("cut_off", "cut_off", "cut_off", "cut_off"),
    ("cut", True): ("cut_off", "cut_off", "cut_off", "cut_off"),
}
"""(effect, whether the agenda is detainees alone) to the state that follows each of `STATES`."""


@dataclass(frozen=True)
class Rulebook1:
    """The rules of one channel of an old log."""

    lapse: LapseDays

    def begin(self, initial: State, since_s: int) -> Standing:
        """Return the standing at the start of a channel."""
        return Standing(initial, since_s, since_s)

    def expiry(self, standing: Standing) -> int | None:
        """Return the instant at which silence ends the state, or None for never."""
        if standing.state is None or standing.state == "cut_off":
            return None
        limit = self.lapse.seconds(standing.state)
        return None if limit is None else max(standing.contact_s, standing.since_s) + limit

    def settle(self, standing: Standing, at_s: int) -> Standing:
        """Return the standing at an instant, after any lapse before it."""
        ends = self.expiry(standing)
        if ends is None or at_s < ends:
            return standing
        return Standing("cut_off", ends, standing.contact_s, None, lapsed=True)

    def apply(
        self, standing: Standing, event_id: str, reading: Reading | None, at_s: int
    ) -> Standing:
        """Fold one event into a standing.

        Raises:
            ValueError: an unknown kind.
        """
        standing = self.settle(standing, at_s)
        if reading is None:
            return standing
        if reading.kind not in KIND_CODE:
            raise ValueError(f"unknown kind of event: {reading.kind}")
        if reading.kind in CONTACTS:
            standing = replace(standing, contact_s=at_s)
        effect = KIND_RULES[reading.kind].effect
        if effect is None or standing.state is None:
            return standing
        after = _AFTER[effect, reading.detainees_only][STATES.index(standing.state)]
        if after == standing.state:
            return standing
        return Standing(after, at_s, standing.contact_s, event_id)
