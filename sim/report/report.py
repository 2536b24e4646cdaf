"""The report: one self-contained HTML file that opens offline, and the figures beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from markupsafe import Markup

from sim import plots
from sim.ground.dates import DAY_S, day
from sim.ground.files import write_safely
from sim.log.events import Event
from sim.log.label import date_of, label
from sim.log.log import canonical_times, in_order
from sim.model.compiling_needs import swept_along
from sim.report.pages import page
from sim.report.wording import changes_in_words, completeness
from sim.scenario.interventions import RUN_TYPES
from sim.scenario.outcomes import OUTCOME_RULES, types_of
from sim.study.figures import RUN_FIGURES
from sim.study.gallery import Gallery
from sim.study.outcomes import Answer
from sim.study.provenance import provenance

if TYPE_CHECKING:
    from sim.study.run import Run

MAX_CHANNELS = 6
"""Channels that a report draws; the others are named."""


def percent(share: float) -> str:
    """Write a share as a percentage, never rounding a possible thing to nothing or to all."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 < share < 1:
        return ">99.9 %"
    return f"{round(100 * share, 6):.1f} %"  # a tie is rounded as in every other table


def estimate(answer: Answer) -> tuple[str, str, str]:
    """Write an answer for a table: estimate, 95 % interval, remark."""
    interval = f"{percent(answer.low)} to {percent(answer.high)}"
    remark = ""
    form = OUTCOME_RULES[answer.type].form
    if form == "share" and answer.q05 is not None and answer.q95 is not None:
        remark = f"9 of 10 worlds: {percent(answer.q05)} to {percent(answer.q95)}"
    if form == "days":
        remark = "fewer than half get there"
        if answer.median_days is not None:
            remark = f"half are there within {answer.median_days:,.0f} days"
            if answer.median_low is not None and answer.median_high is not None:
                remark += f" ({answer.median_low:,.0f} to {answer.median_high:,.0f})"
    value = percent(answer.estimate)
    return f"{value} ever" if form == "days" else value, interval, remark


def figures(run: Run) -> Iterator[tuple[str, str, str]]:
    """Draw every figure of the report: (file stem, caption, SVG text)."""
    gallery, start = Gallery(run), day(run.program.observe_s).isoformat()
    names = run.program.channels.names
    for rule in RUN_FIGURES:
        if rule.needs is not None and not getattr(run.scenario, rule.needs):
            continue
        draw, text = getattr(gallery, rule.name), rule.caption_of(run.level, start)
        match rule.each:
            case "outcome":
                for outcome, asked in run.scenario.outcomes.items():
                    if asked.type in types_of("days"):
                        yield f"{rule.name}-{outcome}", text, plots.svg(draw(outcome))
            case "channel":
                for name in names[:MAX_CHANNELS]:
                    several = len(names) > 1
                    stem = f"{rule.name}-{name.replace('/', '-')}" if several else rule.name
                    caption = f"{name}. {text}" if several else text
                    yield stem, caption, plots.svg(draw(name), prefix=f"{stem}-")
            case _:
                assert_never(rule.each)


def event_rows(run: Run) -> list[tuple[str, Event, str]]:
    """List the events of the sample replication that may differ between worlds: from the as-of
    date on, or from where the run is observed: (day, event, label)."""
    log = run.plot.sample
    times = canonical_times(log.events)
    ordered = [e for e in in_order(log.events, times) if times[e.id] >= run.program.observe_s]
    return [(date_of(e), e, label(e)) for e in ordered]


def write_report(run: Run, folder: Path) -> None:
    """Write `report.html` and `figures/*.svg` into a folder.

    Raises:
        RunError: the disk or the folder refuses.
    """
    drawn = list(figures(run))
    for stem, _, svg in drawn:
        write_safely(folder / "figures" / f"{stem}.svg", svg)
    html = page(
        "report.html",
        run=run,
        scenario=run.scenario,
        level=run.level,
        held_fixed=RUN_TYPES[run.level],
        answers=[(a, *estimate(a)) for a in run.answers],
        figures=[(stem, caption, Markup(svg)) for stem, caption, svg in drawn],
        more_channels=run.program.channels.names[MAX_CHANNELS:],
        colours=plots.STATE_COLOURS,
        labels=plots.STATE_LABELS,
        events=event_rows(run),
        changes=changes_in_words(run.scenario),
        along=swept_along(run.scenario),
        completeness=completeness(run.scenario) if run.level == "what-if" else "",
        made=provenance(run.scenario, run.seed, run.replications, run.executor),
        days=(run.program.until_s - run.program.as_of_s) // DAY_S,
    )
    write_safely(folder / "report.html", html)
