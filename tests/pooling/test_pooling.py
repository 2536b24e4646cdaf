"""Pooling: the mode is the mode, the law is what learning takes, and nothing hangs on workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from learned import Likelihood, lived, setting
from numpy.typing import NDArray
from pools import WAYS, Places, Way, dyad, made, none_yet, places, records, unevenness
from scipy.optimize import minimize

from sim.ground.errors import InputError
from sim.kernel.run import run as kernel_run
from sim.learning.arrays import rows_of
from sim.learning.fitting import set_up
from sim.learning.folder import PRIOR
from sim.learning.mode import find_mode
from sim.learning.priors import load_prior, prior_draws
from sim.model.compiling import compile_scenario
from sim.pooling.folder import draws_of, write_law
from sim.pooling.pooled import ALL, NONE, OWN, SETS, pool, pool_of, pooled
from sim.pooling.records import Record, record_of
from sim.pooling.scoring import after, asked_of, folds, left_out, own_draws, own_parameters
from sim.pooling.scoring import places as placed
from sim.pooling.settling import Pool, settle
from sim.pooling.spreads import USUAL, spreads
from sim.scenario.doctrine import DECISIONS
from sim.scenario.fit import Fitted, load_fit, share_reported
from sim.scenario.fit_rules import fit_rules
from sim.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def pairs() -> dict[str, Scenario]:
    """Six pairs that the model made."""
    return made(3, pairs=6)[1]


@pytest.fixture(scope="module")
def held(pairs: dict[str, Scenario]) -> list[Record]:
    return records(pairs)


def bent(record: Record, weights: Floats) -> Floats:
    """Minus the second derivatives of a likelihood, by differences of its gradient."""
    step = 1e-5 * np.eye(len(weights))
    ahead = [record.likelihood(weights + d)[1] for d in step]
    behind = [record.likelihood(weights - d)[1] for d in step]
    return -(np.array(ahead) - np.array(behind)) / 2e-5


@pytest.mark.parametrize("reporting", [1.0, 0.5])
def test_second_derivatives_are_those_of_the_likelihood(reporting: float) -> None:
    history = lived(setting(until="2021-03-31"), 5)
    record = record_of("busy", history, reporting)
    weights = record.doctrine + 0.1
    hessian = record.likelihood(weights)[2]
    assert np.abs(bent(record, weights) - hessian).max() < 1e-6
    some = record.only(record.weights[::2])
    assert np.abs(bent(some, weights[::2]) - some.likelihood(weights[::2])[2]).max() < 1e-6
    # the control: questions of one decision bend each other, and so do an act and its answer
    block = np.array([d for d, _ in record.weights])
    assert np.abs(np.where(block[:, None] == block, 0.0, hessian)).max() > 0.01
    # and the value is that which each government's own weights have, where both have the same
    alone = Likelihood(history, reporting)
    place = {weight: p for p, weight in enumerate(record.weights)}
    both = zip(alone.parameters.block % len(DECISIONS), alone.parameters.feature, strict=True)
    named = [place[int(d), int(f)] for d, f in both]
    kept = np.zeros(len(weights))
    kept[named] = weights[named]
    assert record.likelihood(kept)[0] == pytest.approx(alone(kept[named]), abs=1e-9)


def whole(made_of: Pool, log_spread: Floats, x: Floats) -> float:
    """Minus the logarithm of the posterior, written once more: common weights, then intercepts."""
    common, at = x[: len(made_of.weights)], len(made_of.weights)
    total = -0.5 * float((((common - made_of.centre) / made_of.spread) ** 2).sum())
    for record in made_of.records:
        places_, own, which = made_of.places(record)
        u, at = x[at : at + len(own)], at + len(own)
        weights = common[places_].copy()
        weights[own] += u
        total += record.likelihood(weights)[0] - 0.5 * float(
            (u**2 / np.exp(2 * log_spread[which])).sum()
        )
    return -total


def test_the_mode_and_its_evidence_are_those_of_the_whole(held: list[Record]) -> None:
    some = pool_of(held[:3], NONE)
    log_spread = np.log(np.linspace(0.5, 1.2, len(some.own)))
    found = settle(some, log_spread)
    x = np.concatenate([found.common, *found.own])
    assert whole(some, log_spread, x) == pytest.approx(
        minimize(lambda y: whole(some, log_spread, y), x + 0.01, method="BFGS").fun, abs=1e-5
    )
    step, size = 1e-3, len(x)
    hessian = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            d, e = step * np.eye(size)[i], step * np.eye(size)[j]
            signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            four = [a * b * whole(some, log_spread, x + a * d + b * e) for a, b in signs]
            hessian[i, j] = hessian[j, i] = sum(four) / (4 * step**2)
    spent = sum(float(log_spread[some.places(r)[2]].sum()) for r in some.records)
    evidence = -whole(some, log_spread, x) - 0.5 * np.linalg.slogdet(hessian)[1]
    evidence -= spent + float(np.log(some.spread).sum())
    assert found.log_evidence == pytest.approx(evidence, abs=1e-3)
    other = settle(some, log_spread + 1.0)  # the control
    assert abs(other.log_evidence - evidence) > 0.02


def test_any_number_of_workers_gives_the_same(held: list[Record]) -> None:
    one, two = (pooled(held, slopes=(ALL,), workers=n) for n in (1, 2))
    assert np.array_equal(one.common, two.common)
    assert np.array_equal(one.law.spread, two.law.spread)
    other = pooled(held[:-1], slopes=(ALL,))  # the control
    assert not np.array_equal(one.common, other.common)


def test_pairs_without_a_decision_count_too(held: list[Record]) -> None:
    quiet = lived(dyad("VNM"), 1, 0, program=never(dyad("VNM")))
    silent = record_of("vnm", quiet, 1.0)
    assert silent.decisions == 0
    with_it, without = (spreads(pool_of(some, NONE)) for some in ([*held, silent], held))
    calls = pool_of(held, NONE).own
    assert (with_it.settled.common[calls] < without.settled.common[calls] + 1e-6).all()


def never(scenario: Scenario) -> object:
    """A program that never does anything."""
    program = compile_scenario(scenario)
    weights = np.full_like(program.doctrines.weights, 0.0)
    weights[..., 0] = -50.0
    return replace(program, doctrines=replace(program.doctrines, weights=weights))


@pytest.mark.slow
def test_learning_from_the_law_is_what_a_pair_left_out_has(
    held: list[Record], tmp_path: Path
) -> None:
    """`sim learn --prior` and a pool agree on a pair, as far as Laplace's approximation goes."""
    left, others = held[0], held[1:]
    law = pooled(others, slopes=(*SETS,)).law
    write_law(pooled(others, slopes=(*SETS,)), tmp_path, 1, 1.0)
    prior = load_prior(tmp_path / PRIOR)
    setup = set_up(left.scenario, prior=prior, reporting=1.0)
    rows = rows_of(setup.design, setup.parameters, 1.0)
    mode = find_mode(rows, setup.parameters.law)
    parameters = own_parameters(left.scenario, law)
    mine = after(left, parameters)
    assert mode.weights[placed(asked_of(left, parameters), parameters)] == pytest.approx(
        mine.weights, abs=1e-4
    )
    assert mode.log_evidence == pytest.approx(mine.log_evidence, abs=1e-4)
    # both governments have the same weights, in the mode, in draws of the prior and after learning
    half = len(setup.parameters) // 2
    one = np.flatnonzero(setup.parameters.shared[:half])
    assert len(one) > 5
    assert setup.parameters.of[half + one].tolist() == one.tolist()
    assert np.array_equal(mode.weights[one], mode.weights[half + one])
    drawn = own_draws(left, parameters, 1, 400)
    spread = np.sqrt(np.diag(mode.covariance()))
    assert np.array_equal(drawn[:, one], drawn[:, half + one])
    assert drawn[:, one].std(axis=0) == pytest.approx(spread[one], rel=0.2, abs=1e-3)
    alone = set_up(left.scenario, reporting=1.0)  # the control: without the law nothing is shared
    assert alone.parameters.of.tolist() == list(range(len(alone.parameters)))
    assert not np.array_equal(
        prior_draws(alone.parameters, 1, 1)[0, :half], prior_draws(alone.parameters, 1, 1)[0, half:]
    )


