"""Learning averages over imprecise dates: its score keeps mean zero (invariants 16 and 18)."""

from __future__ import annotations

import math
from copy import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from coarse import told_by_month
from learned import Floats, Likelihood, lived, setting
from pasts import detained, event, told

from sim.kernel import dating
from sim.kernel.dating import dates_by, law_by
from sim.learning import walking
from sim.learning.arrays import prior_of, rows_of, scratch_of
from sim.learning.design import Design
from sim.learning.design_walk import LearningWalk
from sim.learning.mode import find_mode
from sim.learning.walking import count_for, placements_of, windows_of
from sim.model.compiling import compile_scenario
from sim.model.dateblocks import Block
from sim.scenario.scenario import Scenario


class Vague(Likelihood):
    """The likelihood of a history told by the month, averaged over its dates."""

    def __init__(self, history: Scenario, reporting: float = 1.0) -> None:
        super().__init__(told_by_month(history), reporting)
        self.reporting = reporting

    def in_the_middle(self) -> Likelihood:
        """The control: with all dates in the middle of their months."""
        made = copy(self)
        made.design = replace(self.design, dated=())
        made.rows = rows_of(made.design, self.parameters, self.reporting)
        made.scratch = scratch_of(made.rows)
        return made


@cache
def history() -> Scenario:
    """Three months of a busy world, with exact dates."""
    return lived(setting(until="2021-03-31"), 3, 2)


@cache
def vague() -> Vague:
    """It, told by the month."""
    return Vague(history())


def at_one(design: Design, placement: list[int]) -> Design:
    """A design whose dates are known: those of one placement."""
    walk = LearningWalk(design.program, placement)
    found = walk.ask_all()
    return replace(
        design,
        questions=tuple(found.asked),
        shown=tuple(found.shown),
        exposures=tuple(found.exposures),
        dated=(),
    )


@pytest.mark.slow
def test_it_is_the_mean_over_placements_of_the_likelihood_at_each() -> None:
    """Each is weighed against the weights at which it was drawn."""
    at = vague()
    design, program = at.design, at.design.program
    (block, window), *more = windows_of(program)
    assert not more
    assert window.end_s == program.as_of_s
    count = len(design.dated[0].placements)
    assert count > 8
    places = placements_of(program, dates_by(program, law_by(program)), block.facts, count)
    other = at.parameters.shipped + 0.3 * np.cos(np.arange(len(at.parameters)))

    def each(weights: Floats) -> Floats:
        known = [Likelihood.__new__(Likelihood) for _ in places]
        for likelihood, place in zip(known, places, strict=True):
            likelihood.design = at_one(design, place)
            likelihood.parameters = at.parameters
            likelihood.rows = rows_of(likelihood.design, at.parameters, 1.0)
            likelihood.scratch = scratch_of(likelihood.rows)
        return np.array([likelihood(weights) for likelihood in known])

    ratio = each(other) - each(at.parameters.shipped)
    assert ratio.max() - ratio.min() > 0.2
    mean = float(np.log(np.exp(ratio).mean()))
    assert at(other) - at(at.parameters.shipped) == pytest.approx(mean, abs=2e-3)
    assert abs(float(ratio[0]) - mean) > 0.02  # the control: one placement alone


@pytest.mark.slow
def test_the_gradient_is_the_slope() -> None:
    at = copy(vague())
    assert len(at.rows.block) > 1
    for reporting in (1.0, 0.4):
        at.rows = rows_of(at.design, at.parameters, reporting)
        at.scratch = scratch_of(at.rows)
        weights = at.parameters.shipped + 0.1
        _, gradient = at.both(weights)
        assert gradient[::3] == pytest.approx(at.slopes(weights, 3), abs=2e-6)


def test_exact_dates_are_not_averaged_over() -> None:
    at = Likelihood(history())
    assert at.design.dated == ()
    assert at.rows.block.tolist() == [1]
    assert at.rows.drawn.tolist() == [0.0]
    assert set(at.rows.part.tolist()) == {0}


