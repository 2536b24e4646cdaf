"""The command `classes`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import console, table
from sim.ground.letters import plain, visible


def classes(
    lesson: Annotated[Path, typer.Argument(help="The scenario with the lesson.")],
    records: Annotated[
        list[str],
        typer.Argument(
            metavar="RECORD...",
            help="The record of each class, a file or its folder; NAME=RECORD names a class. The "
            "others are compared with the first.",
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="The folder.")] = None,
) -> None:
    """Compare several classes that answered the same questions: scores, calibration, discussion."""
    from sim.seminar.lesson.block import load_scenario
    from sim.seminar.lesson.classes import compare
    from sim.seminar.lesson.plan import plan_of
    from sim.seminar.pages.class_records import load_classes
    from sim.seminar.pages.classes import labelled, number, save_classes, signed, summary_of

    plan = plan_of(load_scenario(lesson), lesson.as_posix())
    held = load_classes(plan, records)
    seed = plan.scenario.ensemble.seed
    compared = compare(plan, held, seed)
    folder = out or Path("classes") / plain(lesson.stem)
    report = save_classes(plan, compared, seed, folder)
    said = console()
    for sentence in summary_of(compared):
        said.print(visible(sentence), soft_wrap=True)
    rows = table("Class", "Students", "Brier score", "Log score", "Discussion")
    for c in compared.classes:
        gain = "" if c.gain is None else signed(c.gain.value)
        rows.add_row(
            visible(labelled(c)),
            str(c.students),
            number(c.brier.value),
            number(c.log.value),
            gain,
        )
    for r in compared.rivals:
        rows.add_row(r.who, "", number(r.score.brier), number(r.score.log), "")
    said.print()
    said.print(rows)
    said.print(f"\nReport: {visible(str(report))}", soft_wrap=True)
