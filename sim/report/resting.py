"""In words: the fit that a run draws its weights from, and what its answers rest on."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from sim.ground.states import STATE_LABELS
from sim.results.outcomes import in_file_order
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from sim.results.result import Result

BOTH = (
    "Worlds differ by chance, and by what nobody knows of the weights: an estimate is a mean over "
    "both."
)
MOST_UNSEEN = 6
"""Changes of state that are listed."""
MEANING = {
    "data": "it would change if the record counted more, and hardly if the prior did",
    "mixed": "it would change with either",
    "prior": "it would change if the prior counted more, and hardly if the record did",
    "neither": "it would change with neither",
    "unclear": "too few draws or worlds to tell",
}
"""What each word says of an answer."""


def drawn_from(*scenarios: Scenario) -> list[str]:
    """Say in sentences where the weights of scenarios' worlds come from, and of which scenario, if
    they come from different places; nothing without a fit."""
    told = [_fit_of(scenario) for scenario in scenarios]
    if not any(told):
        return []
    apart = len({*told}) > 1
    named = [f"“{s.title}”: {t}" if apart else t for s, t in zip(scenarios, told, strict=True) if t]
    return [*dict.fromkeys(named), BOTH]


def _fit_of(scenario: Scenario) -> str:
    """Say which fit a scenario draws its weights from; empty without one."""
    if scenario.fit is None:
        return ""
    fit = scenario.fit.saved
    record, draws = fit.record, len(fit.weights)
    span = record["history"]
    return (
        f"Each world draws its weights from a fit: one of {draws:,} draws, learned from the record "
        f"of {span['from']} to {span['until']}, with {record['reporting']:g} of refusals taken to "
        "be reported."
    )


def about_fit(run: Result) -> list[str]:
    """Say in sentences where the weights of a run come from, and what that means for its answers;
    nothing without a fit."""
    told = drawn_from(run.scenario)
    if not told:
        return []
    told.append(
        "What 9 of 10 worlds hold is wide by both. The 95 % interval is the simulation's own "
        "error; “over draws” says how far the answer itself moves from one draw to another."
    )
    if run.unseen:
        moves = ", ".join(
            f"{STATE_LABELS[u.source]} to {STATE_LABELS[u.target]} ({u.count:.2g} a world)"
            for u in run.unseen[:MOST_UNSEEN]
        )
        rest = len(run.unseen) - MOST_UNSEEN
        more = f", and {rest} more" if rest > 0 else ""
        told.append(
            f"The record never shows these changes of state: {moves}{more}. What is said of them "
            "comes from the model and the prior alone."
        )
    return told


def resting_rows(run: Result) -> list[tuple[str, str, str, str, str]]:
    """Return a row an outcome: title, spread over draws, sensitivity to the prior and to the
    likelihood, and the word; nothing without a fit."""
    rows = list[tuple[str, str, str, str, str]]()
    for answer in in_file_order(run.scenario, run.answers):
        found = run.rests.get(answer.name)
        if found is not None:
            over = "" if isnan(found.over_draws) else f"± {100 * found.over_draws:.0f} points"
            prior = _written(found.prior_sensitivity)
            likelihood = _written(found.likelihood_sensitivity)
            rows.append((answer.title, over, prior, likelihood, found.rests_on))
    return rows


def _written(sensitivity: float) -> str:
    return "" if isnan(sensitivity) else f"{sensitivity:.2f}"
