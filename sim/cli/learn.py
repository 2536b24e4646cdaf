"""The commands `design` and `learn`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.console import Json, Seed, Workers, console, print_json, progress, table
from sim.ground.letters import plain, visible

ROWS = 12
"""Weights that the terminal shows."""

Until = Annotated[
    str | None,
    typer.Option(help="The last day to learn from, such as 2023-03-02; the as-of date by default."),
]
PriorFile = Annotated[
    Path | None,
    typer.Option("--prior", help="A YAML file that is laid over the priors of the doctrines."),
]
Scenario = Annotated[Path, typer.Argument(help="A scenario with a coded history.")]


def design(
    scenario: Scenario,
    until: Until = None,
    prior: PriorFile = None,
    out: Annotated[Path | None, typer.Option(help="The folder for the table.")] = None,
    as_json: Json = False,
) -> None:
    """Write what the likelihood of a history is made of, as a table for other programs."""
    from sim.learning.fitting import set_up
    from sim.learning.folder import check_empty, write_design
    from sim.learning.priors import load_prior
    from sim.report.datapackage import write_package
    from sim.scenario.provenance import scenario_digest
    from sim.seminar.lesson.block import load_scenario

    loaded = load_scenario(scenario)
    setup = set_up(loaded, prior=load_prior(prior) if prior else None, until=until)
    found = setup.design
    name = f"design-{plain(scenario.stem)}-{scenario_digest(found.scenario)[:8]}"
    folder = out or Path("runs") / name
    check_empty(folder)
    write_design(setup, folder)
    write_package(folder, f"What is learned from: {loaded.title}")
    said = {
        "questions": len(found.questions),
        "exposures": len(found.exposures),
        "shown": sum(s.told for s in found.shown),
        "weights": len(setup.parameters),
        "folder": str(folder),
    }
    if as_json:
        print_json(said)
        return
    out_ = console()
    out_.print(
        f"{said['questions']:,} questions: {said['exposures']:,} moments at which something might "
        f"have happened, and {said['shown']:,} decisions and silences that the history shows; "
        f"{said['weights']:,} weights."
    )
    out_.print(f"Table: {visible(str(folder / 'design.parquet'))}", soft_wrap=True)


def learn(
    scenario: Scenario,
    prior: PriorFile = None,
    reporting: Annotated[
        float | None,
        typer.Option(
            help="The probability that a refusal is reported, above 0 and up to 1; what the "
            "scenario says by default."
        ),
    ] = None,
    until: Until = None,
    seed: Seed = None,
    workers: Workers = None,
    keep: Annotated[
        int | None,
        typer.Option(min=4, max=100_000, help="How many draws the folder keeps; all by default."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder of the fit.")] = None,
    as_json: Json = False,
) -> None:
    """Learn the weights of the doctrines from a coded history, with what it does not say."""
    from sim.hindcast.look import look_beyond
    from sim.learning.fitting import fit_of, set_up
    from sim.learning.folder import check_empty, holds
    from sim.learning.priors import load_prior
    from sim.report.learned import account
    from sim.report.saving import save
    from sim.scenario.fit import FIT, load_fit
    from sim.scenario.provenance import scenario_digest
    from sim.seminar.lesson.block import load_scenario

    loaded = load_scenario(scenario)
    setup = set_up(
        loaded,
        prior=load_prior(prior) if prior else None,
        reporting=reporting,
        until=until,
        seed=seed,
    )
    reported = f"r{setup.reporting:g}" if setup.reported is None else "range"
    mark = f"{scenario_digest(setup.design.scenario)[:8]}-{reported}-s{setup.seed}"
    folder = out or Path("runs") / f"learn-{plain(scenario.stem)}-{mark}"
    if (folder / FIT).is_file() and holds(load_fit(folder).record, setup, keep):
        _show(load_fit(folder).record, folder, as_json=as_json)
        return
    check_empty(folder)
    with progress(quiet=as_json, what="draws") as shown:
        fit = fit_of(setup, workers, shown)
    with progress(quiet=as_json, what="months looked at") as shown:
        later = look_beyond(fit, workers, shown)
    save(account(fit, later), folder, keep=keep)
    _show(load_fit(folder).record, folder, as_json=as_json)


def _show(record: dict[str, Any], folder: Path, *, as_json: bool) -> None:
    """Print what moved most, by a fit's record."""
    if as_json:
        print_json(record | {"folder": str(folder)})
        return
    from sim.scenario.fit import share_reported

    out = console()
    out.print(f"\n{record['scenario']['title']}", style="bold")
    span = record["history"]
    said = record["diagnostics"]
    out.print(
        f"Learned from {span['from']} to {span['until']}, with {share_reported(record)} of "
        f"refusals reported: {said['draws']:,} draws, worst R-hat {said['worst_rhat']:.3f}.\n"
    )
    shown = table("Weight", "Doctrine", "Mean", "9 in 10", "Variance lost")
    for w in sorted(record["weights"], key=_moved)[:ROWS]:
        lost = max(0.0, 1.0 - (w["posterior_spread"] / w["prior_spread"]) ** 2)
        between = f"{w['q05']:+.2f} to {w['q95']:+.2f}"
        shown.add_row(
            w["weight"],
            f"{w['doctrine']:+.2f}",
            f"{w['mean']:+.2f}",
            between,
            f"{100 * lost:.0f} %",
        )
    out.print(shown)
    out.print(f"\nReport: {visible(str(folder / 'report.html'))}", soft_wrap=True)


def _moved(weight: dict[str, Any]) -> tuple[float, str]:
    """Order weights by how far they moved, the farthest first."""
    moved = (weight["mean"] - weight["prior_mean"]) / weight["prior_spread"]
    return -abs(moved), weight["weight"]
