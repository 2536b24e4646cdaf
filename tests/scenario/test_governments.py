"""The block `governments`: what it accepts, and that all else is refused with its place."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from micro import data
from strategies import structures

from sim.galleries.axis_names import axis_names
from sim.ground.errors import InputError
from sim.ground.yaml import dump_yaml, parse_yaml
from sim.scenario.governments import Government
from sim.scenario.resolve import resolve, resolved_text

NAMES = ("can", "usa", "conciliatory", "isolating")
shares = st.sampled_from([0, 0.1, 0.25, 0.5, 0.75, 1, "rest"]) | st.floats(0, 1)


def with_governments(written: Any) -> str:
    """The text of a small scenario with a block as it is written."""
    return dump_yaml(data(governments=written))


def problems(text: str) -> list[str]:
    """What is wrong with a scenario, each on a line of it."""
    try:
        resolve(parse_yaml(text, "bad.yaml"))
    except InputError as error:
        for problem in error.problems:
            assert 0 < problem.line <= len(text.splitlines()), str(problem)
        return [str(problem) for problem in error.problems]
    return []


@given(st.dictionaries(st.sampled_from(NAMES), shares, min_size=1))
def test_probabilities_are_accepted_where_they_sum_to_1(take_up: dict[str, Any]) -> None:
    written = {"vote": {"party": "USA", "on": "2021-02-01", "take_up": take_up}}
    given_, rests = [p for p in take_up.values() if p != "rest"], [*take_up.values()].count("rest")
    total = math.fsum(given_)
    fits = (rests == 1 and total <= 1 + 1e-9) or (rests == 0 and abs(total - 1) <= 1e-9)
    found = problems(with_governments(written))
    assert bool(found) != fits, found
    if fits:
        government = Government.model_validate(written["vote"])
        assert math.fsum(government.probabilities().values()) == pytest.approx(1)
        assert [*government.probabilities()] == sorted(take_up)
    else:
        assert all("governments.vote.take_up" in p for p in found)


@given(
    st.dictionaries(
        st.sampled_from(["party", "on", "take_up", "title", "doctrine"]),
        structures | st.dictionaries(st.sampled_from(NAMES), structures, max_size=3),
        max_size=5,
    )
    | structures
)
def test_anything_else_is_refused_with_its_place(written: Any) -> None:
    found = problems(with_governments({"vote": written}))
    assert found
    assert all("governments" in p for p in found)


def test_a_number_of_governments_is_bound() -> None:
    one = {"party": "USA", "take_up": {"can": 1}}
    days = [f"2021-0{m}-{d:02}" for m in (1, 2) for d in range(1, 27)]
    some = {f"g{n}": one | {"on": day} for n, day in enumerate(days)}
    assert problems(with_governments(dict([*some.items()][:50]))) == []
    (found,) = problems(with_governments(dict([*some.items()][:51])))
    assert "governments: must hold at most 50 entries (got 51)" in found


def test_a_resolved_scenario_says_it_again_and_one_without_says_nothing() -> None:
    written = {"vote": {"party": "USA", "on": "2021-02-01", "take_up": {"usa": "rest", "can": 0.5}}}
    made = resolve(parse_yaml(with_governments(written), "a.yaml"))
    text = resolved_text(made)
    assert "rest" in text
    again = resolve(parse_yaml(text, "b.yaml"))
    assert again.model_dump_json() == made.model_dump_json()
    none = resolve(parse_yaml(dump_yaml(data()), "c.yaml"))
    assert "governments" not in resolved_text(none)


def test_an_axis_of_a_sweep_is_named_in_words() -> None:
    written = {"vote": {"party": "USA", "on": "2021-02-01", "take_up": {"usa": "rest", "can": 0.5}}}
    path = "governments.vote.take_up.can"
    text = dump_yaml(data(governments=written, sweep={path: [0.1, 0.9]}))
    made = resolve(parse_yaml(text, "a.yaml"))
    assert axis_names(made) == {path: "probability of “Made for a test” in United States"}
