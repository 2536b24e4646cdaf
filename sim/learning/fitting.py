"""From a scenario to a fit: the design, the mode, and draws whose chains agree."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.ground.draws import MAX_SEED
from sim.ground.errors import InputError, Problem, RunError
from sim.kernel.run import announce
from sim.learning.arrays import Span, prior_of, rows_of
from sim.learning.design import Design, design_of
from sim.learning.diagnosing import Diagnostics, diagnose
from sim.learning.hmc_chain import WARM_UP
from sim.learning.mode import Mode, find_mode
from sim.learning.priors import Parameters, log_prior, parameters_of
from sim.learning.sampling import CHAINS, Draws, Sampler
from sim.learning.wandering import wandered, with_ways
from sim.model.compiled_scenario import Floats, Ints
from sim.scenario.doctrine import DoctrinePrior
from sim.scenario.scenario import Scenario

DRAWS = 1_000
"""Draws of each chain, to begin with."""
MAX_DRAWS = 8_000
"""Draws of each chain, at most: they are doubled until the chains agree."""
BESIDE = (0.1, 0.5, 1.0)
"""Probabilities that a refusal is reported, at which answers are laid side by side."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Setup:
    """What weights are to be learned from, and how."""

    scenario: Scenario
    """The scenario as it was given."""
    design: Design
    """Its history up to the day up to which weights are learned."""
    parameters: Parameters
    reporting: float
    """The probability that a refusal is reported; a setting, not learned."""
    seed: int
    prior: DoctrinePrior | None = None
    """What was laid over the priors of the doctrines."""
    reported: Span | None = None
    """The range within which the probability that a refusal is reported is learned; `reporting` is
    then its middle. None where it is set."""


@dataclass(frozen=True)
class Fit:
    """What was learned from a record."""

    setup: Setup
    mode: Mode
    draws: Draws
    diagnostics: Diagnostics
    ways: Floats
    """The numbers of the ways of inclinations that drift, the means of the draws; they stand after
    the weights in `whole`."""
    reported: Floats | None = None
    """[chains, draws] the probability that a refusal is reported, where it is learned."""

    @property
    def design(self) -> Design:
        """The history that was learned from."""
        return self.setup.design

    @property
    def parameters(self) -> Parameters:
        """The weights that were learned."""
        return self.setup.parameters

    @cached_property
    def whole(self) -> Parameters:
        """The weights, and the numbers of the ways after them."""
        return with_ways(self.design, self.parameters)

    @cached_property
    def wandered(self) -> Floats:
        """[Q] how far the inclination that each question goes by stood from that of the as-of date,
        on the mean of the draws; 0 where nothing drifts."""
        return wandered(self.design, self.whole, self.ways)

    @property
    def reporting(self) -> float:
        """The probability that a refusal is reported: as it is set, or the mean of its draws."""
        return self.setup.reporting if self.reported is None else float(self.reported.mean())

    @property
    def seed(self) -> int:
        """The seed of all draws."""
        return self.setup.seed

    @cached_property
    def pooled(self) -> Floats:
        """[draws, P] the draws of all chains, one chain after the other."""
        return self.draws.weights.reshape(-1, len(self.parameters))

    @cached_property
    def log_priors(self) -> Floats:
        """[chains, draws] logarithm of the prior density of each draw's weights, in nats."""
        return log_prior(self.parameters, self.draws.weights)


