"""Drawing worlds of positions: the newest first, 1,000 at once, then more of the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from lessons import plan

from sim.ensemble.weighed import compile_weighed
from sim.kernel.run import run
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.tally import Tally
from sim.seminar.lesson.block import load_scenario
from sim.seminar.pages.what_if import Shows
from sim.seminar.what_if import world_queue
from sim.seminar.what_if.explaining import Explainer, told_why
from sim.seminar.what_if.finding import Finder
from sim.seminar.what_if.from_lesson import base_of
from sim.seminar.what_if.position import Position, scenario_at_position, shipped_position
from sim.seminar.what_if.record import Branches
from sim.seminar.what_if.sharing import UNCHANGED, Sharing
from sim.seminar.what_if.shipped import base_alone
from sim.seminar.what_if.world_queue import FIRST, Drawer, Drawn
from sim.study.explaining import why

BASE = base_of(plan())
START = shipped_position(BASE)
MOVED = START.slid(BASE, {0: 1.0})
INSIDE = START.changed(BASE, {"remove": "the-cut"})
MOST = 2_000
NEW_DELHI = Path(__file__).parents[2] / "scenarios" / "new-delhi.yaml"


@pytest.fixture(name="told")
def _told() -> list[float]:
    """When the drawer told of something new."""
    return []


@pytest.fixture(name="drawer")
def _drawer(told: list[float]) -> Iterator[Drawer]:
    """A drawer that goes up to 2,000 worlds."""
    made = Drawer(BASE, lambda: told.append(time.monotonic()), most=MOST)
    yield made
    made.close()


@pytest.mark.parametrize("position", [START, MOVED, INSIDE], ids=["shipped", "slid", "inside"])
def test_the_worlds_are_those_of_a_run(drawer: Drawer, position: world_queue.Position) -> None:
    drawer.want([position])
    assert drawer.wait(position, FIRST, 60)
    first = drawer.drawn(position)
    assert drawer.wait(position, MOST, 60)
    drawn = drawer.drawn(position)
    assert first is not None
    assert drawn is not None
    program = compile_scenario(scenario_at_position(BASE, position))
    whole = run(program, position.seed, 0, MOST)[0]
    assert drawn.worlds == MOST
    assert (drawn.first(MOST).tally.values == whole.values).all()
    assert np.allclose(drawn.shares, whole.occupancy[:, 0] / MOST)
    assert (first.first(FIRST).tally.values == whole.values[:FIRST]).all()
    other = run(program, position.seed + 1, 0, MOST)[0]  # the control: another seed, other worlds
    assert (other.values != whole.values).any()


def test_the_first_worlds_and_all_of_them_are_told(drawer: Drawer, told: list[float]) -> None:
    drawer.want([MOVED])
    drawer.wait(MOVED, MOST, 60)
    drawer.want([])
    time.sleep(0.1)
    assert len(told) == 2


def test_where_dates_belong_together_first_worlds_place_them_roughly() -> None:
    seen: list[Drawn | None] = []
    base = base_alone(load_scenario(NEW_DELHI))
    moved = shipped_position(base).slid(base, {0: 1.0})
    scenario = scenario_at_position(base, moved)
    drawer = Drawer(base, lambda: seen.append(drawer.drawn(moved)), most=MOST)
    drawer.want([moved])
    assert drawer.wait(moved, MOST, 120)
    time.sleep(0.1)
    drawer.close()
    first, drawn = seen  # it is told of each, and of no other
    assert first is not None
    assert drawn is not None
    rough, whole = (compile_weighed(scenario, hasty=hasty) for hasty in (True, False))
    assert (first.program.dates.lo_s == rough.dates.lo_s).all()
    assert len(rough.dates.lo_s) < len(whole.dates.lo_s) / 2
    values = run(whole, moved.seed, 0, MOST)[0].values
    assert (drawn.first(MOST).tally.values == values).all()
    assert (first.first(FIRST).tally.values != values[:FIRST]).any()


def test_only_the_newest_position_is_drawn(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, seen = Event(), Event(), set[float]()

    def slowly(program: CompiledScenario, seed: int, first: int, count: int) -> tuple[Tally, None]:
        seen.add(float(program.doctrines.weights.sum()))
        begun.set()
        go_on.wait(10)
        return run(program, seed, first, count)[0], None

    monkeypatch.setattr("sim.kernel.run.run", slowly)
    positions = [START.slid(BASE, {0: n / 10}) for n in range(1, 9)]
    drawer.want([positions[0]])
    assert begun.wait(10)
    for position in positions[1:]:
        drawer.want([position])
    go_on.set()
    assert drawer.wait(positions[-1], MOST, 60)
    assert len(seen) == 2  # the one that was under way, and the newest
    assert all(drawer.drawn(p) is None for p in positions[1:-1])
    drawn = drawer.drawn(positions[0])
    assert drawn is not None
    assert drawn.worlds == FIRST  # it was left where it was


def test_what_somebody_looks_at_is_not_forgotten(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_queue, "REMEMBERED", 2)
    positions = [START.slid(BASE, {0: n / 10}) for n in range(1, 5)]
    drawer.want([START])
    assert drawer.wait(START, MOST, 60)
    first = drawer.drawn(START)
    for position in positions:
        drawer.want([position, START])
        assert drawer.wait(position, MOST, 60)
    assert drawer.drawn(START) is first
    assert drawer.drawn(positions[0]) is None  # control: others are


def test_what_it_is_compared_with_comes_before_more_of_the_same(drawer: Drawer) -> None:
    drawer.want([MOVED, START])
    assert drawer.wait(START, FIRST, 60)
    drawn = drawer.drawn(MOVED)
    assert drawn is not None
    assert drawn.worlds < MOST


def test_a_position_that_cannot_be_drawn_says_why_and_the_next_is_drawn(
    drawer: Drawer, told: list[float]
) -> None:
    broken = world_queue.Position(START.values, START.seed, INSIDE.changes * 2)
    drawer.want([broken])
    assert drawer.wait(broken, FIRST, 30)
    assert "another change removes or moves this event already" in drawer.problem(broken)
    assert told
    drawer.want([MOVED])
    assert drawer.wait(MOVED, FIRST, 30)
    assert drawer.problem(MOVED) == ""


# ---------------------------------------------------------------------------------- why


def test_what_mattered_most_is_said_in_sentences() -> None:
    done = Event()
    explainer = Explainer(BASE, done.set)
    explainer.ask("r1q2")
    assert done.wait(60)
    told = explainer.sentences()
    explainer.close()
    assert told[0] == (
        "With history as it was, it comes about in all of 200 worlds: history settles this."
    )
    assert told[1].startswith("Without “Contact cut (ITA)” (2021-03-01) it fails in ")
    found = why(BASE.scenario, "r1q2", replications=200, workers=1, samples=0)
    assert told_why(found)[0] == told[0]
    seldom = why(INSIDE_SCENARIO, "r1q2", replications=200, workers=1, samples=0)
    assert told_why(seldom) != told


INSIDE_SCENARIO = scenario_at_position(BASE, INSIDE)


def test_it_is_given_up_after_a_while_and_one_is_asked_at_a_time() -> None:
    done, hold = Event(), Event()

    def told() -> None:
        done.set()
        hold.wait(10)

    explainer = Explainer(BASE, told, patience_s=0.0)
    explainer.ask("r1q2")
    explainer.running = True
    with pytest.raises(world_queue.BackchannelError, match="still answering"):
        explainer.ask("r1q1")
    hold.set()
    assert done.wait(30)
    explainer.close()
    assert "longer than 0 seconds" in explainer.sentences()[0]


@pytest.mark.parametrize("outcome", ["no-such", "share", ""])
def test_only_outcomes_with_yes_or_no_are_explained(outcome: str) -> None:
    explainer = Explainer(BASE, lambda: None)
    with pytest.raises(world_queue.BackchannelError, match="with yes or no"):
        explainer.ask(outcome)
    explainer.close()


@pytest.mark.parametrize(
    ("asked", "finds"), [(Explainer, "explaining.why"), (Finder, "sensitivity.sensitivity")]
)
def test_a_mistake_of_the_program_does_not_end_all_asking(
    monkeypatch: pytest.MonkeyPatch, asked: type[Explainer | Finder], finds: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(f"sim.study.{finds}", broken)
    done = Event()
    asks = asked(BASE, done.set)
    asks.ask("r1q2")
    assert done.wait(20)
    said = asks.words if isinstance(asks, Finder) else asks.sentences()[0]
    assert said == "The program cannot say: the program made a mistake (ZeroDivisionError)."
    assert not asks.running
    asks.close()


# ------------------------------------------------------------------------------ what pages say

PROGRAM = compile_scenario(BASE.scenario)
BESIDE = (UNCHANGED, 1)


@pytest.mark.parametrize(
    ("beside", "drawn", "problem", "waiting"),
    [
        (None, (), "", True),
        (None, (MOVED,), "", False),
        (None, (), "it cannot be", False),
        (BESIDE, (START,), "", True),
        (BESIDE, (START, MOVED), "", False),
    ],
)
def test_a_page_says_that_first_worlds_are_drawn_until_they_are(
    monkeypatch: pytest.MonkeyPatch,
    beside: tuple[int, int] | None,
    drawn: tuple[Position, ...],
    problem: str,
    waiting: bool,
) -> None:
    """Until each position that is shown has its first worlds, or cannot have any."""
    drawer = SimpleNamespace(
        most=MOST,
        drawn=lambda position: (
            Drawn(position, BASE.scenario, PROGRAM) if position in drawn else None
        ),
        problem=lambda position: problem if position == MOVED else "",
    )
    sharing = SimpleNamespace(
        base=BASE,
        now=SimpleNamespace(beside=beside),
        drawer=drawer,
        start=START,
        newest_drawn=lambda: MOVED,
        position_of=lambda number: START if number == UNCHANGED else MOVED,
        explainer=SimpleNamespace(running=False, outcome=None, sentences=list),
        keeping=SimpleNamespace(branches=Branches({1: SimpleNamespace(name="moved")})),
    )
    shows = Shows(cast(Sharing, sharing))
    monkeypatch.setattr(shows, "column", lambda name, drawn, position: name)
    monkeypatch.setattr(shows, "lines", lambda one, two: [])
    values = shows.values()
    assert values["waiting"] is waiting
    assert values["refused"] == problem
    assert len(values["columns"]) == len(drawn)
