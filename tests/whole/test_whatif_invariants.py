"""What must hold of every what-if, each with a control that must fail where it is broken.

The numbers are those of the design's list: executors agree (3), an empty what-if is history (4),
nothing differs before the first change (5), and what cannot reach a channel does not (6).
`test_whatif_scenarios` asks 4 and 5 of the scenarios that ship, `test_neutral_changes` has the
controls of what is put back (14), and `test_intervened_law` is 7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import generated
import numpy as np
import pytest
from generated_past import what_ifs
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from micro import CHANNEL, doctrine, scenario
from put_back import account as named
from put_back import neutral

from sim.ensemble.work import simulate
from sim.ground.dates import DAY_S
from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.log.events import KINDS
from sim.model.abduction import Abduction, Inferred
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.compiling_needs import swept_along
from sim.model.eventtable import Difference, compare, events_of_world, join
from sim.model.opportunity import Opportunity
from sim.model.reference import World
from sim.model.replication import replicate, world_of
from sim.model.situation import Situation
from sim.model.tally import Tally
from sim.scenario.interventions import first_change
from sim.scenario.resolve import load_scenario
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Change, Scenario
from sim.study.verifying import verify

ROOT = Path(__file__).parents[2]
WHAT_IFS = sorted((ROOT / "scenarios").glob("whatif-*.yaml"))
FEWER = settings(max_examples=max(1, settings().max_examples // 2))
"""Half of the examples of a profile, each asked for several invariants."""

# ---------------------------------------------------------------- histories and changes, generated


def richer(data: dict[str, Any]) -> dict[str, Any]:
    """A generated scenario whose acts all have opportunities, and with forums in its past."""
    year = int(data["as_of"][:4])
    rates = {a: max(r, 0.05) for a, r in data["rates_per_day"].items()}
    past = {f"past{n}": {"date": f"{year}-{m}"} for n, m in enumerate(("09-10", "10-20/10-22"))}
    past["past1"] = {"date": f"{year}-10-20/{year}-10-22"}
    return data | {"rates_per_day": rates, "forums": data["forums"] | past}


@st.composite
def coded(draw: st.DrawFn) -> Scenario:
    """A scenario with a coded history, however odd, and no changes."""
    made = richer(draw(generated.scenario_data())) | {"changes": [], "outcomes": {}}
    found = Scenario.model_validate(made)
    assume(not [*broken_rules(found)])
    return found


@st.composite
def changed(draw: st.DrawFn, bases: st.SearchStrategy[Scenario]) -> Scenario:
    """A scenario with changes inside its history, which break no rule."""
    base = draw(bases)
    assert base.history is not None
    year, ids = int(base.as_of[:4]), [e.id for e in base.history.events]
    past, channels = date(year, 9, 1), [*base.channels]
    exact = generated.moments(past, 91, exact=True)
    anywhen = generated.moments(past, 91)
    changes: list[Change] = []
    for n in range(draw(st.integers(1, 4))):
        form = draw(st.sampled_from(["remove", "remove", "move", "insert", "set_doctrine"]))
        if form in ("remove", "move") and not ids:
            form = "set_doctrine"
        if form == "insert":
            event = draw(generated.events(f"new{n}", draw(anywhen), channels, anywhen))
            change: dict[str, Any] = {"insert": event}
        elif form == "set_doctrine":
            let = {"party": draw(st.sampled_from(generated.PARTIES))}
            let |= {"doctrine": draw(st.sampled_from(["first", "second"])), "from": draw(exact)}
            change = {"set_doctrine": let | {"until": draw(st.none() | exact)}}
        else:
            named = ids.pop(draw(st.integers(0, len(ids) - 1)))
            move = {"event": named, "to": draw(anywhen)}
            change = {"remove": named} if form == "remove" else {"move": move}
        changes.append(Change.model_validate(change))
    found = base.model_copy(update={"changes": tuple(changes)})
    assume(not [*broken_rules(found)])
    return found


# ---------------------------------------------------------------- 3: the executors agree


def unequal(left: Tally, right: Tally) -> list[str]:
    """The arrays in which two tallies differ."""
    names = [f.name for f in fields(Tally)]
    return [n for n in names if not np.array_equal(getattr(left, n), getattr(right, n))]


def tallied(run: Callable[[], Tally]) -> Tally | str:
    """What a run counts, or what it is refused with."""
    try:
        return run()
    except InputError as error:
        return str(error)


@pytest.mark.slow
@FEWER
@given(changed(coded()), st.integers(0, 2**63 - 1))
def test_3_the_executors_agree_on_coded_histories(whole: Scenario, seed: int) -> None:
    """Generated histories of the model are in `test_kernel_what_ifs`."""
    program = compile_scenario(whole, retrace=True)
    slow = tallied(lambda: simulate(program, seed, 0, 3))
    fast = tallied(lambda: kernel.run(program, seed, 0, 3)[0])
    if isinstance(slow, str) or isinstance(fast, str):
        assert slow == fast
    else:
        assert unequal(slow, fast) == []
        found = verify(program, seed, 2)
        assert isinstance(found, int), found


def test_3_control_a_kernel_with_other_noise_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    program = compile_scenario(load_scenario(ROOT / "scenarios" / "whatif-no-invasion.yaml"))
    assert isinstance(verify(program, 5, 4), int)
    whole = Abduction.keep

    def keep(self: Abduction, opportunity: Opportunity, asked: Any) -> None:
        if opportunity.index % 5:
            whole(self, opportunity, asked)

    monkeypatch.setattr(Abduction, "keep", keep)
    assert isinstance(verify(program, 5, 4), Difference)


# ---------------------------------------------------------------- 4: an empty what-if is history


def account(situation: Situation) -> list[object]:
    """All that happened and every state on the way, to the bit.

    What a meeting or a talk of the log was agreed or made at is left out: the forecast does not
    ask, and takes the log's word.
    """
    events = [
        (
            (h.at_s, KINDS[h.kind], h.channel, h.by, h.confined, h.severity.hex(), h.persons),
            (h.told, h.national, h.holder, h.meeting_s, h.fact),
        )
        for h in situation.happenings
    ]
    stocks = [[[v.hex() for v in sides] for sides in dyad] for dyad in situation.stocks]
    return [events, situation.path, stocks, situation.held, situation.suspended]


def retraced(plain: Scenario, seed: int, replications: int) -> list[Situation]:
    """Worlds of a scenario without changes, with its past retraced.

    Raises:
        InputError: the model cannot produce the history.
    """
    program = compile_scenario(plain, retrace=True)
    worlds = [world_of(program, seed, r) for r in range(replications)]
    return [world.run() for world in worlds]


def unlike_history(plain: Scenario, seed: int, worlds: Sequence[Situation]) -> int:
    """In how many of its retraced worlds the past, and what follows, is not the forecast's."""
    facts = compile_scenario(plain)
    return sum(
        account(world) != account(replicate(facts, seed, r).situation)
        for r, world in enumerate(worlds)
    )


