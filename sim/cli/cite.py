"""The command `cite`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import print_json
from sim.ground.errors import one_problem
from sim.ground.letters import visible

FORMS = ("bibtex", "csl")


def cite(
    source: Annotated[Path, typer.Argument(help="A log, or the folder of a run, study or fit.")],
    form: Annotated[
        str,
        typer.Option("--format", help="bibtex, or csl: JSON that citation managers read."),
    ] = FORMS[0],
) -> None:
    """Print a bibliography: the sources of a log, the program, its version and the digest."""
    from sim.log.file import load
    from sim.report.citing import bibtex, csl, folder_works, log_works
    from sim.report.kept import kept_in
    from sim.scenario.resolve import load_scenario

    if form not in FORMS:
        raise one_problem("--format", f"must be {' or '.join(FORMS)}", form)
    if source.is_dir():
        held = kept_in(source)
        scenarios = [load_scenario(path) for path in held.scenarios]
        works = folder_works(scenarios, [load(path) for path in held.logs], held.record)
    else:
        works = log_works(load(source))
    if form == "csl":
        print_json(csl(works))
    else:
        print("\n".join(visible(line) for line in bibtex(works).split("\n")), end="")
