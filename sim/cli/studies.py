"""The commands `compare`, `why` and `verify`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import (
    Draws,
    Json,
    Replications,
    Seed,
    Workers,
    console,
    print_json,
    progress,
    table,
)
from sim.ground.letters import plain, visible

if TYPE_CHECKING:
    from sim.ensemble.settings import How, Settings
    from sim.scenario.scenario import Scenario
    from sim.study.sweeping import Sweep

Executor = Annotated[
    str | None, typer.Option(help="kernel (fast, the default) or reference (to be read).")
]


def of_draws(draws: int | None) -> str:
    """Return what the name of a folder says of an unusual number of draws."""
    return "" if draws is None else f"-d{draws}"


MAX_ROWS_SHOWN = 100
"""Rows of a sweep's table that the terminal shows."""


def compare(
    base: Annotated[Path, typer.Argument(help="The scenario to compare with.")],
    others: Annotated[
        list[Path] | None,
        typer.Argument(help="Scenarios to compare. With none, BASE is compared with no changes."),
    ] = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = None,
    executor: Executor = None,
    draws: Draws = None,
    coupling: Annotated[
        bool,
        typer.Option(help="Also say how much depends on how proposing and accepting are coupled."),
    ] = False,
    independent: Annotated[
        bool,
        typer.Option(
            help="Also say what changes where the changed world has chances of its own from the "
            "change on, and keeps none of what history implies."
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="The folder for the page and tables.")] = None,
    as_json: Json = False,
) -> None:
    """Compare scenarios over the same noise: what differs, world by world."""
    from sim.ensemble.settings import settings
    from sim.report.caveats import caveats_of
    from sim.report.comparison_pages import (
        about_changes,
        comparison_json,
        comparison_record,
        comparison_rows,
        heading_of,
        notes_on,
        otherwise,
    )
    from sim.report.resting import drawn_from
    from sim.report.saving import save
    from sim.report.studyfolder import check_free
    from sim.scenario.provenance import scenario_digest
    from sim.seminar.lesson.block import checked_at
    from sim.study.compared import named, observed
    from sim.study.comparing import compared

    base_name, first, loaded = named(base, list(others) if others else None, load=checked_at)
    chosen: How = {"replications": replications, "seed": seed, "workers": workers}
    how = settings(chosen | {"executor": executor, "draws": draws}, first.ensemble)
    first, rest = observed(first, loaded)
    scenarios = {base_name: first, **rest}
    marks = "-".join(scenario_digest(s)[:6] for s in scenarios.values())[:60]
    own = ("-coupling" if coupling else "") + ("-independent" if independent else "")
    own += of_draws(draws)
    name = f"compare-{plain(base.stem)}-{marks}-n{how.replications}-s{how.seed}{own}"
    folder = out or Path("runs") / name
    record = comparison_record(
        scenarios,
        how.seed,
        how.replications,
        coupling=coupling,
        draws=how.draws,
        independent=independent,
    )
    check_free(folder, record)
    with progress(quiet=as_json) as shown:
        asked = replace(how, progress=shown)
        found = compared(base_name, first, rest, asked, coupling=coupling, independent=independent)
    save(found, folder)
    if as_json:
        print_json(comparison_json(found) | {"folder": str(folder)})
        return
    rows, titles, changed = comparison_rows(found), found.plot.titles, otherwise(found)
    heads = {"base": "Base", "difference": "Change"}
    if any(row["weights"] for row in rows):
        heads |= {"weights": "With other weights", "same_sign": "Same sign"}
    heads |= {"interval": "Simulation's interval"}
    heads |= {"changed": "With it"} | ({"gap": "Coupling gap"} if coupling else {})
    heads |= {"independent": "Change with chances of its own"} if independent else {}
    out_ = console()
    out_.print(f"\n{heading_of(found)}", style="bold")
    for name, run in found.others.items():
        out_.print(f"\n“{titles[name]}”, a {run.level}. Against “{titles[base_name]}”:")
        for text in changed[name]:
            out_.print(f"  {text}", soft_wrap=True)
        shown_table = table("Outcome", *heads.values())
        for row in rows:
            if row["other"] == name:
                shown_table.add_row(row["title"], *(row[x] for x in heads))
        out_.print(shown_table)
    asked_of = [run.scenario for run in found.runs.values()]
    said = [*caveats_of(asked_of), *drawn_from(*asked_of), *about_changes(found)]
    for note in [*notes_on(found), *said]:
        out_.print(f"Note: {note.rstrip('.')}.", soft_wrap=True)
    out_.print(f"Report: {visible(str(folder / 'report.html'))}", soft_wrap=True)


