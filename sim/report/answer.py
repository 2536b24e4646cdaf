"""The answer of a run, a comparison, a why or a sweep as sentences, for the first screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from sim.galleries.names import channels_in
from sim.ground.states import STATE_LABELS
from sim.report.numbers import in_month
from sim.results.outcomes import Answer, in_file_order
from sim.scenario.outcomes import OUTCOME_RULES

if TYPE_CHECKING:
    from sim.results.result import Result
    from sim.study.but_for import Why
    from sim.study.comparing import Comparison, Contrast
    from sim.study.sweeping import Sweep

MOST_CHANNELS = 3
"""Channels whose states in the end are told."""
NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
MONTH_DAYS, YEAR_DAYS, SLACK_DAYS = 30.44, 365.25, 3.0


def in_hundred(share: float) -> str:
    """Write a share as a number of 100 worlds, never rounding a possible thing to none or all."""
    if 0 < share < 0.01:
        return "fewer than 1"
    if 0.99 < share < 1:
        return "more than 99"
    return f"{int(100 * share + 0.5 + 1e-9)}"


def after(as_of: str, until: str) -> str:
    """Say how long after the as-of date a run ends: after two years, or on which day."""
    days = (date.fromisoformat(until[:10]) - date.fromisoformat(as_of[:10])).days
    for unit, size in (("year", YEAR_DAYS), ("month", MONTH_DAYS)):
        number = round(days / size)
        if 1 <= number < len(NUMBERS) and abs(days - number * size) <= SLACK_DAYS:
            return f"After {NUMBERS[number]} {unit}{'s' if number > 1 else ''}"
    if 1 <= days < len(NUMBERS):
        return f"After {NUMBERS[days]} day{'s' if days > 1 else ''}"
    return f"By the end of the run, {until[:10]},"


def main_answer(run: Result) -> Answer | None:
    """Return the outcome that the question asks: the first that history does not settle."""
    ordered = in_file_order(run.scenario, run.answers)
    return next((a for a in ordered if not a.settled), ordered[0] if ordered else None)


def main_channel(run: Result) -> str:
    """Return the channel that the question asks about: that of its outcome, or the first."""
    names, main = run.program.channels.names, main_answer(run)
    asked = None if main is None else getattr(run.scenario.outcomes[main.name], "channel", None)
    return asked if asked in names else names[0]


def answered(run: Result) -> list[str]:
    """Answer a run's question: how its channels stand in the end, and the outcome that is asked."""
    main = main_answer(run)
    return [*states_in_the_end(run), *([] if main is None else [outcome_in_words(main)])]


def states_in_the_end(run: Result) -> list[str]:
    """Say of a run's channels in how many of 100 worlds each is in which state in the end, for the
    observer: of the one that is asked about, and of others where there are few."""
    names = list(run.program.channels.names)
    first = main_channel(run)
    order = [first, *(name for name in names if name != first)][:MOST_CHANNELS]
    when = after(run.scenario.as_of, run.scenario.until)
    named, told = channels_in(run.scenario), []
    for n, name in enumerate(order):
        ends = run.occupancy(name).filter(pl.col("viewpoint") == "observer").tail(len(STATE_LABELS))
        shares = sorted(
            ((share, state) for state, share in ends.select("state", "share").iter_rows() if share),
            key=lambda pair: -pair[0],
        )
        parts = [
            f"{STATE_LABELS[state]} in {in_hundred(share)}{' of 100 worlds' if not k else ''}"
            for k, (share, state) in enumerate(shares)
        ]
        what = "the channel" if len(names) == 1 else f"“{named[name]}”"
        begun = f"{when} {what} is" if n == 0 else f"{what[0].upper()}{what[1:]} is then"
        told.append(f"{begun} {', '.join(parts)}.")
    return told


