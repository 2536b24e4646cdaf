"""The commands around coding: files to start from, sheets, and public data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import console, table
from sim.ground.errors import one_problem
from sim.ground.letters import visible

LEFT_OUT_SHOWN = 20
"""Reasons for which rows were left out that the terminal lists; the file beside the log has all."""


def new(
    name: Annotated[
        str | None, typer.Argument(help="A name for a scenario, such as my-question.")
    ] = None,
    log: Annotated[
        str | None, typer.Option(metavar="NAME", help="Write a log of five events instead.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Write a coding sheet instead: .xlsx or .csv.")
    ] = None,
    parties: Annotated[
        str, typer.Option(help="The two governments by ISO 3166 code, such as USA,IRN.")
    ] = "USA,RUS",
) -> None:
    """Write a commented scenario, a log, or a coding sheet to start from."""
    from sim.cli.new import new_log, new_scenario, new_sheet

    if sum(wanted is not None for wanted in (name, log, sheet)) != 1:
        rule = "needs one of a name for a scenario, --log NAME and --sheet FILE"
        raise one_problem("sim new", rule)
    if name is not None:
        print(new_scenario(name, parties))
    elif log is not None:
        print(new_log(log, parties))
    elif sheet is not None:
        print(visible(str(new_sheet(sheet, parties))))


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="A sheet, .xlsx or .csv; of public data also folders.")
    ],
    out: Annotated[Path, typer.Option(help="The log: .yaml, or .jsonl for a large one.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--from", help="Public data: travels, visits, readouts, icews, polecat, gdelt or table."
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="For a table: the YAML file that says what its columns and codes mean."),
    ] = None,
    parties: Annotated[
        str | None, typer.Option(help="Keep only events between these, such as USA,RUS.")
    ] = None,
) -> None:
    """Make a log from a coding sheet or from public data.

    Beside a log from public data stands OUT.queue.csv: which rows became which event, and which
    became none. Look through it.
    """
    from sim.coding.importing import import_sheet
    from sim.coding.writing import write_log

    if source is None:
        if len(files) != 1:
            raise one_problem("sim import", "one sheet makes one log", f"{len(files)}")
        if mapping or parties:
            option = "--mapping" if mapping else "--parties"
            raise one_problem(option, "goes with --from")
        log = import_sheet(files[0])
        write_log(log, out)
        counts = Counter(e.channel for e in log.events)
        told = [f"{counts[id_]} on {id_}" for id_ in log.channels]
        told += [f"{counts[None]} of the world"] if counts[None] else []
        print(visible(f"{out}: {len(log.events)} events, {', '.join(told)}"))
        return
    from sim.coding.gathering import gather
    from sim.coding.queue import write_gathered

    found = gather(source, files, mapping, parties)
    queue = write_gathered(found, out)
    said = console()
    said.print(
        f"{out}: {len(found.log.events):,} events on {len(found.log.channels):,} channels from "
        f"{found.rows:,} rows; {found.merged:,} rows were merged into others.",
        soft_wrap=True,
    )
    if found.left_out:
        said.print(f"\n{sum(found.left_out.values()):,} rows became no event:\n")
        shown = table("Why", "Rows")
        for reason, count in found.left_out.most_common(LEFT_OUT_SHOWN):
            shown.add_row(visible(reason), f"{count:,}")
        said.print(shown)
        if (more := len(found.left_out) - LEFT_OUT_SHOWN) > 0:
            said.print(f"and {more:,} more reasons")
    said.print(f"\nLook through it: {visible(str(queue))}", soft_wrap=True)


def export(
    log: Annotated[Path, typer.Argument(help="A log: .yaml, .yml or .jsonl.")],
    out: Annotated[Path, typer.Option(help="The sheet: .xlsx or .csv.")],
) -> None:
    """Write a log as a sheet, to go on with in a spreadsheet; `sim import` makes a log of it."""
    from sim.coding.exporting import export as export_log
    from sim.log.file import load

    export_log(load(log), out)
    print(visible(str(out)))


def show_codebook() -> None:
    """Print the kinds of event and the fields of a log for people."""
    from rich.table import Table

    from sim.coding.codebook import DATES, channel_rows, field_rows, kind_rows

    out = console()

    def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        made = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
        for n, head in enumerate(heads):
            made.add_column(head, overflow="fold", no_wrap=n == 0)
        for row in rows:
            made.add_row(*row)
        out.print(f"\n{title}\n", style="bold")
        out.print(made)

    kinds = [
        (k.kind, k.about, k.channel, ", ".join(k.needs), ", ".join(k.may), k.effect)
        for k in kind_rows()
    ]
    heads = ("Kind", "What happened", "Channel", "Needs", "May have", "Effect on the channel")
    show("Kinds of event", heads, kinds)
    show("Dates, no more precise than the source", ("Date", "Means"), DATES)
    show("Fields of an event", ("Field", "About", "Words"), field_rows())
    show("Fields of a channel", ("Field", "About", "Words"), channel_rows())
