"""The program: what its codes stand for, and that all its arrays are listed."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from micro import arrays_of, program

from sim.log.events import KINDS
from sim.log.kinds import CONTACTS, KIND_RULES
from sim.model.compiled_scenario import (
    STREAM_KINDS,
    CompiledScenario,
)
from sim.scenario.acts import ACTS
from sim.scenario.outcomes import MEASURES


def arrays_inside(thing: Any) -> int:
    if isinstance(thing, np.ndarray):
        return 1
    if not is_dataclass(thing):
        return 0
    return sum(arrays_inside(getattr(thing, f.name)) for f in fields(thing))


def test_every_array_is_listed_by_its_place() -> None:
    compiled = program()
    found = arrays_of(compiled)
    assert len(found) == arrays_inside(compiled) > 40
    assert found["streams.rate"] is compiled.streams.rate
    assert found["held"] is compiled.held


def test_a_program_holds_whole_numbers_and_doubles_only() -> None:
    assert {a.dtype for a in arrays_of(program()).values()} == {
        np.dtype(np.int64),
        np.dtype(np.float64),
    }


def test_streams_bring_acts_or_what_the_world_does() -> None:
    assert STREAM_KINDS[: len(ACTS)] == ACTS
    assert STREAM_KINDS[len(ACTS) :] == ("escalation", "deescalation", "detention")
    assert len(set(MEASURES)) == 5


def test_what_a_party_plays_down_moves_the_state_as_a_lesser_contact() -> None:
    calls = {rule.played_down for rule in KIND_RULES.values()} - {None}
    assert calls == {"corridor_talk"}
    assert calls <= set(CONTACTS) <= set(KINDS)
    assert {KIND_RULES[kind].effect for kind in calls} == {"corridor"}


def test_a_program_is_a_value() -> None:
    first, second = program(), program()
    assert first is not second
    for name, array in arrays_of(first).items():
        assert np.array_equal(array, arrays_of(second)[name]), name
    changed: CompiledScenario = replace(first, until_s=first.until_s + 1)
    assert changed.until_s != first.until_s
