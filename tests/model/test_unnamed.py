"""People whom nobody names: how many are held is drawn from the as-of date on, and no sooner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from agreeing import agree, reference
from micro import ALWAYS, CAN, CHANNEL, USA, doctrine, of_kind, play, scenario
from scipy import stats

from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.log.file import from_document, parse_jsonl, to_jsonl
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import Difference, Events, compare
from sim.model.unnamed import numbers
from sim.results.result import Result
from sim.scenario.scenario import Scenario
from sim.scenario.unnamed import Unnamed

SEED = 5
SWAPS = {
    "can": doctrine(swap=ALWAYS, accept_swap=ALWAYS),
    "usa": doctrine(swap=ALWAYS, accept_swap=ALWAYS),
}


def group(least: int, most: int) -> dict[str, Any]:
    """Some of CAN whom USA holds."""
    return {"held_by": "USA", "national_of": "CAN", "people": {"from": least, "to": most}}


def held(least: int = 0, most: int = 3, **parts: Any) -> Scenario:
    """A scenario with so many, where whoever may propose an exchange does, and it is accepted."""
    whole = {"rates_per_day": {"swap": 0.2}, "unnamed": {"some": group(least, most)}}
    return scenario(SWAPS, **(whole | parts))


def drawn(made: Scenario, worlds: int) -> list[int]:
    """How many each world holds."""
    return numbers("some", made.unnamed["some"], SEED, worlds).tolist()


def even(counts: list[int], least: int, most: int) -> float:
    """The probability of counts at least as uneven, if the numbers are drawn evenly."""
    found = np.bincount(np.array(counts) - least, minlength=most - least + 1)
    assert len(found) == most - least + 1
    return float(stats.chisquare(found).pvalue)


def test_numbers_are_drawn_evenly() -> None:
    some = Unnamed.model_validate(group(2, 5))
    counts = numbers("some", some, SEED, 4000).tolist()
    assert even(counts, 2, 5) > 1e-3
    assert even([min(c, 4) for c in counts] + [5], 2, 5) < 1e-3, "the control"


def test_worlds_exchange_as_many_as_they_hold() -> None:
    made = held()
    program, chosen = compile_scenario(made), drawn(held(), 30)
    assert {*chosen} == {0, 1, 2, 3}
    for r, number in enumerate(chosen):
        freed = of_kind(play(program, seed=SEED, replication=r), "released")
        assert sum(h.persons for h in freed) == number
        assert {(h.holder, h.national) for h in freed} <= {(USA, CAN)}
    none = compile_scenario(held(unnamed={}))
    assert of_kind(play(none, seed=SEED), "released") == [], "the control"


def test_those_who_are_named_come_on_top() -> None:
    made = held(2, 2, detainees={"known": {"held_by": "USA", "national_of": "CAN"}})
    freed = of_kind(play(compile_scenario(made), seed=SEED), "released")
    assert sum(h.persons for h in freed) == 3


def with_key(program: CompiledScenario) -> CompiledScenario:
    """The program with another stream for the number."""
    return replace(program, unnamed=replace(program.unnamed, key=program.unnamed.key + 1))


def fast(program: CompiledScenario) -> Events:
    """The events of the kernel."""
    _, found = kernel.run(program, SEED, 0, 30, events=True)
    assert found is not None
    return found


def test_both_executors_hold_the_same() -> None:
    program = compile_scenario(held())
    assert agree(program, SEED, 0, 30) > 50
    _, slow = reference(program, SEED, 0, 30)
    assert isinstance(compare(slow, fast(with_key(program))), Difference), "the control"


EVENTS = [
    {"id": "caught", "kind": "detained", "date": "2020-12-03", "persons": ["a-trader"]}
    | {"held_by": "USA", "national_of": "CAN"},
    {"id": "offer", "kind": "swap_proposed", "channel": CHANNEL, "date": "2020-12-10", "by": "CAN"},
    {"id": "freed", "kind": "released", "date": "2020-12-10", "persons": ["a-trader"]}
    | {"held_by": "USA", "national_of": "CAN", "channel": CHANNEL, "causes": ["offer"]},
]


def with_history() -> Scenario:
    """A scenario whose history has an exchange, of the one person who is named."""
    channels = {CHANNEL: {"parties": ["CAN", "USA"]}}
    history = {"schema": 4, "title": "Short", "channels": channels, "events": EVENTS}
    return held(1, 4, history=history, complete_from="2020-12-01")


def test_the_past_that_is_retraced_is_history_and_then_the_same_future() -> None:
    made = with_history()
    forecast, retraced = (compile_scenario(made, retrace=again) for again in (False, True))
    assert retraced.past is not None
    assert agree(retraced, SEED, 0, 20) > 60
    assert isinstance(compare(fast(forecast), fast(retraced)), int)
    assert isinstance(compare(fast(forecast), fast(with_key(retraced))), Difference), "the control"
    chosen = drawn(made, 20)
    for r, number in enumerate(chosen):
        freed = of_kind(play(forecast, seed=SEED, replication=r), "released")
        before = [h.persons for h in freed if h.at_s < forecast.as_of_s]
        assert before == [1], "the exchange of history is as it was"
        assert sum(h.persons for h in freed) == number + 1


def test_the_log_of_a_world_is_a_log() -> None:
    made = with_history()
    program = compile_scenario(made)
    tally, _ = kernel.run(program, SEED, 0, 3)
    log = Result(made, program, SEED, tally).sample()
    again = from_document(parse_jsonl(to_jsonl(log), "sample.jsonl"))
    assert [e.id for e in again.events] == [e.id for e in log.events]
    named = [p for e in log.events if e.kind == "released" for p in e.persons]
    assert len(named) == len({*named}) == drawn(made, 1)[0] + 1


def test_worlds_say_how_many() -> None:
    made = held()
    program = compile_scenario(made)
    tally, _ = kernel.run(program, SEED, 0, 20)
    assert Result(made, program, SEED, tally).values["unnamed/some"].to_list() == drawn(made, 20)


@pytest.mark.parametrize("people", [{"from": 3, "to": 2}, {"from": -1, "to": 2}, {"to": 2}, 3])
def test_what_is_no_range_is_refused(people: Any) -> None:
    with pytest.raises(InputError, match="unnamed"):
        held(unnamed={"some": group(0, 1) | {"people": people}})
