"""The report: one self-contained HTML file that opens offline, and the figures beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim import plots
from sim.ground.dates import DAY_S, day
from sim.ground.files import write_safely
from sim.log.events import Event
from sim.log.label import label
from sim.log.log import canonical_times, in_order
from sim.model.compiling_past import swept_along
from sim.report.pages import page
from sim.report.wording import changes_in_words, completeness
from sim.scenario.interventions import RUN_TYPES
from sim.scenario.outcomes import OUTCOME_RULES, types_of
from sim.study.gallery import Gallery
from sim.study.outcomes import Answer
from sim.study.provenance import provenance

if TYPE_CHECKING:
    from sim.study.run import Run

MAX_CHANNELS = 6
"""Channels that a report draws; the others are named."""

CAPTIONS = {
    "occupancy": "As the observer sees it. Left of the line is history; right of it, the worlds "
    "of this run.",
    "occupancy of a what-if": "As the observer sees it. Left of the dashed line is history; right "
    "of it, the changed worlds of this run; after the as-of date they go by no facts.",
    "occupancy of a policy": "As the observer sees it. Left of the line is history; right of it, "
    "the worlds of this run, changed from the dashed line on.",
    "history": "The coded events, and the state that each viewpoint takes them to leave behind.",
    "raster": "Each row is one possible world, of up to 400; a few rows may stand for many worlds.",
    "transitions": "As the observer sees it, from {start} on.",
    "waiting": "Worlds that never get there by the last day are counted as not there.",
    "timeline": "One possible world out of many, with its events: an example, not a prediction.",
    "divergence": "Each government folds the same events, but with its own account of them.",
}


def percent(share: float) -> str:
    """Write a share as a percentage, never rounding a possible thing to nothing or to all."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 < share < 1:
        return ">99.9 %"
    return f"{100 * share:.1f} %"


def estimate(answer: Answer) -> tuple[str, str, str]:
    """Write an answer for a table: estimate, 95 % interval, remark."""
    interval = f"{percent(answer.low)} to {percent(answer.high)}"
    remark = ""
    form = OUTCOME_RULES[answer.type].form
    if form == "share" and answer.q05 is not None and answer.q95 is not None:
        remark = f"9 of 10 worlds: {percent(answer.q05)} to {percent(answer.q95)}"
    if form == "days":
        remark = "half are never there by the end"
        if answer.median_days is not None:
            remark = f"half are there within {answer.median_days:,.0f} days"
            if answer.median_low is not None and answer.median_high is not None:
                remark += f" ({answer.median_low:,.0f} to {answer.median_high:,.0f})"
    value = percent(answer.estimate)
    return f"{value} ever" if form == "days" else value, interval, remark


def caption(run: Run, kind: str) -> str:
    """Say what a figure of a run shows."""
    key = f"{kind} of a {run.level}"
    key = key if key in CAPTIONS else kind
    return CAPTIONS[key].format(start=day(run.program.observe_s).isoformat())


def figures(run: Run) -> Iterator[tuple[str, str, str]]:
    """Draw every figure of the report: (file stem, caption, SVG text)."""
    gallery = Gallery(run)
    names = run.program.channels.names
    kinds = [k for k in Gallery.KINDS if k != "history" or run.scenario.history is not None]
    for kind in kinds:
        if kind == "waiting":
            for outcome, asked in run.scenario.outcomes.items():
                if asked.type in types_of("days"):
                    yield (
                        f"waiting-{outcome}",
                        caption(run, kind),
                        plots.svg(gallery.waiting(outcome)),
                    )
            continue
        for name in names[:MAX_CHANNELS]:
            figure = getattr(gallery, kind)(name)
            stem = kind if len(names) == 1 else f"{kind}-{name.replace('/', '-')}"
            text = caption(run, kind)
            text = text if len(names) == 1 else f"{name}. {text}"
            yield stem, text, plots.svg(figure, prefix=f"{stem}-")


def event_rows(run: Run) -> list[tuple[str, Event, str]]:
    """List the events of the sample replication that may differ between worlds: from the as-of
    date on, or from where the run is observed: (day, event, label)."""
    log = run.plot.sample
    times = canonical_times(log.events)
    ordered = [e for e in in_order(log.events, times) if times[e.id] >= run.program.observe_s]
    return [(e.date[:10], e, label(e)) for e in ordered]


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
