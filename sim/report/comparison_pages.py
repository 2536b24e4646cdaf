"""A comparison's folder: the tables, the figures, the page, and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sim.galleries.names import channels_in
from sim.ground.column import Column
from sim.ground.commands import SCENARIOS, files_of, how, options
from sim.ground.dates import DAY_S
from sim.ground.files import json_text, write_safely
from sim.ground.shares import floored
from sim.model.compiling_needs import swept_along
from sim.report.answer import Behind, compared_in_words
from sim.report.caveats import caveats_of
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
from sim.report.numbers import already, minus, percent
from sim.report.pages import page
from sim.report.resting import about_range, drawn_from
from sim.report.runfolder import outcome_columns
from sim.report.studyfolder import claim, record
from sim.report.wording import changes_in_words, completeness, differences
from sim.scenario.interventions import RUN_TYPES
from sim.scenario.outcomes import types_of
from sim.scenario.scenario import Scenario
from sim.study.comparing import DAYS, Comparison, Contrast
from sim.study.weighing import EACH

MAX_CHANNELS = 4
SCENARIO = Column("scenario", "string", "", "The scenario; worlds of one number share chances.")
CONTRAST = {
    "base": "Base",
    "changed": "With it",
    "difference": "Change",
    "weights": "With other weights",
    "same_sign": "Same sign",
    "interval": "95 % interval of the change",
}
"""The columns of a contrast for people, and their heads."""


def comparison_figures(found: Comparison) -> list[Drawn]:
    """Draw a comparison, the contrasts first."""
    draw, named = found.plot, channels_in(found.base.scenario)
    caption = "Paired differences with their 95 % intervals."
    figures = [Drawn("contrasts", caption, partial(draw.contrasts, title=""), draw.contrasts)]
    for channel in found.base.program.channels.names[:MAX_CHANNELS]:
        slug = channel.replace("/", "-")
        for n, name in enumerate(found.others):
            stem = f"difference-{n + 1}-{slug}"
            caption = "How the shares of the states differ; bands are paired 95 % intervals."
            figures.append(Drawn(stem, caption, partial(draw.difference, name, channel)))
        caption = f"{named[channel]}. Each row is one world, in the same place in every panel."
        figures.append(Drawn(f"rasters-{slug}", caption, partial(draw.rasters, channel)))
    return figures


def amount(value: float, unit: str, *, signed: bool = False, worlds: int | None = None) -> str:
    """Write a value in its unit, as `12.3 %`, `+4.0 points` or `-31 days`; a share of none or all
    of so many worlds as `sim.ground.shares` has it."""
    if unit != DAYS and (few := floored(value, worlds)) is not None:
        return few
    if unit == DAYS:
        text = f"{value:+,.0f} days" if signed else f"{value:,.0f} days"
    else:
        value = round(100 * value, 6)
        value = 0.0 if abs(value) < 0.05 else value  # no minus before a nought
        text = f"{value:+.1f} points" if signed else f"{value:.1f} %"
    return minus(text)


def range_of(low: float, high: float, unit: str) -> str:
    """Write between which differences one lies, as `+1.0 to +4.0 points`."""
    least, most = (amount(x, unit, signed=True) for x in (low, high))
    return f"{least.rpartition(' ')[0]} to {most}"


def contrast_row(
    c: Contrast,
    gap: float | None,
    own: Contrast | None = None,
    worlds: Behind = (None, None),
) -> dict[str, str]:
    """Write a contrast for a table; `own` is that with a changed world whose chances are its own,
    `worlds` are those behind the base and the other."""
    same = c.alike == 1.0
    narrowing = "cannot be told" if c.narrowing is None else f"{c.narrowing:.1f} times"
    held = already(c.base_held, c.changed_held)
    title = f"{c.title}, mean of all worlds" if c.unit == DAYS else c.title
    return {
        "title": f"{title} ({held})" if held else title,
        "other": c.other,
        "base": amount(c.base, c.unit, worlds=worlds[0]),
        "changed": amount(c.changed, c.unit, worlds=worlds[1]),
        "difference": "no change" if same else amount(c.difference, c.unit, signed=True),
        "interval": "in no world" if same else range_of(c.low, c.high, c.unit),
        "alike": percent(c.alike),
        "narrowing": "" if same else narrowing,
        "gap": "" if gap is None else amount(gap, c.unit, signed=True),
        "independent": "" if own is None else _with_interval(own),
        **_over_weights(c),
    }


def _with_interval(c: Contrast) -> str:
    """Write a difference with its interval."""
    difference = amount(c.difference, c.unit, signed=True)
    return f"{difference} ({range_of(c.low, c.high, c.unit)})"


def _over_weights(c: Contrast) -> dict[str, str]:
    """Write where a change lies with other weights, and in how many draws it has its sign."""
    over = c.over_weights
    if over is None:
        return {"weights": "", "same_sign": ""}
    return {
        "weights": range_of(over.low, over.high, c.unit),
        "same_sign": "cannot be told"
        if over.same_sign is None
        else f"in {over.same_sign:,} of {over.draws:,} draws",
    }


def about_changes(found: Comparison) -> list[str]:
    """Say what the range of a change with other weights is; nothing where none has one."""
    ranges = (c.over_weights for c in found.contrasts if c.over_weights is not None)
    return about_range(next(ranges, None), EACH)


def comparison_rows(found: Comparison) -> list[dict[str, str]]:
    """Write every contrast for a table."""
    rows = []
    for c in found.contrasts:
        worlds, key = found.worlds_behind(c), (c.other, c.name)
        row = contrast_row(c, found.gaps.get(key), found.apart.get(key), worlds)
        for cell, behind in zip(("base", "changed"), worlds, strict=True):
            row[cell] += " (settled)" if behind is None else ""
        rows.append(row)
    return rows


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data."""
    return {
        "base": found.base_name,
        "seed": found.base.seed,
        "replications": found.base.replications,
        "levels": {name: run.level for name, run in found.runs.items()},
        "held_fixed": {name: RUN_TYPES[run.level] for name, run in found.runs.items()},
        "contrasts": found.frame.to_dicts(),
    }


