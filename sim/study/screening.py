"""Which of many numbers an answer goes with: Morris's screening and Sobol's shares. Owns SALib.

Points lie in the unit cube, a dimension a number. Morris (1991, "Factorial sampling plans for
preliminary computational experiments", Technometrics 33; mu* of Campolongo, Cariboni and Saltelli
2007) moves one number at a time along trajectories. Sobol (2001; the estimators of Saltelli et al.
2010) splits the variance of the answer, and needs many more points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.model.compiled_scenario import Floats

LEVELS = 4
"""Levels of the grid that Morris's trajectories walk on."""
RESAMPLES = 200
"""Resamples behind an interval."""


@dataclass(frozen=True)
class Effects:
    """What moving each of P numbers over its range does to an answer, by Morris."""

    mean: Floats
    """[P] the mean effect, with its sign."""
    size: Floats
    """[P] mu*: the mean size of an effect."""
    error: Floats
    """[P] half the 95 % interval of `size`."""
    bend: Floats
    """[P] sigma: how the effect differs from place to place, by a curve or by other numbers."""


@dataclass(frozen=True)
class Shares:
    """What each of P numbers has of the variance of an answer, by Sobol."""

    alone: Floats
    """[P] first order: what it does alone."""
    alone_error: Floats
    """[P] half the 95 % interval."""
    total: Floats
    """[P] total order: with what it does together with others."""
    total_error: Floats
    """[P] half the 95 % interval."""


def _problem(numbers: int) -> dict[str, Any]:
    names = [f"x{n}" for n in range(numbers)]
    return {"num_vars": numbers, "names": names, "bounds": [[0.0, 1.0]] * numbers}


def _seed(seed: int) -> int:
    """Return a seed that SALib takes: it takes 0 for none."""
    return seed % 2**32 or 1


def trajectories(numbers: int, count: int, seed: int) -> Floats:
    """Return the points of Morris's trajectories, [count * (numbers + 1), numbers]."""
    from SALib.sample import morris  # it loads pandas, and few commands need it

    found = morris.sample(_problem(numbers), count, num_levels=LEVELS, seed=_seed(seed))
    return np.asarray(found, dtype=np.float64)


def effects(points: Floats, values: Floats, seed: int) -> Effects:
    """Return what each number does, from an answer's values [points] at Morris's points."""
    from SALib.analyze import morris

    found = morris.analyze(
        _problem(points.shape[1]),
        points,
        values,
        num_levels=LEVELS,
        num_resamples=RESAMPLES,
        seed=_seed(seed),
    )
    columns = ("mu", "mu_star", "mu_star_conf", "sigma")
    return Effects(*(np.asarray(found[c], dtype=np.float64) for c in columns))


def sobol_points(numbers: int, count: int, seed: int) -> Floats:
    """Return Sobol's points, [count * (numbers + 2), numbers]; `count` is a power of 2."""
    from SALib.sample import sobol

    found = sobol.sample(_problem(numbers), count, calc_second_order=False, seed=_seed(seed))
    return np.asarray(found, dtype=np.float64)


def sobol_shares(numbers: int, values: Floats, seed: int) -> Shares:
    """Return the shares of each number, from an answer's values [points] at Sobol's points; not
    numbers where nothing varies."""
    from SALib.analyze import sobol

    if np.ptp(values) == 0.0:
        return Shares(*(np.full(numbers, np.nan) for _ in range(4)))
    found = sobol.analyze(
        _problem(numbers),
        values,
        calc_second_order=False,
        num_resamples=RESAMPLES,
        seed=_seed(seed),
    )
    columns = ("S1", "S1_conf", "ST", "ST_conf")
    return Shares(*(np.asarray(found[c], dtype=np.float64) for c in columns))
