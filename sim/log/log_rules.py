"""The rules that hold between the parts of a log, beyond the types of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.ground.dates import parse
from sim.ground.errors import Broken, did_you_mean, listed
from sim.log.coverage import broken_coverage
from sim.log.events import WITH_MEETING, Detained, Event, Released
from sim.log.log import MADE_BY, Channel, Log
from sim.log.order import circles, ordered


def broken_rules(log: Log) -> Iterable[Broken]:
    """Yield (path, rule, value) for each rule that holds between the parts of a log."""
    on: dict[str | None, list[Event]] = {}
    for event in log.events:
        for on_channel in (event.channel, *event.also_on):
            on.setdefault(on_channel, []).append(event)
    for key in sorted(log.header.keys() - MADE_BY):
        yield ("header", key), f"unknown key{did_you_mean(key, MADE_BY)}", ...
    for id_, channel in log.channels.items():
        yield from channel_rules(id_, channel.parties, ("channels", id_))
        told = broken_coverage(channel.coverage, channel.parties, channel.complete_from)
        yield from ((("channels", id_, *path), rule, got) for path, rule, got in told)
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
    own = [e for e in events if id_ in (e.channel, *e.also_on)] if since is not None else []
    first = min(own, key=lambda e: (parse(e.counts_from).lo_s, e.id), default=None)
    if since is not None and first is not None:
        if parse(since).lo_s <= parse(first.counts_from).lo_s:
            return
        rule = f"must not lie after the channel's first event, {first.id} of {first.counts_from}"
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
    concerned = [("national_of", getattr(event, "national_of", None))]
    if event.channel is not None:  # of the world's events anybody may be the author
        concerned += [("by", event.by)]
    for name, party in concerned:
        if party is not None and party not in parties:
            yield (*at, name), f"must be one of {listed(sorted(parties))}", party
    for party in event.accounts:
        if party not in parties:
            yield (*at, "accounts", party), f"must be one of {listed(sorted(parties))}", party
    yield from _channel_rules(event, at, channels)
    yield from _knowledge_rules(event, at)
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
    yield from _date_rules(event, at)


def _channel_rules(
    event: Event, at: tuple[str | int, ...], channels: Mapping[str, Channel]
) -> Iterable[Broken]:
    """Yield the broken rules about what only events on a channel may have."""
    if event.channel is None:
        given = (("accounts", event.accounts), ("known_to", event.known_to or ()))
        for name, value in (*given, ("also_on", event.also_on)):
            if value:
                yield (*at, name), f"{name} belong to events on a channel", ", ".join(value)
        return
    own = channels.get(event.channel)
    for n, other in enumerate(event.also_on):
        where = (*at, "also_on", n)
        if other not in channels:
            yield where, f"must name a channel of the log{did_you_mean(other, channels)}", other
        elif other == event.channel or other in event.also_on[:n]:
            yield where, "names a channel on which it happened already", other
        elif own is not None and {*own.parties} != {*channels[other].parties}:
            yield where, "must name a channel of the same two parties", other
    if event.also_on and event.kind in WITH_MEETING:
        rule = "a meeting is agreed, or put off, on one channel"
        yield (*at, "also_on"), rule, ", ".join(event.also_on)
    for n, party in enumerate(event.via):
        if own is not None and party in own.parties:
            yield (*at, "via", n), "must be a third party, not one of the channel", party


def _knowledge_rules(event: Event, at: tuple[str | int, ...]) -> Iterable[Broken]:
    """Yield the broken rules about who knew of an event."""
    known = event.known_to or ()
    for n, party in enumerate(known):
        if party in known[:n]:
            yield (*at, "known_to", n), "stands here twice", party
    if event.public is not None and parse(event.public).hi_s <= parse(event.counts_from).lo_s:
        yield (*at, "public"), f"must not lie before the event of {event.counts_from}", event.public


def _date_rules(event: Event, at: tuple[str | int, ...]) -> Iterable[Broken]:
    """Yield the broken rules about the further dates of an event."""
    coded = parse(event.coded_date or event.date)  # a run may draw it after its meeting's day
    meets = getattr(event, "meeting_date", None)
    if meets is not None and parse(meets).hi_s <= coded.lo_s:
        what = "agreement" if event.kind == "meeting_agreed" else "postponing"
        yield (*at, "meeting_date"), f"must not lie before the {what}", meets
    if event.last_day is not None and parse(event.last_day).hi_s < parse(event.date).hi_s:
        yield (*at, "to"), f"must not lie before the first day {event.date}", event.last_day
    if event.counts_from != event.date and parse(event.counts_from).lo_s >= coded.hi_s:
        rule = f"must not lie after the date {event.date} on which it is known"
        yield (*at, "since"), rule, event.counts_from


def order_rules(events: Iterable[Event]) -> Iterable[Broken]:
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
        event, span = by_id[id_], parse(by_id[id_].counts_from)
        known = [earliest[c] for c in event.causes if c in earliest]
        earliest[id_] = max([(span.lo_s, id_), *known])
        if earliest[id_][0] >= span.hi_s:
            cause = by_id[earliest[id_][1]]
            rule = f"must not lie before its cause {cause.id} of {cause.date}"
            field = "date" if event.counts_from == event.date else "since"
            yield ("events", place[id_], field), rule, event.counts_from
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
