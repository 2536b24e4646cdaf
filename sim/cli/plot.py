"""The command `plot`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.galleries.figures import LOG_FIGURES, RUN_FIGURES, names_of
from sim.ground.errors import did_you_mean, one_problem
from sim.ground.letters import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.galleries.gallery import Gallery, LogGallery

FORMATS = ("png", "svg", "pdf")


def _day(option: str, written: str | None) -> tuple[int, int] | None:
    """Return the first and the last instant of a date that an option gives, the last exclusive."""
    from sim.ground.dates import parse

    if written is None:
        return None
    try:
        span = parse(written)
    except ValueError as error:
        raise one_problem(option, str(error), written) from None
    return span.lo_s, span.hi_s


def plot(
    source: Annotated[Path, typer.Argument(help="The folder of a run, study or fit, or a log.")],
    kind: Annotated[
        str | None,
        typer.Option(
            help=f"Of a run: {', '.join(names_of(RUN_FIGURES))}. "
            f"Of a log: {', '.join(names_of(LOG_FIGURES))}. "
            "Of a study or a fit: a file of its figures, without the ending."
        ),
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="One channel; for waiting, one outcome.")
    ] = None,
    viewpoint: Annotated[
        str | None,
        typer.Option("--as", help="Of a log: what one viewpoint sees, such as public."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Of a log: the first day that is drawn.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Of a log: the last day.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The picture: .png, .svg or .pdf. KIND.png by default.")
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="png, svg or pdf, where --out does not say it.")
    ] = None,
    width: Annotated[
        float | None, typer.Option(help="Inches, 3.5 or more; a page's 9.6 by default.")
    ] = None,
    font: Annotated[
        str | None, typer.Option(help="serif, sans-serif, or the name of a font.")
    ] = None,
    size: Annotated[
        float | None, typer.Option(help="Points of the text, 8 to 14; 8 by default.")
    ] = None,
    title: Annotated[
        bool, typer.Option("--title/--no-title", help="Whether the title stands in the figure.")
    ] = True,
) -> None:
    """Draw one figure of a run, a study, a fit or a log, for a page or for print.

    A sensitivity and a hindcast are drawn from the tables in their folders. Another study or a fit
    is made again first, which takes as long as it took.
    """
    from sim.galleries.gallery import draw
    from sim.plots import Style, save

    is_folder = source.is_dir() or not source.suffix
    if is_folder and viewpoint is not None:
        raise one_problem("--as", "is for logs: a run's figures show every viewpoint", viewpoint)
    if is_folder and (start or until):
        raise one_problem("--from" if start else "--until", "is of logs only", start or until)
    target = _target(out, form)
    drawing: Callable[[], Figure]
    gallery: Gallery | LogGallery
    if is_folder and _is_study(source):
        if channel is not None:
            raise one_problem("--channel", "is of runs and logs: --kind names a study's figure")
        chosen, drawing = _of_study(source, kind)
    else:
        gallery = _of_run(source) if is_folder else _of_log(source, start, until, viewpoint)
        chosen = kind or gallery.KINDS[0]

        def drawing() -> Figure:
            return draw(gallery, chosen, channel)

    style = Style(width, font, size, title)
    try:
        figure = style.draw(drawing)
    except ValueError as error:
        raise one_problem(str(source), str(error)) from None
    target = target or Path(f"{chosen}.{form or FORMATS[0]}")
    save(figure, target)
    print(visible(str(target)))


def _target(out: Path | None, form: str | None) -> Path | None:
    """Return where the picture goes; None where its kind will name it."""
    if form is not None and form not in FORMATS:
        raise one_problem("--format", f"must be one of {', '.join(FORMATS)}", form)
    if out is None:
        return None
    ending = out.suffix.lower().removeprefix(".")
    if form is not None and not ending:
        return out.with_suffix(f".{form}")
    if ending not in FORMATS:
        raise one_problem("--out", "must end in .png, .svg or .pdf", out.name)
    if form not in (None, ending):
        raise one_problem("--format", f"must be {ending}, as --out ends in it", form)
    return out


def _is_study(folder: Path) -> bool:
    from sim.report.runfolder import STUDY
    from sim.scenario.fit import FIT

    return (folder / STUDY).is_file() or (folder / FIT).is_file()


def _of_study(folder: Path, kind: str | None) -> tuple[str, Callable[[], Figure]]:
    from sim.report.kept import kept_in
    from sim.report.reopened import figures_of

    held = kept_in(folder)
    named = sorted(path.stem for path in (folder / "figures").glob("*.svg"))
    if kind is not None and named and kind not in named:  # before it is made again
        rule = f"must be one of {', '.join(named)}{did_you_mean(kind, named)}"
        raise one_problem("--kind", rule, kind)
    found = figures_of(held)
    chosen = kind or next(iter(found))
    if chosen not in found:
        raise one_problem("--kind", f"must be one of {', '.join(found)}", chosen)
    return chosen, found[chosen]


def _of_run(folder: Path) -> Gallery:
    from sim.galleries.gallery import Gallery
    from sim.report.runfolder import load_run

    return Gallery(load_run(folder))


def _of_log(path: Path, start: str | None, until: str | None, viewpoint: str | None) -> LogGallery:
    from sim.galleries.gallery import LogGallery
    from sim.log.file import load

    first, last = _day("--from", start), _day("--until", until)
    if first is not None and last is not None and last[1] <= first[0]:
        raise one_problem("--until", f"must not lie before --from {start}", until)
    span = (first and first[0], last and last[1])
    coded = load(path)
    try:
        return LogGallery(coded, *span, viewpoint=viewpoint)
    except ValueError as error:
        raise one_problem("--as", str(error), viewpoint or "") from None
