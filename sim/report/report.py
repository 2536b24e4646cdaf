"""The report: one self-contained HTML file that opens offline, and the figures beside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from sim import plots
from sim.galleries.figures import RUN_FIGURES
from sim.galleries.forums import forums_of
from sim.galleries.gallery import Gallery
from sim.galleries.names import channel_names, channels_in
from sim.ground.dates import DAY_S, day
from sim.ground.files import write_safely
from sim.log.events import Event
from sim.log.label import date_of, label
from sim.log.projection import course_of
from sim.model.compiling_needs import swept_along
from sim.report.answer import answered, main_channel
from sim.report.caveats import caveats
from sim.report.contents import PAGE, write_figures
from sim.report.drawing import Drawn
from sim.report.governing import governed, government_tables
from sim.report.numbers import estimate, with_other_weights
from sim.report.pages import page
from sim.report.printing import printed
from sim.report.resting import (
    MADE_OF,
    MEANING,
    about_fit,
    about_weights,
    resting_rows,
    variance_rows,
)
from sim.report.summary import summary
from sim.report.wording import changes_in_words, completeness, drifting, not_known
from sim.results import frames
from sim.results.outcomes import in_file_order
from sim.scenario.interventions import RUN_TYPES
from sim.scenario.outcomes import types_of
from sim.scenario.provenance import provenance
from sim.scenario.scope import party_name

if TYPE_CHECKING:
    from sim.study.run import Run

MAX_CHANNELS = 6
"""Channels that a report draws; the others are named."""

SQUARE = " The table has the changes a year of time in the state of its row."

MAX_ROWS = 1_000
"""Events of the sample world that a page lists; the log holds the others."""


def figures(run: Run) -> Iterator[Drawn]:
    """Draw every figure of the report: the fan of the channel that is asked about, then channel by
    channel."""
    gallery, start = Gallery(run), day(run.program.observe_s).isoformat()
    names = in_order(run)
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
                            yield Drawn(f"{rule.name}-{outcome}", text, partial(draw, outcome))
                case "channel":
                    stem = f"{rule.name}-{name.replace('/', '-')}" if several else rule.name
                    caption = f"{gallery.named[name]}. {text}" if several else text
                    if rule.name == "occupancy":
                        yield _fan(run, gallery, name, stem, caption)
                        continue
                    table = square(run, name) if rule.name == "transitions" else []
                    caption += SQUARE if table else ""
                    yield Drawn(stem, caption, partial(draw, name), table=table)
                case _:
                    assert_never(rule.each)


def in_order(run: Run) -> list[str]:
    """List a run's channels: the one that its question asks about first."""
    first = main_channel(run)
    return [first, *(name for name in run.program.channels.names if name != first)]


def _fan(run: Run, gallery: Gallery, name: str, stem: str, caption: str) -> Drawn:
    """Draw the fan of a channel; in the page it does not repeat the page's own title."""
    if forums_of(run, name):
        caption = f"{caption} Dots are forums; their names are under details."
    draw = partial(gallery.occupancy, name)
    return Drawn(stem, caption, partial(draw, title=""), draw)


def square(run: Run, channel: str) -> list[list[str]]:
    """Write the changes of state a year as four by four: from the rows to the columns."""
    moves, _ = frames.transitions_frame(run.program, run.tally, channel)
    rates = {(s, t): r for s, t, r in moves.select("source", "target", "rate_per_year").iter_rows()}
    heads = [plots.STATE_LABELS[state] for state in plots.STATES]
    rows = [["from, to", *heads]]
    for source, head in zip(plots.STATES, heads, strict=True):
        cells = [_rate(rates.get((source, target))) for target in plots.STATES]
        rows.append([head, *cells])
    return rows


def _rate(rate: float | None) -> str:
    """Write a rate a year; a state does not move to itself."""
    if rate is None:
        return ""
    return "0" if rate == 0 else "< 0.01" if rate < 0.01 else f"{rate:.2f}"


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
    found, names = list(figures(run)), run.program.channels.names
    write_figures(found, folder)
    rows, log = event_rows(run), run.plot.sample
    first, *others = found
    html = page(
        "report.html",
        run=run,
        scenario=run.scenario,
        level=run.level,
        held_fixed=RUN_TYPES[run.level],
        caveats=caveats(run.scenario),
        answer=[*answered(run), *governed(run)],
        governments=government_tables(run),
        summary=summary(run),
        answers=[(a, *estimate(a)) for a in in_file_order(run.scenario, run.answers)],
        about_fit=about_fit(run),
        about_weights=about_weights(run),
        with_other_weights=with_other_weights,
        variance=variance_rows(run),
        made_of=MADE_OF,
        words={name: found.rests_on for name, found in run.rests.items()},
        resting=resting_rows(run),
        meaning=MEANING,
        first=first,
        figures=others,
        printed=printed([(f.stem, f.file) for f in found]),
        more_channels=[channels_in(run.scenario)[name] for name in in_order(run)[MAX_CHANNELS:]],
        channels=channel_names(log.channels, log.name_of),
        named=lambda code: party_name(run.scenario, code),
        colours=plots.STATE_COLOURS,
        events=rows[:MAX_ROWS],
        more_events=len(rows[MAX_ROWS:]),
        changes=changes_in_words(run.scenario),
        along=swept_along(run.scenario),
        completeness=completeness(run.scenario) if run.level == "what-if" else "",
        drifting=drifting(run.scenario),
        not_known=not_known(run.scenario, names, run.program.observe_s),
        made=provenance(run.scenario, run.seed, run.replications, run.executor),
        days=(run.program.until_s - run.program.as_of_s) // DAY_S,
    )
    write_safely(folder / PAGE, html)
