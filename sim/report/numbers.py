"""Numbers in words: shares, dates and answers, as tables and sentences write them."""

from __future__ import annotations

from sim.ground.dates import MONTHS
from sim.ground.language import N_, _, numeral
from sim.ground.language import percent as written
from sim.ground.shares import floored, in_worlds
from sim.plots.scale import MINUS, whole_percent
from sim.results.outcomes import Answer
from sim.results.over_weights import OverWeights
from sim.scenario.outcomes import OUTCOME_RULES

WIDE = 0.01
"""An interval wider than this is written in whole percent."""
Z90 = 1.6448536269514722
"""Nine in ten of a Normal law lie within so many spreads of its mean."""


def minus(text: str) -> str:
    """Write numbers with a minus sign for each hyphen."""
    return text.replace("-", MINUS)


def percent(share: float, *, whole: bool = False, worlds: int | None = None) -> str:
    """Write a share as a percentage, never rounding a possible thing to nothing or to all; `whole`
    where a tenth of a point would say more than is known. Of so many `worlds`, where nothing
    settles it, a share of none or all is written as `sim.ground.shares` has it."""
    if (few := floored(share, worlds)) is not None:
        return few
    if whole:
        return whole_percent(share)
    if 0 < share < 0.0005:
        return written("<0.1")
    if 0.9995 < share < 1:
        return written(">99.9")
    return written(f"{round(100 * share, 6):.1f}")  # a tie is rounded as in every other table


def share_of(share: float, worlds: int, *, settled: bool = False, whole: bool = False) -> str:
    """Say of so many worlds in which share of them a thing comes about, as in 57.0 % of 500 worlds,
    or in fewer than 1 of 500 worlds; `settled` where history settles it."""
    if settled:
        said = N_("in all of {worlds} worlds: history settles this")
        if not share:
            said = N_("in none of {worlds} worlds: history settles this")
        return _(said, worlds=numeral(f"{worlds:,}"))
    if floored(share, worlds) is None:
        told = {"share": percent(share, whole=whole), "worlds": numeral(f"{worlds:,}")}
        return _("in {share} of {worlds} worlds", **told)
    return in_worlds(share, worlds)


ESTIMATE = ("Estimate", "95 % interval", "Spread")
"""The heads of what `estimate` writes."""


def estimate(answer: Answer) -> tuple[str, str, str]:
    """Write an answer for a table: estimate, 95 % interval, remark."""
    wide = answer.high - answer.low > WIDE
    interval = f"{percent(answer.low, whole=wide)} to {percent(answer.high, whole=wide)}"
    remark = ""
    form = OUTCOME_RULES[answer.type].form
    if answer.settled:
        return settled(answer, form), SETTLED, already(answer.held)
    if form == "share" and answer.q05 is not None and answer.q95 is not None:
        low, high = (percent(q, whole=wide) for q in (answer.q05, answer.q95))
        remark = f"9 of 10 worlds: {low} to {high}"
    if form == "days" and answer.half_by is not None:
        remark = f"half of these by {in_month(answer.half_by)}"
    if already(answer.held):
        remark = f"{remark}; {already(answer.held)}" if remark else already(answer.held)
    value = percent(answer.estimate, whole=wide, worlds=answer.worlds)
    return f"{value} ever" if form == "days" else value, interval, remark


def with_other_weights(over: OverWeights | None) -> str:
    """Write where a share lies with other weights, as `13 to 89 %`; empty where it is not known."""
    if over is None:
        return ""
    low, high = whole_percent(over.low), whole_percent(over.high)
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def already(*held: float | None) -> str:
    """Say in how many worlds of a run, or of two, a first time holds at its own start, and what
    counts there; nothing where it never does."""
    shares = [percent(share, whole=True) for share in held if share is not None]
    if not any(held):
        return ""
    return (
        f"already so at the start in {' and '.join(shares)} of worlds: there the next time counts"
    )


def in_month(day: str) -> str:
    """Write the month of a day, as March 2024."""
    return _("{month} {year}", month=_(MONTHS[int(day[5:7]) - 1]), year=day[:4])


SETTLED = "settled by history"


def settled(answer: Answer, form: str) -> str:
    """Write an answer that history gives."""
    if form == "share":
        return percent(answer.estimate)
    if form == "days" and answer.median_days is not None:
        return _("after {n} days", n=numeral(f"{answer.median_days:,.0f}"))
    if answer.estimate == 1.0:
        return _("yes")
    return _("no") if form == "yes_or_no" else _("never")
