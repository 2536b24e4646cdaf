"""The sentences under a run's outcomes: what was simulated, and what the main one goes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report.answer import main_answer
from sim.report.numbers import percent
from sim.results.outcomes import values_of
from sim.scenario.outcomes import OUTCOME_RULES

if TYPE_CHECKING:
    from sim.results.outcomes import Answer
    from sim.results.result import Result

FEW = 10
"""Worlds that each side of a split must have, at least, for the split to be told."""


def summary(run: Result) -> list[str]:
    """Write two sentences: what was simulated, and what the outcome that is asked is most closely
    linked with. Empty where nothing is asked."""
    main = main_answer(run)
    return [] if main is None else [asked(run), *together(run, main)]


def asked(run: Result) -> str:
    """Say what was asked of what."""
    n = run.replications
    worlds = f"{n:,} possible worlds were" if n > 1 else "One possible world was"
    return f"{worlds} simulated, from {run.scenario.as_of} to {run.scenario.until}."


def together(run: Result, main: Answer) -> list[str]:
    """Say with which other outcome the main one goes together most, over the worlds: among those
    that are yes or no, the one that splits it most."""
    if OUTCOME_RULES[main.type].form == "share":
        return []
    here, splits, others = came(run, main), [], 0
    for answer in run.answers:
        if answer.name == main.name or OUTCOME_RULES[answer.type].form != "yes_or_no":
            continue
        others, there = others + 1, came(run, answer)
        if min(there.sum(), (~there).sum()) >= FEW:
            with_it, without = float(here[there].mean()), float(here[~there].mean())
            if {with_it, without} & {0.0, 1.0}:
                continue  # one follows from the other by the rules, which is no finding
            splits.append((abs(with_it - without), answer.title, with_it, without))
    if not splits or max(splits)[0] < 0.1:
        return (
            [f"“{main.title}” is closely linked with none of the other outcomes."] if others else []
        )
    _, title, with_it, without = max(splits)
    return [
        f"“{main.title}” is most closely linked with “{title}”: yes in "
        f"{percent(with_it, whole=True)} of the worlds with it and in "
        f"{percent(without, whole=True)} of those without. This does not show which is the cause."
    ]


def came(run: Result, answer: Answer) -> NDArray[np.bool_]:
    """Return in which replications a yes-or-no outcome is yes, or a first time comes, [N]."""
    q = list(run.scenario.outcomes).index(answer.name)
    values = values_of(run.scenario, run.program, run.tally, q)
    yes: NDArray[np.bool_] = np.isfinite(values)
    return yes if OUTCOME_RULES[answer.type].form == "days" else values == 1
