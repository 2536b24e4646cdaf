"""How a side tells a contact, and what its view takes the contact to be by that.

A meeting that a side plays down is words in a corridor in its own view; a call that is confined to
detainees has nothing less to be called, so that side denies it, and its view does not move.
"""

from __future__ import annotations

AS_IS, PLAYED_DOWN, DENIED = range(3)
"""How a side tells a contact: as it was, as something less, or not at all."""
NO_KIND = -1
"""In the place of a kind of event: the side takes it for nothing."""


def kind_less(less: int, confined: bool) -> int:
    """Return the kind of event that a side calls a contact that it plays down, or NO_KIND where it
    denies it instead. `less` is what the table of kinds says; of a contact that is confined to
    detainees there is nothing less."""
    return NO_KIND if confined else less


def told_as(tells: bool, less: int) -> int:
    """Return how a side tells a contact, by whether its doctrine tells it as it was; `less` is its
    `kind_less`."""
    if tells:
        return AS_IS
    return DENIED if less == NO_KIND else PLAYED_DOWN


def kind_told(kind: int, less: int, told: int) -> int:
    """Return the kind of event that a side takes a contact for, or NO_KIND."""
    if told == AS_IS:
        return kind
    return less if told == PLAYED_DOWN else NO_KIND


def confined_told(confined: int, told: int) -> int:
    """Return 1 where a side takes the agenda of a contact to be detainees alone. What is played
    down has no agenda."""
    return confined if told == AS_IS else 0
