"""What must always hold of a run, each with a control that must fail where it is broken.

The numbers are those of the design's list. The executors' agreement (3) is in `test_kernel`,
projections (9) in `test_projection`, tampered logs (10) in `test_log_file`, broken inputs (11) in
`test_invalid`, and what-ifs (4, 5, 7) have files of their own.
"""

from __future__ import annotations

import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import ALWAYS, CHANNEL, NEVER, doctrine, play, program, scenario
from scipy import stats
from scipy.linalg import expm

import sim
from sim.ensemble import ensemble as ensembles
from sim.ensemble.settings import EXECUTORS, Settings
from sim.ensemble.work import simulate
from sim.ground.dates import DAY_S
from sim.ground.yaml import dump_yaml, load_yaml
from sim.log.events import KINDS
from sim.log.file import from_document, parse_jsonl, to_jsonl
from sim.log.log import STATES, Log
from sim.log.order import canonical_times
from sim.log.projection import standings, timeline, viewpoints
from sim.model.chronicle import chronicle
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.replication import replicate
from sim.model.situation import Situation
from sim.model.tally import Tally
from sim.rules.features import STANDINGS
from sim.scenario.resolve import load_scenario
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.usefixtures("drawn_never")

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parents[1] / "support" / "valid" / "small.yaml"
VALID = ROOT / "tests" / "support" / "valid"
WORLDS = 18
"""Of the runs whose folders are compared: two chunks at least, whatever their size in a test."""


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, by its place."""
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*")}
    return {name: p.read_bytes() if p.is_file() else b"folder" for name, p in found.items()}


# ---------------------------------------------------------------- 1: replay gives the run's states


class DrewError(AssertionError):
    """Something was drawn where nothing may be."""


@pytest.fixture
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every draw raise."""

    def drew(*_: object) -> Any:
        raise DrewError

    for name, module in list(sys.modules.items()):
        if name == "sim" or name.startswith("sim."):
            for function in ("uniforms", "philox", "probability"):
                if hasattr(module, function):
                    monkeypatch.setattr(module, function, drew)
    for function in ("random", "uniform", "randint"):
        monkeypatch.setattr(random, function, drew)
        monkeypatch.setattr(np.random, function, drew)
    monkeypatch.setattr(np.random, "default_rng", drew)


@cache
def replayable(name: str, replication: int) -> tuple[CompiledScenario, Situation, str]:
    """A replication of a scenario, and its log as text."""
    folder = VALID if (VALID / f"{name}.yaml").exists() else ROOT / "scenarios"
    loaded = load_scenario(folder / f"{name}.yaml")
    compiled = compile_scenario(loaded)
    situation = replicate(compiled, 11, replication).situation
    log = chronicle(loaded, compiled, situation.happenings, {"backchannel": "a run"})
    return compiled, situation, to_jsonl(log)


def state_after(path: list[tuple[int, int, int]], at_s: int, place: int) -> str:
    """The state in which the event at a place of the run left a view."""
    past = [s for t, s, p in path if t < at_s or (t == at_s and p <= place)]
    return STATES[past[-1] if past else path[0][1]]


def unlike(compiled: CompiledScenario, situation: Situation, log: Log) -> list[str]:
    """Where folding a log differs from what the run had: states at events, and stretches."""
    place = {e.id: n for n, e in enumerate(log.events)}
    found = []
    for c, channel in enumerate(compiled.channels.names):
        for v, viewpoint in enumerate(viewpoints(log, channel)[:3]):  # no run has a public
            path = situation.path[c][v]
            for at_s, event, standing in standings(log, channel, viewpoint)[1:]:
                assert event is not None
                if standing.state != state_after(path, at_s, place[event.id]):
                    found.append(f"{channel} {viewpoint} after {event.id}")
            line = timeline(log, channel, viewpoint, end_s=compiled.until_s)
            if [(i.start_s, i.state, i.event) for i in line] != stretches(path, compiled, log):
                found.append(f"{channel} {viewpoint} stretches")
    return found


