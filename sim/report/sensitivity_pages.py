"""A sensitivity's folder: the table, the tornado of each outcome, and the page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sim.galleries.study_gallery import SensitivityGallery
from sim.ground.commands import SCENARIOS, files_of, how, options
from sim.plots.scale import whole_percent
from sim.report.caveats import caveats
from sim.report.contents import write_contents
from sim.report.drawing import Drawn
from sim.report.numbers import minus
from sim.report.pages import page
from sim.report.resting import drawn_from
from sim.report.studyfolder import claim, record
from sim.scenario.scenario import Scenario
from sim.study.sensitivity import TOP, Sensitivity

CAPTION = (
    "The numbers with the largest effects. Each bar: this number at the low and at the high end of "
    "its range, the others as they are."
)
MAX_FIGURES = 6
"""Outcomes that a page draws; the table holds all."""


def sensitivity_record(
    scenario: Scenario,
    vary: Sequence[str],
    outcome: str,
    seed: int,
    replications: int,
    trajectories: int,
    *,
    sobol: bool,
) -> dict[str, Any]:
    """Return what a sensitivity's folder says of it."""
    names, varied = {"scenario": scenario}, sorted(vary)
    typed = ["sim", "sensitivity", *files_of(names, SCENARIOS).values(), *how(seed, replications)]
    typed += [word for name in varied for word in ("--vary", name)]
    typed += options({"--outcome": outcome, "--trajectories": trajectories, "--sobol": sobol})
    more = {"vary": varied, "outcome": outcome, "trajectories": trajectories, "sobol": sobol}
    return record("sensitivity", names, seed, replications, typed, **more)


def sensitivity_figures(gallery: SensitivityGallery) -> dict[str, Drawn]:
    """Draw the tornado of each outcome that a page shows, by its name, the asked one first."""
    found: dict[str, Drawn] = {}
    rest = [name for name in gallery.scenario.outcome_order if name != gallery.asked]
    for name in [gallery.asked, *rest][:MAX_FIGURES]:
        draw = partial(gallery.tornado, name)
        found[name] = Drawn(f"tornado-{name}", CAPTION, partial(draw, title=""), draw)
    return found


def in_points(share: float) -> str:
    """Write the size of an effect in percentage points."""
    return minus(f"{100 * share:.1f} points")


def rows_of(found: Sensitivity, outcome: str) -> list[dict[str, Any]]:
    """Return the rows of the most important numbers of an outcome, the largest effect first."""
    frame = found.frame
    return frame.filter((frame["outcome"] == outcome) & (frame["rank"] <= TOP)).to_dicts()


def save_sensitivity(found: Sensitivity, folder: Path) -> None:
    """Write a sensitivity's folder.

    Raises:
        RunError: the disk or the folder refuses, or the folder holds something else.
    """
    study = sensitivity_record(
        found.scenario,
        found.vary,
        found.outcome,
        found.seed,
        found.replications,
        found.trajectories,
        sobol=found.shares is not None,
    )
    claim(folder, study, {"scenario": found.scenario})
    shown = sensitivity_figures(found.plot)
    parts = [
        {
            "title": found.titled(name),
            "figure": figure,
            "base": float(found.base[found.outcomes.index(name)]),
            "reached": [float(x) for x in found.reached[:, found.outcomes.index(name)]],
            "rows": rows_of(found, name),
        }
        for name, figure in shown.items()
    ]
    html = page(
        "sensitivity.html",
        scenario=found.scenario,
        found=found,
        parts=parts,
        in_points=in_points,
        whole_percent=partial(whole_percent, worlds=found.replications),
        caveats=caveats(found.scenario),
        about_fit=drawn_from(found.scenario),
        made=study,
    )
    title, tables = f"What moves it: {found.scenario.title}", {"sensitivity.csv": found.frame}
    write_contents(folder, title, html, shown.values(), tables)
