"""Governments that are drawn: by their law, keyed, paired, and the same in both executors."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from agreeing import agree, reference
from micro import ALWAYS, CHANNEL, doctrine, play, scenario
from scipy import stats

from sim.ground.dates import parse
from sim.ground.errors import InputError
from sim.kernel import run as kernel
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.eventtable import Difference, Events, compare
from sim.model.governing import governing, taken_up
from sim.results.outcomes import every_value
from sim.scenario.scenario import Scenario
from sim.scenario.varying import varied

TALKS = doctrine(call=ALWAYS, accept_call=ALWAYS)
DOCTRINES = {"can": doctrine(accept_call=ALWAYS), "talks": TALKS, "usa": doctrine()}
DAY = "2021-02-01"
CALLS = {"calls": {"type": "event_by", "kind": "call_held", "channel": CHANNEL}}
WORLDS, SEED = 400, 3


def elected(p: float = 0.3, **parts: Any) -> Scenario:
    """A scenario in which USA, who does not talk, may do so from a day on."""
    take_up = {"talks": p, "usa": "rest"}
    governments = {"election": {"party": "USA", "on": DAY, "take_up": take_up}}
    whole = {"governments": governments, "rates_per_day": {"call": 0.5}, "outcomes": CALLS}
    return scenario(DOCTRINES, **(whole | parts))


def surely(name: str, **parts: Any) -> Scenario:
    """The same, where USA does one thing for sure from that day on."""
    let = {"set_doctrine": {"party": "USA", "doctrine": name, "from": DAY}}
    return elected(changes=[let], **parts)


def drawn(made: Scenario, worlds: int = WORLDS) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """In which worlds the one that talks is drawn."""
    government = made.governments["election"]
    place = governing("election", government, SEED, worlds)
    return np.array([*government.probabilities()])[place] == "talks"


def came(made: Scenario, worlds: int = WORLDS) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """In which worlds there is a call."""
    compiled = compile_scenario(made)
    tally, _ = kernel.run(compiled, SEED, 0, worlds)
    return every_value(made, compiled, tally.values)[:, 0] == 1.0


def unlikely(hits: int, p: float, worlds: int) -> bool:
    """Whether so many hits hardly come by chance."""
    return float(stats.binomtest(hits, worlds, p).pvalue) < 1e-3


def test_governments_are_drawn_by_their_probabilities() -> None:
    for p in (0.0, 0.3, 0.75, 1.0):
        hits = int(drawn(elected(p), 4000).sum())
        assert not unlikely(hits, p, 4000), p
    assert unlikely(int(drawn(elected(0.3), 4000).sum()), 0.35, 4000), "the control"


def test_worlds_do_what_the_government_that_they_drew_does() -> None:
    made = elected()
    assert np.array_equal(came(made), drawn(made))
    assert 0 < came(made).sum() < WORLDS
    assert not np.array_equal(came(elected(0.6)), drawn(made)), "the control"


def test_a_world_is_that_of_a_scenario_in_which_its_government_comes_for_sure() -> None:
    programs = {name: compile_scenario(surely(name)) for name in ("talks", "usa")}
    mixed, chosen = compile_scenario(elected()), drawn(elected())
    for r in range(20):
        own = play(mixed, seed=SEED, replication=r).happenings
        there = {name: play(p, seed=SEED, replication=r).happenings for name, p in programs.items()}
        mine, other = ("talks", "usa") if chosen[r] else ("usa", "talks")
        assert own == there[mine]
        assert own != there[other], "the control"


def test_nothing_differs_before_the_day() -> None:
    talks = {"USA": {"doctrine": "usa"}, "CAN": {"doctrine": "talks"}}
    for parts in ({}, {"parties": talks}):
        whole, none = elected(1.0, **parts), elected(1.0, governments={}, **parts)
        pair = [play(compile_scenario(s)).happenings for s in (whole, none)]
        day_s = parse(DAY).lo_s
        before = [[h for h in found if h.at_s < day_s] for found in pair]
        assert before[0] == before[1]
        assert pair[0] != pair[1], "the control"


def test_a_change_of_the_doctrine_goes_before_what_was_drawn_and_then_gives_way_to_it() -> None:
    let = {"party": "USA", "doctrine": "can", "from": "2021-01-15", "until": "2021-02-09"}
    found = compile_scenario(elected(changes=[{"set_doctrine": let}])).doctrines
    assert found.switch_s.tolist() == [parse(d).lo_s for d in ("2021-01-15", "2021-02-10")]
    chosen = drawn(elected())
    for r in range(20):
        taken = [found.names[taken_up(found, n, SEED, r)] for n in (0, 1)]
        assert taken == ["can", "talks" if chosen[r] else "usa"]


def test_later_governments_follow_earlier_ones_and_are_drawn_apart() -> None:
    both = {"talks": 0.5, "usa": 0.5}
    governments = {
        name: {"party": "USA", "on": day, "take_up": both}
        for name, day in (("later", "2021-03-01"), ("first", DAY))
    }
    made = elected(governments=governments)
    found = compile_scenario(made).doctrines
    assert found.switch_s.tolist() == [parse(d).lo_s for d in (DAY, "2021-03-01")]
    one, two = (governing(name, made.governments[name], SEED, 2000) for name in ("first", "later"))
    same = int((one == two).sum())
    assert not unlikely(same, 0.5, 2000)
    assert [taken_up(found, n, SEED, 7) for n in (0, 1)] == [
        int(found.choice_doctrine[2 * n + place[7]]) for n, place in enumerate((one, two))
    ]


def test_the_order_of_the_doctrines_and_the_date_move_no_draw() -> None:
    made = elected()
    government = made.governments["election"]
    turned = government.model_copy(update={"take_up": dict(reversed(government.take_up.items()))})
    put_off = government.model_copy(update={"on": "2021-03-01"})
    place = governing("election", government, SEED, 200)
    for other in (turned, put_off):
        assert np.array_equal(governing("election", other, SEED, 200), place)
    assert not np.array_equal(governing("coup", government, SEED, 200), place), "the control"


def with_key(program: CompiledScenario, key: int) -> CompiledScenario:
    """The program with another stream for its draw."""
    doctrines = program.doctrines
    return replace(program, doctrines=replace(doctrines, switch_key=doctrines.switch_key + key))


def fast(program: CompiledScenario) -> Events:
    """The events of the kernel."""
    _, found = kernel.run(program, SEED, 0, 30, events=True)
    assert found is not None
    return found


def test_both_executors_draw_the_same() -> None:
    let = {"party": "USA", "doctrine": "can", "from": "2021-02-10", "until": "2021-02-19"}
    program = compile_scenario(elected(0.5, changes=[{"set_doctrine": let}]))
    assert agree(program, SEED, 0, 30) > 100
    _, slow = reference(program, SEED, 0, 30)
    assert isinstance(compare(slow, fast(program)), int)
    assert isinstance(compare(slow, fast(with_key(program, 1))), Difference), "the control"


def test_the_past_that_is_retraced_is_history_and_then_the_same_future() -> None:
    events = [
        {"id": "call", "kind": "call_held", "channel": CHANNEL, "date": "2020-12-10", "by": "CAN"}
    ]
    past = {"title": "Short", "channels": {CHANNEL: {"parties": ["CAN", "USA"]}}, "events": events}
    named = {"can": doctrine(call=0.0, accept_call=ALWAYS), "talks": TALKS}
    named["usa"] = doctrine(accept_call=0.0)
    whole = elected(0.5)
    made = scenario(
        named,
        history={"schema": 4, **past},
        complete_from="2020-12-01",
        governments=whole.plain()["governments"],
        rates_per_day={"call": 0.2},
        outcomes=CALLS,
    )
    forecast, retraced = compile_scenario(made), compile_scenario(made, retrace=True)
    assert retraced.past is not None
    assert agree(retraced, SEED, 0, 20) > 20
    runs = [kernel.run(p, SEED, 0, 50, events=True) for p in (forecast, retraced)]
    tables = [events for _, events in runs if events is not None]
    assert isinstance(compare(*tables), int)
    other = [kernel.run(p, SEED, 0, 50, events=True)[1] for p in (forecast, with_key(retraced, 1))]
    assert isinstance(compare(*[t for t in other if t is not None]), Difference), "the control"


def test_a_probability_is_swept_and_worlds_move_one_way() -> None:
    path = "governments.election.take_up.talks"
    points = [came(varied(elected(), {path: p})) for p in (0.2, 0.4, 0.8)]
    for fewer, more in pairwise(points):
        assert (fewer <= more).all()
        assert fewer.sum() < more.sum()
    with pytest.raises(InputError, match="probability from 0 to 1"):
        varied(elected(), {path: 1.5})
    fixed = (
        elected().governments["election"].model_copy(update={"take_up": {"talks": 0.3, "usa": 0.7}})
    )
    alone = elected().model_copy(update={"governments": {"election": fixed}})
    with pytest.raises(InputError, match="must sum to 1"):
        varied(alone, {path: 0.4})


def test_governments_outside_a_run_are_passed_over() -> None:
    made = elected(1.0)
    early = made.model_copy(update={"as_of": "2021-02-01"})
    short = made.model_copy(update={"until": "2021-01-31"})
    for other in (early, short):
        assert compile_scenario(other).doctrines.switch_s.tolist() == []
    assert len(compile_scenario(made).doctrines.switch_s) == 1, "the control"
