"""The what-ifs of `scenarios/`: each runs, teaches something, and keeps what it does not change."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.ground.dates import parse
from sim.log.events import KINDS
from sim.model.abduction import Abduction, Inferred
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.compiling_needs import swept_along
from sim.model.opportunity import Opportunity
from sim.model.reference import World
from sim.model.replication import replicate
from sim.scenario.interventions import first_change, run_type
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario
from sim.study.compared import without_changes

pytestmark = pytest.mark.usefixtures("dated_hastily")  # it counts which worlds come

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "scenarios").glob("whatif-*.yaml"))
BASES = ("whatif-nothing", "whatif-record")
FORECASTS = ("back-channel", "koreas", "washington-beijing")
"""Bases that are shown as forecasts too, one a pair of governments."""
OF_OTHER_PASTS = (
    "whatif-channel-leaks",
    "whatif-koreas-calls-taken",
    "whatif-koreas-line-answered",
    "whatif-no-balloon",
)
WHAT_IFS = [p.stem for p in FILES if p.stem not in BASES]
SEED, FEW, SOME, MANY = 3, 2, 12, 600
"""The seed; replications of what must hold in each, of what must show in one, and of shares."""

Named = tuple[object, ...]


@cache
def loaded(name: str) -> Scenario:
    return load_scenario(ROOT / "scenarios" / f"{name}.yaml")


@cache
def programs(name: str) -> tuple[CompiledScenario, CompiledScenario, CompiledScenario]:
    """The changed past, the past retraced by its decisions, and the forecast from the facts."""
    scenario = loaded(name)
    plain = without_changes(scenario)
    return (
        compile_scenario(scenario),
        compile_scenario(plain, retrace=True),
        compile_scenario(plain),
    )


@cache
def changed(name: str, replication: int) -> World:
    return replicate(programs(name)[0], SEED, replication)


@cache
def retraced(name: str, replication: int) -> World:
    return replicate(programs(name)[1], SEED, replication)


def named(world: World) -> list[Named]:
    """What happened, by names, since programs number facts and forums each in its own way."""
    program = world.program
    return [
        (
            h.at_s,
            KINDS[h.kind],
            program.channels.names[h.channel] if h.channel >= 0 else None,
            program.parties[h.by] if h.by >= 0 else None,
            h.confined,
            h.told,
            h.severity,
            h.persons,
            h.meeting_s,
            program.facts.ids[h.fact] if h.fact >= 0 else None,
        )
        for h in world.situation.happenings
    ]


def states(world: World) -> list[list[tuple[int, int]]]:
    """The states of the ministers' channel in every view, with their instants."""
    return [[(t, s) for t, s, _ in view] for view in world.situation.path[0]]


def facts(world: World) -> dict[str, int]:
    """The logged and inserted events that happened, with their instants."""
    return {
        world.program.facts.ids[h.fact]: h.at_s for h in world.situation.happenings if h.fact >= 0
    }


def before(world: World, at_s: int) -> tuple[list[Named], list[list[tuple[int, int]]]]:
    """What happened before an instant, and the states up to it."""
    happened = [h for h in named(world) if int(str(h[0])) < at_s]
    return happened, [[(t, s) for t, s in view if t < at_s] for view in states(world)]