def evenly(count: int, among: int) -> Ints:
    """Return the places of so many of others, spread evenly from the first on."""
    return np.asarray((np.arange(count) * among) // count)


def reporting_of(scenario: Scenario, asked: float | None) -> float:
    """Return the probability that a refusal is reported: what is asked, else what the scenario
    says.

    Raises:
        InputError: it is not above 0 and at most 1.
    """
    chosen = scenario.observation.refusals_reported if asked is None else asked
    if not 0.0 < chosen <= 1.0:
        rule = (
            "must be above 0 and at most 1: a record that reports no refusal says nothing of them"
        )
        raise InputError([Problem("--reporting", 0, "", rule, f"{chosen:g}")])
    return chosen


def set_up(
    scenario: Scenario,
    *,
    prior: DoctrinePrior | None = None,
    reporting: float | None = None,
    until: str | None = None,
    seed: int | None = None,
) -> Setup:
    """Gather what weights are to be learned from; what is left out is as the scenario says.

    Raises:
        InputError: there is nothing to learn from, or a setting is out of bounds.
    """
    span = scenario.conventions.refusals_reported if reporting is None else None
    chosen = reporting_of(scenario, reporting if span is None else (span[0] + span[1]) / 2.0)
    drawn_from = scenario.ensemble.seed if seed is None else seed
    if not 0 <= drawn_from <= MAX_SEED:
        raise InputError([Problem("--seed", 0, "", f"must be 0 to {MAX_SEED}", str(drawn_from))])
    design = design_of(scenario, until)
    parameters = parameters_of(design.scenario, design.program, prior)
    return Setup(scenario, design, parameters, chosen, drawn_from, prior, span)


def fit_of(setup: Setup, workers: int | None = None, progress: Progress | None = None) -> Fit:
    """Draw weights until the chains agree; the draws are the same for any number of workers.

    `progress` hears how many draws are done, of how many.

    Raises:
        RunError: the chains do not agree, even at their longest.
    """
    announce()
    whole, learned = with_ways(setup.design, setup.parameters), setup.reported is not None
    rows = rows_of(setup.design, whole, None if learned else setup.reporting)
    law, places = prior_of(whole, setup.reported), [len(setup.parameters), len(whole)]
    mode = find_mode(rows, law)
    sampler = Sampler(rows, law, mode, setup.seed, max(1, workers or os.cpu_count() or 1))
    count = DRAWS
    while True:
        total = CHAINS * (count + WARM_UP)
        draws = sampler.draw(count, None if progress is None else _counted(progress, total))
        found = diagnose(draws)
        complaint = found.complaint()
        if complaint is None:
            weights, ways, reported = np.split(draws.weights, places, axis=-1)
            of_weights = replace(draws, weights=np.ascontiguousarray(weights))
            way = ways.mean(axis=(0, 1))
            return Fit(setup, mode, of_weights, found, way, reported[..., 0] if learned else None)
        if 2 * count > MAX_DRAWS:
            rule = "try narrower priors (--prior), or a record that says more"
            raise RunError(f"learning: after {CHAINS * count:,} draws {complaint}; {rule}")
        count *= 2


def _counted(progress: Progress, total: int) -> Callable[[int], None]:
    return lambda done: progress(done, total)


def learn(
    scenario: Scenario,
    *,
    prior: DoctrinePrior | None = None,
    reporting: float | None = None,
    until: str | None = None,
    seed: int | None = None,
    workers: int | None = None,
) -> Fit:
    """Learn the weights of a scenario's doctrines from its history, up to a day.

    Raises:
        InputError: there is nothing to learn from, or a setting is out of bounds.
        RunError: the chains do not agree, even at their longest.
    """
    how = set_up(scenario, prior=prior, reporting=reporting, until=until, seed=seed)
    return fit_of(how, workers)


@dataclass(frozen=True)
class Beside:
    """What another reporting probability would say, by Laplace's approximation."""

    reporting: float
    weights: Floats
    """[P] the mode."""
    spread: Floats
    """[P] standard deviation there."""
    log_evidence: float
    """Logarithm of the probability of the record, in nats."""


def beside(fit: Fit) -> list[Beside]:
    """Return what the record says where refusals are reported more or less often."""
    found = []
    size = len(fit.parameters)
    for reporting in sorted({*BESIDE, fit.reporting} if fit.reported is None else BESIDE):
        mode = find_mode(rows_of(fit.design, fit.whole, reporting), prior_of(fit.whole))
        spread = np.sqrt(np.diag(mode.covariance()))[:size]
        found.append(Beside(reporting, mode.weights[:size], spread, mode.log_evidence))
    return found
