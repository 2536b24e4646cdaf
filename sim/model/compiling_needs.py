"""What an event of history needs, without which it could not have happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.ground.dates import parse
from sim.log.events import Event
from sim.log.kinds import TOLD
from sim.log.order import canonical_times, in_order
from sim.scenario.acts import ACT_RULES
from sim.scenario.scenario import Scenario

ANSWERS = {rule.kind: rule.answers for rule in ACT_RULES if rule.answers}
"""Kind of a proposal to the kinds of event that answer it."""


TOGETHER = TOLD | {"meeting_agreed", "talks_held"}
"""Kinds of event that both sides bring about, whoever began."""


def answers(event: Event, request: Event) -> bool:
    """Whether an event, silence too, answers a request: the other side brought it about, or both
    did, because of it and on its channel."""
    own = event.by is not None and event.by == request.by and event.kind not in TOGETHER
    return request.id in event.causes and event.channel == request.channel and not own


def needs_of(event: Event, events: Iterable[Event]) -> set[str]:
    """Return the ids of the events without which an event could not have happened.

    A sentence and a release need the arrest; what answers a swap or a request needs the proposal; a
    treaty is resumed only after it was suspended; words about something need what they are about; a
    meeting that is put off needs what set its day. Nothing needs what may have come after it.
    """
    listed = list(events)
    if event.kind == "statement":
        return set(event.causes)
    if event.kind == "meeting_postponed":
        return {other.id for other in (_agreement_of(event, listed),) if other is not None}
    found: set[str] = set()
    for other in listed:
        arrest = (
            event.kind in ("sentenced", "released")
            and other.kind == "detained"
            and bool(set(event.persons) & set(other.persons))
            and _precedes(other, event)
        )
        proposal = (
            event.kind in ANSWERS.get(other.kind, ())
            and other.id in event.causes
            and (other.kind == "swap_proposed" or answers(event, other))
        )
        suspension = (
            event.kind == "treaty_resumed"
            and other.kind == "treaty_suspended"
            and event.treaty == other.treaty
            and _precedes(other, event)
        )
        if arrest or proposal or suspension:
            found.add(other.id)
    return found - {event.id}


def _agreement_of(event: Event, events: Iterable[Event]) -> Event | None:
    """Return the last event before one, on its channel, that set the day of a meeting."""
    dated = [
        other
        for other in events
        if other.channel == event.channel
        and getattr(other, "meeting_date", None) is not None
        and other.id != event.id
        and _precedes(other, event)
    ]
    return max(dated, key=lambda other: (parse(other.date).lo_s, other.id), default=None)


def _precedes(first: Event, then: Event) -> bool:
    """Whether the log leaves no doubt that one event came before another."""
    return first.id in then.causes or parse(first.date).hi_s <= parse(then.date).lo_s


def needs_with_stand_ins(
    event: Event, history: Sequence[Event], forced: Sequence[Event]
) -> dict[str, set[str]]:
    """Return what an event needs: each event of history to the inserted events that serve as well.

    An event that is moved, or removed and put in again, stands for itself by its id.
    """
    needed = needs_of(event, history)
    if not needed:
        return {}
    by_id = {e.id: e for e in history}
    serving = [e for e in forced if e.id in needs_of(event, [*history, e])]
    return {n: {e.id for e in serving if _serves(e, by_id[n])} | {n} for n in needed}


def _serves(other: Event, needed: Event) -> bool:
    """Whether an inserted event is of the sort of one that is needed."""
    if other.id == needed.id:
        return True
    people = {*getattr(other, "persons", ())}, {*getattr(needed, "persons", ())}
    return other.kind == needed.kind and (not people[1] or people[0] >= people[1])


def swept_along(scenario: Scenario) -> list[tuple[str, str]]:
    """List what goes with what the scenario removes, inserted events too: (event, the event it
    needs)."""
    events, forced = scenario.coded, scenario.inserted
    there = {e.id for e in forced}
    gone = {c.remove for c in scenario.changes if c.remove is not None} - there
    found: list[tuple[str, str]] = []
    for event in [*in_order(events, canonical_times(events)), *forced]:
        needs = needs_with_stand_ins(event, events, forced)
        lost = sorted(n for n, serving in needs.items() if n in gone and not serving & there)
        if event.id not in gone and lost:
            gone.add(event.id)
            found.append((event.id, lost[0]))
    return found
