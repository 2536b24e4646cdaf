"""The command `kit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.seminar import need_packages
from sim.ground.letters import visible


def kit(
    scenario: Annotated[Path, typer.Argument(help="A scenario, with a lesson or without one.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder; NAME-kit by default. A kit there is replaced.")
    ] = None,
    browser: Annotated[
        str | None,
        typer.Option(help="The command of a browser that prints the slides to PDF."),
    ] = None,
) -> None:
    """Write what a teacher takes along: plan, slides, role cards, notes, tests, homework, reading.

    The folder has three parts: before, for students; teacher; and after, for students again. No
    page needs a network.
    """
    need_packages("kit")
    from sim.seminar.kit import printing
    from sim.seminar.kit.contents import INDEX
    from sim.seminar.kit.whole import kit_of
    from sim.seminar.kit.writing import check_free, write_kit
    from sim.seminar.lesson.block import load_scenario
    from sim.seminar.lesson.plan import plan_of

    plan = plan_of(load_scenario(scenario), scenario.as_posix())
    folder = out or Path(f"{scenario.stem}-kit")
    check_free(folder)
    made = kit_of(plan, browser or printing.browser())
    write_kit(made, plan.scenario, folder)
    for note in made.notes:
        print(f"Note: {note}")
    print(visible(str(folder / INDEX)))
