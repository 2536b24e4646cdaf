"""The command `archive`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from sim.ground.errors import one_problem
from sim.ground.letters import broken_text, visible


def archive(
    folders: Annotated[list[Path], typer.Argument(help="Folders of runs, studies and fits.")],
    out: Annotated[Path, typer.Option(help="The archive, a .zip.")],
    title: Annotated[str, typer.Option(help="What the archive is called.")] = "",
    licence: Annotated[
        str, typer.Option("--license", help="The address of a licence for what is in it.")
    ] = "",
    day: Annotated[
        str | None,
        typer.Option("--date", help="The day of publication that it states; today by default."),
    ] = None,
) -> None:
    """Put finished folders into one file, with a script that makes them again.

    The file is a zipped RO-Crate: scenarios, histories, fits, results, figures, the versions and
    the commands that made them. With the same --date it has the same bytes.
    """
    from sim.report.archiving import archive as write

    for option, text in (("--title", title), ("--license", licence)):
        if rule := broken_text(text):
            raise one_problem(option, rule, text)
    stated = day or datetime.now(UTC).date().isoformat()
    try:
        date.fromisoformat(stated)
    except ValueError:
        raise one_problem("--date", "must be a day, as 2024-05-31", stated) from None
    print(visible(str(write(folders, out, date=stated, title=title, licence=licence))))
