"""What the commands share on the terminal: options, tables, a progress bar. Owns rich."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.ground.letters import escaped_json
from sim.ground.saying import beside_a_bar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID
    from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Replications = Annotated[
    int | None,
    typer.Option("--replications", "-n", min=1, max=10_000_000, help="How many worlds to run."),
]
Draws = Annotated[
    int | None,
    typer.Option(
        help="Draws of the weights over which answers have a range, 200 by default; 0 for none."
    ),
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, help="Another seed than the scenario's.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, max=512, help="Workers; the result does not depend on it.")
]


def console() -> Console:
    """Return the console for results. It knows no markup: a text is printed as it is, and what is
    to stand out is a `Text` of styled parts or has a `style`."""
    from rich.console import Console

    made = Console(highlight=False, emoji=False, markup=False)
    if not made.is_terminal:
        made.width = max(made.width, 140)  # nobody folds what goes into a file
    return made


def print_json(value: object) -> None:
    """Print plain data as JSON on one line; letters that steer a terminal are escaped."""
    print(escaped_json(json.dumps(value, ensure_ascii=False)))


def table(first: str, *numbers: str) -> Table:
    """Return an empty table with a column of words and columns of numbers."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column(first, overflow="fold", ratio=3)
    for name in numbers:
        made.add_column(name, justify="right", overflow="fold")
    return made


def progress(*, quiet: bool, what: str = "worlds") -> AbstractContextManager[Any]:
    """Return a context that shows a bar on a terminal and yields its callback, or None."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    out = Console(stderr=True, emoji=False, markup=False)
    if quiet or not out.is_terminal:
        return nullcontext(None)

    @contextmanager
    def shown() -> Iterator[Bar]:
        columns = (
            TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {what}", markup=False),
            BarColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.description}", markup=False),
        )
        with Progress(*columns, console=out, transient=True) as bar:
            made = Bar(bar, bar.add_task("", total=0))  # a column cannot write an unknown number
            with beside_a_bar(made.note):
                yield made

    return shown()


class Bar:
    """A progress bar as a callback, with room for a note."""

    def __init__(self, bar: RichProgress, task: TaskID) -> None:
        self.bar, self.task = bar, task

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` is done."""
        self.bar.update(self.task, completed=done, total=total)

    def note(self, text: str) -> None:
        """Show a note beside the bar."""
        self.bar.update(self.task, description=text)
