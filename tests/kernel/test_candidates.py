"""Only candidates are weighed: the bounds that skip the others change no bit of any result.

Scenarios made to be hard on the bounds agree in both executors; and a bound that is a step too low,
one that is not found anew after an event, and a stream that does not go back are each found out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import micro
import numpy as np
import pytest
from agreeing import agree, noise_of_kernel, noise_of_reference
from generated_past import history_of
from micro import NEVER, doctrine

from sim.ground.draws import probability
from sim.kernel import bounds
from sim.log.events import KINDS
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.scenario.acts import ACTS, RULE_OF
from sim.scenario.doctrine import DECISIONS
from sim.scenario.resolve import in_canonical_order
from sim.scenario.rules import broken_rules
from sim.scenario.scenario import Change, Scenario

ROOT = Path(__file__).parents[2]
ROUTINE = [a for a in ACTS if a != "approach" and not RULE_OF[a].optional]
SHOCKS = {"up": {"kind": "escalation", "rate_per_day": 2.0, "channel": micro.CHANNEL}}
MOODY = {
    "open": -1.0, "cut_off": 2.0, "prisoner_only": 1.0, "corridor": 3.0, "grievance": -0.7,
    "goodwill": 0.9, "war": 0.4, "shock": 1.5, "own_held": 0.6, "other_held": -0.8,
    "treaty_suspended": 0.5, "meeting_pending": -1.0, "silence": 0.7,
}  # fmt: skip
"""Weights of both signs on every feature."""
STOCKS = ("grievance", "goodwill", "war", "shock")
ANSWERS = {"side": "both", "m": 0.2, "tau_days": 0.01}
BLUNT = {"half_life_days": 1.0, "raised_by": dict.fromkeys(KINDS, 0.0)}
UNMOVED = dict.fromkeys(STOCKS, BLUNT)
"""Memories that nothing raises."""
FADING = {"half_life_days": 0.2, "raised_by": {"escalation": 2.0, "contact_refused": 1.0}}


def crowded(program: CompiledScenario, per_day: float) -> CompiledScenario:
    """Let every act's opportunities come so often: as no scenario may ask for."""
    streams = program.streams
    acts = (streams.kind < len(ACTS)) & (streams.rate > 0.0)
    return replace(program, streams=replace(streams, rate=np.where(acts, per_day, streams.rate)))


def moods(bias: float, scale: float, complete: str = "2020") -> Scenario:
    """A scenario in which everything weighs on everything: of a few days, two channels of one pair,
    a forum on each day, and memories that fade within hours."""
    row = {name: scale * weight for name, weight in MOODY.items()} | {"bias": bias}
    yes = {name: {"bias": 0.3, "shock": 1.0, "silence": -0.2} for name in DECISIONS}
    named = doctrine(**(yes | dict.fromkeys(ACTS, row)))
    whole: dict[str, Any] = {
        "until": "2021-01-08",
        "channels": {
            f"can-usa/{level}": {"initial": "open", "lapse_days": lapse, "complete_from": complete}
            for level, lapse in (
                ("leaders", {"open": 1.0, "prisoner_only": 1.3, "corridor": 1.0}),
                ("ministers", {"open": 1.5, "prisoner_only": 1.0, "corridor": 2.0}),
            )
        },
        "rates_per_day": dict.fromkeys(ROUTINE, 6.0),
        "meeting_lead_days": {"least": 1.0, "most": 1.5},
        "stocks": dict.fromkeys(STOCKS, FADING),
        "world": SHOCKS | {"down": {"kind": "deescalation", "rate_per_day": 1.0}},
        "forums": {f"forum{n}": {"date": f"2021-01-0{n}"} for n in range(2, 7)},
        "detainees": {
            f"held{n}": dict(zip(("held_by", "national_of"), who, strict=True))
            for n, who in enumerate([("CAN", "USA"), ("USA", "CAN")] * 7)
        },
        "attention": {"cuts": ANSWERS | {"opener": "escalation", "act": "cut"},
                      "calls": ANSWERS | {"opener": "contact_refused", "act": "call"}},
    }  # fmt: skip
    return micro.scenario({"can": named, "usa": named}, **whole)


