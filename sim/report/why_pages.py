"""A why's folder: the tables, the figures, the page, and JSON."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from sim.ground.commands import SCENARIOS, files_of, how, options
from sim.ground.files import json_text, write_safely
from sim.report.answer import Behind, order_words, why_in_words
from sim.report.caveats import caveats
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
from sim.report.numbers import percent, share_of, with_other_weights
from sim.report.pages import page
from sim.report.resting import ALLOWED, about_range, drawn_from
from sim.report.studyfolder import claim, record
from sim.report.wording import completeness
from sim.scenario.interventions import RUN_TYPES
from sim.scenario.scenario import Scenario
from sim.study.but_for import ButFor, Why
from sim.study.causes import Bounds
from sim.study.sets import EACH

ADD_UP = "Shares need not add up to 100 %: one event may replace another."
FAILED = (
    "The but-for share of an event: of the replications in which the outcome came about, those in "
    f"which it does not once the event is taken away, with the same chance events. {ADD_UP}"
)
BROUGHT_ABOUT = (
    "Of the replications in which the outcome does not come about, those in which it does once the "
    f"event is taken away, with the same chance events. {ADD_UP}"
)
PARTED = (
    "The chance is the same in both worlds; only the probability changes. A party does a thing "
    "when the chance lies below the probability."
)
"""Captions of a why's figures."""


def but_for_row(b: ButFor, came: Behind = (None, None)) -> tuple[ButFor, str, str, str]:
    """Write a but-for share for a table: itself, the share that answers the question, its interval,
    and the other share. In `came` worlds the outcome comes about, and in how many it does not."""
    fails, makes = percent(b.share, worlds=came[0]), percent(b.made, worlds=came[1])
    if b.turned:
        interval = f"{percent(b.made_low)} to {percent(b.made_high)}"
        nowhere = (b.low, b.high) == (0.0, 1.0)  # where it never came about, it cannot fail
        return b, makes, interval, "" if nowhere else fails
    nowhere = (b.made_low, b.made_high) == (0.0, 1.0)
    other = percent(b.made) if nowhere else makes
    return b, fails, f"{percent(b.low)} to {percent(b.high)}", other


COUPLINGS = (
    "“Any coupling” is between which shares an answer can lie, however the chances of the changed "
    "world are tied to those of the real one, if each of the two keeps its share of the outcome "
    "(Tian and Pearl 2000). Where history settles the outcome that is a single number, and the "
    "coupling acts through the share without the event."
)


def between_percents(bounds: Bounds | None) -> str:
    """Write the bounds of a share; empty where there are none."""
    if bounds is None:
        return ""
    low, high = (percent(p, whole=True) for p in (bounds.low, bounds.high))
    return low if low == high else f"{low} to {high}"


def why_record(
    scenario: Scenario, outcome: str, seed: int, replications: int, draws: int
) -> dict[str, Any]:
    """Return what a why's folder says of it."""
    names = {"scenario": scenario}
    typed = ["sim", "why", *files_of(names, SCENARIOS).values(), *options({"--outcome": outcome})]
    typed += [*how(seed, replications), *options({"--draws": draws})]
    return record("why", names, seed, replications, typed, outcome=outcome, draws=draws)


def why_figures(found: Why) -> list[Drawn]:
    """Draw a why: the shares, and where sample worlds part, if any does."""
    draw = found.plot
    caption = BROUGHT_ABOUT if found.turned else FAILED
    shares = Drawn("but-for", caption, partial(draw.but_for, title=""), draw.but_for)
    parted = Drawn("first-differences", PARTED, draw.first_differences)
    return [shares, parted] if found.differences else [shares]


def save_why(found: Why, folder: Path) -> None:
    """Write a why's folder.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    scenario = found.scenario
    study = why_record(scenario, found.outcome, found.seed, found.replications, found.draws)
    claim(folder, study, {"scenario": scenario})
    shares, *more = shown = why_figures(found)
    rows = [but_for_row(b, found.came) for b in found.events]
    html = page(
        "why.html",
        why=found,
        scenario=scenario,
        caveats=caveats(scenario),
        about_fit=drawn_from(scenario),
        about_weights=about_range(found.over_weights, EACH),
        over=with_other_weights,
        allowed=ALLOWED,
        share=share_of(found.share, found.replications, settled=found.settled),
        percent=percent,
        answer=why_in_words(found),
        first=shares,
        differences=more[0] if more else None,
        rows=rows,
        between=between_percents,
        couplings=COUPLINGS,
        reversals=[but_for_row(b, found.came) for b in found.reversals],
        order_words=order_words,
        fixed=RUN_TYPES["what-if"],
        completeness=completeness(scenario),
        made=study,
    )
    write_safely(folder / "why.json", json_text(found.plain()))
    heads = ("Without", "Date", "Comes about in" if found.turned else "Fails in", "95 % interval")
    cells = [(b.label, b.date, here, interval) for b, here, interval, _ in rows]
    title, tables = f"Why: {found.title}", {"but-for.csv": found.frame}
    write_contents(folder, title, html, shown, tables, paper=("but-for", heads, cells))