def outcome_in_words(answer: Answer) -> str:
    """Say in a sentence what a run gives for an outcome."""
    head, form = f"“{answer.title}”:", OUTCOME_RULES[answer.type].form
    if answer.settled:
        return f"{head} history settles this."
    if form == "share":
        return f"{head} {_percent(answer.estimate)} of the days in the mean of all worlds."
    by = f", half of these by {in_month(answer.half_by)}" if answer.half_by else ""
    return f"{head} in {in_hundred(answer.estimate)} of 100 worlds{by}."


def compared_in_words(found: Comparison) -> list[str]:
    """Answer a comparison: what the outcome that is asked becomes in each scenario."""
    titles, told = found.plot.titles, []
    for name in found.others:
        first = next((c for c in found.contrasts if c.other == name), None)
        if first is not None:
            told.append(contrast_in_words(first, titles[name], titles[found.base_name]))
    return told


def contrast_in_words(c: Contrast, other: str, base: str) -> str:
    """Say how an outcome differs between two scenarios."""
    head = f"“{c.title}”:"
    if c.alike == 1.0:
        return f"{head} “{other}” changes it in no world."
    one, two = _amount(c, c.changed), _amount(c, c.base)
    if c.low <= 0.0 <= c.high:
        return (
            f"{head} {one} under “{other}” and {two} under “{base}”. So few worlds do not show a "
            "difference."
        )
    return f"{head} {one} under “{other}”, instead of {two} under “{base}”."


def _amount(c: Contrast, value: float) -> str:
    form = OUTCOME_RULES[c.type].form
    if form == "days":
        return f"after {value:,.0f} days in the mean"
    if form == "share":
        return f"{_percent(value)} of the days"
    return f"in {in_hundred(value)} of 100 worlds"


def _percent(share: float) -> str:
    return "less than 1\u00a0%" if 0 < share < 0.01 else f"{int(100 * share + 0.5 + 1e-9)}\u00a0%"


def why_in_words(found: Why) -> list[str]:
    """Answer a why: how often the outcome comes, and without which event it most often turns."""
    told = [f"“{found.title}” comes about in {in_hundred(found.share)} of 100 worlds."]
    if not found.events or found.events[0].weight == 0.0:
        return [*told, "No single event of history changes that."]
    first = found.events[0]
    share = in_hundred(first.weight)
    if found.turned:
        told.append(f"Without “{first.label}” it comes about in {share} of 100 of the others.")
    else:
        told.append(f"Without “{first.label}” it fails in {share} of 100 of these.")
    return told


def swept_in_words(found: Sweep, draws: Sequence[dict[str, object]]) -> list[str]:
    """Answer a sweep: how far the outcome that is asked moves over each number; `draws` are the
    rows of `sim.report.sweep_pages.draws_frame`."""
    asked = found.scenario.outcome_order[0]
    title = next((a.title for p in found.points for a in p.answers if a.name == asked), asked)
    if draws:
        row = next(row for row in draws if row["outcome"] == asked)
        low, high = (in_hundred(float(str(row[q]))) for q in ("q05", "q95"))
        return [f"“{title}”: {low} to {high} of 100 over nine tenths of the draws."]
    told = []
    for path in found.paths:
        ends = _ends(found, asked, path)
        if ends is not None:
            (least, one), (most, two) = ends
            name = found.plot.names[path]
            told.append(
                f"“{title}”: {in_hundred(one)} of 100 where the {name} is {least:g}, and "
                f"{in_hundred(two)} where it is {most:g}."
            )
    return told


def _ends(
    found: Sweep, outcome: str, path: str
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the least and the largest value of a number with the mean estimate there."""
    by: dict[float, list[float]] = {}
    for point in found.points:
        for a in point.answers:
            if a.name == outcome:
                by.setdefault(point.values[path], []).append(a.estimate)
    if len(by) < 2:
        return None
    low, high = min(by), max(by)
    return (low, sum(by[low]) / len(by[low])), (high, sum(by[high]) / len(by[high]))
