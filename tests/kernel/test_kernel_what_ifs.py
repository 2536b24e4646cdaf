"""The two executors agree on what-ifs to the last bit: the inferred noise and the changed world."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pasts
import pytest
from agreeing import (
    agree,
    agree_or_refuse,
    merge,
    noise_of_kernel,
    noise_of_reference,
    reference,
    unequal,
)
from generated_past import what_ifs
from hypothesis import given
from hypothesis import strategies as st
from micro import NEVER, doctrine
from strategies import examples
from test_kernel import COMPARED

from sim.ensemble.ensemble import ensemble
from sim.ensemble.settings import Settings
from sim.ensemble.work import Job, simulate
from sim.ground.dates import instant
from sim.ground.draws import HAS_NUMBA
from sim.ground.errors import InputError, Problem
from sim.ground.yaml import parse_yaml
from sim.kernel import layout
from sim.kernel import memory as k
from sim.kernel import run as kernel
from sim.kernel.layout import Memory
from sim.kernel.sources import sources_digest
from sim.log.events import KINDS
from sim.model import abduction
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import NO_TIME, CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.counterfactual import ChangedWorld
from sim.model.eventtable import COLUMNS, Difference, compare, events_of_world, join
from sim.model.replication import replicate
from sim.scenario.interventions import run_type
from sim.scenario.resolve import load_scenario, resolve
from sim.scenario.scenario import Scenario
from sim.study.verifying import verify

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "scenarios").glob("*.yaml"))
BY_DEFAULT = {"whatif-meeting-kept", "whatif-koreas-line-answered", "whatif-griner-freed-in-july"}
"""Shipped scenarios of which the executors are compared in every run of the tests."""
SHIPPED = [
    pytest.param(f, id=f.stem, marks=() if f.stem in BY_DEFAULT else pytest.mark.slow)
    for f in FILES
    if not f.stem.endswith(("-disguised", "-fr"))  # names alone are others
]
WHAT_IFS = [path for path in FILES if path.stem.startswith("whatif-")]


def past_of(name: str) -> CompiledScenario:
    return compile_scenario(load_scenario(ROOT / "scenarios" / f"{name}.yaml"), retrace=True)


def test_there_are_what_ifs() -> None:
    assert WHAT_IFS
    assert any(run_type(load_scenario(path)) == "what-if" for path in WHAT_IFS)


@pytest.mark.parametrize("path", SHIPPED)
def test_every_shipped_scenario_agrees(path: Path) -> None:
    """As it is, and with its past retraced: of a what-if that is the same."""
    whole = load_scenario(path)
    if path.stem not in COMPARED and run_type(whole) != "what-if":
        assert agree(compile_scenario(whole), seed=2**63 - 1, first=399, number=2) > 0
    program = compile_scenario(whole, retrace=True)
    assert program.past is not None
    assert agree(program, seed=2**63 - 1, first=399, number=2) > 0  # the raster ends between
    assert noise_of_kernel(program, 5, 7) == noise_of_reference(program, 5, 7)


@examples(20)
@given(what_ifs(), st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 10))
def test_every_generated_what_if_agrees(scenario: Scenario, seed: int, first: int) -> None:
    program = compile_scenario(scenario, retrace=True)
    agree_or_refuse(program, seed, first, 2)
    agree_or_refuse(program, seed, 0, 1)  # with rows of the raster


def test_a_meeting_that_only_the_changed_past_agrees_may_be_cancelled_after_it() -> None:
    # without the cut, meetings are proposed that nobody thought of; some lie past the as-of date,
    # where the streams of cancel have slept until then
    if_open = {"bias": NEVER, "open": -NEVER}
    polite = doctrine(meet=if_open, accept_meet=0.0, cancel=-2.0, cut=-3.0)
    rates = {"meet": 0.2, "cancel": 0.5, "call": 0.0, "cut": 0.01, "raise_detainees": 0.0}

    def across(*changes: dict[str, str]) -> tuple[CompiledScenario, set[int], set[int]]:
        whole = pasts.told(
            pasts.event("cut", "contact_cut", "2021-01-10", by="USA"),
            doctrines={"can": polite, "usa": polite},
            rates_per_day=rates,
            meeting_lead_days={"least": 20.0, "most": 40.0},
            changes=list(changes),
        )
        program, _ = pasts.past_of(whole)
        _, events = reference(program, 1, 0, 60)
        later = events.at_s >= program.as_of_s
        agreed = events.kind == KINDS.index("meeting_agreed")
        reaching = agreed & ~later & (events.meeting_s > program.as_of_s)
        cancelled = later & (events.kind == KINDS.index("meeting_cancelled"))
        worlds = events.replication
        return program, {*worlds[reaching].tolist()}, {*worlds[cancelled].tolist()}

    program, reaching, cancelled = across({"remove": "cut"})
    assert agree(program, 1, 0, 60) > 60
    assert reaching & cancelled
    assert across()[1] == set()  # and history agrees none


@pytest.mark.slow
@examples(3)
@given(what_ifs())
def test_pieces_make_the_whole(scenario: Scenario) -> None:
    program = compile_scenario(scenario, retrace=True)
    try:
        whole, events = kernel.run(program, 5, 0, 12, events=True)
    except InputError:
        return
    pieces = [kernel.run(program, 5, n, m, events=True) for n, m in ((0, 1), (1, 7), (8, 4))]
    assert unequal(merge(t for t, _ in pieces), whole) == []
    assert events is not None
    assert compare(join(e for _, e in pieces if e is not None), events) == len(events)


def test_pieces_of_a_shipped_what_if_make_the_whole() -> None:
    program = past_of("whatif-contact-kept")
    whole, events = kernel.run(program, 5, 0, 12, events=True)
    pieces = [kernel.run(program, 5, n, m, events=True) for n, m in ((0, 1), (1, 7), (8, 4))]
    assert unequal(merge(t for t, _ in pieces), whole) == []
    assert events is not None
    assert compare(join(e for _, e in pieces if e is not None), events) == len(events) > 0


# ------------------------------------------------------------------------------- controls


def test_control_a_disturbed_weight_is_found() -> None:
    program = past_of("whatif-contact-kept")
    weights = program.doctrines.weights.copy()
    weights[..., 0] += 0.1
    other = replace(program, doctrines=replace(program.doctrines, weights=weights))
    assert noise_of_kernel(other, 1, 0) != noise_of_reference(program, 1, 0)
    tally, events = kernel.run(other, 1, 0, 40, events=True)
    expected, table = reference(program, 1, 0, 40)
    assert events is not None
    assert isinstance(compare(table, events), Difference)
    assert unequal(expected, tally) != []


def test_control_a_disturbed_uniform_is_found() -> None:
    program = past_of("whatif-contact-kept")
    _, events = kernel.run(program, 1, 0, 1, events=True)
    noise = abduction.infer(program, 1, 0)
    assert events is not None

    def differs(n: int, do: float) -> bool:
        other = [replace(i, do=do) if m == n else i for m, i in enumerate(noise)]
        situation = ChangedWorld(program, 1, 0, noise=other).run()
        return isinstance(compare(events_of_world(situation, 0), events), Difference)

    assert not any(differs(n, i.do) for n, i in enumerate(noise[:3]))
    assert any(differs(n, 1e-9) for n, i in enumerate(noise) if i.fact < 0)
    assert any(differs(n, 1.0) for n, i in enumerate(noise) if i.fact >= 0 and i.stream >= 0)


# ------------------------------------------------------------------------------- running


def test_a_short_buffer_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    program = past_of("whatif-contact-kept")
    expected, table = kernel.run(program, 3, 0, 5, events=True)
    monkeypatch.setattr(kernel, "SOME_DROPPED", 1)
    rooms: list[int] = []

    def memory(program: CompiledScenario, first: int, count: int, *room: int) -> Memory:
        rooms.append(kernel.Rooms(*room).dropped)
        return Memory(program, first, count, *room)

    monkeypatch.setattr(kernel, "Memory", memory)
    tally, events = kernel.run(program, 3, 0, 5, events=True)
    assert rooms[:3] == [1, 4, 16]
    assert len(set(rooms)) == len(rooms) - 1  # and the second pass starts where the first ended
    assert unequal(tally, expected) == []
    assert table is not None
    assert events is not None
    assert compare(table, events) == len(table)


@pytest.mark.parametrize("most", [0, 3, 60])
def test_what_is_drawn_of_the_past_is_drawn_again_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    program = past_of("whatif-contact-kept")
    assert program.past is not None
    sets = np.stack([program.past.removed, 0 * program.past.removed, program.past.removed])
    expected, alike = kernel.run(program, 3, 0, 5)[0], kernel.run_without(program, sets, 3, 0, 5)
    assert Memory(program, 0, 5).table(k.T_PAGE).size > 60 * k.PAGE
    monkeypatch.setattr(layout, "MOST_PAGES", most)
    assert Memory(program, 0, 5).table(k.T_PAGE).size == most * k.PAGE
    assert unequal(kernel.run(program, 3, 0, 5)[0], expected) == []
    assert np.array_equal(kernel.run_without(program, sets, 3, 0, 5), alike)


def test_ensembles_use_the_kernel_for_what_ifs(monkeypatch: pytest.MonkeyPatch) -> None:
    program = past_of("whatif-contact-kept")
    expected = simulate(program, 4, 0, 6)

    def slow(*_: object, **__: object) -> None:
        raise AssertionError("the reference was run")

    monkeypatch.setattr("sim.ensemble.work.simulate", slow)
    assert unequal(Job(program, 4, "kernel").work(0, 6), expected) == []
    assert unequal(ensemble(program, Settings(6, 4, workers=2), chunk=2), expected) == []
    with pytest.raises(AssertionError, match="the reference was run"):
        Job(program, 4, "reference").work(0, 6)


def test_verify_compares_what_ifs() -> None:
    found = verify(past_of("whatif-contact-kept"), 8, 3)
    assert isinstance(found, int)
    assert found > 0


SMALL = "whatif-contact-kept"
SCRIPT = f"""
import json
from sim.model.compiling import compile_scenario
from sim.ground.draws import HAS_NUMBA
from sim.model.eventtable import COLUMNS
from sim.kernel.run import run
from sim.scenario.resolve import load_scenario
program = compile_scenario(load_scenario("scenarios/{SMALL}.yaml"))
tally, events = run(program, 7, 3, 2, events=True)
print(json.dumps([HAS_NUMBA, tally.values.tolist(), tally.occupancy.tolist(),
                  [getattr(events, name).tolist() for name in COLUMNS]]))
