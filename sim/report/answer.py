"""The answer of a run, a comparison, a why or a sweep as sentences, for the first screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from sim.galleries.names import channels_in
from sim.ground.shares import floored, in_hundred, in_worlds
from sim.ground.states import STATE_LABELS
from sim.log.rulebook import OBSERVER
from sim.report.numbers import in_month, percent
from sim.report.resting import ALLOWED
from sim.results.outcomes import Answer, in_file_order, title_of
from sim.scenario.outcomes import OUTCOME_RULES

if TYPE_CHECKING:
    from sim.results.result import Result
    from sim.study.but_for import ButFor, Why
    from sim.study.comparing import Comparison, Contrast
    from sim.study.sweeping import Sweep

NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
MONTH_DAYS, YEAR_DAYS, SLACK_DAYS = 30.44, 365.25, 3.0


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
    """Answer a run's question: how its channel stands in the end, and the outcome that is asked."""
    main = main_answer(run)
    return [state_in_the_end(run), *([] if main is None else [outcome_in_words(main)])]


def state_in_the_end(run: Result) -> str:
    """Say in how many of 100 worlds the channel that is asked about is in which state in the end,
    for the observer."""
    names, name = run.program.channels.names, main_channel(run)
    ends = run.occupancy(name).filter(pl.col("viewpoint") == OBSERVER).tail(len(STATE_LABELS))
    shares = [(share, state) for state, share in ends.select("state", "share").iter_rows() if share]
    parts = [
        f"{STATE_LABELS[state]} "
        + (f"in {in_hundred(share)}" if n else in_worlds(share, run.replications))
        for n, (share, state) in enumerate(sorted(shares, key=lambda pair: -pair[0]))
    ]
    what = "the channel" if len(names) == 1 else f"“{channels_in(run.scenario)[name]}”"
    when = after(run.scenario.as_of, run.scenario.until)
    return f"{when} {what} is {', '.join(parts)}."


def outcome_in_words(answer: Answer) -> str:
    """Say in a sentence what a run gives for an outcome."""
    head, form = f"“{answer.title}”:", OUTCOME_RULES[answer.type].form
    if answer.settled:
        return f"{head} history settles this."
    said, over = estimated(answer.type, answer.estimate, answer.worlds), ""
    if (found := answer.over_weights) is not None:
        over = f", and {between(answer.type, found.low, found.high)} {ALLOWED[found.source]}"
    if form == "share":
        return f"{head} {said} in the mean of all worlds{over}."
    ever = "ever " if form == "days" else ""
    by = f", half of these by {in_month(answer.half_by)}" if answer.half_by else ""
    return f"{head} {ever}{said}{by}{over}."


def compared_in_words(found: Comparison) -> list[str]:
    """Answer a comparison: what the outcome that is asked becomes in each scenario; the next one
    where the change leaves that one as it is."""
    titles, told = found.plot.titles, []
    for name in found.others:
        own = [c for c in found.contrasts if c.other == name]
        for first in [c for c in own if c.alike < 1.0][:1] or own[:1]:
            worlds = found.worlds_behind(first)
            told.append(contrast_in_words(first, titles[name], titles[found.base_name], worlds))
    return told


Behind = tuple[int | None, int | None]
"""In how many worlds an outcome was asked, in the base and in the other; None where history settles
it."""


def contrast_in_words(c: Contrast, other: str, base: str, worlds: Behind = (None, None)) -> str:
    """Say how an outcome differs between two scenarios."""
    head = f"“{c.title}”"
    if c.alike == 1.0:
        return f"{head}: “{other}” changes it in no world."
    one, two = _amount(c, c.changed, worlds[1]), _amount(c, c.base, worlds[0])
    said = f"{head}: {one} with “{other}”, and {two} with “{base}”."
    if c.low <= 0.0 <= c.high:
        said += " So many worlds do not settle whether they differ."
    over = c.over_weights
    if over is not None and over.same_sign is not None:
        signs = f"{over.same_sign:,} of {over.draws:,}"
        said += f" The difference has this sign in {signs} draws of the weights."
    return said


