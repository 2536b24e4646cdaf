"""Where two worlds of a role play first part, and the answers behind it.

Two events of one kind on one day are one event, whatever their hours: each world has its own log,
and history knows many days and few hours. Where the sides tell it in other ways, that is a parting
too, since each side acts on its own telling.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sim.ground.language import _
from sim.log.events import Event
from sim.log.kinds import TOLD
from sim.log.log import Log
from sim.log.names import kind_name
from sim.log.projection import course_of
from sim.log.rulebook import read
from sim.scenario.acts import ACT_RULES


@dataclass(frozen=True)
class Parting:
    """The first event in which two worlds differ."""

    event: Event
    at_s: int
    where: int
    """The place of the world that has it, 0 or 1; of an event that both have, 0."""
    ways: tuple[tuple[str, str, str], ...] = ()
    """Of an event that both have, who tells it in another way: the party, and its telling in the
    one world and in the other."""


def first_parting(one: Log, two: Log) -> Parting | None:
    """Return the first event that one of two logs has and the other has not, or tells in another
    way; None where there is none."""
    found = list(_partings(one, two))
    return min(found, key=lambda parting: parting.at_s, default=None)


def _partings(one: Log, two: Log) -> Iterator[Parting]:
    courses = course_of(one), course_of(two)
    left = list(courses[1].events)
    pairs = dict[str, Event]()
    for known in (True, False):  # an initiator that is known finds its like before an unknown one
        for event in courses[0].events:
            if event.id in pairs:
                continue
            twin = next((e for e in left if _same(event, e, known=known)), None)
            if twin is not None:
                pairs[event.id] = twin
                left.remove(twin)
    for event in courses[0].events:
        at_s, twin = courses[0].times[event.id], pairs.get(event.id)
        if twin is None:
            yield Parting(event, at_s, 0)
        elif event.channel is not None and event.kind in TOLD:
            parties = one.channels[event.channel].parties
            tellings = ((p, telling(event, p), telling(twin, p)) for p in parties)
            if ways := tuple(way for way in tellings if way[1] != way[2]):
                yield Parting(event, at_s, 0, ways)
    for event in left:
        yield Parting(event, courses[1].times[event.id], 1)


def _same(one: Event, two: Event, *, known: bool) -> bool:
    """Whether two events are one: of a kind, on a day, and by the same party, or by one that a log
    does not know."""
    if (one.kind, one.channel, one.date[:10]) != (two.kind, two.channel, two.date[:10]):
        return False
    return one.by == two.by if known else None in (one.by, two.by)


def telling(event: Event, party: str) -> str:
    """Say how a party tells an event."""
    reading = read(event, party)
    if reading is None:
        return _("denies that it counted")
    if reading.detainees_only:
        return _("calls it {kind}, on detainees only", kind=kind_name(reading.kind))
    return _("calls it {kind}", kind=kind_name(reading.kind))


def in_two_ways(event: Event, parties: Collection[str]) -> bool:
    """Whether the parties of a channel tell an event otherwise than each other: its kind, its
    subjects, or in their own words."""
    named, words = set[frozenset[str]](), set[str]()
    for party in parties:
        account = event.accounts.get(party)
        agenda = None if account is None else account.agenda
        if account is None or not account.denial:
            named.add(frozenset(event.agenda if agenda is None else agenda))
        if account is not None and account.summary:
            words.add(account.summary)
    tellings = {telling(event, party) for party in parties}
    return len(tellings) > 1 or len(named) > 1 or len(words) > 1


def deciders(kind: str, *, told: bool) -> frozenset[str]:
    """Return the decisions that bring about an event of a kind, or how it is told."""
    if told:
        return frozenset({"acknowledge"})
    found = set[str]()
    for rule in ACT_RULES:
        both = {rule.name, f"accept_{rule.name}"} if rule.answered else {rule.name}
        if kind == rule.kind:  # some are proposed whatever is answered
            found |= {rule.name} if rule.answers else both
        elif kind in (rule.refused, rule.accepted):
            found |= both
    return frozenset(found)
