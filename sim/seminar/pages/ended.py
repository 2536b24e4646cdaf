"""What came of a world of a role play: what a debrief counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sim.ground.dates import DAY_S
from sim.ground.language import N_
from sim.log.log import STATES, Channel, Log
from sim.log.projection import course_of, known_only, timeline
from sim.log.rulebook import OBSERVER
from sim.seminar.pages.past import Strip

CONTACTS = {
    "call_held": N_("Calls"),
    "meeting_held": N_("Meetings"),
    "corridor_talk": N_("Talks in passing"),
    "contact_cut": N_("Cuts of contact"),
    "meeting_cancelled": N_("Meetings called off"),
    "swap_proposed": N_("Exchanges offered"),
    "released": N_("Releases"),
}
"""Events that a debrief counts, in the order of its table."""


@dataclass(frozen=True)
class Ended:
    """What came of a world, as an observer sees its channels."""

    log: Log
    counts: tuple[int, ...]
    """Of each of `CONTACTS`, from the first day of the play on."""
    days: Mapping[tuple[str, str], int]
    """Days of the play by channel and state, the channels in order, then the states."""
    last: Mapping[str, str]
    """The state on the last day, by channel."""
    strips: Mapping[str, Strip]
    """The states over time, by channel."""


def ended(log: Log, channels: Mapping[str, Channel], start_s: int, end_s: int) -> Ended:
    """Count what came of a world from one instant to before another."""
    times = course_of(log).times
    kinds = Counter(str(e.kind) for e in log.events if times[e.id] >= start_s)
    days = {(channel, str(state)): 0 for channel in channels for state in STATES}
    strips, last = {}, {}
    for channel, setup in channels.items():
        held = known_only(timeline(log, channel, OBSERVER, end_s=end_s))
        for interval in held:
            assert interval.state is not None
            since_s = max(interval.start_s, start_s)
            days[channel, interval.state] += max(0, interval.end_s - since_s)
        strips[channel] = Strip(channel, OBSERVER, tuple(held))
        last[channel] = held[-1].state or setup.initial if held else setup.initial
    return Ended(
        log,
        tuple(kinds[kind] for kind in CONTACTS),
        {place: round(s / DAY_S) for place, s in days.items()},
        last,
        strips,
    )
