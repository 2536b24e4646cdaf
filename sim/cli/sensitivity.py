"""The command `sensitivity`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import Json, Seed, Workers, console, print_json, progress, table
from sim.ground.letters import plain, visible

if TYPE_CHECKING:
    from sim.ensemble.settings import How


def sensitivity(
    scenario: Annotated[Path, typer.Argument(help="The scenario, a YAML file.")],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="A number or a group of numbers to vary: weights, rates, half-lives, lapse-days, "
            "bursts, or a name such as 'USA.act.call.*'. Several times for several; all without it."
        ),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="The outcome that is asked first; the file's first.")
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=1, max=1_000_000, help="Worlds per point.")
    ] = 500,
    trajectories: Annotated[
        int, typer.Option(min=2, max=100, help="Trajectories of the screening.")
    ] = 4,
    sobol: Annotated[
        bool, typer.Option("--sobol", help="Split the variance among the ten that matter most.")
    ] = False,
    seed: Seed = None,
    workers: Workers = None,
    out: Annotated[Path | None, typer.Option(help="The folder for the page and tables.")] = None,
    as_json: Json = False,
) -> None:
    """Say which numbers of a scenario its answers go with: weights, rates, half-lives and more."""
    from sim.ensemble.settings import settings
    from sim.plots.scale import whole_percent
    from sim.report.saving import save
    from sim.report.sensitivity_pages import in_points, rows_of, sensitivity_record
    from sim.report.studyfolder import check_free
    from sim.scenario.provenance import scenario_digest
    from sim.seminar.lesson.block import load_scenario
    from sim.study.sensitivity import asked_first, screened

    loaded, names = load_scenario(scenario), vary or []
    chosen: How = {"replications": replications, "seed": seed, "workers": workers, "draws": 0}
    how = settings(chosen, loaded.ensemble)
    first = asked_first(loaded, outcome, how, trajectories)
    study = sensitivity_record(
        loaded, names, first, how.seed, how.replications, trajectories, sobol=sobol
    )
    mark = f"{scenario_digest(loaded)[:8]}-t{trajectories}-n{how.replications}-s{how.seed}"
    own = "-".join(plain(name) for name in sorted(names))[:60]
    name = f"sensitivity-{plain(scenario.stem)}-{mark}{f'-{own}' if own else ''}"
    folder = out or Path("runs") / f"{name}{'-sobol' if sobol else ''}"
    check_free(folder, study)
    with progress(quiet=as_json, what="points") as shown:
        how = replace(how, progress=shown)
        found = screened(loaded, names, how, outcome=outcome, count=trajectories, sobol=sobol)
    save(found, folder)
    if as_json:
        print_json({"folder": str(folder), "rows": found.frame.to_dicts()})
        return
    q = found.outcomes.index(found.outcome)
    out_ = console()
    out_.print(f"\nWhat moves it: {found.titled(found.outcome)}", style="bold")
    low, high = (whole_percent(float(x), found.replications) for x in found.reached[:, q])
    base = whole_percent(float(found.base[q]), found.replications)
    out_.print(
        f"{base} with all numbers as they are; {low} to {high} over "
        f"a screening of {len(found.factors)} numbers.\n",
        soft_wrap=True,
    )
    more = ["Alone", "Together"] if sobol else []
    rows = table("Number", "Range", "At its ends", "Effect", "Bend", *more)
    for row in rows_of(found, found.outcome):
        ends = " to ".join(whole_percent(row[k], found.replications) for k in ("at_low", "at_high"))
        shares = [f"{row[k]:.2f}" for k in ("sobol_alone", "sobol_total")] if sobol else []
        span = f"{row['low']:.3g} to {row['high']:.3g}"
        effect = f"{in_points(row['effect'])} ± {100 * row['error']:.1f}"
        rows.add_row(row["words"], span, ends, effect, in_points(row["bend"]), *shares)
    out_.print(rows)
    rest = len(found.factors) - min(10, len(found.factors))
    out_.print(
        f"\n{rest:,} more numbers and the other outcomes are in sensitivity.csv. Effect: how far "
        "the answer moves when the number goes over its range, in the mean over places of the "
        "others. Bend: how much that differs.",
        soft_wrap=True,
    )
    out_.print(f"Report: {visible(str(folder / 'report.html'))}", soft_wrap=True)
