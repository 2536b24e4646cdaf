"""The rulebook: how an event, as one viewpoint reads it, moves the state of a channel.

Each kind of contact stays alive for a while. The channel is in the widest state that is still
alive, and `cut_off` where none is. A contact never lowers the state and never shortens the time
that is left of it; a cut ends all. Deciding draws random numbers; applying never does: all
functions here are pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sim.log.events import KIND_CODE, Event
from sim.log.kinds import EFFECTS, KIND_RULES, Why
from sim.log.log import SUPPORTS, LapseDays, State
from sim.rules import contact
from sim.rules.contact import CORRIDOR, DEAD, FOR_EVER, LONG_OVER, NEVER, NOTHING, OPEN

OBSERVER = "observer"
"""The viewpoint of the coder, who folds each event as it is coded."""

if SUPPORTS[: CORRIDOR + 1] != ("open", "prisoner_only", "corridor"):
    raise TypeError(f"SUPPORTS must begin with the kinds of contact of `sim.rules`: {SUPPORTS}")

ENDED = (DEAD,) * len(SUPPORTS)
"""The expiries of a channel that nothing keeps alive."""

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
    why: Why | None = "initial"
    """Why the state holds; None where it is not known."""
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
    """Return how long an initial state lasts by itself: as long as contact can keep it alive. A
    channel that begins cut off was not cut by anybody in the log."""
    found = [*ENDED]
    if initial == "cut_off":
        found[OPEN] = LONG_OVER
    else:
        n = SUPPORTS.index(initial)
        lasts = lapse.in_seconds()[1 + n]
        found[n] = NEVER if lasts == FOR_EVER else from_s + lasts
    return tuple(found)


@dataclass(frozen=True)
class Rulebook:
    """The rules of one channel of a log."""

    lapse: LapseDays
    complete_s: int
    """From when silence is evidence: before it nothing lapses."""
    line: bool = False
    """Whether the channel is a standing line, which silence ends."""
    leave_out: tuple[State, ...] = ()
    """States that no contact keeps alive."""
    witnessed: bool = False
    """Whether an end that is coded counts for more than the silence before it, so that the state
    holds by it from then on."""

    @cached_property
    def days_s(self) -> tuple[int, tuple[int, ...]]:
        """What general contact adds, and how far ahead contact keeps each of `SUPPORTS` alive."""
        adds, *lasts = self.lapse.in_seconds(self.leave_out)
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
            standing = replace(
                standing, state=after, since_s=ends, event=None, lapsed=True, why="lapsed"
            )
        return standing

    def apply(
        self,
        standing: Standing,
        event_id: str,
        reading: Reading | None,
        at_s: int,
        to_s: int | None = None,
    ) -> Standing:
        """Fold one event into a standing; a contact goes on until `to_s`.

        Raises:
            ValueError: an unknown kind; to pass over it would be to lose what it says.
        """
        standing = self.settle(standing, at_s)
        if reading is None:
            return standing
        if reading.kind not in KIND_CODE:
            raise ValueError(f"unknown kind of event: {reading.kind}")
        rule = KIND_RULES[reading.kind]
        code = contact.NO_EFFECT if rule.effect is None else EFFECTS.index(rule.effect)
        effect = contact.effect_on(code, self.line)
        if effect == contact.NO_EFFECT:
            return standing
        until, ends = ENDED, effect == contact.CUT
        if not ends:
            to_s = at_s if to_s is None else max(at_s, to_s)
            last_s = contact.last_contact(standing.contact_s, to_s)
            standing = replace(standing, contact_s=last_s)
            slot = contact.kind_kept(effect == contact.TALK, reading.detainees_only)
            until = self.kept_alive(standing.until, slot, to_s)
        after = widest(until, at_s)
        if after == standing.state and not (ends and standing.lapsed and self.witnessed):
            return replace(standing, until=until)
        return Standing(after, at_s, standing.contact_s, event_id, until=until, why=rule.why)

    def kept_alive(self, until: Until, slot: int, to_s: int) -> Until:
        """Return the expiries after a contact that keeps one of `SUPPORTS` alive."""
        from_s, (adds, lasts) = max(to_s, self.complete_s), self.days_s
        found = list(until)
        found[slot] = contact.kept_until(slot, until[slot], from_s, adds, lasts[slot])
        return tuple(found)
