"""Checks that a user can run: do the executors agree, and does a placebo change nothing?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.ensemble.weighed import compile_weighed
from sim.ground.countries import countries
from sim.ground.dates import day
from sim.kernel import run as kernel
from sim.log.events import EVENT, KINDS
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


def placebos(
    scenario: Scenario, seed: int, replications: int, *, ignore: str = "placebo-words"
) -> Iterator[Placebo]:
    """Run interventions that cannot matter and compare every event, by name, with the original's.

    Each is compared with the scenario's past retraced by its decisions, so that no draw of the
    inference may move either.
    """
    original = _events(scenario, seed, replications, ignore)
    for name, change in _interventions(ignore):
        changed = change(scenario)
        if changed is None:
            continue
        events = _events(changed, seed, replications, ignore, channels_of(scenario))
        yield Placebo(name, len(original), _first_difference(original, events))


def _interventions(
    word: str,
) -> list[tuple[str, Callable[[Scenario], Scenario | None]]]:
    def words(scenario: Scenario) -> Scenario:
        at = day(observed_from(scenario) + 86_400 * 10).isoformat()
        statement = EVENT.validate_python({"id": word, "kind": "statement", "date": at})
        return _with(scenario, Change(insert=statement))

    def same_doctrine(scenario: Scenario) -> Scenario:
        party = min(scenario.parties)
        first = day(_history_start(scenario)).isoformat()
        let = SetDoctrine(party=party, doctrine=scenario.parties[party].doctrine, start=first)
        return _with(scenario, Change(set_doctrine=let))

    return [
        ("words are added that move nothing", words),
        ("a party is given the doctrine that it has", same_doctrine),
        ("two governments elsewhere have a channel, a war and detainees", elsewhere),
    ]


def _history_start(scenario: Scenario) -> int:
    return min(compile_scenario(scenario).start_s, run_span(scenario)[0])


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


Named = tuple[object, ...]


def _events(
    scenario: Scenario,
    seed: int,
    replications: int,
    ignore: str,
    channels: object = None,
) -> list[Named]:
    program = compile_weighed(scenario, retrace=scenario.history is not None)
    known = set(channels or program.channels.names)  # type: ignore[call-overload]
    parties = {p for c in known for p in (c[:3].upper(), c[4:7].upper())}
    found: list[Named] = []
    for r in range(replications):
        for h in replicate(program, seed, r).situation.happenings:
            named = _named(program, r, h)
            ours = named[3] in known if h.channel >= 0 else _concerns(program, h, parties)
            if ours and named[-1] != ignore:
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
