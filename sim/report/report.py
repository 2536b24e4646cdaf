"""The report: one self-contained HTML file that opens offline, and the figures beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from markupsafe import Markup

from sim import plots
from sim.galleries.figures import RUN_FIGURES
from sim.galleries.gallery import Gallery
from sim.ground.dates import DAY_S, day
from sim.ground.files import write_safely
from sim.log.events import Event
from sim.log.label import date_of, label
from sim.log.projection import course_of
from sim.model.compiling_needs import swept_along
from sim.report.caveats import caveats
from sim.report.numbers import estimate, with_other_weights
from sim.report.pages import page
from sim.report.printing import printed
from sim.report.resting import MEANING, about_fit, about_weights, resting_rows
from sim.report.summary import summary
from sim.report.wording import changes_in_words, completeness, not_known
from sim.results.outcomes import in_file_order
from sim.scenario.interventions import RUN_TYPES
from sim.scenario.outcomes import types_of
from sim.scenario.provenance import provenance

if TYPE_CHECKING:
    from sim.study.run import Run

MAX_CHANNELS = 6
"""Channels that a report draws; the others are named."""

MAX_ROWS = 1_000
"""Events of the sample world that a page lists; the log holds the others."""


def figures(run: Run) -> Iterator[tuple[str, str, str]]:
    """Draw every figure of the report, channel by channel: (file stem, caption, SVG text)."""
    gallery, start = Gallery(run), day(run.program.observe_s).isoformat()
    names = run.program.channels.names
    rules = [r for r in RUN_FIGURES if r.needs is None or getattr(run.scenario, r.needs)]
    for n, name in enumerate(names[:MAX_CHANNELS]):
        several = len(names) > 1
        for rule in rules:
            draw, text = getattr(gallery, rule.name), rule.caption_of(run.level, start)
            match rule.each:
                case "outcome":
                    if n > 0:
                        continue  # an outcome in days is drawn once
                    for outcome, asked in run.scenario.outcomes.items():
                        if asked.type in types_of("days"):
                            yield f"{rule.name}-{outcome}", text, plots.svg(draw(outcome))
                case "channel":
                    stem = f"{rule.name}-{name.replace('/', '-')}" if several else rule.name
                    caption = f"{name}. {text}" if several else text
                    yield stem, caption, plots.svg(draw(name), prefix=f"{stem}-")
                case _:
                    assert_never(rule.each)


def event_rows(run: Run) -> list[tuple[str, Event, str]]:
    """List the events of the sample replication that may differ between worlds: from the as-of
    date on, or from where the run is observed: (day, event, label)."""
    log = run.plot.sample
    course = course_of(log)
    times, ordered = course.times, course.events
    shown = [e for e in ordered if times[e.id] >= run.program.observe_s]
    return [(date_of(e), e, label(e)) for e in shown]


def write_report(run: Run, folder: Path) -> None:
    """Write `report.html` and `figures/*.svg` into a folder.

    Raises:
        RunError: the disk or the folder refuses.
    """
    drawn, names = list(figures(run)), run.program.channels.names
    for stem, _, svg in drawn:
        write_safely(folder / "figures" / f"{stem}.svg", svg)
    rows = event_rows(run)
    html = page(
        "report.html",
        run=run,
        scenario=run.scenario,
        level=run.level,
        held_fixed=RUN_TYPES[run.level],
        caveats=caveats(run.scenario),
        summary=summary(run),
        answers=[(a, *estimate(a)) for a in in_file_order(run.scenario, run.answers)],
        about_fit=about_fit(run),
        about_weights=about_weights(run),
        with_other_weights=with_other_weights,
        words={name: found.rests_on for name, found in run.rests.items()},
        resting=resting_rows(run),
        meaning=MEANING,
        figures=[(stem, caption, Markup(svg)) for stem, caption, svg in drawn],
        printed=printed([(stem, svg) for stem, _, svg in drawn]),
        more_channels=names[MAX_CHANNELS:],
        colours=plots.STATE_COLOURS,
        labels=plots.STATE_LABELS,
        events=rows[:MAX_ROWS],
        more_events=len(rows[MAX_ROWS:]),
        changes=changes_in_words(run.scenario),
        along=swept_along(run.scenario),
        completeness=completeness(run.scenario) if run.level == "what-if" else "",
        not_known=not_known(run.scenario, names, run.program.observe_s),
        made=provenance(run.scenario, run.seed, run.replications, run.executor),
        days=(run.program.until_s - run.program.as_of_s) // DAY_S,
    )
    write_safely(folder / "report.html", html)
