"""The command `hindcast`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import Json, Replications, Seed, Workers, console, print_json, progress, table
from sim.ground.errors import of_each, one_problem
from sim.ground.letters import plain, visible

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

First = Annotated[
    str | None,
    typer.Option("--from", help="The first origin: an end of a month on this day or later."),
]
Last = Annotated[
    str | None, typer.Option("--to", help="The last origin: an end of a month by this day.")
]
Every = Annotated[int, typer.Option(help="Months from one origin to the next.")]
Horizons = Annotated[str, typer.Option(help="How many months ahead.")]
HORIZONS = "1,3,6,12"
PART_OF_OTHERS = "_"
"""How the name of a file in a folder begins that is no scenario of its own."""


def hindcast(
    scenario: Annotated[
        Path, typer.Argument(help="A scenario with a coded history, or a folder of such scenarios.")
    ],
    start: First = None,
    to: Last = None,
    every: Every = 1,
    horizons: Horizons = HORIZONS,
    refit: Annotated[
        int, typer.Option(help="Learn the weights anew every so many months; 0 for never.")
    ] = 0,
    prior: Annotated[
        Path | None,
        typer.Option(
            help="A YAML file that is laid over the priors of the doctrines, such as that of "
            "`sim pool`; with --refit."
        ),
    ] = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder. A hindcast that was stopped there goes on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Forecast a record from days of its past, beside rivals that know no model."""
    from sim.hindcast.comparing import lines_of
    from sim.hindcast.hindcasting import hindcast as hindcasted
    from sim.hindcast.plan import WORLDS, identity, pairs_of, planned
    from sim.hindcast.tables import scores_frame
    from sim.learning.priors import load_prior
    from sim.report.hindcast_words import summary_of
    from sim.report.hindcasts import hindcast_record, save_hindcast, state_table
    from sim.report.studyfolder import check_free

    scenarios = scenarios_in(scenario)
    first = next(iter(scenarios.values()))
    plan = planned(
        pairs_of(scenarios),
        first=start,
        last=to,
        every=every,
        horizons=months_in(horizons),
        refit=refit,
        worlds=WORLDS if replications is None else replications,
        seed=first.ensemble.seed if seed is None else seed,
        prior=load_prior(prior) if prior else None,
    )
    mark = identity(scenarios, plan)[:8]
    folder = out or Path("runs") / f"hindcast-{plain(scenario.stem)}-{mark}"
    check_free(folder, hindcast_record(scenarios, plan))
    with progress(quiet=as_json, what="steps") as shown:
        found = hindcasted(scenarios, plan, out=folder, workers=workers, progress=shown)
    save_hindcast(found, folder)
    lines = lines_of(found)
    if as_json:
        print_json({"folder": str(folder), "scores": scores_frame(lines).to_dicts()})
        return
    said = console()
    for sentence in summary_of(lines, learned=plan.refit > 0):
        said.print(sentence, soft_wrap=True)
    said.print("\nThe state, mean log score:")
    scores = table("Forecast", *(f"{m} months" if m > 1 else "1 month" for m in plan.horizons))
    for row in state_table(lines, plan):
        scores.add_row(*row)
    said.print(scores)
    for note in found.learned:
        said.print(f"Note: {note}", soft_wrap=True)
    said.print(f"\nReport: {visible(str(folder / 'report.html'))}", soft_wrap=True)


def scenarios_in(place: Path) -> dict[str, Scenario]:
    """Load a scenario, or every one of a folder, by the names of their files.

    Raises:
        InputError: every broken rule of every file, or the folder holds none.
    """
    from sim.seminar.lesson.block import load_scenario

    if not place.is_dir():
        return {place.stem: load_scenario(place)}
    paths = [p for p in sorted(place.glob("*.yaml")) if not p.name.startswith(PART_OF_OTHERS)]
    if not paths:
        rule = "must hold scenarios: files that end in .yaml and do not begin with _"
        raise one_problem(place.as_posix(), rule)
    return {p.stem: s for p, s in zip(paths, of_each(paths, load_scenario), strict=True)}


def months_in(written: str) -> tuple[int, ...]:
    """Read the months of `--horizons`."""
    try:
        return tuple(int(part) for part in written.split(","))
    except ValueError:
        rule = "must be whole months with commas between them, such as 1,3,6,12"
        raise one_problem("--horizons", rule, written) from None
