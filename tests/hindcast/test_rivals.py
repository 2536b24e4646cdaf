"""Each rival where the right answer is known, with a control that it must not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import nbinom, poisson
from seen import ADDS, LASTS, lived, stated

from sim.ground.dates import DAY_S
from sim.hindcast.rivals import hawkes as hawkes_rival
from sim.hindcast.rivals.calendar import lapse_calendar
from sim.hindcast.rivals.chains import generator, markov_chain
from sim.hindcast.rivals.hawkes import fitted as hawkes_fitted
from sim.hindcast.rivals.hawkes import hawkes, number_ahead
from sim.hindcast.rivals.logit import FREE, WEEK, chances, fitted, ridge_logit
from sim.hindcast.rivals.persistence import base_rate, persistence
from sim.hindcast.rivals.rates import own_rate, pooled_law, pooled_rates
from sim.hindcast.rivals.table import RIVALS
from sim.hindcast.rivals.two_rates import two_rates
from sim.hindcast.scores import floored
from sim.hindcast.seen import (
    ANSWERS,
    CONTACT,
    COUNT,
    CUT_OFF,
    MONTH_DAYS,
    MOST,
    OPEN,
    STATE,
    Seen,
)

Ints = NDArray[np.int64]
AT = {state: n for n, state in enumerate(ANSWERS[STATE])}


def even(rate: float, days: int, seed: int) -> Ints:
    """Contact at an even rate."""
    return np.random.default_rng(seed).poisson(rate, days)


def clustered(base: float, children: float, delay: float, days: int, seed: int) -> Ints:
    """Contact that excites itself, generation by generation."""
    rng = np.random.default_rng(seed)
    born = rng.uniform(0, days, rng.poisson(base * days))
    every = [born]
    while len(born):
        number = rng.poisson(children, len(born))
        born = np.repeat(born, number) + rng.exponential(delay, number.sum())
        born = born[born < days]
        every.append(born)
    return np.bincount(np.concatenate(every).astype(np.int64), minlength=days)


# ---------------------------------------------------------------------------------- rates


def test_the_own_rate_finds_an_even_rate() -> None:
    law = own_rate(lived(even(0.05, 4_000, 1)), [30])[0]
    assert law[CONTACT][1] == pytest.approx(1 - np.exp(-1.5), abs=0.02)
    assert law[COUNT][:MOST] == pytest.approx(poisson.pmf(np.arange(MOST), 1.5), abs=0.02)
    bunched = lived(clustered(0.01, 0.8, 5.0, 4_000, 1))  # the control: the mean is not enough
    came = (bunched.counted(bunched.places(30), 30) > 0).mean()
    assert own_rate(bunched, [30])[0][CONTACT][1] - came > 0.15


def test_pooled_rates_find_the_law_of_the_pairs() -> None:
    rng = np.random.default_rng(2)
    rates, spans = rng.gamma(2.0, 1 / 400.0, 3_000), np.full(3_000, 1500.0)
    counts = rng.poisson(rates * spans).astype(np.float64)
    shape, days = pooled_law(counts, spans)
    assert shape == pytest.approx(2.0, rel=0.2)
    assert days == pytest.approx(400.0, rel=0.2)
    same = rng.poisson(0.005 * spans).astype(np.float64)  # the control: pairs that are all alike
    assert pooled_law(same, spans)[0] > 20


def test_a_short_record_is_drawn_to_the_pairs_and_a_long_one_is_not() -> None:
    pairs = [lived(even(0.05, 2_000, n)) for n in range(8)]
    short = lived(np.zeros(20, dtype=np.int64))
    found = pooled_rates([*pairs, short], [30])
    assert found is not None
    assert found[-1][0][CONTACT][1] > 0.6
    assert own_rate(short, [30])[0][CONTACT][1] < 0.1  # the control
    assert found[0][0][CONTACT][1] == pytest.approx(1 - np.exp(-1.5), abs=0.03)
    assert pooled_rates([short], [30]) is None


def test_a_rate_is_the_negative_binomial_law() -> None:
    seen = lived(even(0.02, 500, 3))
    n, law = int(seen.talks.sum()), own_rate(seen, [90])[0]
    p = (365 + 500) / (365 + 500 + 90)
    assert law[COUNT][:MOST] == pytest.approx(nbinom.pmf(np.arange(MOST), n + 0.5, p))


# ---------------------------------------------------------------------------------- Hawkes


def test_hawkes_counts_have_the_law_of_the_clusters() -> None:
    base, children, delay, days = 0.02, 0.6, 10.0, 60
    found = number_ahead(base, children, 1 / delay, 0.0, [days])[days]
    rng = np.random.default_rng(4)
    worlds = [
        clustered(base, children, delay, days, int(s)).sum()
        for s in rng.integers(2**30, size=20_000)
    ]
    shares = np.bincount(worlds, minlength=MOST)[:MOST] / len(worlds)
    assert found == pytest.approx(shares, abs=0.012)
    plain = number_ahead(base / (1 - children), 1e-9, 1 / delay, 0.0, [days])[days]  # the control
    assert plain == pytest.approx(poisson.pmf(np.arange(MOST), 0.05 * days), abs=1e-6)
    assert abs(plain - shares).max() > 0.1


def test_hawkes_remembers_what_excites_it() -> None:
    found = number_ahead(0.01, 0.5, 0.1, 1.0, [365])[365]
    still = number_ahead(0.01, 0.5, 0.1, 0.0, [365])[365]
    assert found[0] / still[0] == pytest.approx(np.exp(-0.5), rel=1e-6)


def test_hawkes_finds_the_children_of_contact() -> None:
    seen = lived(clustered(0.02, 0.6, 10.0, 8_000, 5))
    at = np.repeat(np.arange(len(seen)) + 0.5, seen.talks)
    base, children, decay = hawkes_fitted(at, float(len(seen)))
    assert base == pytest.approx(0.02, rel=0.3)
    assert children == pytest.approx(0.6, abs=0.1)
    assert 1 / decay == pytest.approx(10.0, rel=0.35)
    plain = lived(even(0.05, 4_000, 1))  # the control: what excites nothing is forecast as such
    assert hawkes(plain, [30])[0][CONTACT][1] == pytest.approx(1 - np.exp(-1.5), abs=0.05)
    assert set(hawkes(seen, [30])[0]) == {CONTACT, COUNT}
    assert hawkes_rival.POINTS > 2 * MOST


# ---------------------------------------------------------------------------------- lapses


def ahead(seen: Seen, rates: tuple[float, float], days: int, worlds: int) -> tuple[float, Ints]:
    """How often a channel is open after some days, and its contacts, drawn day by day."""
    rng = np.random.default_rng(6)
    now = int(seen.at_s[-1])
    until = np.full(worlds, max(0.0, (seen.ends_s[-1, 0] - now) / DAY_S))
    count = np.zeros(worlds, dtype=np.int64)
    for day in range(days):
        chance = 1 - np.exp(-np.where(until > day, rates[1], rates[0]))
        talk = rng.uniform(size=worlds) < chance
        noon = day + 0.5
        reach = np.minimum(np.maximum(until, noon) + ADDS, noon + LASTS)
        until = np.where(talk, np.maximum(until, reach), until)
        count += talk
    return float((until > days).mean()), count


@pytest.mark.parametrize("silence", [0, 50, 120, 400])
def test_two_rates_carry_the_rule_of_lapses_forward(silence: int) -> None:
    talks = np.concatenate([even(0.05, 2_000, 7), [1], np.zeros(silence, dtype=np.int64)])
    seen = lived(talks)
    is_open = seen.state[:-1] == OPEN
    rates = tuple(
        float((talks[1:][kind].sum() + 0.5) / (kind.sum() + 365)) for kind in (~is_open, is_open)
    )
    law = two_rates(seen, [91])[0]
    opened, count = ahead(seen, (rates[0], rates[1]), 91, 40_000)
    assert law[STATE][AT["open"]] == pytest.approx(opened, abs=0.015)
    shares = np.bincount(count, minlength=MOST + 1)[: MOST + 1] / len(count)
    assert law[COUNT] == pytest.approx(shares, abs=0.015)
    other, _ = ahead(seen, (rates[1], rates[0]), 91, 40_000)  # the control: rates exchanged
    assert abs(other - opened) > 0.05 or silence < LASTS


def test_two_rates_leave_what_other_contact_supports() -> None:
    seen = lived(np.zeros(400, dtype=np.int64))
    assert two_rates(seen, [30])[0][STATE][AT["prisoner_only"]] == 0.0
    seen.ends_s[-1, 1] = seen.at_s[-1] + 60 * DAY_S
    near, far = two_rates(seen, [30, 90])
    assert near[STATE][AT["prisoner_only"]] > 0.9
    assert far[STATE][AT["prisoner_only"]] == 0.0


def test_the_calendar_says_when_silence_closes() -> None:
    seen = lived(np.concatenate([[1], np.zeros(20, dtype=np.int64)]))
    assert seen.calendar(10)[-1] == OPEN
    assert seen.calendar(60)[-1] == CUT_OFF
    law = lapse_calendar(seen, [10, 60])
    right = 11 / MONTH_DAYS  # months of the past whose tenth day after is seen, all of them right
    assert law[0][STATE][AT["open"]] == pytest.approx((right + 0.5) / (right + 1))
    assert law[1][STATE][AT["cut_off"]] == pytest.approx(0.5)


def test_the_calendar_learns_how_often_somebody_talks() -> None:
    silent = np.zeros(1_500, dtype=np.int64)
    silent[::300] = 1
    busy = np.zeros(1_500, dtype=np.int64)
    busy[::100] = 1  # the control: each silence is broken within 91 days of its lapse
    chances_ = [
        float(lapse_calendar(lived(talks), [91])[0][STATE][AT["cut_off"]])
        for talks in (silent, busy)
    ]
    assert chances_[0] > 0.7
    assert chances_[1] < 0.5


# ---------------------------------------------------------------------------------- states


def flipping(period: int, days: int) -> Seen:
    return stated(np.where(np.arange(days) // period % 2 == 0, OPEN, CUT_OFF))


def test_persistence_is_fitted_to_each_horizon() -> None:
    seen = flipping(30, 900)
    near, far, back = (law[STATE] for law in persistence(seen, [1, 30, 60]))
    months = (900 - 1) / MONTH_DAYS
    stays = months - 29 / MONTH_DAYS
    assert near[AT["cut_off"]] == pytest.approx((stays + 0.5) / (months + 1))
    assert far[AT["cut_off"]] < 0.03  # after a month it is always the other
    assert back[AT["cut_off"]] > 0.97
    for law in base_rate(seen, [1, 30, 60]):  # the control knows of no horizon
        assert law[STATE][AT["open"]] == pytest.approx(law[STATE][AT["cut_off"]], rel=0.05)


def test_persistence_of_contact_asks_for_what_was_of_late() -> None:
    talks = np.zeros(3_000, dtype=np.int64)
    talks[::400], talks[1500:1800:10] = 1, 1
    quiet, busy = persistence(lived(talks), [30])[0], persistence(lived(talks[:1700]), [30])[0]
    assert busy[CONTACT][1] > quiet[CONTACT][1] + 0.3
    rates = [base_rate(lived(t), [30])[0][CONTACT][1] for t in (talks, talks[:1700])]
    assert abs(rates[0] - rates[1]) < 0.1  # the control looks at the average alone


def jumping(rates: NDArray[np.float64], days: int, seed: int) -> Ints:
    """The states of a chain at the ends of days."""
    step, rng, now, found = np.cumsum(expm(rates), axis=1), np.random.default_rng(seed), 0, []
    for u in rng.uniform(size=days):
        now = int(np.searchsorted(step[now], u))
        found.append(min(now, len(rates) - 1))
    return np.array(found)


def test_the_chain_finds_the_rates_between_states() -> None:
    rates = np.array(
        [[-0.02, 0.015, 0.005, 0], [0.01, -0.01, 0, 0], [0, 0.05, -0.05, 0], [0.1, 0, 0, -0.1]]
    )
    seen = stated(jumping(rates, 200_000, 8))
    assert generator(seen)[:3, :3] == pytest.approx(rates[:3, :3], abs=0.01)
    law = markov_chain(seen, [30])[0][STATE]
    true = expm(rates * 30)[seen.now]
    assert law[AT["open"]] == pytest.approx(true[0], abs=0.05)
    far = markov_chain(seen, [2_000])[0][STATE]
    assert far[AT["open"]] == pytest.approx(expm(rates * 2_000)[0][0], abs=0.04)
    assert abs(far[AT["open"]] - persistence(seen, [1])[0][STATE][AT["open"]]) > 0.2  # the control


def test_the_chain_of_months_knows_whether_there_was_contact() -> None:
    talks = np.zeros(3_000, dtype=np.int64)
    talks[::30] = np.repeat(np.arange(10) % 2, 10)  # ten months with, ten without
    talks = talks[:-15]
    with_, without = markov_chain(lived(talks), [30])[0], markov_chain(lived(talks[:-300]), [30])[0]
    assert with_[CONTACT][1] > 0.8
    assert without[CONTACT][1] < 0.2
    longer = markov_chain(lived(talks[:-300]), [60])[0]
    assert longer[CONTACT][0] < without[CONTACT][0]


# ---------------------------------------------------------------------------------- logit


def test_the_logit_is_at_its_mode() -> None:
    rng = np.random.default_rng(9)
    x = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    answer = rng.integers(3, size=300)

    def lost(flat: NDArray[np.float64]) -> float:
        w = flat.reshape(3, 3)
        logit = x @ w.T
        seen = (logit[np.arange(300), answer] - logsumexp(logit, axis=1)).sum()
        penalty = np.array([FREE, 1, 1])
        return float(0.5 * (penalty * w * w).sum() - WEEK / MONTH_DAYS * seen)

    best = minimize(lost, np.zeros(9), method="BFGS", options={"gtol": 1e-8}).x
    assert fitted(x, answer, 3).ravel() == pytest.approx(best, abs=1e-4)
    assert fitted(x[:0], answer[:0], 3) == pytest.approx(np.zeros((3, 3)))


def test_the_logit_finds_what_decides() -> None:
    rng = np.random.default_rng(10)
    x = np.column_stack([np.ones(20_000), rng.normal(size=20_000)])
    p = 1 / (1 + np.exp(-(0.5 - 1.5 * x[:, 1])))
    weights = fitted(x, (rng.uniform(size=20_000) < p).astype(np.int64), 2)
    said = chances(weights, np.array([1.0, 1.0]))[1]
    assert said == pytest.approx(1 / (1 + np.exp(1.0)), abs=0.02)
    shuffled = fitted(x, (rng.uniform(size=20_000) < 0.5).astype(np.int64), 2)  # the control
    assert chances(shuffled, np.array([1.0, 1.0]))[1] == pytest.approx(0.5, abs=0.03)


def test_the_logit_sees_what_stands_at_the_origin() -> None:
    busy = even(0.1, 1_000, 11)
    quiet = np.zeros(1_000, dtype=np.int64)
    talks = np.concatenate([busy, quiet, busy, quiet, busy])
    talking, silent = (
        ridge_logit(lived(talks), [30])[0],
        ridge_logit(lived(talks[:-1_000]), [30])[0],
    )
    assert talking[CONTACT][1] > 0.9
    assert silent[CONTACT][1] < 0.1


# ---------------------------------------------------------------------------------- all


def test_a_state_that_is_left_out_has_no_chance() -> None:
    seen = lived(even(0.03, 500, 12))
    two = replace(seen, may=np.array([True, True, False, False]))
    for rival in RIVALS:
        laws = rival.forecasts([two, two], [31, 365])
        assert laws is not None
        for law in laws[0]:
            if STATE in law:
                gone = law[STATE][[AT["prisoner_only"], AT["corridor"]]]
                assert gone.tolist() == [0.0, 0.0], rival.id
                assert law[STATE].sum() == pytest.approx(1.0)
    assert base_rate(seen, [31])[0][STATE][AT["corridor"]] > 0  # the control
    floor = floored(np.array([1.0, 0.0, 0.0, 0.0]), 100, np.array([True, False, False, True]))
    assert floor.tolist() == pytest.approx([100.5 / 101, 0.0, 0.0, 0.5 / 101])


def test_every_rival_gives_a_law_to_every_record() -> None:
    records = [lived(even(0.03, days, days)) for days in (1, 2, 20, 45, 700)]
    records += [lived(np.zeros(300, dtype=np.int64)), lived(np.full(300, 1, dtype=np.int64))]
    assert len({r.id for r in RIVALS}) == len(RIVALS) == 9
    for rival in RIVALS:
        laws = rival.forecasts(records, [31, 365])
        assert laws is not None
        assert len(laws) == len(records)
        for law in (law for pair in laws for law in pair):
            assert {*law} <= {*ANSWERS}
            for question, chances_ in law.items():
                assert len(chances_) == len(ANSWERS[question])
                assert chances_.sum() == pytest.approx(1.0)
                assert chances_.min() >= -1e-9
