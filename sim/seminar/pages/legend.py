"""What each state of a channel means: one line of rule, with the days of the scenario's channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.ground.dates import in_a_sentence, parse
from sim.ground.language import N_, _, numeral
from sim.ground.states import STATE_LABELS, state_name
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
        "prisoner_only": _passed(
            days.prisoner_only,
            N_("contact about prisoners only."),
            N_("contact about prisoners only in the last {days} days."),
        ),
        "corridor": _passed(
            days.corridor,
            N_("only some words in passing."),
            N_("only some words in passing in the last {days} days."),
        ),
        "cut_off": _(_cut_off(channel)),
    }
    return tuple(Meaning(s, state_name(s), rules[s]) for s in STATE_LABELS if s in channel.states)


def _passed(days: float | None, ever: str, within: str) -> str:
    """Say a rule without days, or with them."""
    return _(ever) if days is None else _(within, days=numeral(f"{days:g}"))


def _open(days: LapseDays) -> str:
    said = _passed(
        days.open,
        N_("at least one contact on any subject."),
        N_("at least one contact on any subject in the last {days} days."),
    )
    if days.open is None or days.open == days.open_at_most:
        return said
    longer = _passed(
        days.open_at_most,
        N_("Several contacts count for longer."),
        N_("Several contacts count for longer, up to {days} days."),
    )
    return f"{said} {longer}"


def _cut_off(channel: Channel) -> str:
    if channel.line and channel.lapse_days.open is None:
        return N_("it was cut or closed, or a request had no answer.")
    if channel.line:
        return N_(
            "it was cut or closed, or a request had no answer, or there was no contact for so many "
            "days."
        )
    return N_("a side cut it, or there was no contact for so many days.")


def _silence(channel: Channel, until_s: int | None) -> str:
    complete = channel.complete_from
    if complete is None or (until_s is not None and parse(complete).lo_s >= until_s):
        return _("Days without contact change nothing here: the log may not hold every contact.")
    return _(
        "Days without contact count from {day} on: from then on the log holds every contact.",
        day=in_a_sentence(complete),
    )