def hard(name: str) -> CompiledScenario:
    """A scenario that is hard on the bounds."""
    if name == "weights of both signs":
        return compile_scenario(moods(-2.0, 1.0))
    if name == "large weights, features at their caps":
        return compile_scenario(moods(-50.0, 16.0))
    if name == "doctrines that switch":
        shy = doctrine(call=-6.0, cut=-6.0, meet=-6.0)
        eager = doctrine(call=1.0, cut=-1.0, meet=0.0, accept_call=0.5, accept_meet=1.0, cancel=0.0)
        turns = [
            {"set_doctrine": {"party": "CAN", "doctrine": "usa",
                              "from": f"2021-01-{day:02}T{clock}Z",
                              "until": f"2021-01-{day:02}T23:59:59Z"}}
            for day, clock in ((2, "00:00:00"), (4, "12:00:00"), (6, "12:00:01"))
        ]  # fmt: skip
        rates = {"call": 6.0, "cut": 6.0, "meet": 6.0, "cancel": 6.0}
        return micro.program(
            {"can": shy, "usa": eager}, until="2021-01-08", changes=turns, rates_per_day=rates
        )
    if name == "a bound that rises within a second of a candidate":
        # opportunities come every few seconds, and only in the hour after a shock is one taken
        jumpy = doctrine(cut={"bias": -14.0, "shock": 12.0}, call=-9.0, accept_call=2.0)
        stock = {"half_life_days": 0.05, "raised_by": {"escalation": 1.0}}
        program = micro.program(
            {"can": jumpy, "usa": jumpy},
            until="2021-01-03",
            rates_per_day={"cut": 6.0, "call": 6.0},
            stocks={"shock": stock},
            world=SHOCKS,
        )
        return crowded(program, 5_000.0)
    if name == "an arrest that no memory keeps":
        seizing = {"kind": "detention", "held_by": "CAN", "national_of": "USA"}
        caring = doctrine(call={"bias": -9.0, "own_held": 6.0, "other_held": 6.0}, accept_call=50.0)
        return micro.program(
            {"can": caring, "usa": caring},
            rates_per_day={"call": 2.0},
            world={"arrests": seizing | {"rate_per_day": 0.1}},
            stocks=UNMOVED,
        )
    if name == "a treaty that no memory keeps":
        talking = doctrine(call={"bias": -9.0, "treaty_suspended": 10.0}, accept_call=50.0)
        told = {"id": "off", "kind": "treaty_suspended", "by": "CAN", "date": "2021-02-01"}
        return micro.program(
            {"can": talking, "usa": talking},
            rates_per_day={"call": 2.0},
            treaty={"name": "New START", "parties": ["CAN", "USA"]},
            changes=[{"insert": told | {"treaty": "New START", "summary": "Made for a test."}}],
            stocks=UNMOVED,
        )
    assert name == "silence of two centuries"
    silent = doctrine(call={"bias": -9.0, "silence": 1.2}, accept_call=50.0)
    channels = {micro.CHANNEL: {"initial": "cut_off", "since": "1800"}}
    return micro.program(
        {"can": silent, "usa": silent}, channels=channels, rates_per_day={"call": 6.0}
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("weights of both signs", 100),
        ("large weights, features at their caps", 50),
        ("doctrines that switch", 10),
        ("a bound that rises within a second of a candidate", 10),
        ("silence of two centuries", 2),
        ("an arrest that no memory keeps", 10),
        ("a treaty that no memory keeps", 10),
    ],
)
def test_what_is_hard_on_the_bounds_agrees(name: str, events: int) -> None:
    assert agree(hard(name), seed=11, first=0, number=2) > events


def moody_pasts(complete: str) -> Iterator[CompiledScenario]:
    """A history in which everything weighs on everything: as it was, and without its first cut."""
    world = moods(-2.0, 1.0, complete)
    history, last = history_of(world, 7)
    until = (last + timedelta(days=4)).isoformat()
    told = world.model_copy(update={"history": history, "as_of": last.isoformat(), "until": until})
    cut = next(e.id for e in history.events if e.kind == "contact_cut")
    without = Change.model_validate({"remove": cut})
    changed = told.model_copy(update={"changes": (without,), "show_from": "2021-01-01"})
    for scenario in (told, changed):
        assert not [*broken_rules(scenario)]
        yield compile_scenario(in_canonical_order(scenario), retrace=True)


@pytest.mark.slow
def test_a_past_that_is_hard_on_the_bounds_agrees() -> None:
    for program in moody_pasts("2020"):
        assert program.past is not None
        assert agree(program, seed=5, first=0, number=1) > 50
        noise = noise_of_kernel(program, 5, 2)
        assert noise == noise_of_reference(program, 5, 2)


