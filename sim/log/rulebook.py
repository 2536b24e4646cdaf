"""The rulebook: how an event, as one viewpoint reads it, moves the state of a channel.

Each kind of contact stays alive for a while. The channel is in the widest state that is still
alive, and `cut_off` where none is. A contact never lowers the state and never shortens the time
that is left of it; a cut ends all. Deciding draws random numbers; applying never does: all
functions here are pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, assert_never

from sim.log.events import KIND_CODE, Event
from sim.log.kinds import KIND_RULES
from sim.log.log import SUPPORTS, LapseDays, State
from sim.rules import contact
from sim.rules.contact import CORRIDOR, DEAD, FOR_EVER, NEVER, NOTHING

OBSERVER = "observer"
"""The viewpoint of the coder, who folds each event as it is coded."""

if SUPPORTS[: CORRIDOR + 1] != ("open", "prisoner_only", "corridor"):
    raise TypeError(f"SUPPORTS must begin with the kinds of contact of `sim.rules`: {SUPPORTS}")

ENDED = (DEAD,) * len(SUPPORTS)
"""The expiries of a channel that nothing keeps alive."""

CONTACTS = frozenset(k for k, rule in KIND_RULES.items() if rule.effect in ("contact", "corridor"))
"""Kinds that break a silence."""

Until = tuple[int, ...]
"""When each of `SUPPORTS` ends, in seconds since 1970."""


@dataclass(frozen=True)
class Reading:
    """What one viewpoint takes an event to be."""

    kind: str
    detainees_only: bool


@dataclass(frozen=True)
class Standing:
    """A channel from one viewpoint at one instant."""

    state: State | None
    """The state; None where the log does not know, before the channel's start."""
    since_s: int
    """Since when the state has held, in seconds since 1970."""
    contact_s: int
    """The last contact, or the start of the log, in seconds since 1970."""
    event: str | None = None
    """The id of the event that began the state; None at the start and after a lapse."""
    lapsed: bool = False
    """Whether the state began by silence."""
    until: Until = ENDED
    """When each kind of contact ends that keeps the channel alive; see `SUPPORTS`."""


def read(event: Event, viewpoint: str = OBSERVER) -> Reading | None:
    """Return what a viewpoint takes an event to be, or None for a contact that it denies."""
    account = event.accounts.get(viewpoint)
    kind, agenda = str(event.kind), event.agenda
    if account is not None:
        if account.denial:
            return None
        kind = account.kind or kind
        agenda = agenda if account.agenda is None else account.agenda
    return Reading(kind, set(agenda) == {"detainees"})


def widest(until: Until, at_s: int) -> State:
    """Return the widest state that is alive at an instant."""
    kind = contact.widest(until, at_s)
    return "cut_off" if kind == NOTHING else SUPPORTS[kind]


def longest(initial: State, from_s: int, lapse: LapseDays) -> Until:
    """Return how long an initial state lasts by itself: as long as contact can keep it alive."""
    found = [*ENDED]
    if initial != "cut_off":
        n = SUPPORTS.index(initial)
        lasts = lapse.in_seconds()[1 + n]
        found[n] = NEVER if lasts == FOR_EVER else from_s + lasts
    return tuple(found)


def slot_of(effect: Literal["contact", "corridor"], reading: Reading) -> int:
    """Return which of `SUPPORTS` a contact keeps alive."""
    match effect:
        case "contact" | "corridor":
            return contact.kind_kept(effect == "corridor", reading.detainees_only)
        case _:
            assert_never(effect)


@dataclass(frozen=True)
class Rulebook:
    """The rules of one channel of a log."""

    lapse: LapseDays
    complete_s: int
    """From when silence is evidence: before it nothing lapses."""

    @cached_property
    def days_s(self) -> tuple[int, tuple[int, ...]]:
        """What general contact adds, and how far ahead contact keeps each of `SUPPORTS` alive."""
        adds, *lasts = self.lapse.in_seconds()
        return adds, tuple(lasts)

    def begin(self, initial: State, since_s: int) -> Standing:
        """Return the standing at the start of a channel."""
        until = longest(initial, max(since_s, self.complete_s), self.lapse)
        return Standing(initial, since_s, since_s, until=until)

    def expiry(self, standing: Standing) -> int | None:
        """Return the instant at which silence ends the state, or None for never."""
        if standing.state is None or standing.state == "cut_off":
            return None
        end = standing.until[SUPPORTS.index(standing.state)]
        return None if end >= NEVER else end

    def settle(self, standing: Standing, at_s: int) -> Standing:
        """Return the standing at an instant, after any lapses before it."""
        while (ends := self.expiry(standing)) is not None and at_s >= ends:
            after = widest(standing.until, ends)
            standing = replace(standing, state=after, since_s=ends, event=None, lapsed=True)
        return standing

    def apply(
        self, standing: Standing, event_id: str, reading: Reading | None, at_s: int
    ) -> Standing:
        """Fold one event into a standing.

        Raises:
            ValueError: an unknown kind; to pass over it would be to lose what it says.
        """
        standing = self.settle(standing, at_s)
        if reading is None:
            return standing
        if reading.kind not in KIND_CODE:
            raise ValueError(f"unknown kind of event: {reading.kind}")
        effect = KIND_RULES[reading.kind].effect
        if effect is None:
            return standing
        until = ENDED
        if effect != "cut":
            standing = replace(standing, contact_s=at_s)
            until = self.kept_alive(standing.until, slot_of(effect, reading), at_s)
        after = widest(until, at_s)
        if after == standing.state:
            return replace(standing, until=until)
        return Standing(after, at_s, standing.contact_s, event_id, until=until)

    def kept_alive(self, until: Until, slot: int, at_s: int) -> Until:
        """Return the expiries after a contact that keeps one of `SUPPORTS` alive."""
        from_s, (adds, lasts) = max(at_s, self.complete_s), self.days_s
        found = list(until)
        found[slot] = contact.kept_until(slot, until[slot], from_s, adds, lasts[slot])
        return tuple(found)