def stretches(
    path: list[tuple[int, int, int]], compiled: CompiledScenario, log: Log
) -> list[tuple[int, str, str | None]]:
    """The path of a view as stretches that last, joined where the state is the same."""
    ends = [t for t, _, _ in path[1:]] + [compiled.until_s]
    found: list[tuple[int, str, str | None]] = []
    for (t, s, p), end in zip(path, ends, strict=True):
        if end > t and (not found or found[-1][1] != STATES[s]):
            found.append((t, STATES[s], log.events[p].id if p >= 0 else None))
    return found


REPLAYED = [(name, r) for name in ("small", "every-kind") for r in range(6)] + [
    (name, r)
    for name in (
        "new-delhi",
        "levels",
        "three-capitals",
        "whatif-no-invasion",
        "whatif-no-july-call",
    )
    for r in range(2)
]


@pytest.fixture
def made_with_chance(name: str, replication: int) -> None:
    """Run what is replayed before draws are forbidden."""
    replayable(name, replication)


@pytest.mark.parametrize(("name", "replication"), REPLAYED)
@pytest.mark.usefixtures("made_with_chance", "no_chance")
def test_1_replaying_a_log_gives_the_states_that_the_run_had(name: str, replication: int) -> None:
    compiled, situation, text = replayable(name, replication)
    log = from_document(parse_jsonl(text, "log"))
    assert [canonical_times(log.events)[e.id] for e in log.events] == [
        h.at_s for h in situation.happenings
    ]
    assert unlike(compiled, situation, log) == []


@pytest.mark.usefixtures("no_chance")
def test_1_control_a_run_does_draw() -> None:
    with pytest.raises(DrewError):
        play(program({"can": doctrine(call=0.0)}, rates_per_day={"call": 1.0}))


def test_1_control_a_log_that_lost_an_event_is_seen() -> None:
    compiled, situation, text = replayable("small", 0)
    log = from_document(parse_jsonl(text, "log"))
    moving = {p for views in situation.path for v in views for _, _, p in v if p >= 0}
    seen = 0
    for place in moving:
        left = [e.model_copy(update={"causes": ()}) for n, e in enumerate(log.events) if n != place]
        shorter = log.model_copy(update={"events": tuple(left)})
        line = [
            [(i.start_s, i.state) for i in timeline(shorter, c, v, end_s=compiled.until_s)]
            for c in compiled.channels.names
            for v in viewpoints(log, c)
        ]
        paths = [
            [(t, s) for t, s, _ in stretches(p, compiled, log)]
            for views in situation.path
            for p in views
        ]
        seen += line != paths
    assert seen == len(moving) > 3


def test_1_control_accounts_that_are_swapped_are_seen() -> None:
    small = scenario(
        {"can": doctrine(call=ALWAYS), "usa": doctrine(accept_call=ALWAYS, acknowledge=NEVER)},
        rates_per_day={"call": 0.1},
        channels={CHANNEL: {"initial": "cut_off"}},
    )
    compiled = compile_scenario(small)
    situation = play(compiled)
    log = chronicle(small, compiled, situation.happenings, {})
    assert unlike(compiled, situation, log) == []
    swapped = tuple(
        e.model_copy(update={"accounts": {"CAN": e.accounts["USA"], "USA": e.accounts["CAN"]}})
        for e in log.events
    )
    assert unlike(compiled, situation, log.model_copy(update={"events": swapped})) != []


# ---------------------------------------------------------------- 2: the same bytes


def shuffled(value: Any, rng: random.Random, path: tuple[str, ...] = ()) -> Any:
    """The same data with its mappings, and lists whose order means nothing, in another order."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {k: shuffled(value[k], rng, (*path, k)) for k in keys}
    if isinstance(value, list):
        items = [shuffled(v, rng, path) for v in value]
        if path in (("history", "events"), ("changes",)):
            rng.shuffle(items)
        return items
    return value


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run of the small scenario through the reference, in one process."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    kept(folder)
    return files(folder)


def kept(folder: Path, scenario: Path = SMALL, executor: str = "reference", **more: Any) -> None:
    """Run a scenario into a folder, in one process unless more are asked for."""
    how = {"replications": WORLDS, "workers": 1} | more
    sim.run(scenario, executor=executor, out=folder, **how)


ITS_OPTION = re.compile(rb',\s*"--executor",\s*"reference"| --executor reference')
"""How a folder's command asks for the executor that is not the usual one."""


