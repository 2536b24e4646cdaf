"""What a why asks: an outcome, the events of history that may be taken away, and whether a decision
that is taken away is taken again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.ensemble.weighed import compile_weighed
from sim.ground.dates import day, parse
from sim.ground.errors import InputError, Problem, did_you_mean
from sim.log.events import Event
from sim.log.order import canonical_times, in_order
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling_names import Names
from sim.model.compiling_past import DECIDABLE
from sim.results.outcomes import title_of
from sim.scenario.interventions import observed_from
from sim.scenario.outcomes import EventBy, Outcome, types_of
from sim.scenario.scenario import Change, Scenario
from sim.scenario.scope import channels_of, complete_start, run_span


@dataclass(frozen=True)
class Question:
    """A why, compiled: one program for all sets of events."""

    given: Scenario
    """The scenario as it was given."""
    scenario: Scenario
    """The scenario, asked the outcome first, then whether decisions are taken again."""
    outcome: str
    title: str
    events: tuple[Event, ...]
    """Those that are asked about one by one, in order."""
    every: bool
    """Whether these are all that may be asked about."""
    program: CompiledScenario
    """Its past is retraced; nothing is removed but what the scenario itself removes."""
    again: tuple[int, ...]
    """For each of the events, the place of the outcome that says whether it is decided again; -1
    where no party decided it."""


def question(scenario: Scenario, outcome: str | None, most: int) -> Question:
    """Prepare to ask of an outcome why it comes about, of so many events at most.

    Raises:
        InputError: no such yes-or-no outcome, no event to ask about, a sweep, or a past that would
            hold too many opportunities.
    """
    if scenario.sweep:
        raise InputError([Problem(scenario.title, 0, "sweep", "a why takes no sweep")])
    name = asked_outcome(scenario, outcome)
    events = removable(scenario)
    if not events:
        rule = "there is no event of history to ask about: a why needs a coded history"
        raise InputError([Problem(scenario.title, 0, "history", rule)])
    start = day(observed_from(scenario)).isoformat()  # however early an event is removed
    outcomes: dict[str, Outcome] = {name: scenario.outcomes[name]}
    again = list[int]()
    for event in events[:most]:
        asked = decided_again(event, events, scenario)
        again.append(-1 if asked is None else len(outcomes))
        if asked is not None:
            outcomes[f"again {event.id}"] = asked
    update = {"outcomes": outcomes, "show_from": start}
    observed = scenario.model_copy(update=update)
    return Question(
        given=scenario,
        scenario=observed,
        outcome=name,
        title=title_of(scenario, name),
        events=tuple(events[:most]),
        every=len(events) <= most,
        program=compile_weighed(observed, retrace=True),
        again=tuple(again),
    )


def decided_again(event: Event, events: Iterable[Event], scenario: Scenario) -> EventBy | None:
    """Ask whether a decision of history is taken again without it: as often as `events` hold it, on
    its day or later. None where no party of the scenario decided it on a simulated channel."""
    if event.kind not in DECIDABLE:
        return None
    if event.channel is not None and event.channel not in channels_of(scenario):
        return None
    if event.by is not None and event.by not in scenario.parties:
        return None
    first = day(parse(event.date).lo_s).isoformat()
    sort = (event.kind, event.channel, event.by)
    alike = [e for e in events if (e.kind, e.channel, e.by) == sort]
    later = sum(parse(e.date).hi_s > parse(first).lo_s for e in alike)
    return EventBy(
        type="event_by",
        start=first,
        channel=event.channel,
        kind=str(event.kind),
        by=event.by,
        at_least=max(1, later),
        date=scenario.as_of,
    )


def removable(scenario: Scenario) -> list[Event]:
    """List the events of history that may be asked about, in order: all but mere words."""
    if scenario.history is None:
        return []
    start, _ = run_span(scenario)
    channels, names = channels_of(scenario), Names(scenario, retrace=True)
    earliest = complete_start(scenario)
    gone = {c.named for c in scenario.changes}
    events = scenario.history.events
    return [
        e
        for e in in_order(events, canonical_times(events))
        if parse(e.date).hi_s <= start
        and (earliest is None or parse(e.date).lo_s >= earliest)
        and (e.channel is None or e.channel in channels or names.opens_below(e))
        and e.kind not in ("statement", "copresence")
        and e.id not in gone
    ]


def without(scenario: Scenario, events: Iterable[str]) -> Scenario:
    """Return the scenario with some events of its history removed as well."""
    removed = tuple(Change(remove=e) for e in events)
    return scenario.model_copy(update={"changes": (*scenario.changes, *removed)})


def asked_outcome(scenario: Scenario, outcome: str | None) -> str:
    """Return the outcome that is asked about: the one named, or the first yes-or-no one.

    Raises:
        InputError: the scenario has no such outcome.
    """
    types = types_of("yes_or_no")
    yes_or_no = [n for n, o in scenario.outcomes.items() if o.type in types]
    if not yes_or_no:
        rule = f"a why needs an outcome of type {', '.join(types[:-1])} or {types[-1]}"
        raise InputError([Problem(scenario.title, 0, "outcomes", rule)])
    if outcome is not None and outcome not in yes_or_no:
        rule = f"must be one of {', '.join(yes_or_no)}{did_you_mean(outcome, yes_or_no)}"
        raise InputError([Problem("--outcome", 0, "", rule, outcome)])
    return outcome or yes_or_no[0]
