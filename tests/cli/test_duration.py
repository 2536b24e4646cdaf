"""The warning before a long run: only where it is long, and by what its worlds take here."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from sim.cli import duration
from sim.ensemble.ensemble import chunk_size
from sim.ensemble.settings import Settings
from sim.ensemble.without import Without
from sim.ensemble.work import Job
from sim.ground.dates import DAY_S
from sim.model.compiled_scenario import CompiledScenario
from sim.model.compiling import compile_scenario
from sim.model.expected import opportunities
from sim.scenario.resolve import load_scenario
from sim.study.asking import Question, question
from sim.study.explaining import MAX_EVENTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def program() -> CompiledScenario:
    return compile_scenario(load_scenario(ROOT / "scenarios" / "new-delhi.yaml"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A machine on which a chunk takes a second and each world of it two; the worlds it ran."""
    ran: list[int] = []
    now = [0.0]

    def work(self: Job, first: int, number: int) -> None:
        ran.append(number)
        now[0] += 1.0 + 2.0 * number

    monkeypatch.setattr(Job, "work", work)
    monkeypatch.setattr(duration, "perf_counter", lambda: now[0])
    return ran


def test_the_expected_opportunities_are_those_that_come(program: CompiledScenario) -> None:
    """Of two years: those of Poisson streams, by the rates of the file, and of forums."""
    streams = program.streams
    by_hand = sum(streams.rate[streams.forum < 0].tolist()) * 731 + (streams.forum >= 0).sum()
    assert opportunities(program) == pytest.approx(by_hand)
    assert 1_000 < opportunities(program) < 1_500


def test_a_what_if_begins_with_its_past() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "whatif-meeting-kept.yaml")
    what_if = compile_scenario(scenario)
    assert what_if.past is not None
    streams, days = what_if.streams, (what_if.until_s - what_if.past.start_s) / DAY_S
    by_hand = float(streams.rate.sum()) * days + int((streams.forum >= 0).sum())
    assert opportunities(what_if) == pytest.approx(by_hand)
    assert what_if.past.start_s < what_if.as_of_s


def test_a_short_run_is_not_tried(program: CompiledScenario, clock: list[int]) -> None:
    assert duration.forewarned(program, Settings(1_000, 1)) == ""
    assert clock == []


def test_a_long_run_is_told_with_an_estimate(program: CompiledScenario, clock: list[int]) -> None:
    said = duration.forewarned(program, Settings(500_000, 1, workers=2))
    millions = round(opportunities(program) * 0.5 / 10) * 10
    # 2 s a world and 1 s a chunk of 1,000, by two workers
    assert said == (
        f"this run expects {millions} million opportunities and may take about 139 hours"
    )
    assert clock == [0, 0, 1]
    said = duration.forewarned(program, Settings(500_000, 1, workers=2, interval_width=0.01))
    assert "expects up to " in said
    assert "may take up to about " in said


def test_a_run_of_many_opportunities_may_be_quick(
    program: CompiledScenario, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(duration.MANY, "reference", 10)
    assert duration.forewarned(program, Settings(12, 1, "reference", 1)) == ""
    assert duration.forewarned(program, Settings(18, 1, "reference", 1)).endswith(
        " may take about 40 seconds"
    )


# ---------------------------------------------------------------------------------- of a why


@pytest.fixture(scope="module")
def asked() -> Question:
    scenario = load_scenario(ROOT / "scenarios" / "new-delhi.yaml")
    return question(scenario, "reopened", MAX_EVENTS)


@pytest.fixture
def sets_clock(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """A machine on which a chunk takes half a second, each walk three and each world two; the sets
    and the replications that it ran."""
    ran: list[tuple[int, int]] = []
    now = [0.0]

    def work(self: Without, first: int, number: int) -> None:
        ran.append((len(self.removed), number))
        now[0] += 0.5 + number * (3.0 + 2.0 * len(self.removed))

    monkeypatch.setattr(Without, "work", work)
    monkeypatch.setattr(duration, "perf_counter", lambda: now[0])
    return ran


def test_a_long_why_is_told_with_an_estimate(
    asked: Question, sets_clock: list[tuple[int, int]]
) -> None:
    """Nine events, 36 pairs and 84 triples: three walks and worlds with history as it was, and 129
    worlds without some of it, in each replication."""
    said = duration.forewarned_why(asked, Settings(1_000, 1, workers=2))
    assert said == (
        "this why tries up to 129 sets of events over 1,000 worlds each and may take up to about "
        f"{round((3 * 5 + 129 * 2) * 1_000 / 2 / 3600)} hours"
    )
    assert sets_clock == [(1, 0), (1, 0), (1, 1), (10, 0), (10, 0), (10, 1)]
    alone = duration.forewarned_why(asked, Settings(1_000, 1, workers=1))  # the control
    assert alone.endswith(" 76 hours")
    assert duration.forewarned_why(asked, Settings(4_000, 1, workers=2)).endswith(" 152 hours")


def test_a_short_why_is_not_tried(asked: Question, sets_clock: list[tuple[int, int]]) -> None:
    assert duration.forewarned_why(asked, Settings(50, 1)) == ""
    assert sets_clock == []


def test_a_why_of_many_worlds_may_be_quick(
    asked: Question, sets_clock: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duration, "LONG_S", 1e9)
    assert duration.forewarned_why(asked, Settings(1_000, 1)) == ""
    assert sets_clock != []


# ---------------------------------------------------------------------------------- how


def test_quick_worlds_are_tried_until_enough_is_measured(
    program: CompiledScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    monkeypatch.setattr(Job, "work", lambda self, first, number: ran.append(number))
    ticks = count()
    monkeypatch.setattr(duration, "perf_counter", lambda: next(ticks) * 0.01)
    duration.forewarned(program, Settings(10_000_000, 1, workers=1))
    assert ran[:5] == [0, 0, 1, 4, 16]
    assert ran[-1] <= 10_000_000


def test_large_worlds_make_small_chunks(
    program: CompiledScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chunk_size(program, "kernel") == 1000
    assert chunk_size(program, "reference") == 50
    monkeypatch.setattr("sim.ensemble.ensemble.CHUNK_OPPORTUNITIES", 10 * opportunities(program))
    assert chunk_size(program, "kernel") == chunk_size(program, "reference") == 10
    monkeypatch.setattr("sim.ensemble.ensemble.CHUNK_OPPORTUNITIES", 1)
    assert chunk_size(program, "kernel") == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(31, "30 seconds"), (89, "90 seconds"), (90, "2 minutes"), (240, "4 minutes"), (9000, "2 h")],
)
def test_durations_are_spoken(seconds: float, words: str) -> None:
    assert duration._spoken(seconds).startswith(words)