def _amount(c: Contrast, value: float, worlds: int | None) -> str:
    if OUTCOME_RULES[c.type].form == "days":
        return f"after {value:,.0f} days in the mean"
    return estimated(c.type, value, worlds)


def estimated(kind: str, value: float, worlds: int | None = None) -> str:
    """Write the estimate of an outcome of a type: worlds of 100, or a share of the days. `worlds`
    are those that it is of, where nothing settles it."""
    if OUTCOME_RULES[kind].form == "share":
        return f"{floored(value, worlds) or _percent(value)} of the days"
    return in_worlds(value, worlds)


def between(kind: str, low: float, high: float) -> str:
    """Write two estimates of an outcome of a type as a range."""
    if OUTCOME_RULES[kind].form == "share":
        return f"{_percent(low)} to {_percent(high)} of the days"
    return f"in {in_hundred(low)} to {in_hundred(high)} of 100 worlds"


def _percent(share: float) -> str:
    """Write a share in whole per cent, never rounding something to nothing or to all."""
    if 0 < share < 0.01:
        return "less than 1\u00a0%"
    return "more than 99\u00a0%" if 0.99 < share < 1 else f"{int(100 * share + 0.5 + 1e-9)}\u00a0%"


def order_words(b: ButFor) -> str:
    """Say by which order of two events a share turns; nothing where it turns on none."""
    by = b.by_order
    if by is None:
        return ""
    mine = "it" if len(b.events) == 1 else f"“{by.label}”"
    before, after = percent(by.before), percent(by.after)
    return f"{before} where “{by.other_label}” comes before {mine}, {after} where it comes after"


def why_in_words(found: Why) -> list[str]:
    """Answer a why: how often the outcome comes, and without which event it most often turns."""
    told = [f"“{found.title}” comes about {in_worlds(found.share, found.replications)}."]
    if found.settled:
        does = "comes about" if found.share else "does not come about"
        told = [f"“{found.title}” {does}: history settles this."]
    if not found.events or found.events[0].weight == 0.0:
        return [*told, "No single event of history changes that."]
    first = found.events[0]
    share, over = in_hundred(first.weight), ""
    if (by := first.over_weights) is not None:
        over = f", and in {in_hundred(by.low)} to {in_hundred(by.high)} {ALLOWED[by.source]}"
    does, which = ("comes about", "the others") if found.turned else ("fails", "these")
    told.append(f"Without “{first.label}” it {does} in {share} of 100 of {which}{over}.")
    if first.by_order:
        words = order_words(first).replace(" %", "\u00a0%")
        told.append(f"That turns on an order which the dates leave open: {words}.")
    return told


def swept_in_words(found: Sweep, draws: Sequence[dict[str, object]]) -> list[str]:
    """Answer a sweep: how far the outcome that is asked moves over each number; `draws` are the
    rows of `sim.report.sweep_pages.draws_frame`."""
    asked = found.scenario.outcome_order[0]
    kind = found.scenario.outcomes[asked].type
    head = f"“{title_of(found.scenario, asked)}”"
    if draws:
        row = next(row for row in draws if row["outcome"] == asked)
        low, high = (float(str(row[q])) for q in ("q05", "q95"))
        return [f"{head}: {between(kind, low, high)} over nine tenths of the draws."]
    told, answers = [], found.frame.filter(pl.col("outcome") == asked)
    for path in found.paths:
        means = answers.group_by(path).agg(pl.col("estimate").mean()).sort(path)
        if len(means) > 1:
            (least, one), (most, two) = means.row(0), means.row(-1)
            told.append(
                f"{head}: {estimated(kind, one)} where the {found.plot.names[path]} is {least:g}, "
                f"and {estimated(kind, two)} where it is {most:g}."
            )
    return told
