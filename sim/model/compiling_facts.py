"""Compiling facts: coded events up to the as-of date, and what interventions force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.ground.dates import parse
from sim.ground.draws import stream_key
from sim.log.events import KIND_CODE, Event
from sim.log.knowing import on_its_day
from sim.log.order import causal_order, latest
from sim.log.redated import cut_short, put_off
from sim.log.rulebook import OBSERVER, read
from sim.model.compiled_scenario import NO_TIME, Facts, Ints, floats, ints, starts
from sim.model.compiling_forums import at_forum, forum_of
from sim.model.compiling_names import Names
from sim.model.compiling_order import in_sequence, kept_after
from sim.model.compiling_past import agreements
from sim.scenario.scope import on_simulated


class FactBuilder:
    """Compiles `Facts`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def fact_events(self) -> tuple[list[Event], list[Event], list[Event]]:
        """Return history up to the as-of date, agreements that it implies, and forced events.

        Each is in causal order. Forced are inserted events, and moved ones at their new dates.
        """
        known = {
            e.id: cut_short(e, self.names.as_of_s)
            for e in (on_simulated(e, self.names.channels) for e in self.names.scenario.coded)
            if self.happens(e) and parse(e.date).hi_s <= self.names.as_of_s
        }
        history = [known[i] for i in causal_order(in_sequence(known))]
        latent = list[Event]()
        if self.names.what_if:
            _, latent = agreements(self.names.scenario, history, self.names.channels)
        forced: dict[str, Event] = {}
        for change in self.names.scenario.changes:
            if change.insert is not None:
                inserted = on_simulated(change.insert, self.names.channels)
                if self.happens(inserted):
                    forced[inserted.id] = inserted
            if change.move is not None and change.move.event in known:
                moved = known[change.move.event]
                forced[moved.id] = put_off(moved, change.move.to)
                if change.move.to != moved.date:  # it is at the forum of its new day, if at any
                    forced[moved.id] = forced[moved.id].model_copy(update={"forum": None})
        order = causal_order({**known, **forced})
        return history, latent, [forced[i] for i in order if i in forced]

    def happens(self, event: Event) -> bool:
        """Whether an event concerns the run: on its channels, or by what it opens on them."""
        return self.names.concerns(event) or self.names.opens_below(event)

    def facts(self, events: list[Event], coded: int, before: int, forums: tuple[str, ...]) -> Facts:
        """Compile the facts: `coded` of history, then implied ones up to `before`, then forced;
        `forums` names those of the run."""
        known = {e.id: e for e in events[:coded]}
        # what is forced later leaves history where it was
        room, kept = latest(in_sequence(known), list(known)), kept_after(known.values())
        stays = [e.id in known and e.date == known[e.id].date for e in events]
        ends = [
            room[e.id] if stay else parse(e.counts_from).hi_s
            for e, stay in zip(events, stays, strict=True)
        ]
        place = {e.id: n for n, e in enumerate(events[:before])}
        spans = [parse(e.counts_from) for e in events]
        forced = {e.id: before + n for n, e in enumerate(events[before:])}
        causes = [
            [where[c] for c in e.causes if c in where and where[c] < n]
            for n, e in enumerate(events)
            for where in ((place if n < before else place | forced),)
        ]
        for group, e, stay in zip(causes, events, stays, strict=True):
            if stay and e.id in kept:
                group.append(place[kept[e.id]])
        readings = [self.readings(e) for e in events]
        also = [[self.names.channel[c] for c in e.also_on] for e in events]

        def column(get: Callable[[Any], Any]) -> Ints:
            return ints(get(e) for e in events)

        return Facts(
            ids=tuple(e.id for e in events),
            kind=column(lambda e: KIND_CODE[e.kind]),
            channel=column(lambda e: self.names.channel.get(e.channel, -1)),
            elsewhere=column(lambda e: int(not self.names.concerns(e))),
            by=column(lambda e: self.names.party.get(e.by or getattr(e, "held_by", None), -1)),
            reading=ints(([kind for kind, _ in r] for r in readings), 3),
            confined=ints(([int(confined) for _, confined in r] for r in readings), 3),
            severity=floats(getattr(e, "severity", 1.0) for e in events),
            persons=column(lambda e: len(getattr(e, "persons", ())) + getattr(e, "unnamed", 0)),
            national=column(lambda e: self.names.party.get(getattr(e, "national_of", None), -1)),
            holder=column(lambda e: self.names.party.get(getattr(e, "held_by", None), -1)),
            forum=column(lambda e: self.forum(e, forums)),
            lo_s=ints(s.lo_s for s in spans),
            hi_s=ints(ends),
            wish_s=ints(s.midpoint_s if s.is_exact else NO_TIME for s in spans),
            key=ints((stream_key(f"date/{e.id}") for e in events), 2),
            meeting_s=ints((_meeting_span(e) for e in events), 3),
            rank=ints(self.ranks(events, place)),
            answered=ints(
                int(n < before or (e.id in known and _when(e) == _when(known[e.id])))
                for n, e in enumerate(events)
            ),
            cause_start=starts(causes),
            causes=ints(c for group in causes for c in group),
            through_s=ints(_through(e) for e in events),
            also_start=starts(also),
            also=ints(c for group in also for c in group),
            before=before,
        )

    def forum(self, event: Event, forums: tuple[str, ...]) -> int:
        """Return the forum of the run at which an event took place; -1 for none."""
        if event.channel not in self.names.channels or not at_forum(event):
            return -1
        name = forum_of(event, self.names.scenario.forums)
        return forums.index(name) if name in forums else -1

    def ranks(self, events: list[Event], place: dict[str, int]) -> list[int]:
        """Rank facts at one instant: in the order of history, where an event that is moved, or
        removed and put in again, keeps its place; others come after."""
        return [
            2 * place[e.id] + 1 if n >= len(place) and e.id in place else 2 * n
            for n, e in enumerate(events)
        ]

    def readings(self, event: Event) -> list[tuple[int, bool]]:
        """Return what the observer and each side take an event to be; code -1 for one that a side
        denies, or did not know of on its day."""
        channel = self.names.channels.get(event.channel or "")
        sides = channel.parties if channel is not None else ("", "")
        found = []
        for viewpoint in (OBSERVER, *sides):
            knows = viewpoint == OBSERVER or on_its_day(event, viewpoint)
            reading = read(event, viewpoint) if knows else None
            found.append(
                (KIND_CODE[reading.kind], reading.detainees_only) if reading else (-1, False)
            )
        return found


def _when(event: Event) -> tuple[str, str | None]:
    """Return the date of an event, and of the meeting that it agrees."""
    return event.date, getattr(event, "meeting_date", None)


def _through(event: Event) -> int:
    return NO_TIME if event.last_day is None else parse(event.last_day).hi_s


def _meeting_span(event: Event) -> tuple[int, int, int]:
    date = getattr(event, "meeting_date", None)
    if date is None:
        return NO_TIME, NO_TIME, NO_TIME
    span = parse(date)
    return span.lo_s, span.hi_s, span.midpoint_s if span.is_exact else NO_TIME
