"""When a party has anything to decide about an act."""

from __future__ import annotations

CONDITIONS = (
    *("always", "no_meeting", "meeting", "someone_held", "own_held", "unspoken", "cut_off"),
)
"""The names of the conditions, as the table of acts has them: `sim.scenario.acts`."""
ALWAYS, NO_MEETING, MEETING, SOMEONE_HELD, OWN_HELD, UNSPOKEN, CUT = range(len(CONDITIONS))
"""Their codes; a condition that is added fails to unpack here."""


def available(
    when: int, pending: bool, own_held: int, other_held: int, cut_off: bool, spoken: bool
) -> bool:
    """Whether a party has anything to decide about an act of which the condition is `when`.

    `pending`: a meeting is agreed and not yet held. `own_held`, `other_held`: people of the party
    that the other holds, and of the other that the party holds. `cut_off`: the party sees the
    channel so. `spoken`: somebody has walked up to the other at the forum.

    Between two events at the pair an answer can only turn from yes to no, but where silence cuts
    the channel off. The kernel counts on it (`sim.kernel.bounds`).
    """
    if when == NO_MEETING:
        return not pending
    if when == MEETING:
        return pending
    if when == SOMEONE_HELD:
        return own_held + other_held > 0
    if when == OWN_HELD:
        return own_held > 0
    if when == UNSPOKEN:
        return not spoken
    if when == CUT:
        return cut_off
    return when == ALWAYS
