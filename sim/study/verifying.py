"""Checks that a user can run: do the executors agree, and does a placebo change nothing?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.ensemble.weighed import compile_weighed
from sim.ground.countries import countries
from sim.ground.dates import DAY_S, day
from sim.kernel import run as kernel
from sim.log.events import EVENT, KINDS
from sim.log.log import Channel
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import Difference, compare, events_of_world, join
from sim.model.replication import replicate
from sim.model.situation import SimulatedEvent
from sim.scenario.interventions import observed_from
from sim.scenario.scenario import (
    Change,
    ChannelSetup,
    PartySetup,
    Scenario,
    SetDoctrine,
    WorldStream,
)
from sim.scenario.scope import channels_of, run_span

WORDS = "placebo-words"
"""The id of the words that a placebo puts in."""


def verify(program: CompiledScenario, seed: int, replications: int) -> Difference | int:
    """Run both executors and return the first difference, or how many events agree."""
    slow = join(
        events_of_world(replicate(program, seed, r).situation, r) for r in range(replications)
    )
    _, fast = kernel.run(program, seed, 0, replications, events=True)
    assert fast is not None
    return compare(slow, fast)


@dataclass(frozen=True)
class Placebo:
    """One intervention that cannot matter, and what it changed."""

    name: str
    events: int
    """Events compared."""
    difference: str
    """The first difference in words; empty where there is none."""


def placebos(scenario: Scenario, seed: int, replications: int) -> Iterator[Placebo]:
    """Run interventions that cannot matter and compare every event, by name, with the original's.

    Each is compared with the scenario's past retraced by its decisions, so that no draw of the
    inference may move either.
    """
    channels = channels_of(scenario)
    original = _events(scenario, seed, replications, channels)
    for name, change in PLACEBOS:
        changed = change(scenario)
        if changed is not None:
            events = _events(changed, seed, replications, channels)
            yield Placebo(name, len(original), _first_difference(original, events))


def words(scenario: Scenario) -> Scenario:
    """Add words."""
    at = day(observed_from(scenario) + 10 * DAY_S).isoformat()
    statement = EVENT.validate_python({"id": WORDS, "kind": "statement", "date": at})
    return _with(scenario, Change(insert=statement))


def same_doctrine(scenario: Scenario) -> Scenario:
    """Give a party the doctrine that it has, from the beginning on."""
    party = min(scenario.parties)
    first = day(min(compile_scenario(scenario).start_s, run_span(scenario)[0])).isoformat()
    let = SetDoctrine(party=party, doctrine=scenario.parties[party].doctrine, start=first)
    return _with(scenario, Change(set_doctrine=let))


def _with(scenario: Scenario, change: Change) -> Scenario:
    return scenario.model_copy(update={"changes": (*scenario.changes, change)})


def elsewhere(scenario: Scenario) -> Scenario | None:
    """Add two governments that the scenario does not have, with a channel of their own."""
    free = [c for c in countries() if c not in scenario.parties]
    if len(free) < 2:
        return None
    a, b = free[:2]
    channel = f"{a.lower()}-{b.lower()}/placebo"
    setup = next(iter(scenario.parties.values()))
    usual = {id_: scenario.channels.get(id_, ChannelSetup()) for id_ in channels_of(scenario)}
    war = WorldStream(kind="escalation", rate_per_day=0.05, channel=channel, by=a)
    arrests = WorldStream(kind="detention", rate_per_day=0.01, held_by=a, national_of=b)
    forums = {
        id_: f if f.channels else f.model_copy(update={"channels": tuple(usual)})
        for id_, f in scenario.forums.items()
    }
    outcomes = {
        n: o if o.channel or len(usual) > 1 else o.model_copy(update={"channel": min(usual)})
        for n, o in scenario.outcomes.items()
    }
    party = PartySetup(doctrine=setup.doctrine)
    return scenario.model_copy(
        update={
            "parties": dict(sorted({**scenario.parties, a: party, b: party}.items())),
            "channels": dict(sorted({**usual, channel: ChannelSetup()}.items())),
            "world": dict(
                sorted({**scenario.world, "placebo-war": war, "placebo-arrests": arrests}.items())
            ),
            "forums": forums,
            "outcomes": outcomes,
        }
    )


PLACEBOS = (
    ("words are added that move nothing", words),
    ("a party is given the doctrine that it has", same_doctrine),
    ("two governments elsewhere have a channel, a war and detainees", elsewhere),
)
"""What cannot matter, and how it is brought about; None where it cannot be."""
Named = tuple[object, ...]


def _events(
    scenario: Scenario, seed: int, replications: int, channels: Mapping[str, Channel]
) -> list[Named]:
    """List what happens on some channels or to their parties, but for the words of a placebo."""
    program = compile_weighed(scenario, retrace=scenario.history is not None)
    parties = {party for channel in channels.values() for party in channel.parties}
    found: list[Named] = []
    for r in range(replications):
        for h in replicate(program, seed, r).situation.happenings:
            named = _named(program, r, h)
            ours = named[3] in channels if h.channel >= 0 else _concerns(program, h, parties)
            if ours and named[-1] != WORDS:
                found.append(named)
    return found


def _concerns(program: CompiledScenario, h: SimulatedEvent, parties: set[str]) -> bool:
    who = [program.parties[p] for p in (h.by, h.national, h.holder) if p >= 0]
    return all(p in parties for p in who)


def _named(program: CompiledScenario, replication: int, h: SimulatedEvent) -> Named:
    """Write an event by names, so that it can be compared across programs."""
    channel = program.channels.names[h.channel] if h.channel >= 0 else None
    by = program.parties[h.by] if h.by >= 0 else None
    coded = program.facts.ids[h.fact] if h.fact >= 0 else ""
    facts = (h.confined, h.told, h.severity, h.persons, h.meeting_s)
    return (replication, h.at_s, KINDS[h.kind], channel, by, *facts, coded)


def _first_difference(left: list[Named], right: list[Named]) -> str:
    for a, b in zip(left, right, strict=False):
        if a != b:
            return f"{a} became {b}"
    if len(left) != len(right):
        return f"{len(left)} events became {len(right)}"
    return ""
