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

OBSERVER = "observer"
"""The viewpoint of the coder, who folds each event as it is coded."""

OPEN, PRISONER_ONLY, CORRIDOR = map(SUPPORTS.index, ("open", "prisoner_only", "corridor"))
NEVER = 1 << 62
"""The expiry of what does not lapse."""
DEAD = -NEVER
"""The expiry of what has not been alive, or was ended by a cut."""
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
    return next((s for s, end in zip(SUPPORTS, until, strict=True) if at_s < end), "cut_off")


def longest(initial: State, from_s: int, lapse: LapseDays) -> Until:
    """Return how long an initial state lasts by itself: as long as contact can keep it alive."""
    found = [*ENDED]
    if initial != "cut_off":
        n = SUPPORTS.index(initial)
        most = lapse.most_s()[n]
        found[n] = NEVER if most is None else from_s + most
    return tuple(found)


def slot_of(effect: Literal["contact", "corridor"], reading: Reading) -> int:
    """Return which of `SUPPORTS` a contact keeps alive."""
    match effect:
        case "contact":
            return PRISONER_ONLY if reading.detainees_only else OPEN
        case "corridor":
            return CORRIDOR
        case _:
            assert_never(effect)


@dataclass(frozen=True)
class Rulebook:
    """The rules of one channel of a log."""

    lapse: LapseDays
    complete_s: int
    """From when silence is evidence: before it nothing lapses."""

    @cached_property
    def days_s(self) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """What a contact adds to each of `SUPPORTS`, and how far ahead it keeps them alive."""
        return self.lapse.step_s(), self.lapse.most_s()

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
        """Return the expiries after a contact that keeps one of `SUPPORTS` alive.

        General contact adds its days to what is left, up to a limit ahead; others last their days.
        Silence counts from where the log is complete.
        """
        from_s, (step, most) = max(at_s, self.complete_s), self.days_s
        days, limit, before = step[slot], most[slot], until[slot]
        if days is None:
            end = NEVER
        elif slot == OPEN:
            end = max(before, from_s) + days if before < NEVER else NEVER
            end = end if limit is None else min(end, from_s + limit)
        else:
            end = from_s + days
        found = list(until)
        found[slot] = max(before, end)
        return tuple(found)