def returns(whole: Scenario, seed: int) -> list[Situation]:
    """Check 4 and 5 of a what-if whose history the model allows: without its changes history is
    what it was, and with them it is up to the first. Return worlds of that history."""
    plain = whole.model_copy(update={"changes": ()})
    try:
        history = retraced(plain, seed, 2)
    except InputError:
        reject()
    assert unlike_history(plain, seed, history) == 0
    if whole.changes:
        assert early_differences(whole, seed, history) == 0
    return history


@pytest.mark.slow
@FEWER
@given(changed(coded()), st.integers(0, 2**63 - 1))
def test_4_and_5_a_coded_history_returns_up_to_the_first_change(whole: Scenario, seed: int) -> None:
    assume(whole.changes)
    returns(whole, seed)


# About one draw in four has an event to put back and a history that the model allows: no fault.
@pytest.mark.slow
@settings(
    FEWER,
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.filter_too_much],
)
@given(
    what_ifs(), st.integers(0, 2**63 - 1), st.sampled_from(["move", "again"]), st.integers(0, 99)
)
def test_4_5_and_14_a_history_of_the_model_returns(
    whole: Scenario, seed: int, form: str, which: int
) -> None:
    """Also where an event of it is put back, and both executors agree on that."""
    history = returns(whole, seed)
    plain = whole.model_copy(update={"changes": ()})
    program = compile_scenario(plain, retrace=True)
    coded_ids = {e.id for e in plain.history.events} if plain.history else set()
    choice = [id_ for id_ in program.facts.ids if id_ in coded_ids]
    assume(choice)
    other = neutral(plain, choice[which % len(choice)], form)
    assume(not [*broken_rules(other)])
    assert swept_along(other) == []
    put_back = compile_scenario(other, retrace=True)
    worlds = [replicate(put_back, seed, r).situation for r in range(2)]
    for ours, theirs in zip(history, worlds, strict=True):
        assert named(program, ours) == named(put_back, theirs)
    _, fast = kernel.run(put_back, seed, 0, 2, events=True)
    assert fast is not None
    found = compare(join(events_of_world(w, r) for r, w in enumerate(worlds)), fast)
    assert isinstance(found, int), found


