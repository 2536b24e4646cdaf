"""What each state of a channel means: one line of rule, with the days of the scenario's channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.ground.dates import in_a_sentence, parse
from sim.ground.states import STATE_LABELS
from sim.log.log import Channel, LapseDays


@dataclass(frozen=True)
class Meaning:
    """What one state means."""

    state: str
    name: str
    rule: str


@dataclass(frozen=True)
class Legend:
    """The states of one channel, or of several with the same rules."""

    channels: str
    """The channels by name, where others have other rules; empty where all have these."""
    states: tuple[Meaning, ...]
    silence: str
    """From when silence counts."""


def legend(channels: Mapping[str, Channel], until_s: int | None = None) -> tuple[Legend, ...]:
    """Say what the states of some channels mean, once for those that have the same rules.

    No date at `until_s` or later is named; None where all may be.
    """
    found: dict[tuple[tuple[Meaning, ...], str], list[str]] = {}
    for id_, channel in channels.items():
        rules = meanings(channel), _silence(channel, until_s)
        found.setdefault(rules, []).append(channel.title or id_)
    several = len(found) > 1
    return tuple(
        Legend(", ".join(names) if several else "", states, silence)
        for (states, silence), names in found.items()
    )


def meanings(channel: Channel) -> tuple[Meaning, ...]:
    """Say what each state of a channel means, in the order of the table of states."""
    days = channel.lapse_days
    rules = {
        "open": _open(days),
        "prisoner_only": f"contact about prisoners only{_within(days.prisoner_only)}.",
        "corridor": f"only some words in passing{_within(days.corridor)}.",
        "cut_off": _cut_off(channel),
    }
    return tuple(Meaning(s, STATE_LABELS[s], rules[s]) for s in STATE_LABELS if s in channel.states)


def _within(days: float | None) -> str:
    return "" if days is None else f" in the last {days:g} days"


def _open(days: LapseDays) -> str:
    said = f"at least one contact on any subject{_within(days.open)}."
    if days.open is None or days.open == days.open_at_most:
        return said
    most = "" if days.open_at_most is None else f", up to {days.open_at_most:g} days"
    return f"{said} Several contacts count for longer{most}."


def _cut_off(channel: Channel) -> str:
    ended = "it was cut or closed, or a request had no answer" if channel.line else "a side cut it"
    days = channel.lapse_days
    if channel.line and days.open is None:
        return f"{ended}."
    return f"{ended}, or there was no contact for so many days."


def _silence(channel: Channel, until_s: int | None) -> str:
    complete = channel.complete_from
    if complete is None or (until_s is not None and parse(complete).lo_s >= until_s):
        return "Days without contact change nothing here: the log may not hold every contact."
    since = in_a_sentence(complete)
    return f"Days without contact count from {since} on: from then on the log holds every contact."
