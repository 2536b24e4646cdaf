"""The drift of inclinations: its law, when it begins, that bounds hold, and who shares it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agreeing import agree
from hypothesis import given
from hypothesis import strategies as st
from learned import Floats, lived, setting
from micro import doctrine, program, scenario
from strategies import examples

from sim.ground.dates import DAY_S
from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.log.events import KIND_CODE
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.drift import Walks
from sim.rules.drift import STEP_S, step_of
from sim.scenario.doctrine import DECISIONS

CALL = DECISIONS.index("call")
WORLDS = 1_500
WILD = {
    "CAN": {"USA": {"act": {a: {} for a in ("call", "meet", "cut", "approach")}}},
    "USA": {"CAN": {"act": {"cancel": {}}, "accept": {"call": {}}, "acknowledge": {}}},
}


def drifting(half_life_days: float, spread: float) -> dict[str, Any]:
    """Both sides' inclinations, which all drift."""
    drift = {"half_life_days": half_life_days, "spread": spread}
    return {a: {b: said | {"drift": drift} for b, said in row.items()} for a, row in WILD.items()}


def long_run(half_life_days: float, spread: float, until: str = "2024-12-31") -> CompiledScenario:
    """Four years in which Canada alone calls, as it is inclined to."""
    said = {"CAN": {"USA": {"act": {"call": {"centre": -1.0}}}}}
    said["CAN"]["USA"]["drift"] = {"half_life_days": half_life_days, "spread": spread}
    both = {"can": doctrine(call=0.0), "usa": doctrine(accept_call=50.0)}
    rates = {"call": 0.2}
    return program(both, inclinations=said if spread else {}, rates_per_day=rates, until=until)


def ways(compiled: CompiledScenario, steps: list[int]) -> Floats:
    """How far the call's inclination has gone at steps, [worlds, steps]."""
    found = []
    for replication in range(WORLDS):
        walks = Walks(compiled, 7, replication)
        found.append([walks.at(0, CALL, compiled.as_of_s + n * STEP_S) for n in steps])
    return np.array(found)


def off_law(found: Floats, steps: list[int], half_life_days: float, spread: float) -> float:
    """By how many standard errors the covariances of ways differ from the law at most: between
    steps m and n the covariance is spread^2 (kept^(n - m) - kept^(n + m))."""
    kept, most = 0.5 ** (30 / half_life_days), 0.0
    for i, m in enumerate(steps):
        for j, n in enumerate(steps):
            expected = spread**2 * (kept ** abs(n - m) - kept ** (n + m))
            products = found[:, i] * found[:, j]
            most = max(most, abs(products.mean() - expected) / (products.std() / WORLDS**0.5))
    return most


def test_the_way_has_the_law_of_the_document() -> None:
    steps = [1, 2, 6, 24, 48]
    found = ways(long_run(200.0, 0.8), steps)
    assert abs(found.mean(axis=0)).max() < 4.0 * 0.8 / WORLDS**0.5
    assert off_law(found, steps, 200.0, 0.8) < 4.0
    assert off_law(found, steps, 100.0, 0.8) > 6.0  # controls: another half-life, another spread
    assert off_law(found, steps, 200.0, 0.9) > 6.0


def test_nothing_drifts_before_the_first_step_after_the_as_of_date() -> None:
    compiled = long_run(50.0, 1.0)
    walks, start = Walks(compiled, 7, 3), compiled.as_of_s
    assert [walks.at(0, CALL, t) for t in (0, start - 1, start, start + STEP_S - 1)] == [0.0] * 4
    assert walks.at(0, CALL, start + STEP_S) != 0.0
    assert walks.at(0, CALL, start + 2 * STEP_S - 1) == walks.at(0, CALL, start + STEP_S)
    assert walks.at(0, DECISIONS.index("meet"), start + STEP_S) == 0.0  # not named: it stays


def test_the_last_step_holds_to_the_end() -> None:
    compiled = long_run(50.0, 1.0, until="2021-01-30")  # thirty days: one step
    assert compiled.drift.steps == 1
    longer = long_run(50.0, 1.0, until="2021-01-31")
    assert longer.drift.steps == 2
    assert step_of(10**9, 2) == 1


@pytest.mark.parametrize("coupling", ["separate", "shared"])
@pytest.mark.parametrize(("half_life_days", "spread"), [(1.0, 10.0), (400.0, 10.0), (60.0, 0.5)])
def test_bounds_hold_however_wild_it_is(
    coupling: str, half_life_days: float, spread: float
) -> None:
    """The readable executor has no bounds: where the kernel's were too low, events would differ."""
    said = drifting(half_life_days, spread)
    whole = setting(until="2021-08-31", inclinations=said, coupling=coupling)
    assert agree(compile_scenario(whole), 3, 0, 8) > 100


def test_a_changed_world_has_the_walks_of_the_factual_one() -> None:
    said = drifting(60.0, 3.0)
    history = lived(setting(until="2021-03-31", inclinations=said), 3)
    longer = history.model_copy(update={"until": "2021-12-31"})
    compiled = compile_scenario(longer, retrace=True)
    assert agree(compiled, 2, 0, 5) > 100
    _, retraced = kernel.run(compiled, 2, 0, 20, events=True)
    _, plain = kernel.run(compile_scenario(longer), 2, 0, 20, events=True)
    assert retraced is not None
    assert plain is not None
    for found in (retraced, plain):  # history comes back in every world
        before = found.replication[found.at_s < compiled.as_of_s]
        assert len({*np.bincount(before, minlength=20).tolist()}) == 1
    after = [e.at_s[e.at_s >= compiled.as_of_s] for e in (retraced, plain)]
    assert np.array_equal(*after)  # over the same noise, and the same walks
    calm = compile_scenario(longer.model_copy(update={"inclinations": {}}))
    _, other = kernel.run(calm, 2, 0, 20, events=True)
    assert other is not None
    assert not np.array_equal(after[0], other.at_s[other.at_s >= calm.as_of_s])  # the control


def test_a_year_ahead_is_less_sure_with_it() -> None:
    """Calls of a year: without drift a Poisson number, with it one that varies more, more so in the
    second year than in the first."""
    spread = dict[float, list[float]]()
    for wide in (0.0, 1.0):
        compiled = long_run(1_000.0, wide, until="2022-12-31")
        _, events = kernel.run(compiled, 5, 0, 400, events=True)
        assert events is not None
        calls = events.kind == KIND_CODE["call_held"]
        year = (events.at_s - compiled.as_of_s) // (365 * DAY_S)
        found = [
            np.bincount(events.replication[calls & (year == y)], minlength=400) for y in (0, 1)
        ]
        spread[wide] = [float(n.var() / n.mean()) for n in found]
    assert max(spread[0.0]) < 1.3
    assert 1.5 < spread[1.0][0] < spread[1.0][1]


KEYS = [
    *("CAN", "USA", "act", "accept", "call", "drift", "centre", "spread"),
    *("half_life_days", "acknowledge"),
]
junk = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats() | st.sampled_from(["USA", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(told=junk)
@examples(150)
def test_any_input_is_read_or_refused(told: Any) -> None:
    broken = list[str]()
    try:
        compile_scenario(scenario(inclinations=told))
    except InputError as error:
        broken = [p.path for p in error.problems]
    assert all(path.startswith("inclinations") for path in broken)