# ------------------------------------------------------ 5: nothing before the first change


def before(situation: Situation, end_s: int) -> list[object]:
    """What happened before an instant, to the bit, and the states up to then."""
    events = [
        (h.at_s, h.kind, h.channel, h.by, h.confined, h.told, h.severity.hex(), h.meeting_s, h.fact)
        for h in situation.happenings
        if h.at_s < end_s
    ]
    paths = [[[(t, s) for t, s, _ in p if t < end_s] for p in c] for c in situation.path]
    return [events, paths]


def early_differences(
    whole: Scenario, seed: int, history: Sequence[Situation], later_s: int = 0
) -> int:
    """In how many worlds something differs from those of history before the first change, or so
    much later."""
    first, program = first_change(whole), compile_scenario(whole, retrace=True)
    assert first is not None
    return sum(
        before(replicate(program, seed, r).situation, first + later_s)
        != before(world, first + later_s)
        for r, world in enumerate(history)
    )


@pytest.fixture
def no_dropping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break abduction: keep every opportunity as the prior drew it."""

    def keep(self: Abduction, o: Opportunity, asked: Any) -> None:
        self.found.append(Inferred(o.at_s, o.stream, o.index, -1, o.do))

    monkeypatch.setattr(Abduction, "keep", keep)


LIVELY: dict[str, Any] = {
    "rates_per_day": {"call": 0.3, "cut": 0.1, "meet": 0.1, "cancel": 0.2},
    "as_of": "2021-02-28",
    "until": "2021-03-31",
    "complete_from": "2021-01-01",
    "show_from": "2021-01-01",
}
EVEN = {p: doctrine(call=0.0, cut=0.0, meet=0.0, cancel=-1.0) for p in ("can", "usa")}
for _weights in EVEN.values():
    _weights["accept"] |= {"call": {"bias": 0.0}, "meet": {"bias": 0.0}}
    _weights["acknowledge"] = {"bias": 0.5}
DEAF = {"deaf": doctrine()}


def told(base: Scenario, seed: int, replication: int, until: str) -> Scenario:
    """A scenario with what one of its replications brought up to a day as its history."""
    early = base.model_copy(update={"as_of": "2020-12-31", "until": until, "changes": ()})
    early = early.model_copy(update={"complete_from": None, "show_from": None, "outcomes": {}})
    program = compile_scenario(early)
    log = chronicle(early, program, World(program, seed, replication).run().happenings, {})
    return base.model_copy(update={"history": log, "as_of": until})


@cache
def busy(replication: int = 0) -> Scenario:
    """Two lively months as history, and a month ahead."""
    return told(scenario(EVEN | DEAF, **LIVELY), 3, replication, "2021-02-28")


@pytest.mark.usefixtures("no_dropping")
def test_4_control_without_dropping_it_does_not() -> None:
    assert unlike_history(busy(), 5, retraced(busy(), 5, 10)) == 10


def deaf_from(day: str) -> Scenario:
    """The busy months, but that one party stops listening on a day."""
    let = {"party": "USA", "doctrine": "deaf", "from": day}
    return busy().model_copy(update={"changes": (Change.model_validate({"set_doctrine": let}),)})


def test_5_control_something_differs_after_it() -> None:
    history = retraced(busy(), 5, 10)
    assert early_differences(deaf_from("2021-02-01"), 5, history) == 0
    assert early_differences(deaf_from("2021-02-01"), 5, history, later_s=20 * DAY_S) == 10


def test_5_control_noise_that_knows_the_change_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Infer by the doctrines as changed: what history says is then misread."""
    whole = Abduction.likelihood

    def likelihood(self: Abduction, step: Any, s: int) -> tuple[float, float]:
        does, accepts = whole(self, step, s)
        return (does, accepts) if self.program.doctrines.switch_s.size == 0 else (1.0, accepts)

    monkeypatch.setattr(Abduction, "likelihood", likelihood)
    assert early_differences(deaf_from("2021-02-20"), 5, retraced(busy(), 5, 10)) > 0


