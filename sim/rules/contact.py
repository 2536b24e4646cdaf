"""How long contact keeps a channel alive, and what is left of it when silence ends a state.

A view of a channel holds one instant for each kind of contact: until when contact of that kind
keeps the channel alive. The state is that of the widest kind that is alive. An example, in days
with the usual lapses: a call on day 0 keeps general contact alive until day 60, a second one on
day 10 until day 120; words in a corridor on day 100 count until day 130. So silence from day 100 on
leaves the channel open until day 120, in the state of a corridor until day 130, and then cut off.
"""

from __future__ import annotations

from typing import Any, Protocol

OPEN, PRISONER_ONLY, CORRIDOR = range(3)
"""Kinds of contact, widest first: general, confined to detainees, words in a corridor."""
NOTHING = -1
"""In the place of a kind: nothing keeps the channel alive, so it is cut off."""

NEVER = 1 << 62
"""The end of what does not lapse."""
DEAD = -NEVER
"""The end of what has not been alive, or was ended by a cut."""
LONG_OVER = DEAD + 1
"""The end of what was over before the beginning, without anybody's cut."""
FOR_EVER = -1
"""In the place of a number of seconds: without end."""
NOT_AT_ALL = 0
"""In the place of a number of seconds: contact of that kind keeps nothing alive."""


CONTACT, TALK, CUT, SILENCE = range(4)
"""What an event does to a channel: contact, words in a corridor, an end, or an end by silence."""
NO_EFFECT = -1
"""In the place of an effect: nothing."""


class Ends(Protocol):
    """When each kind of contact ends: a list, a tuple or an array."""

    def __getitem__(self, kind: int, /) -> Any: ...

    def __len__(self) -> int: ...


def effect_on(effect: int, line: int) -> int:
    """Return what an event of an effect does to a channel. Silence ends a standing line as a cut
    does, and leaves any other channel as it is."""
    if effect == SILENCE:
        return CUT if line else NO_EFFECT
    return effect


def last_contact(before: int, to_s: int) -> int:
    """Return until when there was contact, by one that went on to an instant. Contact that goes on
    is not over because there was another one meanwhile."""
    return max(before, to_s)


def kind_kept(corridor: bool, confined: bool) -> int:
    """Return which kind of contact keeps the channel alive after one that is words in a corridor,
    or of which the agenda is detainees alone."""
    if corridor:
        return CORRIDOR
    return PRISONER_ONLY if confined else OPEN


def kept_until(kind: int, before: int, from_s: int, adds_s: int, lasts_s: int) -> int:
    """Return until when a contact keeps its kind alive.

    `before` is until when it was alive already; `from_s` is the contact, or its end where it went
    on for days, or the instant from which silence is evidence where that is later. General contact
    adds `adds_s` to what is left, but reaches `lasts_s` ahead at most; other kinds last `lasts_s`.
    No contact shortens what is left.
    """
    if lasts_s == NOT_AT_ALL:
        return before
    if before >= NEVER:
        return NEVER
    if kind == OPEN:
        if adds_s == FOR_EVER:
            return NEVER
        end = max(before, from_s) + adds_s
        if lasts_s != FOR_EVER:
            end = min(end, from_s + lasts_s)
        return max(before, end)
    if lasts_s == FOR_EVER:
        return NEVER
    return max(before, from_s + lasts_s)


def widest(until: Ends, at_s: int) -> int:
    """Return the widest kind of contact that is alive at an instant, or NOTHING."""
    for kind in range(len(until)):
        if at_s < until[kind]:
            return kind
    return NOTHING


def was_cut(until: Ends) -> bool:
    """Whether somebody ended contact, and none has kept the channel alive since. If all that kept
    it alive has only run out, silence ended it."""
    for kind in range(len(until)):  # noqa: SIM110  (the kernel has no generators)
        if until[kind] != DEAD:
            return False
    return True


def lapsed(kind: int, end_s: int, at_s: int) -> bool:
    """Whether silence has ended, by an instant, the state that a kind of contact kept alive until
    `end_s`. It then falls to what is `widest` at `end_s`. Where nothing kept it alive, none ends.
    """
    return kind != NOTHING and at_s >= end_s