def test_a_record_draws_its_pair_from_the_law_to_itself(held: list[Record]) -> None:
    busiest = max(held, key=lambda r: r.decisions)
    quietest = min(held, key=lambda r: r.decisions)
    found = pooled(held, slopes=(NONE,))
    said = {r.name: found.own_of(n) for n, r in enumerate(held)}
    call = "act.call.bias"
    assert said[busiest.name][call][0] > said[quietest.name][call][0]
    for own, error in (said[r.name][call] for r in held):
        assert error < found.law.spread[found.law.weights.index((DECISIONS.index("call"), 0))]
        assert np.isfinite(own)


def test_what_a_pair_moves_is_what_its_loss_would_change(held: list[Record]) -> None:
    found = pooled(held, slopes=(NONE,))
    told = found.without(0)
    rest = settle(pool_of(held[1:], NONE), found.spread.log_spread)
    true = (rest.common - found.common) / np.sqrt(np.diag(found.covariance))
    far = np.abs(true) > 0.1
    assert far.any()
    assert np.sign(told[far]).tolist() == np.sign(true[far]).tolist()
    assert np.abs(told - true).max() < 0.5 * np.abs(true).max()


def test_slopes_that_records_do_not_bear_are_held_at_0(held: list[Record], tmp_path: Path) -> None:
    found = pooled(held)
    assert {*found.compared} == {*SETS, OWN}
    best = max(SETS, key=lambda name: found.compared[name])
    assert found.slopes == best
    law = pooled(held, slopes=(NONE,)).law
    bound = [k for k, w in enumerate(law.weights) if w not in law.kept]
    assert bound
    assert not law.centre[bound].any()
    assert not draws_of(law, 1, 3)[:, bound].any()


