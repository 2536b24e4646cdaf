"""From what happened in a replication to a log that anyone can replay."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sim.ground.dates import DAY_S, day, instant, parse
from sim.ground.schema import MAX_EVENTS
from sim.log.events import CONFLICT, EVENT, KINDS, MAX_PEOPLE, Event
from sim.log.kinds import KIND_RULES, TOLD
from sim.log.log import LEFT_OUT, Channel, Log
from sim.log.order import SIMULATED
from sim.log.redated import cut_short, put_off
from sim.model.compiled_scenario import NO_TIME, CompiledScenario
from sim.model.situation import SimulatedEvent
from sim.rules.telling import AS_IS, DENIED
from sim.scenario.scenario import Scenario
from sim.scenario.scope import channels_of, on_simulated, titled_parties


def chronicle(
    scenario: Scenario,
    program: CompiledScenario,
    happenings: Iterable[SimulatedEvent],
    header: dict[str, str | int],
) -> Log:
    """Write the happenings of one replication as a log, facts included.

    A fact of imprecise date carries the instant at which the replication had it, so that replaying
    the log gives the states that the run had. Of more events than a log may hold it has the first,
    and its header says how many are left out.
    """
    writer, happenings = _Writer(scenario, program), list(happenings)
    events = tuple(writer.event(h) for h in happenings[:MAX_EVENTS])
    if len(happenings) > MAX_EVENTS:
        header = header | {LEFT_OUT: len(happenings) - MAX_EVENTS}
    first: dict[str | None, int] = {}  # an event may be moved or put in before its channel's start
    for event in events:
        at_s = parse(event.date).lo_s
        first[event.channel] = min(at_s, first.get(event.channel, at_s))
    channels = {
        id_: Channel.model_validate(
            channel.model_dump()
            | {
                "since": instant_or_day(min(int(since), first.get(id_, int(since)))),
                "complete_from": instant_or_day(int(complete)),
            },
        )
        for (id_, channel), since, complete in zip(
            channels_of(scenario).items(),
            program.channels.since_s,
            program.channels.complete_s,
            strict=True,
        )
    }
    return Log(
        title=scenario.title,
        description=scenario.question,
        parties=titled_parties(scenario),
        agendas=scenario.history.agendas if scenario.history else {},
        channels=channels,
        sources=scenario.history.sources if scenario.history else {},
        header=header,
        events=events,
    )


def instant_or_day(at_s: int) -> str:
    """Write midnight as its day, and any other instant in full."""
    return day(at_s).isoformat() if at_s % DAY_S == 0 else instant(at_s)


class _Writer:
    """Names what the run only counts: events, and people detained and released."""

    def __init__(self, scenario: Scenario, program: CompiledScenario) -> None:
        self.program = program
        history = (cut_short(e, program.as_of_s) for e in scenario.coded)
        known = (*history, *scenario.inserted)
        channels = program.channels.names
        self.coded: dict[str, Event] = {e.id: on_simulated(e, channels) for e in known}
        self.moved = {c.move.event: c.move.to for c in scenario.changes if c.move is not None}
        self.number = _highest(re.escape(SIMULATED), self.coded)
        self.ids: list[str] = []
        people = {p for e in self.coded.values() for p in getattr(e, "persons", ())}
        self.named = _highest(r"[a-z]{3}-(?:detainee|unnamed)-", people | {*scenario.detainees})
        self.held: dict[tuple[int, int], list[str]] = {}
        for name, person in sorted(scenario.detainees.items()):
            pair = (
                program.parties.index(person.held_by),
                program.parties.index(person.national_of),
            )
            self.held.setdefault(pair, []).append(name)

    def event(self, happening: SimulatedEvent) -> Event:
        event = self.fact(happening) if happening.fact >= 0 else self.simulated(happening)
        self.ids.append(event.id)
        return event

    def fact(self, happening: SimulatedEvent) -> Event:
        """Copy a coded event, with the instant that this replication gave it."""
        event = self.coded[self.program.facts.ids[happening.fact]]
        pair = (happening.holder, happening.national)
        known = self.held.setdefault(pair, [])
        persons = list(getattr(event, "persons", ()))
        if event.kind == "detained":
            known += persons
        elif event.kind == "released":
            self.held[pair] = [p for p in known if p not in persons]
        update: dict[str, Any] = {}
        if happening.fact >= self.program.facts.before and event.id in self.moved:
            event = put_off(event, self.moved[event.id])
        date = event.counts_from
        span = parse(date)
        if span.midpoint_s != happening.at_s and date != event.date:
            update["since"] = instant(happening.at_s)
        elif span.midpoint_s != happening.at_s:
            update["date"] = instant(happening.at_s)
            # what has shifted with its opener is on no date that anybody coded
            update["coded_date"] = date if span.lo_s <= happening.at_s < span.hi_s else None
        # without a moment its date has passed, and nobody knows of a meeting
        dated = happening.meeting_s != NO_TIME
        meets = getattr(event, "meeting_date", None)
        if meets is not None and dated:
            due = parse(meets)
            if not due.is_exact or due.midpoint_s != happening.meeting_s:
                update["meeting_date"] = instant(happening.meeting_s)
        if not set(event.causes) <= set(self.ids):  # in a what-if a cause may not have happened
            update["causes"] = tuple(c for c in event.causes if c in self.ids)
        return event.model_copy(update=update)

    def simulated(self, happening: SimulatedEvent) -> Event:
        """Write a simulated event."""
        program, kind = self.program, KINDS[happening.kind]
        self.number += 1
        record: dict[str, Any] = {
            "id": f"{SIMULATED}{self.number:06d}",
            "date": instant(happening.at_s),
            "kind": kind,
        }
        if happening.channel >= 0:
            record["channel"] = program.channels.names[happening.channel]
        if happening.by >= 0:
            record["by"] = program.parties[happening.by]
        if happening.cause >= 0:
            record["causes"] = (self.ids[happening.cause],)
        if happening.forum >= 0:
            record["forum"] = program.forums.names[happening.forum]
        if kind in TOLD or (kind == "contact_refused" and happening.confined):
            record["agenda"] = ("detainees",) if happening.confined else ("bilateral",)
        if kind in TOLD:
            record["accounts"] = self.accounts(happening, kind)
        if kind == "meeting_agreed":
            record["meeting_date"] = day(happening.meeting_s).isoformat()
        if happening.deciders:
            record["decided_by"] = {
                program.parties[party]: "person" if person else "doctrine"
                for party, person in sorted(happening.deciders)
            }
        if kind in CONFLICT:
            record["severity"] = happening.severity
            record["label"] = program.streams.label[happening.stream]
        if kind in ("detained", "released"):
            record["persons"] = self.people(happening, kind)
            record["unnamed"] = happening.persons - len(record["persons"])
            record["held_by"] = program.parties[happening.holder]
            record["national_of"] = program.parties[happening.national]
        return EVENT.validate_python(record)

    def accounts(self, happening: SimulatedEvent, kind: str) -> dict[str, Any]:
        """Write how each side tells a contact."""
        parties = self.program.channels.party[happening.channel].tolist()
        found: dict[str, Any] = {}
        for party, told in zip(parties, happening.told, strict=True):
            if told == DENIED:
                account: dict[str, Any] = {"denial": True}
            else:
                account = {"kind": kind if told == AS_IS else KIND_RULES[kind].played_down}
            found[self.program.parties[party]] = account
        return found

    def people(self, happening: SimulatedEvent, kind: str) -> list[str]:
        """Name those newly detained, or the held who were held longest; of many, the first. An
        exchange of the log frees those of the log before others, in a what-if too."""
        pair = (happening.holder, happening.national)
        held = self.held.setdefault(pair, [])
        code = self.program.parties[happening.national].lower()
        people = []
        if kind == "released":
            logged = self.freed_by_log(self.ids[happening.cause]) if happening.cause >= 0 else set()
            held.sort(key=lambda p: p not in logged)
            people = held[: happening.persons]
            del held[: happening.persons]
        for _ in range(min(happening.persons, MAX_PEOPLE) - len(people)):
            self.named += 1
            people.append(f"{code}-{'detainee' if kind == 'detained' else 'unnamed'}-{self.named}")
            if kind == "detained":
                held.append(people[-1])
        return people[:MAX_PEOPLE]

    def freed_by_log(self, offer: str) -> set[str]:
        """Return whom the log frees in answer to an offer."""
        answers = (e for e in self.coded.values() if e.kind == "released" and offer in e.causes)
        return {p for e in answers for p in e.persons}


def _highest(prefix: str, names: Iterable[str]) -> int:
    """Return the highest number that follows a prefix in names, 0 where none does."""
    numbers = (re.fullmatch(f"{prefix}([0-9]{{1,12}})", name) for name in names)
    return max((int(found[1]) for found in numbers if found), default=0)
