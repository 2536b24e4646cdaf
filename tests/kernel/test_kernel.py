"""The two executors agree to the last bit, for every scenario here and for generated ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import micro
import numpy as np
import pytest
from agreeing import agree, merge, reference, unequal
from generated import scenarios
from hypothesis import given
from hypothesis import strategies as st
from micro import doctrine
from strategies import examples

from sim.ground.draws import HAS_NUMBA
from sim.kernel import memory as kernel_tables
from sim.kernel import run as kernel
from sim.kernel.sources import sources_digest
from sim.log.events import KINDS
from sim.log.log import STATES
from sim.model import deciding
from sim.model import reference as executor
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import COLUMNS, Difference, Events, compare, join
from sim.scenario.acts import ACTS, ANSWERED
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario

ROOT = Path(__file__).parents[2]
COMPARED = ("new-delhi", "learned-record", "koreas-lines")
"""Shipped scenarios of which the executors are compared in every run of the tests. All others are
compared in `test_kernel_what_ifs`, which loads them all."""


def shipped(name: str) -> CompiledScenario:
    return compile_scenario(load_scenario(ROOT / "scenarios" / name))


@pytest.mark.parametrize("name", COMPARED)
def test_every_scenario_of_the_default_set_agrees(name: str) -> None:
    # the raster ends between
    assert agree(shipped(f"{name}.yaml"), seed=2**63 - 1, first=398, number=4) > 0


@examples(30)
@given(scenarios(), st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 10))
def test_every_generated_scenario_agrees(scenario: Scenario, seed: int, first: int) -> None:
    program = compile_scenario(scenario)
    agree(program, seed, first, 2)
    agree(program, seed, 0, 1)  # with rows of the raster


def test_memories_that_fade_fast_agree() -> None:
    row = {"bias": 1.0, "war": -2.0, "grievance": -1.0, "goodwill": 0.5, "silence": 0.3}
    doctrine = {
        "title": "Moody",
        "reasons": "Made for a test.",
        "act": dict.fromkeys(ACTS, row),
        "accept": dict.fromkeys(ANSWERED, row),
        "acknowledge": row,
    }
    stock = {"half_life_days": 1.5, "raised_by": {"escalation": 3.0, "contact_refused": 1.0}}
    scenario = Scenario.model_validate(
        {
            "title": "Moods",
            "question": "Do memories fade alike?",
            "as_of": "2023-03-02",
            "until": "2023-05-02",
            "parties": {p: {"doctrine": "moody"} for p in ("RUS", "USA")},
            "channels": {"usa-rus/ministers": {}},
            "doctrines": {"moody": doctrine},
            "rates_per_day": dict.fromkeys([a for a in ACTS if a != "approach"], 3.0),
            "stocks": dict.fromkeys(("grievance", "goodwill", "war"), stock),
            "world": {
                "up": {"kind": "escalation", "rate_per_day": 0.5},
                "down": {"kind": "deescalation", "rate_per_day": 0.5, "by": "RUS"},
            },
        }
    )
    assert agree(compile_scenario(scenario), seed=1, first=0, number=20) > 3000


@pytest.mark.slow
@pytest.mark.parametrize(("cancel", "end"), [(-9.0, "meeting_held"), (50.0, "meeting_cancelled")])
def test_streams_that_sleep_until_a_meeting_is_pending_agree(cancel: float, end: str) -> None:
    # opportunities to cancel come every few seconds, many of them at the instant of an agreement:
    # one of a lower rank passed before it, one of a higher rank follows it
    willing = doctrine(meet=0.0, accept_meet=0.0, cancel=cancel)
    lead = {"least": 1.0, "most": 1.5}
    parts = {"until": "2021-01-03", "rates_per_day": {"meet": 50.0, "cancel": 40.0}}
    program = micro.program({"can": willing, "usa": willing}, meeting_lead_days=lead, **parts)
    streams = program.streams
    crowded = replace(streams, rate=np.where(streams.rate == 40.0, 10_000.0, streams.rate))
    program = replace(program, streams=crowded)
    assert agree(program, seed=1, first=0, number=3) > 30
    _, events = kernel.run(program, 1, 0, 3, events=True)
    assert events is not None
    assert KINDS.index(end) in events.kind


@pytest.mark.slow
@given(scenarios())
@examples(10)
def test_pieces_make_the_whole(scenario: Scenario) -> None:
    program = compile_scenario(scenario)
    whole, events = kernel.run(program, 5, 0, 12, events=True)
    pieces = [kernel.run(program, 5, n, m, events=True) for n, m in ((0, 1), (1, 7), (8, 4))]
    assert unequal(merge(t for t, _ in pieces), whole) == []
    assert events is not None
    assert compare(join(e for _, e in pieces if e is not None), events) == len(events)


def test_a_disturbed_weight_is_found() -> None:
    program = shipped("new-delhi.yaml")
    weights = program.doctrines.weights.copy()
    weights[..., 0] += 1e-2
    other = replace(program, doctrines=replace(program.doctrines, weights=weights))
    tally, events = kernel.run(other, 1, 0, 40, events=True)
    expected, table = reference(program, 1, 0, 40)
    assert events is not None
    assert isinstance(compare(table, events), Difference)
    assert unequal(expected, tally) != []


def test_one_bit_of_a_severity_is_found() -> None:
    _, table = reference(shipped("new-delhi.yaml"), 1, 0, 3)
    place = int(np.flatnonzero(table.replication == 1)[4])
    severity = table.severity.copy()
    severity[place] = np.nextafter(severity[place], 0.0)
    found = compare(table, replace(table, severity=severity))
    assert found == Difference(1, 4, "severity", table.severity[place], severity[place])


@pytest.mark.parametrize("field", COLUMNS)
def test_a_difference_in_any_column_is_found(field: str) -> None:
    _, table = reference(shipped("new-delhi.yaml"), 1, 0, 3)
    column = getattr(table, field).copy()
    column[-1] += 1
    found = compare(table, replace(table, **{field: column}))
    assert isinstance(found, Difference)
    place = int((table.replication == 2).sum()) - 1
    if field == "replication":
        assert (found.replication, found.place, found.field) == (2, place, "events")
        assert (found.left, found.right) == (int(table.kind[-1]), None)
    else:
        assert (found.replication, found.place, found.field) == (2, place, field)


def test_an_event_that_one_side_lacks_is_found() -> None:
    _, table = reference(shipped("new-delhi.yaml"), 1, 0, 3)
    short = Events(*(getattr(table, name)[:-1] for name in COLUMNS))
    place, kind = int((table.replication == 2).sum()) - 1, int(table.kind[-1])
    assert compare(table, short) == Difference(2, place, "events", kind, None)
    assert compare(short, table) == Difference(2, place, "events", None, kind)
    assert len(short.of(2)) == place
    assert compare(short.of(1), table.of(1)) == len(table.of(1)) > 0


SMALL = "new-delhi.yaml"
SCRIPT = f"""
import json, sys
from sim.model.compiling import compile_scenario
from sim.ground.draws import HAS_NUMBA
from sim.log.events import KINDS
from sim.model.eventtable import COLUMNS
from sim.kernel.run import run
from sim.scenario.resolve import load_scenario
program = compile_scenario(load_scenario("scenarios/{SMALL}"))
tally, events = run(program, 7, 3, 4, events=True)
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
    tally, events = kernel.run(shipped(SMALL), 7, 3, 4, events=True)
    assert not compiled
    assert values == tally.values.tolist()
    assert occupancy == tally.occupancy.tolist()
    assert columns == [getattr(events, name).tolist() for name in COLUMNS]
    assert len(columns[0]) > 0


