"""Scenes: what happened between two questions, told to one side in a line each.

A side is told what it knows: the events of its own log as it reads them, what its own office did
without asking it, what the other side proposed to it, and states that ended by silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.ground.dates import day, spoken
from sim.ground.language import N_, _
from sim.ground.states import state_name
from sim.log.events import Event
from sim.model.players import Question
from sim.scenario.acts import RULE_OF
from sim.seminar.pages import words
from sim.seminar.pages.past import Past, Told

MOST = 12
"""Lines of a scene; what is older is counted."""
ACCEPTS = "accept_"


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    date: str
    text: str
    own: bool = False
    """Whether the office of the side did it without asking the team."""


@dataclass(frozen=True)
class Scene:
    """What happened since a side was asked last."""

    lines: tuple[Line, ...]
    """In order of time."""
    earlier: int
    """Lines before these that are left out."""
    declined: str
    """What the office said no to by itself, with numbers."""


def scene(
    party: str,
    since_s: int,
    known: Sequence[tuple[Event, Told, int]],
    past: Past,
    passed: Sequence[tuple[Question, bool]],
    titles: Mapping[str, str],
) -> Scene:
    """Tell a party what happened from an instant on.

    `known` are the events that it knows of, with their instants, and `passed` what its office
    answered by itself, as well from that instant on; `titles` names the channels where there are
    several.
    """
    answered = {
        (q.at_s, RULE_OF[q.decision.removeprefix(ACCEPTS)].refused)
        for q, _ in passed
        if q.decision.startswith(ACCEPTS)
    }
    found: list[tuple[int, int, Line]] = []
    for q, yes in passed:
        text = _office(q, yes, titles)
        if text:
            found.append((q.at_s, 0, Line(spoken(q.date), text, own=True)))
    for event, told, at_s in known:
        if (at_s, event.kind) in answered and event.by == party:
            continue  # the line of the office says it
        where = titles.get(event.channel or "", "")
        text = f"{told.title} ({where})" if where else told.title
        text += f". {told.summary}" if told.summary else ""
        found.append((at_s, 1, Line(told.date, text)))
    for strip in past.strips:
        for held in strip.intervals:
            if held.lapsed and held.state is not None and held.start_s > since_s:
                where = titles.get(strip.channel, "")
                text = N_("Nobody spoke, and so we see the channel as {state}")
                if where:
                    text = N_("Nobody spoke, and so we see the channel {channel} as {state}")
                text = _(text, channel=where, state=state_name(held.state))
                date = spoken(str(day(held.start_s)))
                found.append((held.start_s, 2, Line(date, text)))
    found.sort(key=lambda f: f[:2])
    lines = [line for *_, line in found]
    said_no = [(q, yes) for q, yes in passed if not _office(q, yes, titles)]
    return Scene(tuple(lines[-MOST:]), max(0, len(lines) - MOST), words.declined(said_no))


def _office(question: Question, yes: bool, titles: Mapping[str, str]) -> str:
    """Say what an office did by itself; "" for what it did not do."""
    where = titles.get(question.channel, "")
    where = f" ({where})" if where else ""
    if question.decision.startswith(ACCEPTS):
        proposed = words.done(question.decision.removeprefix(ACCEPTS)) + where
        said = N_("{party} {proposed}. Our office said no")
        if yes:
            said = N_("{party} {proposed}. Our office said yes")
        return _(said, party=question.other, proposed=proposed)
    if question.decision == "acknowledge":
        said = N_("Our office did not say in public that there was {contact}")
        if yes:
            said = N_("Our office said in public that there was {contact}")
        return _(said, contact=words.contact(question) + where)
    return _("Our office {done}", done=words.done(question.decision) + where) if yes else ""