@pytest.fixture
def no_dropping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break abduction: keep every opportunity as the prior drew it."""

    def keep(self: Abduction, o: Opportunity, asked: Any) -> None:
        self.found.append(Inferred(o.at_s, o.stream, o.index, -1, o.do))

    monkeypatch.setattr(Abduction, "keep", keep)


# ---------------------------------------------------------------------------------- the files


def test_there_are_what_ifs_and_their_bases() -> None:
    assert len(WHAT_IFS) >= 10
    assert {p.stem for p in FILES} >= set(BASES)
    kinds = {k for n in WHAT_IFS for c in loaded(n).changes for k in c.model_fields_set}
    assert kinds == {"remove", "insert", "move", "set_doctrine"}


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_what_if_is_one_and_says_why(name: str) -> None:
    scenario = loaded(name)
    assert run_type(scenario) == "what-if"
    assert scenario.sources
    assert scenario.complete_from is not None
    assert scenario.reasons is not None
    assert len(scenario.reasons.split()) > 60
    assert "%" not in scenario.reasons  # numbers go stale
    start = parse(scenario.as_of).hi_s
    dates = [
        getattr(o, "date", None) or getattr(o, "until", None) for o in scenario.outcomes.values()
    ]
    assert any(d is not None and parse(d).hi_s <= start for d in dates)  # inside the changed past


@pytest.mark.parametrize("name", [*BASES, *FORECASTS])
def test_a_base_changes_nothing(name: str) -> None:
    assert run_type(loaded(name)) == "forecast"


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_what_if_can_be_compared_with_its_base(name: str) -> None:
    base = next(b for b in (*BASES, *FORECASTS) if loaded(b).as_of == loaded(name).as_of)
    assert loaded(base).until == loaded(name).until
    asked = loaded(name).outcomes
    least = 8 if base in BASES else 6  # a forecast asks nothing of the past
    assert (
        sum(loaded(base).outcomes[o] == q for o, q in asked.items() if o in loaded(base).outcomes)
        >= least
    )


def test_the_page_lists_every_what_if() -> None:
    page = (ROOT / "docs" / "what-if.md").read_text(encoding="utf-8")
    assert [n for n in (*BASES, *WHAT_IFS) if f"`{n}`" not in page] == []


# ---------------------------------------------------------------------------------- they run


def changes_are_made(name: str) -> None:
    scenario, world = loaded(name), changed(name, 0)
    there, history = facts(world), facts(retraced(name, 0))
    removed = {c.remove for c in scenario.changes if c.remove is not None}
    along = {event for event, _ in swept_along(scenario)}
    assert removed | along <= set(history)  # the control: history has them
    assert not (removed | along) & set(there)
    for change in scenario.changes:
        if change.insert is not None:
            assert change.insert.id in there
            assert change.insert.id not in history
        if change.move is not None:
            assert there[change.move.event] == parse(change.move.to).midpoint_s
            assert history[change.move.event] != there[change.move.event]


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_what_if_matters(name: str) -> None:
    """Beyond the changed events themselves, something else comes out differently somewhere."""
    scenario = loaded(name)
    touched = {
        c.remove or (c.insert and c.insert.id) or (c.move and c.move.event)
        for c in scenario.changes
    }
    touched |= {event for event, _ in swept_along(scenario)}
    for r in range(SOME):
        ours, theirs = (
            [h for h in named(w) if h[-1] not in touched]
            for w in (changed(name, r), retraced(name, r))
        )
        if ours != theirs:
            return
    pytest.fail("nothing else differs")


def idle(scenario: Scenario, against: Scenario) -> list[str]:
    """The outcomes that have one and the same value in every replication of both."""
    runs = [sim.run(s, replications=MANY, seed=SEED, workers=1) for s in (against, scenario)]
    for run in runs:
        assert len(run.answers) == len(scenario.outcomes)
        assert all(0.0 <= a.estimate <= 1.0 for a in run.answers)
    values = {q: {v for r in runs for v in r.values[q].to_list()} for q in scenario.outcomes}
    return [q for q, seen in values.items() if len(seen) == 1]


def asks_what_its_change_may_reach(name: str) -> None:
    """A few outcomes may teach by staying as they were."""
    scenario = loaded(name)
    found = idle(scenario, without_changes(scenario))
    assert len(found) <= len(scenario.outcomes) // 6, found


def test_control_a_base_asks_much_that_no_chance_reaches() -> None:
    base = loaded(BASES[0])
    assert len(idle(base, base)) > len(base.outcomes) // 6


# ---------------------------------------------------------------------------------- invariants


def unlike_history(name: str) -> int:
    """In how many replications the retraced past is not what the forecast has of it, or after."""
    _, retrace, forecast = programs(name)
    found = 0
    for r in range(FEW):
        again, facts_first = replicate(retrace, SEED, r), replicate(forecast, SEED, r)
        same = named(again) == named(facts_first) and states(again) == states(facts_first)
        found += not same
    return found


@pytest.mark.parametrize("name", [*BASES, *WHAT_IFS])
def test_4_with_no_changes_history_returns(name: str) -> None:
    assert unlike_history(name) == 0


def differs_from_the_first_change_on(name: str) -> None:
    """In no replication before it; in some after it, which is the control."""
    first, end = first_change(loaded(name)), programs(name)[0].until_s
    assert first is not None
    pairs = [(changed(name, r), retraced(name, r)) for r in range(FEW)]
    assert all(before(ours, first) == before(theirs, first) for ours, theirs in pairs)
    assert any(before(ours, end) != before(theirs, end) for ours, theirs in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("name", WHAT_IFS)
def test_5_a_what_if_runs_and_changes_what_it_says(name: str) -> None:
    """All that is asked of its worlds, in one test, since they are made once in a process."""
    changes_are_made(name)
    differs_from_the_first_change_on(name)
    asks_what_its_change_may_reach(name)


def test_every_past_is_among_those_of_the_control() -> None:
    def past(name: str) -> tuple[str, str]:
        history = loaded(name).history
        assert history is not None
        return history.model_dump_json(), loaded(name).as_of

    asked = {past(name) for name in (*BASES, *OF_OTHER_PASTS)}
    assert [name for name in WHAT_IFS if past(name) not in asked] == []


@pytest.mark.slow
@pytest.mark.usefixtures("no_dropping")
@pytest.mark.parametrize("name", [*BASES, *OF_OTHER_PASTS])
def test_4_control_without_dropping_it_does_not(name: str) -> None:
    """Of each past once: the changes are taken away before it is asked."""
    assert unlike_history(name) > 0


def late() -> list[str]:
    """Those that leave enough of history as it was."""
    enough = parse("2022-07-01").lo_s
    return [n for n in WHAT_IFS if (first_change(loaded(n)) or 0) >= enough]


@pytest.mark.usefixtures("no_dropping")
def test_5_control_with_broken_noise_something_differs_before_it() -> None:
    for name in late():
        first, changed_past = first_change(loaded(name)) or 0, programs(name)[0]
        worlds = ((replicate(changed_past, SEED, r), retraced_well(name, r)) for r in range(FEW))
        assert any(before(broken, first) != well for broken, well in worlds), name


@cache
def retraced_well(name: str, replication: int) -> tuple[list[Named], list[list[tuple[int, int]]]]:
    """The forecast's own account of history before the first change: no noise is behind it."""
    world = replicate(programs(name)[2], SEED, replication)
    return before(world, first_change(loaded(name)) or 0)


def test_some_what_ifs_change_history_late() -> None:
    assert len(late()) >= 4
