"""What the sources of a history can show of the acts of a channel.

Learning and scores ask of a channel only what its sources can show (`coverage` of a log).
"""

from __future__ import annotations

from sim.log.coverage import shows
from sim.log.log import Channel
from sim.scenario.acts import RULE_OF
from sim.scenario.scenario import Observation

TELLS = "statement"
"""The kind of event in which a side gives its account: sources that cannot show it tell none."""


def kinds_done(act: str) -> tuple[str, ...]:
    """Return the kinds of event by which an act is seen that is done, and accepted."""
    rule = RULE_OF[act]
    return (rule.kind, "meeting_held") if rule.effect == "agreement" else (rule.kind,)


def share_done(
    channel: Channel, act: str, side: int, span: tuple[int, int], observation: Observation
) -> float:
    """Return the probability that the log holds an act of a side that is done, and accepted, in a
    span of time: 0 where its sources cannot show it throughout."""
    shown = [
        next((p for name, p in observation.reported.items() if name == kind), 1.0)
        for kind in kinds_done(act)
        if shows(channel.coverage, kind, channel.parties[side], *span)
    ]
    return max(shown, default=0.0)


def share_refused(channel: Channel, act: str, side: int, span: tuple[int, int]) -> float:
    """Return 1 where the sources show that the other side declines what a side proposes, else 0.
    How many refusals are reported comes on top of it (`refusals_reported`)."""
    refused = RULE_OF[act].refused
    other = channel.parties[1 - side]
    return float(refused is not None and shows(channel.coverage, refused, other, *span))


def shows_accounts(channel: Channel, span: tuple[int, int]) -> bool:
    """Whether the sources show how each side tells a contact."""
    return all(shows(channel.coverage, TELLS, party, *span) for party in channel.parties)
