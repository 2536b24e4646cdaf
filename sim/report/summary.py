"""The sentences that open a report: what was asked, what mostly happens, and with what it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report.numbers import in_month, percent, with_other_weights
from sim.report.resting import ALLOWED
from sim.results.outcomes import in_file_order, values_of
from sim.scenario.outcomes import OUTCOME_RULES

if TYPE_CHECKING:
    from sim.results.outcomes import Answer
    from sim.results.result import Result

FEW = 10
"""Worlds that each side of a split must have, at least, for the split to be told."""


def summary(run: Result) -> list[str]:
    """Write three sentences: what was asked; what mostly happens, and how sure the simulation is;
    what it is most closely linked with. Empty where nothing is asked."""
    if not run.answers:
        return []
    ordered = in_file_order(run.scenario, run.answers)
    main = next((a for a in ordered if not a.settled), ordered[0])
    return [asked(run), mostly(main), *together(run, main)]


def asked(run: Result) -> str:
    """Say what was asked of what."""
    n = run.replications
    worlds = f"{n:,} possible worlds were" if n > 1 else "One possible world was"
    return f"{worlds} simulated, from {run.scenario.as_of} to {run.scenario.until}."


def mostly(answer: Answer) -> str:
    """Say what mostly happens, and how sure the simulation is of its number."""
    if answer.settled:
        return f"“{answer.title}”: history settles this."
    sure = f"(95 % interval of the simulation: {percent(answer.low, whole=True)} to "
    sure += f"{percent(answer.high, whole=True)})"
    over = answer.over_weights
    if over is not None:
        sure = f"and {with_other_weights(over)} {ALLOWED[over.source]} {sure}"
    sure = f", {sure}" if over is not None else f" {sure}"
    share = percent(answer.estimate, whole=True)
    form = OUTCOME_RULES[answer.type].form
    if form == "share":
        return f"“{answer.title}”: {share} of the days in the mean of all worlds{sure}."
    by = f", half of these by {in_month(answer.half_by)}" if answer.half_by else ""
    where = f"in {share} of the worlds"
    if answer.estimate in (0.0, 1.0):
        where = "in every world" if answer.estimate else "in no world"
    return f"“{answer.title}”: yes {where}{by}{sure}."


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
        return ["It is closely linked with none of the other outcomes."] if others else []
    _, title, with_it, without = max(splits)
    return [
        f"Of the other outcomes it is most closely linked with “{title}”: yes in "
        f"{percent(with_it, whole=True)} of the worlds with it and in "
        f"{percent(without, whole=True)} of those without. This does not show which is the cause."
    ]


def came(run: Result, answer: Answer) -> NDArray[np.bool_]:
    """Return in which replications a yes-or-no outcome is yes, or a first time comes, [N]."""
    q = list(run.scenario.outcomes).index(answer.name)
    values = values_of(run.scenario, run.program, run.tally, q)
    yes: NDArray[np.bool_] = np.isfinite(values)
    return yes if OUTCOME_RULES[answer.type].form == "days" else values == 1