def run_sweep(scenario: Scenario, folder: Path, how: Settings, *, as_json: bool) -> None:
    """Run a scenario's sweep and print its table."""
    from sim.report.resting import drawn_from
    from sim.report.saving import save
    from sim.report.studyfolder import check_free
    from sim.report.sweep_pages import rows_of, sweep_record
    from sim.study.sweeping import clear, swept

    check_free(folder, sweep_record(scenario, how.seed, how.replications))
    with progress(quiet=as_json, what="points") as shown:
        found = swept(scenario, replace(how, progress=shown), folder)
    save(found, folder)
    clear(folder)
    if as_json:
        print_json({"folder": str(folder), "points": found.frame.to_dicts()})
        return
    out = console()
    out.print(f"\n{scenario.title}", style="bold")
    out.print(f"{scenario.question}\n", style="italic")
    if any(axis.drawn for axis in scenario.sweep.values()):
        _show_draws(found)
    else:
        names = [found.plot.names[p] for p in found.paths]
        answers, rows = table("Outcome", *names, "Estimate", "95 % interval"), rows_of(found)
        for values, answer, estimate, interval in rows[:MAX_ROWS_SHOWN]:
            at = [f"{values[p]:g}" for p in found.paths]
            answers.add_row(answer.title, *at, estimate, interval)
        out.print(answers)
        if len(rows) > MAX_ROWS_SHOWN:
            out.print(f"and {len(rows) - MAX_ROWS_SHOWN:,} more rows in sweep.csv")
    for note in drawn_from(scenario):
        out.print(f"\nNote: {note}", soft_wrap=True)
    out.print(f"\nReport: {visible(str(folder / 'report.html'))}", soft_wrap=True)


def _show_draws(found: Sweep) -> None:
    """Print what a sweep over drawn numbers comes to."""
    from sim.report.numbers import percent
    from sim.report.sweep_pages import RANK, draws_frame

    draws = draws_frame(found)
    middle = draws.columns[: draws.columns.index("outcome")]
    ranks = [c for c in draws.columns if c.startswith(RANK)]
    names = {f"{rank}{p}": f"{rank}{n}" for p, n in found.plot.names.items() for rank in ("", RANK)}
    heads = [names[c] for c in middle], [names[c] for c in ranks]
    shown = table("Outcome", *heads[0], "Mean", "9 of 10 draws", *heads[1])
    for row in draws.to_dicts():
        spread = f"{percent(row['q05'])} to {percent(row['q95'])}"
        signs = ["none" if row[r] is None else f"{row[r]:+.2f}" for r in ranks]
        given = [f"{row[p]:g}" for p in middle]
        shown.add_row(row["title"], *given, percent(row["mean"]), spread, *signs)
    console().print(shown)