def comparison_record(
    scenarios: Mapping[str, Scenario],
    seed: int,
    replications: int,
    *,
    coupling: bool,
    draws: int,
    independent: bool = False,
) -> dict[str, Any]:
    """Return what a comparison's folder says of it; the base comes first."""
    typed = ["sim", "compare", *files_of(scenarios, SCENARIOS).values(), *how(seed, replications)]
    typed += options({"--coupling": coupling, "--independent": independent, "--draws": draws})
    more = {"coupling": coupling, "draws": draws} | ({"independent": True} if independent else {})
    return record("comparison", scenarios, seed, replications, typed, **more)


def notes_on(found: Comparison) -> list[str]:
    """List what the reader of a comparison's numbers should know."""
    notes, asked = [], found.base.program.outcomes
    if any(c.unit == DAYS for c in found.contrasts):
        spans = {
            int(asked.hi_s[q] - asked.lo_s[q]) // DAY_S
            for q, outcome in enumerate(found.base.scenario.outcomes.values())
            if outcome.type in types_of("days")
        }
        whole = " or ".join(f"{n:,}" for n in sorted(spans))
        notes.append(
            f"Days until a first time are means over all worlds; one that never gets there counts "
            f"with all {whole} days"
        )
    what_if = [r.scenario for r in found.others.values() if r.level == "what-if"]
    notes += sorted({completeness(s).rstrip(".") for s in what_if})
    return notes


def heading_of(found: Comparison) -> str:
    """Say what is compared with what."""
    base, *others = found.plot.titles.values()
    if len(others) == 1:
        return f"“{others[0]}” compared with “{base}”"
    return f"{len(others)} scenarios compared with “{base}”"


def otherwise(found: Comparison) -> dict[str, list[str]]:
    """Say of each scenario what is otherwise in it than in the base."""
    base = found.base.scenario
    return {
        name: changes_in_words(run.scenario) + differences(base, run.scenario)
        for name, run in found.others.items()
    }


def save_comparison(found: Comparison, folder: Path) -> None:
    """Write a comparison's folder.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    scenarios = {name: run.scenario for name, run in found.runs.items()}
    number, seed = found.base.replications, found.base.seed
    study = comparison_record(
        scenarios,
        seed,
        number,
        coupling=bool(found.gaps),
        draws=found.draws,
        independent=bool(found.apart),
    )
    claim(folder, study, scenarios)
    first, *others = figures = comparison_figures(found)
    titles, rows, changed = found.plot.titles, comparison_rows(found), otherwise(found)
    html = page(
        "comparison.html",
        heading=heading_of(found),
        scenario=found.base.scenario,
        base_title=titles[found.base_name],
        caveats=caveats_of(scenarios.values()),
        about_fit=drawn_from(*scenarios.values()),
        parts=[
            {
                "title": titles[name],
                "question": run.scenario.question,
                "reasons": run.scenario.reasons,
                "changed": changed[name],
                "along": swept_along(run.scenario),
                "rows": [row for row in rows if row["other"] == name],
            }
            for name, run in found.others.items()
        ],
        gaps=bool(found.gaps),
        apart=bool(found.apart),
        about_weights=about_changes(found),
        levels=[(titles[n], run.level, RUN_TYPES[run.level]) for n, run in found.runs.items()],
        notes=notes_on(found),
        made=study,
        answer=compared_in_words(found),
        first=first,
        figures=others,
    )
    write_safely(folder / "comparison.json", json_text(comparison_json(found)))
    heads = CONTRAST | ({"gap": "Coupling gap"} if found.gaps else {})
    heads |= {"independent": "Change with chances of its own"} if found.apart else {}
    cells = [(row["title"], titles[row["other"]], *(row[x] for x in heads)) for row in rows]
    worlds = found.values
    write_contents(
        folder,
        heading_of(found),
        html,
        figures,
        {"worlds.parquet": worlds, "contrasts.csv": found.frame, "worlds.csv": worlds},
        own=outcome_columns(found.base.scenario) | {SCENARIO.name: SCENARIO},
        paper=("contrasts", ("Outcome", "Scenario", *heads.values()), cells),
    )