def test_where_the_weights_are_those_of_the_doctrines_all_placements_count_alike() -> None:
    at = vague()
    at(at.parameters.shipped)
    first, last = at.rows.block[0], at.rows.block[1]
    assert at.scratch.share[first:last].tolist() == pytest.approx(
        [1.0 / (last - first)] * (last - first)
    )
    mode = find_mode(at.rows, prior_of(at.parameters))
    at(mode.weights)
    shares = at.scratch.share[first:last]
    assert shares.sum() == pytest.approx(1.0)
    assert shares.max() - shares.min() > 0.01


def test_what_lies_outside_of_the_windows_is_not_walked_again() -> None:
    """An imprecise date of the first month moves nothing in the summer."""
    log = told(
        detained("arrest", "2021-01-03"),
        event("early", "call_held", "2021-01-10/2021-01-20", by="CAN"),
        *(event(f"call-{n}", "call_held", f"2021-0{n}-05", by="CAN") for n in range(4, 8)),
        as_of="2021-07-31",
        until="2021-08-31",
    )
    at = Likelihood(log)
    (block,) = at.design.dated
    window = block.window
    assert window.end_s < at.design.program.as_of_s
    inside = [e for e in at.design.exposures if window.holds(0, e.at_s)]
    weight = sum(e.weight for e in inside)
    for placement in block.placements:
        assert all(window.holds(0, e.at_s) for e in placement.exposures)
        assert sum(e.weight for e in placement.exposures) == pytest.approx(weight, rel=0.2)
        assert [s.fact for s in placement.shown] == [
            s.fact for s in at.design.shown if window.holds(0, s.at_s)
        ]
    assert len(at.rows.act) < len(at.design.exposures) + len(inside) * len(block.placements) * 1.5


def test_more_dates_have_more_placements_and_a_long_window_fewer() -> None:
    one, many = Block((0,), frozenset()), Block(tuple(range(40)), frozenset())
    assert count_for(one, 100) == 6
    assert count_for(many, 100) == 32
    assert count_for(many, 2_000) == 12
    assert count_for(many, 10_000) == 6


# ------------------------------------------------------------------------------ its score


WORLDS = 12
"""Scores with dates in the middle are off by 2.5 then."""


def scores(worlds: int) -> tuple[Floats, Floats, Floats]:
    """The scores at the true weights of worlds whose dates are told by the month: averaged over
    dates, with dates in the middle, and with dates as they were, which has mean nought.

    A coder knows at which forum an approach was, and that an exchange frees on its day; a month
    does not say so. So there are no forums and no exchanges.
    """
    rates = {
        "call": 0.15,
        "cut": 0.05,
        "meet": 0.1,
        "cancel": 0.2,
        "raise_detainees": 0.1,
        "swap": 0,
    }
    whole = setting(until="2021-02-28", forums={}, rates_per_day=rates)
    program = compile_scenario(whole)
    found: list[list[Floats]] = [[], [], []]
    for n in range(worlds):
        known = lived(whole, 11, n, program)
        averaged = Vague(known)
        ways = (averaged, averaged.in_the_middle(), Likelihood(known))
        for rows, at in zip(found, ways, strict=True):
            rows.append(at.both(at.parameters.shipped)[1])
    one, two, three = (np.array(rows) for rows in found)
    return one, two, three


def off(found: Floats, exact: Floats) -> Floats:
    """z of the mean difference of scores from those of known dates, for each weight that has one:
    two scores of one world share most of its chance."""
    apart = found - exact
    spread = apart.std(axis=0, ddof=1)
    z = apart.mean(axis=0) / np.where(spread > 0, spread, 1.0) * math.sqrt(len(apart))
    return np.asarray(z[spread > 1e-3])  # less is what two quadratures differ by


@pytest.fixture
def few_placements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six of each block, by a short chain: the mean is nought for any number."""
    monkeypatch.setattr(walking, "MOST_POINTS", 6)
    monkeypatch.setattr(dating, "STEPS", 500)
    monkeypatch.setattr(dating, "LEAST_ROUNDS", 20)


@pytest.mark.slow
def test_its_score_has_mean_nought_where_dates_are_told_by_the_month(few_placements: None) -> None:
    """The control: in the middle of their months it has not."""
    averaged, middle, exact = scores(WORLDS)
    z = off(averaged, exact)
    assert len(z) > 30
    assert math.sqrt(float((z**2).mean())) < 1.3
    assert np.abs(z).max() < 3.0
    assert math.sqrt(float((off(middle, exact) ** 2).mean())) > 1.5