def test_importing_compiles_nothing() -> None:
    script = (
        "import sim.kernel.run; print(len(getattr(sim.kernel.run._replications, 'signatures', ())))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.skipif(not HAS_NUMBA, reason="without numba nothing is compiled")
def test_the_cache_knows_the_parts_that_were_compiled_in() -> None:
    kernel.run(shipped(SMALL), 1, 0, 1)
    # the digest of the parts is closed over, and numba makes it part of the key of its cache
    cells = [c.cell_contents for c in kernel._replications.py_func.__closure__]
    assert cells == [sources_digest()]


def test_an_uneven_grid_is_refused() -> None:
    program = shipped(SMALL)
    with pytest.raises(ValueError, match="grid"):
        kernel.run(replace(program, grid_s=program.grid_s[[0, 1, 4]]), 1, 0, 1)


def test_a_grid_of_one_instant_and_no_replications() -> None:
    program = shipped(SMALL)
    single = replace(program, grid_s=program.grid_s[:1])
    assert unequal(kernel.run(single, 1, 0, 5)[0], reference(single, 1, 0, 5)[0]) == []
    tally, events = kernel.run(program, 1, 0, 0, events=True)
    assert tally.replications == 0
    assert events is not None
    assert len(events) == 0


def test_constants_are_those_of_the_reference() -> None:
    assert (kernel_tables.SWITCHES, kernel_tables.FACTS, kernel_tables.MEETINGS) == (
        executor.SWITCHES,
        executor.FACTS,
        executor.MEETINGS,
    )
    assert deciding.BLOCKS == 4
    assert len(STATES) == 4


def test_that_nothing_is_compiled_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = shipped(SMALL)
    kernel.run(program, 1, 0, 0)  # compiled from here on, where there is a compiler
    monkeypatch.setattr("sim.ground.saying._said", set())
    capsys.readouterr()
    kernel.run(program, 1, 0, 1)
    said = "numba is missing or its JIT is off: running as plain Python, slowly\n"
    assert capsys.readouterr().err == ("" if HAS_NUMBA else said)
    monkeypatch.setattr("sim.ground.saying._said", set())
    monkeypatch.setattr("sim.ground.draws.HAS_NUMBA", False)
    kernel.run(program, 1, 0, 1)
    kernel.run(program, 1, 0, 1)
    assert capsys.readouterr().err == said


@pytest.mark.skipif(not HAS_NUMBA, reason="without numba nothing is compiled")
def test_both_kernels_say_that_they_compile() -> None:
    said = [f._cache.slow.what for f in (kernel._replications, kernel._what_ifs)]
    assert said == ["the kernel", "the kernel for what-ifs"]