# ---------------------------------------------------------------- 6: placebo inside history

MEX = "can-mex/ministers"
TWO_PAIRS: dict[str, Any] = {
    "parties": {p: {"doctrine": "can"} for p in ("CAN", "MEX", "USA")},
    "channels": {CHANNEL: {"initial": "open"}, MEX: {"initial": "corridor"}},
    "detainees": {
        "a": {"held_by": "CAN", "national_of": "USA"},
        "b": {"held_by": "MEX", "national_of": "CAN"},
    },
    "forums": {"summit": {"date": "2021-01-20/2021-01-22"}},
}


@cache
def two_pairs() -> Scenario:
    return told(scenario(EVEN | DEAF, **(LIVELY | TWO_PAIRS)), 4, 0, "2021-02-28")


def on(situation: Situation, program: CompiledScenario, channel: str) -> list[object]:
    """All that happened on a channel, its states and its pair's memories, to the bit."""
    c = program.channels.names.index(channel)
    d = int(program.channels.dyad[c])
    events = [
        (h.at_s, h.kind, h.by, h.confined, h.told, h.meeting_s, program.facts.ids[h.fact])
        if h.fact >= 0
        else (h.at_s, h.kind, h.by, h.confined, h.told, h.meeting_s)
        for h in situation.happenings
        if h.channel == c
    ]
    paths = [[(t, s) for t, s, _ in view] for view in situation.path[c]]
    stocks = [[v.hex() for v in sides] for sides in situation.stocks[d]]
    return [events, paths, stocks, situation.held[d]]


def placebos(away_from: str) -> dict[str, Change]:
    """Changes inside history that do not reach a channel, by name."""
    log = two_pairs().history
    assert log is not None
    other = MEX if away_from == CHANNEL else CHANNEL
    stranger = "MEX" if away_from == CHANNEL else "USA"
    events = [e for e in log.events if e.channel == other]
    made: dict[str, dict[str, Any]] = {f"remove {e.kind} {e.id}": {"remove": e.id} for e in events}
    made |= {
        f"move {e.id}": {"move": {"event": e.id, "to": "2021-02-14"}}
        for e in events
        if not any(e.id in later.causes for later in log.events) and not e.causes
    }
    cut = {"id": "x", "date": "2021-01-05", "kind": "contact_cut", "channel": other}
    made["insert"] = {"insert": cut}
    made["set_doctrine"] = {
        "set_doctrine": {"party": stranger, "doctrine": "deaf", "from": "2021-01-03"}
    }
    return {name: Change.model_validate(change) for name, change in made.items()}


@cache
def reached(channel: str) -> dict[str, dict[str, int]]:
    """In how many of two replications each placebo makes a difference, by channel."""
    base, found = compile_scenario(two_pairs(), retrace=True), dict[str, dict[str, int]]()
    plain = [replicate(base, 9, r).situation for r in range(2)]
    for name, change in placebos(channel).items():
        touched = compile_scenario(two_pairs().model_copy(update={"changes": (change,)}))
        worlds = [replicate(touched, 9, r).situation for r in range(2)]
        found[name] = {
            c: sum(on(a, base, c) != on(b, touched, c) for a, b in zip(plain, worlds, strict=True))
            for c in (CHANNEL, MEX)
        }
    return found


@pytest.mark.slow
@pytest.mark.parametrize("channel", [CHANNEL, MEX])
def test_6_a_change_of_history_elsewhere_does_not_reach_a_channel(channel: str) -> None:
    assert len(reached(channel)) > 12
    assert {n: times[channel] for n, times in reached(channel).items()} == dict.fromkeys(
        reached(channel), 0
    )


@pytest.mark.slow
@pytest.mark.parametrize("channel", [CHANNEL, MEX])
def test_6_control_it_reaches_its_own_channel(channel: str) -> None:
    other = MEX if channel == CHANNEL else CHANNEL
    assert all(times[other] > 0 for times in reached(channel).values())