def test_a_scenario_draws_a_pair_that_was_never_seen(held: list[Record], tmp_path: Path) -> None:
    write_law(pooled(held, slopes=(NONE,)), tmp_path / "pool", 1, 1.0)
    saved = load_fit(tmp_path / "pool")
    assert saved.of_any_pair
    scenario = dyad("VNM").model_copy(update={"fit": Fitted.of(saved)})
    assert not [*fit_rules(scenario)]
    program = compile_scenario(scenario)
    mine, theirs = program.doctrines.weights[:, program.doctrines.initial].transpose(1, 0, 2, 3)
    assert np.array_equal(mine, theirs)  # one draw is of both
    assert np.ptp(mine[:, DECISIONS.index("call"), 0]) > 0.0
    # of what no pair was asked, the doctrine says all; the control is the doctrine's own slope
    own = compile_scenario(dyad("VNM")).doctrines.weights[0, 0]
    assert (mine[:, DECISIONS.index("call"), 1] == 0.0).all()
    assert own[DECISIONS.index("call"), 1] == 0.3
    assert kernel_run(program, 1, 0, 5)[0].replications == 5
    elsewhere = scenario.model_copy(update={"channels": {"usa-vnm/leaders": None}})
    assert [rule for _, rule, _ in fit_rules(elsewhere)] == [
        "must be a fit of the level of usa-vnm/leaders: it was learned from ministers"
    ]


def test_a_pool_says_which_shares_of_refusals_its_scenarios_take_to_be_reported(
    held: list[Record], tmp_path: Path
) -> None:
    found = pooled(held, slopes=(NONE,))
    write_law(found, tmp_path / "alike", 1, None)
    assert share_reported(load_fit(tmp_path / "alike").record) == "1"
    half = held[0].scenario.observation.model_copy(update={"refusals_reported": 0.5})
    other = held[0].scenario.model_copy(update={"observation": half})
    mixed = replace(found, records=(replace(held[0], scenario=other), *held[1:]))
    write_law(mixed, tmp_path / "mixed", 1, None)
    assert share_reported(load_fit(tmp_path / "mixed").record) == "0.5 to 1"
    write_law(mixed, tmp_path / "set", 1, 0.8)
    assert share_reported(load_fit(tmp_path / "set").record) == "0.8"


def test_folds_hang_on_names_alone() -> None:
    names = [f"pair-{n}" for n in range(12)]
    dealt = folds(names)
    assert dealt == folds(names[::-1])
    assert sorted(np.bincount([*dealt.values()])) == [2, 2, 2, 3, 3]


def test_who_is_left_out_is_not_learned_from(held: list[Record]) -> None:
    found = {each.name: each for each in left_out(held)}
    assert {*found} == {r.name for r in held}
    fold = folds([r.name for r in held])
    one = held[0]
    loud = [
        replace(r, rows=r.rows._replace(weight=r.rows.weight * 3)) if r is one else r for r in held
    ]
    again = {each.name: each for each in left_out(loud)}
    same = [r.name for r in held if r is not one and fold[r.name] == fold[one.name]]
    assert all(again[name] == found[name] for name in same)
    assert again[one.name] != found[one.name]
    assert any(again[r.name] != found[r.name] for r in held if fold[r.name] != fold[one.name])


def test_what_cannot_be_pooled_is_named(pairs: dict[str, Scenario]) -> None:
    one = next(iter(pairs.values()))
    with pytest.raises(InputError, match="must be 2 or more scenarios"):
        pool({"one": one})
    with pytest.raises(InputError, match="its record would count twice"):
        pool({"one": one, "again": one})
    bare = one.model_copy(update={"history": None})
    with pytest.raises(InputError, match="bare: history: is required"):
        pool({"bare": bare, "one": one})


def gathered(sets: int, **how: Any) -> Places:
    """Where the truths of so many sets of ten pairs lie."""
    every = none_yet()
    for seed in range(sets):
        for kind, values in places(seed, **how).items():
            every[kind] += values
    return every


