"""How an inclination goes on after the as-of date: a walk by steps, back towards where it stood."""

from __future__ import annotations

from sim.rules.normal import normal_quantile

STEP_DAYS = 30
STEP_S = STEP_DAYS * 86_400
"""How long a walk stays where it is."""


def step_of(age_s: int, steps: int) -> int:
    """Return which step of a walk holds so long after the as-of date: 0 before it, and in the first
    `STEP_S`; the last of `steps` at most."""
    return min(max(0, age_s) // STEP_S, steps - 1)


def walk_steps(start_s: int, end_s: int) -> int:
    """Return how many steps a run has, the first of which stays where it was."""
    return 1 + max(0, end_s - 1 - start_s) // STEP_S


def walked(before: float, kept: float, scatter: float, chance: float) -> float:
    """Return where a walk goes from where it was: a share is kept, and a Normal number of standard
    deviation `scatter` is added, the quantile at a chance."""
    return kept * before + scatter * normal_quantile(chance)
