"""Why: but-for shares of the events behind an outcome, and the decisions that would differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.ensemble import ensemble
from sim.ensemble.work import Progress
from sim.ground.dates import day, instant, parse
from sim.ground.errors import InputError, Problem, did_you_mean
from sim.ground.intervals import wilson
from sim.log.events import KINDS, Event
from sim.log.log import canonical_times, in_order
from sim.model.compiling import compile_scenario
from sim.model.compiling_past import swept_along
from sim.model.deciding import Decision
from sim.model.replication import replicate
from sim.model.situation import Happening
from sim.model.tally import outcome_value
from sim.model.world import World
from sim.scenario.interventions import observed_from
from sim.scenario.outcomes import types_of
from sim.scenario.resolve import scenario_at
from sim.scenario.scenario import Change, Scenario
from sim.scenario.scope import channels_of, run_span
from sim.study.outcomes import title_of

MAX_EVENTS = 60
"""Events that are asked about one by one."""
MAX_SETS = 700
"""Sets of events that are tried for a joint reversal."""
MAX_SET = 3
REVERSES = 0.5
"""The but-for share from which a set of events is said to reverse the outcome."""


@dataclass(frozen=True)
class ButFor:
    """How often an outcome would have failed without some events."""

    events: tuple[str, ...]
    label: str
    date: str
    share: float
    """Of the replications in which the outcome came about, those in which it then does not."""
    low: float
    high: float
    made: float
    """Of the replications in which it did not, the share in which it then does."""
    along: tuple[str, ...]
    """What goes with them, because it needs them."""


@dataclass(frozen=True)
class FirstDifference:
    """Where one replication with and without an event part, and by which decision."""

    replication: int
    removed: tuple[str, ...]
    at: str
    """The instant, as a date-time."""
    event: str
    """What happens in one of the two and not in the other."""
    where: str
    """`history` or `what-if`: in which of the two it happens."""
    decision: str
    party: str
    uniform: float
    base: float | None
    """The probability in history; None where there was nothing to decide."""
    changed: float | None
    """The probability in the changed world; None where there was nothing to decide."""

    @property
    def margin(self) -> float | None:
        """How far the probability lies from the chance, where the decision fell differently."""
        likely = self.changed if self.where == "history" else self.base
        return None if likely is None else abs(likely - self.uniform)


@dataclass(frozen=True)
class Why:
    """The answer to why an outcome came about."""

    outcome: str
    title: str
    replications: int
    seed: int
    share: float
    """The share of replications in which it comes about with history as it was."""
    events: tuple[ButFor, ...]
    reversals: tuple[ButFor, ...]
    """The smallest sets of events that reverse it; none where none of those tried does."""
    tried: int
    """How many sets were tried."""
    exact: bool
    """Whether every set up to the size of those found, or up to 3, was tried."""
    differences: tuple[FirstDifference, ...]


def removable(scenario: Scenario) -> list[Event]:
    """List the events of history that may be asked about, in order: all but mere words."""
    if scenario.history is None:
        return []
    start, _ = run_span(scenario)
    channels = channels_of(scenario)
    earliest = parse(scenario.complete_from).lo_s if scenario.complete_from else None
    gone = {c.remove or (c.move.event if c.move else None) for c in scenario.changes}
    events = scenario.history.events
    return [
        e
        for e in in_order(events, canonical_times(events))
        if parse(e.date).hi_s <= start
        and (earliest is None or parse(e.date).lo_s >= earliest)
        and (e.channel is None or e.channel in channels)
        and e.kind not in ("statement", "copresence")
        and e.id not in gone
    ]


def without(scenario: Scenario, events: Iterable[str]) -> Scenario:
    """Return the scenario with some events of its history removed as well."""
    removed = tuple(Change(remove=e) for e in events)
    return scenario.model_copy(update={"changes": (*scenario.changes, *removed)})


def why(
    scenario: str | Path | Scenario,
    outcome: str | None = None,
    *,
    replications: int = 500,
    seed: int | None = None,
    workers: int | None = None,
    executor: str | None = None,
    samples: int = 3,
    label: Callable[[Event], str] = lambda event: event.id,
    progress: Progress | None = None,
) -> Why:
    """Ask of each event of history how often the outcome would have failed without it.

    `scenario` is one that `load_scenario` gave, or its file.

    Raises:
        InputError: no such yes-or-no outcome, no history, or one that the model holds impossible.
    """
    scenario = scenario_at(scenario)
    if scenario.sweep:
        raise InputError([Problem(scenario.title, 0, "sweep", "a why takes no sweep")])
    name = asked_outcome(scenario, outcome)
    q = list(scenario.outcomes).index(name)
    events = removable(scenario)
    if not events:
        rule = "there is no event of history to ask about: a why needs a coded history"
        raise InputError([Problem(scenario.title, 0, "history", rule)])
    chosen = scenario.ensemble.seed if seed is None else seed
    start = day(observed_from(scenario)).isoformat()  # however early an event is removed
    observed = scenario.model_copy(update={"observe_from": start})

    def values(variant: Scenario) -> NDArray[np.bool_]:
        program = compile_scenario(variant)
        tally = ensemble(program, chosen, replications, workers=workers, executor=executor)
        came: NDArray[np.bool_] = tally.values[:, q] == 1
        return came

    base = values(observed)
    done, total = 0, min(len(events), MAX_EVENTS)

    def but_for(group: tuple[Event, ...]) -> ButFor:
        nonlocal done
        ids = tuple(e.id for e in group)
        variant = without(observed, ids)
        changed = values(variant)
        came, stayed_out = int(base.sum()), int((~base).sum())
        failed, made = int((base & ~changed).sum()), int((~base & changed).sum())
        low, high = wilson(failed, came) if came else (0.0, 1.0)
        done += 1
        if progress is not None:
            progress(min(done, total), total)
        return ButFor(
            events=ids,
            label="; ".join(label(e) for e in group),
            date=", ".join(e.date for e in group),
            share=failed / came if came else 0.0,
            low=low,
            high=high,
            made=made / stayed_out if stayed_out else 0.0,
            along=tuple(e for e, _ in swept_along(variant) if e not in ids),
        )

    singles = [but_for((e,)) for e in events[:MAX_EVENTS]]
    reversals, tried = [b for b in singles if b.share >= REVERSES], len(singles)
    exact = len(events) <= MAX_EVENTS
    for size in range(2, MAX_SET + 1):
        if reversals or not base.any():
            break
        groups = list(combinations(events[:MAX_EVENTS], size))
        if tried + len(groups) > MAX_SETS:
            exact = False
            groups = _likeliest(groups, singles, MAX_SETS - tried)
        total += len(groups)
        found = [but_for(group) for group in groups]
        tried += len(found)
        reversals = [b for b in found if b.share >= REVERSES]
    return Why(
        outcome=name,
        title=title_of(scenario, name),
        replications=replications,
        seed=chosen,
        share=float(base.mean()),
        events=tuple(sorted(singles, key=lambda b: (-b.share, b.date, b.events))),
        reversals=tuple(sorted(reversals, key=lambda b: (-b.share, b.events))),
        tried=tried,
        exact=exact,
        differences=tuple(_differences(observed, singles, q, chosen, replications, samples)),
    )


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


def _likeliest(
    groups: list[tuple[Event, ...]], singles: list[ButFor], most: int
) -> list[tuple[Event, ...]]:
    """Choose the sets whose members weigh most one by one."""
    share = {b.events[0]: b.share for b in singles}
    ranked = sorted(groups, key=lambda g: (-sum(share[e.id] for e in g), [e.id for e in g]))
    return ranked[: max(0, most)]


# ---------------------------------------------------------------------------------- the first step


def _differences(
    scenario: Scenario, singles: list[ButFor], q: int, seed: int, replications: int, samples: int
) -> Iterable[FirstDifference]:
    """Show, for the event that weighs most, where sample replications part."""
    top = max(singles, key=lambda b: b.share)
    if top.share == 0.0 or samples == 0:
        return
    before = compile_scenario(scenario, retrace=True)
    after = compile_scenario(without(scenario, top.events))
    gone = {*top.events, *top.along}
    shown = 0
    for r in range(min(replications, 200)):
        base = replicate(before, seed, r, trace=True)
        changed = replicate(after, seed, r, trace=True)
        values = [outcome_value(w.program, w.situation, q) for w in (base, changed)]
        if values != [1, 0]:
            continue
        found = first_difference(base, changed, r, gone)
        if found is not None:
            yield found
            shown += 1
        if shown == samples:
            return


def first_difference(
    base: World, changed: World, replication: int, gone: set[str]
) -> FirstDifference | None:
    """Return the first event that one world has and the other has not, but for those `gone`."""
    worlds = {"history": base, "what-if": changed}
    keys = {w: Counter(_key(h) for h in world.situation.happenings) for w, world in worlds.items()}
    candidates = []
    for where, other in (("history", "what-if"), ("what-if", "history")):
        world = worlds[where]
        for place, h in enumerate(world.situation.happenings):
            coded = world.program.facts.ids[h.fact] if h.fact >= 0 else ""
            if coded not in gone and keys[where][_key(h)] > keys[other][_key(h)]:
                candidates.append((h.at_s, place, where, other))
                break
    if not candidates:
        return None
    at_s, place, where, other = min(candidates)
    world, happening = worlds[where], worlds[where].situation.happenings[place]
    found = _parting(world, worlds[other], at_s, place)
    if found is None:
        return None
    taken, there = found
    likely = {where: taken.probability, other: None if there is None else there.probability}
    return FirstDifference(
        replication=replication,
        removed=tuple(sorted(gone)),
        at=instant(at_s),
        event=KINDS[happening.kind],
        where=where,
        decision=taken.decision,
        party=world.program.parties[taken.party],
        uniform=taken.uniform,
        base=likely["history"],
        changed=likely["what-if"],
    )


def _key(h: Happening) -> tuple[object, ...]:
    return h.at_s, h.kind, h.channel, h.by, h.confined, h.told


def _parting(
    world: World, other: World, at_s: int, place: int
) -> tuple[Decision, Decision | None] | None:
    """Return the decision that let an event happen in one world and fell differently, or was not
    to be taken, in the other, with the other's."""
    asked = {(d.at_s, d.decision, d.party, d.channel): d for d in other.trace or ()}
    places = {place, world.situation.happenings[place].cause}  # a swap is answered as it is offered
    taken = [d for d in world.trace or () if d.at_s == at_s and d.place in places]
    for decision in taken:
        there = asked.get((decision.at_s, decision.decision, decision.party, decision.channel))
        if there is None or there.answer != decision.answer:
            return decision, there
    return None