"""


@pytest.mark.slow
def test_python_agrees_with_compiled() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    compiled, values, occupancy, columns = json.loads(done.stdout)
    tally, events = kernel.run(past_of(SMALL), 7, 3, 2, events=True)
    assert not compiled
    assert values == tally.values.tolist()
    assert occupancy == tally.occupancy.tolist()
    assert columns == [getattr(events, name).tolist() for name in COLUMNS]
    assert len(columns[0]) > 0


@pytest.mark.skipif(not HAS_NUMBA, reason="without numba nothing is compiled")
def test_the_cache_knows_the_parts_that_were_compiled_in() -> None:
    kernel.run(past_of(SMALL), 1, 0, 1)
    assert sources_digest() in [c.cell_contents for c in kernel._what_ifs.py_func.__closure__]


# ------------------------------------------------------------------------------- small histories


def small(events: str, changes: str = "", *, more: str = "", as_of: str = "2022-06-30") -> Scenario:
    """A scenario of one channel with a history."""
    listed = "\n".join(f"    - {{{e}}}" for e in events.strip().splitlines())
    changed = "".join(f"\n  - {c}" for c in changes.strip().splitlines())
    text = f"""
schema: 1
title: Small
question: What is possible?
as_of: {as_of}
until: {as_of[:4]}-12-31
parties: {{USA: {{doctrine: transactional}}, RUS: {{doctrine: transactional}}}}
channels: {{usa-rus/ministers: {{initial: open}}}}
rates_per_day: {{meet: 0.1, call: 0.1, raise_detainees: 0.1, cancel: 0.1, cut: 0.1, swap: 0.1}}
forums: {{g20: {{date: 2022-05-03/2022-05-05}}}}
history:
  schema: 4
  title: Small
  channels: {{usa-rus/ministers: {{parties: [RUS, USA]}}}}
  events:
{listed}
changes:{changed or " []"}
{more}
"""
    return resolve(parse_yaml(text, "small"))


def event(id_: str, kind: str, when: str, **fields: str) -> str:
    more = "".join(f", {name}: {value}" for name, value in fields.items())
    return f"id: {id_}, kind: {kind}, channel: usa-rus/ministers, date: {when}{more}\n"


AGREED = event("agreed", "meeting_agreed", "2022-02-01", by="USA", meeting_date="2022-03-01")
IMPOSSIBLE = {
    "a second meeting": AGREED
    + event("again", "meeting_agreed", "2022-02-02", by="RUS", meeting_date="2022-04-01"),
    "nothing to cancel": event("off", "meeting_cancelled", "2022-02-01", by="USA"),
    "nothing to restore": event("first", "contact_cut", "2022-02-01", by="USA")
    + event("second", "call_held", "2022-02-02", by="USA")
    + event("third", "contact_restored", "2022-02-03", by="USA"),
    "nobody to exchange": event("swap", "swap_proposed", "2022-02-01", by="USA"),
    "nobody held": event("call", "call_held", "2022-02-01", by="USA", agenda="[detainees]"),
    "two talks": event("one", "corridor_talk", "2022-05-04", by="USA", forum="g20")
    + event("two", "corridor_talk", "2022-05-05", by="RUS", forum="g20"),
    "a meeting whose date passed": AGREED,
}


LATER = "{insert: {id: words, kind: statement, date: 2022-06-01}}"


@pytest.mark.parametrize("changes", ["", LATER], ids=["unchanged", "changed"])
@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_an_impossible_history_is_refused_alike(what: str, changes: str) -> None:
    program = compile_scenario(small(IMPOSSIBLE[what], changes), retrace=True)
    with pytest.raises(InputError) as expected:
        replicate(program, 1, 5)
    with pytest.raises(InputError) as caught:
        kernel.run(program, 1, 5, 3)
    assert caught.value.problems == expected.value.problems
    assert "the model cannot produce this event" in caught.value.problems[0].rule


def test_an_act_without_opportunities_is_refused_alike() -> None:
    call = event("call", "call_held", "2022-02-01", by="USA")
    with_rates = compile_scenario(small(call), retrace=True)
    assert agree(with_rates, 1, 0, 2) > 0
    scenario = small(call)
    rates = scenario.rates_per_day.model_copy(update={"call": 0.0})
    program = compile_scenario(scenario.model_copy(update={"rates_per_day": rates}), retrace=True)
    with pytest.raises(InputError, match="no stream of the scenario brings it"):
        replicate(program, 1, 0)
    with pytest.raises(InputError, match="no stream of the scenario brings it"):
        kernel.run(program, 1, 0, 3)


def test_the_first_impossible_replication_is_the_one_that_is_reported() -> None:
    arrests = (
        "id: one, kind: detained, date: 2022-02, held_by: RUS, national_of: USA, persons: [x]\n"
        "id: two, kind: detained, date: 2022-03, held_by: USA, national_of: RUS, persons: [y]\n"
    )
    history = (
        arrests
        + event("call", "call_held", "2022-02-25", by="USA", agenda="[detainees]")
        + event("swap", "swap_proposed", "2022-03-25", by="RUS")
    )
    program = compile_scenario(small(history), retrace=True)

    def problems(replication: int) -> list[Problem]:
        try:
            replicate(program, 1, replication)
        except InputError as error:
            return list(error.problems)
        return []

    found = [problems(r) for r in range(40)]
    impossible = [n for n, p in enumerate(found) if p]
    assert len({found[n][0].path for n in impossible}) == 2
    first = 0
    for n in impossible:
        kernel.run(program, 1, first, n - first)
        with pytest.raises(InputError) as caught:
            kernel.run(program, 1, first, len(found) - first)
        assert list(caught.value.problems) == found[n]
        first = n + 1


# ------------------------------------------------------------------------- what was once wrong


def names(program: CompiledScenario, seed: int = 1) -> list[tuple[str, str]]:
    """What happened up to the as-of date, by kind and by id where it was coded."""
    assert agree(program, seed, 0, 3) > 0
    return [
        (KINDS[h.kind], program.facts.ids[h.fact] if h.fact >= 0 else "")
        for h in replicate(program, seed, 0).situation.happenings
        if h.at_s < program.as_of_s
    ]


def test_an_agreement_implied_before_the_window_is_no_event() -> None:
    held = event("held", "meeting_held", "2022-03-01")
    program = compile_scenario(small(held), retrace=True)
    assert program.past is not None
    assert program.past.latent.tolist() == [0, 1]
    assert program.facts.hi_s[1] <= program.facts.lo_s[0]
    assert names(program) == [("meeting_held", "held")]


def test_a_meeting_whose_date_passed_unrecorded_is_not_held_in_the_past() -> None:
    scenario = small(AGREED, more="complete_from: 2022-04-01")
    program = compile_scenario(scenario, retrace=True)
    assert names(program) == [("meeting_agreed", "agreed")]
    situation = replicate(program, 1, 0).situation
    assert situation.happenings[0].meeting_s == NO_TIME
    assert all(h.at_s >= program.start_s for h in situation.happenings)
    forecast = replicate(compile_scenario(scenario), 1, 0).situation
    # a forecast knows of no streams at the forums of the past, so it numbers others otherwise
    assert [replace(h, stream=0) for h in forecast.happenings] == [
        replace(h, stream=0) for h in situation.happenings
    ]


def test_a_meeting_that_is_taken_away_is_not_pending_after_the_as_of_date() -> None:
    history = AGREED + event("held", "meeting_held", "2022-03-01", by="USA")
    program = compile_scenario(small(history, "{remove: held}"), retrace=True)
    assert "held" not in [id_ for _, id_ in names(program)]
    later = [
        KINDS[h.kind]
        for r in range(30)
        for h in replicate(program, 1, r).situation.happenings
        if h.at_s >= program.as_of_s
    ]
    assert "meeting_agreed" in later


def test_a_log_is_written_of_a_meeting_whose_date_passed() -> None:
    agreed = AGREED.replace("2022-03-01", "2022-03")
    scenario = small(agreed, more="complete_from: 2022-04-01")
    program = compile_scenario(scenario)
    happenings = replicate(program, 1, 0).situation.happenings
    first = chronicle(scenario, program, happenings, {}).events[0]
    assert first.kind == "meeting_agreed"
    assert first.meeting_date == "2022-03"


def test_a_time_before_the_first_state_of_a_channel_has_no_silence() -> None:
    place = ROOT / "scenarios" / "before-the-war.yaml"
    scenario = load_scenario(place, over={"complete_from": "2018-12-28"})
    program = compile_scenario(scenario, retrace=True)
    assert program.past is not None
    assert program.past.start_s < program.channels.since_s[0] - 86_400 * 31
    kept, *_ = noise_of_kernel(program, 5, 7)
    assert kept == noise_of_reference(program, 5, 7)[0]
    party = abduction.Abduction(program, 5, 7)
    assert 0.0 < party.weigh("call", 0, 0, program.past.start_s)[1] < 1.0


def test_a_forum_that_began_before_the_past_is_nobodys() -> None:
    names = [f"straddling-{n}" for n in range(12)]
    forums = {name: {"date": "2022-02-20/2022-02-22"} for name in names}
    place = ROOT / "scenarios" / "whatif-nothing.yaml"
    program = compile_scenario(load_scenario(place, over={"forums": forums}), retrace=True)
    assert program.past is not None
    early, late = (program.streams.at_s[:, n] for n in (0, 1))
    astride = (early > NO_TIME) & (early < program.past.start_s) & (late > program.past.start_s)
    assert astride.any()
    for replication in range(5):
        assert noise_of_kernel(program, 5, replication) == noise_of_reference(
            program, 5, replication
        )


def test_histories_before_1970_are_inferred() -> None:
    agreed = AGREED.replace("2022", "1962").replace("1962-03-01", "1962-08-01")
    scenario = small(agreed, as_of="1962-06-30", more="complete_from: 1962-01-01")
    program = compile_scenario(scenario, retrace=True)
    assert agree(program, 1, 0, 10) > 10
    held = [h for h in replicate(program, 1, 0).situation.happenings if h.fact == 0]
    assert [h.meeting_s for h in held] == [int(program.facts.meeting_s[0, 2])]


# ------------------------------------------------------------------------- forums of the past

TALK = event("talk", "corridor_talk", "2022-05-04", by="USA", forum="g20")
WORDS = event("words", "statement", "2022-02-02")
PASSED = "copresence on 2022-05-05"


@pytest.mark.parametrize(
    ("events", "changes", "found"),
    [
        (TALK, "", ["talk"]),
        (TALK, "{remove: talk}", [PASSED]),
        (TALK.replace("corridor_talk", "contact_refused"), "{remove: talk}", [PASSED]),
        # one that was dated vaguely may have come after the days of the forum
        (TALK.replace("2022-05-04", "2022-05"), "{remove: talk}", ["copresence on 2022-05-22"]),
        # a coded copresence is the end of its forum
        (
            TALK + event("seen", "copresence", "2022-05-05", forum="g20"),
            "{remove: talk}",
            ["seen"],
        ),
        (WORDS, "{move: {event: words, to: 2022-02-03}}", ["words"]),
    ],
    ids=["kept", "removed", "refusal removed", "vague", "seen as well", "no talk"],
)  # fmt: skip
def test_without_a_logged_talk_both_pass_each_other(
    events: str, changes: str, found: list[str]
) -> None:
    scenario = small(events, changes, more="show_from: 2022-02-01")
    still = scenario.rates_per_day.model_copy(update=dict.fromkeys(["call", "meet", "cut"], 0.0))
    program = compile_scenario(scenario.model_copy(update={"rates_per_day": still}), retrace=True)
    assert agree(program, 1, 0, 3) > 0
    happened = [
        program.facts.ids[h.fact] if h.fact >= 0 else f"{KINDS[h.kind]} on {instant(h.at_s)[:10]}"
        for h in replicate(program, 1, 0).situation.happenings
        if h.at_s < program.as_of_s
    ]
    assert happened == found