def steady() -> CompiledScenario:
    """A scenario in which one act's probability is for ever the same, and its bound hardly above:
    its logit lies a little below a step of the bounds."""
    caller = doctrine(call=-2.0 - 1e-8)
    return micro.program({"can": caller, "usa": caller}, rates_per_day={"call": 6.0})


def fading() -> CompiledScenario:
    """A scenario in which states lapse and silence grows while nothing happens, and both matter."""
    caller = doctrine(
        call={"bias": -4.0, "lapsed": 1.5, "silence": 1.0}, accept_call=50.0, cut=NEVER
    )
    lapse = {"open": 5.0, "open_at_most": 5.0, "prisoner_only": 5.0, "corridor": 5.0}
    channels = {micro.CHANNEL: {"initial": "open", "lapse_days": lapse, "complete_from": "2020"}}
    return micro.program(
        {"can": caller, "usa": caller}, channels=channels, rates_per_day={"call": 1.0}
    )


CONTROLS = """
import sys
sys.path[:0] = ["tests/support", "tests/kernel"]
import test_candidates as here
from sim.kernel import abduction, bounds, candidates, counterfactual, folding, replication
from sim.kernel import memory as k
from sim.study.verifying import verify

def nothing(*_):
    return None

def patched(module, name, new, program, number=3):
    old = getattr(module, name)
    setattr(module, name, new)
    print(type(verify(program, 5, number)).__name__, name)
    setattr(module, name, old)

def enter_and_never_go_back(w):
    candidates.enter_streams(w)
    w.ints[k.LOOKING] = 0

def note_only_before_the_run(w, dyad):
    if not w.ints[k.LOOKING]:
        note_change(w, dyad)

def standing_for_ever(*arguments):
    return grounds(*arguments)._replace(lapses=False)

grounds, reaches, note_change = candidates.grounds, bounds.REACHES, folding.note_change
arrest = here.hard("an arrest that no memory keeps")
treaty = here.hard("a treaty that no memory keeps")
steady, fading, moods = here.steady(), here.fading(), here.hard("weights of both signs")
for program, number in ((steady, 3), (fading, 15), (moods, 2)):
    print(type(verify(program, 5, number)).__name__)
too_low = reaches.copy()
too_low[1:] = reaches[:-1]
patched(bounds, "REACHES", too_low, steady)
patched(bounds, "MONTHS", 0.0 * bounds.MONTHS, fading, 15)
patched(candidates, "grounds", standing_for_ever, fading, 15)
patched(replication, "refresh", nothing, moods, 2)
patched(replication, "enter_streams", enter_and_never_go_back, moods, 2)
patched(folding, "note_change", note_only_before_the_run, arrest)
patched(folding, "note_change", note_only_before_the_run, treaty)
_, past = here.moody_pasts("2020-12-30")
print(type(verify(past, 5, 1)).__name__)
for world in (abduction, counterfactual):
    patched(world, "refresh", nothing, past, 1)
    patched(world, "enter_streams", enter_and_never_go_back, past, 1)
patched(abduction, "drop", lambda *_: True, past, 1)
patched(counterfactual, "begin_past", candidates.begin_run, past, 1)
patched(candidates, "read_page", nothing, past, 1)
"""


@pytest.mark.mutation
def test_control_a_wrong_bound_is_found_by_verify() -> None:
    # in plain Python, where a part of the kernel can be put out of order
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", CONTROLS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wrong = ["REACHES", "MONTHS", "grounds", "refresh", "enter_streams", *["note_change"] * 2]
    found = done.stdout.splitlines()
    assert found[:10] == ["int"] * 3 + [f"Difference {name}" for name in wrong]
    wrong = [*["refresh", "enter_streams"] * 2, "drop", "begin_past", "read_page"]
    assert found[10:] == ["int"] + [f"Difference {name}" for name in wrong]


def test_no_probability_lies_above_what_its_bound_reaches() -> None:
    reached = getattr(bounds.reached, "py_func", bounds.reached)
    for logit in (*np.linspace(-60.0, 60.0, 9_601), -1e4, 1e4, -2.0 - 1e-9, 8.0 - 1e-9):
        assert reached(logit) >= probability(logit - bounds.ROUNDING)
    assert reached(-60.0) < 1e-20
    assert reached(-2.0) < probability(-1.8)
