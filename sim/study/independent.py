"""A changed world whose chances are its own from the change on: no noise behind history is kept.

Its law is that of the model from the day of the first change on, given the events before it. What
no party decides stays as it was coded; every decision of that day and later is made anew. So it is
a policy that begins in the past. `docs/what-if.md` says how this differs from a what-if.
"""

from __future__ import annotations

from dataclasses import replace

from sim.ensemble.settings import Settings
from sim.ensemble.weighed import compile_weighed
from sim.ground.dates import DAY_S, day, parse
from sim.ground.draws import stream_key
from sim.log.events import Event
from sim.log.knowing import without
from sim.log.redated import put_off
from sim.model.compiled_scenario import EXOGENOUS, CompiledScenario
from sim.model.compiling_forums import with_implied_forums
from sim.model.walk import of
from sim.scenario.interventions import first_change
from sim.scenario.scenario import Change, Scenario
from sim.scenario.scope import past_start, run_span
from sim.study.run import Run
from sim.study.running import Order, carried_out


def independent_run(scenario: Scenario, program: CompiledScenario, how: Settings) -> Run:
    """Run a scenario, compiled, with chances of its own from its first change on.

    Raises:
        InputError: the model holds the history before the change impossible.
        RunError: a worker died, or the cluster cannot be reached.
    """
    own = replace(how, seed=own_seed(how.seed), draws=0)
    return carried_out(Order(scenario, begun_anew(scenario, program), own))


def own_seed(seed: int) -> int:
    """Return the seed of the changed world's own chances."""
    return stream_key(f"independent/{seed}")[0]


def begun_anew(scenario: Scenario, program: CompiledScenario) -> CompiledScenario:
    """Compile a scenario so that it begins on the day of its first change; it is counted and asked
    as `program` is, the scenario compiled as it stands."""
    start_s = anew_from(scenario)
    if program.past is None or start_s >= program.as_of_s:
        return program  # nothing of the past is retraced
    begun = compile_weighed(from_the_change(scenario, program, start_s), retrace=True)
    return replace(
        begun, observe_s=program.observe_s, grid_s=program.grid_s, outcomes=program.outcomes
    )


def anew_from(scenario: Scenario) -> int:
    """Return the first second from which decisions are made anew: the beginning of the day of the
    first change, or of what is retraced of the past where that is later."""
    first = first_change(scenario)
    as_of_s = run_span(scenario)[0]
    if first is None or first >= as_of_s:
        return as_of_s
    return max(first - first % DAY_S, past_start(scenario))


def from_the_change(scenario: Scenario, program: CompiledScenario, start_s: int) -> Scenario:
    """Return the scenario whose history ends before an instant. What no party decided after it is
    put in, as the scenario's changes leave it.

    It is a scenario that no file could hold: it puts in as many events as there are.
    """
    whole = with_implied_forums(scenario)
    events = {e.id: e for e in whole.history.events} if whole.history is not None else {}
    kept = {id_ for id_, e in events.items() if parse(e.date).hi_s <= start_s}
    changes = list[Change]()
    for change in scenario.changes:
        if change.named is None or change.named in kept:
            changes.append(change)
        elif change.move is not None:
            moved = events[change.named].model_copy(update={"forum": None, "causes": ()})
            changes.append(Change(insert=put_off(moved, change.move.to)))
    changes += [Change(insert=e) for e in given(program, events, kept)]
    history = whole.history
    if history is not None:
        history = without(history, events.keys() - kept)
    update = {"history": history, "as_of": day(start_s - 1).isoformat(), "show_from": None}
    return whole.model_copy(update=update | {"changes": tuple(changes)})


def given(program: CompiledScenario, events: dict[str, Event], kept: set[str]) -> list[Event]:
    """List the events after `kept` that no party decided: those whose needs do not fall away, which
    are neither moved nor removed."""
    past, facts, before = of(program), program.facts, program.facts.before
    forced = range(before, len(facts.ids))
    gone = {facts.ids[f] for f in forced} | kept
    here = {f for f in range(before) if facts.ids[f] in kept} | {*forced}
    found = list[Event]()
    for f in sorted(range(before), key=lambda f: int(facts.lo_s[f])):
        id_ = facts.ids[f]
        if id_ not in events or id_ in gone or past.removed[f]:
            continue
        if past.role[f] != EXOGENOUS or past.follows[f] >= 0:
            continue
        groups = range(int(past.need_start[f]), int(past.need_start[f + 1]))
        needs = [past.needs[past.group_start[g] : past.group_start[g + 1]] for g in groups]
        if all(here & {*group.tolist()} for group in needs):
            here.add(f)
            found.append(events[id_].model_copy(update={"causes": ()}))
    return found
