"""In words: where a run's weights come from, and what its answers rest on."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from sim.ground.states import STATE_LABELS
from sim.plots.scale import whole_percent
from sim.results.outcomes import in_file_order
from sim.results.over_weights import OverWeights
from sim.scenario.fit import share_reported
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from sim.results.result import Result

BOTH = (
    "Worlds differ by chance, and by what nobody knows of the weights: an estimate is a mean over "
    "both."
)
ALLOWED = {
    "priors": "with other weights that the priors allow",
    "fit": "with other weights that the fit allows",
}
"""What a range over draws is said to be, by where they come from."""
DRAWN_FROM = {"priors": "the priors of the doctrines", "fit": "the fit"}
MUCH = 1.5
"""From how many times as likely on the mean over draws is said to differ from the answer."""
LEAST_SHIFT = 0.05
"""A difference below this is not told."""
MOST_SHIFTED = 3
"""Outcomes that are named whose mean over draws differs much."""
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
    if fit.of_any_pair:
        return (
            f"Each world draws its weights from the law of {len(record['pairs'])} pairs, as those "
            f"of a pair that was never seen: one of {draws:,} draws, learned from records of "
            f"{span['from']} to {span['until']}. Both sides have the same weights."
        )
    return (
        f"Each world draws its weights from a fit: one of {draws:,} draws, learned from the record "
        f"of {span['from']} to {span['until']}, with {share_reported(record)} of refusals taken to "
        "be reported."
    )


def about_fit(run: Result) -> list[str]:
    """Say in sentences where the weights of a run come from, and what that means for its answers;
    nothing without a fit."""
    told = drawn_from(run.scenario)
    if not told:
        return []
    if run.unseen:
        several = len({u.channel for u in run.unseen}) > 1
        moves = ", ".join(
            (f"{u.channel} " if several else "")
            + f"{STATE_LABELS[u.source]} to {STATE_LABELS[u.target]} ({u.count:.2g} a world)"
            for u in run.unseen[:MOST_UNSEEN]
        )
        rest = len(run.unseen) - MOST_UNSEEN
        more = f", and {rest} more" if rest > 0 else ""
        told.append(
            f"The record never shows these changes of state: {moves}{more}. What is said of them "
            "comes from the model and the prior alone."
        )
    return told


def about_range(over: OverWeights | None, each: int) -> list[str]:
    """Say what the range with other weights is, of which `over` is one; `each` is how many worlds
    a draw has."""
    if over is None:
        return []
    return [
        f"“With other weights” is where the answer lies in nine of ten of {over.draws:,} draws of "
        f"the weights from {DRAWN_FROM[over.source]}, each of about {each:,} worlds; the noise of "
        "few worlds is taken out. It does not narrow with more worlds, as the interval of the "
        "simulation does."
    ]


def about_weights(run: Result) -> list[str]:
    """Say what the range with other weights is, and where doubt about the weights alone makes a
    thing likelier or less likely; nothing where none were drawn."""
    over = next((a.over_weights for a in run.answers if a.over_weights is not None), None)
    if over is None:
        return []
    worlds = run.replications if run.drawn is None else run.drawn.worlds
    return about_range(over, round(worlds / over.draws)) + shifted(run)


def shifted(run: Result) -> list[str]:
    """Say of which outcomes the mean over draws of priors differs much from the answer at the
    doctrines' own weights."""
    found = [
        (abs(over.mean - a.estimate), a, over)
        for a in in_file_order(run.scenario, run.answers)
        if (over := a.over_weights) is not None and over.source == "priors"
    ]
    much = [
        (a, over)
        for apart, a, over in sorted(found, key=lambda row: -row[0])
        if apart >= LEAST_SHIFT and max(a.estimate, over.mean) >= MUCH * min(a.estimate, over.mean)
    ]
    if not much:
        return []
    named = [
        f"“{a.title}” is {whole_percent(a.estimate)} at the doctrines' own weights and "
        f"{whole_percent(over.mean)} in the mean of the draws"
        for a, over in much[:MOST_SHIFTED]
    ]
    return [
        f"Doubt about the weights alone moves some answers: {'; '.join(named)}. Rare acts are "
        "averaged over a curve that bends, so wide priors make them likelier before any data."
    ]


PARTS = ("chance", "dates", "weights", "rules")
"""The parts of the variance, in order."""
MADE_OF = (
    "An outcome differs from world to world by chance, by the imprecise dates of history, by the "
    "weights and by rules that are conventions, where each is drawn. A share is what a part does "
    "alone; what several do together counts as chance."
)


def variance_rows(run: Result) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Return which parts the variance of a run's outcomes is made of, and a row an outcome with the
    share of each; nothing where no weights were drawn."""
    names = [p for p in PARTS if any(getattr(s, p) is not None for s in run.variance.values())]
    rows = []
    for answer in in_file_order(run.scenario, run.answers):
        parts = run.variance.get(answer.name)
        if parts is not None and not answer.settled:
            rows.append((answer.title, [_share(getattr(parts, name)) for name in names]))
    return names, rows


def _share(part: float | None) -> str:
    return "" if part is None else whole_percent(part)


def rests_on(run: Result, name: str) -> str:
    """Return the word for what an answer over a fit rests on; empty without a fit."""
    found = run.rests.get(name)
    return "" if found is None else found.rests_on


def resting_rows(run: Result) -> list[tuple[str, str, str, str]]:
    """Return a row an outcome: title, sensitivity to the prior and to the likelihood, and the word;
    nothing without a fit."""
    rows = list[tuple[str, str, str, str]]()
    for answer in in_file_order(run.scenario, run.answers):
        found = run.rests.get(answer.name)
        if found is not None:
            prior = _written(found.prior_sensitivity)
            likelihood = _written(found.likelihood_sensitivity)
            rows.append((answer.title, prior, likelihood, found.rests_on))
    return rows


def _written(sensitivity: float) -> str:
    return "" if isnan(sensitivity) else f"{sensitivity:.2f}"
