"""A sensitivity's folder: the table, the tornado of each outcome, and the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from sim import plots
from sim.ground.files import write_safely
from sim.plots.scale import whole_percent
from sim.report.caveats import caveats
from sim.report.pages import page
from sim.report.resting import drawn_from
from sim.report.studyfolder import claim, record
from sim.scenario.scenario import Scenario
from sim.study.sensitivity import TOP, Sensitivity

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
    more = {"vary": sorted(vary), "outcome": outcome, "trajectories": trajectories, "sobol": sobol}
    return record("sensitivity", {"scenario": scenario}, seed, replications, **more)


def drawn_outcomes(found: Sensitivity) -> list[str]:
    """List the outcomes of which a page draws a tornado, the one that was asked first."""
    rest = [name for name in found.scenario.outcome_order if name != found.outcome]
    return [found.outcome, *rest][:MAX_FIGURES]


def in_points(share: float) -> str:
    """Write the size of an effect in percentage points."""
    return f"{100 * share:.1f} points".replace("-", "\N{MINUS SIGN}")


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
    drawn = []
    for name in drawn_outcomes(found):
        stem = f"tornado-{name}"
        svg = plots.svg(found.plot.tornado(name), prefix=f"{stem}-")
        write_safely(folder / "figures" / f"{stem}.svg", svg)
        drawn.append((name, stem, Markup(svg)))
    parts = [
        {
            "title": found.titled(name),
            "stem": stem,
            "svg": svg,
            "base": float(found.base[found.outcomes.index(name)]),
            "reached": [float(x) for x in found.reached[:, found.outcomes.index(name)]],
            "rows": rows_of(found, name),
        }
        for name, stem, svg in drawn
    ]
    html = page(
        "sensitivity.html",
        scenario=found.scenario,
        found=found,
        parts=parts,
        in_points=in_points,
        whole_percent=whole_percent,
        caveats=caveats(found.scenario),
        about_fit=drawn_from(found.scenario),
        points=found.points,
        made=study,
    )
    write_safely(folder / "sensitivity.csv", found.frame.write_csv())
    write_safely(folder / "report.html", html)
