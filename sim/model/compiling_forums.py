"""The forums at which events of history took place: named, on their day, or implied."""

from __future__ import annotations

from collections.abc import Mapping

from sim.ground.dates import parse
from sim.log.events import Event
from sim.scenario.scenario import Forum, Scenario


def with_implied_forums(scenario: Scenario) -> Scenario:
    """Add the forums that history implies: a talk or a copresence needs one to happen at."""
    forums = dict(scenario.forums)
    for event in scenario.coded:
        if not at_forum(event) or event.channel is None or forum_of(event, forums) is not None:
            continue
        name = event.forum if event.forum and event.forum not in forums else f"at-{event.id}"
        forums[name] = Forum(date=event.date, place=event.place, channels=(event.channel,))
    return scenario.model_copy(update={"forums": dict(sorted(forums.items()))})


def at_forum(event: Event) -> bool:
    """Whether an event took place at a forum: a talk or a copresence did, a refusal may have."""
    if event.kind == "contact_refused":
        return event.forum is not None
    return event.kind in ("corridor_talk", "copresence")


def forum_of(event: Event, forums: Mapping[str, Forum]) -> str | None:
    """Return the forum at which an event took place: the one it names, or one on its day."""
    span = parse(event.date)

    def fits(name: str) -> bool:
        forum, held = forums[name], parse(forums[name].date)
        attended = forum.channels is None or event.channel in forum.channels
        return attended and held.lo_s < span.hi_s and span.lo_s < held.hi_s

    if event.forum in forums and fits(str(event.forum)):
        return event.forum
    if event.forum is not None:
        return None
    return next((name for name in sorted(forums) if fits(name)), None)
