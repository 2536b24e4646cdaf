"""The command `pool`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import Json, Replications, Seed, Workers, console, print_json, progress, table
from sim.cli.hindcast import HORIZONS, Every, First, Horizons, Last, months_in, scenarios_in
from sim.ground.errors import InputError, Problem, of_each
from sim.ground.letters import plain, visible

if TYPE_CHECKING:
    from sim.hindcast.plan import Plan
    from sim.scenario.scenario import Scenario

EVERY = 12
"""Months from one origin to the next."""


def pool(
    places: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER|SCENARIO...",
            help="Scenarios with a coded history, of one pair each, or folders of them.",
        ),
    ],
    reporting: Annotated[
        float | None,
        typer.Option(
            help="The probability that a refusal is reported, above 0 and up to 1; what each "
            "scenario says by default."
        ),
    ] = None,
    start: First = None,
    to: Last = None,
    every: Every = EVERY,
    horizons: Horizons = HORIZONS,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder. A pool that was stopped there goes on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Learn from many pairs what to think of one, and score it on pairs that were left out."""
    from sim.hindcast.comparing import lines_of
    from sim.hindcast.plan import WORLDS
    from sim.hindcast.tables import scores_frame
    from sim.pooling.pooled import pool as pooled
    from sim.pooling.scoring import forecasts_of, left_out, plan_of
    from sim.report.pool_words import summary_of
    from sim.report.pooled import Account, law_frame, law_words, pool_record, save_pool
    from sim.report.studyfolder import check_free

    scenarios = scenarios_at(places)
    first = next(iter(scenarios.values()))
    drawn_from = first.ensemble.seed if seed is None else seed
    plan: Plan | None = plan_of(
        scenarios,
        first=start,
        last=to,
        every=every,
        horizons=months_in(horizons),
        worlds=WORLDS if replications is None else replications,
        seed=drawn_from,
    )
    study = pool_record(scenarios, plan, drawn_from, reporting)
    folder = out or Path("runs") / f"pool-{plain(places[0].stem)}-{study['follows_from'][:8]}"
    check_free(folder, study)
    with progress(quiet=as_json, what="sets of slopes") as shown:
        found = pooled(scenarios, reporting=reporting, workers=workers, progress=shown)
    spared = left_out(found.records)
    with progress(quiet=as_json, what="origins") as shown:
        forecasts = forecasts_of(scenarios, plan, reporting, folder, workers, shown)
    account = Account(found, spared, forecasts, plan, drawn_from, reporting)
    save_pool(account, folder)
    lines = [] if forecasts is None else lines_of(forecasts)
    law = law_frame(found)
    if as_json:
        scores = scores_frame(lines).to_dicts() if lines else []
        print_json({"folder": str(folder), "law": law.to_dicts(), "scores": scores})
        return
    said = console()
    for sentence in summary_of(found, lines, spared):
        said.print(sentence, soft_wrap=True)
    said.print()
    rows = table("Weight", "Doctrines", "All pairs", "Spread from pair to pair")
    for row in law_words(law):
        rows.add_row(*row)
    said.print(rows)
    said.print(f"\nPrior: {visible(str(folder / 'prior.yaml'))}", soft_wrap=True)
    said.print(f"Report: {visible(str(folder / 'report.html'))}", soft_wrap=True)


def scenarios_at(places: list[Path]) -> dict[str, Scenario]:
    """Load scenarios and folders of them, by the names of their files.

    Raises:
        InputError: every broken rule of every file, or two files of one name.
    """
    found: dict[str, Scenario] = {}

    def load(place: Path) -> None:
        held = scenarios_in(place)
        rule = "must have another name than a scenario before it"
        twice = [Problem(place.as_posix(), 0, "", rule, n) for n in held.keys() & found.keys()]
        found.update(held)
        if twice:
            raise InputError(twice)

    of_each(places, load)
    return found
