"""The command `agree`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import Json, Replications, Seed, Workers, console, print_json, progress, table
from sim.cli.studies import Executor
from sim.ground.errors import of_each, one_problem
from sim.ground.letters import plain, visible

if TYPE_CHECKING:
    from sim.coding.agreement import Agreement
    from sim.study.coded_answers import Moved

MAX_ROWS_SHOWN = 60
"""Rows of a table that the terminal shows."""


def agree(
    codings: Annotated[
        list[Path], typer.Argument(help="Two or more logs that were coded from one source.")
    ],
    scenario: Annotated[
        Path | None,
        typer.Option(help="Also run this scenario over each of them as its history."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Compare from this day on, such as 2021-12-01.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Compare up to the end of this day, such as 2023-03-02.")
    ] = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = None,
    executor: Executor = None,
    out: Annotated[Path | None, typer.Option(help="The folder for the page and tables.")] = None,
    as_json: Json = False,
) -> None:
    """Compare codings of one source: which facts, fields and states they agree on.

    With --scenario, say how far each of its answers moves with the coding.
    """
    from sim.coding.agreement import agree as compare_codings
    from sim.log.digest import log_digest
    from sim.log.file import load
    from sim.report.agreement import (
        agreement_json,
        agreement_record,
        save_agreement,
    )
    from sim.report.studyfolder import check_free
    from sim.seminar.lesson.block import load_scenario
    from sim.study.coded_answers import moved, over_codings, with_history

    paths = _named(codings)
    logs = dict(zip(paths, of_each(paths.values(), load), strict=True))
    scenarios = {} if scenario is None else with_history(scenario, paths, load_scenario)
    first = next(iter(scenarios.values()), None)
    number = 0 if first is None else replications or first.ensemble.replications
    usual = 0 if first is None else first.ensemble.seed
    chosen = usual if seed is None else seed
    found = compare_codings(logs, since=since, until=until, seed=chosen)
    ran = None
    study = agreement_record(logs, scenarios, chosen, number, since, until)
    marks = "-".join(log_digest(log)[:6] for log in logs.values())[:60]
    stem = "-" + plain(scenario.stem) + f"-n{number}-s{chosen}" if scenario else ""
    days = "".join(f"-{plain(d.replace('/', '-'))}" for d in (since, until) if d)
    folder = out or Path("runs") / f"agree-{marks}{days}{stem}"
    check_free(folder, study)
    if scenarios:
        with progress(quiet=as_json) as shown:
            ran = over_codings(
                scenarios,
                replications=number,
                seed=chosen,
                workers=workers,
                executor=executor,
                progress=shown,
            )
    save_agreement(found, ran, study, folder)
    if as_json:
        print_json(agreement_json(found, ran) | {"folder": str(folder)})
        return
    _show(found, [] if ran is None else moved(ran))
    report = visible(str(folder / "report.html"))
    console().print(f"\nReport: {report}", soft_wrap=True)


def _named(codings: list[Path]) -> dict[str, Path]:
    """Name each coding by its file.

    Raises:
        InputError: two files of one name.
    """
    paths: dict[str, Path] = {}
    for path in codings:
        name = visible(path.stem)
        if name in paths:
            rule = "codings that are compared must have different file names"
            raise one_problem(str(path), rule, name)
        paths[name] = path
    return paths


def _show(found: Agreement, answers: list[Moved]) -> None:
    from sim.report.agreement import (
        answer_rows,
        difference_rows,
        field_row,
        stretch_rows,
        summary,
    )

    out = console()
    out.print(f"\n{', '.join(found.names)}\n", style="bold")
    for sentence in summary(found, answers):
        out.print(sentence, soft_wrap=True)

    def show(
        heads: Sequence[str], rows: Sequence[Iterable[str]], most: int = MAX_ROWS_SHOWN
    ) -> None:
        made = table(*heads)
        for row in rows[:most]:
            made.add_row(*row)
        out.print()
        out.print(made)
        if len(rows) > most:
            out.print(f"and {len(rows) - most:,} more rows in agreement.json")

    fields = [field_row(f).values() for f in found.fields]
    show(("Field", "Alike", "Per cent", "Alpha", "95 % interval"), fields)
    if rows := difference_rows(found):
        values = [("" if r["again"] else r["fact"], r["field"], *r["values"]) for r in rows]
        show(("Coded otherwise", "Field", *found.names), values)
    if lines := stretch_rows(found):
        states = [(r["when"], ", ".join(r["viewpoints"]), *r["states"]) for r in lines]
        show(("Days on which the states differ", "Viewpoints", *found.names), states)
    if answers:
        told = answer_rows(answers)
        moved = [(r["title"], *r["estimates"], r["spread"], r["interval"]) for r in told]
        show(("Outcome", *found.names, "Apart", "95 % interval"), moved, len(moved))
