"""The rulebook: how an event, as one viewpoint reads it, moves the state of a channel.

Deciding draws random numbers; applying never does. All functions here are pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.log.events import KIND_CODE, Event
from sim.log.kinds import KIND_RULES, Effect
from sim.log.log import STATES, LapseDays, State

OBSERVER = "observer"
"""The viewpoint of the coder, who folds each event as it is coded."""

_EFFECTS: dict[tuple[Effect, bool], tuple[State, ...]] = {
    ("contact", False): ("open", "open", "open", "open"),
    ("contact", True): ("open", "prisoner_only", "prisoner_only", "prisoner_only"),
    ("corridor", False): ("open", "corridor", "corridor", "corridor"),
    ("corridor", True): ("open", "corridor", "prisoner_only", "corridor"),
    ("cut", False): ("cut_off", "cut_off", "cut_off", "cut_off"),
    ("cut", True): ("cut_off", "cut_off", "cut_off", "cut_off"),
}
"""(effect, whether the agenda is detainees alone) to the state that follows each of `STATES`."""

MOVES: dict[tuple[str, bool], tuple[State, ...]] = {
    (kind, confined): _EFFECTS[rule.effect, confined]
    for kind, rule in KIND_RULES.items()
    for confined in (False, True)
    if rule.effect is not None
}
"""(kind, whether the agenda is detainees alone) to the state that follows each of `STATES`.
A kind that is not here moves no state."""

CONTACTS = frozenset(k for k, rule in KIND_RULES.items() if rule.effect in ("contact", "corridor"))
"""Kinds that break a silence: they wind up the clock by which a state lapses."""


@dataclass(frozen=True)
class Reading:
    """What one viewpoint takes an event to be."""

    kind: str
    detainees_only: bool


@dataclass(frozen=True)
class Standing:
    """A channel from one viewpoint at one instant."""

    state: State
    since_s: int
    """Since when the state has held, in seconds since 1970."""
    contact_s: int
    """The last contact, or the start of the log, in seconds since 1970."""
    event: str | None = None
    """The id of the event that began the state; None at the start and after a lapse."""
    lapsed: bool = False
    """Whether the state began by silence."""


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


def expiry(standing: Standing, lapse: LapseDays) -> int | None:
    """Return the instant at which silence ends the state, or None for never."""
    limit = lapse.seconds(standing.state)
    return None if limit is None else max(standing.contact_s, standing.since_s) + limit


def settle_lapse(standing: Standing, at_s: int, lapse: LapseDays) -> Standing:
    """Return the standing at an instant, after any lapse before it."""
    ends = expiry(standing, lapse)
    if ends is None or at_s < ends:
        return standing
    return Standing("cut_off", ends, standing.contact_s, None, lapsed=True)


def apply(
    standing: Standing, event_id: str, reading: Reading | None, at_s: int, lapse: LapseDays
) -> Standing:
    """Fold one event into a standing.

    Raises:
        ValueError: an unknown kind; to pass over it would be to lose what it says.
    """
    standing = settle_lapse(standing, at_s, lapse)
    if reading is None:
        return standing
    if reading.kind not in KIND_CODE:
        raise ValueError(f"unknown kind of event: {reading.kind}")
    if reading.kind in CONTACTS:
        standing = replace(standing, contact_s=at_s)
    move = MOVES.get((reading.kind, reading.detainees_only))
    if move is None:
        return standing
    after = move[STATES.index(standing.state)]
    if after == standing.state:
        return standing
    return Standing(after, at_s, standing.contact_s, event_id)
