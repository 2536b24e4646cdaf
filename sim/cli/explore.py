"""The command `explore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import console
from sim.cli.seminar import need_packages
from sim.ground.errors import one_problem

if TYPE_CHECKING:
    from sim.seminar.web.explore import Alone


def explore(
    scenario: Annotated[Path, typer.Argument(help="The scenario, a YAML file.")],
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port; 0, the default, is any free one.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
    language: Annotated[
        str | None, typer.Option(help="The language of the page; that of the lesson, or English.")
    ] = None,
) -> None:
    """Ask what if, in the browser: sliders, events removed, moved and inserted, worlds at once.

    Only this computer can open the page. Nothing is stored: export what you want to keep.
    """
    need_packages("explore")
    from sim.seminar.lesson.block import lesson_of, load_scenario
    from sim.seminar.locale.catalogues import languages
    from sim.seminar.web.explore import open_alone
    from sim.seminar.web.server import run_until_stopped, server_for

    if language is not None and language not in languages():
        raise one_problem("--language", f"must be one of {', '.join(languages())}", language)
    loaded = load_scenario(scenario)
    lesson = lesson_of(loaded)
    explored = open_alone(loaded, port, language or ("en" if lesson is None else lesson.language))
    alone = explored.alone
    try:
        server = server_for(explored.app, alone.hub)
        run_until_stopped(server, explored.listening, lambda: _ready(alone, browser))
    finally:
        alone.close()
        explored.listening.close()


def _ready(alone: Alone, browser: bool) -> None:
    out = console()
    out.print(f"\n{alone.title}", style="bold")
    out.print(f"\nOpen  {alone.address(alone.key)}", soft_wrap=True)
    out.print("\nOnly this computer can open it. Nothing is stored. Ctrl-C ends it.\n")
    if browser:
        _open(alone.address(alone.once))


def _open(address: str) -> None:
    """Open an address in a browser with a window; one that is drawn in the terminal is left."""
    import webbrowser

    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return
    if type(found) is not webbrowser.GenericBrowser:
        found.open(address)
