"""The rules that hold between the parts of a log, beyond the types of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.ground.dates import parse
from sim.ground.errors import Broken, did_you_mean
from sim.log.events import Detained, Event, Released
from sim.log.log import MADE_BY, Channel, Log
from sim.log.order import circles, ordered


def broken_rules(log: Log) -> Iterable[Broken]:
    """Yield (path, rule, value) for each rule that holds between the parts of a log."""
    on: dict[str | None, list[Event]] = {}
    for event in log.events:
        on.setdefault(event.channel, []).append(event)
    for key in sorted(log.header.keys() - MADE_BY):
        yield ("header", key), f"unknown key{did_you_mean(key, MADE_BY)}", ...
    for id_, channel in log.channels.items():
        yield from channel_rules(id_, channel.parties, ("channels", id_))
        yield from since_rules(id_, channel.since, on.get(id_, ()), ("channels", id_))
    seen: set[str] = set()
    ids = {e.id for e in log.events}
    parties = {p for c in log.channels.values() for p in c.parties}
    for i, event in enumerate(log.events):
        at: tuple[str | int, ...] = ("events", i)
        if event.id in seen:
            yield (*at, "id"), "the id stands here twice", event.id
        seen.add(event.id)
        yield from event_rules(event, at, log.channels, parties, ids)
        if event.source is not None and event.source.document not in log.sources:
            hint = did_you_mean(event.source.document, log.sources)
            rule = f"must name a document under sources{hint}"
            yield (*at, "source", "document"), rule, event.source.document
    yield from order_rules(log.events)
    if not log.by_run:  # a run may free somebody whom a coded event frees again
        yield from people_rules(log.events)


def channel_rules(
    id_: str, parties: tuple[str, str], at: tuple[str | int, ...]
) -> Iterable[Broken]:
    """Yield the broken rules of a channel's id and parties."""
    if parties[0] == parties[1]:
        yield (*at, "parties"), "must name two different parties", "-".join(parties)
    elif {p.lower() for p in parties} != set(id_[:7].split("-")):
        yield (*at, "parties"), "must be the two parties that the id names", "-".join(parties)


def since_rules(
    id_: str, since: str | None, events: Iterable[Event], at: tuple[str | int, ...]
) -> Iterable[Broken]:
    """Yield the broken rule of a channel whose initial state begins after its first event."""
    own = [e for e in events if e.channel == id_] if since is not None else []
    first = min(own, key=lambda e: (parse(e.date).lo_s, e.id), default=None)
    if since is not None and first is not None and parse(since).lo_s > parse(first.date).lo_s:
        rule = f"must not lie after the channel's first event, {first.id} of {first.date}"
        yield (*at, "since"), rule, since


def event_rules(
    event: Event,
    at: tuple[str | int, ...],
    channels: Mapping[str, Channel],
    parties: set[str],
    ids: set[str],
) -> Iterable[Broken]:
    """Yield the broken rules of one event against the channels, parties and ids around it."""
    if event.channel is not None and event.channel in channels:
        parties = set(channels[event.channel].parties)
    elif event.channel is not None:
        rule = f"must name a channel of the log{did_you_mean(event.channel, channels)}"
        yield (*at, "channel"), rule, event.channel
    concerned = [("by", event.by), ("held_by", getattr(event, "held_by", None))]
    concerned.append(("national_of", getattr(event, "national_of", None)))
    for name, party in concerned:
        if party is not None and party not in parties:
            yield (*at, name), f"must be one of {_few(parties)}", party
    for party in event.accounts:
        if party not in parties:
            yield (*at, "accounts", party), f"must be one of {_few(parties)}", party
    if event.accounts and event.channel is None:
        yield (*at, "accounts"), "accounts belong to events on a channel", ", ".join(event.accounts)
    for n, cause in enumerate(event.causes):
        if cause not in ids:
            rule = f"must name an event of the log{did_you_mean(cause, ids)}"
            yield (*at, "causes", n), rule, cause
        elif cause == event.id:
            yield (*at, "causes", n), "an event must not cause itself", cause
    if event.coded_date is not None:
        drawn, coded = parse(event.date), parse(event.coded_date)
        if drawn.lo_s < coded.lo_s or drawn.hi_s > coded.hi_s:
            yield (*at, "coded_date"), f"must cover the date {event.date}", event.coded_date
    agreed = parse(event.coded_date or event.date).lo_s  # a run may draw it after its meeting's day
    if event.kind == "meeting_agreed" and parse(event.meeting_date).hi_s <= agreed:
        yield (*at, "meeting_date"), "must not lie before the agreement", event.meeting_date


def order_rules(
    events: Iterable[Event],
) -> Iterable[Broken]:
    """Yield the broken rules about causes and dates: no circles, no effect before its cause."""
    place = {e.id: i for i, e in enumerate(events)}
    by_id = {e.id: e for e in events}
    order = ordered(by_id)
    for circle in circles(by_id, order):
        if len(circle) > 1:  # an event that causes itself is reported by `event_rules`
            at = ("events", place[circle[0]], "causes")
            yield at, "must not form a circle", ", ".join(circle)
    earliest: dict[str, tuple[int, str]] = {}
    for id_ in order:
        event, span = by_id[id_], parse(by_id[id_].date)
        known = [earliest[c] for c in event.causes if c in earliest]
        earliest[id_] = max([(span.lo_s, id_), *known])
        if earliest[id_][0] >= span.hi_s:
            cause = by_id[earliest[id_][1]]
            rule = f"must not lie before its cause {cause.id} of {cause.date}"
            yield ("events", place[id_], "date"), rule, event.date
            earliest[id_] = (span.lo_s, id_)


def people_rules(events: Iterable[Event]) -> Iterable[Broken]:
    """Yield the broken rules about people: nobody is let go by who does not hold them, or again
    without a new arrest. A release whose arrest is not in the log is no error."""
    held: dict[str, Detained | Released] = {}
    places = {e.id: i for i, e in enumerate(events)}
    coded = [e for e in events if isinstance(e, Detained | Released)]
    for event in sorted(coded, key=lambda e: (parse(e.date).lo_s, parse(e.date).hi_s, e.id)):
        for n, person in enumerate(event.persons):
            last = held.get(person, event)
            sure = last.id in event.causes or parse(last.date).hi_s <= parse(event.date).lo_s
            at = ("events", places[event.id], "persons", n)
            if last is event or event.kind == "detained":
                pass
            elif sure and last.kind == "released":
                yield at, f"is free already, since {last.id} of {last.date}", person
            elif last.kind == "detained" and last.held_by != event.held_by:
                yield at, f"is held by {last.held_by}, since {last.id} of {last.date}", person
            held[person] = event


def _few(parties: set[str]) -> str:
    listed = sorted(parties)
    return ", ".join(listed) if len(listed) <= 8 else ", ".join(listed[:8]) + ", ..."