def why(
    scenario: Annotated[Path, typer.Argument(help="A scenario with a coded history.")],
    outcome: Annotated[
        str | None, typer.Option(help="A yes-or-no outcome of it; the first by default.")
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=1, max=1_000_000, help="Worlds per event.")
    ] = 500,
    seed: Seed = None,
    workers: Workers = None,
    executor: Executor = None,
    draws: Draws = None,
    out: Annotated[Path | None, typer.Option(help="The folder for the page and tables.")] = None,
    as_json: Json = False,
) -> None:
    """Ask of each event of history how often an outcome would have failed without it."""
    from sim.cli.duration import forewarned_why
    from sim.ensemble.settings import settings
    from sim.ground.saying import say_once
    from sim.log.label import label
    from sim.report.answer import order_words
    from sim.report.caveats import caveats
    from sim.report.numbers import percent, share_of, with_other_weights
    from sim.report.resting import ALLOWED, about_range, drawn_from
    from sim.report.saving import save
    from sim.report.studyfolder import check_free
    from sim.report.why_pages import COUPLINGS, between_percents, but_for_row, why_record
    from sim.report.wording import completeness
    from sim.scenario.provenance import scenario_digest
    from sim.seminar.lesson.block import load_scenario
    from sim.study.asking import question
    from sim.study.explaining import MAX_EVENTS, explained
    from sim.study.sets import EACH

    loaded = load_scenario(scenario)
    chosen: How = {"replications": replications, "seed": seed, "workers": workers}
    how = settings(chosen | {"executor": executor, "draws": draws}, loaded.ensemble)
    asked = question(loaded, outcome, MAX_EVENTS)
    mark = f"{scenario_digest(loaded)[:8]}-n{how.replications}-s{how.seed}{of_draws(draws)}"
    folder = out or Path("runs") / f"why-{plain(scenario.stem)}-{asked.outcome}-{mark}"
    check_free(folder, why_record(loaded, asked.outcome, how.seed, how.replications, how.draws))
    if said := forewarned_why(asked, how):
        say_once(said)
    with progress(quiet=as_json) as shown:
        found = explained(asked, replace(how, progress=shown), label=label)
    save(found, folder)
    if as_json:
        print_json(found.plain() | {"folder": str(folder)})
        return
    out_ = console()
    out_.print(f"\nWhy: {found.title}", style="bold")
    over = with_other_weights(found.over_weights)
    over = f", and in {over} {ALLOWED[found.over_weights.source]}" if found.over_weights else ""
    said = share_of(found.share, found.replications, settled=found.settled)
    out_.print(f"It comes about {said}{over}.")
    then = "Comes about in" if found.turned else "Fails in"
    if found.turned:
        out_.print("So the question is what would have brought it about.")
    out_.print()
    ranged = ["With other weights"] if found.over_weights is not None else []
    shown_table = table("Without", "Date", then, "Any coupling", *ranged, "Simulation's interval")
    for b in found.events:
        _, fails, interval, _ = but_for_row(b, found.came)
        weights = [with_other_weights(b.over_weights)] if ranged else []
        along = f" (and with it {', '.join(b.along)})" if b.along else ""
        if b.again:
            along += f"; decided again in {percent(b.again)} of the worlds"
        if b.by_order:
            along += f"; {order_words(b)}"
        any_coupling = between_percents(b.any_coupling)
        shown_table.add_row(f"{b.label}{along}", b.date, fails, any_coupling, *weights, interval)
    out_.print(shown_table)
    if found.reversals:
        out_.print("\nThe smallest sets that reverse it:")
        for b in found.reversals:
            doubt = "" if b.certain else " (not certain: its interval reaches below one half)"
            text = f"  {b.label}: {then.lower()} {but_for_row(b, found.came)[1]}{doubt}"
            text += f"; {order_words(b)}" if b.by_order else ""
            out_.print(text, soft_wrap=True)
    else:
        out_.print(f"\nNone of {found.tried} sets of up to three events reverses it.")
    rest = [COUPLINGS, *drawn_from(loaded), *about_range(found.over_weights, EACH)]
    for note in (completeness(loaded), *caveats(loaded), *rest):
        out_.print(f"\nNote: {note}", soft_wrap=True)
    out_.print(f"\nReport: {visible(str(folder / 'report.html'))}", soft_wrap=True)


def verify(
    scenario: Annotated[Path, typer.Argument(help="A scenario.")],
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=1, max=100_000, help="Worlds to compare.")
    ] = 20,
    seed: Seed = None,
    placebo: Annotated[
        bool, typer.Option(help="Check that interventions which cannot matter change nothing.")
    ] = False,
) -> None:
    """Check that both executors agree to the last bit, or that placebos change nothing."""
    from sim.ensemble.weighed import compile_weighed
    from sim.model.eventtable import Difference
    from sim.seminar.lesson.block import load_scenario
    from sim.study.verifying import placebos
    from sim.study.verifying import verify as verify_program

    loaded = load_scenario(scenario)
    chosen = loaded.ensemble.seed if seed is None else seed
    if placebo:
        failed = False
        for found in placebos(loaded, chosen, replications):
            verdict = found.difference or f"nothing changed in {found.events:,} events"
            failed |= bool(found.difference)
            print(f"{found.name}: {verdict}")
        if failed:
            raise typer.Exit(1)
        return
    result = verify_program(compile_weighed(loaded), chosen, replications)
    if isinstance(result, Difference):
        print(
            f"the executors differ: replication {result.replication}, event {result.place}, "
            f"{result.field}: reference {result.left}, kernel {result.right}"
        )
        raise typer.Exit(1)
    print(f"{result:,} events of {replications:,} worlds are the same to the last bit")