SOME = 6
"""Sets of ten pairs. What a wrong pool gets wrong is even by a chance of 1e-9, where refusals are
hidden, and of 4e-6, where initiators are unknown."""


@pytest.mark.slow
def test_truths_lie_evenly_in_what_a_pool_says() -> None:
    """Of sets of ten pairs whose law is drawn from what is thought before."""
    for kind, values in gathered(SOME).items():
        assert unevenness(values)[1] > 0.01, kind
    forgot = gathered(SOME, exposed=False)  # the control
    assert unevenness(forgot["common"])[1] < 1e-6
    assert unevenness(forgot["unseen"])[1] < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.title)
def test_truths_lie_evenly_where_logs_leave_something_out(way: Way) -> None:
    for kind, values in gathered(SOME, way=way).items():
        assert unevenness(values)[1] > 0.01, kind
    mistaken = gathered(SOME, way=way, right=False)  # the control
    assert unevenness(mistaken[way.wrong])[1] < 1e-3


def drawn(made_of: Pool, start: Floats, scale: Floats, seed: int, count: int) -> Floats:
    """Draws of common weights, log s and standard intercepts by random-walk-free Hamiltonian steps:
    the oracle, with the whole posterior and no approximation of it."""
    random = np.random.default_rng(seed)
    size, acts = len(made_of.weights), len(made_of.own)

    def density(x: Floats) -> tuple[float, Floats]:
        gradient = np.zeros(len(x))
        common, log_s = x[:size], x[size : size + acts]
        s = np.exp(log_s)
        total = -0.5 * float((((common - made_of.centre) / made_of.spread) ** 2).sum())
        gradient[:size] = (made_of.centre - common) / made_of.spread**2
        total += float((log_s - 0.5 * (s / USUAL) ** 2).sum())
        gradient[size : size + acts] = 1.0 - (s / USUAL) ** 2
        at = size + acts
        for record in made_of.records:
            where, own, which = made_of.places(record)
            z = x[at : at + len(own)]
            weights = common[where].copy()
            weights[own] += s[which] * z
            value, slope, _ = record.likelihood(weights)
            total += value - 0.5 * float((z * z).sum())
            gradient[at : at + len(own)] += s[which] * slope[own] - z
            np.add.at(gradient, where, slope)
            np.add.at(gradient, size + which, slope[own] * s[which] * z)
            at += len(own)
        return total, gradient

    x, found, taken, step = start.copy(), [], 0, 0.2
    value, gradient = density(x)
    for _ in range(count):
        momentum = random.normal(size=len(x))
        y, here, slope = x.copy(), value, gradient
        energy = value - 0.5 * float((momentum**2).sum())
        for _ in range(random.integers(4, 14)):
            momentum = momentum + 0.5 * step * scale * slope
            y = y + step * scale * momentum
            here, slope = density(y)
            momentum = momentum + 0.5 * step * scale * slope
        if np.log(random.uniform()) < here - 0.5 * float((momentum**2).sum()) - energy:
            x, value, gradient, taken = y, here, slope, taken + 1
        found.append(x)
    assert taken > 0.5 * count
    return np.array(found[count // 5 :])


@pytest.mark.slow
def test_full_sampling_says_the_same() -> None:
    _, scenarios = made(7, pairs=10)
    found = pooled(records(scenarios), slopes=(NONE,))
    made_of, spread = found.pool, found.spread
    own = np.concatenate(
        [
            u / np.exp(spread.log_spread[made_of.places(r)[2]])
            for u, r in zip(spread.settled.own, made_of.records, strict=True)
        ]
    )
    start = np.concatenate([found.common, spread.log_spread, own])
    errors = np.sqrt(spread.variance)
    scale = np.concatenate([errors, np.full(len(made_of.own), 0.4), np.full(len(own), 0.6)])
    draws = np.concatenate([drawn(made_of, start, scale, seed, 700) for seed in (1, 2)])
    size = len(made_of.weights)
    seen = [k for k, e in enumerate(made_of.centre) if abs(e) < 40.0]
    mean, sd = draws[:, :size].mean(axis=0), draws[:, :size].std(axis=0)
    apart = np.abs(mean - spread.common)[seen] / sd[seen]
    assert apart.max() < 0.3
    assert (errors[seen] / sd[seen] > 0.6).all()
    assert (errors[seen] / sd[seen] < 1.4).all()
    for a, law in enumerate(spread.law):
        if law is not None:
            inside = np.array([law.below(log_s) for log_s in draws[:, size + a]])
            for share in (0.1, 0.5, 0.9):
                assert (inside < share).mean() == pytest.approx(share, abs=0.08)
    wrong = pooled(records(scenarios)[:5], slopes=(NONE,))  # the control
    assert (np.abs(mean - wrong.common)[seen] / sd[seen]).max() > 0.5