def test_2_a_run_folder_has_the_same_bytes_for_any_number_of_workers(
    undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by the other executor; that two workers of the reference give them too is below, where
    a run is killed."""
    monkeypatch.setitem(ensembles.CHUNKS, "kernel", 7)
    kept(tmp_path / "run", executor="kernel", workers=2)
    found = files(tmp_path / "run")
    expected = dict(undisturbed)
    for name in ("provenance.json", "report.html"):  # it is named there, and in its command
        assert found[name] != undisturbed[name]
        found[name] = found[name].replace(b"kernel", b"reference")
        expected[name] = re.sub(ITS_OPTION, b"", expected[name])
    assert found == expected


def test_2_a_run_folder_has_the_same_bytes_for_any_order_of_entries(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    data = load_yaml(SMALL).data
    moved = shuffled(data, random.Random(3))
    moved["outcomes"] = {n: moved["outcomes"][n] for n in data["outcomes"]}  # pages show this order
    assert dump_yaml(moved) != dump_yaml(data)
    (tmp_path / "shuffled.yaml").write_text(dump_yaml(moved))
    kept(tmp_path / "run", tmp_path / "shuffled.yaml")
    assert files(tmp_path / "run") == undisturbed


def test_2_the_order_of_outcomes_changes_no_number(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    data = load_yaml(SMALL).data
    data["outcomes"] = dict(reversed(data["outcomes"].items()))
    (tmp_path / "reversed.yaml").write_text(dump_yaml(data))
    kept(tmp_path / "run", tmp_path / "reversed.yaml")
    found = files(tmp_path / "run")
    in_order = {"outcomes.md", "outcomes.tex", "report.html", "scenario.yaml"}
    assert {n for n in found if found[n] != undisturbed[n]} == in_order
    names = [*data["outcomes"]]
    text = found["scenario.yaml"].decode()
    assert [text.index(f"\n  {name}:") for name in names] == sorted(
        text.index(f"\n  {name}:") for name in names
    )


@pytest.mark.slow
def test_2_control_another_seed_has_other_bytes(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    kept(tmp_path / "run", seed=6)
    other = files(tmp_path / "run")
    assert set(other) == set(undisturbed)
    same = {name for name in other if other[name] == undisturbed[name]}
    given = {n for n in same if "history" in n or "attention" in n}  # of the scenario, not the run
    assert same == {"columns.csv", "datapackage.json", "figures", "scenario.yaml", *given}


def by_order_of_calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make draws come from one generator, in order of the calls; return how to wind it back."""
    state = {"rng": np.random.default_rng(1)}

    def drawn(*_: object) -> tuple[float, float]:
        one, two = state["rng"].uniform(size=2).tolist()
        return one, two

    for name, module in list(sys.modules.items()):
        if name.startswith("sim.") and hasattr(module, "uniforms") and name != "sim.ground.draws":
            monkeypatch.setattr(module, "uniforms", drawn)

    def rewind() -> None:
        state["rng"] = np.random.default_rng(1)

    return rewind


def lively(**parts: Any) -> CompiledScenario:
    doctrines = {
        p: doctrine(call=0.0, accept_call=0.0, cut=0.0, acknowledge=0.0) for p in ("can", "usa")
    }
    outcomes = {"open": {"type": "share_of_days", "state": "open", "channel": CHANNEL}}
    whole = {"rates_per_day": {"call": 0.3, "cut": 0.1}, "outcomes": outcomes} | parts
    return program(doctrines, **whole)


def test_2_chunks_may_be_made_in_any_order() -> None:
    compiled = lively()
    first, second = simulate(compiled, 1, 0, 5), simulate(compiled, 1, 5, 5)
    again, before = simulate(compiled, 1, 5, 5), simulate(compiled, 1, 0, 5)
    assert np.array_equal(first.values, before.values)
    assert np.array_equal(second.values, again.values)


def test_2_control_draws_by_order_of_calls_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    rewind = by_order_of_calls(monkeypatch)
    compiled = lively()
    first, second = simulate(compiled, 1, 0, 5), simulate(compiled, 1, 5, 5)
    rewind()
    again, before = simulate(compiled, 1, 5, 5), simulate(compiled, 1, 0, 5)
    assert not np.array_equal(first.values, before.values)
    assert not np.array_equal(second.values, again.values)


# ---------------------------------------------------------------- 6: placebo

MEX = "can-mex/ministers"
WITH_MEXICO: dict[str, Any] = {
    "parties": {p: {"doctrine": d} for p, d in (("CAN", "can"), ("MEX", "usa"), ("USA", "usa"))},
    "channels": {CHANNEL: {"initial": "open"}, MEX: {"initial": "corridor"}},
}
PLACEBOS: dict[str, dict[str, Any]] = {
    "a third party": {"parties": WITH_MEXICO["parties"]},
    "a third party and its channel": WITH_MEXICO,
    "a let for a party that is not on it": WITH_MEXICO
    | {"changes": [{"set_doctrine": {"party": "MEX", "doctrine": "can", "from": "2021-01-05"}}]},
    "an event on another channel": WITH_MEXICO
    | {
        "changes": [
            {"insert": {"id": "x", "date": "2021-01-09", "kind": "contact_cut", "channel": MEX}}
        ]
    },
    "an escalation by a third party": WITH_MEXICO
    | {
        "changes": [
            {
                "insert": {
                    "id": "x",
                    "date": "2021-01",
                    "kind": "escalation",
                    "severity": 1.0,
                    "label": "raid",
                    "by": "MEX",
                }
            }
        ]
    },
    "a stream of the world on another channel": WITH_MEXICO
    | {
        "world": {
            "a-raids": {"kind": "escalation", "rate_per_day": 0.3, "channel": MEX},
            "arrests": {
                "kind": "detention",
                "rate_per_day": 0.3,
                "held_by": "CAN",
                "national_of": "MEX",
            },
        }
    },
    "a forum elsewhere": WITH_MEXICO
    | {"forums": {"a-summit": {"date": "2021-01-07", "channels": [MEX]}}},
    "a doctrine that nobody follows": {
        "doctrines": {
            p: doctrine(call=0.0, accept_call=0.0, cut=0.0, acknowledge=0.0)
            for p in ("aaa", "can", "usa")
        }
    },
}


def seen_on(compiled: CompiledScenario, situation: Situation) -> list[Any]:
    """All that a replication says of the channel, to the bit, without places and indices."""
    c = compiled.channels.names.index(CHANNEL)
    names = (*compiled.parties, None)
    dyad = int(compiled.channels.dyad[c])
    events = [
        (
            h.at_s,
            KINDS[h.kind],
            names[h.by],
            h.confined,
            h.told,
            h.severity.hex(),
            h.persons,
            h.meeting_s,
            situation.happenings[h.cause].at_s if h.cause >= 0 else None,
        )
        for h in situation.happenings
        if h.channel == c
    ]
    paths = [[(t, s) for t, s, _ in view] for view in situation.path[c]]
    stocks = [[value.hex() for value in sides] for sides in situation.stocks[dyad]]
    return [events, paths, stocks, situation.held[dyad]]


@pytest.mark.slow
@pytest.mark.parametrize("placebo", PLACEBOS)
def test_6_what_cannot_reach_a_channel_changes_nothing_in_it(placebo: str) -> None:
    parts = dict(PLACEBOS[placebo])
    doctrines = parts.pop("doctrines", {})
    base, touched = lively(), lively(**parts) if not doctrines else _with(doctrines)
    compared = 0
    for r in range(5):
        plain = seen_on(base, play(base, replication=r))
        assert plain == seen_on(touched, play(touched, replication=r))
        compared += len(plain[0])
    assert compared > 20
    values = simulate(base, 1, 0, 5).values
    assert np.array_equal(values, simulate(touched, 1, 0, 5).values)


def _with(doctrines: dict[str, Any]) -> CompiledScenario:
    outcomes = {"open": {"type": "share_of_days", "state": "open", "channel": CHANNEL}}
    return program(doctrines, rates_per_day={"call": 0.3, "cut": 0.1}, outcomes=outcomes)


REACHING: dict[str, dict[str, Any]] = {
    "a let": {"set_doctrine": {"party": "CAN", "doctrine": "usa", "from": "2021-01-01"}},
    "an event": {
        "insert": {"id": "x", "date": "2021-01-09", "kind": "contact_cut", "channel": CHANNEL}
    },
}


@pytest.mark.parametrize("change", REACHING)
def test_6_control_what_can_reach_it_does(change: str) -> None:
    doctrines = {
        "can": doctrine(call=0.0, accept_call=0.0, cut=0.0),
        "usa": doctrine(call=-1.0, accept_call=1.0, cut=-2.0),
    }
    parts = {"rates_per_day": {"call": 0.3, "cut": 0.1}}
    base = program(doctrines, **parts)
    touched = program(doctrines, changes=[REACHING[change]], **parts)
    assert seen_on(base, play(base)) != seen_on(touched, play(touched))


def test_6_control_draws_by_order_of_calls_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    rewind = by_order_of_calls(monkeypatch)
    base, touched = lively(), lively(**WITH_MEXICO)
    plain = seen_on(base, play(base))
    rewind()
    assert plain == seen_on(base, play(base))
    rewind()
    assert plain != seen_on(touched, play(touched))


# ---------------------------------------------------------------- 8: the Markov chain

FOR_EVER = {"open": None, "prisoner_only": None, "corridor": None}
BY_STATE = {
    "can": {
        "call": {"bias": -1.0, "open": 0.5, "prisoner_only": 0.8, "corridor": 1.0},
        "accept_call": {"bias": 0.3, "cut_off": -0.6},
        "raise_detainees": {"bias": -0.2, "corridor": -0.5},
        "accept_raise_detainees": {"bias": 0.9},
        "cut": {"bias": -1.5, "open": 0.7, "corridor": 0.4},
    },
    "usa": {
        "call": {"bias": -0.4, "cut_off": -1.0},
        "accept_call": {"bias": 0.8, "prisoner_only": -1.1},
        "raise_detainees": {"bias": -1.0, "cut_off": 0.6},
        "accept_raise_detainees": {"bias": 0.2, "corridor": 0.3},
        "cut": {"bias": -1.0, "prisoner_only": 0.5},
    },
}
CASES: dict[str, tuple[dict[str, float], str, set[str]]] = {
    "two states": ({"call": 1.0, "cut": 0.7}, "open", {"open", "cut_off"}),
    "three states": (
        {"call": 0.6, "cut": 0.9, "raise_detainees": 0.8},
        "cut_off",
        {"open", "cut_off", "prisoner_only"},
    ),
    "four states": (
        {"call": 0.3, "cut": 0.5, "raise_detainees": 0.4},
        "corridor",
        {"open", "cut_off", "prisoner_only", "corridor"},
    ),
}
DAYS = 20
REPLICATIONS = {"reference": 900, "kernel": 20_000}
"""So many that each control is below a thousandth of the alarm."""


def markov(rates: dict[str, float], initial: str) -> CompiledScenario:
    return program(
        {party: doctrine(**rows) for party, rows in BY_STATE.items()},
        rates_per_day=rates,
        channels={CHANNEL: {"initial": initial, "lapse_days": FOR_EVER}},
        detainees={"a": {"held_by": "CAN", "national_of": "USA"}},
        until="2021-01-20",
    )


@cache
def tallied(case: str, executor: str) -> Tally:
    rates, initial, _ = CASES[case]
    number = REPLICATIONS[executor]
    return ensembles.ensemble(
        markov(rates, initial), Settings(number, 8, executor=executor, workers=1)
    )


def probability(party: str, decision: str, state: str) -> float:
    row = BY_STATE[party][decision]
    return 1 / (1 + math.exp(-row["bias"] - row.get(state, 0.0)))


def generator(rates: dict[str, float], factor: float = 1.0) -> np.ndarray[Any, Any]:
    """The rates per day from standing to standing, by what a cut, a call and a confined call do.

    What has only lapsed may be cut too. `factor` multiplies the rate of cuts, for controls.
    """
    pairs = (("can", "usa"), ("usa", "can"))
    q = np.zeros((len(STANDINGS), len(STANDINGS)))
    for i, state in enumerate(STANDINGS):
        cut = rates["cut"] * sum(probability(a, "cut", state) for a, _ in pairs)
        call, confined = (
            rates.get(act, 0.0)
            * sum(
                probability(a, act, state) * probability(b, f"accept_{act}", state)
                for a, b in pairs
            )
            for act in ("call", "raise_detainees")
        )
        if state != "cut_off":
            q[i, STATES.index("cut_off")] += factor * cut
        if state != "open":
            q[i, STATES.index("open")] += call
            q[i, STATES.index("prisoner_only")] += confined * (state != "prisoner_only")
    q -= np.diag(q.sum(axis=1))
    return q


def surprise(case: str, executor: str, factor: float = 1.0) -> tuple[float, float]:
    """The smallest of the p-values of occupancies, and that of the numbers of moves.

    A channel that begins cut off has lapsed: nobody has cut it. States do not show when somebody
    does, so there the moves out of `cut_off` have no rate; occupancies have to do.
    """
    rates, initial, _ = CASES[case]
    tally, q = tallied(case, executor), generator(rates, factor)
    lapsed, cut_off = STANDINGS.index("lapsed"), STATES.index("cut_off")
    start = np.eye(len(STANDINGS))[lapsed if initial == "cut_off" else STATES.index(initial)]
    occupancies = []
    for day in (1, 2, 4, 7, 12, 20):
        expected = start @ expm(q * day) * REPLICATIONS[executor]
        expected[cut_off] += expected[lapsed]
        expected = expected[: len(STATES)]
        counted = tally.occupancy[0, 0, day]
        possible = expected > 1e-9
        assert counted[~possible].sum() == 0
        squares = (counted - expected)[possible] ** 2 / expected[possible]
        occupancies.append(stats.chi2.sf(squares.sum(), possible.sum() - 1))
    days = tally.exposure_s[0, 0] / DAY_S
    moves = []
    for i, j in zip(*q[: len(STATES)].nonzero(), strict=True):
        if i != j and days[i] > 0 and (i, initial) != (cut_off, "cut_off"):
            mean = q[i, j] * days[i]
            moves.append(2 * stats.norm.sf(abs(tally.moves[0, 0, i, j] - mean) / math.sqrt(mean)))
    return min(occupancies), min(moves)


ALARM = 1e-6
"""A p-value below which we cry out; some 70 are looked at, so one seed in 14,000 would cry wolf."""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_8_occupancies_match_the_matrix_exponential(case: str) -> None:
    """All views agree, only reachable states are reached, and rates that are off are noticed: the
    control."""
    for executor in EXECUTORS:
        occupancies, moves = surprise(case, executor)
        assert occupancies > ALARM
        assert moves > ALARM
    tally, reachable = tallied(case, "reference"), CASES[case][2]
    assert (tally.occupancy[0] == tally.occupancy[0, 0]).all()
    assert {STATES[s] for s in range(4) if tally.exposure_s[0, 0, s]} == reachable
    assert len(tally.occupancy[0, 0]) == DAYS + 1
    for executor, factor in (("reference", 1.5), ("kernel", 1.15)):
        assert surprise(case, executor, factor)[0] < ALARM
    for executor, factor in (("reference", 1.15), ("kernel", 1.03)):
        assert surprise(case, executor, factor)[1] < ALARM


# ---------------------------------------------------------------- 12: killed and resumed


LONG = """
import sys, time
import sim
from sim.ensemble import ensemble
def slow(self, first, number, real=ensemble.Job.work):
    time.sleep(0.15)
    return real(self, first, number)
ensemble.Job.work = slow
ensemble.CHUNKS["reference"] = 3
if __name__ == "__main__":
    scenario, worlds, folder = sys.argv[1:]
    sim.run(scenario, replications=int(worlds), executor="reference", workers=2, out=folder)
"""


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()]


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.02)
    return happens()


