"""What each kind of event is to a channel: one row a kind.

A kind that is added to `sim.log.events` must get its row here; without one nothing can be imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sim.log.events import KIND_CODE, KINDS
from sim.rules import contact
from sim.rules.telling import NO_KIND

Effect = Literal["contact", "corridor", "cut", "silence"]
"""What an event does to a channel's state: see `sim.log.rulebook`. Silence ends a standing line as
a cut does, and nothing else."""
Why = Literal["initial", "event", "lapsed", "cut", "closed", "unanswered"]
"""Why a channel is in a state: from the start on, by an event, or by silence; where it is cut off,
by which end."""
EFFECTS: tuple[Effect, ...] = get_args(Effect)


@dataclass(frozen=True)
class KindRule:
    """What an event of one kind does, whoever reads it."""

    effect: Effect | None = None
    """What it does to the channel's state; None where it does nothing."""
    told: bool = False
    """Whether each side of a simulated one gives its account."""
    played_down: str | None = None
    """The kind that a side calls it that plays it down; None where it denies it instead. A contact
    that is confined to detainees is always denied."""
    ends_meeting: bool = False
    """Whether a meeting that was agreed is not awaited any more afterwards."""
    why: Why = "event"
    """Why the state holds that it begins."""


NOTHING = KindRule()
KIND_RULES: dict[str, KindRule] = {
    "meeting_agreed": NOTHING,
    "meeting_held": KindRule("contact", told=True, played_down="corridor_talk", ends_meeting=True),
    "call_held": KindRule("contact", told=True, played_down="corridor_talk"),
    "corridor_talk": KindRule("corridor", told=True),
    "copresence": NOTHING,
    "contact_refused": NOTHING,
    "meeting_cancelled": KindRule(ends_meeting=True),
    "contact_cut": KindRule("cut", ends_meeting=True, why="cut"),
    "contact_restored": KindRule("contact"),
    "detained": NOTHING,
    "sentenced": NOTHING,
    "swap_proposed": NOTHING,
    "swap_refused": NOTHING,
    "released": NOTHING,
    "treaty_suspended": NOTHING,
    "treaty_resumed": NOTHING,
    "escalation": NOTHING,
    "deescalation": NOTHING,
    "statement": NOTHING,
    "message_delivered": KindRule("contact"),
    "contact_requested": NOTHING,
    "request_unanswered": KindRule("silence", why="unanswered"),
    "meeting_postponed": KindRule(ends_meeting=True),
    "agreement_reached": NOTHING,
    "channel_opened": KindRule("contact"),
    "channel_closed": KindRule("cut", ends_meeting=True, why="closed"),
    "talks_held": KindRule("contact", ends_meeting=True),
}
"""The rule of every kind."""

if tuple(KIND_RULES) != KINDS:
    raise TypeError(f"KIND_RULES must list every kind in order: {sorted({*KIND_RULES} ^ {*KINDS})}")

if strange := {rule.effect for rule in KIND_RULES.values()} - {None, *EFFECTS}:
    raise TypeError(f"KIND_RULES name effects that there are not: {sorted(map(str, strange))}")

if {effect: code for code, effect in enumerate(EFFECTS)} != {
    "contact": contact.CONTACT,
    "corridor": contact.TALK,
    "cut": contact.CUT,
    "silence": contact.SILENCE,
}:
    raise TypeError(f"sim.rules.contact must say what each effect does: {', '.join(EFFECTS)}")

CONTACTS = tuple(k for k, rule in KIND_RULES.items() if rule.effect in ("contact", "corridor"))
"""Kinds that break a silence."""
TOLD = frozenset(kind for kind, rule in KIND_RULES.items() if rule.told)
"""Kinds of event that each side gives its account of."""
LESS = tuple(
    KIND_CODE[rule.played_down] if rule.played_down else NO_KIND for rule in KIND_RULES.values()
)
"""[kinds] what a side calls an event that it plays down, as a code; NO_KIND where it denies it."""