@pytest.mark.slow
def test_12_a_run_that_is_killed_and_resumed_gives_the_same_bytes(
    undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    (tmp_path / "long.py").write_text(LONG)
    line = [sys.executable, str(tmp_path / "long.py"), str(SMALL), str(WORLDS), str(folder)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        assert within(60, lambda: len(list(folder.glob("chunks/*.chunk"))) >= 2)
        workers = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert len(workers) >= 2
    assert within(10, lambda: all(gone(w) for w in workers))  # no worker waits for ever
    assert 2 <= len(list(folder.glob("chunks/*.chunk"))) < WORLDS / 3
    assert not (folder / "provenance.json").exists()
    monkeypatch.setitem(ensembles.CHUNKS, "reference", 3)
    kept(folder)
    assert files(folder) == undisturbed


KILLED = """
import os, sys, warnings
import sim
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads, which only wait
import drawn
import sim.report.report, sim.report.runs  # once for all
from sim.ensemble import chunks, ensemble, settings
settings.DRAWS = 0
ensemble.CHUNKS["reference"] = 9
scenario, worlds, *folders = sys.argv[1:]
def fsync(handle, real=os.fsync):
    global left
    left -= 1
    real(handle)
    if left == 0:
        os._exit(9)
def clear(self):
    os._exit(9)
for folder in folders:
    child = os.fork()
    if child == 0:
        left = int(folder.rpartition("-")[2])
        os.fsync = fsync
        if left == 0:
            chunks.ChunkStore.clear = clear
        with drawn.never():
            sim.run(
                scenario, replications=int(worlds), executor="reference", workers=1, out=folder
            )
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

KILLED_AT = {
    "as the model is written": (1, 0),
    "as the scenario is written": (2, 0),
    "as the first chunk is written": (3, 0),
    "as the second chunk is written": (4, 1),
    "as the results are written": (10, 2),
    "before the chunks are cleared": (0, 2),
}
"""How many files are written before the end, and how many chunks are left."""


@pytest.mark.slow
def test_12_killed_at_any_point(
    undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One Python is forked for each point."""
    monkeypatch.setitem(ensembles.CHUNKS, "reference", 9)
    folders = {name: tmp_path / f"run-{point}" for name, (point, _) in KILLED_AT.items()}
    line = [sys.executable, "-c", KILLED, str(SMALL), str(WORLDS), *map(str, folders.values())]
    support = os.environ | {"PYTHONPATH": str(VALID.parent)}
    killed = subprocess.run(line, capture_output=True, text=True, check=False, env=support)
    assert (killed.returncode, killed.stderr) == (0, "")
    assert killed.stdout.split() == ["9"] * len(KILLED_AT)
    for name, (point, left) in KILLED_AT.items():
        folder = folders[name]
        assert len(list(folder.glob("chunks/*.chunk"))) == left, name
        torn = [p for p in folder.rglob(".*") if p.is_file()]
        assert len(torn) == (point > 0), name
        kept(folder)
        assert files(folder) == undisturbed, name


@pytest.mark.slow
def test_12_control_a_chunk_that_is_lost_is_seen(
    undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def losing(replications: int, size: int, *_: int) -> Iterator[tuple[int, int]]:
        for first in range(0, replications - size, size):
            yield first, size

    monkeypatch.setattr("sim.ensemble.ensemble.spans", losing)
    monkeypatch.setitem(ensembles.CHUNKS, "reference", 7)
    kept(tmp_path / "run")
    assert files(tmp_path / "run") != undisturbed


def test_the_small_scenario_is_what_these_tests_need() -> None:
    loaded: Scenario = load_scenario(SMALL)
    assert loaded.history is not None
    assert replace(compile_scenario(loaded)).facts.before == 2
